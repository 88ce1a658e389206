//! What a connection to a bus has to do with the rest: what waits to be sent, within a bound past which it is lost, because nobody
//! waits for a bus; whether it is up; and how soon it is tried again.

use std::{
    fmt::Display,
    future::Future,
    sync::{
        Arc, Weak,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch},
    task::JoinSet,
    time::sleep,
};

use crate::{Bus, BusNews, Hear, Status, Subject};

/// Messages that wait for a bus that is slow or away, and their bytes: what people write may be long.
const LENGTH: usize = 4_096;
const BYTES: usize = 16 * 1024 * 1024;
/// The waits between tries to connect. Nodes wait for each other after the bus's return for longer (`RETURN` of `realtime/hearsay.rs`).
pub(crate) const LEAST_WAIT: Duration = Duration::from_millis(100);
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// A message on its way out.
pub(crate) struct Outgoing {
    pub subject: Subject,
    pub message: Bytes,
    /// As many as it has bytes.
    _room: OwnedSemaphorePermit,
}

/// The end at which messages are put in, with what is known of the bus.
pub(crate) struct Inlet {
    queue: mpsc::Sender<Outgoing>,
    /// Bytes that may still be put in.
    room: Arc<Semaphore>,
    status: Arc<watch::Sender<Status>>,
}

/// The end from which a connection sends.
pub(crate) struct Outlet {
    pub queue: mpsc::Receiver<Outgoing>,
    pub status: StatusLine,
    wait: Duration,
}

/// Where a connection says how it is, for as long as somebody has the bus: that one ends because it is not wanted any more is no news.
#[derive(Clone)]
pub(crate) struct StatusLine(Weak<watch::Sender<Status>>);

pub(crate) fn outbox() -> (Inlet, Outlet) {
    let (sender, queue) = mpsc::channel(LENGTH);
    let status = Arc::new(watch::Sender::new(Status::Down("it has not been reached yet".into())));
    let outlet = Outlet { queue, status: StatusLine(Arc::downgrade(&status)), wait: LEAST_WAIT };
    (Inlet { queue: sender, room: Arc::new(Semaphore::new(BYTES)), status }, outlet)
}

impl Inlet {
    /// False where there is no room.
    fn put(&self, subject: Subject, message: Bytes) -> bool {
        let length = u32::try_from(message.len()).unwrap_or(u32::MAX);
        let room = self.room.clone().try_acquire_many_owned(length);
        room.is_ok_and(|room| self.queue.try_send(Outgoing { subject, message, _room: room }).is_ok())
    }
}

/// A bus that one task speaks to, for as long as this is not dropped.
pub(crate) struct Connected {
    inlet: Inlet,
    limit: Arc<AtomicUsize>,
    _task: JoinSet<()>,
}

impl Connected {
    /// `run` sends what comes out at the other end of `inlet`.
    pub fn new(inlet: Inlet, limit: Arc<AtomicUsize>, run: impl Future<Output = ()> + Send + 'static) -> Self {
        let mut task = JoinSet::new();
        task.spawn(run);
        Self { inlet, limit, _task: task }
    }
}

impl Bus for Connected {
    fn publish(&self, subject: Subject, message: Bytes) -> bool {
        self.inlet.put(subject, message)
    }

    fn limit(&self) -> usize {
        self.limit.load(Ordering::Relaxed)
    }

    fn status(&self) -> watch::Receiver<Status> {
        self.inlet.status.subscribe()
    }
}

impl Outlet {
    /// Messages come and go from here on. What was said before may have been lost.
    pub fn up(&mut self, hear: &Hear) {
        self.wait = LEAST_WAIT;
        self.status.up(hear);
    }

    /// A connection has ended, or there was none: says why, once for each reason, and returns when it is time for the next.
    pub async fn down(&mut self, why: &str) {
        self.status.down(why);
        sleep(self.wait).await;
        self.wait = (self.wait * 2).min(LONGEST_WAIT);
    }
}

/// What to do where the server's certificate is not believed, if that is what the error says: some clients say it in words alone.
pub(crate) fn distrust(server: &str, error: &impl Display) -> Option<String> {
    let error = error.to_string();
    error.contains("certificate").then(|| {
        format!(
            "{server} is not believed: {error}. Its certificate must be for the host in `bus`, and of an authority that this machine \
             trusts: add that one to the machine's (update-ca-certificates), or let SSL_CERT_FILE name the file that it is in"
        )
    })
}

impl StatusLine {
    pub fn up(&self, hear: &Hear) {
        hear(BusNews::Resync);
        if self.replace(Status::Up) {
            tracing::info!("the bus is there");
        }
    }

    pub fn down(&self, why: &str) {
        if self.replace(Status::Down(why.into())) {
            tracing::warn!("the bus is away: {why}");
        }
    }

    /// Whether that is news to anybody.
    fn replace(&self, now: Status) -> bool {
        self.0.upgrade().is_some_and(|status| status.send_replace(now.clone()) != now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a room says at once may be hundreds of times as long as most messages.
    #[tokio::test]
    async fn what_waits_for_a_bus_that_is_away_is_bounded_by_its_length_too() {
        let (inlet, mut outlet) = outbox();
        let long = Bytes::from(vec![0; 256 * 1024]);
        let mut kept = 0;
        while inlet.put(Subject::Nodes, long.clone()) {
            kept += long.len();
        }
        assert!((BYTES / 2..=BYTES).contains(&kept), "{kept} bytes");
        drop(outlet.queue.recv().await);
        assert!(inlet.put(Subject::Nodes, long), "what has left makes room");
        let short = Bytes::from_static(b"x");
        let (inlet, _outlet) = outbox();
        let kept = std::iter::repeat_with(|| inlet.put(Subject::Nodes, short.clone())).take_while(|kept| *kept).count();
        assert_eq!(kept, LENGTH);
    }
}
