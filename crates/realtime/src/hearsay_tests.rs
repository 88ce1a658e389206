//! What nodes say to each other over a bus that loses, doubles and swaps, and when they believe it no more.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chinwag_domain::ports::Publisher as _;
use chinwag_proto::{
    Presence,
    nodes::{Whereabouts, whereabouts::Said},
};
use proptest::prelude::*;
use prost::Message as _;

use crate::{
    across::tests::{Cluster, Letter, NAMES, ROUND},
    hub::tests::hub,
    sink::{Sink as _, tests::Recorder},
};

#[derive(Clone, Debug)]
enum Act {
    Connect(usize, i64),
    Close(usize, usize),
    Enter(usize, usize, i64),
    Exit(usize, usize, i64),
    Away(usize, usize, bool),
    Look(usize),
    Pass(u64),
    Deliver(usize, usize),
    Lose(usize, usize),
    Double(usize, usize),
    Restart(usize),
    BusAway(bool),
}

fn act() -> impl Strategy<Value = Act> {
    let (node, pick, room) = (0..3_usize, any::<usize>(), 1..4_i64);
    prop_oneof![
        3 => (node.clone(), 0..4_i64).prop_map(|(node, user)| Act::Connect(node, user)),
        2 => (node.clone(), pick).prop_map(|(node, pick)| Act::Close(node, pick)),
        2 => (node.clone(), pick, room.clone()).prop_map(|(node, pick, room)| Act::Enter(node, pick, room)),
        1 => (node.clone(), pick, room).prop_map(|(node, pick, room)| Act::Exit(node, pick, room)),
        1 => (node.clone(), pick, any::<bool>()).prop_map(|(node, pick, away)| Act::Away(node, pick, away)),
        5 => node.clone().prop_map(Act::Look),
        2 => (0..3_000_u64).prop_map(Act::Pass),
        6 => (node.clone(), pick).prop_map(|(node, pick)| Act::Deliver(node, pick)),
        2 => (node.clone(), pick).prop_map(|(node, pick)| Act::Lose(node, pick)),
        2 => (node.clone(), pick).prop_map(|(node, pick)| Act::Double(node, pick)),
        1 => node.prop_map(Act::Restart),
        1 => any::<bool>().prop_map(Act::BusAway),
    ]
}

impl Cluster {
    fn socket(&self, node: usize, pick: usize) -> Option<Arc<Recorder>> {
        let sockets = &self.sockets[node];
        (!sockets.is_empty()).then(|| sockets[pick % sockets.len()].clone())
    }

    fn letter(&mut self, node: usize, pick: usize) -> Option<Letter> {
        let mail = &mut self.mail[node];
        (!mail.is_empty()).then(|| mail.remove(pick % mail.len()))
    }

