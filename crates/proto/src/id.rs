//! Message ids: they only grow, stay under 2^53, and cannot be guessed by counting. Pure: the dice are an argument, and no clock
//! is asked: one start with a wrong one would be remembered for good.

/// Above every id: what JSON holds exactly. At a thousand messages a second it lasts for 139 years.
pub const LIMIT: i64 = 1 << 53;
/// In the place of a room's id where a log is meant: the person's own.
pub const OWN_LOG: i64 = 0;

/// Makes ids that only grow.
#[derive(Debug, Default)]
pub struct IdSource {
    last: i64,
}

impl IdSource {
    /// How far an id may lie above the one before it.
    pub const STEP: u64 = 1 << 12;

    /// Continues after `last`, the greatest id that is already in use.
    pub fn after(last: i64) -> Self {
        Self { last }
    }

    /// The next id, scattered by `random`.
    pub fn next(&mut self, random: u64) -> i64 {
        self.last += 1 + (random % Self::STEP) as i64;
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_by_steps_that_nobody_can_guess_and_that_are_bounded() {
        let mut ids = IdSource::after(1_000_000);
        assert_eq!((ids.next(0), ids.next(0)), (1_000_001, 1_000_002));
        assert_eq!(ids.next(u64::MAX), 1_000_002 + 4_096);
        assert_eq!(ids.next(7), 1_000_002 + 4_096 + 8);
    }

    #[test]
    fn ids_stay_under_2_pow_53_for_generations() {
        let a_year = 365 * 24 * 3_600 * 1_000 * (IdSource::STEP as i64 / 2);
        assert!(LIMIT / a_year > 130, "a thousand a second");
    }
}
