//! Tasks that write: the texts that wait go into one transaction, the verbs into another (on a server, each into its own), and they are
//! told of after the commit. It knows nothing of who takes what (that is `queue.rs`) nor of what a verb does; texts and read marks have a
//! connection of their own, in `hot.rs`.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    sync::Arc,
    task::Poll,
    time::{Duration, Instant},
};

use chinwag_domain::{
    policy::{Permit, action},
    ports::{Committed, Publisher, StoreError, StoreResult},
    records::{Appended, Marked, NewMessage},
};
use futures_util::{FutureExt, poll};
use sea_orm::{DatabaseConnection, DbErr};
use tokio::{
    sync::{Mutex, Notify, oneshot, watch},
    task::JoinHandle,
    time::{timeout, timeout_at},
};

use crate::{
    StoreConfig,
    append::Append,
    batch::HotBatch,
    contact::Contact,
    engine::BUSY,
    error::{Broken, TxFailure},
    failpoint::Failpoints,
    hot::Hot,
    marker::Marker,
    marks::Mark,
    pace::Pace,
    queue::{Entrance, Intake, Manner, RoomVerb, Taken, Write, queue},
    tx::Tx,
    verb::{self, BoxFuture, Closure, Verb},
    write_connection::{Deadline, WriteConnection},
};

/// A commit that takes longer is held up, by a room that somebody holds or by a slow disk: meanwhile the next line writes what is of others.
const TURN: Duration = Duration::from_millis(10);
/// So many times a transaction is run again that another one was in the way of.
const TRIES: u32 = 8;

/// The way to the lines that write.
pub(crate) struct Writer {
    entrance: Entrance,
    lines: Mutex<Vec<JoinHandle<()>>>,
}

impl Writer {
    /// With so many lines. The first one has the connection that is open, if there is one.
    #[expect(
        clippy::disallowed_methods,
        reason = "`close` awaits the tasks, and they end by themselves with their last sender"
    )]
    pub(crate) fn start(lines: usize, config: &StoreConfig, db: Option<DatabaseConnection>, after: &After) -> Self {
        let (entrance, intake) = queue(Manner {
            verbs_together: !config.site.is_shared(),
            one_line: lines == 1,
            capacity: config.queue.max(1),
        });
        let failpoints = Failpoints::from_environment();
        let open = std::iter::once(db).chain(std::iter::repeat_with(|| None));
        let start = |db| {
            let line = Line {
                config: config.clone(),
                connection: WriteConnection::new(config.site.clone(), db),
                doubts: after.contact.doubts(),
                busy: BUSY,
                hot: Hot::new(config.site.clone(), failpoints.clone()),
                after: after.clone(),
                pace: Pace::default(),
                failpoints: failpoints.clone(),
            };
            tokio::spawn(line.run(intake.clone()))
        };
        let lines = open.take(lines).map(start).collect();
        Self { entrance, lines: Mutex::new(lines) }
    }

    /// Runs a verb in a transaction and gives its answer once it is durable.
    pub(crate) async fn run<T, F>(&self, room_id: Option<i64>, verb: F) -> StoreResult<T>
    where
        T: Send + 'static,
        F: for<'t> Fn(&'t mut Tx) -> BoxFuture<'t, StoreResult<T>> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let verb = Box::new(Closure::new(verb, reply));
        self.entrance.enqueue(Write::Verb(RoomVerb { room_id, verb })).await?;
        answer.await.unwrap_or(Err(StoreError::Unavailable(None)))
    }

    /// Appends a text, together with all others that wait.
    pub(crate) async fn append(&self, permit: Permit<action::Post>, message: NewMessage) -> StoreResult<Appended> {
        let (reply, answer) = oneshot::channel();
        self.entrance.enqueue(Write::Append(Append { permit, message, reply })).await?;
        answer.await.unwrap_or(Err(StoreError::Unavailable(None)))
    }

    /// Moves a read mark, together with all others that wait.
    pub(crate) async fn mark_read(&self, permit: Permit<action::MarkRead>, seq: i64) -> StoreResult<Marked> {
        let (reply, answer) = oneshot::channel();
        self.entrance.enqueue(Write::Mark(Mark { permit, seq, reply })).await?;
        answer.await.unwrap_or(Err(StoreError::Unavailable(None)))
    }

    /// Lets what was accepted finish, and ends the tasks. Whether they have ended by this.
    pub(crate) async fn close(&self) -> bool {
        let lines = std::mem::take(&mut *self.lines.lock().await);
        if lines.is_empty() {
            return false;
        }
        self.entrance.close().await;
        let mut all_ended = true;
        for line in lines {
            let ended = line.await;
            if let Err(error) = &ended {
                tracing::error!(%error, "the writer failed");
            }
            all_ended &= ended.is_ok();
        }
        all_ended
    }
}

