//! How far people have read, and what that leaves unread. A move of a mark is a change of its person's own log.

use std::sync::LazyLock;

use chinwag_domain::{
    policy::{Permit, action},
    ports::{StoreError, StoreResult},
    records::{Marked, ReadState},
    views,
};
use chinwag_proto::Event;
use rusqlite::{OptionalExtension, Transaction};
use sea_orm::{ConnectionTrait, FromQueryResult};
use tokio::sync::oneshot;

use crate::{
    dialect::statement,
    error::failure,
    own_log,
    seats::{clamp, is_public, stands},
};

/// A mark that waits.
pub(crate) struct Mark {
    pub(crate) permit: Permit<action::MarkRead>,
    pub(crate) seq: i64,
    pub(crate) reply: oneshot::Sender<StoreResult<Marked>>,
}

pub(crate) const SEAT: &str = "SELECT r.kind, r.is_private, r.last_seq, m.read_seq, u.version, m.version FROM rooms r \
     JOIN members m ON m.room_id = r.id AND m.user_id = ? JOIN users u ON u.id = m.user_id WHERE r.id = ? AND r.deleted_at IS NULL";
/// Indexes: `messages_by_seq`, those of [`unread`].
pub(crate) static MOVE: LazyLock<String> = LazyLock::new(|| {
    format!(
        "UPDATE members SET read_seq = ?1, own_seq = ?2, read_ordinal = coalesce((SELECT m.ordinal FROM messages m \
         WHERE m.room_id = ?3 AND m.seq <= ?1 ORDER BY m.seq DESC LIMIT 1), 0) WHERE room_id = ?3 AND user_id = ?4 \
         RETURNING room_id, read_seq, {}, {}, own_seq",
        unread("(SELECT r.message_count FROM rooms r WHERE r.id = members.room_id)", "members"),
        mentions("members")
    )
});

/// Moves the mark forward, never back. A refusal is inside; an error is the database's and concerns the whole transaction.
pub(crate) fn mark_read(
    tx: &Transaction<'_>,
    permit: &Permit<action::MarkRead>,
    seq: i64,
) -> rusqlite::Result<StoreResult<Marked>> {
    let (room_id, user_id) = (permit.room_id(), permit.user_id());
    let read = |row: &rusqlite::Row<'_>| {
        let public = is_public(row.get(0)?, row.get(1)?);
        Ok((stands(permit, row.get(4)?, row.get(5)?, public), row.get(2)?, row.get(3)?))
    };
    let seat = tx.prepare_cached(SEAT)?.query_row([user_id, room_id], read).optional()?;
    let Some((true, last_seq, read_seq)) = seat else { return Ok(Err(StoreError::Stale)) };
    let seq: i64 = seq.min(last_seq);
    let state = |row: &rusqlite::Row<'_>| {
        let (unread, mentions) = (row.get(2)?, row.get(3)?);
        Ok(ReadRow { room_id: row.get(0)?, seq: row.get(1)?, unread, mentions, own_seq: row.get(4)? })
    };
    let moved = seq > read_seq;
    let state = if moved {
        let own_seq = own_log::next(tx, user_id)?;
        tx.prepare_cached(&MOVE)?.query_row([seq, own_seq, room_id, user_id], state)?
    } else {
        tx.prepare_cached(&read_state("AND r.id = ?"))?.query_row([user_id, room_id], state)?
    };
    Ok(Ok(Marked { state: state.into(), moved }))
}

/// How many texts of its room a seat has not read: a difference of counts, less those that were taken back. `texts` is how many
/// there are, `seat` what the seat is called. Index: `messages_recalled`.
pub(crate) fn unread(texts: &str, seat: &str) -> String {
    format!(
        "({texts} - {seat}.read_ordinal - (SELECT count(*) FROM messages x WHERE x.room_id = {seat}.room_id \
         AND x.seq > {seat}.read_seq AND x.recalled_at IS NOT NULL))"
    )
}

