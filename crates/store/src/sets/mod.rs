//! Texts and read marks on a database server: one statement for all things of a kind, in one transaction for all that wait. The rooms
//! are locked first, in the order of their ids, so that nobody else gives their positions meanwhile; what the batch rests on is read
//! after that. What is decided, and in which order, is what `append.rs` and `marks.rs` do on SQLite.

mod ground;
mod reads;
mod texts;

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr, TransactionTrait};

use crate::{
    batch::{Answers, HotBatch, Written},
    dialect::repeat,
    engine::{OpenMode, Site},
    error::{Broken, TxFailure},
    failpoint::Failpoints,
    sets::ground::Ground,
};

/// The connection, opened when it is needed.
pub(crate) struct Sets {
    site: Site,
    db: Option<DatabaseConnection>,
    failpoints: Failpoints,
}

impl Sets {
    pub(crate) fn new(site: Site, failpoints: Failpoints) -> Self {
        Self { site, db: None, failpoints }
    }

    pub(crate) async fn commit(&mut self, batch: HotBatch) -> Result<Written, (HotBatch, Broken)> {
        let written = AssertUnwindSafe(self.write(&batch)).catch_unwind().await;
        match written.unwrap_or_else(|_| Err(Broken { failure: TxFailure::panicked(), of_one: true })) {
            Ok(answers) => Ok(Written::of(batch, answers)),
            Err(broken) => {
                // Whatever else failed, the connection goes with it: the next one knows what is there.
                if !broken.failure.is_conflict() {
                    self.leave().await;
                }
                Err((batch, broken))
            }
        }
    }

    async fn write(&mut self, batch: &HotBatch) -> Result<Answers, Broken> {
        let db = match &self.db {
            Some(db) => db,
            None => self.db.insert(self.site.connect(OpenMode::Write, 1).await.map_err(of_all)?),
        };
        let tx = db.begin().await.map_err(of_all)?;
        let answers = match run(&tx, batch).await {
            Ok(answers) => answers,
            Err(error) => {
                tx.rollback().await.map_err(of_all)?;
                return Err(of_one(error));
            }
        };
        self.failpoints.pass("before_commit").await;
        tx.commit().await.map_err(of_all)?;
        Ok(answers)
    }

    async fn leave(&mut self) {
        if let Some(db) = self.db.take()
            && let Err(error) = db.close().await
        {
            tracing::warn!(%error, "the connection to the database server did not close cleanly");
        }
    }

    pub(crate) async fn close(mut self) {
        self.leave().await;
    }
}

async fn run(tx: &DatabaseTransaction, batch: &HotBatch) -> Result<Answers, DbErr> {
    let mut ground = Ground::take(tx, batch).await?;
    let (placed, mut changes) = texts::append(tx, &batch.appends, &mut ground).await?;
    let (read, moves) = reads::mark(tx, &batch.marks, &ground).await?;
    changes.extend(moves);
    Ok((placed, read, changes))
}

fn of_all(error: DbErr) -> Broken {
    Broken { failure: error.into(), of_one: false }
}

/// A full disk is full for everybody; else one damaged row may have been enough.
fn of_one(error: DbErr) -> Broken {
    let failure = TxFailure::from(error);
    Broken { of_one: !failure.is_full(), failure }
}

/// `?` for so many values at least, and the values: the last one again and again, so that the server has few statements to prepare.
fn listed<T: Clone>(values: &[T], one: &str) -> (String, Vec<T>) {
    let mut padded = values.to_vec();
    if let Some(last) = values.last() {
        padded.resize(values.len().next_power_of_two(), last.clone());
    }
    (repeat(one, padded.len()), padded)
}
