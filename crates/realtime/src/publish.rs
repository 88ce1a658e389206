//! The publisher of the domain: what happened, told to whom it concerns on this node. Who listens is the hub's.

use std::{
    collections::BTreeMap,
    panic::{AssertUnwindSafe, catch_unwind},
};

use bytes::Bytes;
use chinwag_domain::{
    SessionId, SocketId, fault,
    ports::{Committed, Effect, Figures, Publisher},
};
use chinwag_proto::{CloseCode, Event, Presence, RoomChanged, RoomEvent};

use crate::{
    Hub,
    fanout::{Run, encode},
    hub::tell_all,
    sink::{Lane, send_with},
    topic::{Removed, Told, Topic},
};

impl Hub {
    /// Tells a run of one room's changes, and ends what the last one ends.
    fn flush(&self, topic: Option<&Topic>, run: Run<'_>, last: RoomChange<'_>) {
        if let Event::Text(text) = last.event {
            fault::panic_at("publish", &text.content);
        }
        let told = match topic {
            Some(topic) => topic.tell(run, last.effect, &self.farewell(last.room_id)),
            None => Told::of_nobody(last.effect),
        };
        self.follow_up(last.room_id, told);
    }

    /// What this node does, whatever the others do, and how many people are on any.
    fn figures_here(&self) -> Figures {
        let (sockets, users) = self.roster.lock().counts();
        let rooms = self.rooms.all();
        let subscriptions = rooms.iter().map(|topic| topic.subscriptions()).sum();
        Figures { sockets, users, rooms: rooms.len(), subscriptions }
    }

    /// What somebody is told whose subscription to this room has ended.
    pub(crate) fn farewell(&self, room_id: i64) -> impl Fn(i64, Lane) -> Bytes {
        move |user_id, lane| encode(lane, &removed(room_id, user_id, self.clock.now_ms()))
    }

    /// Tells the other sockets of those whose subscriptions have ended, and lets what is missing be looked for.
    pub(crate) fn follow_up(&self, room_id: i64, told: Told) {
        if told.is_behind {
            self.behind.add(room_id);
        }
        for Removed { user_id, sockets: ended } in told.removed {
            let others = {
                let mut roster = self.roster.lock();
                for id in &ended {
                    roster.exit(*id, room_id);
                }
                roster.sinks_of(user_id)
            };
            let farewell = self.farewell(room_id);
            for sink in others.into_iter().filter(|sink| !ended.contains(&sink.id())) {
                send_with(sink.as_ref(), |lane| farewell(user_id, lane));
            }
        }
    }

    /// Tells changes that are durable, in the order they come.
    pub fn tell_changes(&self, changes: &[Committed]) {
        for change in changes {
            match change {
                Committed::Own { user_id, seq, event } => self.tell_own(*user_id, *seq, event),
                Committed::Profile(user) => self.roster.lock().note_profile(user),
                Committed::Emojis(version) => self.emojis.note(*version),
                Committed::Room { .. } => {}
            }
        }
        self.tell_rooms(changes);
    }

    /// Tells changes of rooms, in the order they come.
    pub(crate) fn tell_rooms(&self, changes: &[Committed]) {
        let mut changes = changes.iter().filter_map(RoomChange::of).peekable();
        while let Some(first) = changes.next() {
            let room_id = first.room_id;
            let topic = self.rooms.find(room_id);
            let mut run = Run::new(topic.as_ref().map_or(0, |topic| topic.mask()));
            run.push(first.event, first.seq);
            let mut last = first;
            // A change of who may listen is applied before any later frame of the room is appended: somebody who was kicked must
            // not hear what follows.
            while last.effect.is_none() {
                let Some(change) = changes.next_if(|change| change.room_id == room_id) else { break };
                run.push(change.event, change.seq);
                last = change;
            }
            let seq = last.seq;
            let flush = AssertUnwindSafe(|| self.flush(topic.as_deref(), run, last));
            if catch_unwind(flush).is_err() {
                tracing::error!(room_id, "telling a room panicked; its listeners were sent away to resume");
                if let Some(topic) = topic {
                    // Not told again: whoever listens next would be sent away, too.
                    topic.jump(seq, CloseCode::Internal);
                }
            }
        }
    }
}

