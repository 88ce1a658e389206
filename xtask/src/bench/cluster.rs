//! From one node to three on the databases and buses there are, beside what each database does by itself. Nothing is pinned to a
//! processor: nodes, database, bus and generator share those of the machine.

use std::path::Path;

use anyhow::Result;

use super::{
    Options, build,
    ground::{Ground, Nodes},
    named, page,
    runs::{Figures, Setup, generate, median, undisturbed},
    shown,
};
use crate::{say, table};

const GROUNDS: [Ground; 3] = [
    Ground { name: "sqlite", title: "SQLite", services: None, nodes: &[1] },
    Ground { name: "postgres", title: "PostgreSQL and NATS", services: Some(["postgres", "nats"]), nodes: &[1, 2, 3] },
    Ground { name: "mariadb", title: "MariaDB and Redis", services: Some(["mariadb", "redis"]), nodes: &[1, 2, 3] },
];
const TWO: usize = 2;

/// Rows of a commit and connections, for the database by itself. With each of the last two as much is in flight as the senders have.
const LIMITS: [(usize, usize); 4] = [(1, 1), (8, 1), (64, 1), (16, 4)];
const LIMIT_SECONDS: u64 = 4;
/// Connections on which a node writes texts, as long as nothing holds it up.
const WRITERS: usize = 1;
/// Of the better of those two.
const LEAST_SHARE: f64 = 0.6;
/// Milliseconds from a sender at one node to a listener at another.
const MOST_ACROSS: f64 = 15.0;

const POSTS: [&str; 12] = [
    "on",
    "nodes",
    "posts/s, 64 in flight",
    "p99, ms",
    "in a commit",
    "µs of the nodes",
    "µs of the database",
    "database alone/s",
    "ratio",
    "alone in such commits/s",
    "posts/s in lockstep",
    "p99, ms",
];
const FAN_OUT: [&str; 7] = [
    "on",
    "nodes",
    "deliveries per CPU second of the nodes",
    "of the database",
    "of the bus",
    "p99, ms",
    "500/s from one node to another, p99, ms",
];
const ALONE: [&str; 5] = ["on", "1 row a commit", "8 rows", "64 rows", "4 × 16 rows"];

/// What was measured of so many nodes.
#[derive(Default)]
struct Measured {
    durable: Vec<Figures>,
    lockstep: Vec<Figures>,
    steady: Vec<Figures>,
    across: Vec<Figures>,
    /// Of each limit.
    alone: [Vec<f64>; LIMITS.len()],
    /// In commits as large as those of the server.
    alike: Vec<f64>,
}

/// Gives whether every bar was reached by runs that count.
pub fn run(root: &Path, options: &Options) -> Result<bool> {
    let grounds = named(&options.names, &GROUNDS, |ground| ground.name)?;
    say("building the release server, the generator, and what starts and fills databases");
    let more = ["--package", "chinwag-testdb", "--package", "chinwag-store", "--bins", "--example", "insert_limit"];
    build(root, &more)?;
    let (mut posts, mut fan_out, mut alone) = (Vec::new(), Vec::new(), Vec::new());
    let mut is_well = true;
    for ground in grounds {
        let mut limits: [Vec<f64>; LIMITS.len()] = Default::default();
        let mut measured: Vec<Measured> = ground.nodes.iter().map(|_| Measured::default()).collect();
        for round in 1..=options.rounds {
            for (count, measured) in ground.nodes.iter().zip(&mut measured) {
                say(&format!("\n==== {}, nodes: {count}, round {round}", ground.title));
                measured.add(root, ground, *count, &options.setup)?;
            }
        }
        for (count, measured) in ground.nodes.iter().zip(measured) {
            is_well &= measured.is_well();
            posts.push(measured.posts(ground, *count));
            fan_out.push(measured.fan_out(ground, *count));
            limits.iter_mut().zip(measured.alone).for_each(|(all, of_these)| all.extend(of_these));
        }
        alone.push([vec![ground.title.to_owned()], limits.iter_mut().map(|all| rate(all)).collect()].concat());
    }
    let tables: [(&[&str], _); 3] = [(&POSTS, posts), (&FAN_OUT, fan_out), (&ALONE, alone)];
    for (head, rows) in &tables {
        say(&format!("\n{}", table::plain(head, rows)));
    }
    if options.write {
        let tables = tables.map(|(head, rows)| table::markdown(head, &rows));
        let length = page::length(options.rounds, options.setup.seconds, "10 s");
        page::write(root, page::CLUSTER, &length, &tables.join("\n\n"))?;
        say("wrote docs/performance.md");
    }
    Ok(is_well)
}

impl Measured {
    /// One round of everything, in an empty database.
    fn add(&mut self, root: &Path, ground: &Ground, count: usize, setup: &Setup) -> Result<()> {
        let mut nodes = ground.start(root, count)?;
        self.durable.push(load(root, &nodes, "durable", setup)?);
        self.lockstep.push(load(root, &nodes, "lockstep", setup)?);
        self.steady.push(load(root, &nodes, "steady", setup)?);
        if count == TWO {
            self.across.push(load(root, &nodes, "across", setup)?);
        }
        nodes.end();
        for ((rows, connections), limit) in LIMITS.into_iter().zip(&mut self.alone) {
            // A file has one writer at a time.
            if connections == 1 || ground.services.is_some() {
                let rate = nodes.limit(root, rows, connections, LIMIT_SECONDS)?;
                say(&format!("alone, {connections} × {rows} rows: {rate:.0} rows/s"));
                limit.push(rate);
            }
        }
        let rows = median(&self.durable, "texts_per_commit").map_or(1, |texts| texts.round().max(1.0) as usize);
        let connections = WRITERS;
        self.alike.push(nodes.limit(root, rows, connections, LIMIT_SECONDS)?);
        Ok(())
    }

