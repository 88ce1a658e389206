//! What the emojis of a place's own need of the store. Not where their bytes are: that is `file_ports`.

use async_trait::async_trait;

use crate::{
    emoji_records::{EmojiList, EmojiRecord, NewEmoji},
    store_error::StoreResult,
};

/// The emojis of a place's own. Each change of them takes the next version, from 1 on, and is told by it.
#[async_trait]
pub trait EmojiStore: Send + Sync + 'static {
    /// All of them, by id, and their version.
    async fn list_emojis(&self) -> StoreResult<EmojiList>;
    /// The version alone.
    async fn emojis_version(&self) -> StoreResult<i64>;
    /// [`StoreError::EmojiTaken`](crate::store_error::StoreError::EmojiTaken) where another has the name,
    /// [`StoreError::TooManyEmojis`](crate::store_error::StoreError::TooManyEmojis) where there are as many as there may be,
    /// [`StoreError::TooManyOwnEmojis`](crate::store_error::StoreError::TooManyOwnEmojis) where as many are of one who does not administer the
    /// server, `Stale` where the account of who makes it was closed.
    async fn create_emoji(&self, emoji: NewEmoji) -> StoreResult<EmojiRecord>;
    /// Gives the key of its picture, which nobody has any more. `NotFound` where there is none, or it is neither that of who deletes it nor do
    /// they administer the server.
    async fn delete_emoji(&self, id: i64, by: i64) -> StoreResult<String>;
}
