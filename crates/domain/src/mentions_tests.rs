//! The cases that the page is held to as well, and what holds of every text.

use std::convert::Infallible;

use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::text::Username;

#[derive(Deserialize)]
struct Table {
    members: Vec<String>,
    cases: Vec<String>,
}

fn table() -> Table {
    serde_json::from_str(include_str!("../../../web/src/lib/markdown/mentions.json")).expect("a table")
}

/// A case without its signs, and the parts that are called: where they begin and end, in characters.
fn read(case: &str) -> (String, Vec<(usize, usize)>) {
    let (mut text, mut called, mut chars) = (String::new(), Vec::new(), 0);
    for c in case.chars() {
        match c {
            '⟦' => called.push((chars, 0)),
            '⟧' => called.last_mut().expect("a beginning").1 = chars,
            '⟨' | '⟩' => {}
            c => {
                text.push(c);
                chars += 1;
            }
        }
    }
    (text, called)
}

fn called(text: &str, members: &[String]) -> Mentions {
    let keys: Vec<String> = members.iter().map(|name| name_key(name)).collect();
    let find = |key: &str| Ok::<_, Infallible>(keys.iter().position(|known| known == key).map(|at| at as i64 + 1));
    let Ok(mentions) = super::find(text).resolve(find);
    mentions
}

#[test]
fn who_is_called_is_who_is_meant() {
    let Table { members, cases } = table();
    for name in &members {
        assert!(Username::parse(name).is_ok(), "{name} is no name");
    }
    let mut wrong = Vec::new();
    for case in &cases {
        let (text, wanted) = read(case);
        let found = called(&text, &members);
        let chars: Vec<char> = text.chars().collect();
        let got: Vec<(usize, usize)> =
            found.spans.iter().map(|span| (span.start as usize, (span.start + span.length) as usize)).collect();
        if got != wanted {
            let shown: Vec<String> = got.iter().map(|(from, to)| chars[*from..*to].iter().collect()).collect();
            wrong.push(format!("{case:?} calls {shown:?}"));
        }
        for span in &found.spans {
            let (from, to) = (span.start as usize, (span.start + span.length) as usize);
            let name = name_key(&chars[from + 1..to].iter().collect::<String>());
            match span.user_id {
                0 => assert!(EVERYBODY.contains(&name.as_str()), "{case}"),
                id => assert_eq!(name_key(&members[id as usize - 1]), name, "{case}"),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Found by the fuzz target `names`.
#[test]
fn a_name_whose_key_is_longer_than_a_name_is_called() {
    let name = "oommuJommuJBnknowJJnİBnknowJJnİ";
    let name = Username::parse(name).expect("a name");
    assert_eq!(name_key(name.as_str()).chars().count(), 33);
    assert_eq!(called(&format!("@{}", name.as_str()), &[name.as_str().into()]).users, [1]);
}

#[test]
fn no_more_than_fifty_are_called() {
    let found = called(&"@bob ".repeat(60), &["bob".into()]);
    assert_eq!((found.spans.len(), found.users.len()), (limits::MENTIONS, 1));
}

/// Each name may be the one that is meant, and none is the same as another.
#[test]
fn a_text_that_could_mean_thousands_of_names_asks_for_some() {
    let name = |from: u32| (from..from + 32).filter_map(char::from_u32).collect::<String>();
    let calls: Vec<String> = (0..50).map(|at| format!("@{}", name(0x4e00 + at * 32))).collect();
    let found = super::find(&calls.join(" "));
    assert_eq!(found.keys().len(), limits::MENTION_NAMES);
    // What an honest text calls is all found.
    assert_eq!(super::find(&calls[..16].join(" ")).0.len(), 16);
}

/// Pieces that mean something beside each other.
fn texts() -> impl Strategy<Value = String> {
    let pieces = [
        "@",
        "＠",
        "bob",
        "小明",
        "all",
        "所有人",
        "`",
        "```",
        "~~~",
        "\n",
        "\n\n",
        " ",
        "[",
        "]",
        "(",
        ")",
        "](",
        "https://",
        "www.",
        "x.y",
        "\\",
        "> ",
        "- ",
        "1. ",
        "# ",
        "|",
        "_",
        "*",
        ".",
        "-",
        "é",
        "e\u{301}",
        "😀",
        "น้ำ",
        "<",
        ">",
    ];
    prop::collection::vec(prop_oneof![prop::sample::select(pieces.to_vec()).prop_map(str::to_owned), ".{0,4}"], 0..40)
        .prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn spans_lie_within_the_text_one_behind_the_other(text in texts()) {
        let found = called(&text, &["bob".into(), "小明".into()]);
        let chars: Vec<char> = text.chars().collect();
        let mut end = 0;
        for span in &found.spans {
            prop_assert!(span.start >= end && span.length > 1, "{:?}", found.spans);
            end = span.start + span.length;
            prop_assert!(end as usize <= chars.len());
            prop_assert!(is_at(chars[span.start as usize]));
            prop_assert!(span.user_id != 0 || found.room);
            prop_assert!(span.user_id == 0 || found.users.contains(&span.user_id));
        }
    }
}

/// Each of these is more than twice as dear as the text before it, if it is not read in one go.
#[test]
fn no_text_is_dear() {
    for piece in [
        "@bob ",
        "`",
        "```\n",
        "~~~\n",
        "[",
        "](https://x)",
        "\\`",
        "@",
        "@小",
        "(",
        "> - ",
        "```a\n\n",
        "www.",
        "medium.com/@",
    ] {
        let begun = std::time::Instant::now();
        super::find(&piece.repeat(20_000));
        assert!(begun.elapsed().as_secs() < 5, "{piece:?} took {:?}", begun.elapsed());
    }
}
