//! The counter of the ids of messages and changes, for servers on which several may give them at the same time. SQLite has one writer,
//! which asks for the newest.

use sea_orm::{ConnectionTrait, DbBackend, EntityTrait};
use sea_orm_migration::prelude::*;

use crate::{dialect::statement, entity::counters::Entity, tx::IDS};

/// Nothing is there before: this is the first version that knows such servers.
const BEGIN: &str = "INSERT INTO counters (name, last) VALUES (?, 0)";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0018_ids"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "the trait is declared so, and an async_trait signature must match it")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == DbBackend::Sqlite {
            return Ok(());
        }
        let db = manager.get_connection();
        // Of a start that died on the way.
        Entity::delete_by_id(IDS).exec(db).await?;
        db.execute_raw(statement(db, BEGIN, [IDS.into()])).await.map(|_| ())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        Entity::delete_by_id(IDS).exec(manager.get_connection()).await.map(|_| ())
    }
}
