//! Where the bytes of files are, as the use cases hold it: the ports, the keys under which contents are kept, and which uploads are
//! in hand right now. What is done with them is decided in `uploads`, `files` and `sweep`.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};

use chinwag_proto::{ErrorCode, FileCategory};
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

use crate::{
    Chat, Error, Result,
    file_ports::{BlobError, BlobStore, Inspector},
    file_records::FileRecord,
};

/// Uploads that are made whole at the same time: each reads its content twice.
const AT_ONCE: u32 = 4;
/// Pictures that are held in memory at the same time, from their first byte on, until they are made smaller.
const HELD: usize = 8;
/// As many of either are one person's at the same time: whose files take long, or whose bytes never come, keeps nobody else waiting.
const OF_ONE: usize = 2;
/// How long one waits for its turn.
const PATIENCE: Duration = Duration::from_secs(120);

/// The ports of files, and what this process knows of their uploads.
pub struct Storage {
    pub(crate) blobs: Arc<dyn BlobStore>,
    pub(crate) inspector: Arc<dyn Inspector>,
    /// Who puts a content and writes its row holds one; who takes contents away holds all, so that none is taken away between the two.
    turns: Turns,
    held: Turns,
    in_hand: Mutex<HashSet<i64>>,
    /// Up to where the last sweep has looked at what is kept.
    pub(crate) swept: Mutex<Option<String>>,
}

impl Storage {
    pub fn new(blobs: Arc<dyn BlobStore>, inspector: Arc<dyn Inspector>) -> Self {
        let (turns, held) = (Turns::new(AT_ONCE as usize), Turns::new(HELD));
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

    /// A turn of this person among those that make an upload whole.
    pub(crate) async fn turn(&self, user_id: i64) -> Result<TurnGuard<'_>> {
        let begun = Instant::now();
        let turn = self.turns.of(user_id).await;
        metrics::histogram!("chinwag_file_turn_seconds").record(begun.elapsed().as_secs_f64());
        turn
    }

    /// All turns: nobody makes an upload whole meanwhile, in this process.
    pub(crate) async fn all_turns(&self) -> Result<SemaphorePermit<'_>> {
        let turns = tokio::time::timeout(PATIENCE, self.turns.all.acquire_many(AT_ONCE)).await;
        turns.map_err(|_| ErrorCode::Unavailable)?.map_err(Error::internal)
    }

    /// A place for a picture of this person in memory.
    pub(crate) async fn hold_picture(&self, user_id: i64) -> Result<TurnGuard<'_>> {
        self.held.of(user_id).await
    }
}

/// So many turns at the same time, of which one person has [`OF_ONE`] and no more.
struct Turns {
    all: Semaphore,
    /// Those of each person who has one or waits for one.
    people: Mutex<HashMap<i64, Arc<Semaphore>>>,
}

/// It is over when this is dropped.
pub(crate) struct TurnGuard<'a> {
    _of_all: SemaphorePermit<'a>,
    _of_one: OwnedSemaphorePermit,
}

impl Turns {
    fn new(count: usize) -> Self {
        Self { all: Semaphore::new(count), people: Mutex::default() }
    }

    /// Waits behind those of the same person first, and then behind all others.
    async fn of(&self, user_id: i64) -> Result<TurnGuard<'_>> {
        let own = {
            let mut people = self.people.lock();
            people.retain(|_, turns| Arc::strong_count(turns) > 1);
            people.entry(user_id).or_insert_with(|| Arc::new(Semaphore::new(OF_ONE))).clone()
        };
        let both = async {
            let _of_one = own.acquire_owned().await?;
            Ok(TurnGuard { _of_all: self.all.acquire().await?, _of_one })
        };
        let turn: Result<_, tokio::sync::AcquireError> =
            tokio::time::timeout(PATIENCE, both).await.map_err(|_| ErrorCode::Unavailable)?;
        turn.map_err(Error::internal)
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
    if file.category == FileCategory::Video {
        poster_key(file.id, hash, size)
    } else {
        format!("{}-{size}", blob_key(hash))
    }
}

/// The key of a poster, by its file and the content of that.
pub(crate) fn poster_key(file_id: i64, hash: &str, size: i32) -> String {
    format!("{}-{file_id}-{size}", blob_key(hash))
}

/// Whose poster lies under a key, where it is one.
pub(crate) fn poster_of(key: &str) -> Option<i64> {
    let mut words = key.rsplit('/').next()?.split('-').skip(1);
    let (id, _size) = (words.next()?, words.next()?);
    id.parse().ok()
}

/// Under it lie the pictures that stand for people and rooms, and those of emojis: no content has such a word before its slash.
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
        let posters = ["ab/abcd", "ab/abcd-256", &poster_key(17, "abcd", 1024)].map(poster_of);
        assert_eq!(posters, [None, None, Some(17)]);
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_many_turns_waits_for_their_own_and_keeps_nobody_else_waiting() {
        let turns = Turns::new(AT_ONCE as usize);
        let mut hers = (turns.of(1).await.expect("free"), turns.of(1).await.expect("free"));
        assert_eq!(turns.of(1).await.err().map(|error| error.code), Some(ErrorCode::Unavailable));
        let his = turns.of(2).await.expect("she has no more than hers");
        hers.0 = tokio::join!(turns.of(1), async { drop(hers.1) }).0.expect("the one that she gave back");
        drop((hers.0, his));
        drop(turns.of(3).await.expect("free"));
        assert_eq!(turns.people.lock().len(), 1, "who has none is forgotten");
        assert_eq!(turns.all.available_permits(), AT_ONCE as usize);
    }

    #[test]
    fn a_picture_of_somebody_and_a_content_are_never_taken_for_one_another() {
        assert_eq!(avatar_blob("abcd"), "face/ab/abcd");
        assert_eq!(avatar_of("face/ab/abcd"), Some("abcd"));
        assert_eq!(avatar_of(&blob_key("face")), None);
    }
}
