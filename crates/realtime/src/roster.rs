//! Who is connected with which sockets, and what that makes of their presence. Pure: time is an argument, and it tells
//! nobody anything (that is `sweeper.rs`).

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};

use chinwag_domain::SessionId;
use chinwag_proto::{Presence, User, nodes::FarSocket};

use crate::{
    elsewhere::{Elsewhere, Learned},
    sink::Sink,
};

/// How long a person without a socket still counts as online: a page that reloads must not make them flicker.
pub(crate) const GRACE: Duration = Duration::from_secs(3);

struct Socket {
    sink: Arc<dyn Sink>,
    away: bool,
    rooms: HashSet<i64>,
}

struct Person {
    username: Arc<str>,
    /// Oldest first: ids only grow.
    sockets: Vec<u64>,
    /// The presence that others were told last.
    told: Presence,
    /// The rooms in which others were told of this person since they came online. The next change is told there, too, even where
    /// the person does not listen any more.
    told_in: HashSet<i64>,
    left: Option<Left>,
    /// When their last socket here closed, or was lost with its node, while they were online.
    seen: Option<i64>,
}

impl Person {
    fn new(username: Arc<str>) -> Self {
        let told = Presence::Offline;
        Self { username, sockets: Vec::new(), told, told_in: HashSet::new(), left: None, seen: None }
    }
}

/// When the person's last socket closed, on whatever node.
struct Left {
    since: Instant,
    at_ms: i64,
}

/// What comes of what another node says.
#[derive(Default)]
pub(crate) struct Aftermath {
    /// Sockets of this node that are too many now.
    pub surplus: Vec<Arc<dyn Sink>>,
    /// Rooms in which others are now.
    pub rooms: HashSet<i64>,
    /// Who does not listen to which room any more.
    pub parted: Vec<(i64, i64, Arc<str>)>,
}

/// A change of how a person appears, and whom to tell.
#[derive(Debug, PartialEq)]
pub(crate) struct ProfileNews {
    pub user: User,
    pub rooms: Vec<i64>,
    /// Their own sockets.
    pub sockets: Vec<u64>,
}

/// A change of presence that others are to be told.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PresenceChange {
    pub user_id: i64,
    pub username: Arc<str>,
    pub presence: Presence,
    pub last_seen: Option<i64>,
    pub rooms: Vec<i64>,
}

#[derive(Default)]
pub(crate) struct Roster {
    sockets: BTreeMap<u64, Socket>,
    /// Without guests; with those who have sockets on other nodes alone.
    people: HashMap<i64, Person>,
    /// The sockets of other nodes.
    pub elsewhere: Elsewhere,
    /// This node's name and what the others were not told of its sockets, where there are others.
    unsaid: Option<(Arc<str>, HashSet<u64>)>,
    /// Whose presence may have changed since it was told.
    unsettled: HashSet<i64>,
    departures: HashMap<i64, i64>,
    /// How people appear from now on, which others are to be told.
    profiles: HashMap<i64, User>,
}

impl Roster {
    /// From now on this is one node of several, and says what becomes of its sockets.
    pub fn begin_saying(&mut self, name: &str) {
        self.unsaid = Some((name.into(), self.sockets.keys().copied().collect()));
    }

    /// Adds a socket; gives those that must go because their person has more than `cap`.
    pub fn connect(&mut self, sink: Arc<dyn Sink>, cap: usize) -> Vec<Arc<dyn Sink>> {
        let (id, user_id) = (sink.id(), sink.user_id());
        let username = sink.username().clone();
        self.sockets.insert(id, Socket { sink, away: false, rooms: HashSet::new() });
        self.moved(id);
        if user_id == 0 {
            return Vec::new();
        }
        let person = self.people.entry(user_id).or_insert_with(|| Person::new(username));
        person.sockets.push(id);
        person.left = None;
        self.unsettled.insert(user_id);
        self.surplus(user_id, cap)
    }

    /// The person's oldest sockets past `cap`, of those that are here.
    fn surplus(&self, user_id: i64, cap: usize) -> Vec<Arc<dyn Sink>> {
        let Some(person) = self.people.get(&user_id) else { return Vec::new() };
        let far = self.elsewhere.places_of(user_id);
        let surplus = (person.sockets.len() + far.len()).saturating_sub(cap.max(1));
        if surplus == 0 {
            return Vec::new();
        }
        let own = self.unsaid.as_ref().map_or("", |(name, _)| name);
        let here = person.sockets.iter().map(|id| (*id, own));
        let mut all: Vec<(u64, &str)> = here.chain(far.iter().map(|place| (place.id, &*place.node))).collect();
        // All nodes agree on who is older, so one socket goes and not one of each.
        all.sort_unstable();
        let oldest = all[..surplus].iter().filter(|(_, node)| *node == own);
        oldest.filter_map(|(id, _)| self.sink(*id)).collect()
    }

