//! A server inside the test's own process: on a free port, with an empty data directory that goes with it. Not for tests
//! that kill: those need `process.rs`.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context as _, Result};
use chinwag_server::Config;
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinSet};

use crate::Http;

/// Ends with this value; use [`Server::stop`] where the end itself matters.
pub struct Server {
    address: SocketAddr,
    setup_link: Option<String>,
    stop: oneshot::Sender<()>,
    running: JoinSet<Result<()>>,
    data: TempDir,
}

impl Server {
    pub async fn start() -> Result<Self> {
        Self::start_with(|_| {}).await
    }

    /// With other settings than the defaults.
    pub async fn start_with(settings: impl FnOnce(&mut Config)) -> Result<Self> {
        let data = TempDir::with_prefix("chinwag-")?;
        let mut config = Config { data_dir: data.path().join("data"), ..Config::default() };
        settings(&mut config);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let server = chinwag_server::Server::open(config, listener).await?;
        let (address, setup_link) = (server.address(), server.setup_link().await?);
        let (stop, stopped) = oneshot::channel();
        let mut running = JoinSet::new();
        running.spawn(server.run_until(async {
            // Either way of ending the wait means the same.
            let _ = stopped.await;
        }));
        Ok(Self { address, setup_link, stop, running, data })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Of a server that has no administrator yet.
    pub fn setup_link(&self) -> Option<&str> {
        self.setup_link.as_deref()
    }

    /// Where its data is.
    pub fn data(&self) -> &std::path::Path {
        self.data.path()
    }

    /// Nobody's door.
    pub fn http(&self) -> Http {
        Http::new(self.address)
    }

    /// Stops in order, as SIGTERM does.
    pub async fn stop(mut self) -> Result<()> {
        // It may have stopped by itself, which the result then tells.
        let _ = self.stop.send(());
        self.running.join_next().await.context("the server has gone")??
    }
}
