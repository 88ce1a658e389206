//! The time that all nodes agree on: each sets its clock by that of the database they share. What is due, over or fresh is so for all of
//! them then, whatever their machines say.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Instant,
};

use crate::ports::{Clock, MetaStore, StoreResult, SystemClock};

/// An operator is told of clocks that are farther apart.
pub const APART_MS: i64 = 1_000;
/// The database was not asked yet.
const UNSET: i64 = i64::MIN;

/// The machine's clock; and where other nodes may share the database, that one's from the first look at it on. Between two looks it counts
/// what passes: somebody may set the machine's clock, by months where a machine goes on from an old state, and for a moment everything
/// would be over.
#[derive(Debug)]
pub struct SharedClock<C = SystemClock> {
    machine: C,
    begun: Instant,
    /// What the time was by the database when this began, in milliseconds.
    origin: AtomicI64,
    /// How far the database was ahead of the machine when an operator was told of it.
    told: AtomicI64,
}

impl<C: Clock> SharedClock<C> {
    /// As the machine has it, until it is set.
    pub fn over(machine: C) -> Self {
        Self { machine, begun: Instant::now(), origin: AtomicI64::new(UNSET), told: AtomicI64::new(0) }
    }

    /// Sets it by the database where other nodes may share that; to be called at the start, and again every few seconds.
    pub async fn set(&self, store: &dyn MetaStore) -> StoreResult<()> {
        if !store.is_shared() {
            return Ok(());
        }
        let before = self.passed();
        let there = store.clock_ms().await?;
        let after = self.passed();
        let known = self.origin.load(Ordering::Relaxed);
        self.origin.store(corrected(known, there - after, there - before), Ordering::Relaxed);
        self.compare(self.now_ms() - self.machine.now_ms());
        Ok(())
    }

    /// Milliseconds since this began, whatever any clock says.
    fn passed(&self) -> i64 {
        i64::try_from(self.begun.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    fn compare(&self, ahead: i64) {
        if ahead.abs() <= APART_MS {
            self.told.store(0, Ordering::Relaxed);
        } else if (ahead - self.told.load(Ordering::Relaxed)).abs() > APART_MS {
            self.told.store(ahead, Ordering::Relaxed);
            tracing::warn!(
                "the clock of this machine is {} s {} that of the database, by which all nodes go: set both by NTP",
                ahead.abs() / 1_000,
                if ahead > 0 { "behind" } else { "ahead of" }
            );
        }
    }
}

impl<C: Clock> Clock for SharedClock<C> {
    fn now_ms(&self) -> i64 {
        match self.origin.load(Ordering::Relaxed) {
            UNSET => self.machine.now_ms(),
            origin => origin + self.passed(),
        }
    }
}

/// The database looked at its clock between two looks at what has passed here. What may be right stays, however long the answer took. Both
/// are whole milliseconds, however they were rounded: one more or less must not let the middle of a long wait move the clock.
fn corrected(known: i64, least: i64, most: i64) -> i64 {
    if (least - 1..=most + 1).contains(&known) { known } else { least.midpoint(most) }
}

#[cfg(test)]
mod tests {
    use super::{UNSET, corrected};

    #[test]
    fn what_may_be_right_stays_and_what_cannot_be_goes_to_the_middle() {
        for (known, least, most, ahead) in [
            (UNSET, 5, 9, 7),
            (0, -3, 2, 0),
            (7, 5, 9, 7),
            (0, 1, 4_000, 0),
            (0, -4_000, -1, 0),
            (0, 60_000, 60_004, 60_002),
            (60_002, -2, 0, -1),
        ] {
            assert_eq!(corrected(known, least, most), ahead, "{known} {least} {most}");
        }
    }
}
