//! Every promise names what holds it: `docs/promises.md` has a row for each of them, by words that stand in the page, and what a row
//! names is there. It does not run the tests, nor judge whether they prove it.

use super::tree::{Source, Tree};

const TABLE: &str = "docs/promises.md";
/// The directories that the table calls by a short name.
const SHORT: [(&str, &str); 2] =
    [("it/", "crates/testkit/tests/it/"), ("conformance/", "crates/store/tests/conformance/")];

/// A row of the table: the page it is about, the words of the promise, and what holds it, each as `path::name`.
struct Row<'a> {
    page: &'a str,
    line: usize,
    words: String,
    held_by: Vec<&'a str>,
}

pub fn kept(tree: &Tree) -> Vec<String> {
    let Some(table) = find(tree, TABLE) else { return vec![format!("{TABLE} is missing")] };
    let rows = rows(table);
    let mut wrong = vec![];
    for row in &rows {
        let page = find(tree, row.page).map(|page| plain(&page.text)).unwrap_or_default();
        if !page.contains(&row.words) {
            wrong.push(table.at(row.line, &format!("{} does not say so any more: {:?}", row.page, row.words)));
        }
        if row.held_by.is_empty() {
            wrong.push(table.at(row.line, "nothing holds this promise: write the test, or take the promise back"));
        }
        let missing = row.held_by.iter().filter(|test| !exists(tree, test));
        wrong.extend(missing.map(|test| table.at(row.line, &format!("{test} is not there"))));
    }
    let mut pages: Vec<&str> = rows.iter().map(|row| row.page).collect();
    pages.dedup();
    for page in pages.into_iter().filter_map(|page| find(tree, page)) {
        for (line, promise) in promises(page) {
            let is_held = rows.iter().any(|row| row.page == page.path && promise.contains(&row.words));
            if !is_held {
                wrong.push(page.at(line, &format!("no row of {TABLE} names the test of this promise")));
            }
        }
    }
    wrong
}

fn find<'a>(tree: &'a Tree, path: &str) -> Option<&'a Source> {
    tree.files.iter().find(|file| file.path == path)
}

fn rows(table: &Source) -> Vec<Row<'_>> {
    let (mut page, mut rows) = ("", vec![]);
    for (line, text) in table.lines() {
        if let Some(title) = text.strip_prefix("## ") {
            page = title.trim();
        }
        let cells: Vec<&str> = text.split('|').map(str::trim).collect();
        let [_, words, held_by, _] = cells[..] else { continue };
        if words != "words" && !words.starts_with("---") {
            let held_by = held_by.split('`').skip(1).step_by(2).collect();
            rows.push(Row { page, line, words: plain(words), held_by });
        }
    }
    rows
}

/// Behind it stand the names of functions that are tests on each engine of the store.
const ON_EVERY_ENGINE: &str = "on_every_engine!(";

/// A test of this name, or a line of what is no Rust.
fn exists(tree: &Tree, test: &str) -> bool {
    let Some((path, name)) = test.split_once("::") else { return false };
    let long = SHORT.iter().find_map(|(short, long)| Some(format!("{long}{}", path.strip_prefix(short)?)));
    let Some(file) = find(tree, &long.unwrap_or_else(|| path.to_owned())) else { return false };
    if !file.path.ends_with(".rs") {
        return file.text.contains(name);
    }
    let Some((before, _)) = file.text.split_once(&format!("fn {name}(")) else { return false };
    let listed = file.text.split_once(ON_EVERY_ENGINE).and_then(|(_, after)| after.split_once(')'));
    if listed.is_some_and(|(names, _)| names.split(',').any(|listed| listed.trim() == name)) {
        return true;
    }
    let above = before.trim_end_matches("async ").trim_end().lines().rev().map(str::trim_start);
    above.take_while(|line| line.starts_with("#[")).any(|line| line.contains("test]") || line.contains("::test("))
}

/// The list entries of a page that are promises: numbered ones, and those that begin with a bold sentence.
fn promises(page: &Source) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = vec![];
    let mut is_open = false;
    for (line, text) in page.lines() {
        let number = text.split_once(". ").is_some_and(|(number, _)| number.parse::<u8>().is_ok());
        if number || text.starts_with("- **") && page.path == "README.md" {
            found.push((line, String::new()));
            is_open = true;
        } else if !text.starts_with("  ") {
            is_open = false;
        }
        if let (true, Some((_, whole))) = (is_open, found.last_mut()) {
            whole.push_str(text);
            whole.push(' ');
        }
    }
    found.into_iter().map(|(line, whole)| (line, plain(&whole))).collect()
}

/// The words alone, however they are broken into lines and set.
fn plain(text: &str) -> String {
    text.replace(['*', '`'], "").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "# Page\n\n1. Nothing is\n   `lost`, ever.\n2. All is well.\n";
    const HELD: &str = "#[test]\nfn all_is_well() {}\n#[tokio::test]\nasync fn nothing_is_lost() {}\nfn no_test() {}\n";

    fn finds(rows: &str) -> Vec<String> {
        let table = format!("## page.md\n\n| words | held by |\n|---|---|\n{rows}");
        kept(&Tree::of(&[("page.md", PAGE), ("it.rs", HELD), ("docs/promises.md", &table)]))
    }

    #[test]
    fn a_promise_whose_words_stand_there_and_whose_test_is_there_is_green() {
        let rows = "| Nothing is lost | `it.rs::nothing_is_lost` |\n| All is well | `it.rs::all_is_well` |\n";
        assert!(finds(rows).is_empty(), "{:?}", finds(rows));
    }

    #[test]
    fn a_test_on_every_engine_is_a_test() {
        let held = "async fn all_is_well(engine: Engine) {}\nasync fn well(engine: Engine) {}\non_every_engine!(\n    all_is_well,\n);\n";
        let tree = Tree::of(&[("it.rs", held)]);
        assert!(exists(&tree, "it.rs::all_is_well") && !exists(&tree, "it.rs::well"));
    }

    #[test]
    fn a_promise_without_a_row_is_red() {
        assert_eq!(finds("| All is well | `it.rs::all_is_well` |\n").len(), 1);
    }

    #[test]
    fn a_row_without_a_test_or_with_one_that_is_gone_is_red() {
        let rest = "| All is well | `it.rs::all_is_well` |\n";
        for held_by in ["", "`it.rs::gone`", "`gone.rs::all_is_well`", "`it.rs::no_test`", "`it.rs`"] {
            assert_eq!(finds(&format!("| Nothing is lost | {held_by} |\n{rest}")).len(), 1, "{held_by}");
        }
    }

    #[test]
    fn words_that_the_page_does_not_say_any_more_are_red() {
        let rows = "| Nothing is lost | `it.rs::nothing_is_lost` |\n| All is well | `it.rs::all_is_well` |\n";
        assert_eq!(finds(&format!("{rows}| It is fast | `it.rs::all_is_well` |\n")).len(), 1);
    }
}
