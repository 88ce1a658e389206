//! A connection that writes: opened when it is needed, and given up with whatever was in doubt on it. Where a server does not answer it
//! waits no longer than it may. It knows nothing of what is written.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr};
use tokio::time::{timeout, timeout_at};

use crate::{
    engine::{BUSY, OpenMode, Site, no_answer},
    error::{Broken, TxFailure},
    ids, moved,
    receipt::Receipt,
};

/// At least so long it is asked what became of a transaction.
const SECOND_LOOK: Duration = Duration::from_secs(1);

/// A server that waited for a lock says so itself within this, before it is taken for one that does not answer.
const GRACE: Duration = Duration::from_millis(500);
/// Who has waited in vain for another transaction has one of their own so long at least.
const LAST_TRY: Duration = Duration::from_millis(500);

/// The last moment of a transaction on a server.
#[derive(Clone, Copy)]
pub(crate) struct Deadline {
    pub(crate) at: Instant,
    is_near: bool,
}

impl Deadline {
    /// Of those who have waited since then: nobody waits much longer than [`BUSY`], wherever they wait.
    pub(crate) fn of(since: Instant) -> Self {
        let now = Instant::now();
        Self { at: (since + BUSY).max(now + LAST_TRY) + GRACE, is_near: since + GRACE < now }
    }

    /// The same of what waits for no lock, but so long at least.
    fn or_after(self, least: Duration) -> Instant {
        (self.at - GRACE).max(Instant::now() + least)
    }

    /// Where little time was left the server may be there, and a room be held.
    pub(crate) fn missed(self) -> Broken {
        if self.is_near { Broken { failure: TxFailure::late(), of_one: false } } else { Broken::of_all(no_answer()) }
    }
}

pub(crate) struct WriteConnection {
    site: Site,
    /// Absent before the first time, and while it cannot be opened again after a failure.
    db: Option<DatabaseConnection>,
    /// Of that connection.
    receipt: Option<Receipt>,
}

impl WriteConnection {
    pub(crate) fn new(site: Site, db: Option<DatabaseConnection>) -> Self {
        Self { site, db, receipt: None }
    }

    /// The last moment of a transaction. A file answers or refuses by itself.
    pub(crate) fn deadline(&self, since: Instant) -> Option<Deadline> {
        self.site.is_shared().then(|| Deadline::of(since))
    }

    pub(crate) fn is_open(&self) -> bool {
        self.db.is_some()
    }

    /// The connection, opened where it is not.
    pub(crate) async fn db(&mut self) -> Result<&DatabaseConnection, DbErr> {
        let db = match self.db.take() {
            Some(db) => db,
            None => {
                let db = self.site.connect(OpenMode::Write, 1).await?;
                // Another server may have taken the place of the one that was lost.
                if self.site.is_shared() {
                    moved::refuse(&db).await?;
                    ids::catch_up(&db).await?;
                }
                db
            }
        };
        Ok(self.db.insert(db))
    }

    pub(crate) async fn begin(&mut self) -> Result<DatabaseTransaction, DbErr> {
        let site = self.site.clone();
        let new = !self.is_open();
        let mut receipt = self.receipt.take().filter(|_| !new);
        let db = self.db().await?;
        if site.is_shared() && receipt.is_none() {
            receipt = Some(Receipt::open(db).await?);
        }
        let tx = site.begin(db).await?;
        if let Some(receipt) = &mut receipt {
            receipt.sign(&tx).await?;
        }
        self.receipt = receipt;
        Ok(tx)
    }

    /// Gives `Ok` if and only if it is durable, also where the answer was lost and could be found out.
    pub(crate) async fn commit(&mut self, tx: DatabaseTransaction, deadline: Option<Deadline>) -> Result<(), Broken> {
        let Err(error) = within(deadline.map(|deadline| deadline.or_after(GRACE)), tx.commit()).await else {
            return Ok(());
        };
        let failure = TxFailure::from(error);
        let receipt = self.receipt.take();
        self.leave().await;
        if let (Some(receipt), true) = (receipt, failure.is_unavailable()) {
            let until = deadline.map(|deadline| deadline.or_after(SECOND_LOOK));
            match within(until, self.find_out(receipt)).await {
                Ok(true) => return Ok(()),
                Ok(false) => return Err(Broken { failure: failure.again(), of_one: false }),
                Err(error) => tracing::warn!(%error, "what became of a transaction cannot be found out"),
            }
        }
        Err(Broken { failure, of_one: false })
    }

    /// On a connection of its own.
    async fn find_out(&mut self, receipt: Receipt) -> Result<bool, DbErr> {
        let db = self.db().await?;
        let is_kept = receipt.is_kept(db).await?;
        tracing::info!(is_kept, "found out what became of a transaction whose answer was lost");
        receipt.discard(db).await?;
        Ok(is_kept)
    }

    /// After a failure before COMMIT, nothing of the transaction is there: where a server was away, the same is to be run again on
    /// another connection, while there is time. One that only reads is left, too: where another has taken its place, the next connection
    /// is to that one.
    pub(crate) async fn given_up(&mut self, broken: Broken, deadline: Option<Deadline>) -> Broken {
        if deadline.is_none() || !broken.failure.is_unavailable() {
            return broken;
        }
        self.leave().await;
        let is_of_use = !broken.failure.is_read_only()
            && deadline.is_some_and(|deadline| Instant::now() + SECOND_LOOK < deadline.at);
        Broken { failure: if is_of_use { broken.failure.again() } else { broken.failure }, of_one: false }
    }

    /// The connection may be inside a transaction that is not there any more, or outside of one that it believes in: the next
    /// transaction gets a new one, which knows what is there.
    pub(crate) async fn leave(&mut self) {
        self.receipt = None;
        let Some(old) = self.db.take() else { return };
        // A server that has gone would let us wait for its goodbye.
        if self.site.is_shared() {
            return;
        }
        if let Err(error) = old.close().await {
            tracing::warn!(%error, "the failed connection did not close cleanly");
        }
    }

    /// After the last transaction.
    pub(crate) async fn close(mut self) {
        let Some(db) = self.db.take() else { return };
        if let Some(receipt) = self.receipt.take()
            && timeout(SECOND_LOOK, receipt.discard(&db)).await.is_err()
        {
            // Neither would it answer a goodbye.
            return;
        }
        if let Err(error) = self.site.settle(&db).await {
            tracing::warn!(%error, "the last checkpoint failed; the next start does it");
        }
        if let Err(error) = db.close().await {
            tracing::warn!(%error, "the database did not close cleanly");
        }
    }
}

/// What is done by then, or a failure.
pub(crate) async fn within<T>(
    deadline: Option<Instant>,
    work: impl Future<Output = Result<T, DbErr>>,
) -> Result<T, DbErr> {
    match deadline {
        Some(at) => timeout_at(at.into(), work).await.unwrap_or_else(|_| Err(no_answer())),
        None => work.await,
    }
}
