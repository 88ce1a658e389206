//! The truth on disk: implements the domain's `Store` on SQLite. It knows no socket, no HTTP and no rule beyond the port's contract.

#[cfg(test)]
mod answer_tests;
mod append;
mod columns;
#[cfg(test)]
mod cost_tests;
mod dialect;
mod entity;
mod erasure;
mod error;
mod events;
mod failpoint;
mod hot;
mod inspect;
mod jobs;
mod marker;
mod marks;
mod members;
mod message_rows;
mod messages;
mod migration;
mod order;
mod own_log;
mod pace;
mod port;
mod replay;
mod result_codes;
mod room_log;
mod room_views;
mod rooms;
mod seats;
mod sessions;
mod tx;
mod users;
mod writer;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use chinwag_domain::ports::Publisher;
use sea_orm::{DatabaseConnection, EntityTrait};
use tokio::sync::Notify;

pub use error::OpenError;
pub use inspect::{Inspection, inspect};
pub use jobs::{DeadJob, dead_jobs};

use crate::{
    dialect::OpenMode,
    entity::meta,
    erasure::Erasure,
    marker::{Before, Marker},
    migration::Schema,
    writer::{After, Writer},
};

/// Where the database is, and how much it may take.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    pub path: PathBuf,
    /// Connections for reading.
    pub readers: u32,
    /// Writes that may wait; more are refused after a short while.
    pub queue: usize,
}

impl StoreConfig {
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), readers: 4, queue: 4_096 }
    }

    fn directory(&self) -> &Path {
        self.path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }
}

/// The store. Made by [`open`]; give it back with [`SqlStore::close`].
pub struct SqlStore {
    epoch: i64,
    readers: DatabaseConnection,
    writer: Writer,
    erasure: Erasure,
    /// Stirred when a transaction that wrote jobs has committed.
    jobs_written: Arc<Notify>,
    /// That of a server; a command beside it leaves the marker alone.
    marker: Option<Arc<Marker>>,
}

impl std::fmt::Debug for SqlStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqlStore").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}

/// Opens the database for the one server that it has: makes it where there is none, brings its tables up to date, and starts
/// the writer.
pub async fn open(config: StoreConfig, publisher: Arc<dyn Publisher>) -> Result<Arc<SqlStore>, OpenError> {
    dialect::check_file_system(config.directory())?;
    let before = Before::look(&config.path)?;
    let write_side = dialect::connect(&config, OpenMode::Create).await?;
    dialect::check_version(&write_side).await?;
    match Schema::of(&write_side).await? {
        Schema::Current => {}
        Schema::Lacks { steps, .. } => migration::apply(&write_side, steps).await?,
        Schema::Newer { step } => return Err(OpenError::NewerSchema { step }),
    }
    let (epoch, marker) = before.begin(&write_side).await?;
    jobs::take_over(&write_side).await?;
    start(config, write_side, publisher, epoch, Some(Arc::new(marker))).await
}

/// Opens the database beside a server that may be running on it: it is there, and its tables are those that this program
/// knows, or it is left alone.
pub async fn open_beside(config: StoreConfig, publisher: Arc<dyn Publisher>) -> Result<Arc<SqlStore>, OpenError> {
    check_schema(&config.path).await?;
    let write_side = dialect::connect(&config, OpenMode::Write).await?;
    let epoch = read_epoch(&write_side).await?;
    start(config, write_side, publisher, epoch, None).await
}

/// Whether [`open_beside`] would open the database, found out without writing to it.
pub async fn check_schema(path: &Path) -> Result<(), OpenError> {
    let config = StoreConfig { readers: 1, ..StoreConfig::file(path) };
    dialect::check_file_system(config.directory())?;
    if !path.exists() {
        return Err(OpenError::NoDatabase { path: path.into() });
    }
    let db = dialect::connect(&config, OpenMode::Look).await?;
    dialect::check_version(&db).await?;
    let schema = Schema::of(&db).await;
    db.close().await?;
    match schema? {
        Schema::Current => Ok(()),
        Schema::Lacks { new: true, .. } => Err(OpenError::NoDatabase { path: path.into() }),
        Schema::Lacks { .. } => Err(OpenError::OlderSchema),
        Schema::Newer { step } => Err(OpenError::NewerSchema { step }),
    }
}

async fn start(
    config: StoreConfig,
    write_side: DatabaseConnection,
    publisher: Arc<dyn Publisher>,
    epoch: i64,
    marker: Option<Arc<Marker>>,
) -> Result<Arc<SqlStore>, OpenError> {
    let readers = dialect::connect(&config, OpenMode::Read).await?;
    let erasure = Erasure::of(config.path.clone());
    let jobs_written = Arc::new(Notify::new());
    let after = After { marker: marker.clone(), jobs_written: jobs_written.clone(), publisher };
    let writer = Writer::start(config, write_side, after);
    Ok(Arc::new(SqlStore { epoch, readers, writer, erasure, jobs_written, marker }))
}

impl SqlStore {
    /// Finishes what was accepted, writes the log into the file and closes it. Later calls are refused as unavailable.
    pub async fn close(&self) {
        self.erasure.close().await;
        let is_first = self.writer.close().await;
        if let Err(error) = self.readers.close_by_ref().await {
            tracing::warn!(%error, "the readers did not close cleanly");
        }
        if let Some(marker) = self.marker.as_ref().filter(|_| is_first) {
            marker.seal();
        }
    }
}

async fn read_epoch(db: &DatabaseConnection) -> Result<i64, OpenError> {
    let row = meta::Entity::find_by_id("epoch").one(db).await?;
    row.and_then(|row| row.value.parse().ok()).ok_or_else(|| OpenError::Damaged("it has no epoch".into()))
}
