//! Why a database cannot be opened, in words for the person who starts the server.

use std::path::PathBuf;

use chinwag_probe::Protocol;
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
        "The database server cannot be used: {0}. Check its log, and that database names an empty database or one of Chinwag's."
    )]
    Server(String),
    #[error(
        "The database {place} cannot be reached: {cause}. Check that its server runs and listens there, and that database names its host and port."
    )]
    Unreachable { place: String, cause: String },
    #[error(
        "Where the database {place} should be answers {found}, and not {expected}. Set database to the host and the port of the database server, and \
         let it begin as that one wants: postgres:// for PostgreSQL, mysql:// for MySQL and MariaDB."
    )]
    OtherProtocol { place: String, found: Protocol, expected: Protocol },
    #[error(
        "The server of the database {place} refuses the user or the password. Set database to the ones that it knows, in a password with %40 for \
         @, %2F for / and so on."
    )]
    Login { place: String },
    #[error(
        "There is no database {place} on its server, or not for this user. Make it (CREATE DATABASE, with the user as its owner; MySQL: and \
         GRANT ALL ON name.* TO user), or name another one in database."
    )]
    NoSuchDatabase { place: String },
    #[error(
        "The database server does not let Chinwag in: {cause}. Let the user in from this machine (PostgreSQL: pg_hba.conf; MySQL: the host of \
         CREATE USER), and set sslmode (PostgreSQL) or ssl-mode (MySQL) in the URL to require where it demands TLS."
    )]
    Door { cause: String },
    #[error(
        "There is no TLS with the database server: {cause}. Set sslmode (PostgreSQL) or ssl-mode (MySQL) in the URL to what it offers, and \
         sslrootcert or ssl-ca to the certificate of who vouches for it."
    )]
    Tls { cause: String },
    #[error(
        "The user of the database may not do what is needed: {cause}. Make it the owner of the database (PostgreSQL: ALTER DATABASE … OWNER TO …; \
         MySQL: GRANT ALL ON name.* TO user)."
    )]
    Rights { cause: String },
    #[error(
        "The server of the database {place} only reads: it is a copy of another one, or is kept so. Set database to the one that can be written."
    )]
    ReadOnly { place: String },
    #[error(
        "What answers for the database does not let a connection have settings of its own ({cause}), as a pooler like PgBouncer does. Locks \
         would be held and waited for without an end. Set database to the host and the port of the database server itself."
    )]
    Pooler { cause: String },
    #[error(
        "The database server has not enough connections: {cause}. Raise its max_connections, or what the user may have of them."
    )]
    FewConnections { cause: String },
    #[error(
        "The database server takes no more than {found} bytes at once, and messages that are written together need {least}. Set its \
         max_allowed_packet to {least}."
    )]
    SmallPacket { found: i64, least: i64 },
    #[error(
        "The database server makes tables with rows of the format {found}, which have no room for the keys of names. Set \
         innodb_default_row_format = dynamic in its configuration."
    )]
    RowFormat { found: String },
    #[error(
        "The data has moved to {place}, and nobody may change it here any more. Set database to that one (leave it out for the file in data_dir), and start again."
    )]
    Moved { place: String },
    #[error(
        "The database is a copy that is not whole yet. Run chinwag migrate again where the data is, with the same --to: it goes on. Or empty this \
         database."
    )]
    Unfinished,
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
        "The URL of the database has something behind its ? that is not known there. For PostgreSQL write sslmode, sslrootcert, sslcert, sslkey, \
         host, port, user, password or dbname; for MySQL ssl-mode, ssl-ca, ssl-cert, ssl-key or socket; and in a password %3F for ?."
    )]
    UrlSetting,
    #[error(
        "The URL of the database has a word for TLS that is not known there. For PostgreSQL write sslmode= and one of disable, allow, prefer, \
         require, verify-ca and verify-full; for MySQL ssl-mode= and one of DISABLED, PREFERRED, REQUIRED, VERIFY_CA and VERIFY_IDENTITY."
    )]
    UrlTls,
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
