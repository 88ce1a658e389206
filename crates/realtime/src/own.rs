//! The own logs of those who are here: what is told of each, to all sockets of its person, in order and once. Replays are read
//! elsewhere (`api/ws/sync.rs`), and so is what is missing (`heal.rs`).

use std::{collections::HashMap, sync::Arc};

use bytes::Bytes;
use chinwag_proto::{CloseCode, Event, Synced, id::OWN_LOG};
use parking_lot::Mutex;

use crate::{
    fanout::encode,
    order::{Order, Turn},
    sink::{LANES, Sink, send_with},
};

/// So many changes wait for one socket at most; whoever is further behind is sent away to resume.
const HELD: usize = 1_000;

/// By person. It is held while sockets are told, so that what is told first is written first.
#[derive(Default)]
pub(crate) struct OwnLogs(Mutex<HashMap<i64, Person>>);

#[derive(Default)]
struct Person {
    /// Not anchored until one of the sockets has read up to somewhere: nobody has a cursor before, and what comes is told as it comes.
    order: Order,
    /// From where it is told in order.
    anchor: i64,
    sockets: Vec<Socket>,
}

struct Socket {
    sink: Arc<dyn Sink>,
    /// The greatest position that it has been told.
    after: i64,
    /// It has asked for what it had not, and counts on from there.
    counts: bool,
    /// What waits for a replay to end.
    held: Option<Vec<(i64, Event)>>,
}

impl OwnLogs {
    /// A socket hears its person's own log from its beginning.
    pub fn connect(&self, sink: Arc<dyn Sink>) {
        let user_id = sink.user_id();
        if user_id != 0 {
            let socket = Socket { sink, after: 0, counts: false, held: None };
            self.0.lock().entry(user_id).or_default().sockets.push(socket);
        }
    }

    pub fn disconnect(&self, user_id: i64, id: u64) {
        let mut people = self.0.lock();
        let Some(person) = people.get_mut(&user_id) else { return };
        person.sockets.retain(|socket| socket.sink.id() != id);
        if person.sockets.is_empty() {
            people.remove(&user_id);
        }
    }

    /// Keeps what comes aside for this socket from now on.
    pub fn hold(&self, user_id: i64, id: u64) {
        if let Some(socket) = self.0.lock().get_mut(&user_id).and_then(|person| person.socket(id)) {
            socket.held.get_or_insert_default();
        }
    }

    /// Tells the socket what was held and comes after this position, up to which it has everything, then whatever comes; all that was
    /// held where it is not known what it has. Gives whether something is missing.
    pub fn release(&self, user_id: i64, id: u64, after: Option<i64>) -> bool {
        let mut people = self.0.lock();
        let Some(person) = people.get_mut(&user_id) else { return false };
        let (is_anchored, anchor) = (person.order.is_anchored(), person.anchor);
        let Some(socket) = person.socket(id) else { return false };
        let Some(mut held) = socket.held.take() else { return false };
        let Some(after) = after else {
            held.iter().for_each(|(_, event)| socket.tell(&mut Frames::of(event)));
            return false;
        };
        (socket.after, socket.counts) = (after, true);
        held.retain(|(seq, _)| *seq > after);
        if is_anchored && after < anchor {
            // It was held before another's reading gave the order, and has read less: all of this is read again.
            person.order.go_back(after);
        } else if is_anchored {
            // What came before the order was known may have come in any, and ahead of its turn: then all hear it in that.
            held.sort_by_key(|(seq, _)| *seq);
            let told = held.partition_point(|(seq, _)| person.order.judge(*seq) == Turn::Past);
            let early = held.split_off(told);
            if let Some(socket) = person.socket(id) {
                for (seq, event) in held {
                    socket.take(seq, &mut Frames::of(&event));
                }
            }
            for (seq, event) in early {
                person.order.park(seq, &event, None);
            }
            person.unpark();
        } else {
            person.anchor = after;
            drop(person.order.jump(after));
            for (seq, event) in held {
                person.order.park(seq, &event, None);
            }
            person.unpark();
        }
        person.order.missing().is_some()
    }

    /// Tells a change when it has its turn. Gives whether something is missing before it.
    pub fn tell(&self, user_id: i64, seq: i64, event: &Event) -> bool {
        let mut people = self.0.lock();
        let Some(person) = people.get_mut(&user_id) else { return false };
        match person.order.judge(seq) {
            _ if !person.order.is_anchored() => person.pass(seq, event),
            Turn::Now => {
                person.pass(seq, event);
                person.order.tell(seq);
                person.unpark();
            }
            Turn::Early => person.order.park(seq, event, None),
            Turn::Past => {}
        }
        person.order.missing().is_some()
    }

