//! The emojis of a place's own, and the count of their changes.

use sea_orm::{ConnectionTrait, EntityTrait};
use sea_orm_migration::prelude::*;

use super::steps::{create_index, create_table};
use crate::{
    dialect::statement,
    entity::{
        counters,
        custom_emojis::{Column, Entity},
    },
    tx::EMOJIS,
};

const BEGIN: &str = "INSERT INTO counters (name, last) VALUES (?, 0)";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0028_custom_emojis"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "the trait is declared so, and an async_trait signature must match it")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(Entity)
            .col(ColumnDef::new(Column::Id).big_integer().not_null().primary_key())
            .col(ColumnDef::new(Column::Name).string_len(32).not_null())
            .col(ColumnDef::new(Column::Picture).string_len(32).not_null())
            .col(ColumnDef::new(Column::CreatedBy).big_integer().not_null())
            .col(ColumnDef::new(Column::CreatedAt).big_integer().not_null())
            .take();
        create_table(manager, table).await?;
        for (name, column) in [("custom_emojis_by_name", Column::Name), ("custom_emojis_by_picture", Column::Picture)] {
            create_index(manager, Entity, Index::create().name(name).table(Entity).col(column).unique().take()).await?;
        }
        let db = manager.get_connection();
        // Of a start that died on the way.
        counters::Entity::delete_by_id(EMOJIS).exec(db).await?;
        db.execute_raw(statement(db, BEGIN, [EMOJIS.into()])).await.map(|_| ())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        counters::Entity::delete_by_id(EMOJIS).exec(manager.get_connection()).await?;
        manager.drop_table(Table::drop().table(Entity).to_owned()).await
    }
}
