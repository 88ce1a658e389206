//! A room and the counters of its log. Not the log.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, Hash, DeriveEntityModel)]
#[sea_orm(table_name = "rooms")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub kind: i32,
    pub name: String,
    /// The name in lower case, for room search.
    pub name_key: String,
    pub description: String,
    pub is_private: bool,
    /// The sorted ids of the people of a direct conversation.
    pub direct_key: Option<String>,
    pub created_by: i64,
    pub created_at: i64,
    pub updated_at: i64,
    pub deleted_at: Option<i64>,
    pub last_seq: i64,
    /// How many texts the log holds; system rows do not count.
    pub message_count: i64,
    pub member_count: i64,
    /// The newest text or broadcast.
    pub last_message_id: Option<i64>,
    /// The idempotency key of the request that made it, unique for its maker, and the hash of what that asked for.
    pub client_id: Option<String>,
    pub body_hash: Option<i64>,
    /// The word of a drawn picture, or the key of an uploaded one.
    pub avatar: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
