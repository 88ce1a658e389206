//! What is the database servers' own: opening by several, refusing, going on after a start that died.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use chinwag_domain::{ports::*, records::*};
use chinwag_proto::Role;
use chinwag_store::{OpenError, Site, StoreConfig};
use chinwag_testdb::{Broker, DbServer};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    task::JoinSet,
};

use crate::{cast::*, engines::Engine};

const SERVERS: [Engine; 2] = [Engine::Postgres, Engine::MariaDb];

fn fresh(engine: Engine) -> StoreConfig {
    StoreConfig::at(engine.site(&tempfile::tempdir().expect("a temporary directory")))
}

fn url(config: &StoreConfig) -> &str {
    match &config.site {
        Site::Postgres(url) | Site::MySql(url) => url,
        Site::File(_) => panic!("a server"),
    }
}

async fn by_hand(config: &StoreConfig) -> DatabaseConnection {
    Database::connect(url(config)).await.expect("opened by hand")
}

async fn refused(config: StoreConfig) -> OpenError {
    chinwag_store::open(config, Arc::new(Recorder::default())).await.expect_err("refused")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_that_start_at_once_make_one_database() {
    for engine in SERVERS {
        let config = fresh(engine);
        let start = || chinwag_store::open(config.clone(), Arc::new(Recorder::default()));
        let (one, two, three, four) = tokio::join!(start(), start(), start(), start());
        let stores = [one, two, three, four].map(|store| store.unwrap_or_else(|error| panic!("{engine:?}: {error}")));
        let epochs: BTreeSet<i64> = stores.iter().map(|store| store.epoch()).collect();
        assert_eq!(epochs.len(), 1, "{engine:?}");
        for (at, store) in stores.iter().enumerate() {
            store.create_user(new_user(&format!("ann{at}")), None).await.expect("made");
        }
    }
}

#[tokio::test]
async fn a_newer_schema_is_refused_with_a_sentence() {
    for engine in SERVERS {
        let stage = Stage::new(engine).await;
        stage.store.close().await;
        let db = by_hand(&stage.config).await;
        db.execute_unprepared("INSERT INTO seaql_migrations VALUES ('m9999_future', 0)").await.expect("written");
        let refused = refused(stage.config.clone()).await;
        assert!(matches!(&refused, OpenError::NewerSchema { step } if step == "m9999_future"), "{refused}");
    }
}

/// There each change of a table is a transaction of its own, so every step may be there without the note that it is.
#[tokio::test]
async fn a_start_that_died_within_any_step_is_gone_on_with() {
    let stage = Stage::new(Engine::MariaDb).await;
    stage.store.close().await;
    let db = by_hand(&stage.config).await;
    for died in ["DELETE FROM seaql_migrations", "DELETE FROM seaql_migrations WHERE version > 'm0006'"] {
        db.execute_unprepared(died).await.expect("forgotten");
        let store = chinwag_store::open(stage.config.clone(), Arc::new(Recorder::default())).await;
        store.unwrap_or_else(|error| panic!("{died}: {error}")).close().await;
    }
    let stage = stage.reopen().await;
    let ann = stage.user("Ann").await;
    let room = stage.room(&ann, &[]).await;
    assert_eq!(stage.say(room, &ann, "whole").await.seq, 2);
}

/// What of a right URL becomes what, the words that say what is wrong, and those that say what to do.
const WRONG: [(&str, &str, &str, &str); 6] = [
    ("secret@", "hush@", "refuses the user or the password", "Set database"),
    ("chinwag:", "nobody:", "refuses the user or the password", "Set database"),
    ("/chinwag_", "/nowhere_", "There is no database 127.0.0.1:", "CREATE DATABASE"),
    ("@127.0.0.1:", "@host.invalid:", "cannot be reached", "host and port"),
    ("?", "?sslmode=require", "There is no TLS", "sslmode"),
    ("?", "?sslmode=verify-full", "There is no TLS", "sslmode"),
];

#[tokio::test]
async fn what_cannot_be_used_is_refused_with_a_sentence_that_tells_no_password() {
    for engine in SERVERS {
        let config = StoreConfig { patience: Duration::ZERO, ..fresh(engine) };
        let right = format!("{}?", url(&config));
        let refused_with = async |url: &str, told: &str, done: &str| {
            let site = Site::of_url(url).unwrap_or_else(|refused| panic!("{url}: {refused}"));
            assert_refused(&refused(StoreConfig { site, ..config.clone() }).await, told, done);
        };
        for (here, wrong, told, done) in WRONG {
            // Each calls it by another name.
            let names = [("=require", "=REQUIRED"), ("=verify-full", "=VERIFY_IDENTITY")];
            let of_mysql = names.iter().fold(wrong.to_owned(), |wrong, (one, other)| wrong.replace(one, other));
            let wrong = if engine == Engine::MariaDb { &of_mysql } else { wrong };
            refused_with(&right.replacen(here, wrong, 1), told, done).await;
        }
        let (before, after) = right.rsplit_once(':').expect("a port");
        let path = after.trim_start_matches(|c: char| c.is_ascii_digit());
        refused_with(&format!("{before}:1{path}"), "cannot be reached", "host and port").await;
    }
    let refused = Site::of_url("oracle://somewhere").expect_err("unknown");
    assert!(refused.to_string().contains("postgres://"), "{refused}");
}

fn assert_refused(refused: &OpenError, told: &str, done: &str) {
    let words = refused.to_string();
    assert!(words.contains(told) && words.contains(done) && !words.contains('\n'), "{told}: {words}");
    for secret in ["secret", "hush"] {
        assert!(!format!("{words} {refused:?}").contains(secret), "{refused:?}");
    }
}

/// Neither a server nor whoever looks for a fault is content with five connections.
async fn assert_few(config: StoreConfig) {
    let looked = chinwag_store::inspect(&config.site).await.expect_err("found");
    for refused in [refused(config).await, looked] {
        assert_refused(
            &refused,
            "this user may have 5 of them in all, and one node needs 16",
            "what the user may have",
        );
    }
}

/// What answers so to what comes in one piece: where it listens, and what it lives for.
async fn serve(answer: fn(&[u8]) -> &'static [u8]) -> (u16, JoinSet<()>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("its address").port();
    let mut serving = JoinSet::new();
    serving.spawn(async move {
        let mut lines = JoinSet::new();
        while let Ok((mut line, _)) = listener.accept().await {
            lines.spawn(async move {
                let mut asked = [0; 1_024];
                while let Ok(length @ 1..) = line.read(&mut asked).await {
                    drop(line.write_all(answer(&asked[..length])).await);
                }
            });
        }
    });
    (port, serving)
}

/// Of the web, as far as it is of use here.
fn web_server(asked: &[u8]) -> &'static [u8] {
    if asked.starts_with(b"GET ") { b"HTTP/1.0 404 Not Found\r\n\r\n" } else { b"" }
}

