//! How many rows of messages a second a database takes by itself, in a bare loop: what a server that writes them can be compared with.
//! The tables are those of a server that has ended; nothing is read, checked, numbered or told. Prints the number alone.
//!
//! `cargo run --release -p chinwag-store --example insert_limit -- <URL, or path of a file> <rows of a commit> <connections> <seconds>`

#![expect(clippy::disallowed_methods, reason = "every thread is joined")]

use std::time::{Duration, Instant};

use sea_orm::{ConnectOptions, ConnectionTrait, Database, DbBackend, Statement, Value};

/// Rooms that a server has made are far below, and so are its messages' ids.
const FIRST: i64 = 1 << 60;
/// As many as the load has that this stands beside.
const ROOMS: i64 = 8;
const COLUMNS: &str = "id, room_id, seq, user_id, username, kind, content, created_at, client_id, body_hash, ordinal, mentions_room, guest";
/// Values of a row; the rest is the same in each.
const VALUES: usize = 10;
const NOW: i64 = 1_780_000_000_000;
/// As a server has it.
const PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -32000; PRAGMA wal_autocheckpoint = 4000";

fn main() {
    let mut arguments = std::env::args().skip(1);
    let place = arguments.next().expect("a URL or a path");
    let mut number = || arguments.next().and_then(|text| text.parse().ok()).expect("a number");
    let (rows, connections, seconds) = (number(), number(), number());
    let time = Duration::from_secs(seconds as u64);
    let loops = (0..connections).map(|connection| {
        let place = place.clone();
        // Each has rooms of its own, and so had those who ran before.
        let first = FIRST + (i64::from(std::process::id()) << 36) + ((connection as i64) << 32);
        let source = Source { first, next: 0 };
        std::thread::spawn(move || {
            if place.contains("://") {
                on_server(&place, source, rows, time)
            } else {
                on_file(&place, source, rows, time)
            }
        })
    });
    let loops: Vec<_> = loops.collect();
    let rate: f64 = loops.into_iter().map(|each| each.join().expect("a loop ends well")).sum();
    report(rate);
}

/// Rows as they come from texts of 128 letters that are sent in turn to each room.
struct Source {
    first: i64,
    next: i64,
}

impl Source {
    fn row(&mut self) -> [Value; VALUES] {
        let n = self.next;
        self.next += 1;
        let (id, room, seq) = (self.first + n, self.first + n % ROOMS, n / ROOMS + 1);
        let hash = n.wrapping_mul(0x5851_f42d_4c95_7f2d);
        [
            id.into(),
            room.into(),
            seq.into(),
            12_i64.into(),
            "load12".into(),
            format!("{n:0128}").into(),
            (NOW + n).into(),
            format!("{id:016x}{n:016x}").into(),
            hash.into(),
            seq.into(),
        ]
    }
}

/// One statement of many rows after the other, each a transaction of its own. Gives the rows of a second.
fn on_server(url: &str, mut source: Source, rows: usize, time: Duration) -> f64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let mut options = ConnectOptions::new(url);
        options.max_connections(1).sqlx_logging(false);
        let db = Database::connect(options).await.expect("a connection");
        let backend = db.get_database_backend();
        let sql = format!("INSERT INTO messages ({COLUMNS}) VALUES {}", list(backend, rows));
        let (begun, mut written) = (Instant::now(), 0);
        while begun.elapsed() < time {
            let values: Vec<Value> = (0..rows).flat_map(|_| source.row()).collect();
            db.execute_raw(Statement::from_sql_and_values(backend, &sql, values)).await.expect("written");
            written += rows;
        }
        written as f64 / begun.elapsed().as_secs_f64()
    })
}

/// Places for the values of so many rows, as the engine writes them.
fn list(backend: DbBackend, rows: usize) -> String {
    let mut place = 0;
    let mut next = || {
        place += 1;
        if backend == DbBackend::Postgres { format!("${place}") } else { "?".to_owned() }
    };
    let mut row = || {
        let values: Vec<String> = (0..VALUES).map(|_| next()).collect();
        let (before, after) = values.split_at(5);
        format!("({}, 0, {}, FALSE, FALSE)", before.join(", "), after.join(", "))
    };
    (0..rows).map(|_| row()).collect::<Vec<_>>().join(", ")
}

/// SQLite takes rows one by one as quickly as many at once: it is in this process.
fn on_file(path: &str, mut source: Source, rows: usize, time: Duration) -> f64 {
    let mut db = rusqlite::Connection::open(path).expect("a file");
    db.execute_batch(PRAGMAS).expect("set");
    let sql = format!("INSERT INTO messages ({COLUMNS}) VALUES {}", list(DbBackend::Sqlite, 1));
    let (begun, mut written) = (Instant::now(), 0);
    while begun.elapsed() < time {
        let tx = db.transaction().expect("begun");
        let mut insert = tx.prepare_cached(&sql).expect("prepared");
        for _ in 0..rows {
            let values = source.row().map(|value| match value {
                Value::BigInt(Some(number)) => rusqlite::types::Value::Integer(number),
                Value::String(Some(text)) => rusqlite::types::Value::Text(text),
                other => panic!("{other:?}"),
            });
            insert.execute(values).expect("written");
        }
        drop(insert);
        tx.commit().expect("committed");
        written += rows;
    }
    written as f64 / begun.elapsed().as_secs_f64()
}

#[expect(clippy::print_stdout, reason = "the number is what this program is for")]
fn report(rate: f64) {
    println!("{rate:.0}");
}
