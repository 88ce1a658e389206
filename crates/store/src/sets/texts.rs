//! Appends texts to the logs of rooms that the transaction has locked.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chinwag_domain::{
    ports::{Committed, StoreError, StoreResult},
    records::{Appended, MessageRecord, Quote},
};
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, Value};

use super::{
    ground::{Ground, Tail},
    listed,
};
use crate::{
    append::{Append, Randomness, new_record},
    columns::{Columns, Entire},
    dialect::statement,
    engine::{KeyedRows, set_rows, words},
    entity::{mentions, messages as rows},
    events, ids,
    message_rows::{QUOTE, QuoteRow, new_row},
    messages,
    seats::stands,
};

/// Rows of one insert: an engine takes no more than 65535 values.
const INSERT: usize = 2_048;

/// What was looked up for all texts together.
struct Known {
    /// Id and hash of the body, by client id, room and person.
    sent: HashMap<(String, i64, i64), (i64, i64)>,
    /// Messages that were sent again, as they are now.
    records: HashMap<i64, MessageRecord>,
    /// Whom one can meet, by direct conversation.
    hears: HashMap<i64, Vec<i64>>,
    /// By id, with their rooms.
    quotes: HashMap<i64, (i64, Quote)>,
    /// Members, by room and name key.
    named: HashMap<(i64, String), i64>,
}

pub(crate) async fn append(
    db: &impl ConnectionTrait,
    appends: &[Append],
    ground: &mut Ground,
) -> Result<(Vec<StoreResult<Appended>>, Vec<Committed>), DbErr> {
    if appends.is_empty() {
        return Ok(Default::default());
    }
    let mut known = Known::look(db, appends, ground).await?;
    let mut randomness = Randomness::default();
    let mut ids = ids::take(db, appends.len(), || randomness.next()).await?;
    let (mut placed, mut models, mut named, mut changes) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut marks = BTreeMap::new();
    for Append { permit, message: text, .. } in appends {
        let (room_id, user_id) = (permit.room_id(), permit.user_id());
        let account = ground.accounts.get(&user_id).copied().unwrap_or(0);
        let seat = ground.seats.get_mut(&(room_id, user_id));
        let version = seat.as_ref().map(|seat| seat.version);
        let tail = ground.rooms.get_mut(&room_id).filter(|tail| stands(permit, account, version, tail.public));
        let Some(tail) = tail else {
            placed.push(Err(StoreError::Stale));
            continue;
        };
        let body_hash = messages::body_hash(&text.content, text.reply_to);
        let key = text.client_id.as_ref().map(|client_id| (client_id.clone(), room_id, user_id));
        if let Some((id, hash)) = key.as_ref().and_then(|key| known.sent.get(key)) {
            placed.push(match known.records.get(id) {
                Some(message) if body_hash == *hash => Ok(Appended { message: message.clone(), fresh: false }),
                _ => Err(StoreError::ClientIdConflict),
            });
            continue;
        }
        let hears = || known.hears.get(&room_id).is_some_and(|people| people.iter().any(|other| *other != user_id));
        if tail.direct && !hears() {
            placed.push(Err(StoreError::NobodyLeft));
            continue;
        }
        let quote = text.reply_to.map(|id| known.quotes.get(&id).filter(|(room, _)| *room == room_id));
        let reply_to = match quote {
            Some(None) => {
                placed.push(Err(StoreError::NotFound));
                continue;
            }
            quote => quote.flatten().map(|(_, quote)| quote.clone()),
        };
        let calls = text.calls.resolve(|name| Ok::<_, DbErr>(known.named.get(&(room_id, name.to_owned())).copied()))?;
        tail.last_seq += 1;
        tail.count += 1;
        let id = ids.next().ok_or_else(|| DbErr::Custom("an id for each text was taken".into()))?;
        tail.last_message_id = Some(id);
        let record = new_record(id, room_id, tail.last_seq, text, calls, reply_to);
        if let Some(seat) = seat {
            seat.read_seq = tail.last_seq;
            marks.insert((room_id, user_id), (tail.last_seq, tail.count));
        }
        models.push(new_row(&record, body_hash, tail.count, text.reply_to));
        named.extend(messages::named(&record.mentions).iter().map(|user_id| (*user_id, room_id, record.seq)));
        changes.push(events::posted(&record).into());
        if let Some(key) = key {
            known.sent.insert(key, (id, body_hash));
            known.records.insert(id, record.clone());
        }
        placed.push(Ok(Appended { message: record, fresh: true }));
    }
    insert(db, models, named).await?;
    move_tails(db, &ground.rooms).await?;
    move_marks(db, &marks).await?;
    Ok((placed, changes))
}

