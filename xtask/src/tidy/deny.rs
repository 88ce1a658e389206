//! What `deny.toml` says of licences, banned crates and sources, checked on the dependency graph of every platform. It asks nobody about
//! advisories and withdrawn versions: those need `cargo deny check` and a network.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use spdx::{Expression, ParseMode};

use crate::command;

/// Everything of `deny.toml` that is checked here or left to `cargo deny`; another line would be believed and do nothing.
const KNOWN: [&str; 11] = [
    "graph.all-features",
    "licenses.confidence-threshold",
    "licenses.allow",
    "bans.multiple-versions",
    "bans.wildcards",
    "bans.allow-wildcard-paths",
    "bans.deny",
    "advisories.yanked",
    "sources.unknown-registry",
    "sources.unknown-git",
    "sources.allow-registry",
];
/// The product's, and that of the fuzz targets.
const WORKSPACES: [&str; 2] = [".", "fuzz"];
const OFFICIAL: &str = "registry+https://github.com/rust-lang/crates.io-index";

struct Rules {
    licences: Vec<String>,
    /// Crates and why not.
    banned: Vec<(String, String)>,
}

pub fn check(root: &Path) -> Result<Vec<String>> {
    let text = std::fs::read_to_string(root.join("deny.toml")).context("deny.toml cannot be read")?;
    let rules = rules(&text)?;
    let words = ["cargo", "metadata", "--format-version", "1", "--locked"];
    let mut wrong = Vec::new();
    for workspace in WORKSPACES {
        let metadata = command::read(&mut command::program(&root.join(workspace), &words))?;
        let is_built = |name: &str| {
            let words =
                ["cargo", "tree", "--locked", "--workspace", "--target", "all", "--edges", "all", "--invert", name];
            let tree = command::read(&mut command::program(&root.join(workspace), &words));
            tree.map_or(true, |tree| !tree.trim().is_empty())
        };
        wrong.extend(judge(&rules, &serde_json::from_str(&metadata)?, is_built)?);
    }
    Ok(wrong)
}

fn rules(text: &str) -> Result<Rules> {
    let table: toml::Table = text.parse().context("deny.toml is not TOML")?;
    for (section, lines) in &table {
        for key in lines.as_table().into_iter().flat_map(|lines| lines.keys()) {
            let key = format!("{section}.{key}");
            if !KNOWN.contains(&key.as_str()) {
                bail!("deny.toml: nothing here checks `{key}`; teach xtask/src/tidy/deny.rs");
            }
        }
    }
    let list = |section: &str, key: &str| table.get(section)?.get(key)?.as_array();
    let text = |value: &toml::Value| value.as_str().map(str::to_owned);
    let ban = |ban: &toml::Value| Some((text(ban.get("crate")?)?, text(ban.get("reason")?)?));
    Ok(Rules {
        licences: list("licenses", "allow").context("deny.toml allows no licence")?.iter().filter_map(text).collect(),
        banned: list("bans", "deny").context("deny.toml bans nothing")?.iter().filter_map(ban).collect(),
    })
}

/// Who is banned may still be named where nobody asks for them: by a feature that would turn on another's, were that there.
fn judge(rules: &Rules, metadata: &Value, is_built: impl Fn(&str) -> bool) -> Result<Vec<String>> {
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let nodes = metadata["resolve"]["nodes"].as_array().context("cargo metadata resolves nothing")?;
    let mut wrong = Vec::new();
    for package in packages {
        // What the lock file names and no feature of ours asks for is not built.
        if !nodes.iter().any(|node| node["id"] == package["id"]) {
            continue;
        }
        let name = package["name"].as_str().unwrap_or_default();
        if let Some((_, reason)) = rules.banned.iter().find(|(banned, _)| banned == name && is_built(name)) {
            wrong.push(format!("{name} is in the graph: {reason}"));
        }
        if !is_licensed(rules, package["license"].as_str()) {
            wrong.push(format!("{name} has the licence {}, which deny.toml does not allow", package["license"]));
        }
        if !package["source"].is_null() && package["source"] != OFFICIAL {
            wrong.push(format!("{name} comes from {}", package["source"]));
        }
        for other in package["dependencies"].as_array().into_iter().flatten() {
            if package["source"].is_null() && other["req"] == "*" && other["path"].is_null() {
                wrong.push(format!("{name} takes any version of {}", other["name"]));
            }
        }
    }
    Ok(wrong)
}

/// Whether one of the choices that the crate gives is allowed.
fn is_licensed(rules: &Rules, licence: Option<&str>) -> bool {
    let licence = licence.and_then(|licence| Expression::parse_mode(licence, ParseMode::LAX).ok());
    let allowed = |asked: &spdx::LicenseReq| rules.licences.contains(&asked.to_string());
    licence.is_some_and(|licence| licence.evaluate(allowed))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TEXT: &str = "[licenses]\nallow = ['MIT', 'Apache-2.0', 'Apache-2.0 WITH LLVM-exception']\n\
                        [bans]\ndeny = [{ crate = 'ring', reason = 'one TLS provider' }]\n";

    fn package(name: &str, licence: &str, source: Option<&str>, needs: &str) -> Value {
        json!({"id": name, "name": name, "license": licence, "source": source,
               "dependencies": [{"name": "x", "req": needs, "path": null}]})
    }

    fn told(package: Value) -> Vec<String> {
        let metadata = json!({"resolve": {"nodes": [{"id": package["id"]}]}, "packages": [package]});
        judge(&rules(TEXT).expect("rules"), &metadata, |_| true).expect("a judgement")
    }

    #[test]
    fn a_crate_that_deny_toml_does_not_want_is_red() {
        let ours = Some(OFFICIAL);
        for (wrong, word) in [
            (package("ring", "MIT", ours, "^1"), "one TLS provider"),
            (package("a", "GPL-3.0-only", ours, "^1"), "GPL-3.0-only"),
            (package("a", "MIT AND GPL-2.0-or-later", ours, "^1"), "GPL-2.0"),
            (package("a", "", ours, "^1"), "licence"),
            (package("a", "MIT", Some("git+https://example.org/a"), "^1"), "example.org"),
            (package("a", "MIT", None, "*"), "any version"),
        ] {
            let told = told(wrong);
            assert!(told.len() == 1 && told[0].contains(word), "{told:?}");
        }
    }

    #[test]
    fn one_allowed_choice_is_enough() {
        for licence in ["MIT/GPL-2.0", "GPL-3.0-only OR (MIT AND Apache-2.0)", "Apache-2.0 WITH LLVM-exception"] {
            assert_eq!(told(package("a", licence, Some(OFFICIAL), "*")), Vec::<String>::new(), "{licence}");
        }
    }

    #[test]
    fn what_no_feature_asks_for_is_not_judged() {
        let metadata = json!({"resolve": {"nodes": []}, "packages": [package("ring", "GPL-3.0-only", None, "*")]});
        assert!(judge(&rules(TEXT).expect("rules"), &metadata, |_| true).expect("a judgement").is_empty());
    }

    #[test]
    fn a_line_that_nobody_checks_is_red() {
        assert!(rules(&format!("{TEXT}skip = []\n")).is_err());
    }
}
