//! What is SQLite's own: connections, error numbers, file systems, and the few words of SQL that differ. No queries.

use std::{path::Path, time::Duration};

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, DbErr, Statement, Value};

use crate::{
    Config, Location,
    error::{Kind, OpenError},
};

/// The first release without the write-ahead log's reset bug, which can damage a database.
pub(crate) const LEAST_SQLITE: &str = "3.51.3";
/// How long a connection waits for another process.
const BUSY: Duration = Duration::from_secs(5);
/// Statements slower than this are logged.
const SLOW: Duration = Duration::from_millis(500);
/// Prepared statements a connection keeps: the append path alone uses one per number of rows up to [`ROWS`] and per table.
const STATEMENTS: usize = 512;
/// Rows of one multi-row statement. Fewer are sent as exactly as many, so that every text is prepared once.
pub(crate) const ROWS: usize = 64;
/// Pages of write-ahead log after which a commit also checkpoints.
const CHECKPOINT_PAGES: u32 = 4_000;

/// The connection that writes.
pub(crate) async fn connect_writer(config: &Config) -> Result<DatabaseConnection, DbErr> {
    connect(config, 1, false).await
}

/// The connections that read, and cannot write by mistake.
pub(crate) async fn connect_readers(config: &Config) -> Result<DatabaseConnection, DbErr> {
    connect(config, config.readers, true).await
}

async fn connect(config: &Config, connections: u32, query_only: bool) -> Result<DatabaseConnection, DbErr> {
    let path = match &config.location {
        Location::File(path) => Some(path.clone()),
        Location::Memory => None,
    };
    let mut options = ConnectOptions::new("sqlite::memory:");
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
        if let Some(path) = &path {
            sqlite = sqlite.in_memory(false).shared_cache(false).filename(path).create_if_missing(true);
        }
        let sqlite = sqlite
            .pragma("journal_mode", "WAL")
            .pragma("synchronous", "FULL")
            .pragma("foreign_keys", "ON")
            .pragma("cache_size", "-32000")
            .pragma("temp_store", "MEMORY")
            .pragma("wal_autocheckpoint", CHECKPOINT_PAGES.to_string())
            // A log that grew under a long read shrinks again.
            .pragma("journal_size_limit", "67108864")
            // What was recalled is overwritten in the file, not only forgotten.
            .pragma("secure_delete", "ON")
            .busy_timeout(BUSY)
            .statement_cache_capacity(STATEMENTS)
            .row_buffer_size(1_024);
        if query_only { sqlite.pragma("query_only", "ON") } else { sqlite }
    });
    Database::connect(options).await
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

/// Writes the whole write-ahead log into the file and empties it.
pub(crate) async fn checkpoint(db: &DatabaseConnection) -> Result<(), DbErr> {
    db.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)").await.map(|_| ())
}

/// Result codes: <https://sqlite.org/rescode.html>. The low byte is the kind.
pub(crate) fn error_kind(code: &str) -> Kind {
    match code.parse::<u32>().map(|code| code & 0xff) {
        Ok(13) => Kind::Full,
        // Busy, locked, read-only, I/O, cannot open, lock protocol.
        Ok(5 | 6 | 8 | 10 | 14 | 15) => Kind::Unavailable,
        _ => Kind::Other,
    }
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

/// For `[[room, user, client id], …]`: one row with all answers as JSON, and the greatest message id. The join order is
/// forced: the list first, then one seek per table.
pub(crate) const LOOK_UP: &str = "SELECT json_group_array(json_array(w.key, r.kind, r.is_private, r.last_seq, r.message_count, m.version, k.id)), \
     (SELECT max(id) FROM messages) \
     FROM json_each(?) w CROSS JOIN rooms r ON r.id = w.value ->> 0 AND r.deleted_at IS NULL \
     LEFT JOIN members m ON m.room_id = r.id AND m.user_id = w.value ->> 1 \
     LEFT JOIN messages k ON k.user_id = w.value ->> 1 AND k.room_id = r.id AND k.client_id = w.value ->> 2";

/// For `[[room, last seq, texts, last message], …]`.
pub(crate) const MOVE_TAILS: &str = "UPDATE rooms SET last_seq = v.value ->> 1, message_count = v.value ->> 2, last_message_id = v.value ->> 3 \
     FROM json_each(?) v WHERE rooms.id = v.value ->> 0";

/// For `[[room, user, read seq, read ordinal], …]`.
pub(crate) const MOVE_MARKS: &str = "UPDATE members SET read_seq = v.value ->> 2, read_ordinal = v.value ->> 3 \
     FROM json_each(?) v WHERE members.room_id = v.value ->> 0 AND members.user_id = v.value ->> 1";

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
    use sea_orm_migration::MigratorTrait;

    use super::*;
    use crate::migration::Migrator;

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

    #[test]
    fn a_full_disk_is_told_from_a_busy_database() {
        assert_eq!(error_kind("13"), Kind::Full);
        assert_eq!(error_kind("5"), Kind::Unavailable);
        // SQLITE_IOERR_FSYNC
        assert_eq!(error_kind("1034"), Kind::Unavailable);
        assert_eq!(error_kind("11"), Kind::Other);
    }

    #[tokio::test]
    async fn the_append_path_seeks_and_never_scans_a_table() {
        let db = connect_writer(&Config::memory()).await.expect("opened");
        Migrator::up(&db, None).await.expect("migrated");
        for sql in [LOOK_UP, MOVE_TAILS, MOVE_MARKS] {
            let plan = statement(&format!("EXPLAIN QUERY PLAN {sql}"), ["[]".into()]);
            for row in db.query_all_raw(plan).await.expect("explained") {
                let step: String = row.try_get("", "detail").expect("a step");
                assert!(!step.starts_with("SCAN") || step.contains("VIRTUAL TABLE"), "{step} in {sql}");
            }
        }
    }
}
