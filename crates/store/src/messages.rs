//! Rows of the history: reading them, editing, recalling, and how far each person has read. Appending is in `append`.

use std::{collections::HashMap, sync::LazyLock};

use chinwag_domain::{
    policy::{Permit, action},
    ports::{StoreError, StoreResult},
    records::{Author, Mentions, MessageRecord, Page, Quote, ReadState},
};
use chinwag_proto::{MessageType, limits::QUOTE_CHARS};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, Value};
use serde_json::json;

use crate::{
    columns::{Columns, Entire, entire},
    dialect::{ROWS, repeat, statement},
    entity::{changes, mentions, messages, rooms},
    error::{damaged, failure},
    events,
    room_log::{Change, ChangeKind, Notice},
    seats::{self, clamp},
    writer::Tx,
};

/// A message with the quote of the one it answers; followed by `WHERE`. The quote is found by its primary key.
static SELECT: LazyLock<String> =
    LazyLock::new(|| format!("SELECT {} FROM messages m LEFT JOIN messages q ON q.id = m.reply_to", columns("m")));

/// The columns that [`read`] takes: the message by this name, and the one it answers, `q`.
pub(crate) fn columns(message: &str) -> String {
    format!("{}, {QUOTE}", messages::Model::select(message))
}

const QUOTE: &str = "q.id, q.room_id, q.seq, q.user_id, q.username, substr(q.content, 1, 200), q.recalled_at";
const _: () = assert!(QUOTE_CHARS == 200, "QUOTE cuts at this length");

/// The beginning of a message, for those that answer it.
#[derive(Clone, Debug)]
pub(crate) struct QuoteRow {
    pub(crate) id: i64,
    pub(crate) room_id: i64,
    pub(crate) seq: i64,
    pub(crate) user_id: i64,
    pub(crate) username: String,
    pub(crate) content: String,
    pub(crate) recalled_at: Option<i64>,
}

impl QuoteRow {
    pub(crate) async fn find(db: &impl ConnectionTrait, ids: &[i64]) -> Result<Vec<Self>, DbErr> {
        let sql = format!("SELECT {QUOTE} FROM messages q WHERE q.id IN ({})", repeat("?", ids.len()));
        let rows = db.query_all_raw(statement(&sql, ids.iter().map(|id| Value::from(*id)))).await?;
        rows.iter().map(|row| Self::read(&mut Columns::of(row))).collect()
    }
}

entire!(QuoteRow: id room_id seq user_id username content recalled_at);

