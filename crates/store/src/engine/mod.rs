//! The engines that the truth can be kept on, one file for each: connecting, what must be right of them before they are used, and
//! the words of SQL in which they differ. No queries.

mod mysql;
mod postgres;
mod reach;
pub(crate) mod sqlite;
mod url;

pub(crate) use reach::{reach, refusal};

use std::{fmt, io, path::PathBuf, sync::Arc, time::Duration};

use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, RuntimeErr, SqlxError,
};

use crate::{
    dialect::{repeat, statement},
    open_error::OpenError,
};

/// How long a connection waits for others.
pub(crate) const BUSY: Duration = Duration::from_secs(5);
/// Statements slower than this are logged.
const SLOW: Duration = Duration::from_millis(500);
/// How long a transaction may lie still before its server ends it: a node that was cut off would keep others out of its rooms. Less than
/// they wait.
const ABANDONED: Duration = Duration::from_secs(4);
/// Before one that was idle for so long is used again, it is asked whether it is still there: a server or what is on the way to it may
/// have closed it.
const IDLE: Duration = Duration::from_secs(10);
/// Prepared statements a connection keeps.
const STATEMENTS: usize = 128;

/// Where the truth is kept.
#[derive(Clone, PartialEq, Eq)]
pub enum Site {
    /// A file of SQLite.
    File(PathBuf),
    /// A database of a PostgreSQL server, by its URL.
    Postgres(String),
    /// A database of a MySQL or MariaDB server, by its URL.
    MySql(String),
}

/// Without what a URL says besides: it may hold a password.
impl fmt::Debug for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Postgres(_) => f.write_str("Postgres"),
            Self::MySql(_) => f.write_str("MySql"),
        }
    }
}

/// Where it is, without who may open it.
impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Postgres(url) | Self::MySql(url) => f.write_str(&url::place(url).unwrap_or_default()),
        }
    }
}

impl Site {
    /// Whether several servers may work on it at the same time.
    pub fn is_shared(&self) -> bool {
        !matches!(self, Self::File(_))
    }

