//! This node among the others: what it says to them of its sockets, and what becomes of theirs here. How it is said is another crate's.

use std::{sync::atomic::Ordering, time::Instant};

use chinwag_proto::{CloseCode, nodes::Whereabouts};

use crate::{
    Hub,
    elsewhere::Learned,
    fanout::bit,
    hearsay::{Hearsay, News},
    hub::left,
    sink::Lane,
};

impl Hub {
    /// From now on this is one node of several, under this name. What it says and hears goes by the next four.
    pub fn begin_saying(&self, name: &str) {
        *self.hearsay.lock() = Some(Hearsay::new(name));
        self.roster.lock().begin_saying(name);
    }

    /// What is to be said to all other nodes now; to be called every [`SAY_EVERY`](crate::SAY_EVERY), with whether the bus is up.
    pub fn whereabouts(&self, now: Instant, is_up: bool) -> Vec<Whereabouts> {
        // Held over all of it, so that what is heard is taken down in its order.
        let mut hearsay = self.hearsay.lock();
        let Some(hearsay) = hearsay.as_mut() else { return Vec::new() };
        let (said, silent) = {
            // In one go: what a snapshot has in it is what was said up to its number.
            let mut roster = self.roster.lock();
            let unsaid = roster.take_unsaid();
            hearsay.look(now, is_up, unsaid, || roster.all_said())
        };
        self.learn(silent, now);
        said
    }

    /// What another node has said; `start` is greater after each start of it.
    pub fn heard_from(&self, node: &str, start: u64, said: Whereabouts, now: Instant) {
        let mut hearsay = self.hearsay.lock();
        let Some(news) = hearsay.as_mut().map(|hearsay| hearsay.hear(node, start, said)) else { return };
        self.learn(news, now);
    }

    /// The bus was away, or lost something.
    pub fn was_away(&self) {
        if let Some(hearsay) = self.hearsay.lock().as_mut() {
            hearsay.come_back();
        }
    }

    /// The last word to the other nodes, where there may be some.
    pub fn goodbye(&self) -> Option<Whereabouts> {
        self.hearsay.lock().as_ref().map(Hearsay::goodbye)
    }

    /// Takes down what is new of other nodes, and lets it be told here.
    fn learn(&self, news: News, now: Instant) {
        for (node, learned) in news {
            match learned {
                Learned::Gone(0) => tracing::info!(node, "another node has stopped, or begun anew"),
                Learned::Gone(silence) => {
                    tracing::warn!(node, silence_ms = silence, "another node fell silent: it is taken for gone")
                }
                _ => {}
            }
            let newest = newest(&learned);
            let aftermath = {
                let mut roster = self.roster.lock();
                // Whoever connects here from now on is newer than all of which this node knows.
                self.last_id.fetch_max(newest, Ordering::Relaxed);
                roster.learn(&node, &learned, self.sockets_per_user, now, self.clock.now_ms())
            };
            for sink in aftermath.surplus {
                sink.close(CloseCode::TooManySockets);
            }
            for topic in aftermath.rooms.into_iter().filter_map(|room_id| self.rooms.find(room_id)) {
                topic.people_changed();
            }
            for (room_id, user_id, username) in aftermath.parted {
                let Some(topic) = self.rooms.find(room_id) else { continue };
                if topic.mask() & bit(Lane::Legacy) != 0 && topic.sockets_of(user_id).is_empty() {
                    self.hint(&topic, &left(room_id, user_id, &username, self.clock.now_ms()));
                }
            }
        }
    }
}

/// The newest socket that is named.
fn newest(learned: &Learned) -> u64 {
    let sockets = match learned {
        Learned::All(sockets) => sockets,
        Learned::Moves(moves) => &moves.sockets,
        Learned::Gone(_) => return 0,
    };
    sockets.iter().map(|socket| socket.id).max().unwrap_or(0)
}

#[cfg(test)]
#[path = "across_tests.rs"]
pub(crate) mod tests;
