//! How it is found out what became of a transaction whose COMMIT was sent and not answered: every one that writes leaves a number in a
//! row of its connection's own, and another connection looks there. Only on servers, which may go away in the midst of an answer.

use chinwag_domain::ports::{Clock as _, SystemClock, random_bytes};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};

use crate::{
    dialect::statement,
    engine::{no_answer, words},
};

/// Rows that are older have been left behind by servers that died. A connection that still needs one makes another.
const KEPT_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

/// Of one connection.
#[derive(Debug)]
pub(crate) struct Receipt {
    id: i64,
    /// Of the last transaction.
    number: i64,
}

impl Receipt {
    /// For a new connection, outside of a transaction: a row must be there for others to wait at.
    pub(crate) async fn open(db: &DatabaseConnection) -> Result<Self, DbErr> {
        let id = i64::from_le_bytes(random_bytes()) >> 11;
        let sql = "INSERT INTO receipts (id, number, made_at) VALUES (?, 0, ?)";
        db.execute_raw(statement(db, sql, [id.into(), SystemClock.now_ms().into()])).await?;
        Ok(Self { id, number: 0 })
    }

    /// In each transaction, as its first statement.
    pub(crate) async fn sign(&mut self, tx: &impl ConnectionTrait) -> Result<(), DbErr> {
        self.number += 1;
        let sql = "UPDATE receipts SET number = ? WHERE id = ?";
        let signed = tx.execute_raw(statement(tx, sql, [self.number.into(), self.id.into()])).await?;
        // Somebody has swept it away: the next connection begins with another one.
        if signed.rows_affected() == 1 { Ok(()) } else { Err(no_answer()) }
    }

    /// Whether the last transaction has committed, asked over another connection. Waits until it has ended in one way or the other.
    pub(crate) async fn is_kept(&self, db: &DatabaseConnection) -> Result<bool, DbErr> {
        let sql = format!("SELECT number FROM receipts WHERE id = ?{}", words(db).hold());
        let row = db.query_one_raw(statement(db, &sql, [self.id.into()])).await?;
        let number: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?;
        number.map(|number| number == self.number).ok_or_else(no_answer)
    }

    /// When its connection has done its last.
    pub(crate) async fn discard(self, db: &DatabaseConnection) -> Result<(), DbErr> {
        db.execute_raw(statement(db, "DELETE FROM receipts WHERE id = ?", [self.id.into()])).await.map(|_| ())
    }
}

/// Takes away what servers that died have left behind.
pub(crate) async fn sweep(db: &DatabaseConnection) -> Result<(), DbErr> {
    let before = SystemClock.now_ms() - KEPT_MS;
    db.execute_raw(statement(db, "DELETE FROM receipts WHERE made_at < ?", [before.into()])).await.map(|_| ())
}
