//! A file that somebody uploaded, or still uploads. Not its bytes.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, Hash, DeriveEntityModel)]
#[sea_orm(table_name = "files")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    /// 0 for one that nobody has any more and that is to be swept.
    pub user_id: i64,
    /// When it became whole; before that, when it was begun.
    pub created_at: i64,
    pub name: String,
    /// What is looked for in names.
    pub name_key: String,
    pub length: i64,
    pub received: i64,
    pub parts: i64,
    pub expires_at: i64,
    /// Null until it is whole.
    pub hash: Option<String>,
    pub size: i64,
    pub media_type: String,
    pub category: i64,
    pub width: Option<i64>,
    pub height: Option<i64>,
    pub duration_ms: Option<i64>,
    pub placeholder: Option<Vec<u8>>,
    /// Numbers separated by commas.
    pub waveform: Option<String>,
    pub thumbs: Option<String>,
    pub message_id: Option<i64>,
    pub room_id: Option<i64>,
    /// Of the smaller pictures together.
    pub thumb_bytes: i64,
    /// With the hash the name of its bytes: the upload that brought them; 0 until it is whole, and where older versions kept them.
    pub brought_by: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
