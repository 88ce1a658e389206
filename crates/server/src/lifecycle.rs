//! The background tasks and their end. What a task does is decided where the server is put together.

use std::time::Duration;

use tokio::{task::JoinSet, time::MissedTickBehavior};

/// How long a task that broke stays away.
const RECOVERY: Duration = Duration::from_secs(1);

/// The tasks of one server; they end when this is dropped.
#[derive(Debug, Default)]
pub struct Tasks(JoinSet<()>);

impl Tasks {
    /// Runs work that never ends by itself. A panic is logged, and the work begun again.
    pub fn keep<F>(&mut self, name: &'static str, mut work: impl FnMut() -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.0.spawn(async move {
            loop {
                if guarded(name, work()).await {
                    break;
                }
                tokio::time::sleep(RECOVERY).await;
            }
        });
    }

    /// Runs work again and again. A round that panics is logged, and the next one runs.
    pub fn every<F>(&mut self, period: Duration, name: &'static str, mut work: impl FnMut() -> F + Send + 'static)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.0.spawn(async move {
            let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + period, period);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                ticks.tick().await;
                guarded(name, work()).await;
            }
        });
    }

    /// Ends all and waits until they have ended.
    pub async fn stop(mut self) {
        self.0.shutdown().await;
    }
}

/// Whether the work came to its end without a panic.
async fn guarded(name: &'static str, work: impl Future<Output = ()> + Send + 'static) -> bool {
    // A task of its own, because a panic ends the task it happens in; owned here, so that it ends with this one.
    let mut task = JoinSet::new();
    task.spawn(work);
    let ended = task.join_next().await;
    let panicked = matches!(ended, Some(Err(_)));
    if panicked {
        tracing::error!(task = name, "a background task panicked; it goes on with its next round");
    }
    !panicked
}

/// Gives a step of the stopping its time, and says so when it was not enough.
pub async fn within(limit: Duration, step: &'static str, work: impl Future<Output = ()>) {
    if tokio::time::timeout(limit, work).await.is_err() {
        tracing::warn!(step, ?limit, "a step of stopping took too long and was cut short");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use tokio::sync::Semaphore;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_round_that_panics_does_not_end_the_rounds() {
        let begun = Arc::new(Semaphore::new(0));
        let mut tasks = Tasks::default();
        let inner = begun.clone();
        tasks.every(Duration::from_secs(5), "test", move || {
            let begun = inner.clone();
            async move {
                begun.add_permits(1);
                panic!("every round breaks");
            }
        });
        let _ = begun.acquire_many(3).await.expect("open");
        tasks.stop().await;
    }

    #[tokio::test(start_paused = true)]
    async fn work_that_panics_begins_again() {
        let begun = Arc::new(Semaphore::new(0));
        let rounds = Arc::new(AtomicUsize::new(0));
        let mut tasks = Tasks::default();
        let inner = begun.clone();
        tasks.keep("test", move || {
            let (begun, rounds) = (inner.clone(), rounds.clone());
            async move {
                begun.add_permits(1);
                assert!(rounds.fetch_add(1, Ordering::Relaxed) > 0, "the first time breaks");
                std::future::pending().await
            }
        });
        let _ = begun.acquire_many(2).await.expect("open");
        tasks.stop().await;
    }

    #[tokio::test]
    async fn no_task_outlives_the_stop() {
        let alive = Arc::new(());
        let mut tasks = Tasks::default();
        let held = alive.clone();
        tasks.keep("test", move || {
            let held = held.clone();
            async move {
                std::future::pending::<()>().await;
                drop(held);
            }
        });
        tasks.stop().await;
        assert_eq!(Arc::strong_count(&alive), 1);
    }
}
