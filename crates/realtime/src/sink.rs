//! What the hub needs of a connection. Not a connection itself: that is the api crate's.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Instant,
};

use bytes::Bytes;
use chinwag_domain::{SessionId, fault};
use chinwag_proto::{CloseCode, frame::Encoding};

/// The form in which a socket gets its frames. Each event is written once per lane that has listeners.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Lane {
    /// JSON objects in text frames.
    Json,
    /// Protobuf in binary frames.
    Proto,
    /// `name:content` in text frames, nothing but texts: the plain text lobby.
    Plain,
    /// The same as `Json`, for clients that asked for no subprotocol, as those of GoChat: they know no `presence`, so they
    /// are told in words who leaves, and who is there by whole lists.
    Legacy,
}

impl Lane {
    pub(crate) const ALL: [Self; LANES] = [Self::Json, Self::Proto, Self::Plain, Self::Legacy];
}

impl From<Encoding> for Lane {
    fn from(encoding: Encoding) -> Self {
        match encoding {
            Encoding::Json => Self::Json,
            Encoding::Proto => Self::Proto,
        }
    }
}

pub(crate) const LANES: usize = 4;

/// A connection, as the hub sees it. Every method returns at once.
pub trait Sink: Send + Sync + 'static {
    /// Unique on this node for ever; a later connection has a greater one.
    fn id(&self) -> u64;
    /// 0 for a guest.
    fn user_id(&self) -> i64;
    fn username(&self) -> &Arc<str>;
    fn session(&self) -> Option<SessionId>;
    fn lane(&self) -> Lane;
    /// Sends whole frames. What cannot be written now waits within bounds; past them the sink closes itself.
    fn send(&self, frames: &Bytes);
    /// Says why and hangs up. Nothing that is sent later arrives.
    fn close(&self, code: CloseCode);
    /// Called every second: pings, and gives up on a peer that is silent or takes nothing.
    fn tick(&self, now: Instant);
}

/// Sends to one among others. A panic ends this socket and keeps nobody else from theirs.
pub(crate) fn send_to(sink: &dyn Sink, frames: &Bytes) {
    apart(sink, || {
        fault::panic_at("send", sink.username());
        sink.send(frames);
    });
}

/// The same, where the frames are still to be written for the lane of the socket.
pub(crate) fn send_with(sink: &dyn Sink, frames: impl FnOnce(Lane) -> Bytes) {
    apart(sink, || send_to(sink, &frames(sink.lane())));
}

/// Does what is between us and one socket among others, under the same rule.
pub(crate) fn apart(sink: &dyn Sink, work: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(work)).is_err() {
        tracing::error!(socket = sink.id(), user_id = sink.user_id(), "a socket panicked; it was closed");
        sink.close(CloseCode::Internal);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use chinwag_proto::{
        Event,
        frame::decode_event,
        ws::{self, Decoder, WsMessage},
    };
    use parking_lot::Mutex;

    /// Remembers what it was sent.
    pub struct Recorder {
        id: u64,
        user_id: i64,
        username: Arc<str>,
        lane: Lane,
        pub received: Mutex<Vec<u8>>,
        pub closed: Mutex<Option<CloseCode>>,
        /// The method that panics.
        pub faulty: Mutex<Option<&'static str>>,
        pub ticks: std::sync::atomic::AtomicUsize,
    }

    impl Recorder {
        pub fn new(id: u64, user_id: i64) -> Arc<Self> {
            Self::with_lane(id, user_id, Lane::Json)
        }

        /// The events that arrived since the last call.
        pub fn events(&self) -> Vec<Event> {
            let mut bytes = std::mem::take(&mut *self.received.lock());
            let mut input = bytes.as_mut_slice();
            let mut decoder = Decoder::new(ws::From::Server, usize::MAX);
            let mut events = Vec::new();
            while let Some(message) = decoder.next(&mut input).expect("well framed") {
                events.push(match message {
                    WsMessage::Text(text) => decode_event(Encoding::Json, text.as_bytes()).expect("an event"),
                    WsMessage::Binary(bytes) => decode_event(Encoding::Proto, bytes).expect("an event"),
                    other => panic!("unexpected {other:?}"),
                });
            }
            events
        }

        pub fn with_lane(id: u64, user_id: i64, lane: Lane) -> Arc<Self> {
            let username = format!("user{user_id}").into();
            let (received, closed, faulty, ticks) = Default::default();
            Arc::new(Self { id, user_id, username, lane, received, closed, faulty, ticks })
        }

        fn pass(&self, method: &str) {
            assert!(*self.faulty.lock() != Some(method), "a fault, meant so");
        }
    }

    impl Sink for Recorder {
        fn id(&self) -> u64 {
            self.id
        }

        fn user_id(&self) -> i64 {
            self.user_id
        }

        fn username(&self) -> &Arc<str> {
            &self.username
        }

        fn session(&self) -> Option<SessionId> {
            Some(SessionId(self.id as i64))
        }

        fn lane(&self) -> Lane {
            self.pass("lane");
            self.lane
        }

        fn send(&self, frames: &Bytes) {
            self.pass("send");
            self.received.lock().extend_from_slice(frames);
        }

        fn close(&self, code: CloseCode) {
            self.closed.lock().get_or_insert(code);
        }

        fn tick(&self, _now: Instant) {
            self.pass("tick");
            self.ticks.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
    }
}
