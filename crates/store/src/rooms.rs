//! Rooms: made, changed, ended, and listed as one person sees them. Seats are in `members`, the history in `messages`.

use std::{collections::HashMap, sync::LazyLock};

use chinwag_domain::{
    policy::{Permit, action},
    ports::{Effect, StoreError, StoreResult},
    records::{Author, NewRoom, RoomChange, RoomRecord, RoomView, Seat, SystemPayload, UserRecord},
};
use chinwag_proto::{Role, RoomKind};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryResult,
    Value,
};

use crate::{
    columns::{Columns, Entire},
    dialect::{contains, statement},
    entity::{members as seat, rooms, users},
    error::{damaged, failure},
    events, marks,
    members::{self, Entry, enter, sentence},
    message_rows,
    room_log::{Change, ChangeKind, Notice},
    seats::{self, clamp},
    tx::Tx,
};

pub(crate) async fn create_room(tx: &mut Tx, room: NewRoom) -> StoreResult<RoomRecord> {
    let mut model = insert(tx, &room, None).await?;
    members::seat(tx, &mut model, room.creator.user_id, Role::Owner, room.created_at).await?;
    let mut seated = vec![room.creator.user_id];
    for who in &room.others {
        if seated.contains(&who.user_id) {
            continue;
        }
        seated.push(who.user_id);
        let actor_id = Some(room.creator.user_id);
        enter(tx, &mut model, Entry { who, role: Role::Member, event: "user_added", actor_id, now: room.created_at })
            .await?;
    }
    tx.save_room(&model).await?;
    Ok(model.into())
}

/// The room with the first row of its log.
async fn insert(tx: &mut Tx, room: &NewRoom, direct_key: Option<String>) -> StoreResult<rooms::Model> {
    chinwag_domain::fault::panic_at("verb", &room.name);
    let row = tx.db.query_one_raw(statement("SELECT max(id) + 1 FROM rooms", [])).await.map_err(failure)?;
    let id: i64 = row.ok_or_else(|| damaged("an aggregate gave no row"))?.try_get_by_index(0).map_err(failure)?;
    let mut model = rooms::Model {
        id,
        kind: room.kind as i32,
        name_key: room.name.to_lowercase(),
        name: room.name.clone(),
        description: room.description.clone(),
        is_private: room.is_private,
        direct_key,
        created_by: room.creator.user_id,
        created_at: room.created_at,
        updated_at: room.created_at,
        deleted_at: None,
        last_seq: 0,
        message_count: 0,
        member_count: 0,
        last_message_id: None,
    };
    let all_set = model.clone().into_active_model().reset_all();
    rooms::Entity::insert(all_set).exec_without_returning(&tx.db).await.map_err(failure)?;
    let content = sentence("room_created", &room.creator.username);
    let notice = Notice {
        event: "room_created",
        about: &room.creator,
        actor_id: None,
        content,
        payload: SystemPayload::default(),
        effect: None,
        now: room.created_at,
    };
    tx.post(&mut model, notice).await?;
    Ok(model)
}

