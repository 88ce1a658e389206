//! Files and uploads: begun within what a person may have, taken further, whole, taken by a message, given up, swept. Not their
//! bytes, and not the message: that is in `attached`.

use std::{collections::BTreeSet, time::Duration};

use chinwag_domain::{
    file_records::{BlobName, FileRecord, NewPoster, NewUpload, Swept, SweptPictures, WholeFile},
    ports::{StoreError, StoreResult, random_bytes},
    records::JobKind,
    text::name_key,
};
use chinwag_proto::FileCategory;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryResult,
    Value,
};

use crate::{
    dialect::{ROWS, repeat, statement},
    engine::words,
    entity::files::{Column, Entity, Model},
    error::{conflict, failure},
    holds,
    message_rows::{join_ids, split_ids},
    tx::Tx,
};

/// Whose a file is that nobody has any more.
const NOBODY: i64 = 0;
/// Bits of an id that do not say when it was made: in 2109 there is none left.
const DICE: i64 = 1 << 11;
/// How often leftovers are looked for, while there is anything that may become one.
const NEXT_LOOK: Duration = Duration::from_secs(60 * 60);
/// And where one did not come to the end: whoever leaves much keeps what others left waiting no longer than this.
const GOES_ON: Duration = Duration::from_secs(5);
/// Ids that are tried, each in a millisecond of its own.
const TRIES: i64 = 64;
/// What a file counts against its owner's share. Index: `files_by_user`.
const FITS: &str = "SELECT id FROM users WHERE id = ? AND (SELECT coalesce(sum(CASE WHEN hash IS NULL THEN length \
     ELSE size + thumb_bytes END), 0) FROM files WHERE user_id = ?) <= ?";
/// Index: the first column of `files_by_message`, in the order of the second.
const LEFT_OVER: &str = "SELECT id, hash, brought_by, category, thumbs FROM files WHERE message_id IS NULL AND (user_id = ? OR \
     (hash IS NULL AND expires_at <= ?) OR (hash IS NOT NULL AND created_at <= ?)) ORDER BY created_at LIMIT ?";
/// A file with the same content, whose row stays until the end of the transaction: the sweep that wants it comes behind. Index:
/// `files_by_hash`.
const SAME: &str = "SELECT brought_by FROM files WHERE hash = ? AND brought_by <> 0 AND user_id <> 0 LIMIT 1";
/// What an upload brought in vain is a file that nobody has. Whether there is such costs nothing that could be told from outside.
const SPARE: &str = "INSERT INTO files (id, user_id, created_at, name, name_key, length, received, parts, expires_at, hash, size, \
     media_type, category, thumb_bytes, brought_by) SELECT ?, 0, created_at, '', '', length, received, parts, expires_at, hash, size, \
     '', category, 0, id FROM files WHERE id = ? AND brought_by <> id";
/// Nothing stays of what it was called or looked like: that was its message's.
const FREE: &str = "UPDATE files SET user_id = 0, message_id = NULL, room_id = NULL, name = '', name_key = '', \
     media_type = '', placeholder = NULL, waveform = NULL";

impl From<Model> for FileRecord {
    fn from(row: Model) -> Self {
        let narrow = |number: i64| i32::try_from(number).unwrap_or(i32::MAX);
        let category = FileCategory::try_from(narrow(row.category)).unwrap_or_default();
        let numbers = |text: Option<String>| split_ids(text.as_deref()).into_iter().map(narrow).collect();
        Self {
            id: row.id,
            user_id: row.user_id,
            created_at: row.created_at,
            name: row.name,
            length: row.length,
            received: row.received,
            parts: row.parts,
            expires_at: row.expires_at,
            hash: row.hash,
            brought_by: row.brought_by,
            size: row.size,
            media_type: row.media_type,
            category,
            width: row.width.map(narrow),
            height: row.height.map(narrow),
            duration_ms: row.duration_ms,
            placeholder: row.placeholder,
            waveform: numbers(row.waveform),
            thumbs: numbers(row.thumbs),
            message_id: row.message_id,
            room_id: row.room_id,
        }
    }
}

fn joined(numbers: &[i32]) -> Option<String> {
    join_ids(&numbers.iter().map(|number| i64::from(*number)).collect::<Vec<_>>())
}

