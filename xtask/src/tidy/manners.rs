//! How files are written: how they open, how long and how named they are, and which words they do not contain. It does
//! not look at what the code does.

use super::tree::{Source, Tree};

const CODE: [&str; 9] = [".rs", ".ts", ".tsx", ".css", ".js", ".mjs", ".sh", ".proto", ".html"];
const SCRIPT: [&str; 4] = [".ts", ".tsx", ".js", ".mjs"];
/// More is a smell that is listed, and much more is refused.
const SMELL: usize = 300;
const LIMIT: usize = 500;
const ARCHITECTURE_LINES: usize = 200;

pub fn opening(tree: &Tree) -> Vec<String> {
    tree.written(&[".rs"])
        .filter(|file| !file.text.starts_with("//! "))
        .map(|file| file.at(1, "must open with //! and one sentence: what this is and what it is not"))
        .collect()
}

pub fn length(tree: &Tree) -> Vec<String> {
    let long = tree.written(&CODE).map(|file| (file, file.text.lines().count())).filter(|&(_, lines)| lines > LIMIT);
    long.map(|(file, lines)| format!("{}: {lines} lines; split it by topic", file.path)).collect()
}

/// Not wrong yet, but worth a look.
pub fn long(tree: &Tree) -> Vec<String> {
    let long = tree.written(&CODE).map(|file| (file, file.text.lines().count()));
    long.filter(|(_, lines)| (SMELL + 1..=LIMIT).contains(lines))
        .map(|(file, lines)| format!("{}: {lines} lines", file.path))
        .collect()
}

pub fn names(tree: &Tree) -> Vec<String> {
    const EMPTY_WORDS: [&str; 8] = ["util", "utils", "common", "helper", "helpers", "manager", "managers", "misc"];
    let hollow = |path: &str| {
        path.split(['/', '.', '-', '_']).any(|word| EMPTY_WORDS.contains(&word.to_ascii_lowercase().as_str()))
    };
    let hollow = tree.written(&CODE).filter(|file| hollow(&file.path));
    hollow.map(|file| format!("{}: name it for what it does", file.path)).collect()
}

pub fn allowances(tree: &Tree) -> Vec<String> {
    const ALLOW: [&str; 2] = [concat!("#[", "allow("), concat!("#![", "allow(")];
    lines_with(tree, &[".rs"], |line| ALLOW.iter().any(|word| line.contains(word)), "say #[expect(…, reason = \"…\")]")
}

pub fn leftovers(tree: &Tree) -> Vec<String> {
    const WORDS: [&str; 3] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    const MACROS: [&str; 2] = [concat!("todo", "!("), concat!("unimplemented", "!(")];
    let left = |line: &str| {
        let mut words = line.split(|c: char| !c.is_alphanumeric());
        words.any(|word| WORDS.contains(&word)) || MACROS.iter().any(|word| line.contains(word))
    };
    lines_with(tree, &[&CODE[..], &[".md", ".toml", ".yaml"]].concat(), left, "finish it or leave it out")
}

pub fn skips(tree: &Tree) -> Vec<String> {
    const BARE: [&str; 3] = [concat!(".skip", "("), concat!(".only", "("), concat!(".todo", "(")];
    const IGNORED: &str = concat!("#[", "ignore]");
    let asked = |line: &str| {
        BARE.iter()
            .any(|verb| ["it", "test", "describe", "suite"].iter().any(|who| line.contains(&format!("{who}{verb}"))))
    };
    let mut wrong = lines_with(tree, &[".rs"], |line| line.contains(IGNORED), "say why: the runner prints the reason");
    wrong.extend(lines_with(tree, &SCRIPT, asked, "a test runs, or says why not when it is run"));
    wrong
}

pub fn silenced(tree: &Tree) -> Vec<String> {
    const WORDS: [&str; 3] = [concat!("@ts-", "ignore"), concat!("@ts-", "nocheck"), concat!("as ", "any")];
    let silenced = |line: &str| WORDS.iter().any(|word| ends_a_word(line, word));
    lines_with(tree, &[".ts", ".tsx"], silenced, "give it its type")
}

/// What is seen of an element comes a frame after the element.
pub fn hasty(tree: &Tree) -> Vec<String> {
    let hasty = |line: &str| line.contains("assert.") && line.contains(".innerText()") && !line.contains("eventually(");
    lines_with(tree, &[".test.mjs"], hasty, "say `says(locator, pattern)`, which waits")
}