    /// What the database does by itself with as much in flight.
    fn limit(&self) -> Option<f64> {
        let rates = self.alone[2..].iter().filter_map(|rates| middle(&mut rates.clone()));
        rates.max_by(f64::total_cmp)
    }

    fn ratio(&self) -> Option<f64> {
        Some(median(&self.durable, "acked_per_s")? / self.limit()?)
    }

    fn runs(&self) -> impl Iterator<Item = &Figures> {
        [&self.durable, &self.lockstep, &self.steady, &self.across].into_iter().flatten()
    }

    fn is_well(&self) -> bool {
        let across = median(&self.across, "p99_ms").is_none_or(|p99| p99 <= MOST_ACROSS);
        let share = self.ratio().is_some_and(|ratio| ratio >= LEAST_SHARE);
        across && share && self.runs().all(|run| run.is_sound() && !run.is_wrong())
    }

    fn posts(&self, ground: &Ground, count: usize) -> Vec<String> {
        let micros = |part: &str| {
            let (spent, acked) = median(&self.durable, part).zip(median(&self.durable, "acked"))?;
            Some(spent * 1e6 / acked)
        };
        vec![
            ground.title.to_owned(),
            count.to_string(),
            with_doubt(cell(median(&self.durable, "acked_per_s")), &self.durable),
            cell(median(&self.durable, "ack_p99_ms")),
            cell(median(&self.durable, "texts_per_commit")),
            cell(micros("server_cpu_s")),
            cell(micros("database_cpu_s")),
            cell(self.limit()),
            judged(self.ratio(), |ratio| ratio >= LEAST_SHARE, &format!("≥ {LEAST_SHARE}")),
            rate(&mut self.alike.clone()),
            with_doubt(cell(median(&self.lockstep, "acked_per_s")), &self.lockstep),
            cell(median(&self.lockstep, "ack_p99_ms")),
        ]
    }

    fn fan_out(&self, ground: &Ground, count: usize) -> Vec<String> {
        let each = |part: &str| {
            let (spent, told) = median(&self.steady, part).zip(median(&self.steady, "deliveries"))?;
            (spent > 0.0).then(|| told / spent)
        };
        let across = median(&self.across, "p99_ms");
        let across = judged(across, |p99| p99 <= MOST_ACROSS, &format!("≤ {MOST_ACROSS}"));
        vec![
            ground.title.to_owned(),
            count.to_string(),
            with_doubt(cell(each("server_cpu_s")), &self.steady),
            cell(each("database_cpu_s")),
            cell(each("bus_cpu_s")),
            cell(median(&self.steady, "p99_ms")),
            with_doubt(across, &self.across),
        ]
    }
}

fn load(root: &Path, nodes: &Nodes, load: &str, setup: &Setup) -> Result<Figures> {
    let figures = undisturbed(|| {
        let options = nodes.words();
        let mut words = vec!["target/release/chinwag-loadgen", "run", load];
        words.extend(options.iter().map(String::as_str));
        generate(root, &words, setup)
    })?;
    say(&format!("{load}: {}", figures.summary()));
    Ok(figures)
}

fn cell(value: Option<f64>) -> String {
    value.map(shown).unwrap_or_default()
}

/// With what was wrong with the runs it comes from.
fn with_doubt(cell: String, runs: &[Figures]) -> String {
    if runs.iter().any(Figures::is_wrong) {
        return format!("{cell} WRONG");
    }
    if runs.iter().all(Figures::is_sound) { cell } else { format!("{cell} (void)") }
}

/// With its bar.
fn judged(value: Option<f64>, holds: impl Fn(f64) -> bool, bar: &str) -> String {
    let Some(value) = value else { return String::new() };
    let verdict = if holds(value) { "ok" } else { "BELOW" };
    format!("{} ({bar} {verdict})", shown(value))
}

fn rate(rates: &mut [f64]) -> String {
    cell(middle(rates))
}

fn middle(values: &mut [f64]) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn measured(acked: f64, across: f64) -> Measured {
        let runs = |figures| vec![Figures::of(&figures)];
        Measured {
            durable: runs(json!({"acked_per_s": acked})),
            across: runs(json!({"p99_ms": across})),
            alone: [vec![9_000.0], vec![], vec![900.0, 1_000.0, 1_100.0], vec![800.0]],
            ..Measured::default()
        }
    }

    #[test]
    fn nodes_are_measured_by_what_the_database_does_with_as_much_in_flight() {
        assert_eq!(measured(500.0, 1.0).ratio(), Some(0.5));
        assert!(measured(600.0, 15.0).is_well());
        assert!(!measured(599.0, 15.0).is_well());
        assert!(!measured(600.0, 15.1).is_well());
    }

    #[test]
    fn a_run_that_does_not_count_is_marked() {
        let void = Figures::of(&json!({"acked_per_s": 900.0, "void": ["others"]}));
        let doubtful = Measured { durable: vec![void], ..measured(900.0, 1.0) };
        assert!(!doubtful.is_well());
        assert!(doubtful.posts(&GROUNDS[0], 1)[2].ends_with("(void)"));
    }
}
