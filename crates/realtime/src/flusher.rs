//! Writes a room's pending bytes to its listeners: one task per live room, one write per listener and batch, no lock held.
//! It keeps no order of its own: `topic.rs` says what lies where.

use std::{collections::HashMap, ops::Range, panic::AssertUnwindSafe, sync::Arc};

use bytes::{Bytes, BytesMut};
use chinwag_domain::fault;
use chinwag_proto::CloseCode;
use futures_util::FutureExt;
use metrics::Counter;
use tokio::task::yield_now;

use crate::{
    batch::{Batch, StepKind},
    outbox::Outbox,
    rooms::Rooms,
    sink::{Lane, Sink, send_to},
    topic::Topic,
};

/// So many listeners are written to before the task yields the thread.
const CHUNK: usize = 128;

/// Serves one topic until nobody listens.
pub(crate) async fn run(topic: Arc<Topic>, rooms: Rooms, frames_out: Counter) {
    let mut listeners = Listeners::default();
    loop {
        topic.wake.notified().await;
        // What else is committed in this moment joins the batch. A timer here would only add latency.
        yield_now().await;
        if AssertUnwindSafe(flush(&topic, &mut listeners, &frames_out)).catch_unwind().await.is_err() {
            // Which listener got which bytes is not known any more: all of them are closed and resume from the store.
            tracing::error!(
                room_id = topic.room_id,
                "writing to a room panicked; its listeners were sent away to resume"
            );
            listeners.dismiss();
        }
        if listeners.len() == 0 && rooms.retire(&topic) {
            return;
        }
    }
}

/// Writes everything that waits.
async fn flush(topic: &Topic, listeners: &mut Listeners, frames_out: &Counter) {
    let mut batch = topic.take();
    listeners.follow(&mut batch);
    if cfg!(debug_assertions) {
        fault::panic_at("flush", &topic.room_id.to_string());
    }
    let mut written = 0;
    for start in (0..listeners.len()).step_by(CHUNK) {
        if start > 0 {
            yield_now().await;
        }
        written += listeners.write(&batch, start..start + CHUNK);
    }
    frames_out.increment(batch.frames * written);
}

/// Durable frames that came while the listener's replay was being read.
#[derive(Default)]
struct Held {
    /// Offset in the present batch from which frames are kept.
    from: usize,
    frames: Vec<(i64, Bytes)>,
    length: usize,
}

struct Listener {
    sink: Arc<dyn Sink>,
    /// Offset in the present batch from which frames are written to it.
    from: usize,
    held: Option<Box<Held>>,
    /// While it trails: the position that its replay reached; frames up to it are left out. 0 when it does not trail.
    after: i64,
}

/// The flusher's own list: nobody else touches it, so walking it needs no lock.
#[derive(Default)]
pub(crate) struct Listeners {
    list: Vec<Listener>,
    places: HashMap<u64, usize>,
}

impl Listeners {
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Takes the steps of a batch, each after the bytes that come before it.
    pub fn follow(&mut self, batch: &mut Batch) {
        for step in std::mem::take(&mut batch.steps) {
            let place = self.places.get(&step.listener).copied();
            match (step.kind, place) {
                (StepKind::Hold(sink, done), place) => {
                    let held = Some(Held { from: step.at[sink.lane() as usize], ..Held::default() }.into());
                    match place {
                        // The replay covers the frames that were not written yet, and those that were held before.
                        Some(place) => (self.list[place].held, self.list[place].after) = (held, 0),
                        None => {
                            self.places.insert(step.listener, self.list.len());
                            self.list.push(Listener { sink, from: 0, held, after: 0 });
                        }
                    }
                    // The receiver is gone where the socket is.
                    let _ = done.send(());
                }
                (StepKind::Release { after, trailing }, Some(place)) => {
                    let listener = &mut self.list[place];
                    let lane = listener.sink.lane();
                    let to = step.at[lane as usize];
                    listener.from = to;
                    listener.after = if trailing { after } else { 0 };
                    if let Some(mut held) = listener.held.take() {
                        held.keep(batch, lane, to);
                        held.write(listener.sink.as_ref(), after);
                    }
                }
                (StepKind::Say(frame, done), Some(place)) => {
                    let listener = &mut self.list[place];
                    if listener.held.is_none() {
                        let to = step.at[listener.sink.lane() as usize];
                        listener.write(batch, to);
                        listener.from = to;
                        send_to(listener.sink.as_ref(), &frame);
                    }
                    // As above.
                    let _ = done.send(());
                }
                (StepKind::Skip { to }, Some(place)) => {
                    let listener = &mut self.list[place];
                    let lane = listener.sink.lane() as usize;
                    // A held listener gets no hints anyway.
                    if listener.held.is_none() {
                        listener.write(batch, step.at[lane]);
                        listener.from = to[lane];
                    }
                }
                (StepKind::Leave { farewell }, Some(place)) => {
                    let mut listener = self.remove(place);
                    if listener.held.is_none() {
                        let lane = listener.sink.lane() as usize;
                        listener.write(batch, step.at[lane]);
                    }
                    if !farewell.is_empty() {
                        send_to(listener.sink.as_ref(), &farewell);
                    }
                }
                (StepKind::SendAway(code), _) => self.send_away(code),
                (
                    StepKind::Release { .. } | StepKind::Say(..) | StepKind::Skip { .. } | StepKind::Leave { .. },
                    None,
                ) => {}
            }
        }
    }

