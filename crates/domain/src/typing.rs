//! Who is typing right now: a hint that is never stored and expires at its readers.

use std::time::Duration;

use chinwag_proto::{Event, UserTyping};
use moka::sync::Cache;

use crate::{Actor, Chat, Result, facts, policy};

/// How long a reader shows it.
pub const TYPING_TTL: Duration = Duration::from_secs(6);
/// More often than this is not passed on.
const AT_MOST_EVERY: Duration = Duration::from_secs(2);

/// Who was told of lately.
#[derive(Debug)]
pub struct Recent(Cache<(i64, i64), ()>);

impl Default for Recent {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(50_000).time_to_live(AT_MOST_EVERY).build())
    }
}

/// Tells the room that the actor is typing. Whoever may post may be seen typing.
pub async fn start(chat: &Chat, actor: &Actor, room_id: i64) -> Result<()> {
    let seat = facts::seat(chat, actor, room_id).await?;
    policy::may_post(actor, &seat)?;
    let key = (room_id, actor.user_id);
    if !chat.typing.0.contains_key(&key) {
        chat.typing.0.insert(key, ());
        let event = UserTyping { room_id, user_id: actor.user_id, username: actor.username.to_string() };
        chat.publisher.hint_room(room_id, Event::Typing(event));
    }
    Ok(())
}
