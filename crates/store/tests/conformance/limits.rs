//! How often things may be tried: the same answers for the same history wherever it is counted, and never more than the budget, whoever
//! counts at the same time.

use std::time::{Duration, Instant};

use chinwag_domain::{Settings, ports::*, throttle::Throttle};
use chinwag_proto::ErrorCode;
use futures_util::future::join_all;

use crate::{cast::*, engines::Engine};

const HOME: &str = "1.2.3.4";
const SCHOOL: &str = "5.6.7.8";
/// After so long a wait may be over, in one place a moment before the other.
const QUICK: Duration = Duration::from_millis(900);

fn throttle(failed_logins_per_minute: u32, registrations_per_minute: u32, is_shared: bool) -> Throttle {
    let settings = Settings { failed_logins_per_minute, registrations_per_minute, ..Settings::default() };
    Throttle::new(&settings, is_shared)
}

/// Those who count together, each with a store of its own.
struct Counters {
    throttle: Throttle,
    stages: Vec<Stage>,
}

impl Counters {
    async fn new(engine: Engine, failed_logins: u32, registrations: u32) -> Self {
        let one = Stage::new(engine).await;
        let other = one.beside().await;
        Self { throttle: throttle(failed_logins, registrations, true), stages: vec![one, other] }
    }

    /// Two where the process counts that they are in.
    async fn here(failed_logins: u32, registrations: u32) -> Self {
        let one = Stage::new(Engine::Sqlite).await;
        let other = one.beside().await;
        Self { throttle: throttle(failed_logins, registrations, false), stages: vec![one, other] }
    }

    /// A whole try, on one of them: whether it was let through.
    async fn guess(&self, on: usize, account: &str, address: &str, is_right: bool) -> bool {
        let store = &*self.stages[on % 2].store;
        if let Err(refused) = self.throttle.check(store, account, address).await {
            assert_eq!(refused.code, ErrorCode::RateLimited, "{refused:?}");
            assert!(refused.retry_after.is_some_and(|wait| wait > Duration::ZERO), "{refused:?}");
            return false;
        }
        self.settle(on, account, address, is_right).await
    }

    async fn settle(&self, on: usize, account: &str, address: &str, is_right: bool) -> bool {
        let store = &*self.stages[on % 2].store;
        match self.throttle.settle(store, (account, address), is_right).await {
            Ok(()) => true,
            Err(refused) if refused.code == ErrorCode::RateLimited => false,
            Err(failed) => panic!("{failed:?}"),
        }
    }

    async fn register(&self, on: usize, address: &str) -> bool {
        match self.throttle.register(&*self.stages[on % 2].store, address).await {
            Ok(()) => true,
            Err(refused) if refused.code == ErrorCode::RateLimited => false,
            Err(failed) => panic!("{failed:?}"),
        }
    }

    /// Lets so much time pass for what is counted.
    async fn pass(&self, time: Duration) {
        let ms = time.as_millis();
        let sql = format!("UPDATE tries SET ends_at = ends_at - {ms}, not_before = not_before - {ms}");
        self.stages[0].by_hand(&sql).await;
    }
}

/// What people do, one after the other: who, where, and whether they know the password. The same for each seed.
fn history(seed: u64) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
    let mut state = seed;
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let pick = |of: u64, at: u32| (state >> at) % of;
        let who = ["ann", "bob", "eve", "dan", "x@example.org"][pick(5, 33) as usize];
        let address = [HOME, SCHOOL, "2001:db8::1", "2001:db8::2"][pick(4, 40) as usize];
        (who, address, pick(4, 47) == 0)
    })
}

async fn both_ways_of_counting_answer_alike(engine: Engine) {
    let mut compared = 0;
    for seed in 0..6 {
        let (there, here) = (Counters::new(engine, 2, 3).await, Counters::here(2, 3).await);
        let begun = Instant::now();
        for (step, (who, address, is_right)) in history(seed).enumerate().take(120) {
            let on = step / 3;
            let answers = if step % 7 == 6 {
                (there.register(on, address).await, here.register(on, address).await)
            } else {
                (there.guess(on, who, address, is_right).await, here.guess(on, who, address, is_right).await)
            };
            if begun.elapsed() > QUICK {
                break;
            }
            assert_eq!(answers.0, answers.1, "seed {seed}, step {step}: {who} at {address}, right: {is_right}");
            compared += 1;
        }
    }
    assert!(compared >= 60, "only {compared} answers came within the time");
}

