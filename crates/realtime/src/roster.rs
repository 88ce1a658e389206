//! Who is connected with which sockets, and what that makes of their presence. Pure: time is an argument, and it tells
//! nobody anything (that is `sweeper.rs`).

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};

use chinwag_domain::SessionId;
use chinwag_proto::{Presence, User};

use crate::sink::Sink;

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
}

/// When the person's last socket closed.
struct Left {
    since: Instant,
    at_ms: i64,
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
    /// Without guests.
    people: HashMap<i64, Person>,
    /// Whose presence may have changed since it was told.
    unsettled: HashSet<i64>,
    departures: HashMap<i64, i64>,
    /// How people appear from now on, which others are to be told.
    profiles: HashMap<i64, User>,
}

impl Roster {
    /// Adds a socket; gives those that must go because their person has more than `cap`.
    pub fn connect(&mut self, sink: Arc<dyn Sink>, cap: usize) -> Vec<Arc<dyn Sink>> {
        let (id, user_id) = (sink.id(), sink.user_id());
        let username = sink.username().clone();
        self.sockets.insert(id, Socket { sink, away: false, rooms: HashSet::new() });
        if user_id == 0 {
            return Vec::new();
        }
        let fresh =
            || Person { username, sockets: Vec::new(), told: Presence::Offline, told_in: HashSet::new(), left: None };
        let person = self.people.entry(user_id).or_insert_with(fresh);
        person.sockets.push(id);
        person.left = None;
        self.unsettled.insert(user_id);
        let surplus = person.sockets.len().saturating_sub(cap.max(1));
        person.sockets[..surplus].iter().filter_map(|id| Some(self.sockets.get(id)?.sink.clone())).collect()
    }

    /// Removes a socket; gives the rooms it listened to.
    pub fn disconnect(&mut self, id: u64, now: Instant, now_ms: i64) -> Vec<i64> {
        let Some(socket) = self.sockets.remove(&id) else { return Vec::new() };
        let user_id = socket.sink.user_id();
        if let Some(person) = self.people.get_mut(&user_id) {
            person.sockets.retain(|other| *other != id);
            // A userlist may have named them there before their coming was told.
            person.told_in.extend(&socket.rooms);
            self.unsettled.insert(user_id);
            if person.sockets.is_empty() {
                person.left = Some(Left { since: now, at_ms: now_ms });
            }
        }
        socket.rooms.into_iter().collect()
    }

    pub fn enter(&mut self, id: u64, room_id: i64) {
        let Some(socket) = self.sockets.get_mut(&id) else { return };
        let user_id = socket.sink.user_id();
        if socket.rooms.insert(room_id) {
            self.unsettled.insert(user_id);
        }
    }

    pub fn exit(&mut self, id: u64, room_id: i64) {
        if let Some(socket) = self.sockets.get_mut(&id) {
            socket.rooms.remove(&room_id);
        }
    }

    pub fn set_away(&mut self, id: u64, away: bool) {
        if let Some(socket) = self.sockets.get_mut(&id) {
            socket.away = away;
            self.unsettled.insert(socket.sink.user_id());
        }
    }

