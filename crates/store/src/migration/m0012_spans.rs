//! Where a text names people. What was said before is read again: whom it names stays, and where is found by the rules of today.

use std::collections::HashMap;

use chinwag_domain::mentions;
use sea_orm::{ActiveValue::Set, ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use sea_orm_migration::prelude::*;

use super::steps::add_column;
use crate::{
    entity::{
        messages::{ActiveModel, Column, Entity},
        users,
    },
    message_rows::{join_spans, split_ids},
};

/// Texts that are read at once.
const TEXTS: u64 = 500;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0012_spans"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "the trait is declared so, and an async_trait signature must match it")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new(Column::MentionSpans).text().take();
        add_column(manager, Entity, column).await?;
        let db = manager.get_connection();
        let mut after = 0;
        loop {
            let texts: Vec<(i64, String, Option<String>, bool)> = Entity::find()
                .filter(Column::Id.gt(after))
                .filter(Condition::any().add(Column::Mentions.is_not_null()).add(Column::MentionsRoom.eq(true)))
                .order_by_asc(Column::Id)
                .limit(TEXTS)
                .select_only()
                .columns([Column::Id, Column::Content, Column::Mentions, Column::MentionsRoom])
                .into_tuple()
                .all(db)
                .await?;
            let Some((last, ..)) = texts.last() else { return Ok(()) };
            after = *last;
            for (id, content, named, everybody) in texts {
                let people: Vec<(String, i64)> = users::Entity::find()
                    .filter(users::Column::Id.is_in(split_ids(named.as_deref())))
                    .select_only()
                    .columns([users::Column::UsernameKey, users::Column::Id])
                    .into_tuple()
                    .all(db)
                    .await?;
                let people: HashMap<String, i64> = people.into_iter().collect();
                let found = mentions::find(&content).resolve(|key| Ok::<_, DbErr>(people.get(key).copied()))?;
                let spans: Vec<_> = found.spans.into_iter().filter(|span| everybody || span.user_id != 0).collect();
                let row = ActiveModel { id: Set(id), mention_spans: Set(join_spans(&spans)), ..Default::default() };
                Entity::update(row).exec_without_returning(db).await?;
            }
        }
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.alter_table(Table::alter().table(Entity).drop_column(Column::MentionSpans).take()).await
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
    use sea_orm_migration::MigratorTrait;

    #[tokio::test]
    async fn what_was_said_before_is_drawn_as_it_was_meant() {
        let (_directory, db) = database_after(Some(11)).await;
        let user = "INSERT INTO users (id, username, username_key, email, email_key, display_name, search_key, bio, status_text, \
                    is_admin, password_hash, created_at) VALUES (?, ?, ?, ?, ?, '', '', '', '', 0, '', 0)";
        for (id, name) in [(7_i64, "bob"), (8, "小明")] {
            let mail = format!("{name}@x.example");
            let values = [id.into(), name.into(), name.into(), mail.clone().into(), mail.into()];
            db.execute_raw(dialect::statement(&db, user, values)).await.expect("a user");
        }
        let insert = "INSERT INTO messages (id, room_id, seq, user_id, username, kind, content, created_at, body_hash, ordinal, \
                      mentions, mentions_room, guest) VALUES (?, 1, ?, 7, 'bob', 0, ?, 0, 0, 0, ?, ?, 0)";
        let texts = [
            (1_i64, "谢谢 @小明 and @bob", Some("7,8"), false, Some("[[3,3,8],[11,4,7]]")),
            (2, "@all, @bob", None, true, Some("[[0,4,0]]")),
            (3, "@all but @bob", Some("7"), false, Some("[[9,4,7]]")),
            (4, "plain", None, false, None),
            (5, "~~~\n@bob\n~~~", Some("7"), false, None),
        ];
        for (id, content, named, everybody, _) in texts {
            let values = [id.into(), id.into(), content.into(), named.into(), everybody.into()];
            db.execute_raw(dialect::statement(&db, insert, values)).await.expect("written");
        }
        Migrator::up(&db, None).await.expect("brought up to date");
        for (id, content, named, _, spans) in texts {
            let row = Entity::find_by_id(id).one(&db).await.expect("read").expect("there");
            assert_eq!((row.mention_spans.as_deref(), row.mentions.as_deref()), (spans, named), "{content}");
        }
    }
}