    /// Writes the batch to the listeners of this range; gives how many were live.
    pub fn write(&mut self, batch: &Batch, range: Range<usize>) -> u64 {
        let end = range.end.min(self.list.len());
        let mut live = 0;
        for listener in &mut self.list[range.start..end] {
            let lane = listener.sink.lane();
            let bytes = &batch.bytes[lane as usize];
            if let Some(held) = &mut listener.held {
                held.keep(batch, lane, bytes.len());
                held.from = 0;
                if held.length > Outbox::LIMIT {
                    held.frames = Vec::new();
                    listener.sink.close(CloseCode::TooSlow);
                }
            } else {
                listener.write(batch, bytes.len());
                listener.from = 0;
                live += 1;
            }
        }
        live
    }

    /// Closes all sockets, which then resume from the store.
    fn send_away(&self, code: CloseCode) {
        for listener in &self.list {
            listener.sink.close(code);
        }
    }

    /// Closes all sockets after a panic, and forgets them.
    fn dismiss(&mut self) {
        self.send_away(CloseCode::Internal);
        *self = Self::default();
    }

    fn remove(&mut self, place: usize) -> Listener {
        let listener = self.list.swap_remove(place);
        self.places.remove(&listener.sink.id());
        if let Some(moved) = self.list.get(place) {
            self.places.insert(moved.sink.id(), place);
        }
        listener
    }
}

impl Listener {
    fn write(&mut self, batch: &Batch, to: usize) {
        let bytes = &batch.bytes[self.sink.lane() as usize];
        if self.after > 0 {
            self.write_after(batch, to);
        } else if self.from == 0 && to == bytes.len() {
            if to > 0 {
                send_to(self.sink.as_ref(), bytes);
            }
        } else if self.from < to {
            send_to(self.sink.as_ref(), &bytes.slice(self.from..to));
        }
    }

    /// Writes the batch up to `to` without the durable frames that the replay has shown already.
    fn write_after(&mut self, batch: &Batch, to: usize) {
        let lane = self.sink.lane() as usize;
        let bytes = &batch.bytes[lane];
        let (mut out, mut from, after) = (BytesMut::new(), self.from, self.after);
        for span in &batch.spans {
            let (start, end) = (span.start[lane], span.end[lane]);
            if start < from || end > to {
                continue;
            }
            if (1..=after).contains(&span.seq) {
                out.extend_from_slice(&bytes[from..start]);
                from = end;
            }
            if span.seq >= after {
                self.after = 0;
            }
        }
        if from < to {
            out.extend_from_slice(&bytes[from..to]);
        }
        if !out.is_empty() {
            send_to(self.sink.as_ref(), &out.freeze());
        }
    }
}

impl Held {
    /// Keeps the durable frames of this batch up to `to`.
    fn keep(&mut self, batch: &Batch, lane: Lane, to: usize) {
        let lane_index = lane as usize;
        for span in &batch.spans {
            let (start, end) = (span.start[lane_index], span.end[lane_index]);
            if span.seq > 0 && start >= self.from && end <= to && start < end {
                self.length += end - start;
                self.frames.push((span.seq, batch.bytes[lane_index].slice(start..end)));
            }
        }
    }

    fn write(&self, sink: &dyn Sink, after: i64) {
        let mut out = BytesMut::new();
        for (_, frame) in self.frames.iter().filter(|(seq, _)| *seq > after) {
            out.extend_from_slice(frame);
        }
        if !out.is_empty() {
            send_to(sink, &out.freeze());
        }
    }
}

#[cfg(test)]
#[path = "flusher_tests.rs"]
mod tests;
