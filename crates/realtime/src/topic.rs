//! One room's pending log: the bytes to be written and, between them, the steps by which sockets join, are held, are released and
//! leave, each with the place in the bytes where it happens. It writes to no socket (that is `flusher.rs`).

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use chinwag_proto::{CloseCode, limits};
use parking_lot::Mutex;
use tokio::sync::{Notify, oneshot};

use crate::{
    fanout::{FrameSpan, Run, bit},
    sink::{LANES, Lane, Sink},
};

/// Bytes of one lane that may wait for the flusher (backpressure). Past that all listeners are closed and resume from the store.
const PENDING_LIMIT: usize = 4 * 1024 * 1024;

/// The least time between two userlists of one room. A list costs some 10 µs for each listener; so lists take less than 2 % of a
/// core.
pub(crate) fn pause(listeners: usize) -> Duration {
    Duration::from_micros(500 * listeners as u64).max(Duration::from_secs(1))
}

/// Something that happens to a listener between two frames.
pub(crate) struct Step {
    /// How much of each lane comes before it.
    pub at: [usize; LANES],
    pub listener: u64,
    pub kind: StepKind,
}

pub(crate) enum StepKind {
    /// Keep durable frames aside from here on. The sender fires once no older frame can be written to the sink any more.
    Hold(Arc<dyn Sink>, oneshot::Sender<()>),
    /// Write what was kept aside and comes after position `after`, then go live. `trailing`: frames up to `after` are still to be
    /// appended here; the listener has them from its replay and must not get them again.
    Release { after: i64, trailing: bool },
    /// A frame for this listener alone, in order with the others. The sender fires once it is written.
    Say(Bytes, oneshot::Sender<()>),
    /// Leave out the bytes from here up to `to`: a hint that is not for this listener.
    Skip { to: [usize; LANES] },
    /// Write nothing from here on, but for `farewell`.
    Leave { farewell: Bytes },
    /// The pending bytes were dropped: close all listeners, which then resume from the store.
    SendAway(CloseCode),
}

/// All that is pending, as the flusher takes it.
#[derive(Default)]
pub(crate) struct Batch {
    pub bytes: [Bytes; LANES],
    pub steps: Vec<Step>,
    /// Where each frame lies. Recorded only while a listener is held or trails: nobody else needs single frames.
    pub spans: Vec<FrameSpan>,
    pub frames: u64,
}

struct Subscription {
    user_id: i64,
    lane: Lane,
    held: bool,
    /// The position from which it went live.
    after: i64,
    /// Its replay went up to this position, which is not appended here yet: the store shows a change a moment before the writer
    /// publishes it.
    trailing: Option<i64>,
}

/// Someone who listens, with one socket or several.
struct Person {
    username: Arc<str>,
    /// Whether they are a member. Others listen only as long as the room is public.
    member: bool,
    sockets: Vec<u64>,
}

#[derive(Default)]
struct Log {
    bytes: [BytesMut; LANES],
    steps: Vec<Step>,
    spans: Vec<FrameSpan>,
    frames: u64,
    /// The flusher was woken and has not taken the log since.
    woken: bool,
    /// The topic is out of the hub and its flusher has ended.
    retired: bool,
    subscriptions: HashMap<u64, Subscription>,
    held: usize,
    trailing: usize,
    /// The newest position that was appended while somebody listened.
    newest: i64,
    lanes: [usize; LANES],
    people: HashMap<i64, Person>,
    /// Who talked last, first; at most as many as a userlist names.
    talkers: Vec<i64>,
    people_changed: bool,
    list_sent_at: Option<Instant>,
    total_sent: usize,
}

/// The topic was retired between the look-up and this call: look the room up again.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Retired;

pub(crate) struct Topic {
    pub room_id: i64,
    /// Lock order: the hub's map of rooms, then this; never together with the roster.
    log: Mutex<Log>,
    /// A copy of which lanes have listeners, to be read without the lock.
    mask: AtomicU8,
    pub wake: Notify,
}

impl Topic {
    pub fn new(room_id: i64) -> Self {
        Self { room_id, log: Mutex::default(), mask: AtomicU8::new(0), wake: Notify::new() }
    }

