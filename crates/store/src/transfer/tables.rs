//! The tables, and how the rows of one become those of the other: page by page in the order of their keys, each row that differs is
//! written, each that is only there is deleted. What is the same is only read, so that an interrupted copy goes on. Not in which order.

use std::{
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher as _},
};

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, Condition, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, ExprTrait, IdenStatic as _,
    IntoActiveModel, Iterable as _, ModelTrait, PrimaryKeyToColumn as _, QueryFilter, QueryOrder, QuerySelect, Value,
    sea_query::{Expr, OnConflict},
};

use crate::{
    engine::Site,
    entity::{
        changes, counters, custom_emojis, files, jobs, members, mentions, messages, meta, own_logs, rooms, sessions,
        spent_tickets, tries, users,
    },
    moved::{MOVED, UNFINISHED},
    users::TOKEN_SECRET,
};

/// Rows that are read at once.
pub(crate) const PAGE: u64 = 4_000;
/// Rows of one insert: an engine takes no more than 32766 values.
const INSERT: usize = 1_000;
/// Bytes of texts in one insert, and more: a server may take no more than 16 MiB.
const BYTES: usize = 4 * 1024 * 1024;

/// A table whose rows can be compared, copied and counted.
pub(crate) trait Table: EntityTrait<Model: Hash + PartialEq + Clone + Send + Sync> {
    /// The same for both, in which ever order they come.
    type Key: Ord + Send;

    fn key(row: &Self::Model) -> Self::Key;

    fn into_active(row: Self::Model) -> Self::ActiveModel;

    /// Whether a row says the same of every database that holds the data.
    fn is_carried(_: &Self::Model) -> bool {
        true
    }

    /// Whether it has what one row may give up and another one take.
    const HAS_NAMES: bool = false;

    /// The row without that: until both are written, neither has it.
    fn nameless(_: &Self::Model) -> Option<Self::ActiveModel> {
        None
    }

    /// How long it is, where it can be long.
    fn bytes(_: &Self::Model) -> usize {
        0
    }
}

macro_rules! table {
    ($module:ident: $type:ty = $row:ident => $key:expr $(; $($more:item)+)?) => {
        impl Table for $module::Entity {
            type Key = $type;

            fn key($row: &$module::Model) -> $type {
                $key
            }

            fn into_active(row: $module::Model) -> $module::ActiveModel {
                row.into_active_model().reset_all()
            }

            $($($more)+)?
        }
    };
}

table!(users: i64 = row => row.id;
    const HAS_NAMES: bool = true;
    fn nameless(row: &users::Model) -> Option<users::ActiveModel> {
        let email_key = Set(format!("{} moves", row.id));
        Some(users::ActiveModel { id: Unchanged(row.id), email_key, look_key: Set(None), ..Default::default() })
    }
);
table!(rooms: i64 = row => row.id);
table!(members: (i64, i64) = row => (row.room_id, row.user_id));
table!(sessions: i64 = row => row.id);
table!(messages: i64 = row => row.id;
    fn bytes(row: &messages::Model) -> usize {
        row.content.len() + row.attachments.as_ref().map_or(0, String::len)
    }
);
table!(changes: (i64, i64) = row => (row.room_id, row.seq);
    fn bytes(row: &changes::Model) -> usize {
        row.payload.as_ref().map_or(0, String::len)
    }
);
table!(mentions: (i64, i64, i64) = row => (row.user_id, row.room_id, row.seq));
table!(own_logs: i64 = row => row.user_id);
table!(jobs: i64 = row => row.id);
table!(files: i64 = row => row.id);
// There are fewer than a page: what gave up a name is deleted there before another takes it.
table!(custom_emojis: i64 = row => row.id);
table!(spent_tickets: (i64, Vec<u8>) = row => (row.ends_at, row.hash.clone()));
table!(tries: Vec<u8> = row => row.hash.clone());
table!(counters: String = row => row.name.clone());
// The start that a file has seen is its own; where the secret of the tokens is kept differs.
table!(meta: String = row => row.key.clone();
    fn is_carried(row: &meta::Model) -> bool {
        !["start", TOKEN_SECRET, MOVED, UNFINISHED].contains(&row.key.as_str())
    }
);

/// Names of all tables that are copied.
pub(crate) const TABLES: [&str; 15] = [
    "users",
    "rooms",
    "members",
    "sessions",
    "messages",
    "changes",
    "mentions",
    "own_logs",
    "jobs",
    "files",
    "custom_emojis",
    "spent_tickets",
    "tries",
    "counters",
    "meta",
];

pub(crate) fn hash(row: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    row.hash(&mut hasher);
    hasher.finish()
}

fn key_columns<E: Table>() -> Vec<E::Column> {
    E::PrimaryKey::iter().map(|key| key.into_column()).collect()
}

/// Where a row stands.
type Place = Vec<Value>;

fn place<E: Table>(row: &E::Model) -> Place {
    key_columns::<E>().into_iter().map(|column| row.get(column)).collect()
}

