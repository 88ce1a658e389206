//! What is done after a commit because of it: each job is a row that the causing transaction wrote, so nothing is forgotten by a
//! process that ends. A job may be done twice, after a death or a lease that ran out, and must bear that.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt;
use tokio::{
    sync::broadcast,
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{
    Chat, Error, Result, fault, file_sweep, log_failure,
    ports::StoreError,
    records::{Job, JobKind},
    sessions,
};

/// Jobs that run at the same time.
const AT_ONCE: usize = 4;
/// How long one try may take, and for how long it is nobody else's.
const TRY: Duration = Duration::from_secs(30);
const LEASE: Duration = Duration::from_secs(45);
/// At least so often the table is looked at: another process may have written to it.
const LOOK: Duration = Duration::from_secs(30);
/// The wait after the first try that failed; each later one is twice as long, up to the longest.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(600);
/// After so many tries, two hours, a job is given up: a start of the server tries it again.
const TRIES: i64 = 20;
const FAULT_CHARS: usize = 500;

/// Tells which jobs were done here.
#[derive(Debug)]
pub struct Done(broadcast::Sender<i64>);

impl Default for Done {
    fn default() -> Self {
        Self(broadcast::Sender::new(64))
    }
}

/// Hears which jobs are done from the moment it is made.
pub(crate) struct Hearing(broadcast::Receiver<i64>);

impl Done {
    pub(crate) fn hear(&self) -> Hearing {
        Hearing(self.0.subscribe())
    }
}

impl Hearing {
    /// Whether the job is done within this time.
    pub(crate) async fn until(mut self, job: i64, patience: Duration) -> bool {
        let done = async {
            loop {
                match self.0.recv().await {
                    Ok(done) if done == job => return true,
                    Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => return false,
                }
            }
        };
        timeout(patience, done).await.unwrap_or(false)
    }
}

/// Does what is due, for as long as the server runs.
pub async fn run(chat: Arc<Chat>) {
    let mut running = JoinSet::new();
    loop {
        let wait = match take(&chat, AT_ONCE - running.len()).await {
            Ok((jobs, wait)) => {
                for job in jobs {
                    let chat = chat.clone();
                    running.spawn(async move { attempt(&chat, job).await });
                }
                wait
            }
            Err(error) => {
                log_failure(error, "cannot see which jobs are due");
                FIRST_WAIT
            }
        };
        tokio::select! {
            () = chat.store.job_written() => {}
            Some(_) = running.join_next() => {}
            () = sleep(wait) => {}
        }
    }
}

/// As many as are due and may run, and how long it is until the next one is due.
async fn take(chat: &Chat, free: usize) -> Result<(Vec<Job>, Duration)> {
    let figures = chat.store.job_figures().await?;
    metrics::gauge!("chinwag_jobs_waiting").set(figures.waiting as f64);
    metrics::gauge!("chinwag_jobs_dead").set(figures.dead as f64);
    let until_due = figures.due_in.map_or(LOOK, |due| Duration::from_millis(due.max(0) as u64));
    if !until_due.is_zero() || free == 0 {
        return Ok((Vec::new(), if free == 0 { LOOK } else { until_due.min(LOOK) }));
    }
    let taken = chat.store.take_jobs(LEASE, free).await?;
    let wait = if taken.is_empty() { LOOK } else { Duration::ZERO };
    Ok((taken, wait))
}

async fn attempt(chat: &Chat, job: Job) {
    let work = async {
        fault::panic_at("job", job.kind.word());
        perform(chat, job.kind).await
    };
    let fault = match AssertUnwindSafe(timeout(TRY, work)).catch_unwind().await {
        Ok(Ok(Ok(()))) => None,
        Ok(Ok(Err(error))) => Some(causes(&error)),
        Ok(Err(_)) => Some(format!("it took longer than {TRY:?}")),
        Err(_) => Some("it panicked".to_owned()),
    };
    let settled = match fault {
        None => {
            chat.jobs.0.send(job.id).ok();
            chat.store.finish_job(job).await
        }
        Some(fault) => fail(chat, job, fault).await,
    };
    match settled {
        Ok(true) => {}
        Ok(false) => tracing::warn!(job = job.kind.word(), "a job took longer than its lease"),
        // It is due again when the lease ends.
        Err(error) => tracing::warn!(%error, job = job.kind.word(), "cannot write down how a job ended"),
    }
}

async fn perform(chat: &Chat, kind: JobKind) -> Result<()> {
    match kind {
        JobKind::EmptyLog if chat.store.empty_log().await? => Ok(()),
        JobKind::EmptyLog => Err(Error::internal("somebody reads from an older state, perhaps a backup")),
        JobKind::ForgetSessions => sessions::forget_ended(chat).await,
        JobKind::ForgetTries => Ok(chat.store.forget_tries().await?),
        JobKind::SweepFiles => file_sweep::sweep(chat).await,
    }
}

async fn fail(chat: &Chat, job: Job, fault: String) -> Result<bool, StoreError> {
    metrics::counter!("chinwag_job_failures_total", "kind" => job.kind.word()).increment(1);
    let again_in = (job.tries < TRIES).then(|| wait_after(job.tries));
    if again_in.is_some() {
        tracing::warn!(job = job.kind.word(), tries = job.tries, fault, "a job failed; it is tried again");
    } else {
        tracing::error!(job = job.kind.word(), tries = job.tries, fault, "a job was given up until the next start");
    }
    chat.store.fail_job(job, fault, again_in).await
}

fn wait_after(tries: i64) -> Duration {
    let doublings = u32::try_from(tries.clamp(1, 31) - 1).unwrap_or_default();
    (FIRST_WAIT * (1 << doublings.min(20))).min(LONGEST_WAIT)
}

/// The error with what caused it, for the operator.
fn causes(error: &Error) -> String {
    let first: &dyn std::error::Error = error;
    let chain = std::iter::successors(Some(first), |error| error.source());
    let text = chain.map(ToString::to_string).collect::<Vec<_>>().join(": ");
    text.chars().take(FAULT_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_wait_is_longer_up_to_ten_minutes_and_all_together_are_hours() {
        assert_eq!([1, 2, 3].map(wait_after), [1, 2, 4].map(Duration::from_secs));
        assert_eq!(wait_after(TRIES), LONGEST_WAIT);
        assert_eq!(wait_after(i64::MAX), LONGEST_WAIT);
        let all: Duration = (1..TRIES).map(wait_after).sum();
        assert!((5_400..10_000).contains(&all.as_secs()), "{all:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_hears_of_their_job_and_of_no_other() {
        let done = Done::default();
        let (mine, others) = (done.hear(), done.hear());
        for job in [7, 8] {
            done.0.send(job).expect("somebody hears");
        }
        assert!(mine.until(8, FIRST_WAIT).await);
        assert!(!others.until(9, FIRST_WAIT).await);
    }
}
