//! The law of the live path: whatever the interleaving of frames, joins, holds, releases, leaves and flushes, and whatever of the frames
//! is lost, comes twice or in another order, everybody sees every log position once, in order, from replay and live frames together.
//! No runtime, no socket.

use std::{ops::RangeInclusive, sync::Arc};

use bytes::Bytes;
use chinwag_proto::{Event, Synced, TextPosted, UserTyping};
use proptest::prelude::*;

use super::Listeners;
use crate::{
    fanout::{Run, encode},
    sink::{Lane, Sink, tests::Recorder},
    topic::Topic,
};

#[derive(Clone, Debug)]
enum Op {
    /// Readers of the store see it already, but it is not told yet.
    Commit(i64),
    Publish(usize),
    /// Committed on another node: what is told of it is under way.
    Cast(i64),
    /// What is under way comes, or comes and will come again, or never comes.
    Deliver(usize, Fate),
    /// What is missing is read from the store.
    Heal,
    /// The topic is compared with the store.
    Compare,
    Hint,
    Hold(usize),
    Read(usize),
    Release(usize),
    /// What a `join` of a room that is listened to already does.
    Confirm(usize),
    Leave(usize),
    Flush,
}

#[derive(Clone, Copy, Debug)]
enum Fate {
    Comes,
    ComesAgain,
    Lost,
}

fn op(clients: usize) -> impl Strategy<Value = Op> {
    let who = 0..clients;
    let fate = prop_oneof![6 => Just(Fate::Comes), 1 => Just(Fate::ComesAgain), 1 => Just(Fate::Lost)];
    prop_oneof![
        1 => (1_i64..3).prop_map(Op::Commit),
        4 => (1_usize..4).prop_map(Op::Publish),
        2 => (1_i64..4).prop_map(Op::Cast),
        5 => (any::<usize>(), fate).prop_map(|(place, fate)| Op::Deliver(place, fate)),
        1 => Just(Op::Heal),
        1 => Just(Op::Compare),
        1 => Just(Op::Hint),
        2 => who.clone().prop_map(Op::Hold),
        2 => who.clone().prop_map(Op::Read),
        3 => who.clone().prop_map(Op::Release),
        1 => who.clone().prop_map(Op::Confirm),
        1 => who.prop_map(Op::Leave),
        2 => Just(Op::Flush),
    ]
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Out,
    Held { to: Option<i64> },
    Live,
}

struct Client {
    sink: Arc<Recorder>,
    state: State,
    /// The last log position this client has; the next must be one more.
    cursor: i64,
    /// The least hint it may see next.
    hints_from: i64,
}

struct Scene {
    topic: Topic,
    listeners: Listeners,
    /// The newest position in the store, and the newest that was sent on its way.
    head: i64,
    told: i64,
    /// Positions that are under way.
    wire: Vec<i64>,
    hints: i64,
    clients: Vec<Client>,
}

fn text(seq: i64) -> Event {
    Event::Text(TextPosted { room_id: 1, seq, user_id: 1, ..TextPosted::default() })
}

/// The farewell where nobody must go.
fn nothing(_: i64, _: Lane) -> Bytes {
    Bytes::new()
}

impl Scene {
    fn new(lanes: &[Lane]) -> Self {
        let client = |(id, lane): (usize, &Lane)| Client {
            sink: Recorder::with_lane(id as u64 + 1, id as i64 + 1, *lane),
            state: State::Out,
            cursor: 0,
            hints_from: i64::MAX,
        };
        Self {
            topic: Topic::new(1),
            listeners: Listeners::default(),
            head: 0,
            told: 0,
            wire: Vec::new(),
            hints: 0,
            clients: lanes.iter().enumerate().map(client).collect(),
        }
    }

    fn publish(&mut self, count: usize) {
        self.head += count as i64;
        let told = std::mem::replace(&mut self.told, self.head);
        self.tell(told + 1..=self.head);
    }

    fn tell(&mut self, positions: RangeInclusive<i64>) {
        let events: Vec<(i64, Event)> = positions.map(|seq| (seq, text(seq))).collect();
        let mut run = Run::new(self.topic.mask());
        for (seq, event) in &events {
            run.push(event, *seq);
        }
        self.topic.tell(run, None, &nothing);
    }

    fn deliver(&mut self, place: usize, fate: Fate) {
        if self.wire.is_empty() {
            return;
        }
        let place = place % self.wire.len();
        let seq = match fate {
            Fate::ComesAgain => self.wire[place],
            Fate::Comes | Fate::Lost => self.wire.swap_remove(place),
        };
        if !matches!(fate, Fate::Lost) {
            self.tell(seq..=seq);
        }
    }

    fn heal(&mut self) {
        while let Some((next, _)) = self.topic.missing() {
            assert!(next <= self.head);
            self.tell(next..=self.head.min(next + 1));
        }
    }

    fn anchor(&mut self) {
        self.topic.anchor(self.head, &nothing);
    }

    fn hint(&mut self) {
        self.hints += 1;
        let event =
            Event::Typing(UserTyping { room_id: 1, user_id: self.hints, username: String::new(), stopped: None });
        self.topic.hint(&[], Run::of(self.topic.mask(), &event, 0));
    }

    fn flush(&mut self) {
        let mut batch = self.topic.take();
        self.listeners.follow(&mut batch);
        for start in (0..self.listeners.len()).step_by(2) {
            self.listeners.write(&batch, start..start + 2);
        }
        for client in &mut self.clients {
            client.receive();
        }
    }

    /// What `sync` does: wait for the hold to be acknowledged, read the head, write the replay, release.
    fn read(&mut self, who: usize) {
        self.anchor();
        let head = self.head;
        if let State::Held { to: to @ None } = &mut self.clients[who].state {
            *to = Some(head);
            self.flush();
        }
    }

