//! Rooms as one person sees them: with their seat, what they have not read, the newest message and the others of a conversation. It
//! changes nothing.

use std::{cmp::Reverse, collections::HashMap, sync::LazyLock};

use chinwag_domain::{
    policy::{Permit, action},
    ports::{StoreError, StoreResult},
    records::{RoomView, UserRecord},
};
use chinwag_proto::RoomKind;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryResult, Value};

use crate::{
    columns::{Columns, Entire},
    dialect::{contains, repeat, statement},
    entity::{members as seat, rooms, users},
    error::{damaged, failure},
    marks, message_rows,
    seats::{self, clamp},
    tx::Tx,
};

/// A room with one person's seat, counters and the newest message with its quote; `?` is the person. Everything but the
/// counting of mentions and of texts that were taken back, which seek on keys of theirs, is a join on primary keys.
static VIEW: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {}, {}, (SELECT c.username FROM users c WHERE c.id = r.created_by), {}, {}, {}",
        marks::mentions("m"),
        marks::unread("r.message_count", "m"),
        rooms::Model::select("r"),
        seat::Model::select("m"),
        message_rows::columns("l")
    )
});
const LAST: &str = "LEFT JOIN messages l ON l.id = r.last_message_id LEFT JOIN messages q ON q.id = l.reply_to";
const ACTIVITY: &str = "ORDER BY coalesce(l.created_at, r.created_at) DESC, r.id DESC";

/// Index: `members_by_user`. Of the rooms beyond the page only the activity is looked at.
pub(crate) async fn list_rooms(
    db: &impl ConnectionTrait,
    user_id: i64,
    limit: usize,
    offset: usize,
) -> StoreResult<Vec<RoomView>> {
    let sql = format!(
        "{} FROM (SELECT r.id FROM members m JOIN rooms r ON r.id = m.room_id AND r.deleted_at IS NULL \
         LEFT JOIN messages l ON l.id = r.last_message_id WHERE m.user_id = ? {ACTIVITY} LIMIT ? OFFSET ?) AS page \
         JOIN rooms r ON r.id = page.id JOIN members m ON m.room_id = r.id AND m.user_id = ? {LAST}",
        *VIEW
    );
    let values = [user_id.into(), (limit as i64).into(), (offset as i64).into(), user_id.into()];
    let mut views = views(db, user_id, &sql, values).await?;
    // As in the page: SQLite would carry whole rows through its sorter.
    views.sort_by_key(|view| {
        let newest = view.last_message.as_ref().map_or(view.room.created_at, |message| message.created_at);
        Reverse((newest, view.room.id))
    });
    Ok(views)
}

/// The people of a direct conversation, as it is found by.
pub(crate) fn direct_key(people: &[i64]) -> String {
    let mut ids = people.to_vec();
    ids.sort_unstable();
    ids.dedup();
    ids.iter().map(i64::to_string).collect::<Vec<_>>().join(",")
}

/// Index: the unique direct key.
pub(crate) async fn find_direct_id(db: &impl ConnectionTrait, people: &[i64]) -> StoreResult<Option<i64>> {
    let query = rooms::Entity::find().filter(rooms::Column::DirectKey.eq(direct_key(people)));
    Ok(query.one(db).await.map_err(failure)?.map(|room| room.id))
}

pub(crate) async fn find_direct(
    db: &impl ConnectionTrait,
    user_id: i64,
    people: &[i64],
) -> StoreResult<Option<RoomView>> {
    match find_direct_id(db, people).await? {
        Some(room_id) => view_of(db, room_id, user_id).await,
        None => Ok(None),
    }
}

pub(crate) async fn room_view(db: &impl ConnectionTrait, permit: Permit<action::Read>) -> StoreResult<RoomView> {
    seats::check(db, &permit).await?;
    view_of(db, permit.room_id(), permit.user_id()).await?.ok_or(StoreError::Stale)
}

/// The room as the person sees it, if it is there.
pub(crate) async fn view_of(db: &impl ConnectionTrait, room_id: i64, user_id: i64) -> StoreResult<Option<RoomView>> {
    let sql = format!(
        "{} FROM rooms r LEFT JOIN members m ON m.room_id = r.id AND m.user_id = ? {LAST} WHERE r.id = ? AND r.deleted_at IS NULL",
        *VIEW
    );
    Ok(views(db, user_id, &sql, [user_id.into(), room_id.into()]).await?.pop())
}

