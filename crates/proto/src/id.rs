//! Message ids: 53-bit, sortable by time, not guessable by counting. Pure: the clock and the dice are arguments.

/// 2025-01-01T00:00:00Z in milliseconds since 1970; 41 bits from here last until 2094.
const ORIGIN_MS: i64 = 1_735_689_600_000;
/// Bits below the millisecond.
const LOW_BITS: u32 = 12;
/// How far two ids of one millisecond may lie apart.
const STEP: i64 = 16;

/// Makes ids that only grow, whatever the clock does.
#[derive(Debug, Default)]
pub struct IdSource {
    last: i64,
}

impl IdSource {
    /// Continues after `last`, the greatest id that is already in use.
    pub fn after(last: i64) -> Self {
        Self { last }
    }

    /// The next id for the moment `now_ms`, scattered by `random`.
    pub fn next(&mut self, now_ms: i64, random: u64) -> i64 {
        let from_clock = ((now_ms - ORIGIN_MS).max(0) << LOW_BITS) + (random & ((1 << LOW_BITS) - 1)) as i64;
        let from_last = self.last + 1 + (random >> LOW_BITS) as i64 % STEP;
        self.last = from_clock.max(from_last);
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_when_the_clock_runs_backwards() {
        let mut ids = IdSource::default();
        let first = ids.next(ORIGIN_MS + 10_000, 7);
        let second = ids.next(ORIGIN_MS + 5_000, 7);
        assert!(second > first);
    }

    #[test]
    fn ids_stay_under_2_pow_53_for_decades() {
        let mut ids = IdSource::default();
        assert!(ids.next(ORIGIN_MS + 69 * 365 * 86_400_000, u64::MAX) < 1 << 53);
    }
}