    fn release(&mut self, who: usize) {
        self.read(who);
        let client = &mut self.clients[who];
        let State::Held { to: Some(to) } = client.state else { return };
        assert!(client.cursor <= to, "a held listener was written to");
        client.cursor = to;
        assert!(self.topic.release(client.sink.id(), to));
        client.state = State::Live;
        client.hints_from = client.hints_from.min(self.hints + 1);
    }

    fn hold(&mut self, who: usize) {
        let client = &mut self.clients[who];
        let sink: Arc<dyn Sink> = client.sink.clone();
        let acknowledged = self.topic.hold(&sink, true).expect("not retired");
        client.state = State::Held { to: None };
        self.flush();
        let client = &mut self.clients[who];
        assert!(acknowledged.steady.blocking_recv().is_ok());
        client.hints_from = i64::MAX;
    }

    fn confirm(&mut self, who: usize) {
        let client = &self.clients[who];
        let (id, lane) = (client.sink.id(), client.sink.lane());
        let frame = |seq| encode(lane, &Event::Synced(Synced { room_id: 1, from: seq, to: seq }));
        assert_eq!(self.topic.confirm(id, frame).is_some(), client.state == State::Live);
    }

    fn leave(&mut self, who: usize) {
        let client = &mut self.clients[who];
        let seen = self.topic.told().max(client.cursor);
        let was_live = matches!(client.state, State::Live);
        self.topic.leave(client.sink.id());
        client.state = State::Out;
        if was_live {
            // Everything up to the leave arrives, nothing after.
            self.publish(2);
            self.heal();
            self.flush();
            assert_eq!(self.clients[who].cursor, seen);
        }
        self.clients[who].hints_from = i64::MAX;
    }

    fn run(&mut self, op: Op) {
        match op {
            Op::Commit(count) => self.head += count,
            Op::Publish(count) => self.publish(count),
            Op::Cast(count) => {
                self.wire.extend(self.told + 1..=self.head + count);
                self.head += count;
                self.told = self.head;
            }
            Op::Deliver(place, fate) => self.deliver(place, fate),
            Op::Heal => self.heal(),
            Op::Compare => drop(self.topic.hear_of(self.head)),
            Op::Hint => self.hint(),
            Op::Hold(who) => self.hold(who),
            Op::Read(who) => self.read(who),
            Op::Release(who) => self.release(who),
            Op::Confirm(who) => self.confirm(who),
            Op::Leave(who) => self.leave(who),
            Op::Flush => self.flush(),
        }
    }
}

impl Client {
    fn receive(&mut self) {
        for event in self.sink.events() {
            match event {
                Event::Text(text) => {
                    assert_eq!(text.seq, self.cursor + 1, "client {}: a gap or a double", self.sink.id());
                    self.cursor = text.seq;
                }
                Event::Typing(typing) => {
                    assert!(typing.user_id >= self.hints_from, "a hint from before the release");
                }
                Event::Synced(synced) => assert_eq!(synced.to, self.cursor, "confirmed what was not delivered"),
                other => panic!("unexpected {other:?}"),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn everybody_sees_every_position_once_and_in_order(ops in prop::collection::vec(op(5), 1..80)) {
        let mut scene = Scene::new(&[Lane::Json, Lane::Proto, Lane::Json, Lane::Proto, Lane::Json]);
        for op in ops {
            scene.run(op);
        }
        for who in 0..scene.clients.len() {
            if scene.clients[who].state == State::Out {
                scene.hold(who);
            }
            scene.release(who);
        }
        // The last of it is lost, too.
        scene.head += 1;
        scene.topic.hear_of(scene.head);
        scene.heal();
        scene.flush();
        for client in &scene.clients {
            prop_assert_eq!(client.cursor, scene.head);
        }
    }
}

#[test]
fn a_lane_that_nobody_listens_to_is_not_written() {
    let mut scene = Scene::new(&[Lane::Json]);
    scene.hold(0);
    scene.release(0);
    scene.publish(1);
    let batch = scene.topic.take();
    assert!(!batch.bytes[Lane::Json as usize].is_empty());
    assert!(batch.bytes[Lane::Proto as usize].is_empty());
}

#[test]
fn the_first_listener_of_a_lane_misses_nothing_that_is_appended_after_it() {
    let mut scene = Scene::new(&[Lane::Json, Lane::Proto]);
    scene.hold(0);
    scene.release(0);
    let event = text(1);
    let run = Run::of(scene.topic.mask(), &event, 1);
    // Between the writing and the appending of the run.
    scene.hold(1);
    scene.head = 1;
    scene.topic.tell(run, None, &nothing);
    scene.clients[1].state = State::Live;
    assert!(scene.topic.release(2, 0));
    scene.flush();
    assert_eq!(scene.clients[1].cursor, 1);
}

#[test]
fn a_flusher_that_is_too_far_behind_sends_everybody_away() {
    let mut scene = Scene::new(&[Lane::Json]);
    scene.hold(0);
    scene.release(0);
    let content = "x".repeat(1024 * 1024);
    for seq in 1..=6 {
        let event = Event::Text(TextPosted { room_id: 1, seq, content: content.clone(), ..TextPosted::default() });
        scene.topic.tell(Run::of(scene.topic.mask(), &event, seq), None, &nothing);
    }
    let mut batch = scene.topic.take();
    assert!(batch.bytes[0].len() < 6 * 1024 * 1024);
    scene.listeners.follow(&mut batch);
    assert_eq!(*scene.clients[0].sink.closed.lock(), Some(chinwag_proto::CloseCode::TooSlow));
}
