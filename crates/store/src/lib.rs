//! The truth on disk: implements the domain's `Store` on a database. It knows no socket, no HTTP and no rule beyond the port's contract.

#[cfg(test)]
mod answer_tests;
mod append;
mod attached;
mod avatars;
mod batch;
mod columns;
mod contact;
#[cfg(test)]
mod cost_tests;
mod dialect;
mod emojis;
mod engine;
mod entity;
mod epoch;
mod erasure;
mod error;
mod events;
mod failpoint;
mod file_lists;
mod file_port;
mod files;
mod holds;
mod hot;
mod ids;
mod inspect;
mod jobs;
mod limits;
mod marker;
mod marks;
mod members;
mod message_rows;
mod messages;
mod migration;
mod moved;
mod open_error;
mod order;
mod own_log;
mod pace;
mod port;
mod prepared;
mod queue;
mod readers;
mod receipt;
mod replay;
mod room_log;
mod room_views;
mod rooms;
mod seats;
mod sessions;
mod sets;
mod settled;
mod transfer;
mod tx;
mod users;
mod verb;
mod write_connection;
#[cfg(test)]
mod write_connection_tests;
mod writer;
mod writers;

use std::{path::PathBuf, sync::Arc, time::Duration};

use chinwag_domain::ports::Publisher;
use sea_orm::DatabaseConnection;
use tokio::sync::Notify;

pub use engine::Site;
pub use epoch::{begin_new_history, look_up_epoch};
pub use inspect::{Inspection, ServerLook, count_others, inspect, newest_blobs};
pub use jobs::{DeadJob, dead_jobs};
pub use open_error::OpenError;
pub use transfer::{LogTotal, Progress, Survey, TransferError, TransferPlan, TransferReport, survey, transfer};

use crate::{
    contact::Contact,
    engine::OpenMode,
    erasure::Erasure,
    marker::{Before, Marker},
    migration::Schema,
    readers::Readers,
    settled::Settled,
    writer::After,
    writers::Writers,
};

/// Where the database is, and how much it may take.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    pub site: Site,
    /// Connections for reading.
    pub readers: u32,
    /// Writes that may wait for each of those that write; more are refused after a short while.
    pub queue: usize,
    /// How long a start waits for a database server that cannot be reached.
    pub patience: Duration,
}

/// Connections beside those for reading, and one for whoever looks after it meanwhile.
const OTHERS: u32 = Writers::CONNECTIONS + 1;

impl StoreConfig {
    /// With what is enough for most.
    pub fn at(site: Site) -> Self {
        Self { site, readers: 4, queue: 4_096, patience: Duration::from_secs(30) }
    }

    /// A file of SQLite.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self::at(Site::File(path.into()))
    }

    /// A connection or several, which are tried at once.
    async fn connect(&self, mode: OpenMode) -> Result<DatabaseConnection, OpenError> {
        self.site.connect(mode, self.readers).await.map_err(|error| named(&self.site, error.into()))
    }
}

