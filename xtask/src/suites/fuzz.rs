//! Runs each target of `fuzz/` for a minute on what it has found before. What a target promises stands in it; here is how it is
//! started.

use std::{fs, fs::File, path::Path};

use anyhow::{Context as _, Result, ensure};

use super::tally::Tally;
use crate::{command, say};

const SECONDS: u32 = 60;
/// Bytes of an input, and seconds that one may take.
const LIMITS: [&str; 2] = ["-max_len=4096", "-timeout=10"];
/// Nothing here is unsafe, so there is nothing for a sanitizer to see, and without one the stable compiler does.
const RUN: [&str; 5] = ["cargo", "fuzz", "run", "--sanitizer", "none"];

pub fn run(root: &Path, log: &File) -> Result<(Tally, Vec<String>)> {
    let targets = targets(root)?;
    if let Err(reason) = tool(log) {
        let line = format!("SKIPPED {}: {reason:#}", targets.join(", "));
        say(&line);
        return Ok((Tally { skipped: targets.len(), ..Tally::default() }, vec![line]));
    }
    let (mut tally, mut lines) = (Tally::default(), Vec::new());
    for target in &targets {
        say(&format!("-- {target}"));
        let time = format!("-max_total_time={SECONDS}");
        let words = [&RUN[..], &[target, "--", &time, "-dict=fuzz/words.dict"], &LIMITS].concat();
        let finished = command::stream(&mut command::program(root, &words), log)?;
        tally += if finished.ok { Tally::SUCCESS } else { Tally::FAILURE };
        lines.extend(finished.lines);
    }
    Ok((tally, lines))
}

/// One for each file.
fn targets(root: &Path) -> Result<Vec<String>> {
    let files = fs::read_dir(root.join("fuzz/fuzz_targets")).context("fuzz/fuzz_targets cannot be read")?;
    let name = |file: fs::DirEntry| Some(file.file_name().to_str()?.strip_suffix(".rs")?.to_owned());
    let mut targets: Vec<String> = files.filter_map(|file| name(file.ok()?)).collect();
    targets.sort();
    ensure!(!targets.is_empty(), "fuzz/ has no targets");
    Ok(targets)
}

/// cargo-fuzz, installed where it is missing.
fn tool(log: &File) -> Result<()> {
    let here = Path::new(".");
    if command::read(&mut command::program(here, &["cargo", "fuzz", "--version"])).is_ok() {
        return Ok(());
    }
    say("installing cargo-fuzz");
    let finished = command::stream(&mut command::program(here, &["cargo", "install", "--locked", "cargo-fuzz"]), log)?;
    ensure!(finished.ok, "cargo-fuzz is not there and could not be installed; is the network there?");
    Ok(())
}
