//! No circles between the top-level modules of a crate: two that need each other are one, or share a third below them. It reads
//! `crate::…` paths; what tests import is their affair.

use std::collections::{BTreeMap, BTreeSet};

use super::tree::{Source, Tree};

/// Which module of a crate names which others.
type Graph = BTreeMap<String, BTreeSet<String>>;

pub fn circles(tree: &Tree) -> Vec<String> {
    let mut crates: BTreeMap<&str, Graph> = BTreeMap::new();
    for file in tree.written(&[".rs"]) {
        let Some((home, module)) = place(&file.path) else { continue };
        let named = crates.entry(home).or_default().entry(module.to_owned()).or_default();
        named.extend(code(file).split("crate::").skip(1).flat_map(heads));
    }
    let wrong = crates.iter().flat_map(|(home, graph)| {
        let circles = graph.keys().filter_map(|module| circle(graph, module));
        circles.map(move |path| format!("{home}: {}: move what both need below them", path.join(" → ")))
    });
    wrong.collect()
}

/// The crate and the top-level module of a file; none for the crate's root, which puts them together, and for tests.
fn place(path: &str) -> Option<(&str, &str)> {
    let (home, inside) = path.split_once("/src/")?;
    let module = inside.split('/').next()?.trim_end_matches(".rs");
    let is_test = path.ends_with("tests.rs") || inside.contains("/tests/");
    (!is_test && module != "lib" && module != "main").then_some((home, module))
}

/// The text without comments and without the tests at its end.
fn code(file: &Source) -> String {
    let ends = ["#[cfg(test)]\nmod ", "#[cfg(test)]\n#[path", "#[cfg(test)]\npub(crate) mod "];
    let end = ends.iter().filter_map(|end| file.text.find(end)).min().unwrap_or(file.text.len());
    let lines = file.text[..end].lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The first names of the paths that follow `crate::`: one, or each of a list in braces.
fn heads(after: &str) -> Vec<String> {
    let name = |text: &str| text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let Some(list) = after.strip_prefix('{') else { return vec![name(after)] };
    let (mut heads, mut depth, mut start) = (vec![], 0, 0);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '}' => {
                heads.push(name(&list[start..at]));
                break;
            }
            ',' if depth == 0 => {
                heads.push(name(&list[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    heads
}

/// A shortest way from the module back to itself, told once: by the first of its names.
fn circle(graph: &Graph, module: &String) -> Option<Vec<String>> {
    let mut ways = vec![vec![module.clone()]];
    let mut seen = BTreeSet::new();
    while !ways.is_empty() {
        let mut longer = vec![];
        for way in ways {
            let last = way.last()?;
            for next in graph.get(last).into_iter().flatten().filter(|next| *next != last) {
                let mut way = way.clone();
                way.push(next.clone());
                if next == module {
                    return (way.iter().min() == Some(module)).then_some(way);
                }
                if graph.contains_key(next) && seen.insert(next.clone()) {
                    longer.push(way);
                }
            }
        }
        ways = longer;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(files: &[(&str, &str)]) -> Vec<String> {
        circles(&Tree::of(files))
    }

    #[test]
    fn modules_that_need_each_other_are_red_once() {
        let two =
            [("crates/a/src/one.rs", "use crate::two::X;"), ("crates/a/src/two.rs", "use crate::{b, one::{Y, Z}};")];
        assert_eq!(finds(&two), ["crates/a: one → two → one: move what both need below them"]);
        let three = [
            ("crates/a/src/one.rs", "use crate::{\n    three,\n    two,\n};"),
            ("crates/a/src/two/inner.rs", "fn f() { crate::three::g() }"),
            ("crates/a/src/three.rs", "use crate::two;"),
        ];
        assert_eq!(finds(&three).len(), 1);
        let long = [
            ("crates/a/src/one.rs", "use crate::two;"),
            ("crates/a/src/two.rs", "use crate::three;"),
            ("crates/a/src/three.rs", "use crate::one;"),
        ];
        assert_eq!(finds(&long).len(), 1);
    }

    #[test]
    fn downwards_within_a_module_tests_comments_and_other_crates_are_green() {
        let files = [
            ("crates/a/src/lib.rs", "use crate::one;"),
            ("crates/a/src/one.rs", "use crate::{Root, two::X};\n// crate::one\nuse other::three;"),
            ("crates/a/src/two.rs", "struct X;\n#[cfg(test)]\nmod tests {\n    use crate::one;\n}\n"),
            ("crates/a/src/two/part.rs", "use crate::two::X;"),
            ("crates/a/src/two_tests.rs", "use crate::one;"),
            ("crates/b/src/two.rs", "use crate::one;"),
        ];
        assert!(finds(&files).is_empty(), "{:?}", finds(&files));
    }
}