pub(crate) async fn create_upload(tx: &mut Tx, upload: NewUpload, quota: Option<i64>) -> StoreResult<FileRecord> {
    fits(tx, upload.user_id, upload.length, quota).await?;
    let row = Model {
        id: free_id(tx, upload.created_at).await?,
        user_id: upload.user_id,
        created_at: upload.created_at,
        name_key: name_key(&upload.name),
        name: upload.name,
        length: upload.length,
        received: 0,
        parts: 0,
        expires_at: upload.expires_at,
        hash: None,
        size: 0,
        media_type: String::new(),
        category: FileCategory::File as i64,
        width: None,
        height: None,
        duration_ms: upload.duration_ms,
        placeholder: None,
        waveform: joined(&upload.waveform),
        thumbs: None,
        message_id: None,
        room_id: None,
        thumb_bytes: 0,
        brought_by: 0,
    };
    let all_set = row.clone().into_active_model().reset_all();
    // Somebody else may take the id at the same moment.
    Entity::insert(all_set).exec_without_returning(&tx.db).await.map_err(conflict)?;
    tx.want_job(JobKind::SweepFiles, NEXT_LOOK).await?;
    Ok(row.into())
}

pub(crate) async fn grow_upload(
    tx: &mut Tx,
    (id, user_id): (i64, i64),
    from: i64,
    to: i64,
    quota: Option<i64>,
) -> StoreResult<FileRecord> {
    fits(tx, user_id, to - from, quota).await?;
    let sql = "UPDATE files SET length = ? WHERE id = ? AND user_id = ? AND length = ? AND hash IS NULL";
    let grown = change(tx, sql, [to, id, user_id, from].map(Value::from)).await? > 0;
    let upload = find_file(&tx.db, id).await?.filter(|upload| !upload.is_whole()).ok_or(StoreError::NotFound)?;
    if grown { Ok(upload) } else { Err(StoreError::Stale) }
}

/// Whether so much more fits into a person's share. Until the end nobody else counts what they have.
async fn fits(tx: &Tx, user_id: i64, more: i64, quota: Option<i64>) -> StoreResult<()> {
    let Some(quota) = quota else { return Ok(()) };
    holds::users(&tx.db, "id = ?", [user_id.into()]).await?;
    let values = [user_id, user_id, quota - more].map(Value::from);
    let fits = tx.db.query_one_raw(statement(&tx.db, FITS, values)).await.map_err(failure)?;
    fits.map(|_| ()).ok_or(StoreError::QuotaExceeded)
}

/// One that grows with time and cannot be guessed by counting; what it names is asked for by nobody who may not have it.
async fn free_id(tx: &Tx, now: i64) -> StoreResult<i64> {
    for later in 0..TRIES {
        let dice = i64::from(u16::from_le_bytes(random_bytes())) % DICE;
        let id = (now + later) * DICE + dice;
        if Entity::find_by_id(id).one(&tx.db).await.map_err(failure)?.is_none() {
            return Ok(id);
        }
    }
    Err(StoreError::Unavailable(None))
}

pub(crate) async fn advance_upload(tx: &mut Tx, id: i64, from: i64, to: i64, now: i64) -> StoreResult<FileRecord> {
    let sql = "UPDATE files SET received = ?, parts = parts + 1 WHERE id = ? AND received = ? AND hash IS NULL \
               AND length >= ? AND expires_at > ?";
    let moved = change(tx, sql, [to, id, from, to, now].map(Value::from)).await? > 0;
    let upload = find_file(&tx.db, id).await?.filter(|upload| !upload.is_whole() && upload.expires_at > now);
    let upload = upload.ok_or(StoreError::NotFound)?;
    if moved { Ok(upload) } else { Err(StoreError::Stale) }
}

pub(crate) async fn finish_upload(tx: &mut Tx, id: i64, whole: WholeFile, now: i64) -> StoreResult<FileRecord> {
    let sql = "UPDATE files SET created_at = ?, hash = ?, size = ?, media_type = ?, category = ?, width = ?, height = ?, \
               duration_ms = ?, placeholder = ?, waveform = ?, thumbs = ?, thumb_bytes = ?, brought_by = ? \
               WHERE id = ? AND user_id <> 0 AND hash IS NULL";
    let same = format!("{SAME}{}", words(&tx.db).hold());
    let same = tx.db.query_one_raw(statement(&tx.db, &same, [whole.hash.as_str().into()])).await.map_err(failure)?;
    let same: Option<i64> = same.map(|row| row.try_get_by_index(0)).transpose().map_err(failure)?;
    let values = [
        now.into(),
        whole.hash.into(),
        whole.size.into(),
        whole.media_type.into(),
        (whole.category as i64).into(),
        whole.width.map(i64::from).into(),
        whole.height.map(i64::from).into(),
        whole.duration_ms.into(),
        whole.placeholder.into(),
        joined(&whole.waveform).into(),
        joined(&whole.thumbs).into(),
        whole.thumb_bytes.into(),
        same.unwrap_or(id).into(),
        id.into(),
    ];
    if change(tx, sql, values).await? > 0 {
        let spare = free_id(tx, now).await?;
        change(tx, SPARE, [spare, id].map(Value::from)).await?;
    }
    find_file(&tx.db, id).await?.filter(FileRecord::is_whole).ok_or(StoreError::NotFound)
}