    /// What it is, where a commit takes long.
    pub(crate) fn slowness(&self) -> &'static str {
        match self {
            Self::File(_) => {
                "the disk of the data directory is slow or overloaded, or another program holds the database"
            }
            Self::Postgres(_) | Self::MySql(_) => {
                "the database server, its disk or the way to it is slow or overloaded"
            }
        }
    }

    /// Refuses what cannot be worked on whatever the database says.
    pub(crate) fn check(&self) -> Result<(), OpenError> {
        match self {
            Self::File(path) => sqlite::check_file_system(path),
            Self::Postgres(_) | Self::MySql(_) => Ok(()),
        }
    }

    pub(crate) async fn connect(&self, mode: OpenMode, readers: u32) -> Result<DatabaseConnection, DbErr> {
        let connections = if mode == OpenMode::Read { readers } else { 1 };
        let options = |url: &str| {
            let mut options = ConnectOptions::new(url);
            options
                .max_connections(connections)
                .acquire_timeout(BUSY)
                .sqlx_logging(true)
                .sqlx_logging_level(log::LevelFilter::Off)
                .sqlx_slow_statements_logging_settings(log::LevelFilter::Warn, SLOW);
            if mode == OpenMode::Read {
                options.test_before_acquire_if_idle_for(IDLE);
            } else {
                // One that writes is not exchanged for another in silence: the next may be to a server that took the place of the one
                // that was lost, and is looked at (`write_connection.rs`).
                options.test_before_acquire(false).idle_timeout(None).max_lifetime(None);
            }
            options
        };
        match self {
            // The path itself is given besides: it need not be a URL.
            Self::File(path) => sqlite::connect(path.clone(), options("sqlite:chinwag.db"), mode).await,
            Self::Postgres(url) => postgres::connect(options(url), mode).await,
            Self::MySql(url) => mysql::connect(options(url), mode).await,
        }
    }

    /// What it is, with its version.
    pub(crate) async fn engine(&self, db: &DatabaseConnection) -> Result<String, DbErr> {
        let (name, ask) = match self {
            Self::File(_) => ("SQLite", "SELECT sqlite_version()"),
            Self::Postgres(_) => ("PostgreSQL", "SELECT current_setting('server_version')"),
            Self::MySql(_) => ("MySQL", "SELECT VERSION()"),
        };
        let row = db.query_one_raw(statement(db, ask, [])).await?;
        let version: String = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
        Ok(if version.contains("MariaDB") { version } else { format!("{name} {version}") })
    }

    /// Refuses an engine that is too old, or that works in a way in which it can lose something, or that has not so many connections.
    pub(crate) async fn check_engine(&self, db: &DatabaseConnection, connections: u32) -> Result<(), OpenError> {
        let connections = i64::from(connections);
        match self {
            Self::File(_) => sqlite::check_version(db).await,
            Self::Postgres(_) => postgres::check(db, self, connections).await,
            Self::MySql(_) => mysql::check(db, self, connections).await,
        }
    }

    /// What is asked for the size of the database, in bytes, and for the server's time, in milliseconds.
    pub(crate) fn measures(&self) -> (&'static str, &'static str) {
        match self {
            Self::File(_) => ("SELECT 0", "SELECT 0"),
            Self::Postgres(_) => postgres::MEASURES,
            Self::MySql(_) => mysql::MEASURES,
        }
    }

    /// How many tables there are, whoever made them.
    pub(crate) async fn count_tables(&self, db: &DatabaseConnection) -> Result<i64, DbErr> {
        let ask = match self {
            Self::File(_) => "SELECT count(*) FROM sqlite_master WHERE type = 'table'",
            Self::Postgres(_) => "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema()",
            Self::MySql(_) => "SELECT count(*) FROM information_schema.tables WHERE table_schema = DATABASE()",
        };
        let row = db.query_one_raw(statement(db, ask, [])).await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default())
    }

    /// How many others are connected who may write: nodes, and commands at the console. Of a file nobody knows.
    pub(crate) async fn count_others(&self, db: &DatabaseConnection) -> Result<i64, DbErr> {
        let ask = match self {
            Self::File(_) => return Ok(0),
            Self::Postgres(_) => postgres::OTHERS,
            Self::MySql(_) => mysql::OTHERS,
        };
        let row = db.query_one_raw(statement(db, ask, [])).await?;
        Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default())
    }

    /// What works, but may lose what was acknowledged where the machine of the server fails; each in a sentence.
    pub(crate) async fn warnings(&self, db: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
        match self {
            // It is told how to work.
            Self::File(_) => Ok(Vec::new()),
            Self::Postgres(_) => postgres::warnings(db).await,
            Self::MySql(_) => mysql::warnings(db).await,
        }
    }

    /// Lets the one connection be the only one that changes tables, and gets the database ready for the first ones. Other servers
    /// that start wait.
    pub(crate) async fn lock_schema(&self, db: &DatabaseConnection) -> Result<(), OpenError> {
        match self {
            // There is one server.
            Self::File(_) => Ok(()),
            Self::Postgres(_) => postgres::lock_schema(db).await,
            Self::MySql(_) => mysql::lock_schema(db).await,
        }
    }

    pub(crate) async fn unlock_schema(&self, db: &DatabaseConnection) -> Result<(), DbErr> {
        match self {
            Self::File(_) => Ok(()),
            Self::Postgres(_) => postgres::unlock_schema(db).await,
            Self::MySql(_) => mysql::unlock_schema(db).await,
        }
    }

    /// Begins a transaction that writes.
    pub(crate) async fn begin(&self, db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
        match self {
            Self::File(_) => sqlite::begin(db).await,
            // What it waits for and what it sees are settings of the connection.
            Self::Postgres(_) | Self::MySql(_) => sea_orm::TransactionTrait::begin(db).await,
        }
    }

    /// Lets the one connection wait so long for others, where that is not the same for all of its life.
    pub(crate) async fn set_patience(&self, db: &DatabaseConnection, patience: Duration) -> Result<(), DbErr> {
        match self {
            Self::File(_) => sqlite::set_patience(db, patience).await,
            Self::Postgres(_) | Self::MySql(_) => Ok(()),
        }
    }

    /// Before the last connection closes.
    pub(crate) async fn settle(&self, db: &DatabaseConnection) -> Result<(), DbErr> {
        match self {
            Self::File(_) => sqlite::checkpoint(db).await,
            Self::Postgres(_) | Self::MySql(_) => Ok(()),
        }
    }
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

