//! Blobs in a bucket of what speaks S3. Each call has a bound in time, is tried a few times, and holds a bounded piece of a file: what is
//! longer waits on this machine's disk. It is no cache.
//!
//! A process that dies between the pieces of a file leaves them in the bucket, where nothing lists them: a rule of the bucket for
//! incomplete uploads removes them.

use std::{collections::BTreeMap, fs::File, ops::Range, path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use bytes::Bytes;
use chinwag_domain::file_ports::{BlobContent, BlobEntry, BlobError, BlobResult, BlobStore, PartWriter, ScratchFile};
use futures_util::{
    Stream, StreamExt as _, TryStreamExt as _,
    stream::{self, BoxStream},
};
use object_store::{
    ClientOptions, GetOptions, GetRange, ObjectMeta, ObjectStore as _, ObjectStoreExt as _, RetryConfig,
    aws::{AmazonS3, AmazonS3Builder},
    list::{PaginatedListOptions, PaginatedListStore as _},
    path::Path as ObjectPath,
};
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::timeout,
};

use crate::{
    BLOBS, PARTS, check_key,
    directory::read_at,
    disk_failed, on_disk,
    scratch::{Scratch, ScratchDirectory, Spool},
    unavailable,
};

/// What one call carries; a bucket takes no piece under 5 MiB but the last.
const PIECE: u64 = 8 * 1024 * 1024;
/// As many pieces are under way at once, whoever sends them: together they are what this holds of all files.
const PIECES: usize = 4;
/// How long a piece waits for its turn.
const PATIENCE: Duration = Duration::from_secs(300);
/// How long a call may take, with all its tries.
const CALL: Duration = Duration::from_secs(90);
/// How long one try may be without an answer.
const SILENCE: Duration = Duration::from_secs(30);
const CONNECT: Duration = Duration::from_secs(5);
const RETRIES: usize = 3;
/// How what speaks S3 says that it is full: there is no common word.
const FULL: [&str; 3] = ["507 Insufficient Storage", "StorageFull", "QuotaExceeded"];

/// Which bucket, and who is allowed in.
#[derive(Clone)]
pub struct BucketSettings {
    pub bucket: String,
    /// Where the service is; none is Amazon's own of the region.
    pub endpoint: Option<String>,
    pub region: String,
    pub access_key: String,
    pub secret_key: String,
    /// What comes before all names in the bucket; it may be empty.
    pub prefix: String,
}

/// Blobs in a bucket.
#[derive(Clone)]
pub struct BucketBlobs {
    s3: AmazonS3,
    prefix: ObjectPath,
    scratch: Arc<ScratchDirectory>,
    pieces: Arc<Semaphore>,
}

impl BucketBlobs {
    /// Does not look whether the bucket is there: [`BlobStore::ping`] does. It waits for the disk that `scratch` is on.
    pub fn open(settings: &BucketSettings, scratch: &Path) -> BlobResult<Self> {
        let endpoint = settings.endpoint.as_deref();
        let client = ClientOptions::new()
            .with_allow_http(endpoint.is_some_and(|endpoint| endpoint.starts_with("http://")))
            .with_connect_timeout(CONNECT)
            .with_read_timeout(SILENCE)
            // A slow reader takes as long as it takes: each chunk of an answer has a bound instead.
            .with_timeout_disabled();
        let retry = RetryConfig { max_retries: RETRIES, retry_timeout: CALL, ..RetryConfig::default() };
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&settings.bucket)
            .with_region(&settings.region)
            .with_access_key_id(&settings.access_key)
            .with_secret_access_key(&settings.secret_key)
            // Not everything that speaks S3 has the other way.
            .with_disable_bulk_delete(true)
            .with_client_options(client)
            .with_retry(retry);
        if let Some(endpoint) = endpoint {
            builder = builder.with_endpoint(endpoint);
        }
        let s3 = builder.build().map_err(failed)?;
        let prefix = ObjectPath::parse(&settings.prefix).map_err(|cause| failed(cause.into()))?;
        let scratch = ScratchDirectory::open(scratch).map_err(disk_failed)?;
        Ok(Self { s3, prefix, scratch, pieces: Arc::new(Semaphore::new(PIECES)) })
    }

    fn place(&self, words: &[&str]) -> ObjectPath {
        words.iter().flat_map(|words| words.split('/')).fold(self.prefix.clone(), |path, word| path.join(word))
    }

    fn blob(&self, key: &str) -> BlobResult<ObjectPath> {
        check_key(key)?;
        Ok(self.place(&[BLOBS, key]))
    }

    fn upload(&self, upload_id: i64) -> ObjectPath {
        self.place(&[PARTS, &upload_id.to_string()])
    }

    /// The right to hold a piece.
    async fn turn(&self) -> BlobResult<SemaphorePermit<'_>> {
        let turn = timeout(PATIENCE, self.pieces.acquire()).await.map_err(|_| unavailable("too many files wait"))?;
        turn.map_err(|closed| BlobError::Unavailable(Box::new(closed)))
    }

    async fn send(&self, place: &ObjectPath, content: &Content) -> BlobResult<()> {
        let size = content.size();
        if size <= PIECE {
            let _turn = self.turn().await?;
            let whole = content.piece(0, size).await?;
            return bounded(self.s3.put(place, whole.into())).await.map(drop);
        }
        let mut pieces = bounded(self.s3.put_multipart(place)).await?;
        let sent = async {
            for at in (0..size).step_by(PIECE as usize) {
                let _turn = self.turn().await?;
                let piece = content.piece(at, PIECE.min(size - at)).await?;
                bounded(pieces.put_part(piece.into())).await?;
            }
            bounded(pieces.complete()).await.map(drop)
        };
        let sent = sent.await;
        if sent.is_err() {
            // What cannot be told now either, the rule of the bucket removes.
            let _ = bounded(pieces.abort()).await;
        }
        sent
    }

    async fn stream(
        &self,
        place: &ObjectPath,
        range: Option<Range<u64>>,
    ) -> BlobResult<BoxStream<'static, BlobResult<Bytes>>> {
        let options = GetOptions { range: range.clone().map(GetRange::Bounded), ..GetOptions::default() };
        let got = bounded_read(self.s3.get_opts(place, options)).await?;
        if range.is_some_and(|range| range != got.range) {
            return Err(unavailable("the blob is shorter than that"));
        }
        Ok(each_bounded(got.into_stream()).boxed())
    }
}