pub(crate) async fn set_poster(tx: &mut Tx, id: i64, poster: NewPoster, quota: Option<i64>) -> StoreResult<FileRecord> {
    let before = Entity::find_by_id(id).one(&tx.db).await.map_err(failure)?;
    let before = before.filter(|row| row.user_id != NOBODY).ok_or(StoreError::NotFound)?;
    if poster.thumb_bytes > before.thumb_bytes {
        fits(tx, before.user_id, poster.thumb_bytes - before.thumb_bytes, quota).await?;
    }
    let sql = "UPDATE files SET thumbs = ?, thumb_bytes = ?, placeholder = ?, width = coalesce(width, ?), \
               height = coalesce(height, ?) WHERE id = ? AND user_id <> 0 AND hash IS NOT NULL AND message_id IS NULL";
    let values = [
        joined(&poster.thumbs).into(),
        poster.thumb_bytes.into(),
        poster.placeholder.into(),
        poster.width.map(i64::from).into(),
        poster.height.map(i64::from).into(),
        id.into(),
    ];
    change(tx, sql, values).await?;
    let is_free = |file: &FileRecord| file.is_whole() && file.message_id.is_none();
    find_file(&tx.db, id).await?.filter(is_free).ok_or(StoreError::NotFound)
}

pub(crate) async fn find_file(db: &impl ConnectionTrait, id: i64) -> StoreResult<Option<FileRecord>> {
    let row = Entity::find_by_id(id).one(db).await.map_err(failure)?;
    Ok(row.filter(|row| row.user_id != NOBODY).map(FileRecord::from))
}

/// Its content is found by the sweep.
pub(crate) async fn remove_file(tx: &mut Tx, id: i64, user_id: i64) -> StoreResult<bool> {
    let which = "WHERE id = ? AND user_id = ? AND user_id <> 0 AND message_id IS NULL";
    let values = || [id, user_id].map(Value::from);
    if change(tx, &format!("{FREE} {which} AND hash IS NOT NULL"), values()).await? > 0 {
        tx.want_job(JobKind::SweepFiles, Duration::ZERO).await?;
        return Ok(true);
    }
    Ok(change(tx, &format!("DELETE FROM files {which} AND hash IS NULL"), values()).await? > 0)
}

/// Takes these files for a message, each of which must be this person's, whole and free; gives them in the order in which they are
/// named. Of two who want one at the same moment the second finds it taken.
pub(crate) async fn attach(
    tx: &mut Tx,
    user_id: i64,
    ids: &[i64],
    (message_id, room_id): (i64, i64),
) -> StoreResult<Vec<FileRecord>> {
    let list = repeat("?", ids.len());
    let sql = format!(
        "UPDATE files SET message_id = ?, room_id = ? WHERE user_id = ? AND user_id <> 0 AND hash IS NOT NULL \
         AND message_id IS NULL AND id IN ({list})"
    );
    let values = [message_id, room_id, user_id].into_iter().chain(ids.iter().copied()).map(Value::from);
    let taken = change(tx, &sql, values).await?;
    if usize::try_from(taken) != Ok(ids.len()) {
        return Err(StoreError::FileNotFound);
    }
    let found = Entity::find().filter(Column::Id.is_in(ids.iter().copied())).all(&tx.db).await;
    let mut rows = found.map_err(failure)?;
    rows.sort_by_key(|row| ids.iter().position(|id| *id == row.id));
    Ok(rows.into_iter().map(FileRecord::from).collect())
}

/// The message is taken back. Index: `files_by_message`.
pub(crate) async fn free_message(tx: &mut Tx, message_id: i64) -> StoreResult<()> {
    change(tx, &format!("{FREE} WHERE message_id = ?"), [message_id.into()]).await.map(|_| ())
}

/// The room is gone; whether it had files. Index: `files_of_room`.
pub(crate) async fn free_room(tx: &mut Tx, room_id: i64) -> StoreResult<bool> {
    Ok(change(tx, &format!("{FREE} WHERE room_id = ?"), [room_id.into()]).await? > 0)
}

