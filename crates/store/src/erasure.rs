//! Takes recalled texts out of the write-ahead log, where they would stay readable until it is next emptied by itself. What the
//! commit of the recall does is overwrite them in the file; it cannot do that to the log.

use std::{path::PathBuf, sync::Arc};

use chinwag_domain::ports::{StoreError, StoreResult};
use tokio::sync::Mutex;

use crate::{
    engine::{Site, sqlite},
    error::TxFailure,
};

/// The log of a database that is open.
#[derive(Debug)]
pub(crate) struct Erasure {
    /// None on a server, whose logs are its own affair.
    database: Option<PathBuf>,
    /// Held while it is worked on, by the thread that does it: its caller may be gone.
    open: Arc<Mutex<bool>>,
}

impl Erasure {
    pub(crate) fn of(site: &Site) -> Self {
        let database = match site {
            Site::File(path) => Some(path.clone()),
            Site::Postgres(_) | Site::MySql(_) => None,
        };
        Self { database, open: Arc::new(Mutex::new(true)) }
    }

    /// Whether the log is empty now: not while somebody reads from an older state.
    pub(crate) async fn empty_log(&self) -> StoreResult<bool> {
        let open = self.open.clone().lock_owned().await;
        if !*open {
            return Err(StoreError::Unavailable(None));
        }
        let Some(database) = self.database.clone() else { return Ok(true) };
        let work = tokio::task::spawn_blocking(move || {
            let emptied = sqlite::empty_log(&database);
            drop(open);
            emptied
        });
        let emptied = work.await.map_err(|_| StoreError::from(TxFailure::panicked()))?;
        emptied.map_err(|error| TxFailure::from(error).into())
    }

    /// Returns once nothing of it touches the database any more.
    pub(crate) async fn close(&self) {
        *self.open.lock().await = false;
    }
}
