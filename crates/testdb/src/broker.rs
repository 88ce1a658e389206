//! Servers that carry hints between nodes: NATS, Redis and Kafka as the machine has them, each a process of its own on a free port and
//! with a password. A test starts, kills and stops them as it likes; they end with the value.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// A cluster of Kafka has an id: 16 bytes, in base64.
const CLUSTER: &str = "AAAAAAAAAAAAAAAAAAAAAA";

#[derive(Clone, Copy, Debug)]
enum Program {
    Nats,
    Redis,
    Kafka,
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

    /// Kafka's own broker, which is its controller, too.
    pub fn kafka() -> Result<Self> {
        let broker = Self::new(Program::Kafka)?;
        let (mine, controller) = (free_port()?, free_port()?);
        let port = broker.port;
        let settings = format!(
            "process.roles=broker,controller\n\
             node.id=1\n\
             controller.quorum.voters=1@127.0.0.1:{controller}\n\
             controller.listener.names=CONTROLLER\n\
             inter.broker.listener.name=INTERNAL\n\
             listeners=CLIENT://127.0.0.1:{port},INTERNAL://127.0.0.1:{mine},CONTROLLER://127.0.0.1:{controller}\n\
             listener.security.protocol.map=CLIENT:SASL_PLAINTEXT,INTERNAL:PLAINTEXT,CONTROLLER:PLAINTEXT\n\
             listener.name.client.sasl.enabled.mechanisms=PLAIN\n\
             listener.name.client.plain.sasl.jaas.config=\
             org.apache.kafka.common.security.plain.PlainLoginModule required user_me=\"hidden\";\n\
             offsets.topic.replication.factor=1\n\
             log.dirs=logs\n"
        );
        std::fs::write(broker.home.path().join("settings"), settings)?;
        let formatted =
            broker.java(&["kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", "settings"])?.output()?;
        ensure!(formatted.status.success(), "Kafka formats no disk: {}", String::from_utf8_lossy(&formatted.stderr));
        Ok(broker)
    }

    fn new(program: Program) -> Result<Self> {
        Ok(Self { program, port: free_port()?, home: TempDir::with_prefix("chinwag-bus-")?, child: None })
    }

    fn java(&self, words: &[&str]) -> Result<Command> {
        let jars = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../target/xtask/kafka");
        ensure!(jars.is_dir(), "`cargo xtask test kafka` brings Kafka's own broker");
        let mut command = Command::new("java");
        command.arg("-Xmx512m").arg("-cp").arg(jars.join("*")).args(words);
        command.current_dir(self.home.path());
        Ok(command)
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
            Program::Kafka => format!("kafka://me:hidden@127.0.0.1:{}", self.port),
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
            Program::Kafka => self.java(&["kafka.Kafka", "settings"])?,
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

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

impl Drop for Broker {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.kill();
    }
}
