//! The buses under test: servers of Debian's packages as processes of their own, on free ports and with a password; Kafka's is the
//! client's own broker, which speaks the protocol over a socket.

use std::{
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU64, Ordering},
};

use krafka::testing::FakeBroker;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

pub enum Server {
    Local(String),
    Process(Broker),
    Kafka(FakeBroker),
}

/// A server process; killed when this value is dropped.
pub struct Broker {
    program: Program,
    port: u16,
    home: TempDir,
    child: Option<Child>,
    /// What NATS is told beside the rest.
    settings: &'static str,
}

#[derive(Clone, Copy)]
enum Program {
    Nats,
    Redis,
}

impl Server {
    pub fn local() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self::Local(format!("test-{}", NEXT.fetch_add(1, Ordering::Relaxed)))
    }

    /// Not started yet, like the next.
    pub fn nats() -> Self {
        Self::Process(Broker::new(Program::Nats))
    }

    /// With these settings beside the rest.
    pub fn nats_with(settings: &'static str) -> Self {
        let mut broker = Broker::new(Program::Nats);
        broker.settings = settings;
        Self::Process(broker)
    }

    pub fn redis() -> Self {
        Self::Process(Broker::new(Program::Redis))
    }

    pub async fn kafka() -> Self {
        let broker = FakeBroker::start().await.expect("a broker starts");
        broker.require_sasl_plain("me", "hidden");
        broker.crash(0);
        Self::Kafka(broker)
    }

    pub fn url(&self) -> String {
        match self {
            Self::Local(name) => format!("local://{name}"),
            Self::Process(Broker { program: Program::Nats, port, .. }) => format!("nats://me:hidden@127.0.0.1:{port}"),
            Self::Process(Broker { program: Program::Redis, port, .. }) => format!("redis://:hidden@127.0.0.1:{port}"),
            Self::Kafka(broker) => format!("kafka://me:hidden@{}", broker.bootstrap_servers()),
        }
    }

    /// Of those whom it does not let in: without a password, and with a wrong one.
    pub fn wrong_urls(&self) -> Vec<String> {
        let url = self.url();
        let wrong = url.replace(":hidden@", ":hiddenly@");
        match self {
            // A broker that asks for a name closes the door without a word where there is none.
            Self::Kafka(_) => vec![wrong],
            _ => vec![url.replace("me:hidden@", "").replace(":hidden@", ""), wrong],
        }
    }

    /// Starts it, for the first time or again on the same port.
    pub fn start(&mut self) {
        match self {
            Self::Local(_) => {}
            Self::Process(broker) => broker.start(),
            Self::Kafka(broker) => broker.restart(0),
        }
    }

    /// `kill -9`, now.
    pub fn kill(&mut self) {
        match self {
            Self::Local(_) => unreachable!("it lives as long as the process"),
            Self::Process(broker) => broker.kill(),
            Self::Kafka(broker) => broker.crash(0),
        }
    }

    /// Lets it stand still, and go on.
    pub fn signal(&self, signal: Signal) {
        let Self::Process(Broker { child: Some(child), .. }) = self else { unreachable!("a process that runs") };
        kill_process(Pid::from_child(child), signal).expect("a signal");
    }
}

impl Broker {
    fn new(program: Program) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        Self { program, port, home: TempDir::new().expect("a directory"), child: None, settings: "" }
    }

    fn start(&mut self) {
        let port = self.port.to_string();
        let mut command = match self.program {
            Program::Nats => {
                // Debian puts it where only the system's administrator looks.
                let placed = Path::new("/usr/sbin/nats-server");
                let mut command = Command::new(if placed.exists() { placed } else { Path::new("nats-server") });
                let settings = self.home.path().join("settings");
                std::fs::write(&settings, self.settings).expect("a file");
                command.arg("--config").arg(settings);
                command.args(["--addr", "127.0.0.1", "--port", &port, "--user", "me", "--pass", "hidden"]);
                command
            }
            Program::Redis => {
                let mut command = Command::new("redis-server");
                command.args(["--bind", "127.0.0.1", "--port", &port, "--requirepass", "hidden", "--save", ""]);
                command
            }
        };
        let command =
            command.current_dir(self.home.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.child = Some(command.spawn().expect("nats-server and redis-server are installed"));
    }

    fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("killed");
            child.wait().expect("it has ended");
        }
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        self.kill();
    }
}
