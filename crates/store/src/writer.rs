//! The one task that writes: everything that waits goes into one transaction, or two, and is told of after the commit. It knows
//! nothing of what a verb does; texts and read marks have a connection of their own, in `hot.rs`.

use std::{
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    time::{Duration, Instant},
};

use chinwag_domain::{
    policy::{Permit, action},
    ports::{Committed, Publisher, StoreError, StoreResult},
    records::{NewMessage, ReadState},
};
use chinwag_proto::Event;
use futures_util::FutureExt;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbErr, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use tokio::{
    sync::{Mutex, mpsc, oneshot},
    task::JoinHandle,
    time::timeout_at,
};

use crate::{
    Config,
    append::{Append, Placed},
    dialect,
    erasure::Erasure,
    error::Failure,
    failpoint::Failpoints,
    hot::{Batch, Hot},
    marker::Marker,
    marks::Mark,
    tx::Tx,
};

/// Jobs of one transaction.
const BATCH: usize = 512;
/// Where commits follow each other faster than this, small ones wait for company: each costs a sync and the writing of whole
/// pages, whatever is in it.
const PACE: Duration = Duration::from_millis(1);
/// So many jobs are company enough.
const COMPANY: usize = 32;
/// How long a call waits for a place in the queue.
const PATIENCE: Duration = Duration::from_secs(3);

pub(crate) type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The way to the writer.
pub(crate) struct Writer {
    queue: mpsc::Sender<Job>,
    task: Mutex<Option<JoinHandle<()>>>,
}

enum Job {
    Append(Append),
    Mark(Mark),
    Verb(Box<dyn Verb>),
    Close,
}

impl Writer {
    #[expect(
        clippy::disallowed_methods,
        reason = "`close` awaits the task, and it ends by itself with its last sender"
    )]
    pub(crate) fn start(config: Config, db: DatabaseConnection, after: After) -> Self {
        let (queue, jobs) = mpsc::channel(config.queue.max(1));
        let failpoints = Failpoints::from_environment();
        let hot = Hot::new(config.path.clone(), failpoints.clone());
        let line = Line { config, db: Some(db), hot, after, failpoints };
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

    /// Appends a text, together with all others that wait.
    pub(crate) async fn append(&self, permit: Permit<action::Post>, message: NewMessage) -> StoreResult<Placed> {
        let (reply, answer) = oneshot::channel();
        self.enqueue(Job::Append(Append { permit, message, reply })).await?;
        answer.await.unwrap_or(Err(StoreError::Unavailable(None)))
    }

    /// Moves a read mark, together with all others that wait.
    pub(crate) async fn mark_read(&self, permit: Permit<action::MarkRead>, seq: i64) -> StoreResult<ReadState> {
        let (reply, answer) = oneshot::channel();
        self.enqueue(Job::Mark(Mark { permit, seq, reply })).await?;
        answer.await.unwrap_or(Err(StoreError::Unavailable(None)))
    }

    /// Lets what was accepted finish, and ends the task. Whether it has ended by this.
    pub(crate) async fn close(&self) -> bool {
        let Some(task) = self.task.lock().await.take() else { return false };
        if self.queue.send(Job::Close).await.is_err() {
            tracing::debug!("the writer has ended before");
        }
        let ended = task.await;
        if let Err(error) = &ended {
            tracing::error!(%error, "the writer failed");
        }
        ended.is_ok()
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

    /// Tells why it did not get its turn.
    fn refuse(self: Box<Self>, failure: &Failure);
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
            let result = AssertUnwindSafe(async { verb(tx).await }).catch_unwind().await.unwrap_or_else(|_| {
                tracing::error!("a write panicked; those that share its transaction go on");
                Err(StoreError::Failed("a write panicked".into()))
            });
            let keep = result.is_ok();
            let broken = match &result {
                Err(error @ (StoreError::OutOfSpace | StoreError::Unavailable(_))) => Some(Failure::beside(error)),
                _ => None,
            };
            let answer: Answer = Box::new(move |failed| answer(reply, result, failed));
            Ran { keep, broken, answer }
        })
    }

    fn refuse(self: Box<Self>, failure: &Failure) {
        answer(self.reply, Err(failure.clone().into()), None);
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
    hot: Hot,
    after: After,
    failpoints: Failpoints,
}

