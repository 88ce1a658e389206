//! Appends one text with attachments: it takes files, so it goes with the verbs. Texts without any, which are many, are appended by
//! `append` and `sets/`; what is decided, and in which order, is the same.

use chinwag_domain::{
    file_records,
    policy::{Permit, action},
    ports::{StoreError, StoreResult},
    records::{Appended, NewMessage, Quote},
    views,
};
use chinwag_proto::RoomKind;
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel, Value};

use crate::{
    append::{HEARS, KNOWN, MOVE_MARK, new_record},
    columns::{Columns, Entire},
    dialect::statement,
    entity::messages as rows,
    error::{damaged, failure},
    events, files,
    message_rows::{QUOTE, QuoteRow, new_row},
    messages::{self, body_hash},
    seats,
    tx::Tx,
};

pub(crate) async fn append(tx: &mut Tx, permit: Permit<action::Post>, message: NewMessage) -> StoreResult<Appended> {
    let sight = seats::hold(&tx.db, &permit).await?;
    let (mut room, user_id) = (sight.room, permit.user_id());
    let hash = hash(&message);
    if let Some(first) = first_answer(tx, &permit, &message, hash).await? {
        return Ok(first);
    }
    let hears = || tx.db.query_one_raw(statement(&tx.db, HEARS, [room.id.into(), user_id.into()]));
    if room.kind == RoomKind::Direct as i32 && hears().await.map_err(failure)?.is_none() {
        return Err(StoreError::NobodyLeft);
    }
    let reply_to = match message.reply_to {
        Some(id) => Some(quote(tx, room.id, id).await?.ok_or(StoreError::NotFound)?),
        None => None,
    };
    let id = tx.next_id().await?;
    let files = files::attach(tx, user_id, &message.attachments, (id, room.id)).await?;
    let categories: Vec<_> = files.iter().map(|file| file.category).collect();
    let kind = file_records::message_type(message.kind, &categories).map_err(StoreError::Unfitting)?;
    let mentions = messages::called(tx, room.id, &message.calls).await?;
    room.last_seq += 1;
    room.message_count += 1;
    room.last_message_id = Some(id);
    let mut record = new_record(id, room.id, room.last_seq, &message, mentions, reply_to);
    record.kind = kind;
    record.attachments = files.iter().map(views::attachment).collect();
    let row = new_row(&record, hash, room.message_count, message.reply_to);
    let all_set = row.into_active_model().reset_all();
    rows::Entity::insert(all_set).exec_without_returning(&tx.db).await.map_err(failure)?;
    messages::name(tx, &record).await?;
    if sight.member.is_some() {
        // What one has said oneself one has read.
        let values = [record.seq, room.message_count, room.id, user_id].map(Value::from);
        tx.db.execute_raw(statement(&tx.db, MOVE_MARK, values)).await.map_err(failure)?;
    }
    tx.save_room(&room).await?;
    tx.tell(events::posted(&record));
    Ok(Appended { message: record, fresh: true })
}

/// Of the body and what hangs on it, as it was sent. Stored for ever, as that of a text is.
fn hash(message: &NewMessage) -> i64 {
    let hash = body_hash(&message.content, message.reply_to);
    let more = [i64::from(message.kind as i32)].into_iter().chain(message.attachments.iter().copied());
    messages::hash_on(hash, more.flat_map(i64::to_le_bytes))
}

/// The message that this client id has named before. Index: `messages_by_client_id`.
async fn first_answer(
    tx: &Tx,
    permit: &Permit<action::Post>,
    message: &NewMessage,
    body_hash: i64,
) -> StoreResult<Option<Appended>> {
    let Some(client_id) = &message.client_id else { return Ok(None) };
    let values = [client_id.as_str().into(), permit.room_id().into(), permit.user_id().into()];
    let row = tx.db.query_one_raw(statement(&tx.db, KNOWN, values)).await.map_err(failure)?;
    let Some(row) = row else { return Ok(None) };
    let mut columns = Columns::of(&row);
    let (id, hash): (i64, i64) = (columns.next().map_err(failure)?, columns.next().map_err(failure)?);
    if hash != body_hash {
        return Err(StoreError::ClientIdConflict);
    }
    let found = messages::find_message(&tx.db, id).await?;
    let message = found.ok_or_else(|| damaged("a message that was just found is not there"))?;
    Ok(Some(Appended { message, fresh: false }))
}

/// The beginning of a message of this room.
async fn quote(tx: &Tx, room_id: i64, id: i64) -> StoreResult<Option<Quote>> {
    let sql = format!("SELECT {QUOTE} FROM messages q WHERE q.id = ? AND q.room_id = ?");
    let row = tx.db.query_one_raw(statement(&tx.db, &sql, [id.into(), room_id.into()])).await.map_err(failure)?;
    row.map(|row| QuoteRow::read(&mut Columns::of(&row)).map(Quote::from)).transpose().map_err(failure)
}