async fn insert(db: &impl ConnectionTrait, models: Vec<rows::Model>, named: Vec<(i64, i64, i64)>) -> Result<(), DbErr> {
    if !models.is_empty() {
        let all_set = models.into_iter().map(|model| model.into_active_model().reset_all());
        rows::Entity::insert_many(all_set).exec_without_returning(db).await?;
    }
    for named in named.chunks(INSERT) {
        let model = |(user_id, room_id, seq): &(i64, i64, i64)| mentions::Model {
            user_id: *user_id,
            room_id: *room_id,
            seq: *seq,
        };
        let all_set = named.iter().map(|named| model(named).into_active_model().reset_all());
        mentions::Entity::insert_many(all_set).exec_without_returning(db).await?;
    }
    Ok(())
}

async fn move_tails(db: &impl ConnectionTrait, rooms: &HashMap<i64, Tail>) -> Result<(), DbErr> {
    let moved = |(id, tail): (&i64, &Tail)| Some([*id, tail.last_seq, tail.count, tail.last_message_id?]);
    let moved: Vec<[i64; 4]> = rooms.iter().filter_map(moved).collect();
    if moved.is_empty() {
        return Ok(());
    }
    let columns = ["last_seq", "message_count", "last_message_id"];
    let sql = set_rows(db, "rooms", (&["id"], &columns), moved.len(), "TRUE");
    db.execute_raw(statement(db, &sql, moved.into_iter().flatten().map(Value::from))).await.map(|_| ())
}

/// What one has said oneself one has read.
async fn move_marks(db: &impl ConnectionTrait, marks: &BTreeMap<(i64, i64), (i64, i64)>) -> Result<(), DbErr> {
    if marks.is_empty() {
        return Ok(());
    }
    let sql = set_rows(db, "members", (&["room_id", "user_id"], &["read_seq", "read_ordinal"]), marks.len(), "TRUE");
    let values = marks.iter().flat_map(|((room_id, user_id), (seq, ordinal))| [*room_id, *user_id, *seq, *ordinal]);
    db.execute_raw(statement(db, &sql, values.map(Value::from))).await.map(|_| ())
}

impl Known {
    async fn look(db: &impl ConnectionTrait, appends: &[Append], ground: &Ground) -> Result<Self, DbErr> {
        let sent = sent(db, appends).await?;
        let again: Vec<i64> = sent.values().map(|(id, _)| *id).collect();
        let records = if again.is_empty() { Vec::new() } else { messages::find_with_hash(db, &again).await? };
        Ok(Self {
            sent,
            records: records.into_iter().map(|(record, _)| (record.id, record)).collect(),
            hears: hears(db, appends, ground).await?,
            quotes: quotes(db, appends).await?,
            named: named(db, appends).await?,
        })
    }
}

