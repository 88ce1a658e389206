//! The connection for what people do all the time: say something, and have read it. What waits becomes one transaction of
//! prepared statements in one go. Everything else goes through SeaORM, where each statement is handed to another thread and
//! back: too dear for these two. It knows nothing of the queue (that is `writer.rs`).

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    time::Duration,
};

use chinwag_domain::{
    ports::{Committed, StoreResult},
    records::{Appended, Marked},
};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::oneshot;

use crate::{
    append::{Append, Appender},
    dialect,
    error::{Broken, TxFailure},
    failpoint::Failpoints,
    marks::{self, Mark},
};

/// What waits.
#[derive(Default)]
pub(crate) struct HotBatch {
    pub(crate) appends: Vec<Append>,
    pub(crate) marks: Vec<Mark>,
}

impl HotBatch {
    pub(crate) fn is_empty(&self) -> bool {
        self.appends.is_empty() && self.marks.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.appends.len() + self.marks.len()
    }

    /// One batch for each, in their order.
    pub(crate) fn apart(self) -> impl Iterator<Item = Self> {
        let appends = self.appends.into_iter().map(|append| Self { appends: vec![append], marks: Vec::new() });
        appends.chain(self.marks.into_iter().map(|mark| Self { appends: Vec::new(), marks: vec![mark] }))
    }

    /// Nothing of it is acknowledged.
    pub(crate) fn refuse(self, failure: &TxFailure) {
        for append in self.appends {
            answer(append.reply, Err(failure.clone().into()));
        }
        for mark in self.marks {
            answer(mark.reply, Err(failure.clone().into()));
        }
    }
}

/// What is durable.
pub(crate) struct Written {
    batch: HotBatch,
    placed: Vec<StoreResult<Appended>>,
    read: Vec<StoreResult<Marked>>,
    pub(crate) changes: Vec<Committed>,
}

impl Written {
    /// Tells those who wait.
    pub(crate) fn acknowledge(self) {
        for (append, placed) in self.batch.appends.into_iter().zip(self.placed) {
            answer(append.reply, placed);
        }
        for (mark, state) in self.batch.marks.into_iter().zip(self.read) {
            answer(mark.reply, state);
        }
    }
}

/// A caller that has gone needs no answer.
fn answer<T>(reply: oneshot::Sender<T>, told: T) {
    drop(reply.send(told));
}

/// The connection, opened when it is needed.
pub(crate) struct Hot {
    path: PathBuf,
    db: Option<Connection>,
    failpoints: Failpoints,
}

impl Hot {
    pub(crate) fn new(path: PathBuf, failpoints: Failpoints) -> Self {
        Self { path, db: None, failpoints }
    }

    /// One transaction for all of them, which waits so long for another process: either all that succeeded are durable, or none, and those who wait have heard nothing.
    pub(crate) async fn commit(&mut self, batch: HotBatch, patience: Duration) -> Result<Written, (HotBatch, Broken)> {
        let (path, db, failpoints) = (self.path.clone(), self.db.take(), self.failpoints.clone());
        let written = tokio::task::spawn_blocking(move || {
            // Whatever fails, the connection goes with it: the next one knows what is on disk.
            let written = catch_unwind(AssertUnwindSafe(|| {
                let mut db = db.map_or_else(|| dialect::connect_hot(&path), Ok).map_err(of_all)?;
                let answers = write(&mut db, &batch, patience, &failpoints)?;
                Ok((db, answers))
            }));
            match written.unwrap_or_else(|_| Err(Broken { failure: TxFailure::panicked(), of_one: true })) {
                Ok((db, (placed, read, changes))) => Ok((db, Written { batch, placed, read, changes })),
                Err(broken) => Err((batch, broken)),
            }
        });
        let (db, written) = written.await.expect("what panics in it is caught in it")?;
        self.db = Some(db);
        Ok(written)
    }

    pub(crate) fn close(self) {
        if let Some((_, error)) = self.db.and_then(|db| db.close().err()) {
            tracing::warn!(%error, "the database did not close cleanly");
        }
    }
}

