//! The borders between the features of the web client: what they import, and what their styles are called. The other borders of
//! `web/src` are its own lint's.

use std::collections::BTreeMap;

use super::tree::{Source, Tree};

const SOURCE: &str = "web/src/";
const FEATURES: &str = "web/src/features/";
/// The first word of the classes of `ui/`.
const KIT: &str = "ui";

pub fn features(tree: &Tree) -> Vec<String> {
    let find = |file: &Source| {
        let imports = file.lines().filter_map(|(line, text)| Some((line, resolve(&file.path, specifier(text)?)?)));
        imports.filter_map(|(line, to)| Some(file.at(line, &crosses(&file.path, &to)?))).collect::<Vec<_>>()
    };
    let scripts = tree.written(&[".ts", ".tsx"]).filter(|file| file.path.starts_with(FEATURES) && !is_test(&file.path));
    scripts.flat_map(find).collect()
}

/// A class that two features style is one of which the last that was loaded wins. The shell and the kit may style what is of others:
/// they compose it.
pub fn styles(tree: &Tree) -> Vec<String> {
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    let mut wrong = Vec::new();
    for file in tree.written(&[".css"]) {
        let Some(feature) = feature(&file.path) else { continue };
        for (line, prefix) in file.lines().filter_map(|(line, text)| Some((line, prefix(text)?))) {
            let owner = *owners.entry(prefix).or_insert(feature);
            if owner != feature && prefix != KIT {
                wrong.push(file.at(line, &format!("`.{prefix}` is the feature {owner}'s: choose another first word")));
            }
        }
    }
    wrong
}

/// The first word of the class that a selector is about; biome gives each its line.
fn prefix(line: &str) -> Option<&str> {
    let selector = line.trim().strip_suffix(['{', ','])?.trim_end();
    let subject = selector.split([' ', '>', '+', '~']).next_back().filter(|_| !selector.starts_with('@'))?;
    let class = subject.split('.').nth(1)?;
    class
        .split(|letter: char| !letter.is_ascii_alphanumeric())
        .next()
        .filter(|word| word.starts_with(|first: char| first.is_ascii_alphabetic()))
}

fn crosses(from: &str, to: &str) -> Option<String> {
    let (one, other) = (feature(from)?, feature(to)?);
    (one != other).then(|| format!("the feature {one} imports the feature {other}: compose them in app/"))
}

/// Tests may put neighbours together.
fn is_test(path: &str) -> bool {
    path.contains(".test.")
}

/// What is between the quotes after `from`, `import` or `import(`.
fn specifier(line: &str) -> Option<&str> {
    let at = ["from ", "import ", "import("].iter().find_map(|word| {
        let after = line.find(word)? + word.len();
        line[after..].starts_with(['"', '\'']).then_some(after)
    })?;
    let quote = line[at..].chars().next()?;
    line[at + 1..].split(quote).next()
}

/// The imported path from the top of the checkout; `None` for packages.
fn resolve(from: &str, specifier: &str) -> Option<String> {
    if let Some(rest) = specifier.strip_prefix("@/").or_else(|| specifier.strip_prefix("~/")) {
        return Some(format!("{SOURCE}{rest}"));
    }
    if !specifier.starts_with('.') {
        return None;
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in specifier.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

fn feature(path: &str) -> Option<&str> {
    path.strip_prefix(FEATURES)?.split('/').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feature_that_imports_another_is_red() {
        for line in [
            "import { Row } from '../timeline/row'",
            "import { Row } from \"@/features/timeline\"",
            "const rows = () => import('../timeline')",
            "import '../timeline/row.css'",
        ] {
            assert_eq!(features(&Tree::of(&[("web/src/features/composer/box.tsx", line)])).len(), 1, "{line}");
        }
    }

    #[test]
    fn a_feature_may_import_itself_and_what_is_below() {
        for line in ["import { a } from './a'", "import { B } from '../../ui/button'", "import React from 'react'"] {
            let tree = Tree::of(&[("web/src/features/composer/box.tsx", line)]);
            assert!(features(&tree).is_empty(), "{line}");
        }
    }

    #[test]
    fn a_class_that_two_features_style_is_red() {
        let [one, other] = ["web/src/features/files/files.css", "web/src/features/rooms/rooms.css"];
        for (first, second, red) in [
            (".ap {", ".ap {", 1),
            (".ap-row:hover {", ".rd,\n.wide > .ap[data-on] {", 1),
            (".ap {", ".ap .rd {", 0),
            (".ui-button.ap {", ".ui-button.rd {", 0),
            ("@media (width > 1.5px) {", "@media (width > 1.5px) {", 0),
            ("  margin: 0 .5rem,", "  margin: 0 .5rem,", 0),
        ] {
            assert_eq!(styles(&Tree::of(&[(one, first), (other, second)])).len(), red, "{first} {second}");
        }
        assert!(styles(&Tree::of(&[(one, ".ap {"), ("web/src/app/app.css", ".ap {")])).is_empty());
    }
}
