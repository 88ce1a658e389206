//! Which history the positions of a database belong to. Of a file a start notices by itself that it was restored (`marker.rs`); of a
//! database server nobody can, and whoever restored it says so.

use sea_orm::{ActiveValue::Set, DatabaseConnection, EntityTrait};

use crate::{
    OpenError, Site, StoreConfig,
    engine::{OpenMode, reach},
    entity::meta,
    marker,
    migration::Schema,
    named,
};

const KEY: &str = "epoch";

pub(crate) async fn read(db: &DatabaseConnection) -> Result<i64, OpenError> {
    let row = meta::Entity::find_by_id(KEY).one(db).await?;
    row.and_then(|row| row.value.parse().ok()).ok_or_else(|| OpenError::Damaged("it has no epoch".into()))
}

/// The same of a database from outside. Another database has another one, unless it is a copy.
pub async fn look_up_epoch(site: &Site) -> Result<i64, OpenError> {
    let db = StoreConfig::at(site.clone()).connect(OpenMode::Look).await?;
    let epoch = read(&db).await?;
    db.close().await?;
    Ok(epoch)
}

/// The database is an older state of itself, whose tables may be older, too: from its next start on its positions belong to another
/// history. A server that runs goes on in the one of before.
pub async fn begin_new_history(site: &Site) -> Result<(), OpenError> {
    renew(site).await.map_err(|error| named(site, error))
}

async fn renew(site: &Site) -> Result<(), OpenError> {
    site.check()?;
    let missing = || OpenError::NoDatabase { place: site.to_string() };
    if let Site::File(path) = site {
        return if path.exists() { marker::forget(path) } else { Err(missing()) };
    }
    reach(site, std::time::Duration::ZERO).await?;
    let db = StoreConfig::at(site.clone()).connect(OpenMode::Write).await?;
    match Schema::of(&db).await? {
        Schema::Lacks { new: true, .. } => return Err(missing()),
        Schema::Newer { step } => return Err(OpenError::NewerSchema { step }),
        Schema::Current | Schema::Lacks { .. } => {}
    }
    let renewed = meta::ActiveModel { key: Set(KEY.into()), value: Set(marker::random().to_string()) };
    meta::Entity::update(renewed).exec(&db).await?;
    Ok(db.close().await?)
}
