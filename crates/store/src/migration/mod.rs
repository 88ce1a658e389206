//! The steps by which a database becomes what this program expects. Applied ones are never edited.

mod m0001_foundation;
mod m0002_recalled;
mod m0003_expiry;
mod m0004_payload;

use sea_orm_migration::{MigrationTrait, MigratorTrait};

pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_foundation::Migration),
            Box::new(m0002_recalled::Migration),
            Box::new(m0003_expiry::Migration),
            Box::new(m0004_payload::Migration),
        ]
    }
}