    /// How many sockets the person has, on all nodes.
    pub fn sockets_of(&self, user_id: i64) -> usize {
        self.people.get(&user_id).map_or(0, |person| person.sockets.len()) + self.elsewhere.places_of(user_id).len()
    }

    /// Removes a socket; gives the rooms it listened to.
    pub fn disconnect(&mut self, id: u64, now: Instant, now_ms: i64) -> Vec<i64> {
        let Some(socket) = self.sockets.remove(&id) else { return Vec::new() };
        self.moved(id);
        let user_id = socket.sink.user_id();
        if let Some(person) = self.people.get_mut(&user_id) {
            person.sockets.retain(|other| *other != id);
            // A userlist may have named them there before their coming was told.
            person.told_in.extend(&socket.rooms);
            self.unsettled.insert(user_id);
            if person.sockets.is_empty() {
                person.seen = Some(now_ms);
                if self.elsewhere.places_of(user_id).is_empty() {
                    person.left = Some(Left { since: now, at_ms: now_ms });
                }
            }
        }
        socket.rooms.into_iter().collect()
    }

    pub fn enter(&mut self, id: u64, room_id: i64) {
        let Some(socket) = self.sockets.get_mut(&id) else { return };
        let user_id = socket.sink.user_id();
        if socket.rooms.insert(room_id) {
            self.unsettled.insert(user_id);
            self.moved(id);
        }
    }

    pub fn exit(&mut self, id: u64, room_id: i64) {
        if let Some(socket) = self.sockets.get_mut(&id)
            && socket.rooms.remove(&room_id)
        {
            self.moved(id);
        }
    }

    pub fn set_away(&mut self, id: u64, away: bool) {
        if let Some(socket) = self.sockets.get_mut(&id) {
            socket.away = away;
            self.unsettled.insert(socket.sink.user_id());
            self.moved(id);
        }
    }

    /// The other nodes are to be told of this socket.
    fn moved(&mut self, id: u64) {
        if let Some((_, unsaid)) = &mut self.unsaid {
            unsaid.insert(id);
        }
    }

    /// The sockets that came or changed since the last call, and those that went.
    pub fn take_unsaid(&mut self) -> (Vec<FarSocket>, Vec<u64>) {
        let mut ids = self.unsaid.as_mut().map(|(_, unsaid)| std::mem::take(unsaid)).unwrap_or_default();
        let moved = ids.iter().filter_map(|id| self.said(*id)).collect();
        ids.retain(|id| !self.sockets.contains_key(id));
        (moved, ids.into_iter().collect())
    }

    /// All sockets of this node, as others are told of them.
    pub fn all_said(&self) -> Vec<FarSocket> {
        self.sockets.keys().filter_map(|id| self.said(*id)).collect()
    }

    fn said(&self, id: u64) -> Option<FarSocket> {
        let Socket { sink, away, rooms, .. } = self.sockets.get(&id)?;
        let mut rooms: Vec<i64> = rooms.iter().copied().collect();
        rooms.sort_unstable();
        Some(FarSocket { id, user_id: sink.user_id(), username: sink.username().to_string(), away: *away, rooms })
    }

    /// Takes down what another node says of its sockets.
    pub fn learn(&mut self, node: &str, learned: &Learned, cap: usize, now: Instant, now_ms: i64) -> Aftermath {
        let stirred = self.elsewhere.learn(node, learned);
        let (is_lost, at_ms) = match learned {
            Learned::Gone(silence) => (true, now_ms - silence),
            Learned::All(_) | Learned::Moves(_) => (false, now_ms),
        };
        for (user_id, rooms) in &stirred.gone {
            if let Some(person) = self.people.get_mut(user_id) {
                person.told_in.extend(rooms);
                if is_lost {
                    // The node can write nothing down any more.
                    person.seen = person.seen.max(Some(at_ms));
                }
            }
        }
        let mut surplus = Vec::new();
        for user_id in stirred.people {
            self.unsettled.insert(user_id);
            if let Some(username) = self.elsewhere.username(user_id) {
                self.people.entry(user_id).or_insert_with(|| Person::new(username)).left = None;
                surplus.extend(self.surplus(user_id, cap));
            } else if let Some(person) = self.people.get_mut(&user_id)
                && person.sockets.is_empty()
            {
                person.left.get_or_insert(Left { since: now, at_ms });
            }
        }
        Aftermath { surplus, rooms: stirred.rooms, parted: stirred.parted }
    }

    /// What is true of this person now.
    pub fn presence(&self, user_id: i64) -> Presence {
        let Some(person) = self.people.get(&user_id) else { return Presence::Offline };
        if person.left.is_some() {
            return person.told;
        }
        let away = |id: &u64| self.sockets.get(id).is_none_or(|socket| socket.away);
        let is_away = person.sockets.iter().all(away) && self.elsewhere.is_away(user_id);
        if is_away { Presence::Away } else { Presence::Online }
    }

