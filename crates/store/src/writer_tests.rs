//! A fault in one write is not the end of all writing. What verbs do is the conformance suite's to ask.

use chinwag_domain::{
    Actor, SessionId,
    mentions::Calls,
    policy,
    ports::{Figures, MessageStore, RoomStore, UserStore},
    records::{Author, NewRoom, NewUser, UserRecord},
};
use chinwag_proto::{CloseCode, Event, MessageType, Presence, RoomKind};
use sea_orm::ConnectionTrait;

use super::*;
use crate::{SqlStore, dialect::statement, engine::OpenMode, engine::sqlite, error::failure, open};

/// Does this whenever it is told of a commit.
struct Told<F>(F);

impl<F: Fn() + Send + Sync + 'static> Publisher for Told<F> {
    fn committed(&self, _: Vec<Committed>) {
        (self.0)();
    }
    fn hint_room(&self, _: i64, _: Event) {}
    fn hint_user(&self, _: i64, _: Event) {}
    fn hint_socket(&self, _: chinwag_domain::SocketId, _: Event) {}
    fn close_sessions(&self, _: &[SessionId], _: CloseCode) {}
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
    fn figures_by_node(&self) -> std::collections::BTreeMap<String, Figures> {
        Default::default()
    }
    fn subscriptions_by_room(&self) -> std::collections::BTreeMap<i64, usize> {
        Default::default()
    }
}

async fn store(directory: &tempfile::TempDir) -> Arc<SqlStore> {
    let broken = Told(|| panic!("a fault of the publisher"));
    open(StoreConfig::file(directory.path().join("chinwag.db")), Arc::new(broken)).await.expect("a fresh store opens")
}

/// Writes a line into the database, and breaks afterwards if asked to.
async fn note(store: &SqlStore, key: &'static str, breaks: bool) -> StoreResult<()> {
    store.writer.run(move |tx| Box::pin(insert(tx, key, breaks))).await
}

async fn insert(tx: &mut Tx, key: &'static str, breaks: bool) -> StoreResult<()> {
    let insert = statement(&tx.db, "INSERT INTO meta VALUES (?, '')", [key.into()]);
    tx.db.execute_raw(insert).await.map_err(failure)?;
    assert!(!breaks, "a fault of the verb");
    Ok(())
}

async fn is_noted(store: &SqlStore, key: &str) -> bool {
    let find = statement(&store.readers, "SELECT 1 FROM meta WHERE key = ?", [key.into()]);
    store.readers.query_one_raw(find).await.expect("a look").is_some()
}

#[tokio::test]
async fn a_verb_that_panics_is_rolled_back_and_those_beside_it_are_written() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = store(&directory).await;
    let (before, broken, beside) =
        tokio::join!(note(&store, "before", false), note(&store, "broken", true), note(&store, "beside", false));
    assert!(matches!(broken, Err(StoreError::Failed(_))), "{broken:?}");
    assert!(!is_noted(&store, "broken").await, "it is half written");
    for (key, told) in [("before", before), ("beside", beside)] {
        told.expect("it has no part in the fault of another");
        assert!(is_noted(&store, key).await, "{key}: what is answered is what is there");
    }
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

/// The same with what reads may say of the database: that a page of it cannot be read.
#[tokio::test]
async fn a_verb_that_the_disk_fails_takes_nobody_with_it() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = store(&directory).await;
    let failed = store.writer.run::<(), _>(|_| Box::pin(async { Err(StoreError::Unavailable(None)) }));
    let (before, failed, after) = tokio::join!(note(&store, "before", false), failed, note(&store, "after", false));
    assert!(matches!(failed, Err(StoreError::Unavailable(_))), "{failed:?}");
    for told in [before, after] {
        told.expect("it has no part in the fault of another");
    }
}

/// Two rooms of one person.
async fn rooms(store: &SqlStore) -> (UserRecord, [i64; 2]) {
    let new = NewUser {
        username: "ann".into(),
        username_key: "ann".into(),
        look_key: "ann".into(),
        email: "ann@example.org".into(),
        email_key: "ann@example.org".into(),
        password_hash: String::new(),
        avatar: None,
        is_admin: false,
        created_at: 0,
    };
    let ann = store.create_user(new, None).await.expect("a new name");
    let mut rooms = [0; 2];
    for room in &mut rooms {
        let new = NewRoom {
            kind: RoomKind::Room,
            name: "room".into(),
            description: String::new(),
            is_private: false,
            creator: Author { user_id: ann.id, username: ann.username.clone() },
            others: Vec::new(),
            client_id: None,
            created_at: 0,
        };
        *room = store.create_room(new).await.expect("made").0.room.id;
    }
    (ann, rooms)
}

