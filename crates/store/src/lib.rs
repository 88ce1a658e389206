//! The truth on disk: implements the domain's `Store` on SQLite. It knows no socket, no HTTP and no rule beyond the port's contract.

mod append;
mod columns;
mod dialect;
mod entity;
mod error;
mod events;
mod failpoint;
mod hot;
mod inspect;
mod marks;
mod members;
mod message_rows;
mod messages;
mod migration;
mod port;
mod replay;
mod result_codes;
mod room_log;
mod rooms;
mod seats;
mod sessions;
mod tx;
mod users;
mod writer;

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use chinwag_domain::ports::Publisher;
use sea_orm::{ConnectionTrait, DatabaseConnection, EntityTrait};
use sea_orm_migration::MigratorTrait;

pub use error::OpenError;
pub use inspect::{Inspection, inspect};

use crate::{entity::meta, migration::Migrator, writer::Writer};

/// Where the database is, and how much it may take.
#[derive(Clone, Debug)]
pub struct Config {
    pub path: PathBuf,
    /// Connections for reading.
    pub readers: u32,
    /// Writes that may wait; more are refused after a short while.
    pub queue: usize,
}

impl Config {
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), readers: 4, queue: 4_096 }
    }
}

/// The store. Made by [`open`]; give it back with [`SqlStore::close`].
pub struct SqlStore {
    epoch: i64,
    readers: DatabaseConnection,
    writer: Writer,
}

impl std::fmt::Debug for SqlStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqlStore").field("epoch", &self.epoch).finish_non_exhaustive()
    }
}

/// Opens the database, brings its tables up to date, and starts the writer.
pub async fn open(config: Config, publisher: Arc<dyn Publisher>) -> Result<Arc<SqlStore>, OpenError> {
    let directory = config.path.parent().filter(|parent| !parent.as_os_str().is_empty());
    dialect::check_file_system(directory.unwrap_or(Path::new(".")))?;
    let write_side = dialect::connect_writer(&config).await?;
    dialect::check_version(&write_side).await?;
    migrate(&write_side).await?;
    let epoch = read_epoch(&write_side).await?;
    let readers = dialect::connect_readers(&config).await?;
    let writer = Writer::start(config, write_side, publisher);
    Ok(Arc::new(SqlStore { epoch, readers, writer }))
}

impl SqlStore {
    /// Finishes what was accepted, writes the log into the file and closes it. Later calls are refused as unavailable.
    pub async fn close(&self) {
        self.writer.close().await;
        if let Err(error) = self.readers.close_by_ref().await {
            tracing::warn!(%error, "the readers did not close cleanly");
        }
    }
}

async fn migrate(db: &DatabaseConnection) -> Result<(), OpenError> {
    let known: HashSet<String> = Migrator::migrations().iter().map(|step| step.name().to_owned()).collect();
    let installed = db
        .query_one_raw(dialect::statement("SELECT 1 FROM sqlite_master WHERE name = 'seaql_migrations'", []))
        .await?
        .is_some();
    if installed {
        let rows =
            db.query_all_raw(dialect::statement("SELECT version FROM seaql_migrations ORDER BY version", [])).await?;
        for row in rows {
            let step: String = row.try_get_by_index(0)?;
            if !known.contains(&step) {
                return Err(OpenError::NewerSchema { step });
            }
        }
    }
    Migrator::up(db, None).await?;
    Ok(())
}

async fn read_epoch(db: &DatabaseConnection) -> Result<i64, OpenError> {
    let row = meta::Entity::find_by_id("epoch").one(db).await?;
    row.and_then(|row| row.value.parse().ok()).ok_or_else(|| OpenError::Damaged("it has no epoch".into()))
}
