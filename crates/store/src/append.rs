//! Appends texts to the logs of rooms, in the open transaction of `prepared.rs`. System rows and changes are rare and go through
//! `room_log.rs`.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::LazyLock,
};

use chinwag_domain::{
    mentions::{Calls, Mentions},
    policy::{Permit, action},
    ports::{Committed, StoreError, StoreResult, random_bytes},
    records::{Appended, MessageRecord, NewMessage, Quote, SystemPayload},
};
use chinwag_proto::{
    MessageType, RoomKind,
    id::{IdSource, LIMIT},
};
use rusqlite::{CachedStatement, OptionalExtension, Result, Transaction, params};
use tokio::sync::oneshot;

use crate::{
    events,
    message_rows::{self, NEWEST, QUOTE, join_ids, join_spans},
    messages,
    seats::{is_public, stands},
};

/// A text that waits.
pub(crate) struct Append {
    pub(crate) permit: Permit<action::Post>,
    pub(crate) message: NewMessage,
    pub(crate) reply: oneshot::Sender<StoreResult<Appended>>,
}

pub(crate) const TAIL: &str =
    "SELECT kind, is_private, last_seq, message_count FROM rooms WHERE id = ? AND deleted_at IS NULL";
/// Of the account, 0 for a guest, and of the seat.
pub(crate) const VERSIONS: &str = "SELECT coalesce((SELECT version FROM users WHERE id = ?1), 0), \
     (SELECT version FROM members WHERE room_id = ?2 AND user_id = ?1)";
/// Index: the primary key of members.
pub(crate) const HEARS: &str = "SELECT 1 FROM members WHERE room_id = ? AND user_id <> ? AND NOT deactivated LIMIT 1";
/// Index: `messages_by_client_id`.
pub(crate) const KNOWN: &str = "SELECT id, body_hash FROM messages WHERE client_id = ? AND room_id = ? AND user_id = ?";
pub(crate) static BY_ID: LazyLock<String> = LazyLock::new(|| {
    let columns = message_rows::columns("m");
    format!("SELECT {columns} FROM messages m LEFT JOIN messages q ON q.id = m.reply_to WHERE m.id = ?")
});
const INSERT: &str = "INSERT INTO messages (id, room_id, seq, user_id, username, kind, content, created_at, client_id, \
     body_hash, ordinal, reply_to, mentions, mentions_room, mention_spans, guest) \
     VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
/// Indexes: the unique name key, and the key of members.
pub(crate) const MEMBER: &str = "SELECT u.id FROM users u JOIN members m ON m.room_id = ? AND m.user_id = u.id \
     WHERE u.username_key = ? AND u.deactivated_at IS NULL";
const NAME: &str = "INSERT INTO mentions (user_id, room_id, seq) VALUES (?, ?, ?)";
pub(crate) const MOVE_TAIL: &str = "UPDATE rooms SET last_seq = ?, message_count = ?, last_message_id = ? WHERE id = ?";
pub(crate) const MOVE_MARK: &str =
    "UPDATE members SET read_seq = ?, read_ordinal = ? WHERE room_id = ? AND user_id = ?";

/// The end of a room's log.
#[derive(Clone, Copy)]
struct Tail {
    public: bool,
    direct: bool,
    last_seq: i64,
    count: i64,
    /// Of a text of this transaction.
    last_message_id: Option<i64>,
}

/// Appends one text after the other. What they change besides the history, it writes once at the end.
pub(crate) struct Appender<'tx> {
    tx: &'tx Transaction<'tx>,
    known: CachedStatement<'tx>,
    insert: CachedStatement<'tx>,
    member: CachedStatement<'tx>,
    name: CachedStatement<'tx>,
    ids: IdSource,
    randomness: Randomness,
    tails: HashMap<i64, Option<Tail>>,
    versions: HashMap<(i64, i64), (i64, Option<i64>)>,
    /// Members by room and name key: the same few are called again and again.
    named: HashMap<i64, HashMap<String, Option<i64>>>,
    /// How far people have read: what one has said oneself one has read.
    marks: HashMap<(i64, i64), (i64, i64)>,
    changes: Vec<Committed>,
}

