//! Slows guessing without ever locking anybody out: a growing wait per (account, address), a budget per address that a crowd of
//! honest people behind it does not feel. It knows nothing of passwords.

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::Arc,
    time::{Duration, Instant},
};

use moka::sync::Cache;
use parking_lot::Mutex;

use crate::{Error, Result};

/// Failures that cost nothing yet, and the longest wait.
const FREE: u32 = 3;
/// How many budgets an address has before nobody behind it is let in: between one and that, only accounts that have failed there
/// often are refused. Without it a list of names would give as many free tries as it is long.
const CROWD: u32 = 10;
/// Right passwords that an account may show within a minute for each wrong one that an address may, and an address ten times as
/// many: each costs a hash, a commit and a row.
const RIGHT: u32 = 3;
const LONGEST: Duration = Duration::from_secs(60);
const FORGET: Duration = Duration::from_secs(900);
const REMEMBER: u64 = 100_000;

/// Who is counted as one: an IPv4 address, or the /64 network of an IPv6 address, of which one line has them all.
fn source(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(v6)) if v6.to_ipv4_mapped().is_none() => {
            Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).to_string()
        }
        _ => address.to_owned(),
    }
}

/// A budget of events per address and minute.
#[derive(Debug)]
pub struct PerMinute {
    budget: u32,
    counts: Cache<String, Arc<Mutex<u32>>>,
}

impl PerMinute {
    pub fn new(budget: u32) -> Self {
        Self { budget, counts: Cache::builder().max_capacity(REMEMBER).time_to_live(Duration::from_secs(60)).build() }
    }

    /// Counts one event, or says how long to wait.
    pub fn spend(&self, address: &str) -> Result<()> {
        let count = self.counts.get_with(source(address), Arc::default);
        let mut count = count.lock();
        if *count >= self.budget {
            return Err(Error::rate_limited(Duration::from_secs(60)));
        }
        *count += 1;
        Ok(())
    }

    fn is_spent(&self, address: &str) -> bool {
        self.counts.get(&source(address)).is_some_and(|count| *count.lock() >= self.budget)
    }
}

#[derive(Debug, Default)]
struct Failures {
    count: u32,
    not_before: Option<Instant>,
}

/// Passwords that were shown.
#[derive(Debug)]
pub struct Guesses {
    /// The right ones, of an account and of an address.
    right: PerMinute,
    right_of_address: PerMinute,
    addresses: PerMinute,
    crowds: PerMinute,
    accounts: Cache<(String, String), Arc<Mutex<Failures>>>,
}

impl Guesses {
    pub fn new(per_address: u32) -> Self {
        let right = per_address.saturating_mul(RIGHT);
        Self {
            right: PerMinute::new(right),
            right_of_address: PerMinute::new(right.saturating_mul(CROWD)),
            addresses: PerMinute::new(per_address),
            crowds: PerMinute::new(per_address.saturating_mul(CROWD)),
            accounts: Cache::builder().max_capacity(REMEMBER).time_to_idle(FORGET).build(),
        }
    }

    /// Whether another try may be made now. Who shares an address with somebody who guesses still gets in with the right
    /// password: a spent budget refuses those who failed often themselves.
    pub fn check(&self, account: &str, address: &str) -> Result<()> {
        let failures = self.accounts.get(&(account.to_owned(), source(address)));
        let (count, not_before) = failures.map_or((0, None), |failures| {
            let failures = failures.lock();
            (failures.count, failures.not_before)
        });
        if self.right.is_spent(account) || self.right_of_address.is_spent(address) {
            return Err(Error::rate_limited(Duration::from_secs(60)));
        }
        if self.crowds.is_spent(address) || (count >= FREE && self.addresses.is_spent(address)) {
            return Err(Error::rate_limited(Duration::from_secs(60)));
        }
        let now = Instant::now();
        match not_before {
            Some(at) if at > now => Err(Error::rate_limited(at - now)),
            _ => Ok(()),
        }
    }

