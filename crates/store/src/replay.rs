//! A stretch of a log as frames: of a room's, rows of the history and changes, merged by position; of a person's own, the things that
//! changed last there. Nothing that is only live.

use chinwag_domain::{
    policy::{Permit, action},
    ports::StoreResult,
};
use chinwag_proto::Event;
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::Value;

use crate::{
    dialect::statement,
    entity::changes,
    error::{damaged, failure},
    events, marks, messages,
    room_log::ChangeKind,
    seats,
};

pub(crate) async fn head(db: &impl ConnectionTrait, permit: &Permit<action::Listen>) -> StoreResult<i64> {
    Ok(seats::check(db, permit).await?.room.last_seq)
}

/// Indexes: `messages_by_seq`, otherwise primary keys.
pub(crate) async fn replay(
    db: &impl ConnectionTrait,
    permit: &Permit<action::Listen>,
    after: i64,
    to: i64,
) -> StoreResult<Vec<Event>> {
    let head = seats::check(db, permit).await?.room.last_seq;
    let (room_id, to) = (permit.room_id(), to.min(head));
    let range = || [room_id.into(), after.into(), to.into()];
    let posted = messages::between(db, room_id, after, to).await.map_err(failure)?;
    let sql = "SELECT * FROM changes WHERE room_id = ? AND seq > ? AND seq <= ? ORDER BY seq";
    let changes = changes::Entity::find().from_raw_sql(statement(db, sql, range())).all(db).await.map_err(failure)?;
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
