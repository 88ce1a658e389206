//! Everything of a database copied to another one, of whichever engine, while a server works on it: in rounds, each of which copies
//! what has changed since the one before; then nobody may write for a moment, the last round is copied, both are compared, and the
//! first is marked as moved. Until that mark nothing happens to it, and who is interrupted goes on where they were.

mod logs;
mod report;
mod tables;
mod target;

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait as _, PaginatorTrait as _,
    TransactionTrait as _,
};
use tokio::time::sleep;

pub use logs::LogTotal;
pub use report::TransferReport;

use self::{
    logs::Totals,
    tables::{TABLES, Table, Total, level},
    target::Target,
};
use crate::{
    OpenError, Site, StoreConfig, check_schema,
    engine::OpenMode,
    entity::{
        counters, custom_emojis, files, jobs, members, mentions, meta, own_logs, rooms, sessions, spent_tickets, tries,
        users,
    },
    error::is_lost,
    failpoint::Failpoints,
    moved,
};

/// A round that took no longer is followed by the switch.
const QUICK: Duration = Duration::from_secs(1);
/// So many rounds are enough, however much is said meanwhile.
const ROUNDS: u32 = 8;
/// How long the switch waits for a moment in which nobody writes.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often it looks for one.
const AGAIN: Duration = Duration::from_millis(1);
/// Who has just left a server may still be seen there for so long.
const LEAVING: Duration = Duration::from_secs(2);

/// From where, and to where.
#[derive(Clone, Debug)]
pub struct TransferPlan {
    pub source: Site,
    pub target: Site,
    /// What signs the access tokens, where the source is a file.
    pub secret: Option<[u8; 32]>,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Positions of logs, in this round.
    Copying {
        done: u64,
        left: u64,
    },
    Comparing,
    /// Nobody can write until this is over.
    Switching,
}

/// Why the data is where it was. The text is for the person who moves it.
#[derive(Debug, thiserror::Error)]
pub enum TransferError {
    #[error("{0}")]
    Source(OpenError),
    #[error("The new database cannot be used. {0}")]
    Target(OpenError),
    #[error("The new database is the one that is in use. Name another one with --to.")]
    Same,
    #[error(
        "The database {place} is not empty. Name an empty one with --to, or empty it; a file of SQLite is moved away, with those beside it whose names begin with its own."
    )]
    NotEmpty { place: String },
    #[error("The database {place} holds a part of a copy of another one. Name an empty one with --to, or empty it.")]
    OfAnother { place: String },
    #[error(
        "{others} others are connected to the database that is to be left. Stop all nodes, and whatever else works on it, then do this again."
    )]
    InUse { others: i64 },
    #[error(
        "The copy of room {room} has come further than the room: the database was restored meanwhile. Empty the new database, and do this again."
    )]
    Ahead { room: i64 },
    #[error(
        "The copy is not the same as what was copied: {0}. Nothing has moved. Empty the new database, and do this again."
    )]
    Differs(String),
    #[error("{0}. Nothing has moved; do this again, and it goes on where it was.")]
    Database(DbErr),
}

impl From<DbErr> for TransferError {
    fn from(error: DbErr) -> Self {
        Self::Database(error)
    }
}

/// What there is to copy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    pub people: u64,
    pub rooms: u64,
    /// Positions of logs.
    pub changes: u64,
    /// Whether an interrupted copy is there, which goes on.
    pub goes_on: bool,
}

/// Looks whether the data could move, and changes nothing.
pub async fn survey(plan: &TransferPlan) -> Result<Survey, TransferError> {
    let (source, has_moved) = open_source(plan, OpenMode::Look).await?;
    let target = Target::open(plan, OpenMode::Look).await;
    // A file is not there yet.
    let goes_on = match target {
        Err(TransferError::Target(OpenError::Database(_))) if !plan.target.is_shared() => false,
        target => target?.is_begun(&source, has_moved).await?,
    };
    let rooms = logs::ends(&source).await?;
    let survey = Survey {
        people: users::Entity::find().count(&source).await?,
        rooms: rooms.len() as u64,
        changes: rooms.values().sum::<i64>().unsigned_abs(),
        goes_on: goes_on || has_moved,
    };
    source.close().await?;
    Ok(survey)
}