/// Those who hear of a commit, in this order, before its answers leave.
pub(crate) struct After {
    pub(crate) marker: Option<Arc<Marker>>,
    pub(crate) erasure: Arc<Erasure>,
    pub(crate) publisher: Arc<dyn Publisher>,
}

impl Line {
    async fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        let mut batch = Vec::with_capacity(BATCH);
        let mut due = Instant::now();
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
            while batch.len() < COMPANY
                && let Ok(1..) = timeout_at(due.into(), jobs.recv_many(&mut batch, BATCH)).await
            {}
            due = Instant::now() + PACE;
            let closing = batch.iter().any(|job| matches!(job, Job::Close));
            if closing {
                jobs.close();
                batch.retain(|job| !matches!(job, Job::Close));
            }
            if batch.is_empty() {
                continue;
            }
            match AssertUnwindSafe(self.commit(batch.drain(..))).catch_unwind().await {
                Ok(None) => {}
                Ok(Some(failure)) => refuse_waiting(&mut jobs, &failure),
                Err(_) => {
                    // A fault in one write must not be the end of all writing. Unwinding has rolled the transaction back and
                    // dropped the replies, which tells those who wait.
                    tracing::error!("a write panicked; those that shared its transaction were refused");
                    metrics::counter!("chinwag_store_failed_commits_total").increment(1);
                }
            }
        }
        self.finish().await;
    }

    /// All of them wait at the same time, so nobody can tell which came first: what is quick goes first. Gives why it had to give
    /// up, where it tried for as long as anybody may have to wait.
    async fn commit(&mut self, batch: impl ExactSizeIterator<Item = Job>) -> Option<Failure> {
        let begun = Instant::now();
        metrics::histogram!("chinwag_store_batch_jobs").record(batch.len() as f64);
        let (mut verbs, mut hot) = (Vec::new(), Batch::default());
        for job in batch {
            match job {
                Job::Append(append) => hot.appends.push(append),
                Job::Mark(mark) => hot.marks.push(mark),
                Job::Verb(verb) => verbs.push(verb),
                Job::Close => {}
            }
        }
        let gave_up = |failure: &Failure| begun.elapsed() >= dialect::BUSY && failure.is_unavailable();
        if !hot.is_empty()
            && let Some(failure) = self.commit_hot(hot).await.filter(gave_up)
        {
            return Some(fail([], verbs, failure));
        }
        if verbs.is_empty() { None } else { self.commit_verbs(verbs).await.filter(gave_up) }
    }

    async fn commit_hot(&mut self, batch: Batch) -> Option<Failure> {
        self.failpoints.pass("before_begin").await;
        let begun = Instant::now();
        match self.hot.commit(batch).await {
            Ok(mut written) => {
                self.failpoints.pass("after_commit").await;
                self.publish(begun, std::mem::take(&mut written.changes));
                written.acknowledge();
                self.failpoints.pass("after_ack").await;
                None
            }
            Err(failure) => {
                count(&failure);
                Some(failure)
            }
        }
    }

    /// One transaction for all of them: either all that succeeded are durable, or none.
    async fn commit_verbs(&mut self, verbs: Vec<Box<dyn Verb>>) -> Option<Failure> {
        self.failpoints.pass("before_begin").await;
        let begun = Instant::now();
        let mut tx = match self.begin().await {
            Ok(tx) => tx,
            Err(error) => return Some(fail([], verbs, self.distrust(error).await)),
        };
        let mut answers = Vec::with_capacity(verbs.len());
        let mut verbs = verbs.into_iter();
        while let Some(verb) = verbs.next() {
            if let Err(failure) = run_verb(&mut tx, verb, &mut answers).await {
                if let Err(error) = tx.db.rollback().await {
                    self.distrust(error).await;
                }
                return Some(fail(answers, verbs, failure));
            }
        }
        self.failpoints.pass("before_commit").await;
        if let Err(error) = tx.db.commit().await {
            return Some(fail(answers, [], self.distrust(error).await));
        }
        self.failpoints.pass("after_commit").await;
        self.publish(begun, tx.changes);
        for answer in answers {
            answer(None);
        }
        self.failpoints.pass("after_ack").await;
        None
    }

    /// Tells of a commit.
    fn publish(&self, begun: Instant, changes: Vec<Committed>) {
        metrics::histogram!("chinwag_store_commit_seconds").record(begun.elapsed());
        let After { marker, erasure, publisher } = &self.after;
        if let Some(marker) = marker {
            marker.note(&changes);
        }
        if changes.iter().any(|change| matches!(change.event, Event::Recall(_))) {
            erasure.ask();
        }
        if !changes.is_empty() && catch_unwind(AssertUnwindSafe(|| publisher.committed(changes))).is_err() {
            // It is durable: whoever missed the frames finds them by their positions.
            tracing::error!("telling of a commit panicked");
        }
    }

    async fn begin(&mut self) -> Result<Tx, DbErr> {
        let db = match &self.db {
            Some(db) => db,
            None => self.db.insert(dialect::connect(&self.config, dialect::Access::Write).await?),
        };
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let db = db.begin_with_options(options).await?;
        Ok(Tx::new(db))
    }

    /// After a failed begin, commit or rollback the connection may be inside a transaction that is not there any more, or
    /// outside of one that it believes in: the next transaction gets a new one, which knows what is on disk.
    async fn distrust(&mut self, error: DbErr) -> Failure {
        if let Some(old) = self.db.take()
            && let Err(error) = old.close().await
        {
            tracing::warn!(%error, "the failed connection did not close cleanly");
        }
        error.into()
    }

    async fn finish(self) {
        self.hot.close();
        let Some(db) = self.db else { return };
        if let Err(error) = dialect::checkpoint(&db).await {
            tracing::warn!(%error, "the last checkpoint failed; the next start does it");
        }
        if let Err(error) = db.close().await {
            tracing::warn!(%error, "the database did not close cleanly");
        }
    }
}

