//! Takes away what nobody will ask for any more: uploads whose time is over, files that hang on no message, contents that no file
//! refers to, pictures that stand for nobody and are no emoji. Each look is bounded; what it did not come to is for the next one.

use std::collections::BTreeSet;

use crate::{
    Chat, Result,
    file_ports::BlobEntry,
    file_records::{BlobName, FileRecord, Swept, SweptPictures},
    storage::{KeyOwner, LIFE_MS, Storage, avatar_blob, blob_key, picture_key, shared_keys},
};

/// Rows that one look takes out.
const ROWS: usize = 100;
/// Rounds of rows in one look.
const ROUNDS: usize = 5;
/// Uploads without a row, and keys of storage, that one look goes through.
const UPLOADS: usize = 200;
const KEYS: usize = 1_000;

/// One look.
pub(crate) async fn sweep(chat: &Chat) -> Result<()> {
    // Without storage there are no files.
    let Some(storage) = &chat.storage else { return Ok(()) };
    let before = chat.now() - LIFE_MS;
    for _ in 0..ROUNDS {
        let Swept { uploads, blobs, pictures, goes_on } = chat.store.sweep_files(chat.now(), before, ROWS).await?;
        for id in uploads {
            storage.blobs.discard_parts(id).await?;
        }
        take_away(chat, storage, blobs).await?;
        for SweptPictures { file_id, hash, sizes } in pictures {
            for size in sizes {
                storage.blobs.delete(&picture_key(file_id, &hash, size)).await?;
            }
        }
        if !goes_on {
            break;
        }
    }
    for id in storage.blobs.list_uploads(before, UPLOADS).await? {
        let is_upload = chat.store.find_file(id).await?.is_some_and(|file| !FileRecord::is_whole(&file));
        if !is_upload {
            storage.blobs.discard_parts(id).await?;
        }
    }
    sweep_keys(chat, storage, before).await
}

/// The next stretch of what is kept: what a server that died had put, and never written down.
async fn sweep_keys(chat: &Chat, storage: &Storage, before: i64) -> Result<()> {
    let after = storage.swept.lock().clone();
    let kept = storage.blobs.list(after, KEYS).await?;
    let next = kept.last().map(|last| last.key.clone()).filter(|_| kept.len() == KEYS);
    let (mut faces, mut blobs, mut pictures) = (Vec::new(), Vec::new(), Vec::new());
    for BlobEntry { key, .. } in kept.into_iter().filter(|blob| blob.modified_ms < before) {
        match KeyOwner::of(&key) {
            Some(KeyOwner::Face(face)) => faces.push(face),
            Some(KeyOwner::Blob(blob)) => blobs.push(blob),
            Some(KeyOwner::File(file_id)) => pictures.push((file_id, key)),
            None => {}
        }
    }
    blobs.dedup();
    take_away(chat, storage, blobs).await?;
    let ids: BTreeSet<i64> = pictures.iter().map(|(file_id, _)| *file_id).collect();
    let present = chat.store.present_files(&Vec::from_iter(ids)).await?;
    let present = BTreeSet::from_iter(present);
    for (_, key) in pictures.iter().filter(|(file_id, _)| !present.contains(file_id)) {
        storage.blobs.delete(key).await?;
    }
    let referred: BTreeSet<String> = chat.store.referred_avatars(&faces).await?.into_iter().collect();
    // What was nobody's then never will be anybody's: each upload has a key of its own, and none takes a day.
    for face in faces.into_iter().filter(|face| !referred.contains(face)) {
        storage.blobs.delete(&avatar_blob(&face)).await?;
    }
    *storage.swept.lock() = next;
    Ok(())
}

/// Deletes those of these contents that nothing refers to. There is no other way in which a content is deleted: the store's answer holds
/// for ever, so nothing can happen between it and the deletion, however long that takes.
pub(crate) async fn take_away(chat: &Chat, storage: &Storage, blobs: Vec<BlobName>) -> Result<()> {
    if blobs.is_empty() {
        return Ok(());
    }
    let referred: BTreeSet<BlobName> = chat.store.referred(&blobs).await?.into_iter().collect();
    for blob in blobs.iter().filter(|blob| !referred.contains(blob)) {
        storage.blobs.delete(&blob_key(blob)).await?;
        for picture in shared_keys(blob) {
            storage.blobs.delete(&picture).await?;
        }
    }
    Ok(())
}
