//! What waits to be written, and whose turn it is to take it. A line that writes has the turn for as long as its commits are quick, so
//! that each takes all that has come meanwhile; one that is held up hands it on, and the next takes what is of other rooms. It knows
//! nothing of how it is written.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chinwag_domain::ports::{StoreError, StoreResult};
use tokio::{
    sync::{self, Notify, mpsc},
    time::{Instant, timeout_at},
};

use crate::{append::Append, batch::HotBatch, error::TxFailure, marks::Mark, verb::Verb};

/// Texts and marks of one transaction.
const BATCH: usize = 512;
/// Where commits follow each other faster than this, small ones wait for company: each costs a sync and the writing of whole
/// pages, whatever is in it.
const PACE: Duration = Duration::from_millis(1);
/// So many are company enough.
const COMPANY: usize = 32;
/// Whom a commit has answered often has the next thing to say: the next one waits for as many, for this part of the time that the one before
/// took, and no longer than [`PACE`]. So all go together each time, and not one half and then the other.
const ONCE_MORE: u32 = 4;
/// How long a call waits for a place in the queue.
const PATIENCE: Duration = Duration::from_secs(3);

/// What is to be written, and since when somebody waits for it: for a place in the queue, too.
pub(crate) struct Waiting {
    write: Write,
    since: std::time::Instant,
}

pub(crate) enum Write {
    Append(Append),
    Mark(Mark),
    Verb(RoomVerb),
    Close,
}

/// A verb, and the room it is of where it is of one.
pub(crate) struct RoomVerb {
    pub(crate) room_id: Option<i64>,
    pub(crate) verb: Box<dyn Verb>,
}

impl Write {
    fn room_id(&self) -> Option<i64> {
        match self {
            Self::Append(append) => Some(append.permit.room_id()),
            Self::Mark(mark) => Some(mark.permit.room_id()),
            Self::Verb(RoomVerb { room_id, .. }) => *room_id,
            Self::Close => None,
        }
    }

    fn is_verb(&self) -> bool {
        matches!(self, Self::Verb(_))
    }

    fn refuse(self, failure: &TxFailure) {
        match self {
            Self::Append(append) => HotBatch { appends: vec![append], ..HotBatch::default() }.refuse(failure),
            Self::Mark(mark) => HotBatch { marks: vec![mark], ..HotBatch::default() }.refuse(failure),
            Self::Verb(RoomVerb { verb, .. }) => verb.answer(Some(failure)),
            Self::Close => {}
        }
    }
}

/// The way in.
pub(crate) struct Entrance(mpsc::Sender<Waiting>);

impl Entrance {
    pub(crate) async fn enqueue(&self, write: Write) -> StoreResult<()> {
        let waiting = match self.0.try_send(Waiting { write, since: std::time::Instant::now() }) {
            Ok(()) => return Ok(()),
            Err(mpsc::error::TrySendError::Closed(_)) => return Err(StoreError::Unavailable(None)),
            Err(mpsc::error::TrySendError::Full(waiting)) => waiting,
        };
        self.0.send_timeout(waiting, PATIENCE).await.map_err(|_| StoreError::Unavailable(None))
    }

    /// After what waits nothing more comes. Not where that is so already.
    pub(crate) async fn close(&self) {
        if self.0.send(Waiting { write: Write::Close, since: std::time::Instant::now() }).await.is_err() {
            tracing::debug!("the writer has ended before");
        }
    }
}

#[derive(Clone, Copy)]
pub(crate) struct Manner {
    /// Whether all verbs that wait are taken, as they share a transaction; otherwise each has its own, and a line for it.
    pub(crate) verbs_together: bool,
    /// What it gives up no other can write.
    pub(crate) one_line: bool,
    /// So much may wait.
    pub(crate) capacity: usize,
}

/// The lines share it.
pub(crate) struct Intake {
    queued: sync::Mutex<Queued>,
    held_up: Mutex<HeldUp>,
    /// Of rooms that are not under way any more: whoever has the turn waits for it.
    released: Notify,
    manner: Manner,
}

struct Queued {
    coming: mpsc::Receiver<Waiting>,
    /// In the order in which they came.
    here: Vec<Waiting>,
    /// When the last ones were taken, and how many texts and marks.
    begun: Instant,
    so_many: usize,
    /// When small commits have waited long enough for company.
    due: Instant,
    /// Texts were taken last, so verbs are next where there are some: neither keeps the other waiting.
    verbs_next: bool,
    /// When verbs were taken last: a text that has waited since before that is before the next verb of its room.
    verbs_taken: std::time::Instant,
}

