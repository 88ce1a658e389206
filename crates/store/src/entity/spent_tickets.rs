//! Tickets for the socket that were used. One that is not here may be used once.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, Hash, DeriveEntityModel)]
#[sea_orm(table_name = "spent_tickets")]
pub struct Model {
    /// After this it is refused without a look here.
    #[sea_orm(primary_key, auto_increment = false)]
    pub ends_at: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: Vec<u8>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
