//! The stage: a fresh store, a publisher that remembers, and people who act through real permits. No assertions.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use chinwag_domain::{
    Actor, SessionId, mentions,
    policy::{self, Permit, action},
    ports::*,
    records::*,
};
use chinwag_proto::{CloseCode, Event, MessageType, Presence, Role, RoomKind, User};
use chinwag_store::{Site, SqlStore, StoreConfig};
use parking_lot::Mutex;
use rusqlite::Connection;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement};

use crate::engines::{Engine, file};

/// Remembers what was told, in order.
#[derive(Debug, Default)]
pub struct Recorder {
    changes: Mutex<Vec<Committed>>,
    ended: Mutex<Vec<SessionId>>,
}

impl Recorder {
    pub fn changes(&self) -> Vec<Committed> {
        self.changes.lock().clone()
    }

    /// Sessions whose sockets were to be closed since the last time this was asked.
    pub fn take_ended(&self) -> Vec<SessionId> {
        std::mem::take(&mut self.ended.lock())
    }

    /// What rooms were told.
    pub fn events(&self) -> Vec<Event> {
        let of_room = |change| match change {
            Committed::Room { event, .. } => Some(event),
            Committed::Own { .. } | Committed::Profile(_) | Committed::Emojis(_) => None,
        };
        self.changes().into_iter().filter_map(of_room).collect()
    }

    /// What was told of one person's own log, with its positions.
    pub fn of_person(&self, whose: i64) -> Vec<(i64, Event)> {
        let own = |change| match change {
            Committed::Own { user_id, seq, event } if user_id == whose => Some((seq, event)),
            _ => None,
        };
        self.changes().into_iter().filter_map(own).collect()
    }

    /// How others were told to see people, from now on.
    pub fn profiles(&self) -> Vec<User> {
        let profile = |change| match change {
            Committed::Profile(user) => Some(*user),
            _ => None,
        };
        self.changes().into_iter().filter_map(profile).collect()
    }

    /// Which versions the emojis have had.
    pub fn emojis(&self) -> Vec<i64> {
        let version = |change| match change {
            Committed::Emojis(version) => Some(version),
            _ => None,
        };
        self.changes().into_iter().filter_map(version).collect()
    }

    /// What changed who may listen to a room, in its order.
    pub fn effects(&self, room_id: i64) -> Vec<Effect> {
        let effect = |change| match change {
            Committed::Room { event, effect } if place(&event).0 == room_id => effect,
            _ => None,
        };
        self.changes().into_iter().filter_map(effect).collect()
    }

    /// The frames of one room, in the order in which they were told.
    pub fn of_room(&self, room_id: i64) -> Vec<Event> {
        self.events().into_iter().filter(|event| place(event).0 == room_id).collect()
    }
}

impl Publisher for Recorder {
    fn committed(&self, changes: Vec<Committed>) {
        self.changes.lock().extend(changes);
    }
    fn hint_room(&self, _: i64, _: Event) {}
    fn hint_user(&self, _: i64, _: Event) {}
    fn hint_socket(&self, _: chinwag_domain::SocketId, _: Event) {}
    fn close_sessions(&self, sessions: &[SessionId], _: CloseCode) {
        self.ended.lock().extend(sessions);
    }
    fn end_sessions(&self, sessions: &[SessionId], code: CloseCode) {
        self.close_sessions(sessions, code);
    }
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
    fn figures_by_node(&self) -> BTreeMap<String, Figures> {
        Default::default()
    }
    fn subscriptions_by_room(&self) -> BTreeMap<i64, usize> {
        BTreeMap::new()
    }
}

/// Room and position of a durable frame.
pub fn place(event: &Event) -> (i64, i64) {
    match event {
        Event::Text(frame) => (frame.room_id, frame.seq),
        Event::System(frame) => (frame.room_id, frame.seq),
        Event::Edit(frame) => (frame.room_id, frame.seq),
        Event::Recall(frame) => (frame.room_id, frame.seq),
        Event::Member(frame) => (frame.room_id, frame.seq),
        Event::Room(frame) => (frame.room_id, frame.seq.expect("a room frame of the log has a seq")),
        other => panic!("not a durable frame: {other:?}"),
    }
}

pub struct Stage {
    pub store: Arc<SqlStore>,
    pub told: Arc<Recorder>,
    pub config: StoreConfig,
    directory: tempfile::TempDir,
}

