//! Several servers as one: processes on one database and one bus of their own, with a line before each of both that can be cut.

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use anyhow::{Context as _, Result};
use chinwag_testdb::{Broker, DbServer};
use krafka::testing::FakeBroker;
use rustix::process::Signal;
use tokio::task::block_in_place;

use crate::{Process, Proxy};

/// What they share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    PostgresAndNats,
    MariaDbAndRedis,
    /// Kafka's is the client's own broker, which lives in the test and speaks the protocol over a socket. It tells its clients where it is,
    /// so that they come to it past the proxies.
    PostgresAndKafka,
}

/// What carries hints between them.
pub enum Bus {
    Process(Broker),
    Kafka(FakeBroker),
}

impl Bus {
    fn url(&self) -> String {
        match self {
            Self::Process(broker) => broker.url(),
            Self::Kafka(broker) => format!("kafka://{}", broker.bootstrap_servers()),
        }
    }

    fn address(&self) -> Result<SocketAddr> {
        match self {
            Self::Process(broker) => Ok(at(broker.port())),
            Self::Kafka(broker) => broker.broker_addr(0).context("a broker that does not listen"),
        }
    }

    /// Starts it, for the first time or again on the same port.
    pub fn start(&mut self) -> Result<()> {
        match self {
            Self::Process(broker) => broker.start(),
            Self::Kafka(broker) => {
                broker.restart(0);
                Ok(())
            }
        }
    }

    /// `kill -9`, now.
    pub fn kill(&mut self) -> Result<()> {
        match self {
            Self::Process(broker) => broker.kill(),
            Self::Kafka(broker) => {
                broker.crash(0);
                Ok(())
            }
        }
    }
}

/// The nodes of one server.
pub struct Cluster {
    pub nodes: Vec<Node>,
    pub database: DbServer,
    pub bus: Bus,
}

/// One of them, and what leads to what it needs.
pub struct Node {
    pub process: Process,
    pub to_database: Proxy,
    pub to_bus: Proxy,
}

/// Starts a node among others, with these settings besides.
pub fn start_node(name: &str, database: &str, bus: &str, settings: &[(&str, &str)]) -> Result<Process> {
    Process::start(&[&shared(name, database, bus), settings].concat())
}

/// What tells a node which one it is.
pub fn shared<'a>(name: &'a str, database: &'a str, bus: &'a str) -> [(&'a str, &'a str); 4] {
    [("node_name", name), ("database", database), ("bus", bus), ("bus_secret", "a secret of the nodes of a test")]
}

fn at(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

/// The address of what stands at `real`, by way of `proxy`.
fn by_way_of(url: &str, real: SocketAddr, proxy: &Proxy) -> String {
    url.replace(&real.to_string(), &proxy.address().to_string())
}

impl Cluster {
    /// So many nodes, one after the other, with these settings besides.
    pub async fn start(ground: Ground, nodes: usize, settings: &[(&str, &str)]) -> Result<Self> {
        let mut bus = match ground {
            Ground::PostgresAndNats => Bus::Process(Broker::nats("")?),
            Ground::MariaDbAndRedis => Bus::Process(Broker::redis()?),
            Ground::PostgresAndKafka => Bus::Kafka(FakeBroker::start().await?),
        };
        let database = block_in_place(|| match ground {
            Ground::PostgresAndNats | Ground::PostgresAndKafka => DbServer::own_postgres(),
            Ground::MariaDbAndRedis => DbServer::own_mariadb(),
        })?;
        let url = block_in_place(|| {
            bus.start()?;
            database.database()
        })?;
        let mut cluster = Self { nodes: Vec::new(), database, bus };
        for number in 1..=nodes {
            let to_database = Proxy::start(at(cluster.database.port())).await?;
            let to_bus = Proxy::start(cluster.bus.address()?).await?;
            let database = by_way_of(&url, at(cluster.database.port()), &to_database);
            let bus = by_way_of(&cluster.bus.url(), cluster.bus.address()?, &to_bus);
            let name = format!("node-{number}");
            let process = block_in_place(|| start_node(&name, &database, &bus, settings));
            let process = process.with_context(|| format!("{name} of {ground:?}"))?;
            cluster.nodes.push(Node { process, to_database, to_bus });
        }
        Ok(cluster)
    }

    pub fn address(&self, node: usize) -> SocketAddr {
        self.nodes[node].process.address()
    }

    /// All doors, beginning with this node's.
    pub fn doors(&self, first: usize) -> Vec<SocketAddr> {
        let count = self.nodes.len();
        (0..count).map(|step| self.address((first + step) % count)).collect()
    }

    /// `kill -9` of a node.
    pub fn kill(&mut self, node: usize) -> Result<()> {
        block_in_place(|| self.nodes[node].process.kill())
    }

    /// Ends a node in order.
    pub fn stop(&mut self, node: usize) -> Result<()> {
        let process = &mut self.nodes[node].process;
        block_in_place(|| {
            process.signal(Signal::TERM)?;
            let status = process.await_end()?;
            anyhow::ensure!(status.success(), "{status}: {}", process.output());
            Ok(())
        })
    }

    /// Starts a node again that has ended.
    pub fn restart(&mut self, node: usize) -> Result<Duration> {
        block_in_place(|| self.nodes[node].process.restart())
    }

    /// What no node may have said.
    pub fn assert_no_panic(&self) {
        for (number, node) in self.nodes.iter().enumerate() {
            let output = node.process.output();
            assert!(!output.contains("panicked"), "node {} panicked:\n{output}", number + 1);
        }
    }
}
