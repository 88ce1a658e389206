//! What is MySQL's own, and MariaDB's.

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, SqlxMySqlError,
    sqlx::{AssertSqlSafe, Executor as _},
};

use super::{
    ABANDONED, BUSY, Dialect, KeyedRows, Kind, Objection, OpenMode, STATEMENTS, SetRows, Site, enough, no_answer,
    rows_same,
};
use crate::{
    dialect::{repeat, statement},
    open_error::OpenError,
};

/// The lock of those who change tables. Its name is the server's, not the database's.
const SCHEMA: &str = "CONCAT('chinwag:', LEFT(SHA2(DATABASE(), 256), 32))";
/// How long who starts waits for others who change tables.
const PATIENCE: u64 = 600;

/// What texts that wait for each other come to at most, in bytes, and more.
const PACKET: i64 = 16 * 1024 * 1024;

/// What may stand behind the `?` of a URL. What the driver knows besides is chosen here.
pub(crate) const URL_SETTINGS: [&str; 9] =
    ["sslmode", "ssl-mode", "sslca", "ssl-ca", "sslcert", "ssl-cert", "sslkey", "ssl-key", "socket"];

/// What `ssl-mode` may be.
pub(crate) const URL_TLS: [&str; 5] = ["disabled", "preferred", "required", "verify_ca", "verify_identity"];

pub(crate) struct MySql;

impl Dialect for MySql {
    fn clock(&self) -> &'static str {
        "(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000)"
    }

    fn whole(&self, sum: &str) -> String {
        format!("CAST({sum} AS SIGNED)")
    }

    fn on_key(&self, _: &str) -> String {
        "ON DUPLICATE KEY UPDATE".to_owned()
    }

    fn inserted(&self, column: &str) -> String {
        format!("VALUES({column})")
    }

    /// The values first, then their rows by key: where a table is small, the server would walk all of it instead, lock each row on its way,
    /// and wait for those that others hold.
    fn set_rows(&self, rows: &SetRows<'_>) -> String {
        let SetRows { table, same, set, width, rows, also } = rows;
        let set: Vec<String> = set.iter().map(|set| format!("{table}.{set}")).collect();
        format!(
            "UPDATE ({}) AS v STRAIGHT_JOIN {table} FORCE INDEX (PRIMARY) ON {same} SET {} WHERE {also}",
            values(*width, *rows),
            set.join(", ")
        )
    }

    fn keyed_rows(&self, rows: &KeyedRows<'_>) -> String {
        let KeyedRows { table, columns, keys, index, rows } = rows;
        let same = rows_same(table, keys);
        format!(
            "SELECT {columns} FROM ({}) AS v STRAIGHT_JOIN {table} FORCE INDEX ({index}) ON {same}",
            values(keys.len(), *rows)
        )
    }
}

/// So many rows of so many values, of which the first is `column1`.
fn values(width: usize, rows: usize) -> String {
    let named: Vec<String> = (1..=width).map(|at| format!("? AS column{at}")).collect();
    let more = format!(" UNION ALL SELECT {}", repeat("?", width)).repeat(rows.saturating_sub(1));
    format!("SELECT {}{more}", named.join(","))
}

/// A number that was given stays so when its row is taken back, which nobody else has seen or waited for.
pub(crate) async fn numbers(db: &impl ConnectionTrait, count: usize) -> Result<Vec<i64>, DbErr> {
    let insert = format!("SAVEPOINT ids; INSERT INTO ids () VALUES {}", repeat("()", count));
    let first = db.execute_unprepared(&insert).await?.last_insert_id();
    db.execute_unprepared("ROLLBACK TO SAVEPOINT ids").await?;
    let first = i64::try_from(first).map_err(|_| DbErr::Custom("the numbers are used up".into()))?;
    // Where the server counts in greater steps, it has given more than these.
    Ok((first..).take(count).collect())
}

/// Where they are there already, nothing happens.
pub(crate) async fn move_numbers_behind(db: &impl ConnectionTrait, number: i64) -> Result<(), DbErr> {
    if number > 0 {
        db.execute_raw(statement(db, "INSERT IGNORE INTO ids (id) VALUES (?)", [number.into()])).await?;
        db.execute_raw(statement(db, "DELETE FROM ids WHERE id = ?", [number.into()])).await?;
    }
    Ok(())
}

