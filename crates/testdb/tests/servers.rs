//! That servers can be broken and are there again: what rests on that would otherwise prove nothing.

use std::net::{Ipv4Addr, SocketAddr, TcpStream};

use anyhow::{Result, ensure};
use chinwag_testdb::DbServer;

fn listens(address: SocketAddr) -> bool {
    TcpStream::connect(address).is_ok()
}

fn address(server: &DbServer) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, server.port()))
}

fn dies_and_is_there_again(server: &DbServer) -> Result<()> {
    ensure!(listens(address(server)), "it listens");
    server.signal("KILL")?;
    while listens(address(server)) {
        std::thread::yield_now();
    }
    server.restart()?;
    server.signal("STOP")?;
    server.signal("CONT")?;
    server.database()?;
    Ok(())
}

#[test]
fn a_postgres_that_was_killed_starts_again() -> Result<()> {
    dies_and_is_there_again(&DbServer::own_postgres()?)
}

#[test]
fn a_mariadb_that_was_killed_starts_again() -> Result<()> {
    dies_and_is_there_again(&DbServer::own_mariadb()?)
}
