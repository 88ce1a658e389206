//! How a socket learns that its peer is gone. Not who sends the pings: that is `socket.rs`.

use std::time::Duration;

/// How often the server pings, and how long it waits for a sign of life.
#[derive(Clone, Copy, Debug)]
pub struct Heartbeat {
    pub every: Duration,
    /// After a ping; where it is exact, after the last sign of life.
    pub patience: Duration,
    /// Kept by the socket's own timer, not by the one clock of all: for the few who were promised the moment.
    pub exact: bool,
}

impl Heartbeat {
    pub const MEMBER: Self = Self { every: Duration::from_secs(25), patience: Duration::from_secs(10), exact: false };
    pub const GUEST: Self = Self { every: Duration::from_secs(3), patience: Duration::from_secs(5), exact: true };
}