pub(crate) async fn connect(mut options: ConnectOptions, mode: OpenMode) -> Result<DatabaseConnection, DbErr> {
    let may_write = matches!(mode, OpenMode::Create | OpenMode::Write);
    options.map_sqlx_mysql_opts(|mysql| mysql.statement_cache_capacity(STATEMENTS));
    options.map_sqlx_mysql_pool_opts(move |pool| {
        pool.after_connect(move |connection, _| {
            Box::pin(async move {
                // By itself it would show a transaction what was there when it began, also once it has a lock; cut what is too long,
                // or take an empty text for none, as its administrator likes; make tables without transactions; begin one with each
                // statement, or with each end of one; change no rows but by their keys; and wait for a lock ten times as long. MariaDB alone knows how to end a transaction that lies still.
                let access = if may_write { "READ WRITE" } else { "READ ONLY" };
                for set in [
                    format!("SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, {access}"),
                    format!(
                        "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION,PIPES_AS_CONCAT', \
                         default_storage_engine = InnoDB, autocommit = 1, completion_type = 0, sql_safe_updates = 0, /*M! idle_transaction_timeout = {}, */ innodb_lock_wait_timeout = {}",
                        ABANDONED.as_secs(),
                        BUSY.as_secs()
                    ),
                ] {
                    connection.execute(AssertSqlSafe(set)).await?;
                }
                Ok(())
            })
        })
    });
    if may_write {
        // As on PostgreSQL, where a future was dropped while it began a transaction.
        options.map_sqlx_mysql_before_acquire(|connection, _| {
            Box::pin(async move {
                drop(connection.execute("ROLLBACK").await);
                Ok(true)
            })
        });
    }
    options.connect_lazy(mode == OpenMode::Read);
    Database::connect(options).await
}

/// The version, and whether it is MariaDB's.
fn version(text: &str) -> ([u32; 2], bool) {
    let mut numbers = text.split(['.', '-']).map(|part| part.parse().unwrap_or(0));
    let version = [numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)];
    (version, text.contains("MariaDB"))
}

async fn ask_version(db: &DatabaseConnection) -> Result<String, OpenError> {
    let row = db.query_one_raw(statement(db, "SELECT VERSION()", [])).await?;
    row.ok_or_else(|| OpenError::Damaged("it does not say its version".into()))?.try_get_by_index(0).map_err(Into::into)
}

pub(crate) async fn check(db: &DatabaseConnection, site: &Site, connections: i64) -> Result<(), OpenError> {
    let text = ask_version(db).await?;
    let (found, is_mariadb) = version(&text);
    let (least, name) = if is_mariadb { ([10, 11], "MariaDB 10.11") } else { ([8, 0], "MySQL 8.0") };
    if found < least {
        return Err(OpenError::OldServer { found: text, least: name });
    }
    let ask = |name: &str| format!("CAST(@@GLOBAL.{name} AS SIGNED)");
    let ask = ["read_only", "max_allowed_packet", "max_connections"].map(ask).join(", ");
    // Of the user; 0 is as many as there are.
    let ask =
        format!("SELECT {ask}, @@GLOBAL.innodb_default_row_format, CAST(@@SESSION.max_user_connections AS SIGNED)");
    let row = db.query_one_raw(statement(db, &ask, [])).await?;
    let row = row.ok_or_else(|| OpenError::Damaged("it does not say its settings".into()))?;
    if row.try_get_by_index::<i64>(0)? != 0 {
        return Err(OpenError::ReadOnly { place: site.to_string() });
    }
    let packet = row.try_get_by_index(1)?;
    if packet < PACKET {
        return Err(OpenError::SmallPacket { found: packet, least: PACKET });
    }
    let found: String = row.try_get_by_index(3)?;
    if found != ROW_FORMAT {
        return Err(OpenError::RowFormat { found });
    }
    let (all, of_user): (i64, i64) = (row.try_get_by_index(2)?, row.try_get_by_index(4)?);
    enough(if of_user > 0 { all.min(of_user) } else { all }, connections)
}

/// The only one in which keys have room for what is kept here.
const ROW_FORMAT: &str = "dynamic";

pub(crate) const OTHERS: &str = "SELECT count(*) FROM information_schema.processlist WHERE db = DATABASE() \
     AND user = SUBSTRING_INDEX(USER(), '@', 1) AND id <> CONNECTION_ID()";

pub(crate) const MEASURES: (&str, &str) = (
    "SELECT CAST(COALESCE(SUM(data_length + index_length), 0) AS SIGNED) FROM information_schema.tables \
     WHERE table_schema = DATABASE()",
    "SELECT CAST(UNIX_TIMESTAMP(SYSDATE(3)) * 1000 AS SIGNED)",
);

/// Settings of which another value can lose what was acknowledged, and why. That of the log counts only where there is one.
const DURABLE: [(&str, &str); 2] = [
    ("innodb_flush_log_at_trx_commit", "a failure of power or of the server takes with it what was acknowledged last"),
    ("sync_binlog", "after a power failure copies of the database differ from it"),
];