fn direct_key(people: &[Author]) -> String {
    let mut ids: Vec<i64> = people.iter().map(|who| who.user_id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.iter().map(i64::to_string).collect::<Vec<_>>().join(",")
}

/// Index: the unique direct key.
pub(crate) async fn find_direct(db: &impl ConnectionTrait, people: &[Author]) -> StoreResult<Option<RoomRecord>> {
    let query = rooms::Entity::find().filter(rooms::Column::DirectKey.eq(direct_key(people)));
    Ok(query.one(db).await.map_err(failure)?.map(Into::into))
}

/// The set of people never changes, so the log tells of it once, by `room_created`.
pub(crate) async fn direct_room(tx: &mut Tx, people: Vec<Author>, now: i64) -> StoreResult<(RoomRecord, bool)> {
    if let Some(room) = find_direct(&tx.db, &people).await? {
        return Ok((room, false));
    }
    let creator = people.first().cloned().ok_or(StoreError::NotFound)?;
    let key = direct_key(&people);
    let room = NewRoom {
        kind: RoomKind::Direct,
        name: String::new(),
        description: String::new(),
        is_private: true,
        creator,
        others: Vec::new(),
        created_at: now,
    };
    let mut model = insert(tx, &room, Some(key)).await?;
    let mut seated = Vec::with_capacity(people.len());
    for who in &people {
        if !seated.contains(&who.user_id) {
            seated.push(who.user_id);
            members::seat(tx, &mut model, who.user_id, Role::Member, now).await?;
        }
    }
    tx.save_room(&model).await?;
    Ok((model.into(), true))
}

pub(crate) async fn find_seat(db: &impl ConnectionTrait, room_id: i64, user_id: i64) -> StoreResult<Option<Seat>> {
    Ok(seats::find(db, room_id, user_id).await?.map(Into::into))
}

pub(crate) async fn update_room(
    tx: &mut Tx,
    permit: Permit<action::EditRoom>,
    by: Author,
    change: RoomChange,
    now: i64,
) -> StoreResult<RoomRecord> {
    let mut room = seats::check(&tx.db, &permit).await?.room;
    let before = (room.name.clone(), room.description.clone(), room.is_private);
    room.name = change.name.unwrap_or(room.name);
    room.description = change.description.unwrap_or(room.description);
    room.is_private = change.is_private.unwrap_or(room.is_private);
    if before == (room.name.clone(), room.description.clone(), room.is_private) {
        return Ok(room.into());
    }
    room.name_key = room.name.to_lowercase();
    room.updated_at = now;
    if before.0 != room.name {
        let content = format!("{} 将聊天室改名为 {}", by.username, room.name);
        let payload = SystemPayload { room_name: Some(room.name.clone()) };
        let notice = Notice { event: "room_renamed", about: &by, actor_id: None, content, payload, effect: None, now };
        tx.post(&mut room, notice).await?;
    }
    let payload = events::room_payload(&room);
    let entry =
        Change { kind: ChangeKind::Room, message_id: None, user_id: by.user_id, payload: Some(payload.clone()), now };
    let seq = tx.change(&mut room, entry).await?;
    tx.save_room(&room).await?;
    let event = events::room_changed(room.id, seq, by.user_id, now, &payload)?;
    if room.is_private && !before.2 {
        tx.tell_with(event, Effect::BecamePrivate);
    } else {
        tx.tell(event);
    }
    Ok(room.into())
}

pub(crate) async fn delete_room(tx: &mut Tx, permit: Permit<action::DeleteRoom>, now: i64) -> StoreResult<()> {
    let mut room = seats::check(&tx.db, &permit).await?.room;
    let (by, payload) = (permit.user_id(), events::deletion_payload());
    let change = Change { kind: ChangeKind::Room, message_id: None, user_id: by, payload: Some(payload.clone()), now };
    let seq = tx.change(&mut room, change).await?;
    room.deleted_at = Some(now);
    tx.save_room(&room).await?;
    tx.tell_with(events::room_changed(room.id, seq, by, now, &payload)?, Effect::Deleted);
    Ok(())
}

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
    let sql = format!(
        "{} FROM rooms r LEFT JOIN members m ON m.room_id = r.id AND m.user_id = ? {LAST} WHERE r.id = ? AND r.deleted_at IS NULL",
        *VIEW
    );
    let values = [permit.user_id().into(), permit.room_id().into()];
    views(db, permit.user_id(), &sql, values).await?.pop().ok_or(StoreError::Stale)
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
    if views.iter().any(|view| view.room.kind == RoomKind::Direct) {
        let mut peers = peers(db, user_id).await?;
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

/// The other people of all direct conversations of a person, by room. Index: `members_by_user`.
async fn peers(db: &impl ConnectionTrait, user_id: i64) -> StoreResult<HashMap<i64, Vec<UserRecord>>> {
    let sql = format!(
        "SELECT p.room_id, {} FROM members m JOIN rooms r ON r.id = m.room_id AND r.kind = ? \
         JOIN members p ON p.room_id = m.room_id AND p.user_id <> m.user_id JOIN users u ON u.id = p.user_id \
         WHERE m.user_id = ? ORDER BY p.room_id, p.user_id",
        users::Model::select("u")
    );
    let values = [Value::from(RoomKind::Direct as i32), user_id.into()];
    let mut peers: HashMap<i64, Vec<UserRecord>> = HashMap::new();
    for row in db.query_all_raw(statement(&sql, values)).await.map_err(failure)? {
        let mut columns = Columns::of(&row);
        let room_id: i64 = columns.next().map_err(failure)?;
        peers.entry(room_id).or_default().push(users::Model::read(&mut columns).map_err(failure)?.into());
    }
    Ok(peers)
}
