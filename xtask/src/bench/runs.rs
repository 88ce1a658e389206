//! One run: a fresh server or reference on one core, the generator on the other, and the figures it prints. It judges
//! nothing but whether a run counts.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Map, Value, json};

use super::plan::Scenario;
use crate::{command, say};

const READY: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(1);
/// How often a run is tried until nothing else disturbs it.
const TRIES: usize = 3;

/// What the generator is told besides the scenario.
pub struct Setup {
    pub seconds: f64,
    pub scale: f64,
}

impl Default for Setup {
    fn default() -> Self {
        Self { seconds: 10.0, scale: 1.0 }
    }
}

/// What one run measured.
pub struct Figures(Map<String, Value>);

impl Figures {
    fn number(&self, key: &str) -> Option<f64> {
        self.0.get(key)?.as_f64()
    }

    fn list(&self, key: &str) -> &[Value] {
        self.0.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// Nothing disturbed it.
    pub fn is_sound(&self) -> bool {
        self.list("void").is_empty()
    }

    /// A promise was broken in it.
    pub fn is_wrong(&self) -> bool {
        !self.list("wrong").is_empty()
    }

    pub fn summary(&self) -> String {
        let figures = self.0.iter().filter(|(_, value)| !value.as_array().is_some_and(Vec::is_empty));
        figures.map(|(key, value)| format!("{key} {}", short(value))).collect::<Vec<_>>().join(", ")
    }
}

fn short(value: &Value) -> String {
    value.as_f64().map_or_else(|| value.to_string(), |number| format!("{number:.3}"))
}

/// Of the runs that count, or of all when none does.
pub fn median(runs: &[Figures], key: &str) -> Option<f64> {
    let numbers = |sound: bool| -> Vec<f64> {
        runs.iter().filter(|run| !sound || run.is_sound()).filter_map(|run| run.number(key)).collect()
    };
    let mut numbers = if runs.iter().any(Figures::is_sound) { numbers(true) } else { numbers(false) };
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied()
}

/// The reference broadcaster under the scenario's load.
pub fn reference(root: &Path, scenario: &Scenario, setup: &Setup, batched: bool) -> Result<Figures> {
    undisturbed(|| {
        let port = free_port()?;
        let listen = format!("127.0.0.1:{port}");
        let mut words = vec!["taskset", "-c", "0", "target/release/chinwag-loadgen", "limit", "--listen", &listen];
        words.extend(batched.then_some("--batched"));
        let child =
            command::program(root, &words).stderr(Stdio::null()).spawn().context("the reference did not start")?;
        let server = Running { child, port, data: None };
        server.await_listener()?;
        load(root, scenario, setup, &server, true)
    })
}

/// A release server with an empty data directory under the scenario's load.
pub fn server(root: &Path, scenario: &Scenario, setup: &Setup) -> Result<Figures> {
    undisturbed(|| {
        let port = free_port()?;
        let data = root.join(format!("target/xtask/bench-{port}"));
        let (server, started) = Running::start(root, port, &data)?;
        let mut figures =
            if scenario.load.is_some() { load(root, scenario, setup, &server, false)? } else { Figures(Map::new()) };
        figures.0.insert("start_s".to_owned(), json!(started.as_secs_f64()));
        if scenario.figures.iter().any(|figure| figure.key == "restart_s") {
            server.kill_and_keep()?;
            let (_server, restarted) = Running::start(root, port, &data)?;
            figures.0.insert("restart_s".to_owned(), json!(restarted.as_secs_f64()));
        }
        Ok(figures)
    })
}

/// A disturbed run is void, not failed: it is run again, and the last one is kept as it is.
fn undisturbed(mut run: impl FnMut() -> Result<Figures>) -> Result<Figures> {
    for _ in 1..TRIES {
        let figures = run()?;
        if figures.is_sound() {
            return Ok(figures);
        }
        say(&format!("void: {}", Value::from(figures.list("void").to_vec())));
    }
    run()
}

fn load(root: &Path, scenario: &Scenario, setup: &Setup, server: &Running, reference: bool) -> Result<Figures> {
    let load = scenario.load.context("the scenario has no load")?;
    let (address, id) = (format!("127.0.0.1:{}", server.port), server.child.id().to_string());
    let (seconds, scale) = (setup.seconds.to_string(), setup.scale.to_string());
    let mut words = vec!["taskset", "-c", "1", "target/release/chinwag-loadgen", "run", load, "--server", &address];
    words.extend(["--pid", &id, "--seconds", &seconds, "--scale", &scale]);
    words.extend(reference.then_some("--reference"));
    let printed = command::read(&mut command::program(root, &words))?;
    let Ok(Value::Object(figures)) = serde_json::from_str(printed.trim()) else {
        bail!("the generator printed no figures: {printed}");
    };
    let figures = Figures(figures);
    if figures.is_wrong() {
        say(&format!("WRONG: {}", Value::from(figures.list("wrong").to_vec())));
    }
    Ok(figures)
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// A server process and its data; both go with this value.
struct Running {
    child: Child,
    port: u16,
    data: Option<PathBuf>,
}

impl Running {
    /// On core 0. Budgets against people are raised: the generator is many people at one address.
    fn start(root: &Path, port: u16, data: &Path) -> Result<(Self, Duration)> {
        const RAISED: [(&str, &str); 6] = [
            ("CHINWAG__LIMITS__SOCKETS_PER_USER", "20000"),
            ("CHINWAG__LIMITS__FRAMES_PER_SECOND", "1000000"),
            ("CHINWAG__LIMITS__FRAMES_BURST", "1000000"),
            ("CHINWAG__LIMITS__REGISTRATIONS_PER_MINUTE", "1000000"),
            ("CHINWAG__LIMITS__FAILED_LOGINS_PER_MINUTE", "1000000"),
            ("CHINWAG__LOG__LEVEL", "warn"),
        ];
        let mut command = command::program(root, &["taskset", "-c", "0", "target/release/chinwag"]);
        command.envs(RAISED).env("CHINWAG__LISTEN", format!("127.0.0.1:{port}")).env("CHINWAG__DATA_DIR", data);
        let begun = Instant::now();
        let child = command.stdout(Stdio::null()).spawn().context("target/release/chinwag did not start")?;
        let server = Self { child, port, data: Some(data.to_owned()) };
        while !server.is_ready() {
            ensure!(begun.elapsed() < READY, "the server was not ready within {} s", READY.as_secs());
            std::thread::sleep(POLL);
        }
        Ok((server, begun.elapsed()))
    }

    /// The process ends as in an accident, and its data stays.
    fn kill_and_keep(mut self) -> Result<()> {
        self.data = None;
        self.child.kill().context("the server cannot be killed")
    }

    fn await_listener(&self) -> Result<()> {
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            ensure!(begun.elapsed() < READY, "nobody listens on port {}", self.port);
            std::thread::sleep(POLL);
        }
        Ok(())
    }

    fn is_ready(&self) -> bool {
        let ask = || -> std::io::Result<bool> {
            let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
            stream.write_all(b"GET /health/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
            let mut head = [0; 12];
            stream.read_exact(&mut head)?;
            Ok(head.ends_with(b" 200"))
        };
        ask().unwrap_or(false)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself, and what is left is under target/.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(data) = &self.data {
            let _ = fs::remove_dir_all(data);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(p99: f64, void: &[&str]) -> Figures {
        let Value::Object(figures) = json!({"p99_ms": p99, "void": void}) else { panic!("not an object") };
        Figures(figures)
    }

    #[test]
    fn disturbed_runs_do_not_count() {
        let runs = [run(3.0, &[]), run(900.0, &["others"]), run(2.0, &[]), run(800.0, &["others"]), run(1.0, &[])];
        assert_eq!(median(&runs, "p99_ms"), Some(2.0));
    }

    #[test]
    fn when_all_are_disturbed_all_are_shown() {
        assert_eq!(median(&[run(1.0, &["others"]), run(3.0, &["others"]), run(2.0, &["others"])], "p99_ms"), Some(2.0));
    }
}
