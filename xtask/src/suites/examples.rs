//! Runs the scripts of `docs/examples/`, each against a debug server of its own with an empty data directory. It checks
//! nothing itself: a script that ends well has passed.

use std::{
    fs::{self, File},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};

use super::tally::Tally;
use crate::{command, say};

const READY: Duration = Duration::from_secs(10);
const POLL: Duration = Duration::from_millis(20);

pub fn run(root: &Path, log: &File) -> Result<(Tally, Vec<String>)> {
    let mut scripts: Vec<PathBuf> = fs::read_dir(root.join("docs/examples"))
        .context("docs/examples cannot be read")?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "sh"))
        .collect();
    scripts.sort();
    ensure!(!scripts.is_empty(), "docs/examples has no scripts");
    let (mut tally, mut lines) = (Tally::default(), Vec::new());
    for script in scripts {
        say(&format!("-- {}", script.file_name().unwrap_or_default().to_string_lossy()));
        let server = Server::start(root)?;
        let script = script.to_string_lossy();
        let finished =
            command::stream(command::program(root, &["bash", &script]).env("CHINWAG_URL", &server.url), log)?;
        tally += if finished.ok { Tally::SUCCESS } else { Tally::FAILURE };
        lines.extend(finished.lines);
    }
    Ok((tally, lines))
}

/// A running debug server; ends with this value.
struct Server {
    child: Child,
    data: PathBuf,
    url: String,
}

impl Server {
    fn start(root: &Path) -> Result<Self> {
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let data = root.join(format!("target/xtask/examples-{port}"));
        let mut command = command::program(root, &["target/debug/chinwag"]);
        command.env("CHINWAG__LISTEN", format!("127.0.0.1:{port}")).env("CHINWAG__DATA_DIR", &data);
        command.env("CHINWAG__GUESTS", "true").stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().context("target/debug/chinwag did not start; the suite `server` builds it")?;
        let server = Self { child, data, url: format!("http://localhost:{port}") };
        let begun = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            ensure!(begun.elapsed() < READY, "the server did not listen within {} s", READY.as_secs());
            std::thread::sleep(POLL);
        }
        Ok(server)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, and what is left is under target/.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.data);
    }
}