/// What of an account says nothing of what it may do. A column that is not named here is taken for a right.
const NO_RIGHTS: [&str; 17] = [
    "id",
    "username",
    "username_key",
    "look_key",
    "email",
    "email_key",
    "display_name",
    "search_key",
    "bio",
    "status_text",
    "locale",
    "theme",
    "avatar",
    "password_hash",
    "created_at",
    "last_seen",
    "version",
];

/// Lets no right of an account change without its version: whatever verb forgets that fails, in every test of this suite.
fn watch_rights(path: &Path) {
    let db = Connection::open(path).expect("opened beside it");
    let mut columns = db.prepare("SELECT name FROM pragma_table_info('users')").expect("a statement");
    let columns = columns.query_map([], |row| row.get(0)).expect("asked").collect::<Result<Vec<String>, _>>();
    let rights = columns.expect("names").into_iter().filter(|name| !NO_RIGHTS.contains(&name.as_str()));
    let changed: Vec<String> = rights.map(|name| format!("new.{name} IS NOT old.{name}")).collect();
    assert!(changed.len() >= 2, "{changed:?}");
    let watch = format!(
        "CREATE TRIGGER rights_raise_the_version BEFORE UPDATE ON users WHEN new.version <= old.version AND ({}) \
         BEGIN SELECT RAISE(ABORT, 'a right changed and the version of the account did not'); END",
        changed.join(" OR ")
    );
    db.execute_batch(&watch).expect("watched");
}

pub async fn open_by_hand(site: &Site) -> DatabaseConnection {
    let url = match site {
        Site::File(path) => format!("sqlite://{}", path.display()),
        Site::Postgres(url) | Site::MySql(url) => url.clone(),
    };
    // One connection, which has what was locked over it.
    Database::connect(ConnectOptions::new(url).max_connections(1).to_owned()).await.expect("opened by hand")
}

/// Does something in a database before any store is there.
pub async fn by_hand(site: &Site, statements: &[&str]) {
    let db = open_by_hand(site).await;
    for sql in statements {
        db.execute_unprepared(sql).await.expect("done by hand");
    }
    db.close().await.expect("closed");
}

/// Ends all connections of others to a database of a server.
pub async fn cut_all(site: &Site) {
    let db = open_by_hand(site).await;
    let (ask, end) = match db.get_database_backend() {
        DbBackend::Postgres => (
            "SELECT CAST(pid AS BIGINT) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
            ["SELECT pg_terminate_backend(", ")"],
        ),
        _ => (
            "SELECT CAST(id AS SIGNED) FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()",
            ["KILL ", ""],
        ),
    };
    loop {
        let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), ask)).await.expect("asked");
        if rows.is_empty() {
            return;
        }
        for row in rows {
            let id: i64 = row.try_get_by_index(0).expect("a number");
            // It may have ended meanwhile.
            drop(db.execute_unprepared(&end.join(&id.to_string())).await);
        }
    }
}

pub const NOW: i64 = 1_780_000_000_000;

