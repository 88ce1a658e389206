//! Which room has which listeners on this node; the publisher of the domain. It writes to no room's sockets itself (that
//! is `flusher.rs`).

use std::{
    collections::{BTreeMap, HashSet},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use chinwag_domain::{
    SessionId, SocketId, fault,
    policy::{Permit, action::Listen},
    ports::{Clock, Committed, Effect, Figures, Publisher},
};
use chinwag_proto::{CloseCode, Event, Presence, RoomChanged, RoomEvent, SystemEvent, SystemPosted};
use metrics::{Counter, Gauge, counter, describe_counter, describe_gauge, gauge};
use parking_lot::Mutex;
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

use crate::{
    fanout::{Run, bit, encode},
    flusher,
    people::{self, UserListCache},
    rooms::Rooms,
    roster::{GRACE, Roster},
    sink::{LANES, Lane, Sink, send_to, send_with},
    topic::{Retired, Topic},
};

/// Over how long a drain spreads its goodbyes, so that not everybody comes back in the same moment.
const DRAIN_SPREAD: Duration = Duration::from_secs(1);
const DRAIN_STEPS: u64 = 20;
/// How long a socket waits for a room's flusher to begin holding.
const HOLD_PATIENCE: Duration = Duration::from_secs(5);

/// The listeners of this node.
pub struct Hub {
    pub(crate) rooms: Rooms,
    pub(crate) roster: Mutex<Roster>,
    clock: Arc<dyn Clock>,
    sockets_per_user: usize,
    draining: AtomicBool,
    /// How many sockets there are: [`Hub::closed`] waits until there are none.
    population: watch::Sender<usize>,
    flushers: TaskTracker,
    frames_out: Counter,
    sockets: Gauge,
}

/// Keeps a socket registered with the hub. Dropping it unregisters the socket.
pub struct Attendance {
    hub: Arc<Hub>,
    id: u64,
}

impl Drop for Attendance {
    fn drop(&mut self) {
        self.hub.disconnect(self.id);
    }
}

impl Hub {
    /// Install the metrics recorder first: the hub keeps its handles.
    pub fn new(clock: Arc<dyn Clock>, sockets_per_user: usize) -> Arc<Self> {
        describe_gauge!("chinwag_sockets", "Sockets that are open");
        describe_counter!("chinwag_frames_out_total", "Frames that went to the listeners of rooms");
        Arc::new(Self {
            rooms: Rooms::default(),
            roster: Mutex::default(),
            clock,
            sockets_per_user,
            draining: AtomicBool::new(false),
            population: watch::Sender::new(0),
            flushers: TaskTracker::new(),
            frames_out: counter!("chinwag_frames_out_total"),
            sockets: gauge!("chinwag_sockets"),
        })
    }

    /// Registers a socket. Past `sockets_per_user` the person's oldest socket is closed; a new one that `yields` is refused instead.
    /// While the server drains every new socket is refused. The error is the close code that says why.
    pub fn connect(&self, sink: Arc<dyn Sink>, yields: bool) -> Result<(), CloseCode> {
        let surplus = {
            let mut roster = self.roster.lock();
            // Checked under the lock, so that a drain that begins now either refuses this socket or closes it.
            if self.draining.load(Ordering::Acquire) {
                return Err(CloseCode::Restarting);
            }
            if yields && roster.sinks_of(sink.user_id()).len() >= self.sockets_per_user {
                return Err(CloseCode::TooManySockets);
            }
            let surplus = roster.connect(sink, self.sockets_per_user);
            self.count(&roster);
            surplus
        };
        for sink in surplus {
            sink.close(CloseCode::TooManySockets);
        }
        Ok(())
    }

    /// Registers a socket as [`Hub::connect`] does, until the guard is dropped: however the serving of the socket ends.
    pub fn attend(self: &Arc<Self>, sink: Arc<dyn Sink>, yields: bool) -> Result<Attendance, CloseCode> {
        let id = sink.id();
        self.connect(sink, yields)?;
        Ok(Attendance { hub: self.clone(), id })
    }

    /// Unregisters a socket and ends its subscriptions.
    pub fn disconnect(&self, id: u64) {
        let rooms = {
            let mut roster = self.roster.lock();
            let rooms = roster.disconnect(id, Instant::now(), self.clock.now_ms());
            self.count(&roster);
            rooms
        };
        for topic in rooms.into_iter().filter_map(|room_id| self.rooms.find(room_id)) {
            self.part(&topic, id);
        }
    }

    /// Subscribes in the held state: durable frames are kept aside until [`Hub::release`], so that a replay can be written
    /// first:
    ///
    /// ```text
    /// hold(sink, permit).await         from here on frames are kept aside
    /// write what was missed, up to n   read from the store, after the hold
    /// release(id, room, n)             what was kept and comes after n is written, then whatever comes
    /// ```
    ///
    /// Returns once nothing older can be written to the socket any more; false when that cannot be had, and the
    /// subscription is ended. On a room that is listened to already, this goes back to the held state.
    pub async fn hold(&self, sink: &Arc<dyn Sink>, permit: &Permit<Listen>) -> bool {
        let room_id = permit.room_id();
        let held = loop {
            let topic = self.topic(room_id);
            match topic.hold(sink, permit.seat_version().is_some()) {
                Ok(held) => break held,
                Err(Retired) => continue,
            }
        };
        self.roster.lock().enter(sink.id(), room_id);
        let held = matches!(tokio::time::timeout(HOLD_PATIENCE, held).await, Ok(Ok(())));
        if !held {
            self.leave(sink.id(), room_id);
        }
        held
    }

    /// Sends the socket a frame in order with the room's frames, and returns once it is sent. `frame` is given the log position up to
    /// which the socket has everything. False when the socket is not live on the room.
    pub async fn confirm(&self, id: u64, room_id: i64, frame: impl FnOnce(i64) -> Bytes) -> bool {
        let said = self.rooms.find(room_id).and_then(|topic| topic.confirm(id, frame));
        let Some(said) = said else { return false };
        // No answer is no failure: a socket that was closed meanwhile needs no frame, and a late frame still comes in order.
        let _ = tokio::time::timeout(HOLD_PATIENCE, said).await;
        true
    }

    /// Goes live: writes what was held and comes after this log position, then whatever comes. False when the subscription
    /// has been ended meanwhile.
    pub fn release(&self, id: u64, room_id: i64, after: i64) -> bool {
        self.rooms.find(room_id).is_some_and(|topic| topic.release(id, after))
    }

    /// Keeps changes of the person's own log aside for this socket until [`Hub::release_own`], so that a replay can be written first, as
    /// [`Hub::hold`] does for a room. A socket hears its person's own log from its beginning.
    pub fn hold_own(&self, id: u64) {
        self.roster.lock().hold_own(id);
    }

    /// Writes what was held and comes after this position, then whatever comes.
    pub fn release_own(&self, id: u64, after: i64) {
        // Nothing is written under the lock, and what comes meanwhile waits its turn.
        while let Some((sink, held)) = { self.roster.lock().take_own(id) } {
            for (_, event) in held.iter().filter(|(seq, _)| *seq > after) {
                send_to(sink.as_ref(), &encode(sink.lane(), event));
            }
        }
    }

    fn tell_own(&self, user_id: i64, seq: i64, event: &Event) {
        let live = self.roster.lock().told_own(user_id, seq, event);
        tell_all(&live, event);
    }

    /// Ends one socket's subscription.
    pub fn leave(&self, id: u64, room_id: i64) {
        if let Some(topic) = self.rooms.find(room_id) {
            topic.leave(id);
        }
        self.roster.lock().exit(id, room_id);
    }

    /// Ends one socket's subscription by a `leave` frame, and tells those who listen.
    pub fn depart(&self, id: u64, room_id: i64) {
        if let Some(topic) = self.rooms.find(room_id) {
            self.part(&topic, id);
        }
        self.roster.lock().exit(id, room_id);
    }

    /// Ends a subscription, and tells the sockets of GoChat's clients, which know no `presence` frames.
    fn part(&self, topic: &Topic, id: u64) {
        let Some((user_id, username)) = topic.leave(id) else { return };
        if topic.mask() & bit(Lane::Legacy) == 0 || self.is_draining() {
            return;
        }
        self.hint(topic, &left(topic.room_id, user_id, &username, self.clock.now_ms()));
    }

    /// Whether the socket is subscribed, held or live.
    pub fn listens(&self, id: u64, room_id: i64) -> bool {
        self.rooms.find(room_id).is_some_and(|topic| topic.has(id))
    }

    /// A socket says that its person is away from it, or back.
    pub fn set_away(&self, id: u64, away: bool) {
        self.roster.lock().set_away(id, away);
    }

    /// The `userlist` for a socket that has just joined; empty where nobody listens.
    pub fn userlist(&self, room_id: i64, lane: Lane) -> Bytes {
        let Some(live) = self.rooms.live(room_id) else { return Bytes::new() };
        UserListCache::for_joiner(&live.userlist, &live.topic, &self.roster, lane, Instant::now())
    }

    /// The `userlist` that ends the syncing of a room. It names nobody whom the same `sync` has `named` before, but a few faces:
    /// whoever comes back to many rooms shares most of their people between them.
    pub fn userlist_beside(&self, room_id: i64, lane: Lane, named: &mut HashSet<i64>) -> Bytes {
        let Some(topic) = self.rooms.find(room_id) else { return Bytes::new() };
        encode(lane, &people::userlist_beside(&topic, &self.roster, named))
    }

    /// How many rooms the socket listens to.
    pub fn rooms_of(&self, id: u64) -> usize {
        self.roster.lock().rooms_of(id)
    }

    /// Who left since this was asked last, and when: milliseconds since 1970.
    pub fn take_departures(&self) -> Vec<(i64, i64)> {
        self.roster.lock().take_departures()
    }

    /// Whether new sockets are refused.
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }

    /// Takes no more sockets and says goodbye to all, spread over a second.
    pub async fn drain(&self) {
        let sinks = {
            let roster = self.roster.lock();
            self.draining.store(true, Ordering::Release);
            roster.sinks()
        };
        for step in 0..DRAIN_STEPS {
            for sink in sinks.iter().filter(|sink| sink.id() % DRAIN_STEPS == step) {
                sink.close(CloseCode::Restarting);
            }
            if step + 1 < DRAIN_STEPS && !sinks.is_empty() {
                tokio::time::sleep(DRAIN_SPREAD / DRAIN_STEPS as u32).await;
            }
        }
    }

    /// Returns when there is no socket left and every flusher has ended. Then all departures are settled, too, without the usual
    /// grace. To be called after [`Hub::drain`].
    pub async fn closed(&self) {
        // The sender lives in `self`, so this cannot fail.
        let _ = self.population.subscribe().wait_for(|sockets| *sockets == 0).await;
        drop(self.roster.lock().settle(Instant::now() + GRACE));
        self.flushers.close();
        self.flushers.wait().await;
    }

    pub(crate) fn hint(&self, topic: &Topic, event: &Event) {
        match event {
            // A second window of the same person would say that they are typing themselves.
            Event::Typing(it) => self.hint_but(topic, event, &topic.sockets_of(it.user_id)),
            _ => self.hint_but(topic, event, &[]),
        }
    }

    pub(crate) fn hint_but(&self, topic: &Topic, event: &Event, left_out: &[u64]) {
        let mask = topic.mask();
        if mask != 0 {
            let mut run = Run::new(mask);
            run.push(event, 0);
            topic.append_but(left_out, run);
        }
    }

    fn topic(&self, room_id: i64) -> Arc<Topic> {
        self.rooms.get_or_start(room_id, |topic| {
            self.flushers.spawn(flusher::run(topic.clone(), self.rooms.clone(), self.frames_out.clone()));
        })
    }

    fn count(&self, roster: &Roster) {
        let (sockets, _) = roster.counts();
        self.sockets.set(sockets as f64);
        self.population.send_replace(sockets);
    }

    /// Appends a run of one room's durable frames, then applies the effect of the last one to the room's listeners.
    fn flush(&self, topic: Option<&Topic>, run: Run<'_>, last: RoomChange<'_>) {
        if let Event::Text(text) = last.event {
            fault::panic_at("publish", &text.content);
        }
        if let (Some(topic), false) = (topic, run.events.is_empty()) {
            topic.append(run);
        }
        let Some(effect) = last.effect else { return };
        let room_id = last.room_id;
        match effect {
            Effect::Ended(user_id) => self.remove(topic, room_id, user_id),
            Effect::Joined(user_id) => {
                if let Some(topic) = topic {
                    topic.became_member(user_id);
                }
            }
            Effect::BecamePrivate | Effect::Deleted => {
                let Some(topic) = topic else { return };
                for user_id in topic.listeners(effect == Effect::BecamePrivate) {
                    self.remove(Some(topic), room_id, user_id);
                }
            }
        }
    }

    /// Ends a person's subscriptions to a room and tells all their sockets that the room is no longer theirs.
    fn remove(&self, topic: Option<&Topic>, room_id: i64, user_id: i64) {
        let removed = removed(room_id, user_id, self.clock.now_ms());
        let farewell = |lane| encode(lane, &removed);
        let ended = topic.map(|topic| topic.remove_person(user_id, farewell)).unwrap_or_default();
        let others = {
            let mut roster = self.roster.lock();
            for id in &ended {
                roster.exit(*id, room_id);
            }
            roster.sinks_of(user_id)
        };
        for sink in others.into_iter().filter(|sink| !ended.contains(&sink.id())) {
            send_with(sink.as_ref(), farewell);
        }
    }
}

