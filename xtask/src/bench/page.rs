//! docs/performance.md: the newest table and the machine it was measured on. What people wrote around it stays.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};

use crate::{command, table};

const PAGE: &str = "docs/performance.md";
const BEGIN: &str = "<!-- measured: written by `cargo xtask bench --write` -->";
const END: &str = "<!-- end of what was measured -->";

const INTRODUCTION: &str = "# Speed and size

Measured by `cargo xtask bench`: the release server on one core, the load generator on the other, on the whole path of a
message: authenticated JSON socket, decoding, authorization, durable commit, encoding, fan-out. Beside it, in turn, the
reference broadcaster `limit` of `crates/loadgen`: an epoll program that hands out ready-made frames and does nothing else,
so the practical limit of one core. Ratios within one run hold where absolute figures depend on the machine. Latency counts
from the moment a message was meant to leave. Every run checks what each connection received. A run counts only while
nobody else takes more than 0.15 of a core and the generator less than 0.95 of its own; others are marked void.
";

pub fn write(root: &Path, head: &[&str], rows: &[Vec<String>]) -> Result<()> {
    let path = root.join(PAGE);
    let page = fs::read_to_string(&path).unwrap_or_else(|_| format!("{INTRODUCTION}\n{BEGIN}\n{END}\n"));
    let measured = format!("{}\n\n{}", machine(root), table::markdown(head, rows));
    fs::write(&path, renewed(&page, &measured).context("the page has lost its marks")?)?;
    Ok(())
}

/// The page with this between its marks.
fn renewed(page: &str, measured: &str) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{measured}\n\n{END}{after}"))
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
    fn what_stands_around_the_table_stays() {
        let page = format!("# Speed\n{BEGIN}\nold\n{END}\n## Notes\n");
        assert_eq!(renewed(&page, "new"), Some(format!("# Speed\n{BEGIN}\n\nnew\n\n{END}\n## Notes\n")));
        assert_eq!(renewed("# Speed\n", "new"), None);
    }
}
