//! Servers that carry hints between nodes: NATS and Redis as the machine has them, each a process of its own on a free port and with a
//! password. A test starts, kills and stops them as it likes; they end with the value.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

#[derive(Clone, Copy, Debug)]
enum Program {
    Nats,
    Redis,
}

/// One server, killed when this value is dropped.
#[derive(Debug)]
pub struct Broker {
    program: Program,
    port: u16,
    home: TempDir,
    child: Option<Child>,
}

impl Broker {
    /// NATS with these settings beside the rest; not started yet, like the next.
    pub fn nats(settings: &str) -> Result<Self> {
        let broker = Self::new(Program::Nats)?;
        std::fs::write(broker.home.path().join("settings"), settings)?;
        Ok(broker)
    }

    pub fn redis() -> Result<Self> {
        Self::new(Program::Redis)
    }

    fn new(program: Program) -> Result<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        Ok(Self { program, port, home: TempDir::with_prefix("chinwag-bus-")?, child: None })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its process.
    pub fn id(&self) -> Result<u32> {
        Ok(self.child.as_ref().context("it does not run")?.id())
    }

    pub fn url(&self) -> String {
        match self.program {
            Program::Nats => format!("nats://me:hidden@127.0.0.1:{}", self.port),
            Program::Redis => format!("redis://:hidden@127.0.0.1:{}", self.port),
        }
    }

    /// Starts it, for the first time or again on the same port. Does not wait until it answers.
    pub fn start(&mut self) -> Result<()> {
        let port = self.port.to_string();
        let mut command = match self.program {
            Program::Nats => {
                // Debian puts it where only the system's administrator looks.
                let placed = Path::new("/usr/sbin/nats-server");
                let mut command = Command::new(if placed.exists() { placed } else { Path::new("nats-server") });
                command.args(["--config", "settings", "--addr", "127.0.0.1", "--port", &port]);
                command.args(["--user", "me", "--pass", "hidden"]);
                command
            }
            Program::Redis => {
                let mut command = Command::new("redis-server");
                command.args(["--bind", "127.0.0.1", "--port", &port, "--requirepass", "hidden", "--save", ""]);
                command
            }
        };
        command.current_dir(self.home.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.child = Some(command.spawn().context("`cargo xtask test` installs nats-server and redis-server")?);
        Ok(())
    }

    /// `kill -9`, now.
    pub fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Lets it stand still, and go on.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        let child = self.child.as_ref().context("it does not run")?;
        Ok(kill_process(Pid::from_child(child), signal)?)
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.kill();
    }
}
