//! Running other programs: with their output on the terminal, in a log file and in memory at once, or quietly. Not a
//! judge of what they say.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read, Write as _},
    path::Path,
    process::{Command, Stdio},
    sync::Mutex,
};

use anyhow::{Context as _, Result, bail};

/// What a program said and whether it ended well.
pub struct Finished {
    pub ok: bool,
    pub lines: Vec<String>,
}

/// A program with its arguments, to be started in `directory`.
pub fn program(directory: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).current_dir(directory).stdin(Stdio::null());
    command
}

/// Runs the program, shows its lines as they come and appends them to `log`.
pub fn stream(command: &mut Command, log: &File) -> Result<Finished> {
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .env("NO_COLOR", "1")
        .env("CARGO_TERM_COLOR", "never")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("{name} did not start"))?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let lines = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        scope.spawn(|| copy(err, log, &lines));
        copy(out, log, &lines);
    });
    let status = child.wait().with_context(|| format!("{name} was lost"))?;
    Ok(Finished { ok: status.success(), lines: lines.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()) })
}

/// Lines are taken one at a time under the lock, so that the two streams do not mix within a line.
fn copy(from: Option<impl Read>, mut log: &File, lines: &Mutex<Vec<String>>) {
    let Some(from) = from else { return };
    for line in BufReader::new(from).split(b'\n') {
        let Ok(line) = line else { return };
        let line = String::from_utf8_lossy(&line).into_owned();
        let Ok(mut lines) = lines.lock() else { return };
        crate::say(&line);
        // A full disk loses the log, not the verdict.
        let _ = writeln!(log, "{line}");
        lines.push(line);
    }
}

/// Runs the program without showing anything and gives what it wrote to its standard output.
pub fn read(command: &mut Command) -> Result<String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().with_context(|| format!("{name} did not start"))?;
    if !output.status.success() {
        bail!("{name} failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    String::from_utf8(output.stdout).with_context(|| format!("{name} wrote something that is not UTF-8"))
}