/// What is sent in pieces.
enum Content {
    File { file: Arc<File>, size: u64, _scratch: Box<dyn ScratchFile> },
    Bytes(Bytes),
}

impl Content {
    async fn open(content: BlobContent) -> BlobResult<Self> {
        match content {
            BlobContent::Bytes(bytes) => Ok(Self::Bytes(bytes)),
            BlobContent::File(scratch) => {
                on_disk(move || {
                    let file = File::open(scratch.path()).map_err(disk_failed)?;
                    Self::of(file, scratch)
                })
                .await
            }
        }
    }

    fn of(file: File, scratch: Box<dyn ScratchFile>) -> BlobResult<Self> {
        let size = file.metadata().map_err(disk_failed)?.len();
        Ok(Self::File { file: Arc::new(file), size, _scratch: scratch })
    }

    fn size(&self) -> u64 {
        match self {
            Self::File { size, .. } => *size,
            Self::Bytes(bytes) => bytes.len() as u64,
        }
    }

    async fn piece(&self, at: u64, size: u64) -> BlobResult<Bytes> {
        match self {
            Self::File { file, .. } => read_at(file.clone(), at, size).await,
            // Both are no more than the length of what is in memory.
            Self::Bytes(bytes) => Ok(bytes.slice(at as usize..(at + size) as usize)),
        }
    }
}

/// A part on its way.
struct BucketPart {
    spool: Spool,
    blobs: BucketBlobs,
    place: ObjectPath,
}

#[async_trait]
impl PartWriter for BucketPart {
    async fn write(&mut self, bytes: Bytes) -> BlobResult<()> {
        self.spool.write(bytes).await
    }

    async fn finish(self: Box<Self>) -> BlobResult<()> {
        let (scratch, file): (Scratch, File) = self.spool.finish().await?;
        self.blobs.send(&self.place, &Content::of(file, Box::new(scratch))?).await
    }
}

#[async_trait]
impl BlobStore for BucketBlobs {
    async fn begin_part(&self, upload_id: i64, number: u32) -> BlobResult<Box<dyn PartWriter>> {
        let place = self.upload(upload_id).join(number.to_string());
        Ok(Box::new(BucketPart { spool: Spool::begin(&self.scratch).await?, blobs: self.clone(), place }))
    }

    async fn gather(&self, upload_id: i64, parts: u32) -> BlobResult<Box<dyn ScratchFile>> {
        let mut spool = Spool::begin(&self.scratch).await?;
        for number in 0..parts {
            let mut part = self.stream(&self.upload(upload_id).join(number.to_string()), None).await?;
            while let Some(bytes) = part.try_next().await? {
                spool.write(bytes).await?;
            }
        }
        let (scratch, _) = spool.finish().await?;
        Ok(Box::new(scratch))
    }

    async fn discard_parts(&self, upload_id: i64) -> BlobResult<()> {
        let parts = self.s3.list(Some(&self.upload(upload_id))).map_ok(|part| part.location);
        let mut deleted = self.s3.delete_stream(parts.boxed());
        while let Some(part) = timeout(CALL, deleted.next()).await.map_err(|_| silent())? {
            gone(part.map(drop))?;
        }
        Ok(())
    }

