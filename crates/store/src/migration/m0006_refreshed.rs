//! When a refresh token took the place of the one before: for a moment the device that holds it may show that one again.

use sea_orm_migration::prelude::*;

use super::steps::add_column;
use crate::entity::sessions::{Column, Entity};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0006_refreshed"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "the trait is declared so, and an async_trait signature must match it")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new(Column::RefreshedAt).big_integer().take();
        add_column(manager, Entity, column).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table(Entity).drop_column(Column::RefreshedAt).take()).await
    }
}
