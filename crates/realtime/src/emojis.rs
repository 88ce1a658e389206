//! Which emojis of its own the place has, by the number of their last change: sockets are greeted with it, and told when it grows. Not the
//! emojis themselves.

use std::sync::atomic::{AtomicI64, Ordering};

/// What this node knows of them, and what its sockets do.
#[derive(Debug, Default)]
pub(crate) struct EmojiNews {
    version: AtomicI64,
    told: AtomicI64,
}

impl EmojiNews {
    pub fn version(&self) -> i64 {
        self.version.load(Ordering::Acquire)
    }

    /// Whoever is greeted from here on hears of it.
    pub fn note(&self, version: i64) {
        self.version.fetch_max(version, Ordering::AcqRel);
    }

    /// The version, where it has grown since this was asked last.
    pub fn take(&self) -> Option<i64> {
        let version = self.version();
        (self.told.swap(version, Ordering::AcqRel) < version).then_some(version)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use chinwag_domain::ports::{Committed, Publisher};
    use chinwag_proto::{EmojisChanged, Event};

    use crate::{
        hub::tests::hub,
        sink::{Lane, tests::Recorder},
    };

    fn changed(version: i64) -> Vec<Event> {
        vec![Event::EmojisChanged(EmojisChanged { version })]
    }

    #[tokio::test]
    async fn every_socket_hears_of_other_emojis_once_whatever_it_listens_to() {
        let hub = hub();
        let (ann, bob, guest) =
            (Recorder::new(1, 1), Recorder::with_lane(2, 2, Lane::Proto), Recorder::with_lane(3, 0, Lane::Plain));
        for sink in [&ann, &bob, &guest] {
            hub.connect(sink.clone(), false).expect("not draining");
        }
        hub.sweep_once(Instant::now()).await;
        assert_eq!(ann.events(), [], "there are none");
        // Of several the last is told, and an older one that comes late is none.
        hub.committed(vec![Committed::Emojis(7), Committed::Emojis(9), Committed::Emojis(8)]);
        assert_eq!(hub.emojis_version(), 9, "at once, for whoever is greeted now");
        for told in [changed(9), vec![]] {
            hub.sweep_once(Instant::now()).await;
            assert_eq!((ann.events(), bob.events()), (told.clone(), told));
        }
        assert!(guest.received.lock().is_empty(), "a terminal shows no pictures");
    }
}
