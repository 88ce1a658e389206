//! What the pictures of people and rooms need of the store. Not where their bytes are: that is `file_ports`.

use async_trait::async_trait;

use crate::{
    avatar_records::{Avatar, AvatarOwner},
    policy::{Permit, action},
    records::{Author, RoomView, UserRecord},
    store_error::StoreResult,
};

/// Which picture stands for whom. A drawn one may stand for many, an uploaded one for one.
#[async_trait]
pub trait AvatarStore: Send + Sync + 'static {
    /// Another picture, or none, for the account: told as every change of a profile, and refused as one. Gives the account as it is
    /// then, and the picture that it has no more.
    async fn set_user_avatar(
        &self,
        id: i64,
        by: i64,
        avatar: Option<Avatar>,
    ) -> StoreResult<(UserRecord, Option<Avatar>)>;
    /// The same for a room: a change of its settings, as [`RoomStore::update_room`](crate::ports::RoomStore::update_room) makes them.
    async fn set_room_avatar(
        &self,
        permit: Permit<action::EditRoom>,
        by: Author,
        avatar: Option<Avatar>,
        now: i64,
    ) -> StoreResult<(RoomView, Option<Avatar>)>;
    /// For whom the uploaded picture with this key stands now, or which emoji it is.
    async fn find_avatar_owner(&self, key: &str) -> StoreResult<Option<AvatarOwner>>;
    /// Of these keys, those of pictures that stand for somebody or are an emoji.
    async fn referred_avatars(&self, keys: &[String]) -> StoreResult<Vec<String>>;
}
