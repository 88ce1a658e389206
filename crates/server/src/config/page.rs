//! The options as people read them: the reference page and the printed settings. What an option means stands in `config.rs`.

use std::fmt::Write;

use super::{Config, Key, Secret, Setting};

const INTRODUCTION: &str = "\
<!-- Made by `chinwag config docs` from the settings themselves. Change them there. -->
# Settings

Chinwag runs without any. Each option below can be given, from weakest to strongest, in

1. a settings file, TOML or YAML: `--config FILE`, else the first of `./chinwag.toml`, `./chinwag.yaml`,
   `/etc/chinwag/chinwag.toml`, `/etc/chinwag/chinwag.yaml` that exists;
2. the environment: `CHINWAG__` and the key in capitals, with `__` for the dot;
3. a flag: `--` and the key, with `-` for `_`.

In the environment and in flags a list is written with commas. Times are written `10 s`, `30 min`, `1 h`, `30 d`, sizes `256 KiB`, `1 MiB`.
An empty environment variable counts as absent. One that is nearly a setting, such as `CHINWAG_DATA_DIR` with one underscore, stops the start.
An unknown key or a value that makes no sense stops the start with a sentence about each; `chinwag config check` says the same
without starting, `chinwag config print` shows what holds.

";

/// The name of an option's flag, without the dashes.
pub(crate) fn flag(key: &Key) -> String {
    key.name.replace('_', "-")
}

/// The name of an option's environment variable.
pub(super) fn variable(key: &Key) -> String {
    format!("CHINWAG__{}", key.name.replace('.', "__").to_ascii_uppercase())
}

impl Config {
    /// The reference page, in Markdown.
    pub fn reference() -> String {
        let mut page = String::from(INTRODUCTION);
        for key in Self::keys() {
            let default = key.default.as_ref().map_or("not set".into(), |default| format!("`{default}`"));
            // Writing to a string cannot fail.
            let _ = write!(
                page,
                "## `{}`\n\n{}\n\n{} · default {default} · `{}` · `--{}`\n\n",
                key.name,
                key.doc,
                key.kind,
                variable(&key),
                flag(&key),
            );
        }
        page.push_str("## All of them in one file\n\nWith their defaults; what is not set by default stands behind a `#`.\n\n```toml\n");
        page.push_str(&Self::default().print());
        page.push_str("```\n");
        page
    }

    /// A settings file in TOML that says the same.
    pub fn print(&self) -> String {
        let mut page = String::new();
        let mut section = "";
        let keys = Self::keys();
        for key in &keys {
            let (group, name) = key.name.split_once('.').unwrap_or(("", &key.name));
            if group != section {
                section = group;
                let _ = writeln!(page, "\n[{group}]");
            }
            let _ = match self.value(&key.name).flatten() {
                Some(_) if key.kind == Secret::KIND => writeln!(page, "# {name} = (set, and not shown)"),
                Some(value) => writeln!(page, "{name} = {value}"),
                None => writeln!(page, "# {name} ="),
            };
        }
        page
    }
}
