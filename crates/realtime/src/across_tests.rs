//! Several hubs tell each other who is where, over a bus that loses, doubles and swaps. Time is held by hand.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use chinwag_domain::ports::{Figures, Publisher};
use chinwag_proto::{
    CloseCode, Event, Presence, SystemEvent,
    nodes::{FarSocket, Whereabouts},
};
use prost::Message as _;

use crate::{
    Hub, SAY_EVERY,
    hub::tests::{hub, hub_beside, listen},
    roster::PresenceChange,
    sink::{Lane, Sink as _, tests::Recorder},
};

pub(crate) const NAMES: [&str; 3] = ["a", "b", "c"];
/// A heartbeat, what a node waits before it asks, what another waits before it answers, and the ways.
pub(crate) const ROUND: Duration = Duration::from_secs(8);

/// A message on its way: who said it, in which start, in bytes.
pub(crate) type Letter = (usize, u64, Vec<u8>);

pub(crate) struct Cluster {
    pub hubs: Vec<Arc<Hub>>,
    pub starts: Vec<u64>,
    pub sockets: Vec<Vec<Arc<Recorder>>>,
    /// What waits to be heard by each.
    pub mail: Vec<Vec<Letter>>,
    pub is_up: bool,
    pub now: Instant,
}

impl Cluster {
    pub fn of(hubs: Vec<Arc<Hub>>) -> Self {
        let nodes = hubs.len();
        for (hub, name) in hubs.iter().zip(NAMES) {
            hub.begin_saying(name);
        }
        let (starts, sockets) = (vec![1; nodes], vec![Vec::new(); nodes]);
        Self { hubs, starts, sockets, mail: vec![Vec::new(); nodes], is_up: true, now: Instant::now() }
    }

    pub fn new(nodes: usize) -> Self {
        Self::of((0..nodes).map(|_| hub()).collect())
    }

    pub fn connect(&mut self, node: usize, user_id: i64) -> Arc<Recorder> {
        let sink = Recorder::new(self.hubs[node].next_id(), user_id);
        self.hubs[node].connect(sink.clone(), false).expect("room for it");
        self.sockets[node].push(sink.clone());
        sink
    }

    pub fn close(&mut self, node: usize, sink: &Arc<Recorder>) {
        let now_ms = self.hubs[node].clock.now_ms();
        self.hubs[node].roster.lock().disconnect(sink.id(), self.now, now_ms);
        self.sockets[node].retain(|other| !Arc::ptr_eq(other, sink));
    }

    pub fn enter(&self, node: usize, sink: &Arc<Recorder>, room_id: i64) {
        self.hubs[node].roster.lock().enter(sink.id(), room_id);
    }

    /// A node looks, and posts what it has to say.
    pub fn look(&mut self, node: usize) {
        for said in self.hubs[node].whereabouts(self.now, self.is_up) {
            self.post(node, &said);
        }
    }

    pub fn post(&mut self, node: usize, said: &Whereabouts) {
        let letter = (node, self.starts[node], said.encode_to_vec());
        for (_, mail) in self.mail.iter_mut().enumerate().filter(|(to, _)| *to != node) {
            mail.push(letter.clone());
        }
    }

    pub fn deliver(&self, to: usize, (from, start, bytes): &Letter) {
        let said = Whereabouts::decode(bytes.as_slice()).expect("whole");
        self.hubs[to].heard_from(NAMES[*from], *start, said, self.now);
    }

    pub fn deliver_all(&mut self) {
        for to in 0..self.hubs.len() {
            for letter in std::mem::take(&mut self.mail[to]) {
                self.deliver(to, &letter);
            }
        }
    }

    /// Nothing is lost, and these nodes look as often as they do.
    pub fn pass(&mut self, time: Duration, nodes: &[usize]) {
        let end = self.now + time;
        while self.now < end {
            self.now += SAY_EVERY;
            for node in nodes {
                self.look(*node);
            }
            self.deliver_all();
        }
    }

