//! How a row of the history is read: with the beginning of the message that it answers, as the record that the domain knows; and how
//! a new one is written. It asks the database for nothing.

use chinwag_domain::{
    mentions::Mentions,
    records::{MessageRecord, Quote, SystemPayload},
};
use chinwag_proto::{Attachment, MentionSpan, MessageType, SystemEvent, limits::QUOTE_CHARS};
use sea_orm::DbErr;

use crate::{
    columns::{Columns, Entire, entire},
    entity::messages,
};

/// The newest ids of messages and of changes, which have one order. Below [`LIMIT`]: ids above it come from a wrong clock, at a time
/// when ids began with it.
pub(crate) const NEWEST: &str =
    "SELECT (SELECT max(id) FROM messages WHERE id < ?), (SELECT max(id) FROM changes WHERE id < ?)";

/// The columns that [`read`] takes: the message by this name, and the one it answers, `q`.
pub(crate) fn columns(message: &str) -> String {
    format!("{}, {QUOTE}", messages::Model::select(message))
}

/// What [`QuoteRow`] takes of the message `q`.
pub(crate) const QUOTE: &str = "q.id, q.seq, q.user_id, q.username, substr(q.content, 1, 200), q.recalled_at, q.kind";
const _: () = assert!(QUOTE_CHARS == 200, "QUOTE cuts at this length");

/// The beginning of a message, for those that answer it.
#[derive(Clone, Debug)]
pub(crate) struct QuoteRow {
    pub(crate) id: i64,
    pub(crate) seq: i64,
    pub(crate) user_id: i64,
    pub(crate) username: String,
    pub(crate) content: String,
    pub(crate) recalled_at: Option<i64>,
    pub(crate) kind: i32,
}

entire!(QuoteRow: id seq user_id username content recalled_at kind);

impl From<QuoteRow> for Quote {
    fn from(row: QuoteRow) -> Self {
        Self {
            message_id: row.id,
            seq: row.seq,
            user_id: row.user_id,
            username: row.username.into(),
            content: row.content,
            recalled: row.recalled_at.is_some(),
            kind: MessageType::try_from(row.kind).unwrap_or_default(),
        }
    }
}

pub(crate) fn record(row: messages::Model, quote: Option<QuoteRow>) -> MessageRecord {
    MessageRecord {
        id: row.id,
        room_id: row.room_id,
        seq: row.seq,
        user_id: row.user_id,
        username: row.username.into(),
        kind: MessageType::try_from(row.kind).unwrap_or_default(),
        content: row.content,
        created_at: row.created_at,
        edited_at: row.edited_at,
        recalled_at: row.recalled_at,
        client_id: row.client_id,
        reply_to: quote.map(Quote::from),
        mentions: Mentions {
            users: split_ids(row.mentions.as_deref()),
            room: row.mentions_room,
            spans: spans(row.mention_spans.as_deref()),
        },
        guest: row.guest,
        event: row.event.as_deref().map(SystemEvent::of_word),
        actor_id: row.actor_id,
        payload: payload(row.payload.as_deref()),
        attachments: attachments(row.attachments.as_deref()),
    }
}

/// The row of a message that was just sent.
pub(crate) fn new_row(record: &MessageRecord, body_hash: i64, ordinal: i64, reply_to: Option<i64>) -> messages::Model {
    let Mentions { users, room, spans } = &record.mentions;
    messages::Model {
        id: record.id,
        room_id: record.room_id,
        seq: record.seq,
        user_id: record.user_id,
        username: record.username.to_string(),
        kind: record.kind as i32,
        content: record.content.clone(),
        created_at: record.created_at,
        edited_at: None,
        recalled_at: None,
        client_id: record.client_id.clone(),
        body_hash,
        ordinal,
        reply_to,
        mentions: join_ids(users),
        mentions_room: *room,
        mention_spans: join_spans(spans),
        guest: record.guest,
        event: None,
        actor_id: None,
        payload: None,
        attachments: join_attachments(&record.attachments),
    }
}

/// A message that may be there, and the hash of its body as it was sent. Reads what [`columns`] selects.
pub(crate) fn read(columns: &mut Columns<'_>) -> Result<Option<(MessageRecord, i64)>, DbErr> {
    let (message, quote) = (columns.maybe::<messages::Model>()?, columns.maybe()?);
    Ok(message.map(|message| {
        let hash = message.body_hash;
        (record(message, quote), hash)
    }))
}

/// The same for the connection of `prepared.rs`; the message is there.
pub(crate) fn read_hot(row: &rusqlite::Row<'_>) -> rusqlite::Result<MessageRecord> {
    let message = messages::Model::read_hot(row, 0)?;
    let at = messages::Model::COLUMNS.len();
    let quote = match row.get::<_, Option<i64>>(at)? {
        Some(_) => Some(QuoteRow::read_hot(row, at)?),
        None => None,
    };
    Ok(record(message, quote))
}

/// What an older program or a newer one wrote besides is left aside.
fn payload(text: Option<&str>) -> SystemPayload {
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

pub(crate) fn join_attachments(attachments: &[Attachment]) -> Option<String> {
    if attachments.is_empty() { None } else { serde_json::to_string(attachments).ok() }
}

fn attachments(text: Option<&str>) -> Vec<Attachment> {
    text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

pub(crate) fn join_ids(ids: &[i64]) -> Option<String> {
    let (first, others) = ids.split_first()?;
    Some(others.iter().fold(first.to_string(), |joined, id| joined + "," + &id.to_string()))
}

pub(crate) fn split_ids(text: Option<&str>) -> Vec<i64> {
    text.into_iter().flat_map(|text| text.split(',')).filter_map(|id| id.parse().ok()).collect()
}

pub(crate) fn join_spans(spans: &[MentionSpan]) -> Option<String> {
    if spans.is_empty() {
        return None;
    }
    let spans: Vec<_> = spans.iter().map(|span| (span.start, span.length, span.user_id)).collect();
    serde_json::to_string(&spans).ok()
}

fn spans(text: Option<&str>) -> Vec<MentionSpan> {
    let spans: Vec<(i32, i32, i64)> = text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    spans.into_iter().map(|(start, length, user_id)| MentionSpan { start, length, user_id }).collect()
}
