//! What files need from outside: where bytes are kept, and who understands them. Not implementations.

use std::{ops::Range, path::Path};

use async_trait::async_trait;
use bytes::Bytes;
pub use chinwag_proto::FileCategory;
use futures_util::stream::BoxStream;

/// Why bytes could not be kept or had.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    #[error("there is no such blob")]
    NotFound,
    #[error("out of space")]
    OutOfSpace,
    #[error("the storage is unavailable")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}
pub type BlobResult<T> = Result<T, BlobError>;

/// A file of this machine; it is gone when this is dropped.
pub trait ScratchFile: Send + Sync {
    fn path(&self) -> &Path;
}

/// Where bytes are kept: any node serves any blob. What returned `Ok` is durable.
#[async_trait]
pub trait BlobStore: Send + Sync + 'static {
    /// Takes a stretch of an upload; nothing of it is there before [`PartWriter::finish`].
    async fn begin_part(&self, upload_id: i64, number: u32) -> BlobResult<Box<dyn PartWriter>>;
    /// The parts 0..parts one behind the other as one file of this machine. Where there is one part on this disk it is not copied.
    async fn gather(&self, upload_id: i64, parts: u32) -> BlobResult<Box<dyn ScratchFile>>;
    /// Forgets all parts of an upload; there may be none.
    async fn discard_parts(&self, upload_id: i64) -> BlobResult<()>;
    /// Keeps a whole file under a key; one key has one content for ever. What is there already takes no less work: nobody is to learn by the
    /// time it takes what others have.
    async fn put(&self, key: &str, content: BlobContent) -> BlobResult<()>;
    async fn read(&self, key: &str, range: Range<u64>) -> BlobResult<BoxStream<'static, BlobResult<Bytes>>>;
    /// Bytes of a blob.
    async fn size(&self, key: &str) -> BlobResult<u64>;
    async fn delete(&self, key: &str) -> BlobResult<()>;
    /// Keys after that one, ascending, with their sizes and when they were written (ms since 1970).
    async fn list(&self, after: Option<String>, limit: usize) -> BlobResult<Vec<BlobEntry>>;
    /// Uploads of which parts are there and that nothing was added to since then.
    async fn list_uploads(&self, untouched_since: i64, limit: usize) -> BlobResult<Vec<i64>>;
    /// A round trip, for readiness and `doctor`.
    async fn ping(&self) -> BlobResult<()>;
}

#[async_trait]
pub trait PartWriter: Send {
    async fn write(&mut self, bytes: Bytes) -> BlobResult<()>;
    /// Durable when it returns.
    async fn finish(self: Box<Self>) -> BlobResult<()>;
}

pub enum BlobContent {
    File(Box<dyn ScratchFile>),
    Bytes(Bytes),
}

pub struct BlobEntry {
    pub key: String,
    pub size: u64,
    pub modified_ms: i64,
}

/// What is known of a content.
#[derive(Clone, Debug, PartialEq)]
pub struct FileFacts {
    pub media_type: String,
    pub category: FileCategory,
    pub width: Option<i32>,
    pub height: Option<i32>,
    pub duration_ms: Option<i64>,
    /// A thumbhash.
    pub placeholder: Option<Vec<u8>>,
}

/// A smaller picture: its longer side, its media type, its bytes.
pub struct Thumb {
    pub size: u32,
    pub media_type: &'static str,
    pub bytes: Bytes,
}

pub struct Inspected {
    pub facts: FileFacts,
    /// The content without what its author did not mean to tell (EXIF), where it had some.
    pub clean: Option<Bytes>,
    pub thumbs: Vec<Thumb>,
}

/// Understands files in bounded time and memory. A content that is broken or lies is a plain file: this cannot fail.
#[async_trait]
pub trait Inspector: Send + Sync + 'static {
    async fn inspect(&self, path: &Path, file_name: &str) -> Inspected;
    /// A poster that a client made: thumbs of it; none where it is no picture.
    async fn thumbs_of(&self, picture: Bytes) -> Option<Inspected>;
    /// The square in the middle of a picture, upright, not larger than is shown of somebody, and made anew: nothing else that its
    /// file told is in it. None where it is no picture.
    async fn avatar_of(&self, picture: Bytes) -> Option<Bytes>;
}
