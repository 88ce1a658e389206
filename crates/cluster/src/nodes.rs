//! The publisher of a node among others: it tells who is here, as the hub does, and says the same to the other nodes.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, OnceLock, Weak},
    time::{Duration, Instant},
};

use chinwag_bus::{Bus, BusError, Hear, Heard, Line, NodeIdentity, Speaker, Status, Subject};
use chinwag_domain::{
    Chat, SessionId, SocketId, arrivals, forget,
    ports::{Committed, Figures, Publisher},
};
use chinwag_proto::{
    CloseCode, Event, Presence,
    nodes::{NodeMessage, node_message::Said},
};
use chinwag_realtime::{Hub, SAY_EVERY};
use metrics::{counter, describe_counter};
use prost::Message as _;
use tokio::time::MissedTickBehavior;

use crate::words;

/// How often the log says that another node has the same name, another secret, or another place.
const STRANGERS_SAID: Duration = Duration::from_secs(60);

/// This node, among others.
pub struct Nodes {
    hub: Arc<Hub>,
    /// There from [`Nodes::join`] on.
    line: OnceLock<Line>,
}

impl Nodes {
    /// Says nothing yet, and hears nothing.
    pub fn new(hub: Arc<Hub>) -> Arc<Self> {
        describe_counter!("chinwag_bus_unread_total", "Messages of other nodes that this version cannot read");
        Arc::new(Self { hub, line: OnceLock::new() })
    }

    /// Begins to say what is told here, and to tell what others say. Does not wait for the bus.
    pub fn join(self: &Arc<Self>, url: &str, identity: &NodeIdentity, chat: &Arc<Chat>) -> Result<(), BusError> {
        self.join_over(|hear| chinwag_bus::open(url, hear), identity, chat)
    }

    /// The same over the bus that is opened so.
    pub fn join_over(
        self: &Arc<Self>,
        open: impl FnOnce(Hear) -> Result<Arc<dyn Bus>, BusError>,
        identity: &NodeIdentity,
        chat: &Arc<Chat>,
    ) -> Result<(), BusError> {
        self.hub.begin_saying(&identity.node);
        // The line holds what hears, and the chat holds this.
        let (this, chat) = (Arc::downgrade(self), Arc::downgrade(chat));
        let name = identity.node.clone();
        let (twins, forgers, strangers) = (Reminder::default(), Reminder::default(), Reminder::default());
        let line = Line::over(open, identity, move |heard| match heard {
            Heard::Twin if twins.is_due() => tracing::error!(
                "another node calls itself {name}, too: neither hears the other, and the others hear the one that began last. Give each node a \
                 `node_name` of its own"
            ),
            Heard::Forged if forgers.is_due() => tracing::error!(
                "somebody on the bus signs with another secret, and is not heard. If that is a node of this place, give all of them the same \
                 `bus_secret`; if not, a bus of their own"
            ),
            Heard::OtherEpoch if strangers.is_due() => tracing::warn!(
                "another place is on this bus with the same secret: nobody here hears it. Give it a bus, or at least a `bus_secret`, of its own; if its \
                 nodes are meant to be of this place, the same `database`"
            ),
            Heard::Twin | Heard::Forged | Heard::OtherEpoch => {}
            heard => hear(&this, &chat, heard),
        })?;
        let _ = self.line.set(line);
        Ok(())
    }

    /// Whether the bus carries messages at present.
    pub fn is_up(&self) -> bool {
        self.line.get().is_some_and(|line| *line.status().borrow() == Status::Up)
    }

    /// Says something to all other nodes. What is more than the bus carries is lost.
    pub fn say(&self, subject: Subject, message: &NodeMessage) {
        if let Some(line) = self.line.get() {
            line.say(subject, &message.encode_to_vec(), &[]);
        }
    }

    /// Says who is where until dropped; to be run in one task.
    pub async fn keep_saying(&self) {
        let mut ticks = tokio::time::interval(SAY_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.say_whereabouts();
        }
    }

    fn say_whereabouts(&self) {
        for said in self.hub.whereabouts(Instant::now(), self.is_up()) {
            self.say(Subject::Nodes, &words::whereabouts(said));
        }
    }

    /// The last word of a node that stops: its people are elsewhere, or nowhere.
    pub fn say_goodbye(&self) {
        self.say_whereabouts();
        if let Some(said) = self.hub.goodbye() {
            self.say(Subject::Nodes, &words::whereabouts(said));
        }
    }

    fn say_changes(&self, changes: &[Committed]) {
        let Some(line) = self.line.get() else { return };
        for run in words::room_runs(changes) {
            line.say(Subject::Room(run.room_id), &run.whole.encode_to_vec(), &run.bare.encode_to_vec());
        }
        for change in changes {
            match change {
                Committed::Own { user_id, seq, event } => {
                    self.say(Subject::Person(*user_id), &words::own_change(*user_id, *seq, event));
                }
                Committed::Profile(user) => self.say(Subject::Person(user.id), &words::profile(user)),
                Committed::Emojis(version) => self.say(Subject::Nodes, &words::emojis_version(*version)),
                Committed::Room { .. } => {}
            }
        }
    }

