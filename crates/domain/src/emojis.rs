//! The emojis of a place's own: made, listed, deleted. What a text means by `:name:` is drawn by clients; how a picture is made smaller, and
//! where its bytes are, is as with those of people (`avatars`).

use bytes::Bytes;
use chinwag_proto::{CustomEmoji, ErrorCode};
use futures_util::stream::BoxStream;

use crate::{
    Actor, Chat, Error, Result, avatar_records::Avatar, avatars, emoji_records::NewEmoji, ports::StoreError, text,
    users, views,
};

/// All there are, and the number of their last change.
pub async fn list(chat: &Chat) -> Result<(i64, Vec<CustomEmoji>)> {
    let list = chat.store.list_emojis().await?;
    Ok((list.version, list.emojis.into_iter().map(views::emoji).collect()))
}

/// Everybody with an account may make one, and so many. Who administers the server may fill what is left.
pub async fn create(
    chat: &Chat,
    actor: &Actor,
    name: &str,
    picture: BoxStream<'static, Result<Bytes>>,
) -> Result<CustomEmoji> {
    let name = text::emoji_name(name)?;
    let kept = avatars::keep(chat, actor, picture).await?;
    let emoji = NewEmoji { name, picture: kept.word(), created_by: actor.user_id, created_at: chat.now() };
    let made = chat.store.create_emoji(emoji).await.map_err(users::no_administrator);
    let made = avatars::settle(chat, Some(kept), made.map(|made| (made, None))).await?;
    tracing::info!(emoji_id = made.id, by = made.created_by, "an emoji was made");
    Ok(views::emoji(made))
}

/// Its maker may, and whoever administers the server. Texts that name it stay as they are.
pub async fn delete(chat: &Chat, actor: &Actor, id: i64) -> Result<()> {
    let picture = chat.store.delete_emoji(id, actor.user_id).await.map_err(|error| match error {
        StoreError::NotFound => ErrorCode::EmojiNotFound.into(),
        other => Error::from(other),
    })?;
    avatars::take_away(chat, Some(Avatar::Uploaded(picture))).await;
    tracing::info!(emoji_id = id, by = actor.user_id, "an emoji was deleted");
    Ok(())
}
