//! The files of the repository as the rules see them. It judges nothing.

use std::path::Path;

use anyhow::{Context as _, Result};

use crate::command;

/// One file.
pub struct Source {
    /// From the top of the checkout, with `/`.
    pub path: String,
    pub bytes: usize,
    /// Empty for what is not text.
    pub text: String,
}

pub struct Tree {
    pub files: Vec<Source>,
}

/// Written by programs: their length and their words are not ours.
const GENERATED: [&str; 4] = ["Cargo.lock", "package-lock.json", "docs/openapi.json", "web/src/gen/api.ts"];

impl Tree {
    /// Tracked files and those that would be with the next `git add`.
    pub fn load(root: &Path) -> Result<Self> {
        let listing = command::read(&mut command::program(
            root,
            &["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"],
        ))
        .context("the rules are checked on what git tracks")?;
        let mut files = Vec::new();
        for path in listing.split('\0').filter(|path| !path.is_empty()) {
            // Deleted, but not yet committed.
            let Ok(bytes) = std::fs::read(root.join(path)) else { continue };
            files.push(Source { path: path.to_owned(), bytes: bytes.len(), text: text(bytes) });
        }
        Ok(Self { files })
    }

    /// Files written by hand that end in one of these.
    pub fn written<'a>(&'a self, endings: &'a [&str]) -> impl Iterator<Item = &'a Source> {
        self.files.iter().filter(|file| file.is_written() && endings.iter().any(|ending| file.path.ends_with(ending)))
    }
}

impl Source {
    pub fn is_written(&self) -> bool {
        !GENERATED.iter().any(|place| self.path.contains(place))
    }

    /// Numbered from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }

    /// A finding about one line.
    pub fn at(&self, line: usize, what: &str) -> String {
        format!("{}:{line}: {what}", self.path)
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
impl Tree {
    /// A tree of these files, for tests that show a rule red.
    pub fn of(files: &[(&str, &str)]) -> Self {
        let source =
            |&(path, text): &(&str, &str)| Source { path: path.to_owned(), bytes: text.len(), text: text.to_owned() };
        Self { files: files.iter().map(source).collect() }
    }
}
