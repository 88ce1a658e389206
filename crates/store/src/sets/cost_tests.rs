//! What a commit costs a database server, by what it walks and not by clock. What it writes is the conformance suite's to ask.

use std::sync::Arc;

use chinwag_domain::{
    Actor, mentions, policy,
    ports::{RoomStore as _, UserStore as _},
    records::{Author, NewMessage, NewRoom, NewUser},
};
use chinwag_proto::{MessageType, RoomKind};
use chinwag_testdb::DbServer;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, TransactionTrait as _, Value};
use tokio::sync::oneshot;

use super::{Deadline, Sets};
use crate::{
    SqlStore, StoreConfig,
    append::Append,
    batch::HotBatch,
    cost_tests::Here,
    dialect::statement,
    engine::{OpenMode, Site},
    failpoint::Failpoints,
    open,
};

/// Most of those that there are, so that a server would rather walk the table than look each of them up.
const ROOMS: usize = 4;

/// Somebody in rooms of their own on an empty server.
struct Desk {
    store: Arc<SqlStore>,
    site: Site,
    author: Author,
    rooms: Vec<i64>,
    said: usize,
}

impl Desk {
    async fn new(server: &DbServer) -> Self {
        let site = Site::of_url(&server.database().expect("a database")).expect("a URL");
        let store = open(StoreConfig::at(site.clone()), Arc::new(Here)).await.expect("a fresh store opens");
        let name = || "ann".to_owned();
        let ann = NewUser {
            username: name(),
            username_key: name(),
            look_key: name(),
            email: name(),
            email_key: name(),
            password_hash: String::new(),
            avatar: None,
            is_admin: false,
            created_at: 0,
        };
        let ann = store.create_user(ann, None).await.expect("made");
        let author = Author { user_id: ann.id, username: ann.username };
        let room = |number| NewRoom {
            kind: RoomKind::Room,
            name: format!("room {number}"),
            description: String::new(),
            is_private: false,
            creator: author.clone(),
            others: Vec::new(),
            client_id: None,
            created_at: 0,
        };
        let mut rooms = Vec::new();
        for number in 0..ROOMS {
            rooms.push(store.create_room(room(number)).await.expect("made").0.room.id);
        }
        Self { store, site, author, rooms, said: 0 }
    }

    /// So many texts that wait, for one room after the other, each with an id of its client.
    async fn batch(&mut self, texts: usize) -> HotBatch {
        let Author { user_id, username } = self.author.clone();
        let actor = Actor { user_id, username, is_admin: false, session: None, socket: None };
        let mut seats = Vec::new();
        for room_id in &self.rooms {
            seats.push(self.store.find_seat(*room_id, user_id).await.expect("asked").expect("a seat"));
        }
        let mut batch = HotBatch::default();
        for seat in seats.iter().cycle().take(texts) {
            self.said += 1;
            let message = NewMessage {
                author: self.author.clone(),
                attachments: Vec::new(),
                kind: MessageType::Text,
                client_id: Some(format!("send \"{}\" \\ {{,}}", self.said)),
                content: "hello".into(),
                reply_to: None,
                calls: mentions::find(""),
                guest: false,
                now: 0,
            };
            let permit = policy::may_post(&actor, seat).expect("a member posts");
            batch.appends.push(Append { permit, message, reply: oneshot::channel().0 });
        }
        batch
    }
}

async fn commit(sets: &mut Sets, batch: HotBatch) {
    let written = sets.commit(batch, Deadline::of(std::time::Instant::now())).await;
    written.map(|_| ()).unwrap_or_else(|(_, broken)| panic!("not written: {}", broken.failure));
}

async fn number(db: &DatabaseConnection, sql: &str) -> i64 {
    let row = db.query_one_raw(statement(db, sql, [])).await.expect("asked").expect("a row");
    row.try_get_by_index(0).expect("a number")
}

/// How often all rows of a table that texts are written to were walked, and how many entries of their indexes were read. Each connection
/// tells of that when it ends, at the latest.
async fn walks(hand: &DatabaseConnection) -> [i64; 2] {
    let others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    while number(hand, others).await > 0 {
        tokio::task::yield_now().await;
    }
    let of = "WHERE relname IN ('messages', 'members', 'rooms', 'users')";
    let walked = format!("SELECT CAST(sum(seq_scan) AS BIGINT) FROM pg_stat_user_tables {of}");
    let read = format!("SELECT CAST(sum(idx_tup_read) AS BIGINT) FROM pg_stat_user_indexes {of}");
    [number(hand, &walked).await, number(hand, &read).await]
}

