//! The real binary as a process of its own: started, killed, stopped and started again on the same port and the same data.
//! For everything that does not need that, `server.rs` is faster.

use std::{
    fs,
    fs::File,
    io::{Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use rustix::process::{Pid, Resource, Rlimit, Signal, WaitOptions, kill_process, prlimit, waitpid};
use tempfile::TempDir;

/// How often a condition of another process is looked at.
const POLL: Duration = Duration::from_millis(2);
/// How long a process may take to get ready or to end before a test gives up.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a time of day of one's own comes from, as Debian has it.
const FAKETIME: &str = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

/// A server process; killed when this value is dropped.
pub struct Process {
    child: Child,
    address: SocketAddr,
    home: TempDir,
    settings: Vec<(String, String)>,
    /// What its clock is off by, if it has one of its own.
    clock: Option<PathBuf>,
}

/// Says by how many seconds the processes that go by this file are off the true time.
pub fn set_clock(clock: &Path, seconds: i64) -> Result<()> {
    // In one go: they look at it all the time.
    let new = clock.with_extension("new");
    fs::write(&new, format!("{seconds:+}\n"))?;
    Ok(fs::rename(new, clock)?)
}

impl Process {
    /// Starts on a free port with an empty data directory. Settings are those of the settings file by their keys
    /// (`limits.text_chars`).
    pub fn start(settings: &[(&str, &str)]) -> Result<Self> {
        let mut process = Self::launch(settings, None)?;
        process.await_ready()?;
        Ok(process)
    }

    /// The same without waiting until it is ready, for a first start that does not come to that; with a failpoint as
    /// [`Process::restart_with`] has it.
    pub fn launch(settings: &[(&str, &str)], failpoint: Option<&str>) -> Result<Self> {
        Self::launch_with(settings, failpoint.map(|point| ("CHINWAG_FAILPOINT", point)), None)
    }

    /// Starts with a time of day of its own, which is off by the seconds that stand in this file (`+600`) and jumps when others do. How
    /// long something takes is not touched.
    pub fn start_by_clock(settings: &[(&str, &str)], clock: &Path) -> Result<Self> {
        ensure!(Path::new(FAKETIME).exists(), "`cargo xtask test` installs libfaketime");
        let mut process = Self::launch_with(settings, None, Some(clock.to_owned()))?;
        process.await_ready()?;
        Ok(process)
    }

    /// Starts to panic at these places for these things: `frame=mallory,verb=Cursed`.
    pub fn start_to_panic(settings: &[(&str, &str)], panics: &str) -> Result<Self> {
        let mut process = Self::launch_with(settings, Some(("CHINWAG_PANIC", panics)), None)?;
        process.await_ready()?;
        Ok(process)
    }

    fn launch_with(settings: &[(&str, &str)], switch: Option<(&str, &str)>, clock: Option<PathBuf>) -> Result<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let home = TempDir::with_prefix("chinwag-")?;
        let settings: Vec<(String, String)> =
            settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let child = spawn(&home, address, &settings, switch, clock.as_deref())?;
        Ok(Self { child, address, home, settings, clock })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Where it keeps everything.
    pub fn data_dir(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// What the process wrote so far, over all its lives.
    pub fn output(&self) -> String {
        std::fs::read_to_string(self.home.path().join("output")).unwrap_or_default()
    }

    /// `kill -9`, now.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill().context("the process cannot be killed")?;
        self.child.wait().context("the process was lost")?;
        Ok(())
    }

    pub fn signal(&self, signal: Signal) -> Result<()> {
        kill_process(self.pid()?, signal).context("the process cannot be signalled")
    }

    /// Stops all its threads where they are, and returns once they are: what the kernel was asked for is done then, what was
    /// answered is on its way, and nothing more will be asked.
    pub fn freeze(&self) -> Result<()> {
        self.signal(Signal::STOP)?;
        // The parent is told when the last thread has stopped.
        waitpid(Some(self.pid()?), WaitOptions::UNTRACED).context("the process was lost")?;
        Ok(())
    }

    /// No file may be written beyond this size from now on, as on a disk that is full; `None` lifts that.
    pub fn limit_files(&self, bytes: Option<u64>) -> Result<()> {
        prlimit(Some(self.pid()?), Resource::Fsize, Rlimit { current: bytes, maximum: None })
            .context("the process cannot be limited")?;
        Ok(())
    }

    fn pid(&self) -> Result<Pid> {
        i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).context("no such process id")
    }

    /// Waits until the process ended by itself.
    pub fn await_end(&mut self) -> Result<ExitStatus> {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            ensure!(begun.elapsed() < PATIENCE, "the process did not end within {} s", PATIENCE.as_secs());
            std::thread::sleep(POLL);
        }
    }

    /// Starts again with the same port, data and settings; gives how long it took to be ready, without the time for which the
    /// machine had no processor for it.
    pub fn restart(&mut self) -> Result<Duration> {
        self.restart_with(None)
    }

    /// The same, to abort at the n-th time the store comes by this point (`after_commit:3`), at once or so many milliseconds
    /// later (`before_commit:3:100`); with a zero it only takes so long there, every time.
    pub fn restart_with(&mut self, failpoint: Option<&str>) -> Result<Duration> {
        self.relaunch(failpoint)?;
        self.await_ready()
    }

    /// The same with other settings.
    pub fn restart_as(&mut self, settings: &[(&str, &str)]) -> Result<Duration> {
        self.settings = settings.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        self.restart()
    }

    /// The same without waiting until it is ready.
    pub fn relaunch(&mut self, failpoint: Option<&str>) -> Result<()> {
        ensure!(self.child.try_wait()?.is_some(), "the process still runs");
        let switch = failpoint.map(|point| ("CHINWAG_FAILPOINT", point));
        self.child = spawn(&self.home, self.address, &self.settings, switch, self.clock.as_deref())?;
        Ok(())
    }

    /// How long one of its threads at least wanted to run and was not let: the second number of `schedstat`.
    fn queued(&self) -> Duration {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.child.id())).into_iter().flatten().flatten();
        let of_thread = |thread: std::fs::DirEntry| {
            let line = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
            line.split_whitespace().nth(1)?.parse::<u64>().ok()
        };
        Duration::from_nanos(threads.filter_map(of_thread).max().unwrap_or_default())
    }

    fn await_ready(&mut self) -> Result<Duration> {
        let begun = Instant::now();
        match self.await_ready_or_end()? {
            None => Ok(begun.elapsed().saturating_sub(self.queued())),
            Some(status) => bail!("the server ended with {status} instead of getting ready:\n{}", self.output()),
        }
    }

    /// Waits until it is ready, or has ended instead. Another process's state can only be polled.
    pub fn await_ready_or_end(&mut self) -> Result<Option<ExitStatus>> {
        let begun = Instant::now();
        loop {
            if is_ready(self.address) {
                return Ok(None);
            }
            if let Some(status) = self.child.try_wait()? {
                return Ok(Some(status));
            }
            ensure!(
                begun.elapsed() < PATIENCE,
                "the server was not ready within {} s:\n{}",
                PATIENCE.as_secs(),
                self.output()
            );
            std::thread::sleep(POLL);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(
    home: &TempDir,
    address: SocketAddr,
    settings: &[(String, String)],
    switch: Option<(&str, &str)>,
    clock: Option<&Path>,
) -> Result<Child> {
    let output = File::options().create(true).append(true).open(home.path().join("output"))?;
    let mut command = Command::new(binary()?);
    command.current_dir(home.path()).stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output);
    command.env("CHINWAG__LISTEN", address.to_string()).env("CHINWAG__DATA_DIR", home.path().join("data"));
    for (key, value) in settings {
        command.env(format!("CHINWAG__{}", key.to_uppercase().replace('.', "__")), value);
    }
    command.env_remove("CHINWAG_FAILPOINT").env_remove("CHINWAG_PANIC").envs(switch);
    if let Some(clock) = clock {
        command.env("LD_PRELOAD", FAKETIME).env("FAKETIME_TIMESTAMP_FILE", clock);
        // It is looked at each time, and only the time of day is another.
        command.env("FAKETIME_NO_CACHE", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    }
    command.spawn().context("the server did not start")
}

/// `chinwag` beside the test that runs: `target/debug/deps/it-… → target/debug/chinwag`.
pub fn binary() -> Result<PathBuf> {
    let test = std::env::current_exe()?;
    let places = test.ancestors().skip(1).take(2).map(|directory| directory.join("chinwag"));
    let found = places.into_iter().find(|place| place.is_file());
    found.with_context(|| format!("no server beside {}: run `cargo build --workspace --bins`", shown(&test)))
}

fn shown(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// One request by hand: this must work before any client library does, and without a runtime.
fn is_ready(address: SocketAddr) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
        let mut head = [0; 12];
        stream.read_exact(&mut head)?;
        Ok(head.ends_with(b" 200"))
    };
    ask().unwrap_or(false)
}
