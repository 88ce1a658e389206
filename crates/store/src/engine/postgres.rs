//! What is PostgreSQL's own.

use std::time::Duration;

use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbErr, SqlxPostgresError, sqlx::Executor as _,
};

use super::{ABANDONED, BUSY, Dialect, Kind, Objection, OpenMode, STATEMENTS, Site, enough};
use crate::{dialect::statement, open_error::OpenError};

/// The oldest that its makers still mend, as a number.
const LEAST: i64 = 15;
/// The advisory lock of those who change tables: `chinwag` in ASCII.
const SCHEMA: i64 = 0x63_6869_6e77_6167;
/// That of those who find the numbers behind what is there.
const NUMBERS: i64 = SCHEMA + 1;

/// What may stand behind the `?` of a URL. What the driver knows besides is chosen here.
pub(crate) const URL_SETTINGS: [&str; 15] = [
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
];

/// What `sslmode` may be.
pub(crate) const URL_TLS: [&str; 6] = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

/// Who writes finds each row by an index. Left to itself the server keeps a plan that it made while a table was small, and walks all of it for
/// each text once it has grown: ten times the work. What cannot be found so would seem so dear that it were worth to be compiled.
const BY_KEY: [(&str, &str); 2] = [("enable_seqscan", "off"), ("jit", "off")];

pub(crate) struct Postgres;

impl Dialect for Postgres {
    fn clock(&self) -> &'static str {
        "CAST(extract(epoch FROM statement_timestamp()) * 1000 AS BIGINT)"
    }
}

pub(crate) async fn numbers(db: &impl ConnectionTrait, count: usize) -> Result<Vec<i64>, DbErr> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let sql = "SELECT nextval('ids') FROM generate_series(1, CAST(? AS BIGINT))";
    let rows = db.query_all_raw(statement(db, sql, [count.into()])).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// One at a time: nobody sets them back behind what another was given meanwhile.
pub(crate) async fn move_numbers_behind(db: &impl ConnectionTrait, number: i64) -> Result<(), DbErr> {
    const BEHIND: &str = "FROM ids WHERE last_value < ? OR last_value = ? AND NOT is_called";
    let values = || [number, number].map(Into::into);
    if number == 0 || db.query_one_raw(statement(db, &format!("SELECT 1 {BEHIND}"), values())).await?.is_none() {
        return Ok(());
    }
    db.execute_unprepared(&format!("SELECT pg_advisory_lock({NUMBERS})")).await?;
    let moved = db.query_one_raw(statement(db, &format!("SELECT setval('ids', {number}) {BEHIND}"), values())).await;
    db.execute_unprepared(&format!("SELECT pg_advisory_unlock({NUMBERS})")).await?;
    moved.map(|_| ())
}

pub(crate) async fn connect(mut options: ConnectOptions, mode: OpenMode) -> Result<DatabaseConnection, DbErr> {
    let may_write = matches!(mode, OpenMode::Create | OpenMode::Write);
    options.map_sqlx_postgres_opts(move |postgres| {
        let read_only = [("default_transaction_read_only", if may_write { "off" } else { "on" })];
        let postgres = postgres.application_name("chinwag").statement_cache_capacity(STATEMENTS);
        let postgres = postgres.options(settings()).options(read_only);
        if mode == OpenMode::Write { postgres.options(BY_KEY) } else { postgres }
    });
    if may_write {
        // A future that was dropped while it began a transaction leaves the connection inside of it (sqlx 0.9.0), and whatever is written
        // next would be lost with that. The first of the two words is there because the second alone is a warning in the server's log.
        // Where it is lost, whoever writes next is to find that out.
        options.map_sqlx_postgres_before_acquire(|connection, _| {
            Box::pin(async move {
                drop(connection.execute("BEGIN; ROLLBACK").await);
                Ok(true)
            })
        });
    }
    options.connect_lazy(mode == OpenMode::Read);
    Database::connect(options).await
}

