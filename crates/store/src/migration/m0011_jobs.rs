//! The table of what is done after a commit, with the first of each kind: what the program of before did at each start and each hour.

use chinwag_domain::records::JobKind;
use sea_orm::{ActiveValue::Set, EntityTrait};
use sea_orm_migration::prelude::*;

use super::steps::{create_index, create_table};
use crate::entity::jobs::{ActiveModel, Column, Entity};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0011_jobs"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "the trait is declared so, and an async_trait signature must match it")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let int = |column| ColumnDef::new(column).big_integer().not_null().take();
        let table = Table::create()
            .table(Entity)
            .col(int(Column::Id).primary_key())
            .col(ColumnDef::new(Column::Kind).string_len(64).not_null())
            .col(int(Column::DueAt))
            .col(int(Column::Tries))
            .col(ColumnDef::new(Column::DeadAt).big_integer())
            .col(ColumnDef::new(Column::Fault).text())
            .take();
        create_table(manager, table).await?;
        let mut by_due = Index::create().name("jobs_by_due").table(Entity).take();
        create_index(manager, Entity, by_due.col(Column::DeadAt).col(Column::DueAt).take()).await?;
        let mut by_kind = Index::create().name("jobs_by_kind").table(Entity).take();
        create_index(manager, Entity, by_kind.col(Column::Kind).col(Column::Tries).col(Column::DueAt).take()).await?;
        let first = |id, kind: JobKind| ActiveModel {
            id: Set(id),
            kind: Set(kind.word().to_owned()),
            due_at: Set(0),
            tries: Set(0),
            ..Default::default()
        };
        let jobs = [first(1, JobKind::EmptyLog), first(2, JobKind::ForgetSessions)];
        // Of a start that died on the way.
        Entity::delete_many().exec(manager.get_connection()).await?;
        Entity::insert_many(jobs).exec_without_returning(manager.get_connection()).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table(Entity).to_owned()).await
    }
}
