//! What can go wrong on opening and below, in the words of the port. It does not log and does not retry.

use std::{path::PathBuf, sync::Arc};

use chinwag_domain::ports::StoreError;
use sea_orm::{DbErr, RuntimeErr, SqlxError};

use crate::result_codes::{Kind, error_kind};

/// Why the database cannot be used. The text is for the person who starts the server.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "The directory {} cannot be used: {cause}. Create it, or give it to the user who runs Chinwag, or set another data_dir.",
        path.display()
    )]
    Directory { path: PathBuf, cause: std::io::Error },
    #[error(
        "{} lies on a network or user-space file system ({kind}), where SQLite can lose data. Set data_dir to a directory on a local disk.",
        path.display()
    )]
    NetworkFileSystem { path: PathBuf, kind: &'static str },
    #[error(
        "This program carries SQLite {found}, which can damage its write-ahead log; {least} or newer is needed. Build with the bundled SQLite."
    )]
    OldSqlite { found: String, least: &'static str },
    #[error(
        "The database was written by a newer Chinwag (it knows the step {step}). Start that version again, or restore a backup made by this one."
    )]
    NewerSchema { step: String },
    #[error(
        "There is no Chinwag database at {} yet. Start the server once (chinwag serve), which makes it; then do this again.",
        path.display()
    )]
    NoDatabase { path: PathBuf },
    #[error(
        "The database is that of an older Chinwag. Restart the server with this program, which brings it up to date; then do this again."
    )]
    OlderSchema,
    #[error(
        "The database cannot be opened: {0}. Check that the file is a Chinwag database, readable and writable, and that the disk is not full."
    )]
    Database(DbErr),
    #[error("The database is damaged: {0}. Restore a backup.")]
    Damaged(String),
}

/// Not `#[from]`, which would make it the source, too: it would be said twice where the whole chain is shown.
impl From<DbErr> for OpenError {
    fn from(error: DbErr) -> Self {
        Self::Database(error)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("a write panicked")]
struct Panicked;

/// A failure of the database, as the port names it.
pub(crate) fn failure(error: DbErr) -> StoreError {
    TxFailure::from(error).into()
}

/// A failure that several calls share, because they shared a transaction.
#[derive(Clone, Debug)]
pub(crate) struct TxFailure {
    kind: Kind,
    cause: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl TxFailure {
    /// For those whose transaction broke on somebody else's statement.
    pub(crate) fn beside(error: &StoreError) -> Self {
        let kind = if matches!(error, StoreError::OutOfSpace) { Kind::Full } else { Kind::Unavailable };
        Self { kind, cause: None }
    }

    pub(crate) fn is_unavailable(&self) -> bool {
        self.kind == Kind::Unavailable
    }

    /// A fault of ours in the midst of it.
    pub(crate) fn panicked() -> Self {
        Self { kind: Kind::Other, cause: Some(Arc::new(Panicked)) }
    }

    pub(crate) fn is_full(&self) -> bool {
        self.kind == Kind::Full
    }
}

/// Why a transaction came to nothing.
pub(crate) struct Broken {
    pub(crate) failure: TxFailure,
    /// Whether it may be the fault of one of several, who then are run again one at a time.
    pub(crate) of_one: bool,
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
        Self { kind: kind(&error), cause: Some(Arc::new(error)) }
    }
}

impl From<rusqlite::Error> for TxFailure {
    fn from(error: rusqlite::Error) -> Self {
        let kind = error.sqlite_error().map_or(Kind::Other, |error| error_kind(error.extended_code));
        Self { kind, cause: Some(Arc::new(error)) }
    }
}

impl From<TxFailure> for StoreError {
    fn from(failure: TxFailure) -> Self {
        match (failure.kind, failure.cause) {
            (Kind::Full, _) => Self::OutOfSpace,
            (Kind::Other, Some(cause)) => Self::Failed(Box::new(cause)),
            (_, cause) => Self::Unavailable(cause.map(|cause| Box::new(cause) as _)),
        }
    }
}

/// A row that says what no row can say.
pub(crate) fn damaged(what: impl Into<String>) -> StoreError {
    StoreError::Failed(what.into().into())
}

fn kind(error: &DbErr) -> Kind {
    let sqlx = match error {
        DbErr::ConnectionAcquire(_) => return Kind::Unavailable,
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => error,
        _ => return Kind::Other,
    };
    match sqlx.as_ref() {
        SqlxError::Database(error) => {
            let code = error.code().and_then(|code| code.parse().ok());
            code.map_or(Kind::Other, error_kind)
        }
        SqlxError::Io(_) | SqlxError::PoolTimedOut | SqlxError::PoolClosed | SqlxError::WorkerCrashed => {
            Kind::Unavailable
        }
        _ => Kind::Other,
    }
}

/// Which unique key a failed write would have broken, by the columns' names.
pub(crate) fn broken_unique(error: &DbErr) -> Option<String> {
    match error.sql_err()? {
        sea_orm::SqlErr::UniqueConstraintViolation(text) => Some(text),
        _ => None,
    }
}
