//! A client that talks and listens in one room through thick and thin: it reconnects, resumes from what it holds, resends
//! what was not answered, and notes all of it. It is the load of the crash and reconnect tests, not a benchmark.

use std::{collections::VecDeque, net::SocketAddr, time::Duration};

use anyhow::{Result, bail};
use chinwag_proto::{ErrorCode, Event, MarkRead, Request, SendText, Sync, frame::Encoding, id::OWN_LOG};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until, timeout},
};

use crate::{
    Person,
    history::{Invocation, Outcome, OwnStreamId, OwnTold, Recorder, Sighting, StreamId},
    socket::{Credential, Gone, Socket},
};

/// A dead server is asked again after this, and one that cannot store anything after that.
const RETRY: Duration = Duration::from_millis(5);
const RESEND: Duration = Duration::from_millis(50);
/// How long a talker tries to reach a dead server, and to come to the end.
const PATIENCE: Duration = Duration::from_secs(30);

/// What all talkers of a test do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    Talk,
    /// Send nothing new for a while.
    Hush,
    /// Send nothing new, and get the rest answered.
    Settle,
    /// Leave once everything up to here was seen.
    Leave {
        head: i64,
    },
}

/// A message that is not answered yet.
struct Pending {
    client_id: String,
    content: String,
    invocation: Option<Invocation>,
}

pub struct Talker {
    person: Person,
    /// Where it connects: servers, or proxies before them; the next one where one does not let it in or answer.
    doors: Vec<SocketAddr>,
    at: usize,
    /// How long an answer may take before it looks elsewhere for one.
    patience: Option<Duration>,
    room: i64,
    encoding: Encoding,
    /// How many sends may wait for their answers; 0 for one who only listens.
    window: usize,
    recorder: Recorder,
    stream: StreamId,
    /// The last position that was seen.
    cursor: i64,
    said: usize,
    pending: VecDeque<Pending>,
    /// Bytes that each message is made longer by.
    padding: usize,
    /// How many messages it says at most.
    limit: usize,
    /// It follows its person's own log: the stream, and how far it has come.
    own: Option<(OwnStreamId, i64)>,
    /// How its lines ended.
    pub lost: Vec<Gone>,
}

impl Talker {
    pub fn person(&self) -> &Person {
        &self.person
    }

    /// One who holds everything up to `cursor`.
    pub fn new(person: &Person, door: SocketAddr, room: i64, cursor: i64, window: usize, recorder: &Recorder) -> Self {
        let encoding = if person.id % 2 == 0 { Encoding::Json } else { Encoding::Proto };
        Self {
            person: person.clone(),
            doors: vec![door],
            at: 0,
            patience: None,
            room,
            encoding,
            window,
            recorder: recorder.clone(),
            stream: recorder.listen(&person.name, room, cursor),
            cursor,
            said: 0,
            pending: VecDeque::new(),
            padding: 0,
            limit: usize::MAX,
            own: None,
            lost: Vec::new(),
        }
    }

    /// One who says so many messages, each longer by so many bytes.
    pub fn saying(self, limit: usize, padding: usize) -> Self {
        Self { limit, padding, ..self }
    }

    /// One who goes through these doors, too, where the first does not answer so soon.
    pub fn or_through(mut self, doors: &[SocketAddr], patience: Duration) -> Self {
        self.doors.extend(doors);
        Self { patience: Some(patience), ..self }
    }

    /// One who follows their own log, too, and where they only listen marks as read some of what comes.
    pub fn following(self) -> Self {
        let own = Some((self.recorder.listen_own(&self.person.name, self.person.id), 0));
        Self { own, ..self }
    }

    /// Runs until the phase lets it leave.
    pub async fn run(mut self, mut phase: watch::Receiver<Phase>) -> Result<Self> {
        loop {
            let mut socket = self.connect().await?;
            match self.talk(&mut socket, &mut phase).await {
                Ok(()) => {
                    socket.close().await;
                    return Ok(self);
                }
                Err(gone) => {
                    self.lost.push(gone);
                    self.at += 1;
                    for pending in &mut self.pending {
                        if let Some(invocation) = pending.invocation.take() {
                            self.recorder.complete(invocation, Outcome::Unknown);
                        }
                    }
                }
            }
        }
    }

