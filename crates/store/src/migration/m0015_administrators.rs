//! Who administers the server is looked for among those who do: the others are many.

use sea_orm::ExprTrait;
use sea_orm_migration::prelude::*;

use super::steps::{create_partial_index, is_mysql};
use crate::entity::users::{Column, Entity};

const INDEX: &str = "users_administrators";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0015_administrators"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "the trait is declared so, and an async_trait signature must match it")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let administrates = Expr::col(Column::IsAdmin).and(Expr::col(Column::DeactivatedAt).is_null());
        let mut index = Index::create().name(INDEX).table(Entity).take();
        if is_mysql(manager) {
            index.col(Column::IsAdmin).col(Column::DeactivatedAt);
        }
        index.col(Column::Id);
        create_partial_index(manager, Entity, index, administrates).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name(INDEX).table(Entity).to_owned()).await
    }
}
