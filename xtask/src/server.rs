//! A server process that a task needs for a while: a free port, data of its own, and the wait until it answers. It does not
//! know what the server is needed for.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};

use crate::command;

const READY: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(1);

/// The process and its data; both go with this value.
pub struct Server {
    command: Command,
    child: Child,
    answers: fn(u16) -> bool,
    pub port: u16,
    data: PathBuf,
    /// How long it took until it answered.
    pub took: Duration,
}

impl Server {
    /// Chinwag with an empty data directory and these settings.
    pub fn chinwag(root: &Path, words: &[&str], settings: &[(&str, &str)]) -> Result<Self> {
        let port = free_port()?;
        let data = root.join(format!("target/xtask/server-{port}"));
        let mut command = command::program(root, words);
        command.env("CHINWAG__LISTEN", address(port)).env("CHINWAG__DATA_DIR", &data);
        command.envs(settings.iter().copied());
        Self::start(command, is_ready, port, data)
    }

    /// Any other program; it takes its address as its last word.
    pub fn other(root: &Path, words: &[&str]) -> Result<Self> {
        let port = free_port()?;
        let mut command = command::program(root, words);
        command.arg(address(port)).stderr(Stdio::null());
        Self::start(command, is_listening, port, PathBuf::new())
    }

    fn start(mut command: Command, answers: fn(u16) -> bool, port: u16, data: PathBuf) -> Result<Self> {
        let begun = Instant::now();
        let child = spawn(command.stdout(Stdio::null()))?;
        let mut server = Self { command, child, answers, port, data, took: Duration::ZERO };
        server.await_answer(begun)?;
        Ok(server)
    }

    /// Ends the process as in an accident and starts it again with the same data.
    pub fn restart(&mut self) -> Result<()> {
        self.end();
        let begun = Instant::now();
        self.child = spawn(&mut self.command)?;
        self.await_answer(begun)
    }

    fn await_answer(&mut self, begun: Instant) -> Result<()> {
        while !(self.answers)(self.port) {
            ensure!(begun.elapsed() < READY, "nobody answered on port {} within {} s", self.port, READY.as_secs());
            std::thread::sleep(POLL);
        }
        self.took = begun.elapsed();
        Ok(())
    }

    pub fn address(&self) -> String {
        address(self.port)
    }

    pub fn data(&self) -> &Path {
        &self.data
    }

    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Ends the process; its data stays as long as this value.
    pub fn end(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end();
        // There may be none, and what is left is under target/.
        let _ = fs::remove_dir_all(&self.data);
    }
}

fn spawn(command: &mut Command) -> Result<Child> {
    command.spawn().with_context(|| format!("{} did not start", command.get_program().to_string_lossy()))
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

fn address(port: u16) -> String {
    format!("127.0.0.1:{port}")
}

fn is_listening(port: u16) -> bool {
    TcpStream::connect(("127.0.0.1", port)).is_ok()
}

fn is_ready(port: u16) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(("127.0.0.1", port))?;
        stream.write_all(b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut head = [0; 12];
        stream.read_exact(&mut head)?;
        Ok(head.ends_with(b" 200"))
    };
    ask().unwrap_or(false)
}
