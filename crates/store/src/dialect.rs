//! What is SQLite's own: connections, file systems, and the few words of SQL that differ. No queries.

use std::{path::Path, time::Duration};

use rusqlite::OpenFlags;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, Statement, Value};

use crate::{StoreConfig, error::OpenError};

/// The first release without the write-ahead log's reset bug, which can damage a database.
pub(crate) const LEAST_SQLITE: &str = "3.51.3";
/// How long a connection waits for another process.
pub(crate) const BUSY: Duration = Duration::from_secs(5);
/// How long emptying the log may hold up who writes.
const PAUSE: Duration = Duration::from_millis(250);
/// Statements slower than this are logged.
const SLOW: Duration = Duration::from_millis(500);
/// Prepared statements a connection keeps.
const STATEMENTS: usize = 128;
/// Ids that one statement asks for.
pub(crate) const ROWS: usize = 64;
/// Behind `members`: by itself SQLite takes the primary key, and walks a whole room to find its owners.
pub(crate) const BY_ROLE: &str = "INDEXED BY members_by_role";
/// How every connection works.
const PRAGMAS: [(&str, &str); 8] = [
    ("journal_mode", "WAL"),
    ("synchronous", "FULL"),
    ("foreign_keys", "ON"),
    ("cache_size", "-32000"),
    ("temp_store", "MEMORY"),
    // Pages of write-ahead log after which a commit also checkpoints.
    ("wal_autocheckpoint", "4000"),
    // A log that grew under a long read shrinks again.
    ("journal_size_limit", "67108864"),
    // What was recalled is overwritten in the file, not only forgotten.
    ("secure_delete", "ON"),
];

/// The connection of `hot.rs`; the database must be there.
pub(crate) fn connect_hot(path: &Path) -> rusqlite::Result<rusqlite::Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = rusqlite::Connection::open_with_flags(path, flags)?;
    db.busy_timeout(BUSY)?;
    for (name, value) in PRAGMAS {
        db.execute_batch(&format!("PRAGMA {name} = {value}"))?;
    }
    Ok(db)
}

/// What connections may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OpenMode {
    /// One that writes, and makes the database where there is none.
    Create,
    /// One that writes.
    Write,
    /// As many as the configuration says, which cannot write by mistake.
    Read,
    /// One that cannot write at all, whatever the file is.
    Look,
}

pub(crate) async fn connect(config: &StoreConfig, mode: OpenMode) -> Result<DatabaseConnection, DbErr> {
    let connections = if mode == OpenMode::Read { config.readers } else { 1 };
    let path = config.path.clone();
    // The path itself is given below: it need not be a URL.
    let mut options = ConnectOptions::new("sqlite:chinwag.db");
    options
        .max_connections(connections)
        .min_connections(1)
        .idle_timeout(None)
        .max_lifetime(None)
        .acquire_timeout(BUSY)
        .test_before_acquire(false)
        .sqlx_logging(true)
        .sqlx_logging_level(log::LevelFilter::Off)
        .sqlx_slow_statements_logging_settings(log::LevelFilter::Warn, SLOW);
    options.map_sqlx_sqlite_opts(move |mut sqlite| {
        // They are for those who write; some of them write themselves.
        for (name, value) in PRAGMAS.into_iter().filter(|_| mode != OpenMode::Look) {
            sqlite = sqlite.pragma(name, value);
        }
        let sqlite = sqlite
            .filename(&path)
            .create_if_missing(mode == OpenMode::Create)
            .read_only(mode == OpenMode::Look)
            .busy_timeout(BUSY)
            .statement_cache_capacity(STATEMENTS)
            .row_buffer_size(1_024);
        if mode == OpenMode::Read { sqlite.pragma("query_only", "ON") } else { sqlite }
    });
    Database::connect(options).await
}

/// Lets the one connection wait so long for another process.
pub(crate) async fn set_patience(db: &DatabaseConnection, patience: Duration) -> Result<(), DbErr> {
    db.execute_unprepared(&format!("PRAGMA busy_timeout = {}", patience.as_millis())).await.map(|_| ())
}

