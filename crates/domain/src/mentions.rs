//! Whom a text calls. An `@` and a name call somebody where they are drawn as words: not in code, links and addresses, as
//! `passages.rs` finds them. Pure: who is there to be called, the store says. The rules, case by case, stand in
//! `web/src/lib/markdown/mentions.json`: the page's reader is held to the same.

use std::collections::BTreeSet;

use chinwag_proto::{MentionSpan, limits};

use crate::{
    passages::{self, Words},
    text::{EVERYBODY, is_at, is_mark, is_name_char, is_unspaced, is_word, name_key},
};

/// Characters of a text that are looked at for one name: of its 32, each may be written as three.
const LONGEST: usize = 3 * *limits::USERNAME_CHARS.end();

/// Whom a text names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mentions {
    /// Members by id, each once, ascending.
    pub users: Vec<i64>,
    /// @room or @all.
    pub room: bool,
    /// Where, from the first to the last; empty for what was said before these were kept, where it could not be found again.
    pub spans: Vec<MentionSpan>,
}

/// The calls of a text, in their order, before anybody is looked up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calls(Vec<Call>);

/// One `@` and the names that may be meant, the longest first.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Call {
    start: i32,
    names: Vec<Name>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Name {
    key: String,
    /// Characters with the `@`.
    length: i32,
}

impl Calls {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The keys of all names that may be meant; words for everybody among them.
    pub fn keys(&self) -> BTreeSet<&str> {
        self.0.iter().flat_map(|call| &call.names).map(|name| name.key.as_str()).collect()
    }

    /// Whom they call: of each the longest name that somebody has, as `find` tells by its key.
    pub fn resolve<E>(&self, mut find: impl FnMut(&str) -> Result<Option<i64>, E>) -> Result<Mentions, E> {
        let mut spans = Vec::new();
        for call in &self.0 {
            for name in &call.names {
                let everybody = EVERYBODY.contains(&name.key.as_str()).then_some(0);
                if let Some(user_id) = everybody.map_or_else(|| find(&name.key), |all| Ok(Some(all)))? {
                    spans.push(MentionSpan { start: call.start, length: name.length, user_id });
                    break;
                }
            }
        }
        let mut users: Vec<i64> = spans.iter().map(|span| span.user_id).filter(|id| *id != 0).collect();
        users.sort_unstable();
        users.dedup();
        let room = spans.iter().any(|span| span.user_id == 0);
        Ok(Mentions { users, room, spans })
    }
}

/// Finds what may call somebody, up to `limits::MENTIONS` of it and `limits::MENTION_NAMES` of names: each costs the one writer a
/// look, so nobody may ask for thousands with one text.
pub fn find(text: &str) -> Calls {
    let mut calls = Calls::default();
    let mut asked = 0;
    // Places in characters are counted on from the one before.
    let (mut counted, mut chars) = (0, 0);
    if !text.contains(is_at) {
        return calls;
    }
    for passage in passages::of(text) {
        for at in Words::of(&text[passage.clone()]).calls(|text, at| Some(at + run(&text[at..])?.len())) {
            let at = passage.start + at;
            if calls.0.len() == limits::MENTIONS {
                return calls;
            }
            chars += text[counted..at].chars().count();
            counted = at;
            let names = names(&text[at..passage.end]);
            asked += names.len();
            if asked > limits::MENTION_NAMES {
                return calls;
            }
            if !names.is_empty() {
                calls.0.push(Call { start: i32::try_from(chars).unwrap_or(i32::MAX), names });
            }
        }
    }
    calls
}

/// The `@` at the beginning and all that could be of a name behind it.
fn run(text: &str) -> Option<&str> {
    let sign = text.chars().next().filter(|c| is_at(*c))?.len_utf8();
    let letters = &text[sign..];
    letters.chars().next().filter(|c| c.is_alphanumeric() || *c == '_')?;
    let end = letters.find(|c| !is_name_char(c)).unwrap_or(letters.len());
    Some(&text[..sign + end])
}

/// The names that the letters behind an `@` may mean, the longest first.
fn names(text: &str) -> Vec<Name> {
    let Some(run) = run(text) else { return Vec::new() };
    let chars: Vec<(usize, char)> = run.char_indices().skip(1).take(LONGEST + 1).collect();
    let ends = (1..=chars.len()).rev().filter(|end| *end <= LONGEST && may_end(&chars, *end));
    let name = |end: usize| {
        let first = chars.first()?.0;
        let key = name_key(&run[first..chars.get(end).map_or(run.len(), |(at, _)| *at)]);
        // A letter of the name may be two in the key: İ is i̇.
        let fits = (*limits::USERNAME_CHARS.start()..=2 * limits::USERNAME_CHARS.end()).contains(&key.chars().count());
        fits.then(|| Name { key, length: i32::try_from(end + 1).unwrap_or(i32::MAX) })
    };
    ends.filter_map(name).collect()
}

/// Whether a name may be over before the letter at `end`: where punctuation ends it, or one of two letters is of a script that sets
/// no spaces.
fn may_end(chars: &[(usize, char)], end: usize) -> bool {
    let Some((_, last)) = end.checked_sub(1).and_then(|last| chars.get(last)) else { return false };
    if matches!(last, '.' | '-') {
        return false;
    }
    let Some((_, next)) = chars.get(end) else { return true };
    if is_word(*next) {
        return !is_mark(*next) && (is_unspaced(*last) || is_unspaced(*next));
    }
    // "@bob.Please" has a full stop; a hyphen or a line between letters is of their word.
    let behind = chars[end..].iter().map(|(_, c)| *c).find(|c| !matches!(c, '-' | '_'));
    !behind.is_some_and(|c| is_word(c) && !is_unspaced(c)) || is_unspaced(*last)
}

#[cfg(test)]
#[path = "mentions_tests.rs"]
mod tests;
