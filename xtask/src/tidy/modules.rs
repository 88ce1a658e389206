//! No circles between modules that stand side by side: two that need each other are one, or share a third below them. It reads
//! paths that begin with `crate`, `super` or `self`; what tests import is their affair.

use std::{
    collections::{BTreeMap, BTreeSet},
    slice::from_ref,
};

use super::tree::{Source, Tree};

/// Where something stands in its crate: the names of the modules down to it.
type Path = Vec<String>;

/// Which of the modules that stand side by side names which others.
type Graph = BTreeMap<String, BTreeSet<String>>;

/// A crate's modules, and what their roots give out under a name of their own.
#[derive(Default)]
struct Crate<'a> {
    modules: BTreeMap<Path, &'a Source>,
    given_out: BTreeMap<Path, Path>,
}

pub fn circles(tree: &Tree) -> Vec<String> {
    let mut crates: BTreeMap<&str, Crate<'_>> = BTreeMap::new();
    for file in tree.written(&[".rs"]) {
        let Some((home, module)) = place(&file.path) else { continue };
        crates.entry(home).or_default().modules.insert(module, file);
    }
    crates.into_iter().flat_map(|(home, it)| wrong(home, it)).collect()
}

fn wrong(home: &str, mut of: Crate<'_>) -> Vec<String> {
    let mut named = vec![];
    for (module, file) in &of.modules {
        let code = code(file);
        named.extend(paths(&code).into_iter().map(|path| (module.clone(), path)));
        for path in code.split("pub use ").skip(1).flat_map(|after| flat(after, &[])) {
            if let Some(name) = path.last() {
                of.given_out.insert(joined(module, from_ref(name)), joined(module, &path));
            }
        }
    }
    let mut graphs: BTreeMap<Path, Graph> = BTreeMap::new();
    for (from, path) in named {
        let to = of.resolve(&from, &path);
        let shared = from.iter().zip(&to).take_while(|(from, to)| from == to).count();
        // A root puts its modules together: what it names and who names it is no need between neighbours.
        if let (Some(one), Some(other)) = (from.get(shared), to.get(shared)) {
            let neighbours = graphs.entry(from[..shared].to_vec()).or_default();
            neighbours.entry(one.clone()).or_default().insert(other.clone());
        }
    }
    let all = graphs.iter().flat_map(|(parent, graph)| {
        let inside = joined(&[home.to_owned()], parent).join("/");
        let circles = graph.keys().filter_map(|module| circle(graph, module));
        circles.map(move |path| format!("{inside}: {}: move what both need below them", path.join(" → ")))
    });
    all.collect()
}

impl Crate<'_> {
    /// The module in which the named thing stands.
    fn resolve(&self, from: &Path, path: &[String]) -> Path {
        let (mut at, mut rest) = (from.clone(), path);
        while let Some((first, more)) = rest.split_first() {
            match first.as_str() {
                "crate" => at.clear(),
                "super" => drop(at.pop()),
                "self" => {}
                _ => break,
            }
            rest = more;
        }
        for name in rest {
            let next = joined(&at, from_ref(name));
            if self.modules.contains_key(&next) {
                at = next;
            } else if let Some(given_out) = self.given_out.get(&next) {
                at.clone_from(given_out);
                break;
            } else {
                break;
            }
        }
        while !at.is_empty() && !self.modules.contains_key(&at) {
            at.pop();
        }
        at
    }
}

/// The crate and the module of a file; none for tests.
fn place(path: &str) -> Option<(&str, Path)> {
    let (home, inside) = path.split_once("/src/")?;
    let mut module: Path = inside.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if module.last().is_some_and(|name| ["lib", "main", "mod"].contains(&name.as_str())) {
        module.pop();
    }
    let is_test = path.ends_with("tests.rs") || inside.contains("/tests/");
    (!is_test).then_some((home, module))
}

fn joined(to: &[String], more: &[String]) -> Path {
    [to, more].concat()
}

/// The text without comments and without the tests at its end.
fn code(file: &Source) -> String {
    let ends = ["#[cfg(test)]\nmod ", "#[cfg(test)]\n#[path", "#[cfg(test)]\npub(crate) mod "];
    let end = ends.iter().filter_map(|end| file.text.find(end)).min().unwrap_or(file.text.len());
    let lines = file.text[..end].lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The paths that begin at the crate, at the module or above it.
fn paths(code: &str) -> Vec<Path> {
    let starts = ["crate", "super", "self"].iter().flat_map(|start| code.match_indices(start));
    let whole = starts.filter(|(at, _)| !code[..*at].ends_with(|c: char| is_of_a_name(c) || c == ':'));
    whole.flat_map(|(at, _)| flat(&code[at..], &[])).filter(|path| path.len() > 1).collect()
}

/// One path, or each of those that a list in braces stands for.
fn flat(text: &str, before: &[String]) -> Vec<Path> {
    let text = text.trim_start();
    if let Some(list) = text.strip_prefix('{') {
        return items(list).into_iter().flat_map(|item| flat(item, before)).collect();
    }
    let end = text.find(|c| !is_of_a_name(c)).unwrap_or(text.len());
    if end == 0 {
        return vec![before.to_vec()];
    }
    let path = joined(before, &[text[..end].to_owned()]);
    match text[end..].strip_prefix("::") {
        Some(more) => flat(more, &path),
        None => vec![path],
    }
}

fn is_of_a_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// What stands between the commas of a list whose brace is open.
fn items(list: &str) -> Vec<&str> {
    let (mut items, mut depth, mut start) = (vec![], 0, 0);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' if depth > 0 => {}
            ',' | '}' => {
                items.push(&list[start..at]);
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    items.retain(|item| !item.trim().is_empty());
    items
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
            ("crates/a/src/two/mod.rs", "mod inner;"),
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
    fn a_circle_within_a_module_and_one_through_what_a_root_gives_out_are_red() {
        let inner = [
            ("crates/a/src/ws/mod.rs", "mod one;"),
            ("crates/a/src/ws/one.rs", "use super::{two, Root};"),
            ("crates/a/src/ws/two.rs", "fn f() { crate::ws::one::g::<u8>() }"),
        ];
        assert_eq!(finds(&inner), ["crates/a/ws: one → two → one: move what both need below them"]);
        let given_out = [
            ("crates/a/src/lib.rs", "mod one;\npub use one::{Other, X};"),
            ("crates/a/src/one.rs", "use super::two::Y;"),
            ("crates/a/src/two.rs", "use crate::X;"),
        ];
        assert_eq!(finds(&given_out).len(), 1);
    }

    #[test]
    fn downwards_within_a_module_tests_comments_and_other_crates_are_green() {
        let files = [
            ("crates/a/src/lib.rs", "use crate::one;"),
            ("crates/a/src/one.rs", "use crate::{Root, two::X};\n// crate::one\nuse other::three;"),
            ("crates/a/src/two.rs", "struct X;\n#[cfg(test)]\nmod tests {\n    use crate::one;\n}\n"),
            ("crates/a/src/two/part.rs", "use crate::two::X;\nuse super::{X, other};"),
            ("crates/a/src/two/other.rs", "use self::below::X; fn f() { supers::part::g() }"),
            ("crates/a/src/two_tests.rs", "use crate::one;"),
            ("crates/b/src/two.rs", "use crate::one;"),
        ];
        assert!(finds(&files).is_empty(), "{:?}", finds(&files));
    }
}
