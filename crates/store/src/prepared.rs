//! SQLite's connection for texts and read marks. What waits becomes one transaction of prepared statements in one go. Everything else
//! goes through SeaORM, where each statement is handed to another thread and back: too dear for these two.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    time::Duration,
};

use chinwag_domain::{ports::Committed, records::Marked};
use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::{
    append::Appender,
    batch::{Answers, HotBatch, Written},
    engine::sqlite,
    error::{Broken, TxFailure},
    failpoint::Failpoints,
    marks,
};

/// The connection, opened when it is needed.
pub(crate) struct Prepared {
    path: PathBuf,
    db: Option<Connection>,
    failpoints: Failpoints,
}

impl Prepared {
    pub(crate) fn new(path: PathBuf, failpoints: Failpoints) -> Self {
        Self { path, db: None, failpoints }
    }

    /// One transaction for all of them, which waits so long for another process: either all that succeeded are durable, or none, and those who wait have heard nothing.
    pub(crate) async fn commit(&mut self, batch: HotBatch, patience: Duration) -> Result<Written, (HotBatch, Broken)> {
        let (path, db, failpoints) = (self.path.clone(), self.db.take(), self.failpoints.clone());
        let written = tokio::task::spawn_blocking(move || {
            // Whatever fails, the connection goes with it: the next one knows what is on disk.
            let written = catch_unwind(AssertUnwindSafe(|| {
                let mut db = db.map_or_else(|| sqlite::connect_hot(&path), Ok).map_err(of_all)?;
                let answers = write(&mut db, &batch, patience, &failpoints)?;
                Ok((db, answers))
            }));
            match written.unwrap_or_else(|_| Err(Broken { failure: TxFailure::panicked(), of_one: true })) {
                Ok((db, answers)) => Ok((db, Written::of(batch, answers))),
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

/// One damaged row may have been enough.
fn of_one(error: rusqlite::Error) -> Broken {
    let failure = TxFailure::from(error);
    Broken { of_one: !failure.is_everybodys(), failure }
}

#[cfg(test)]
mod tests {
    use sea_orm_migration::MigratorTrait;

    use super::*;
    use crate::{StoreConfig, append, engine::OpenMode, message_rows, migration::Migrator, own_log};

    async fn database(directory: &tempfile::TempDir) -> Connection {
        let path = directory.path().join("chinwag.db");
        let db = StoreConfig::file(&path).connect(OpenMode::Create).await.expect("opened");
        Migrator::up(&db, None).await.expect("migrated");
        sqlite::connect_hot(&path).expect("opened beside it")
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
