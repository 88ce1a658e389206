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
    file_records::{BlobName, FileRecord},
};

/// For so long an upload may be gone on with, and what is left over stays.
pub(crate) const LIFE_MS: i64 = 24 * 60 * 60 * 1000;
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
    /// Of those who make an upload whole.
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

/// The sizes of smaller pictures that older versions kept with a content instead of with a file.
const SHARED_SIZES: [i32; 2] = [256, 1024];

fn key(hash: &str, rest: &[i64]) -> String {
    let rest: String = rest.iter().map(|word| format!("-{word}")).collect();
    format!("{}/{hash}{rest}", hash.get(..2).unwrap_or_default())
}

/// The key of a content.
pub fn blob_key(blob: &BlobName) -> String {
    let brought_by = Some(blob.brought_by).filter(|id| *id != 0);
    key(&blob.hash, brought_by.as_slice())
}

/// The keys of the smaller pictures that lie with a content.
pub(crate) fn shared_keys(blob: &BlobName) -> Vec<String> {
    let sizes = SHARED_SIZES.iter().filter(|_| blob.brought_by == 0);
    sizes.map(|size| key(&blob.hash, &[i64::from(*size)])).collect()
}

/// The key of a smaller picture that is this file's alone.
pub(crate) fn picture_key(file_id: i64, hash: &str, size: i32) -> String {
    key(hash, &[file_id, i64::from(size)])
}

/// The key of a smaller picture of a file.
pub(crate) fn thumb_key(file: &FileRecord, hash: &str, size: i32) -> String {
    // A film's was always its own: who uploaded it chose it.
    let is_shared = file.brought_by == 0 && file.category != FileCategory::Video;
    if is_shared { key(hash, &[i64::from(size)]) } else { picture_key(file.id, hash, size) }
}

/// With what there is goes what lies under a key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum KeyOwner {
    Face(String),
    Blob(BlobName),
    File(i64),
}

impl KeyOwner {
    /// None of what no version of this server has put there.
    pub(crate) fn of(key: &str) -> Option<Self> {
        if let Some(face) = avatar_of(key) {
            return Some(Self::Face(face.to_owned()));
        }
        let mut words = key.rsplit('/').next()?.split('-');
        let hash = words.next()?.to_owned();
        let numbers: Vec<i64> = words.map(str::parse).collect::<Result<_, _>>().ok()?;
        match numbers[..] {
            [] => Some(Self::Blob(BlobName { hash, brought_by: 0 })),
            [size] if SHARED_SIZES.iter().any(|one| i64::from(*one) == size) => {
                Some(Self::Blob(BlobName { hash, brought_by: 0 }))
            }
            [brought_by] => Some(Self::Blob(BlobName { hash, brought_by })),
            [file_id, _size] => Some(Self::File(file_id)),
            _ => None,
        }
    }
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
    fn every_key_tells_with_what_it_goes() {
        let blob = |brought_by| BlobName { hash: "abcd".into(), brought_by };
        assert_eq!((blob_key(&blob(0)), blob_key(&blob(5_000))), ("ab/abcd".into(), "ab/abcd-5000".into()));
        assert_eq!((shared_keys(&blob(0)).len(), shared_keys(&blob(5_000)).len()), (2, 0));
        for brought_by in [0, 5_000] {
            let keys = [vec![blob_key(&blob(brought_by))], shared_keys(&blob(brought_by))].concat();
            for key in keys {
                assert_eq!(KeyOwner::of(&key), Some(KeyOwner::Blob(blob(brought_by))), "{key}");
            }
        }
        assert_eq!(KeyOwner::of(&picture_key(17, "abcd", 1024)), Some(KeyOwner::File(17)));
        assert_eq!(KeyOwner::of(&avatar_blob("abcd")), Some(KeyOwner::Face("abcd".into())));
        assert_eq!((KeyOwner::of("ab/abcd-x"), KeyOwner::of("ab/abcd-1-2-3")), (None, None));
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
        assert_eq!(avatar_of("fa/face"), None);
    }
}
