//! Texts and read marks that wait and become one transaction: what is asked and what is answered. Not how it is written.

use chinwag_domain::{
    ports::{Committed, StoreResult},
    records::{Appended, Marked},
};
use tokio::sync::oneshot;

use crate::{append::Append, error::TxFailure, marks::Mark};

/// What waits.
#[derive(Default)]
pub(crate) struct HotBatch {
    pub(crate) appends: Vec<Append>,
    pub(crate) marks: Vec<Mark>,
}

impl HotBatch {
    pub(crate) fn is_empty(&self) -> bool {
        self.appends.is_empty() && self.marks.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.appends.len() + self.marks.len()
    }

    /// One batch for each, in their order.
    pub(crate) fn apart(self) -> impl Iterator<Item = Self> {
        let appends = self.appends.into_iter().map(|append| Self { appends: vec![append], marks: Vec::new() });
        appends.chain(self.marks.into_iter().map(|mark| Self { appends: Vec::new(), marks: vec![mark] }))
    }

    /// Nothing of it is acknowledged.
    pub(crate) fn refuse(self, failure: &TxFailure) {
        for append in self.appends {
            answer(append.reply, Err(failure.clone().into()));
        }
        for mark in self.marks {
            answer(mark.reply, Err(failure.clone().into()));
        }
    }
}

/// What each heard, in the batch's order, and what is to be told.
pub(crate) type Answers = (Vec<StoreResult<Appended>>, Vec<StoreResult<Marked>>, Vec<Committed>);

/// What is durable.
pub(crate) struct Written {
    batch: HotBatch,
    placed: Vec<StoreResult<Appended>>,
    read: Vec<StoreResult<Marked>>,
    pub(crate) changes: Vec<Committed>,
}

impl Written {
    pub(crate) fn of(batch: HotBatch, (placed, read, changes): Answers) -> Self {
        Self { batch, placed, read, changes }
    }

    /// Tells those who wait.
    pub(crate) fn acknowledge(self) {
        for (append, placed) in self.batch.appends.into_iter().zip(self.placed) {
            answer(append.reply, placed);
        }
        for (mark, state) in self.batch.marks.into_iter().zip(self.read) {
            answer(mark.reply, state);
        }
    }
}

/// A caller that has gone needs no answer.
fn answer<T>(reply: oneshot::Sender<T>, told: T) {
    drop(reply.send(told));
}
