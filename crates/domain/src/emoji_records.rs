//! What the store keeps of the emojis of a place's own. Not their bytes: those lie where the pictures of people do.

/// An emoji.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmojiRecord {
    pub id: i64,
    pub name: String,
    /// The key of its picture.
    pub picture: String,
    pub created_by: i64,
    pub created_at: i64,
}

/// What is stored of a new one. `id` is given by the store.
#[derive(Clone, Debug)]
pub struct NewEmoji {
    pub name: String,
    pub picture: String,
    pub created_by: i64,
    pub created_at: i64,
}

/// All there are, as of one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EmojiList {
    /// The number of their last change.
    pub version: i64,
    pub emojis: Vec<EmojiRecord>,
}
