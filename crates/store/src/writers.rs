//! Who writes: one for a file; for a database server several, so that a commit which is under way lets other rooms go on. What is of one
//! room goes to the same one, in the order in which it came. They know nothing of each other: rows are locked where that counts, as
//! those of other nodes are.

use chinwag_domain::{
    policy::{Permit, action},
    ports::StoreResult,
    records::{Appended, Marked, NewMessage},
};
use futures_util::future::join_all;
use sea_orm::DatabaseConnection;

use crate::{
    StoreConfig,
    tx::Tx,
    verb::BoxFuture,
    writer::{After, Writer},
};

/// Those among which rooms are divided, on a server. Two would make commits twice as large, which cost a quarter less; but then every other room
/// waits for one that somebody holds.
const FOR_ROOMS: usize = 4;

pub(crate) struct Writers {
    /// The last is for what is of no one room; where there is one, that is for all.
    all: Vec<Writer>,
}

impl Writers {
    /// Connections they have on a server at most: two each, and one to follow what they do.
    pub(crate) const CONNECTIONS: u32 = 2 * (FOR_ROOMS as u32 + 1) + 1;

    pub(crate) fn start(config: &StoreConfig, db: DatabaseConnection, after: &After) -> Self {
        let more = if config.site.is_shared() { FOR_ROOMS } else { 0 };
        let mut all: Vec<_> = (0..more).map(|_| Writer::start(config.clone(), None, after.clone())).collect();
        all.push(Writer::start(config.clone(), Some(db), after.clone()));
        Self { all }
    }

    fn of_none(&self) -> &Writer {
        &self.all[self.all.len() - 1]
    }

    fn of_room(&self, id: i64) -> &Writer {
        let for_rooms = (self.all.len() - 1).max(1);
        &self.all[id.unsigned_abs() as usize % for_rooms]
    }

    /// Runs a verb of no one room in a transaction and gives its answer once it is durable.
    pub(crate) async fn run<T, F>(&self, verb: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, StoreResult<T>> + Send + 'static,
    {
        self.of_none().run(verb).await
    }

    /// The same for a verb of a room.
    pub(crate) async fn run_in<T, F>(&self, room_id: i64, verb: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, StoreResult<T>> + Send + 'static,
    {
        self.of_room(room_id).run(verb).await
    }

    pub(crate) async fn append(&self, permit: Permit<action::Post>, message: NewMessage) -> StoreResult<Appended> {
        self.of_room(permit.room_id()).append(permit, message).await
    }

    pub(crate) async fn mark_read(&self, permit: Permit<action::MarkRead>, seq: i64) -> StoreResult<Marked> {
        self.of_room(permit.room_id()).mark_read(permit, seq).await
    }

    /// Lets what was accepted finish. Whether all have ended by this.
    pub(crate) async fn close(&self) -> bool {
        join_all(self.all.iter().map(Writer::close)).await.into_iter().all(|ended| ended)
    }
}
