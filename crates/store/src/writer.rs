//! The one task that writes: everything that waits goes into one transaction, one sync to disk, one publication. It knows
//! nothing of what a verb does.

use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use chinwag_domain::ports::{Publisher, StoreError, StoreResult};
use chinwag_proto::{Event, id::IdSource};
use futures_util::FutureExt;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use tokio::{
    sync::{Mutex, mpsc, oneshot},
    task::JoinHandle,
};

use crate::{
    Config, Location,
    append::{self, Append},
    dialect,
    error::{Failure, failure},
    failpoint::Failpoints,
};

/// Jobs of one transaction.
const BATCH: usize = 512;
/// How long a call waits for a place in the queue.
const PATIENCE: Duration = Duration::from_secs(3);

pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The open transaction, and what it will have told when it commits.
pub(crate) struct Tx {
    pub(crate) db: DatabaseTransaction,
    pub(crate) events: Vec<Event>,
    ids: Option<IdSource>,
}

impl Tx {
    /// The next message id. The source continues after the greatest id there is, so that another process may also write.
    pub(crate) async fn next_id(&mut self, now: i64) -> StoreResult<i64> {
        if self.ids.is_none() {
            let row =
                self.db.query_one_raw(dialect::statement("SELECT max(id) FROM messages", [])).await.map_err(failure)?;
            let last: Option<i64> = match row {
                Some(row) => row.try_get_by_index(0).map_err(failure)?,
                None => None,
            };
            self.continue_ids(last.unwrap_or(0));
        }
        let random = u64::from_le_bytes(chinwag_domain::ports::random_bytes());
        Ok(self.ids.get_or_insert_default().next(now, random))
    }

    /// Tells the greatest id there is, where a query has just seen it.
    pub(crate) fn continue_ids(&mut self, last: i64) {
        self.ids.get_or_insert_with(|| IdSource::after(last));
    }
}

/// The way to the writer.
pub(crate) struct Writer {
    queue: mpsc::Sender<Job>,
    task: Mutex<Option<JoinHandle<()>>>,
}

enum Job {
    Append(Append),
    Verb(Box<dyn Verb>),
    Close,
}

impl Job {
    fn append(self) -> Option<Append> {
        match self {
            Self::Append(append) => Some(append),
            Self::Verb(_) | Self::Close => None,
        }
    }
}

impl Writer {
    #[expect(
        clippy::disallowed_methods,
        reason = "`close` awaits the task, and it ends by itself with its last sender"
    )]
    pub(crate) fn start(config: Config, db: DatabaseConnection, publisher: Arc<dyn Publisher>) -> Self {
        let (queue, jobs) = mpsc::channel(config.queue.max(1));
        let line = Line { config, db: Some(db), publisher, failpoints: Failpoints::from_environment() };
        let task = tokio::spawn(line.run(jobs));
        Self { queue, task: Mutex::new(Some(task)) }
    }

    /// Runs a verb in a transaction and gives its answer once it is durable.
    pub(crate) async fn run<T, F>(&self, verb: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, StoreResult<T>> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        self.enqueue(Job::Verb(Box::new(Closure { verb, reply }))).await?;
        answer.await.unwrap_or(Err(StoreError::Unavailable(None)))
    }

    /// Appends a message together with all others that wait.
    pub(crate) async fn append(&self, make: impl FnOnce(append::Reply) -> Append) -> append::Outcome {
        let (reply, answer) = oneshot::channel();
        self.enqueue(Job::Append(make(reply))).await?;
        answer.await.unwrap_or(Err(StoreError::Unavailable(None)))
    }

    /// Lets what was accepted finish, and ends the task.
    pub(crate) async fn close(&self) {
        let Some(task) = self.task.lock().await.take() else { return };
        if self.queue.send(Job::Close).await.is_err() {
            tracing::debug!("the writer has ended before");
        }
        if let Err(error) = task.await {
            tracing::error!(%error, "the writer failed");
        }
    }

    async fn enqueue(&self, job: Job) -> StoreResult<()> {
        let job = match self.queue.try_send(job) {
            Ok(()) => return Ok(()),
            Err(mpsc::error::TrySendError::Closed(_)) => return Err(StoreError::Unavailable(None)),
            Err(mpsc::error::TrySendError::Full(job)) => job,
        };
        self.queue.send_timeout(job, PATIENCE).await.map_err(|_| StoreError::Unavailable(None))
    }
}

