//! The server beside the reference broadcaster: builds both, runs the scenarios alternately and prints ratios and bars. The
//! load itself comes from `chinwag-loadgen`.

mod cluster;
mod ground;
mod page;
mod plan;
mod runs;

use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};

use self::{
    plan::{Against, Bar, FILES, Figure, PLAN, Scenario},
    runs::{Figures, Setup, median},
};
use crate::{command, say, table};

const ROUNDS: usize = 3;
const HEAD: [&str; 7] = ["scenario", "figure", "chinwag", "limit", "ratio", "bar", ""];

/// Of the scenarios, as the generator has it.
const LENGTHS: &str = "10 s, `idle10k` 600 s";
/// Of those of files.
const FILE_LENGTHS: &str = "10 s, `uploads` as long as they take";

/// What is measured at a time, a table of its own each.
enum Part {
    Messages,
    Files,
    /// Several nodes instead of scenarios.
    Cluster,
}

struct Options {
    /// Of what is measured; without any, all of it.
    names: Vec<String>,
    part: Part,
    rounds: usize,
    write: bool,
    setup: Setup,
}

/// Gives whether every bar was reached by runs that count.
pub fn run(root: &Path, words: &[&str]) -> Result<bool> {
    let options = parse(words)?;
    let (plan, marks, lengths): (&[Scenario], _, _) = match options.part {
        Part::Cluster => return cluster::run(root, &options),
        Part::Messages => (&PLAN, page::SCENARIOS, LENGTHS),
        Part::Files => (&FILES, page::FILES, FILE_LENGTHS),
    };
    let scenarios = named(&options.names, plan, |scenario| scenario.name)?;
    say("building the release server and the generator");
    build(root, &[])?;
    let mut rows = Vec::new();
    for scenario in scenarios {
        say(&format!("\n==== {}: {}", scenario.name, scenario.about));
        rows.extend(measure(root, scenario, &options)?);
    }
    say(&format!("\n{}", table::plain(&HEAD, &rows)));
    if options.write {
        let length = page::length(options.rounds, options.setup.seconds, lengths);
        page::write(root, marks, &length, &table::markdown(&HEAD, &rows))?;
        say("wrote docs/performance.md");
    }
    Ok(rows.iter().all(|row| row[6] == "ok"))
}

/// The release server and the generator, and what is named besides.
fn build(root: &Path, more: &[&str]) -> Result<()> {
    let words =
        ["cargo", "build", "--release", "--locked", "--package", "chinwag-server", "--package", "chinwag-loadgen"];
    let built = command::program(root, &[&words, more].concat()).status().context("cargo did not start")?;
    ensure!(built.success(), "the build failed");
    Ok(())
}

/// Those of the names, or all where there are none.
fn named<'a, T>(names: &[String], all: &'a [T], name: impl Fn(&T) -> &str) -> Result<Vec<&'a T>> {
    if let Some(unknown) = names.iter().find(|wanted| all.iter().all(|one| name(one) != **wanted)) {
        let there: Vec<&str> = all.iter().map(&name).collect();
        bail!("there is no {unknown}; there are {}", there.join(", "));
    }
    Ok(all.iter().filter(|one| names.is_empty() || names.iter().any(|wanted| wanted == name(one))).collect())
}

fn parse(words: &[&str]) -> Result<Options> {
    let mut options =
        Options { names: Vec::new(), part: Part::Messages, rounds: ROUNDS, write: false, setup: Setup::default() };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut number = || -> Result<f64> {
            let value = words.next().with_context(|| format!("{word} needs a number"))?;
            value.parse().with_context(|| format!("{value} is no number"))
        };
        match *word {
            "--cluster" => options.part = Part::Cluster,
            "--files" => options.part = Part::Files,
            "--write" => options.write = true,
            "--rounds" => options.rounds = (number()? as usize).max(1),
            "--seconds" => options.setup.seconds = Some(number()?),
            "--scale" => options.setup.scale = Some(number()?),
            name => options.names.push(name.to_owned()),
        }
    }
    ensure!(
        !options.write || options.setup.scale.is_none(),
        "only whole scenarios are written down: leave --scale out"
    );
    Ok(options)
}

