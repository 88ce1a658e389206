//! The mark that the data of a database has moved to another one, and the one that it is still being filled: nobody may work on
//! either. It copies nothing.

use sea_orm::{ActiveValue::Set, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait};

use crate::{engine::words, entity::meta, open_error::OpenError};

/// The fact that the data has moved: where to.
pub(crate) const MOVED: &str = "moved_to";
/// The fact that this is a copy that is not whole yet: of which history.
pub(crate) const UNFINISHED: &str = "copy_of_epoch";

pub(crate) async fn fact(db: &impl ConnectionTrait, key: &str) -> Result<Option<String>, DbErr> {
    Ok(meta::Entity::find_by_id(key).one(db).await?.map(|row| row.value))
}

/// Refuses a database that nobody may work on.
pub(crate) async fn check(db: &DatabaseConnection) -> Result<(), OpenError> {
    if let Some(place) = fact(db, MOVED).await? {
        return Err(OpenError::Moved { place });
    }
    if fact(db, UNFINISHED).await?.is_some() {
        return Err(OpenError::Unfinished);
    }
    Ok(())
}

/// What a connection that begins to write hears where the data is elsewhere.
pub(crate) const GONE: &str = "the data has moved to another database";

/// The same for a connection that begins to write to a server: its node may have been cut off while all others were stopped and the
/// data was moved, and what it wrote would be lost.
pub(crate) async fn refuse(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    match fact(db, MOVED).await? {
        Some(_) => Err(DbErr::Custom(GONE.to_owned())),
        None => Ok(()),
    }
}

/// Marks that everything is elsewhere from the commit of this transaction on. In a file nobody can change anything after that: neither
/// a server that runs, nor an older one, nor by hand. On a server nobody else may be connected.
pub(crate) async fn mark(tx: &DatabaseTransaction, place: &str, tables: &[&str]) -> Result<(), DbErr> {
    let fact = meta::ActiveModel { key: Set(MOVED.to_owned()), value: Set(place.to_owned()) };
    meta::Entity::insert(fact).exec_without_returning(tx).await?;
    for table in tables {
        for bar in words(tx).bars(table, &OpenError::Moved { place: place.to_owned() }.to_string()) {
            tx.execute_unprepared(&bar).await?;
        }
    }
    Ok(())
}
