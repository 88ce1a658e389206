//! What one connection has not taken yet: shared slices of bytes within a bound. It writes nothing itself.

use std::{collections::VecDeque, io::IoSlice};

use bytes::Bytes;
use chinwag_proto::ws;

/// The backlog is over its bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Full;

/// A queue of frames in the order they must leave. Slices begin at the beginning of a frame and end at the end of one.
#[derive(Debug, Default)]
pub struct Outbox {
    queue: VecDeque<Bytes>,
    /// How much of the first slice has left.
    written: usize,
    /// How much has not, of all.
    length: usize,
}

impl Outbox {
    /// Bytes that may wait.
    pub const LIMIT: usize = 256 * 1024;

    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Bytes that wait.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Queues whole frames of which the first `written` bytes have left already.
    pub fn push(&mut self, frames: Bytes, written: usize) -> Result<(), Full> {
        debug_assert!(written == 0 || self.queue.is_empty(), "only the first slice can be begun");
        let rest = frames.len() - written;
        if rest == 0 {
            return Ok(());
        }
        if self.queue.is_empty() {
            self.written = written;
        }
        self.length += rest;
        self.queue.push_back(frames);
        if self.length > Self::LIMIT { Err(Full) } else { Ok(()) }
    }

    /// Fills `slices` with what is next to be written, and says how many it filled.
    pub fn fill<'a>(&'a self, slices: &mut [IoSlice<'a>]) -> usize {
        let mut filled = 0;
        for (slot, bytes) in slices.iter_mut().zip(&self.queue) {
            let from = if filled == 0 { self.written } else { 0 };
            *slot = IoSlice::new(&bytes[from..]);
            filled += 1;
        }
        filled
    }

    /// Notes that the next `count` bytes have left; gives whether a slice is through. An empty outbox holds no memory.
    pub fn advance(&mut self, count: usize) -> bool {
        let slices = self.queue.len();
        self.length -= count;
        self.written += count;
        while self.queue.front().is_some_and(|first| first.len() <= self.written) {
            let gone = self.queue.pop_front().map_or(0, |first| first.len());
            self.written -= gone;
        }
        let through = self.queue.len() < slices;
        if self.queue.is_empty() {
            self.queue = VecDeque::new();
        }
        through
    }

    /// Forgets all but the rest of the frame that has begun to leave, so that another frame may follow it.
    pub fn truncate(&mut self) {
        let Some(first) = self.queue.pop_front() else { return };
        self.queue = VecDeque::new();
        let written = std::mem::take(&mut self.written);
        self.length = 0;
        let mut start = 0;
        while start < written {
            let length = ws::frame_length(&first[start..]).unwrap_or(first.len() - start);
            let end = (start + length).min(first.len());
            if written < end {
                // A copy: a slice would keep the whole batch alive for a peer that may never take it.
                self.length = end - written;
                self.queue.push_back(Bytes::copy_from_slice(&first[written..end]));
            }
            start = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chinwag_proto::ws::Opcode;
    use proptest::prelude::*;

    fn drained(mut outbox: Outbox, step: usize) -> Vec<u8> {
        let mut out = Vec::new();
        while !outbox.is_empty() {
            let mut slices = [IoSlice::new(&[]), IoSlice::new(&[])];
            let filled = outbox.fill(&mut slices);
            let all: Vec<u8> = slices[..filled].iter().flat_map(|slice| slice.to_vec()).collect();
            let count = all.len().min(step);
            out.extend_from_slice(&all[..count]);
            outbox.advance(count);
        }
        assert_eq!(outbox.len(), 0);
        out
    }

    #[test]
    fn over_the_limit_it_says_so() {
        let mut outbox = Outbox::default();
        assert_eq!(outbox.push(Bytes::from(vec![0; Outbox::LIMIT]), 0), Ok(()));
        assert_eq!(outbox.push(Bytes::from_static(b"x"), 0), Err(Full));
    }

    proptest! {
        #[test]
        fn bytes_leave_in_order_whatever_the_socket_takes(
            slices in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..50), 0..8),
            step in 1_usize..40,
        ) {
            let mut outbox = Outbox::default();
            for slice in &slices {
                outbox.push(slice.clone().into(), 0).expect("fits");
            }
            prop_assert_eq!(drained(outbox, step), slices.concat());
        }

        #[test]
        fn truncation_keeps_exactly_the_rest_of_the_begun_frame(
            lengths in prop::collection::vec(0_usize..70_000, 1..5),
            written in any::<prop::sample::Index>(),
            more in any::<bool>(),
        ) {
            let frames: Vec<Bytes> = lengths.iter().map(|n| ws::frame(Opcode::Text, &vec![b'x'; *n])).collect();
            let all = frames.concat();
            let written = written.index(all.len());
            let mut outbox = Outbox::default();
            let _ = outbox.push(all.clone().into(), written);
            if more {
                let _ = outbox.push(ws::frame(Opcode::Text, b"later"), 0);
            }
            outbox.truncate();
            let mut ends = frames.iter().scan(0, |end, frame| { *end += frame.len(); Some(*end) });
            let begins_at = frames.iter().scan(0, |at, frame| { let start = *at; *at += frame.len(); Some(start) });
            let on_a_border = begins_at.into_iter().any(|start| start == written);
            let end = if on_a_border { written } else { ends.find(|end| *end > written).expect("inside") };
            prop_assert_eq!(outbox.len(), end - written);
            prop_assert_eq!(drained(outbox, 1000), &all[written..end]);
        }
    }
}
