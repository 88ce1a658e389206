//! What waits to be written to one room's listeners, and who they are. It has no lock of its own (that is `topic.rs`).

use std::{collections::HashMap, sync::Arc, time::Instant};

use bytes::{Bytes, BytesMut};
use chinwag_proto::{CloseCode, limits};
use tokio::sync::oneshot;

use crate::{
    batch::{Step, StepKind},
    fanout::FrameSpan,
    order::Order,
    sink::{LANES, Lane, Sink},
};

/// What somebody is told whose subscription has ended.
pub(crate) type Farewell<'f> = &'f dyn Fn(i64, Lane) -> Bytes;

pub(crate) struct Subscription {
    pub user_id: i64,
    pub lane: Lane,
    pub held: bool,
    /// The position from which it went live.
    pub after: i64,
    /// Its replay went up to this position, which is not appended here yet: the store shows a change a moment before the writer
    /// publishes it.
    pub trailing: Option<i64>,
}

/// Someone who listens, with one socket or several.
pub(crate) struct Person {
    pub username: Arc<str>,
    /// Whether they are a member. Others listen only as long as the room is public.
    pub member: bool,
    pub sockets: Vec<u64>,
}

#[derive(Default)]
pub(crate) struct Pending {
    pub bytes: [BytesMut; LANES],
    pub steps: Vec<Step>,
    pub spans: Vec<FrameSpan>,
    pub frames: u64,
    /// The flusher was woken and has not taken the log since.
    pub woken: bool,
    /// The topic is out of the hub and its flusher has ended.
    pub retired: bool,
    pub subscriptions: HashMap<u64, Subscription>,
    pub held: usize,
    pub trailing: usize,
    /// Whose turn it is.
    pub order: Order,
    /// Who waits until that is known.
    pub waiting: Vec<oneshot::Sender<()>>,
    pub lanes: [usize; LANES],
    pub people: HashMap<i64, Person>,
    /// Who talked last, first; at most as many as a userlist names.
    pub talkers: Vec<i64>,
    pub people_changed: bool,
    pub list_sent_at: Option<Instant>,
    pub total_sent: usize,
}

impl Pending {
    /// Without guests; with those who listen elsewhere.
    pub fn total(&self, far: &[(i64, Arc<str>)]) -> usize {
        let there = far.iter().filter(|(id, _)| !self.people.contains_key(id)).count();
        self.people.len() - usize::from(self.people.contains_key(&0)) + there
    }

    pub fn lengths(&self) -> [usize; LANES] {
        std::array::from_fn(|lane| self.bytes[lane].len())
    }

    pub fn step(&mut self, listener: u64, kind: StepKind) {
        self.steps.push(Step { at: self.lengths(), listener, kind });
    }

    pub fn enter(&mut self, sink: &dyn Sink, member: bool) {
        let (id, user_id, lane) = (sink.id(), sink.user_id(), sink.lane());
        let person = self.people.entry(user_id).or_insert_with(|| {
            self.people_changed = true;
            Person { username: sink.username().clone(), member, sockets: Vec::new() }
        });
        person.member |= member;
        match self.subscriptions.get_mut(&id) {
            Some(subscription) => {
                self.held += usize::from(!std::mem::replace(&mut subscription.held, true));
                self.trailing -= usize::from(subscription.trailing.take().is_some());
            }
            None => {
                person.sockets.push(id);
                self.subscriptions.insert(id, Subscription { user_id, lane, held: true, after: 0, trailing: None });
                self.lanes[lane as usize] += 1;
                self.held += 1;
            }
        }
    }

    /// The member or stranger, not a guest, who listens with this socket alone.
    pub fn last_of(&self, listener: u64) -> Option<(i64, Arc<str>)> {
        let user_id = self.subscriptions.get(&listener)?.user_id;
        let person = self.people.get(&user_id)?;
        (user_id != 0 && person.sockets == [listener]).then(|| (user_id, person.username.clone()))
    }

    pub fn exit(&mut self, listener: u64, farewell: Bytes) -> bool {
        let Some(subscription) = self.subscriptions.remove(&listener) else { return false };
        self.lanes[subscription.lane as usize] -= 1;
        self.held -= usize::from(subscription.held);
        self.trailing -= usize::from(subscription.trailing.is_some());
        if let Some(person) = self.people.get_mut(&subscription.user_id) {
            person.sockets.retain(|socket| *socket != listener);
            if person.sockets.is_empty() {
                self.people.remove(&subscription.user_id);
                self.people_changed = true;
            }
        }
        self.step(listener, StepKind::Leave { farewell });
        true
    }

    /// The people who listen, only those without a membership if asked so.
    pub fn listeners(&self, strangers_only: bool) -> Vec<i64> {
        self.people.iter().filter(|(_, person)| !(strangers_only && person.member)).map(|(id, _)| *id).collect()
    }

    /// Ends a person's subscriptions because of the change at `seq`; gives the sockets that had one, or none where the person has come
    /// back since: their replay went past the change, and who reads is looked at again.
    pub fn expel(&mut self, user_id: i64, seq: i64, farewell: Farewell<'_>) -> Option<Vec<u64>> {
        let sockets = self.people.get(&user_id).map(|person| person.sockets.clone()).unwrap_or_default();
        let mut ended = Vec::with_capacity(sockets.len());
        let listens = !sockets.is_empty();
        for listener in sockets {
            let Some(subscription) = self.subscriptions.get(&listener) else { continue };
            let lane = subscription.lane;
            if subscription.held || subscription.after < seq {
                self.exit(listener, farewell(user_id, lane));
                ended.push(listener);
            }
        }
        let has_come_back = listens && self.people.contains_key(&user_id);
        (!has_come_back).then_some(ended)
    }

    /// Notes that everything up to this position is appended: listeners that were replayed up to it trail no more.
    pub fn note_told(&mut self, seq: i64) {
        self.order.tell(seq);
        if self.trailing == 0 {
            return;
        }
        for subscription in self.subscriptions.values_mut() {
            if subscription.trailing.take_if(|after| *after <= seq).is_some() {
                self.trailing -= 1;
            }
        }
    }

    pub fn talked(&mut self, user_id: i64) {
        if user_id == 0 || self.talkers.first() == Some(&user_id) {
            return;
        }
        match self.talkers.iter().position(|id| *id == user_id) {
            Some(place) => self.talkers[..=place].rotate_right(1),
            None => {
                self.talkers.truncate(limits::USERLIST - 1);
                self.talkers.insert(0, user_id);
            }
        }
    }

    /// Drops the frames but keeps the steps in their order, now all at the beginning.
    pub fn send_away(&mut self, code: CloseCode) {
        self.bytes = Default::default();
        self.spans.clear();
        self.frames = 0;
        for step in &mut self.steps {
            step.at = [0; LANES];
            if let StepKind::Skip { to } = &mut step.kind {
                *to = [0; LANES];
            }
        }
        self.step(0, StepKind::SendAway(code));
    }
}
