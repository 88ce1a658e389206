//! Indexes by which the files of a room are listed in the order of their messages, of one kind or of all.

use sea_orm_migration::prelude::*;

use super::steps::{create_index, drop_index};
use crate::entity::files::{Column, Entity};

/// What found a room's files before.
const BY_ROOM: &str = "files_by_room";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0026_file_lists"
    }
}

fn index(name: &str, columns: &[Column]) -> IndexCreateStatement {
    let mut index = Index::create().name(name).table(Entity).take();
    for column in columns {
        index.col(*column);
    }
    index
}

#[expect(elided_lifetimes_in_paths, reason = "the trait is declared so, and an async_trait signature must match it")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, columns) in [
            ("files_of_room", &[Column::RoomId, Column::MessageId, Column::Id][..]),
            ("files_of_category", &[Column::RoomId, Column::Category, Column::MessageId, Column::Id]),
        ] {
            create_index(manager, Entity, index(name, columns)).await?;
        }
        drop_index(manager, Entity, BY_ROOM).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_index(manager, Entity, index(BY_ROOM, &[Column::RoomId, Column::Id])).await?;
        for name in ["files_of_room", "files_of_category"] {
            drop_index(manager, Entity, name).await?;
        }
        Ok(())
    }
}
