//! Hints between the nodes of one server, over whichever bus its operator trusts. The database is the truth, and a node that was not
//! told finds out there: so nothing here is kept, acknowledged or waited for, and what comes may be lost, doubled or out of order.
//!
//! A bus ([`Bus`]) carries bytes; a [`Line`] on it signs what this node says and lets only that through which another node of the
//! same server has said. What is said is not known here.

mod kafka;
mod line;
mod local;
mod nats;
mod outbox;
mod redis;
mod seal;

use std::{fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use chinwag_probe::{Protocol, other_protocol};
use tokio::{sync::watch, time::timeout};

pub use line::{Heard, LEAST_SECRET, Line, NodeIdentity};
pub use seal::{LONGEST_NAME, Speaker};

/// How long it is looked who answers at the addresses of a bus, all together.
const LOOK: Duration = Duration::from_secs(2);

/// What a message is about. Messages about the same thing keep their order where the bus keeps any.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    Room(i64),
    Person(i64),
    /// The nodes themselves.
    Nodes,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Room(id) => write!(f, "chinwag.room.{id}"),
            Self::Person(id) => write!(f, "chinwag.person.{id}"),
            Self::Nodes => write!(f, "chinwag.nodes"),
        }
    }
}

/// What a bus tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BusNews {
    /// A message came, perhaps one of this node's own.
    Came(Bytes),
    /// Something may have been lost: the bus was away, or this node too slow.
    Resync,
}

/// Is told what a bus tells, one after the other. It returns soon: what comes meanwhile waits, and is lost in the end.
pub type Hear = Arc<dyn Fn(BusNews) + Send + Sync>;

/// Whether messages come and go at present.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    Up,
    /// Why not, and what to do.
    Down(Arc<str>),
}

/// Carries messages between nodes, each at most once, for as long as it is not dropped. It connects by itself, again and again.
pub trait Bus: Send + Sync + 'static {
    /// Sends to all nodes that hear now. Returns at once; false where the message is lost already.
    fn publish(&self, subject: Subject, message: Bytes) -> bool;
    /// The longest message that it carries, as far as that is known.
    fn limit(&self) -> usize;
    fn status(&self) -> watch::Receiver<Status>;
}

/// Why there is no bus.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum BusError {
    #[error("The bus must begin with nats://, redis:// or kafka://, and this one begins with {0}.")]
    Kind(String),
    #[error(
        "The address of the bus cannot be read: {0}. It looks like nats://name:password@host:4222, redis://name:password@host:6379 or kafka://host:9092; in a password write %40 for @, %2F for /, %3A for : and %23 for #."
    )]
    Address(String),
    #[error(
        "Where `bus` leads, at {place}, answers {found}, and not {expected}. Name the host and the port of the bus, and let `bus` begin with what \
         that one is: nats://, redis:// or kafka://, or tls://, rediss:// or kafkas:// where it wants TLS."
    )]
    OtherProtocol { place: String, found: Protocol, expected: Protocol },
    #[error("The secret of the bus must have at least {} characters, the same on all nodes.", line::LEAST_SECRET)]
    Secret,
    #[error("A node's name must have 1 to {} bytes, and be another on each node.", seal::LONGEST_NAME)]
    Name,
}

/// Whether this is the address of a bus between processes. Asks nobody.
pub fn check(url: &str) -> Result<(), BusError> {
    match kind(url) {
        "nats" | "tls" => nats::parse(url).map(drop),
        "redis" | "rediss" | "valkey" | "valkeys" => redis::parse(url).map(drop),
        "kafka" | "kafkas" => kafka::Door::parse(url).map(drop),
        other => Err(unknown(other)),
    }
}

/// Whether another kind of server answers there. A bus that is away is none of its business.
pub async fn look(url: &str) -> Result<(), BusError> {
    let (places, expected) = match kind(url) {
        "nats" | "tls" => (nats::places(url)?, Protocol::Nats),
        "redis" | "rediss" | "valkey" | "valkeys" => (redis::places(url)?, Protocol::Redis),
        "kafka" | "kafkas" => (kafka::places(url)?, Protocol::Kafka),
        _ => return Ok(()),
    };
    let has_tls = ["tls", "rediss", "valkeys", "kafkas"].contains(&kind(url));
    let looking = async {
        for (host, port) in places {
            let found = other_protocol(&host, port, expected).await;
            if let Some(found) = found.filter(|found| !has_tls || *found != Protocol::Tls) {
                return Err(BusError::OtherProtocol { place: format!("{host}:{port}"), found, expected });
            }
        }
        Ok(())
    };
    timeout(LOOK, looking).await.unwrap_or(Ok(()))
}

/// The bus at this address. It begins to connect, and does not wait for that.
pub fn open(url: &str, hear: Hear) -> Result<Arc<dyn Bus>, BusError> {
    // The clients take the provider of the process. Where there is one already, it is this.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    match kind(url) {
        "local" => Ok(Arc::new(local::Local::open(url, hear))),
        "nats" | "tls" => Ok(Arc::new(nats::open(url, hear)?)),
        "redis" | "rediss" | "valkey" | "valkeys" => Ok(Arc::new(redis::open(url, hear)?)),
        "kafka" | "kafkas" => Ok(Arc::new(kafka::open(url, hear)?)),
        other => Err(unknown(other)),
    }
}

fn kind(url: &str) -> &str {
    url.split_once("://").map_or(url, |(kind, _)| kind)
}

/// No more than the first word: the rest may hold a password.
fn unknown(kind: &str) -> BusError {
    BusError::Kind(kind.chars().take(20).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_of_no_bus_is_refused_in_words_and_without_its_password() {
        for (url, words) in [
            ("amqp://me:hidden@host", "begins with amqp."),
            ("hidden", "begins with hidden."),
            ("nats://me:hidden@ho st", "cannot be read"),
            ("redis://me:hidden@host:port", "cannot be read"),
            ("kafka://", "cannot be read"),
        ] {
            let error = check(url).expect_err(url).to_string();
            assert!(error.contains(words), "{url}: {error}");
            assert!(url == "hidden" || !error.contains("hidden"), "{error}");
            assert_eq!(open(url, Arc::new(|_| {})).map(|_| ()).expect_err(url).to_string(), error);
        }
        for url in ["nats://host", "tls://me:hidden@host:4222", "rediss://:hidden@host", "kafka://host:9092"] {
            assert_eq!(check(url), Ok(()), "{url}");
        }
        assert_eq!(check("local://x"), Err(BusError::Kind("local".to_owned())), "no bus between processes");
    }
}
