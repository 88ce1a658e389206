//! Whether the database server answers, and takes writes: said when it does no more and when it does again, once for all who are refused
//! meanwhile. It does not ask by itself; some part of a server that runs reads every few seconds.

use std::{
    fmt::Display,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::DbErr;
use tokio::sync::watch;

use crate::error::{TOLD, is_away};

/// In less time no other server takes the place of one.
const REPLACED: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
pub(crate) struct Contact {
    is_lost: AtomicBool,
    only_reads: AtomicBool,
    has_changed: AtomicBool,
    doubts: watch::Sender<()>,
    since: Mutex<Option<Instant>>,
}

impl Contact {
    /// Looks at what came of asking a server.
    pub(crate) fn note<T>(&self, asked: Result<T, DbErr>) -> Result<T, DbErr> {
        match asked {
            Ok(_) => self.came_back(),
            Err(error) if is_away(&error) => {
                self.went_away(&error);
                return Err(DbErr::Custom(TOLD.to_owned()));
            }
            Err(_) => {}
        }
        asked
    }

    pub(crate) fn went_away(&self, why: &dyn Display) {
        let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        self.is_lost.store(true, Ordering::Release);
        if since.is_none() {
            *since = Some(Instant::now());
            tracing::warn!("the database does not answer: {why}. Until it does, whoever asks for something is refused");
        }
    }

    pub(crate) fn only_reads(&self, why: &dyn Display) {
        self.doubts.send_replace(());
        if !self.only_reads.swap(true, Ordering::AcqRel) {
            tracing::warn!(
                "the database server only reads: {why}. Until it or another in its place takes writes, whoever changes something is \
                 refused"
            );
        }
    }

    /// Changes whenever a write finds that the server only reads, and when it was away for a while: whoever writes on a connection of before
    /// may be connected to one that another has taken the place of.
    pub(crate) fn doubts(&self) -> watch::Receiver<()> {
        self.doubts.subscribe()
    }

    pub(crate) fn wrote(&self) {
        // Nearly always, and each commit comes by here.
        if self.only_reads.load(Ordering::Acquire) && self.only_reads.swap(false, Ordering::AcqRel) {
            tracing::info!("the database server takes writes again");
            self.has_changed.store(true, Ordering::Release);
        }
    }

    /// Once after each time that another server may have taken the place of one that only reads, or does not answer who writes: who reads
    /// may still be connected to that one.
    pub(crate) fn has_changed(&self) -> bool {
        self.has_changed.load(Ordering::Acquire) && self.has_changed.swap(false, Ordering::AcqRel)
    }

    fn came_back(&self) {
        // Nearly always, and each read comes by here.
        if !self.is_lost.load(Ordering::Acquire) {
            return;
        }
        let mut since = self.since.lock().unwrap_or_else(PoisonError::into_inner);
        self.is_lost.store(false, Ordering::Release);
        if let Some(since) = since.take() {
            let away = since.elapsed();
            tracing::info!(seconds = away.as_secs(), "the database answers again");
            self.has_changed.store(true, Ordering::Release);
            if away >= REPLACED {
                self.doubts.send_replace(());
            }
        }
    }
}
