//! How often things were tried, counted for all nodes that share the database, by its clock: those of the nodes differ, and a window that
//! each of them saw end at another time would be none. What a count means is decided by the domain (`tries.rs` there).

use std::time::Duration;

use chinwag_domain::{
    ports::{StoreError, StoreResult},
    records::{JobKind, SecretHash},
    tries::{Guess, LINES, Spending, Tried},
};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};

use crate::{
    dialect::{repeat, statement},
    engine::{millis, words},
    error::failure,
    tx::Tx,
};

/// So long after a try somebody looks for what has aged out.
const NEXT_LOOK: Duration = Duration::from_secs(900);

pub(crate) async fn check_guess(db: &impl ConnectionTrait, guess: Guess) -> StoreResult<()> {
    guess.check(&tried(db, guess.lines()).await?).map_err(StoreError::TooMany)
}

/// Counts it on its lines, then looks whether it was still to be made: a refusal undoes the verb. Whoever is next on one of them waits for
/// this transaction, so no two find the same last place free.
pub(crate) async fn settle_guess(tx: &mut Tx, guess: Guess, is_right: bool) -> StoreResult<()> {
    let adds = Guess::adds(is_right);
    let lines: Vec<_> = (0..LINES).map(|at| (guess.lines()[at], adds[at], Guess::lasts()[at])).collect();
    add(tx, lines).await?;
    let mut before = tried(&tx.db, guess.lines()).await?;
    for (tried, added) in before.iter_mut().zip(adds) {
        tried.count -= i64::from(added);
    }
    guess.check(&before).map_err(StoreError::TooMany)?;
    let failures = Value::from(guess.failures().to_vec());
    if is_right {
        let sql = "DELETE FROM tries WHERE hash = ?";
        tx.db.execute_raw(statement(&tx.db, sql, [failures])).await.map_err(failure)?;
    } else {
        let clock = words(&tx.db).clock();
        let sql = format!("UPDATE tries SET not_before = {clock} + ?, ends_at = {clock} + ? WHERE hash = ?");
        let wait = Guess::wait_after(before[LINES - 1].count + 1);
        let values = [millis(wait).into(), millis(Guess::lasts()[LINES - 1]).into(), failures];
        tx.db.execute_raw(statement(&tx.db, &sql, values)).await.map_err(failure)?;
    }
    Ok(())
}

/// The same for what has one line.
pub(crate) async fn spend(tx: &mut Tx, spending: Spending) -> StoreResult<()> {
    add(tx, vec![(spending.line, true, Spending::LASTS)]).await?;
    let [before] = tried(&tx.db, &[spending.line]).await?;
    spending.check(Tried { count: before.count - 1, ..before }).map_err(StoreError::TooMany)
}

/// Index: `tries_by_end`.
pub(crate) async fn forget(tx: &mut Tx) -> StoreResult<()> {
    let sql = format!("DELETE FROM tries WHERE ends_at <= {}", words(&tx.db).clock());
    tx.db.execute_raw(statement(&tx.db, &sql, [])).await.map(|_| ()).map_err(failure)
}

/// From here on the lines are this transaction's. They are taken in their order, so that nobody waits in a circle.
async fn add(tx: &mut Tx, mut lines: Vec<(SecretHash, bool, Duration)>) -> StoreResult<()> {
    lines.sort_unstable();
    let words = words(&tx.db);
    let (clock, on_key) = (words.clock(), words.on_key("hash"));
    let (made, ends_at) = (words.inserted("made"), words.inserted("ends_at"));
    let lives = format!("tries.ends_at > {clock}");
    // The end last: MySQL sets one column after the other, and the others ask for the end of before.
    let sql = format!(
        "INSERT INTO tries (hash, made, ends_at) VALUES {} {on_key} \
         made = CASE WHEN {lives} THEN tries.made ELSE 0 END + {made}, \
         not_before = CASE WHEN {lives} THEN tries.not_before END, \
         ends_at = CASE WHEN {lives} THEN tries.ends_at ELSE {ends_at} END",
        repeat(&format!("(?, ?, {clock} + ?)"), lines.len())
    );
    let values = lines
        .into_iter()
        .flat_map(|(hash, added, lasts)| [Value::from(hash.to_vec()), i64::from(added).into(), millis(lasts).into()]);
    tx.db.execute_raw(statement(&tx.db, &sql, values)).await.map_err(failure)?;
    tx.want_job(JobKind::ForgetTries, NEXT_LOOK).await.map(|_| ())
}

/// What is counted on each of these lines, as of now.
async fn tried<const N: usize>(db: &impl ConnectionTrait, lines: &[SecretHash; N]) -> StoreResult<[Tried; N]> {
    let clock = words(db).clock();
    let sql = format!(
        "SELECT hash, made, not_before - {clock} FROM tries WHERE hash IN ({}) AND ends_at > {clock}",
        repeat("?", N)
    );
    let values = lines.iter().map(|line| Value::from(line.to_vec()));
    let rows = db.query_all_raw(statement(db, &sql, values)).await.map_err(failure)?;
    let mut tried = [Tried::default(); N];
    for row in &rows {
        let (hash, found) = read(row).map_err(failure)?;
        if let Some(at) = lines.iter().position(|line| line[..] == hash[..]) {
            tried[at] = found;
        }
    }
    Ok(tried)
}

fn read(row: &QueryResult) -> Result<(Vec<u8>, Tried), DbErr> {
    let wait: Option<i64> = row.try_get_by_index(2)?;
    let wait = Duration::from_millis(wait.map_or(0, |wait| u64::try_from(wait).unwrap_or(0)));
    Ok((row.try_get_by_index(0)?, Tried { count: row.try_get_by_index(1)?, wait }))
}