    /// What a node would tell its listeners now.
    pub fn settle(&self, node: usize) -> Vec<(i64, Presence)> {
        let changes = self.hubs[node].roster.lock().settle(self.now);
        changes.into_iter().map(|PresenceChange { user_id, presence, .. }| (user_id, presence)).collect()
    }

    pub fn believed(&self, by: usize, of: usize) -> Vec<FarSocket> {
        self.hubs[by].roster.lock().elsewhere.of(NAMES[of])
    }

    /// All nodes believe what is so.
    pub fn assert_agreed(&self) {
        let truth: Vec<Vec<FarSocket>> = self.hubs.iter().map(|hub| hub.roster.lock().all_said()).collect();
        let mut people: BTreeMap<i64, Presence> = BTreeMap::new();
        for socket in truth.iter().flatten().filter(|socket| socket.user_id != 0) {
            let presence = people.entry(socket.user_id).or_insert(Presence::Away);
            if !socket.away {
                *presence = Presence::Online;
            }
        }
        for (by, hub) in self.hubs.iter().enumerate() {
            for (of, sockets) in truth.iter().enumerate().filter(|(of, _)| *of != by) {
                assert_eq!(self.believed(by, of), *sockets, "{} of {}", NAMES[by], NAMES[of]);
            }
            hub.roster.lock().elsewhere.assert_whole();
            hub.roster.lock().settle(self.now + Duration::from_secs(9));
            let online: BTreeSet<i64> = hub.online_users().into_iter().collect();
            assert_eq!(online, people.keys().copied().collect(), "on {}", NAMES[by]);
            for (user_id, presence) in &people {
                assert_eq!(hub.presence(*user_id), *presence, "of {user_id} on {}", NAMES[by]);
            }
        }
    }
}

#[test]
fn whoever_goes_from_one_node_to_another_within_the_grace_is_not_told() {
    let mut cluster = Cluster::new(3);
    let first = cluster.connect(0, 7);
    cluster.pass(ROUND, &[0, 1, 2]);
    for node in 0..3 {
        assert_eq!(cluster.settle(node), [(7, Presence::Online)]);
    }
    cluster.close(0, &first);
    cluster.pass(Duration::from_secs(2), &[0, 1, 2]);
    let second = cluster.connect(1, 7);
    cluster.pass(Duration::from_secs(9), &[0, 1, 2]);
    for node in 0..3 {
        assert_eq!(cluster.settle(node), []);
        assert_eq!(cluster.hubs[node].take_departures(), []);
    }
    cluster.close(1, &second);
    cluster.pass(Duration::from_secs(4), &[0, 1, 2]);
    for node in 0..3 {
        assert_eq!(cluster.settle(node), [(7, Presence::Offline)]);
    }
    assert_eq!(cluster.hubs[1].take_departures().len(), 1, "where the last socket closed");
    assert_eq!(cluster.hubs[2].take_departures(), [], "where they never were");
}

#[test]
fn two_who_leave_two_nodes_in_one_moment_are_written_down() {
    let mut cluster = Cluster::new(2);
    let (here, there) = (cluster.connect(0, 7), cluster.connect(1, 7));
    cluster.pass(ROUND, &[0, 1]);
    cluster.settle(0);
    cluster.settle(1);
    // Each node still believes that the person is on the other.
    cluster.close(0, &here);
    cluster.close(1, &there);
    cluster.pass(Duration::from_secs(4), &[0, 1]);
    for node in 0..2 {
        assert_eq!(cluster.settle(node), [(7, Presence::Offline)]);
        assert_eq!(cluster.hubs[node].take_departures().len(), 1);
    }
}

