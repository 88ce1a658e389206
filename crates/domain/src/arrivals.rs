//! Rooms that became somebody's at another node, where its word of that does not come: they are found in the database, and told here.
//! Nobody listens to a room yet that they do not know, so nothing else would show them. It seats nobody.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

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
    /// Who was told of which room lately, and of which row: not known before the next look.
    told: Cache<(i64, i64), Option<i64>>,
    /// How far the rows came at the last looks, the earliest first.
    looked: Mutex<VecDeque<i64>>,
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
        self.told.insert((user_id, room_id), None);
    }

    /// What was told is the last of these rows.
    fn place(&self, seated: &[(i64, i64, i64)]) {
        let places = seated.iter().map(|(id, room_id, user_id)| ((*user_id, *room_id), *id));
        for (who, id) in places.collect::<BTreeMap<_, _>>() {
            if self.told.get(&who) == Some(None) {
                self.told.insert(who, Some(id));
            }
        }
    }

    /// Somebody may be put out and added again within seconds.
    fn was_told(&self, user_id: i64, room_id: i64, id: i64) -> bool {
        self.told.get(&(user_id, room_id)).is_some_and(|told| told.is_none_or(|told| id <= told))
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
    let (from, before) = {
        let looked = chat.arrivals.looked.lock();
        (looked.front().copied().unwrap_or(i64::MAX), looked.back().copied())
    };
    let (newest, seated) = chat.store.seated_after(from, before).await?;
    chat.arrivals.place(&seated);
    for (id, room_id, user_id) in seated {
        // The word of what came since the last look may still be on its way.
        let is_missed = Some(id) <= before && is_here(user_id) && !chat.arrivals.was_told(user_id, room_id, id);
        if is_missed && let Some(event) = look_up(chat, user_id, room_id).await? {
            chat.arrivals.told.insert((user_id, room_id), Some(id));
            tell(user_id, event);
        }
    }
    let mut looked = chat.arrivals.looked.lock();
    looked.push_back(newest);
    if looked.len() > BACK {
        looked.pop_front();
    }
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
