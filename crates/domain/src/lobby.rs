//! Guests of the plain text lobby: a nickname, no account. Only where the operator enabled guests.

use chinwag_proto::{ErrorCode, SendText, Sentence, limits};

use crate::{Actor, Chat, Error, Result, messages, records::LOBBY, text};

/// Lets a nickname in: 1 to 20 characters, not a registered name.
pub async fn admit(chat: &Chat, name: &str) -> Result<Actor> {
    if !chat.settings.guests {
        return Err(ErrorCode::NotFound.into());
    }
    let name = text::Username::parse(name)?;
    if name.as_str().chars().count() > limits::GUEST_NAME_CHARS {
        return Err(Error::invalid("username", Sentence::AtMostCharacters { max: limits::GUEST_NAME_CHARS }));
    }
    if chat.store.find_user_by_login(&text::name_key(name.as_str())).await?.is_some() {
        return Err(Error::from(ErrorCode::UsernameTaken).with_message(Sentence::NameOfAMember));
    }
    Ok(Actor::guest(name.as_str()))
}

/// Says something in the lobby.
pub async fn say(chat: &Chat, guest: &Actor, content: &str) -> Result<()> {
    let cmd = SendText { room_id: LOBBY, content: content.to_owned(), client_id: String::new(), reply_to: None };
    messages::post(chat, guest, cmd).await.map(drop)
}
