//! The batched append: everything that waits to be said becomes a handful of statements. System rows and changes are
//! rare and go one by one through `room_log`.

use std::collections::HashMap;

use chinwag_domain::{
    policy::{Permit, action},
    ports::{StoreError, StoreResult},
    records::{Appended, MessageRecord, NewMessage, Quote},
};
use chinwag_proto::MessageType;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, Value};
use tokio::sync::oneshot;

use crate::{
    dialect::{LOOK_UP, MOVE_MARKS, MOVE_TAILS, ROWS, repeat, statement},
    entity::mentions,
    error::{Failure, damaged},
    events,
    messages::{self, QuoteRow},
    seats::{holds, is_public},
    writer::Tx,
};

pub(crate) type Outcome = StoreResult<Appended>;
pub(crate) type Reply = oneshot::Sender<Outcome>;

/// A text that waits.
pub(crate) struct Append {
    pub(crate) permit: Permit<action::Post>,
    pub(crate) message: NewMessage,
    pub(crate) reply: Reply,
}

/// What the database holds about one waiting text.
#[derive(Clone, Copy, Default)]
struct Found {
    room: bool,
    public: bool,
    last_seq: i64,
    count: i64,
    version: Option<i64>,
    /// The message that has this client id already.
    known: Option<i64>,
}

/// A row of [`LOOK_UP`]: place, kind, private, last seq, texts, version, known message.
type LookedUp = (usize, i32, i64, i64, i64, Option<i64>, Option<i64>);

/// The end of a room's log while the batch is laid out.
struct Tail {
    last_seq: i64,
    count: i64,
    last_message_id: Option<i64>,
}

/// What one text of the batch becomes.
enum Fate {
    Refused(StoreError),
    /// Index into the fresh rows; the flag says whether this one made it.
    Row(usize, bool),
    Known(i64),
}

struct Fresh {
    record: MessageRecord,
    body_hash: i64,
    ordinal: i64,
    reply_to: Option<i64>,
}

/// Appends all of them in order, in the open transaction. An error is the database's and concerns the whole transaction.
pub(crate) async fn run(tx: &mut Tx, batch: &[Append]) -> Result<Vec<Outcome>, Failure> {
    let found = look_up(tx, batch).await?;
    let quotes = find_quotes(tx, batch).await?;
    let mut tails: HashMap<i64, Tail> = HashMap::new();
    let mut marks: HashMap<(i64, i64), (i64, i64)> = HashMap::new();
    let mut in_batch: HashMap<(i64, i64, &str), usize> = HashMap::new();
    let mut fresh: Vec<Fresh> = Vec::with_capacity(batch.len());
    let mut fates = Vec::with_capacity(batch.len());
    for (append, found) in batch.iter().zip(&found) {
        let (room_id, message) = (append.permit.room_id(), &append.message);
        if !found.room || !holds(append.permit.seat_version(), found.version, found.public) {
            fates.push(Fate::Refused(StoreError::Stale));
            continue;
        }
        if let Some(id) = found.known {
            fates.push(Fate::Known(id));
            continue;
        }
        let body_hash = messages::body_hash(&message.content, message.reply_to);
        let key = message.client_id.as_deref().map(|client_id| (message.author.user_id, room_id, client_id));
        if let Some(&first) = key.and_then(|key| in_batch.get(&key)) {
            fates.push(if fresh[first].body_hash == body_hash {
                Fate::Row(first, false)
            } else {
                Fate::Refused(StoreError::ClientIdConflict)
            });
            continue;
        }
        let reply_to = match message.reply_to {
            None => None,
            Some(id) => match quotes.get(&id) {
                Some((in_room, quote)) if *in_room == room_id => Some(quote.clone()),
                _ => {
                    fates.push(Fate::Refused(StoreError::NotFound));
                    continue;
                }
            },
        };
        let tail = tails.entry(room_id).or_insert(Tail {
            last_seq: found.last_seq,
            count: found.count,
            last_message_id: None,
        });
        tail.last_seq += 1;
        tail.count += 1;
        let id = match tx.next_id(message.now).await {
            Ok(id) => id,
            Err(error) => return Err(Failure::beside(&error)),
        };
        tail.last_message_id = Some(id);
        if found.version.is_some() {
            marks.insert((room_id, append.permit.user_id()), (tail.last_seq, tail.count));
        }
        if let Some(key) = key {
            in_batch.insert(key, fresh.len());
        }
        fates.push(Fate::Row(fresh.len(), true));
        fresh.push(Fresh {
            record: new_record(id, room_id, tail.last_seq, message, reply_to),
            body_hash,
            ordinal: tail.count,
            reply_to: message.reply_to,
        });
    }
    let known = find_known(tx, &fates).await?;
    write(tx, &fresh, &tails, &marks).await?;
    tx.events.extend(fresh.iter().map(|row| events::posted(&row.record)));
    Ok(fates.into_iter().zip(batch).map(|(fate, append)| outcome(fate, append, &fresh, &known)).collect())
}

fn outcome(fate: Fate, append: &Append, fresh: &[Fresh], known: &HashMap<i64, (MessageRecord, i64)>) -> Outcome {
    match fate {
        Fate::Refused(error) => Err(error),
        Fate::Row(index, made_it) => Ok(Appended { message: fresh[index].record.clone(), fresh: made_it }),
        Fate::Known(id) => {
            let (message, body_hash) = known.get(&id).ok_or_else(|| damaged("a known client id names no message"))?;
            if *body_hash != messages::body_hash(&append.message.content, append.message.reply_to) {
                return Err(StoreError::ClientIdConflict);
            }
            Ok(Appended { message: message.clone(), fresh: false })
        }
    }
}

