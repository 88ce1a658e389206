//! A node's own end of the bus: what it says is signed, and what it hears was said by another node. It does not know what is said.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use metrics::{counter, describe_counter};
use parking_lot::Mutex;
use tokio::sync::watch;

use crate::{
    Bus, BusError, BusNews, Hear, Status, Subject, open,
    seal::{LONGEST_NAME, Refused, Seal, Speaker},
};

/// A node of which nothing was heard for so long is gone: each says something every few seconds.
const GONE: Duration = Duration::from_secs(15);
/// Characters a secret has at least.
pub const LEAST_SECRET: usize = 16;

/// Who speaks.
#[derive(Clone)]
pub struct NodeIdentity {
    /// The same on all nodes.
    pub secret: String,
    /// That of the database, so that the nodes of two on one bus do not hear each other; nothing for who only listens, to all.
    pub epoch: Option<i64>,
    /// Another on each node.
    pub node: String,
    /// Greater after each start of the node.
    pub start: u64,
}

impl NodeIdentity {
    /// Whether a line can be opened as this one.
    pub fn check(&self) -> Result<(), BusError> {
        if self.secret.chars().count() < LEAST_SECRET {
            return Err(BusError::Secret);
        }
        if !(1..=LONGEST_NAME).contains(&self.node.len()) {
            return Err(BusError::Name);
        }
        Ok(())
    }
}

/// What a node hears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    Message {
        speaker: Speaker,
        subject: Subject,
        payload: Bytes,
    },
    /// Something may have been lost.
    Resync,
    /// Another node has this one's name; or this one had it before its start, and said something a moment ago.
    Twin,
    /// Somebody signs with another secret.
    Forged,
    /// Nodes of another database are on the bus, with the same secret.
    OtherEpoch,
}

/// A node's end of the bus.
pub struct Line {
    bus: Arc<dyn Bus>,
    seal: Arc<Mutex<Seal>>,
    /// When another node of this one's name was heard last.
    twin_at: Arc<Mutex<Option<Instant>>>,
}

impl Line {
    /// Begins to hear; `hear` returns soon.
    pub fn open(
        url: &str,
        identity: &NodeIdentity,
        hear: impl Fn(Heard) + Send + Sync + 'static,
    ) -> Result<Self, BusError> {
        Self::over(|hear| open(url, hear), identity, hear)
    }

    /// The same over the bus that is opened so.
    pub fn over(
        open: impl FnOnce(Hear) -> Result<Arc<dyn Bus>, BusError>,
        identity: &NodeIdentity,
        hear: impl Fn(Heard) + Send + Sync + 'static,
    ) -> Result<Self, BusError> {
        identity.check()?;
        describe_counter!("chinwag_bus_refused_total", "Messages from the bus that were not let through, by reason");
        describe_counter!("chinwag_bus_lost_total", "Messages that the bus had no room for");
        let seal = Arc::new(Mutex::new(Seal::new(&identity.secret, identity.epoch, &identity.node, identity.start)));
        let opener = seal.clone();
        let twin_at = Arc::new(Mutex::new(None));
        let twin_heard = twin_at.clone();
        let bus = open(Arc::new(move |news| match news {
            BusNews::Resync => hear(Heard::Resync),
            BusNews::Came(message) => {
                let opened = opener.lock().open(&message);
                match opened {
                    Ok(it) => hear(Heard::Message { speaker: it.speaker, subject: it.subject, payload: it.payload }),
                    Err(refused) => {
                        counter!("chinwag_bus_refused_total", "reason" => refused.word()).increment(1);
                        match refused {
                            Refused::Twin => {
                                *twin_heard.lock() = Some(Instant::now());
                                hear(Heard::Twin);
                            }
                            Refused::Forged => hear(Heard::Forged),
                            Refused::OtherEpoch => hear(Heard::OtherEpoch),
                            _ => {}
                        }
                    }
                }
            }
        }))?;
        Ok(Self { bus, seal, twin_at })
    }

    /// Says something to all other nodes: `payload`, or what is `bare` of it where that is more than the bus carries. Returns at once.
    pub fn say(&self, subject: Subject, payload: &[u8], bare: &[u8]) {
        // In one go, so that messages leave in the order of their numbers.
        let mut seal = self.seal.lock();
        if seal.is_outshone() && self.twin_at.lock().is_none_or(|at| at.elapsed() >= GONE) {
            seal.outlive_twin();
        }
        let is_carried = payload.len() + seal.overhead() <= self.bus.limit();
        let message = seal.seal(subject, if is_carried { payload } else { bare });
        if !self.bus.publish(subject, message) {
            counter!("chinwag_bus_lost_total").increment(1);
        }
    }

    pub fn status(&self) -> watch::Receiver<Status> {
        self.bus.status()
    }
}