    async fn connect(&mut self) -> Result<Socket> {
        let begun = Instant::now();
        loop {
            let token = Credential::Bearer(self.person.token());
            let door = self.doors[self.at % self.doors.len()];
            let opening = Socket::open(door, "/ws", token, self.encoding);
            match timeout(self.patience.unwrap_or(PATIENCE), opening).await {
                Ok(Ok(Ok(socket))) => return Ok(socket),
                Ok(Ok(Err(status))) if status != 503 => bail!("{} was refused with {status}", self.person.name),
                Ok(Err(error)) if begun.elapsed() > PATIENCE => {
                    return Err(error.context("the server did not come back"));
                }
                _ => tokio::time::sleep(RETRY).await,
            }
            self.at += 1;
        }
    }

    /// One connection's life; `Ok` when it is time to leave.
    async fn talk(&mut self, socket: &mut Socket, phase: &mut watch::Receiver<Phase>) -> Result<(), Gone> {
        let welcome = match socket.next().await? {
            Event::Welcome(welcome) => welcome,
            other => panic!("the first frame is not a welcome: {other:?}"),
        };
        let mut rooms = std::collections::BTreeMap::from([(self.room, self.cursor)]);
        if let Some((stream, cursor)) = self.own {
            rooms.insert(OWN_LOG, cursor);
            self.recorder.told_own(stream, OwnTold::Asked(cursor));
        }
        socket.send(&Request::Sync(Sync { epoch: welcome.epoch, rooms })).await?;
        for index in 0..self.pending.len() {
            self.send(socket, index).await?;
        }
        let (mut deadline, mut resend_at) = (None, None);
        let mut answered = Instant::now();
        loop {
            let refused = self.pending.iter().any(|pending| pending.invocation.is_none());
            resend_at = refused.then(|| resend_at.unwrap_or_else(|| Instant::now() + RESEND));
            let now = *phase.borrow_and_update();
            match now {
                Phase::Talk => {
                    while self.pending.len() < self.window && self.said < self.limit {
                        self.said += 1;
                        let padding = "x".repeat(self.padding);
                        let content = format!("{} says {} 你好 {padding}", self.person.name, self.said);
                        let client_id = format!("{}-{}", self.person.name, self.said);
                        self.pending.push_back(Pending { client_id, content, invocation: None });
                        self.send(socket, self.pending.len() - 1).await?;
                    }
                }
                Phase::Hush | Phase::Settle => {}
                Phase::Leave { head } => {
                    self.recorder.ends(self.stream, head);
                    if self.pending.is_empty() && self.cursor >= head {
                        return Ok(());
                    }
                }
            }
            let lost_at = self.patience.filter(|_| !self.pending.is_empty()).map(|patience| answered + patience);
            let until = match now {
                Phase::Talk | Phase::Hush => None,
                // What does not come now never will: leave, and let the laws say what is missing.
                _ => Some(*deadline.get_or_insert_with(|| Instant::now() + PATIENCE)),
            };
            tokio::select! {
                event = socket.wait() => {
                    let before = self.cursor;
                    let waiting = self.pending.len();
                    self.hear(event?);
                    if self.pending.len() < waiting || waiting == 0 {
                        answered = Instant::now();
                    }
                    let reads = self.own.is_some() && self.window == 0 && now == Phase::Talk;
                    if reads && self.cursor > before && self.cursor % 3 == 0 {
                        let mark = MarkRead { room_id: self.room, seq: self.cursor };
                        socket.send(&Request::Read(mark)).await?;
                    }
                }
                changed = phase.changed() => if changed.is_err() { return Ok(()) },
                () = sleep_until(resend_at.unwrap_or_else(Instant::now)), if resend_at.is_some() => {
                    for index in 0..self.pending.len() {
                        if self.pending[index].invocation.is_none() {
                            self.send(socket, index).await?;
                        }
                    }
                }
                () = sleep_until(lost_at.unwrap_or_else(Instant::now)), if lost_at.is_some() => return Err(Gone::Silent),
                () = sleep_until(until.unwrap_or_else(Instant::now)), if until.is_some() => return Ok(()),
            }
        }
    }

