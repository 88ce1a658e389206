//! What a verb works with: the open transaction, and what it will have told when that commits. It does not know who runs it
//! (that is `writer.rs`).

use chinwag_domain::ports::{Committed, Effect, StoreResult};
use chinwag_proto::{
    Event,
    id::{IdSource, LIMIT},
};
use sea_orm::{ConnectionTrait, DatabaseTransaction, QueryResult};

use crate::{
    dialect::statement,
    error::{damaged, failure},
    message_rows::NEWEST,
};

/// What has small ids, counted from 1.
#[derive(Clone, Copy)]
pub(crate) enum Counter {
    Users,
    Rooms,
}

impl Counter {
    fn name(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Rooms => "rooms",
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

    /// The next id of an account or a room. It was never given before, even where the newest row is gone.
    pub(crate) async fn next_of(&self, counter: Counter) -> StoreResult<i64> {
        let sql = "UPDATE counters SET last = last + 1 WHERE name = ? RETURNING last";
        let row = self.db.query_one_raw(statement(sql, [counter.name().into()])).await.map_err(failure)?;
        row.ok_or_else(|| damaged("a counter is missing"))?.try_get_by_index(0).map_err(failure)
    }

    /// The next id of a message or a change. The source continues after the greatest id there is, so that another process may also write.
    pub(crate) async fn next_id(&mut self) -> StoreResult<i64> {
        if self.ids.is_none() {
            let row = self.db.query_one_raw(statement(NEWEST, [LIMIT.into(), LIMIT.into()])).await.map_err(failure)?;
            let read = |row: QueryResult| Ok([row.try_get_by_index(0)?, row.try_get_by_index(1)?]);
            let newest: Option<[Option<i64>; 2]> = row.map(read).transpose().map_err(failure)?;
            self.ids = Some(IdSource::after(newest.into_iter().flatten().flatten().max().unwrap_or(0)));
        }
        let random = u64::from_le_bytes(chinwag_domain::ports::random_bytes());
        Ok(self.ids.get_or_insert_default().next(random))
    }
}
