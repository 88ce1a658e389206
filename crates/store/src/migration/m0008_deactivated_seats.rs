//! A seat knows whether its person's account is closed, so that a page of members is a seek however many have left.

use sea_orm::{ConnectionTrait, ExprTrait};
use sea_orm_migration::prelude::*;

use super::steps::{add_column, create_partial_index, drop_index, is_mysql};
use crate::entity::members::{Column, Entity};

const INDEX: &str = "members_by_role";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0008_deactivated_seats"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "the trait is declared so, and an async_trait signature must match it")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new(Column::Deactivated).boolean().not_null().default(false).take();
        add_column(manager, Entity, column).await?;
        let fill = "UPDATE members SET deactivated = TRUE WHERE user_id IN (SELECT id FROM users WHERE deactivated_at IS NOT NULL)";
        manager.get_connection().execute_unprepared(fill).await?;
        // It holds only seats at which somebody can be met.
        if is_mysql(manager) {
            return Ok(());
        }
        drop_index(manager, Entity, INDEX).await?;
        create_partial_index(manager, Entity, by_role(), Expr::col(Column::Deactivated).not()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name(INDEX).table(Entity).to_owned()).await?;
        manager.alter_table(Table::alter().table(Entity).drop_column(Column::Deactivated).take()).await?;
        manager.create_index(by_role()).await
    }
}

fn by_role() -> IndexCreateStatement {
    Index::create().name(INDEX).table(Entity).col(Column::RoomId).col(Column::Role).col(Column::UserId).take()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        dialect,
        migration::{Migrator, database_after},
    };

    #[tokio::test]
    async fn seats_of_accounts_that_were_closed_before_know_it() {
        let (_directory, db) = database_after(Some(7)).await;
        for (id, closed) in [(1, "NULL"), (2, "7")] {
            let user = format!(
                "INSERT INTO users (id, username, username_key, email, email_key, display_name, search_key, bio, status_text, \
                 is_admin, password_hash, created_at, deactivated_at) \
                 VALUES ({id}, {id}, {id}, {id}, {id}, '', '', '', '', 0, '', 0, {closed})"
            );
            let seat = format!("INSERT INTO members VALUES (1, {id}, 1, 0, 1, 1, 0)");
            for sql in [user, seat] {
                db.execute_unprepared(&sql).await.expect("written");
            }
        }
        Migrator::up(&db, None).await.expect("brought up to date");
        let sql =
            "SELECT user_id FROM members INDEXED BY members_by_role WHERE room_id = 1 AND role = 1 AND NOT deactivated";
        let open = db.query_all_raw(dialect::statement(&db, sql, [])).await.expect("read");
        let open: Vec<i64> = open.iter().map(|row| row.try_get_by_index(0).expect("an id")).collect();
        assert_eq!(open, [1]);
    }
}