type Answers = (Vec<StoreResult<Appended>>, Vec<StoreResult<Marked>>, Vec<Committed>);

fn write(
    db: &mut Connection,
    batch: &HotBatch,
    patience: Duration,
    failpoints: &Failpoints,
) -> Result<Answers, Broken> {
    db.busy_timeout(patience).map_err(of_all)?;
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate).map_err(of_all)?;
    let answers = run(&tx, batch).map_err(of_one)?;
    failpoints.pass_blocking("before_commit");
    tx.commit().map_err(of_all)?;
    Ok(answers)
}

fn run(tx: &Transaction<'_>, batch: &HotBatch) -> rusqlite::Result<Answers> {
    let mut appender = Appender::new(tx)?;
    let appends = batch.appends.iter().map(|append| appender.append(&append.permit, &append.message));
    let placed = appends.collect::<rusqlite::Result<_>>()?;
    let mut changes = appender.finish()?;
    let marks = batch.marks.iter().map(|mark| marks::mark_read(tx, &mark.permit, mark.seq));
    let read = marks.collect::<rusqlite::Result<Vec<_>>>()?;
    for (mark, marked) in batch.marks.iter().zip(&read) {
        if let Ok(Marked { state, moved: true }) = marked {
            let (user_id, seq) = (mark.permit.user_id(), state.own_seq);
            changes.push(Committed::Own { user_id, seq, event: marks::moved(state) });
        }
    }
    Ok((placed, read, changes))
}

fn of_all(error: rusqlite::Error) -> Broken {
    Broken { failure: error.into(), of_one: false }
}

/// A full disk is full for everybody; else one damaged row may have been enough.
fn of_one(error: rusqlite::Error) -> Broken {
    let failure = TxFailure::from(error);
    Broken { of_one: !failure.is_full(), failure }
}

#[cfg(test)]
mod tests {
    use sea_orm_migration::MigratorTrait;

    use super::*;
    use crate::{StoreConfig, append, message_rows, migration::Migrator, own_log};

    async fn database(directory: &tempfile::TempDir) -> Connection {
        let path = directory.path().join("chinwag.db");
        let db = dialect::connect(&StoreConfig::file(&path), dialect::OpenMode::Create).await.expect("opened");
        Migrator::up(&db, None).await.expect("migrated");
        dialect::connect_hot(&path).expect("opened beside it")
    }

    #[tokio::test]
    async fn every_statement_seeks_and_none_scans_a_table() {
        let directory = tempfile::tempdir().expect("a directory");
        let db = database(&directory).await;
        let all = [
            message_rows::NEWEST,
            append::TAIL,
            append::VERSIONS,
            append::HEARS,
            append::KNOWN,
            append::BY_ID.as_str(),
            append::MEMBER,
            append::MOVE_TAIL,
            append::MOVE_MARK,
            marks::SEAT,
            own_log::NEXT,
            marks::MOVE.as_str(),
        ];
        for sql in all {
            let mut plan = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("a statement");
            let steps = plan.raw_query().mapped(|row| row.get::<_, String>("detail")).collect::<Result<Vec<_>, _>>();
            let steps = steps.expect("explained");
            let is_cheap =
                |step: &String| step.starts_with("SEARCH") || step.contains("SCALAR") || step == "SCAN CONSTANT ROW";
            assert!(steps.iter().all(is_cheap), "{sql}: {steps:?}");
        }
    }

    /// What power may be lost after.
    #[tokio::test]
    async fn every_commit_is_synced() {
        let directory = tempfile::tempdir().expect("a directory");
        let db = database(&directory).await;
        let ask = |pragma: &str| db.pragma_query_value(None, pragma, |row| row.get::<_, rusqlite::types::Value>(0));
        assert_eq!(ask("journal_mode"), Ok("wal".to_owned().into()));
        assert_eq!(ask("synchronous"), Ok(2.into()));
    }
}
