//! What is the SQLite engine's own: opening, refusing, closing.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chinwag_domain::{ports::*, records::NewMessage};
use chinwag_proto::id::LIMIT;
use chinwag_store::{OpenError, StoreConfig};
use sea_orm::{ConnectOptions, ConnectionTrait, Database};

use crate::{cast::*, engines::Engine};

#[tokio::test]
async fn a_newer_schema_is_refused_with_a_sentence() {
    let stage = Stage::new(Engine::Sqlite).await;
    stage.store.close().await;
    let db = Database::connect(format!("sqlite:{}", stage.file().display())).await.expect("opened by hand");
    db.execute_unprepared("INSERT INTO seaql_migrations VALUES ('m9999_future', 0)").await.expect("written");
    db.close().await.expect("closed");
    let refused =
        chinwag_store::open(StoreConfig::file(stage.file()), Arc::new(Recorder::default())).await.expect_err("newer");
    assert!(matches!(&refused, OpenError::NewerSchema { step } if step == "m9999_future"), "{refused}");
    assert!(refused.to_string().contains("newer Chinwag"), "{refused}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let stage = Stage::new(Engine::Sqlite).await;
    let path = stage.directory().join("garbage.db");
    std::fs::write(&path, b"this is not a database, but long enough to look at".repeat(100)).expect("written");
    let refused =
        chinwag_store::open(StoreConfig::file(&path), Arc::new(Recorder::default())).await.expect_err("garbage");
    assert!(matches!(refused, OpenError::Database(_)), "{refused}");
}

#[tokio::test]
async fn a_missing_directory_is_refused_with_a_sentence() {
    let path = std::path::Path::new("/nonexistent/place/chinwag.db");
    let refused =
        chinwag_store::open(StoreConfig::file(path), Arc::new(Recorder::default())).await.expect_err("no directory");
    assert!(refused.to_string().contains("/nonexistent/place"), "{refused}");
}

#[tokio::test]
async fn an_id_is_not_given_again_when_its_row_is_gone() {
    let stage = Stage::new(Engine::Sqlite).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("bob").await);
    let room = stage.room(&ann, &[]).await;
    let db = Database::connect(format!("sqlite:{}", stage.file().display())).await.expect("opened by hand");
    let gone = format!(
        "DELETE FROM members WHERE room_id = {room} OR user_id = {0}; DELETE FROM changes WHERE room_id = {room}; \
         DELETE FROM rooms WHERE id = {room}; DELETE FROM users WHERE id = {0}",
        bob.id
    );
    db.execute_unprepared(&gone).await.expect("deleted by hand");
    db.close().await.expect("closed");
    assert_eq!(stage.room(&ann, &[]).await, room + 1);
    assert_eq!(stage.user("eve").await.id, bob.id + 1);
}

#[tokio::test]
async fn after_closing_everything_is_unavailable_and_the_log_is_in_the_file() {
    let stage = Stage::new(Engine::Sqlite).await;
    let ann = stage.user("Ann").await;
    let permit = stage.may_post(1, &ann).await;
    stage.store.close().await;
    stage.store.close().await;
    let refused = stage.store.append_message(permit, text(&ann, "x")).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    assert!(matches!(stage.store.find_user(1).await, Err(StoreError::Unavailable(_))));
    assert!(!stage.file().with_extension("db-wal").exists(), "the write-ahead log was not folded in");
}

#[tokio::test]
async fn what_was_accepted_before_closing_is_kept() {
    let stage = Stage::new(Engine::Sqlite).await;
    let ann = stage.user("Ann").await;
    let mut writes = Vec::new();
    for i in 0..50 {
        let permit = stage.may_post(1, &ann).await;
        let (store, message) = (stage.store.clone(), text(&ann, &i.to_string()));
        writes.push(tokio::spawn(async move { store.append_message(permit, message).await }));
    }
    tokio::task::yield_now().await;
    stage.store.close().await;
    let mut kept = 0;
    for write in writes {
        kept += i64::from(write.await.expect("ran").is_ok());
    }
    let stage = stage.reopen().await;
    assert_eq!(stage.store.counts().await.expect("counts").messages, kept, "kept is what was answered");
}

