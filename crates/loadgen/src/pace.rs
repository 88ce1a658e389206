//! When the next message is due: an open loop, whose schedule does not wait for the server. Pure.

use std::time::{Duration, Instant};

/// Evenly spaced moments.
pub struct Pace {
    start: Instant,
    gap: Duration,
    count: u64,
    next: u64,
}

impl Pace {
    pub fn new(start: Instant, per_second: f64, seconds: f64) -> Self {
        Self { start, gap: Duration::from_secs_f64(1.0 / per_second), count: (per_second * seconds) as u64, next: 0 }
    }

    /// The moment of the next message, until there is none left.
    pub fn next(&self) -> Option<Instant> {
        (self.next < self.count).then(|| self.start + self.gap.mul_f64(self.next as f64))
    }

    /// The next one that is due by now: its number and when it was meant to leave.
    pub fn take(&mut self, now: Instant) -> Option<(u64, Instant)> {
        let due = self.next().filter(|due| *due <= now)?;
        self.next += 1;
        Some((self.next - 1, due))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_loop_still_sends_everything_with_the_intended_times() {
        let start = Instant::now();
        let mut pace = Pace::new(start, 10.0, 1.0);
        let late = start + Duration::from_secs(5);
        let taken: Vec<_> = std::iter::from_fn(|| pace.take(late)).collect();
        assert_eq!(taken.len(), 10);
        assert_eq!(taken[9], (9, start + Duration::from_millis(900)));
        assert!(pace.next().is_none());
    }

    #[test]
    fn nothing_leaves_early() {
        let start = Instant::now();
        let mut pace = Pace::new(start + Duration::from_secs(1), 10.0, 1.0);
        assert!(pace.take(start).is_none());
    }
}