async fn run_verb(tx: &mut Tx, verb: Box<dyn Verb>, answers: &mut Vec<Answer>) -> Result<(), Failure> {
    let told = tx.changes.len();
    tx.db.execute_unprepared("SAVEPOINT verb").await?;
    let Ran { keep, broken, answer } = verb.run(tx).await;
    answers.push(answer);
    if let Some(failure) = broken {
        return Err(failure);
    }
    if !keep {
        tx.changes.truncate(told);
        tx.db.execute_unprepared("ROLLBACK TO verb").await?;
    }
    tx.db.execute_unprepared("RELEASE verb").await?;
    Ok(())
}

/// Nothing of it is acknowledged, and who had no turn hears the same as who had one.
fn fail(
    answers: impl IntoIterator<Item = Answer>,
    unrun: impl IntoIterator<Item = Box<dyn Verb>>,
    failure: Failure,
) -> Failure {
    count(&failure);
    for answer in answers {
        answer(Some(&failure));
    }
    for verb in unrun {
        verb.refuse(&failure);
    }
    failure
}

/// Those who came while the writer tried in vain have waited, too: with a try of their own they would wait twice as long.
fn refuse_waiting(jobs: &mut mpsc::Receiver<Job>, failure: &Failure) {
    let mut hot = Batch::default();
    while let Ok(job) = jobs.try_recv() {
        match job {
            Job::Append(append) => hot.appends.push(append),
            Job::Mark(mark) => hot.marks.push(mark),
            Job::Verb(verb) => verb.refuse(failure),
            Job::Close => jobs.close(),
        }
    }
    hot.refuse(failure);
}

fn count(failure: &Failure) {
    tracing::error!(%failure, "a transaction failed");
    metrics::counter!("chinwag_store_failed_commits_total").increment(1);
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
