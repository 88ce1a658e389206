//! The table of what is done after a commit: written by the verbs that cause it, taken by whoever runs it. What a job does is
//! decided by the domain (`jobs.rs` there).

use std::{sync::LazyLock, time::Duration};

use chinwag_domain::{
    ports::{StoreResult, random_bytes},
    records::{Job, JobFigures, JobKind},
};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, QueryResult, Statement, Value};

use crate::{
    OpenError, Site, StoreConfig,
    dialect::statement,
    engine::{OpenMode, millis, words},
    entity::jobs::Entity,
    error::failure,
    tx::Tx,
};

/// One that nobody has taken yet and that is due in time. Nobody takes it before this transaction ends: they would do it without what this
/// one wants it for, and it would be gone. One that is being taken is none. Index: `jobs_by_kind`.
const WAITING: &str =
    "SELECT id FROM jobs WHERE kind = ? AND tries = 0 AND due_at <= {clock} + ? AND dead_at IS NULL LIMIT 1{free}";
const WANT: &str = "INSERT INTO jobs (id, kind, due_at, tries) VALUES (?, ?, {clock} + ?, 0)";
/// What concerns this program: jobs of a kind that only a newer one knows are left to that, and those that somebody wants in a
/// transaction that is under way to the next look. Index: `jobs_by_due`.
const DUE: &str = "SELECT id, kind, tries FROM jobs WHERE dead_at IS NULL AND due_at <= {clock} AND kind IN ({known}) \
     ORDER BY due_at LIMIT ?{free}";
const FIGURES: &str = "SELECT count(*) - count(dead_at), count(dead_at), \
     min(CASE WHEN dead_at IS NULL THEN due_at END) - {clock} FROM jobs WHERE kind IN ({known})";
const TAKE: &str = "UPDATE jobs SET tries = tries + 1, due_at = {clock} + ? WHERE id = ? AND tries = ?";
const FINISH: &str = "DELETE FROM jobs WHERE id = ? AND tries = ?";
const AGAIN: &str = "UPDATE jobs SET fault = ?, due_at = {clock} + ? WHERE id = ? AND tries = ?";
const GIVE_UP: &str = "UPDATE jobs SET fault = ?, dead_at = {clock} WHERE id = ? AND tries = ?";

/// With the clock of the database, by which all nodes agree on what is due and on whose lease has ended, whatever theirs say.
fn on(db: &impl ConnectionTrait, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    let words = words(db);
    let sql = sql.replace("{clock}", words.clock()).replace("{free}", words.hold_free()).replace("{known}", &KNOWN);
    statement(db, &sql, values)
}

static KNOWN: LazyLock<String> = LazyLock::new(|| {
    let words: Vec<String> = JobKind::ALL.iter().map(|kind| format!("'{}'", kind.word())).collect();
    words.join(", ")
});

impl Tx {
    /// Lets something be done so long from now or soon after, if this transaction commits. One job that waits is enough for all who
    /// want it: gives its id.
    pub(crate) async fn want_job(&mut self, kind: JobKind, from_now: Duration) -> StoreResult<i64> {
        let values = [kind.word().into(), millis(from_now).into()];
        if let Some(row) = self.db.query_one_raw(on(&self.db, WAITING, values)).await.map_err(failure)? {
            // Whoever looked meanwhile has left it.
            self.wants_jobs |= from_now.is_zero();
            return row.try_get_by_index(0).map_err(failure);
        }
        // Several nodes may add one at the same time, and nobody asks for their order.
        let id = i64::from_le_bytes(random_bytes()) >> 11;
        let values = [id.into(), kind.word().into(), millis(from_now).into()];
        self.db.execute_raw(on(&self.db, WANT, values)).await.map_err(failure)?;
        self.wants_jobs = true;
        Ok(id)
    }
}

pub(crate) async fn take(tx: &mut Tx, lease: Duration, limit: usize) -> StoreResult<Vec<Job>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let due = tx.db.query_all_raw(on(&tx.db, DUE, [limit.into()])).await.map_err(failure)?;
    let mut taken = Vec::with_capacity(due.len());
    for row in &due {
        let Some(mut job) = read(row).map_err(failure)? else { continue };
        if changed(tx, TAKE, [millis(lease).into(), job.id.into(), job.tries.into()]).await? {
            job.tries += 1;
            taken.push(job);
        }
    }
    Ok(taken)
}

fn read(row: &QueryResult) -> Result<Option<Job>, DbErr> {
    let kind: String = row.try_get_by_index(1)?;
    let Some(kind) = JobKind::of_word(&kind) else { return Ok(None) };
    Ok(Some(Job { id: row.try_get_by_index(0)?, kind, tries: row.try_get_by_index(2)? }))
}

pub(crate) async fn finish(tx: &mut Tx, job: Job) -> StoreResult<bool> {
    changed(tx, FINISH, [job.id.into(), job.tries.into()]).await
}