    async fn send(&mut self, socket: &mut Socket, index: usize) -> Result<(), Gone> {
        let pending = &mut self.pending[index];
        let invocation = self.recorder.invoke(self.person.id, self.room, &pending.client_id, &pending.content);
        pending.invocation = Some(invocation);
        let text = SendText {
            room_id: self.room,
            content: pending.content.clone(),
            client_id: pending.client_id.clone(),
            ..SendText::default()
        };
        socket.send(&Request::Text(text)).await
    }

    fn hear(&mut self, event: Event) {
        match event {
            Event::Ack(ack) => {
                let outcome = Outcome::Ok { message_id: ack.message_id, seq: ack.seq };
                self.settle(ack.client_id.as_deref(), outcome);
            }
            // It may be stored or not: ask again.
            Event::Error(error) if error.reason == ErrorCode::Unavailable.as_str() => {
                let refused = |pending: &&mut Pending| Some(&pending.client_id) == error.client_id.as_ref();
                if let Some(invocation) = self.pending.iter_mut().find(refused).and_then(|it| it.invocation.take()) {
                    self.recorder.complete(invocation, Outcome::Unknown);
                }
            }
            Event::Error(error) => self.settle(error.client_id.as_deref(), Outcome::Fail(error.reason)),
            Event::Read(read) => self.hear_own(OwnTold::Moved { own_seq: read.own_seq, room: read.room_id }),
            Event::Synced(synced) if synced.room_id == OWN_LOG => self.hear_own(OwnTold::Synced(synced.to)),
            Event::Resync(resync) if resync.room_id == OWN_LOG => self.hear_own(OwnTold::Resynced),
            Event::Resync(resync) if resync.room_id == self.room => {
                self.recorder.resynced(self.stream, resync.reason());
            }
            event => {
                if let Some((room, sighting)) = sighting(event)
                    && room == self.room
                {
                    self.cursor = self.cursor.max(sighting.seq);
                    self.recorder.saw(self.stream, sighting);
                }
            }
        }
    }

    /// A change that follows the one before moves the cursor, as the end of an answer does; others are noted.
    fn hear_own(&mut self, told: OwnTold) {
        let Some((stream, cursor)) = &mut self.own else { return };
        match told {
            OwnTold::Moved { own_seq, .. } if own_seq == *cursor + 1 => *cursor = own_seq,
            OwnTold::Synced(to) => *cursor = to,
            _ => {}
        }
        self.recorder.told_own(*stream, told);
    }

    fn settle(&mut self, client_id: Option<&str>, outcome: Outcome) {
        let Some(at) = self.pending.iter().position(|pending| Some(pending.client_id.as_str()) == client_id) else {
            return;
        };
        if let Some(invocation) = self.pending.remove(at).and_then(|pending| pending.invocation) {
            self.recorder.complete(invocation, outcome);
        }
    }
}

/// The room and the position of a frame that tells a durable change.
pub fn sighting(event: Event) -> Option<(i64, Sighting)> {
    let change = |seq| Sighting { seq, message_id: None, content: None };
    Some(match event {
        Event::Text(text) => {
            let changed = text.edited_at.is_some() || text.recalled_at.is_some();
            let content = (!changed).then_some(text.content);
            (text.room_id, Sighting { seq: text.seq, message_id: Some(text.message_id), content })
        }
        Event::System(system) => {
            (system.room_id, Sighting { seq: system.seq, message_id: Some(system.message_id), content: None })
        }
        Event::Edit(edit) => (edit.room_id, change(edit.seq)),
        Event::Recall(recall) => (recall.room_id, change(recall.seq)),
        Event::Member(member) => (member.room_id, change(member.seq)),
        Event::Room(room) => (room.room_id, change(room.seq?)),
        _ => return None,
    })
}