/// What the person is told of a room that this transaction has changed.
pub(crate) async fn get_view(tx: &Tx, room_id: i64, user_id: i64) -> StoreResult<RoomView> {
    view_of(&tx.db, room_id, user_id).await?.ok_or_else(|| damaged("a room vanished within a transaction"))
}

/// Walks the rooms, which are few beside the messages.
pub(crate) async fn search_rooms(
    db: &impl ConnectionTrait,
    user_id: i64,
    name: &str,
    limit: usize,
    offset: u64,
) -> StoreResult<Vec<RoomView>> {
    let sql = format!(
        "{} FROM rooms r LEFT JOIN members m ON m.room_id = r.id AND m.user_id = ? {LAST} \
         WHERE r.deleted_at IS NULL AND r.kind = ? AND (r.is_private = ? OR m.user_id IS NOT NULL) \
         AND r.name_key LIKE ? ESCAPE '!' ORDER BY r.member_count DESC, r.id LIMIT ? OFFSET ?",
        *VIEW
    );
    let values = [
        user_id.into(),
        Value::from(RoomKind::Room as i32),
        false.into(),
        contains(&name.to_lowercase()).into(),
        (limit as i64).into(),
        i64::try_from(offset).unwrap_or(i64::MAX).into(),
    ];
    views(db, user_id, &sql, values).await
}

/// A row that is damaged hides its own room and no other.
async fn views(
    db: &impl ConnectionTrait,
    user_id: i64,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> StoreResult<Vec<RoomView>> {
    let rows = db.query_all_raw(statement(db, sql, values)).await.map_err(failure)?;
    let mut views: Vec<RoomView> = rows.iter().filter_map(sound).collect();
    let direct: Vec<i64> = views.iter().filter(|it| it.room.kind == RoomKind::Direct).map(|it| it.room.id).collect();
    if !direct.is_empty() {
        let mut peers = peers(db, user_id, &direct).await?;
        for view in &mut views {
            view.peers = peers.remove(&view.room.id).unwrap_or_default();
        }
    }
    Ok(views)
}

fn sound(row: &QueryResult) -> Option<RoomView> {
    let told = |error: DbErr| {
        let room_id: Option<i64> = row.try_get_by_index(ROOM_ID).ok();
        tracing::error!(room_id, %error, "a room cannot be read; it is left out");
    };
    view(row).map_err(told).ok()
}

/// The column of [`VIEW`] that has it.
const ROOM_ID: usize = 3;

fn view(row: &QueryResult) -> Result<RoomView, DbErr> {
    let mut columns = Columns::of(row);
    let named = columns.next()?;
    let unread: Option<i64> = columns.next()?;
    let creator: Option<String> = columns.next()?;
    let room = rooms::Model::read(&mut columns)?;
    let member: Option<seat::Model> = columns.maybe()?;
    let last_message = message_rows::read(&mut columns)?.map(|(message, _)| message);
    Ok(RoomView {
        unread: clamp(unread.unwrap_or_default()),
        mentions: clamp(named),
        member: member.map(Into::into),
        room: room.into(),
        last_message,
        creator: creator.unwrap_or_default(),
        peers: Vec::new(),
    })
}

/// The other people of direct conversations, by room. Indexes: primary keys.
async fn peers(db: &impl ConnectionTrait, user_id: i64, direct: &[i64]) -> StoreResult<HashMap<i64, Vec<UserRecord>>> {
    let sql = format!(
        "SELECT p.room_id, {} FROM members p JOIN users u ON u.id = p.user_id \
         WHERE p.user_id <> ? AND p.room_id IN ({}) ORDER BY p.room_id, p.user_id",
        users::Model::select("u"),
        repeat("?", direct.len())
    );
    let values = std::iter::once(user_id).chain(direct.iter().copied()).map(Value::from);
    let mut peers: HashMap<i64, Vec<UserRecord>> = HashMap::new();
    for row in db.query_all_raw(statement(db, &sql, values)).await.map_err(failure)? {
        let mut columns = Columns::of(&row);
        let room_id: i64 = columns.next().map_err(failure)?;
        peers.entry(room_id).or_default().push(users::Model::read(&mut columns).map_err(failure)?.into());
    }
    Ok(peers)
}
