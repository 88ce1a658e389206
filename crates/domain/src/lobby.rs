//! Guests of the plain text lobby: a nickname, no account. Only where the operator enabled guests.

use chinwag_proto::{ErrorCode, SendText, Sentence, limits};
use unicode_normalization::UnicodeNormalization;
use unicode_properties::UnicodeEmoji;

use crate::{Actor, Chat, Error, Result, messages, records::LOBBY, text};

/// Lets a nickname in: none that belongs to somebody, or means something here.
pub async fn admit(chat: &Chat, name: &str) -> Result<Actor> {
    if !chat.settings.guests {
        return Err(ErrorCode::NotFound.into());
    }
    let name = Nickname::parse(name)?;
    for name in [&name.whole, &name.letters].into_iter().filter(|name| !name.is_empty()) {
        let theirs = chat.store.find_user_by_login(&text::name_key(name)).await?;
        if theirs.is_some() || chat.store.find_user_by_look(&text::look_key(name)).await?.is_some() {
            return Err(Error::from(ErrorCode::UsernameTaken).with_message(Sentence::NameOfAMember));
        }
    }
    Ok(Actor::guest(&name.whole))
}

/// A guest's name: letters, digits, spaces and emoji.
#[derive(Debug)]
struct Nickname {
    whole: String,
    /// Without its emoji: what it could be mistaken for.
    letters: String,
}

impl Nickname {
    fn parse(text: &str) -> Result<Self> {
        let whole = text.nfc().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ");
        let say = |sentence| Err(Error::invalid("username", sentence));
        if !(1..=limits::GUEST_NAME_CHARS).contains(&whole.chars().count()) {
            return say(Sentence::GuestNameLength { max: limits::GUEST_NAME_CHARS });
        }
        let mut before = ' ';
        for c in whole.chars() {
            // What joins emoji cannot be seen, so it may stand nowhere else.
            let fits = c == ' ' || text::is_name_char(c) || is_emoji(c) || is_joiner(c) && is_emoji_part(before);
            if !fits {
                return say(Sentence::GuestNameCharacters);
            }
            before = c;
        }
        let letters: String = whole.chars().filter(|c| !is_emoji_part(*c)).collect();
        let letters = letters.split_whitespace().collect::<Vec<_>>().join(" ");
        let compact = letters.replace(' ', "").nfkc().collect::<String>();
        if !compact.is_empty()
            && let Some(sentence) = text::misleading(&compact)
        {
            return say(sentence);
        }
        let is_office = |word: &str| text::is_office(word.trim_matches(['.', '-', '_']));
        let means_something =
            text::is_reserved(&letters) || is_office(&compact) || letters.split([' ', '.', '-', '_']).any(is_office);
        if means_something {
            return say(Sentence::NameReserved);
        }
        Ok(Self { whole, letters })
    }
}

fn is_emoji(c: char) -> bool {
    !c.is_ascii() && c.is_emoji_char()
}

/// Zero-width joiner and variation selector.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200d}' | '\u{fe0f}')
}

fn is_emoji_part(c: char) -> bool {
    is_emoji(c) || is_joiner(c)
}

/// Says something in the lobby.
pub async fn say(chat: &Chat, guest: &Actor, content: &str) -> Result<()> {
    let cmd = SendText { room_id: LOBBY, content: content.to_owned(), ..SendText::default() };
    messages::post(chat, guest, cmd).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nickname_may_have_spaces_and_emoji() {
        for name in [
            "x",
            "小明",
            "Zoë from Oslo",
            "小明 🎉",
            "🦊",
            "👩\u{200d}👧 mum",
            "❤\u{fe0f}",
            "a b",
            "two_2-x",
            "all good",
        ] {
            assert_eq!(Nickname::parse(name).expect(name).whole, name);
        }
        assert_eq!(Nickname::parse("  a   b ").expect("a name").whole, "a b");
        assert!(Nickname::parse(&"字".repeat(20)).is_ok());
    }

    #[test]
    fn a_nickname_cannot_be_mistaken_for_another() {
        for name in ["", "  ", "\u{200d}", "a\u{200d}b", "a\u{fe0f}", "x:y", "x：y", "\u{202e}x", "<b>", "#", "a@b"] {
            assert!(Nickname::parse(name).is_err(), "{name:?}");
        }
        assert!(Nickname::parse(&"字".repeat(21)).is_err());
        for name in [
            "administrator",
            "Admin 🎉",
            "the root",
            "管理员",
            "🔧 管理员",
            "r o o t",
            "ɑdmin",
            "аdmin",
            "all",
            "guest 🙂",
            "a.admin",
        ] {
            assert!(Nickname::parse(name).is_err(), "{name} looks like somebody who runs the house, or like everybody");
        }
        assert_eq!(Nickname::parse("alice 🎉").expect("a name").letters, "alice");
    }
}
