//! The version of an account, which goes up with each change of its rights: what was allowed on another one is looked at again.

use sea_orm_migration::prelude::*;

use super::steps::add_column;
use crate::entity::users::{Column, Entity};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0013_account_version"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "the trait is declared so, and an async_trait signature must match it")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new(Column::Version).big_integer().not_null().default(0).take();
        add_column(manager, Entity, column).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table(Entity).drop_column(Column::Version).take()).await
    }
}