/// The words of SQL in which an engine differs from others.
pub(crate) trait Dialect: Sync {
    /// Behind `members`, to have it looked at by role.
    fn by_role(&self) -> &'static str {
        ""
    }

    /// At the end of a `SELECT`: nobody else changes what it found before this transaction ends.
    fn hold(&self) -> &'static str {
        " FOR UPDATE"
    }

    /// The same, without those that another transaction holds.
    fn hold_free(&self) -> &'static str {
        " FOR UPDATE SKIP LOCKED"
    }

    /// The time by the clock of the database, in milliseconds since 1970: the same whichever node asks.
    fn clock(&self) -> &'static str;

    /// A sum as a whole number of 64 bits.
    fn whole(&self, sum: &str) -> String {
        format!("CAST({sum} AS BIGINT)")
    }

    /// Behind an insert and before what is set: where a row with the same `key` is there, it is changed.
    fn on_key(&self, key: &str) -> String {
        format!("ON CONFLICT ({key}) DO UPDATE SET")
    }

    /// What was to be inserted, where it is said what is set.
    fn inserted(&self, column: &str) -> String {
        format!("excluded.{column}")
    }

    /// Behind an insert: where a row with the same `key` is there, the value of `column` is added to that one's.
    fn or_add(&self, table: &str, key: &str, column: &str) -> String {
        format!("{} {column} = {table}.{column} + {}", self.on_key(key), self.inserted(column))
    }

    fn set_rows(&self, rows: &SetRows<'_>) -> String {
        rows.with_values()
    }

    /// Behind an `OFFSET` each key is looked up by itself; and as a stretch from the whole key to the same, which no other index has: by one
    /// that begins with another column of it PostgreSQL would walk all that is there.
    fn keyed_rows(&self, rows: &KeyedRows<'_>) -> String {
        let KeyedRows { table, columns, keys, rows, .. } = rows;
        let values = repeat(&format!("({})", repeat("?", keys.len())), *rows);
        let row = keys.iter().map(|key| format!("{table}.{key}")).collect::<Vec<_>>().join(", ");
        let value = (1..=keys.len()).map(|at| format!("v.column{at}")).collect::<Vec<_>>().join(", ");
        format!(
            "SELECT found.* FROM (VALUES {values}) AS v CROSS JOIN LATERAL (SELECT {columns} FROM {table} \
             WHERE ({row}) >= ({value}) AND ({row}) <= ({value}) OFFSET 0) AS found"
        )
    }

    /// Statements after which nobody changes a row of the table any more, but hears these words.
    fn bars(&self, _table: &str, _words: &str) -> Vec<String> {
        Vec::new()
    }
}

/// A stretch of time as the database has it.
pub(crate) fn millis(stretch: Duration) -> i64 {
    i64::try_from(stretch.as_millis()).unwrap_or(i64::MAX / 4)
}

pub(crate) fn words(db: &impl ConnectionTrait) -> &'static dyn Dialect {
    match db.get_database_backend() {
        DbBackend::Postgres => &postgres::Postgres,
        DbBackend::MySql => &mysql::MySql,
        _ => &sqlite::Sqlite,
    }
}

/// So many numbers, each greater than all before it, whoever was given those and whatever became of it. In a transaction that is not
/// over, on a server.
pub(crate) async fn numbers(db: &impl ConnectionTrait, count: usize) -> Result<Vec<i64>, DbErr> {
    match db.get_database_backend() {
        DbBackend::MySql => mysql::numbers(db, count).await,
        _ => postgres::numbers(db, count).await,
    }
}

/// From here on numbers are greater than this one; outside of a transaction, or where it is the schema's.
pub(crate) async fn move_numbers_behind(db: &impl ConnectionTrait, number: i64) -> Result<(), DbErr> {
    match db.get_database_backend() {
        DbBackend::MySql => mysql::move_numbers_behind(db, number).await,
        _ => postgres::move_numbers_behind(db, number).await,
    }
}

