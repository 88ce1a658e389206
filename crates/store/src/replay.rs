//! A stretch of a log as frames: of a room's, rows of the history and changes, merged by position; of a person's own, the things that
//! changed last there. Nothing that is only live.

use chinwag_domain::{
    policy::{Permit, action},
    ports::{Committed, Effect, StoreResult},
};
use chinwag_proto::{Event, RoomEvent, SystemEvent};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::Value;

use crate::{
    dialect::ROWS,
    entity::{changes, rooms},
    error::{damaged, failure},
    events, marks, messages,
    room_log::ChangeKind,
    seats,
};

pub(crate) async fn head(db: &impl ConnectionTrait, permit: &Permit<action::Listen>) -> StoreResult<i64> {
    Ok(seats::check(db, permit).await?.room.last_seq)
}

pub(crate) async fn replay(
    db: &impl ConnectionTrait,
    permit: &Permit<action::Listen>,
    after: i64,
    to: i64,
) -> StoreResult<Vec<Event>> {
    let head = seats::check(db, permit).await?.room.last_seq;
    stretch(db, permit.room_id(), after, to.min(head)).await
}

/// The newest position of each of these rooms. Index: the primary key.
pub(crate) async fn heads(db: &impl ConnectionTrait, rooms: &[i64]) -> StoreResult<Vec<(i64, i64)>> {
    let mut heads = Vec::with_capacity(rooms.len());
    for ids in rooms.chunks(ROWS) {
        let query = rooms::Entity::find().select_only().columns([rooms::Column::Id, rooms::Column::LastSeq]);
        let found = query.filter(rooms::Column::Id.is_in(ids.iter().copied())).into_tuple::<(i64, i64)>().all(db).await;
        heads.extend(found.map_err(failure)?);
    }
    Ok(heads)
}

/// What comes after this position, with what each change does to who may listen.
pub(crate) async fn changes_after(
    db: &impl ConnectionTrait,
    room_id: i64,
    after: i64,
    limit: usize,
) -> StoreResult<Vec<Committed>> {
    let head = heads(db, &[room_id]).await?.first().map_or(0, |(_, head)| *head);
    let to = head.min(after.saturating_add(i64::try_from(limit).unwrap_or(i64::MAX)));
    if to <= after {
        return Ok(Vec::new());
    }
    let with_effect = |event| Committed::Room { effect: effect_of(&event), event };
    Ok(stretch(db, room_id, after, to).await?.into_iter().map(with_effect).collect())
}

/// What the verbs that make such a change say of it. That a room is private is said again by each later change of its settings, which
/// ends nothing more.
fn effect_of(event: &Event) -> Option<Effect> {
    match event {
        Event::System(it) => match it.event() {
            SystemEvent::UserJoined | SystemEvent::UserAdded => Some(Effect::Joined(it.user_id)),
            SystemEvent::UserLeft | SystemEvent::UserKicked => Some(Effect::Ended(it.user_id)),
            SystemEvent::Broadcast | SystemEvent::RoomCreated | SystemEvent::RoomRenamed => None,
        },
        Event::Room(it) => match it.event() {
            RoomEvent::Deleted => Some(Effect::Deleted),
            _ if it.room.as_ref().is_some_and(|room| room.is_private) => Some(Effect::BecamePrivate),
            _ => None,
        },
        _ => None,
    }
}

/// Indexes: `messages_by_seq`, otherwise primary keys.
async fn stretch(db: &impl ConnectionTrait, room_id: i64, after: i64, to: i64) -> StoreResult<Vec<Event>> {
    let posted = messages::between(db, room_id, after, to).await.map_err(failure)?;
    let changes = changes::Entity::find()
        .filter(changes::Column::RoomId.eq(room_id))
        .filter(changes::Column::Seq.gt(after))
        .filter(changes::Column::Seq.lte(to))
        .order_by_asc(changes::Column::Seq);
    let changes = changes.all(db).await.map_err(failure)?;
    let subjects = messages::Subjects::load(db, &changes).await.map_err(failure)?;
    let mut events = Vec::with_capacity(posted.len() + changes.len());
    let mut posted = posted.iter().peekable();
    for change in &changes {
        while let Some(message) = posted.next_if(|message| message.seq < change.seq) {
            events.push(events::posted(message));
        }
        events.push(changed(change, &subjects)?);
    }
    events.extend(posted.map(events::posted));
    // Positions are unique in each table, so a hole or a double shows in the count.
    let expected = usize::try_from((to - after).max(0)).unwrap_or(usize::MAX);
    if events.len() != expected {
        return Err(damaged(format!(
            "the log of room {room_id} has {} of {expected} positions after {after}",
            events.len()
        )));
    }
    Ok(events)
}

/// What changed last in this stretch, ascending, each with its position. Another kind of thing is another call beside that for the
/// marks.
pub(crate) async fn own(
    db: &impl ConnectionTrait,
    user_id: i64,
    stretch: (i64, i64),
    limit: usize,
) -> StoreResult<Vec<(i64, Event)>> {
    let mut changes = marks::moved_between(db, user_id, stretch, limit).await?;
    changes.sort_by_key(|(seq, _)| *seq);
    changes.truncate(limit);
    Ok(changes)
}

/// The frame of a change.
pub(crate) fn changed(change: &changes::Model, subjects: &messages::Subjects) -> StoreResult<Event> {
    let (seq, by, at) = (change.seq, change.user_id, change.created_at);
    let message =
        || subjects.get(change.message_id).ok_or_else(|| damaged("a change is about a message that is not there"));
    let payload = || -> StoreResult<Value> {
        serde_json::from_str(change.payload.as_deref().unwrap_or("null"))
            .map_err(|_| damaged("a change cannot be read"))
    };
    Ok(match change.kind {
        kind if kind == ChangeKind::Edit as i32 => events::edited(message()?, seq, at),
        kind if kind == ChangeKind::Recall as i32 => events::recalled(message()?, seq, by, at),
        kind if kind == ChangeKind::Room as i32 => events::room_changed(change.room_id, seq, by, at, &payload()?)?,
        kind if kind == ChangeKind::Member as i32 => events::member_changed(change.room_id, seq, by, at, &payload()?)?,
        kind => return Err(damaged(format!("a change has the unknown kind {kind}"))),
    })
}
