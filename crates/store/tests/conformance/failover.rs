//! What a database server may do for a while, or once, and a node outlives: it only reads, its copy is away, what leads to it leads nowhere, it
//! undoes a transaction at its commit. Servers that are lost are not here.

use std::time::Duration;

use chinwag_domain::ports::*;
use chinwag_store::Site;
use chinwag_testdb::DbServer;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, Statement};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};

use crate::{cast::*, engines::Engine};

const SOON: Duration = Duration::from_secs(10);

async fn numbers(db: &DatabaseConnection, sql: &str) -> Vec<i64> {
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.expect("asked");
    rows.iter().map(|row| row.try_get_by_index(0).expect("a number")).collect()
}

/// Of a node on MariaDB; of one on PostgreSQL.
const LINES: [&str; 2] = [
    "SELECT CAST(id AS SIGNED) FROM information_schema.processlist WHERE id <> CONNECTION_ID()",
    "SELECT CAST(pid AS BIGINT) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
];

/// Some of them may still be on their way out.
async fn until_gone(old: &[i64], eye: &DatabaseConnection, lines: &str) {
    let gone = async {
        while numbers(eye, lines).await.iter().any(|line| old.contains(line)) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(SOON, gone).await.expect("no line of before is left");
}

/// A proxy before a server: where it listens, whether it leads there, and what it lives for.
async fn proxy(server: u16) -> (u16, watch::Sender<bool>, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("its address").port();
    let (leads, mut is_led) = watch::channel(true);
    let mut running = JoinSet::new();
    running.spawn(async move {
        let mut lines = JoinSet::new();
        loop {
            tokio::select! {
                line = listener.accept() => {
                    let Ok((mut line, _)) = line else { return };
                    if *is_led.borrow() {
                        lines.spawn(async move {
                            let mut far = TcpStream::connect(("127.0.0.1", server)).await.expect("the server");
                            drop(copy_bidirectional(&mut line, &mut far).await);
                        });
                    }
                }
                changed = is_led.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    if !*is_led.borrow_and_update() {
                        lines.shutdown().await;
                    }
                }
            }
        }
    });
    (port, leads, running)
}

/// One that another has taken the place of lives on as a copy, with all its lines.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_a_server_only_reads_writes_are_refused_and_after_that_all_is_done_on_new_lines() {
    let server = DbServer::own_mariadb().expect("a server");
    let url = server.database().expect("a database");
    let site = Site::of_url(&url).expect("a URL");
    let stage = Stage::on(site, tempfile::tempdir().expect("a temporary directory")).await;
    let ann = stage.user("ann").await;
    let room = stage.room(&ann, &[]).await;
    let mut last = stage.say(room, &ann, "before").await.seq;
    let eye = Database::connect(&url).await.expect("opened by hand");
    let old = numbers(&eye, LINES[0]).await;
    server.rule("SET GLOBAL read_only = 1").expect("set");
    for _ in 0..3 {
        let said = stage.send(room, &ann, text(&ann, "now")).await;
        assert!(matches!(said, Err(StoreError::Unavailable(_))), "{said:?}");
        let made = stage.store.create_user(new_user("bob"), None).await;
        assert!(matches!(made, Err(StoreError::Unavailable(_))), "{made:?}");
        assert_eq!(stage.head(room, &ann).await, last, "who only reads goes on");
    }
    server.rule("SET GLOBAL read_only = 0").expect("set");
    for _ in 0..3 {
        let said = stage.say(room, &ann, "after").await;
        assert_eq!(said.seq, last + 1);
        last = said.seq;
        stage.store.touch_users(vec![(ann.id, NOW)]).await.expect("seen");
    }
    stage.user("bob").await;
    assert_eq!(stage.head(room, &ann).await, last);
    until_gone(&old, &eye, LINES[0]).await;
}

