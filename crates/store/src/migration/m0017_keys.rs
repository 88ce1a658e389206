//! The keys of names, looks and addresses, made anew: what they fold has changed since some of them were written, and who had an
//! older one could not log in by it. Where two accounts have one key by now, both keep what they have.

use std::collections::HashSet;

use chinwag_domain::text;
use sea_orm::{ActiveValue::Set, EntityTrait, QueryOrder, QuerySelect};
use sea_orm_migration::prelude::*;

use crate::entity::users::{ActiveModel, Column, Entity};

pub struct Migration;

impl MigrationName for Migration {
    fn name(&self) -> &str {
        "m0017_keys"
    }
}

/// The keys of one kind, each of which may be there once.
struct Keys(HashSet<String>);

impl Keys {
    /// The key that is to be written instead of the one that is there.
    fn renewed(&mut self, old: Option<&str>, new: String) -> Option<String> {
        if old == Some(&new) || !self.0.insert(new.clone()) {
            return None;
        }
        if let Some(old) = old {
            self.0.remove(old);
        }
        Some(new)
    }
}

type Row = (i64, String, String, String, String, Option<String>);

#[expect(elided_lifetimes_in_paths, reason = "the trait is declared so, and an async_trait signature must match it")]
#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        let columns =
            [Column::Id, Column::Username, Column::UsernameKey, Column::Email, Column::EmailKey, Column::LookKey];
        let accounts: Vec<Row> =
            Entity::find().select_only().columns(columns).order_by_asc(Column::Id).into_tuple().all(db).await?;
        let mut names = Keys(accounts.iter().map(|account| account.2.clone()).collect());
        let mut addresses = Keys(accounts.iter().map(|account| account.4.clone()).collect());
        let mut looks = Keys(accounts.iter().filter_map(|account| account.5.clone()).collect());
        for (id, name, name_key, address, address_key, look) in accounts {
            let name_key = names.renewed(Some(&name_key), text::name_key(&name));
            let address_key = addresses.renewed(Some(&address_key), text::address_key(&address));
            let look = looks.renewed(look.as_deref(), text::look_key(&name));
            if name_key.is_none() && address_key.is_none() && look.is_none() {
                continue;
            }
            let mut row = ActiveModel { id: Set(id), ..Default::default() };
            row.username_key = name_key.map_or(row.username_key, Set);
            row.email_key = address_key.map_or(row.email_key, Set);
            row.look_key = look.map_or(row.look_key, |look| Set(Some(look)));
            Entity::update(row).exec_without_returning(db).await?;
        }
        Ok(())
    }

    /// Whoever reads them by the older rules finds those that these did not change.
    async fn down(&self, _: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use sea_orm::ConnectionTrait;

    use super::*;
    use crate::{
        dialect,
        migration::{Migrator, database_after},
    };

    #[tokio::test]
    async fn who_could_not_log_in_by_an_older_key_can_and_nobody_takes_anothers() {
        let (_directory, db) = database_after(Some(16)).await;
        let insert = "INSERT INTO users (id, username, username_key, email, email_key, look_key, display_name, search_key, bio, \
                      status_text, is_admin, password_hash, created_at) VALUES (?, ?, ?, ?, ?, ?, '', '', '', '', 0, '', 0)";
        let accounts = [
            (1_i64, "J\u{30c}ohn", "j\u{30c}ohn", "νίκος@example.gr", "νίκος@example.gr", Some("j\u{30c}ohn")),
            (2, "alice", "alice", "Alice@example.org", "alice@example.org", Some("alice")),
            (3, "aIice", "aiice", "ａlice@example.org", "ａlice@example.org", None),
            (
                4,
                "zoë_ali\u{307}",
                "zoë_ali\u{307}",
                "zoe@example.org",
                "zoe@example.org",
                Some("zoe\u{308}_ali\u{307}"),
            ),
        ];
        for (id, name, name_key, address, address_key, look) in accounts {
            let values = [id.into(), name.into(), name_key.into(), address.into(), address_key.into(), look.into()];
            db.execute_raw(dialect::statement(&db, insert, values)).await.expect("written");
        }
        Migrator::up(&db, None).await.expect("brought up to date");
        let users = Entity::find().order_by_asc(Column::Id).all(&db).await.expect("read");
        let keys: Vec<_> =
            users.iter().map(|user| (&*user.username_key, &*user.email_key, user.look_key.as_deref())).collect();
        assert_eq!(
            keys,
            [
                ("\u{1f0}ohn", "νίκοσ@example.gr", Some("j\u{306}ohn")),
                ("alice", "alice@example.org", Some("alice")),
                ("aiice", "ａlice@example.org", None),
                ("zoë_ali\u{307}", "zoe@example.org", Some("zoe\u{308}_ali")),
            ]
        );
    }
}
