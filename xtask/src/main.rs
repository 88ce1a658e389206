//! The workshop: what a developer or a build machine does with the repository besides `cargo build`. It knows none of the
//! product's crates.

mod bench;
mod codegen;
mod command;
mod server;
mod suites;
mod table;
mod tidy;

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context as _, Result};

const HELP: &str = "cargo xtask <task>

  test [suite…]             everything a change must pass; without names, all suites in order
  test --long               the same, the browser suite at a third of the speed, and a minute of fuzzing for each target of fuzz/
  test --list               the suites
  tidy                      the rules of the house
  codegen [--check]         writes the generated files, or says which are stale
  bench [scenario…] [--rounds N] [--seconds N] [--scale N] [--write]
                            the server beside the reference broadcaster; --write renews docs/performance.md
  bench --files [scenario…] files in and out beside copies on the same disk, and their memory
  bench --cluster [ground…] several nodes on the databases and buses there are, beside the databases alone";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            say(&format!("xtask: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// True when all is well.
fn run(arguments: &[String]) -> Result<bool> {
    let root = root()?;
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.split_first() {
        Some((&"test", names)) => suites::run(&root, names),
        Some((&"tidy", [])) => tidy::run(&root),
        Some((&"codegen", [])) => codegen::write(&root),
        Some((&"codegen", ["--check"])) => codegen::check(&root),
        Some((&"bench", options)) => bench::run(&root, options),
        None | Some((&("help" | "-h" | "--help"), _)) => {
            say(HELP);
            Ok(true)
        }
        Some(_) => anyhow::bail!("there is no such task: {}\n\n{HELP}", words.join(" ")),
    }
}

/// The top of the checkout.
fn root() -> Result<PathBuf> {
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    here.parent().map(PathBuf::from).context("xtask stands in no directory")
}

/// A line for the person who runs this.
#[expect(clippy::print_stdout, reason = "a tool for a terminal speaks on its standard output")]
fn say(line: &str) {
    println!("{line}");
}
