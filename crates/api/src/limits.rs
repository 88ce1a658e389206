//! How much one person may ask for, over all their sockets and HTTP together.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use chinwag_domain::{Error, Result};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock as _};

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

#[cfg(test)]
mod tests {
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
}
