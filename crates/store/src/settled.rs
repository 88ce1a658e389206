//! Up to where the order of all rooms is settled: whatever commits from here on comes after it. Where there is one writer, that is
//! everything that can be seen; where there are several, one may have taken an id and commit it after another that is greater. Each has
//! signed its receipt before it took any (`receipt.rs`), and the row of that is its own until it ends: who has waited for all of these
//! rows has waited for all that was under way, and those who write had nothing to do for it.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicI64, Ordering},
    time::Instant,
};

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, TransactionTrait};
use tokio::sync::Mutex;

use crate::{
    dialect::statement,
    engine::{BUSY, OpenMode, Site, no_answer, words},
    error::is_lost,
    write_connection::within,
};

pub(crate) struct Settled {
    site: Site,
    upto: AtomicI64,
    /// To wait with: only a connection that writes can hold rows. Whoever has it waits for all who ask meanwhile.
    db: Mutex<Option<DatabaseConnection>>,
}

impl Settled {
    pub(crate) fn new(site: Site) -> Self {
        let upto = AtomicI64::new(if site.is_shared() { 0 } else { i64::MAX });
        Self { site, upto, db: Mutex::default() }
    }

    /// What is read after this call has everything up to this id.
    pub(crate) fn upto(&self) -> i64 {
        self.upto.load(Ordering::Acquire)
    }

    /// Returns once everything that has a smaller id than this one, which was seen, has ended in one way or the other.
    pub(crate) async fn wait_for(&self, id: i64) -> Result<(), DbErr> {
        let mut place = self.db.lock().await;
        if id <= self.upto() {
            return Ok(());
        }
        let deadline = Some(Instant::now() + BUSY);
        let mut waited = Err(no_answer());
        // The one that is there may have been lost long ago.
        for db in [place.take(), None] {
            let db = match db {
                Some(db) => db,
                None => self.site.connect(OpenMode::Write, 1).await?,
            };
            waited = within(deadline, wait(&db)).await;
            if !waited.as_ref().is_err_and(is_lost) {
                *place = Some(db);
                break;
            }
        }
        waited?;
        self.upto.store(id, Ordering::Release);
        Ok(())
    }

    pub(crate) async fn close(&self) -> Result<(), DbErr> {
        match self.db.lock().await.take() {
            Some(db) => db.close().await,
            None => Ok(()),
        }
    }
}

/// Waits for each alone and holds no other meanwhile: nobody has to wait for who waits.
async fn wait(db: &DatabaseConnection) -> Result<(), DbErr> {
    let all = receipts(db, "").await?;
    let hold = words(db).hold();
    let free = held(db, words(db).hold_free()).await?;
    for id in all.difference(&free) {
        held(db, &format!(" WHERE id = {id}{hold}")).await?;
    }
    Ok(())
}

/// Taken back at once, so that nothing has to be synced for it.
async fn held(db: &DatabaseConnection, which: &str) -> Result<BTreeSet<i64>, DbErr> {
    let tx = db.begin().await?;
    let ids = receipts(&tx, which).await?;
    tx.rollback().await?;
    Ok(ids)
}

async fn receipts(db: &impl ConnectionTrait, which: &str) -> Result<BTreeSet<i64>, DbErr> {
    let rows = db.query_all_raw(statement(db, &format!("SELECT id FROM receipts{which}"), [])).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}
