//! The steps by which a database becomes what this program expects. Applied ones are never edited.

mod m0001_foundation;
mod m0002_recalled;
mod m0003_expiry;
mod m0004_payload;
mod m0005_wishes;
mod m0006_refreshed;
mod m0007_order;
mod m0008_deactivated_seats;
mod m0009_looks;
mod m0010_open_sessions;
mod m0011_jobs;
mod m0012_spans;
mod m0013_account_version;
mod m0014_counters;
mod m0015_administrators;
mod m0016_own_logs;
mod m0017_keys;
mod m0018_ids;
mod m0019_spent_tickets;
mod m0020_revocations;
mod m0021_receipts;
mod m0022_tries;
mod m0023_numbers;
mod m0024_files;
mod m0025_avatars;
mod m0026_file_lists;
mod m0027_thumb_bytes;
mod m0028_custom_emojis;
mod m0029_blobs;
mod steps;

use std::collections::HashSet;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTrait, SchemaManager};

use crate::{dialect::statement, failpoint::Failpoints};

pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let steps: Vec<Box<dyn MigrationTrait>> = vec![
            Box::new(m0001_foundation::Migration),
            Box::new(m0002_recalled::Migration),
            Box::new(m0003_expiry::Migration),
            Box::new(m0004_payload::Migration),
            Box::new(m0005_wishes::Migration),
            Box::new(m0006_refreshed::Migration),
            Box::new(m0007_order::Migration),
            Box::new(m0008_deactivated_seats::Migration),
            Box::new(m0009_looks::Migration),
            Box::new(m0010_open_sessions::Migration),
            Box::new(m0011_jobs::Migration),
            Box::new(m0012_spans::Migration),
            Box::new(m0013_account_version::Migration),
            Box::new(m0014_counters::Migration),
            Box::new(m0015_administrators::Migration),
            Box::new(m0016_own_logs::Migration),
            Box::new(m0017_keys::Migration),
            Box::new(m0018_ids::Migration),
            Box::new(m0019_spent_tickets::Migration),
            Box::new(m0020_revocations::Migration),
            Box::new(m0021_receipts::Migration),
            Box::new(m0022_tries::Migration),
            Box::new(m0023_numbers::Migration),
            Box::new(m0024_files::Migration),
            Box::new(m0025_avatars::Migration),
            Box::new(m0026_file_lists::Migration),
            Box::new(m0027_thumb_bytes::Migration),
            Box::new(m0028_custom_emojis::Migration),
            Box::new(m0029_blobs::Migration),
        ];
        steps.into_iter().map(|step| Box::new(Whole(step)) as Box<dyn MigrationTrait>).collect()
    }
}

/// A step that is there as a whole or not at all: its statements and the note that it was done are one transaction. Of itself the
/// migrator does that for PostgreSQL only, and a server that died on the way could never start again. On MySQL it cannot be: see
/// `steps.rs`.
struct Whole(Box<dyn MigrationTrait>);

impl MigrationName for Whole {
    fn name(&self) -> &str {
        self.0.name()
    }
}

#[expect(elided_lifetimes_in_paths, reason = "the trait is declared so, and an async_trait signature must match it")]
#[async_trait::async_trait]
impl MigrationTrait for Whole {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        self.0.up(manager).await?;
        Failpoints::from_environment().pass("in_migration").await;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        self.0.down(manager).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

/// What a database has of the steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Schema {
    /// So many steps are missing: all of them in a new database.
    Lacks {
        steps: u32,
        new: bool,
    },
    Current,
    /// It has a step that this program does not know.
    Newer {
        step: String,
    },
}

impl Schema {
    pub(crate) async fn of(db: &DatabaseConnection) -> Result<Self, DbErr> {
        let known: Vec<String> = Migrator::migrations().iter().map(|step| step.name().to_owned()).collect();
        let mut applied = HashSet::new();
        if SchemaManager::new(db).has_table("seaql_migrations").await? {
            let sql = "SELECT version FROM seaql_migrations ORDER BY version";
            for row in db.query_all_raw(statement(db, sql, [])).await? {
                let step: String = row.try_get_by_index(0)?;
                if !known.contains(&step) {
                    return Ok(Self::Newer { step });
                }
                applied.insert(step);
            }
        }
        Ok(match known.len() - applied.len() {
            0 => Self::Current,
            steps => Self::Lacks { steps: u32::try_from(steps).unwrap_or(u32::MAX), new: applied.is_empty() },
        })
    }
}

/// A database as it was after so many steps, or after all, and the directory that it is in.
#[cfg(test)]
pub(crate) async fn database_after(steps: Option<u32>) -> (tempfile::TempDir, DatabaseConnection) {
    let directory = tempfile::tempdir().expect("a directory");
    let config = crate::StoreConfig::file(directory.path().join("x.db"));
    let db = config.connect(crate::engine::OpenMode::Create).await.expect("opened");
    Migrator::up(&db, steps).await.expect("migrated");
    (directory, db)
}

/// Applies so many steps, each in a transaction of its own.
pub(crate) async fn apply(db: &DatabaseConnection, steps: u32) -> Result<(), DbErr> {
    for _ in 0..steps {
        Migrator::up(db, Some(1)).await?;
        Failpoints::from_environment().pass("after_migration").await;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{OpenError, StoreConfig, cost_tests::Here, open_beside};

    /// A server of an earlier version may run on it.
    #[tokio::test]
    async fn a_command_at_the_console_never_takes_a_step() {
        let all = u32::try_from(Migrator::migrations().len()).expect("few");
        for steps in 1..all {
            let (directory, db) = database_after(Some(steps)).await;
            let config = StoreConfig::file(directory.path().join("x.db"));
            let refused = open_beside(config, Arc::new(Here)).await.err();
            assert!(matches!(refused, Some(OpenError::OlderSchema)), "after {steps}: {refused:?}");
            assert_eq!(Schema::of(&db).await, Ok(Schema::Lacks { steps: all - steps, new: false }));
        }
    }
}