/// Copies everything, and lets the data be there from then on. A server may work on a file meanwhile, but none on a server's database.
pub async fn transfer(
    plan: &TransferPlan,
    tell: &mut (dyn FnMut(Progress) + Send),
) -> Result<TransferReport, TransferError> {
    let begun = Instant::now();
    let mode = if plan.source.is_shared() { OpenMode::Write } else { OpenMode::Look };
    let (source, has_moved) = open_source(plan, mode).await?;
    let target = Target::open(plan, OpenMode::Create).await?;
    if plan.source.is_shared() {
        // Nodes that start wait for this, and then find that the data has moved.
        plan.source.lock_schema(&source).await.map_err(TransferError::Source)?;
        alone(&plan.source, &source).await?;
    }
    target.prepare(&source, has_moved).await?;
    let mut course = Course { plan, target: &target, report: TransferReport::new(plan), tell };
    let totals = course.approach(&source).await?;
    if has_moved {
        course.compare(&source, totals).await?;
    } else {
        course.switch(&source, totals).await?;
    }
    let mut report = course.report;
    Failpoints::from_environment().pass("before_whole").await;
    report.secret = target.finish(&source).await?;
    if plan.source.is_shared() {
        plan.source.unlock_schema(&source).await?;
    }
    source.close().await?;
    report.took = begun.elapsed();
    Ok(report)
}

/// The database that is to be left, and whether it was left for the same one before.
async fn open_source(plan: &TransferPlan, mode: OpenMode) -> Result<(DatabaseConnection, bool), TransferError> {
    if plan.source == plan.target {
        return Err(TransferError::Same);
    }
    let has_moved = match check_schema(&plan.source).await {
        Ok(()) => false,
        Err(OpenError::Moved { place }) if place == plan.target.to_string() => true,
        Err(error) => return Err(TransferError::Source(error)),
    };
    let db = StoreConfig::at(plan.source.clone()).connect(mode).await.map_err(TransferError::Source)?;
    Ok((db, has_moved))
}

async fn alone(site: &Site, db: &DatabaseConnection) -> Result<(), TransferError> {
    let begun = Instant::now();
    loop {
        match site.count_others(db).await? {
            0 => return Ok(()),
            others if begun.elapsed() > LEAVING => return Err(TransferError::InUse { others }),
            _ => sleep(LEAVING / 20).await,
        }
    }
}

/// The rounds, and what they found.
struct Course<'a> {
    plan: &'a TransferPlan,
    target: &'a Target,
    report: TransferReport,
    tell: &'a mut (dyn FnMut(Progress) + Send),
}

/// What both databases come to, at the same moment.
struct Both {
    source: Totals,
    target: Totals,
}