/// How many of them name its person.
pub(crate) fn mentions(seat: &str) -> String {
    format!(
        "(SELECT count(*) FROM mentions n WHERE n.user_id IN (0, {seat}.user_id) AND n.room_id = {seat}.room_id \
         AND n.seq > {seat}.read_seq)"
    )
}

/// Indexes: `members_by_user`, those of [`unread`], otherwise primary keys.
fn read_state(tail: &str) -> String {
    format!(
        "SELECT r.id AS room_id, m.read_seq AS seq, {} AS unread, {} AS mentions, m.own_seq AS own_seq \
         FROM members m JOIN rooms r ON r.id = m.room_id AND r.deleted_at IS NULL WHERE m.user_id = ? {tail}",
        unread("r.message_count", "m"),
        mentions("m")
    )
}

#[derive(Debug, FromQueryResult)]
struct ReadRow {
    room_id: i64,
    seq: i64,
    unread: i64,
    mentions: i64,
    own_seq: i64,
}

impl From<ReadRow> for ReadState {
    fn from(row: ReadRow) -> Self {
        let (unread, mentions) = (clamp(row.unread), clamp(row.mentions));
        Self { room_id: row.room_id, seq: row.seq, unread, mentions, own_seq: row.own_seq }
    }
}

pub(crate) async fn list_unread(db: &impl ConnectionTrait, user_id: i64) -> StoreResult<Vec<ReadState>> {
    let query = ReadRow::find_by_statement(statement(db, &read_state(""), [user_id.into()]));
    let rows = query.all(db).await.map_err(failure)?;
    Ok(rows.into_iter().map(ReadState::from).filter(|state| state.unread > 0 || state.mentions > 0).collect())
}

/// The marks that moved last in this stretch of their person's own log. Index: `members_by_own_seq`.
pub(crate) async fn moved_between(
    db: &impl ConnectionTrait,
    user_id: i64,
    (after, to): (i64, i64),
    limit: usize,
) -> StoreResult<Vec<(i64, Event)>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let values = [user_id, after, to, limit].map(Into::into);
    let query = ReadRow::find_by_statement(statement(db, &read_state(MOVED), values));
    let rows = query.all(db).await.map_err(failure)?;
    Ok(rows.into_iter().map(|row| (row.own_seq, moved(&row.into()))).collect())
}

/// What all of the person's devices are told of a mark.
pub(crate) fn moved(state: &ReadState) -> Event {
    Event::Read(views::read_marked(state))
}

/// The index holds only marks that have moved, which the statement has to say, too.
const MOVED: &str = "AND m.own_seq > 0 AND m.own_seq > ? AND m.own_seq <= ? ORDER BY m.own_seq LIMIT ?";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migration::database_after;

    #[tokio::test]
    async fn counting_what_is_unread_seeks_and_never_scans_a_table() {
        let (_directory, db) = database_after(None).await;
        let plan = statement(&db, &format!("EXPLAIN QUERY PLAN {}", read_state("")), [1.into()]);
        let rows = db.query_all_raw(plan).await.expect("explained");
        let steps: Vec<String> = rows.iter().map(|row| row.try_get("", "detail").expect("a step")).collect();
        assert!(steps.iter().all(|step| !step.starts_with("SCAN")), "{steps:#?}");
        assert!(steps.iter().any(|step| step.contains("messages_recalled")), "{steps:#?}");
    }

    #[tokio::test]
    async fn a_stretch_of_ones_own_log_is_sought_by_position_and_sorted_nowhere() {
        let (_directory, db) = database_after(None).await;
        let plan = statement(&db, &format!("EXPLAIN QUERY PLAN {}", read_state(MOVED)), [1, 1, 1, 1].map(Into::into));
        let rows = db.query_all_raw(plan).await.expect("explained");
        let steps: Vec<String> = rows.iter().map(|row| row.try_get("", "detail").expect("a step")).collect();
        assert!(steps.iter().any(|step| step.contains("members_by_own_seq")), "{steps:#?}");
        assert!(steps.iter().all(|step| !step.starts_with("SCAN") && !step.contains("TEMP B-TREE")), "{steps:#?}");
    }
}
