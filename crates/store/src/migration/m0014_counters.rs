//! The table of the ids that accounts and rooms were given, so that none is given again when its owner is gone from the tables.

use sea_orm::{ConnectionTrait, EntityTrait};
use sea_orm_migration::prelude::*;

use super::steps::create_table;
use crate::{
    dialect::statement,
    entity::counters::{Column, Entity},
};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0014_counters"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "the trait is declared so, and an async_trait signature must match it")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(Entity)
            .col(ColumnDef::new(Column::Name).string_len(64).not_null().primary_key())
            .col(ColumnDef::new(Column::Last).big_integer().not_null())
            .take();
        create_table(manager, table).await?;
        // Of a start that died on the way.
        Entity::delete_many().exec(manager.get_connection()).await?;
        for table in ["users", "rooms"] {
            let sql = format!("INSERT INTO counters (name, last) SELECT '{table}', coalesce(max(id), 0) FROM {table}");
            let db = manager.get_connection();
            db.execute_raw(statement(db, &sql, [])).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Entity).to_owned()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migration::{Migrator, database_after};

    /// Those that this step makes.
    const COUNTED: &str = "SELECT name, last FROM counters WHERE name IN ('rooms', 'users') ORDER BY name";

    #[tokio::test]
    async fn counting_goes_on_from_the_greatest_id_of_before() {
        let (_directory, db) = database_after(Some(13)).await;
        let room = "INSERT INTO rooms (id, kind, name, name_key, description, is_private, created_by, created_at, updated_at, \
                    last_seq, message_count, member_count) VALUES (7, 0, '', '', '', 0, 0, 0, 0, 0, 0, 0)";
        db.execute_raw(statement(&db, room, [])).await.expect("written");
        Migrator::up(&db, None).await.expect("brought up to date");
        let rows = db.query_all_raw(statement(&db, COUNTED, [])).await.expect("read");
        let read = |row: &sea_orm::QueryResult| (row.try_get_by_index(0), row.try_get_by_index(1));
        let counters: Vec<(Result<String, _>, Result<i64, _>)> = rows.iter().map(read).collect();
        assert_eq!(counters, [(Ok("rooms".into()), Ok(7)), (Ok("users".into()), Ok(0))]);
    }
}
