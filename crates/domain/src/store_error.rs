//! Why the store could not do something, for all of its ports. Not what a person is told: that is `error`.

use std::time::Duration;

use chinwag_proto::Sentence;

/// Why the store could not do it.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The permit was granted on an older account or seat, or the room is gone: look again.
    #[error("the permit is stale")]
    Stale,
    #[error("the user name is taken")]
    UsernameTaken,
    #[error("the e-mail address is taken")]
    EmailTaken,
    /// Another emoji has the name.
    #[error("the name of the emoji is taken")]
    EmojiTaken,
    #[error("there are as many emojis as there may be")]
    TooManyEmojis,
    #[error("one person has made as many emojis as they may")]
    TooManyOwnEmojis,
    #[error("the client id was used for another body")]
    ClientIdConflict,
    /// The thing the verb is about is not there.
    #[error("not found")]
    NotFound,
    /// The last owner cannot leave, be kicked or be demoted while others stay.
    #[error("the last owner must stay")]
    LastOwner,
    /// Everybody else in the conversation has closed their account.
    #[error("nobody is left to hear it")]
    NobodyLeft,
    /// There is no such file, it is not whole, another's, or a message has it.
    #[error("a file is not there to be attached")]
    FileNotFound,
    #[error("the files do not fit the message: {0}")]
    Unfitting(Sentence),
    #[error("the files of one person are too much")]
    QuotaExceeded,
    /// The last administrator cannot go.
    #[error("the last administrator must stay")]
    LastAdmin,
    #[error("already recalled")]
    AlreadyRecalled,
    /// It was good once, and has been used: the set-up link, a ticket for the socket.
    #[error("already used")]
    Spent,
    /// It was tried too often; not before this has passed.
    #[error("tried too often")]
    TooMany(Duration),
    /// The disk or the database is full; nothing was written.
    #[error("out of space")]
    OutOfSpace,
    /// The data is in another database by now; nothing was written.
    #[error("the data has moved to another database: set it, and start again")]
    Moved,
    /// The database does not answer, or is shutting down; nothing is known to be written. Without a cause where
    /// it is busy or ends, and where the store has said in the log what is wrong.
    #[error("the database is unavailable")]
    Unavailable(#[source] Option<Box<dyn std::error::Error + Send + Sync>>),
    #[error("the database failed")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

pub type StoreResult<T> = Result<T, StoreError>;