    /// The lanes that have listeners.
    pub fn mask(&self) -> u8 {
        self.mask.load(Ordering::Acquire)
    }

    /// Appends frames for everybody who listens.
    pub fn append(&self, run: Run<'_>) {
        self.append_but(&[], run);
    }

    /// Appends a hint for everybody who listens but these sockets.
    pub fn append_but(&self, left_out: &[u64], mut run: Run<'_>) {
        let mut log = self.log.lock();
        if log.subscriptions.is_empty() {
            return;
        }
        // A lane may have got its first listener since the run was encoded.
        run.cover(self.mask.load(Ordering::Relaxed));
        let at = log.lengths();
        if log.held > 0 || log.trailing > 0 {
            let shift = |place: [usize; LANES]| std::array::from_fn(|lane| at[lane] + place[lane]);
            log.spans.extend(run.spans.iter().map(|span| FrameSpan {
                start: shift(span.start),
                end: shift(span.end),
                seq: span.seq,
            }));
        }
        for (event, _) in &run.events {
            if let chinwag_proto::Event::Text(text) = event {
                log.talked(text.user_id);
            }
        }
        for (pending, fresh) in log.bytes.iter_mut().zip(run.bytes) {
            if pending.is_empty() {
                *pending = fresh;
            } else {
                pending.extend_from_slice(&fresh);
            }
        }
        let to = log.lengths();
        log.steps.extend(left_out.iter().map(|id| Step { at, listener: *id, kind: StepKind::Skip { to } }));
        log.frames += run.events.len() as u64;
        log.note_newest(run.events.iter().map(|(_, seq)| *seq).max().unwrap_or_default());
        if log.bytes.iter().any(|bytes| bytes.len() > PENDING_LIMIT) {
            log.send_away(CloseCode::TooSlow);
        }
        self.wake_flusher(log);
    }

    /// Closes all listeners, which then resume from the store.
    pub fn send_away(&self, code: CloseCode) {
        let mut log = self.log.lock();
        log.send_away(code);
        self.wake_flusher(log);
    }

    /// Subscribes, or takes a subscription back into the held state. The receiver resolves when replay may begin.
    pub fn hold(&self, sink: &Arc<dyn Sink>, member: bool) -> Result<oneshot::Receiver<()>, Retired> {
        let mut log = self.log.lock();
        if log.retired {
            return Err(Retired);
        }
        let (done, receiver) = oneshot::channel();
        log.enter(sink.as_ref(), member);
        self.publish_mask(&log);
        log.step(sink.id(), StepKind::Hold(sink.clone(), done));
        self.wake_flusher(log);
        Ok(receiver)
    }

    /// Ends the held state; false when the subscription has ended meanwhile.
    pub fn release(&self, listener: u64, after: i64) -> bool {
        let mut log = self.log.lock();
        let trailing = log.newest < after;
        let Some(subscription) = log.subscriptions.get_mut(&listener) else { return false };
        if std::mem::take(&mut subscription.held) {
            subscription.after = after;
            subscription.trailing = trailing.then_some(after);
            log.held -= 1;
            log.trailing += usize::from(trailing);
            log.step(listener, StepKind::Release { after, trailing });
            self.wake_flusher(log);
        }
        true
    }

    /// Sends a live listener a frame in order with the others; `frame` is given the newest position before it. `None` when the
    /// listener is not live. The receiver resolves when the frame is written.
    pub fn confirm(&self, listener: u64, frame: impl FnOnce(i64) -> Bytes) -> Option<oneshot::Receiver<()>> {
        let mut log = self.log.lock();
        let after = log.subscriptions.get(&listener).filter(|subscription| !subscription.held)?.after;
        let (done, receiver) = oneshot::channel();
        let frame = frame(log.newest.max(after));
        log.step(listener, StepKind::Say(frame, done));
        self.wake_flusher(log);
        Some(receiver)
    }

    /// Ends a subscription; gives the person whose last one it was.
    pub fn leave(&self, listener: u64) -> Option<(i64, Arc<str>)> {
        let mut log = self.log.lock();
        let gone = log.last_of(listener);
        if log.exit(listener, Bytes::new()) {
            self.publish_mask(&log);
            self.wake_flusher(log);
        }
        gone
    }

