//! How much one person may ask for, over all their sockets and HTTP together, and how much somebody whom nobody knows.

use std::{cell::Cell, collections::HashMap, net::IpAddr, num::NonZeroU32, sync::Arc, time::Duration};

use chinwag_domain::{Error, Result};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock as _};
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Bytes that one unit pays for. What everybody in a room must take is paid by its size: frames of 64 KiB at the rate of small
/// ones would cut whoever listens over a slow line.
const UNIT: usize = 2_048;

/// Frames, and calls that change something, per second with a burst, per user id.
#[derive(Clone, Debug)]
pub struct FrameBudget {
    limiter: Arc<DefaultKeyedRateLimiter<i64>>,
    burst: NonZeroU32,
}

impl FrameBudget {
    pub fn new(per_second: u32, burst: u32) -> Self {
        let positive = |n: u32| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
        let burst = positive(burst);
        let quota = Quota::per_second(positive(per_second)).allow_burst(burst);
        Self { limiter: Arc::new(RateLimiter::keyed(quota)), burst }
    }

    /// Counts one frame or call of so many bytes, once for every 2 KiB begun, or says how long to wait.
    pub fn spend(&self, user_id: i64, bytes: usize) -> Result<()> {
        let units = u32::try_from(bytes.div_ceil(UNIT)).unwrap_or(u32::MAX);
        let units = NonZeroU32::new(units).unwrap_or(NonZeroU32::MIN).min(self.burst);
        match self.limiter.check_key_n(&user_id, units) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(not_until)) => {
                let clock = governor::clock::DefaultClock::default();
                Err(Error::rate_limited(not_until.wait_time_from(clock.now()).max(Duration::from_millis(1))))
            }
            // Never: no more than a burst is asked for.
            Err(_) => Err(Error::rate_limited(Duration::from_secs(1))),
        }
    }

    /// Forgets those who have long had their full budget back. Called now and then: the map would grow for ever.
    pub fn forget_idle(&self) {
        self.limiter.retain_recent();
    }
}

/// Who is counted as one: an IPv4 address, or the /64 network of an IPv6 address, of which one line has them all. Less than any
/// user's id, for it is a key beside them.
pub(crate) fn line_of(address: IpAddr) -> i64 {
    let bits = match address.to_canonical() {
        IpAddr::V4(v4) => u64::from(v4.to_bits()),
        IpAddr::V6(v6) => (v6.to_bits() >> 64) as u64,
    };
    // The first bit of every public network is 0.
    -1 - (bits & i64::MAX as u64) as i64
}

/// Reads of one person that are served at the same time: fewer than the database has connections for reading, so that whoever
/// asks over hundreds of connections leaves some to the others.
const AT_ONCE: usize = 2;
/// How long a read waits for those before it.
const PATIENCE: Duration = Duration::from_secs(5);

/// Calls that only read: how many a person may make, and how many of them at the same time; and the calls that need no login, by
/// the line they come over.
#[derive(Clone, Debug)]
pub struct ReadBudget {
    people: FrameBudget,
    lines: FrameBudget,
    slots: Arc<Mutex<HashMap<i64, Arc<Semaphore>>>>,
}

/// A place among the reads that are served, until it is dropped.
#[derive(Debug)]
pub(crate) struct ReadSlot(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

tokio::task_local! {
    /// The slot of the request that is being answered.
    pub(crate) static READ_SLOT: Cell<Option<ReadSlot>>;
}

impl ReadBudget {
    /// Beside a budget for frames: a page opens with a burst of reads and then makes few, and behind a line are many people.
    pub fn beside(frames_per_second: u32, frames_burst: u32) -> Self {
        let times = |factor| {
            FrameBudget::new(frames_per_second.saturating_mul(factor), frames_burst.saturating_mul(5 * factor))
        };
        Self { people: times(2), lines: times(5), slots: Arc::default() }
    }

    /// Counts one read of this person and waits for its slot; it holds until the request is answered.
    pub(crate) async fn spend(&self, user_id: i64) -> Result<()> {
        self.spend_opening(user_id)?;
        let slot = self.slot(user_id).await?;
        // A request that goes on without its connection has no place to keep it: it changes something, and pays as such.
        let _ = READ_SLOT.try_with(|held| held.set(Some(slot)));
        Ok(())
    }

    /// Counts a socket that this person opens: a page that comes back reads no more by HTTP alone.
    pub(crate) fn spend_opening(&self, user_id: i64) -> Result<()> {
        self.people.spend(user_id, 0)
    }

    async fn slot(&self, user_id: i64) -> Result<ReadSlot> {
        let slots = self.slots.lock().entry(user_id).or_insert_with(|| Arc::new(Semaphore::new(AT_ONCE))).clone();
        let slot = tokio::time::timeout(PATIENCE, slots.acquire_owned()).await;
        let slot = slot.map_err(|_| Error::rate_limited(Duration::from_secs(1)))?;
        slot.map(ReadSlot).map_err(Error::internal)
    }

    /// Counts one call of somebody who is not known.
    pub(crate) fn spend_unknown(&self, address: IpAddr) -> Result<()> {
        self.lines.spend(line_of(address), 0)
    }

    /// Forgets those who have not read for a while. Called now and then.
    pub fn forget_idle(&self) {
        self.people.forget_idle();
        self.lines.forget_idle();
        self.slots.lock().retain(|_, slots| Arc::strong_count(slots) > 1);
    }
}

#[cfg(test)]
mod tests {
    use tokio::task::yield_now;

    use super::*;

    #[test]
    fn a_large_frame_costs_as_much_as_several_small_ones_and_the_largest_still_passes() {
        let budget = FrameBudget::new(1, 4);
        budget.spend(1, 3 * UNIT).expect("three of four");
        budget.spend(1, 0).expect("the fourth");
        assert!(budget.spend(1, 1).expect_err("spent").retry_after.is_some());
        budget.spend(2, 1_000 * UNIT).expect("a whole burst, never more");
        assert!(budget.spend(2, 1).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_reads_over_many_connections_takes_turns_and_others_do_not_wait() {
        let reads = ReadBudget::beside(1_000, 1_000);
        let first = reads.slot(1).await.expect("free");
        let second = reads.slot(1).await.expect("free");
        let mut waiting = tokio::task::JoinSet::new();
        let asked = reads.clone();
        waiting.spawn(async move { asked.slot(1).await });
        yield_now().await;
        assert!(waiting.try_join_next().is_none(), "two at once");
        reads.slot(2).await.expect("another person has slots of their own");
        reads.forget_idle();
        drop(first);
        let third = waiting.join_next().await.expect("it waits").expect("no panic").expect("the slot of the first");
        assert!(reads.slot(1).await.expect_err("nobody gave one back").retry_after.is_some());
        drop((second, third));
        reads.forget_idle();
        assert!(reads.slots.lock().is_empty(), "the map does not grow");
    }
}
