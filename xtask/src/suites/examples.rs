//! Runs the scripts of `docs/examples/`, each against a debug server of its own with an empty data directory. It checks
//! nothing itself: a script that ends well has passed.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};

use super::tally::Tally;
use crate::{command, say, server::Server};

/// The examples show guests, too. What the server logs is not for whoever looks at the scripts.
const SETTINGS: [(&str, &str); 2] = [("CHINWAG__GUESTS", "true"), ("CHINWAG__LOG__LEVEL", "error")];

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
        let server = Server::chinwag(root, &["target/debug/chinwag"], &SETTINGS)
            .context("the debug server; the suite `server` builds it")?;
        let url = format!("http://localhost:{}", server.port);
        let script = script.to_string_lossy();
        let finished = command::stream(command::program(root, &["bash", &script]).env("CHINWAG_URL", url), log)?;
        tally += if finished.ok { Tally::SUCCESS } else { Tally::FAILURE };
        lines.extend(finished.lines);
    }
    Ok((tally, lines))
}