    pub fn failed(&self, account: &str, address: &str) {
        // The budget was checked before; a race past it only counts.
        let _ = self.addresses.spend(address);
        let _ = self.crowds.spend(address);
        let entry = self.accounts.get_with((account.to_owned(), source(address)), Arc::default);
        let mut failures = entry.lock();
        failures.count += 1;
        if failures.count >= FREE {
            let wait = Duration::from_secs(1) * 2u32.saturating_pow((failures.count - FREE).min(6));
            failures.not_before = Some(Instant::now() + wait.min(LONGEST));
        }
    }

    pub fn succeeded(&self, account: &str, address: &str) {
        // As in `failed`.
        let _ = self.right.spend(account);
        let _ = self.right_of_address.spend(address);
        self.accounts.invalidate(&(account.to_owned(), source(address)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessing_one_account_waits_longer_and_longer_but_others_do_not() {
        let guesses = Guesses::new(100);
        for _ in 0..FREE {
            guesses.check("alice", "1.2.3.4").expect("free tries");
            guesses.failed("alice", "1.2.3.4");
        }
        assert!(guesses.check("alice", "1.2.3.4").is_err());
        assert!(guesses.check("alice", "5.6.7.8").is_ok(), "the owner elsewhere is not locked out");
        assert!(guesses.check("bob", "1.2.3.4").is_ok());
        guesses.succeeded("alice", "1.2.3.4");
        assert!(guesses.check("alice", "1.2.3.4").is_ok());
    }

    #[test]
    fn the_right_password_has_a_budget_too() {
        let guesses = Guesses::new(5);
        for _ in 0..5 * RIGHT {
            guesses.check("alice", "1.2.3.4").expect("not spent yet");
            guesses.succeeded("alice", "1.2.3.4");
        }
        assert!(guesses.check("alice", "5.6.7.8").expect_err("spent").retry_after.is_some());
        for i in 0..5 * RIGHT * (CROWD - 1) {
            guesses.check("bob", "1.2.3.4").expect("others have theirs");
            guesses.succeeded(&i.to_string(), "1.2.3.4");
        }
        assert!(guesses.check("bob", "1.2.3.4").is_err());
        assert!(guesses.check("bob", "5.6.7.8").is_ok());
    }

    #[test]
    fn a_line_with_many_addresses_has_one_budget() {
        let guesses = Guesses::new(1);
        for account in 0..CROWD {
            guesses.failed(&account.to_string(), &format!("2001:db8::{account}:1"));
        }
        assert!(guesses.check("c", "2001:db8:0:0:1::").is_err(), "the same /64");
        assert!(guesses.check("c", "2001:db8:0:1::1").is_ok(), "another");
        guesses.failed("a", "::ffff:1.2.3.4");
        guesses.failed("a", "::ffff:1.2.3.5");
        assert!(guesses.check("c", "::ffff:1.2.3.6").is_ok(), "IPv4 in another dress");
    }

    #[test]
    fn who_guesses_locks_nobody_else_behind_the_address_out() {
        let guesses = Guesses::new(5);
        for _ in 0..5 {
            guesses.failed("alice", "1.2.3.4");
        }
        assert!(guesses.check("bob", "1.2.3.4").is_ok(), "bob has done nothing");
        guesses.failed("bob", "1.2.3.4");
        assert!(guesses.check("bob", "1.2.3.4").is_ok(), "one slip of the finger");
        assert!(guesses.check("alice", "1.2.3.4").is_err());
    }

    #[test]
    fn one_address_has_a_budget_over_all_accounts() {
        let guesses = Guesses::new(5);
        for i in 0..5 * CROWD {
            guesses.check("new", "1.2.3.4").expect("not spent yet");
            guesses.failed(&i.to_string(), "1.2.3.4");
        }
        let refused = guesses.check("new", "1.2.3.4").expect_err("spent");
        assert!(refused.retry_after.is_some());
    }
}