/// Rows behind one place, up to another one and so many at most. The first column is compared by itself, too, for engines that see
/// no range in a comparison of several.
async fn between<E: Table>(
    db: &impl ConnectionTrait,
    after: Option<&Place>,
    to: Option<&Place>,
    limit: Option<u64>,
) -> Result<Vec<E::Model>, DbErr> {
    let columns = key_columns::<E>();
    let all = || Expr::tuple(columns.iter().map(|column| Expr::col(*column)));
    let values = |place: &Place| Expr::tuple(place.iter().map(|value| Expr::val(value.clone())));
    let mut query = E::find();
    if let Some(place) = after {
        query = query.filter(columns[0].gte(place[0].clone()));
        if columns.len() > 1 {
            query = query.filter(all().gt(values(place)));
        } else {
            query = query.filter(columns[0].ne(place[0].clone()));
        }
    }
    if let Some(place) = to {
        query = query.filter(columns[0].lte(place[0].clone()));
        if columns.len() > 1 {
            query = query.filter(all().lte(values(place)));
        }
    }
    for column in columns {
        query = query.order_by_asc(column);
    }
    query.limit(limit).all(db).await
}

/// All rows of a table that are carried, page by page. They must be those of one moment, or only grow at the end.
pub(crate) struct Pages<E: Table> {
    after: Option<Place>,
    is_done: bool,
    table: std::marker::PhantomData<E>,
}

impl<E: Table> Pages<E> {
    pub(crate) fn new() -> Self {
        Self { after: None, is_done: false, table: std::marker::PhantomData }
    }

    pub(crate) async fn next(&mut self, db: &impl ConnectionTrait) -> Result<Option<Vec<E::Model>>, DbErr> {
        if self.is_done {
            return Ok(None);
        }
        let rows = between::<E>(db, self.after.as_ref(), None, Some(PAGE)).await?;
        self.is_done = (rows.len() as u64) < PAGE;
        self.after = rows.last().map(place::<E>);
        Ok(Some(rows))
    }
}

/// What a table comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Total {
    pub(crate) rows: u64,
    /// Of all rows, in whichever order they come.
    pub(crate) checksum: u64,
}

impl Total {
    pub(crate) fn add(&mut self, row: &impl Hash) {
        self.rows += 1;
        self.checksum = self.checksum.wrapping_add(hash(row));
    }

    pub(crate) async fn of<E: Table>(db: &impl ConnectionTrait) -> Result<Self, DbErr> {
        let mut total = Self::default();
        let mut pages = Pages::<E>::new();
        while let Some(rows) = pages.next(db).await? {
            rows.iter().filter(|row| E::is_carried(row)).for_each(|row| total.add(row));
        }
        Ok(total)
    }
}

/// How a page of a table differs from what the copy has.
struct Difference<E: Table> {
    /// Rows that are to be written.
    rows: Vec<E::Model>,
    /// Those of them that are there, as they are there.
    known: Vec<E::Model>,
    /// Rows that are only there.
    surplus: Vec<E::Model>,
}

/// All differences of a table, page by page.
struct Differences<E: Table>(Pages<E>);

impl<E: Table> Differences<E> {
    async fn next(
        &mut self,
        source: &impl ConnectionTrait,
        target: &DatabaseConnection,
    ) -> Result<Option<Difference<E>>, DbErr> {
        let Self(pages) = self;
        let after = pages.after.clone();
        let Some(mut rows) = pages.next(source).await? else { return Ok(None) };
        let there = between::<E>(target, after.as_ref(), pages.after.as_ref().filter(|_| !pages.is_done), None).await?;
        let there = there.into_iter().filter(E::is_carried);
        let mut there: BTreeMap<_, _> = there.map(|row| (E::key(&row), row)).collect();
        // Those that stay are taken out; the others are there no more.
        let mut known = Vec::new();
        rows.retain(|row| {
            let same = there.remove(&E::key(row));
            let differs = E::is_carried(row) && same.as_ref() != Some(row);
            known.extend(same.filter(|_| differs));
            differs
        });
        Ok(Some(Difference { rows, known, surplus: there.into_values().collect() }))
    }
}

/// Makes a table of the one database what it is in the other; gives how many rows were written or deleted for that.
pub(crate) async fn level<E: Table>(
    source: &impl ConnectionTrait,
    (site, target): (&Site, &DatabaseConnection),
) -> Result<u64, DbErr> {
    if E::HAS_NAMES {
        free::<E>(source, (site, target)).await?;
    }
    let (mut differences, mut changed) = (Differences(Pages::<E>::new()), 0);
    while let Some(Difference { rows, surplus, .. }) = differences.next(source, target).await? {
        if rows.is_empty() && surplus.is_empty() {
            continue;
        }
        changed += (rows.len() + surplus.len()) as u64;
        let tx = site.begin(target).await?;
        for row in &surplus {
            let is_it = key_columns::<E>().into_iter().zip(place::<E>(row));
            let is_it = is_it.fold(Condition::all(), |all, (column, value)| all.add(column.eq(value)));
            E::delete_many().filter(is_it).exec(&tx).await?;
        }
        put::<E>(&tx, rows).await?;
        tx.commit().await?;
    }
    Ok(changed)
}

