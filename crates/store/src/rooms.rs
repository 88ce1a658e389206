//! Rooms: made, changed and ended. How a person sees them is in `room_views`, seats are in `members`, the history in `messages`.

use std::time::Duration;

use chinwag_domain::{
    avatar_records::Avatar,
    policy::{Permit, action},
    ports::{Committed, Effect, StoreError, StoreResult},
    records::{Author, JobKind, NewRoom, RoomChange, RoomView, Seat, SystemPayload},
};
use chinwag_proto::{Role, RoomKind, SystemEvent};
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel};

use crate::{
    avatars,
    columns::Columns,
    dialect::statement,
    entity::rooms,
    error::{conflict, failure},
    events, files,
    members::{self, Entry, enter, sentence},
    messages,
    room_log::{Change, ChangeKind, Notice},
    room_views, seats,
    tx::{Counter, Tx},
};

pub(crate) async fn create_room(tx: &mut Tx, room: NewRoom) -> StoreResult<(RoomView, bool)> {
    let creator = room.creator.user_id;
    if let Some(known) = find_by_client_id(tx, &room).await? {
        return Ok((room_views::view_of(&tx.db, known, creator).await?.ok_or(StoreError::NotFound)?, false));
    }
    let mut model = insert(tx, &room, None).await?;
    members::seat(tx, &mut model, room.creator.user_id, Role::Owner, room.created_at).await?;
    let mut seated = vec![room.creator.user_id];
    for who in &room.others {
        if seated.contains(&who.user_id) {
            continue;
        }
        seated.push(who.user_id);
        let actor_id = Some(room.creator.user_id);
        enter(
            tx,
            &mut model,
            Entry { who, role: Role::Member, event: SystemEvent::UserAdded, actor_id, now: room.created_at },
        )
        .await?;
    }
    tx.save_room(&model).await?;
    Ok((room_views::get_view(tx, model.id, creator).await?, true))
}

/// The room that the same request (by its idempotency key) made before, if its maker still has a seat there. Index: `rooms_by_client_id`.
async fn find_by_client_id(tx: &Tx, room: &NewRoom) -> StoreResult<Option<i64>> {
    let Some(client_id) = room.client_id.as_deref() else { return Ok(None) };
    let sql = "SELECT r.id, r.body_hash, m.user_id FROM rooms r LEFT JOIN members m ON m.room_id = r.id AND m.user_id = r.created_by \
               WHERE r.created_by = ? AND r.client_id = ?";
    let values = [room.creator.user_id.into(), client_id.into()];
    let Some(row) = tx.db.query_one_raw(statement(&tx.db, sql, values)).await.map_err(failure)? else {
        return Ok(None);
    };
    let mut columns = Columns::of(&row);
    let (id, hash, seat) = known(&mut columns).map_err(failure)?;
    if hash != Some(body_hash(room)) {
        return Err(StoreError::ClientIdConflict);
    }
    if seat.is_none() { Err(StoreError::NotFound) } else { Ok(Some(id)) }
}

fn known(columns: &mut Columns<'_>) -> Result<(i64, Option<i64>, Option<i64>), DbErr> {
    Ok((columns.next()?, columns.next()?, columns.next()?))
}

/// Of the room as it was asked for. A name has no line breaks.
fn body_hash(room: &NewRoom) -> i64 {
    messages::body_hash(&format!("{}\n{}\n{}", room.name, room.is_private, room.description), None)
}

