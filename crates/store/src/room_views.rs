//! Rooms as one person sees them: with their seat, what they have not read, the newest message and the others of a conversation. It
//! changes nothing.

use std::{collections::HashMap, sync::LazyLock};

use chinwag_domain::{
    policy::{Permit, action},
    ports::{StoreError, StoreResult},
    records::{RoomView, UserRecord},
};
use chinwag_proto::RoomKind;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};

use crate::{
    columns::{Columns, Entire},
    dialect::{contains, statement},
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
        "SELECT (SELECT count(*) FROM mentions n WHERE n.user_id IN (0, m.user_id) AND n.room_id = r.id AND n.seq > m.read_seq), \
         {}, {}, {}, {}",
        marks::UNREAD,
        rooms::Model::select("r"),
        seat::Model::select("m"),
        message_rows::columns("l")
    )
});
const LAST: &str = "LEFT JOIN messages l ON l.id = r.last_message_id LEFT JOIN messages q ON q.id = l.reply_to";
const ACTIVITY: &str = "ORDER BY coalesce(l.created_at, r.created_at) DESC, r.id DESC";

/// Index: `members_by_user`.
pub(crate) async fn list_rooms(db: &impl ConnectionTrait, user_id: i64) -> StoreResult<Vec<RoomView>> {
    let sql = format!(
        "{} FROM members m JOIN rooms r ON r.id = m.room_id AND r.deleted_at IS NULL {LAST} WHERE m.user_id = ? {ACTIVITY}",
        *VIEW
    );
    views(db, user_id, &sql, [user_id.into()]).await
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
         AND r.name_key LIKE ? ESCAPE '\\' ORDER BY r.member_count DESC, r.id LIMIT ? OFFSET ?",
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

async fn views(
    db: &impl ConnectionTrait,
    user_id: i64,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> StoreResult<Vec<RoomView>> {
    let rows = db.query_all_raw(statement(sql, values)).await.map_err(failure)?;
    let mut views = rows.iter().map(view).collect::<Result<Vec<_>, _>>().map_err(failure)?;
    let direct: Vec<i64> = views.iter().filter(|it| it.room.kind == RoomKind::Direct).map(|it| it.room.id).collect();
    if !direct.is_empty() {
        let one = if let [one] = *direct { Some(one) } else { None };
        let mut peers = peers(db, user_id, one).await?;
        for view in &mut views {
            view.peers = peers.remove(&view.room.id).unwrap_or_default();
        }
    }
    Ok(views)
}

fn view(row: &QueryResult) -> Result<RoomView, DbErr> {
    let mut columns = Columns::of(row);
    let named = columns.next()?;
    let unread: Option<i64> = columns.next()?;
    let room = rooms::Model::read(&mut columns)?;
    let member: Option<seat::Model> = columns.maybe()?;
    let last_message = message_rows::read(&mut columns)?.map(|(message, _)| message);
    Ok(RoomView {
        unread: clamp(unread.unwrap_or_default()),
        mentions: clamp(named),
        member: member.map(Into::into),
        room: room.into(),
        last_message,
        peers: Vec::new(),
    })
}

/// The other people of a person's direct conversations, of one or of all, by room. Indexes: the primary key, `members_by_user`.
async fn peers(
    db: &impl ConnectionTrait,
    user_id: i64,
    one: Option<i64>,
) -> StoreResult<HashMap<i64, Vec<UserRecord>>> {
    let in_room = if one.is_some() { "AND m.room_id = ? " } else { "" };
    let sql = format!(
        "SELECT p.room_id, {} FROM members m JOIN rooms r ON r.id = m.room_id AND r.kind = ? \
         JOIN members p ON p.room_id = m.room_id AND p.user_id <> m.user_id JOIN users u ON u.id = p.user_id \
         WHERE m.user_id = ? {in_room}ORDER BY p.room_id, p.user_id",
        users::Model::select("u")
    );
    let values = [Value::from(RoomKind::Direct as i32), user_id.into()].into_iter().chain(one.map(Value::from));
    let mut peers: HashMap<i64, Vec<UserRecord>> = HashMap::new();
    for row in db.query_all_raw(statement(&sql, values)).await.map_err(failure)? {
        let mut columns = Columns::of(&row);
        let room_id: i64 = columns.next().map_err(failure)?;
        peers.entry(room_id).or_default().push(users::Model::read(&mut columns).map_err(failure)?.into());
    }
    Ok(peers)
}
