//! What happened during a test, as its clients saw it: every send with its answer, every frame that came, and what the
//! server holds in the end. It records; `laws.rs` judges.

use std::sync::Arc;

use chinwag_proto::ResyncReason;
use parking_lot::Mutex;

/// A place in the order in which the test saw things happen.
pub type Moment = u64;

/// What came of a send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Acknowledged.
    Ok { message_id: i64, seq: i64 },
    /// Refused, with the word for it.
    Fail(String),
    /// No answer: it may have been stored or not.
    Unknown,
}

/// One try to send one message. A resend is another try with the same client id.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub user: i64,
    pub room: i64,
    pub client_id: String,
    pub content: String,
    pub invoked: Moment,
    pub completed: Moment,
    pub outcome: Outcome,
}

/// A change of a room's log that a client was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    pub seq: i64,
    /// `None` for changes that are not messages.
    pub message_id: Option<i64>,
    /// `None` where it may differ from what was sent, as after an edit.
    pub content: Option<String>,
}

/// All that one reader was shown of one room, over all its connections.
#[derive(Clone, Debug)]
pub struct Stream {
    pub reader: String,
    pub room: i64,
    /// Where the reader began: the first sighting must be the next position.
    pub from: i64,
    /// Where it must have come to in the end.
    pub to: Option<i64>,
    pub sightings: Vec<Sighting>,
    /// Reasons of `resync` frames: the server gave the reader up.
    pub resyncs: Vec<ResyncReason>,
}

/// All that one device was told of its person's own log, over all its connections.
#[derive(Clone, Debug)]
pub struct OwnStream {
    pub reader: String,
    pub user: i64,
    pub told: Vec<OwnTold>,
}

/// What a device said or was told about its person's own log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnTold {
    /// It asked for what came after this position.
    Asked(i64),
    /// The mark in a room moved.
    Moved { own_seq: i64, room: i64 },
    /// What it asked for is complete up to here.
    Synced(i64),
    /// The server gave the device up.
    Resynced,
}

/// A person's own log as the server holds it in the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnEnd {
    pub user: i64,
    pub head: i64,
    /// Room and position of the last move of each mark.
    pub marks: Vec<(i64, i64)>,
}

/// One change of a room's log as the server holds it in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub room: i64,
    pub seq: i64,
    pub message_id: Option<i64>,
    pub user: i64,
    pub client_id: Option<String>,
    pub content: Option<String>,
}

/// Everything at once.
#[derive(Clone, Debug, Default)]
pub struct History {
    pub attempts: Vec<Attempt>,
    pub streams: Vec<Stream>,
    pub rows: Vec<Row>,
    pub own_streams: Vec<OwnStream>,
    pub own_ends: Vec<OwnEnd>,
}

/// Takes notes from many clients at once. Clones share their notes.
#[derive(Clone, Default)]
pub struct Recorder {
    notes: Arc<Mutex<Notes>>,
}

#[derive(Default)]
struct Notes {
    moment: Moment,
    acked: usize,
    history: History,
}

/// A send that waits for its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invocation(usize);

/// A reader's stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamId(usize);

/// A device's stream of its person's own log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnStreamId(usize);

impl Notes {
    fn tick(&mut self) -> Moment {
        self.moment += 1;
        self.moment
    }
}

impl Recorder {
    /// Must be called before the bytes leave.
    pub fn invoke(&self, user: i64, room: i64, client_id: &str, content: &str) -> Invocation {
        let mut notes = self.notes.lock();
        let invoked = notes.tick();
        notes.history.attempts.push(Attempt {
            user,
            room,
            client_id: client_id.to_owned(),
            content: content.to_owned(),
            invoked,
            completed: Moment::MAX,
            outcome: Outcome::Unknown,
        });
        Invocation(notes.history.attempts.len() - 1)
    }

    /// Must be called after the answer came. A send that is never completed stays unknown.
    pub fn complete(&self, invocation: Invocation, outcome: Outcome) {
        let mut notes = self.notes.lock();
        let completed = notes.tick();
        let attempt = &mut notes.history.attempts[invocation.0];
        attempt.completed = completed;
        attempt.outcome = outcome;
        notes.acked += usize::from(matches!(notes.history.attempts[invocation.0].outcome, Outcome::Ok { .. }));
    }

    /// A reader who holds everything up to `from` begins to listen.
    pub fn listen(&self, reader: &str, room: i64, from: i64) -> StreamId {
        let mut notes = self.notes.lock();
        let stream =
            Stream { reader: reader.to_owned(), room, from, to: None, sightings: Vec::new(), resyncs: Vec::new() };
        notes.history.streams.push(stream);
        StreamId(notes.history.streams.len() - 1)
    }

    pub fn saw(&self, stream: StreamId, sighting: Sighting) {
        self.notes.lock().history.streams[stream.0].sightings.push(sighting);
    }

    pub fn resynced(&self, stream: StreamId, reason: ResyncReason) {
        self.notes.lock().history.streams[stream.0].resyncs.push(reason);
    }

    /// The stream must have come this far.
    pub fn ends(&self, stream: StreamId, to: i64) {
        self.notes.lock().history.streams[stream.0].to = Some(to);
    }

    /// A device that knows nothing of its person's own log begins to listen to it.
    pub fn listen_own(&self, reader: &str, user: i64) -> OwnStreamId {
        let mut notes = self.notes.lock();
        notes.history.own_streams.push(OwnStream { reader: reader.to_owned(), user, told: Vec::new() });
        OwnStreamId(notes.history.own_streams.len() - 1)
    }

    pub fn told_own(&self, stream: OwnStreamId, told: OwnTold) {
        self.notes.lock().history.own_streams[stream.0].told.push(told);
    }

    /// How many sends were acknowledged so far.
    pub fn acked(&self) -> usize {
        self.notes.lock().acked
    }

    /// How many sends wait for their answers.
    pub fn waiting(&self) -> usize {
        self.notes.lock().history.attempts.iter().filter(|attempt| attempt.completed == Moment::MAX).count()
    }

    /// All notes, with what the server holds in the end.
    pub fn finish(&self, rows: Vec<Row>, own_ends: Vec<OwnEnd>) -> History {
        History { rows, own_ends, ..self.notes.lock().history.clone() }
    }
}

impl Row {
    /// A row of `GET /api/rooms/{id}/messages`.
    pub fn from_json(row: &serde_json::Value) -> Option<Self> {
        Some(Self {
            room: row["room_id"].as_i64()?,
            seq: row["seq"].as_i64()?,
            message_id: row["id"].as_i64(),
            user: row["user_id"].as_i64()?,
            client_id: row["client_id"].as_str().map(str::to_owned),
            content: row["content"].as_str().filter(|_| row.get("edited_at").is_none()).map(str::to_owned),
        })
    }
}