    /// What is true of this person now.
    pub fn presence(&self, user_id: i64) -> Presence {
        let Some(person) = self.people.get(&user_id) else { return Presence::Offline };
        if person.sockets.is_empty() {
            return person.told;
        }
        let away = |id: &u64| self.sockets.get(id).is_none_or(|socket| socket.away);
        if person.sockets.iter().all(away) { Presence::Away } else { Presence::Online }
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
                self.departures.insert(user_id, left.at_ms);
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
            let mut rooms: HashSet<i64> = sockets.flat_map(|socket| socket.rooms.iter().copied()).collect();
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

    /// People who are here, or were a moment ago.
    pub fn online(&self) -> Vec<i64> {
        self.people.keys().copied().collect()
    }

    /// Sockets and people.
    pub fn counts(&self) -> (usize, usize) {
        (self.sockets.len(), self.people.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::tests::Recorder;

    struct Scene {
        roster: Roster,
        start: Instant,
    }

    impl Scene {
        fn new() -> Self {
            Self { roster: Roster::default(), start: Instant::now() }
        }

        fn connect(&mut self, id: u64, user_id: i64) {
            self.roster.connect(Recorder::new(id, user_id), 20);
        }

        fn disconnect(&mut self, id: u64, second: u64) {
            self.roster.disconnect(id, self.at(second), second as i64 * 1000);
        }

        fn at(&self, second: u64) -> Instant {
            self.start + Duration::from_secs(second)
        }

        fn told(&mut self, second: u64) -> Vec<(i64, Presence)> {
            let now = self.at(second);
            self.roster.settle(now).into_iter().map(|change| (change.user_id, change.presence)).collect()
        }
    }

    #[test]
    fn a_reload_within_the_grace_is_not_told() {
        let mut scene = Scene::new();
        scene.connect(1, 7);
        assert_eq!(scene.told(0), [(7, Presence::Online)]);
        scene.disconnect(1, 1);
        assert_eq!(scene.told(2), []);
        assert_eq!(scene.roster.presence(7), Presence::Online);
        scene.connect(2, 7);
        assert_eq!(scene.told(9), []);
        assert_eq!(scene.roster.take_departures(), []);
    }

    #[test]
    fn whoever_stays_away_is_told_once_and_with_the_moment_they_left() {
        let mut scene = Scene::new();
        scene.connect(1, 7);
        scene.roster.enter(1, 5);
        scene.told(0);
        scene.disconnect(1, 1);
        assert_eq!(scene.told(3), []);
        let now = scene.at(4);
        let changes = scene.roster.settle(now);
        assert_eq!(changes.len(), 1);
        assert_eq!((changes[0].presence, changes[0].last_seen), (Presence::Offline, Some(1000)));
        assert_eq!(changes[0].rooms, [5]);
        assert_eq!(scene.told(9), []);
        assert_eq!(scene.roster.presence(7), Presence::Offline);
        assert_eq!(scene.roster.take_departures(), [(7, 1000)]);
        assert_eq!(scene.roster.take_departures(), []);
    }

    #[test]
    fn whoever_comes_is_told_in_a_room_they_enter_later() {
        let mut scene = Scene::new();
        scene.connect(1, 7);
        scene.told(0);
        scene.roster.enter(1, 5);
        scene.roster.enter(1, 5);
        let now = scene.at(1);
        let changes = scene.roster.settle(now);
        assert_eq!(changes.len(), 1);
        assert_eq!((changes[0].presence, &*changes[0].rooms), (Presence::Online, &[5][..]));
        scene.disconnect(1, 2);
        scene.connect(2, 7);
        scene.roster.enter(2, 5);
        assert_eq!(scene.told(3), [], "once, also for whoever reloads");
    }

    #[test]
    fn whoever_was_told_that_somebody_came_is_told_that_they_left() {
        let mut scene = Scene::new();
        scene.connect(1, 7);
        scene.connect(2, 7);
        scene.roster.enter(1, 5);
        scene.roster.enter(1, 6);
        scene.told(0);
        scene.roster.exit(1, 6);
        scene.disconnect(1, 1);
        scene.roster.set_away(2, true);
        let now = scene.at(2);
        let rooms_told = |mut changes: Vec<PresenceChange>| {
            let mut rooms = changes.pop().expect("a change").rooms;
            rooms.sort_unstable();
            rooms
        };
        assert_eq!(rooms_told(scene.roster.settle(now)), [5, 6]);
        scene.disconnect(2, 3);
        let now = scene.at(9);
        assert_eq!(rooms_told(scene.roster.settle(now)), [5, 6], "the last socket listened to none of them");
    }

    #[test]
    fn a_person_is_away_only_when_all_their_tabs_are() {
        let mut scene = Scene::new();
        scene.connect(1, 7);
        scene.connect(2, 7);
        scene.told(0);
        scene.roster.set_away(1, true);
        assert_eq!(scene.told(1), []);
        scene.roster.set_away(2, true);
        assert_eq!(scene.told(2), [(7, Presence::Away)]);
        scene.disconnect(1, 3);
        assert_eq!(scene.told(9), []);
        scene.roster.set_away(2, false);
        assert_eq!(scene.told(10), [(7, Presence::Online)]);
    }

    #[test]
    fn a_change_that_was_taken_back_is_not_told() {
        let mut scene = Scene::new();
        scene.connect(1, 7);
        scene.told(0);
        scene.roster.set_away(1, true);
        scene.roster.set_away(1, false);
        assert_eq!(scene.told(1), []);
    }

    #[test]
    fn over_the_cap_the_oldest_socket_goes() {
        let mut roster = Roster::default();
        assert!(roster.connect(Recorder::new(1, 7), 2).is_empty());
        assert!(roster.connect(Recorder::new(2, 7), 2).is_empty());
        let surplus: Vec<u64> = roster.connect(Recorder::new(3, 7), 2).iter().map(|sink| sink.id()).collect();
        assert_eq!(surplus, [1]);
    }

    #[test]
    fn guests_have_no_presence() {
        let mut scene = Scene::new();
        scene.connect(1, 0);
        assert_eq!(scene.told(0), []);
        assert_eq!(scene.roster.counts(), (1, 0));
        assert!(scene.roster.online().is_empty());
    }
}