/// A durable change of a room, and its place.
struct RoomChange<'e> {
    room_id: i64,
    seq: i64,
    event: &'e Event,
    effect: Option<Effect>,
}

impl<'e> RoomChange<'e> {
    fn of(change: &'e Committed) -> Option<Self> {
        let Committed::Room { event, effect } = change else { return None };
        let (room_id, seq) = event.position()?;
        Some(Self { room_id, seq, event, effect: *effect })
    }
}

/// Tells these sockets, writing the frame once for each lane among them.
fn tell_all(sinks: &[Arc<dyn Sink>], event: &Event) {
    let mut frames: [Option<Bytes>; LANES] = Default::default();
    for sink in sinks {
        send_with(sink.as_ref(), |lane| frames[lane as usize].get_or_insert_with(|| encode(lane, event)).clone());
    }
}

/// No row of the history: it has neither a message nor a place in the log.
fn left(room_id: i64, user_id: i64, username: &str, timestamp: i64) -> Event {
    Event::System(SystemPosted {
        room_id,
        event: SystemEvent::UserLeft.into(),
        user_id,
        username: username.to_owned(),
        content: format!("{username} 离开了聊天室"),
        timestamp,
        ..SystemPosted::default()
    })
}

fn removed(room_id: i64, user_id: i64, timestamp: i64) -> Event {
    let event = RoomEvent::Removed.into();
    Event::Room(RoomChanged { room_id, event, seq: None, room: None, user_id: Some(user_id), timestamp })
}