    /// The changes since the last call. Those that cancelled each other out, as a reload within the grace, are left out.
    pub fn settle(&mut self, now: Instant) -> Vec<PresenceChange> {
        let mut changes = Vec::new();
        for user_id in std::mem::take(&mut self.unsettled) {
            let presence = self.presence(user_id);
            let Some(person) = self.people.get_mut(&user_id) else { continue };
            if let Some(left) = &person.left {
                if now.duration_since(left.since) < GRACE {
                    self.unsettled.insert(user_id);
                    continue;
                }
                self.departures.extend(person.seen.map(|seen| (user_id, seen)));
                changes.push(PresenceChange {
                    user_id,
                    username: person.username.clone(),
                    presence: Presence::Offline,
                    last_seen: Some(left.at_ms),
                    rooms: person.told_in.drain().collect(),
                });
                self.people.remove(&user_id);
                continue;
            }
            let sockets = person.sockets.iter().filter_map(|id| self.sockets.get(id));
            let here = sockets.flat_map(|socket| socket.rooms.iter().copied());
            let mut rooms: HashSet<i64> = here.chain(self.elsewhere.rooms_of(user_id)).collect();
            let has_changed = person.told != presence;
            if has_changed {
                person.told = presence;
                person.told_in.extend(rooms);
                rooms = person.told_in.clone();
            } else {
                // Whoever came before they joined anything is news where they join.
                rooms.retain(|room| person.told_in.insert(*room));
            }
            if has_changed || !rooms.is_empty() {
                changes.push(PresenceChange {
                    user_id,
                    username: person.username.clone(),
                    presence,
                    last_seen: None,
                    rooms: rooms.into_iter().collect(),
                });
            }
        }
        changes
    }

    /// A person appears so from now on. Nobody looks at one who is not here.
    pub fn note_profile(&mut self, user: &User) {
        if self.people.contains_key(&user.id) {
            self.profiles.insert(user.id, user.clone());
        }
    }

    /// Who appears otherwise than at the last call, with their presence.
    pub fn take_profiles(&mut self) -> Vec<ProfileNews> {
        let mut changes = Vec::new();
        for (user_id, mut user) in std::mem::take(&mut self.profiles) {
            let Some(person) = self.people.get(&user_id) else { continue };
            let sockets = person.sockets.clone();
            let mut rooms = person.told_in.clone();
            rooms.extend(sockets.iter().filter_map(|id| self.sockets.get(id)).flat_map(|socket| &socket.rooms));
            rooms.extend(self.elsewhere.rooms_of(user_id));
            let presence = self.presence(user_id);
            user.presence = presence.into();
            user.is_online = presence != Presence::Offline;
            changes.push(ProfileNews { user, rooms: rooms.into_iter().collect(), sockets });
        }
        changes
    }

    /// Who went since the last time, and when.
    pub fn take_departures(&mut self) -> Vec<(i64, i64)> {
        std::mem::take(&mut self.departures).into_iter().collect()
    }

    pub fn sinks(&self) -> Vec<Arc<dyn Sink>> {
        self.sockets.values().map(|socket| socket.sink.clone()).collect()
    }

    pub fn sink(&self, id: u64) -> Option<Arc<dyn Sink>> {
        Some(self.sockets.get(&id)?.sink.clone())
    }

    /// How many rooms the socket listens to.
    pub fn rooms_of(&self, id: u64) -> usize {
        self.sockets.get(&id).map_or(0, |socket| socket.rooms.len())
    }

    pub fn sinks_of(&self, user_id: i64) -> Vec<Arc<dyn Sink>> {
        let Some(person) = self.people.get(&user_id) else { return Vec::new() };
        person.sockets.iter().filter_map(|id| Some(self.sockets.get(id)?.sink.clone())).collect()
    }

    pub fn sinks_of_sessions(&self, sessions: &[SessionId]) -> Vec<Arc<dyn Sink>> {
        let theirs = |sink: &&Arc<dyn Sink>| sink.session().is_some_and(|session| sessions.contains(&session));
        self.sockets.values().map(|socket| &socket.sink).filter(theirs).cloned().collect()
    }

    /// People who are here or elsewhere, or were a moment ago.
    pub fn online(&self) -> Vec<i64> {
        self.people.keys().copied().collect()
    }

    /// How many people have a socket here.
    pub fn people_here(&self) -> usize {
        self.people.values().filter(|person| !person.sockets.is_empty()).count()
    }

    /// Sockets of this node, and people of all.
    pub fn counts(&self) -> (usize, usize) {
        (self.sockets.len(), self.people.len())
    }
}

#[cfg(test)]
#[path = "roster_tests.rs"]
mod tests;
