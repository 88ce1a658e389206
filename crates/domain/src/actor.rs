//! Who is asking. Made from a credential by `sessions` (or by the plain text lobby), never from anything in a payload.

use std::{fmt, sync::Arc};

/// A session's number inside; outside it is its hexadecimal text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SessionId(pub i64);

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl std::str::FromStr for SessionId {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u64::from_str_radix(text, 16).map(|bits| Self(bits as i64))
    }
}

/// A socket's number on this node, for as long as it is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SocketId(pub u64);

/// An authenticated person, or a guest of the plain text lobby.
#[derive(Clone, Debug)]
pub struct Actor {
    /// 0 for a guest.
    pub user_id: i64,
    pub username: Arc<str>,
    pub is_admin: bool,
    /// The session behind this call; `None` for a guest and for the command line.
    pub session: Option<SessionId>,
    /// The socket that this call came by; `None` over HTTP and for the command line.
    pub socket: Option<SocketId>,
}

impl Actor {
    /// A nickname without an account.
    pub fn guest(name: &str) -> Self {
        Self { user_id: 0, username: name.into(), is_admin: false, session: None, socket: None }
    }

    /// Whether this is a nickname without an account.
    pub fn is_guest(&self) -> bool {
        self.user_id == 0
    }
}
