//! Takes away what nobody will ask for any more: uploads whose time is over, files that hang on no message, contents that no file
//! refers to, pictures that stand for nobody and are no emoji. Each look is bounded; what it did not come to is for the next one.

use std::collections::BTreeSet;

use crate::{
    Chat, Result,
    file_ports::BlobEntry,
    file_records::{FileRecord, Swept, SweptPoster},
    storage::{Storage, avatar_blob, avatar_of, blob_key, hash_of, poster_key, poster_of},
    uploads::LIFE_MS,
};

/// Rows that one look takes out.
const ROWS: usize = 100;
/// Rounds of rows in one look.
const ROUNDS: usize = 5;
/// Uploads without a row, and keys of storage, that one look goes through.
const UPLOADS: usize = 200;
const KEYS: usize = 1_000;
/// Smaller pictures of one content: an image has two, and each video of that content two of its own.
const PICTURES: usize = 100;

/// One look.
pub(crate) async fn sweep(chat: &Chat) -> Result<()> {
    // Without storage there are no files.
    let Some(storage) = &chat.storage else { return Ok(()) };
    let before = chat.now() - LIFE_MS;
    for _ in 0..ROUNDS {
        let Swept { uploads, hashes, posters, goes_on } = chat.store.sweep_files(chat.now(), before, ROWS).await?;
        for id in uploads {
            storage.blobs.discard_parts(id).await?;
        }
        take_away(chat, storage, hashes).await?;
        // Those of a content that somebody still has would stay with it.
        for SweptPoster { file_id, hash, sizes } in posters {
            for size in sizes {
                storage.blobs.delete(&poster_key(file_id, &hash, size)).await?;
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
    let (mut hashes, mut avatars) = (BTreeSet::new(), Vec::new());
    for BlobEntry { key, .. } in kept.iter().filter(|blob| blob.modified_ms < before) {
        if let Some(avatar) = avatar_of(key) {
            avatars.push(avatar.to_owned());
            continue;
        }
        hashes.insert(hash_of(key).to_owned());
        if let Some(file) = poster_of(key)
            && chat.store.find_file(file).await?.is_none()
        {
            storage.blobs.delete(key).await?;
        }
    }
    take_away(chat, storage, hashes.into_iter().collect()).await?;
    let referred: BTreeSet<String> = chat.store.referred_avatars(&avatars).await?.into_iter().collect();
    // What was nobody's then never will be anybody's: each upload has a key of its own.
    for avatar in avatars.into_iter().filter(|avatar| !referred.contains(avatar)) {
        storage.blobs.delete(&avatar_blob(&avatar)).await?;
    }
    *storage.swept.lock() = next;
    Ok(())
}

/// Deletes those of these contents, with their smaller pictures, that no file refers to.
async fn take_away(chat: &Chat, storage: &Storage, hashes: Vec<String>) -> Result<()> {
    if hashes.is_empty() {
        return Ok(());
    }
    let referred: BTreeSet<String> = chat.store.referred(&hashes).await?.into_iter().collect();
    for hash in hashes.into_iter().filter(|hash| !referred.contains(hash)) {
        let _turns = storage.all_turns().await?;
        // Somebody may have uploaded just that since.
        if !chat.store.referred(std::slice::from_ref(&hash)).await?.is_empty() {
            continue;
        }
        let key = blob_key(&hash);
        // At once: who uploads just that on another node looks, after they have said so, whether it is still there.
        storage.blobs.delete(&key).await?;
        let pictures = storage.blobs.list(Some(key), PICTURES).await?;
        for picture in pictures.iter().take_while(|blob| hash_of(&blob.key) == hash) {
            storage.blobs.delete(&picture.key).await?;
        }
    }
    Ok(())
}
