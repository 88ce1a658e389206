//! The order in which sessions are revoked, for who closes their sockets: the times of several nodes are of several clocks.

use sea_orm::{ConnectionTrait, EntityTrait};
use sea_orm_migration::prelude::*;

use super::steps::{add_column, create_index, drop_index};
use crate::{
    dialect::statement,
    entity::{
        counters,
        sessions::{Column, Entity},
    },
    tx::REVOCATIONS,
};

const INDEX: &str = "sessions_by_number";
/// Who was revoked before this has no socket any more.
const BEGIN: &str = "INSERT INTO counters (name, last) VALUES (?, 0)";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0020_revocations"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "the trait is declared so, and an async_trait signature must match it")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_column(manager, Entity, ColumnDef::new(Column::Revocation).big_integer().take()).await?;
        let index = Index::create().name(INDEX).table(Entity).col(Column::Revocation).take();
        create_index(manager, Entity, index).await?;
        let db = manager.get_connection();
        // Of a start that died on the way.
        counters::Entity::delete_by_id(REVOCATIONS).exec(db).await?;
        db.execute_raw(statement(db, BEGIN, [REVOCATIONS.into()])).await.map(|_| ())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        counters::Entity::delete_by_id(REVOCATIONS).exec(manager.get_connection()).await?;
        drop_index(manager, Entity, INDEX).await?;
        manager.alter_table(Table::alter().table(Entity).drop_column(Column::Revocation).take()).await
    }
}
