//! A room that has listeners on this node: what is told here is appended to its log in order, with the steps by which sockets join, are
//! held, are released and leave between. It writes to no socket (that is `flusher.rs`).

use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use chinwag_domain::ports::Effect;
use chinwag_proto::{CloseCode, Event, limits};
use parking_lot::{Mutex, MutexGuard};
use tokio::sync::{Notify, oneshot};

use crate::{
    batch::{Batch, Step, StepKind},
    fanout::{FrameSpan, Run, bit},
    order::Turn,
    pending::{Farewell, Pending},
    sink::{LANES, Lane, Sink},
};

/// Bytes of one lane that may wait for the flusher (backpressure). Past that all listeners are closed and resume from the store.
const PENDING_LIMIT: usize = 4 * 1024 * 1024;

/// The least time between two userlists of one room. A list costs some 10 µs for each listener; so lists take less than 2 % of a
/// core.
pub(crate) fn pause(listeners: usize) -> Duration {
    Duration::from_micros(500 * listeners as u64).max(Duration::from_secs(1))
}

/// A person whose subscriptions have ended by a change, and the sockets that had one.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Removed {
    pub user_id: i64,
    pub sockets: Vec<u64>,
}

impl Removed {
    /// Whose subscriptions elsewhere, if they have any here, end by a change that is not told: who reads is looked at again.
    fn elsewhere(effect: Effect) -> Option<Self> {
        let Effect::Ended(user_id) = effect else { return None };
        Some(Self { user_id, sockets: Vec::new() })
    }
}

/// What came of telling a room.
#[derive(Debug, Default)]
pub(crate) struct Told {
    pub removed: Vec<Removed>,
    /// Something is missing before what came.
    pub is_behind: bool,
}

impl Told {
    /// The same in a room to which nobody listens.
    pub fn of_nobody(effect: Option<Effect>) -> Self {
        Self { removed: effect.and_then(Removed::elsewhere).into_iter().collect(), is_behind: false }
    }
}

/// When a replay may begin.
#[derive(Debug)]
pub(crate) struct Hold {
    /// Resolves once nothing older can be written to the socket any more.
    pub steady: oneshot::Receiver<()>,
    /// Resolves once it is known from where this topic tells; where it is known already, there is none.
    pub anchored: Option<oneshot::Receiver<()>>,
}

impl Hold {
    /// Whether a replay may begin now; false where the topic has ended.
    pub async fn done(self) -> bool {
        let is_steady = self.steady.await.is_ok();
        is_steady
            && match self.anchored {
                Some(anchored) => anchored.await.is_ok(),
                None => true,
            }
    }
}

/// The topic was retired between the look-up and this call: look the room up again.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Retired;

pub(crate) struct Topic {
    pub room_id: i64,
    /// Lock order: the hub's map of rooms, then this; never together with the roster.
    log: Mutex<Pending>,
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

    /// Tells everybody who listens, each position once and in order: what was told is dropped, what has its turn is appended, and what
    /// comes before its turn waits. `effect` is the last change's.
    pub fn tell(&self, run: Run<'_>, effect: Option<Effect>, farewell: Farewell<'_>) -> Told {
        let mut log = self.log.lock();
        let mut told = Told::default();
        let Some((_, last)) = run.events.last().copied() else { return told };
        if log.order.is_turn_of(run.events.iter().map(|(_, seq)| *seq)) {
            self.append_next(&mut log, run, (last, effect), farewell, &mut told);
        } else if log.subscriptions.is_empty() {
            // There is nobody for whom it would be worth to look for what is missing.
            if log.order.judge(last) != Turn::Past {
                log.order.forget();
                told = Told::of_nobody(effect);
            }
        } else {
            for (event, seq) in run.events {
                let effect = effect.filter(|_| seq == last);
                match log.order.judge(seq) {
                    Turn::Past => {}
                    Turn::Early => log.order.park(seq, event, effect),
                    Turn::Now => {
                        let run = Run::of(self.mask.load(Ordering::Relaxed), event, seq);
                        self.append_next(&mut log, run, (seq, effect), farewell, &mut told);
                    }
                }
            }
        }
        self.append_parked(&mut log, farewell, &mut told);
        told.is_behind = log.order.missing().is_some();
        self.wake_flusher(log);
        told
    }