    /// Whether this socket is told of that position in its turn alone: another node has told of it, and the word is still on its way or
    /// lost.
    pub fn comes_later(&self, user_id: i64, id: u64, seq: i64) -> bool {
        let mut people = self.0.lock();
        let Some(person) = people.get_mut(&user_id) else { return false };
        let is_ahead = |socket: &mut Socket| socket.counts && socket.held.is_none() && seq > socket.after;
        let comes_later = person.socket(id).is_some_and(is_ahead);
        if comes_later {
            person.order.hear_of(seq);
        }
        comes_later
    }

    /// The positions whose turn it is, and the greatest of which this node has heard, where something is missing.
    pub fn missing(&self, user_id: i64) -> Option<(i64, i64)> {
        self.0.lock().get(&user_id)?.order.missing()
    }

    /// The log has changes up to `head`. Gives whether some were not told.
    pub fn hear_of(&self, user_id: i64, head: i64) -> bool {
        let mut people = self.0.lock();
        let Some(person) = people.get_mut(&user_id) else { return false };
        person.order.hear_of(head);
        person.order.missing().is_some()
    }

    /// The log had nothing after `head` when this node had heard of `known`.
    pub fn doubt(&self, user_id: i64, known: i64, head: i64) {
        if let Some(person) = self.0.lock().get_mut(&user_id) {
            person.order.doubt(known, head);
        }
    }

    /// Tells what was read of the log up to `to`, ascending. Positions that are not there have changed again, and stand later.
    pub fn fill(&self, user_id: i64, changes: &[(i64, Event)], to: i64) {
        let mut people = self.0.lock();
        let Some(person) = people.get_mut(&user_id) else { return };
        for (seq, event) in changes {
            if person.order.judge(*seq) != Turn::Past {
                person.pass(*seq, event);
                person.order.tell(*seq);
            }
        }
        drop(person.order.jump(to));
        person.unpark();
    }

    /// The people whose logs are told in order.
    pub fn people(&self) -> Vec<i64> {
        let people = self.0.lock();
        people.iter().filter(|(_, person)| person.order.is_anchored()).map(|(user_id, _)| *user_id).collect()
    }
}

impl Person {
    fn socket(&mut self, id: u64) -> Option<&mut Socket> {
        self.sockets.iter_mut().find(|socket| socket.sink.id() == id)
    }

    /// Tells all sockets, or keeps it aside for them.
    fn pass(&mut self, seq: i64, event: &Event) {
        let is_anchored = self.order.is_anchored();
        let mut frames = Frames::of(event);
        for socket in &mut self.sockets {
            match &mut socket.held {
                Some(held) if held.len() < HELD => held.push((seq, event.clone())),
                Some(_) => socket.sink.close(CloseCode::TooSlow),
                None if is_anchored => socket.take(seq, &mut frames),
                None => {
                    socket.tell(&mut frames);
                    socket.after = socket.after.max(seq);
                }
            }
        }
    }

    fn unpark(&mut self) {
        while let Some((seq, parked)) = self.order.unpark() {
            self.pass(seq, &parked.event);
            self.order.tell(seq);
        }
    }
}

impl Socket {
    /// Tells it what it has not been told. What is not there between has changed again, as happens where this node itself was not told.
    fn take(&mut self, seq: i64, frames: &mut Frames<'_>) {
        if seq > self.after {
            if self.counts && seq > self.after + 1 {
                let passed = Synced { room_id: OWN_LOG, from: self.after, to: seq - 1 };
                self.tell(&mut Frames::of(&Event::Synced(passed)));
            }
            self.after = seq;
            self.tell(frames);
        }
    }

    fn tell(&self, frames: &mut Frames<'_>) {
        send_with(self.sink.as_ref(), |lane| {
            frames.frames[lane as usize].get_or_insert_with(|| encode(lane, frames.event)).clone()
        });
    }
}

/// A frame, written once for each lane that wants it.
struct Frames<'e> {
    event: &'e Event,
    frames: [Option<Bytes>; LANES],
}

impl<'e> Frames<'e> {
    fn of(event: &'e Event) -> Self {
        Self { event, frames: Default::default() }
    }
}

#[cfg(test)]
#[path = "own_tests.rs"]
mod tests;
