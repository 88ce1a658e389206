//! What a transaction locks, where the engine has several writers: rooms and accounts, each in the order of their ids, so that nobody
//! waits in a circle; rooms before accounts. Where there is one writer it asks for nothing.

use chinwag_domain::ports::StoreResult;
use chinwag_proto::Role;
use sea_orm::{ConnectionTrait, Value};

use crate::{
    dialect::{ROWS, repeat, statement},
    engine::words,
    error::failure,
};

/// From here on nobody else changes the rooms before this transaction ends.
pub(crate) async fn rooms(db: &impl ConnectionTrait, ids: &[i64]) -> StoreResult<()> {
    for ids in ids.chunks(ROWS) {
        hold(db, "rooms", &format!("id IN ({})", repeat("?", ids.len())), ids.iter().map(|id| (*id).into())).await?;
    }
    Ok(())
}

/// The same for those of which the person is an owner. Index: `members_by_user`.
pub(crate) async fn owned_rooms(db: &impl ConnectionTrait, user_id: i64) -> StoreResult<()> {
    let which = "id IN (SELECT room_id FROM members WHERE user_id = ? AND role = ?)";
    hold(db, "rooms", which, [user_id.into(), (Role::Owner as i32).into()]).await
}

/// The same for accounts of which `which` is true.
pub(crate) async fn users(
    db: &impl ConnectionTrait,
    which: &str,
    values: impl IntoIterator<Item = Value>,
) -> StoreResult<()> {
    hold(db, "users", which, values).await
}

async fn hold(
    db: &impl ConnectionTrait,
    table: &str,
    which: &str,
    values: impl IntoIterator<Item = Value>,
) -> StoreResult<()> {
    let hold = words(db).hold();
    if hold.is_empty() {
        return Ok(());
    }
    let sql = format!("SELECT id FROM {table} WHERE {which} ORDER BY id{hold}");
    db.query_all_raw(statement(db, &sql, values)).await.map(|_| ()).map_err(failure)
}
