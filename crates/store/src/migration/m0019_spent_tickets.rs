//! The table of the tickets that were used: a ticket is good once, whichever process made it and whichever is shown it.

use sea_orm_migration::prelude::*;

use super::steps::create_table;
use crate::entity::spent_tickets::{Column, Entity};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0019_spent_tickets"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "the trait is declared so, and an async_trait signature must match it")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // By their end, so that those that nobody can use any more lie together.
        let key = Index::create().col(Column::EndsAt).col(Column::Hash).take();
        let table = Table::create()
            .table(Entity)
            .col(ColumnDef::new(Column::EndsAt).big_integer().not_null())
            .col(ColumnDef::new(Column::Hash).binary_len(32).not_null())
            .primary_key(&mut key.clone())
            .take();
        create_table(manager, table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Entity).to_owned()).await
    }
}
