//! How far people have read, and what that leaves unread.

use chinwag_domain::{
    policy::{Permit, action},
    ports::{StoreError, StoreResult},
    records::ReadState,
};
use rusqlite::{OptionalExtension, Transaction};
use sea_orm::{ConnectionTrait, FromQueryResult};
use tokio::sync::oneshot;

use crate::{
    dialect::statement,
    error::failure,
    seats::{clamp, is_public, stands},
};

/// A mark that waits.
pub(crate) struct Mark {
    pub(crate) permit: Permit<action::MarkRead>,
    pub(crate) seq: i64,
    pub(crate) reply: oneshot::Sender<StoreResult<ReadState>>,
}

pub(crate) const SEAT: &str = "SELECT r.kind, r.is_private, r.last_seq, m.read_seq, u.version, m.version FROM rooms r \
     JOIN members m ON m.room_id = r.id AND m.user_id = ? JOIN users u ON u.id = m.user_id WHERE r.id = ? AND r.deleted_at IS NULL";
/// Index: `messages_by_seq`.
pub(crate) const MOVE: &str = "UPDATE members SET read_seq = ?1, read_ordinal = coalesce((SELECT m.ordinal FROM messages m \
     WHERE m.room_id = ?2 AND m.seq <= ?1 ORDER BY m.seq DESC LIMIT 1), 0) WHERE room_id = ?2 AND user_id = ?3";

/// Moves the mark forward, never back. A refusal is inside; an error is the database's and concerns the whole transaction.
pub(crate) fn mark_read(
    tx: &Transaction<'_>,
    permit: &Permit<action::MarkRead>,
    seq: i64,
) -> rusqlite::Result<StoreResult<ReadState>> {
    let (room_id, user_id) = (permit.room_id(), permit.user_id());
    let read = |row: &rusqlite::Row<'_>| {
        let public = is_public(row.get(0)?, row.get(1)?);
        Ok((stands(permit, row.get(4)?, row.get(5)?, public), row.get(2)?, row.get(3)?))
    };
    let seat = tx.prepare_cached(SEAT)?.query_row([user_id, room_id], read).optional()?;
    let Some((true, last_seq, read_seq)) = seat else { return Ok(Err(StoreError::Stale)) };
    let seq: i64 = seq.min(last_seq);
    if seq > read_seq {
        tx.prepare_cached(MOVE)?.execute([seq, room_id, user_id])?;
    }
    let state = |row: &rusqlite::Row<'_>| {
        Ok(ReadRow { room_id: row.get(0)?, seq: row.get(1)?, unread: row.get(2)?, mentions: row.get(3)? })
    };
    let state = tx.prepare_cached(&read_state("AND r.id = ?"))?.query_row([user_id, room_id], state)?;
    Ok(Ok(state.into()))
}

/// How many texts of room `r` the seat `m` has not read: a difference of counts, less those that were taken back.
/// Index: `messages_recalled`.
pub(crate) const UNREAD: &str = "(r.message_count - m.read_ordinal - \
     (SELECT count(*) FROM messages x WHERE x.room_id = r.id AND x.seq > m.read_seq AND x.recalled_at IS NOT NULL))";

/// Indexes: `members_by_user`, those of [`UNREAD`], otherwise primary keys.
fn read_state(tail: &str) -> String {
    format!(
        "SELECT r.id AS room_id, m.read_seq AS seq, {UNREAD} AS unread, \
         (SELECT count(*) FROM mentions n WHERE n.user_id IN (0, m.user_id) AND n.room_id = r.id AND n.seq > m.read_seq) AS mentions \
         FROM members m JOIN rooms r ON r.id = m.room_id AND r.deleted_at IS NULL WHERE m.user_id = ? {tail}"
    )
}

#[derive(Debug, FromQueryResult)]
struct ReadRow {
    room_id: i64,
    seq: i64,
    unread: i64,
    mentions: i64,
}

impl From<ReadRow> for ReadState {
    fn from(row: ReadRow) -> Self {
        Self { room_id: row.room_id, seq: row.seq, unread: clamp(row.unread), mentions: clamp(row.mentions) }
    }
}

pub(crate) async fn list_unread(db: &impl ConnectionTrait, user_id: i64) -> StoreResult<Vec<ReadState>> {
    let query = ReadRow::find_by_statement(statement(&read_state(""), [user_id.into()]));
    let rows = query.all(db).await.map_err(failure)?;
    Ok(rows.into_iter().map(ReadState::from).filter(|state| state.unread > 0 || state.mentions > 0).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migration::database_after;

    #[tokio::test]
    async fn counting_what_is_unread_seeks_and_never_scans_a_table() {
        let (_directory, db) = database_after(None).await;
        let plan = statement(&format!("EXPLAIN QUERY PLAN {}", read_state("")), [1.into()]);
        let rows = db.query_all_raw(plan).await.expect("explained");
        let steps: Vec<String> = rows.iter().map(|row| row.try_get("", "detail").expect("a step")).collect();
        assert!(steps.iter().all(|step| !step.starts_with("SCAN")), "{steps:#?}");
        assert!(steps.iter().any(|step| step.contains("messages_recalled")), "{steps:#?}");
    }
}
