//! A look at a database from outside, for whoever searches a fault. It changes nothing and repairs nothing.

use std::time::{Duration, Instant};

use chinwag_domain::{
    file_records::BlobName,
    ports::{Clock as _, SystemClock},
};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, QueryResult};

use crate::{
    OTHERS, OpenError, Site, StoreConfig,
    dialect::statement,
    engine::{OpenMode, reach},
    named,
};

/// SQLite's only line about a file that is not damaged.
const SOUND: &str = "ok";

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// What keeps it, with its version.
    pub engine: String,
    /// What the engine says is damaged; empty for what is sound, or where only the engine itself can look.
    pub faults: Vec<String>,
    /// Where it is kept by a server.
    pub server: Option<ServerLook>,
}

/// How a database server was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerLook {
    /// What works, but may lose what was acknowledged; each in a sentence.
    pub warnings: Vec<String>,
    /// How long it takes to answer what costs nothing.
    pub round_trip: Duration,
    pub bytes: u64,
    /// How far its clock is ahead of this machine's.
    pub clock_ahead_ms: i64,
}

/// Looks at a database, which must exist; reads every page of a file. A server may be running on it.
pub async fn inspect(site: &Site) -> Result<Inspection, OpenError> {
    look(site).await.map_err(|error| named(site, error))
}

async fn look(site: &Site) -> Result<Inspection, OpenError> {
    site.check()?;
    reach(site, Duration::ZERO).await?;
    let config = StoreConfig::at(site.clone());
    let db = config.connect(OpenMode::Look).await?;
    // As many as a server of its settings would ask for.
    site.check_engine(&db, config.readers + OTHERS).await?;
    let engine = site.engine(&db).await?;
    let (faults, server) =
        if site.is_shared() { (Vec::new(), Some(look_at(site, &db).await?)) } else { (damage(&db).await?, None) };
    db.close().await?;
    Ok(Inspection { engine, faults, server })
}

/// How many others may be writing there at this moment: nodes, and commands at the console.
pub async fn count_others(site: &Site) -> Result<i64, OpenError> {
    let count = async {
        reach(site, Duration::ZERO).await?;
        let db = StoreConfig::at(site.clone()).connect(OpenMode::Look).await?;
        let count = site.count_others(&db).await?;
        db.close().await?;
        Ok(count)
    };
    count.await.map_err(|error| named(site, error))
}

/// The contents of the files that came last.
pub async fn newest_blobs(site: &Site, limit: u64) -> Result<Vec<BlobName>, OpenError> {
    let db = StoreConfig::at(site.clone()).connect(OpenMode::Look).await?;
    let sql = "SELECT hash, brought_by FROM files WHERE hash IS NOT NULL ORDER BY id DESC LIMIT ?";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = db.query_all_raw(statement(&db, sql, [limit.into()])).await?;
    let blob =
        |row: &QueryResult| Ok(BlobName { hash: row.try_get_by_index(0)?, brought_by: row.try_get_by_index(1)? });
    let blobs = rows.iter().map(blob).collect::<Result<_, DbErr>>()?;
    db.close().await?;
    Ok(blobs)
}

/// Of a file.
async fn damage(db: &DatabaseConnection) -> Result<Vec<String>, OpenError> {
    let rows = db.query_all_raw(statement(db, "PRAGMA quick_check(20)", [])).await?;
    let lines: Vec<String> = rows.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?;
    Ok(lines.into_iter().filter(|line| line != SOUND).collect())
}

async fn look_at(site: &Site, db: &DatabaseConnection) -> Result<ServerLook, DbErr> {
    let (size, clock) = site.measures();
    let number = async |ask: &str| -> Result<i64, DbErr> {
        let row = db.query_one_raw(statement(db, ask, [])).await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default())
    };
    // The first time a statement is prepared.
    number(clock).await?;
    let (begun, before) = (Instant::now(), SystemClock.now_ms());
    let there = number(clock).await?;
    let round_trip = begun.elapsed();
    // It looked at its clock about half way.
    let here = before + i64::try_from(round_trip.as_millis()).unwrap_or_default() / 2;
    let bytes = u64::try_from(number(size).await?).unwrap_or_default();
    Ok(ServerLook { warnings: site.warnings(db).await?, round_trip, bytes, clock_ahead_ms: there - here })
}
