//! Texts and read marks on a database server: one statement for all things of a kind, in one transaction for all that wait. The rooms
//! are locked first, in the order of their ids, so that nobody else gives their positions meanwhile; what the batch rests on is read
//! after that. What is decided, and in which order, is what `append.rs` and `marks.rs` do on SQLite.

mod ground;
mod reads;
mod texts;

use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use sea_orm::{DatabaseTransaction, DbErr};
use tokio::time::timeout_at;

use crate::{
    batch::{Answers, HotBatch, Written},
    dialect::repeat,
    engine::Site,
    error::{Broken, TxFailure},
    failpoint::Failpoints,
    sets::ground::Ground,
    write_connection::{Deadline, WriteConnection},
};

pub(crate) struct Sets {
    connection: WriteConnection,
    failpoints: Failpoints,
}

impl Sets {
    pub(crate) fn new(site: Site, failpoints: Failpoints) -> Self {
        Self { connection: WriteConnection::new(site, None), failpoints }
    }

    /// One transaction, which ends by the deadline.
    pub(crate) async fn commit(&mut self, batch: HotBatch, deadline: Deadline) -> Result<Written, (HotBatch, Broken)> {
        let written = AssertUnwindSafe(self.write(&batch, deadline)).catch_unwind().await;
        match written.unwrap_or_else(|_| Err(Broken { failure: TxFailure::panicked(), of_one: true })) {
            Ok(answers) => Ok(Written::of(batch, answers)),
            Err(broken) => {
                // Whatever else failed, the connection goes with it: the next one knows what is there.
                if !broken.failure.is_passing() {
                    self.connection.leave().await;
                }
                Err((batch, broken))
            }
        }
    }

    async fn write(&mut self, batch: &HotBatch, deadline: Deadline) -> Result<Answers, Broken> {
        let filled = timeout_at(deadline.at.into(), self.fill(batch)).await;
        let (tx, answers) = match filled.unwrap_or_else(|_| Err(deadline.missed())) {
            Ok(filled) => filled,
            Err(broken) => return Err(self.connection.given_up(broken, Some(deadline)).await),
        };
        self.failpoints.pass("before_commit").await;
        self.connection.commit(tx, Some(deadline)).await?;
        Ok(answers)
    }

    async fn fill(&mut self, batch: &HotBatch) -> Result<(DatabaseTransaction, Answers), Broken> {
        let tx = self.connection.begin().await.map_err(Broken::of_all)?;
        match run(&tx, batch).await {
            Ok(answers) => Ok((tx, answers)),
            Err(error) => {
                tx.rollback().await.map_err(Broken::of_all)?;
                Err(of_one(error))
            }
        }
    }

    pub(crate) async fn leave(&mut self) {
        self.connection.leave().await;
    }

    pub(crate) async fn close(self) {
        self.connection.close().await;
    }
}

async fn run(tx: &DatabaseTransaction, batch: &HotBatch) -> Result<Answers, DbErr> {
    let mut ground = Ground::take(tx, batch).await?;
    let (placed, mut changes) = texts::append(tx, &batch.appends, &mut ground).await?;
    let (read, moves) = reads::mark(tx, &batch.marks, &ground).await?;
    changes.extend(moves);
    Ok((placed, read, changes))
}

/// One damaged row may have been enough.
fn of_one(error: DbErr) -> Broken {
    let failure = TxFailure::from(error);
    Broken { of_one: !failure.is_everybodys(), failure }
}

/// `?` for so many values at least, and the values: the last one again and again, so that the server has few statements to prepare.
fn listed<T: Clone>(values: &[T], one: &str) -> (String, Vec<T>) {
    let mut padded = values.to_vec();
    if let Some(last) = values.last() {
        padded.resize(values.len().next_power_of_two(), last.clone());
    }
    (repeat(one, padded.len()), padded)
}

#[cfg(test)]
#[path = "cost_tests.rs"]
mod tests;