/// Lets all rows that differ give up their names before the first is written: who has one now may stand pages before who had it.
async fn free<E: Table>(
    source: &impl ConnectionTrait,
    (site, target): (&Site, &DatabaseConnection),
) -> Result<(), DbErr> {
    let mut differences = Differences(Pages::<E>::new());
    while let Some(Difference { known, .. }) = differences.next(source, target).await? {
        if known.is_empty() {
            continue;
        }
        let tx = site.begin(target).await?;
        for row in known.iter().filter_map(E::nameless) {
            E::update(row).exec_without_returning(&tx).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

/// Writes rows, over those with the same key.
pub(crate) async fn put<E: Table>(tx: &impl ConnectionTrait, rows: Vec<E::Model>) -> Result<(), DbErr> {
    let key = key_columns::<E>();
    let is_key = |column: &E::Column| key.iter().any(|key| key.as_str() == column.as_str());
    let others: Vec<E::Column> = E::Column::iter().filter(|column| !is_key(column)).collect();
    let mut there = OnConflict::columns(key.iter().copied());
    if others.is_empty() {
        there.do_nothing_on(key.iter().copied());
    } else {
        there.update_columns(others);
    }
    let (mut batch, mut bytes) = (Vec::new(), 0);
    for row in rows {
        bytes += E::bytes(&row);
        batch.push(E::into_active(row));
        if batch.len() == INSERT || bytes > BYTES {
            insert::<E>(tx, std::mem::take(&mut batch), &there).await?;
            bytes = 0;
        }
    }
    insert::<E>(tx, batch, &there).await
}

async fn insert<E: Table>(
    tx: &impl ConnectionTrait,
    rows: Vec<E::ActiveModel>,
    there: &OnConflict,
) -> Result<(), DbErr> {
    if rows.is_empty() {
        return Ok(());
    }
    E::insert_many(rows).on_conflict(there.clone()).exec_without_returning(tx).await.map(drop)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{dialect::statement, migration::database_after};

    /// Who has it now is on another page than who had it.
    #[tokio::test]
    async fn an_address_that_changes_hands_while_it_is_copied_moves() {
        let last = i64::try_from(PAGE).expect("a number") + 1;
        let (_here, source) = database_after(None).await;
        let (there, target) = database_after(None).await;
        let site = Site::File(there.path().join("x.db"));
        let users = format!(
            "INSERT INTO users (id, username, username_key, email, email_key, display_name, search_key, bio, status_text, \
             is_admin, password_hash, created_at, version) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n \
             WHERE i < {last}) SELECT i, i, i, i, i, '', '', '', '', 0, '', 0, 0 FROM n"
        );
        source.execute_unprepared(&users).await.expect("written");
        level::<users::Entity>(&source, (&site, &target)).await.expect("copied");
        let give = "UPDATE users SET email_key = ? WHERE id = ?";
        for (one, other) in [(1, last), (last, 1)] {
            for (key, id) in [("free".to_owned(), other), (format!("of {other}"), one)] {
                source.execute_raw(statement(&source, give, [key.into(), id.into()])).await.expect("given");
            }
            level::<users::Entity>(&source, (&site, &target)).await.expect("copied");
            let take = statement(&source, give, [format!("of {other}").into(), one.into()]);
            source.execute_raw(take).await.expect("given");
            for (key, id) in [("gone".to_owned(), one), (format!("of {other}"), other)] {
                source.execute_raw(statement(&source, give, [key.into(), id.into()])).await.expect("given");
            }
            level::<users::Entity>(&source, (&site, &target)).await.expect("copied, whoever has it now");
            let all = async |db| Total::of::<users::Entity>(db).await.expect("counted");
            assert_eq!(all(&source).await, all(&target).await);
        }
    }

    /// One that its type lacks would be lost.
    #[tokio::test]
    async fn every_column_moves() {
        async fn check<E: Table>(db: &DatabaseConnection) {
            let table = E::default().table_name().to_owned();
            let ask = crate::dialect::statement(db, "SELECT name FROM pragma_table_info(?)", [table.as_str().into()]);
            let rows = db.query_all_raw(ask).await.expect("asked");
            let there: BTreeSet<String> = rows.iter().map(|row| row.try_get_by_index(0).expect("a name")).collect();
            let known: BTreeSet<String> = E::Column::iter().map(|column| column.as_str().to_owned()).collect();
            assert_eq!(there, known, "{table}");
        }
        let (_directory, db) = database_after(None).await;
        check::<users::Entity>(&db).await;
        check::<rooms::Entity>(&db).await;
        check::<members::Entity>(&db).await;
        check::<sessions::Entity>(&db).await;
        check::<messages::Entity>(&db).await;
        check::<changes::Entity>(&db).await;
        check::<mentions::Entity>(&db).await;
        check::<own_logs::Entity>(&db).await;
        check::<jobs::Entity>(&db).await;
        check::<files::Entity>(&db).await;
        check::<custom_emojis::Entity>(&db).await;
        check::<spent_tickets::Entity>(&db).await;
        check::<tries::Entity>(&db).await;
        check::<counters::Entity>(&db).await;
        check::<meta::Entity>(&db).await;
    }
}
