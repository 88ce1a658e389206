//! docs/performance.md: the newest table and the machine it was measured on. What people wrote around it stays.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};

use crate::{command, table};

const PAGE: &str = "docs/performance.md";
const BEGIN: &str = "<!-- measured: written by `cargo xtask bench --write` -->";
const END: &str = "<!-- end of what was measured -->";

/// Of the scenarios, as the generator has it.
const LENGTHS: &str = "10 s, `idle10k` 600 s";

pub fn write(root: &Path, rounds: usize, seconds: Option<f64>, head: &[&str], rows: &[Vec<String>]) -> Result<()> {
    let path = root.join(PAGE);
    let page = fs::read_to_string(&path).context("docs/performance.md cannot be read")?;
    let measured = format!("{} {}\n\n{}", machine(root), length(rounds, seconds), table::markdown(head, rows));
    fs::write(&path, renewed(&page, &measured).context("the page has lost its marks")?)?;
    Ok(())
}

/// The page with this between its marks.
fn renewed(page: &str, measured: &str) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{measured}\n\n{END}{after}"))
}

/// How much was measured.
fn length(rounds: usize, seconds: Option<f64>) -> String {
    let rounds = if rounds == 1 { "1 round".to_owned() } else { format!("the median of {rounds} rounds") };
    match seconds {
        Some(seconds) => format!("Each figure: {rounds} of {seconds} s."),
        None => format!("Each figure: {rounds} of {LENGTHS}."),
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
        assert_eq!(length(1, Some(4.0)), "Each figure: 1 round of 4 s.");
        assert_eq!(length(3, None), format!("Each figure: the median of 3 rounds of {LENGTHS}."));
    }

    #[test]
    fn what_stands_around_the_table_stays() {
        let page = format!("# Speed\n{BEGIN}\nold\n{END}\n## Notes\n");
        assert_eq!(renewed(&page, "new"), Some(format!("# Speed\n{BEGIN}\n\nnew\n\n{END}\n## Notes\n")));
        assert_eq!(renewed("# Speed\n", "new"), None);
    }
}
