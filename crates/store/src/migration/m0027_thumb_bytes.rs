//! How many bytes the smaller pictures of a file have: they count against its owner's share as the file does. Of older files it is not known.

use sea_orm_migration::prelude::*;

use super::steps::add_column;
use crate::entity::files::{Column, Entity};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0027_thumb_bytes"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "the trait is declared so, and an async_trait signature must match it")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new(Column::ThumbBytes).big_integer().not_null().default(0).take();
        add_column(manager, Entity, column).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table(Entity).drop_column(Column::ThumbBytes).take()).await
    }
}
