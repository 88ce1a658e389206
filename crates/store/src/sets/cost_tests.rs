//! What a commit costs a database server, by what it walks and not by clock. What it writes is the conformance suite's to ask.

use std::sync::Arc;

use chinwag_domain::{
    Actor, mentions, policy,
    ports::{RoomStore as _, UserStore as _},
    records::{Author, NewMessage, NewRoom, NewUser},
};
use chinwag_proto::{MessageType, RoomKind};
use chinwag_testdb::DbServer;
use sea_orm::{ConnectionTrait, DatabaseConnection};
use tokio::sync::oneshot;

use super::Sets;
use crate::{
    SqlStore, StoreConfig,
    append::Append,
    batch::HotBatch,
    cost_tests::Here,
    dialect::statement,
    engine::{BUSY, OpenMode, Site},
    failpoint::Failpoints,
    open,
};

/// Somebody in a room of their own on an empty server.
struct Desk {
    store: Arc<SqlStore>,
    site: Site,
    author: Author,
    room_id: i64,
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
        let room = NewRoom {
            kind: RoomKind::Room,
            name: "room".into(),
            description: String::new(),
            is_private: false,
            creator: author.clone(),
            others: Vec::new(),
            client_id: None,
            created_at: 0,
        };
        let room_id = store.create_room(room).await.expect("made").0.room.id;
        Self { store, site, author, room_id, said: 0 }
    }

    /// So many texts that wait, each with an id of its client.
    async fn batch(&mut self, texts: usize) -> HotBatch {
        let Author { user_id, username } = self.author.clone();
        let actor = Actor { user_id, username, is_admin: false, session: None, socket: None };
        let seat = self.store.find_seat(self.room_id, user_id).await.expect("asked").expect("a seat");
        let mut batch = HotBatch::default();
        for _ in 0..texts {
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
            let permit = policy::may_post(&actor, &seat).expect("a member posts");
            batch.appends.push(Append { permit, message, reply: oneshot::channel().0 });
        }
        batch
    }
}

async fn commit(sets: &mut Sets, batch: HotBatch) {
    let written = sets.commit(batch, std::time::Instant::now() + BUSY).await;
    written.map(|_| ()).unwrap_or_else(|(_, broken)| panic!("not written: {}", broken.failure));
}

async fn number(db: &DatabaseConnection, sql: &str) -> i64 {
    let row = db.query_one_raw(statement(db, sql, [])).await.expect("asked").expect("a row");
    row.try_get_by_index(0).expect("a number")
}

/// How often all rows of a table that texts are written to were walked. Each connection tells of that when it ends, at the latest.
async fn walks(hand: &DatabaseConnection) -> i64 {
    let others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    while number(hand, others).await > 0 {
        tokio::task::yield_now().await;
    }
    let ask = "SELECT CAST(sum(seq_scan) AS BIGINT) FROM pg_stat_user_tables \
               WHERE relname IN ('messages', 'members', 'rooms', 'users')";
    number(hand, ask).await
}

/// It would keep a plan that was made while the tables were small.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_postgresql_no_text_walks_a_table_however_small_it_is() {
    let mut desk = Desk::new(DbServer::postgres()).await;
    let mut batches = Vec::new();
    for texts in [64; 8] {
        batches.push(desk.batch(texts).await);
    }
    desk.store.close().await;
    let hand = desk.site.connect(OpenMode::Look, 1).await.expect("opened");
    let before = walks(&hand).await;
    let mut sets = Sets::new(desk.site.clone(), Failpoints::from_environment());
    for batch in batches {
        commit(&mut sets, batch).await;
    }
    sets.close().await;
    assert_eq!(walks(&hand).await - before, 0);
}
