//! What a database server may do for a while, or once, and a node outlives: it only reads, it undoes a transaction at its commit. Servers
//! that are lost are not here.

use std::time::Duration;

use chinwag_domain::ports::*;
use chinwag_store::Site;
use chinwag_testdb::DbServer;
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};

use crate::{cast::*, engines::Engine};

const SOON: Duration = Duration::from_secs(10);

async fn numbers(db: &DatabaseConnection, sql: &str) -> Vec<i64> {
    let rows = db.query_all_raw(Statement::from_string(DbBackend::MySql, sql)).await.expect("asked");
    rows.iter().map(|row| row.try_get_by_index(0).expect("a number")).collect()
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
    let lines =
        async || numbers(&eye, "SELECT id FROM information_schema.processlist WHERE id <> CONNECTION_ID()").await;
    let old = lines().await;
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
    // Some of them may still be on their way out.
    let gone = async {
        while lines().await.iter().any(|line| old.contains(line)) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(SOON, gone).await.expect("no line of before is left");
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