/// One that was left without its copy, which has taken its place, answers who reads, and nobody who writes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_reads_leaves_a_server_that_does_not_answer_who_writes() {
    let server = DbServer::own_postgres().expect("a server");
    let url = server.database().expect("a database");
    let site = Site::of_url(&url).expect("a URL");
    let stage = Stage::on(site, tempfile::tempdir().expect("a temporary directory")).await;
    let ann = stage.user("ann").await;
    let room = stage.room(&ann, &[]).await;
    let last = stage.say(room, &ann, "before").await.seq;
    let eye = Database::connect(&url).await.expect("opened by hand");
    let old = numbers(&eye, LINES[1]).await;
    let copy = |name: &str| {
        server.rule(&format!("ALTER SYSTEM SET synchronous_standby_names = '{name}'")).expect("set");
        server.rule("SELECT pg_reload_conf()").expect("read");
    };
    copy("away");
    let said = stage.send(room, &ann, text(&ann, "now")).await;
    assert!(matches!(said, Err(StoreError::Unavailable(_))), "{said:?}");
    let made = stage.store.create_user(new_user("bob"), None).await;
    assert!(matches!(made, Err(StoreError::Unavailable(_))), "{made:?}");
    assert_eq!(stage.head(room, &ann).await, last);
    copy("");
    let said = stage.say(room, &ann, "after").await;
    assert_eq!(stage.head(room, &ann).await, said.seq);
    until_gone(&old, &eye, LINES[1]).await;
}

/// It takes each connection, and ends it at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_a_proxy_leads_nowhere_all_are_refused_and_it_is_said_once() {
    for server in [DbServer::postgres(), DbServer::mariadb()] {
        let url = server.database().expect("a database");
        let (before, rest) = url.rsplit_once(':').expect("a port");
        let (port, name) = rest.split_once('/').expect("a database");
        let (way, leads, _running) = proxy(port.parse().expect("a number")).await;
        let site = Site::of_url(&format!("{before}:{way}/{name}")).expect("a URL");
        let stage = Stage::on(site, tempfile::tempdir().expect("a temporary directory")).await;
        let ann = stage.user("ann").await;
        let room = stage.room(&ann, &[]).await;
        let last = stage.say(room, &ann, "before").await.seq;
        let permits = [stage.may_post(room, &ann).await, stage.may_post(room, &ann).await];
        leads.send_replace(false);
        for permit in permits {
            let said = stage.store.append_message(permit, text(&ann, "now")).await;
            assert!(matches!(said, Err(StoreError::Unavailable(None))), "nothing more is to be said: {said:?}");
            let made = stage.store.create_user(new_user("bob"), None).await;
            assert!(matches!(made, Err(StoreError::Unavailable(None))), "{made:?}");
        }
        leads.send_replace(true);
        assert_eq!(stage.say(room, &ann, "after").await.seq, last + 1);
        stage.user("bob").await;
    }
}

/// As one of a cluster does where another was quicker.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_server_undoes_at_the_commit_is_done_again_once() {
    let stage = Stage::new(Engine::Postgres).await;
    let ann = stage.user("ann").await;
    let room = stage.room(&ann, &[]).await;
    let said = stage.say(room, &ann, "before").await;
    for sql in [
        "CREATE SEQUENCE commits",
        "CREATE FUNCTION undo() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         IF nextval('commits') % 3 <> 0 THEN RAISE EXCEPTION USING ERRCODE = '40001'; END IF; RETURN NULL; END $$",
        "CREATE CONSTRAINT TRIGGER undo_texts AFTER INSERT ON messages DEFERRABLE INITIALLY DEFERRED \
         FOR EACH ROW EXECUTE FUNCTION undo()",
        "CREATE CONSTRAINT TRIGGER undo_changes AFTER INSERT ON changes DEFERRABLE INITIALLY DEFERRED \
         FOR EACH ROW EXECUTE FUNCTION undo()",
    ] {
        stage.by_hand(sql).await;
    }
    assert_eq!(stage.say(room, &ann, "after").await.seq, said.seq + 1);
    stage.edit(&ann, said.id, "edited").await.expect("edited");
    assert_eq!(stage.head(room, &ann).await, said.seq + 2);
    assert_eq!(stage.count("messages").await, 4, "of the lobby, of the room, and the two");
}
