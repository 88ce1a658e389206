//! Rooms that became somebody's at another node, where its word of that does not come: they are found in the database, and told here.
//! Nobody listens to a room yet that they do not know, so nothing else would show them. It seats nobody.

use std::{collections::VecDeque, time::Duration};

use chinwag_proto::{Event, RoomEvent};
use moka::sync::Cache;
use parking_lot::Mutex;

use crate::{Actor, Chat, Result, facts, policy, rooms};

/// How often it is looked.
pub const LOOK: Duration = Duration::from_secs(2);
/// So many looks back, for what was under way: a row has its place before it is seen.
const BACK: usize = 4;
/// Longer than that takes.
const TOLD: Duration = Duration::from_secs(20);

/// What this node knows of who was seated.
#[derive(Debug)]
pub struct Arrivals {
    /// Who was told of which room lately, and how many looks there were before.
    told: Cache<(i64, i64), usize>,
    looked: Mutex<Looked>,
}

/// How many looks there were, and how far the rows came at the last of them, the earliest first.
#[derive(Debug, Default)]
struct Looked {
    count: usize,
    newest: VecDeque<i64>,
}

impl Looked {
    fn add(&mut self, newest: i64) {
        self.count += 1;
        self.newest.push_back(newest);
        if self.newest.len() > BACK {
            self.newest.pop_front();
        }
    }

    /// Whether a row was there when somebody was told after so many looks. Somebody may be put out and added again within seconds.
    fn had(&self, row: i64, after: usize) -> bool {
        let Some(since) = self.count.checked_sub(after).filter(|since| *since > 0) else { return true };
        self.newest.len().checked_sub(since).is_some_and(|at| row <= self.newest[at])
    }
}

impl Default for Arrivals {
    fn default() -> Self {
        let told = Cache::builder().max_capacity(100_000).time_to_live(TOLD).build();
        Self { told, looked: Mutex::default() }
    }
}

impl Arrivals {
    /// The person is told here that the room is theirs.
    pub(crate) fn note(&self, user_id: i64, room_id: i64) {
        let count = self.looked.lock().count;
        self.told.insert((user_id, room_id), count);
    }
}

/// Another node has said this to a person's sockets.
pub fn heard(chat: &Chat, user_id: i64, event: &Event) {
    if let Event::Room(it) = event
        && it.event() == RoomEvent::Added
    {
        chat.arrivals.note(user_id, it.room_id);
    }
}

/// Tells those who are here of rooms that they were not told of, from one look to the next but one. To be called every [`LOOK`].
pub async fn tell_missed(chat: &Chat, is_here: impl Fn(i64) -> bool, tell: impl Fn(i64, Event)) -> Result<()> {
    let arrivals = &chat.arrivals;
    let (from, before, count) = {
        let Looked { count, newest } = &*arrivals.looked.lock();
        (newest.front().copied().unwrap_or(i64::MAX), newest.back().copied(), *count)
    };
    let (newest, seated) = chat.store.seated_after(from, before).await?;
    for (id, room_id, user_id) in seated {
        let who = (user_id, room_id);
        let was_told = || arrivals.told.get(&who).is_some_and(|after| arrivals.looked.lock().had(id, after));
        // The word of what came since the last look may still be on its way.
        let is_missed = Some(id) <= before && is_here(user_id) && !was_told();
        if is_missed && let Some(event) = look_up(chat, user_id, room_id).await? {
            arrivals.told.insert(who, count.saturating_sub(1));
            tell(user_id, event);
        }
    }
    arrivals.looked.lock().add(newest);
    Ok(())
}

/// That the room is theirs, if it still is.
async fn look_up(chat: &Chat, user_id: i64, room_id: i64) -> Result<Option<Event>> {
    let actor = Actor { user_id, username: "".into(), is_admin: false, session: None, socket: None };
    let seat = match facts::fresh_seat(chat, &actor, room_id).await {
        Ok(seat) if seat.member.is_some() => seat,
        Err(error) if error.code.status() >= 500 => return Err(error),
        Ok(_) | Err(_) => return Ok(None),
    };
    let view = chat.store.room_view(policy::may_read(&actor, &seat)?).await?;
    Ok(Some(rooms::added(chat, user_id, &view)))
}
