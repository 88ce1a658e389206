//! The database that the data moves to: what it must be, the mark that it is not whole yet, and what it needs to be a database of its own.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DatabaseConnection, EntityTrait};

use super::{TransferError, TransferPlan, alone, tables::put};
use crate::{
    OpenError, Site, StoreConfig,
    dialect::statement,
    engine::{self, OpenMode},
    entity::meta,
    ids, marker,
    migration::{self, Schema},
    moved::{UNFINISHED, fact},
    named,
    users::TOKEN_SECRET,
};

/// The database that the data moves to.
pub(super) struct Target {
    site: Site,
    pub(super) db: DatabaseConnection,
    secret: Option<[u8; 32]>,
}

impl Target {
    pub(super) async fn open(plan: &TransferPlan, mode: OpenMode) -> Result<Self, TransferError> {
        let site = plan.target.clone();
        let open = async {
            site.check()?;
            engine::reach(&site, Duration::ZERO).await?;
            let db = StoreConfig::at(site.clone()).connect(mode).await?;
            site.check_engine(&db, 1).await?;
            Ok(db)
        };
        let db = open.await.map_err(|error| TransferError::Target(named(&site, error)))?;
        Ok(Self { site, db, secret: plan.secret })
    }

    /// Whether it has a part of a copy of this source. What is neither that nor empty is refused.
    pub(super) async fn is_begun(&self, source: &DatabaseConnection, has_moved: bool) -> Result<bool, TransferError> {
        match self.is_copy_of(source).await {
            Err(TransferError::NotEmpty { place }) if has_moved => {
                Err(TransferError::Source(OpenError::Moved { place }))
            }
            other => other,
        }
    }

    async fn is_copy_of(&self, source: &DatabaseConnection) -> Result<bool, TransferError> {
        let place = self.site.to_string();
        let schema = Schema::of(&self.db).await?;
        if let Schema::Newer { step } = schema {
            return Err(TransferError::Target(OpenError::NewerSchema { step }));
        }
        let is_new = matches!(schema, Schema::Lacks { new: true, .. });
        if is_new {
            // The first step of all makes one table that says which steps were taken.
            return if self.site.count_tables(&self.db).await? <= 1 {
                Ok(false)
            } else {
                Err(TransferError::NotEmpty { place })
            };
        }
        match fact(&self.db, UNFINISHED).await? {
            Some(epoch) if Some(&epoch) == fact(source, "epoch").await?.as_ref() => return Ok(true),
            Some(_) => return Err(TransferError::OfAnother { place }),
            None => {}
        }
        // One that a server has made and nobody has used will do.
        for table in ["users", "messages", "changes"] {
            let ask = statement(&self.db, &format!("SELECT 1 FROM {table} LIMIT 1"), []);
            if self.db.query_one_raw(ask).await?.is_some() {
                return Err(TransferError::NotEmpty { place });
            }
        }
        Ok(false)
    }

    /// Makes its tables, and marks it as a copy that is not whole.
    pub(super) async fn prepare(&self, source: &DatabaseConnection, has_moved: bool) -> Result<(), TransferError> {
        self.site.lock_schema(&self.db).await.map_err(TransferError::Target)?;
        let is_begun = self.is_begun(source, has_moved).await?;
        alone(&self.site, &self.db).await?;
        if let Schema::Lacks { steps, .. } = Schema::of(&self.db).await? {
            migration::apply(&self.db, steps).await?;
        }
        if !is_begun {
            let epoch = fact(source, "epoch").await?.unwrap_or_default();
            let mark = meta::ActiveModel { key: Set(UNFINISHED.to_owned()), value: Set(epoch) };
            meta::Entity::insert(mark).exec_without_returning(&self.db).await?;
        }
        Ok(())
    }

    /// Lets servers work on it: ids go on behind those that were given, and the copy is whole. Gives the secret of the tokens, which
    /// a file does not keep.
    pub(super) async fn finish(&self, source: &DatabaseConnection) -> Result<Option<[u8; 32]>, TransferError> {
        let kept = fact(source, TOKEN_SECRET).await?;
        let secret = kept.and_then(|kept| BASE64.decode(kept).ok()?.try_into().ok()).or(self.secret);
        let start = match &self.site {
            Site::File(path) => Some(marker::adopt(path, &self.db).await.map_err(TransferError::Target)?),
            Site::Postgres(_) | Site::MySql(_) => None,
        };
        let tx = self.site.begin(&self.db).await?;
        if self.site.is_shared() {
            ids::move_behind(&tx, ids::newest(source).await?).await?;
            if let Some(secret) = secret {
                let (key, value) = (TOKEN_SECRET.to_owned(), BASE64.encode(secret));
                put::<meta::Entity>(&tx, vec![meta::Model { key, value }]).await?;
            }
        }
        meta::Entity::delete_by_id(UNFINISHED).exec(&tx).await?;
        tx.commit().await?;
        self.site.unlock_schema(&self.db).await?;
        self.site.settle(&self.db).await?;
        self.db.close_by_ref().await?;
        if let Some(start) = start {
            start.seal();
        }
        Ok(secret.filter(|_| !self.site.is_shared()))
    }
}
