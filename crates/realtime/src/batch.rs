//! What a topic hands to its flusher: bytes, and what happens between them. No decision.

use std::sync::Arc;

use bytes::Bytes;
use chinwag_proto::CloseCode;
use tokio::sync::oneshot;

use crate::{
    fanout::FrameSpan,
    sink::{LANES, Sink},
};

/// Something that happens to a listener between two frames.
pub(crate) struct Step {
    /// How much of each lane comes before it.
    pub at: [usize; LANES],
    pub listener: u64,
    pub kind: StepKind,
}

pub(crate) enum StepKind {
    /// Keep durable frames aside from here on. The sender fires once no older frame can be written to the sink any more.
    Hold(Arc<dyn Sink>, oneshot::Sender<()>),
    /// Write what was kept aside and comes after position `after`, then go live. `trailing`: frames up to `after` are still to be
    /// appended here; the listener has them from its replay and must not get them again.
    Release { after: i64, trailing: bool },
    /// A frame for this listener alone, in order with the others. The sender fires once it is written.
    Say(Bytes, oneshot::Sender<()>),
    /// Leave out the bytes from here up to `to`: a hint that is not for this listener.
    Skip { to: [usize; LANES] },
    /// Write nothing from here on, but for `farewell`.
    Leave { farewell: Bytes },
    /// The pending bytes were dropped: close all listeners, which then resume from the store.
    SendAway(CloseCode),
}

/// All that is pending, as the flusher takes it.
#[derive(Default)]
pub(crate) struct Batch {
    pub bytes: [Bytes; LANES],
    pub steps: Vec<Step>,
    /// Where each frame lies. Recorded only while a listener is held or trails: nobody else needs single frames.
    pub spans: Vec<FrameSpan>,
    pub frames: u64,
}