    /// Ends all of a person's subscriptions; gives the sockets that had one.
    pub fn remove_person(&self, user_id: i64, farewell: impl Fn(Lane) -> Bytes) -> Vec<u64> {
        let mut log = self.log.lock();
        let Some(person) = log.people.get(&user_id) else { return Vec::new() };
        let sockets = person.sockets.clone();
        for listener in &sockets {
            let lane = log.subscriptions.get(listener).map(|subscription| subscription.lane);
            log.exit(*listener, lane.map(&farewell).unwrap_or_default());
        }
        self.publish_mask(&log);
        self.wake_flusher(log);
        sockets
    }

    /// The people who listen, only those without a membership if asked so.
    pub fn listeners(&self, strangers_only: bool) -> Vec<i64> {
        let log = self.log.lock();
        log.people.iter().filter(|(_, person)| !(strangers_only && person.member)).map(|(id, _)| *id).collect()
    }

    /// This person is a member now.
    pub fn became_member(&self, user_id: i64) {
        if let Some(person) = self.log.lock().people.get_mut(&user_id) {
            person.member = true;
        }
    }

    pub fn has(&self, listener: u64) -> bool {
        self.log.lock().subscriptions.contains_key(&listener)
    }

    /// The sockets of this person that listen.
    pub fn sockets_of(&self, user_id: i64) -> Vec<u64> {
        self.log.lock().people.get(&user_id).map(|person| person.sockets.clone()).unwrap_or_default()
    }

    /// All sockets that listen; none where there are more than so many.
    pub fn sockets(&self, most: usize) -> Vec<u64> {
        let log = self.log.lock();
        if log.subscriptions.len() > most { Vec::new() } else { log.subscriptions.keys().copied().collect() }
    }

    /// The sockets whose lane gets whole userlists.
    pub fn legacy_sockets(&self) -> Vec<u64> {
        let log = self.log.lock();
        log.subscriptions
            .iter()
            .filter(|(_, subscription)| subscription.lane == Lane::Legacy)
            .map(|(id, _)| *id)
            .collect()
    }

    /// How many people listen, where the number has changed since the last call.
    pub fn take_new_total(&self) -> Option<usize> {
        let mut log = self.log.lock();
        let total = log.total();
        (std::mem::replace(&mut log.total_sent, total) != total).then_some(total)
    }

    pub fn subscriptions(&self) -> usize {
        self.log.lock().subscriptions.len()
    }

    /// The people of a userlist, those who talked last first, and how many there are in all.
    pub fn people(&self) -> (Vec<(i64, Arc<str>)>, usize) {
        let log = self.log.lock();
        let total = log.total();
        let talked = log.talkers.iter().filter_map(|id| Some((*id, log.people.get(id)?.username.clone())));
        let quiet = log
            .people
            .iter()
            .filter(|(id, _)| **id != 0 && !log.talkers.contains(id))
            .map(|(id, person)| (*id, person.username.clone()));
        (talked.chain(quiet).take(limits::USERLIST).collect(), total)
    }

    /// Notes that somebody's presence changed, and with it the userlist.
    pub fn people_changed(&self) {
        self.log.lock().people_changed = true;
    }

    /// Whether a new userlist is due. True at most once for each: the caller sends it.
    pub fn take_people_changed(&self, now: Instant) -> bool {
        let mut log = self.log.lock();
        let pause = pause(log.subscriptions.len());
        if !log.people_changed || log.list_sent_at.is_some_and(|sent| now.duration_since(sent) < pause) {
            return false;
        }
        log.people_changed = false;
        log.list_sent_at = Some(now);
        true
    }

    /// Takes all that is pending.
    pub fn take(&self) -> Batch {
        let mut log = self.log.lock();
        log.woken = false;
        Batch {
            bytes: std::mem::take(&mut log.bytes).map(BytesMut::freeze),
            steps: std::mem::take(&mut log.steps),
            spans: std::mem::take(&mut log.spans),
            frames: std::mem::take(&mut log.frames),
        }
    }

    /// Ends the topic when nobody listens and nothing waits. The caller holds the hub's map of rooms.
    pub fn retire(&self) -> bool {
        let mut log = self.log.lock();
        log.retired = log.subscriptions.is_empty() && log.steps.is_empty();
        log.retired
    }

