//! The options that the rules themselves need. Where they come from (file, environment, flags) is the server's affair.

use std::time::Duration;

/// Whether anybody may make an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Registration {
    #[default]
    Open,
    Closed,
}

/// How good a password must be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PasswordPolicy {
    /// At least six bytes: for a developer's own machine.
    Basic,
    /// At least eight characters, not a common one and not made of this account's own words.
    #[default]
    Strong,
}

impl PasswordPolicy {
    /// The fewest characters.
    pub const fn min_chars(self) -> usize {
        match self {
            Self::Basic => 6,
            Self::Strong => 8,
        }
    }
}

/// The options, with the defaults of a server that strangers can reach.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Shown until an administrator names the server.
    pub default_name: String,
    pub registration: Registration,
    /// Whether nicknames without an account may talk in the lobby.
    pub guests: bool,
    pub password_policy: PasswordPolicy,
    /// Life of an access token.
    pub token_ttl: Duration,
    /// Life of a session.
    pub session_ttl: Duration,
    /// Characters of one text.
    pub text_chars: usize,
    /// Frames a user's sockets may send, steadily and at once.
    pub frames_per_second: u32,
    pub frames_burst: u32,
    pub sockets_per_user: usize,
    /// A longer gap than this is answered by `resync`.
    pub sync_span: i64,
    /// Bytes of one file, and of all files of one person, where that has a bound.
    pub file_bytes: i64,
    pub file_quota: Option<i64>,
    /// Failed logins and new accounts of one address within a minute.
    pub failed_logins_per_minute: u32,
    pub registrations_per_minute: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            default_name: "Chinwag".to_owned(),
            registration: Registration::Open,
            guests: false,
            password_policy: PasswordPolicy::Strong,
            token_ttl: Duration::from_secs(3_600),
            session_ttl: Duration::from_secs(30 * 86_400),
            text_chars: 4_000,
            frames_per_second: 20,
            frames_burst: 40,
            sockets_per_user: 20,
            sync_span: 1_000,
            file_bytes: 50 * 1024 * 1024,
            file_quota: Some(2 * 1024 * 1024 * 1024),
            failed_logins_per_minute: 20,
            registrations_per_minute: 30,
        }
    }
}
