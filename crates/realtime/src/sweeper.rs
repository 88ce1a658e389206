//! The one clock of all sockets: every second pings, silent peers, presence and userlists. There is no timer per
//! connection.

use std::time::{Duration, Instant};

use chinwag_domain::fault;
use chinwag_proto::{Event, PresenceChanged};
use tokio::{task::yield_now, time::MissedTickBehavior};

use crate::{Hub, people, roster::Change, sink::apart};

/// In rooms with more listeners only the userlist tells who comes and goes.
const SMALL_ROOM: usize = 200;
/// Sockets that are looked at before others may use the thread.
const CHUNK: usize = 512;

impl Hub {
    /// Sweeps every second until dropped; to be run in one task.
    pub async fn sweep(&self) {
        let mut ticks = tokio::time::interval(Duration::from_secs(1));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.sweep_once(Instant::now()).await;
        }
    }

    /// One round of the sweep.
    pub async fn sweep_once(&self, now: Instant) {
        let sinks = self.roster.lock().sinks();
        for chunk in sinks.chunks(CHUNK) {
            for sink in chunk {
                apart(sink.as_ref(), || {
                    fault::panic_at("tick", sink.username());
                    sink.tick(now);
                });
            }
            yield_now().await;
        }
        drop(sinks);
        let changes = self.roster.lock().settle(now);
        for change in changes {
            self.tell(change);
        }
        for topic in self.rooms.all() {
            if topic.take_people_changed(now) {
                self.hint(&topic, &people::userlist(&topic, &self.roster));
            }
        }
    }

    fn tell(&self, change: Change) {
        let rooms = change.rooms;
        let event = Event::Presence(PresenceChanged {
            user_id: change.user_id,
            username: change.username.as_ref().to_owned(),
            status: change.presence.into(),
            last_seen: change.last_seen,
        });
        for topic in rooms.into_iter().filter_map(|room_id| self.rooms.find(room_id)) {
            topic.people_changed();
            if topic.subscriptions() <= SMALL_ROOM {
                self.hint(&topic, &event);
            }
        }
    }
}
