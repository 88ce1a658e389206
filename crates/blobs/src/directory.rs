//! Blobs in a directory, which several nodes may share. A file is synced before it gets its name, and its directory after that: what was
//! answered outlives `kill -9` and power cuts. It is no cache, and forgets nothing by itself.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    ops::Range,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::UNIX_EPOCH,
};

use async_trait::async_trait;
use bytes::Bytes;
use chinwag_domain::file_ports::{BlobContent, BlobEntry, BlobError, BlobResult, BlobStore, PartWriter, ScratchFile};
use futures_util::stream::{BoxStream, StreamExt as _, try_unfold};

use crate::{
    BLOBS, PARTS, absent, check_key, disk_failed, on_disk,
    scratch::{ScratchDirectory, Spool},
    unavailable,
};

const SCRATCH: &str = "scratch";
/// What is read at once.
const CHUNK: u64 = 128 * 1024;

/// Blobs in a directory.
pub struct DirectoryBlobs {
    root: PathBuf,
    scratch: Arc<ScratchDirectory>,
}

impl DirectoryBlobs {
    /// Makes the directory if it is not there. It waits for the disk.
    pub fn open(root: &Path) -> BlobResult<Self> {
        for place in [BLOBS, PARTS] {
            make_directory(&root.join(place)).map_err(disk_failed)?;
        }
        let scratch = ScratchDirectory::open(&root.join(SCRATCH)).map_err(disk_failed)?;
        Ok(Self { root: root.into(), scratch })
    }

    fn blob(&self, key: &str) -> BlobResult<PathBuf> {
        check_key(key)?;
        Ok(self.root.join(BLOBS).join(key))
    }

    fn upload(&self, upload_id: i64) -> PathBuf {
        self.root.join(PARTS).join(upload_id.to_string())
    }
}

/// A part on its way.
struct DirectoryPart {
    spool: Spool,
    place: PathBuf,
}

#[async_trait]
impl PartWriter for DirectoryPart {
    async fn write(&mut self, bytes: Bytes) -> BlobResult<()> {
        self.spool.write(bytes).await
    }

    async fn finish(self: Box<Self>) -> BlobResult<()> {
        let (scratch, file) = self.spool.finish().await?;
        let place = self.place;
        on_disk(move || keep(scratch.path(), &file, &place).map_err(disk_failed)).await
    }
}

#[async_trait]
impl BlobStore for DirectoryBlobs {
    async fn begin_part(&self, upload_id: i64, number: u32) -> BlobResult<Box<dyn PartWriter>> {
        let place = self.upload(upload_id).join(number.to_string());
        Ok(Box::new(DirectoryPart { spool: Spool::begin(&self.scratch).await?, place }))
    }

    async fn gather(&self, upload_id: i64, parts: u32) -> BlobResult<Box<dyn ScratchFile>> {
        let (upload, scratch) = (self.upload(upload_id), self.scratch.clone());
        on_disk(move || {
            if parts == 1 {
                // A second name for the same bytes, so that the part outlives it. Not every file system has them.
                let second = scratch.name();
                if fs::hard_link(upload.join("0"), second.path()).is_ok() {
                    return Ok(Box::new(second) as Box<dyn ScratchFile>);
                }
            }
            let (whole, mut file) = scratch.create().map_err(disk_failed)?;
            for number in 0..parts {
                let mut part = File::open(upload.join(number.to_string())).map_err(absent)?;
                io::copy(&mut part, &mut file).map_err(disk_failed)?;
            }
            Ok(Box::new(whole) as Box<dyn ScratchFile>)
        })
        .await
    }

    async fn discard_parts(&self, upload_id: i64) -> BlobResult<()> {
        let upload = self.upload(upload_id);
        on_disk(move || gone(fs::remove_dir_all(upload)).map_err(disk_failed)).await
    }

    async fn put(&self, key: &str, content: BlobContent) -> BlobResult<()> {
        let (place, scratch) = (self.blob(key)?, self.scratch.clone());
        on_disk(move || put(&place, content, &scratch).map_err(disk_failed)).await
    }

