//! The `userlist` of a room: who is in it right now. Not who its members are: that is the store's.

use std::{collections::HashSet, sync::Arc, time::Instant};

use bytes::Bytes;
use chinwag_proto::{Event, Presence, UserList, UserPresence, limits};
use parking_lot::Mutex;

use crate::{
    fanout::encode,
    roster::Roster,
    sink::{LANES, Lane},
    topic::{self, Topic},
};

/// So many people of a room have a face in the list of a `sync`, whoever was named before.
const FACES: usize = 3;

/// Collects the userlist of a room.
pub(crate) fn userlist(topic: &Topic, roster: &Mutex<Roster>) -> Event {
    Event::Userlist(collect(topic, roster))
}

/// The same without most of those who were named before; notes who is named now.
pub(crate) fn userlist_beside(topic: &Topic, roster: &Mutex<Roster>, named: &mut HashSet<i64>) -> Event {
    let mut list = collect(topic, roster);
    let mut faces = 0;
    list.users.retain(|user| {
        faces += 1;
        named.insert(user.user_id) || faces <= FACES
    });
    Event::Userlist(list)
}

/// How many there are, and no names.
pub(crate) fn only_count(topic: &Topic, total: usize) -> Event {
    Event::Userlist(UserList { room_id: topic.room_id, users: Vec::new(), total: wire_count(total) })
}

fn wire_count(total: usize) -> i32 {
    i32::try_from(total).unwrap_or(i32::MAX)
}

fn collect(topic: &Topic, roster: &Mutex<Roster>) -> UserList {
    let far = far_people(topic, roster);
    let (people, total) = topic.people(&far);
    let roster = roster.lock();
    let users = people
        .into_iter()
        .map(|(user_id, username)| {
            let presence = roster.presence(user_id);
            let is_online = presence != Presence::Offline;
            UserPresence { user_id, username: username.as_ref().to_owned(), presence: presence.into(), is_online }
        })
        .collect();
    UserList { room_id: topic.room_id, users, total: wire_count(total) }
}

/// Those who listen to the room on other nodes, by id.
pub(crate) fn far_people(topic: &Topic, roster: &Mutex<Roster>) -> Vec<(i64, Arc<str>)> {
    roster.lock().elsewhere.people_in(topic.room_id)
}

/// How many sockets listen to the room, on all nodes.
pub(crate) fn sockets(topic: &Topic, roster: &Mutex<Roster>) -> usize {
    let far = roster.lock().elsewhere.sockets_in(topic.room_id);
    topic.subscriptions() + far
}

/// The last userlist of a big room, encoded: ten thousand who join at once need not have it made ten thousand times.
#[derive(Default)]
pub(crate) struct UserListCache {
    at: Option<Instant>,
    frames: [Bytes; LANES],
}

impl UserListCache {
    /// The userlist for someone who just joined, made anew where it is too old or the room small enough.
    pub fn for_joiner(
        cache: &Mutex<Self>,
        topic: &Arc<Topic>,
        roster: &Mutex<Roster>,
        lane: Lane,
        now: Instant,
    ) -> Bytes {
        let listeners = sockets(topic, roster);
        if listeners <= limits::USERLIST {
            return encode(lane, &userlist(topic, roster));
        }
        let mut cache = cache.lock();
        if cache.at.is_none_or(|at| now.duration_since(at) > topic::pause(listeners)) {
            *cache = Self { at: Some(now), frames: Default::default() };
        }
        let frame = &mut cache.frames[lane as usize];
        if frame.is_empty() {
            *frame = encode(lane, &userlist(topic, roster));
        }
        frame.clone()
    }
}
