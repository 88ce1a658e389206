//! Loads what the policy looks at, usually from memory. It decides nothing.

use std::sync::Arc;

use chinwag_proto::ErrorCode;
use moka::sync::Cache;

use crate::{
    Actor, CACHE_TTL, Chat, Error, Result,
    ports::StoreError,
    records::{MemberRecord, RoomRecord, Seat},
};

/// Seats that were looked at within the last seconds. A write on a seat that has changed since is refused by the store
/// (`Stale`), so an old one can delay a change, never let it be passed by.
#[derive(Debug)]
pub struct Seats {
    rooms: Cache<i64, Arc<RoomRecord>>,
    members: Cache<(i64, i64), Option<MemberRecord>>,
}

impl Default for Seats {
    fn default() -> Self {
        Self {
            rooms: Cache::builder().max_capacity(50_000).time_to_live(CACHE_TTL).build(),
            members: Cache::builder().max_capacity(200_000).time_to_live(CACHE_TTL).build(),
        }
    }
}

impl Seats {
    /// The person's membership changed.
    pub fn forget_member(&self, room_id: i64, user_id: i64) {
        self.rooms.invalidate(&room_id);
        self.members.invalidate(&(room_id, user_id));
    }

    /// The room's own facts changed.
    pub fn forget_room(&self, room_id: i64) {
        self.rooms.invalidate(&room_id);
    }
}

/// The room and the actor's membership; `room_not_found` when there is no such room.
pub async fn seat(chat: &Chat, actor: &Actor, room_id: i64) -> Result<Seat> {
    let key = (room_id, actor.user_id);
    if let (Some(room), Some(member)) = (chat.seats.rooms.get(&room_id), chat.seats.members.get(&key)) {
        return Ok(Seat { room, member });
    }
    fresh_seat(chat, actor, room_id).await
}

/// The same, read from the database now.
pub async fn fresh_seat(chat: &Chat, actor: &Actor, room_id: i64) -> Result<Seat> {
    let seat = chat.store.find_seat(room_id, actor.user_id).await?.ok_or(ErrorCode::RoomNotFound)?;
    chat.seats.rooms.insert(room_id, seat.room.clone());
    chat.seats.members.insert((room_id, actor.user_id), seat.member.clone());
    Ok(seat)
}

/// Does `work` with the seat that is remembered and, where the store finds that it has changed since, once more with a fresh one.
pub async fn with_seat<T, F>(chat: &Chat, actor: &Actor, room_id: i64, work: impl Fn(Seat) -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    match work(seat(chat, actor, room_id).await?).await {
        Err(error) if error.code == ErrorCode::Conflict => work(fresh_seat(chat, actor, room_id).await?).await,
        answer => answer,
    }
}

/// The same for what changes who may do what: it begins with the seat as the database has it.
pub async fn with_fresh_seat<T, F>(chat: &Chat, actor: &Actor, room_id: i64, work: impl Fn(Seat) -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    fresh_seat(chat, actor, room_id).await?;
    with_seat(chat, actor, room_id, work).await
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        let code = match &error {
            StoreError::Stale => ErrorCode::Conflict,
            StoreError::UsernameTaken => ErrorCode::UsernameTaken,
            StoreError::EmailTaken => ErrorCode::EmailTaken,
            StoreError::ClientIdConflict => ErrorCode::ClientIdConflict,
            StoreError::NotFound => ErrorCode::NotFound,
            StoreError::LastOwner => ErrorCode::LastOwner,
            StoreError::LastAdmin => ErrorCode::LastAdmin,
            StoreError::AlreadyRecalled => ErrorCode::AlreadyRecalled,
            StoreError::AlreadySetUp => ErrorCode::Conflict,
            StoreError::OutOfSpace => ErrorCode::OutOfSpace,
            StoreError::Unavailable(_) => ErrorCode::Unavailable,
            StoreError::Failed(_) => ErrorCode::Internal,
        };
        let retry_after = (code == ErrorCode::Unavailable).then_some(std::time::Duration::from_secs(2));
        let cause = (code.status() >= 500).then(|| Box::new(error) as _);
        Self { cause, retry_after, ..code.into() }
    }
}
