//! A person's own log: what is theirs alone and the same on all their devices. Each change of it takes the next position, in the
//! transaction that makes it, and is told as it is now: the thing itself holds the position of its last change, and earlier ones
//! are forgotten. A stretch of it is in `replay`.

use chinwag_domain::ports::StoreResult;
use rusqlite::Transaction;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::{
    dialect::{ROWS, statement},
    entity::own_logs,
    error::failure,
};

pub(crate) const NEXT: &str = "INSERT INTO own_logs (user_id, last_seq) VALUES (?, 1) \
     ON CONFLICT (user_id) DO UPDATE SET last_seq = last_seq + 1 RETURNING last_seq";

/// Takes the next position.
pub(crate) fn next(tx: &Transaction<'_>, user_id: i64) -> rusqlite::Result<i64> {
    tx.prepare_cached(NEXT)?.query_row([user_id], |row| row.get(0))
}

/// Position of the newest change.
pub(crate) async fn head(db: &impl ConnectionTrait, user_id: i64) -> StoreResult<i64> {
    let head = statement(db, "SELECT last_seq FROM own_logs WHERE user_id = ?", [user_id.into()]);
    let row = db.query_one_raw(head).await.map_err(failure)?;
    Ok(row.map(|row| row.try_get_by_index(0)).transpose().map_err(failure)?.unwrap_or_default())
}

/// The same for each of these people. Index: the primary key.
pub(crate) async fn heads(db: &impl ConnectionTrait, people: &[i64]) -> StoreResult<Vec<(i64, i64)>> {
    let mut heads = Vec::with_capacity(people.len());
    for ids in people.chunks(ROWS) {
        let query = own_logs::Entity::find().select_only();
        let query = query.columns([own_logs::Column::UserId, own_logs::Column::LastSeq]);
        let mine = own_logs::Column::UserId.is_in(ids.iter().copied());
        heads.extend(query.filter(mine).into_tuple::<(i64, i64)>().all(db).await.map_err(failure)?);
    }
    Ok(heads)
}