impl Stage {
    pub async fn new(engine: Engine) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let config = StoreConfig::at(engine.site(&directory));
        let told = Arc::new(Recorder::default());
        let store = chinwag_store::open(config.clone(), told.clone()).await.expect("a fresh store opens");
        if let Some(path) = file(&config) {
            watch_rights(&path);
        }
        Self { store, told, config, directory }
    }

    /// A store on a database that is there, which is in the directory where it is a file.
    pub async fn on(site: Site, directory: tempfile::TempDir) -> Self {
        let (config, told) = (StoreConfig::at(site), Arc::new(Recorder::default()));
        let store = chinwag_store::open(config.clone(), told.clone()).await.expect("the store opens");
        Self { store, told, config, directory }
    }

    /// Another store on the same database, as another process has it.
    pub async fn beside(&self) -> Self {
        let told = Arc::new(Recorder::default());
        let store = chinwag_store::open_beside(self.config.clone(), told.clone()).await.expect("it opens beside it");
        let directory = tempfile::tempdir().expect("a temporary directory");
        Self { store, told, config: self.config.clone(), directory }
    }

    /// Does something in the database that no verb does.
    pub async fn by_hand(&self, sql: &str) {
        let db = self.open_by_hand().await;
        db.execute_unprepared(sql).await.expect("done by hand");
        db.close().await.expect("closed");
    }

    /// How many rows a table has.
    pub async fn count(&self, table: &str) -> i64 {
        let db = self.open_by_hand().await;
        let ask = Statement::from_string(db.get_database_backend(), format!("SELECT count(*) FROM {table}"));
        let row = db.query_one_raw(ask).await.expect("asked").expect("a row");
        db.close().await.expect("closed");
        row.try_get_by_index(0).expect("a number")
    }

    async fn open_by_hand(&self) -> DatabaseConnection {
        open_by_hand(&self.config.site).await
    }

    /// The file of the database, where it is one.
    pub fn file(&self) -> PathBuf {
        file(&self.config).expect("SQLite")
    }

    /// Closes and opens the same database.
    pub async fn reopen(self) -> Self {
        self.store.close().await;
        let told = Arc::new(Recorder::default());
        let store = chinwag_store::open(self.config.clone(), told.clone()).await.expect("the store opens again");
        Self { store, told, ..self }
    }

    pub fn directory(&self) -> &std::path::Path {
        self.directory.path()
    }

    pub async fn user(&self, name: &str) -> Person {
        let user = self.store.create_user(new_user(name), None).await.expect("a new name is free");
        Person { id: user.id, name: user.username }
    }

    /// By the password as it is.
    pub async fn log_in(&self, user_id: i64, session: NewSession, most: usize) -> StoreResult<Vec<SessionId>> {
        let user = self.store.find_user(user_id).await.expect("asked").expect("an account");
        self.store.create_session(user_id, user.password_hash, session, most).await
    }

    pub async fn room(&self, owner: &Person, others: &[&Person]) -> i64 {
        self.store.create_room(new_room(owner, others, false)).await.expect("a room is made").0.room.id
    }

    pub async fn seat(&self, room_id: i64, who: &Person) -> Seat {
        self.store.find_seat(room_id, who.id).await.expect("a seat is looked up").expect("the room is there")
    }

    pub async fn may_post(&self, room_id: i64, who: &Person) -> Permit<action::Post> {
        policy::may_post(&who.actor(), &self.seat(room_id, who).await).expect("a member posts")
    }

    pub async fn may_read(&self, room_id: i64, who: &Person) -> Permit<action::Read> {
        policy::may_read(&who.actor(), &self.seat(room_id, who).await).expect("it is visible")
    }

    pub async fn may_listen(&self, room_id: i64, who: &Person) -> Permit<action::Listen> {
        policy::may_listen(&who.actor(), &self.seat(room_id, who).await).expect("it is visible")
    }

    pub async fn say(&self, room_id: i64, who: &Person, content: &str) -> MessageRecord {
        self.send(room_id, who, text(who, content)).await.expect("it is said").message
    }

    pub async fn send(&self, room_id: i64, who: &Person, message: NewMessage) -> StoreResult<Appended> {
        let permit = self.may_post(room_id, who).await;
        self.store.append_message(permit, message).await
    }

    pub async fn edit(&self, who: &Person, id: i64, content: &str) -> StoreResult<(MessageRecord, i64)> {
        let message = self.message(id).await;
        let seat = self.seat(message.room_id, who).await;
        let permit = policy::may_edit_message(&who.actor(), &seat, &message).map_err(|_| StoreError::NotFound)?;
        self.store.edit_message(permit, id, content.into(), mentions::find(content), NOW + 50).await
    }

    pub async fn recall(&self, who: &Person, id: i64) -> StoreResult<(MessageRecord, i64)> {
        let message = self.message(id).await;
        let seat = self.seat(message.room_id, who).await;
        let permit =
            policy::may_recall_message(&who.actor(), &seat, &message, None).map_err(|_| StoreError::AlreadyRecalled)?;
        self.store.recall_message(permit, id, NOW + 60).await.map(|recalled| (recalled.message, recalled.seq))
    }

    pub async fn message(&self, id: i64) -> MessageRecord {
        self.store.find_message(id).await.expect("a message is looked up").expect("the message is there")
    }

    pub async fn join(&self, room_id: i64, who: &Person) -> bool {
        let permit = policy::may_join(&who.actor(), &self.seat(room_id, who).await).expect("a public room");
        self.store.join_room(permit, who.author(), NOW).await.expect("joined").1
    }

    pub async fn leave(&self, room_id: i64, who: &Person) -> StoreResult<bool> {
        let permit = policy::may_leave(&who.actor(), &self.seat(room_id, who).await).expect("visible");
        self.store.leave_room(permit, who.author(), NOW).await
    }

    /// By the membership that is to end; as a plain member where there is none any more.
    pub async fn may_kick(
        &self,
        room_id: i64,
        by: &Person,
        who: &Person,
    ) -> chinwag_domain::Result<Permit<action::Kick>> {
        let member = self.store.find_member(room_id, who.id).await.expect("asked");
        let gone =
            || MemberRecord { room_id, user_id: who.id, role: Role::Member, joined_at: NOW, version: 0, read_seq: 0 };
        policy::may_kick(&by.actor(), &self.seat(room_id, by).await, &member.unwrap_or_else(gone))
    }

    pub async fn kick(&self, room_id: i64, by: &Person, who: &Person) -> StoreResult<bool> {
        let permit = self.may_kick(room_id, by, who).await.expect("allowed");
        self.store.kick_member(permit, who.author(), NOW).await
    }

    pub async fn set_role(&self, room_id: i64, by: &Person, who: &Person, role: Role) -> StoreResult<MemberRecord> {
        let permit = policy::may_set_role(&by.actor(), &self.seat(room_id, by).await).expect("allowed");
        self.store.set_role(permit, who.author(), role, NOW).await
    }

    pub async fn mark_read(&self, room_id: i64, who: &Person, seq: i64) -> ReadState {
        let permit = policy::may_mark_read(&who.actor(), &self.seat(room_id, who).await).expect("a member reads");
        self.store.mark_read(permit, seq).await.expect("marked").state
    }

    pub async fn delete_room(&self, room_id: i64, by: &Person) {
        let permit = policy::may_delete_room(&by.actor(), &self.seat(room_id, by).await).expect("an owner");
        self.store.delete_room(permit, NOW).await.expect("deleted");
    }

    pub async fn update_room(&self, room_id: i64, by: &Person, change: RoomChange) -> RoomRecord {
        let permit = policy::may_edit_room(&by.actor(), &self.seat(room_id, by).await).expect("an owner");
        self.store.update_room(permit, by.author(), change, NOW + 70).await.expect("updated").room
    }

    pub async fn replay(&self, room_id: i64, who: &Person, after: i64, to: i64) -> Vec<Event> {
        let permit = self.may_listen(room_id, who).await;
        self.store.replay(&permit, after, to).await.expect("a replay")
    }

    pub async fn head(&self, room_id: i64, who: &Person) -> i64 {
        let permit = self.may_listen(room_id, who).await;
        self.store.head(&permit).await.expect("a head")
    }

    pub async fn history(&self, room_id: i64, who: &Person, page: Page, limit: usize) -> Vec<MessageRecord> {
        let permit = self.may_read(room_id, who).await;
        self.store.history(permit, page, limit).await.expect("a page")
    }

    pub async fn view(&self, room_id: i64, who: &Person) -> RoomView {
        let permit = self.may_read(room_id, who).await;
        self.store.room_view(permit).await.expect("a view")
    }
}

