//! What a scenario measured, as one line of JSON for programs. It compares nothing.

use hdrhistogram::Histogram;
use serde_json::{Map, Value, json};

use crate::process::CpuUsed;

/// More than this of a core by others, or of its own core by the generator, and the figures mean nothing.
const FOREIGN_LIMIT: f64 = 0.15;
const OWN_LIMIT: f64 = 0.95;

/// A line for whoever watches.
#[expect(clippy::print_stderr, reason = "a tool for a terminal; standard output is for the figures")]
pub fn note(line: &str) {
    eprintln!("{line}");
}

/// A line of results.
#[expect(clippy::print_stdout, reason = "a tool for a terminal: this is its output")]
pub fn line(text: &str) {
    println!("{text}");
}

/// Figures by name.
#[derive(Default)]
pub struct Report {
    figures: Map<String, Value>,
    void: Vec<String>,
    wrong: Vec<String>,
}

impl Report {
    pub fn set(&mut self, name: &str, figure: impl Into<Value>) -> &mut Self {
        self.figures.insert(name.to_owned(), figure.into());
        self
    }

    /// Median and 99th percentile in milliseconds, and the largest.
    pub fn latencies(&mut self, name: &str, histogram: &Histogram<u64>) -> &mut Self {
        let ms = |micros: u64| micros as f64 / 1000.0;
        self.set(&format!("{name}p50_ms"), ms(histogram.value_at_quantile(0.5)));
        self.set(&format!("{name}p99_ms"), ms(histogram.value_at_quantile(0.99)));
        self.set(&format!("{name}max_ms"), ms(histogram.max()))
    }

    /// The time both sides took, and whether the run counts.
    pub fn cpu(&mut self, used: CpuUsed) -> &mut Self {
        let share = |seconds: f64| seconds / used.wall;
        if share(used.foreign) > FOREIGN_LIMIT {
            self.void.push(format!("others took {:.2} of a core", share(used.foreign)));
        }
        if share(used.own) > OWN_LIMIT {
            self.void.push(format!("the generator took {:.2} of its core", share(used.own)));
        }
        for (name, seconds) in [("database_cpu_s", used.database), ("bus_cpu_s", used.bus)] {
            if let Some(seconds) = seconds {
                self.set(name, seconds);
            }
        }
        self.set("server_cpu_s", used.server).set("generator_cpu_s", used.own).set("foreign_cpu_s", used.foreign);
        self.set("wall_s", used.wall)
    }

    /// A promise that was broken: the figures are not worth having.
    pub fn wrong(&mut self, what: String) -> &mut Self {
        self.wrong.push(what);
        self
    }

    pub fn print(mut self) {
        let (void, wrong) = (json!(self.void), json!(self.wrong));
        self.set("void", void).set("wrong", wrong);
        line(&Value::Object(self.figures).to_string());
    }
}