/// Refuses a library that can damage the file.
pub(crate) async fn check_version(db: &DatabaseConnection) -> Result<(), OpenError> {
    let row = db.query_one_raw(Statement::from_string(DbBackend::Sqlite, "SELECT sqlite_version()")).await?;
    let found: String = match row {
        Some(row) => row.try_get_by_index(0)?,
        None => String::new(),
    };
    if version_key(&found) < version_key(LEAST_SQLITE) {
        return Err(OpenError::OldSqlite { found, least: LEAST_SQLITE });
    }
    Ok(())
}

fn version_key(text: &str) -> Vec<u32> {
    text.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}

/// Writes the whole write-ahead log into the file and empties it, unless somebody reads from an older state: whether it is
/// empty. Blocks.
pub(crate) fn empty_log(path: &Path) -> rusqlite::Result<bool> {
    let db = connect_hot(path)?;
    // Nobody can write while it waits for readers.
    db.busy_timeout(PAUSE)?;
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0)).map(|busy| busy == 0)
}

/// Writes the whole write-ahead log into the file and empties it.
pub(crate) async fn checkpoint(db: &DatabaseConnection) -> Result<(), DbErr> {
    db.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await.map(|_| ())
}

/// Refuses file systems on which locks or syncs are not to be trusted.
#[cfg(target_os = "linux")]
pub(crate) fn check_file_system(directory: &Path) -> Result<(), OpenError> {
    let cause = |error: rustix::io::Errno| OpenError::Directory { path: directory.into(), cause: error.into() };
    let found = rustix::fs::statfs(directory).map_err(cause)?;
    match network_file_system(found.f_type as u32) {
        Some(kind) => Err(OpenError::NetworkFileSystem { path: directory.into(), kind }),
        None => Ok(()),
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn check_file_system(_: &Path) -> Result<(), OpenError> {
    Ok(())
}

/// By the magic numbers of statfs(2).
#[cfg(target_os = "linux")]
fn network_file_system(magic: u32) -> Option<&'static str> {
    Some(match magic {
        0x6969 => "NFS",
        0x517b | 0xff53_4d42 | 0xfe53_4d42 => "SMB",
        0x6573_5546 => "FUSE",
        0x0102_1997 => "9P",
        0x00c3_6400 => "CephFS",
        0x5346_414f | 0x6b41_4653 => "AFS",
        0x7375_7245 => "Coda",
        0x564c => "NCP",
        0x0bd0_0bd0 => "Lustre",
        0x7461_636f => "OCFS2",
        0x1983_0326 => "BeeGFS",
        _ => return None,
    })
}

/// A statement with `?` for its values, whatever the engine writes for them.
pub(crate) fn statement(sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)
}

/// `n` times `item`, with commas.
pub(crate) fn repeat(item: &str, n: usize) -> String {
    let mut text = String::with_capacity((item.len() + 1) * n);
    for i in 0..n {
        if i > 0 {
            text.push(',');
        }
        text.push_str(item);
    }
    text
}

/// A pattern for `LIKE … ESCAPE '\'` that finds the text anywhere.
pub(crate) fn contains(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_pattern_has_no_wild_cards_of_its_own() {
        assert_eq!(contains(r"50%_\"), r"%50\%\_\\%");
    }

    #[test]
    fn versions_compare_by_number() {
        assert!(version_key("3.9.0") < version_key(LEAST_SQLITE));
        assert!(version_key("3.51.2") < version_key(LEAST_SQLITE));
        assert!(version_key("3.51.10") > version_key(LEAST_SQLITE));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn network_file_systems_are_known_and_local_ones_pass() {
        assert_eq!(network_file_system(0x6969), Some("NFS"));
        assert_eq!(network_file_system(0x6573_5546), Some("FUSE"));
        for local in [0xef53, 0x5846_5342, 0x9123_683e, 0x0102_1994, 0x794c_7630] {
            assert_eq!(network_file_system(local), None);
        }
    }
}