impl Course<'_> {
    /// Rounds until there is little left to do, with everything compared once.
    async fn approach(&mut self, source: &DatabaseConnection) -> Result<Both, TransferError> {
        // The most of it, from a file without a state that others could not write behind.
        self.report.copied += logs::follow(source, (&self.plan.target, &self.target.db), &mut *self.tell).await?;
        self.rounds(source).await?;
        let moment = Moment::of(&self.plan.source, source).await?;
        let both = match &moment {
            Moment::Snapshot(tx) => self.count(tx).await?,
            Moment::Alone(db) => self.count(*db).await?,
        };
        moment.end().await?;
        self.rounds(source).await?;
        Ok(both)
    }

    async fn rounds(&mut self, source: &DatabaseConnection) -> Result<(), TransferError> {
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            let moment = Moment::of(&self.plan.source, source).await?;
            match &moment {
                Moment::Snapshot(tx) => self.round(tx).await?,
                Moment::Alone(db) => self.round(*db).await?,
            }
            moment.end().await?;
            if begun.elapsed() < QUICK {
                break;
            }
        }
        Ok(())
    }

    /// Copies whatever differs. Who is named by a row comes before it.
    async fn round(&mut self, source: &impl ConnectionTrait) -> Result<(), TransferError> {
        let to = (&self.plan.target, &self.target.db);
        let mut copied = level::<users::Entity>(source, to).await?;
        copied += logs::follow(source, to, &mut *self.tell).await?;
        copied += level::<members::Entity>(source, to).await?;
        copied += level::<sessions::Entity>(source, to).await?;
        copied += level::<mentions::Entity>(source, to).await?;
        copied += level::<own_logs::Entity>(source, to).await?;
        copied += level::<jobs::Entity>(source, to).await?;
        copied += level::<files::Entity>(source, to).await?;
        copied += level::<custom_emojis::Entity>(source, to).await?;
        copied += level::<spent_tickets::Entity>(source, to).await?;
        copied += level::<tries::Entity>(source, to).await?;
        copied += level::<counters::Entity>(source, to).await?;
        copied += level::<meta::Entity>(source, to).await?;
        self.report.rounds += 1;
        self.report.copied += copied;
        Ok(())
    }

    /// A round, and then every row of all logs.
    async fn count(&mut self, source: &impl ConnectionTrait) -> Result<Both, TransferError> {
        self.round(source).await?;
        (self.tell)(Progress::Comparing);
        let both = Both { source: Totals::of(source).await?, target: Totals::of(&self.target.db).await? };
        same_logs(&both)?;
        Ok(both)
    }

    /// What has come to the logs since they were counted, and every row of all other tables.
    async fn compare(&mut self, source: &impl ConnectionTrait, mut both: Both) -> Result<(), TransferError> {
        let to = &self.target.db;
        let ends = logs::ends(source).await?;
        both.source.follow(source, &ends).await?;
        both.target.follow(to, &ends).await?;
        same_logs(&both)?;
        let names = logs::names(source).await?;
        self.report.rooms =
            names.into_iter().map(|(id, name)| (id, name, both.source.0.remove(&id).unwrap_or_default())).collect();
        self.same::<rooms::Entity>("rooms", source).await?;
        self.same::<users::Entity>("accounts", source).await?;
        self.same::<sessions::Entity>("sessions", source).await?;
        self.same::<members::Entity>("memberships", source).await?;
        self.same::<mentions::Entity>("mentions", source).await?;
        self.same::<own_logs::Entity>("own logs", source).await?;
        self.same::<jobs::Entity>("jobs", source).await?;
        self.same::<files::Entity>("files", source).await?;
        self.same::<custom_emojis::Entity>("emojis", source).await?;
        self.same::<spent_tickets::Entity>("used tickets", source).await?;
        self.same::<tries::Entity>("tries", source).await?;
        self.same::<counters::Entity>("counters", source).await?;
        self.same::<meta::Entity>("facts", source).await
    }

    async fn same<E: Table>(&mut self, name: &'static str, source: &impl ConnectionTrait) -> Result<(), TransferError> {
        let (here, there) = (Total::of::<E>(source).await?, Total::of::<E>(&self.target.db).await?);
        if here != there {
            return Err(TransferError::Differs(format!("{name}, {} rows and {}", here.rows, there.rows)));
        }
        self.report.tables.push((name, here.rows));
        Ok(())
    }

    /// Holds off everybody who writes, copies the rest, compares, and marks the source as moved.
    async fn switch(&mut self, source: &DatabaseConnection, both: Both) -> Result<(), TransferError> {
        (self.tell)(Progress::Switching);
        let failpoints = Failpoints::from_environment();
        let (place, begun) = (self.plan.target.to_string(), Instant::now());
        let (tx, held) = if self.plan.source.is_shared() {
            // There is nobody to hold off, and a transaction that lies still while the rest is copied would be ended.
            self.round(source).await?;
            self.compare(source, both).await?;
            alone(&self.plan.source, source).await?;
            (self.plan.source.begin(source).await?, begun)
        } else {
            let tx = hold(&self.plan.source).await?;
            let held = Instant::now();
            self.round(&tx).await?;
            self.compare(&tx, both).await?;
            (tx, held)
        };
        failpoints.pass("before_moved").await;
        moved::mark(&tx, &place, &TABLES).await?;
        tx.commit().await?;
        self.report.pause = held.elapsed();
        Ok(())
    }
}

