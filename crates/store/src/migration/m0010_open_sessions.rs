//! The sessions of an account are looked for among those that were not ended: the others stay for a month, however many they are.

use sea_orm::ExprTrait;
use sea_orm_migration::prelude::*;

use super::steps::{create_partial_index, drop_index, is_mysql};
use crate::entity::sessions::{Column, Entity};

const INDEX: &str = "sessions_by_user";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0010_open_sessions"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "the trait is declared so, and an async_trait signature must match it")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // There an index holds all rows, and this one stands for a foreign key, which cannot be without one.
        if is_mysql(manager) {
            return Ok(());
        }
        drop_index(manager, Entity, INDEX).await?;
        create_partial_index(manager, Entity, by_user(), Expr::col(Column::RevokedAt).is_null()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name(INDEX).table(Entity).to_owned()).await?;
        manager.create_index(by_user()).await
    }
}

fn by_user() -> IndexCreateStatement {
    Index::create().name(INDEX).table(Entity).col(Column::UserId).take()
}
