//! Slows guessing without ever locking anybody out: a growing wait per (account, address), a budget per address that a crowd of
//! honest people behind it does not feel. It knows nothing of passwords. Where one node has the database, tries are counted here; where
//! several share it, there, for all of them ([`LimitStore`]).

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use moka::sync::Cache;
use parking_lot::Mutex;

use crate::{
    Error, Result, Settings,
    ports::LimitStore,
    tries::{Budgets, Counted, FORGET, FREE, Guess, MINUTE, Spending, source, wait_after},
};

const REMEMBER: u64 = 100_000;

/// How often things are tried: counted by this process, or where several count together.
#[derive(Debug)]
pub struct Throttle {
    failed_logins: u32,
    registrations: u32,
    here: Option<(Guesses, PerMinute)>,
}

impl Throttle {
    pub fn new(settings: &Settings, is_shared: bool) -> Self {
        let (failed_logins, registrations) = (settings.failed_logins_per_minute, settings.registrations_per_minute);
        let here = || (Guesses::new(failed_logins), PerMinute::new(registrations));
        Self { failed_logins, registrations, here: (!is_shared).then(here) }
    }

    /// Whether a password may be shown now. Others may be on their way: what counts is [`Throttle::settle`].
    pub async fn check(&self, store: &(impl LimitStore + ?Sized), account: &str, address: &str) -> Result<()> {
        match &self.here {
            Some((guesses, _)) => guesses.check(account, address),
            None => Ok(store.check_guess(Guess::new(account, address, self.failed_logins)).await?),
        }
    }

    /// Counts what came of it. A refusal says that others came before it, and then nothing may be told of the password.
    pub async fn settle(
        &self,
        store: &(impl LimitStore + ?Sized),
        (account, address): (&str, &str),
        is_right: bool,
    ) -> Result<()> {
        match &self.here {
            Some((guesses, _)) => guesses.settle(account, address, is_right),
            None => Ok(store.settle_guess(Guess::new(account, address, self.failed_logins), is_right).await?),
        }
    }

    /// Counts a registration, or says how long to wait.
    pub async fn register(&self, store: &(impl LimitStore + ?Sized), address: &str) -> Result<()> {
        match &self.here {
            Some((_, registrations)) => registrations.spend(address),
            None => Ok(store.spend(Spending::registration(address, self.registrations)).await?),
        }
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
        Self { budget, counts: Cache::builder().max_capacity(REMEMBER).time_to_live(MINUTE).build() }
    }

    /// Counts one event, or says how long to wait.
    pub fn spend(&self, address: &str) -> Result<()> {
        let count = self.counts.get_with(source(address), Arc::default);
        let mut count = count.lock();
        if *count >= self.budget {
            return Err(Error::rate_limited(MINUTE));
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
    /// One after the other, so that no two find the same last place free.
    settling: Mutex<()>,
}

impl Guesses {
    pub fn new(per_address: u32) -> Self {
        let Budgets { right, right_of_address, address, crowd } = Budgets::of(per_address);
        Self {
            right: PerMinute::new(right),
            right_of_address: PerMinute::new(right_of_address),
            addresses: PerMinute::new(address),
            crowds: PerMinute::new(crowd),
            accounts: Cache::builder().max_capacity(REMEMBER).time_to_idle(FORGET).build(),
            settling: Mutex::default(),
        }
    }

    /// Whether another try may be made now.
    pub fn check(&self, account: &str, address: &str) -> Result<()> {
        let failures = self.accounts.get(&(account.to_owned(), source(address)));
        let (count, not_before) = failures.map_or((0, None), |failures| {
            let failures = failures.lock();
            (failures.count, failures.not_before)
        });
        let counted = Counted {
            is_right_spent: self.right.is_spent(account) || self.right_of_address.is_spent(address),
            is_address_spent: self.addresses.is_spent(address),
            is_crowd_spent: self.crowds.is_spent(address),
            failures: count,
            wait: not_before.map_or(Duration::ZERO, |at| at.saturating_duration_since(Instant::now())),
        };
        counted.check().map_err(Error::rate_limited)
    }

    /// Counts what came of a try, where it may still be made.
    pub fn settle(&self, account: &str, address: &str, is_right: bool) -> Result<()> {
        let _turn = self.settling.lock();
        self.check(account, address)?;
        if is_right {
            self.succeeded(account, address);
        } else {
            self.failed(account, address);
        }
        Ok(())
    }

    fn failed(&self, account: &str, address: &str) {
        // The budget of those who failed often was checked before; others may go past it.
        let _ = self.addresses.spend(address);
        let _ = self.crowds.spend(address);
        let entry = self.accounts.get_with((account.to_owned(), source(address)), Arc::default);
        let mut failures = entry.lock();
        failures.count += 1;
        if failures.count >= FREE {
            failures.not_before = Some(Instant::now() + wait_after(failures.count));
        }
    }

    fn succeeded(&self, account: &str, address: &str) {
        // As in `failed`.
        let _ = self.right.spend(account);
        let _ = self.right_of_address.spend(address);
        self.accounts.invalidate(&(account.to_owned(), source(address)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tries::{CROWD, RIGHT};

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
