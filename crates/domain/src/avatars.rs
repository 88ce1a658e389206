//! The pictures that stand for people and rooms: chosen, taken away, shown. Which one somebody has is in the store, the bytes of those that
//! were uploaded lie beside those of files; how a picture is made smaller is not decided here.

use bytes::Bytes;
use chinwag_proto::{DrawnAvatar, ErrorCode, Room, Sentence, User};
use futures_util::stream::BoxStream;

use crate::{
    Actor, Chat, Error, Result,
    avatar_records::{Avatar, AvatarOwner, is_key},
    facts,
    file_ports::{BlobContent, BlobError},
    files, policy,
    ports::random_bytes,
    storage::{Storage, avatar_blob},
    users, views,
};

/// Bytes of a picture as it is sent.
pub const AVATAR_BYTES: i64 = 10 * 1024 * 1024;

/// What is to stand for somebody.
pub enum AvatarWish {
    Drawn(DrawnAvatar),
    /// A picture, as it comes.
    Picture(BoxStream<'static, Result<Bytes>>),
    /// Their initials.
    Nothing,
}

/// A person's picture: one's own, or anybody's for an administrator.
pub async fn set_of_user(chat: &Chat, actor: &Actor, id: i64, wish: AvatarWish) -> Result<User> {
    users::own_or_admin(chat, actor, id).await?;
    let avatar = made(chat, actor, wish).await?;
    let set = chat.store.set_user_avatar(id, actor.user_id, avatar.clone()).await;
    let user = settle(chat, avatar, set.map_err(users::no_administrator)).await?;
    Ok(views::user(&user, users::privacy(actor, id), chat.publisher.as_ref()))
}

/// A room's, for whoever may change its settings.
pub async fn set_of_room(chat: &Chat, actor: &Actor, room_id: i64, wish: AvatarWish) -> Result<Room> {
    // Who may not is told before a picture is taken, which is work.
    policy::may_edit_room(actor, &facts::fresh_seat(chat, actor, room_id).await?)?;
    let avatar = made(chat, actor, wish).await?;
    let set = facts::with_seat(chat, actor, room_id, |seat| {
        let avatar = avatar.clone();
        async move {
            let permit = policy::may_edit_room(actor, &seat)?;
            Ok(chat.store.set_room_avatar(permit, actor.author(), avatar, chat.now()).await?)
        }
    });
    let view = settle(chat, avatar.clone(), set.await).await?;
    chat.seats.forget_room(room_id);
    Ok(views::room(&view, actor.user_id, chat.publisher.as_ref()))
}

/// The bytes of an uploaded picture: a person's and an emoji for everybody, a room's for who sees the room.
pub async fn read(chat: &Chat, actor: &Actor, key: &str) -> Result<Vec<u8>> {
    let hidden = || Error::from(ErrorCode::FileNotFound);
    let owner = if is_key(key) { chat.store.find_avatar_owner(key).await? } else { None };
    if let AvatarOwner::Room(room_id) = owner.ok_or_else(hidden)? {
        let seat = facts::seat(chat, actor, room_id).await.map_err(files::hide)?;
        policy::may_read(actor, &seat).map_err(files::hide)?;
    }
    match files::read_whole(chat.storage()?, &avatar_blob(key)).await {
        // Another picture may have taken its place since it was asked for.
        Err(BlobError::NotFound) => Err(hidden()),
        read => Ok(read?),
    }
}

/// What is wished for; the bytes of a picture are kept from here on.
async fn made(chat: &Chat, actor: &Actor, wish: AvatarWish) -> Result<Option<Avatar>> {
    let body = match wish {
        AvatarWish::Nothing => return Ok(None),
        AvatarWish::Drawn(drawn) => return Ok(Some(Avatar::Drawn(drawn))),
        AvatarWish::Picture(body) => body,
    };
    keep(chat, actor, body).await.map(Some)
}

/// Makes a picture anew as it comes, and keeps it under a key of its own.
pub(crate) async fn keep(chat: &Chat, actor: &Actor, body: BoxStream<'static, Result<Bytes>>) -> Result<Avatar> {
    let storage = chat.storage()?;
    let _held = storage.hold_picture(actor.user_id).await?;
    let refusal = || Error::from(ErrorCode::UnsupportedFile).with_message(Sentence::ChoosePicture);
    let small =
        storage.inspector.avatar_of(files::held(body, AVATAR_BYTES as usize).await?).await.ok_or_else(refusal)?;
    let key = format!("{:032x}", u128::from_be_bytes(random_bytes()));
    storage.blobs.put(&avatar_blob(&key), BlobContent::Bytes(small)).await?;
    Ok(Avatar::Uploaded(key))
}

/// Takes away the bytes that stand for nobody now: of the picture before, or of the new one where it was refused. Where nothing is known
/// of a commit they stay; what nobody has is found by the sweep.
pub(crate) async fn settle<T>(chat: &Chat, new: Option<Avatar>, set: Result<(T, Option<Avatar>)>) -> Result<T> {
    match set {
        Ok((shown, before)) => {
            take_away(chat, before).await;
            Ok(shown)
        }
        Err(refused) => {
            if refused.code.status() < 500 {
                take_away(chat, new).await;
            }
            Err(refused)
        }
    }
}

/// Deletes the bytes of a picture that stands for nobody any more.
pub(crate) async fn take_away(chat: &Chat, avatar: Option<Avatar>) {
    let (Some(Avatar::Uploaded(key)), Some(Storage { blobs, .. })) = (avatar, &chat.storage) else { return };
    if let Err(error) = blobs.delete(&avatar_blob(&key)).await {
        tracing::warn!(%error, "the bytes of a picture that was replaced stay until the next sweep");
    }
}
