//! Whose turn it is: the changes of a room are told one after the other, whatever of them comes twice, too late, too early or not at
//! all. Pure: it has no lock and reads nothing (that is `heal.rs`).

use std::collections::BTreeMap;

use chinwag_domain::ports::Effect;
use chinwag_proto::Event;

/// So many changes wait for their turn at most; what is further ahead is read from the store when it has its turn.
const PARKED: usize = 64;

/// The turn of one room's changes.
#[derive(Debug, Default)]
pub(crate) struct Order {
    /// The position whose turn it is; 0 while nothing is known of the room.
    next: i64,
    /// The greatest position that this node has heard of.
    known: i64,
    /// What came before its turn.
    parked: BTreeMap<i64, Parked>,
}

#[derive(Debug)]
pub(crate) struct Parked {
    pub event: Event,
    pub effect: Option<Effect>,
}

impl Order {
    /// The position up to which everything was told.
    pub fn told(&self) -> i64 {
        (self.next - 1).max(0)
    }

    pub fn is_anchored(&self) -> bool {
        self.next > 0
    }

    /// Goes on after `head`, whatever was told; gives what waited up to there and is not told any more.
    pub fn jump(&mut self, head: i64) -> impl Iterator<Item = Parked> {
        self.next = self.next.max(head + 1);
        self.known = self.known.max(head);
        let later = self.parked.split_off(&self.next);
        std::mem::replace(&mut self.parked, later).into_values()
    }

    /// Goes on after `told` again, where that is behind: somebody has no more.
    pub fn go_back(&mut self, told: i64) {
        self.known = self.known.max(self.told());
        self.next = self.next.min(told + 1);
    }

    /// Forgets where it was: what comes is told to nobody.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// Whether these positions have their turn, one after the other, and nothing waits behind them.
    pub fn is_turn_of(&self, positions: impl Iterator<Item = i64>) -> bool {
        self.is_anchored() && self.parked.is_empty() && positions.zip(self.next..).all(|(seq, next)| seq == next)
    }

    /// Notes that this was told.
    pub fn tell(&mut self, seq: i64) {
        self.next = seq + 1;
    }

    /// What to do with a change that came.
    pub fn judge(&self, seq: i64) -> Turn {
        match seq {
            _ if !self.is_anchored() || seq > self.next => Turn::Early,
            _ if seq == self.next => Turn::Now,
            _ => Turn::Past,
        }
    }

    /// Keeps what came too early.
    pub fn park(&mut self, seq: i64, event: &Event, effect: Option<Effect>) {
        self.hear_of(seq);
        self.parked.entry(seq).or_insert_with(|| Parked { event: event.clone(), effect });
        if self.parked.len() > PARKED {
            self.parked.pop_last();
        }
    }

    /// The parked change whose turn it is.
    pub fn unpark(&mut self) -> Option<(i64, Parked)> {
        let first = self.parked.first_entry()?;
        if *first.key() != self.next { None } else { Some(first.remove_entry()) }
    }

    /// There is a change with this position.
    pub fn hear_of(&mut self, seq: i64) {
        self.known = self.known.max(seq);
    }

    /// The position whose turn it is, where there is a later one or itself, and the greatest there is.
    pub fn missing(&self) -> Option<(i64, i64)> {
        (self.is_anchored() && self.known >= self.next).then_some((self.next, self.known))
    }

    /// The store has nothing after `head` although this node had heard of `known` before it asked: what it heard was wrong.
    pub fn doubt(&mut self, known: i64, head: i64) {
        if self.known == known && head < known {
            self.known = head;
            self.parked.retain(|seq, _| *seq <= head);
        }
    }
}

/// When a change is to be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    Now,
    /// Something comes before it.
    Early,
    /// It was told.
    Past,
}
