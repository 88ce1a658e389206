//! What is SQLite's own.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::OpenFlags;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};

use super::{BUSY, Dialect, Kind, OpenMode, STATEMENTS};
use crate::{dialect::statement, open_error::OpenError};

/// The first release without the write-ahead log's reset bug, which can damage a database.
pub(crate) const LEAST_SQLITE: &str = "3.51.3";
/// How long emptying the log may hold up who writes.
const PAUSE: Duration = Duration::from_millis(250);
/// `SQLITE_CONSTRAINT_TRIGGER`.
const BARRED: i32 = 1_811;
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

pub(crate) struct Sqlite;

impl Dialect for Sqlite {
    fn clock(&self) -> &'static str {
        "CAST(unixepoch('subsec') * 1000 AS INTEGER)"
    }

    /// By itself SQLite takes the primary key, and walks a whole room to find its owners.
    fn by_role(&self) -> &'static str {
        "INDEXED BY members_by_role"
    }

    /// There is one writer.
    fn hold(&self) -> &'static str {
        ""
    }

    fn hold_free(&self) -> &'static str {
        ""
    }

    /// Whoever writes after they were committed compiles their statements anew, and they cost nothing before.
    fn bars(&self, table: &str, words: &str) -> Vec<String> {
        let words = words.replace('\'', "''");
        let bar = |change: &str| {
            format!(
                "CREATE TRIGGER moved_{table}_{change} BEFORE {change} ON {table} BEGIN SELECT RAISE(ABORT, '{words}'); END"
            )
        };
        ["INSERT", "UPDATE", "DELETE"].map(bar).to_vec()
    }
}

/// The connection of `prepared.rs`; the database must be there.
pub(crate) fn connect_hot(path: &Path) -> rusqlite::Result<rusqlite::Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = rusqlite::Connection::open_with_flags(path, flags)?;
    db.busy_timeout(BUSY)?;
    for (name, value) in PRAGMAS {
        db.execute_batch(&format!("PRAGMA {name} = {value}"))?;
    }
    Ok(db)
}

pub(crate) async fn connect(
    path: PathBuf,
    mut options: ConnectOptions,
    mode: OpenMode,
) -> Result<DatabaseConnection, DbErr> {
    options.min_connections(1).idle_timeout(None).max_lifetime(None).test_before_acquire(false);
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

/// One that would only begin to write later would be refused then, where somebody else has written meanwhile.
pub(crate) async fn begin(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    db.begin_with_options(options).await
}

/// Lets the one connection wait so long for another process.
pub(crate) async fn set_patience(db: &DatabaseConnection, patience: Duration) -> Result<(), DbErr> {
    db.execute_unprepared(&format!("PRAGMA busy_timeout = {}", patience.as_millis())).await.map(|_| ())
}

/// Refuses a library that can damage the file.
pub(crate) async fn check_version(db: &DatabaseConnection) -> Result<(), OpenError> {
    let row = db.query_one_raw(statement(db, "SELECT sqlite_version()", [])).await?;
    let found: String = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
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
pub(crate) fn check_file_system(database: &Path) -> Result<(), OpenError> {
    let directory = database.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
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

/// Result codes: <https://sqlite.org/rescode.html>. The low byte is the kind.
pub(crate) fn error_kind(code: i32) -> Kind {
    // There are no triggers but those that bar a database whose data has moved.
    if code == BARRED {
        return Kind::Moved;
    }
    match code & 0xff {
        13 => Kind::Full,
        // Busy, locked, read-only, I/O, cannot open, lock protocol. And damaged, no database: that is how a file reads whose file
        // system has died under it. Where the file itself is damaged the log says so, and trying again is as good as anything.
        5 | 6 | 8 | 10 | 11 | 14 | 15 | 26 => Kind::Unavailable,
        _ => Kind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_from_a_busy_database() {
        assert_eq!(error_kind(13), Kind::Full);
        assert_eq!(error_kind(5), Kind::Unavailable);
        // SQLITE_IOERR_FSYNC
        assert_eq!(error_kind(1034), Kind::Unavailable);
        // SQLITE_CORRUPT
        assert_eq!(error_kind(11), Kind::Unavailable);
        // SQLITE_CONSTRAINT
        assert_eq!(error_kind(19), Kind::Other);
        // SQLITE_CONSTRAINT_UNIQUE
        assert_eq!(error_kind(2067), Kind::Other);
        assert_eq!(error_kind(1811), Kind::Moved);
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
