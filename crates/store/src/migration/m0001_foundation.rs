//! The first tables: people, sessions, rooms, seats, the log, and the lobby in which everybody lands. It moves no old data.

use chinwag_domain::{
    ports::{Clock, SystemClock},
    records::LOBBY,
};
use chinwag_proto::RoomKind;
use sea_orm::{ActiveValue::Set, DbBackend, EntityTrait, IdenStatic, sea_query::TableCreateStatement};
use sea_orm_migration::prelude::*;

use super::steps::{create_index, create_table};
use crate::entity::{changes, members, mentions, messages, meta, rooms, sessions, users};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0001_foundation"
    }
}

#[expect(elided_lifetimes_in_paths, reason = "the trait is declared so, and an async_trait signature must match it")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_database_backend();
        for table in [meta_table(), users_table(), sessions_table(), rooms_table(db), messages_table(db)] {
            create_table(manager, table).await?;
        }
        for mut table in [members_table(db), changes_table(db), mentions_table()] {
            if db == DbBackend::Sqlite {
                // The composite key is the table itself instead of a second tree beside it.
                table.extra("WITHOUT ROWID");
            }
            create_table(manager, table).await?;
        }
        create_indexes(manager).await?;
        // Of a start that died on the way.
        meta::Entity::delete_by_id("epoch").exec(manager.get_connection()).await?;
        rooms::Entity::delete_by_id(LOBBY).exec(manager.get_connection()).await?;
        let now = SystemClock.now_ms();
        let epoch = meta::ActiveModel { key: Set("epoch".into()), value: Set(now.to_string()) };
        meta::Entity::insert(epoch).exec_without_returning(manager.get_connection()).await?;
        rooms::Entity::insert(lobby(now)).exec_without_returning(manager.get_connection()).await?;
        Ok(())
    }

    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Err(DbErr::Migration("the first tables are not taken away again: restore a backup".into()))
    }
}

fn lobby(now: i64) -> rooms::ActiveModel {
    rooms::ActiveModel {
        id: Set(LOBBY),
        kind: Set(RoomKind::Room as i32),
        name: Set("Lobby".into()),
        name_key: Set("lobby".into()),
        description: Set(String::new()),
        is_private: Set(false),
        direct_key: Set(None),
        created_by: Set(0),
        created_at: Set(now),
        updated_at: Set(now),
        deleted_at: Set(None),
        last_seq: Set(0),
        message_count: Set(0),
        member_count: Set(0),
        last_message_id: Set(None),
        ..Default::default()
    }
}

fn int(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().take()
}

/// A word of ours as a number: 32 bits wide where that is another type. SQLite has one for all.
fn code(db: DbBackend, name: impl IntoIden) -> ColumnDef {
    if db == DbBackend::Sqlite { int(name) } else { ColumnDef::new(name).integer().not_null().take() }
}

/// Text that may be longer than the 65535 bytes that MySQL has for a plain one.
fn long_text(db: DbBackend, name: impl IntoIden) -> ColumnDef {
    let mut column = ColumnDef::new(name);
    if db == DbBackend::MySql { column.custom("MEDIUMTEXT").take() } else { column.text().take() }
}

fn maybe_int(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).big_integer().take()
}

fn text(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).text().not_null().take()
}

/// Text that an index holds: engines other than SQLite want to know how long it can be.
fn key(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).string_len(255).not_null().take()
}

fn flag(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).boolean().not_null().take()
}

fn hash(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).binary_len(32).take()
}

fn id(name: impl IntoIden) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().primary_key().take()
}

fn meta_table() -> TableCreateStatement {
    use meta::{Column as C, Entity};
    Table::create().table(Entity).col(key(C::Key).primary_key()).col(text(C::Value)).take()
}

fn users_table() -> TableCreateStatement {
    use users::{Column as C, Entity};
    Table::create()
        .table(Entity)
        .col(id(C::Id))
        .col(text(C::Username))
        .col(key(C::UsernameKey).unique_key())
        .col(text(C::Email))
        .col(key(C::EmailKey).unique_key())
        .col(text(C::DisplayName))
        .col(text(C::SearchKey))
        .col(text(C::Bio))
        .col(text(C::StatusText))
        .col(ColumnDef::new(C::Locale).text())
        .col(ColumnDef::new(C::Theme).text())
        .col(flag(C::IsAdmin))
        .col(text(C::PasswordHash))
        .col(int(C::CreatedAt))
        .col(maybe_int(C::LastSeen))
        .col(maybe_int(C::DeactivatedAt))
        .take()
}

fn sessions_table() -> TableCreateStatement {
    use sessions::{Column as C, Entity};
    Table::create()
        .table(Entity)
        .col(id(C::Id))
        .col(int(C::UserId))
        .col(hash(C::CookieHash).not_null().unique_key())
        .col(hash(C::RefreshHash).not_null().unique_key())
        .col(hash(C::SpentRefreshHash))
        .col(text(C::Device))
        .col(text(C::Address))
        .col(int(C::CreatedAt))
        .col(int(C::LastSeen))
        .col(int(C::ExpiresAt))
        .col(maybe_int(C::RevokedAt))
        .foreign_key(ForeignKey::create().from(Entity, C::UserId).to(users::Entity, users::Column::Id))
        .take()
}