#[test]
fn a_person_is_away_only_when_they_are_on_every_node() {
    let mut cluster = Cluster::new(2);
    let (here, there) = (cluster.connect(0, 7), cluster.connect(1, 7));
    cluster.hubs[1].set_away(there.id(), true);
    cluster.pass(ROUND, &[0, 1]);
    for node in 0..2 {
        assert_eq!(cluster.settle(node), [(7, Presence::Online)]);
    }
    cluster.hubs[0].set_away(here.id(), true);
    cluster.pass(SAY_EVERY, &[0, 1]);
    for node in 0..2 {
        assert_eq!(cluster.settle(node), [(7, Presence::Away)]);
    }
}

#[test]
fn over_the_cap_the_oldest_socket_of_all_nodes_goes_and_only_that() {
    let mut cluster = Cluster::new(3);
    // The first two come at once: neither node has heard of the other's.
    let mut sockets = vec![cluster.connect(0, 7), cluster.connect(1, 7)];
    for node in [[0; 6], [1; 6], [2; 6]].concat() {
        cluster.pass(SAY_EVERY, &[0, 1, 2]);
        sockets.push(cluster.connect(node, 7));
    }
    let closed = |sockets: &[Arc<Recorder>]| -> Vec<usize> {
        (0..sockets.len()).filter(|at| *sockets[*at].closed.lock() == Some(CloseCode::TooManySockets)).collect()
    };
    cluster.pass(SAY_EVERY, &[0, 1, 2]);
    assert_eq!(closed(&sockets), Vec::<usize>::new());
    let more = Recorder::new(cluster.hubs[1].next_id(), 7);
    assert_eq!(cluster.hubs[1].connect(more, true), Err(CloseCode::TooManySockets), "one that yields");
    sockets.push(cluster.connect(2, 7));
    cluster.pass(Duration::from_secs(1), &[0, 1, 2]);
    assert_eq!(closed(&sockets), [0], "of two that came at once one goes");
    sockets.push(cluster.connect(1, 7));
    sockets.push(cluster.connect(2, 7));
    cluster.pass(Duration::from_secs(1), &[0, 1, 2]);
    assert_eq!(closed(&sockets), [0, 1, 2]);
}

#[test]
fn one_node_alone_says_nothing_and_keeps_nothing_for_others() {
    let hub = hub();
    hub.connect(Recorder::new(1, 7), false).expect("room for it");
    assert_eq!(hub.whereabouts(Instant::now(), true), []);
    assert_eq!(hub.roster.lock().take_unsaid(), (Vec::new(), Vec::new()));
    assert_eq!(hub.goodbye(), None);
    assert!(hub.figures_by_node().is_empty());
}

/// Two hubs that write to their sockets.
fn speaking() -> Cluster {
    Cluster::of(vec![hub_beside(Default::default()), hub_beside(Default::default())])
}

fn sink(cluster: &Cluster, node: usize, user_id: i64, lane: Lane) -> Arc<Recorder> {
    Recorder::with_lane(cluster.hubs[node].next_id(), user_id, lane)
}

