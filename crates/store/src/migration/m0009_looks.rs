//! How each user name looks, so that no new one can be mistaken for it. Accounts whose names look alike already keep them: the look
//! is the older one's.

use std::collections::HashSet;

use chinwag_domain::text;
use sea_orm::{ActiveValue::Set, EntityTrait, QueryOrder, QuerySelect};
use sea_orm_migration::prelude::*;

use super::steps::{add_column, create_index};
use crate::entity::users::{ActiveModel, Column, Entity};

const INDEX: &str = "users_by_look_key";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0009_looks"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "the trait is declared so, and an async_trait signature must match it")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new(Column::LookKey).string_len(255).take();
        add_column(manager, Entity, column).await?;
        let db = manager.get_connection();
        let names: Vec<(i64, String)> = Entity::find()
            .select_only()
            .columns([Column::Id, Column::Username])
            .order_by_asc(Column::Id)
            .into_tuple()
            .all(db)
            .await?;
        let mut known = HashSet::new();
        for (id, name) in names {
            let look = text::look_key(&name);
            if known.insert(look.clone()) {
                let row = ActiveModel { id: Set(id), look_key: Set(Some(look)), ..Default::default() };
                Entity::update(row).exec_without_returning(db).await?;
            }
        }
        let index = Index::create().name(INDEX).table(Entity).col(Column::LookKey).unique().take();
        create_index(manager, Entity, index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name(INDEX).table(Entity).to_owned()).await?;
        manager.alter_table(Table::alter().table(Entity).drop_column(Column::LookKey).take()).await
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
    async fn names_that_look_alike_already_are_kept_and_the_look_is_the_older_ones() {
        let (_directory, db) = database_after(Some(8)).await;
        for (id, name) in [(1, "alice"), (2, "aIice"), (3, "bob")] {
            let insert = "INSERT INTO users (id, username, username_key, email, email_key, display_name, search_key, bio, \
                          status_text, is_admin, password_hash, created_at) VALUES (?, ?, ?, '', ?, '', '', '', '', 0, '', 0)";
            let key = text::name_key(name);
            let row =
                dialect::statement(&db, insert, [id.into(), name.into(), key.as_str().into(), key.as_str().into()]);
            db.execute_raw(row).await.expect("written");
        }
        Migrator::up(&db, None).await.expect("brought up to date");
        let users = Entity::find().order_by_asc(Column::Id).all(&db).await.expect("read");
        let looks: Vec<_> = users.iter().map(|user| (user.username.as_str(), user.look_key.as_deref())).collect();
        assert_eq!(looks, [("alice", Some("alice")), ("aIice", None), ("bob", Some("bob"))]);
    }
}