fn rooms_table(db: DbBackend) -> TableCreateStatement {
    use rooms::{Column as C, Entity};
    Table::create()
        .table(Entity)
        .col(id(C::Id))
        .col(code(db, C::Kind))
        .col(text(C::Name))
        .col(text(C::NameKey))
        .col(text(C::Description))
        .col(flag(C::IsPrivate))
        .col(ColumnDef::new(C::DirectKey).string_len(255).unique_key())
        .col(int(C::CreatedBy))
        .col(int(C::CreatedAt))
        .col(int(C::UpdatedAt))
        .col(maybe_int(C::DeletedAt))
        .col(int(C::LastSeq))
        .col(int(C::MessageCount))
        .col(int(C::MemberCount))
        .col(maybe_int(C::LastMessageId))
        .take()
}

fn members_table(db: DbBackend) -> TableCreateStatement {
    use members::{Column as C, Entity};
    Table::create()
        .table(Entity)
        .col(int(C::RoomId))
        .col(int(C::UserId))
        .col(code(db, C::Role))
        .col(int(C::JoinedAt))
        .col(int(C::Version))
        .col(int(C::ReadSeq))
        .col(int(C::ReadOrdinal))
        .primary_key(Index::create().col(C::RoomId).col(C::UserId))
        .foreign_key(ForeignKey::create().from(Entity, C::RoomId).to(rooms::Entity, rooms::Column::Id))
        .foreign_key(ForeignKey::create().from(Entity, C::UserId).to(users::Entity, users::Column::Id))
        .take()
}

/// Without foreign keys: the transaction that inserts has read the room and the seat, and guests have no account.
fn messages_table(db: DbBackend) -> TableCreateStatement {
    use messages::{Column as C, Entity};
    Table::create()
        .table(Entity)
        .col(id(C::Id))
        .col(int(C::RoomId))
        .col(int(C::Seq))
        .col(int(C::UserId))
        .col(text(C::Username))
        .col(code(db, C::Kind))
        .col(long_text(db, C::Content).not_null())
        .col(int(C::CreatedAt))
        .col(maybe_int(C::EditedAt))
        .col(maybe_int(C::RecalledAt))
        .col(ColumnDef::new(C::ClientId).string_len(64))
        .col(int(C::BodyHash))
        .col(int(C::Ordinal))
        .col(maybe_int(C::ReplyTo))
        .col(ColumnDef::new(C::Mentions).text())
        .col(flag(C::MentionsRoom))
        .col(flag(C::Guest))
        .col(ColumnDef::new(C::Event).text())
        .col(maybe_int(C::ActorId))
        .take()
}

fn changes_table(db: DbBackend) -> TableCreateStatement {
    use changes::{Column as C, Entity};
    Table::create()
        .table(Entity)
        .col(int(C::RoomId))
        .col(int(C::Seq))
        .col(code(db, C::Kind))
        .col(maybe_int(C::MessageId))
        .col(int(C::UserId))
        .col(int(C::CreatedAt))
        .col(long_text(db, C::Payload))
        .primary_key(Index::create().col(C::RoomId).col(C::Seq))
        .foreign_key(ForeignKey::create().from(Entity, C::RoomId).to(rooms::Entity, rooms::Column::Id))
        .take()
}

fn mentions_table() -> TableCreateStatement {
    use mentions::{Column as C, Entity};
    Table::create()
        .table(Entity)
        .col(int(C::UserId))
        .col(int(C::RoomId))
        .col(int(C::Seq))
        .primary_key(Index::create().col(C::UserId).col(C::RoomId).col(C::Seq))
        .take()
}

/// `messages_by_client_id` has the id first: ids that begin with the time then fall on few pages of a commit, however many
/// rooms it writes to.
async fn create_indexes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    use changes::Column as Change;
    use members::Column as Member;
    use messages::Column as Message;
    use sessions::Column as Session;
    let of_messages = [
        index("messages_by_seq", messages::Entity, &[Message::RoomId, Message::Seq]).unique().take(),
        index("messages_by_client_id", messages::Entity, &[Message::ClientId, Message::RoomId, Message::UserId])
            .unique()
            .take(),
    ];
    let by_message = index("changes_by_message", changes::Entity, &[Change::MessageId]);
    let of_members = [
        index("members_by_user", members::Entity, &[Member::UserId, Member::RoomId]),
        index("members_by_role", members::Entity, &[Member::RoomId, Member::Role, Member::UserId]),
    ];
    let of_sessions = [
        index("sessions_by_user", sessions::Entity, &[Session::UserId]),
        index("sessions_by_spent_refresh", sessions::Entity, &[Session::SpentRefreshHash]),
        index("sessions_by_revocation", sessions::Entity, &[Session::RevokedAt]),
    ];
    for index in of_messages {
        create_index(manager, messages::Entity, index).await?;
    }
    create_index(manager, changes::Entity, by_message).await?;
    for index in of_members {
        create_index(manager, members::Entity, index).await?;
    }
    for index in of_sessions {
        create_index(manager, sessions::Entity, index).await?;
    }
    Ok(())
}

fn index<C: IdenStatic>(name: &str, table: impl IntoTableRef, columns: &[C]) -> IndexCreateStatement {
    let mut index = Index::create().name(name).table(table).take();
    for column in columns {
        index.col(*column);
    }
    index
}
