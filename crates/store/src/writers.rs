//! Who writes: one line for a file; for a database server several, so that a commit which is held up lets other rooms go on. They know
//! nothing of each other but what `queue.rs` tells them: rows are locked where that counts, as those of other nodes are.

use chinwag_domain::{
    policy::{Permit, action},
    ports::StoreResult,
    records::{Appended, Marked, NewMessage},
};
use sea_orm::DatabaseConnection;
use tokio::join;

use crate::{
    StoreConfig,
    tx::Tx,
    verb::BoxFuture,
    writer::{After, Writer},
};

/// Lines on a server for what is of a room: so many commits at most are held up at a time before all are.
const FOR_ROOMS: usize = 4;

pub(crate) struct Writers {
    /// Where there is none, it is the other's.
    for_rooms: Option<Writer>,
    for_all: Writer,
}

impl Writers {
    /// Connections they have on a server at most: two each, and one to follow what they do.
    pub(crate) const CONNECTIONS: u32 = 2 * (FOR_ROOMS as u32 + 1) + 1;

    pub(crate) fn start(config: &StoreConfig, db: DatabaseConnection, after: &After) -> Self {
        let for_rooms = config.site.is_shared().then(|| Writer::start(FOR_ROOMS, config, None, after));
        Self { for_rooms, for_all: Writer::start(1, config, Some(db), after) }
    }

    fn for_rooms(&self) -> &Writer {
        self.for_rooms.as_ref().unwrap_or(&self.for_all)
    }

    /// Runs a verb of no one room in a transaction and gives its answer once it is durable.
    pub(crate) async fn run<T, F>(&self, verb: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, StoreResult<T>> + Send + 'static,
    {
        self.for_all.run(None, verb).await
    }

    /// The same for a verb of a room.
    pub(crate) async fn run_in<T, F>(&self, room_id: i64, verb: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, StoreResult<T>> + Send + 'static,
    {
        self.for_rooms().run(Some(room_id), verb).await
    }

    pub(crate) async fn append(&self, permit: Permit<action::Post>, message: NewMessage) -> StoreResult<Appended> {
        self.for_rooms().append(permit, message).await
    }

    pub(crate) async fn mark_read(&self, permit: Permit<action::MarkRead>, seq: i64) -> StoreResult<Marked> {
        self.for_rooms().mark_read(permit, seq).await
    }

    /// Lets what was accepted finish. Whether all have ended by this.
    pub(crate) async fn close(&self) -> bool {
        let rooms = async {
            match &self.for_rooms {
                Some(writer) => writer.close().await,
                None => true,
            }
        };
        let (rooms, all) = join!(rooms, self.for_all.close());
        rooms && all
    }
}
