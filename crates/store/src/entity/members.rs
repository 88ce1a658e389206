//! A seat: who is in which room, as what, and has read how far. Not a presence.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, Hash, DeriveEntityModel)]
#[sea_orm(table_name = "members")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub room_id: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub user_id: i64,
    pub role: i32,
    pub joined_at: i64,
    /// The log position of the change that made the seat what it is: it grows and never comes again, not even after
    /// leaving and joining.
    pub version: i64,
    pub read_seq: i64,
    /// How many texts stand at or before `read_seq`.
    pub read_ordinal: i64,
    /// The position of the read mark's last move in its person's own log; 0 before the first.
    pub own_seq: i64,
    /// Their account is closed: they keep the seat, but nobody can meet them there.
    pub deactivated: bool,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