    fn publish_mask(&self, log: &Log) {
        let mask =
            Lane::ALL.into_iter().filter(|lane| log.lanes[*lane as usize] > 0).fold(0, |mask, lane| mask | bit(lane));
        self.mask.store(mask, Ordering::Release);
    }

    fn wake_flusher(&self, mut log: parking_lot::MutexGuard<'_, Log>) {
        let first = !std::mem::replace(&mut log.woken, true);
        drop(log);
        if first {
            self.wake.notify_one();
        }
    }
}

impl Log {
    /// Without guests.
    fn total(&self) -> usize {
        self.people.len() - usize::from(self.people.contains_key(&0))
    }

    fn lengths(&self) -> [usize; LANES] {
        std::array::from_fn(|lane| self.bytes[lane].len())
    }

    fn step(&mut self, listener: u64, kind: StepKind) {
        self.steps.push(Step { at: self.lengths(), listener, kind });
    }

    fn enter(&mut self, sink: &dyn Sink, member: bool) {
        let (id, user_id, lane) = (sink.id(), sink.user_id(), sink.lane());
        let person = self.people.entry(user_id).or_insert_with(|| {
            self.people_changed = true;
            Person { username: sink.username().clone(), member, sockets: Vec::new() }
        });
        person.member |= member;
        match self.subscriptions.get_mut(&id) {
            Some(subscription) => {
                self.held += usize::from(!std::mem::replace(&mut subscription.held, true));
                self.trailing -= usize::from(subscription.trailing.take().is_some());
            }
            None => {
                person.sockets.push(id);
                self.subscriptions.insert(id, Subscription { user_id, lane, held: true, after: 0, trailing: None });
                self.lanes[lane as usize] += 1;
                self.held += 1;
            }
        }
    }

    /// The member or stranger, not a guest, who listens with this socket alone.
    fn last_of(&self, listener: u64) -> Option<(i64, Arc<str>)> {
        let user_id = self.subscriptions.get(&listener)?.user_id;
        let person = self.people.get(&user_id)?;
        (user_id != 0 && person.sockets == [listener]).then(|| (user_id, person.username.clone()))
    }

    fn exit(&mut self, listener: u64, farewell: Bytes) -> bool {
        let Some(subscription) = self.subscriptions.remove(&listener) else { return false };
        self.lanes[subscription.lane as usize] -= 1;
        self.held -= usize::from(subscription.held);
        self.trailing -= usize::from(subscription.trailing.is_some());
        if let Some(person) = self.people.get_mut(&subscription.user_id) {
            person.sockets.retain(|socket| *socket != listener);
            if person.sockets.is_empty() {
                self.people.remove(&subscription.user_id);
                self.people_changed = true;
            }
        }
        self.step(listener, StepKind::Leave { farewell });
        true
    }

    /// Notes that everything up to this position is appended: listeners that were replayed up to it trail no more.
    fn note_newest(&mut self, seq: i64) {
        self.newest = self.newest.max(seq);
        if self.trailing == 0 {
            return;
        }
        for subscription in self.subscriptions.values_mut() {
            if subscription.trailing.take_if(|after| *after <= self.newest).is_some() {
                self.trailing -= 1;
            }
        }
    }

    fn talked(&mut self, user_id: i64) {
        if user_id == 0 || self.talkers.first() == Some(&user_id) {
            return;
        }
        match self.talkers.iter().position(|id| *id == user_id) {
            Some(place) => self.talkers[..=place].rotate_right(1),
            None => {
                self.talkers.truncate(limits::USERLIST - 1);
                self.talkers.insert(0, user_id);
            }
        }
    }

    /// Drops the frames but keeps the steps in their order, now all at the beginning.
    fn send_away(&mut self, code: CloseCode) {
        self.bytes = Default::default();
        self.spans.clear();
        self.frames = 0;
        for step in &mut self.steps {
            step.at = [0; LANES];
            if let StepKind::Skip { to } = &mut step.kind {
                *to = [0; LANES];
            }
        }
        self.step(0, StepKind::SendAway(code));
    }
}