pub(crate) async fn fail(tx: &mut Tx, job: Job, fault: String, again_in: Option<Duration>) -> StoreResult<bool> {
    let (fault, id, tries) = (fault.into(), job.id.into(), job.tries.into());
    match again_in {
        Some(wait) => changed(tx, AGAIN, [fault, millis(wait).into(), id, tries]).await,
        None => changed(tx, GIVE_UP, [fault, id, tries]).await,
    }
}

async fn changed(tx: &Tx, sql: &str, values: impl IntoIterator<Item = Value>) -> StoreResult<bool> {
    Ok(tx.db.execute_raw(on(&tx.db, sql, values)).await.map_err(failure)?.rows_affected() > 0)
}

pub(crate) async fn figures(db: &impl ConnectionTrait) -> StoreResult<JobFigures> {
    let Some(row) = db.query_one_raw(on(db, FIGURES, [])).await.map_err(failure)? else {
        return Ok(JobFigures::default());
    };
    let read = || -> Result<_, DbErr> {
        Ok(JobFigures {
            waiting: row.try_get_by_index(0)?,
            dead: row.try_get_by_index(1)?,
            due_in: row.try_get_by_index(2)?,
        })
    };
    read().map_err(failure)
}

/// What was given up gets another chance; and what the server of before had taken is due again, where there is no other that may have
/// taken it.
pub(crate) async fn take_over(db: &DatabaseConnection, site: &Site) -> Result<(), DbErr> {
    let theirs = if site.is_shared() { "dead_at IS NOT NULL" } else { "tries > 0" };
    let sql = &format!("UPDATE jobs SET due_at = 0, tries = 0, dead_at = NULL WHERE {theirs}");
    db.execute_raw(statement(db, sql, [])).await.map(|_| ())
}

/// A job that was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadJob {
    pub kind: String,
    pub tries: i64,
    /// What went wrong the last time.
    pub fault: String,
}

/// The jobs that were given up, for whoever searches a fault. It changes nothing.
pub async fn dead_jobs(site: &Site) -> Result<Vec<DeadJob>, OpenError> {
    let db = StoreConfig::at(site.clone()).connect(OpenMode::Look).await?;
    let rows = Entity::find().from_raw_sql(statement(
        &db,
        "SELECT * FROM jobs WHERE dead_at IS NOT NULL ORDER BY dead_at",
        [],
    ));
    let dead = rows.all(&db).await?;
    db.close().await?;
    let seen = |job: crate::entity::jobs::Model| DeadJob {
        kind: job.kind,
        tries: job.tries,
        fault: job.fault.unwrap_or_default(),
    };
    Ok(dead.into_iter().map(seen).collect())
}

#[cfg(test)]
mod tests {
    use chinwag_testdb::DbServer;
    use sea_orm::TransactionTrait as _;
    use sea_orm_migration::MigratorTrait as _;

    use super::*;
    use crate::migration::Migrator;

    const LEASE: Duration = Duration::from_secs(60);

    async fn begin(db: &DatabaseConnection) -> Tx {
        Tx::new(db.begin().await.expect("begun"))
    }

    async fn want(tx: &mut Tx) -> i64 {
        tx.want_job(JobKind::SweepFiles, Duration::ZERO).await.expect("wanted")
    }

    async fn taken(tx: &mut Tx) -> Vec<i64> {
        take(tx, LEASE, 9).await.expect("asked").iter().map(|job| job.id).collect()
    }

    /// Whoever does it would pass by what the others have not committed yet, and then it is gone.
    #[tokio::test]
    async fn a_job_is_done_after_the_commit_of_all_who_rely_on_it() {
        for server in [DbServer::postgres(), DbServer::mariadb()] {
            let site = Site::of_url(&server.database().expect("a database")).expect("a URL");
            let one = site.connect(OpenMode::Create, 1).await.expect("opened");
            site.lock_schema(&one).await.expect("got ready");
            Migrator::up(&one, None).await.expect("made");
            let other = site.connect(OpenMode::Write, 1).await.expect("opened");
            let mut cause = begin(&one).await;
            let job = want(&mut cause).await;
            cause.db.commit().await.expect("committed");

            let (mut wants, mut takes) = (begin(&one).await, begin(&other).await);
            assert_eq!(want(&mut wants).await, job, "one that waits is enough");
            assert!(!taken(&mut takes).await.contains(&job), "{site}: it is done without this cause");
            takes.db.commit().await.expect("committed");
            assert!(wants.wants_jobs, "who left it looks again");
            wants.db.commit().await.expect("committed");

            let (mut wants, mut takes) = (begin(&one).await, begin(&other).await);
            assert!(taken(&mut takes).await.contains(&job));
            assert_ne!(want(&mut wants).await, job, "{site}: it is being done already");
            takes.db.commit().await.expect("committed");
            wants.db.commit().await.expect("committed");
        }
    }
}
