//! The end of a room's log: gives the next position to system rows and to changes. Texts go through `append`.

use chinwag_domain::{
    ports::{Committed, Effect, StoreResult},
    records::{Author, MessageRecord, SystemPayload},
};
use chinwag_proto::{MessageType, SystemEvent};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, EntityTrait, IntoActiveModel};

use crate::{
    dialect::statement,
    entity::{changes, messages, rooms},
    error::failure,
    events,
    message_rows::record,
    tx::Tx,
};

/// What a change is, as `changes.kind` holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub(crate) enum ChangeKind {
    Edit = 0,
    Recall = 1,
    Room = 2,
    Member = 3,
}

/// A change that is about to get its position.
pub(crate) struct Change {
    pub(crate) kind: ChangeKind,
    pub(crate) message_id: Option<i64>,
    pub(crate) user_id: i64,
    pub(crate) payload: Option<serde_json::Value>,
    pub(crate) now: i64,
}

/// What a system row tells.
pub(crate) struct Notice<'a> {
    pub(crate) event: SystemEvent,
    pub(crate) about: &'a Author,
    pub(crate) actor_id: Option<i64>,
    /// Dialect for clients that have none of their own for the event.
    pub(crate) content: String,
    pub(crate) payload: SystemPayload,
    pub(crate) effect: Option<Effect>,
    pub(crate) now: i64,
}

impl Tx {
    /// Appends a system row and lets its frame be told. The caller saves the room.
    pub(crate) async fn post(&mut self, room: &mut rooms::Model, notice: Notice<'_>) -> StoreResult<MessageRecord> {
        room.last_seq += 1;
        let row = messages::Model {
            id: self.next_id().await?,
            room_id: room.id,
            seq: room.last_seq,
            user_id: notice.about.user_id,
            username: notice.about.username.to_string(),
            kind: MessageType::System as i32,
            content: notice.content,
            created_at: notice.now,
            edited_at: None,
            recalled_at: None,
            client_id: None,
            body_hash: 0,
            ordinal: room.message_count,
            reply_to: None,
            mentions: None,
            mentions_room: false,
            mention_spans: None,
            guest: false,
            event: Some(notice.event.word()),
            actor_id: notice.actor_id,
            payload: serde_json::to_string(&notice.payload).ok().filter(|text| text != "{}"),
            attachments: None,
        };
        let all_set = row.clone().into_active_model().reset_all();
        messages::Entity::insert(all_set).exec_without_returning(&self.db).await.map_err(failure)?;
        let record = record(row, None);
        self.changes.push(Committed::Room { event: events::posted(&record), effect: notice.effect });
        Ok(record)
    }

    /// Appends a change and gives its position. The caller saves the room and lets the frame be told.
    pub(crate) async fn change(&mut self, room: &mut rooms::Model, change: Change) -> StoreResult<i64> {
        room.last_seq += 1;
        let row = changes::ActiveModel {
            room_id: Set(room.id),
            seq: Set(room.last_seq),
            kind: Set(change.kind as i32),
            message_id: Set(change.message_id),
            user_id: Set(change.user_id),
            created_at: Set(change.now),
            payload: Set(change.payload.map(|payload| payload.to_string())),
            id: Set(self.next_id().await?),
        };
        changes::Entity::insert(row).exec_without_returning(&self.db).await.map_err(failure)?;
        Ok(room.last_seq)
    }

    /// Writes back what a verb may have changed of the room.
    pub(crate) async fn save_room(&self, room: &rooms::Model) -> StoreResult<()> {
        let sql = "UPDATE rooms SET name = ?, name_key = ?, description = ?, is_private = ?, updated_at = ?, deleted_at = ?, \
                   last_seq = ?, message_count = ?, member_count = ?, last_message_id = ?, avatar = ? WHERE id = ?";
        let values = [
            room.name.as_str().into(),
            room.name_key.as_str().into(),
            room.description.as_str().into(),
            room.is_private.into(),
            room.updated_at.into(),
            room.deleted_at.into(),
            room.last_seq.into(),
            room.message_count.into(),
            room.member_count.into(),
            room.last_message_id.into(),
            room.avatar.as_deref().into(),
            room.id.into(),
        ];
        self.db.execute_raw(statement(&self.db, sql, values)).await.map_err(failure)?;
        Ok(())
    }
}
