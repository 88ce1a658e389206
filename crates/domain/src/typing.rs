//! Who is typing right now: a hint that is never stored and expires at its readers.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use chinwag_proto::{Event, UserTyping};
use moka::sync::Cache;
use parking_lot::Mutex;

use crate::{Actor, Chat, Result, SocketId, facts, fault, policy};

/// How long a reader shows it.
pub const TYPING_TTL: Duration = Duration::from_secs(6);
/// More often than this is not passed on.
const AT_MOST_EVERY: Duration = Duration::from_secs(2);

/// Who was told of lately.
#[derive(Debug)]
pub struct Recent {
    told: Cache<(i64, i64), ()>,
    /// What was told because of each open socket, and when last.
    over: Mutex<HashMap<SocketId, Vec<(UserTyping, Instant)>>>,
}

impl Default for Recent {
    fn default() -> Self {
        let told = Cache::builder().max_capacity(50_000).time_to_live(AT_MOST_EVERY).build();
        Self { told, over: Mutex::default() }
    }
}

impl Recent {
    /// Keeps it for the end of the socket, as long as readers show it.
    fn keep(&self, socket: SocketId, typing: UserTyping) {
        let mut over = self.over.lock();
        let here = over.entry(socket).or_default();
        here.retain(|(other, at)| other.room_id != typing.room_id && at.elapsed() < TYPING_TTL);
        here.push((typing, Instant::now()));
    }
}

/// Tells the room that the actor is typing. Whoever may post may be seen typing.
pub async fn start(chat: &Chat, actor: &Actor, room_id: i64) -> Result<()> {
    let seat = facts::seat(chat, actor, room_id).await?;
    policy::may_post(actor, &seat)?;
    let username = actor.username.to_string();
    let typing = UserTyping { room_id, user_id: actor.user_id, username, stopped: None };
    if let Some(socket) = actor.socket {
        chat.typing.keep(socket, typing.clone());
    }
    let key = (room_id, actor.user_id);
    if !chat.typing.told.contains_key(&key) {
        chat.typing.told.insert(key, ());
        chat.publisher.hint_room(room_id, Event::Typing(typing));
    }
    fault::panic_at("typing", &actor.username);
    Ok(())
}

/// The socket has closed: nobody types over it any more.
pub(crate) fn end(chat: &Chat, socket: SocketId) {
    let Some(here) = chat.typing.over.lock().remove(&socket) else { return };
    for (typing, at) in here {
        if at.elapsed() < TYPING_TTL {
            // Over another socket they may go on: that is told anew.
            chat.typing.told.invalidate(&(typing.room_id, typing.user_id));
            let stopped = UserTyping { stopped: Some(true), ..typing };
            chat.publisher.hint_room(stopped.room_id, Event::Typing(stopped));
        }
    }
}
