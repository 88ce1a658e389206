//! Something that is done after a commit. Not who does it.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, Hash, DeriveEntityModel)]
#[sea_orm(table_name = "jobs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub kind: String,
    /// Before this nobody takes it: whoever does moves it forward, to the end of their lease.
    pub due_at: i64,
    /// How many times it was taken. Who took it before somebody else did finds another number here.
    pub tries: i64,
    /// When it was given up.
    pub dead_at: Option<i64>,
    /// What went wrong the last time.
    pub fault: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
