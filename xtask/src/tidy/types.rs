//! One type for each name, and a type for each closed set: where two crates call different things `Batch`, a reader has to ask
//! which, and a word told apart by its letters may be misspelt. It knows names, not what they mean.

use std::collections::BTreeMap;

use super::tree::{Source, Tree};

const ASKED: &str = "an action of the policy is called as the frame that asks for it";
/// Names that stand twice on purpose, and why.
const TWICE: [(&str, &str); 5] = [
    ("Failpoints", "a debug build has one that does something, a release has one that does not"),
    ("Join", ASKED),
    ("Leave", ASKED),
    ("MarkRead", ASKED),
    ("RecallMessage", ASKED),
];
/// Each file of these declares a `Model` or a `Migration`: their library wants it so.
const ALIKE: [&str; 2] = ["crates/store/src/entity/", "crates/store/src/migration/"];
/// Programs that test and measure. They have a server, a socket and a person of their own.
const TOOLS: [&str; 2] = ["crates/testkit/", "crates/loadgen/"];

/// A name that a crate shows to others or to all of itself names one type in all of them.
pub fn names(tree: &Tree) -> Vec<String> {
    let mut places: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for file in tree.written(&[".rs", ".proto"]).filter(|file| is_read(file)) {
        for (number, line) in file.lines() {
            if let Some(name) = declared(line, file.path.ends_with(".proto")) {
                places.entry(name).or_default().push(file.at(number, name));
            }
        }
    }
    let twice = |name: &str| places.get(name).is_some_and(|places| places.len() > 1);
    let is_meant = |name: &str| TWICE.iter().any(|(meant, _)| *meant == name);
    let wrong = places.iter().filter(|(name, places)| places.len() > 1 && !is_meant(name));
    let mut wrong: Vec<String> =
        wrong.map(|(_, places)| format!("{}: one name, one type", places.join(", "))).collect();
    // A tree without any of them is one that a test made up.
    if TWICE.iter().any(|(name, _)| places.contains_key(name)) {
        let spent = TWICE.iter().filter(|(name, _)| !twice(name));
        wrong.extend(spent.map(|(name, _)| format!("xtask/src/tidy/types.rs: {name} stands once now")));
    }
    wrong
}

/// Where a word of a closed set would be known by its letters. What people type and what other programs say is read elsewhere: in
/// `proto`, the settings, the bodies of HTTP.
const INSIDE: [&str; 4] = ["crates/domain/src/", "crates/store/src/", "crates/realtime/src/", "crates/api/src/ws/"];

/// A closed set is an enumeration: nothing inside is told apart by the letters of a word, where a misspelt one compiles.
pub fn words(tree: &Tree) -> Vec<String> {
    let inside = tree
        .written(&[".rs"])
        .filter(|file| INSIDE.iter().any(|place| file.path.starts_with(place)) && !file.path.ends_with("tests.rs"));
    let find = |file: &Source| {
        let shipped = file.lines().take_while(|(_, line)| *line != "#[cfg(test)]");
        let told_apart = shipped.filter(|(_, line)| tells_apart_by_letters(line));
        told_apart.map(|(number, _)| file.at(number, "make it an enumeration")).collect::<Vec<_>>()
    };
    inside.flat_map(find).collect()
}

fn tells_apart_by_letters(line: &str) -> bool {
    let arm = line.split_once("=>").map(|(pattern, _)| pattern).filter(|pattern| !pattern.contains("!("));
    // What a guard asks is a call, not a set of words.
    arm.is_some_and(|pattern| {
        pattern.split(" if ").next().unwrap_or_default().split('"').skip(1).step_by(2).any(is_word)
    }) || ["== \"", "!= \""]
        .iter()
        .any(|compared| line.split(compared).skip(1).any(|rest| rest.split('"').next().is_some_and(is_word)))
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_lowercase() || c == '_')
}

fn is_read(file: &Source) -> bool {
    let path = file.path.as_str();
    path.starts_with("crates/")
        && (path.contains("/src/") || path.ends_with(".proto"))
        && !path.ends_with("tests.rs")
        && !ALIKE.iter().chain(&TOOLS).any(|place| path.starts_with(place))
}

/// The type that a line declares, where others than its own module see it.
fn declared(line: &str, is_proto: bool) -> Option<&str> {
    let line = line.trim_start();
    let in_rust = || ["pub ", "pub(crate) "].iter().find_map(|word| line.strip_prefix(word));
    let (line, kinds) = if is_proto {
        (line, &["message ", "enum "][..])
    } else {
        (in_rust()?, &["struct ", "enum ", "union ", "trait ", "type "][..])
    };
    let named = kinds.iter().find_map(|word| line.strip_prefix(word))?;
    let end = named.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(named.len());
    named[..end].starts_with(char::is_uppercase).then_some(&named[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(files: &[(&str, &str)]) -> usize {
        names(&Tree::of(files)).len()
    }

    #[test]
    fn a_name_with_two_types_is_red_across_crates_modules_and_the_wire() {
        let here = ("crates/a/src/lib.rs", "pub(crate) struct Batch {\n");
        assert_eq!(finds(&[here, ("crates/b/src/lib.rs", "    pub enum Batch {}\n")]), 1);
        assert_eq!(finds(&[here, ("crates/proto/chinwag.proto", "message Batch {\n")]), 1);
        assert_eq!(finds(&[here, ("crates/a/src/b.rs", "pub type Batch<T> = Vec<T>;\n")]), 1);
    }

    #[test]
    fn what_a_module_keeps_to_itself_and_what_tests_use_may_be_called_so_too() {
        let here = ("crates/a/src/lib.rs", "pub struct Batch;\n");
        for other in [
            ("crates/b/src/lib.rs", "struct Batch;\npub(super) struct Batch;\npub struct Batches;\n"),
            ("crates/b/src/hub_tests.rs", "pub struct Batch;\n"),
            ("crates/testkit/src/lib.rs", "pub struct Batch;\n"),
        ] {
            assert_eq!(finds(&[here, other]), 0, "{other:?}");
        }
    }

    #[test]
    fn a_closed_set_that_is_told_apart_by_letters_is_red() {
        fn red(path: &str, line: &str) -> usize {
            words(&Tree::of(&[(path, line)])).len()
        }
        for line in [
            "\"updated\" => 1,",
            "X { reason: \"too_far\", head } => 2,",
            "if frame.event == \"removed\" {",
            "it != \"a\"",
        ] {
            assert_eq!(red("crates/domain/src/a.rs", line), 1, "{line}");
            assert_eq!(red("crates/proto/src/a.rs", line), 0, "{line}");
            assert_eq!(red("crates/store/src/a.rs", &format!("#[cfg(test)]\n{line}")), 0, "{line}");
        }
        for line in [
            "counter!(\"n\", \"kind\" => kind);",
            "Some(it) if it.contains(\"key\") => 1,",
            "Lane::Json => \"json\",",
            "if name == \"\" {",
        ] {
            assert_eq!(red("crates/domain/src/a.rs", line), 0, "{line}");
        }
    }

    #[test]
    fn an_exception_that_is_not_needed_any_more_is_red() {
        let action = ("crates/domain/src/policy.rs", "pub enum Join {}\n");
        assert_eq!(finds(&[action, ("crates/proto/chinwag.proto", "message Join {\n")]), TWICE.len() - 1);
    }
}