/// The room with the first row of its log.
async fn insert(tx: &mut Tx, room: &NewRoom, direct_key: Option<String>) -> StoreResult<rooms::Model> {
    chinwag_domain::fault::panic_at("verb", &room.name);
    let id = tx.next_of(Counter::Rooms).await?;
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
        client_id: room.client_id.clone(),
        body_hash: room.client_id.is_some().then(|| body_hash(room)),
        avatar: None,
    };
    let all_set = model.clone().into_active_model().reset_all();
    // What has the same key was not there a moment ago: run again, the verb finds it.
    rooms::Entity::insert(all_set).exec_without_returning(&tx.db).await.map_err(conflict)?;
    let content = sentence(SystemEvent::RoomCreated, &room.creator.username);
    let notice = Notice {
        event: SystemEvent::RoomCreated,
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

/// The set of people never changes, so the log tells of it once, by `room_created`.
pub(crate) async fn direct_room(tx: &mut Tx, people: Vec<Author>, now: i64) -> StoreResult<(Vec<RoomView>, bool)> {
    let creator = people.first().cloned().ok_or(StoreError::NotFound)?;
    let ids: Vec<i64> = people.iter().map(|who| who.user_id).collect();
    if let Some(room_id) = room_views::find_direct_id(&tx.db, &ids).await? {
        return Ok((vec![room_views::get_view(tx, room_id, creator.user_id).await?], false));
    }
    let key = room_views::direct_key(&ids);
    let room = NewRoom {
        kind: RoomKind::Direct,
        name: String::new(),
        description: String::new(),
        is_private: true,
        creator,
        others: Vec::new(),
        client_id: None,
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
    let mut views = Vec::with_capacity(people.len());
    for who in &people {
        views.push(room_views::get_view(tx, model.id, who.user_id).await?);
    }
    Ok((views, true))
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
) -> StoreResult<RoomView> {
    let mut room = seats::hold(&tx.db, &permit).await?.room;
    let before = (room.name.clone(), room.description.clone(), room.is_private);
    room.name = change.name.unwrap_or(room.name);
    room.description = change.description.unwrap_or(room.description);
    room.is_private = change.is_private.unwrap_or(room.is_private);
    if before == (room.name.clone(), room.description.clone(), room.is_private) {
        return room_views::get_view(tx, room.id, by.user_id).await;
    }
    room.name_key = room.name.to_lowercase();
    if before.0 != room.name {
        let content = format!("{} 将聊天室改名为 {}", by.username, room.name);
        let payload = SystemPayload { room_name: Some(room.name.clone()) };
        let notice =
            Notice { event: SystemEvent::RoomRenamed, about: &by, actor_id: None, content, payload, effect: None, now };
        tx.post(&mut room, notice).await?;
    }
    let effect = (room.is_private && !before.2).then_some(Effect::BecamePrivate);
    change_settings(tx, &mut room, by.user_id, effect, now).await
}

pub(crate) async fn set_avatar(
    tx: &mut Tx,
    permit: Permit<action::EditRoom>,
    by: Author,
    avatar: Option<Avatar>,
    now: i64,
) -> StoreResult<(RoomView, Option<Avatar>)> {
    let mut room = seats::hold(&tx.db, &permit).await?.room;
    let before = room.avatar.as_deref().and_then(Avatar::of_word);
    if before == avatar {
        return Ok((room_views::get_view(tx, room.id, by.user_id).await?, None));
    }
    room.avatar = avatar.as_ref().map(Avatar::word);
    avatars::give_up(tx, before.as_ref()).await?;
    Ok((change_settings(tx, &mut room, by.user_id, None, now).await?, before))
}

/// Writes down the settings of a room that are other ones now, and tells of them; gives the room as who changed them sees it.
pub(crate) async fn change_settings(
    tx: &mut Tx,
    room: &mut rooms::Model,
    by: i64,
    effect: Option<Effect>,
    now: i64,
) -> StoreResult<RoomView> {
    room.updated_at = now;
    let payload = events::room_payload(room);
    let entry = Change { kind: ChangeKind::Room, message_id: None, user_id: by, payload: Some(payload.clone()), now };
    let seq = tx.change(room, entry).await?;
    tx.save_room(room).await?;
    tx.changes.push(Committed::Room { event: events::room_changed(room.id, seq, by, now, &payload)?, effect });
    room_views::get_view(tx, room.id, by).await
}

pub(crate) async fn delete_room(
    tx: &mut Tx,
    permit: Permit<action::DeleteRoom>,
    now: i64,
) -> StoreResult<Option<Avatar>> {
    let mut room = seats::hold(&tx.db, &permit).await?.room;
    let (by, payload) = (permit.user_id(), events::deletion_payload());
    let change = Change { kind: ChangeKind::Room, message_id: None, user_id: by, payload: Some(payload.clone()), now };
    let seq = tx.change(&mut room, change).await?;
    room.deleted_at = Some(now);
    let avatar = room.avatar.take().as_deref().and_then(Avatar::of_word);
    avatars::give_up(tx, avatar.as_ref()).await?;
    tx.save_room(&room).await?;
    if files::free_room(tx, room.id).await? {
        tx.want_job(JobKind::SweepFiles, Duration::ZERO).await?;
    }
    tx.tell_with(events::room_changed(room.id, seq, by, now, &payload)?, Effect::Deleted);
    Ok(avatar)
}
