//! docs/performance.md: the newest tables and the machine they were measured on. What people wrote around them stays.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};

use crate::command;

const PAGE: &str = "docs/performance.md";

/// What stands before and behind what was measured.
pub type Marks = (&'static str, &'static str);

pub const SCENARIOS: Marks =
    ("<!-- measured: written by `cargo xtask bench --write` -->", "<!-- end of what was measured -->");
pub const FILES: Marks =
    ("<!-- measured: written by `cargo xtask bench --files --write` -->", "<!-- end of what was measured of files -->");
pub const CLUSTER: Marks = (
    "<!-- measured: written by `cargo xtask bench --cluster --write` -->",
    "<!-- end of what was measured of several nodes -->",
);

pub fn write(root: &Path, marks: Marks, length: &str, tables: &str) -> Result<()> {
    let path = root.join(PAGE);
    let page = fs::read_to_string(&path).context("docs/performance.md cannot be read")?;
    let measured = format!("{} {length}\n\n{tables}", machine(root));
    fs::write(&path, renewed(&page, marks, &measured).context("the page has lost its marks")?)?;
    Ok(())
}

/// The page with this between its marks.
fn renewed(page: &str, (begin, end): Marks, measured: &str) -> Option<String> {
    let (before, rest) = page.split_once(begin)?;
    let (_, after) = rest.split_once(end)?;
    Some(format!("{before}{begin}\n\n{measured}\n\n{end}{after}"))
}

/// How much was measured: `usual` where no length was asked for.
pub fn length(rounds: usize, seconds: Option<f64>, usual: &str) -> String {
    let rounds = if rounds == 1 { "1 round".to_owned() } else { format!("the median of {rounds} rounds") };
    match seconds {
        Some(seconds) => format!("Each figure: {rounds} of {seconds} s."),
        None => format!("Each figure: {rounds} of {usual}."),
    }
}

fn machine(root: &Path) -> String {
    let say = |words: &[&str]| command::read(&mut command::program(root, words)).unwrap_or_default().trim().to_owned();
    let field = |file: &str, name: &str| {
        let text = fs::read_to_string(file).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.trim_start_matches([' ', '\t', ':']).trim().to_owned()
    };
    let memory =
        field("/proc/meminfo", "MemTotal").trim_end_matches(" kB").parse::<f64>().unwrap_or_default() / 1_048_576.0;
    format!(
        "{}, commit {}; {} × {}, {memory:.0} GiB; Linux {}; {}.",
        say(&["date", "-u", "+%F"]),
        say(&["git", "rev-parse", "--short", "HEAD"]),
        say(&["nproc"]),
        field("/proc/cpuinfo", "model name"),
        // Without what a distributor adds to the number.
        say(&["uname", "-r"]).split('-').next().unwrap_or_default(),
        say(&["rustc", "--version"]),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_says_how_much_was_measured() {
        assert_eq!(length(1, Some(4.0), "10 s"), "Each figure: 1 round of 4 s.");
        assert_eq!(length(3, None, "10 s"), "Each figure: the median of 3 rounds of 10 s.");
    }

    #[test]
    fn what_stands_around_the_table_stays() {
        let marks = ("<b>", "<e>");
        let page = |table: &str| format!("# Speed\n<b>{table}<e>\n## Notes\n");
        assert_eq!(renewed(&page("\nold\n"), marks, "new"), Some(page("\n\nnew\n\n")));
        assert_eq!(renewed("# Speed\n", marks, "new"), None);
    }

    #[test]
    fn the_page_has_the_marks_of_all() {
        let page = include_str!("../../../docs/performance.md");
        for marks in [SCENARIOS, FILES, CLUSTER] {
            assert!(renewed(page, marks, "new").is_some(), "{marks:?}");
        }
    }
}
