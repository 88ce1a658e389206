//! A login as it is stored: hashes only. Not a credential.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, Hash, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub user_id: i64,
    pub cookie_hash: Vec<u8>,
    pub refresh_hash: Vec<u8>,
    /// The refresh token before the current one: whoever shows it again has stolen it, or was stolen from.
    pub spent_refresh_hash: Option<Vec<u8>>,
    /// When the current one took the place of the one before.
    pub refreshed_at: Option<i64>,
    pub device: String,
    pub address: String,
    pub created_at: i64,
    pub last_seen: i64,
    pub expires_at: i64,
    pub revoked_at: Option<i64>,
    /// Which revocation that was, of all: a number that follows the commits, as the time does not where several clocks give it.
    pub revocation: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
