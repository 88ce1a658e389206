//! A row of a room's history. Not a change of one: those are in `changes`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, Hash, DeriveEntityModel)]
#[sea_orm(table_name = "messages")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub room_id: i64,
    pub seq: i64,
    pub user_id: i64,
    /// User names never change, so the row carries its author's.
    pub username: String,
    pub kind: i32,
    pub content: String,
    pub created_at: i64,
    pub edited_at: Option<i64>,
    pub recalled_at: Option<i64>,
    pub client_id: Option<String>,
    /// Of the body as it was first sent: tells a resend from a conflict even after edits.
    pub body_hash: i64,
    /// How many texts the room's log holds up to and including this row.
    pub ordinal: i64,
    pub reply_to: Option<i64>,
    /// Ids separated by commas.
    pub mentions: Option<String>,
    pub mentions_room: bool,
    /// Where the text names them: JSON, `[[start, length, user id], …]`.
    pub mention_spans: Option<String>,
    pub guest: bool,
    pub event: Option<String>,
    pub actor_id: Option<i64>,
    /// What a `system` row says besides, as JSON.
    pub payload: Option<String>,
    /// As they were when it was sent, as JSON.
    pub attachments: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
