//! Parsing of what people type: names and texts. Pure; every function gives a value that cannot be wrong, or the
//! sentence that says why not. It does not look anybody up.

use chinwag_proto::{Sentence, limits};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_script::{Script, UnicodeScript};
use unicode_security::{GeneralSecurityProfile, RestrictionLevel, RestrictionLevelDetection, skeleton};

use crate::{Error, Result, settings::PasswordPolicy};

/// Words that call everybody in a room.
pub(crate) const EVERYBODY: [&str; 7] = ["all", "everyone", "here", "room", "所有人", "全体成员", "全體成員"];

/// Names that mean the house itself, or nobody.
const RESERVED: [&str; 6] = ["channel", "system", "chinwag", "guest", "deleted", "unknown"];

/// Names by which people expect those who run the house.
const OFFICES: [&str; 14] = [
    "admin",
    "administrator",
    "moderator",
    "official",
    "root",
    "staff",
    "support",
    "sysadmin",
    "管理员",
    "管理員",
    "系统",
    "系統",
    "官方",
    "客服",
];

/// Marks on one letter of a name.
const MARKS: usize = 4;

/// Passwords so common that they are tried first; `zxcvbn` knows the long list, these are ours.
const PRODUCT_WORDS: [&str; 3] = ["chinwag", "password", "letmein"];

/// A user name: letters and digits of any script, `_`, `-` and `.`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Username(String);

impl Username {
    pub fn parse(text: &str) -> Result<Self> {
        let name: String = text.trim().nfkc().collect();
        let say = |sentence| Err(Error::invalid("username", sentence));
        let chars = name.chars().count();
        if !limits::USERNAME_CHARS.contains(&chars) {
            return say(Sentence::NameLength);
        }
        if !name.chars().all(is_name_char)
            || !marks_belong(&name)
            || name.starts_with(['.', '-'])
            || name.ends_with(['.', '-'])
        {
            return say(Sentence::NameCharacters);
        }
        if let Some(sentence) = misleading(&name) {
            return say(sentence);
        }
        if is_reserved(&name) {
            return say(Sentence::NameReserved);
        }
        Ok(Self(name))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn into_string(self) -> String {
        self.0
    }
}

/// Why these letters may be mistaken for others, if they may.
pub(crate) fn misleading(letters: &str) -> Option<Sentence> {
    if !letters.chars().all(GeneralSecurityProfile::identifier_allowed) {
        return Some(Sentence::NameUncommon);
    }
    if !letters.check_restriction_level(RestrictionLevel::HighlyRestrictive) {
        return Some(Sentence::NameMixed);
    }
    let look = undotted(skeleton(letters));
    (look.is_ascii() && !letters.is_ascii()).then_some(Sentence::NameLookAlike)
}

/// Whether the name is a reserved one, or looks like one.
pub(crate) fn is_reserved(name: &str) -> bool {
    RESERVED.iter().chain(&EVERYBODY).any(|word| looks_like(name, word))
}

/// Whether the name is that of an office of the house, or looks like one: only the house gives those.
pub(crate) fn is_office(name: &str) -> bool {
    OFFICES.iter().any(|word| looks_like(name, word))
}

/// In small letters, as it is written, or in capitals, where an `l` looks like an `I`.
fn looks_like(name: &str, word: &str) -> bool {
    look_key(&name_key(name)) == look_key(word)
        || [look_key(word), look_key(&word.to_uppercase())].contains(&look_key(name))
}

/// What must be unique of a name: compatibility forms folded, case ignored; a sigma is one letter wherever it stands.
pub fn name_key(name: &str) -> String {
    let name = name.trim();
    // Most names, and all of most texts: the tables of Unicode would give the same.
    if name.is_ascii() {
        return name.to_ascii_lowercase();
    }
    // Once more: a small letter may be one with its mark where the capital is none (J̌ and ǰ), and the dot of İ has its place among
    // other marks.
    name.nfkc().flat_map(char::to_lowercase).nfkc().map(|c| if c == 'ς' { 'σ' } else { c }).collect()
}

/// What must be unique of an e-mail address: one logs in by a name or by an address, and what is typed does not say which.
pub fn address_key(address: &str) -> String {
    name_key(address)
}

/// What must be unique of a name's look, as it is written: the skeleton of Unicode Technical Standard 39, section 4, in which an `I` is
/// an `l`, a zero an `O` and an `m` an `rn`. In small letters, some of which look like others in turn.
pub fn look_key(name: &str) -> String {
    let look = undotted(skeleton(&name.trim().nfkc().collect::<String>()));
    skeleton(&look.chars().flat_map(char::to_lowercase).collect::<String>()).collect()
}

/// Without the dots that cannot be seen: an `i` and a `j` give up their own for one that is put on them (Soft_Dotted). The skeleton
/// keeps it.
fn undotted(look: impl Iterator<Item = char>) -> String {
    let mut letter = ' ';
    let seen = look.filter(|c| {
        if !is_mark(*c) {
            letter = *c;
        }
        *c != '\u{307}' || !matches!(letter, 'i' | 'j')
    });
    seen.collect()
}

/// Characters of names, and so of mentions: a mark that belongs to a letter is as good as one.
pub(crate) fn is_name_char(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.') || is_mark(c) && c.identifier_allowed()
}

/// Whether every mark belongs to a letter, and none hides others under a heap.
fn marks_belong(name: &str) -> bool {
    let (mut marks, mut before) = (0, ' ');
    name.chars().all(|c| {
        marks = if is_mark(c) { marks + 1 } else { 0 };
        let belongs = marks <= MARKS && before != c && (before.is_alphabetic() || is_mark(before));
        before = c;
        marks == 0 || belongs
    })
}

/// The sign that calls somebody, as both kinds of keyboard make it.
pub(crate) fn is_at(c: char) -> bool {
    matches!(c, '@' | '＠')
}

/// A letter, a digit or what belongs to one.
pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || is_mark(c)
}

