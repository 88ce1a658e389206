//! An index of logins by the moment at which they run out, so that their sockets can be closed then. It changes no row.

use sea_orm_migration::prelude::*;

use super::steps::create_index;
use crate::entity::sessions::{Column, Entity};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0003_expiry"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "the trait is declared so, and an async_trait signature must match it")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let index = Index::create().name("sessions_by_expiry").table(Entity).col(Column::ExpiresAt).take();
        create_index(manager, Entity, index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("sessions_by_expiry").table(Entity).to_owned()).await
    }
}
