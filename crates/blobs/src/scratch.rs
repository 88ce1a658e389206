//! Files of this machine that live as long as who uses them, in a directory of their own that goes with the process. Nothing here is kept.
//!
//! Several processes may share the place: each has a directory with a lock on it, and a lock ends with its process. So whoever opens can
//! tell what was left by the dead from what others use; on a file system of several machines that holds where it knows locks.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use bytes::Bytes;
use chinwag_domain::{
    file_ports::{BlobResult, ScratchFile},
    ports::random_bytes,
};

use crate::{disk_failed, on_disk, unavailable};

const LOCK: &str = "lock";
/// As often another process may empty the place at the very moment.
const TRIES: usize = 16;
/// What a spool holds back, so that small pieces do not each cost a visit to another thread.
const BUFFER: usize = 128 * 1024;

/// A directory for the scratch files of this process; it goes with the last of them.
pub(crate) struct ScratchDirectory {
    path: PathBuf,
    /// Others leave the directory alone as long as this is open.
    _lock: File,
}

/// A name of a scratch file; what is there goes when this is dropped.
pub(crate) struct Scratch {
    path: PathBuf,
    _directory: Arc<ScratchDirectory>,
}

impl ScratchDirectory {
    /// Removes what processes left that are dead, and begins a directory of this one.
    pub(crate) fn open(place: &Path) -> io::Result<Arc<Self>> {
        fs::create_dir_all(place)?;
        remove_left(place)?;
        for _ in 0..TRIES {
            let path = place.join(unique());
            if let Some(lock) = claim(&path)? {
                return Ok(Arc::new(Self { path, _lock: lock }));
            }
        }
        Err(io::Error::other("others empty the scratch directory all the time"))
    }

    /// A name that nothing has yet.
    pub(crate) fn name(self: &Arc<Self>) -> Scratch {
        Scratch { path: self.path.join(unique()), _directory: self.clone() }
    }

    pub(crate) fn create(self: &Arc<Self>) -> io::Result<(Scratch, File)> {
        let scratch = self.name();
        let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&scratch.path)?;
        Ok((scratch, file))
    }
}

impl Drop for ScratchDirectory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

impl ScratchFile for Scratch {
    fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // It may have been given its place, and have no name here any more.
        let _ = fs::remove_file(&self.path);
    }
}

fn unique() -> String {
    format!("{:032x}", u128::from_ne_bytes(random_bytes()))
}

/// Makes a directory that others leave alone; none if one of them took it for left by the dead before its lock was taken.
fn claim(path: &Path) -> io::Result<Option<File>> {
    fs::create_dir(path)?;
    let lock = match File::create(path.join(LOCK)) {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        created => created?,
    };
    match lock.try_lock() {
        Err(TryLockError::WouldBlock) => return Ok(None),
        // Where there are no locks nobody gets one either, and nothing is ever taken for left.
        Err(TryLockError::Error(cause)) => {
            tracing::warn!(%cause, "the scratch directory knows no locks: it is not emptied")
        }
        Ok(()) => {}
    }
    Ok((lock.metadata()?.nlink() > 0).then_some(lock))
}

fn remove_left(place: &Path) -> io::Result<()> {
    for entry in fs::read_dir(place)? {
        let path = entry?.path();
        // Made where its process died before it had one.
        let lock = OpenOptions::new().write(true).create(true).truncate(false).open(path.join(LOCK));
        if lock.is_ok_and(|lock| lock.try_lock().is_ok() && fs::remove_dir_all(&path).is_err()) {
            tracing::warn!(path = %path.display(), "what a process left in the scratch directory cannot be removed");
        }
    }
    Ok(())
}

/// A scratch file that is being written.
pub(crate) struct Spool {
    scratch: Scratch,
    /// Away while a stretch is written. It does not come back from one that failed or was given up: what came next would follow a hole.
    open: Option<Unwritten>,
}

struct Unwritten {
    file: File,
    buffer: Vec<u8>,
}

impl Spool {
    pub(crate) async fn begin(directory: &Arc<ScratchDirectory>) -> BlobResult<Self> {
        let directory = directory.clone();
        // Made and named in one go: who gives up waiting leaves nothing.
        on_disk(move || {
            let (scratch, file) = directory.create().map_err(disk_failed)?;
            Ok(Self { scratch, open: Some(Unwritten { file, buffer: Vec::new() }) })
        })
        .await
    }

    pub(crate) async fn write(&mut self, bytes: Bytes) -> BlobResult<()> {
        let has_room = |it: &&mut Unwritten| it.buffer.len() + bytes.len() <= BUFFER;
        if let Some(unwritten) = self.open.as_mut().filter(has_room) {
            unwritten.buffer.extend_from_slice(&bytes);
            return Ok(());
        }
        self.write_out(bytes).await
    }

    async fn write_out(&mut self, last: Bytes) -> BlobResult<()> {
        let mut unwritten = self.open.take().ok_or_else(|| unavailable("a stretch before this one was not written"))?;
        let written = on_disk(move || {
            unwritten.file.write_all(&unwritten.buffer).map_err(disk_failed)?;
            unwritten.file.write_all(&last).map_err(disk_failed)?;
            unwritten.buffer.clear();
            Ok(unwritten)
        });
        self.open = Some(written.await?);
        Ok(())
    }

    /// All of it is in the file, which a power cut may still take.
    pub(crate) async fn finish(mut self) -> BlobResult<(Scratch, File)> {
        self.write_out(Bytes::new()).await?;
        let Self { scratch, open } = self;
        let unwritten = open.ok_or_else(|| unavailable("a stretch was not written"))?;
        Ok((scratch, unwritten.file))
    }
}
