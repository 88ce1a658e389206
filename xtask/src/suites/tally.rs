//! Reading the verdicts of the test runners from what they print. Not running them.

use std::{fmt, ops::AddAssign};

use crate::command::Finished;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: usize,
    pub failed: usize,
    pub skipped: usize,
}

/// How a runner says its counts.
#[derive(Clone, Copy)]
pub enum Count {
    /// It says nothing: the whole is one check.
    Whole,
    /// `test result: ok. 5 passed; 0 failed; 1 ignored; …`, once for each binary.
    Libtest,
    /// `Tests  1 failed | 12 passed | 1 skipped (14)`
    Vitest,
    /// `# pass 12` or `ℹ pass 12`, of Node's own runner.
    Node,
    /// Our own: `tidy: 14 passed, 0 failed`
    Rules,
}

impl Tally {
    pub const FAILURE: Self = Self { passed: 0, failed: 1, skipped: 0 };
    pub const SUCCESS: Self = Self { passed: 1, failed: 0, skipped: 0 };
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

impl Count {
    /// The counts; a runner that ended badly without naming a failure counts as one, and so does one that ran nothing.
    pub fn read(self, finished: &Finished) -> Tally {
        let mut tally = Tally::default();
        for line in &finished.lines {
            tally += self.line(line.trim());
        }
        // A test that found out only while it ran that it cannot says so in a line, and its runner took it for passed.
        if let Self::Libtest = self {
            let skipped = finished.lines.iter().filter(|line| line.trim().starts_with("SKIPPED ")).count();
            tally.passed = tally.passed.saturating_sub(skipped);
            tally.skipped += skipped;
        }
        match (self, finished.ok) {
            (Self::Whole, true) => Tally::SUCCESS,
            (_, false) if tally.failed == 0 => Tally { failed: 1, ..tally },
            (_, true) if tally.passed == 0 => Tally { failed: tally.failed.max(1), ..tally },
            _ => tally,
        }
    }

    fn line(self, line: &str) -> Tally {
        match self {
            Self::Whole => Tally::default(),
            Self::Libtest => line.strip_prefix("test result: ").map(pairs).unwrap_or_default(),
            Self::Vitest => line.strip_prefix("Tests ").map(pairs).unwrap_or_default(),
            Self::Rules => {
                line.strip_prefix("tidy: ").or_else(|| line.strip_prefix("codegen: ")).map(pairs).unwrap_or_default()
            }
            Self::Node => line.strip_prefix("# ").or_else(|| line.strip_prefix("ℹ ")).map(node).unwrap_or_default(),
        }
    }
}

/// Numbers followed by their words, whatever stands between.
fn pairs(line: &str) -> Tally {
    let words: Vec<&str> = line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let mut tally = Tally::default();
    for pair in words.windows(2) {
        let Ok(count) = pair[0].parse::<usize>() else { continue };
        match pair[1] {
            "passed" => tally.passed += count,
            "failed" => tally.failed += count,
            "skipped" | "ignored" => tally.skipped += count,
            _ => {}
        }
    }
    tally
}

/// A word followed by its number.
fn node(line: &str) -> Tally {
    let Some((word, count)) = line.split_once(' ') else { return Tally::default() };
    let count = count.parse().unwrap_or(0);
    match word {
        "pass" => Tally { passed: count, ..Tally::default() },
        "fail" | "cancelled" => Tally { failed: count, ..Tally::default() },
        "skipped" | "todo" => Tally { skipped: count, ..Tally::default() },
        _ => Tally::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(count: Count, ok: bool, text: &str) -> (usize, usize, usize) {
        let tally = count.read(&Finished { ok, lines: text.lines().map(str::to_owned).collect() });
        (tally.passed, tally.failed, tally.skipped)
    }

    #[test]
    fn libtest_binaries_add_up() {
        let text = "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.00s\n\
                    test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s";
        assert_eq!(read(Count::Libtest, false, text), (7, 1, 1));
    }

    #[test]
    fn a_test_that_left_itself_out_is_skipped_and_not_passed() {
        let text = "SKIPPED power failure on xfs: mount: permission denied\n\
                    test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        assert_eq!(read(Count::Libtest, true, text), (4, 0, 2));
    }

    #[test]
    fn vitest_says_tests_and_files() {
        let text = " Test Files  1 failed | 3 passed (4)\n      Tests  1 failed | 12 passed | 2 skipped (15)";
        assert_eq!(read(Count::Vitest, false, text), (12, 1, 2));
    }

    #[test]
    fn node_says_one_per_line_in_both_reporters() {
        assert_eq!(read(Count::Node, true, "# tests 3\n# pass 2\n# fail 0\n# skipped 1"), (2, 0, 1));
        assert_eq!(read(Count::Node, false, "ℹ pass 2\nℹ fail 1"), (2, 1, 0));
    }

    #[test]
    fn a_runner_that_ended_badly_without_a_count_is_a_failure() {
        assert_eq!(read(Count::Libtest, false, "error: could not compile"), (0, 1, 0));
        assert_eq!(read(Count::Whole, false, ""), (0, 1, 0));
        assert_eq!(read(Count::Whole, true, ""), (1, 0, 0));
    }

    #[test]
    fn a_runner_that_ran_nothing_is_a_failure() {
        assert_eq!(read(Count::Node, true, "# pass 0\n# fail 0"), (0, 1, 0));
        let text = "test result: ok. 0 passed; 0 failed; 0 ignored; 0 measured; 12 filtered out; finished in 0.00s";
        assert_eq!(read(Count::Libtest, true, text), (0, 1, 0));
    }
}