    fn act(&mut self, act: Act) {
        match act {
            Act::Connect(node, user_id) => drop(self.connect(node, user_id)),
            Act::Close(node, pick) => {
                if let Some(sink) = self.socket(node, pick) {
                    self.close(node, &sink);
                }
            }
            Act::Enter(node, pick, room_id) => {
                if let Some(sink) = self.socket(node, pick) {
                    self.enter(node, &sink, room_id);
                }
            }
            Act::Exit(node, pick, room_id) => {
                if let Some(sink) = self.socket(node, pick) {
                    self.hubs[node].roster.lock().exit(sink.id(), room_id);
                }
            }
            Act::Away(node, pick, away) => {
                if let Some(sink) = self.socket(node, pick) {
                    self.hubs[node].set_away(sink.id(), away);
                }
            }
            Act::Look(node) => self.look(node),
            Act::Pass(ms) => self.now += Duration::from_millis(ms),
            Act::Deliver(node, pick) => {
                if let Some(letter) = self.letter(node, pick) {
                    self.deliver(node, &letter);
                }
            }
            Act::Lose(node, pick) => drop(self.letter(node, pick)),
            Act::Double(node, pick) => {
                if let Some(letter) = self.letter(node, pick) {
                    self.deliver(node, &letter);
                    self.mail[node].push(letter);
                }
            }
            Act::Restart(node) => {
                self.hubs[node] = hub();
                self.hubs[node].begin_saying(NAMES[node]);
                self.starts[node] += 1;
                self.sockets[node].clear();
            }
            Act::BusAway(is_away) => self.is_up = !is_away,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever becomes of what they say: once all is quiet and each has said once that it is there, all believe what is so.
    #[test]
    fn nodes_agree_on_who_is_where_whatever_the_bus_does(acts in prop::collection::vec(act(), 0..120)) {
        let mut cluster = Cluster::new(3);
        cluster.pass(Duration::from_secs(2), &[0, 1, 2]);
        for act in acts {
            cluster.act(act);
        }
        cluster.is_up = true;
        cluster.deliver_all();
        cluster.pass(ROUND, &[0, 1, 2]);
        cluster.assert_agreed();
    }
}

/// When the first node says that this person is offline; nobody else is heard until then.
fn until_offline(cluster: &mut Cluster, user_id: i64) -> Instant {
    let (begun, mut told) = (cluster.now, Vec::new());
    while told.is_empty() && cluster.now < begun + Duration::from_secs(60) {
        cluster.pass(Duration::from_secs(1), &[0]);
        told = cluster.settle(0);
    }
    assert_eq!(told, [(user_id, Presence::Offline)]);
    cluster.now
}

#[test]
fn the_people_of_a_node_that_dies_are_offline_within_half_a_minute() {
    let mut cluster = Cluster::new(2);
    cluster.connect(1, 7);
    cluster.pass(ROUND, &[0, 1]);
    assert_eq!(cluster.settle(0), [(7, Presence::Online)]);
    let died = cluster.now;
    let took = until_offline(&mut cluster, 7) - died;
    assert!(took > Duration::from_secs(15) && took <= Duration::from_secs(28), "{took:?}");
    let [(7, at)] = *cluster.hubs[0].take_departures() else { panic!("who else would write it down?") };
    assert!(at <= cluster.hubs[0].clock.now_ms() - 20_000, "when it was heard last, not when it was missed: {at}");
}

/// Whatever took the node may have taken the bus, too.
#[test]
fn so_they_are_though_the_bus_goes_soon_after_it_for_ten_seconds() {
    for goes_after in [0, 3, 5] {
        let mut cluster = Cluster::new(2);
        cluster.connect(1, 7);
        cluster.pass(ROUND, &[0, 1]);
        cluster.settle(0);
        let died = cluster.now;
        cluster.pass(Duration::from_secs(goes_after), &[0]);
        cluster.is_up = false;
        cluster.pass(Duration::from_secs(10), &[0]);
        cluster.is_up = true;
        let took = until_offline(&mut cluster, 7) - died;
        assert!(took <= Duration::from_secs(28), "gone after {goes_after} s: {took:?}");
    }
}

#[test]
fn the_people_of_a_node_that_was_cut_off_are_back_as_soon_as_it_is_heard() {
    let mut cluster = Cluster::new(2);
    cluster.connect(1, 7);
    cluster.pass(ROUND, &[0, 1]);
    cluster.settle(0);
    cluster.is_up = false;
    cluster.pass(Duration::from_secs(60), &[0, 1]);
    assert_eq!(cluster.settle(0), [], "nobody can be heard");
    cluster.is_up = true;
    cluster.pass(Duration::from_secs(12), &[0]);
    assert_eq!(cluster.settle(0), [(7, Presence::Offline)]);
    cluster.pass(Duration::from_millis(500), &[0, 1]);
    assert_eq!(cluster.settle(0), [(7, Presence::Online)]);
}

#[test]
fn while_the_own_bus_is_away_or_the_node_sleeps_nobody_else_is_gone() {
    let mut cluster = Cluster::new(2);
    cluster.connect(1, 7);
    cluster.pass(ROUND, &[0, 1]);
    cluster.settle(0);
    cluster.is_up = false;
    cluster.pass(Duration::from_secs(120), &[0]);
    cluster.is_up = true;
    cluster.pass(Duration::from_millis(7_500), &[0]);
    assert_eq!(cluster.believed(0, 1).len(), 1, "it may reach the bus so much later");
    assert_eq!(cluster.settle(0), []);
    // Stopped and continued: nothing was heard, but nobody has listened.
    cluster.pass(Duration::from_secs(2), &[0, 1]);
    cluster.now += Duration::from_secs(120);
    cluster.pass(Duration::from_secs(6), &[0]);
    assert_eq!(cluster.settle(0), []);
    assert_eq!(cluster.hubs[0].presence(7), Presence::Online);
}

#[test]
fn the_people_of_a_node_that_stops_have_the_grace_and_no_more() {
    let mut cluster = Cluster::new(2);
    cluster.connect(1, 7);
    cluster.connect(1, 8);
    cluster.look(1);
    let late = cluster.mail[0].clone();
    cluster.pass(ROUND, &[0, 1]);
    assert_eq!(cluster.believed(0, 1).len(), 2);
    cluster.settle(0);
    let goodbye = cluster.hubs[1].goodbye().expect("one of several");
    cluster.post(1, &goodbye);
    cluster.deliver_all();
    cluster.connect(0, 8);
    cluster.pass(Duration::from_secs(4), &[0]);
    assert_eq!(cluster.settle(0), [(7, Presence::Offline)], "8 has come here");
    late.iter().for_each(|letter| cluster.deliver(0, letter));
    assert_eq!(cluster.believed(0, 1), [], "what was said before the goodbye");
}

#[test]
fn pieces_of_two_snapshots_make_no_whole() {
    let mut cluster = Cluster::new(2);
    let first = cluster.connect(1, 1);
    for user_id in 2..=20_000 {
        cluster.connect(1, user_id);
    }
    let snapshot = |cluster: &mut Cluster| {
        cluster.now += Duration::from_secs(60);
        cluster.look(1);
        let letters = std::mem::take(&mut cluster.mail[0]);
        let is_piece = |(_, _, bytes): &Letter| {
            matches!(Whereabouts::decode(bytes.as_slice()).expect("whole").said, Some(Said::Snapshot(_)))
        };
        letters.into_iter().filter(is_piece).collect::<Vec<_>>()
    };
    let mut earlier = snapshot(&mut cluster);
    cluster.close(1, &first);
    let later = snapshot(&mut cluster);
    assert!(earlier.len() == later.len() && later.len() > 1, "{} and {}", earlier.len(), later.len());
    earlier.pop();
    earlier.iter().chain(&later[1..]).for_each(|letter| cluster.deliver(0, letter));
    assert_eq!(cluster.believed(0, 1), []);
    cluster.deliver(0, &later[0]);
    assert_eq!(cluster.believed(0, 1).len(), 19_999);
}

#[test]
fn what_an_older_start_said_is_replaced_by_the_newer_one() {
    let mut cluster = Cluster::new(2);
    cluster.connect(1, 7);
    cluster.pass(ROUND, &[0, 1]);
    cluster.connect(1, 9);
    cluster.look(1);
    let late = cluster.mail[0].remove(0);
    cluster.act(Act::Restart(1));
    cluster.connect(1, 8);
    cluster.pass(Duration::from_secs(1), &[0, 1]);
    let users = |cluster: &Cluster| cluster.believed(0, 1).iter().map(|socket| socket.user_id).collect::<Vec<_>>();
    assert_eq!(users(&cluster), [8]);
    cluster.deliver(0, &late);
    assert_eq!(users(&cluster), [8]);
    cluster.pass(ROUND, &[0, 1]);
    cluster.assert_agreed();
}

#[test]
fn what_comes_late_undoes_nothing() {
    let mut cluster = Cluster::new(2);
    cluster.connect(1, 7);
    cluster.look(1);
    let late = cluster.mail[0].clone();
    cluster.deliver_all();
    cluster.connect(1, 8);
    cluster.look(1);
    cluster.deliver_all();
    late.iter().for_each(|letter| cluster.deliver(0, letter));
    assert_eq!(cluster.believed(0, 1).len(), 2);
}

#[test]
fn what_is_said_is_short_and_seldom() {
    let mut cluster = Cluster::new(2);
    let mut first = None;
    for user_id in 1..=10_000 {
        let sink = cluster.connect(1, user_id);
        let mut roster = cluster.hubs[1].roster.lock();
        (1..=40).for_each(|room| roster.enter(sink.id(), 1_000_000 + room));
        first.get_or_insert(sink);
    }
    let first = first.expect("ten thousand");
    cluster.look(1);
    let letters = &cluster.mail[0];
    let longest = letters.iter().map(|(_, _, bytes)| bytes.len()).max();
    assert!(longest < Some(600 * 1024), "{longest:?}");
    assert!(letters.len() < 50, "{}", letters.len());
    cluster.deliver_all();
    assert_eq!(cluster.believed(0, 1).len(), 10_000);
    cluster.pass(Duration::from_secs(6), &[1]);
    for away in [true, false, true] {
        cluster.hubs[1].set_away(first.id(), away);
        cluster.enter(1, &first, 9 + i64::from(away));
    }
    let before = cluster.mail[0].len();
    cluster.look(1);
    assert_eq!(cluster.mail[0].len() - before, 1, "many changes, one message");
    cluster.look(1);
    assert_eq!(cluster.mail[0].len() - before, 1, "nothing new, nothing said");
}
