//! An account as it is stored. Not what others may see of it.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, Hash, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    pub username: String,
    pub username_key: String,
    pub email: String,
    pub email_key: String,
    pub display_name: String,
    /// Name and display name in lower case, for people search.
    pub search_key: String,
    pub bio: String,
    pub status_text: String,
    pub locale: Option<String>,
    pub theme: Option<String>,
    pub is_admin: bool,
    pub password_hash: String,
    pub created_at: i64,
    pub last_seen: Option<i64>,
    pub deactivated_at: Option<i64>,
    /// What nobody else's name may look like; `None` where an older account had that look first, before it was asked for.
    pub look_key: Option<String>,
    /// The word of a drawn picture, or the key of an uploaded one.
    pub avatar: Option<String>,
    /// Goes up with each change of what the account may do.
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