impl From<QuoteRow> for Quote {
    fn from(row: QuoteRow) -> Self {
        Self {
            message_id: row.id,
            seq: row.seq,
            user_id: row.user_id,
            username: row.username.into(),
            content: row.content,
            recalled: row.recalled_at.is_some(),
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
        mentions: Mentions { users: split_ids(row.mentions.as_deref()), room: row.mentions_room },
        guest: row.guest,
        event: row.event,
        actor_id: row.actor_id,
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

async fn select(
    db: &impl ConnectionTrait,
    tail: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<MessageRecord>, DbErr> {
    let found = select_with_hash(db, tail, values).await?;
    Ok(found.into_iter().map(|(record, _)| record).collect())
}

pub(crate) async fn find_with_hash(db: &impl ConnectionTrait, ids: &[i64]) -> Result<Vec<(MessageRecord, i64)>, DbErr> {
    let tail = format!("WHERE m.id IN ({})", repeat("?", ids.len()));
    select_with_hash(db, &tail, ids.iter().map(|id| Value::from(*id))).await
}

async fn select_with_hash(
    db: &impl ConnectionTrait,
    tail: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<(MessageRecord, i64)>, DbErr> {
    let rows = db.query_all_raw(statement(&format!("{} {tail}", *SELECT), values)).await?;
    rows.iter().filter_map(|row| read(&mut Columns::of(row)).transpose()).collect()
}

/// The rows at positions `after+1 ..= to`. Index: `messages_by_seq`.
pub(crate) async fn between(
    db: &impl ConnectionTrait,
    room_id: i64,
    after: i64,
    to: i64,
) -> Result<Vec<MessageRecord>, DbErr> {
    let values = [room_id.into(), after.into(), to.into()];
    select(db, "WHERE m.room_id = ? AND m.seq > ? AND m.seq <= ? ORDER BY m.seq", values).await
}

/// The messages that some changes are about.
pub(crate) struct Subjects(HashMap<i64, MessageRecord>);

impl Subjects {
    pub(crate) async fn load(db: &impl ConnectionTrait, changes: &[changes::Model]) -> Result<Self, DbErr> {
        let mut ids: Vec<i64> = changes.iter().filter_map(|change| change.message_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut found = HashMap::with_capacity(ids.len());
        for ids in ids.chunks(ROWS) {
            found.extend(find_with_hash(db, ids).await?.into_iter().map(|(message, _)| (message.id, message)));
        }
        Ok(Self(found))
    }

    pub(crate) fn get(&self, id: Option<i64>) -> Option<&MessageRecord> {
        self.0.get(&id?)
    }
}

/// FNV-1a of the body as it was sent: stored for ever, so it must never change.
pub(crate) fn body_hash(content: &str, reply_to: Option<i64>) -> i64 {
    let reply_to = reply_to.unwrap_or(0).to_le_bytes();
    let hash = content
        .bytes()
        .chain(reply_to)
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    hash as i64
}

pub(crate) fn join_ids(ids: &[i64]) -> Option<String> {
    if ids.is_empty() {
        return None;
    }
    Some(ids.iter().map(i64::to_string).collect::<Vec<_>>().join(","))
}

fn split_ids(text: Option<&str>) -> Vec<i64> {
    text.into_iter().flat_map(|text| text.split(',')).filter_map(|id| id.parse().ok()).collect()
}

/// Everybody is one row: a person named besides would be counted twice.
pub(crate) fn mention_rows(message: &MessageRecord) -> Vec<mentions::ActiveModel> {
    let row = |user_id: i64| mentions::ActiveModel {
        user_id: Set(user_id),
        room_id: Set(message.room_id),
        seq: Set(message.seq),
    };
    if message.mentions.room {
        return vec![row(0)];
    }
    let mut users = message.mentions.users.clone();
    users.sort_unstable();
    users.dedup();
    users.into_iter().filter(|id| *id != 0).map(row).collect()
}

pub(crate) async fn find_message(db: &impl ConnectionTrait, id: i64) -> StoreResult<Option<MessageRecord>> {
    Ok(select(db, "WHERE m.id = ?", [id.into()]).await.map_err(failure)?.pop())
}

/// Index: `messages_by_seq`.
pub(crate) async fn history(
    db: &impl ConnectionTrait,
    permit: Permit<action::Read>,
    page: Page,
    limit: usize,
) -> StoreResult<Vec<MessageRecord>> {
    seats::check(db, &permit).await?;
    let room = permit.room_id();
    let before = async |seq: i64, limit: usize, offset: u64| {
        let values = [room.into(), seq.into(), (limit as i64).into(), i64::try_from(offset).unwrap_or(i64::MAX).into()];
        let mut rows =
            select(db, "WHERE m.room_id = ? AND m.seq < ? ORDER BY m.seq DESC LIMIT ? OFFSET ?", values).await?;
        rows.reverse();
        Ok(rows)
    };
    let after = async |seq: i64, limit: usize| {
        let values = [room.into(), seq.into(), (limit as i64).into()];
        select(db, "WHERE m.room_id = ? AND m.seq > ? ORDER BY m.seq LIMIT ?", values).await
    };
    let rows: Result<_, DbErr> = match page {
        Page::Newest { offset } => before(i64::MAX, limit, offset).await,
        Page::Before(seq) => before(seq, limit, 0).await,
        Page::After(seq) => after(seq, limit).await,
        Page::Around(seq) => {
            let earlier = limit / 2;
            match before(seq, earlier, 0).await {
                Ok(mut rows) => after(seq.saturating_sub(1), limit - earlier).await.map(|later| {
                    rows.extend(later);
                    rows
                }),
                Err(error) => Err(error),
            }
        }
    };
    rows.map_err(failure)
}

/// The message as the permit's room has it, with the room; a text that still stands.
async fn standing_text<A>(tx: &Tx, permit: &Permit<A>, id: i64) -> StoreResult<(rooms::Model, MessageRecord)> {
    let sight = seats::check(&tx.db, permit).await?;
    let message =
        find_message(&tx.db, id).await?.filter(|message| message.room_id == permit.room_id() && message.is_text());
    let message = message.ok_or(StoreError::NotFound)?;
    if message.recalled_at.is_some() {
        return Err(StoreError::AlreadyRecalled);
    }
    Ok((sight.room, message))
}

pub(crate) async fn edit_message(
    tx: &mut Tx,
    permit: Permit<action::EditMessage>,
    id: i64,
    content: String,
    mentions: Mentions,
    now: i64,
) -> StoreResult<(MessageRecord, i64)> {
    let (mut room, mut message) = standing_text(tx, &permit, id).await?;
    if message.user_id != permit.user_id() {
        return Err(StoreError::NotFound);
    }
    let payload = Some(json!({ "before": message.content }));
    let change = Change { kind: ChangeKind::Edit, message_id: Some(id), user_id: permit.user_id(), payload, now };
    let seq = tx.change(&mut room, change).await?;
    unname(tx, &message).await?;
    message.content = content;
    message.mentions = mentions;
    message.edited_at = Some(now);
    rewrite(tx, &message).await?;
    let named = mention_rows(&message);
    if !named.is_empty() {
        mentions::Entity::insert_many(named).exec_without_returning(&tx.db).await.map_err(failure)?;
    }
    tx.save_room(&room).await?;
    tx.events.push(events::edited(&message, seq, now));
    Ok((message, seq))
}

pub(crate) async fn recall_message(
    tx: &mut Tx,
    permit: Permit<action::RecallMessage>,
    id: i64,
    now: i64,
) -> StoreResult<(MessageRecord, i64)> {
    let (mut room, mut message) = standing_text(tx, &permit, id).await?;
    let change =
        Change { kind: ChangeKind::Recall, message_id: Some(id), user_id: permit.user_id(), payload: None, now };
    let seq = tx.change(&mut room, change).await?;
    unname(tx, &message).await?;
    message.content = String::new();
    message.mentions = Mentions::default();
    message.recalled_at = Some(now);
    rewrite(tx, &message).await?;
    // Index: changes_by_message.
    let erase = statement("UPDATE changes SET payload = NULL WHERE message_id = ?", [id.into()]);
    tx.db.execute_raw(erase).await.map_err(failure)?;
    tx.save_room(&room).await?;
    tx.events.push(events::recalled(&message, seq, permit.user_id(), now));
    Ok((message, seq))
}

async fn rewrite(tx: &Tx, message: &MessageRecord) -> StoreResult<()> {
    let sql =
        "UPDATE messages SET content = ?, mentions = ?, mentions_room = ?, edited_at = ?, recalled_at = ? WHERE id = ?";
    let values = [
        message.content.as_str().into(),
        join_ids(&message.mentions.users).into(),
        message.mentions.room.into(),
        message.edited_at.into(),
        message.recalled_at.into(),
        message.id.into(),
    ];
    tx.db.execute_raw(statement(sql, values)).await.map_err(failure)?;
    Ok(())
}

/// Takes back that the text as it was named people.
async fn unname(tx: &Tx, message: &MessageRecord) -> StoreResult<()> {
    let users = &message.mentions.users;
    if users.is_empty() && !message.mentions.room {
        return Ok(());
    }
    let sql =
        format!("DELETE FROM mentions WHERE room_id = ? AND seq = ? AND user_id IN (0{})", ",?".repeat(users.len()));
    let values =
        [message.room_id.into(), message.seq.into()].into_iter().chain(users.iter().map(|id| Value::from(*id)));
    tx.db.execute_raw(statement(&sql, values)).await.map_err(failure)?;
    Ok(())
}

pub(crate) async fn append_broadcast(
    tx: &mut Tx,
    permit: Permit<action::Broadcast>,
    by: Author,
    content: String,
    now: i64,
) -> StoreResult<MessageRecord> {
    let mut room = seats::check(&tx.db, &permit).await?.room;
    let record = tx.post(&mut room, Notice { event: "broadcast", about: &by, actor_id: None, content, now }).await?;
    room.last_message_id = Some(record.id);
    tx.save_room(&room).await?;
    Ok(record)
}

pub(crate) async fn mark_read(tx: &mut Tx, permit: Permit<action::MarkRead>, seq: i64) -> StoreResult<ReadState> {
    let sight = seats::check(&tx.db, &permit).await?;
    let member = sight.member.ok_or(StoreError::Stale)?;
    let seq = seq.min(sight.room.last_seq);
    if seq > member.read_seq {
        // Index: messages_by_seq.
        let sql = "UPDATE members SET read_seq = ?, read_ordinal = coalesce((SELECT m.ordinal FROM messages m \
                   WHERE m.room_id = members.room_id AND m.seq <= ? ORDER BY m.seq DESC LIMIT 1), 0) \
                   WHERE room_id = ? AND user_id = ?";
        let values = [seq.into(), seq.into(), member.room_id.into(), member.user_id.into()];
        tx.db.execute_raw(statement(sql, values)).await.map_err(failure)?;
    }
    let values = [member.user_id.into(), member.room_id.into()];
    let row = ReadRow::find_by_statement(statement(&read_state("AND r.id = ?"), values))
        .one(&tx.db)
        .await
        .map_err(failure)?;
    row.map(Into::into).ok_or_else(|| damaged("a seat vanished within its transaction"))
}

/// How many texts of room `r` the seat `m` has not read: a difference of counts, less those that were taken back.
/// Index: `messages_recalled`.
pub(crate) const UNREAD: &str = "(r.message_count - m.read_ordinal - \
     (SELECT count(*) FROM messages x WHERE x.room_id = r.id AND x.seq > m.read_seq AND x.recalled_at IS NOT NULL))";

/// Indexes: `members_by_user`, those of [`UNREAD`], otherwise primary keys.
fn read_state(tail: &str) -> String {
    format!(
        "SELECT r.id AS room_id, m.read_seq AS seq, {UNREAD} AS unread, \
         (SELECT count(*) FROM mentions n WHERE n.user_id IN (0, m.user_id) AND n.room_id = r.id AND n.seq > m.read_seq) AS mentions \
         FROM members m JOIN rooms r ON r.id = m.room_id AND r.deleted_at IS NULL WHERE m.user_id = ? {tail}"
    )
}

#[derive(Debug, FromQueryResult)]
struct ReadRow {
    room_id: i64,
    seq: i64,
    unread: i64,
    mentions: i64,
}

impl From<ReadRow> for ReadState {
    fn from(row: ReadRow) -> Self {
        Self { room_id: row.room_id, seq: row.seq, unread: clamp(row.unread), mentions: clamp(row.mentions) }
    }
}

pub(crate) async fn list_unread(db: &impl ConnectionTrait, user_id: i64) -> StoreResult<Vec<ReadState>> {
    let query = ReadRow::find_by_statement(statement(&read_state(""), [user_id.into()]));
    let rows = query.all(db).await.map_err(failure)?;
    Ok(rows.into_iter().map(ReadState::from).filter(|state| state.unread > 0 || state.mentions > 0).collect())
}

#[cfg(test)]
mod tests {
    use sea_orm_migration::MigratorTrait;

    use super::*;
    use crate::{Config, dialect, migration::Migrator};

    #[tokio::test]
    async fn counting_what_is_unread_seeks_and_never_scans_a_table() {
        let db = dialect::connect_writer(&Config::memory()).await.expect("opened");
        Migrator::up(&db, None).await.expect("migrated");
        let plan = statement(&format!("EXPLAIN QUERY PLAN {}", read_state("")), [1.into()]);
        let rows = db.query_all_raw(plan).await.expect("explained");
        let steps: Vec<String> = rows.iter().map(|row| row.try_get("", "detail").expect("a step")).collect();
        assert!(steps.iter().all(|step| !step.starts_with("SCAN")), "{steps:#?}");
        assert!(steps.iter().any(|step| step.contains("messages_recalled")), "{steps:#?}");
    }
}
