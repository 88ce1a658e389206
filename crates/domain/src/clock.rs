//! The time that all nodes agree on: each sets its clock by that of the database they share. What is due, over or fresh is so for all of
//! them then, whatever their machines say.

use std::sync::atomic::{AtomicI64, Ordering};

use crate::ports::{Clock, MetaStore, StoreResult, SystemClock};

/// An operator is told of clocks that are farther apart.
pub const APART_MS: i64 = 1_000;

/// The machine's clock, and how far the database's is ahead of it.
#[derive(Debug, Default)]
pub struct SharedClock<C = SystemClock> {
    machine: C,
    ahead: AtomicI64,
}

impl<C: Clock> SharedClock<C> {
    /// As the machine has it, until it is set.
    pub fn over(machine: C) -> Self {
        Self { machine, ahead: AtomicI64::new(0) }
    }

    /// Sets it by the database where other nodes may share that; to be called at the start, and again every few seconds.
    pub async fn set(&self, store: &dyn MetaStore) -> StoreResult<()> {
        if !store.is_shared() {
            return Ok(());
        }
        let before = self.machine.now_ms();
        let there = store.clock_ms().await?;
        let after = self.machine.now_ms();
        let known = self.ahead.load(Ordering::Relaxed);
        let ahead = corrected(known, there - after, there - before);
        self.ahead.store(ahead, Ordering::Relaxed);
        let moved = (ahead - known).abs();
        if ahead.abs() > APART_MS && (known.abs() <= APART_MS || moved > APART_MS) {
            tracing::warn!(
                "the clock of this machine is {} s {} that of the database, by which all nodes go: set both by NTP",
                ahead.abs() / 1_000,
                if ahead > 0 { "behind" } else { "ahead of" }
            );
        }
        Ok(())
    }
}

impl<C: Clock> Clock for SharedClock<C> {
    fn now_ms(&self) -> i64 {
        self.machine.now_ms() + self.ahead.load(Ordering::Relaxed)
    }
}

/// The database looked at its clock between two looks at the machine's. What may be right stays, however long the answer took; and what
/// was measured while the machine's clock was set back says nothing. Both are whole milliseconds, however they were rounded: one more or
/// less must not let the middle of a long wait move the clock.
fn corrected(known: i64, least: i64, most: i64) -> i64 {
    if (least - 1..=most + 1).contains(&known) || least > most { known } else { least.midpoint(most) }
}

#[cfg(test)]
mod tests {
    use super::corrected;

    #[test]
    fn what_may_be_right_stays_and_what_cannot_be_goes_to_the_middle() {
        for (known, least, most, ahead) in [
            (0, -3, 2, 0),
            (7, 5, 9, 7),
            (0, 1, 4_000, 0),
            (0, -4_000, -1, 0),
            (0, 60_000, 60_004, 60_002),
            (60_002, -2, 0, -1),
            (5, 0, -60_000, 5),
        ] {
            assert_eq!(corrected(known, least, most), ahead, "{known} {least} {most}");
        }
    }
}