pub(crate) fn is_mark(c: char) -> bool {
    !c.is_ascii() && is_combining_mark(c)
}

/// Letters of the scripts that set no space between words, or join what follows a name to it.
pub(crate) fn is_unspaced(c: char) -> bool {
    !c.is_ascii()
        && matches!(
            c.script(),
            Script::Han
                | Script::Hiragana
                | Script::Katakana
                | Script::Hangul
                | Script::Bopomofo
                | Script::Thai
                | Script::Lao
                | Script::Khmer
                | Script::Myanmar
        )
}

/// An e-mail address; only its form is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    pub fn parse(text: &str) -> Result<Self> {
        let address = text.trim();
        let sound = address.len() <= limits::EMAIL_BYTES
            && !address.chars().any(|c| c.is_whitespace() || c.is_control() || "<>(),;:\"\\[]".contains(c))
            && address.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && is_domain(domain))
            // One letter may be a dozen in the key, for which databases have as much room as for an address.
            && address_key(address).chars().count() <= limits::EMAIL_BYTES;
        if sound { Ok(Self(address.to_owned())) } else { Err(Error::invalid("email", Sentence::Address)) }
    }

    /// See [`address_key`].
    pub fn key(&self) -> String {
        address_key(&self.0)
    }

    pub fn into_string(self) -> String {
        self.0
    }
}

/// Labels of letters, digits and hyphens within (RFC 5321 section 2.3.5), in any script; no address of a machine.
fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| is_word(c) || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.split('.').all(is_label) && text.parse::<std::net::Ipv4Addr>().is_err()
}

/// Checks a new password against the policy; `own` are words of the account itself. The bytes are used as they are.
pub fn check_password(field: &'static str, password: &str, policy: PasswordPolicy, own: &[&str]) -> Result<()> {
    let say = |sentence| Err(Error::invalid(field, sentence));
    if password.chars().count() < policy.min_chars() {
        return say(Sentence::AtLeastCharacters { min: policy.min_chars() });
    }
    if password.chars().count() > limits::PASSWORD_CHARS {
        return say(Sentence::AtMostCharacters { max: limits::PASSWORD_CHARS });
    }
    if policy == PasswordPolicy::Strong {
        let words: Vec<&str> = own.iter().copied().chain(PRODUCT_WORDS).collect();
        let head: String = password.chars().take(100).collect();
        if zxcvbn::zxcvbn(&head, &words).score() < zxcvbn::Score::Two {
            return say(Sentence::PasswordGuessed);
        }
    }
    Ok(())
}

