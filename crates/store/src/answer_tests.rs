//! What was written is answered, whatever becomes of the readers meanwhile: a use case that reads after its write would deny what
//! is durable.

use std::{any::Any, collections::BTreeMap, sync::OnceLock};

use chinwag_domain::{
    Actor, Chat, Result, Settings, lobby, members, messages,
    ports::{Committed, Figures, SystemClock, UserStore},
    records::NewUser,
    rooms::{self, RoomEdit},
};
use chinwag_proto::{CloseCode, EditText, Event, MarkRead, Presence, RecallMessage, Role, SendText};
use parking_lot::Mutex;
use sea_orm::DatabaseConnection;

use super::*;

/// Takes the one reader away as soon as something is told.
#[derive(Default)]
struct Starving {
    readers: OnceLock<DatabaseConnection>,
    taken: Mutex<Vec<Box<dyn Any + Send>>>,
    armed: Mutex<bool>,
}

impl Starving {
    fn starve(&self) {
        if let (Some(readers), true) = (self.readers.get(), *self.armed.lock()) {
            while let Some(reader) = readers.get_sqlite_connection_pool().try_acquire() {
                self.taken.lock().push(Box::new(reader));
            }
        }
    }

    /// What the use case answers when no reader is to be had once it has written.
    async fn answered<T>(&self, what: &str, call: impl Future<Output = Result<T>>) -> T {
        *self.armed.lock() = true;
        let answer = call.await;
        *self.armed.lock() = false;
        self.taken.lock().clear();
        answer.unwrap_or_else(|error| panic!("{what}: {error}"))
    }
}

impl Publisher for Starving {
    fn committed(&self, _: Vec<Committed>) {
        self.starve();
    }
    fn hint_room(&self, _: i64, _: Event) {
        self.starve();
    }
    fn hint_socket(&self, _: chinwag_domain::SocketId, _: chinwag_proto::Event) {}
    fn hint_user(&self, _: i64, _: Event) {
        self.starve();
    }
    fn close_sessions(&self, _: &[chinwag_domain::SessionId], _: CloseCode) {
        self.starve();
    }
    fn end_sessions(&self, _: &[chinwag_domain::SessionId], _: CloseCode) {
        self.starve();
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
    fn people_in(&self, _: i64) -> Vec<i64> {
        Vec::new()
    }
    fn figures_by_node(&self) -> BTreeMap<String, Figures> {
        Default::default()
    }
    fn subscriptions_by_room(&self) -> BTreeMap<i64, usize> {
        BTreeMap::new()
    }
}

async fn person(store: &SqlStore, name: &str) -> Actor {
    let user = NewUser {
        username: name.into(),
        username_key: name.into(),
        look_key: name.into(),
        email: name.into(),
        email_key: name.into(),
        password_hash: String::new(),
        avatar: None,
        is_admin: false,
        created_at: 0,
    };
    let user = store.create_user(user, None).await.expect("a new name");
    Actor { user_id: user.id, username: user.username, is_admin: false, session: None, socket: None }
}

fn named(name: &str) -> RoomEdit {
    RoomEdit { name: Some(name.into()), ..RoomEdit::default() }
}

fn words(room_id: i64, client_id: &str) -> SendText {
    SendText { room_id, content: "hello @bob".into(), client_id: client_id.into(), ..SendText::default() }
}

#[tokio::test]
async fn what_is_written_is_answered_without_another_read() {
    let directory = tempfile::tempdir().expect("a directory");
    let starving = Arc::new(Starving::default());
    let config = StoreConfig { readers: 1, ..StoreConfig::file(directory.path().join("chinwag.db")) };
    let store = open(config, starving.clone()).await.expect("a fresh store opens");
    drop(starving.readers.set(store.readers.current()));
    let settings = Settings { guests: true, ..Settings::default() };
    let chat = Chat::new(store.clone(), starving.clone(), Arc::new(SystemClock), [0; 32], settings);
    let (ann, bob, eve) = (person(&store, "ann").await, person(&store, "bob").await, person(&store, "eve").await);

    let room = starving.answered("create", rooms::create(&chat, &ann, named("one"), "wish")).await.id;
    let again = starving.answered("create again", rooms::create(&chat, &ann, named("one"), "wish")).await.id;
    assert_eq!(again, room);
    starving.answered("join", rooms::join(&chat, &bob, room)).await;
    starving.answered("enter", rooms::enter(&chat, &eve, room)).await;
    starving.answered("leave", rooms::leave(&chat, &eve, room)).await;
    starving.answered("add", members::put(&chat, &ann, room, eve.user_id, Role::Admin)).await;
    starving.answered("set role", members::put(&chat, &ann, room, eve.user_id, Role::Member)).await;
    starving.answered("kick", members::kick(&chat, &ann, room, eve.user_id)).await;
    starving.answered("update", rooms::update(&chat, &ann, room, named("two"))).await;
    starving.answered("direct", rooms::direct(&chat, &ann, &[bob.user_id, eve.user_id])).await;
    let said = starving.answered("post", messages::post(&chat, &ann, words(room, "x"))).await.message;
    messages::history(&chat, &ann, room, messages::HistoryQuery::default()).await.expect("the reader is back");
    // What is known is answered by the writer alone, too.
    *starving.armed.lock() = true;
    let mention_free = SendText { content: "hello".into(), ..words(room, "y") };
    let first = messages::post(&chat, &ann, mention_free.clone()).await.expect("posted").message;
    let known = starving.answered("post again", messages::post(&chat, &ann, mention_free)).await;
    assert_eq!((known.message, known.fresh), (first, false));
    let text = EditText { message_id: said.id, content: "hi".into(), client_id: String::new() };
    starving.answered("edit", messages::edit(&chat, &ann, text)).await;
    starving.answered("broadcast", messages::broadcast(&chat, &ann, room, "listen")).await;
    let read =
        starving.answered("mark read", messages::mark_read(&chat, &bob, MarkRead { room_id: room, seq: 3 })).await;
    assert_eq!(read.seq, 3);
    let back = RecallMessage { message_id: said.id, client_id: String::new() };
    starving.answered("recall", messages::recall(&chat, &ann, back)).await;
    let guest = lobby::admit(&chat, "passerby").await.expect("guests may come");
    starving.answered("say", lobby::say(&chat, &guest, "hello")).await;
    starving.answered("delete", rooms::delete(&chat, &ann, room)).await;
    store.close().await;
}