/// Each by its whole key: whoever else sends under the same id, in however many rooms, makes nobody slow.
async fn sent(db: &impl ConnectionTrait, appends: &[Append]) -> Result<HashMap<(String, i64, i64), (i64, i64)>, DbErr> {
    let keys = appends.iter().filter_map(|Append { permit, message, .. }| {
        Some((message.client_id.as_deref()?, permit.room_id(), permit.user_id()))
    });
    let keys = Vec::from_iter(keys.collect::<BTreeSet<_>>());
    if keys.is_empty() {
        return Ok(HashMap::new());
    }
    let (_, keys) = listed(&keys, "?");
    let sql = words(db).keyed_rows(&KeyedRows {
        table: "messages",
        columns: "client_id, room_id, user_id, id, body_hash",
        keys: &["client_id", "room_id", "user_id"],
        index: "messages_by_client_id",
        rows: keys.len(),
    });
    let values = keys.into_iter().flat_map(|(id, room_id, user_id)| [Value::from(id), room_id.into(), user_id.into()]);
    let rows = db.query_all_raw(statement(db, &sql, values)).await?;
    let mut sent = HashMap::new();
    for row in &rows {
        let mut columns = Columns::of(row);
        sent.insert((columns.next()?, columns.next()?, columns.next()?), (columns.next()?, columns.next()?));
    }
    Ok(sent)
}

/// Index: the primary key of members. Direct conversations are few people's.
async fn hears(
    db: &impl ConnectionTrait,
    appends: &[Append],
    ground: &Ground,
) -> Result<HashMap<i64, Vec<i64>>, DbErr> {
    let rooms: BTreeSet<i64> = appends.iter().map(|append| append.permit.room_id()).collect();
    let is_direct = |id: &i64| ground.rooms.get(id).is_some_and(|tail| tail.direct);
    let direct: Vec<i64> = rooms.into_iter().filter(is_direct).collect();
    if direct.is_empty() {
        return Ok(HashMap::new());
    }
    let (list, direct) = listed(&direct, "?");
    let sql = format!("SELECT room_id, user_id FROM members WHERE room_id IN ({list}) AND NOT deactivated");
    let rows = db.query_all_raw(statement(db, &sql, direct.into_iter().map(Value::from))).await?;
    let mut hears = HashMap::<i64, Vec<i64>>::new();
    for row in &rows {
        hears.entry(row.try_get_by_index(0)?).or_default().push(row.try_get_by_index(1)?);
    }
    Ok(hears)
}

/// The beginnings of messages that are answered.
async fn quotes(db: &impl ConnectionTrait, appends: &[Append]) -> Result<HashMap<i64, (i64, Quote)>, DbErr> {
    let ids: BTreeSet<i64> = appends.iter().filter_map(|append| append.message.reply_to).collect();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let (list, ids) = listed(&Vec::from_iter(ids), "?");
    let sql = format!("SELECT q.room_id, {QUOTE} FROM messages q WHERE q.id IN ({list})");
    let rows = db.query_all_raw(statement(db, &sql, ids.into_iter().map(Value::from))).await?;
    let read = |row| {
        let mut columns = Columns::of(row);
        let room_id = columns.next()?;
        let quote = QuoteRow::read(&mut columns)?;
        Ok((quote.id, (room_id, quote.into())))
    };
    rows.iter().map(read).collect()
}

/// Whom the texts call, by those who are members now. Indexes: the unique name key, and the key of members.
async fn named(db: &impl ConnectionTrait, appends: &[Append]) -> Result<HashMap<(i64, String), i64>, DbErr> {
    let called = |append: &Append| {
        let room_id = append.permit.room_id();
        append.message.calls.keys().into_iter().map(|key| (room_id, key.to_owned())).collect::<Vec<_>>()
    };
    let keys: BTreeSet<(i64, String)> = appends.iter().flat_map(called).collect();
    let mut found = HashMap::new();
    for keys in Vec::from_iter(keys).chunks(INSERT) {
        let (list, keys) = listed(keys, "(?,?)");
        let sql = format!(
            "SELECT m.room_id, u.username_key, u.id FROM users u JOIN members m ON m.user_id = u.id \
             WHERE u.deactivated_at IS NULL AND (m.room_id, u.username_key) IN ({list})"
        );
        let values = keys.into_iter().flat_map(|(room_id, key)| [Value::from(room_id), key.into()]);
        for row in db.query_all_raw(statement(db, &sql, values)).await? {
            let mut columns = Columns::of(&row);
            found.insert((columns.next()?, columns.next()?), columns.next()?);
        }
    }
    Ok(found)
}