/// What is settled at the same time on two nodes is no more than one after the other would be.
async fn nobody_gets_more_than_the_budget_by_asking_everywhere_at_once(engine: Engine) {
    for counters in [Counters::new(engine, 1, 3).await, Counters::here(1, 3).await] {
        for round in 0..8 {
            let (account, address) = (format!("ann{round}"), format!("10.0.{round}.1"));
            let guesses = (0..12).map(|on| counters.settle(on, &account, &address, false));
            let through = join_all(guesses).await.into_iter().filter(|through| *through).count();
            assert_eq!(through, 3, "of one account there are three free tries");
            // Of an address ten times its budget, for however many accounts.
            let names: Vec<_> = (0..16).map(|at| format!("{round}-{at}")).collect();
            let guesses = names.iter().enumerate().map(|(on, name)| counters.settle(on, name, &address, false));
            let through = join_all(guesses).await.into_iter().filter(|through| *through).count();
            assert_eq!(through, 10 - 3);
            let names: Vec<_> = (0..8).map(|on| counters.register(on, &address)).collect();
            assert_eq!(join_all(names).await.into_iter().filter(|through| *through).count(), 3);
        }
    }
}

/// A wrong password and the right one at the same time leave what one of the two orders would.
async fn the_right_password_ends_what_was_counted_of_the_account(engine: Engine) {
    let counters = Counters::new(engine, 5, 3).await;
    for _ in 0..2 {
        assert!(counters.guess(0, "ann", HOME, false).await);
    }
    assert!(counters.guess(1, "ann", HOME, true).await);
    for on in 0..3 {
        assert!(counters.guess(on, "ann", HOME, false).await, "three free tries again");
    }
    assert!(!counters.guess(1, "ann", HOME, true).await, "now they wait, with the right password too");
    assert!(counters.guess(0, "ann", SCHOOL, true).await, "who is elsewhere does not");
}

async fn what_was_tried_is_forgotten_in_time_and_swept_away(engine: Engine) {
    let counters = Counters::new(engine, 1, 1).await;
    for on in 0..3 {
        assert!(counters.guess(on, "ann", HOME, false).await);
    }
    assert!(!counters.guess(0, "ann", HOME, true).await, "she waits, and the budget of the address is spent");
    assert!(counters.register(0, HOME).await && !counters.register(1, HOME).await);
    counters.pass(Duration::from_secs(30)).await;
    assert!(!counters.guess(0, "ann", HOME, true).await && !counters.register(1, HOME).await, "not in this minute");
    counters.pass(Duration::from_secs(31)).await;
    assert!(counters.register(1, HOME).await);
    assert!(counters.guess(1, "ann", HOME, false).await, "another try");
    counters.pass(Duration::from_secs(61)).await;
    assert!(counters.guess(0, "ann", HOME, false).await, "she was to wait for four seconds at most");
    let store = &counters.stages[0].store;
    store.forget_tries().await.expect("swept");
    assert!(counters.stages[1].count("tries").await > 0, "what counts is kept");
    counters.pass(Duration::from_secs(901)).await;
    store.forget_tries().await.expect("swept");
    assert_eq!(counters.stages[1].count("tries").await, 0);
}

/// What cannot be counted is not let through.
async fn without_its_database_nobody_is_let_in(engine: Engine) {
    let counters = Counters::new(engine, 5, 5).await;
    counters.stages[0].store.close().await;
    let store = &*counters.stages[0].store;
    let answers = [
        counters.throttle.check(store, "ann", HOME).await,
        counters.throttle.settle(store, ("ann", HOME), true).await,
        counters.throttle.register(store, HOME).await,
    ];
    for answer in answers {
        assert_eq!(answer.expect_err("refused").code, ErrorCode::Unavailable);
    }
}

on_every_engine!(
    both_ways_of_counting_answer_alike,
    nobody_gets_more_than_the_budget_by_asking_everywhere_at_once,
    the_right_password_ends_what_was_counted_of_the_account,
    what_was_tried_is_forgotten_in_time_and_swept_away,
    without_its_database_nobody_is_let_in,
);
