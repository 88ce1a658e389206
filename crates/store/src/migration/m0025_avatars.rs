//! The pictures that stand for people and rooms, and whose an uploaded one is.

use sea_orm_migration::prelude::*;

use super::steps::{add_column, create_index, drop_index};
use crate::entity::{rooms, users};

const OF_USERS: &str = "users_by_avatar";
const OF_ROOMS: &str = "rooms_by_avatar";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0025_avatars"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "the trait is declared so, and an async_trait signature must match it")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        add_column(manager, users::Entity, ColumnDef::new(users::Column::Avatar).string_len(32).take()).await?;
        add_column(manager, rooms::Entity, ColumnDef::new(rooms::Column::Avatar).string_len(32).take()).await?;
        let of_users = Index::create().name(OF_USERS).table(users::Entity).col(users::Column::Avatar).take();
        create_index(manager, users::Entity, of_users).await?;
        let of_rooms = Index::create().name(OF_ROOMS).table(rooms::Entity).col(rooms::Column::Avatar).take();
        create_index(manager, rooms::Entity, of_rooms).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_index(manager, users::Entity, OF_USERS).await?;
        drop_index(manager, rooms::Entity, OF_ROOMS).await?;
        manager.alter_table(Table::alter().table(users::Entity).drop_column(users::Column::Avatar).take()).await?;
        manager.alter_table(Table::alter().table(rooms::Entity).drop_column(rooms::Column::Avatar).take()).await
    }
}
