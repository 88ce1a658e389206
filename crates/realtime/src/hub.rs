//! Which room has which listeners on this node. It writes to no room's sockets itself (that is `flusher.rs`), and what is told is
//! in `publish.rs`.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use chinwag_domain::{
    policy::{Permit, action::Listen},
    ports::Clock,
};
use chinwag_proto::{CloseCode, Event, SystemEvent, SystemPosted};
use metrics::{Counter, Gauge, counter, describe_counter, describe_gauge, gauge};
use parking_lot::Mutex;
use tokio::sync::{Notify, watch};
use tokio_util::task::TaskTracker;

use crate::{
    emojis::EmojiNews,
    fanout::{Run, bit, encode},
    flusher,
    hearsay::Hearsay,
    own::OwnLogs,
    people::{self, UserListCache},
    rooms::Rooms,
    roster::{GRACE, Roster},
    sink::{LANES, Lane, Sink, send_with},
    topic::{Retired, Topic},
    wanted::Wanted,
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
    pub(crate) own_logs: OwnLogs,
    pub(crate) emojis: EmojiNews,
    /// The conversation with the other nodes, where there may be some. Lock order: this, then the roster.
    pub(crate) hearsay: Mutex<Option<Hearsay>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) sockets_per_user: usize,
    /// Of the newest socket of which is known.
    pub(crate) last_id: AtomicU64,
    draining: AtomicBool,
    /// How many sockets there are: [`Hub::closed`] waits until there are none.
    population: watch::Sender<usize>,
    flushers: TaskTracker,
    /// Rooms of which it is not known from where they are told.
    pub(crate) unanchored: Wanted,
    /// Rooms in which something is missing before what came.
    pub(crate) behind: Wanted,
    /// People of whose own log something is missing before what came.
    pub(crate) behind_own: Wanted,
    /// Something may not have been told here.
    pub(crate) resync: Notify,
    pub(crate) resync_own: Notify,
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
            own_logs: OwnLogs::default(),
            emojis: EmojiNews::default(),
            hearsay: Mutex::default(),
            clock,
            sockets_per_user,
            last_id: AtomicU64::new(0),
            draining: AtomicBool::new(false),
            population: watch::Sender::new(0),
            flushers: TaskTracker::new(),
            unanchored: Wanted::default(),
            behind: Wanted::default(),
            behind_own: Wanted::default(),
            resync: Notify::new(),
            resync_own: Notify::new(),
            frames_out: counter!("chinwag_frames_out_total"),
            sockets: gauge!("chinwag_sockets"),
        })
    }

    /// An id for a socket, greater than those of all that came before, on other nodes, too.
    pub fn next_id(&self) -> u64 {
        self.last_id.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Registers a socket. Past `sockets_per_user` the person's oldest socket is closed; a new one that `yields` is refused instead.
    /// While the server drains every new socket is refused. The error is the close code that says why.
    pub fn connect(&self, sink: Arc<dyn Sink>, yields: bool) -> Result<(), CloseCode> {
        self.admit(sink, yields, || ())
    }

    /// What `greet` tells the socket comes before all that others have for it.
    fn admit(&self, sink: Arc<dyn Sink>, yields: bool, greet: impl FnOnce()) -> Result<(), CloseCode> {
        let surplus = {
            let mut roster = self.roster.lock();
            // Checked under the lock, so that a drain that begins now either refuses this socket or closes it.
            if self.draining.load(Ordering::Acquire) {
                return Err(CloseCode::Restarting);
            }
            if yields && roster.sockets_of(sink.user_id()) >= self.sockets_per_user {
                return Err(CloseCode::TooManySockets);
            }
            greet();
            let surplus = roster.connect(sink.clone(), self.sockets_per_user);
            self.count(&roster);
            surplus
        };
        self.own_logs.connect(sink);
        for sink in surplus {
            sink.close(CloseCode::TooManySockets);
        }
        Ok(())
    }

    /// Registers a socket as [`Hub::connect`] does, until the guard is dropped: however the serving of the socket ends. What `greet` tells
    /// it, without asking the hub anything but [`Hub::emojis_version`], is the first that it hears.
    pub fn attend(
        self: &Arc<Self>,
        sink: Arc<dyn Sink>,
        yields: bool,
        greet: impl FnOnce(),
    ) -> Result<Attendance, CloseCode> {
        let id = sink.id();
        self.admit(sink, yields, greet)?;
        Ok(Attendance { hub: self.clone(), id })
    }

    /// Unregisters a socket and ends its subscriptions.
    pub fn disconnect(&self, id: u64) {
        let (sink, rooms) = {
            let mut roster = self.roster.lock();
            let sink = roster.sink(id);
            let rooms = roster.disconnect(id, Instant::now(), self.clock.now_ms());
            self.count(&roster);
            (sink, rooms)
        };
        if let Some(sink) = sink {
            self.own_logs.disconnect(sink.user_id(), id);
        }
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
        let hold = loop {
            let topic = self.topic(room_id);
            match topic.hold(sink, permit.seat_version().is_some()) {
                Ok(hold) => break hold,
                Err(Retired) => continue,
            }
        };
        self.roster.lock().enter(sink.id(), room_id);
        if hold.anchored.is_some() {
            self.unanchored.add(room_id);
        }
        let held = matches!(tokio::time::timeout(HOLD_PATIENCE, hold.done()).await, Ok(true));
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
    pub fn hold_own(&self, sink: &dyn Sink) {
        self.own_logs.hold(sink.user_id(), sink.id());
    }

    /// Writes what was held and comes after this position, then whatever comes; all that was held where it is not known up to where the
    /// socket has everything.
    pub fn release_own(&self, sink: &dyn Sink, after: Option<i64>) {
        if self.own_logs.release(sink.user_id(), sink.id(), after) {
            self.behind_own.add(sink.user_id());
        }
    }

    pub(crate) fn tell_own(&self, user_id: i64, seq: i64, event: &Event) {
        if self.own_logs.tell(user_id, seq, event) {
            self.behind_own.add(user_id);
        }
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
        if self.roster.lock().elsewhere.listens(user_id, topic.room_id) {
            return;
        }
        self.hint(topic, &left(topic.room_id, user_id, &username, self.clock.now_ms()));
    }

    /// The version of the place's own emojis. Whoever is greeted with it is told of each later one.
    pub fn emojis_version(&self) -> i64 {
        self.emojis.version()
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

    /// Whether the person has a socket at this node.
    pub fn is_here(&self, user_id: i64) -> bool {
        !self.roster.lock().sinks_of(user_id).is_empty()
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
            topic.hint(left_out, run);
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
}

/// Tells these sockets, writing the frame once for each lane among them.
pub(crate) fn tell_all(sinks: &[Arc<dyn Sink>], event: &Event) {
    let mut frames: [Option<Bytes>; LANES] = Default::default();
    for sink in sinks {
        send_with(sink.as_ref(), |lane| frames[lane as usize].get_or_insert_with(|| encode(lane, event)).clone());
    }
}

/// No row of the history: it has neither a message nor a place in the log.
pub(crate) fn left(room_id: i64, user_id: i64, username: &str, timestamp: i64) -> Event {
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

#[cfg(test)]
#[path = "hub_tests.rs"]
pub(crate) mod tests;
