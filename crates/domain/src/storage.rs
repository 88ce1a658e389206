//! Where the bytes of files are, as the use cases hold it: the ports, the keys under which contents are kept, and which uploads are
//! in hand right now. What is done with them is decided in `uploads`, `files` and `sweep`.

use std::{
    collections::HashSet,
    sync::Arc,
    time::{Duration, Instant},
};

use chinwag_proto::{ErrorCode, FileCategory};
use parking_lot::Mutex;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::{
    Chat, Error, Result,
    file_ports::{BlobError, BlobStore, Inspector},
    file_records::FileRecord,
};

/// Uploads that are made whole at the same time: each reads its content twice.
const AT_ONCE: u32 = 4;
/// Pictures that are held in memory at the same time, from their first byte on, until they are made smaller.
const HELD: usize = 8;
/// How long one waits for its turn.
const PATIENCE: Duration = Duration::from_secs(120);

/// The ports of files, and what this process knows of their uploads.
pub struct Storage {
    pub(crate) blobs: Arc<dyn BlobStore>,
    pub(crate) inspector: Arc<dyn Inspector>,
    /// Who puts a content and writes its row holds one; who takes contents away holds all, so that none is taken away between the two.
    turns: Semaphore,
    held: Semaphore,
    in_hand: Mutex<HashSet<i64>>,
    /// Up to where the last sweep has looked at what is kept.
    pub(crate) swept: Mutex<Option<String>>,
}

impl Storage {
    pub fn new(blobs: Arc<dyn BlobStore>, inspector: Arc<dyn Inspector>) -> Self {
        let (turns, held) = (Semaphore::new(AT_ONCE as usize), Semaphore::new(HELD));
        Self { blobs, inspector, turns, held, in_hand: Mutex::default(), swept: Mutex::default() }
    }

    /// Takes an upload for one call alone: the parts of two that write at the same place would be one another's.
    pub(crate) fn take_in_hand(&self, id: i64) -> Result<InHand<'_>> {
        if self.in_hand.lock().insert(id) {
            Ok(InHand { storage: self, id })
        } else {
            Err(Error { retry_after: Some(Duration::from_secs(1)), ..ErrorCode::Conflict.into() })
        }
    }

    /// A turn among those that make an upload whole.
    pub(crate) async fn turn(&self) -> Result<SemaphorePermit<'_>> {
        self.turns_of(1).await
    }

    /// All turns: nobody makes an upload whole meanwhile, in this process.
    pub(crate) async fn all_turns(&self) -> Result<SemaphorePermit<'_>> {
        self.turns_of(AT_ONCE).await
    }

    /// A place for a picture in memory.
    pub(crate) async fn hold_picture(&self) -> Result<SemaphorePermit<'_>> {
        let place = tokio::time::timeout(PATIENCE, self.held.acquire()).await;
        place.map_err(|_| ErrorCode::Unavailable)?.map_err(Error::internal)
    }

    async fn turns_of(&self, count: u32) -> Result<SemaphorePermit<'_>> {
        let begun = Instant::now();
        let turn = tokio::time::timeout(PATIENCE, self.turns.acquire_many(count)).await;
        metrics::histogram!("chinwag_file_turn_seconds").record(begun.elapsed().as_secs_f64());
        turn.map_err(|_| ErrorCode::Unavailable)?.map_err(Error::internal)
    }
}

/// An upload that one call has to itself, until this is dropped.
pub(crate) struct InHand<'a> {
    storage: &'a Storage,
    id: i64,
}

impl Drop for InHand<'_> {
    fn drop(&mut self) {
        self.storage.in_hand.lock().remove(&self.id);
    }
}

impl Chat {
    /// What keeps files; not every process has it.
    pub(crate) fn storage(&self) -> Result<&Storage> {
        self.storage.as_ref().ok_or_else(|| ErrorCode::Unavailable.into())
    }
}

/// The key of a content, by its hash.
pub fn blob_key(hash: &str) -> String {
    format!("{}/{hash}", hash.get(..2).unwrap_or_default())
}

/// The key of a smaller picture. That of an image follows from its content, as its hash does. A video's poster was chosen by who
/// uploaded the file: it is no other file's, were it of the same content.
pub(crate) fn thumb_key(file: &FileRecord, hash: &str, size: i32) -> String {
    let blob = blob_key(hash);
    if file.category == FileCategory::Video { format!("{blob}-{}-{size}", file.id) } else { format!("{blob}-{size}") }
}

/// Under it lie the pictures that stand for people and rooms: no content has such a word before its slash.
const FACES: &str = "face/";

/// The key of a picture that stands for somebody, by its own.
pub(crate) fn avatar_blob(key: &str) -> String {
    format!("{FACES}{}/{key}", key.get(..2).unwrap_or_default())
}

/// The picture that lies under a key, where it is such a one.
pub(crate) fn avatar_of(key: &str) -> Option<&str> {
    key.strip_prefix(FACES)?.rsplit('/').next()
}

/// The hash of the content that a key belongs to.
pub(crate) fn hash_of(key: &str) -> &str {
    let name = key.rsplit('/').next().unwrap_or_default();
    name.split('-').next().unwrap_or_default()
}

impl From<BlobError> for Error {
    fn from(error: BlobError) -> Self {
        let code = match &error {
            BlobError::OutOfSpace => ErrorCode::OutOfSpace,
            BlobError::Unavailable(_) => ErrorCode::StorageUnavailable,
            // Whoever asks knows of it by the database, so it should be there.
            BlobError::NotFound => ErrorCode::Internal,
        };
        Self { cause: Some(Box::new(error)), ..code.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_tells_the_hash_it_belongs_to() {
        for key in ["ab/abcd", "ab/abcd-256", "ab/abcd-17-1024"] {
            assert_eq!(hash_of(key), "abcd", "{key}");
        }
        assert_eq!(blob_key("abcd"), "ab/abcd");
    }

    #[test]
    fn a_picture_of_somebody_and_a_content_are_never_taken_for_one_another() {
        assert_eq!(avatar_blob("abcd"), "face/ab/abcd");
        assert_eq!(avatar_of("face/ab/abcd"), Some("abcd"));
        assert_eq!(avatar_of(&blob_key("face")), None);
    }
}