pub fn architecture(tree: &Tree) -> Vec<String> {
    let Some(page) = tree.files.iter().find(|file| file.path == "ARCHITECTURE.md") else {
        return vec!["ARCHITECTURE.md is missing".to_owned()];
    };
    let lines = page.text.lines().count();
    if lines < ARCHITECTURE_LINES { vec![] } else { vec![format!("ARCHITECTURE.md has {lines} lines")] }
}

/// Whether `word` stands in `line` and is not the beginning of a longer one.
fn ends_a_word(line: &str, word: &str) -> bool {
    line.match_indices(word)
        .any(|(at, _)| !line[at + word.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

fn lines_with(tree: &Tree, endings: &[&str], wrong: impl Fn(&str) -> bool, what: &str) -> Vec<String> {
    let find = |file: &Source| {
        file.lines().filter(|(_, line)| wrong(line)).map(|(number, _)| file.at(number, what)).collect::<Vec<_>>()
    };
    tree.written(endings).flat_map(find).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(rule: fn(&Tree) -> Vec<String>, path: &str, text: &str) -> usize {
        rule(&Tree::of(&[(path, text)])).len()
    }

    #[test]
    fn a_rust_file_without_an_opening_is_red() {
        assert_eq!(finds(opening, "crates/a/src/lib.rs", "use b;\n"), 1);
        assert_eq!(finds(opening, "crates/a/src/lib.rs", "//! What it is.\n"), 0);
    }

    #[test]
    fn a_long_file_is_red_and_a_longish_one_is_listed() {
        assert_eq!(finds(length, "a.ts", &"x\n".repeat(501)), 1);
        assert_eq!(finds(length, "a.ts", &"x\n".repeat(500)), 0);
        assert_eq!(finds(long, "a.ts", &"x\n".repeat(301)), 1);
        assert_eq!(finds(length, "package-lock.json", &"x\n".repeat(9_000)), 0);
    }

    #[test]
    fn hollow_names_are_red() {
        assert_eq!(finds(names, "web/src/lib/utils.ts", ""), 1);
        assert_eq!(finds(names, "crates/common/src/lib.rs", ""), 1);
        assert_eq!(finds(names, "crates/store/src/session_manager.rs", ""), 1);
        assert_eq!(finds(names, "crates/store/src/commonly.rs", ""), 0);
    }

    #[test]
    fn an_allowed_lint_is_red() {
        assert_eq!(finds(allowances, "a.rs", concat!("#[", "allow(dead_code)]")), 1);
        assert_eq!(finds(allowances, "a.rs", concat!("#![", "allow(dead_code)]")), 1);
    }

    #[test]
    fn work_left_for_later_is_red() {
        assert_eq!(finds(leftovers, "a.rs", concat!("// TO", "DO: later")), 1);
        assert_eq!(finds(leftovers, "a.rs", concat!("todo", "!()")), 1);
        assert_eq!(finds(leftovers, "a.sh", concat!("mktemp -d /tmp/aXX", "XXXX")), 0);
    }

    #[test]
    fn a_skipped_test_is_red_and_an_iterator_is_not() {
        assert_eq!(finds(skips, "a.test.ts", concat!("test", ".skip('x', f)")), 1);
        assert_eq!(finds(skips, "a.test.ts", concat!("describe", ".only('x', f)")), 1);
        assert_eq!(finds(skips, "a.rs", concat!("#[", "ignore]")), 1);
        assert_eq!(finds(skips, "a.rs", "words.skip(1)"), 0);
    }

    #[test]
    fn silenced_types_are_red() {
        assert_eq!(finds(silenced, "a.ts", concat!("x as ", "any;")), 1);
        assert_eq!(finds(silenced, "a.ts", concat!("// @ts-", "ignore")), 1);
        assert_eq!(finds(silenced, "a.ts", "as anything"), 0);
    }

    #[test]
    fn a_play_that_reads_once_is_red() {
        assert_eq!(finds(hasty, "a.test.mjs", "assert.match(await row.innerText(), /Ann/);"), 1);
        assert_eq!(
            finds(hasty, "a.test.mjs", "await eventually(async () => assert.match(await row.innerText(), /A/));"),
            0
        );
        assert_eq!(finds(hasty, "a.test.mjs", "await says(row, /Ann/);"), 0);
    }

    #[test]
    fn a_long_architecture_page_is_red() {
        assert_eq!(finds(architecture, "ARCHITECTURE.md", &"x\n".repeat(200)), 1);
        assert_eq!(finds(architecture, "README.md", ""), 1);
        assert_eq!(finds(architecture, "ARCHITECTURE.md", "x\n"), 0);
    }
}