pub(crate) async fn sweep(tx: &mut Tx, now: i64, unattached_before: i64, limit: usize) -> StoreResult<Swept> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let sql = format!("{LEFT_OVER}{}", words(&tx.db).hold());
    let values = [NOBODY, now, unattached_before, limit].map(Value::from);
    let rows = tx.db.query_all_raw(statement(&tx.db, &sql, values)).await.map_err(failure)?;
    let (mut swept, mut ids) = (Swept::default(), Vec::with_capacity(rows.len()));
    for row in &rows {
        let id: i64 = row.try_get_by_index(0).map_err(failure)?;
        match row.try_get_by_index::<Option<String>>(1).map_err(failure)? {
            Some(hash) => {
                let brought_by = row.try_get_by_index(2).map_err(failure)?;
                swept.pictures.extend(pictures(row, id, &hash, brought_by).map_err(failure)?);
                swept.blobs.push(BlobName { hash, brought_by });
            }
            None => swept.uploads.push(id),
        }
        ids.push(id);
    }
    swept.goes_on = i64::try_from(rows.len()) == Ok(limit);
    for ids in ids.chunks(ROWS) {
        let sql = format!("DELETE FROM files WHERE id IN ({})", repeat("?", ids.len()));
        change(tx, &sql, ids.iter().map(|id| Value::from(*id))).await?;
    }
    let free = "SELECT id FROM files WHERE message_id IS NULL LIMIT 1";
    if swept.goes_on {
        tx.want_job(JobKind::SweepFiles, GOES_ON).await?;
    } else if tx.db.query_one_raw(statement(&tx.db, free, [])).await.map_err(failure)?.is_some() {
        tx.want_job(JobKind::SweepFiles, NEXT_LOOK).await?;
    }
    swept.blobs.sort_unstable();
    swept.blobs.dedup();
    Ok(swept)
}

/// What a row that is taken out had for itself alone: of an image whose content older versions kept, nothing.
fn pictures(row: &QueryResult, file_id: i64, hash: &str, brought_by: i64) -> Result<Option<SweptPictures>, DbErr> {
    let (category, sizes): (i64, Option<String>) = (row.try_get_by_index(3)?, row.try_get_by_index(4)?);
    let sizes: Vec<i32> = split_ids(sizes.as_deref()).into_iter().filter_map(|size| size.try_into().ok()).collect();
    let has_own = (brought_by != 0 || category == FileCategory::Video as i64) && !sizes.is_empty();
    Ok(has_own.then(|| SweptPictures { file_id, hash: hash.to_owned(), sizes }))
}

/// In one statement, so that nothing becomes whole between two looks. Indexes: `files_by_hash`, and the primary key.
pub(crate) async fn referred(db: &impl ConnectionTrait, blobs: &[BlobName]) -> StoreResult<Vec<BlobName>> {
    let mut found = Vec::new();
    for blobs in blobs.chunks(ROWS) {
        let list = repeat("?", blobs.len());
        let sql = format!(
            "SELECT hash, brought_by FROM files WHERE hash IN ({list}) \
             UNION SELECT hash, id FROM files WHERE id IN ({list}) AND hash IS NULL"
        );
        let hashes = blobs.iter().map(|blob| Value::from(blob.hash.as_str()));
        let values = hashes.chain(blobs.iter().map(|blob| blob.brought_by.into()));
        let (mut has, mut may_bring) = (BTreeSet::new(), BTreeSet::new());
        for row in db.query_all_raw(statement(db, &sql, values)).await.map_err(failure)? {
            let brought_by: i64 = row.try_get_by_index(1).map_err(failure)?;
            match row.try_get_by_index(0).map_err(failure)? {
                Some(hash) => drop(has.insert(BlobName { hash, brought_by })),
                None => drop(may_bring.insert(brought_by)),
            }
        }
        found.extend(blobs.iter().filter(|blob| has.contains(blob) || may_bring.contains(&blob.brought_by)).cloned());
    }
    Ok(found)
}

pub(crate) async fn present(db: &impl ConnectionTrait, ids: &[i64]) -> StoreResult<Vec<i64>> {
    let mut found = Vec::new();
    for ids in ids.chunks(ROWS) {
        let sql = format!("SELECT id FROM files WHERE id IN ({})", repeat("?", ids.len()));
        let values = ids.iter().map(|id| Value::from(*id));
        for row in db.query_all_raw(statement(db, &sql, values)).await.map_err(failure)? {
            found.push(row.try_get_by_index(0).map_err(failure)?);
        }
    }
    Ok(found)
}

/// How many rows a statement changed.
async fn change(tx: &Tx, sql: &str, values: impl IntoIterator<Item = Value>) -> StoreResult<u64> {
    Ok(tx.db.execute_raw(statement(&tx.db, sql, values)).await.map_err(failure)?.rows_affected())
}