fn same_logs(both: &Both) -> Result<(), TransferError> {
    if both.source == both.target {
        return Ok(());
    }
    let rooms: BTreeSet<i64> = both.source.0.keys().chain(both.target.0.keys()).copied().collect();
    let differs = |id: &i64| both.source.0.get(id) != both.target.0.get(id);
    let words = rooms.into_iter().filter(differs).take(3).map(|id| {
        let of = |totals: &Totals| totals.0.get(&id).copied().unwrap_or_default();
        let (here, there) = (of(&both.source), of(&both.target));
        format!(
            "room {id}, {} positions up to {} and {} up to {}",
            here.rows, here.last_seq, there.rows, there.last_seq
        )
    });
    Err(TransferError::Differs(words.collect::<Vec<_>>().join("; ")))
}

/// One state of a database, whatever is written meanwhile.
enum Moment<'a> {
    Snapshot(DatabaseTransaction),
    /// Nobody writes.
    Alone(&'a DatabaseConnection),
}

impl<'a> Moment<'a> {
    async fn of(site: &Site, db: &'a DatabaseConnection) -> Result<Self, DbErr> {
        if site.is_shared() { Ok(Self::Alone(db)) } else { db.begin().await.map(Self::Snapshot) }
    }

    async fn end(self) -> Result<(), DbErr> {
        match self {
            Self::Snapshot(tx) => tx.rollback().await,
            Self::Alone(_) => Ok(()),
        }
    }
}

/// A transaction of a file, on a connection of its own, beside which nobody writes. Who waits for a file asks again in steps that grow,
/// and a server that commits without a pause would seldom let one in who asks so seldom.
async fn hold(site: &Site) -> Result<DatabaseTransaction, TransferError> {
    let db = StoreConfig::at(site.clone()).connect(OpenMode::Write).await.map_err(TransferError::Source)?;
    site.set_patience(&db, Duration::ZERO).await?;
    let begun = Instant::now();
    loop {
        match site.begin(&db).await {
            Err(error) if is_lost(&error) && begun.elapsed() < PATIENCE => sleep(AGAIN).await,
            begun => return Ok(begun?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{dialect::statement, migration::database_after};

    /// What is no data, or another database's own.
    const LEFT: [&str; 2] = ["receipts", "seaql_migrations"];

    /// A new table is copied, compared and barred, or named above.
    #[tokio::test]
    async fn every_table_moves() {
        let (directory, db) = database_after(None).await;
        let ask = "SELECT name FROM sqlite_master WHERE type = 'table'";
        let rows = db.query_all_raw(statement(&db, ask, [])).await.expect("asked");
        let there: BTreeSet<String> = rows.iter().map(|row| row.try_get_by_index(0).expect("a name")).collect();
        let known: BTreeSet<String> = TABLES.into_iter().chain(LEFT).map(str::to_owned).collect();
        assert_eq!(there, known);
        let [source, target] = ["x.db", "y.db"].map(|name| Site::File(directory.path().join(name)));
        let report = transfer(&TransferPlan { source, target, secret: None }, &mut |_| {}).await.expect("it moves");
        // Messages and changes are the logs of rooms.
        assert_eq!((report.tables.len() + 2, report.rooms.len()), (TABLES.len(), 1));
        for table in TABLES {
            let refused = db.execute_unprepared(&format!("DELETE FROM {table}")).await;
            let is_empty = db.query_one_raw(statement(&db, &format!("SELECT 1 FROM {table}"), [])).await;
            let is_empty = is_empty.expect("asked").is_none();
            assert!(is_empty || refused.is_err_and(|error| error.to_string().contains("has moved")), "{table}");
            let bars = format!("SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = '{table}'");
            let bars = db.query_one_raw(statement(&db, &bars, [])).await.expect("asked").expect("a row");
            assert_eq!(bars.try_get_by_index::<i64>(0), Ok(3), "{table}");
        }
    }
}