    async fn read(&self, key: &str, range: Range<u64>) -> BlobResult<BoxStream<'static, BlobResult<Bytes>>> {
        let place = self.blob(key)?;
        let file = on_disk(move || {
            let file = File::open(place).map_err(absent)?;
            let found = file.metadata().map_err(disk_failed)?;
            // A directory is the beginning of other keys.
            match (found.is_file(), range.end <= found.len()) {
                (false, _) => Err(BlobError::NotFound),
                (true, false) => Err(unavailable("the blob is shorter than that")),
                (true, true) => Ok(Arc::new(file)),
            }
        });
        let begin = (file.await?, range.start);
        let next = move |(file, at): (Arc<File>, u64)| async move {
            let Some(size) = range.end.checked_sub(at).filter(|left| *left > 0).map(|left| left.min(CHUNK)) else {
                return Ok(None);
            };
            let chunk = read_at(file.clone(), at, size).await?;
            Ok(Some((chunk, (file, at + size))))
        };
        Ok(try_unfold(begin, next).boxed())
    }

    async fn size(&self, key: &str) -> BlobResult<u64> {
        let place = self.blob(key)?;
        on_disk(move || {
            let found = fs::metadata(place).map_err(absent)?;
            if found.is_file() { Ok(found.len()) } else { Err(BlobError::NotFound) }
        })
        .await
    }

    async fn delete(&self, key: &str) -> BlobResult<()> {
        let place = self.blob(key)?;
        on_disk(move || gone(fs::remove_file(place)).map_err(disk_failed)).await
    }

    async fn list(&self, after: Option<String>, limit: usize) -> BlobResult<Vec<BlobEntry>> {
        let place = self.root.join(BLOBS);
        on_disk(move || {
            let mut found = Vec::new();
            walk(&place, "", &after.unwrap_or_default(), limit, &mut found).map_err(disk_failed)?;
            Ok(found)
        })
        .await
    }

    async fn list_uploads(&self, untouched_since: i64, limit: usize) -> BlobResult<Vec<i64>> {
        let place = self.root.join(PARTS);
        on_disk(move || {
            let mut uploads = Vec::new();
            for entry in fs::read_dir(place).map_err(disk_failed)? {
                let entry = entry.map_err(disk_failed)?;
                let Some(id) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
                // A directory is touched by each part that gets its name in it.
                if entry.metadata().is_ok_and(|found| modified_ms(&found) < untouched_since) {
                    uploads.push(id);
                }
                if uploads.len() == limit {
                    break;
                }
            }
            Ok(uploads)
        })
        .await
    }

    async fn ping(&self) -> BlobResult<()> {
        let (place, scratch) = (self.root.join(BLOBS), self.scratch.clone());
        on_disk(move || {
            fs::read_dir(place).map_err(disk_failed)?;
            let (_scratch, mut file) = scratch.create().map_err(disk_failed)?;
            file.write_all(b"ping").map_err(disk_failed)
        })
        .await
    }
}

pub(crate) async fn read_at(file: Arc<File>, at: u64, size: u64) -> BlobResult<Bytes> {
    on_disk(move || {
        let mut chunk = vec![0; usize::try_from(size).map_err(|_| unavailable("that is too much at once"))?];
        file.read_exact_at(&mut chunk, at).map_err(disk_failed)?;
        Ok(chunk.into())
    })
    .await
}

fn put(place: &Path, content: BlobContent, scratch: &Arc<ScratchDirectory>) -> io::Result<()> {
    let copy = |from: &mut dyn io::Read| {
        let (copy, mut file) = scratch.create()?;
        io::copy(from, &mut file)?;
        keep_once(copy.path(), &file, place)
    };
    match content {
        BlobContent::Bytes(bytes) => copy(&mut &bytes[..]),
        BlobContent::File(whole) => {
            let mut file = File::open(whole.path())?;
            match keep_once(whole.path(), &file, place) {
                Err(cause) if cause.kind() == io::ErrorKind::CrossesDevices => copy(&mut file),
                kept => kept,
            }
        }
    }
}

/// The same of what may be there already: that stays, for others may be reading it.
fn keep_once(from: &Path, file: &File, place: &Path) -> io::Result<()> {
    if !place.try_exists()? {
        return keep(from, file, place);
    }
    file.sync_all()?;
    // Whoever put it there may not have come that far.
    sync_directory(parent(place)?)
}

/// Gives a file its name for good: whatever cuts this off leaves all of it there, or nothing.
fn keep(from: &Path, file: &File, place: &Path) -> io::Result<()> {
    file.sync_all()?;
    make_directory(parent(place)?)?;
    fs::rename(from, place)?;
    sync_directory(parent(place)?)
}

fn make_directory(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
            make_directory(parent(path)?)?;
            make_directory(path)
        }
        Err(cause) => Err(cause),
        Ok(()) => sync_directory(parent(path)?),
    }
}

/// Makes names durable.
fn sync_directory(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

fn parent(path: &Path) -> io::Result<&Path> {
    path.parent().ok_or_else(|| io::ErrorKind::InvalidInput.into())
}

/// What is not there any more was removed as well.
fn gone(removed: io::Result<()>) -> io::Result<()> {
    removed.or_else(|cause| if cause.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(cause) })
}

fn modified_ms(found: &fs::Metadata) -> i64 {
    let since = found.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    since.map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

/// Adds what lies in a directory and comes after that key, in the order of whole keys: a directory stands where its slash puts it.
fn walk(directory: &Path, prefix: &str, after: &str, limit: usize, found: &mut Vec<BlobEntry>) -> io::Result<()> {
    let mut keys = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let slash = if entry.file_type()?.is_dir() { "/" } else { "" };
        let key = format!("{prefix}{}{slash}", entry.file_name().to_string_lossy());
        // What a file system or a person puts there besides is none of ours.
        if check_key(key.trim_end_matches('/')).is_ok() && (key.as_str() > after || after.starts_with(&key)) {
            keys.push(key);
        }
    }
    keys.sort_unstable();
    for key in keys {
        if found.len() >= limit {
            break;
        }
        let path = directory.join(&key[prefix.len()..]);
        if key.ends_with('/') {
            walk(&path, &key, after, limit, found)?;
        } else if let (true, Ok(file)) = (key.as_str() > after, fs::metadata(path)) {
            found.push(BlobEntry { key, size: file.len(), modified_ms: modified_ms(&file) });
        }
    }
    Ok(())
}