/// A verb whose answer's type is forgotten.
trait Verb: Send {
    fn run<'t>(self: Box<Self>, tx: &'t mut Tx) -> BoxFuture<'t, Ran>;
}

/// What a verb left: whether its changes stay, and whom to tell once the transaction's fate is known.
struct Ran {
    keep: bool,
    /// The database itself failed, so that the whole transaction is in doubt.
    broken: Option<Failure>,
    answer: Answer,
}

/// Given the failure of the whole transaction, if it failed.
type Answer = Box<dyn FnOnce(Option<&Failure>) + Send>;

struct Closure<T, F> {
    verb: F,
    reply: oneshot::Sender<StoreResult<T>>,
}

impl<T, F> Verb for Closure<T, F>
where
    T: Send + 'static,
    F: for<'t> FnOnce(&'t mut Tx) -> BoxFuture<'t, StoreResult<T>> + Send + 'static,
{
    fn run<'t>(self: Box<Self>, tx: &'t mut Tx) -> BoxFuture<'t, Ran> {
        Box::pin(async move {
            let Self { verb, reply } = *self;
            let result = verb(tx).await;
            let keep = result.is_ok();
            let broken = match &result {
                Err(error @ (StoreError::OutOfSpace | StoreError::Unavailable(_))) => Some(Failure::beside(error)),
                _ => None,
            };
            let answer: Answer = Box::new(move |failed| answer(reply, result, failed));
            Ran { keep, broken, answer }
        })
    }
}

/// A caller that has gone needs no answer.
fn answer<T>(reply: oneshot::Sender<StoreResult<T>>, result: StoreResult<T>, failed: Option<&Failure>) {
    let told = match (result, failed) {
        (Err(StoreError::OutOfSpace), _) => Err(StoreError::OutOfSpace),
        (Err(StoreError::Failed(cause)), _) => Err(StoreError::Failed(cause)),
        (_, Some(failure)) => Err(failure.clone().into()),
        (result, None) => result,
    };
    drop(reply.send(told));
}

/// The writing side of the database.
struct Line {
    config: Config,
    /// Absent while it cannot be opened again after a failure.
    db: Option<DatabaseConnection>,
    publisher: Arc<dyn Publisher>,
    failpoints: Option<Failpoints>,
}