#[derive(Default)]
struct HeldUp {
    /// Of those who have handed on the turn, each once: nobody else takes what is of them.
    under_way: BTreeSet<i64>,
    given_up: Vec<GivenUp>,
}

/// Those who came while a line tried in vain have waited, too: with a try of their own they would wait twice as long.
struct GivenUp {
    /// What is of these; or all, where nothing else can be written either.
    rooms: Option<Vec<i64>>,
    failure: TxFailure,
}

impl GivenUp {
    fn concerns(&self, write: &Write) -> bool {
        match (&self.rooms, write.room_id()) {
            (None, _) => !matches!(write, Write::Close),
            (Some(rooms), Some(id)) => rooms.contains(&id),
            (Some(_), None) => false,
        }
    }
}

pub(crate) fn queue(manner: Manner) -> (Entrance, Arc<Intake>) {
    let (entrance, coming) = mpsc::channel(manner.capacity.max(1));
    let now = Instant::now();
    let queued = Queued {
        coming,
        here: Vec::new(),
        begun: now,
        so_many: 0,
        due: now,
        verbs_next: false,
        verbs_taken: now.into_std(),
    };
    let intake =
        Intake { queued: sync::Mutex::new(queued), held_up: Mutex::default(), released: Notify::new(), manner };
    (Entrance(entrance), Arc::new(intake))
}

impl Intake {
    /// Waits for one's turn.
    pub(crate) async fn turn(&self) -> Taker<'_> {
        Taker { intake: self, queued: self.queued.lock().await }
    }

    /// So many more may wait here for rooms that are under way; others wait at the entrance, where a call has a limit to its patience.
    fn places(&self, here: &[Waiting]) -> usize {
        self.manner.capacity.saturating_sub(here.len()).min(BATCH)
    }

    fn held_up(&self) -> MutexGuard<'_, HeldUp> {
        self.held_up.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to take what waits.
pub(crate) struct Taker<'i> {
    intake: &'i Intake,
    queued: sync::MutexGuard<'i, Queued>,
}

/// What one has taken: texts and marks, or verbs.
pub(crate) struct Taken {
    pub(crate) hot: HotBatch,
    pub(crate) verbs: Vec<Box<dyn Verb>>,
    /// The first of them waits since then.
    pub(crate) since: std::time::Instant,
    /// Whose rooms they are, as often as they are named.
    pub(crate) rooms: Vec<i64>,
}

impl Taken {
    fn nothing() -> Self {
        Self { hot: HotBatch::default(), verbs: Vec::new(), since: std::time::Instant::now(), rooms: Vec::new() }
    }

    pub(crate) fn len(&self) -> usize {
        self.hot.len() + self.verbs.len()
    }

    fn add(&mut self, Waiting { write, since }: Waiting) {
        self.since = if self.len() == 0 { since } else { self.since.min(since) };
        self.rooms.extend(write.room_id());
        match write {
            Write::Append(append) => self.hot.appends.push(append),
            Write::Mark(mark) => self.hot.marks.push(mark),
            Write::Verb(RoomVerb { verb, .. }) => self.verbs.push(verb),
            Write::Close => {}
        }
    }
}

impl<'i> Taker<'i> {
    /// What waits and is of no room that is under way; nothing more comes after `None`.
    pub(crate) async fn take(&mut self) -> Option<Taken> {
        let now = Instant::now();
        let patience = now + PACE.min((now - self.queued.begun) / ONCE_MORE);
        let mut taken = Taken::nothing();
        loop {
            self.pick(&mut taken);
            if taken.len() > 0 {
                break;
            }
            if !self.more().await {
                return None;
            }
        }
        // Those who are about to send join this commit instead of waiting for the next, as long as each look finds some.
        let mut seen = 0;
        while seen < taken.len() && taken.len() < BATCH {
            seen = taken.len();
            tokio::task::yield_now().await;
            let Queued { coming, here, .. } = &mut *self.queued;
            for _ in 0..self.intake.places(here) {
                let Ok(waiting) = coming.try_recv() else { break };
                here.push(waiting);
            }
            self.pick(&mut taken);
        }
        if taken.verbs.is_empty() || self.intake.manner.verbs_together {
            self.until(self.queued.due, COMPANY, &mut taken).await;
        }
        if taken.verbs.is_empty() {
            self.until(patience, self.queued.so_many, &mut taken).await;
        }
        self.queued.begun = Instant::now();
        self.queued.due = self.queued.begun + PACE;
        self.queued.so_many = taken.hot.len();
        self.queued.verbs_next = taken.verbs.is_empty();
        if !taken.verbs.is_empty() {
            self.queued.verbs_taken = std::time::Instant::now();
        }
        Some(taken)
    }

