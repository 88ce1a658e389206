//! The dependency table of the workspace: which crate may know which. What it may not know does not compile into it by
//! accident.

use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::command;

/// A crate of ours, the crates of ours it may depend on, and the kinds of outside crates that would break its promise: a kind as a
/// whole, so that nothing of it is forgotten in one row.
struct Row {
    name: &'static str,
    may: &'static [&'static str],
    never: &'static [&'static [&'static str]],
}

const SQL: [&str; 4] = ["rusqlite", "sea-orm", "sea-orm-migration", "sqlx"];
const HTTP: [&str; 4] = ["axum", "hyper", "hyper-util", "tungstenite"];
const IO: [&str; 6] = ["tokio", "axum", "hyper", "hyper-util", "tungstenite", "rustix"];

const TABLE: [Row; 16] = [
    Row { name: "chinwag-proto", may: &[], never: &[&IO, &SQL] },
    Row { name: "chinwag-domain", may: &["chinwag-proto"], never: &[&HTTP, &SQL] },
    Row { name: "chinwag-blobs", may: &["chinwag-domain", "chinwag-proto"], never: &[&HTTP, &SQL] },
    Row { name: "chinwag-probe", may: &[], never: &[&HTTP, &SQL] },
    Row { name: "chinwag-bus", may: &["chinwag-probe"], never: &[&HTTP, &SQL] },
    Row { name: "chinwag-media", may: &["chinwag-domain", "chinwag-proto"], never: &[&HTTP, &SQL] },
    Row { name: "chinwag-store", may: &["chinwag-domain", "chinwag-probe", "chinwag-proto"], never: &[&HTTP] },
    Row { name: "chinwag-realtime", may: &["chinwag-domain", "chinwag-proto"], never: &[&SQL] },
    Row {
        name: "chinwag-cluster",
        may: &["chinwag-bus", "chinwag-domain", "chinwag-proto", "chinwag-realtime"],
        never: &[&HTTP, &SQL],
    },
    Row { name: "chinwag-api", may: &["chinwag-domain", "chinwag-realtime", "chinwag-proto"], never: &[&SQL] },
    Row { name: "chinwag-webapp", may: &[], never: &[&SQL] },
    Row {
        name: "chinwag-server",
        may: &[
            "chinwag-api",
            "chinwag-blobs",
            "chinwag-bus",
            "chinwag-cluster",
            "chinwag-domain",
            "chinwag-media",
            "chinwag-proto",
            "chinwag-realtime",
            "chinwag-store",
            "chinwag-webapp",
        ],
        never: &[],
    },
    Row { name: "chinwag-loadgen", may: &["chinwag-proto"], never: &[&SQL] },
    Row { name: "chinwag-testdb", may: &[], never: &[&SQL, &HTTP] },
    Row {
        name: "chinwag-testkit",
        may: &["chinwag-api", "chinwag-proto", "chinwag-server", "chinwag-testdb"],
        never: &[&SQL],
    },
    Row { name: "xtask", may: &[], never: &[] },
];

/// A package of the workspace as `cargo metadata` tells it.
struct Package {
    name: String,
    /// Normal and build dependencies; tests may put more together.
    depends: Vec<String>,
}

pub fn check(root: &Path) -> Result<Vec<String>> {
    let words = ["cargo", "metadata", "--format-version", "1", "--no-deps", "--offline"];
    let metadata = command::read(&mut command::program(root, &words))?;
    Ok(judge(&packages(&serde_json::from_str(&metadata)?)?))
}

fn packages(metadata: &Value) -> Result<Vec<Package>> {
    let list = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let package = |package: &Value| {
        let depends = package["dependencies"].as_array().into_iter().flatten();
        let depends = depends.filter(|depends| depends["kind"] != "dev").filter_map(|depends| depends["name"].as_str());
        Package {
            name: package["name"].as_str().unwrap_or_default().to_owned(),
            depends: depends.map(str::to_owned).collect(),
        }
    };
    Ok(list.iter().map(package).collect())
}

fn judge(packages: &[Package]) -> Vec<String> {
    let ours = |name: &str| TABLE.iter().any(|row| row.name == name) || name.starts_with("chinwag-");
    let mut wrong = Vec::new();
    for package in packages {
        let Some(row) = TABLE.iter().find(|row| row.name == package.name) else {
            wrong.push(format!("{} has no row in xtask/src/tidy/crates.rs", package.name));
            continue;
        };
        for other in &package.depends {
            if row.never.iter().any(|kind| kind.contains(&other.as_str()))
                || (ours(other) && !row.may.contains(&other.as_str()))
            {
                wrong.push(format!("{} must not depend on {other}", package.name));
            }
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(name: &str, depends: &[&str]) -> Package {
        Package { name: name.to_owned(), depends: depends.iter().map(|name| (*name).to_owned()).collect() }
    }

    #[test]
    fn a_border_crossed_is_red() {
        for (name, other) in [
            ("chinwag-store", "chinwag-realtime"),
            ("chinwag-realtime", "chinwag-store"),
            ("chinwag-api", "chinwag-store"),
            ("chinwag-domain", "chinwag-store"),
            ("chinwag-loadgen", "chinwag-domain"),
            ("xtask", "chinwag-proto"),
            ("chinwag-server", "chinwag-testkit"),
            ("chinwag-domain", "sqlx"),
            ("chinwag-domain", "rusqlite"),
            ("chinwag-api", "rusqlite"),
            ("chinwag-proto", "tokio"),
            ("chinwag-bus", "chinwag-domain"),
            ("chinwag-bus", "sqlx"),
            ("chinwag-blobs", "chinwag-store"),
            ("chinwag-blobs", "sqlx"),
            ("chinwag-blobs", "axum"),
            ("chinwag-media", "chinwag-store"),
            ("chinwag-media", "sqlx"),
            ("chinwag-media", "axum"),
        ] {
            assert_eq!(judge(&[package(name, &[other])]).len(), 1, "{name} → {other}");
        }
    }

    #[test]
    fn a_crate_without_a_row_is_red() {
        assert_eq!(judge(&[package("chinwag-extras", &[])]).len(), 1);
    }

    #[test]
    fn the_planned_picture_is_green() {
        let packages =
            [package("chinwag-api", &["chinwag-domain", "chinwag-realtime", "axum"]), package("xtask", &["anyhow"])];
        assert!(judge(&packages).is_empty());
    }

    #[test]
    fn tests_may_depend_on_more() {
        let metadata = serde_json::json!({"packages": [{"name": "chinwag-api", "dependencies": [
            {"name": "chinwag-store", "kind": "dev"}, {"name": "chinwag-domain", "kind": null}]}]});
        assert!(judge(&packages(&metadata).expect("reads")).is_empty());
    }
}