impl Line {
    async fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        let mut batch = Vec::with_capacity(BATCH);
        loop {
            if jobs.recv_many(&mut batch, BATCH).await == 0 {
                break;
            }
            // Those who are about to send join this commit instead of waiting for the next, as long as each look finds some.
            let mut seen = 0;
            while seen < batch.len() && batch.len() < BATCH {
                seen = batch.len();
                tokio::task::yield_now().await;
                while batch.len() < BATCH
                    && let Ok(job) = jobs.try_recv()
                {
                    batch.push(job);
                }
            }
            let closing = batch.iter().any(|job| matches!(job, Job::Close));
            if closing {
                jobs.close();
                batch.retain(|job| !matches!(job, Job::Close));
            }
            if !batch.is_empty() && AssertUnwindSafe(self.commit(batch.drain(..))).catch_unwind().await.is_err() {
                // A fault in one write must not be the end of all writing. Unwinding has rolled the transaction back and dropped
                // the replies, which tells those who wait.
                tracing::error!("a write panicked; those that shared its transaction were refused");
                metrics::counter!("chinwag_store_failed_commits_total").increment(1);
            }
        }
        self.finish().await;
    }

    /// One transaction for all of them: either all that succeeded are durable, or none.
    async fn commit(&mut self, batch: impl ExactSizeIterator<Item = Job>) {
        Failpoints::pass(&mut self.failpoints, "before_begin").await;
        metrics::histogram!("chinwag_store_batch_jobs").record(batch.len() as f64);
        let begun = Instant::now();
        let mut tx = match self.begin().await {
            Ok(tx) => tx,
            Err(error) => {
                let failure = self.distrust(error).await;
                return fail(batch.filter_map(Job::append), [], &failure);
            }
        };
        let mut answers = Vec::with_capacity(batch.len());
        let mut appends = Vec::new();
        let mut failed = None;
        for job in batch {
            match job {
                Job::Append(append) => appends.push(append),
                Job::Verb(verb) => {
                    if failed.is_none() {
                        failed = run_appends(&mut tx, &mut appends, &mut answers).await.err();
                    }
                    if failed.is_none() {
                        failed = run_verb(&mut tx, verb, &mut answers).await.err();
                    } else {
                        drop(verb);
                    }
                }
                Job::Close => {}
            }
        }
        if failed.is_none() {
            failed = run_appends(&mut tx, &mut appends, &mut answers).await.err();
        }
        let events = std::mem::take(&mut tx.events);
        let ended = match failed {
            None => {
                Failpoints::pass(&mut self.failpoints, "before_commit").await;
                tx.db.commit().await
            }
            Some(failure) => {
                if let Err(error) = tx.db.rollback().await {
                    self.distrust(error).await;
                }
                return fail(appends, answers, &failure);
            }
        };
        if let Err(error) = ended {
            let failure = self.distrust(error).await;
            return fail(appends, answers, &failure);
        }
        Failpoints::pass(&mut self.failpoints, "after_commit").await;
        metrics::histogram!("chinwag_store_commit_seconds").record(begun.elapsed());
        if !events.is_empty() && catch_unwind(AssertUnwindSafe(|| self.publisher.committed(events))).is_err() {
            // It is durable: whoever missed the frames finds them by their positions.
            tracing::error!("telling of a commit panicked");
        }
        for answer in answers {
            answer(None);
        }
        Failpoints::pass(&mut self.failpoints, "after_ack").await;
    }

    async fn begin(&mut self) -> Result<Tx, DbErr> {
        let db = match &self.db {
            Some(db) => db,
            None => self.db.insert(dialect::connect_writer(&self.config).await?),
        };
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let db = db.begin_with_options(options).await?;
        Ok(Tx { db, events: Vec::new(), ids: None })
    }

    /// After a failed begin, commit or rollback the connection may be inside a transaction that is not there any more, or
    /// outside of one that it believes in: the next transaction gets a new one, which knows what is on disk.
    async fn distrust(&mut self, error: DbErr) -> Failure {
        if self.config.location != Location::Memory
            && let Some(old) = self.db.take()
            && let Err(error) = old.close().await
        {
            tracing::warn!(%error, "the failed connection did not close cleanly");
        }
        error.into()
    }

    async fn finish(self) {
        let Some(db) = self.db else { return };
        if let Err(error) = dialect::checkpoint(&db).await {
            tracing::warn!(%error, "the last checkpoint failed; the next start does it");
        }
        if let Err(error) = db.close().await {
            tracing::warn!(%error, "the database did not close cleanly");
        }
    }
}

async fn run_appends(tx: &mut Tx, appends: &mut Vec<Append>, answers: &mut Vec<Answer>) -> Result<(), Failure> {
    if appends.is_empty() {
        return Ok(());
    }
    let outcomes = append::run(tx, appends).await?;
    for (append, outcome) in appends.drain(..).zip(outcomes) {
        answers.push(Box::new(move |failed| answer(append.reply, outcome, failed)));
    }
    Ok(())
}

async fn run_verb(tx: &mut Tx, verb: Box<dyn Verb>, answers: &mut Vec<Answer>) -> Result<(), Failure> {
    let told = tx.events.len();
    tx.db.execute_unprepared("SAVEPOINT verb").await?;
    let Ran { keep, broken, answer } = verb.run(tx).await;
    answers.push(answer);
    if let Some(failure) = broken {
        return Err(failure);
    }
    if !keep {
        tx.events.truncate(told);
        tx.db.execute_unprepared("ROLLBACK TO verb").await?;
    }
    tx.db.execute_unprepared("RELEASE verb").await?;
    Ok(())
}

/// Nothing of it is acknowledged. Verbs that have not run hear of it by their dropped reply.
fn fail(appends: impl IntoIterator<Item = Append>, answers: impl IntoIterator<Item = Answer>, failure: &Failure) {
    tracing::error!(%failure, "a transaction failed");
    metrics::counter!("chinwag_store_failed_commits_total").increment(1);
    for answer in answers {
        answer(Some(failure));
    }
    for append in appends {
        answer(append.reply, Err(StoreError::Unavailable(None)), Some(failure));
    }
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
