//! A look at a database from outside, for whoever searches a fault. It changes nothing and repairs nothing.

use std::path::Path;

use sea_orm::ConnectionTrait;

use crate::{
    OpenError, Site, StoreConfig,
    dialect::statement,
    engine::{OpenMode, sqlite},
};

/// SQLite's only line about a file that is not damaged.
const SOUND: &str = "ok";

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// The version of the SQLite inside this program.
    pub sqlite: String,
    /// What the engine says is damaged; empty for a sound file.
    pub faults: Vec<String>,
}

/// Reads every page of the database file, which must exist. A server may be running on it.
pub async fn inspect(path: &Path) -> Result<Inspection, OpenError> {
    let site = Site::File(path.into());
    site.check()?;
    let db = StoreConfig::at(site).connect(OpenMode::Look).await?;
    sqlite::check_version(&db).await?;
    let version = db.query_one_raw(statement(&db, "SELECT sqlite_version()", [])).await?;
    let sqlite = version.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
    let rows = db.query_all_raw(statement(&db, "PRAGMA quick_check(20)", [])).await?;
    let lines: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?;
    db.close().await?;
    Ok(Inspection { sqlite, faults: lines.into_iter().filter(|line| line != SOUND).collect() })
}
