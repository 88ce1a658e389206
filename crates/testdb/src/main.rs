//! Databases and buses for whoever wants to measure several nodes, or to try them by hand: starts those that are named, prints a line with
//! address and process for each, then an empty one, and ends them when its input ends. They are as they are by themselves: what is
//! committed is on the disk.

use std::{
    io::{Write as _, copy, sink, stdin, stdout},
    net::{Ipv4Addr, TcpStream},
    time::{Duration, Instant},
};

use anyhow::{Result, bail, ensure};
use chinwag_testdb::{Broker, DbServer};

const PATIENCE: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(5);

fn main() -> Result<()> {
    let (mut databases, mut buses) = (Vec::new(), Vec::new());
    for word in std::env::args().skip(1) {
        let (url, id) = match word.as_str() {
            "postgres" => database(&mut databases, DbServer::durable_postgres()?)?,
            "mariadb" => database(&mut databases, DbServer::durable_mariadb()?)?,
            "nats" => bus(&mut buses, Broker::nats("")?)?,
            "redis" => bus(&mut buses, Broker::redis()?)?,
            _ => bail!("there is no {word}; there are postgres, mariadb, nats, redis"),
        };
        writeln!(stdout(), "{url} {id}")?;
    }
    writeln!(stdout())?;
    copy(&mut stdin(), &mut sink())?;
    Ok(())
}

fn database(started: &mut Vec<DbServer>, server: DbServer) -> Result<(String, u32)> {
    let told = (server.database()?, server.id()?);
    started.push(server);
    Ok(told)
}

fn bus(started: &mut Vec<Broker>, mut broker: Broker) -> Result<(String, u32)> {
    broker.start()?;
    let begun = Instant::now();
    while TcpStream::connect((Ipv4Addr::LOCALHOST, broker.port())).is_err() {
        ensure!(begun.elapsed() < PATIENCE, "{} does not answer", broker.url());
        std::thread::sleep(POLL);
    }
    let told = (broker.url(), broker.id()?);
    started.push(broker);
    Ok(told)
}