/// Of every connection, as the server says them again.
fn settings() -> [(&'static str, String); 3] {
    let seconds = |stretch: Duration| format!("{}s", stretch.as_secs());
    [
        ("lock_timeout", seconds(BUSY)),
        ("idle_in_transaction_session_timeout", seconds(ABANDONED)),
        // Another one, which the server or its administrator may have chosen, sees a room as it was before its lock was had.
        ("default_transaction_isolation", "read committed".to_owned()),
    ]
}

/// What stands between may swallow them.
async fn check_settings(db: &DatabaseConnection) -> Result<(), OpenError> {
    for (name, chosen) in settings() {
        let row = db.query_one_raw(statement(db, "SELECT current_setting(?)", [name.into()])).await?;
        let found: String = row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
        if found != chosen {
            return Err(OpenError::Pooler { cause: format!("{name} is {found} and not {chosen}") });
        }
    }
    Ok(())
}

pub(crate) async fn check(db: &DatabaseConnection, site: &Site, connections: i64) -> Result<(), OpenError> {
    check_settings(db).await?;
    let ask = "SELECT CAST(current_setting('server_version_num') AS BIGINT), current_setting('server_version'), \
               (SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()), \
               pg_is_in_recovery(), \
               (SELECT least(CAST(current_setting('max_connections') AS BIGINT), NULLIF(CASE WHEN r.rolsuper THEN -1 ELSE r.rolconnlimit END, -1), NULLIF(d.datconnlimit, -1)) \
               FROM pg_roles r, pg_database d WHERE r.rolname = current_user AND d.datname = current_database())";
    let row = db.query_one_raw(statement(db, ask, [])).await?;
    let row = row.ok_or_else(|| OpenError::Damaged("it does not say its version".into()))?;
    let (number, version, encoding): (i64, String, String) =
        (row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?);
    if number / 10_000 < LEAST {
        return Err(OpenError::OldServer { found: format!("PostgreSQL {version}"), least: "PostgreSQL 15" });
    }
    if encoding != "UTF8" {
        return Err(OpenError::Encoding { found: encoding });
    }
    if row.try_get_by_index(3)? {
        return Err(OpenError::ReadOnly { place: site.to_string() });
    }
    enough(row.try_get_by_index(4)?, connections)
}

pub(crate) const OTHERS: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
     AND application_name = 'chinwag' AND pid <> pg_backend_pid()";

pub(crate) const MEASURES: (&str, &str) = (
    "SELECT pg_database_size(current_database())",
    "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
);

/// Settings of which another value can lose what was acknowledged, and why.
const DURABLE: [(&str, &str); 3] = [
    ("fsync", "a power failure can damage the whole database"),
    ("full_page_writes", "a power failure can damage the database"),
    ("synchronous_commit", "a power failure takes with it what was acknowledged last"),
];

pub(crate) async fn warnings(db: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    let names = DURABLE.map(|(name, _)| format!("'{name}'")).join(", ");
    let ask = format!("SELECT name FROM pg_settings WHERE name IN ({names}) AND setting = 'off' ORDER BY name");
    let rows = db.query_all_raw(statement(db, &ask, [])).await?;
    let word = |name: String| {
        let why = DURABLE.iter().find(|(known, _)| *known == name).map_or("", |(_, why)| why);
        format!("The database server has {name} = off: {why}. Set {name} = on in postgresql.conf.")
    };
    rows.iter().map(|row| row.try_get_by_index(0).map(word)).collect()
}

pub(crate) fn refusal(error: &SqlxPostgresError) -> Option<Objection> {
    Some(match error.code() {
        "28P01" => Objection::Login,
        "28000" => Objection::Door,
        "3D000" => Objection::Missing,
        "42501" => Objection::Rights,
        "25006" => Objection::ReadOnly,
        CROWDED => Objection::Crowded,
        "57P03" => Objection::Starting,
        // Of a setting that is not known the server itself says 42704, of one that may not be 42501.
        "08P01" if error.message().contains("startup parameter") => Objection::Settings,
        _ => return None,
    })
}

pub(crate) async fn lock_schema(db: &DatabaseConnection) -> Result<(), OpenError> {
    // Others may have much to do before.
    db.execute_unprepared("SET lock_timeout = 0").await?;
    db.execute_unprepared(&format!("SELECT pg_advisory_lock({SCHEMA})")).await?;
    Ok(())
}

pub(crate) async fn unlock_schema(db: &DatabaseConnection) -> Result<(), DbErr> {
    db.execute_unprepared(&format!("SELECT pg_advisory_unlock({SCHEMA})")).await?;
    db.execute_unprepared("RESET lock_timeout").await.map(|_| ())
}

/// No connection is left.
const CROWDED: &str = "53300";

/// By SQLSTATE: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
pub(crate) fn error_kind(error: &SqlxPostgresError) -> Kind {
    kind(error.code())
}

fn kind(code: &str) -> Kind {
    match code {
        "53100" => Kind::Full,
        "40001" | "40P01" => Kind::Conflict,
        "25006" => Kind::ReadOnly,
        // A lock that was not to be had, a statement or a transaction that took too long or lay still.
        "55P03" | "57014" | "25P03" | "25P04" => Kind::Unavailable,
        // What it needs, and what its disk could not do; then connections, and a server that ends.
        CROWDED => Kind::Away,
        code if ["53", "58"].iter().any(|class| code.starts_with(class)) => Kind::Unavailable,
        code if ["08", "57P"].iter().any(|class| code.starts_with(class)) => Kind::Away,
        _ => Kind::Other,
    }
}

#[cfg(test)]
mod tests {
    use chinwag_testdb::DbServer;

    use super::*;

    #[test]
    fn what_a_server_may_do_again_later_is_no_fault() {
        for (code, expected) in [
            ("40001", Kind::Conflict),
            ("40P01", Kind::Conflict),
            ("25006", Kind::ReadOnly),
            ("55P03", Kind::Unavailable),
            ("57P01", Kind::Away),
            ("53300", Kind::Away),
            ("42601", Kind::Other),
        ] {
            assert_eq!(kind(code), expected, "{code}");
        }
    }

    /// As what comes through a pooler that was told to pass by what it does not know.
    #[tokio::test]
    async fn a_connection_whose_settings_were_swallowed_is_refused() {
        let url = DbServer::postgres().database().expect("a database");
        let site = Site::of_url(&url).expect("a URL");
        let own = site.connect(OpenMode::Look, 1).await.expect("opened");
        check(&own, &site, 1).await.expect("as it is set");
        let swallowed = Database::connect(&url).await.expect("opened by hand");
        let refused = check(&swallowed, &site, 1).await.expect_err("not as it was set").to_string();
        assert!(refused.contains("lock_timeout is 0 and not 5s") && refused.contains("PgBouncer"), "{refused}");
    }
}