/// Sweeps, and lets the flushers write.
async fn sweep(cluster: &Cluster, node: usize) {
    cluster.hubs[node].sweep_once(cluster.now).await;
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

fn told_presence(sink: &Recorder) -> Vec<(i64, Presence)> {
    let presence = |event| match event {
        Event::Presence(it) => Some((it.user_id, it.status())),
        _ => None,
    };
    sink.events().into_iter().filter_map(presence).collect()
}

/// How many there are, as the userlists among these say.
fn totals(events: &[Event]) -> Vec<i32> {
    let total = |event: &Event| match event {
        Event::Userlist(list) => Some(list.total),
        _ => None,
    };
    events.iter().filter_map(total).collect()
}

#[tokio::test]
async fn a_room_is_over_all_nodes() {
    let mut cluster = speaking();
    let (eye, far) = (sink(&cluster, 0, 1, Lane::Json), sink(&cluster, 1, 7, Lane::Json));
    listen(&cluster.hubs[0], &eye, 5, true).await;
    listen(&cluster.hubs[0], &sink(&cluster, 0, 8, Lane::Json), 5, true).await;
    cluster.pass(ROUND, &[0, 1]);
    sweep(&cluster, 0).await;
    eye.events();

    listen(&cluster.hubs[1], &far, 5, true).await;
    listen(&cluster.hubs[1], &sink(&cluster, 1, 8, Lane::Json), 5, true).await;
    listen(&cluster.hubs[1], &sink(&cluster, 1, 9, Lane::Json), 6, true).await;
    cluster.pass(Duration::from_secs(2), &[0, 1]);
    sweep(&cluster, 0).await;
    let told = eye.events();
    let presence = told.iter().filter_map(|event| match event {
        Event::Presence(it) => Some((it.user_id, it.status())),
        _ => None,
    });
    assert_eq!(presence.collect::<Vec<_>>(), [(7, Presence::Online)], "8 was here, 9 is in another room");
    assert_eq!(totals(&told), [3], "whoever is on both counts once");

    let hub = &cluster.hubs[0];
    assert_eq!(hub.people_in(5), [1, 7, 8]);
    assert_eq!(hub.people_in(6), [9]);
    assert_eq!(hub.subscriptions_by_room(), BTreeMap::from([(5, 4), (6, 1)]));
    assert_eq!(hub.figures(), Figures { sockets: 5, users: 4, rooms: 2, subscriptions: 5 });
    assert_eq!(
        hub.figures_by_node(),
        BTreeMap::from([
            ("a".to_owned(), Figures { sockets: 2, users: 2, rooms: 1, subscriptions: 2 }),
            ("b".to_owned(), Figures { sockets: 3, users: 3, rooms: 2, subscriptions: 3 }),
        ])
    );
    let list = hub.userlist(5, Lane::Json);
    let named =
        |frame: &Bytes| ["user1", "user7", "user8"].map(|name| frame.windows(5).any(|it| it == name.as_bytes()));
    assert_eq!(named(&list), [true; 3]);

    // Whoever goes to another room is still online.
    let nine = cluster.hubs[1].roster.lock().sinks_of(9).remove(0);
    cluster.hubs[1].roster.lock().enter(nine.id(), 5);
    cluster.pass(Duration::from_secs(2), &[0, 1]);
    sweep(&cluster, 0).await;
    cluster.hubs[1].roster.lock().exit(nine.id(), 5);
    cluster.pass(Duration::from_secs(2), &[0, 1]);
    eye.events();
    sweep(&cluster, 0).await;
    assert_eq!(totals(&eye.events()), [3]);

    cluster.close(1, &far);
    cluster.pass(Duration::from_secs(4), &[0, 1]);
    sweep(&cluster, 0).await;
    assert_eq!(told_presence(&eye), [(7, Presence::Offline)]);
    assert_eq!(cluster.hubs[0].people_in(5), [1, 8]);
}

#[tokio::test]
async fn clients_of_gochat_hear_who_leaves_a_room_on_another_node() {
    let mut cluster = speaking();
    let eye = sink(&cluster, 0, 1, Lane::Legacy);
    let (here, there) = (sink(&cluster, 0, 7, Lane::Json), sink(&cluster, 1, 7, Lane::Json));
    listen(&cluster.hubs[0], &eye, 5, true).await;
    listen(&cluster.hubs[0], &here, 5, true).await;
    listen(&cluster.hubs[1], &there, 5, true).await;
    cluster.pass(ROUND, &[0, 1]);
    let left = async |cluster: &Cluster| {
        sweep(cluster, 0).await;
        let left = |event: &Event| matches!(event, Event::System(it) if it.event() == SystemEvent::UserLeft);
        eye.events().iter().filter(|event| left(event)).count()
    };
    cluster.hubs[0].depart(here.id(), 5);
    cluster.pass(SAY_EVERY, &[0, 1]);
    assert_eq!(left(&cluster).await, 0, "they listen there");
    cluster.hubs[1].depart(there.id(), 5);
    cluster.pass(SAY_EVERY, &[0, 1]);
    assert_eq!(left(&cluster).await, 1);
}
