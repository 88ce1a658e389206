//! Which upload brought the bytes of a file. Those of older files lie where they were put, under their hash alone.

use sea_orm_migration::prelude::*;

use super::steps::add_column;
use crate::entity::files::{Column, Entity};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0029_blobs"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "the trait is declared so, and an async_trait signature must match it")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // A node of the version before writes none, and keeps contents as it always did.
        let column = ColumnDef::new(Column::BroughtBy).big_integer().not_null().default(0).take();
        add_column(manager, Entity, column).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table(Entity).drop_column(Column::BroughtBy).take()).await
    }
}
