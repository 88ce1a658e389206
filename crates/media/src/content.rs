//! A file as parsers read it: a few bytes here and there, so often and until then. It knows no format.

use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    path::Path,
    time::Instant,
};

/// More reads than that is a file made to be slow: an hour of video in blocks of 20 ms has as many.
const READS: u32 = 200_000;

/// What is asked for and is not there, or comes too late, is `None`: the caller's file is broken then.
pub(crate) struct Content {
    file: File,
    length: u64,
    reads: u32,
    deadline: Instant,
}

impl Content {
    pub(crate) fn open(path: &Path, deadline: Instant) -> Option<Self> {
        let file = File::open(path).ok()?;
        let length = file.metadata().ok()?.len();
        Some(Self { file, length, reads: 0, deadline })
    }

    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    pub(crate) fn array<const N: usize>(&mut self, at: u64) -> Option<[u8; N]> {
        let mut bytes = [0; N];
        self.seek(at)?;
        self.file.read_exact(&mut bytes).ok()?;
        Some(bytes)
    }

    /// As many bytes as there are, but not more than `most`.
    pub(crate) fn up_to(&mut self, at: u64, most: usize) -> Option<Vec<u8>> {
        self.seek(at)?;
        let mut bytes = Vec::with_capacity(most.min(usize::try_from(self.length.saturating_sub(at)).unwrap_or(most)));
        (&mut self.file).take(most as u64).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    }

    /// Everything, if it is not more than `most`.
    pub(crate) fn whole(&mut self, most: u64) -> Option<Vec<u8>> {
        if self.length > most {
            return None;
        }
        self.up_to(0, usize::try_from(self.length).ok()?)
    }

    fn seek(&mut self, at: u64) -> Option<()> {
        self.reads += 1;
        if self.reads > READS || Instant::now() > self.deadline {
            return None;
        }
        self.file.seek(SeekFrom::Start(at)).ok().map(drop)
    }
}