#[tokio::test]
async fn a_damaged_room_fails_its_own_texts_and_marks_alone() {
    // A position that is taken, and one that is no number at all.
    for damage in ["last_seq = 0", "last_seq = 'nonsense'"] {
        let directory = tempfile::tempdir().expect("a directory");
        let store = store(&directory).await;
        let (ann, [sound, damaged]) = rooms(&store).await;
        let permits = async |room_id| {
            let actor =
                Actor { user_id: ann.id, username: ann.username.clone(), is_admin: false, session: None, socket: None };
            let seat = store.find_seat(room_id, ann.id).await.expect("read").expect("seated");
            (
                policy::may_post(&actor, &seat).expect("a member"),
                policy::may_post(&actor, &seat).expect("a member"),
                policy::may_mark_read(&actor, &seat).expect("a member"),
            )
        };
        let text = |client_id: &str| NewMessage {
            author: Author { user_id: ann.id, username: ann.username.clone() },
            client_id: Some(client_id.into()),
            content: client_id.into(),
            reply_to: None,
            calls: Calls::default(),
            guest: false,
            now: 0,
            attachments: Vec::new(),
            kind: MessageType::Text,
        };
        let (bad, _, bad_mark) = permits(damaged).await;
        let (before, after, mark) = permits(sound).await;
        let sql = format!("UPDATE rooms SET {damage} WHERE id = {damaged}");
        store.writer.run(move |tx| Box::pin(damage_room(tx, sql.clone()))).await.expect("damaged by hand");
        let (before, bad, after, mark, bad_mark) = tokio::join!(
            store.append_message(before, text("before")),
            store.append_message(bad, text("bad")),
            store.append_message(after, text("after")),
            store.mark_read(mark, 1),
            store.mark_read(bad_mark, 1),
        );
        assert!(matches!(bad, Err(StoreError::Failed(_))), "{damage}: {bad:?}");
        drop(bad_mark);
        let seqs = [before, after].map(|told| told.expect("another room's damage").message.seq);
        assert_eq!(seqs, [2, 3], "{damage}: in their order, each once");
        mark.expect("another room's damage");
        store.close().await;
    }
}

async fn damage_room(tx: &mut Tx, sql: String) -> StoreResult<()> {
    tx.db.execute_unprepared(&sql).await.map_err(failure)?;
    Ok(())
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

/// Also where the lock is taken when they have waited in the queue, or for a place in it, for half of their time.
#[tokio::test]
async fn nobody_waits_for_longer_than_was_promised_wherever_they_wait() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("chinwag.db");
    let other = Arc::new(std::sync::Mutex::new(None));
    let (held, file) = (other.clone(), path.clone());
    let take_the_lock = move || {
        let db = sqlite::connect_hot(&file).expect("opened by hand");
        db.execute_batch("BEGIN IMMEDIATE").expect("locked");
        *held.lock().expect("nobody panics") = Some(db);
    };
    let config = StoreConfig { queue: 1, ..StoreConfig::file(&path) };
    let store = open(config, Arc::new(Told(take_the_lock))).await.expect("a fresh store opens");
    let (begun, go) = (Arc::new(tokio::sync::Barrier::new(3)), Arc::new(tokio::sync::Notify::new()));
    let (verb_begun, verb_goes) = (begun.clone(), go.clone());
    let slow = store.writer.run(move |tx| {
        tx.tell(Event::Pong(chinwag_proto::Pong {}));
        let (begun, go) = (verb_begun.clone(), verb_goes.clone());
        Box::pin(async move {
            begun.wait().await;
            go.notified().await;
            Ok(())
        })
    });
    let wait = async |key| {
        begun.wait().await;
        let since = Instant::now();
        (note(&store, key, false).await, since.elapsed())
    };
    let half = async {
        let _ = timeout_at((Instant::now() + BUSY / 2).into(), std::future::pending::<()>()).await;
        go.notify_one();
    };
    let (slow, first, second, ()) = tokio::join!(slow, wait("first"), wait("second"), half);
    slow.expect("the lock was free");
    for (refused, after) in [first, second] {
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
        assert!(after < BUSY + Duration::from_millis(1_500), "{after:?}");
    }
    *other.lock().expect("nobody panics") = None;
    note(&store, "after", false).await.expect("free again");
}

/// What power may be lost after.
#[tokio::test]
async fn every_commit_is_synced() {
    let directory = tempfile::tempdir().expect("a directory");
    let db = StoreConfig::file(directory.path().join("x.db")).connect(OpenMode::Create).await.expect("opened");
    for (pragma, expected) in [("journal_mode", "wal"), ("synchronous", "2")] {
        let ask = statement(&db, &format!("SELECT CAST({pragma} AS TEXT) FROM pragma_{pragma}"), []);
        let row = db.query_one_raw(ask).await.expect("asked").expect("a row");
        assert_eq!(row.try_get_by_index::<String>(0).expect("a value"), expected, "{pragma}");
    }
}