fn new_record(id: i64, room_id: i64, seq: i64, message: &NewMessage, reply_to: Option<Quote>) -> MessageRecord {
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
        mentions: message.mentions.clone(),
        guest: message.guest,
        event: None,
        actor_id: None,
    }
}

/// One query and one row of answer for rooms, seats, known client ids and the greatest message id: a row per text would
/// cost a thread switch each. Indexes: `messages_by_client_id`, otherwise primary keys.
async fn look_up(tx: &mut Tx, batch: &[Append]) -> Result<Vec<Found>, Failure> {
    let wanted: Vec<_> = batch
        .iter()
        .map(|append| (append.permit.room_id(), append.permit.user_id(), append.message.client_id.as_deref()))
        .collect();
    let wanted = serde_json::to_string(&wanted).map_err(unreadable)?;
    let mut found = vec![Found::default(); batch.len()];
    let Some(row) = tx.db.query_one_raw(statement(LOOK_UP, [wanted.into()])).await? else { return Ok(found) };
    tx.continue_ids(row.try_get_by_index::<Option<i64>>(1)?.unwrap_or(0));
    let rows: String = row.try_get_by_index(0)?;
    let rows: Vec<LookedUp> = serde_json::from_str(&rows).map_err(unreadable)?;
    for (place, kind, is_private, last_seq, count, version, known) in rows {
        if let Some(found) = found.get_mut(place) {
            let public = is_public(kind, is_private != 0);
            *found = Found { room: true, public, last_seq, count, version, known };
        }
    }
    Ok(found)
}

fn unreadable(error: serde_json::Error) -> DbErr {
    DbErr::Json(error.to_string())
}

/// The answered messages with their rooms.
async fn find_quotes(tx: &Tx, batch: &[Append]) -> Result<HashMap<i64, (i64, Quote)>, DbErr> {
    let ids: Vec<i64> = batch.iter().filter_map(|append| append.message.reply_to).collect();
    let mut quotes = HashMap::new();
    for ids in ids.chunks(ROWS) {
        for row in QuoteRow::find(&tx.db, ids).await? {
            quotes.insert(row.id, (row.room_id, row.into()));
        }
    }
    Ok(quotes)
}

async fn find_known(tx: &Tx, fates: &[Fate]) -> Result<HashMap<i64, (MessageRecord, i64)>, DbErr> {
    let ids: Vec<i64> =
        fates.iter().filter_map(|fate| if let Fate::Known(id) = fate { Some(*id) } else { None }).collect();
    let mut known = HashMap::new();
    for ids in ids.chunks(ROWS) {
        for (record, body_hash) in messages::find_with_hash(&tx.db, ids).await? {
            known.insert(record.id, (record, body_hash));
        }
    }
    Ok(known)
}

/// Writes the rows, the ends of the logs and the read marks: what one has said oneself one has read.
async fn write(
    tx: &Tx,
    fresh: &[Fresh],
    tails: &HashMap<i64, Tail>,
    marks: &HashMap<(i64, i64), (i64, i64)>,
) -> Result<(), Failure> {
    let Some((last, before)) = chunks(fresh) else { return Ok(()) };
    for rows in before {
        tx.db.execute_raw(statement(&insert_rows(rows.len()), row_values(rows))).await?;
    }
    // The last piece and both updates travel together: one thread switch instead of three.
    let tails: Vec<_> =
        tails.iter().map(|(room, tail)| (room, tail.last_seq, tail.count, tail.last_message_id)).collect();
    let marks: Vec<_> = marks.iter().map(|((room, user), (seq, ordinal))| (room, user, seq, ordinal)).collect();
    let mut values = row_values(last);
    values.push(serde_json::to_string(&tails).map_err(unreadable)?.into());
    values.push(serde_json::to_string(&marks).map_err(unreadable)?.into());
    let sql = format!("{}; {MOVE_TAILS}; {MOVE_MARKS}", insert_rows(last.len()));
    tx.db.execute_raw(statement(&sql, values)).await?;
    let named: Vec<_> = fresh.iter().flat_map(|row| messages::mention_rows(&row.record)).collect();
    for rows in named.chunks(1_000) {
        mentions::Entity::insert_many(rows.to_vec()).exec_without_returning(&tx.db).await?;
    }
    Ok(())
}

/// The last piece of at most [`ROWS`] rows, and those before it.
fn chunks(fresh: &[Fresh]) -> Option<(&[Fresh], std::slice::Chunks<'_, Fresh>)> {
    let start = fresh.len().checked_sub(1)? / ROWS * ROWS;
    Some((&fresh[start..], fresh[..start].chunks(ROWS)))
}

fn insert_rows(rows: usize) -> String {
    format!(
        "INSERT INTO messages (id, room_id, seq, user_id, username, kind, content, created_at, client_id, body_hash, \
         ordinal, reply_to, mentions, mentions_room, guest) VALUES {}",
        repeat("(?,?,?,?,?,0,?,?,?,?,?,?,?,?,?)", rows)
    )
}

fn row_values(rows: &[Fresh]) -> Vec<Value> {
    let mut values = Vec::with_capacity(rows.len() * 14 + 2);
    for row in rows {
        let record = &row.record;
        values.extend([
            Value::from(record.id),
            record.room_id.into(),
            record.seq.into(),
            record.user_id.into(),
            (&*record.username).into(),
            record.content.as_str().into(),
            record.created_at.into(),
            record.client_id.clone().into(),
            row.body_hash.into(),
            row.ordinal.into(),
            row.reply_to.into(),
            messages::join_ids(&record.mentions.users).into(),
            record.mentions.room.into(),
            record.guest.into(),
        ]);
    }
    values
}
