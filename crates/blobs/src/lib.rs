//! Where the bytes of files are kept: a directory, or a bucket of what speaks S3. It knows no database, no door, and not what the bytes mean.
//!
//! Both have the same places: `blobs/<key>` and `parts/<upload>/<number>`. What is on its way there lies in a scratch directory of this
//! machine, and reaches its place as a whole or not at all.

mod bucket;
mod directory;
mod scratch;

use std::io;

use chinwag_domain::file_ports::{BlobError, BlobResult};
use tokio::{sync::Semaphore, task::spawn_blocking};

pub use bucket::{BucketBlobs, BucketSettings};
pub use directory::DirectoryBlobs;

const BLOBS: &str = "blobs";
const PARTS: &str = "parts";
const LONGEST_KEY: usize = 200;
/// Threads that wait for the disk at the same time. Of a hundred uploads each would have one otherwise, and each thread has its own memory.
const AT_ONCE: usize = 8;

/// A key is words of hexadecimal digits and dashes between slashes: it names nothing outside of its place, on a disk or in a bucket.
fn check_key(key: &str) -> BlobResult<()> {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f' | b'-'));
    if key.len() <= LONGEST_KEY && key.split('/').all(is_word) { Ok(()) } else { Err(unavailable("that is no key")) }
}

fn unavailable(why: &'static str) -> BlobError {
    BlobError::Unavailable(why.into())
}

/// Why this machine's disk could not do it. A file that is not there is no missing blob everywhere: see [`absent`].
fn disk_failed(cause: io::Error) -> BlobError {
    match cause.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => BlobError::OutOfSpace,
        _ => BlobError::Unavailable(Box::new(cause)),
    }
}

/// Why a blob or a part could not be had.
fn absent(cause: io::Error) -> BlobError {
    if cause.kind() == io::ErrorKind::NotFound { BlobError::NotFound } else { disk_failed(cause) }
}

/// Runs what waits for the disk on a thread that may wait, among [`AT_ONCE`] of them. It runs to its end even if nobody waits for it any
/// more.
async fn on_disk<T: Send + 'static>(work: impl FnOnce() -> BlobResult<T> + Send + 'static) -> BlobResult<T> {
    static TURNS: Semaphore = Semaphore::const_new(AT_ONCE);
    let turn = TURNS.acquire().await.map_err(|closed| BlobError::Unavailable(Box::new(closed)))?;
    let work = spawn_blocking(move || {
        let done = work();
        drop(turn);
        done
    });
    work.await.unwrap_or_else(|died| Err(BlobError::Unavailable(Box::new(died))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_nothing_outside_of_its_place() {
        for good in ["ab/abcdef0123", "ab/abcdef0123-256", "0"] {
            assert!(check_key(good).is_ok(), "{good}");
        }
        let long = "a".repeat(LONGEST_KEY + 1);
        for bad in ["", "/", "/ab", "ab/", "ab//cd", "..", "ab/../cd", ".", "AB", "ab cd", "ab\\cd", "ab\0", "é", &long]
        {
            assert!(check_key(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_full_disk_says_so() {
        assert!(matches!(disk_failed(io::ErrorKind::StorageFull.into()), BlobError::OutOfSpace));
        assert!(matches!(disk_failed(io::ErrorKind::QuotaExceeded.into()), BlobError::OutOfSpace));
        assert!(matches!(disk_failed(io::ErrorKind::NotFound.into()), BlobError::Unavailable(_)));
        assert!(matches!(absent(io::ErrorKind::NotFound.into()), BlobError::NotFound));
    }
}
