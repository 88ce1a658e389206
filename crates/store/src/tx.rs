//! What a verb works with: the open transaction, and what it will have told when that commits. It does not know who runs it
//! (that is `writer.rs`).

use chinwag_domain::ports::{Committed, Effect, StoreResult};
use chinwag_proto::{Event, id::IdSource};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr};

use crate::{
    dialect::statement,
    error::{damaged, failure},
    ids,
};

/// The counter that the ids of messages and changes had, on servers alone.
pub(crate) const IDS: &str = "ids";

/// The counter of the revocations of sessions.
pub(crate) const REVOCATIONS: &str = "revocations";

/// The counter of the changes of emojis.
pub(crate) const EMOJIS: &str = "custom_emojis";

/// What is counted from 1.
#[derive(Clone, Copy)]
pub(crate) enum Counter {
    Users,
    Rooms,
    /// Transactions that revoked sessions.
    Revocations,
    /// Changes of the place's own emojis.
    Emojis,
}

impl Counter {
    fn name(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Rooms => "rooms",
            Self::Revocations => REVOCATIONS,
            Self::Emojis => EMOJIS,
        }
    }
}

/// The open transaction.
pub(crate) struct Tx {
    pub(crate) db: DatabaseTransaction,
    /// Told in this order after the commit.
    pub(crate) changes: Vec<Committed>,
    /// Whether somebody is to look for jobs after the commit.
    pub(crate) wants_jobs: bool,
    ids: Option<IdSource>,
}

impl Tx {
    pub(crate) fn new(db: DatabaseTransaction) -> Self {
        Self { db, changes: Vec::new(), wants_jobs: false, ids: None }
    }

    /// Lets a frame be told after the commit.
    pub(crate) fn tell(&mut self, event: Event) {
        self.changes.push(event.into());
    }

    /// The same for what changes who may listen.
    pub(crate) fn tell_with(&mut self, event: Event, effect: Effect) {
        self.changes.push(Committed::Room { event, effect: Some(effect) });
    }

    /// The next number. It was never given before, even where the newest row is gone.
    pub(crate) async fn next_of(&self, counter: Counter) -> StoreResult<i64> {
        count(&self.db, counter.name()).await.map_err(failure)
    }

    /// The next id of a message or a change.
    pub(crate) async fn next_id(&mut self) -> StoreResult<i64> {
        let random = u64::from_le_bytes(chinwag_domain::ports::random_bytes());
        if is_shared(&self.db) {
            let id = ids::take(&self.db, 1, || random).await.map_err(failure)?.next();
            return id.ok_or_else(|| damaged("it gives no numbers"));
        }
        if self.ids.is_none() {
            // After the greatest there is, so that another process may also write.
            self.ids = Some(IdSource::after(ids::newest(&self.db).await.map_err(failure)?));
        }
        Ok(self.ids.get_or_insert_default().next(random))
    }
}

/// Whether other servers may give ids at the same time.
pub(crate) fn is_shared(db: &impl ConnectionTrait) -> bool {
    db.get_database_backend() != DbBackend::Sqlite
}

/// Moves a counter forward and gives where it is then. It is this transaction's until that ends.
async fn count(db: &impl ConnectionTrait, name: &str) -> Result<i64, DbErr> {
    let sql = "UPDATE counters SET last = last + 1 WHERE name = ?";
    db.execute_raw(statement(db, sql, [name.into()])).await?;
    last(db, name).await
}

/// The newest number that a transaction gave which has committed.
pub(crate) async fn newest_of(db: &impl ConnectionTrait, counter: Counter) -> Result<i64, DbErr> {
    last(db, counter.name()).await
}

async fn last(db: &impl ConnectionTrait, name: &str) -> Result<i64, DbErr> {
    let sql = "SELECT last FROM counters WHERE name = ?";
    let row = db.query_one_raw(statement(db, sql, [name.into()])).await?;
    row.ok_or_else(|| DbErr::RecordNotFound(format!("the counter {name}")))?.try_get_by_index(0)
}