/// Of PgBouncer as far: there is no TLS, and what a connection is to be set to is refused.
fn pooler(asked: &[u8]) -> &'static [u8] {
    if asked.len() == 8 {
        b"N"
    } else {
        b"E\0\0\0\x42SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: options\0\0"
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pooler_before_the_database_is_named_with_what_to_change() {
    let (port, _serving) = serve(pooler).await;
    let site = Site::of_url(&format!("postgres://chinwag:secret@127.0.0.1:{port}/chat")).expect("a URL");
    assert_refused(
        &refused(StoreConfig::at(site)).await,
        "(unsupported startup parameter: options), as a pooler like PgBouncer does",
        "Set database to the host and the port of the database server itself",
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_kind_of_server_is_named_with_what_to_change() {
    let (mut nats, mut redis) = (Broker::nats("").expect("a broker"), Broker::redis().expect("a broker"));
    for broker in [&mut nats, &mut redis] {
        broker.start().expect("started");
        while tokio::net::TcpStream::connect(("127.0.0.1", broker.port())).await.is_err() {
            tokio::task::yield_now().await;
        }
    }
    let (postgres, mariadb) = (DbServer::postgres().port(), DbServer::mariadb().port());
    let (web, _serving) = serve(web_server).await;
    let strangers = [("NATS", nats.port()), ("Redis", redis.port()), ("a web server", web)];
    let (to_postgres, to_mariadb) = (("postgres", "PostgreSQL"), ("mysql", "MySQL or MariaDB"));
    let mut table = vec![(to_postgres, "MySQL or MariaDB", mariadb), (to_mariadb, "PostgreSQL", postgres)];
    table.extend([to_postgres, to_mariadb].iter().flat_map(|to| strangers.map(|(name, port)| (*to, name, port))));
    let tries = table.iter().map(|((scheme, expected), found, port)| async move {
        let url = format!("{scheme}://chinwag:secret@127.0.0.1:{port}/chat");
        // However long it would wait for one that cannot be reached.
        let refused = refused(StoreConfig::at(Site::of_url(&url).expect("a URL"))).await;
        let told = format!("Where the database 127.0.0.1:{port}/chat should be answers {found}");
        assert_refused(&refused, &told, "postgres:// for PostgreSQL, mysql:// for MySQL");
        assert!(refused.to_string().contains(&format!(", and not {expected}. Set database")), "{refused}");
    });
    futures_util::future::join_all(tries).await;
}

/// What a server itself has that does not do: a statement that makes it so, and what it is refused with.
#[tokio::test]
async fn a_server_that_will_not_do_is_refused_with_what_to_change() {
    let postgres = DbServer::own_postgres().expect("a server");
    let mariadb = DbServer::own_mariadb().expect("a server");
    let database = |server: &DbServer| server.database().expect("a database");
    let of =
        |url: String| StoreConfig { patience: Duration::ZERO, ..StoreConfig::at(Site::of_url(&url).expect("a URL")) };
    let ruled = |server: &DbServer, sql: &str| server.rule(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));

    ruled(&postgres, "CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0");
    let latin = format!("{}/latin", database(&postgres).rsplit_once('/').expect("a path").0);
    assert_refused(&refused(of(latin)).await, "as LATIN1", "encoding UTF8");

    ruled(&postgres, "CREATE USER guest PASSWORD 'secret'");
    let guest = database(&postgres).replace("chinwag:", "guest:");
    assert_refused(&refused(of(guest.clone())).await, "may not do", "OWNER");
    ruled(&postgres, "ALTER USER guest CONNECTION LIMIT 0");
    assert_refused(&refused(of(guest.clone())).await, "not enough connections", "max_connections");
    ruled(&postgres, "ALTER USER guest CONNECTION LIMIT 5");
    assert_few(of(guest)).await;

    let config = of(database(&mariadb));
    for (set, unset, told, done) in [
        ("SET GLOBAL read_only = 1", "SET GLOBAL read_only = 0", "only reads", "Set database"),
        (
            "SET GLOBAL max_allowed_packet = 1048576",
            "SET GLOBAL max_allowed_packet = 16777216",
            "1048576 bytes",
            "max_allowed_packet to 16777216",
        ),
        (
            "SET GLOBAL max_connections = 10",
            "SET GLOBAL max_connections = 400",
            "not enough connections",
            "max_connections",
        ),
        (
            "SET GLOBAL innodb_default_row_format = compact",
            "SET GLOBAL innodb_default_row_format = dynamic",
            "compact",
            "innodb_default_row_format = dynamic",
        ),
    ] {
        ruled(&mariadb, set);
        assert_refused(&refused(StoreConfig { readers: 20, ..config.clone() }).await, told, done);
        ruled(&mariadb, unset);
    }
    ruled(&mariadb, "CREATE USER guest@'127.0.0.1' IDENTIFIED BY 'secret'");
    let guest = database(&mariadb).replace("chinwag:", "guest:");
    assert_refused(&refused(of(guest.clone())).await, "not for this user", "GRANT ALL");
    ruled(&mariadb, "GRANT ALL ON *.* TO guest@'127.0.0.1' WITH MAX_USER_CONNECTIONS 5");
    assert_few(of(guest)).await;

    // And what an administrator may choose does no harm.
    ruled(
        &mariadb,
        "SET GLOBAL sql_mode = 'ORACLE,ANSI_QUOTES,EMPTY_STRING_IS_NULL', GLOBAL default_storage_engine = MyISAM, \
         GLOBAL autocommit = 0, GLOBAL sql_safe_updates = 1, GLOBAL completion_type = 'CHAIN'",
    );
    let store =
        chinwag_store::open(config, Arc::new(Recorder::default())).await.unwrap_or_else(|error| panic!("{error}"));
    store.create_user(new_user("ann"), None).await.expect("made");
    store.close().await;
}

#[tokio::test]
async fn a_server_that_may_lose_what_it_acknowledged_is_warned_about() {
    let (postgres, mariadb) = (DbServer::own_postgres().expect("a server"), DbServer::own_mariadb().expect("a server"));
    postgres.rule("ALTER SYSTEM SET synchronous_commit = off").expect("set");
    postgres.rule("SELECT pg_reload_conf()").expect("read");
    mariadb.rule("SET GLOBAL innodb_flush_log_at_trx_commit = 0").expect("set");
    for (server, names) in [
        (&postgres, &["fsync = off", "full_page_writes = off", "synchronous_commit = off"][..]),
        (&mariadb, &["innodb_flush_log_at_trx_commit = 0"]),
    ] {
        let site = Site::of_url(&server.database().expect("a database")).expect("a URL");
        let found = chinwag_store::inspect(&site).await.unwrap_or_else(|error| panic!("{error}"));
        let look = found.server.expect("a server");
        assert_eq!(look.warnings.len(), names.len(), "{look:?}");
        for (warning, name) in look.warnings.iter().zip(names) {
            assert!(warning.contains(name) && warning.contains("Set "), "{warning}");
        }
        assert!(look.clock_ahead_ms.abs() < 1_000 && look.round_trip > Duration::ZERO, "{look:?}");
        assert!(found.engine.contains("PostgreSQL 1") || found.engine.contains("MariaDB"), "{}", found.engine);
    }
}

/// Asks for everything that a node asks for, so that each statement is prepared.
async fn live(stage: &Stage, round: usize) {
    let store = &stage.store;
    let (ann, bob) = (stage.user(&format!("ann{round}")).await, stage.user(&format!("bob{round}")).await);
    let room = stage.room(&ann, &[&bob]).await;
    let said = stage.say(room, &ann, &format!("@{} hello", bob.name)).await;
    stage.edit(&ann, said.id, "again").await.expect("edited");
    stage.recall(&ann, said.id).await.expect("recalled");
    stage.mark_read(room, &bob, said.seq).await;
    stage.set_role(room, &ann, &bob, Role::Owner).await.expect("an owner");
    let head = stage.head(room, &ann).await;
    assert_eq!(stage.replay(room, &ann, 0, head).await.len(), 6);
    assert_eq!(store.changes_after(room, 0, 100).await.expect("asked").len(), 6);
    assert_eq!(stage.history(room, &ann, Page::After(0), 10).await.len(), 3);
    assert!(!store.log_after(0, 1_000).await.expect("asked").is_empty());
    assert_eq!(store.search_users("", 0, 100).await.expect("asked").len(), round + 2);
    let read = stage.may_read(room, &ann).await;
    assert_eq!(store.list_members(read.clone(), "", None, 10, 0).await.expect("asked").len(), 2);
    assert_eq!(store.list_members_among(read, "", &[bob.id]).await.expect("asked").len(), 1);
    assert!(store.find_member(room, bob.id).await.expect("asked").is_some());
    assert_eq!(store.list_rooms(ann.id, 10, 0).await.expect("asked").len(), 2);
    assert!(!store.search_rooms(ann.id, "", 100, 0).await.expect("asked").is_empty());
    store.list_unread(bob.id).await.expect("asked");
    assert_eq!(store.own_replay(bob.id, 0, i64::MAX, 10).await.expect("asked").len(), 1);
    store.direct_room(vec![ann.author(), bob.author()], NOW).await.expect("made");
    let salt = u8::try_from(round).expect("few");
    let opened = stage.log_in(bob.id, session(i64::from(salt) + 1, salt), 10).await;
    assert_eq!(opened.expect("logged in"), []);
    assert_eq!(store.list_sessions(bob.id, NOW).await.expect("asked").len(), 1);
    assert!(stage.leave(room, &ann).await.expect("left"));
    store.touch_users(vec![(ann.id, NOW)]).await.expect("seen");
    store
        .update_user(ann.id, ann.id, ProfileChange { bio: Some("x".into()), ..Default::default() })
        .await
        .expect("set");
    store.deactivate_user(bob.id, bob.id, NOW).await.expect("closed");
    store.job_figures().await.expect("asked");
}

/// They are replaced one after the other, and the first new one adds its columns while the others go on.
#[tokio::test]
async fn a_node_goes_on_while_a_newer_one_adds_columns() {
    for engine in SERVERS {
        let stage = Stage::new(engine).await;
        for round in 0..6 {
            live(&stage, round).await;
        }
        for table in [
            "users", "rooms", "members", "sessions", "messages", "changes", "mentions", "own_logs", "jobs", "counters",
            "meta",
        ] {
            stage.by_hand(&format!("ALTER TABLE {table} ADD COLUMN newer BIGINT")).await;
        }
        for round in 6..12 {
            live(&stage, round).await;
        }
    }
}

/// Of a server that took the place of another: the copy of the rows was there, and the place of their ids was not.
#[tokio::test]
async fn ids_go_on_where_another_server_has_taken_the_place_of_the_one_that_was_lost() {
    for (engine, set_back) in
        [(Engine::Postgres, "ALTER SEQUENCE ids RESTART"), (Engine::MariaDb, "ALTER TABLE ids AUTO_INCREMENT = 1")]
    {
        let stage = Stage::new(engine).await;
        let ann = stage.user("ann").await;
        let room = stage.room(&ann, &[]).await;
        let mut last = stage.say(room, &ann, "before").await.id;
        stage.edit(&ann, last, "edited").await.expect("edited");
        stage.by_hand(set_back).await;
        cut_all(&stage.config.site).await;
        for words in ["after", "and after that"] {
            let id = stage.say(room, &ann, words).await.id;
            assert!(id > last, "{engine:?}: {id} after {last}");
            last = id;
        }
    }
}

/// They lay idle for less long than it takes until they are looked at before they are used.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_read_after_all_lines_were_lost_is_read_on_new_ones() {
    for engine in SERVERS {
        let stage = Stage::new(engine).await;
        let ann = stage.user("ann").await;
        for round in 0..4 {
            // More than there are connections.
            let reads = (0..10).map(|_| stage.store.find_user(ann.id));
            for found in futures_util::future::join_all(reads).await {
                assert!(found.is_ok_and(|found| found.is_some()), "{engine:?}: round {round}");
            }
            cut_all(&stage.config.site).await;
        }
    }
}