    /// Waits for so many, until then at the longest.
    async fn until(&mut self, then: Instant, so_many: usize, taken: &mut Taken) {
        while taken.len() < so_many {
            let Queued { coming, here, .. } = &mut *self.queued;
            let places = self.intake.places(here);
            match timeout_at(then, coming.recv_many(here, places)).await {
                Ok(1..) => self.pick(taken),
                _ => break,
            }
        }
    }

    /// Waits until there may be more to take. Not where nothing can come.
    async fn more(&mut self) -> bool {
        let Queued { coming, here, .. } = &mut *self.queued;
        let (places, nothing_here) = (self.intake.places(here), here.is_empty());
        if places == 0 {
            self.intake.released.notified().await;
            return true;
        }
        tokio::select! {
            came = coming.recv_many(here, places) => {
                if came == 0 && nothing_here {
                    return false;
                }
                if came == 0 {
                    self.intake.released.notified().await;
                }
            }
            () = self.intake.released.notified() => {}
        }
        true
    }

    /// Adds what may be taken with what is taken.
    fn pick(&mut self, taken: &mut Taken) {
        let Self { intake, queued } = self;
        let Queued { coming, here, verbs_next, verbs_taken, .. } = &mut **queued;
        let mut held_up = intake.held_up();
        for given_up in held_up.given_up.drain(..) {
            while let Ok(waiting) = coming.try_recv() {
                here.push(waiting);
            }
            let refused = here.extract_if(.., |waiting| given_up.concerns(&waiting.write));
            refused.for_each(|waiting| waiting.write.refuse(&given_up.failure));
        }
        let kinds = match taken {
            Taken { hot, .. } if !hot.is_empty() => &[false][..],
            Taken { verbs, .. } if !verbs.is_empty() => &[true],
            _ if *verbs_next => &[true, false],
            _ => &[false, true],
        };
        let mut closes = false;
        for &verbs in kinds {
            let is_passed = |waiting: &&Waiting| verbs && !waiting.write.is_verb() && waiting.since < *verbs_taken;
            let passed = here.iter().filter(is_passed).filter_map(|waiting| waiting.write.room_id());
            let passed: BTreeSet<i64> = passed.collect();
            let most = if verbs && !intake.manner.verbs_together { 1 } else { BATCH };
            let mut left = most.saturating_sub(taken.len());
            let is_next = |waiting: &mut Waiting| {
                closes |= matches!(waiting.write, Write::Close);
                let waits = |id: i64| held_up.under_way.contains(&id) || passed.contains(&id);
                let is_free = || !waiting.write.room_id().is_some_and(waits);
                let is_next = left > 0 && waiting.write.is_verb() == verbs && is_free();
                left -= usize::from(is_next);
                is_next
            };
            here.extract_if(.., is_next).for_each(|waiting| taken.add(waiting));
            if taken.len() > 0 {
                break;
            }
        }
        if closes {
            coming.close();
        }
    }

    /// Lets another one take what waits, but for what is of these rooms.
    pub(crate) fn hand_on(self, mut rooms: Vec<i64>) -> UnderWay<'i> {
        let Self { intake, queued } = self;
        rooms.sort_unstable();
        rooms.dedup();
        intake.held_up().under_way.extend(&rooms);
        drop(queued);
        UnderWay { intake, rooms, failure: None }
    }
}

/// Keeps its rooms from others while it is there.
pub(crate) struct UnderWay<'i> {
    intake: &'i Intake,
    rooms: Vec<i64>,
    failure: Option<TxFailure>,
}

impl UnderWay<'_> {
    /// Whoever waits for the same is refused; or whoever waits, where nothing else can be written either.
    pub(crate) fn give_up(&mut self, failure: TxFailure) {
        self.failure = Some(failure);
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let mut held_up = self.intake.held_up();
        for id in &self.rooms {
            held_up.under_way.remove(id);
        }
        if let Some(failure) = self.failure.take() {
            let of_all = self.intake.manner.one_line || failure.is_away();
            let these = std::mem::take(&mut self.rooms);
            held_up.given_up.push(GivenUp { rooms: (!of_all).then_some(these), failure });
        }
        drop(held_up);
        self.intake.released.notify_one();
    }
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
