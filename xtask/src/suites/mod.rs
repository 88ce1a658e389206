//! Everything a change must pass, in order, on a machine that has nothing but Rust. The suites themselves stand in the
//! crates, in `web/` and in `e2e/`; here is how they are started and counted.

mod examples;
mod fuzz;
mod machine;
mod tally;

use std::{
    fs::{self, File},
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};

use self::{
    machine::Needs,
    tally::{Count, Tally},
};
use crate::{command, say, table};

/// How many lines of a failed suite are shown again at the end.
const TAIL: usize = 60;

/// One suite: steps that run one after the other, all of them even when one fails.
struct Suite {
    name: &'static str,
    about: &'static str,
    needs: Needs,
    steps: &'static [Step],
}

/// A program to run in a directory, and how its verdict is read. Or one of our own runners.
enum Step {
    Run {
        directory: &'static str,
        words: &'static [&'static str],
        count: Count,
    },
    /// Tests of all crates but the end-to-end binary.
    Crates,
    /// `docs/examples/*.sh`, each against a fresh server.
    Examples,
    /// The targets of `fuzz/`, each for a minute.
    Fuzz,
}

const fn step(directory: &'static str, words: &'static [&'static str], count: Count) -> Step {
    Step::Run { directory, words, count }
}

/// Every cargo call selects the whole workspace, so that all share one resolution of features and nothing is built twice.
const SUITES: [Suite; 16] = [
    Suite {
        name: "fmt",
        about: "formatting",
        needs: Needs::Nothing,
        steps: &[step(".", &["cargo", "fmt", "--all", "--check"], Count::Whole)],
    },
    Suite {
        name: "tidy",
        about: "the rules of the house",
        needs: Needs::Nothing,
        steps: &[step(".", &["cargo", "xtask", "tidy"], Count::Rules)],
    },
    Suite {
        name: "clippy",
        about: "lints, all targets, no warnings",
        needs: Needs::WebPackages,
        steps: &[step(
            ".",
            &["cargo", "clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"],
            Count::Whole,
        )],
    },
    Suite {
        name: "crates",
        about: "unit, store, realtime and bus tests, the store's on three engines",
        needs: Needs::Servers,
        // There may be no examples in the comments: that they pass is one check.
        steps: &[Step::Crates, step(".", &["cargo", "test", "--workspace", "--doc", "--locked"], Count::Whole)],
    },
    Suite {
        name: "web",
        about: "the web client: types, lint, unit tests, build, size budget",
        needs: Needs::WebPackages,
        steps: &[
            step("web", &["npm", "run", "typecheck"], Count::Whole),
            step("web", &["npm", "run", "lint"], Count::Whole),
            step("web", &["npm", "test"], Count::Vitest),
            step("web", &["npm", "run", "build"], Count::Whole),
            step("web", &["npm", "run", "size"], Count::Whole),
        ],
    },
    Suite {
        name: "server",
        about: "the debug server, as the suites below start it",
        needs: Needs::WebPackages,
        steps: &[step(".", &["cargo", "build", "--workspace", "--bins", "--locked"], Count::Whole)],
    },
    Suite {
        name: "codegen",
        about: "generated files are fresh",
        needs: Needs::WebPackages,
        steps: &[step(".", &["cargo", "xtask", "codegen", "--check"], Count::Rules)],
    },
    Suite {
        name: "e2e",
        about: "end to end over real sockets",
        needs: Needs::FileSystems,
        steps: &[step(".", &["cargo", "test", "--workspace", "--test", "it", "--locked"], Count::Libtest)],
    },
    Suite {
        name: "browser",
        about: "two people in Chromium",
        needs: Needs::Browser,
        steps: &[step("e2e", &["npm", "test"], Count::Node)],
    },
    Suite { name: "examples", about: "the documented calls", needs: Needs::Curl, steps: &[Step::Examples] },
    Suite {
        name: SLOW,
        about: "the browser suite at a third of the speed, only with --long or by its name",
        needs: Needs::Browser,
        steps: &[step("e2e", &["npm", "run", "test:slow"], Count::Node)],
    },
    Suite {
        name: FAR,
        about: "the browser suite with the server far away, only with --long or by its name",
        needs: Needs::Browser,
        steps: &[step("e2e", &["npm", "run", "test:far"], Count::Node)],
    },
    Suite {
        name: RACES,
        about: "what two nodes do at the same time, a thousand times on each engine, only with --long or by its name",
        needs: Needs::Servers,
        steps: &[step(
            ".",
            &[
                "env",
                "CHINWAG_RACE_ROUNDS=1000",
                "cargo",
                "test",
                "--workspace",
                "--test",
                "conformance",
                "--locked",
                "races::",
            ],
            Count::Libtest,
        )],
    },
    Suite {
        name: NODES,
        about: "three nodes on every ground, one of which stands still for a minute, only with --long or by its name",
        needs: Needs::Servers,
        steps: &[
            step(".", &["cargo", "build", "--workspace", "--bins", "--locked"], Count::Whole),
            step(
                ".",
                &[
                    "env",
                    "CHINWAG_STILL_SECONDS=60",
                    "cargo",
                    "test",
                    "--workspace",
                    "--test",
                    "it",
                    "--locked",
                    "three_nodes::",
                    "--",
                    "--include-ignored",
                    "--test-threads=1",
                ],
                Count::Libtest,
            ),
        ],
    },
    Suite {
        name: KAFKA,
        about: "the buses' suite with Kafka's own broker, only with --long or by its name",
        needs: Needs::Kafka,
        steps: &[step(
            ".",
            &[
                "cargo",
                "test",
                "--workspace",
                "--test",
                "conformance",
                "--locked",
                "kafka_itself::",
                "--",
                "--include-ignored",
                "--test-threads=1",
            ],
            Count::Libtest,
        )],
    },
    Suite {
        name: FUZZ,
        about: "what strangers send, made up at random: a minute for each target, only with --long or by its name",
        needs: Needs::Nothing,
        steps: &[step("fuzz", &["cargo", "fmt", "--check"], Count::Whole), Step::Fuzz],
    },
];

const SLOW: &str = "slow";
const FAR: &str = "far";
const RACES: &str = "races";
const NODES: &str = "nodes";
const KAFKA: &str = "kafka";
const FUZZ: &str = "fuzz";
/// The suites that take minutes whatever was changed.
const LONG: [&str; 6] = [SLOW, FAR, RACES, NODES, KAFKA, FUZZ];

/// What came of one suite.
struct Outcome {
    name: &'static str,
    tally: Tally,
    took: Duration,
    tail: Vec<String>,
}

/// Runs the named suites, or all; gives whether everything passed.
pub fn run(root: &Path, words: &[&str]) -> Result<bool> {
    let is_long = words == ["--long"];
    let names = if is_long { &[] } else { words };
    if names == ["--list"] {
        for suite in &SUITES {
            say(&format!("{:<10}{}", suite.name, suite.about));
        }
        return Ok(true);
    }
    if let Some(unknown) = names.iter().find(|name| SUITES.iter().all(|suite| suite.name != **name)) {
        bail!("there is no suite {unknown}; `cargo xtask test --list` names them");
    }
    let is_wanted = |suite: &&Suite| match names.is_empty() {
        true => is_long || !LONG.contains(&suite.name),
        false => names.contains(&suite.name),
    };
    let logs = root.join("target/xtask");
    fs::create_dir_all(&logs).with_context(|| format!("{} cannot be made", logs.display()))?;
    let mut outcomes = Vec::new();
    for suite in SUITES.iter().filter(is_wanted) {
        say(&format!("\n==== {}: {}", suite.name, suite.about));
        let log = logs.join(format!("{}.log", suite.name));
        let file = File::create(&log).with_context(|| format!("{} cannot be written", log.display()))?;
        let started = Instant::now();
        let (tally, lines) = attempt(root, suite, &file);
        let outcome = Outcome { name: suite.name, tally, took: started.elapsed(), tail: lines };
        say(&format!("---- {}: {} in {:.1} s", suite.name, outcome.tally, outcome.took.as_secs_f64()));
        outcomes.push(outcome);
    }
    summarize(&outcomes);
    Ok(outcomes.iter().all(|outcome| outcome.tally.failed == 0))
}

/// Never an error: what cannot be run has failed.
fn attempt(root: &Path, suite: &Suite, log: &File) -> (Tally, Vec<String>) {
    let mut tally = Tally::default();
    let mut lines = Vec::new();
    if let Err(error) = machine::prepare(root, suite.needs, log) {
        say(&format!("{error:#}"));
        return (Tally::FAILURE, vec![format!("{error:#}")]);
    }
    for step in suite.steps {
        match take(root, step, log) {
            Ok((count, mut said)) => {
                tally += count;
                lines.append(&mut said);
            }
            Err(error) => {
                say(&format!("{error:#}"));
                tally += Tally::FAILURE;
                lines.push(format!("{error:#}"));
            }
        }
    }
    (tally, lines)
}

fn take(root: &Path, step: &Step, log: &File) -> Result<(Tally, Vec<String>)> {
    match step {
        Step::Run { directory, words, count } => {
            let finished = command::stream(&mut command::program(&root.join(directory), words), log)?;
            Ok((count.read(&finished), finished.lines))
        }
        Step::Crates => {
            let targets = machine::test_targets(root)?;
            let mut words = vec!["cargo", "test", "--workspace", "--lib", "--bins", "--locked", "--no-fail-fast"];
            words.extend(targets.iter().flat_map(|name| ["--test", name.as_str()]));
            let finished = command::stream(&mut command::program(root, &words), log)?;
            Ok((Count::Libtest.read(&finished), finished.lines))
        }
        Step::Examples => examples::run(root, log),
        Step::Fuzz => fuzz::run(root, log),
    }
}

fn summarize(outcomes: &[Outcome]) {
    for outcome in outcomes.iter().filter(|outcome| outcome.tally.failed > 0) {
        say(&format!("\n==== {} failed; the end of target/xtask/{}.log:", outcome.name, outcome.name));
        for line in outcome.tail.iter().skip(outcome.tail.len().saturating_sub(TAIL)) {
            say(line);
        }
    }
    let mut total = Tally::default();
    let mut rows = Vec::new();
    for Outcome { name, tally, took, .. } in outcomes {
        total += *tally;
        let counts = [tally.passed, tally.failed, tally.skipped].map(|count| count.to_string());
        rows.push([vec![(*name).to_owned()], counts.to_vec(), vec![format!("{:.1}", took.as_secs_f64())]].concat());
    }
    say("");
    say(&table::plain(&["suite", "passed", "failed", "skipped", "seconds"], &rows));
    say(&format!("chinwag: {total}"));
}
