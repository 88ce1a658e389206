//! What was copied and compared, in words for the person who moves the data.

use std::{fmt, time::Duration};

use super::{LogTotal, TransferPlan};

/// What came of it.
#[derive(Clone, Debug)]
pub struct TransferReport {
    from: String,
    to: String,
    pub(super) rounds: u32,
    /// Rows that were written, some of them more than once.
    pub(super) copied: u64,
    /// For so long nobody could write.
    pub(super) pause: Duration,
    pub(super) took: Duration,
    /// Id, name, and what its log comes to on both sides.
    pub(super) rooms: Vec<(i64, String, LogTotal)>,
    /// What was compared besides, and how many rows of it there are on both sides.
    pub(super) tables: Vec<(&'static str, u64)>,
    /// What signs the access tokens, where the new database is a file, which does not keep it.
    pub secret: Option<[u8; 32]>,
}

impl TransferReport {
    pub(super) fn new(plan: &TransferPlan) -> Self {
        let (from, to) = (plan.source.to_string(), plan.target.to_string());
        let nothing = Duration::ZERO;
        let (rooms, tables) = (Vec::new(), Vec::new());
        Self { from, to, rounds: 0, copied: 0, pause: nothing, took: nothing, rooms, tables, secret: None }
    }
}

impl fmt::Display for TransferReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "All data has moved.\n\n  from  {}\n  to    {}\n", self.from, self.to)?;
        writeln!(
            f,
            "It took {:.1} s, in {} rounds with {} rows written; for {:.1} s of that nobody could write.\n",
            self.took.as_secs_f64(),
            self.rounds,
            self.copied,
            self.pause.as_secs_f64()
        )?;
        writeln!(f, "Compared on both sides, and the same:\n")?;
        for (name, rows) in &self.tables {
            writeln!(f, "  {rows:>12}  {name}")?;
        }
        writeln!(f, "\nThe log of each room (entries, last position, checksum):\n")?;
        for (id, name, total) in &self.rooms {
            writeln!(f, "  {:>12}  {:>12}  {:016x}  {id} {name}", total.rows, total.last_seq, total.checksum)?;
        }
        Ok(())
    }
}
