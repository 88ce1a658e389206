//! A look at a database from outside, for whoever searches a fault. It changes nothing and repairs nothing.

use sea_orm::{ConnectionTrait, DatabaseConnection};

use crate::{OpenError, Site, StoreConfig, dialect::statement, engine::OpenMode};

/// SQLite's only line about a file that is not damaged.
const SOUND: &str = "ok";

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// What keeps it, with its version.
    pub engine: String,
    /// What the engine says is damaged; empty for what is sound, or where only the engine itself can look.
    pub faults: Vec<String>,
}

/// Looks at a database, which must exist; reads every page of a file. A server may be running on it.
pub async fn inspect(site: &Site) -> Result<Inspection, OpenError> {
    site.check()?;
    let db = StoreConfig::at(site.clone()).connect(OpenMode::Look).await?;
    site.check_engine(&db).await?;
    let engine = site.engine(&db).await?;
    let faults = if site.is_shared() { Vec::new() } else { damage(&db).await? };
    db.close().await?;
    Ok(Inspection { engine, faults })
}

/// Of a file.
async fn damage(db: &DatabaseConnection) -> Result<Vec<String>, OpenError> {
    let rows = db.query_all_raw(statement(db, "PRAGMA quick_check(20)", [])).await?;
    let lines: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?;
    Ok(lines.into_iter().filter(|line| line != SOUND).collect())
}