/// The writing side of the database.
struct Line {
    config: StoreConfig,
    connection: WriteConnection,
    /// What one line has seen of the server holds for the connections of all.
    doubts: watch::Receiver<()>,
    /// How long that waits for another process.
    busy: Duration,
    hot: Hot,
    after: After,
    pace: Pace,
    failpoints: Failpoints,
}

/// Those who hear of a commit, in this order, before its answers leave.
#[derive(Clone)]
pub(crate) struct After {
    pub(crate) marker: Option<Arc<Marker>>,
    pub(crate) jobs_written: Arc<Notify>,
    pub(crate) publisher: Arc<dyn Publisher>,
    /// Of what could not be done because the server was away.
    pub(crate) contact: Arc<Contact>,
}

impl Line {
    async fn run(mut self, intake: Arc<Intake>) {
        'turns: loop {
            let mut turn = tokio::select! {
                turn = intake.turn() => turn,
                Ok(()) = self.doubts.changed() => {
                    self.leave().await;
                    continue;
                }
            };
            while let Some(Taken { hot, verbs, since, rooms }) = turn.take().await {
                let is_verb = !verbs.is_empty();
                let mut work = pin!(AssertUnwindSafe(self.commit(hot, verbs, since)).catch_unwind());
                let quick = match poll!(&mut work) {
                    Poll::Ready(done) => Some(done),
                    // It may take long, and others can write meanwhile.
                    Poll::Pending if is_verb => None,
                    Poll::Pending => timeout(TURN, &mut work).await.ok(),
                };
                if let Some(Ok(None)) = quick {
                    continue;
                }
                let mut under_way = turn.hand_on(rooms);
                let done = match quick {
                    Some(done) => done,
                    None => work.await,
                };
                match done {
                    Ok(None) => {}
                    Ok(Some(failure)) => under_way.give_up(failure),
                    Err(_) => {
                        // A fault in one write must not be the end of all writing. Unwinding has rolled the transaction back and
                        // dropped the replies, which tells those who wait.
                        tracing::error!("a write panicked; those that shared its transaction were refused");
                        metrics::counter!("chinwag_store_failed_commits_total").increment(1);
                    }
                }
                continue 'turns;
            }
            break;
        }
        self.finish().await;
    }

    /// Gives why it had to give up, where it tried for as long as anybody may have to wait.
    async fn commit(&mut self, hot: HotBatch, verbs: Vec<Box<dyn Verb>>, since: Instant) -> Option<TxFailure> {
        let begun = Instant::now();
        metrics::histogram!("chinwag_store_batch_jobs").record((hot.len() + verbs.len()) as f64);
        if self.doubts.has_changed().is_ok_and(|changed| changed) {
            self.leave().await;
        }
        let patience = left(since);
        let failure =
            if verbs.is_empty() { self.commit_hot(hot, since).await } else { self.commit_verbs(verbs, since).await };
        failure.filter(|failure| begun.elapsed() >= patience && failure.is_unavailable())
    }

    /// Another server may have taken the place of the one that they are to: the next transaction gets new connections.
    async fn leave(&mut self) {
        self.doubts.mark_unchanged();
        self.connection.leave().await;
        self.hot.leave().await;
    }

    /// One transaction for all of them; where one of them may be at fault, one for each, so that nobody shares its fate. Gives what
    /// failed for everybody.
    async fn commit_hot(&mut self, mut batch: HotBatch, since: Instant) -> Option<TxFailure> {
        let mut tries = 0;
        let deadline = Deadline::of(since);
        let (batch, broken) = loop {
            match self.write_hot(batch, since, deadline).await {
                Ok(()) => return None,
                Err((again, broken)) if broken.failure.is_passing() && tries < TRIES => batch = again,
                Err((batch, broken)) => break (batch, self.at_last(broken)),
            }
            tries += 1;
        };
        if !broken.of_one || batch.len() == 1 {
            batch.refuse(&broken.failure);
            return Some(broken.failure);
        }
        let mut left = batch.apart();
        while let Some(one) = left.next() {
            let Err((one, broken)) = self.write_hot(one, since, Deadline::of(since)).await else { continue };
            let broken = self.at_last(broken);
            one.refuse(&broken.failure);
            if !broken.of_one {
                left.for_each(|other| other.refuse(&broken.failure));
                return Some(broken.failure);
            }
        }
        None
    }

    /// Either all that succeeded are durable, told and answered, or none, and none is answered.
    async fn write_hot(
        &mut self,
        batch: HotBatch,
        since: Instant,
        deadline: Deadline,
    ) -> Result<(), (HotBatch, Broken)> {
        self.failpoints.pass("before_begin").await;
        let begun = Instant::now();
        let written = self.hot.commit(batch, left(since), deadline).await;
        let mut written = written.map_err(|(batch, broken)| {
            self.count(&broken.failure);
            (batch, self.told(broken))
        })?;
        self.failpoints.pass("after_commit").await;
        self.publish(begun, std::mem::take(&mut written.changes));
        written.acknowledge();
        self.failpoints.pass("after_ack").await;
        Ok(())
    }

    /// On a server each has a transaction of its own: several of them in one would lock people and rooms in the order in which they came,
    /// and two writers would wait for each other.
    async fn commit_verbs(&mut self, verbs: Vec<Box<dyn Verb>>, since: Instant) -> Option<TxFailure> {
        if !self.config.site.is_shared() {
            return self.commit_together(verbs, since).await;
        }
        let mut left = verbs.into_iter();
        while let Some(verb) = left.next() {
            if let Some(failure) = self.commit_together(vec![verb], since).await
                && (failure.is_everybodys() || failure.is_unavailable())
            {
                verb::answer(left, Some(&failure));
                return Some(failure);
            }
        }
        None
    }

    /// One transaction for all of them, as [`Line::commit_hot`].
    async fn commit_together(&mut self, mut verbs: Vec<Box<dyn Verb>>, since: Instant) -> Option<TxFailure> {
        let mut tries = 0;
        let deadline = self.connection.deadline(since);
        let broken = loop {
            match self.write_verbs(&mut verbs, since, deadline).await {
                Ok(()) => {
                    verb::answer(verbs, None);
                    self.failpoints.pass("after_ack").await;
                    return None;
                }
                Err(broken) if broken.failure.is_passing() && tries < TRIES => tries += 1,
                Err(broken) => break self.at_last(broken),
            }
        };
        if !broken.of_one || verbs.len() == 1 {
            verb::answer(verbs, Some(&broken.failure));
            return Some(broken.failure);
        }
        let mut left = verbs.into_iter();
        while let Some(verb) = left.next() {
            let mut one = vec![verb];
            let written = self.write_verbs(&mut one, since, self.connection.deadline(since)).await;
            let written = written.map_err(|broken| self.at_last(broken));
            verb::answer(one, written.as_ref().err().map(|broken| &broken.failure));
            let Err(broken) = written else { continue };
            if !broken.of_one {
                verb::answer(left, Some(&broken.failure));
                return Some(broken.failure);
            }
        }
        None
    }

    /// Either all that succeeded are durable and told, or none. They are to be answered by the caller.
    async fn write_verbs(
        &mut self,
        verbs: &mut [Box<dyn Verb>],
        since: Instant,
        deadline: Option<Deadline>,
    ) -> Result<(), Broken> {
        self.failpoints.pass("before_begin").await;
        let begun = Instant::now();
        let filled = match deadline {
            Some(deadline) => {
                timeout_at(deadline.at.into(), self.fill(verbs, since)).await.unwrap_or_else(|_| Err(deadline.missed()))
            }
            None => self.fill(verbs, since).await,
        };
        let Tx { db, changes, wants_jobs, .. } = match filled {
            Ok(tx) => tx,
            Err(broken) => {
                self.count(&broken.failure);
                let broken = self.connection.given_up(broken, deadline).await;
                return Err(self.told(broken));
            }
        };
        self.failpoints.pass("before_commit").await;
        self.connection.commit(db, deadline).await.map_err(|broken| {
            self.count(&broken.failure);
            self.told(broken)
        })?;
        self.failpoints.pass("after_commit").await;
        self.publish(begun, changes);
        if wants_jobs {
            self.after.jobs_written.notify_one();
        }
        Ok(())
    }

    /// That nothing more can be done because the server is away is said once for all who are refused.
    fn told(&self, broken: Broken) -> Broken {
        if !self.config.site.is_shared() || !broken.failure.is_away() || broken.failure.is_passing() {
            return broken;
        }
        self.after.contact.went_away(&broken.failure);
        Broken { failure: broken.failure.told(), ..broken }
    }

    /// What is left of it where it is not run once more.
    fn at_last(&self, broken: Broken) -> Broken {
        let Broken { failure, of_one } = broken;
        if !failure.is_passing() {
            return Broken { failure, of_one };
        }
        metrics::counter!("chinwag_store_failed_commits_total").increment(1);
        if !failure.is_away() {
            tracing::error!(%failure, "a transaction was given up after {TRIES} tries");
        }
        self.told(Broken { failure: failure.at_last(), of_one })
    }

    fn count(&self, failure: &TxFailure) {
        if failure.is_passing() {
            // It is run again.
            tracing::debug!(%failure, "another transaction was in the way");
            metrics::counter!("chinwag_store_conflicts_total").increment(1);
            return;
        }
        if failure.is_read_only() {
            self.after.contact.only_reads(failure);
        }
        if failure.is_away() || failure.is_read_only() {
            // The log has it once for all who are refused.
            tracing::debug!(%failure, "a transaction failed");
        } else {
            tracing::error!(%failure, "a transaction failed");
        }
        metrics::counter!("chinwag_store_failed_commits_total").increment(1);
    }

    /// A transaction in which all of them have been run, or none that goes on.
    async fn fill(&mut self, verbs: &mut [Box<dyn Verb>], since: Instant) -> Result<Tx, Broken> {
        let mut tx = match self.begin(left(since)).await {
            Ok(tx) => tx,
            Err(error) => {
                self.connection.leave().await;
                return Err(Broken::of_all(error));
            }
        };
        for verb in verbs {
            if let Err(failure) = verb::run(&mut tx, verb.as_mut()).await {
                if let Err(error) = tx.db.rollback().await {
                    if !failure.is_away() {
                        tracing::warn!(%error, "a transaction was not rolled back");
                    }
                    self.connection.leave().await;
                }
                let of_one = !failure.is_everybodys();
                return Err(Broken { failure, of_one });
            }
        }
        Ok(tx)
    }

    /// Tells of a commit.
    fn publish(&mut self, begun: Instant, changes: Vec<Committed>) {
        self.after.contact.wrote();
        let took = begun.elapsed();
        metrics::histogram!("chinwag_store_commit_seconds").record(took);
        if self.pace.is_news(took, Instant::now()) {
            tracing::warn!(
                ms = took.as_millis() as u64,
                "a commit was slow: {}; every message waits as long, and `chinwag doctor` measures it",
                self.config.site.slowness()
            );
        }
        let After { marker, publisher, .. } = &self.after;
        if let Some(marker) = marker {
            marker.note(&changes);
        }
        if !changes.is_empty() && catch_unwind(AssertUnwindSafe(|| publisher.committed(changes))).is_err() {
            // It is durable: whoever missed the frames finds them by their positions.
            tracing::error!("telling of a commit panicked");
        }
    }

    async fn begin(&mut self, patience: Duration) -> Result<Tx, DbErr> {
        if !self.connection.is_open() {
            self.busy = BUSY;
        }
        if self.busy != patience {
            self.config.site.set_patience(self.connection.db().await?, patience).await?;
            self.busy = patience;
        }
        Ok(Tx::new(self.connection.begin().await?))
    }

    async fn finish(self) {
        self.hot.close().await;
        self.connection.close().await;
    }
}

/// How much longer those may wait for another process who have waited since then: in steps, so that it seldom changes, and
/// long enough for a try.
fn left(since: Instant) -> Duration {
    const STEP: u64 = 250;
    let left = BUSY.saturating_sub(since.elapsed()).as_millis() as u64;
    Duration::from_millis((left / STEP * STEP).max(STEP))
}

#[cfg(test)]
#[path = "writer_tests.rs"]
mod tests;