    async fn put(&self, key: &str, content: BlobContent) -> BlobResult<()> {
        self.send(&self.blob(key)?, &Content::open(content).await?).await
    }

    async fn read(&self, key: &str, range: Range<u64>) -> BlobResult<BoxStream<'static, BlobResult<Bytes>>> {
        let place = self.blob(key)?;
        if range.is_empty() {
            // A range of nothing cannot be asked for.
            bounded_read(self.s3.head(&place)).await?;
            return Ok(stream::empty().boxed());
        }
        self.stream(&place, Some(range)).await
    }

    async fn size(&self, key: &str) -> BlobResult<u64> {
        Ok(bounded_read(self.s3.head(&self.blob(key)?)).await?.size)
    }

    async fn delete(&self, key: &str) -> BlobResult<()> {
        let place = self.blob(key)?;
        timeout(CALL, self.s3.delete(&place)).await.map_err(|_| silent()).and_then(gone)
    }

    async fn list(&self, after: Option<String>, limit: usize) -> BlobResult<Vec<BlobEntry>> {
        let blobs = self.place(&[BLOBS]);
        let listed = match after {
            Some(after) => self.s3.list_with_offset(Some(&blobs), &self.blob(&after)?),
            None => self.s3.list(Some(&blobs)),
        };
        let begin = format!("{blobs}/");
        let entry = |found: ObjectMeta| {
            let key = found.location.as_ref().strip_prefix(&begin).filter(|key| check_key(key).is_ok())?;
            Some(BlobEntry { key: key.into(), size: found.size, modified_ms: found.last_modified.timestamp_millis() })
        };
        let ours = each_bounded(listed).try_filter_map(|found| async { Ok(entry(found)) });
        ours.take(limit).try_collect().await
    }

    async fn list_uploads(&self, untouched_since: i64, limit: usize) -> BlobResult<Vec<i64>> {
        let parts = self.place(&[PARTS]);
        let begin = format!("{parts}/");
        let mut touched: BTreeMap<i64, i64> = BTreeMap::new();
        let mut listed = std::pin::pin!(each_bounded(self.s3.list(Some(&parts))));
        while let Some(part) = listed.try_next().await? {
            let id = part.location.as_ref().strip_prefix(&begin).and_then(|rest| rest.split('/').next()?.parse().ok());
            if let Some(id) = id {
                let newest = touched.entry(id).or_default();
                *newest = (*newest).max(part.last_modified.timestamp_millis());
            }
        }
        Ok(touched.into_iter().filter(|(_, at)| *at < untouched_since).map(|(id, _)| id).take(limit).collect())
    }

    async fn ping(&self) -> BlobResult<()> {
        let options = PaginatedListOptions { max_keys: Some(1), ..PaginatedListOptions::default() };
        bounded(self.s3.list_paginated(Some(self.prefix.as_ref()), options)).await.map(drop)
    }
}

/// Why the bucket could not do it. What is not found is the bucket: see [`bounded_read`].
fn failed(cause: object_store::Error) -> BlobError {
    let said = cause.to_string();
    if FULL.iter().any(|word| said.contains(word)) {
        return BlobError::OutOfSpace;
    }
    BlobError::Unavailable(Box::new(cause))
}

fn absent(cause: object_store::Error) -> BlobError {
    if matches!(cause, object_store::Error::NotFound { .. }) { BlobError::NotFound } else { failed(cause) }
}

/// What is not there any more was deleted as well.
fn gone(deleted: object_store::Result<()>) -> BlobResult<()> {
    match deleted.map_err(absent) {
        Err(BlobError::NotFound) => Ok(()),
        deleted => deleted,
    }
}

fn silent() -> BlobError {
    unavailable("the bucket does not answer")
}

async fn bounded<T>(call: impl Future<Output = object_store::Result<T>>) -> BlobResult<T> {
    timeout(CALL, call).await.map_err(|_| silent())?.map_err(failed)
}

/// Of one object: what is not found is that.
async fn bounded_read<T>(call: impl Future<Output = object_store::Result<T>>) -> BlobResult<T> {
    timeout(CALL, call).await.map_err(|_| silent())?.map_err(absent)
}

/// Bounds each step of a stream. It ends with its first error.
fn each_bounded<T: 'static>(
    stream: BoxStream<'static, object_store::Result<T>>,
) -> impl Stream<Item = BlobResult<T>> + Send + 'static {
    stream::try_unfold(stream, |mut stream| async move {
        let next = timeout(CALL, stream.next()).await.map_err(|_| silent())?;
        Ok(next.transpose().map_err(failed)?.map(|item| (item, stream)))
    })
}