/// It fails its own readers; the others need not know of it.
#[tokio::test]
async fn a_damaged_room_hides_no_other_and_keeps_no_server_from_starting() {
    for damage in ["last_seq = 'nonsense'", "last_seq = 9223372036854775807", "member_count = 'nonsense'"] {
        let stage = Stage::new(Engine::Sqlite).await;
        let ann = stage.user("Ann").await;
        let rooms = [stage.room(&ann, &[]).await, stage.room(&ann, &[]).await];
        let db = Database::connect(format!("sqlite:{}", stage.file().display())).await.expect("opened by hand");
        let sql = format!("UPDATE rooms SET {damage} WHERE id = {}", rooms[0]);
        db.execute_unprepared(&sql).await.expect("damaged by hand");
        db.close().await.expect("closed");
        let is_listed = async |stage: &Stage| {
            let list = stage.store.list_rooms(ann.id, 9, 0).await.unwrap_or_else(|error| panic!("{damage}: {error}"));
            list.iter().any(|view| view.room.id == rooms[1])
        };
        assert!(is_listed(&stage).await, "{damage}");
        let stage = stage.reopen().await;
        assert!(is_listed(&stage).await, "{damage}");
        stage.say(rooms[1], &ann, "here nothing is wrong").await;
    }
}

/// Five seconds are promised, to whoever comes first and to whoever waits behind them.
#[tokio::test]
async fn while_another_process_holds_the_lock_nobody_waits_for_longer_than_one_try() {
    let stage = Stage::new(Engine::Sqlite).await;
    let ann = stage.user("Ann").await;
    let mut options = ConnectOptions::new(format!("sqlite:{}", stage.file().display()));
    let other = Database::connect(options.max_connections(1).clone()).await.expect("opened by hand");
    other.execute_unprepared("BEGIN IMMEDIATE").await.expect("locked");
    let permit = stage.may_post(1, &ann).await;
    let begun = Instant::now();
    let say = async {
        let refused = stage.store.append_message(permit, text(&ann, "x")).await;
        // What comes while the writer tries is behind it in the queue.
        (refused.map(drop), begun.elapsed())
    };
    let write = async {
        let refused = stage.store.create_user(new_user("bob"), None).await;
        (refused.map(drop), begun.elapsed())
    };
    let (said, written) = tokio::join!(say, write);
    for (refused, after) in [said, written] {
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
        assert!(after < Duration::from_secs(7), "{after:?}");
    }
    other.execute_unprepared("ROLLBACK").await.expect("unlocked");
    stage.say(1, &ann, "free again").await;
}

/// One start with a wrong clock must not be remembered for good.
#[tokio::test]
async fn ids_stay_exact_in_json_whatever_the_clock_says_and_said() {
    let stage = Stage::new(Engine::Sqlite).await;
    let ann = stage.user("Ann").await;
    let in_2100 = NewMessage { now: 4_102_444_800_000, ..text(&ann, "from the future") };
    let first = stage.send(1, &ann, in_2100).await.expect("said").message.id;
    assert!((1..LIMIT).contains(&first), "{first}");
    let db = Database::connect(format!("sqlite:{}", stage.file().display())).await.expect("opened by hand");
    let beyond = format!("UPDATE messages SET id = {} WHERE id = {first}", LIMIT + 12_345);
    db.execute_unprepared(&beyond).await.expect("as a clock of 2100 left it once");
    let said = stage.say(1, &ann, "now").await.id;
    let joined = stage.user("Bob").await;
    let last = stage.say(1, &joined, "and here").await.id;
    assert!(0 < said && said < last && last < LIMIT, "{said}, {last}");
}