/// A durable change of a room, and its place.
struct RoomChange<'e> {
    room_id: i64,
    seq: i64,
    event: &'e Event,
    effect: Option<Effect>,
}

impl<'e> RoomChange<'e> {
    fn of(change: &'e Committed) -> Option<Self> {
        let Committed::Room { event, effect } = change else { return None };
        let (room_id, seq) = event.position()?;
        Some(Self { room_id, seq, event, effect: *effect })
    }
}

fn removed(room_id: i64, user_id: i64, timestamp: i64) -> Event {
    let event = RoomEvent::Removed.into();
    Event::Room(RoomChanged { room_id, event, seq: None, room: None, user_id: Some(user_id), timestamp })
}

impl Publisher for Hub {
    fn committed(&self, changes: Vec<Committed>) {
        self.tell_changes(&changes);
    }

    fn hint_room(&self, room_id: i64, event: Event) {
        if let Some(topic) = self.rooms.find(room_id) {
            self.hint(&topic, &event);
        }
    }

    fn hint_user(&self, user_id: i64, event: Event) {
        let sinks = self.roster.lock().sinks_of(user_id);
        tell_all(&sinks, &event);
    }

    fn hint_socket(&self, SocketId(id): SocketId, event: Event) {
        let sink = self.roster.lock().sink(id);
        if let Some(sink) = sink {
            if let Event::Read(read) = &event
                && self.own_logs.comes_later(sink.user_id(), id, read.own_seq)
            {
                self.behind_own.add(sink.user_id());
                return;
            }
            send_with(sink.as_ref(), |lane| encode(lane, &event));
        }
    }

    fn end_sessions(&self, sessions: &[SessionId], code: CloseCode) {
        self.close_sessions(sessions, code);
    }

    fn close_sessions(&self, sessions: &[SessionId], code: CloseCode) {
        let sinks = self.roster.lock().sinks_of_sessions(sessions);
        for sink in sinks {
            sink.close(code);
        }
    }

    fn people_in(&self, room_id: i64) -> Vec<i64> {
        let mut people = self.rooms.find(room_id).map(|topic| topic.listeners()).unwrap_or_default();
        people.retain(|user_id| *user_id != 0);
        people.extend(self.roster.lock().elsewhere.people_in(room_id).into_iter().map(|(user_id, _)| user_id));
        people.sort_unstable();
        people.dedup();
        people
    }

    fn presence(&self, user_id: i64) -> Presence {
        self.roster.lock().presence(user_id)
    }

    fn online_users(&self) -> Vec<i64> {
        self.roster.lock().online()
    }

    fn figures(&self) -> Figures {
        let mut figures = self.figures_here();
        let (sockets, far): (usize, Vec<_>) = {
            let roster = self.roster.lock();
            (roster.elsewhere.sockets(), roster.elsewhere.rooms().collect())
        };
        figures.sockets += sockets;
        figures.subscriptions += far.iter().map(|(_, sockets)| sockets).sum::<usize>();
        figures.rooms += far.iter().filter(|(room_id, _)| self.rooms.find(*room_id).is_none()).count();
        figures
    }

    fn figures_by_node(&self) -> BTreeMap<String, Figures> {
        let Some(name) = self.hearsay.lock().as_ref().map(|hearsay| hearsay.name().to_owned()) else {
            return BTreeMap::new();
        };
        let here = self.figures_here();
        let roster = self.roster.lock();
        roster.elsewhere.figures().chain([(name, Figures { users: roster.people_here(), ..here })]).collect()
    }

    fn subscriptions_by_room(&self) -> BTreeMap<i64, usize> {
        let mut rooms: BTreeMap<i64, usize> =
            self.rooms.all().iter().map(|topic| (topic.room_id, topic.subscriptions())).collect();
        for (room_id, sockets) in self.roster.lock().elsewhere.rooms() {
            *rooms.entry(room_id).or_default() += sockets;
        }
        rooms
    }
}
