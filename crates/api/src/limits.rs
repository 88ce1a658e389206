//! How fast one person may send, over all their sockets and HTTP together.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use chinwag_domain::{Error, Result};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock as _};

/// Frames per second with a burst, per user id.
#[derive(Clone, Debug)]
pub struct FrameBudget(Arc<DefaultKeyedRateLimiter<i64>>);

impl FrameBudget {
    pub fn new(per_second: u32, burst: u32) -> Self {
        let positive = |n: u32| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(positive(per_second)).allow_burst(positive(burst));
        Self(Arc::new(RateLimiter::keyed(quota)))
    }

    /// Counts one frame, or says how long to wait.
    pub fn spend(&self, user_id: i64) -> Result<()> {
        self.0.check_key(&user_id).map_err(|not_until| {
            let clock = governor::clock::DefaultClock::default();
            Error::rate_limited(not_until.wait_time_from(clock.now()).max(Duration::from_millis(1)))
        })
    }

    /// Forgets those who have long had their full budget back. Called now and then: the map would grow for ever.
    pub fn forget_idle(&self) {
        self.0.retain_recent();
    }
}
