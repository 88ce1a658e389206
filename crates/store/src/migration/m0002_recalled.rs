//! An index of the texts that were taken back, so that they can be left out of what is unread. It changes no row.

use sea_orm::ExprTrait;
use sea_orm_migration::prelude::*;

use super::steps::{create_partial_index, is_mysql};
use crate::entity::messages;

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0002_recalled"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "the trait is declared so, and an async_trait signature must match it")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        use messages::{Column as C, Entity};
        // It holds recalled texts alone: those that are appended cost it nothing.
        let mut index = Index::create().name("messages_recalled").table(Entity).col(C::RoomId).take();
        if is_mysql(manager) {
            // Where it has to hold all texts, those that were not recalled stand apart.
            index.col(C::RecalledAt);
        }
        index.col(C::Seq);
        create_partial_index(manager, Entity, index, Expr::col(C::RecalledAt).is_not_null()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("messages_recalled").table(messages::Entity).to_owned()).await
    }
}