impl<'tx> Appender<'tx> {
    pub(crate) fn new(tx: &'tx Transaction<'tx>) -> Result<Self> {
        // Another process may write, too, so what was the newest a moment ago may not be it any more.
        let newest: [Option<i64>; 2] =
            tx.prepare_cached(NEWEST)?.query_one([LIMIT, LIMIT], |row| Ok([row.get(0)?, row.get(1)?]))?;
        Ok(Self {
            tx,
            known: tx.prepare_cached(KNOWN)?,
            insert: tx.prepare_cached(INSERT)?,
            member: tx.prepare_cached(MEMBER)?,
            name: tx.prepare_cached(NAME)?,
            ids: IdSource::after(newest.into_iter().flatten().max().unwrap_or(0)),
            randomness: Randomness::default(),
            tails: HashMap::new(),
            versions: HashMap::new(),
            named: HashMap::new(),
            marks: HashMap::new(),
            changes: Vec::new(),
        })
    }

    /// A refusal is inside; an error is the database's and concerns the whole transaction.
    pub(crate) fn append(&mut self, permit: &Permit<action::Post>, text: &NewMessage) -> Result<StoreResult<Appended>> {
        let (room_id, user_id) = (permit.room_id(), permit.user_id());
        let (account, seat) = self.versions(room_id, user_id)?;
        let Some(tail) = self.tail(room_id)?.filter(|tail| stands(permit, account, seat, tail.public)) else {
            return Ok(Err(StoreError::Stale));
        };
        let body_hash = messages::body_hash(&text.content, text.reply_to);
        if let Some(client_id) = &text.client_id {
            let key = params![client_id, room_id, user_id];
            let known = self.known.query_row(key, |row| Ok((row.get(0)?, row.get::<_, i64>(1)?))).optional()?;
            if let Some((id, hash)) = known {
                let is_same = body_hash == hash;
                if !is_same {
                    return Ok(Err(StoreError::ClientIdConflict));
                }
                return Ok(Ok(Appended { message: self.find(id)?, fresh: false }));
            }
        }
        if tail.direct && !self.tx.prepare_cached(HEARS)?.exists([room_id, user_id])? {
            return Ok(Err(StoreError::NobodyLeft));
        }
        let reply_to = match text.reply_to {
            None => None,
            Some(id) => match self.quote(room_id, id)? {
                None => return Ok(Err(StoreError::NotFound)),
                quote => quote,
            },
        };
        let id = self.ids.next(self.randomness.next());
        let (seq, ordinal) = (tail.last_seq + 1, tail.count + 1);
        let mentions = self.called(room_id, &text.calls)?;
        let record = new_record(id, room_id, seq, text, mentions, reply_to);
        self.insert(&record, body_hash, ordinal, text.reply_to)?;
        self.tails.insert(room_id, Some(Tail { last_seq: seq, count: ordinal, last_message_id: Some(id), ..tail }));
        if seat.is_some() {
            self.marks.insert((room_id, user_id), (seq, ordinal));
        }
        self.changes.push(events::posted(&record).into());
        Ok(Ok(Appended { message: record, fresh: true }))
    }

    /// Writes the ends of the logs and the read marks; gives what is to be told after the commit.
    pub(crate) fn finish(self) -> Result<Vec<Committed>> {
        let mut move_tail = self.tx.prepare_cached(MOVE_TAIL)?;
        for (room_id, tail) in &self.tails {
            if let Some(Tail { last_seq, count, last_message_id: Some(last), .. }) = tail {
                move_tail.execute([last_seq, count, last, room_id])?;
            }
        }
        let mut move_mark = self.tx.prepare_cached(MOVE_MARK)?;
        for ((room_id, user_id), (seq, ordinal)) in &self.marks {
            move_mark.execute([seq, ordinal, room_id, user_id])?;
        }
        Ok(self.changes)
    }

