//! An id for every change, from the source that the messages have theirs from, so that all rooms have one order to read on from.
//!
//! The changes of before get the ids that follow the one of the message before them in their room's log: between two messages of all
//! rooms there are two thousand free ones on average. A change whose id is taken gets the next free one, so within a room the
//! changes keep their order and each stands after the messages before it. Where ids of messages stand closer than there are
//! changes to go between them, a change may come to stand after a message that followed it.

use chinwag_proto::id::LIMIT;
use sea_orm::ConnectionTrait;
use sea_orm_migration::prelude::*;

use super::steps::{add_column, create_index, drop_index};
use crate::{
    dialect::statement,
    entity::changes::{Column, Entity},
};

/// Ids above the limit come from a wrong clock: nothing stands after them.
const FOLLOW: &str = "UPDATE changes SET id = coalesce((SELECT m.id + changes.seq - m.seq FROM messages m \
     WHERE m.room_id = changes.room_id AND m.seq < changes.seq AND m.id < ? ORDER BY m.seq DESC LIMIT 1), changes.seq)";
const TAKEN: &str = "SELECT c.room_id, c.seq FROM changes c WHERE EXISTS (SELECT 1 FROM messages m WHERE m.id = c.id) \
     OR EXISTS (SELECT 1 FROM changes o WHERE o.id = c.id AND (o.room_id < c.room_id OR o.room_id = c.room_id AND o.seq < c.seq))";
const MOVE_ON: &str = "UPDATE changes SET id = id + 1 WHERE room_id = ? AND seq = ?";

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0007_order"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "the trait is declared so, and an async_trait signature must match it")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let column = ColumnDef::new(Column::Id).big_integer().not_null().default(0).take();
        add_column(manager, Entity, column).await?;
        let db = manager.get_connection();
        db.execute_raw(statement(db, FOLLOW, [LIMIT.into()])).await?;
        create_index(manager, Entity, index("changes_in_order")).await?;
        loop {
            let taken = db.query_all_raw(statement(db, TAKEN, [])).await?;
            if taken.is_empty() {
                break;
            }
            for row in taken {
                let (room_id, seq): (i64, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
                db.execute_raw(statement(db, MOVE_ON, [room_id.into(), seq.into()])).await?;
            }
        }
        drop_index(manager, Entity, "changes_in_order").await?;
        create_index(manager, Entity, index("changes_by_id").unique().take()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("changes_by_id").table(Entity).to_owned()).await?;
        manager.alter_table(Table::alter().table(Entity).drop_column(Column::Id).take()).await
    }
}

fn index(name: &str) -> IndexCreateStatement {
    Index::create().name(name).table(Entity).col(Column::Id).take()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migration::{Migrator, database_after};

    #[tokio::test]
    async fn changes_of_before_stand_after_what_was_before_them() {
        let (_directory, db) = database_after(Some(6)).await;
        let message = "INSERT INTO messages (id, room_id, seq, user_id, username, kind, content, created_at, body_hash, ordinal, \
                       mentions_room, guest) VALUES (?, ?, ?, 1, 'ann', 0, '', 0, 0, 0, 0, 0)";
        let change = "INSERT INTO changes (room_id, seq, kind, user_id, created_at) VALUES (?, ?, 2, 1, 0)";
        // Room 1 has two changes where three ids are free and the first is taken, room 2 one that wants what room 1 has. The last
        // message is from a wrong clock.
        for (id, seq) in [(100, 1), (500, 4), (LIMIT + 7, 6)] {
            db.execute_raw(statement(&db, message, [id.into(), 1.into(), seq.into()])).await.expect("written");
        }
        for (id, room) in [(101, 3), (102, 2)] {
            db.execute_raw(statement(&db, message, [id.into(), room.into(), 1.into()])).await.expect("written");
        }
        let at = [(1, 2), (1, 3), (1, 5), (1, 7), (2, 2)];
        let others = "INSERT INTO rooms (id, kind, name, name_key, description, is_private, created_by, created_at, updated_at, last_seq, \
                      message_count, member_count) VALUES (?, 0, '', '', '', 0, 0, 0, 0, 0, 0, 0)";
        db.execute_raw(statement(&db, others, [2.into()])).await.expect("written");
        for (room, seq) in at {
            db.execute_raw(statement(&db, change, [room.into(), seq.into()])).await.expect("written");
        }
        Migrator::up(&db, None).await.expect("brought up to date");
        let rows = db.query_all_raw(statement(&db, "SELECT id FROM changes ORDER BY room_id, seq", [])).await;
        let ids: Vec<i64> = rows.expect("read").iter().map(|row| row.try_get_by_index(0).expect("an id")).collect();
        assert_eq!(ids, [103, 104, 501, 503, 105]);
    }
}