    /// Appends a hint for everybody who listens but these sockets.
    pub fn hint(&self, left_out: &[u64], run: Run<'_>) {
        let mut log = self.log.lock();
        if log.subscriptions.is_empty() {
            return;
        }
        let at = log.lengths();
        self.append(&mut log, run);
        let to = log.lengths();
        log.steps.extend(left_out.iter().map(|id| Step { at, listener: *id, kind: StepKind::Skip { to } }));
        self.wake_flusher(log);
    }

    /// Says from where this topic tells, where that is not known: everybody who listens reads up to this position or further.
    pub fn anchor(&self, head: i64, farewell: Farewell<'_>) -> Told {
        let mut log = self.log.lock();
        let mut told = Told::default();
        if !log.order.is_anchored() {
            let untold = log.order.jump(head).filter_map(|parked| parked.effect).filter_map(Removed::elsewhere);
            told.removed.extend(untold);
        }
        for waiting in std::mem::take(&mut log.waiting) {
            // The receiver is gone where the socket is.
            let _ = waiting.send(());
        }
        self.append_parked(&mut log, farewell, &mut told);
        told.is_behind = log.order.missing().is_some();
        self.wake_flusher(log);
        told
    }

    /// The store has changes up to this position; gives whether some of them were not told.
    pub fn hear_of(&self, head: i64) -> bool {
        let mut log = self.log.lock();
        log.order.hear_of(head);
        log.order.missing().is_some() && !log.subscriptions.is_empty()
    }

    /// The position whose turn it is and the greatest of which this node has heard, where something is missing.
    pub fn missing(&self) -> Option<(i64, i64)> {
        self.log.lock().order.missing()
    }

    /// The position up to which everything was told.
    #[cfg(test)]
    pub fn told(&self) -> i64 {
        self.log.lock().order.told()
    }

    /// There was nothing after `head` when it had heard of `known`.
    pub fn doubt(&self, known: i64, head: i64) {
        self.log.lock().order.doubt(known, head);
    }

    /// Closes all listeners, which resume from the store, and goes on after `head`.
    pub fn jump(&self, head: i64, code: CloseCode) {
        let mut log = self.log.lock();
        drop(log.order.jump(head));
        log.send_away(code);
        self.wake_flusher(log);
    }

    /// Appends what has its turn, and applies what its last change does to who may listen before anything later is appended.
    fn append_next(
        &self,
        log: &mut Pending,
        run: Run<'_>,
        (seq, effect): (i64, Option<Effect>),
        farewell: Farewell<'_>,
        told: &mut Told,
    ) {
        if !log.subscriptions.is_empty() {
            self.append(log, run);
        }
        log.note_told(seq);
        let Some(effect) = effect else { return };
        let ended = match effect {
            Effect::Joined(user_id) => {
                if let Some(person) = log.people.get_mut(&user_id) {
                    person.member = true;
                }
                return;
            }
            Effect::Ended(user_id) => vec![user_id],
            Effect::BecamePrivate => log.listeners(true),
            Effect::Deleted => log.listeners(false),
        };
        for user_id in ended {
            if let Some(sockets) = log.expel(user_id, seq, farewell) {
                told.removed.push(Removed { user_id, sockets });
            }
        }
        self.publish_mask(log);
    }

    /// Appends what waited and has its turn now.
    fn append_parked(&self, log: &mut Pending, farewell: Farewell<'_>, told: &mut Told) {
        while let Some((seq, parked)) = log.order.unpark() {
            let run = Run::of(self.mask.load(Ordering::Relaxed), &parked.event, seq);
            self.append_next(log, run, (seq, parked.effect), farewell, told);
        }
    }

