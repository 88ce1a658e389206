//! One run: a fresh server or reference on one core, the generator on the other, and the figures it prints. It judges
//! nothing but whether a run counts.

use std::{path::Path, process::Stdio};

use anyhow::{Context as _, Result, bail};
use serde_json::{Map, Value, json};

use super::plan::Scenario;
use crate::{command, say, server::Server};

/// Budgets against people are raised: the generator is many people at one address.
pub const RAISED: [(&str, &str); 7] = [
    ("CHINWAG__LIMITS__SOCKETS_PER_USER", "20000"),
    ("CHINWAG__LIMITS__FRAMES_PER_SECOND", "1000000"),
    ("CHINWAG__LIMITS__FRAMES_BURST", "1000000"),
    ("CHINWAG__LIMITS__REGISTRATIONS_PER_MINUTE", "1000000"),
    ("CHINWAG__LIMITS__FAILED_LOGINS_PER_MINUTE", "1000000"),
    ("CHINWAG__FILES__QUOTA_BYTES", "0"),
    ("CHINWAG__LOG__LEVEL", "warn"),
];
/// How often a run is tried until nothing else disturbs it.
const TRIES: usize = 3;

/// What the generator is told besides the scenario.
#[derive(Default)]
pub struct Setup {
    /// Else each scenario is as long as it says.
    pub seconds: Option<f64>,
    /// Else whole.
    pub scale: Option<f64>,
}

/// What one run measured.
pub struct Figures(Map<String, Value>);

impl Figures {
    #[cfg(test)]
    pub fn of(figures: &Value) -> Self {
        Self(figures.as_object().cloned().unwrap_or_default())
    }

    pub fn number(&self, key: &str) -> Option<f64> {
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
    let middle = numbers.len() / 2;
    let upper = *numbers.get(middle)?;
    Some(if numbers.len() % 2 == 0 { f64::midpoint(numbers[middle - 1], upper) } else { upper })
}

/// The reference broadcaster under the scenario's load.
pub fn reference(root: &Path, scenario: &Scenario, setup: &Setup, batched: bool) -> Result<Figures> {
    undisturbed(|| {
        let mut words = vec!["taskset", "-c", "0", "target/release/chinwag-loadgen", "limit"];
        words.extend(batched.then_some("--batched"));
        words.push("--listen");
        let server = Server::other(root, &words).context("the reference")?;
        load(root, scenario, setup, &server, true)
    })
}

/// A release server with an empty data directory under the scenario's load.
pub fn server(root: &Path, scenario: &Scenario, setup: &Setup) -> Result<Figures> {
    undisturbed(|| {
        let words = ["taskset", "-c", "0", "target/release/chinwag"];
        let mut server = Server::chinwag(root, &words, &RAISED).context("the release server")?;
        let started = server.took;
        let mut figures =
            if scenario.load.is_some() { load(root, scenario, setup, &server, false)? } else { Figures(Map::new()) };
        figures.0.insert("start_s".to_owned(), json!(started.as_secs_f64()));
        if scenario.figures.iter().any(|figure| figure.key == "restart_s") {
            server.restart()?;
            figures.0.insert("restart_s".to_owned(), json!(server.took.as_secs_f64()));
        }
        Ok(figures)
    })
}

/// A disturbed run is void, not failed: it is run again, and the last one is kept as it is.
pub fn undisturbed(mut run: impl FnMut() -> Result<Figures>) -> Result<Figures> {
    for _ in 1..TRIES {
        let figures = run()?;
        if figures.is_sound() {
            return Ok(figures);
        }
        say(&format!("void: {}", Value::from(figures.list("void").to_vec())));
    }
    run()
}

fn load(root: &Path, scenario: &Scenario, setup: &Setup, server: &Server, reference: bool) -> Result<Figures> {
    let load = scenario.load.context("the scenario has no load")?;
    let (address, id) = (server.address(), server.process().to_string());
    let mut words = vec!["taskset", "-c", "1", "target/release/chinwag-loadgen", "run", load, "--server", &address];
    words.extend(["--pid", &id]);
    words.extend(reference.then_some("--reference"));
    let disk = server.data().to_string_lossy();
    let options = ["--disk", &*disk];
    words.extend(if reference { [""; 0].as_slice() } else { options.as_slice() });
    generate(root, &words, setup)
}

/// Starts the generator and gives what it prints.
pub fn generate(root: &Path, words: &[&str], setup: &Setup) -> Result<Figures> {
    let mut command = command::program(root, words);
    for (option, number) in [("--seconds", setup.seconds), ("--scale", setup.scale)] {
        if let Some(number) = number {
            command.arg(option).arg(number.to_string());
        }
    }
    // How far it is, it says there.
    let printed = command::read(command.stderr(Stdio::inherit()))?;
    let Ok(Value::Object(figures)) = serde_json::from_str(printed.trim()) else {
        bail!("the generator printed no figures: {printed}");
    };
    let figures = Figures(figures);
    if figures.is_wrong() {
        say(&format!("WRONG: {}", Value::from(figures.list("wrong").to_vec())));
    }
    Ok(figures)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(p99: f64, void: &[&str]) -> Figures {
        Figures::of(&json!({"p99_ms": p99, "void": void}))
    }

    #[test]
    fn disturbed_runs_do_not_count() {
        let runs = [run(3.0, &[]), run(900.0, &["others"]), run(2.0, &[]), run(800.0, &["others"]), run(1.0, &[])];
        assert_eq!(median(&runs, "p99_ms"), Some(2.0));
    }

    #[test]
    fn between_two_runs_lies_their_mean() {
        assert_eq!(median(&[run(4.0, &[]), run(1.0, &[])], "p99_ms"), Some(2.5));
        assert_eq!(median(&[], "p99_ms"), None);
    }

    #[test]
    fn when_all_are_disturbed_all_are_shown() {
        assert_eq!(median(&[run(1.0, &["others"]), run(3.0, &["others"]), run(2.0, &["others"])], "p99_ms"), Some(2.0));
    }
}
