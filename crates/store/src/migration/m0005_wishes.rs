//! The client id by which a room was asked for (an idempotency key), so that a request that is sent again makes no second room. It changes no row.

use sea_orm_migration::prelude::*;

use super::steps::{add_column, create_index};
use crate::entity::rooms::{Column, Entity};

const INDEX: &str = "rooms_by_client_id";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0005_wishes"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "the trait is declared so, and an async_trait signature must match it")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            ColumnDef::new(Column::ClientId).string_len(64).take(),
            ColumnDef::new(Column::BodyHash).big_integer().take(),
        ] {
            add_column(manager, Entity, column).await?;
        }
        let index =
            Index::create().name(INDEX).table(Entity).col(Column::CreatedBy).col(Column::ClientId).unique().take();
        create_index(manager, Entity, index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name(INDEX).table(Entity).to_owned()).await?;
        for column in [Column::ClientId, Column::BodyHash] {
            manager.alter_table(Table::alter().table(Entity).drop_column(column).take()).await?;
        }
        Ok(())
    }
}
