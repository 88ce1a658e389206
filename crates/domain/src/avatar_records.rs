//! What the store keeps of the pictures that stand for people and rooms, and whose an uploaded one is. Not their bytes, and not how one
//! comes by one.

use chinwag_proto::DrawnAvatar;

/// A picture that stands for a person or a room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Avatar {
    /// One of those that come with the client.
    Drawn(DrawnAvatar),
    /// One that was uploaded, by its key. Another picture has another key, so that whoever keeps a copy never shows an old one.
    Uploaded(String),
}

/// Whose a picture is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AvatarOwner {
    Person(i64),
    Room(i64),
    Emoji(i64),
}

impl Avatar {
    /// As it is stored.
    pub fn word(&self) -> String {
        match self {
            Self::Drawn(drawn) => drawn.word(),
            Self::Uploaded(key) => key.clone(),
        }
    }

    /// None where only a later version knows it.
    pub fn of_word(word: &str) -> Option<Self> {
        if is_key(word) { Some(Self::Uploaded(word.to_owned())) } else { DrawnAvatar::of_word(word).map(Self::Drawn) }
    }

    /// Where it is shown.
    pub fn address(&self) -> String {
        match self {
            Self::Drawn(drawn) => format!("/avatars/{}.svg", drawn.word()),
            Self::Uploaded(key) => format!("/api/avatars/{key}"),
        }
    }
}

/// Whether that can be the key of a picture: 32 hexadecimal digits, which nobody guesses.
pub fn is_key(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_read_as_it_was_stored_and_a_drawn_one_never_as_a_key() {
        let drawn: Vec<Avatar> = (0..).map_while(|it| DrawnAvatar::try_from(it).ok()).map(Avatar::Drawn).collect();
        assert_eq!(drawn.len(), 16);
        for avatar in drawn.into_iter().chain([Avatar::Uploaded("0123456789abcdef".repeat(2))]) {
            assert_eq!(Avatar::of_word(&avatar.word()), Some(avatar));
        }
        assert_eq!(Avatar::Drawn(DrawnAvatar::Fox).address(), "/avatars/fox.svg");
        for nothing in ["", "unicorn", "FOX ", "0123456789ABCDEF0123456789ABCDEF", "../0123456789abcdef0123456789ab"] {
            assert_eq!(Avatar::of_word(nothing), None, "{nothing}");
        }
    }
}
