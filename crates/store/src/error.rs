//! What can go wrong with an open database, in the words of the port. It does not log and does not retry.

use std::sync::Arc;

use chinwag_domain::ports::StoreError;
use sea_orm::{DbErr, RuntimeErr};

use crate::{
    engine::{Kind, error_kind, key_of, no_answer, sqlite},
    moved,
};

/// What is left of an error that has been said.
pub(crate) const TOLD: &str = "the database server does not answer, as the log says";

#[derive(Debug, thiserror::Error)]
#[error("a write panicked")]
struct Panicked;

/// How a verb says that its transaction is to be run again: the port knows nothing of that.
#[derive(Debug, thiserror::Error)]
#[error("another transaction was in the way")]
struct InTheWay;

/// So that it is known again where it failed one verb of several.
#[derive(Debug, thiserror::Error)]
#[error("the database does not answer")]
struct ServerAway(#[source] Arc<dyn std::error::Error + Send + Sync>);

/// The same of one that takes no writes.
#[derive(Debug, thiserror::Error)]
#[error("the database server only reads")]
struct ServerReads(#[source] Arc<dyn std::error::Error + Send + Sync>);

/// A failure of the database, as the port names it.
pub(crate) fn failure(error: DbErr) -> StoreError {
    TxFailure::from(error).into()
}

/// The same where a unique key that was free is taken by another transaction.
pub(crate) fn conflict(error: DbErr) -> StoreError {
    match broken_unique(&error) {
        Some(_) => TxFailure { kind: Kind::Conflict, cause: None, is_passing: false }.into(),
        None => failure(error),
    }
}

/// A failure that several calls share, because they shared a transaction.
#[derive(Clone, Debug)]
pub(crate) struct TxFailure {
    kind: Kind,
    cause: Option<Arc<dyn std::error::Error + Send + Sync>>,
    /// Whatever it was, the same is to be run again.
    is_passing: bool,
}

impl TxFailure {
    /// For those whose transaction broke on somebody else's statement.
    pub(crate) fn beside(error: &StoreError) -> Self {
        let kind = match error {
            StoreError::OutOfSpace => Kind::Full,
            StoreError::Moved => Kind::Moved,
            StoreError::Unavailable(Some(cause)) if cause.is::<InTheWay>() => Kind::Conflict,
            StoreError::Unavailable(Some(cause)) if cause.is::<ServerAway>() => Kind::Away,
            StoreError::Unavailable(Some(cause)) if cause.is::<ServerReads>() => Kind::ReadOnly,
            _ => Kind::Unavailable,
        };
        Self { kind, cause: None, is_passing: false }
    }

    pub(crate) fn is_conflict(&self) -> bool {
        self.kind == Kind::Conflict
    }

    /// Whether the same transaction may succeed when it is run again.
    pub(crate) fn is_passing(&self) -> bool {
        self.is_passing || self.is_conflict()
    }

    /// The same, to be run again.
    pub(crate) fn again(self) -> Self {
        Self { is_passing: true, ..self }
    }

    /// The same after the last try.
    pub(crate) fn at_last(self) -> Self {
        Self { is_passing: false, ..self }
    }

    pub(crate) fn is_unavailable(&self) -> bool {
        matches!(self.kind, Kind::Unavailable | Kind::ReadOnly | Kind::Away)
    }

    /// On this server it would come to nothing again.
    pub(crate) fn is_read_only(&self) -> bool {
        self.kind == Kind::ReadOnly
    }

    pub(crate) fn is_away(&self) -> bool {
        self.kind == Kind::Away
    }

    /// The same for those to whom no more is to be said of it.
    pub(crate) fn told(self) -> Self {
        Self { cause: None, ..self }
    }

    /// It had less time than a server may need to say why.
    pub(crate) fn late() -> Self {
        Self { kind: Kind::Unavailable, is_passing: false, cause: Some(Arc::new(no_answer())) }
    }

    /// A fault of ours in the midst of it.
    pub(crate) fn panicked() -> Self {
        Self { kind: Kind::Other, cause: Some(Arc::new(Panicked)), is_passing: false }
    }

    /// A full disk is full for everybody, and data that is elsewhere is nobody's here.
    pub(crate) fn is_everybodys(&self) -> bool {
        matches!(self.kind, Kind::Full | Kind::Moved)
    }
}

/// Why a transaction came to nothing.
pub(crate) struct Broken {
    pub(crate) failure: TxFailure,
    /// Whether it may be the fault of one of several, who then are run again one at a time.
    pub(crate) of_one: bool,
}

impl Broken {
    pub(crate) fn of_all(error: DbErr) -> Self {
        Self { failure: error.into(), of_one: false }
    }
}

impl std::fmt::Display for TxFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.cause {
            Some(cause) => write!(f, "{cause}"),
            None => write!(f, "a statement of the transaction failed ({:?})", self.kind),
        }
    }
}

impl From<DbErr> for TxFailure {
    fn from(error: DbErr) -> Self {
        let is_told = matches!(&error, DbErr::Custom(words) if words == TOLD);
        Self { kind: kind(&error), cause: (!is_told).then(|| Arc::new(error) as _), is_passing: false }
    }
}

impl From<rusqlite::Error> for TxFailure {
    fn from(error: rusqlite::Error) -> Self {
        let kind = error.sqlite_error().map_or(Kind::Other, |error| sqlite::error_kind(error.extended_code));
        Self { kind, cause: Some(Arc::new(error)), is_passing: false }
    }
}

impl From<TxFailure> for StoreError {
    fn from(failure: TxFailure) -> Self {
        match (failure.kind, failure.cause) {
            (Kind::Full, _) => Self::OutOfSpace,
            (Kind::Moved, _) => Self::Moved,
            (Kind::Other, Some(cause)) => Self::Failed(Box::new(cause)),
            (Kind::Conflict, _) => Self::Unavailable(Some(Box::new(InTheWay))),
            (Kind::ReadOnly, Some(cause)) => Self::Unavailable(Some(Box::new(ServerReads(cause)))),
            (Kind::Away, Some(cause)) => Self::Unavailable(Some(Box::new(ServerAway(cause)))),
            (_, cause) => Self::Unavailable(cause.map(|cause| Box::new(cause) as _)),
        }
    }
}

/// A row that says what no row can say.
pub(crate) fn damaged(what: impl Into<String>) -> StoreError {
    StoreError::Failed(what.into().into())
}

/// Whether it was the connection that failed, or what is behind it.
pub(crate) fn is_lost(error: &DbErr) -> bool {
    matches!(kind(error), Kind::Unavailable | Kind::ReadOnly | Kind::Away)
}

/// Whether nobody answers there.
pub(crate) fn is_away(error: &DbErr) -> bool {
    kind(error) == Kind::Away
}

fn kind(error: &DbErr) -> Kind {
    let sqlx = match error {
        DbErr::ConnectionAcquire(_) => return Kind::Away,
        DbErr::Custom(words) if words == TOLD => return Kind::Away,
        DbErr::Custom(words) if words == moved::GONE => return Kind::Moved,
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => error,
        _ => return Kind::Other,
    };
    error_kind(sqlx)
}

/// Which unique key a failed write would have broken, by its own name or those of its columns.
pub(crate) fn broken_unique(error: &DbErr) -> Option<String> {
    match error.sql_err()? {
        sea_orm::SqlErr::UniqueConstraintViolation(text) => Some(key_of(&text).to_owned()),
        _ => None,
    }
}
