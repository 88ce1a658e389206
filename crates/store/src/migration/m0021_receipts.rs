//! The table in which transactions leave their numbers, so that it can be found out which have committed.

use sea_orm_migration::prelude::*;

use super::steps::create_table;

#[derive(Iden)]
enum Receipts {
    Table,
    Id,
    Number,
    MadeAt,
}

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0021_receipts"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "the trait is declared so, and an async_trait signature must match it")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(Receipts::Table)
            .col(ColumnDef::new(Receipts::Id).big_integer().not_null().primary_key())
            .col(ColumnDef::new(Receipts::Number).big_integer().not_null())
            .col(ColumnDef::new(Receipts::MadeAt).big_integer().not_null())
            .take();
        create_table(manager, table).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Receipts::Table).to_owned()).await
    }
}
