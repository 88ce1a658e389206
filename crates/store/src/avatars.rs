//! The pictures that stand for people: set; and those of rooms and emojis, too: asked for by their keys, and given up. Not their bytes.

use std::time::Duration;

use chinwag_domain::{
    avatar_records::{Avatar, AvatarOwner},
    ports::{StoreError, StoreResult},
    records::{JobKind, UserRecord},
    views,
};
use sea_orm::{ConnectionTrait, EntityTrait, Value};

use crate::{
    dialect::{ROWS, repeat, statement},
    entity::users,
    error::failure,
    holds,
    tx::Tx,
    users::{check_rights, tell_profile},
};

/// When what a server may have left that died beside the commit is old enough to be swept.
const LEFT_OVER: Duration = Duration::from_secs(25 * 60 * 60);
/// Where an uploaded picture may be named, one row by each. Indexes: `users_by_avatar`, `rooms_by_avatar`, `custom_emojis_by_picture`.
const PLACES: [(&str, &str); 3] = [("users", "avatar"), ("rooms", "avatar"), ("custom_emojis", "picture")];
const OWNER: &str = "SELECT (SELECT id FROM users WHERE avatar = ?), (SELECT id FROM rooms WHERE avatar = ?), \
     (SELECT id FROM custom_emojis WHERE picture = ?)";

pub(crate) async fn set_of_user(
    tx: &mut Tx,
    id: i64,
    by: i64,
    avatar: Option<Avatar>,
) -> StoreResult<(UserRecord, Option<Avatar>)> {
    // Of two who change it at the same time, each takes the place of the one before it.
    holds::users(&tx.db, "id = ?", [id.into()]).await?;
    check_rights(tx, id, by).await?;
    let user = users::Entity::find_by_id(id).one(&tx.db).await.map_err(failure)?.ok_or(StoreError::NotFound)?;
    let before = UserRecord::from(user);
    if before.avatar == avatar {
        return Ok((before, None));
    }
    let sql = "UPDATE users SET avatar = ? WHERE id = ?";
    let values = [avatar.as_ref().map(Avatar::word).into(), id.into()];
    tx.db.execute_raw(statement(&tx.db, sql, values)).await.map_err(failure)?;
    let now = UserRecord { avatar, ..before.clone() };
    tell_profile(tx, views::profile(&before), &now);
    give_up(tx, before.avatar.as_ref()).await?;
    Ok((now, before.avatar))
}

/// Of a picture that stands for nobody any more: whoever asked for that takes its bytes away; a sweep does where they died before.
pub(crate) async fn give_up(tx: &mut Tx, avatar: Option<&Avatar>) -> StoreResult<()> {
    if let Some(Avatar::Uploaded(_)) = avatar {
        tx.want_job(JobKind::SweepFiles, LEFT_OVER).await?;
    }
    Ok(())
}

pub(crate) async fn find_owner(db: &impl ConnectionTrait, key: &str) -> StoreResult<Option<AvatarOwner>> {
    let row = db.query_one_raw(statement(db, OWNER, [key.into(), key.into(), key.into()])).await.map_err(failure)?;
    let Some(row) = row else { return Ok(None) };
    let person: Option<i64> = row.try_get_by_index(0).map_err(failure)?;
    let room: Option<i64> = row.try_get_by_index(1).map_err(failure)?;
    let emoji: Option<i64> = row.try_get_by_index(2).map_err(failure)?;
    let owners = [person.map(AvatarOwner::Person), room.map(AvatarOwner::Room), emoji.map(AvatarOwner::Emoji)];
    Ok(owners.into_iter().flatten().next())
}

/// Indexes: as above.
pub(crate) async fn referred(db: &impl ConnectionTrait, keys: &[String]) -> StoreResult<Vec<String>> {
    let mut found = Vec::new();
    for keys in keys.chunks(ROWS) {
        let list = repeat("?", keys.len());
        for (table, column) in PLACES {
            let sql = format!("SELECT {column} FROM {table} WHERE {column} IN ({list})");
            let values = keys.iter().map(|key| Value::from(key.as_str()));
            for row in db.query_all_raw(statement(db, &sql, values)).await.map_err(failure)? {
                found.push(row.try_get_by_index(0).map_err(failure)?);
            }
        }
    }
    Ok(found)
}
