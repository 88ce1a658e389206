//! The rules of the house, checked on the tracked files. Each rule is a pure function with a test that shows it red; what
//! rustfmt, clippy and the web client's lint check is not repeated here.

mod crates;
mod deny;
mod manners;
mod modules;
mod places;
mod promises;
mod tree;
mod types;
mod web;

use std::path::Path;

use anyhow::Result;

use self::tree::Tree;
use crate::say;

/// Gives what is wrong, one sentence each.
type Rule = fn(&Tree) -> Vec<String>;

const RULES: [(&str, Rule); 18] = [
    ("every Rust file opens with //!", manners::opening),
    ("no file over 500 lines", manners::length),
    ("names say what a file is", manners::names),
    ("lints are expected with a reason, never allowed", manners::allowances),
    ("nothing is left for later", manners::leftovers),
    ("no test is skipped without a reason", manners::skips),
    ("TypeScript is not silenced", manners::silenced),
    ("plays wait for what is to be read", manners::hasty),
    ("ARCHITECTURE.md stays under 200 lines", manners::architecture),
    ("no machine's paths", places::machine_paths),
    ("no registry hosts", places::registries),
    ("no file over 600 kB", places::size),
    ("features never import features", web::features),
    ("no two features style one class", web::styles),
    ("neighbouring modules need each other in no circle", modules::circles),
    ("no two types of one name", types::names),
    ("closed sets are enumerations", types::words),
    ("every promise names the test that holds it", promises::kept),
];

/// Checks all rules, prints what is wrong and gives whether all is well.
pub fn run(root: &Path) -> Result<bool> {
    let tree = Tree::load(root)?;
    let mut red = 0;
    for (name, rule) in RULES {
        red += report(name, &rule(&tree));
    }
    red += report("crates depend downwards only", &crates::check(root)?);
    red += report("deny.toml: licences, bans, sources", &deny::check(root)?);
    for line in manners::long(&tree) {
        say(&format!("note  {line}"));
    }
    say(&format!("tidy: {} passed, {red} failed", RULES.len() + 2 - red));
    Ok(red == 0)
}

fn report(rule: &str, wrong: &[String]) -> usize {
    if wrong.is_empty() {
        say(&format!("ok    {rule}"));
        return 0;
    }
    say(&format!("RED   {rule}"));
    for line in wrong {
        say(&format!("        {line}"));
    }
    1
}
