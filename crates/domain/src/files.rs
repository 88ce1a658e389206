//! Files that are whole: shown to who may see them, given a poster, deleted, swept. How they come in is in `uploads`.

use std::ops::Range;

use bytes::{Bytes, BytesMut};
use chinwag_proto::{Attachment, ErrorCode, FileCategory};
use futures_util::{TryStreamExt, stream::BoxStream};

use crate::{
    Actor, Chat, Error, Result, facts,
    file_ports::{BlobContent, BlobError, BlobResult, Inspected},
    file_records::{FilePage, FileQuery, FileRecord, NewPoster},
    policy::{self, FilePermit},
    storage::{Storage, blob_key, thumb_key},
    text, uploads, views,
};

/// Bytes of a poster.
pub const POSTER_BYTES: usize = 2 * 1024 * 1024;

/// A file that this person may see now: their own while it hangs on no message, and then whoever may read that message's room.
pub async fn find(chat: &Chat, actor: &Actor, id: i64) -> Result<FilePermit> {
    let file = chat.store.find_file(id).await?.filter(FileRecord::is_whole).ok_or(ErrorCode::FileNotFound)?;
    let seat = match file.room_id {
        Some(room_id) => Some(facts::seat(chat, actor, room_id).await.map_err(hide)?),
        None => None,
    };
    policy::may_see_file(actor, file, seat.as_ref())
}

/// What is of a room that one may not see is not there, either.
pub(crate) fn hide(error: Error) -> Error {
    if error.code == ErrorCode::RoomNotFound { ErrorCode::FileNotFound.into() } else { error }
}

/// As a message shows it, for whoever may see it.
pub fn shown(file: &FileRecord) -> Attachment {
    views::attachment(file)
}

/// Files of messages of a room, or of all rooms whose history this person may read, newest first.
pub async fn list(chat: &Chat, actor: &Actor, room_id: Option<i64>, query: FileQuery) -> Result<FilePage> {
    let query = FileQuery { name: text::search("query", &query.name)?, ..query };
    let Some(room_id) = room_id else { return Ok(chat.store.list_files(actor.user_id, query).await?) };
    facts::with_seat(chat, actor, room_id, |seat| {
        let query = query.clone();
        async move { Ok(chat.store.list_room_files(policy::may_read(actor, &seat)?, query).await?) }
    })
    .await
}

/// A stretch of the content, as it comes from storage.
pub async fn read(
    chat: &Chat,
    permit: &FilePermit,
    range: Range<u64>,
) -> Result<BoxStream<'static, BlobResult<Bytes>>> {
    let blob = permit.file().blob().ok_or(ErrorCode::FileNotFound)?;
    Ok(chat.storage()?.blobs.read(&blob_key(&blob), range).await?)
}

/// The smaller picture of that size. None where there is none, or it was lost: that loses no file.
pub async fn read_thumb(chat: &Chat, permit: &FilePermit, size: i32) -> Result<Option<Vec<u8>>> {
    let file = permit.file();
    let key = thumb_key(file, file.hash.as_deref().unwrap_or_default(), size);
    match read_whole(chat.storage()?, &key).await {
        Ok(picture) => Ok(Some(picture)),
        Err(BlobError::NotFound) => Ok(None),
        Err(other) => Err(other.into()),
    }
}

/// What is small enough to be held: one of the pictures that are made here.
pub(crate) async fn read_whole(storage: &Storage, key: &str) -> BlobResult<Vec<u8>> {
    let mut bytes = storage.blobs.read(key, 0..storage.blobs.size(key).await?).await?;
    let mut picture = Vec::new();
    while let Some(stretch) = bytes.try_next().await? {
        picture.extend_from_slice(&stretch);
    }
    Ok(picture)
}

/// Deletes one's own file that hangs on no message, or gives up an upload.
pub async fn delete(chat: &Chat, actor: &Actor, id: i64) -> Result<()> {
    if uploads::give_up(chat, actor, id).await? { Ok(()) } else { Err(ErrorCode::FileNotFound.into()) }
}

/// All of a picture, in memory: decoders ask for it as a whole.
pub(crate) async fn held(mut body: BoxStream<'static, Result<Bytes>>, most: usize) -> Result<Bytes> {
    let mut picture = BytesMut::new();
    while let Some(bytes) = body.try_next().await? {
        if picture.len() + bytes.len() > most {
            return Err(ErrorCode::TooLarge.into());
        }
        picture.extend_from_slice(&bytes);
    }
    Ok(picture.freeze())
}

/// Gives one's own video, while it hangs on no message, the picture that its client made. It is read once it has a place in memory.
pub async fn set_poster(
    chat: &Chat,
    actor: &Actor,
    id: i64,
    picture: BoxStream<'static, Result<Bytes>>,
) -> Result<Attachment> {
    let permit = find(chat, actor, id).await?;
    let file = policy::may_set_poster(actor, &permit)?;
    if file.category != FileCategory::Video {
        return Err(ErrorCode::UnsupportedFile.into());
    }
    let storage = chat.storage()?;
    let _held = storage.hold_picture(actor.user_id).await?;
    let picture = held(picture, POSTER_BYTES).await?;
    let Inspected { facts, thumbs, .. } =
        storage.inspector.thumbs_of(picture).await.ok_or(ErrorCode::UnsupportedFile)?;
    let hash = file.hash.as_deref().unwrap_or_default();
    let poster = NewPoster {
        thumbs: thumbs.iter().map(|thumb| thumb.size as i32).collect(),
        thumb_bytes: thumbs.iter().map(|thumb| thumb.bytes.len() as i64).sum(),
        placeholder: facts.placeholder,
        width: facts.width,
        height: facts.height,
    };
    // First the row, which refuses what hangs on a message by now: to look at a picture takes a while.
    let posted = chat.store.set_poster(id, poster, chat.settings.file_quota).await.map_err(uploads::moved)?;
    for thumb in thumbs {
        let key = thumb_key(file, hash, thumb.size as i32);
        // A key has one content for ever, and there may have been another poster.
        storage.blobs.delete(&key).await?;
        storage.blobs.put(&key, BlobContent::Bytes(thumb.bytes)).await?;
    }
    Ok(views::attachment(&posted))
}
