//! Takes recalled texts out of the write-ahead log, where they would stay readable until it is next emptied by itself. What the
//! commit of the recall does is overwrite them in the file; it cannot do that to the log.

use std::{path::PathBuf, time::Duration};

use tokio::{
    sync::{Mutex, watch},
    task::JoinSet,
    time::timeout,
};

use crate::dialect;

/// How long a recall waits for it. Longer than it takes, unless somebody reads from an old state all the while, as a backup does.
const PATIENCE: Duration = Duration::from_secs(1);
/// After this it is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// Asks the task to end.
const END: u64 = u64::MAX;

/// Empties the log when it is asked to, and at each start: the last server may have died before it could.
#[derive(Debug)]
pub(crate) struct Erasure {
    asked: watch::Sender<u64>,
    done: watch::Receiver<u64>,
    task: Mutex<JoinSet<()>>,
}

impl Erasure {
    pub(crate) fn start(database: PathBuf) -> Self {
        let (asked, asks) = watch::channel(0);
        let (tell, done) = watch::channel(0);
        let mut task = JoinSet::new();
        task.spawn(run(database, asks, tell));
        let this = Self { asked, done, task: Mutex::new(task) };
        this.ask();
        this
    }

    /// To be called after the commit.
    pub(crate) fn ask(&self) {
        self.asked.send_modify(|asked| *asked = asked.saturating_add(1));
    }

    /// Returns once what was asked for is done, or after a while: it is done then as soon as it can be.
    pub(crate) async fn finished(&self) {
        let asked = *self.asked.borrow();
        let mut done = self.done.clone();
        if timeout(PATIENCE, done.wait_for(|done| *done >= asked)).await.is_err() {
            tracing::info!("a recalled text stays in the write-ahead log until nobody reads from an older state");
        }
    }

    /// Returns once nothing of it touches the database any more.
    pub(crate) async fn close(&self) {
        self.asked.send_replace(END);
        if let Some(Err(error)) = self.task.lock().await.join_next().await {
            tracing::error!(%error, "emptying the write-ahead log failed");
        }
    }
}

async fn run(database: PathBuf, mut asks: watch::Receiver<u64>, tell: watch::Sender<u64>) {
    let mut done = 0;
    loop {
        let asked = *asks.borrow_and_update();
        if asked == END {
            break;
        }
        if done < asked && empties(database.clone()).await {
            done = asked;
            tell.send_replace(done);
        }
        let next =
            if done < asked { timeout(RETRY, asks.changed()).await.unwrap_or(Ok(())) } else { asks.changed().await };
        if next.is_err() {
            break;
        }
    }
}

async fn empties(database: PathBuf) -> bool {
    match tokio::task::spawn_blocking(move || dialect::empty_log(&database)).await {
        Ok(Ok(is_empty)) => is_empty,
        Ok(Err(error)) => {
            tracing::warn!(%error, "the write-ahead log cannot be emptied yet");
            false
        }
        Err(error) => {
            tracing::error!(%error, "emptying the write-ahead log panicked");
            false
        }
    }
}
