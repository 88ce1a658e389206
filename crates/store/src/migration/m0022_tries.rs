//! The table of how often things were tried, for nodes that count together.

use sea_orm_migration::prelude::*;

use super::steps::{create_index, create_table};
use crate::entity::tries::{Column, Entity};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0022_tries"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "the trait is declared so, and an async_trait signature must match it")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(Entity)
            .col(ColumnDef::new(Column::Hash).binary_len(32).not_null().primary_key())
            .col(ColumnDef::new(Column::Made).big_integer().not_null())
            .col(ColumnDef::new(Column::EndsAt).big_integer().not_null())
            .col(ColumnDef::new(Column::NotBefore).big_integer())
            .take();
        create_table(manager, table).await?;
        let index = Index::create().name("tries_by_end").table(Entity).col(Column::EndsAt).take();
        create_index(manager, Entity, index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Entity).to_owned()).await
    }
}