/// A line of text for people: trimmed, no control characters, without those that turn the reading direction around.
fn line(field: &'static str, text: &str, max_chars: usize) -> Result<String> {
    let text: String = text.replace(is_bidi_control, "").trim().nfc().collect();
    if text.chars().count() > max_chars {
        return Err(Error::invalid(field, Sentence::AtMostCharacters { max: max_chars }));
    }
    one_line(field, &text)?;
    Ok(text)
}

fn one_line(field: &'static str, text: &str) -> Result<()> {
    if text.contains(char::is_control) { Err(Error::invalid(field, Sentence::OneLine)) } else { Ok(()) }
}

/// What is looked for in names. A NUL would end a pattern of the database and so find everything.
pub fn search(field: &'static str, text: &str) -> Result<String> {
    let text = text.trim();
    one_line(field, text)?;
    Ok(text.to_owned())
}

/// Whether there is nothing to see.
fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_invisible(c))
}

/// Characters that fonts draw as nothing, though Unicode does not call all of them white space.
fn is_invisible(c: char) -> bool {
    c.is_control()
        || is_bidi_control(c)
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}')
        || matches!(c, '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
}

fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{feff}')
}

/// A room's name, 1 to 100 characters.
pub fn room_name(text: &str) -> Result<String> {
    let name = line("name", text, limits::ROOM_NAME_CHARS)?;
    if is_blank(&name) {
        return Err(Error::invalid("name", Sentence::RoomNameEmpty));
    }
    Ok(name)
}

/// A few lines about something, up to `max_chars`.
pub fn paragraph(field: &'static str, text: &str, max_chars: usize) -> Result<String> {
    let text = lines(field, text)?.replace(is_bidi_control, "").trim().to_owned();
    if text.chars().count() > max_chars {
        return Err(Error::invalid(field, Sentence::AtMostCharacters { max: max_chars }));
    }
    Ok(text)
}

/// The name people see beside someone's words; empty means: the user name.
pub fn display_name(text: &str) -> Result<String> {
    let name = line("display_name", text, limits::DISPLAY_NAME_CHARS)?;
    if is_blank(&name) && !text.trim().is_empty() {
        return Err(Error::invalid("display_name", Sentence::NameUnseen));
    }
    Ok(name)
}

/// One line about someone's day.
pub fn status_text(text: &str) -> Result<String> {
    line("status_text", text, limits::STATUS_TEXT_CHARS)
}

/// What a server calls itself.
pub fn server_name(text: &str) -> Result<String> {
    line("server_name", text, 60)
}

/// What an emoji of the place's own is called between colons.
pub fn emoji_name(text: &str) -> Result<String> {
    let is_of_it = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
    if limits::EMOJI_NAME_CHARS.contains(&text.len()) && text.bytes().all(is_of_it) {
        Ok(text.to_owned())
    } else {
        Err(Error::invalid("name", Sentence::EmojiName))
    }
}

/// The text of a message: 1 to `max_chars` characters, never cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body(String);

impl Body {
    pub fn parse(text: &str, max_chars: usize) -> Result<Self> {
        let text = lines("content", text)?;
        if is_blank(&text) {
            return Err(Error::invalid("content", Sentence::Empty));
        }
        let chars = text.chars().count();
        if chars > max_chars {
            return Err(Error::invalid("content", Sentence::TooManyCharacters { chars, max: max_chars }));
        }
        Ok(Self(text))
    }

    /// The same beside attachments, which may say it all.
    pub fn caption(text: &str, max_chars: usize) -> Result<Self> {
        if is_blank(&lines("content", text)?) { Ok(Self(String::new())) } else { Self::parse(text, max_chars) }
    }

    pub fn into_string(self) -> String {
        self.0
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Line ends as `\n`. Control characters that no keyboard makes are refused rather than dropped: a text is kept as it was said, and
/// no terminal that shows it can be steered by it.
fn lines(field: &'static str, text: &str) -> Result<String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    if text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\t')) {
        return Err(Error::invalid(field, Sentence::ControlCharacters));
    }
    Ok(text)
}

/// What a client id may be; `None` for none.
pub fn client_id(text: &str) -> Result<Option<String>> {
    match text.len() {
        0 => Ok(None),
        1..=limits::CLIENT_ID_BYTES if !text.chars().any(char::is_control) => Ok(Some(text.to_owned())),
        _ => Err(Error::invalid("client_id", Sentence::AtMostBytes { max: limits::CLIENT_ID_BYTES })),
    }
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
