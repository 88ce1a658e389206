//! Nodes as a server joins them, without its doors: a store on the database they share, a hub, the rules, and sockets that remember.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use chinwag_bus::{Bus, BusError, Hear, NodeIdentity};
use chinwag_cluster::Nodes;
use chinwag_domain::{
    Actor, Chat, SessionId, Settings,
    ports::{Publisher, SystemClock},
    rooms, sessions, users,
};
use chinwag_proto::{
    CloseCode, Event,
    frame::{Encoding, decode_event},
    ws::{self, Decoder, WsMessage},
};
use chinwag_realtime::{Hub, Lane, Sink};
use chinwag_store::{Site, SqlStore, StoreConfig};
use parking_lot::Mutex;
use tokio::{sync::watch, task::JoinSet, time::timeout};

pub const SECRET: &str = "a secret of all nodes";
pub const PATIENCE: Duration = Duration::from_secs(30);

pub struct Node {
    pub chat: Arc<Chat>,
    pub hub: Arc<Hub>,
    pub nodes: Arc<Nodes>,
    tasks: JoinSet<()>,
}

impl Node {
    /// On this database, not yet on a bus.
    pub async fn open(database: &str) -> Self {
        let clock = Arc::new(SystemClock);
        let hub = Hub::new(clock.clone(), 20);
        let nodes = Nodes::new(hub.clone());
        let publisher: Arc<dyn Publisher> = nodes.clone();
        let site = Site::of_url(database).expect("a database");
        let store: Arc<SqlStore> =
            chinwag_store::open(StoreConfig::at(site), publisher.clone()).await.expect("a store");
        let chat = Chat::new(store.clone(), publisher, clock, [7; 32], Settings::default());
        let mut tasks = JoinSet::new();
        let (healed, healed_own) = (hub.clone(), hub.clone());
        let own = store.clone();
        tasks.spawn(async move { healed.heal(store).await });
        tasks.spawn(async move { healed_own.compare_own(own).await });
        Self { chat, hub, nodes, tasks }
    }

    pub fn join(&self, name: &str, open: impl FnOnce(Hear) -> Result<Arc<dyn Bus>, BusError>) {
        let identity = NodeIdentity { secret: SECRET.to_owned(), epoch: Some(1), node: name.to_owned(), start: 1 };
        self.nodes.join_over(open, &identity, &self.chat).expect("joined");
    }

    /// Says who is where from now on, and tells who comes and goes.
    pub fn watch(&mut self) {
        let (hub, nodes) = (self.hub.clone(), self.nodes.clone());
        self.tasks.spawn(async move { nodes.keep_saying().await });
        self.tasks.spawn(async move { hub.sweep().await });
    }

    /// A new account with a login.
    pub async fn register(&self, name: &str) -> (Actor, String) {
        let account = users::NewAccount {
            username: name.to_owned(),
            email: format!("{name}@example.org"),
            password: "a good long password".to_owned(),
            avatar: None,
        };
        let login = users::register(&self.chat, account, sessions::Client::default()).await.expect("registered");
        (self.authenticate(&login.token).await.expect("logged in"), login.token)
    }

    pub async fn authenticate(&self, token: &str) -> chinwag_domain::Result<Actor> {
        sessions::authenticate(&self.chat, sessions::Credential::Bearer(token)).await
    }

    /// A socket of this person that listens to this room from its newest change on.
    pub async fn listen(&self, actor: &Actor, room_id: i64) -> Arc<Socket> {
        let socket = Socket::of(actor);
        let sink: Arc<dyn Sink> = socket.clone();
        self.hub.connect(sink.clone(), false).expect("not draining");
        let permit = rooms::listen(&self.chat, actor, room_id).await.expect("let in");
        assert!(self.hub.hold(&sink, &permit).await, "held");
        let head = chinwag_domain::messages::head(&self.chat, actor, room_id).await.expect("a head");
        assert!(self.hub.release(socket.id, room_id, head), "live");
        socket
    }
}

/// A socket that remembers what it was told.
pub struct Socket {
    id: u64,
    user_id: i64,
    username: Arc<str>,
    session: Option<SessionId>,
    received: watch::Sender<Vec<Event>>,
    closed: watch::Sender<Option<CloseCode>>,
    bytes: Mutex<Vec<u8>>,
}

impl Socket {
    pub fn of(actor: &Actor) -> Arc<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        Arc::new(Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            user_id: actor.user_id,
            username: actor.username.clone(),
            session: actor.session,
            received: watch::Sender::default(),
            closed: watch::Sender::default(),
            bytes: Mutex::default(),
        })
    }

    /// Returns once what it was told so far is as wanted.
    pub async fn until(&self, what: &str, is_so: impl FnMut(&Vec<Event>) -> bool) {
        self.until_within(PATIENCE, what, is_so).await;
    }

    pub async fn until_within(&self, patience: Duration, what: &str, is_so: impl FnMut(&Vec<Event>) -> bool) {
        let mut received = self.received.subscribe();
        let waited = timeout(patience, received.wait_for(is_so)).await.map(drop);
        assert!(waited.is_ok(), "{} was not told {what}, but {:?}", self.username, self.positions());
    }

    pub async fn until_closed(&self) -> CloseCode {
        let mut closed = self.closed.subscribe();
        let code = timeout(PATIENCE, closed.wait_for(Option::is_some)).await.expect("closed in time").expect("a code");
        code.expect("a code")
    }

    pub fn events(&self) -> Vec<Event> {
        self.received.borrow().clone()
    }

    /// The places of the changes of rooms that it was told.
    pub fn positions(&self) -> Vec<i64> {
        self.received.borrow().iter().filter_map(Event::position).map(|(_, seq)| seq).collect()
    }

    pub fn texts(&self) -> Vec<String> {
        let content = |event: &Event| if let Event::Text(it) = event { Some(it.content.clone()) } else { None };
        self.received.borrow().iter().filter_map(content).collect()
    }

    pub fn own_positions(&self) -> Vec<i64> {
        let own = |event: &Event| if let Event::Read(it) = event { Some(it.own_seq) } else { None };
        self.received.borrow().iter().filter_map(own).collect()
    }
}

impl Sink for Socket {
    fn id(&self) -> u64 {
        self.id
    }

    fn user_id(&self) -> i64 {
        self.user_id
    }

    fn username(&self) -> &Arc<str> {
        &self.username
    }

    fn session(&self) -> Option<SessionId> {
        self.session
    }

    fn lane(&self) -> Lane {
        Lane::Proto
    }

    fn send(&self, frames: &Bytes) {
        let mut bytes = self.bytes.lock();
        bytes.extend_from_slice(frames);
        let mut input = bytes.as_mut_slice();
        let mut decoder = Decoder::new(ws::From::Server, usize::MAX);
        let mut events = Vec::new();
        while let Some(WsMessage::Binary(frame)) = decoder.next(&mut input).expect("well framed") {
            events.push(decode_event(Encoding::Proto, frame).expect("an event"));
        }
        assert!(input.is_empty(), "whole frames");
        bytes.clear();
        self.received.send_modify(|received| received.extend(events));
    }

    fn close(&self, code: CloseCode) {
        self.closed.send_if_modified(|closed| closed.is_none() && closed.replace(code).is_none());
    }

    fn tick(&self, _: Instant) {}
}
