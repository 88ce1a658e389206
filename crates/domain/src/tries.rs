//! What a try means that was counted: the rule, wherever it is counted. It counts nothing itself (that is `throttle`, or the store).

use std::{
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};

use sha2::{Digest, Sha256};

use crate::records::SecretHash;

/// Failures that cost nothing yet, and the longest wait.
pub(crate) const FREE: u32 = 3;
/// How many budgets an address has before nobody behind it is let in: between one and that, only accounts that have failed there
/// often are refused. Without it a list of names would give as many free tries as it is long.
pub(crate) const CROWD: u32 = 10;
/// Right passwords that an account may show within a minute for each wrong one that an address may, and an address ten times as
/// many: each costs a hash, a commit and a row.
pub(crate) const RIGHT: u32 = 3;
const LONGEST: Duration = Duration::from_secs(60);
pub(crate) const FORGET: Duration = Duration::from_secs(900);
pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// Who is counted as one: an IPv4 address, or the /64 network of an IPv6 address, of which one line has them all.
pub(crate) fn source(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(v6)) if v6.to_ipv4_mapped().is_none() => {
            Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).to_string()
        }
        _ => address.to_owned(),
    }
}

/// What is known of those who try, as of now: the same rule wherever it is counted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counted {
    pub(crate) is_right_spent: bool,
    pub(crate) is_address_spent: bool,
    pub(crate) is_crowd_spent: bool,
    pub(crate) failures: u32,
    pub(crate) wait: Duration,
}

impl Counted {
    /// Whether another try may be made now. Who shares an address with somebody who guesses still gets in with the right
    /// password: a spent budget refuses those who failed often themselves.
    pub(crate) fn check(self) -> Result<(), Duration> {
        let is_spent = self.is_right_spent || self.is_crowd_spent || self.failures >= FREE && self.is_address_spent;
        match (is_spent, self.wait) {
            (true, _) => Err(MINUTE),
            (false, Duration::ZERO) => Ok(()),
            (false, wait) => Err(wait),
        }
    }
}

/// How long the account is left alone there after so many failures.
pub(crate) fn wait_after(failures: u32) -> Duration {
    match failures.checked_sub(FREE) {
        None => Duration::ZERO,
        Some(more) => (Duration::from_secs(1) * 2u32.saturating_pow(more.min(6))).min(LONGEST),
    }
}

/// The lines of a guess, in the order of [`Guess::lines`].
pub const LINES: usize = 5;

/// A password that is shown, for whoever counts it elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct Guess {
    lines: [SecretHash; LINES],
    per_address: u32,
}

/// What is counted on one line, as of now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    pub count: i64,
    /// How much longer nothing more may be tried.
    pub wait: Duration,
}

impl Guess {
    pub(crate) fn new(account: &str, address: &str, per_address: u32) -> Self {
        let source = source(address);
        let lines = [
            line("right", &[account]),
            line("right_of_address", &[&source]),
            line("address", &[&source]),
            line("crowd", &[&source]),
            line("failures", &[account, &source]),
        ];
        Self { lines, per_address }
    }

    /// What it is counted on. Nobody can read in them who tried: people type passwords where names belong.
    pub fn lines(&self) -> &[SecretHash; LINES] {
        &self.lines
    }

    /// The line of failures: it is forgotten with a right password, else lives on from each failure.
    pub fn failures(&self) -> &SecretHash {
        &self.lines[LINES - 1]
    }

    /// On which of the lines it counts, one each.
    pub fn adds(is_right: bool) -> [bool; LINES] {
        [is_right, is_right, !is_right, !is_right, !is_right]
    }

    /// For how long each of the lines counts, from the first try on.
    pub fn lasts() -> [Duration; LINES] {
        [MINUTE, MINUTE, MINUTE, MINUTE, FORGET]
    }

    /// Whether one more may be made, where so much is counted.
    pub fn check(&self, tried: &[Tried; LINES]) -> Result<(), Duration> {
        let Budgets { right, right_of_address, address, crowd } = Budgets::of(self.per_address);
        let is_spent = |at: usize, budget: u32| tried[at].count >= i64::from(budget);
        let counted = Counted {
            is_right_spent: is_spent(0, right) || is_spent(1, right_of_address),
            is_address_spent: is_spent(2, address),
            is_crowd_spent: is_spent(3, crowd),
            failures: u32::try_from(tried[LINES - 1].count).unwrap_or(u32::MAX),
            wait: tried[LINES - 1].wait,
        };
        counted.check()
    }

    /// How long the account is left alone there after so many failures.
    pub fn wait_after(failures: i64) -> Duration {
        wait_after(u32::try_from(failures).unwrap_or(u32::MAX))
    }
}

fn line(kind: &str, who: &[&str]) -> SecretHash {
    // No account and no address has a zero byte in it.
    Sha256::digest([&[kind], who].concat().join("\0")).into()
}

/// How often in a minute.
pub(crate) struct Budgets {
    pub(crate) right: u32,
    pub(crate) right_of_address: u32,
    pub(crate) address: u32,
    pub(crate) crowd: u32,
}

impl Budgets {
    pub(crate) fn of(per_address: u32) -> Self {
        let right = per_address.saturating_mul(RIGHT);
        Self {
            right,
            right_of_address: right.saturating_mul(CROWD),
            address: per_address,
            crowd: per_address.saturating_mul(CROWD),
        }
    }
}

/// Something of which an address may do so many in a minute, for whoever counts it elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct Spending {
    pub line: SecretHash,
    pub budget: u32,
}

impl Spending {
    /// For how long it counts, from the first one on.
    pub const LASTS: Duration = MINUTE;

    /// Whether one more may be done, where so much is counted.
    pub fn check(&self, tried: Tried) -> Result<(), Duration> {
        if tried.count >= i64::from(self.budget) { Err(MINUTE) } else { Ok(()) }
    }
}

impl Spending {
    /// A registration from this address.
    pub(crate) fn registration(address: &str, budget: u32) -> Self {
        Self { line: line("registrations", &[&source(address)]), budget }
    }
}