    fn append(&self, log: &mut Pending, mut run: Run<'_>) {
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
            if let Event::Text(text) = event {
                log.talked(text.user_id);
            }
        }
        log.frames += run.events.len() as u64;
        for (pending, fresh) in log.bytes.iter_mut().zip(run.bytes) {
            if pending.is_empty() {
                *pending = fresh;
            } else {
                pending.extend_from_slice(&fresh);
            }
        }
        if log.bytes.iter().any(|bytes| bytes.len() > PENDING_LIMIT) {
            log.send_away(CloseCode::TooSlow);
        }
    }

    /// Subscribes, or takes a subscription back into the held state.
    pub fn hold(&self, sink: &Arc<dyn Sink>, member: bool) -> Result<Hold, Retired> {
        let mut log = self.log.lock();
        if log.retired {
            return Err(Retired);
        }
        let (done, steady) = oneshot::channel();
        log.enter(sink.as_ref(), member);
        self.publish_mask(&log);
        log.step(sink.id(), StepKind::Hold(sink.clone(), done));
        let anchored = (!log.order.is_anchored()).then(|| {
            let (known, anchored) = oneshot::channel();
            log.waiting.push(known);
            anchored
        });
        self.wake_flusher(log);
        Ok(Hold { steady, anchored })
    }

    /// Ends the held state; false when the subscription has ended meanwhile.
    pub fn release(&self, listener: u64, after: i64) -> bool {
        let mut log = self.log.lock();
        let trailing = log.order.told() < after;
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
        let frame = frame(log.order.told().max(after));
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

    /// The people who listen.
    pub fn listeners(&self) -> Vec<i64> {
        self.log.lock().listeners(false)
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

    /// How many people listen, with those elsewhere, where the number has changed since the last call.
    pub fn take_new_total(&self, far: &[(i64, Arc<str>)]) -> Option<usize> {
        let mut log = self.log.lock();
        let total = log.total(far);
        (std::mem::replace(&mut log.total_sent, total) != total).then_some(total)
    }

    pub fn subscriptions(&self) -> usize {
        self.log.lock().subscriptions.len()
    }

    /// The people of a userlist, those who talked last first, and how many there are in all, with those elsewhere, by id.
    pub fn people(&self, far: &[(i64, Arc<str>)]) -> (Vec<(i64, Arc<str>)>, usize) {
        let log = self.log.lock();
        let is_quiet = |id: i64| id != 0 && !log.talkers.contains(&id);
        let talked = log.talkers.iter().filter_map(|id| {
            let here = log.people.get(id).map(|person| &person.username);
            let there = || Some(&far[far.binary_search_by_key(id, |(id, _)| *id).ok()?].1);
            Some((*id, here.or_else(there)?.clone()))
        });
        let quiet = log
            .people
            .iter()
            .filter(|(id, _)| is_quiet(**id))
            .map(|(id, person)| (*id, person.username.clone()))
            .chain(far.iter().filter(|(id, _)| is_quiet(*id) && !log.people.contains_key(id)).cloned());
        (talked.chain(quiet).take(limits::USERLIST).collect(), log.total(far))
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

    fn publish_mask(&self, log: &Pending) {
        let mask =
            Lane::ALL.into_iter().filter(|lane| log.lanes[*lane as usize] > 0).fold(0, |mask, lane| mask | bit(lane));
        self.mask.store(mask, Ordering::Release);
    }

    fn wake_flusher(&self, mut log: MutexGuard<'_, Pending>) {
        if log.bytes.iter().all(BytesMut::is_empty) && log.steps.is_empty() {
            return;
        }
        let first = !std::mem::replace(&mut log.woken, true);
        drop(log);
        if first {
            self.wake.notify_one();
        }
    }
}
