//! Each person's own log: how far it has come, and where in it each read mark moved last.

use sea_orm::ExprTrait;
use sea_orm_migration::prelude::*;

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
        manager.create_table(table).await?;
        let column = ColumnDef::new(members::Column::OwnSeq).big_integer().not_null().default(0).take();
        manager.alter_table(Table::alter().table(members::Entity).add_column(column).take()).await?;
        let index = Index::create()
            .name(INDEX)
            .table(members::Entity)
            .col(members::Column::UserId)
            .col(members::Column::OwnSeq)
            .and_where(Expr::col(members::Column::OwnSeq).gt(0))
            .take();
        manager.create_index(index).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name(INDEX).table(members::Entity).to_owned()).await?;
        manager.alter_table(Table::alter().table(members::Entity).drop_column(members::Column::OwnSeq).take()).await?;
        manager.drop_table(Table::drop().table(own_logs::Entity).to_owned()).await
    }
}