#[derive(Clone, Debug)]
pub struct Person {
    pub id: i64,
    pub name: Arc<str>,
}

impl Person {
    pub fn actor(&self) -> Actor {
        Actor { user_id: self.id, username: self.name.clone(), is_admin: false, session: None, socket: None }
    }

    pub fn author(&self) -> Author {
        Author { user_id: self.id, username: self.name.clone() }
    }
}

pub fn new_user(name: &str) -> NewUser {
    NewUser {
        username: name.into(),
        username_key: name.to_lowercase(),
        look_key: name.to_lowercase(),
        email: format!("{name}@Example.org"),
        email_key: format!("{}@example.org", name.to_lowercase()),
        password_hash: "$argon2id$".into(),
        avatar: None,
        is_admin: false,
        created_at: NOW,
    }
}

pub fn new_room(owner: &Person, others: &[&Person], is_private: bool) -> NewRoom {
    NewRoom {
        kind: RoomKind::Room,
        name: "产品讨论 Room".into(),
        description: "what to build".into(),
        is_private,
        creator: owner.author(),
        others: others.iter().map(|who| who.author()).collect(),
        client_id: None,
        created_at: NOW,
    }
}

pub fn text(who: &Person, content: &str) -> NewMessage {
    NewMessage {
        author: who.author(),
        client_id: None,
        content: content.into(),
        reply_to: None,
        calls: mentions::find(content),
        guest: false,
        now: NOW,
        attachments: Vec::new(),
        kind: MessageType::Text,
    }
}

pub fn text_with_id(who: &Person, content: &str, client_id: &str) -> NewMessage {
    NewMessage { client_id: Some(client_id.into()), ..text(who, content) }
}

pub fn session(id: i64, salt: u8) -> NewSession {
    NewSession {
        id: SessionId(id),
        cookie_hash: [salt; 32],
        refresh_hash: [salt + 100; 32],
        device: "Firefox".into(),
        address: "127.0.0.1".into(),
        created_at: NOW + i64::from(salt),
        expires_at: NOW + 1_000,
    }
}
