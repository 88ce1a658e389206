//! Rows of the history: reading them, editing, recalling, and how far each person has read. Appending is in `append`.

use std::{collections::HashMap, sync::LazyLock, time::Duration};

use chinwag_domain::{
    mentions::{Calls, Mentions},
    policy::{Permit, action},
    ports::{StoreError, StoreResult},
    records::{Author, JobKind, MessageRecord, Page, Recalled, SystemPayload},
};
use chinwag_proto::SystemEvent;
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait, Value};
use serde_json::json;

use crate::{
    columns::Columns,
    dialect::{ROWS, repeat, statement},
    entity::{changes, mentions, rooms},
    error::failure,
    events, files,
    message_rows::{columns, join_attachments, join_ids, join_spans, read},
    room_log::{Change, ChangeKind, Notice},
    seats,
    tx::Tx,
    users,
};

/// A message with the quote of the one it answers; followed by `WHERE`. The quote is found by its primary key.
static SELECT: LazyLock<String> =
    LazyLock::new(|| format!("SELECT {} FROM messages m LEFT JOIN messages q ON q.id = m.reply_to", columns("m")));

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
    let rows = db.query_all_raw(statement(db, &format!("{} {tail}", *SELECT), values)).await?;
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
    hash_on(0xcbf2_9ce4_8422_2325_u64 as i64, content.bytes().chain(reply_to))
}

/// The hash of what has this hash, with these bytes behind it.
pub(crate) fn hash_on(hash: i64, bytes: impl Iterator<Item = u8>) -> i64 {
    let step = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    bytes.fold(hash as u64, step) as i64
}

/// Whom a message names: everybody is one row, 0, for a person named besides would be counted twice.
pub(crate) fn named(mentions: &Mentions) -> &[i64] {
    if mentions.room { &[0] } else { &mentions.users }
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
    let sight = seats::hold(&tx.db, permit).await?;
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
    calls: Calls,
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
    message.mentions = called(tx, message.room_id, &calls).await?;
    message.edited_at = Some(now);
    rewrite(tx, &message).await?;
    name(tx, &message).await?;
    tx.save_room(&room).await?;
    tx.tell(events::edited(&message, seq, now));
    Ok((message, seq))
}

pub(crate) async fn recall_message(
    tx: &mut Tx,
    permit: Permit<action::RecallMessage>,
    id: i64,
    now: i64,
) -> StoreResult<Recalled> {
    let (mut room, mut message) = standing_text(tx, &permit, id).await?;
    let change =
        Change { kind: ChangeKind::Recall, message_id: Some(id), user_id: permit.user_id(), payload: None, now };
    let seq = tx.change(&mut room, change).await?;
    unname(tx, &message).await?;
    message.content = String::new();
    message.mentions = Mentions::default();
    message.recalled_at = Some(now);
    if !message.attachments.is_empty() {
        message.attachments.clear();
        files::free_message(tx, id).await?;
        tx.want_job(JobKind::SweepFiles, Duration::ZERO).await?;
    }
    rewrite(tx, &message).await?;
    // Index: changes_by_message.
    let erase = statement(&tx.db, "UPDATE changes SET payload = NULL WHERE message_id = ?", [id.into()]);
    tx.db.execute_raw(erase).await.map_err(failure)?;
    tx.save_room(&room).await?;
    tx.tell(events::recalled(&message, seq, permit.user_id(), now));
    let erasure = tx.want_job(JobKind::EmptyLog, Duration::ZERO).await?;
    Ok(Recalled { message, seq, erasure })
}

/// Whom a text calls, by those who are members now.
pub(crate) async fn called(tx: &Tx, room_id: i64, calls: &Calls) -> StoreResult<Mentions> {
    let keys: Vec<&str> = calls.keys().into_iter().collect();
    let known: HashMap<String, i64> = users::find_members_by_name(&tx.db, room_id, &keys).await?.into_iter().collect();
    calls.resolve(|key| Ok(known.get(key).copied()))
}

async fn rewrite(tx: &Tx, message: &MessageRecord) -> StoreResult<()> {
    let sql = "UPDATE messages SET content = ?, mentions = ?, mentions_room = ?, mention_spans = ?, edited_at = ?, recalled_at = ?, \
               attachments = ? WHERE id = ?";
    let values = [
        message.content.as_str().into(),
        join_ids(&message.mentions.users).into(),
        message.mentions.room.into(),
        join_spans(&message.mentions.spans).into(),
        message.edited_at.into(),
        message.recalled_at.into(),
        join_attachments(&message.attachments).into(),
        message.id.into(),
    ];
    tx.db.execute_raw(statement(&tx.db, sql, values)).await.map_err(failure)?;
    Ok(())
}

/// Writes down whom the text names.
pub(crate) async fn name(tx: &Tx, message: &MessageRecord) -> StoreResult<()> {
    let MessageRecord { room_id, seq, .. } = *message;
    let row = |user_id: &i64| mentions::ActiveModel { user_id: Set(*user_id), room_id: Set(room_id), seq: Set(seq) };
    let named: Vec<_> = named(&message.mentions).iter().map(row).collect();
    if !named.is_empty() {
        mentions::Entity::insert_many(named).exec_without_returning(&tx.db).await.map_err(failure)?;
    }
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
    tx.db.execute_raw(statement(&tx.db, &sql, values)).await.map_err(failure)?;
    Ok(())
}

pub(crate) async fn append_broadcast(
    tx: &mut Tx,
    permit: Permit<action::Broadcast>,
    by: Author,
    content: String,
    now: i64,
) -> StoreResult<MessageRecord> {
    let mut room = seats::hold(&tx.db, &permit).await?.room;
    let payload = SystemPayload::default();
    let notice =
        Notice { event: SystemEvent::Broadcast, about: &by, actor_id: None, content, payload, effect: None, now };
    let record = tx.post(&mut room, notice).await?;
    room.last_message_id = Some(record.id);
    tx.save_room(&room).await?;
    Ok(record)
}
