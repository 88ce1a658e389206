//! What becomes of presence, by hand-held time.

use super::*;
use crate::{hub::tests::hub, sink::tests::Recorder};

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

/// Whatever others have for a socket waits for the roster in which they find it.
#[tokio::test]
async fn nobody_tells_a_socket_anything_before_it_is_greeted() {
    let hub = hub();
    let mut is_alone = false;
    let attendance = hub.attend(Recorder::new(1, 7), false, || is_alone = hub.roster.try_lock().is_none());
    assert!(attendance.is_ok() && is_alone);
    drop(attendance);
    hub.drain().await;
    let mut is_greeted = false;
    assert!(hub.attend(Recorder::new(2, 7), false, || is_greeted = true).is_err());
    assert!(!is_greeted, "who is turned away is told why, and no more");
}