impl Publisher for Hub {
    fn committed(&self, changes: Vec<Committed>) {
        for change in &changes {
            match change {
                Committed::Own { user_id, seq, event } => self.tell_own(*user_id, *seq, event),
                Committed::Profile(user) => self.roster.lock().note_profile(user),
                Committed::Room { .. } => {}
            }
        }
        let mut changes = changes.iter().filter_map(RoomChange::of).peekable();
        while let Some(first) = changes.next() {
            let room_id = first.room_id;
            let topic = self.rooms.find(room_id);
            let mut run = Run::new(topic.as_ref().map_or(0, |topic| topic.mask()));
            run.push(first.event, first.seq);
            let mut last = first;
            // A change of who may listen is applied before any later frame of the room is appended: somebody who was kicked must
            // not hear what follows.
            while last.effect.is_none() {
                let Some(change) = changes.next_if(|change| change.room_id == room_id) else { break };
                run.push(change.event, change.seq);
                last = change;
            }
            let flush = AssertUnwindSafe(|| self.flush(topic.as_deref(), run, last));
            if catch_unwind(flush).is_err() {
                tracing::error!(room_id, "telling a room panicked; its listeners were sent away to resume");
                if let Some(topic) = topic {
                    topic.send_away(CloseCode::Internal);
                }
            }
        }
    }

