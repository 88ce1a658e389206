//! What happens to all sockets every second: pings, closing silent peers, presence, profiles, emojis and userlists. One task does it for all; no
//! connection has a timer.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use chinwag_domain::fault;
use chinwag_proto::{EmojisChanged, Event, PresenceChanged, ProfileChanged};
use tokio::{task::yield_now, time::MissedTickBehavior};

use crate::{
    Hub,
    fanout::{bit, encode},
    hub::tell_all,
    people,
    roster::{PresenceChange, ProfileNews},
    sink::{LANES, Lane, apart, send_to, send_with},
    topic::Topic,
};

/// In rooms with more listeners only the userlist tells who comes and goes.
pub(crate) const SMALL_ROOM: usize = 200;
/// So many sockets are looked at before the task yields the thread.
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
        let (changes, profiles) = {
            let mut roster = self.roster.lock();
            // Whoever leaves in this moment is known until they are settled.
            let profiles = roster.take_profiles();
            (roster.settle(now), profiles)
        };
        self.tell(changes, profiles).await;
        if let Some(version) = self.emojis.take() {
            self.tell_everybody(Event::EmojisChanged(EmojisChanged { version })).await;
        }
        for topic in self.rooms.all() {
            if topic.take_people_changed(now) {
                self.tell_of_people(&topic);
            }
        }
    }

    /// Tells each socket once, however many rooms it shares with whoever changed, and of all of them in one write.
    async fn tell(&self, changes: Vec<PresenceChange>, profiles: Vec<ProfileNews>) {
        let mut news = News::default();
        for change in changes {
            for topic in change.rooms.iter().filter_map(|room_id| self.rooms.find(*room_id)) {
                topic.people_changed();
                news.tell(self.sockets_of_small(&topic));
            }
            news.end(presence_changed(change));
        }
        for ProfileNews { user, rooms, sockets } in profiles {
            news.tell(sockets);
            for topic in rooms.into_iter().filter_map(|room_id| self.rooms.find(room_id)) {
                news.tell(self.sockets_of_small(&topic));
            }
            news.end(Event::Profile(ProfileChanged { user: Some(user) }));
        }
        let News { events, by_socket } = news;
        let mut frames: [HashMap<usize, Bytes>; LANES] = Default::default();
        for (told, (id, indices)) in by_socket.into_iter().enumerate() {
            if told % CHUNK == CHUNK - 1 {
                yield_now().await;
            }
            let Some(sink) = self.roster.lock().sink(id) else { continue };
            send_with(sink.as_ref(), |lane| {
                let mut out = BytesMut::new();
                for index in indices {
                    let frame = frames[lane as usize].entry(index).or_insert_with(|| encode(lane, &events[index]));
                    out.extend_from_slice(frame);
                }
                out.freeze()
            });
        }
    }

    async fn tell_everybody(&self, event: Event) {
        let sinks = self.roster.lock().sinks();
        for chunk in sinks.chunks(CHUNK) {
            tell_all(chunk, &event);
            yield_now().await;
        }
    }

    /// The sockets that listen here to a room that is small over all nodes.
    fn sockets_of_small(&self, topic: &Topic) -> Vec<u64> {
        let far = self.roster.lock().elsewhere.sockets_in(topic.room_id);
        topic.sockets(SMALL_ROOM.saturating_sub(far))
    }

    /// Sends the userlist of a room whose listeners have changed. In a small room `presence` frames say who came and went, so the
    /// list carries the number alone; the lane without `presence` frames gets the whole list.
    fn tell_of_people(&self, topic: &Topic) {
        if people::sockets(topic, &self.roster) > SMALL_ROOM {
            return self.hint(topic, &people::userlist(topic, &self.roster));
        }
        if let Some(total) = topic.take_new_total(&people::far_people(topic, &self.roster)) {
            self.hint(topic, &people::only_count(topic, total));
        }
        if topic.mask() & bit(Lane::Legacy) == 0 {
            return;
        }
        let list = encode(Lane::Legacy, &people::userlist(topic, &self.roster));
        for id in topic.legacy_sockets() {
            let sink = self.roster.lock().sink(id);
            if let Some(sink) = sink {
                send_to(sink.as_ref(), &list);
            }
        }
    }
}

/// What is told, and which of it to each socket.
#[derive(Default)]
struct News {
    events: Vec<Event>,
    by_socket: HashMap<u64, Vec<usize>>,
}

impl News {
    /// The event that comes next is for these sockets, too.
    fn tell(&mut self, sockets: Vec<u64>) {
        let index = self.events.len();
        for id in sockets {
            let indices = self.by_socket.entry(id).or_default();
            if indices.last() != Some(&index) {
                indices.push(index);
            }
        }
    }

    fn end(&mut self, event: Event) {
        self.events.push(event);
    }
}

fn presence_changed(change: PresenceChange) -> Event {
    Event::Presence(PresenceChanged {
        user_id: change.user_id,
        username: change.username.as_ref().to_owned(),
        status: change.presence.into(),
        last_seen: change.last_seen,
    })
}
