//! A fault in one write is not the end of all writing. What verbs do is the conformance suite's to ask.

use chinwag_domain::{SessionId, ports::Figures};
use chinwag_proto::{CloseCode, Event, Presence};
use sea_orm::ConnectionTrait;

use super::*;
use crate::{SqlStore, error::failure, open};

/// Breaks whenever it is told of a commit.
struct Broken;

impl Publisher for Broken {
    fn committed(&self, _: Vec<Committed>) {
        panic!("a fault of the publisher");
    }
    fn hint_room(&self, _: i64, _: Event) {}
    fn hint_user(&self, _: i64, _: Event) {}
    fn end_sessions(&self, _: &[SessionId], _: CloseCode) {}
    fn people_in(&self, _: i64) -> Vec<i64> {
        Vec::new()
    }

    fn presence(&self, _: i64) -> Presence {
        Presence::Offline
    }
    fn online_users(&self) -> Vec<i64> {
        Vec::new()
    }
    fn figures(&self) -> Figures {
        Figures::default()
    }
    fn subscriptions_by_room(&self) -> std::collections::BTreeMap<i64, usize> {
        Default::default()
    }
}

async fn store(directory: &tempfile::TempDir) -> Arc<SqlStore> {
    open(Config::file(directory.path().join("chinwag.db")), Arc::new(Broken)).await.expect("a fresh store opens")
}

/// Writes a line into the database, and breaks afterwards if asked to.
async fn note(store: &SqlStore, key: &'static str, breaks: bool) -> StoreResult<()> {
    store.writer.run(move |tx| Box::pin(insert(tx, key, breaks))).await
}

async fn insert(tx: &mut Tx, key: &'static str, breaks: bool) -> StoreResult<()> {
    let insert = dialect::statement("INSERT INTO meta VALUES (?, '')", [key.into()]);
    tx.db.execute_raw(insert).await.map_err(failure)?;
    assert!(!breaks, "a fault of the verb");
    Ok(())
}

async fn is_noted(store: &SqlStore, key: &str) -> bool {
    let find = dialect::statement("SELECT 1 FROM meta WHERE key = ?", [key.into()]);
    store.readers.query_one_raw(find).await.expect("a look").is_some()
}

#[tokio::test]
async fn a_verb_that_panics_is_rolled_back_and_the_next_one_is_written() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = store(&directory).await;
    let (broken, beside) = tokio::join!(note(&store, "broken", true), note(&store, "beside", false));
    assert!(matches!(broken, Err(StoreError::Unavailable(_))), "{broken:?}");
    assert_eq!(is_noted(&store, "beside").await, beside.is_ok(), "what is answered is what is there");
    assert!(!is_noted(&store, "broken").await, "it is half written");
    note(&store, "after", false).await.expect("the writer goes on");
    assert!(is_noted(&store, "after").await);
    store.close().await;
}

#[tokio::test]
async fn a_verb_without_its_turn_hears_why_the_transaction_failed() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = store(&directory).await;
    let full = store.writer.run::<(), _>(|_| Box::pin(async { Err(StoreError::OutOfSpace) }));
    let (before, full, after) = tokio::join!(note(&store, "before", false), full, note(&store, "after", false));
    for told in [before, full, after] {
        assert!(matches!(told, Err(StoreError::OutOfSpace)), "{told:?}");
    }
    store.close().await;
}

#[tokio::test]
async fn a_write_is_answered_though_telling_of_it_panics() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = store(&directory).await;
    let told = store.writer.run(|tx| {
        tx.tell(Event::Pong(chinwag_proto::Pong {}));
        Box::pin(async { Ok(()) })
    });
    told.await.expect("it is durable, so nothing can fail it any more");
    note(&store, "after", false).await.expect("the writer goes on");
}

/// What power may be lost after.
#[tokio::test]
async fn every_commit_is_synced() {
    let directory = tempfile::tempdir().expect("a directory");
    let db =
        dialect::connect(&Config::file(directory.path().join("x.db")), dialect::Access::Create).await.expect("opened");
    for (pragma, expected) in [("journal_mode", "wal"), ("synchronous", "2")] {
        let ask = dialect::statement(&format!("SELECT CAST({pragma} AS TEXT) FROM pragma_{pragma}"), []);
        let row = db.query_one_raw(ask).await.expect("asked").expect("a row");
        assert_eq!(row.try_get_by_index::<String>(0).expect("a value"), expected, "{pragma}");
    }
}
