//! Why a database cannot be opened, in words for the person who starts the server.

use std::path::PathBuf;

use sea_orm::DbErr;

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
        "There is no Chinwag database at {place} yet. Start the server once (chinwag serve), which makes it; then do this again."
    )]
    NoDatabase { place: String },
    #[error(
        "The database is that of an older Chinwag. Restart the server with this program, which brings it up to date; then do this again."
    )]
    OlderSchema,
    #[error(
        "The database cannot be opened: {0}. Check that the file is a Chinwag database, readable and writable, and that the disk is not full."
    )]
    Database(DbErr),
    #[error(
        "The database server cannot be used: {0}. Check that it runs, and that database names its address, a database that is there, \
         and a user who may work in it, with the password."
    )]
    Server(DbErr),
    #[error("The database is damaged: {0}. Restore a backup.")]
    Damaged(String),
    #[error(
        "The URL of the database begins with none of postgres://, mysql:// and mariadb://. Set database to one that does, or leave it out for a file in data_dir."
    )]
    UnknownEngine,
    #[error(
        "The URL of the database cannot be understood. Write it as postgres://user:password@host:port/name, or mysql:// and so on, and in \
         a password %40 for @, %2F for /, %3F for ?, %23 for #, %3A for : and %25 for %."
    )]
    Url,
    #[error(
        "The database server is {found}, and at least {least} is needed. Update it, or set database to another one."
    )]
    OldServer { found: String, least: &'static str },
    #[error(
        "The database holds text as {found}, which cannot hold every script. Create one with the encoding UTF8, and set database to it."
    )]
    Encoding { found: String },
    #[error(
        "Another server has been changing the tables of the database for ten minutes. Wait until it is ready, then start this one again."
    )]
    SchemaLocked,
}

/// Not `#[from]`, which would make it the source, too: it would be said twice where the whole chain is shown.
impl From<DbErr> for OpenError {
    fn from(error: DbErr) -> Self {
        Self::Database(error)
    }
}
