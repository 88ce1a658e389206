//! Each person's own log: how far it has come, and where in it each read mark moved last.

use sea_orm::ExprTrait;
use sea_orm_migration::prelude::*;

use super::steps::{add_column, create_partial_index, create_table};
use crate::entity::{members, own_logs};

const INDEX: &str = "members_by_own_seq";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0016_own_logs"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "the trait is declared so, and an async_trait signature must match it")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(own_logs::Entity)
            .col(ColumnDef::new(own_logs::Column::UserId).big_integer().not_null().primary_key())
            .col(ColumnDef::new(own_logs::Column::LastSeq).big_integer().not_null())
            .take();
        create_table(manager, table).await?;
        let column = ColumnDef::new(members::Column::OwnSeq).big_integer().not_null().default(0).take();
        add_column(manager, members::Entity, column).await?;
        let index = Index::create()
            .name(INDEX)
            .table(members::Entity)
            .col(members::Column::UserId)
            .col(members::Column::OwnSeq)
            .take();
        create_partial_index(manager, members::Entity, index, Expr::col(members::Column::OwnSeq).gt(0)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name(INDEX).table(members::Entity).to_owned()).await?;
        manager.alter_table(Table::alter().table(members::Entity).drop_column(members::Column::OwnSeq).take()).await?;
        manager.drop_table(Table::drop().table(own_logs::Entity).to_owned()).await
    }
}