/// Runs the scenario against what its figures need, in turn, so that what the machine does besides hits all alike.
fn measure(root: &Path, scenario: &Scenario, options: &Options) -> Result<Vec<Vec<String>>> {
    let (mut server, mut limit, mut batched) = (Vec::new(), Vec::new(), Vec::new());
    let needs = |against| scenario.figures.iter().any(|figure| figure.against == against);
    for round in 1..=options.rounds {
        let turn = |who: &str, figures: Result<Figures>| -> Result<Figures> {
            let figures = figures?;
            say(&format!("round {round}, {who}: {}", figures.summary()));
            Ok(figures)
        };
        if needs(Against::Limit) {
            limit.push(turn("limit", runs::reference(root, scenario, &options.setup, false))?);
        }
        if needs(Against::Batched) {
            batched.push(turn("limit, batched", runs::reference(root, scenario, &options.setup, true))?);
        }
        server.push(turn("chinwag", runs::server(root, scenario, &options.setup))?);
    }
    Ok(scenario.figures.iter().map(|figure| row(scenario.name, figure, &server, &limit, &batched)).collect())
}

fn row(name: &str, figure: &Figure, server: &[Figures], limit: &[Figures], batched: &[Figures]) -> Vec<String> {
    let reference = match figure.against {
        Against::Nothing => None,
        Against::Limit => median(limit, figure.key),
        Against::Batched => median(batched, figure.key),
        Against::Own(key) => median(server, key),
    };
    let measured = median(server, figure.key);
    let ratio = measured.zip(reference).map(|(measured, reference)| measured / reference);
    let judged = if figure.against == Against::Nothing { measured } else { ratio };
    // A reference that lost something is no measure.
    let is_wrong = [server, limit, batched].into_iter().flatten().any(Figures::is_wrong);
    let is_sound = [server, limit, batched].into_iter().flatten().all(Figures::is_sound);
    let verdict = match (judged.map(|value| figure.bar.holds(value)), is_sound) {
        _ if is_wrong => "WRONG",
        (None, _) => "missing",
        (Some(true), true) => "ok",
        (Some(true), false) => "ok (void)",
        (Some(false), true) => "BELOW",
        (Some(false), false) => "below (void)",
    };
    vec![
        name.to_owned(),
        figure.label.to_owned(),
        measured.map_or_else(|| "–".to_owned(), shown),
        reference.map_or_else(String::new, shown),
        ratio.map_or_else(String::new, |ratio| format!("{ratio:.2}")),
        match figure.bar {
            Bar::AtLeast(least) => format!("≥ {}", shown(least)),
            Bar::AtMost(most) => format!("≤ {}", shown(most)),
        },
        verdict.to_owned(),
    ]
}

/// Three digits that say something.
fn shown(value: f64) -> String {
    match value.abs() {
        size if size >= 10_000_000.0 => format!("{:.1} M", value / 1e6),
        size if size >= 1_000_000.0 => format!("{:.2} M", value / 1e6),
        size if size >= 10_000.0 => format!("{:.0} k", value / 1e3),
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const P99: Figure = Figure { key: "p99_ms", label: "p99, ms", against: Against::Limit, bar: Bar::AtMost(1.3) };

    fn verdict(server: &[Figures], limit: &[Figures]) -> String {
        row("steady", &P99, server, limit, &[])[6].clone()
    }

    #[test]
    fn a_ratio_counts_only_where_both_sides_kept_their_promises() {
        let good = |p99: f64| [Figures::of(&json!({"p99_ms": p99}))];
        let wrong = [Figures::of(&json!({"p99_ms": 1.0, "wrong": ["lost"]}))];
        let void = [Figures::of(&json!({"p99_ms": 1.0, "void": ["others"]}))];
        assert_eq!(verdict(&good(1.0), &good(1.0)), "ok");
        assert_eq!(verdict(&good(2.0), &good(1.0)), "BELOW");
        assert_eq!(verdict(&good(1.0), &void), "ok (void)");
        assert_eq!(verdict(&wrong, &good(1.0)), "WRONG");
        assert_eq!(verdict(&good(1.0), &wrong), "WRONG");
        assert_eq!(verdict(&good(1.0), &[]), "missing");
    }

    #[test]
    fn a_part_of_the_load_is_not_written_down() {
        assert!(parse(&["--write"]).is_ok());
        assert!(parse(&["steady", "--scale", "0.1"]).is_ok());
        assert!(parse(&["--write", "--scale", "0.1"]).is_err());
    }

    #[test]
    fn what_is_named_is_measured_and_without_a_name_everything() {
        let scenarios = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(ToString::to_string).collect();
            named(&names, &PLAN, |scenario| scenario.name).map(|found| found.len())
        };
        assert_eq!(scenarios(&["steady", "rss"]).ok(), Some(2));
        assert_eq!(scenarios(&[]).ok(), Some(PLAN.len()));
        assert_eq!(named(&[], &FILES, |scenario| scenario.name).map(|found| found.len()).ok(), Some(FILES.len()));
        assert!(scenarios(&["steadily"]).is_err());
    }
}
