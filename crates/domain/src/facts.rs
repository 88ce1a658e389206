//! Loads what the policy looks at, usually from memory. It decides nothing.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chinwag_proto::{ErrorCode, Sentence};
use quick_cache::sync::Cache;

use crate::{
    Actor, CACHE_TTL, Chat, Error, Result,
    ports::StoreError,
    records::{MemberRecord, Rights, RoomRecord, Seat},
};

/// Seats that were looked at lately. What they grant is checked again by the store, which refuses what rests on a seat that has
/// changed since (`Stale`): an old one can delay a change, never let it be passed by. What they refuse stands only while they
/// are new.
#[derive(Debug)]
pub struct Seats {
    rooms: Cache<i64, Seen<Arc<RoomRecord>>>,
    members: Cache<(i64, i64), Seen<Standing>>,
}

/// A person's membership of a room, if there is one, and the rights of their account.
type Standing = (Option<MemberRecord>, Rights);

/// Something, and when it was looked at.
#[derive(Clone, Debug)]
struct Seen<T> {
    what: T,
    at: Instant,
}

impl Default for Seats {
    fn default() -> Self {
        Self { rooms: Cache::new(50_000), members: Cache::new(200_000) }
    }
}

impl Seats {
    /// The person's membership changed.
    pub fn forget_member(&self, room_id: i64, user_id: i64) {
        self.rooms.remove(&room_id);
        self.members.remove(&(room_id, user_id));
    }

    /// The room's own facts changed.
    pub fn forget_room(&self, room_id: i64) {
        self.rooms.remove(&room_id);
    }

    /// The seat as it was looked at last, and how long ago.
    fn find(&self, room_id: i64, user_id: i64) -> Option<(Seat, Duration)> {
        let (room, member) = (self.rooms.get(&room_id)?, self.members.get(&(room_id, user_id))?);
        let age = room.at.min(member.at).elapsed();
        let (member, account) = member.what;
        Some((Seat { room: room.what, member, account }, age))
    }
}

/// The room, the actor's membership and rights, as they were seconds ago at most; `room_not_found` when there is no such room.
pub async fn seat(chat: &Chat, actor: &Actor, room_id: i64) -> Result<Seat> {
    match chat.seats.find(room_id, actor.user_id) {
        Some((seat, age)) if age < CACHE_TTL => Ok(seat),
        _ => fresh_seat(chat, actor, room_id).await,
    }
}

/// The same, read from the database now.
pub async fn fresh_seat(chat: &Chat, actor: &Actor, room_id: i64) -> Result<Seat> {
    let seat = chat.store.find_seat(room_id, actor.user_id).await?.ok_or(ErrorCode::RoomNotFound)?;
    if seat.account.is_closed {
        return Err(ErrorCode::SessionEnded.into());
    }
    let at = Instant::now();
    chat.seats.rooms.insert(room_id, Seen { what: seat.room.clone(), at });
    chat.seats.members.insert((room_id, actor.user_id), Seen { what: (seat.member.clone(), seat.account), at });
    Ok(seat)
}

/// Does `work`, whose permit the store checks, with the seat that is remembered. Where the store finds that it has changed since,
/// or it is too old to refuse by, once more with a fresh one; never because the store itself failed.
pub async fn with_seat<T, F>(chat: &Chat, actor: &Actor, room_id: i64, work: impl Fn(Seat) -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    if let Some((seat, age)) = chat.seats.find(room_id, actor.user_id) {
        match work(seat).await {
            Err(error) if error.code == ErrorCode::Conflict || age >= CACHE_TTL && error.code.status() < 500 => {}
            answer => return answer,
        }
    }
    work(fresh_seat(chat, actor, room_id).await?).await
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
            StoreError::EmojiTaken => ErrorCode::EmojiTaken,
            StoreError::TooManyEmojis => ErrorCode::TooManyEmojis,
            StoreError::TooManyOwnEmojis => ErrorCode::TooManyOwnEmojis,
            StoreError::ClientIdConflict => ErrorCode::ClientIdConflict,
            StoreError::NotFound => ErrorCode::NotFound,
            StoreError::FileNotFound => ErrorCode::FileNotFound,
            StoreError::Unfitting(sentence) => return Self::invalid("attachments", sentence.clone()),
            StoreError::QuotaExceeded => ErrorCode::QuotaExceeded,
            StoreError::LastOwner => ErrorCode::LastOwner,
            StoreError::LastAdmin => ErrorCode::LastAdmin,
            StoreError::NobodyLeft => ErrorCode::Forbidden,
            StoreError::AlreadyRecalled => ErrorCode::AlreadyRecalled,
            StoreError::Spent => ErrorCode::Conflict,
            StoreError::TooMany(wait) => return Self::rate_limited(*wait),
            StoreError::OutOfSpace => ErrorCode::OutOfSpace,
            StoreError::Unavailable(_) | StoreError::Moved => ErrorCode::Unavailable,
            StoreError::Failed(_) => ErrorCode::Internal,
        };
        let has_moved = matches!(error, StoreError::Moved);
        let retry_after = (code == ErrorCode::Unavailable).then_some(std::time::Duration::from_secs(2));
        // Without a cause it is meant so: the store is busy, or ends, or has said itself what is wrong.
        let is_meant = matches!(error, StoreError::Unavailable(None));
        let cause = (code.status() >= 500 && !is_meant).then(|| Box::new(error) as _);
        let refused = Self { cause, retry_after, ..code.into() };
        if has_moved { refused.with_message(Sentence::Moved) } else { refused }
    }
}
