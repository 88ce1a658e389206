//! A change in a room's log that is no row of its history. Not a message.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, Hash, DeriveEntityModel)]
#[sea_orm(table_name = "changes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub room_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    pub kind: i32,
    pub message_id: Option<i64>,
    /// Who made it.
    pub user_id: i64,
    pub created_at: i64,
    /// What the kind needs besides, as JSON.
    pub payload: Option<String>,
    /// Its place in the order of all rooms, which it shares with messages.
    pub id: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
