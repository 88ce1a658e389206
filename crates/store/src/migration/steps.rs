//! Changes of tables that can be done twice: on MySQL each is a transaction of its own, so a start that died on the way left some of
//! a step behind. Elsewhere a step is there as a whole or not at all. It knows no table.

use sea_orm::{DbBackend, EntityName, sea_query::Condition};
use sea_orm_migration::prelude::*;

/// Whether changes of tables cannot be taken back, and indexes hold all rows.
pub(crate) fn is_mysql(manager: &SchemaManager<'_>) -> bool {
    manager.get_database_backend() == DbBackend::MySql
}

pub(crate) async fn create_table(manager: &SchemaManager<'_>, mut table: TableCreateStatement) -> Result<(), DbErr> {
    if is_mysql(manager) {
        table.if_not_exists();
    }
    manager.create_table(table).await
}

pub(crate) async fn add_column(
    manager: &SchemaManager<'_>,
    table: impl EntityName + IntoTableRef,
    column: ColumnDef,
) -> Result<(), DbErr> {
    let name = column.get_column_name();
    if is_mysql(manager) && manager.has_column(table.table_name(), &name).await? {
        return Ok(());
    }
    manager.alter_table(Table::alter().table(table).add_column(column).take()).await
}

pub(crate) async fn create_index(
    manager: &SchemaManager<'_>,
    table: impl EntityName,
    index: IndexCreateStatement,
) -> Result<(), DbErr> {
    let name = index.get_index_spec().get_name().unwrap_or_default().to_owned();
    if is_mysql(manager) && manager.has_index(table.table_name(), &name).await? {
        return Ok(());
    }
    manager.create_index(index).await
}

/// One that holds only some rows, where the engine has such.
pub(crate) async fn create_partial_index(
    manager: &SchemaManager<'_>,
    table: impl EntityName,
    mut index: IndexCreateStatement,
    which: impl IntoCondition,
) -> Result<(), DbErr> {
    if !is_mysql(manager) {
        index.cond_where(Condition::all().add(which.into_condition()));
    }
    create_index(manager, table, index).await
}

pub(crate) async fn drop_index(
    manager: &SchemaManager<'_>,
    table: impl EntityName + IntoTableRef,
    name: &str,
) -> Result<(), DbErr> {
    if is_mysql(manager) && !manager.has_index(table.table_name(), name).await? {
        return Ok(());
    }
    manager.drop_index(Index::drop().name(name).table(table).to_owned()).await
}