pub(crate) async fn warnings(db: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let ask = "SELECT CAST(@@GLOBAL.innodb_flush_log_at_trx_commit AS SIGNED), \
               CASE WHEN @@GLOBAL.log_bin THEN CAST(@@GLOBAL.sync_binlog AS SIGNED) ELSE 1 END";
    let row = db.query_one_raw(statement(db, ask, [])).await?.ok_or_else(no_answer)?;
    let mut warnings = Vec::new();
    for (at, (name, why)) in DURABLE.into_iter().enumerate() {
        let found: i64 = row.try_get_by_index(at)?;
        if found != 1 {
            warnings
                .push(format!("The database server has {name} = {found}: {why}. Set {name} = 1 in its configuration."));
        }
    }
    Ok(warnings)
}

/// By number: <https://mariadb.com/kb/en/mariadb-error-codes/>, which are MySQL's, too.
pub(crate) fn refusal(error: &SqlxMySqlError) -> Option<Objection> {
    Some(match error.number() {
        1045 | 1698 => Objection::Login,
        1130 | 3159 | 4151 => Objection::Door,
        1044 | 1049 => Objection::Missing,
        1142 | 1227 | 1370 => Objection::Rights,
        1290 | 1792 | 1836 => Objection::ReadOnly,
        1040 | 1203 | 1226 => Objection::Crowded,
        1047 | 1053 => Objection::Starting,
        _ => return None,
    })
}

pub(crate) async fn lock_schema(db: &DatabaseConnection) -> Result<(), OpenError> {
    let lock = format!("SELECT GET_LOCK({SCHEMA}, {PATIENCE})");
    let row = db.query_one_raw(statement(db, &lock, [])).await?;
    let is_ours: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?.flatten();
    if is_ours != Some(1) {
        return Err(OpenError::SchemaLocked);
    }
    // Tables that are made from here on tell upper case from lower case, and see spaces at the end of a text: keys are compared as
    // they are.
    let (_, is_mariadb) = version(&ask_version(db).await?);
    let collation = if is_mariadb { "utf8mb4_nopad_bin" } else { "utf8mb4_0900_bin" };
    let row = db.query_one_raw(statement(db, "SELECT @@collation_database", [])).await?;
    let current: Option<String> = row.map(|row| row.try_get_by_index(0)).transpose()?;
    if current.as_deref() != Some(collation) {
        let alter = format!("ALTER DATABASE CHARACTER SET utf8mb4 COLLATE {collation}");
        db.execute_unprepared(&alter).await?;
    }
    Ok(())
}

pub(crate) async fn unlock_schema(db: &DatabaseConnection) -> Result<(), DbErr> {
    db.execute_unprepared(&format!("SELECT RELEASE_LOCK({SCHEMA})")).await.map(|_| ())
}

/// By number: <https://mariadb.com/kb/en/mariadb-error-codes/>, which are MySQL's, too.
pub(crate) fn error_kind(error: &SqlxMySqlError) -> Kind {
    kind(error.number())
}

fn kind(number: u16) -> Kind {
    match number {
        // A disk or a table that is full.
        1021 | 1114 => Kind::Full,
        // Deadlocks, and rows that changed under a transaction.
        1213 | 1020 => Kind::Conflict,
        1290 | 1792 | 1836 => Kind::ReadOnly,
        // Locks that were not to be had, what took too long; what its disk could not do.
        1205 | 1969 | 3024 | 1026 | 1030 => Kind::Unavailable,
        // Too many connections, one of a cluster that has lost the others, and a server that ends or was lost.
        1040 | 1047 | 1053 | 1158..=1161 | 1203 | 1226 | 1927 | 2002..=2013 => Kind::Away,
        _ => Kind::Other,
    }
}

/// Before the key it shows the value, which may be anything.
pub(crate) fn key_of(message: &str) -> &str {
    message.rsplit_once(" for key ").map_or(message, |(_, key)| key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number_and_name() {
        assert_eq!(version("10.11.6-MariaDB-0+deb12u1"), ([10, 11], true));
        assert_eq!(version("8.0.36"), ([8, 0], false));
        assert!(version("5.7.44-log").0 < [8, 0]);
    }

    #[test]
    fn what_a_server_may_do_again_later_is_no_fault() {
        for (numbers, expected) in [
            // Among them a commit that another of a cluster was in the way of.
            (&[1213, 1020][..], Kind::Conflict),
            (&[1290, 1792, 1836], Kind::ReadOnly),
            (&[1205, 3024], Kind::Unavailable),
            // Among them one of a cluster that is not ready for anybody.
            (&[1047, 1040, 1053, 2013], Kind::Away),
            (&[1064, 1062], Kind::Other),
        ] {
            for number in numbers {
                assert_eq!(kind(*number), expected, "{number}");
            }
        }
    }

    #[test]
    fn the_value_beside_a_key_is_not_taken_for_it() {
        assert_eq!(key_of("Duplicate entry 'email_key for key x' for key 'username_key'"), "'username_key'");
        assert_eq!(key_of("UNIQUE constraint failed: users.email_key"), "UNIQUE constraint failed: users.email_key");
    }
}
