//! The buses under test: servers of Debian's packages; Kafka's is the client's own broker, which speaks the protocol over a socket, and
//! where one asks for it Kafka's own.

use std::sync::atomic::{AtomicU64, Ordering};

use chinwag_testdb::Broker;
use krafka::testing::FakeBroker;
use rustix::process::Signal;

pub enum Server {
    Local(String),
    Process(Broker),
    Kafka(FakeBroker),
}

impl Server {
    pub fn local() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self::Local(format!("local://test-{}", NEXT.fetch_add(1, Ordering::Relaxed)))
    }

    /// Not started yet, like the next.
    pub fn nats() -> Self {
        Self::nats_with("")
    }

    /// With these settings beside the rest.
    pub fn nats_with(settings: &str) -> Self {
        Self::Process(Broker::nats(settings).expect("a broker"))
    }

    pub fn redis() -> Self {
        Self::Process(Broker::redis().expect("a broker"))
    }

    pub fn kafka_itself() -> Self {
        Self::Process(Broker::kafka().expect("a broker"))
    }

    pub async fn kafka() -> Self {
        let broker = FakeBroker::start().await.expect("a broker starts");
        broker.require_sasl_plain("me", "hidden");
        broker.crash(0);
        Self::Kafka(broker)
    }

    pub fn url(&self) -> String {
        match self {
            Self::Local(url) => url.clone(),
            Self::Process(broker) => broker.url(),
            Self::Kafka(broker) => format!("kafka://me:hidden@{}", broker.bootstrap_servers()),
        }
    }

    /// Of those whom it does not let in: without a password, and with a wrong one.
    pub fn wrong_urls(&self) -> Vec<String> {
        let url = self.url();
        let wrong = url.replace(":hidden@", ":hiddenly@");
        match self {
            // A broker that asks for a name closes the door without a word where there is none.
            _ if url.starts_with("kafka:") => vec![wrong],
            _ => vec![url.replace("me:hidden@", "").replace(":hidden@", ""), wrong],
        }
    }

    /// Starts it, for the first time or again on the same port.
    pub fn start(&mut self) {
        match self {
            Self::Local(_) => {}
            Self::Process(broker) => broker.start().expect("started"),
            Self::Kafka(broker) => broker.restart(0),
        }
    }

    /// `kill -9`, now.
    pub fn kill(&mut self) {
        match self {
            Self::Local(_) => unreachable!("it lives as long as the process"),
            Self::Process(broker) => broker.kill().expect("killed"),
            Self::Kafka(broker) => broker.crash(0),
        }
    }

    /// Lets it stand still, and go on.
    pub fn signal(&self, signal: Signal) {
        let Self::Process(broker) = self else { unreachable!("a process") };
        broker.signal(signal).expect("a signal");
    }
}