    fn hint_room(&self, room_id: i64, event: Event) {
        if let Some(topic) = self.rooms.find(room_id) {
            self.hint(&topic, &event);
        }
    }

    fn hint_user(&self, user_id: i64, event: Event) {
        let sinks = self.roster.lock().sinks_of(user_id);
        tell_all(&sinks, &event);
    }

    fn hint_socket(&self, SocketId(id): SocketId, event: Event) {
        let sink = self.roster.lock().sink(id);
        if let Some(sink) = sink {
            send_with(sink.as_ref(), |lane| encode(lane, &event));
        }
    }

    fn end_sessions(&self, sessions: &[SessionId], code: CloseCode) {
        let sinks = self.roster.lock().sinks_of_sessions(sessions);
        for sink in sinks {
            sink.close(code);
        }
    }

    fn people_in(&self, room_id: i64) -> Vec<i64> {
        let mut people = self.rooms.find(room_id).map(|topic| topic.listeners(false)).unwrap_or_default();
        people.retain(|user_id| *user_id != 0);
        people.sort_unstable();
        people
    }

    fn presence(&self, user_id: i64) -> Presence {
        self.roster.lock().presence(user_id)
    }

    fn online_users(&self) -> Vec<i64> {
        self.roster.lock().online()
    }

    fn figures(&self) -> Figures {
        let (sockets, users) = self.roster.lock().counts();
        let rooms = self.rooms.all();
        let subscriptions = rooms.iter().map(|topic| topic.subscriptions()).sum();
        Figures { sockets, users, rooms: rooms.len(), subscriptions }
    }

    fn subscriptions_by_room(&self) -> BTreeMap<i64, usize> {
        self.rooms.all().iter().map(|topic| (topic.room_id, topic.subscriptions())).collect()
    }
}

#[cfg(test)]
#[path = "hub_tests.rs"]
mod tests;