    fn tail(&mut self, room_id: i64) -> Result<Option<Tail>> {
        Ok(match self.tails.entry(room_id) {
            Entry::Occupied(entry) => *entry.get(),
            Entry::Vacant(entry) => {
                let read = |row: &rusqlite::Row<'_>| {
                    let kind = row.get(0)?;
                    let (public, direct) = (is_public(kind, row.get(1)?), kind == RoomKind::Direct as i32);
                    Ok(Tail { public, direct, last_seq: row.get(2)?, count: row.get(3)?, last_message_id: None })
                };
                *entry.insert(self.tx.prepare_cached(TAIL)?.query_row([room_id], read).optional()?)
            }
        })
    }

    fn versions(&mut self, room_id: i64, user_id: i64) -> Result<(i64, Option<i64>)> {
        Ok(match self.versions.entry((room_id, user_id)) {
            Entry::Occupied(entry) => *entry.get(),
            Entry::Vacant(entry) => {
                let mut find = self.tx.prepare_cached(VERSIONS)?;
                *entry.insert(find.query_row([user_id, room_id], |row| Ok((row.get(0)?, row.get(1)?)))?)
            }
        })
    }

    /// Whom a text calls, by those who are members now: here it costs a seek, outside of the transaction a trip of its own.
    fn called(&mut self, room_id: i64, calls: &Calls) -> Result<Mentions> {
        if calls.is_empty() {
            return Ok(Mentions::default());
        }
        let (member, known) = (&mut self.member, self.named.entry(room_id).or_default());
        calls.resolve(|key| {
            if let Some(known) = known.get(key) {
                return Ok(*known);
            }
            let found = member.query_row((room_id, key), |row| row.get(0)).optional()?;
            known.insert(key.to_owned(), found);
            Ok(found)
        })
    }

    /// A message that is there, as it is now.
    fn find(&self, id: i64) -> Result<MessageRecord> {
        self.tx.prepare_cached(&BY_ID)?.query_row([id], message_rows::read_hot)
    }

    /// The beginning of a message of this room.
    fn quote(&self, room_id: i64, id: i64) -> Result<Option<Quote>> {
        let sql = format!("SELECT {QUOTE} FROM messages q WHERE q.id = ? AND q.room_id = ?");
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Quote {
                message_id: row.get(0)?,
                seq: row.get(1)?,
                user_id: row.get(2)?,
                username: row.get::<_, String>(3)?.into(),
                content: row.get(4)?,
                recalled: row.get::<_, Option<i64>>(5)?.is_some(),
                kind: MessageType::try_from(row.get::<_, i32>(6)?).unwrap_or_default(),
            })
        };
        self.tx.prepare_cached(&sql)?.query_row([id, room_id], read).optional()
    }

    fn insert(&mut self, row: &MessageRecord, body_hash: i64, ordinal: i64, reply_to: Option<i64>) -> Result<()> {
        self.insert.execute(params![
            row.id,
            row.room_id,
            row.seq,
            row.user_id,
            row.username,
            row.content,
            row.created_at,
            row.client_id,
            body_hash,
            ordinal,
            reply_to,
            join_ids(&row.mentions.users),
            row.mentions.room,
            join_spans(&row.mentions.spans),
            row.guest,
        ])?;
        for user_id in messages::named(&row.mentions) {
            self.name.execute([*user_id, row.room_id, row.seq])?;
        }
        Ok(())
    }
}

pub(crate) fn new_record(
    id: i64,
    room_id: i64,
    seq: i64,
    message: &NewMessage,
    mentions: Mentions,
    reply_to: Option<Quote>,
) -> MessageRecord {
    MessageRecord {
        id,
        room_id,
        seq,
        user_id: message.author.user_id,
        username: message.author.username.clone(),
        kind: MessageType::Text,
        content: message.content.clone(),
        created_at: message.now,
        edited_at: None,
        recalled_at: None,
        client_id: message.client_id.clone(),
        reply_to,
        mentions,
        guest: message.guest,
        event: None,
        actor_id: None,
        payload: SystemPayload::default(),
        attachments: Vec::new(),
    }
}

/// Asks the machine once for many ids: each question is a system call.
#[derive(Default)]
pub(crate) struct Randomness {
    left: Vec<u64>,
}

impl Randomness {
    pub(crate) fn next(&mut self) -> u64 {
        if self.left.is_empty() {
            let bytes: [u8; 512] = random_bytes();
            self.left =
                bytes.chunks_exact(8).map(|eight| u64::from_le_bytes(std::array::from_fn(|at| eight[at]))).collect();
        }
        self.left.pop().unwrap_or_default()
    }
}