/// The store. Made by [`open`]; give it back with [`SqlStore::close`].
pub struct SqlStore {
    epoch: i64,
    readers: Readers,
    writer: Writers,
    settled: Settled,
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

/// Opens the database for a server, the only one that a file has: makes it where there is none, brings its tables up to date, and
/// starts the writer.
pub async fn open(config: StoreConfig, publisher: Arc<dyn Publisher>) -> Result<Arc<SqlStore>, OpenError> {
    let site = config.site.clone();
    prepare(config, publisher).await.map_err(|error| named(&site, error))
}

/// Names what it is that failed: what helps a file does not help a server.
fn named(site: &Site, error: OpenError) -> OpenError {
    match error {
        OpenError::Database(cause) if site.is_shared() => engine::refusal(site, cause),
        other => other,
    }
}

async fn prepare(config: StoreConfig, publisher: Arc<dyn Publisher>) -> Result<Arc<SqlStore>, OpenError> {
    let site = &config.site;
    site.check()?;
    let before = match site {
        Site::File(path) => Some(Before::look(path)?),
        Site::Postgres(_) | Site::MySql(_) => None,
    };
    engine::reach(site, config.patience).await?;
    let write_side = config.connect(OpenMode::Create).await?;
    site.check_engine(&write_side, config.readers + OTHERS).await?;
    for warning in site.warnings(&write_side).await? {
        tracing::warn!("{warning}");
    }
    // Of several that start at once the first brings the tables up to date, and the others find them so.
    site.lock_schema(&write_side).await?;
    let schema = Schema::of(&write_side).await?;
    if !matches!(schema, Schema::Lacks { new: true, .. }) {
        moved::check(&write_side).await?;
    }
    match schema {
        Schema::Current => {}
        Schema::Lacks { steps, .. } => migration::apply(&write_side, steps).await?,
        Schema::Newer { step } => return Err(OpenError::NewerSchema { step }),
    }
    site.unlock_schema(&write_side).await?;
    let (epoch, marker) = match before {
        Some(before) => {
            let (epoch, marker) = before.begin(&write_side).await?;
            (epoch, Some(Arc::new(marker)))
        }
        None => (epoch::read(&write_side).await?, None),
    };
    jobs::take_over(&write_side, site).await?;
    if site.is_shared() {
        receipt::sweep(&write_side).await?;
    }
    start(config, write_side, publisher, epoch, marker).await
}

/// Opens the database beside a server that may be running on it: it is there, and its tables are those that this program
/// knows, or it is left alone.
pub async fn open_beside(config: StoreConfig, publisher: Arc<dyn Publisher>) -> Result<Arc<SqlStore>, OpenError> {
    let site = &config.site;
    check_schema(site).await?;
    let write_side = config.connect(OpenMode::Write).await?;
    if site.is_shared() {
        // Who moves the data holds this to the end, and does not begin while this connection is there.
        site.lock_schema(&write_side).await?;
        moved::check(&write_side).await?;
        site.unlock_schema(&write_side).await?;
    }
    let epoch = epoch::read(&write_side).await?;
    start(config, write_side, publisher, epoch, None).await
}

/// Whether [`open_beside`] would open the database, found out without writing to it.
pub async fn check_schema(site: &Site) -> Result<(), OpenError> {
    check_tables(site).await.map_err(|error| named(site, error))
}

async fn check_tables(site: &Site) -> Result<(), OpenError> {
    site.check()?;
    let missing = || OpenError::NoDatabase { place: site.to_string() };
    if matches!(site, Site::File(path) if !path.exists()) {
        return Err(missing());
    }
    engine::reach(site, Duration::ZERO).await?;
    let db = StoreConfig::at(site.clone()).connect(OpenMode::Look).await?;
    site.check_engine(&db, 1).await?;
    let schema = Schema::of(&db).await?;
    let may_work = if schema == Schema::Current { moved::check(&db).await } else { Ok(()) };
    db.close().await?;
    match schema {
        Schema::Current => may_work,
        Schema::Lacks { new: true, .. } => Err(missing()),
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
    let contact = Arc::new(Contact::default());
    let readers = Readers::open(config.site.clone(), config.readers, contact.clone()).await?;
    let erasure = Erasure::of(&config.site);
    let jobs_written = Arc::new(Notify::new());
    let after = After { marker: marker.clone(), jobs_written: jobs_written.clone(), publisher, contact };
    if config.site.is_shared() {
        ids::catch_up(&write_side).await?;
    }
    let settled = Settled::new(config.site.clone());
    let writer = Writers::start(&config, write_side, &after);
    Ok(Arc::new(SqlStore { epoch, readers, writer, settled, erasure, jobs_written, marker }))
}

impl SqlStore {
    /// Finishes what was accepted, writes the log into the file and closes it. Later calls are refused as unavailable.
    pub async fn close(&self) {
        self.erasure.close().await;
        let is_first = self.writer.close().await;
        if let Err(error) = self.settled.close().await {
            tracing::warn!(%error, "the connection that follows did not close cleanly");
        }
        if let Err(error) = self.readers.close().await {
            tracing::warn!(%error, "the readers did not close cleanly");
        }
        if let Some(marker) = self.marker.as_ref().filter(|_| is_first) {
            marker.seal();
        }
    }
}
