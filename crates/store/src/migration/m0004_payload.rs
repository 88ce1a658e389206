//! What a system row says besides its event, as data. The names in the sentences of renamings move there.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use sea_orm_migration::prelude::*;

use super::steps::add_column;
use crate::entity::messages::{ActiveModel, Column, Entity};

/// Between who renamed a room and its new name, in the sentences until now.
const RENAMED_TO: &str = " 将聊天室改名为 ";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0004_payload"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "the trait is declared so, and an async_trait signature must match it")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new(Column::Payload).text().take();
        add_column(manager, Entity, column).await?;
        let db = manager.get_connection();
        let renamings: Vec<(i64, String)> = Entity::find()
            .filter(Column::Event.eq("room_renamed"))
            .select_only()
            .columns([Column::Id, Column::Content])
            .into_tuple()
            .all(db)
            .await?;
        for (id, sentence) in renamings {
            // The name of a person, before it, has no spaces.
            let Some((_, name)) = sentence.split_once(RENAMED_TO) else { continue };
            let payload = serde_json::json!({ "room_name": name }).to_string();
            let row = ActiveModel { id: Set(id), payload: Set(Some(payload)), ..Default::default() };
            Entity::update(row).exec_without_returning(db).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table(Entity).drop_column(Column::Payload).take()).await
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::ConnectionTrait;

    use super::*;
    use crate::{
        dialect,
        migration::{Migrator, database_after},
    };

    #[tokio::test]
    async fn a_renaming_of_before_keeps_its_name() {
        let (_directory, db) = database_after(Some(3)).await;
        let insert = "INSERT INTO messages (id, room_id, seq, user_id, username, kind, content, created_at, body_hash, ordinal, \
                      mentions_room, guest, event) VALUES (1, 1, 1, 1, 'ann', 1, ?, 0, 0, 0, 0, 0, ?)";
        let row =
            dialect::statement(&db, insert, ["ann 将聊天室改名为 a 将聊天室改名为 b".into(), "room_renamed".into()]);
        db.execute_raw(row).await.expect("written");
        Migrator::up(&db, None).await.expect("brought up to date");
        let row = Entity::find_by_id(1).one(&db).await.expect("read").expect("there");
        assert_eq!(row.payload.as_deref(), Some(r#"{"room_name":"a 将聊天室改名为 b"}"#));
    }
}
