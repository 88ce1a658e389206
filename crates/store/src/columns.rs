//! Reading rows by position: a name would be made and looked up for each value of each row, which costs more than the
//! query itself. What a row means is decided by whoever reads it.

use sea_orm::{DbErr, QueryResult, TryGetable};

use crate::entity::{files, members, messages, rooms, users};

/// A type that is read whole from neighbouring columns.
pub(crate) trait Entire: Sized {
    /// The columns in the order in which they are read; the first is never null in a row that exists.
    const COLUMNS: &'static [&'static str];

    fn read(columns: &mut Columns<'_>) -> Result<Self, DbErr>;

    /// The same on the connection of `prepared.rs`, from this column on.
    fn read_hot(row: &rusqlite::Row<'_>, at: usize) -> rusqlite::Result<Self>;

    /// The columns for a `SELECT` from the table that is named so in it.
    fn select(table: &str) -> String {
        Self::COLUMNS.iter().map(|column| format!("{table}.{column}")).collect::<Vec<_>>().join(", ")
    }
}

/// The values of one row from left to right.
pub(crate) struct Columns<'r> {
    row: &'r QueryResult,
    at: usize,
}

impl<'r> Columns<'r> {
    pub(crate) fn of(row: &'r QueryResult) -> Self {
        Self { row, at: 0 }
    }

    pub(crate) fn next<T: TryGetable>(&mut self) -> Result<T, DbErr> {
        let value = self.row.try_get_by_index(self.at);
        self.at += 1;
        value
    }

    /// What a left join may not have found.
    pub(crate) fn maybe<T: Entire>(&mut self) -> Result<Option<T>, DbErr> {
        if self.row.try_get_by_index::<Option<i64>>(self.at)?.is_some() {
            return T::read(self).map(Some);
        }
        self.at += T::COLUMNS.len();
        Ok(None)
    }
}

/// Names every field once: a new column that is forgotten here does not compile.
macro_rules! entire {
    ($model:ty: $($column:ident)+) => {
        impl $crate::columns::Entire for $model {
            const COLUMNS: &'static [&'static str] = &[$(stringify!($column)),+];

            fn read(columns: &mut $crate::columns::Columns<'_>) -> Result<Self, sea_orm::DbErr> {
                Ok(Self { $($column: columns.next()?),+ })
            }

            fn read_hot(row: &rusqlite::Row<'_>, at: usize) -> rusqlite::Result<Self> {
                let mut at = at..;
                Ok(Self { $($column: row.get(at.next().unwrap_or_default())?),+ })
            }
        }
    };
}
pub(crate) use entire;

entire!(files::Model: id user_id created_at name name_key length received parts expires_at hash size media_type category width
    height duration_ms placeholder waveform thumbs message_id room_id thumb_bytes brought_by);
entire!(members::Model: room_id user_id role joined_at version read_seq read_ordinal own_seq deactivated);
entire!(messages::Model: id room_id seq user_id username kind content created_at edited_at recalled_at client_id body_hash
    ordinal reply_to mentions mentions_room mention_spans guest event actor_id payload attachments);
entire!(rooms::Model: id kind name name_key description is_private direct_key created_by created_at updated_at deleted_at
    last_seq message_count member_count last_message_id client_id body_hash avatar);
entire!(users::Model: id username username_key email email_key display_name search_key bio status_text locale theme is_admin
    password_hash created_at last_seen deactivated_at look_key version avatar);
