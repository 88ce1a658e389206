//! The table of files and uploads, and what a message shows of those it has.

use sea_orm_migration::prelude::*;

use super::steps::{add_column, create_index, create_table};
use crate::entity::{
    files::{Column, Entity},
    messages,
};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0024_files"
    }
}

fn number(name: Column) -> ColumnDef {
    ColumnDef::new(name).big_integer().take()
}

fn text(name: Column) -> ColumnDef {
    ColumnDef::new(name).text().take()
}

#[expect(elided_lifetimes_in_paths, reason = "the trait is declared so, and an async_trait signature must match it")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let attachments = ColumnDef::new(messages::Column::Attachments).text().take();
        add_column(manager, messages::Entity, attachments).await?;
        let mut table = Table::create().table(Entity).take();
        table.col(number(Column::Id).not_null().primary_key());
        for counted in [
            Column::UserId,
            Column::CreatedAt,
            Column::Length,
            Column::Received,
            Column::Parts,
            Column::ExpiresAt,
            Column::Size,
            Column::Category,
        ] {
            table.col(number(counted).not_null());
        }
        for maybe in [Column::Width, Column::Height, Column::DurationMs, Column::MessageId, Column::RoomId] {
            table.col(number(maybe));
        }
        for said in [Column::Name, Column::NameKey, Column::MediaType] {
            table.col(text(said).not_null());
        }
        table.col(ColumnDef::new(Column::Hash).string_len(64));
        table.col(ColumnDef::new(Column::Placeholder).var_binary(255));
        table.col(text(Column::Waveform)).col(text(Column::Thumbs));
        create_table(manager, table).await?;
        for (name, columns) in [
            ("files_by_user", vec![Column::UserId]),
            ("files_by_hash", vec![Column::Hash]),
            // Those of a message; of those that have none, the oldest.
            ("files_by_message", vec![Column::MessageId, Column::CreatedAt]),
            ("files_by_room", vec![Column::RoomId, Column::Id]),
        ] {
            let mut index = Index::create().name(name).table(Entity).take();
            for column in columns {
                index.col(column);
            }
            create_index(manager, Entity, index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Entity).to_owned()).await?;
        let column = Table::alter().table(messages::Entity).drop_column(messages::Column::Attachments).take();
        manager.alter_table(column).await
    }
}
