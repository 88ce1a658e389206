//! The source of the ids of messages and changes, for servers on which several may give them at the same time: one that goes on whatever
//! becomes of who was given one, instead of a counter that is its holder's until the commit.

use sea_orm::{ConnectionTrait, DbBackend, EntityTrait};
use sea_orm_migration::prelude::*;

use super::steps::{create_table, is_mysql};
use crate::{dialect::statement, entity::counters::Entity, ids, tx::IDS};

#[derive(Iden)]
enum Ids {
    Table,
    Id,
}

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0023_numbers"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "the trait is declared so, and an async_trait signature must match it")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        if is_mysql(manager) {
            // No row stays in it.
            let id = ColumnDef::new(Ids::Id).big_integer().not_null().auto_increment().primary_key().take();
            create_table(manager, Table::create().table(Ids::Table).col(id).take()).await?;
        } else if manager.get_database_backend() == DbBackend::Postgres {
            db.execute_unprepared("CREATE SEQUENCE ids").await?;
        } else {
            return Ok(());
        }
        let sql = "SELECT last FROM counters WHERE name = ?";
        let row = db.query_one_raw(statement(db, sql, [IDS.into()])).await?;
        // Gone where a start died on the way.
        let counted: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?;
        ids::move_behind(db, Ord::max(counted.unwrap_or(0), ids::newest(db).await?)).await?;
        Entity::delete_by_id(IDS).exec(db).await.map(|_| ())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        match manager.get_database_backend() {
            DbBackend::Sqlite => Ok(()),
            DbBackend::Postgres => manager.get_connection().execute_unprepared("DROP SEQUENCE ids").await.map(|_| ()),
            _ => manager.drop_table(Table::drop().table(Ids::Table).to_owned()).await,
        }
    }
}