    /// Another node has said this.
    fn heard(&self, chat: &Chat, speaker: &Speaker, said: Said) {
        match said {
            Said::RoomChanges(it) => self.changed(chat, words::room_changes(&it)),
            Said::RoomHead(it) => self.hub.hear_of(it.room_id, it.seq),
            Said::OwnChange(it) => self.changed(chat, words::own_change_heard(&it).into_iter().collect()),
            Said::Profile(it) => self.changed(chat, words::profile_heard(&it).into_iter().collect()),
            Said::EmojisVersion(it) => self.hub.committed(vec![Committed::Emojis(it.version)]),
            Said::RoomHint(it) => {
                if let Some(event) = words::room_hint_heard(&it) {
                    self.hub.hint_room(it.room_id, event);
                }
            }
            Said::PersonHint(it) => {
                if let Some(event) = words::person_hint_heard(&it) {
                    arrivals::heard(chat, it.user_id, &event);
                    self.hub.hint_user(it.user_id, event);
                }
            }
            Said::Whereabouts(it) => self.hub.heard_from(&speaker.node, speaker.start, it, Instant::now()),
            Said::SessionsEnded(it) => {
                let (sessions, code) = words::sessions_ended_heard(&it);
                tracing::debug!(node = speaker.node, sessions = sessions.len(), "another node has ended sessions");
                forget::sessions_ended(chat, &sessions);
                self.hub.close_sessions(&sessions, code);
            }
        }
    }

    fn changed(&self, chat: &Chat, changes: Vec<Committed>) {
        // Whoever asks because of what they are told is answered by what is so now.
        forget::changed(chat, &changes);
        self.hub.committed(changes);
    }
}

/// When something was said last that the log would otherwise be full of.
#[derive(Default)]
struct Reminder(parking_lot::Mutex<Option<Instant>>);

impl Reminder {
    fn is_due(&self) -> bool {
        let mut said = self.0.lock();
        let is_due = said.is_none_or(|at| at.elapsed() >= STRANGERS_SAID);
        if is_due {
            *said = Some(Instant::now());
        }
        is_due
    }
}

/// Tells what was heard. A panic ends this one message.
fn hear(nodes: &Weak<Nodes>, chat: &Weak<Chat>, heard: Heard) {
    let (Some(nodes), Some(chat)) = (nodes.upgrade(), chat.upgrade()) else { return };
    let hear = AssertUnwindSafe(|| match heard {
        Heard::Resync => {
            nodes.hub.compare_soon();
            nodes.hub.was_away();
        }
        Heard::Twin | Heard::Forged | Heard::OtherEpoch => {}
        Heard::Message { speaker, payload, .. } => match NodeMessage::decode(payload) {
            Ok(NodeMessage { said: Some(said) }) => nodes.heard(&chat, &speaker, said),
            Ok(_) | Err(_) => counter!("chinwag_bus_unread_total").increment(1),
        },
    });
    if catch_unwind(hear).is_err() {
        tracing::error!("telling what another node said panicked; it is read from the database");
        nodes.hub.compare_soon();
    }
}

impl Publisher for Nodes {
    fn committed(&self, changes: Vec<Committed>) {
        // Who is here never waits for the bus.
        self.hub.tell_changes(&changes);
        self.say_changes(&changes);
    }

    fn hint_room(&self, room_id: i64, event: Event) {
        let message = words::room_hint(room_id, &event);
        self.hub.hint_room(room_id, event);
        self.say(Subject::Room(room_id), &message);
    }

    fn hint_user(&self, user_id: i64, event: Event) {
        let message = words::person_hint(user_id, &event);
        self.hub.hint_user(user_id, event);
        self.say(Subject::Person(user_id), &message);
    }

    fn hint_socket(&self, socket: SocketId, event: Event) {
        self.hub.hint_socket(socket, event);
    }

    fn close_sessions(&self, sessions: &[SessionId], code: CloseCode) {
        self.hub.close_sessions(sessions, code);
    }

    fn end_sessions(&self, sessions: &[SessionId], code: CloseCode) {
        self.hub.close_sessions(sessions, code);
        if !sessions.is_empty() {
            self.say(Subject::Nodes, &words::sessions_ended(sessions, code));
        }
    }

    fn people_in(&self, room_id: i64) -> Vec<i64> {
        self.hub.people_in(room_id)
    }

    fn presence(&self, user_id: i64) -> Presence {
        self.hub.presence(user_id)
    }

    fn online_users(&self) -> Vec<i64> {
        self.hub.online_users()
    }

    fn figures(&self) -> Figures {
        self.hub.figures()
    }

    fn figures_by_node(&self) -> BTreeMap<String, Figures> {
        self.hub.figures_by_node()
    }

    fn subscriptions_by_room(&self) -> BTreeMap<i64, usize> {
        self.hub.subscriptions_by_room()
    }
}