/// Sets columns of many rows at once, of each to its own values: a row of values is those of `keys`, then those of `columns`. Only
/// rows of which `also` is true change; it calls the values `v.column1` and so on.
pub(crate) fn set_rows(
    db: &impl ConnectionTrait,
    table: &str,
    (keys, columns): (&[&str], &[&str]),
    rows: usize,
    also: &str,
) -> String {
    let same = rows_same(table, keys);
    let set = |(at, column): (usize, &&str)| format!("{column} = v.column{}", keys.len() + at + 1);
    let set: Vec<String> = columns.iter().enumerate().map(set).collect();
    words(db).set_rows(&SetRows { table, same: &same, set: &set, width: keys.len() + columns.len(), rows, also })
}

/// Rows that are looked up, each by the whole of a unique key: others that share a part of it are not walked.
pub(crate) struct KeyedRows<'a> {
    pub(crate) table: &'a str,
    pub(crate) columns: &'a str,
    /// The columns of the index, in its order.
    pub(crate) keys: &'a [&'a str],
    pub(crate) index: &'a str,
    pub(crate) rows: usize,
}

/// Which row of values is a row's.
fn rows_same(table: &str, keys: &[&str]) -> String {
    let same = |(at, key): (usize, &&str)| format!("{table}.{key} = v.column{}", at + 1);
    keys.iter().enumerate().map(same).collect::<Vec<_>>().join(" AND ")
}

/// What [`set_rows`] is made of.
pub(crate) struct SetRows<'a> {
    pub(crate) table: &'a str,
    /// Which row of values is a row's.
    pub(crate) same: &'a str,
    /// Columns and what they become.
    pub(crate) set: &'a [String],
    /// Values of a row.
    pub(crate) width: usize,
    pub(crate) rows: usize,
    pub(crate) also: &'a str,
}

impl SetRows<'_> {
    /// As most engines take it.
    pub(crate) fn with_values(&self) -> String {
        let Self { table, same, set, width, rows, also } = self;
        let row = format!("({})", repeat("?", *width));
        let (set, rows) = (set.join(", "), repeat(&row, *rows));
        format!("UPDATE {table} SET {set} FROM (VALUES {rows}) AS v WHERE {same} AND {also}")
    }
}

/// That it has so many connections.
fn enough(found: i64, least: i64) -> Result<(), OpenError> {
    let cause = || format!("this user may have {found} of them in all, and one node needs {least}");
    if found < least { Err(OpenError::FewConnections { cause: cause() }) } else { Ok(()) }
}

/// Why a server does not do what it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Objection {
    Login,
    Missing,
    /// Nobody from here may come in, or not in this way.
    Door,
    Rights,
    ReadOnly,
    Crowded,
    Starting,
    /// What a connection is to be set to.
    Settings,
}

/// What kind of failure it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Full,
    Unavailable,
    /// The server takes no writes, as one that another has taken the place of.
    ReadOnly,
    /// The server is not there, or cannot be reached, or lets nobody in now.
    Away,
    /// Two transactions were in each other's way: this one can be run again.
    Conflict,
    /// The data is elsewhere.
    Moved,
    Other,
}

/// A server that did not answer in time.
pub(crate) fn no_answer() -> DbErr {
    let late = io::Error::new(io::ErrorKind::TimedOut, "the database server did not answer in time");
    DbErr::Conn(RuntimeErr::SqlxError(Arc::new(SqlxError::Io(late))))
}

/// What kind of failure an engine tells of.
pub(crate) fn error_kind(error: &SqlxError) -> Kind {
    let SqlxError::Database(error) = error else {
        return match error {
            SqlxError::Io(_)
            | SqlxError::Tls(_)
            | SqlxError::Protocol(_)
            | SqlxError::BeginFailed
            | SqlxError::PoolTimedOut
            | SqlxError::PoolClosed
            | SqlxError::WorkerCrashed => Kind::Away,
            _ => Kind::Other,
        };
    };
    if let Some(error) = error.try_downcast_ref() {
        postgres::error_kind(error)
    } else if let Some(error) = error.try_downcast_ref() {
        mysql::error_kind(error)
    } else {
        error.code().and_then(|code| code.parse().ok()).map_or(Kind::Other, sqlite::error_kind)
    }
}

/// What an engine says of a unique key, without the value that it shows: the key's name is in it.
pub(crate) fn key_of(message: &str) -> &str {
    mysql::key_of(message)
}
