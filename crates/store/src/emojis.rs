//! The emojis of a place's own: made, listed, deleted. Not the bytes of their pictures, and not for whom a picture stands: that is `avatars`.

use chinwag_domain::{
    avatar_records::Avatar,
    emoji_records::{EmojiList, EmojiRecord, NewEmoji},
    ports::{Committed, StoreError, StoreResult},
};
use chinwag_proto::limits;
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait, QueryResult};

use crate::{
    avatars::give_up,
    dialect::statement,
    entity::{custom_emojis, users},
    error::{broken_unique, damaged, failure},
    tx::{Counter, EMOJIS, Tx, newest_of},
    users::check_rights,
};

/// The version and the emojis are of one moment. Without any there is one row, of the version alone.
const LIST: &str = "SELECT c.last, e.id, e.name, e.picture, e.created_by, e.created_at FROM counters c \
     LEFT JOIN custom_emojis e ON TRUE WHERE c.name = ? ORDER BY e.id";
const COUNT: &str = "SELECT count(*), count(CASE WHEN created_by = ? THEN 1 END) FROM custom_emojis";

pub(crate) async fn list(db: &impl ConnectionTrait) -> StoreResult<EmojiList> {
    let rows = db.query_all_raw(statement(db, LIST, [EMOJIS.into()])).await.map_err(failure)?;
    let first = rows.first().ok_or_else(|| damaged("it does not count its emojis"))?;
    let version = first.try_get_by_index(0).map_err(failure)?;
    let emojis = rows.iter().filter_map(|row| read(row).transpose()).collect::<Result<_, _>>().map_err(failure)?;
    Ok(EmojiList { version, emojis })
}

fn read(row: &QueryResult) -> Result<Option<EmojiRecord>, DbErr> {
    let Some(id) = row.try_get_by_index(1)? else { return Ok(None) };
    Ok(Some(EmojiRecord {
        id,
        name: row.try_get_by_index(2)?,
        picture: row.try_get_by_index(3)?,
        created_by: row.try_get_by_index(4)?,
        created_at: row.try_get_by_index(5)?,
    }))
}

pub(crate) async fn version(db: &impl ConnectionTrait) -> StoreResult<i64> {
    newest_of(db, Counter::Emojis).await.map_err(failure)
}

/// Which of the unique keys it was matters not: nobody guesses the key of a picture.
fn taken(error: DbErr) -> StoreError {
    if broken_unique(&error).is_some() { StoreError::EmojiTaken } else { failure(error) }
}

pub(crate) async fn create(tx: &mut Tx, emoji: NewEmoji) -> StoreResult<EmojiRecord> {
    // Whoever has the counter is alone in changing them: no other takes the last place while this looks.
    let id = tx.next_of(Counter::Emojis).await?;
    let maker = users::Entity::find_by_id(emoji.created_by).one(&tx.db).await.map_err(failure)?;
    let maker = maker.filter(|maker| maker.deactivated_at.is_none()).ok_or(StoreError::Stale)?;
    let row = tx.db.query_one_raw(statement(&tx.db, COUNT, [maker.id.into()])).await.map_err(failure)?;
    let row = row.ok_or_else(|| damaged("nobody counts"))?;
    let count = |index| row.try_get_by_index::<i64>(index).map_err(failure);
    if count(0)? >= limits::EMOJIS as i64 {
        return Err(StoreError::TooManyEmojis);
    }
    if count(1)? >= limits::EMOJIS_OF_ONE as i64 && !maker.is_admin {
        return Err(StoreError::TooManyOwnEmojis);
    }
    let NewEmoji { name, picture, created_by, created_at } = emoji;
    let row = custom_emojis::ActiveModel {
        id: Set(id),
        name: Set(name.clone()),
        picture: Set(picture.clone()),
        created_by: Set(created_by),
        created_at: Set(created_at),
    };
    custom_emojis::Entity::insert(row).exec_without_returning(&tx.db).await.map_err(taken)?;
    tx.changes.push(Committed::Emojis(id));
    Ok(EmojiRecord { id, name, picture, created_by, created_at })
}

pub(crate) async fn delete(tx: &mut Tx, id: i64, by: i64) -> StoreResult<String> {
    let version = tx.next_of(Counter::Emojis).await?;
    let emoji = custom_emojis::Entity::find_by_id(id).one(&tx.db).await.map_err(failure)?;
    let emoji = emoji.ok_or(StoreError::NotFound)?;
    check_rights(tx, emoji.created_by, by).await.map_err(|error| match error {
        StoreError::Stale => StoreError::NotFound,
        other => other,
    })?;
    custom_emojis::Entity::delete_by_id(id).exec(&tx.db).await.map_err(failure)?;
    give_up(tx, Some(&Avatar::Uploaded(emoji.picture.clone()))).await?;
    tx.changes.push(Committed::Emojis(version));
    Ok(emoji.picture)
}