/// It would keep a plan that was made while the tables were small.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgresql_no_text_walks_a_table_or_a_room_however_small_it_is() {
    const BATCHES: i64 = 8;
    const TEXTS: i64 = 64;
    let mut desk = Desk::new(DbServer::postgres()).await;
    let mut batches = Vec::new();
    for _ in 0..BATCHES {
        batches.push(desk.batch(TEXTS as usize).await);
    }
    desk.store.close().await;
    let hand = desk.site.connect(OpenMode::Look, 1).await.expect("opened");
    let before = walks(&hand).await;
    let mut sets = Sets::new(desk.site.clone(), Failpoints::from_environment());
    for batch in batches {
        commit(&mut sets, batch).await;
    }
    sets.close().await;
    let after = walks(&hand).await;
    assert_eq!(after[0] - before[0], 0, "tables walked");
    // Its room, its author and their seat, once to be read and once to be written.
    let read = after[1] - before[1];
    assert!(read <= BATCHES * TEXTS, "{read} entries of indexes read for {} texts", BATCHES * TEXTS);
}

/// Programs that count their sends, each from one on, all have the same ids; and whoever likes may send under one of them in a thousand rooms.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_server_no_text_walks_what_others_have_sent_under_its_id() {
    const TEXTS: i64 = 64;
    const OTHERS: i64 = 200;
    let mariadb = DbServer::own_mariadb().expect("a server");
    for server in [DbServer::postgres(), &mariadb] {
        let mut desk = Desk::new(server).await;
        let batch = desk.batch(TEXTS as usize).await;
        desk.store.close().await;
        let hand = desk.site.connect(OpenMode::Write, 1).await.expect("opened");
        let ids: Vec<&str> = batch.appends.iter().filter_map(|it| it.message.client_id.as_deref()).collect();
        for (at, client_id) in ids.iter().enumerate() {
            let row = |other: i64| {
                let id = at as i64 * OTHERS + other + 1;
                format!("(-{id}, {}, {id}, 7, 'eve', 0, 'x', 0, ?, 0, 0, FALSE, FALSE)", 1_000_000 + other)
            };
            let rows: Vec<String> = (0..OTHERS).map(row).collect();
            let sql = format!(
                "INSERT INTO messages (id, room_id, seq, user_id, username, kind, content, created_at, client_id, body_hash, \
                 ordinal, mentions_room, guest) VALUES {}",
                rows.join(",")
            );
            let values = (0..OTHERS).map(|_| Value::from(*client_id));
            hand.execute_raw(statement(&hand, &sql, values)).await.expect("written by hand");
        }
        let is_mariadb = hand.get_database_backend() == DbBackend::MySql;
        let read = async || {
            if is_mariadb {
                let sql = "SELECT CAST(sum(variable_value) AS SIGNED) FROM information_schema.global_status \
                     WHERE variable_name IN ('HANDLER_READ_NEXT', 'HANDLER_READ_RND_NEXT')";
                number(&hand, sql).await
            } else {
                walks(&hand).await[1]
            }
        };
        let before = read().await;
        let mut sets = Sets::new(desk.site.clone(), Failpoints::from_environment());
        commit(&mut sets, batch).await;
        sets.close().await;
        let read = read().await - before;
        // Of its own it has a few, and each look at the figures walks a list of them.
        assert!(read < TEXTS * OTHERS / 4, "{}: {read} entries read", desk.site);
    }
}

/// The table of rooms is small, and a server that walks it locks what it passes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_server_a_text_waits_for_no_other_room() {
    for server in [DbServer::postgres(), DbServer::mariadb()] {
        let mut desk = Desk::new(server).await;
        let batch = desk.batch(64).await;
        let hand = desk.site.connect(OpenMode::Write, 1).await.expect("opened");
        // The first room of all is the lobby.
        let lobby = number(&hand, "SELECT min(id) FROM rooms").await;
        let held = hand.begin().await.expect("begun");
        assert!(!desk.rooms.contains(&lobby));
        let hold = format!("SELECT id FROM rooms WHERE id = {lobby} FOR UPDATE");
        held.query_one_raw(statement(&held, &hold, [])).await.expect("asked").expect("the lobby");
        let mut sets = Sets::new(desk.site.clone(), Failpoints::from_environment());
        commit(&mut sets, batch).await;
        sets.close().await;
        held.rollback().await.expect("held until the texts were written");
        desk.store.close().await;
    }
}
