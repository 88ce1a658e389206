//! What a node was not told: it is read, told in its place, and once. The store is a list; the clock is the test's.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use chinwag_domain::{
    SocketId,
    ports::{Committed, Effect, LogStore, OwnLogStore, Publisher, StoreError, StoreResult},
};
use chinwag_proto::{Event, SystemEvent};
use parking_lot::Mutex;
use tokio::time::sleep;

use crate::{
    Hub,
    hub::tests::{change, heard, hub_beside, listen, own, permit, seen, system, text},
    sink::{Sink, tests::Recorder},
};

/// The logs of rooms and people, as a store would have them.
#[derive(Clone, Default)]
pub(crate) struct Written {
    changes: Arc<Mutex<Vec<Committed>>>,
    /// So many more calls fail.
    failures: Arc<AtomicUsize>,
}

/// Of a change of a room.
fn place(change: &Committed) -> Option<(i64, i64)> {
    match change {
        Committed::Room { event, .. } => event.position(),
        Committed::Own { .. } | Committed::Profile(_) | Committed::Emojis(_) => None,
    }
}

impl Written {
    pub fn of(changes: Vec<Committed>) -> Self {
        let store = Self::default();
        changes.into_iter().for_each(|change| store.write(change));
        store
    }

    pub fn write(&self, change: Committed) {
        self.changes.lock().push(change);
    }

    fn fail(&self) -> StoreResult<()> {
        let failures = self.failures.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        if failures.is_ok() { Err(StoreError::Unavailable(None)) } else { Ok(()) }
    }
}

#[async_trait::async_trait]
impl LogStore for Written {
    async fn heads(&self, rooms: &[i64]) -> StoreResult<Vec<(i64, i64)>> {
        self.fail()?;
        let changes = self.changes.lock();
        let head = |room_id: &i64| {
            let positions = changes.iter().filter_map(place).filter(|(room, _)| room == room_id);
            (*room_id, positions.map(|(_, seq)| seq).max().unwrap_or_default())
        };
        Ok(rooms.iter().map(head).collect())
    }

    async fn changes_after(&self, room_id: i64, after: i64, limit: usize) -> StoreResult<Vec<Committed>> {
        self.fail()?;
        let mut changes = self.changes.lock().clone();
        changes.retain(|change| place(change).is_some_and(|(room, seq)| room == room_id && seq > after));
        changes.sort_by_key(place);
        changes.truncate(limit);
        Ok(changes)
    }
}

/// Each change of an own log is of a mark of its own, so that none is forgotten for a later one.
#[async_trait::async_trait]
impl OwnLogStore for Written {
    async fn own_head(&self, user_id: i64) -> StoreResult<i64> {
        let heads = self.own_heads(&[user_id]).await?;
        Ok(heads.first().map_or(0, |(_, head)| *head))
    }

    async fn own_heads(&self, people: &[i64]) -> StoreResult<Vec<(i64, i64)>> {
        let mut heads = Vec::new();
        for user_id in people {
            let changes = self.own_replay(*user_id, 0, i64::MAX, usize::MAX).await?;
            heads.extend(changes.last().map(|(seq, _)| (*user_id, *seq)));
        }
        Ok(heads)
    }

    async fn own_replay(&self, user_id: i64, after: i64, to: i64, limit: usize) -> StoreResult<Vec<(i64, Event)>> {
        self.fail()?;
        let own = |change: &Committed| match change {
            Committed::Own { user_id: whose, seq, event } if *whose == user_id => Some((*seq, event.clone())),
            _ => None,
        };
        let mut changes: Vec<_> = self.changes.lock().iter().filter_map(own).collect();
        changes.retain(|(seq, _)| (after + 1..=to).contains(seq));
        changes.sort_by_key(|(seq, _)| *seq);
        changes.truncate(limit);
        Ok(changes)
    }
}

/// Longer than what came too early waits, and less than until the next comparison.
async fn a_moment() {
    sleep(Duration::from_millis(200)).await;
}

fn texts(positions: std::ops::RangeInclusive<i64>) -> Vec<(String, i64, i64)> {
    positions.map(|seq| seen("text", 5, seq)).collect()
}

async fn scene(changes: i64) -> (Written, Arc<Hub>, Arc<Recorder>) {
    let store = Written::of((1..=changes).map(|seq| text(5, seq).into()).collect());
    let hub = hub_beside(store.clone());
    let ann = Recorder::new(1, 1);
    listen(&hub, &ann, 5, true).await;
    (store, hub, ann)
}

#[tokio::test(start_paused = true)]
async fn what_was_lost_is_read_and_told_in_its_place_and_what_comes_twice_is_told_once() {
    let (store, hub, ann) = scene(0).await;
    for seq in 1..=200 {
        store.write(text(5, seq).into());
    }
    hub.committed(vec![text(5, 1).into()]);
    hub.committed(vec![text(5, 4).into(), text(5, 5).into()]);
    hub.committed(vec![text(5, 190).into(), text(5, 200).into()]);
    a_moment().await;
    assert_eq!(heard(&ann), texts(1..=200));
    hub.committed(vec![text(5, 1).into(), text(5, 200).into(), text(5, 201).into()]);
    hub.committed(vec![text(5, 3).into()]);
    a_moment().await;
    assert_eq!(heard(&ann), texts(201..=201));
}

#[tokio::test(start_paused = true)]
async fn what_comes_in_another_order_within_a_moment_is_told_in_order_without_a_question() {
    let (store, hub, ann) = scene(0).await;
    store.failures.store(usize::MAX, Ordering::Relaxed);
    for seq in [3, 2, 5, 1, 1, 4] {
        hub.committed(vec![text(5, seq).into()]);
    }
    a_moment().await;
    assert_eq!(heard(&ann), texts(1..=5));
}

#[tokio::test(start_paused = true)]
async fn a_lost_last_change_is_told_within_five_seconds() {
    let (store, _hub, ann) = scene(3).await;
    store.write(text(5, 4).into());
    sleep(Duration::from_millis(4_900)).await;
    assert_eq!(heard(&ann), texts(4..=4));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_is_asked_again() {
    let (store, hub, ann) = scene(3).await;
    store.write(text(5, 4).into());
    store.write(text(5, 5).into());
    store.failures.store(1, Ordering::Relaxed);
    hub.committed(vec![text(5, 5).into()]);
    sleep(Duration::from_millis(2_500)).await;
    assert_eq!(heard(&ann), texts(4..=5));
    store.failures.store(1, Ordering::Relaxed);
    let bob = Recorder::new(2, 2);
    let listener: Arc<dyn Sink> = bob.clone();
    hub.connect(listener.clone(), false).expect("not draining");
    assert!(hub.hold(&listener, &permit(6, 2, true)).await, "a room of which nothing was known");
}

#[tokio::test(start_paused = true)]
async fn a_hint_of_what_is_not_there_is_forgotten() {
    let (store, hub, ann) = scene(3).await;
    for seq in [10, 2_000] {
        hub.committed(vec![text(5, seq).into()]);
        a_moment().await;
    }
    for seq in 4..=10 {
        store.write(text(5, seq).into());
    }
    hub.committed(vec![text(5, 4).into()]);
    a_moment().await;
    hub.committed((5..=10).map(|seq| text(5, seq).into()).collect());
    a_moment().await;
    assert_eq!(heard(&ann), texts(4..=10));
}

/// As many as are made elsewhere between two comparisons while the bus is away: more than a resume would give.
#[tokio::test(start_paused = true)]
async fn who_missed_much_is_told_all_of_it_in_order_and_stays() {
    let (store, hub, ann) = scene(0).await;
    let bob = Recorder::new(2, 2);
    listen(&hub, &bob, 6, true).await;
    for seq in 1..=5_000 {
        store.write(text(5, seq).into());
    }
    store.write(text(6, 1).into());
    sleep(Duration::from_millis(4_900)).await;
    assert_eq!((*ann.closed.lock(), *bob.closed.lock()), (None, None));
    assert_eq!(heard(&ann), texts(1..=5_000));
    assert_eq!(heard(&bob), [seen("text", 6, 1)]);
    hub.committed(vec![text(5, 5_001).into()]);
    a_moment().await;
    assert_eq!(heard(&ann), texts(5_001..=5_001));
}

fn own_seqs(sink: &Recorder) -> Vec<i64> {
    let position = |event| if let Event::Read(read) = event { Some(read.own_seq) } else { None };
    sink.events().into_iter().filter_map(position).collect()
}

/// A person with a socket that has read their own log up to this position.
async fn own_scene(head: i64) -> (Written, Arc<Hub>, Arc<Recorder>) {
    let store = Written::of((1..=head).map(|seq| own(1, seq)).collect());
    let hub = hub_beside(store.clone());
    let (hub_of_own, store_of_own) = (hub.clone(), store.clone());
    tokio::runtime::Handle::current().spawn(async move { hub_of_own.compare_own(Arc::new(store_of_own)).await });
    let ann = Recorder::new(1, 1);
    hub.connect(ann.clone(), false).expect("not draining");
    hub.hold_own(ann.as_ref());
    hub.release_own(ann.as_ref(), Some(head));
    (store, hub, ann)
}

#[tokio::test(start_paused = true)]
async fn what_of_an_own_log_was_lost_is_read_and_told_in_its_place_and_once() {
    let (store, hub, ann) = own_scene(3).await;
    for seq in 4..=300 {
        store.write(own(1, seq));
    }
    for seq in [6, 5, 6, 250, 300, 2] {
        hub.committed(vec![own(1, seq)]);
    }
    a_moment().await;
    assert_eq!(own_seqs(&ann), (4..=300).collect::<Vec<_>>());
    hub.committed(vec![own(1, 300), own(1, 4), own(1, 301)]);
    assert_eq!(own_seqs(&ann), [301], "told already");
}

#[tokio::test(start_paused = true)]
async fn a_lost_last_change_of_an_own_log_is_told_within_five_seconds_and_at_once_after_a_resync() {
    let (store, hub, ann) = own_scene(3).await;
    store.write(own(1, 4));
    sleep(Duration::from_millis(4_900)).await;
    assert_eq!(own_seqs(&ann), [4]);
    store.write(own(1, 5));
    store.failures.store(1, Ordering::Relaxed);
    hub.committed(vec![own(1, 6)]);
    store.write(own(1, 6));
    sleep(Duration::from_millis(1_500)).await;
    assert_eq!(own_seqs(&ann), [5, 6], "a store that fails is asked again");
    store.write(own(1, 7));
    hub.compare_soon();
    a_moment().await;
    assert_eq!(own_seqs(&ann), [7]);
}

#[tokio::test(start_paused = true)]
async fn a_resync_compares_the_rooms_at_once_and_a_bare_hint_its_room() {
    let (store, hub, ann) = scene(3).await;
    a_moment().await;
    store.write(text(5, 4).into());
    hub.compare_soon();
    a_moment().await;
    assert_eq!(heard(&ann), texts(4..=4));
    store.write(text(5, 5).into());
    hub.hear_of(5, 5);
    hub.hear_of(6, 5);
    a_moment().await;
    assert_eq!(heard(&ann), texts(5..=5));
}

/// Somebody marks as read what they have read on another node, and the word of that was lost.
#[tokio::test(start_paused = true)]
async fn an_answer_about_ones_own_log_jumps_over_nothing() {
    let (store, hub, ann) = own_scene(3).await;
    for seq in 4..=6 {
        store.write(own(1, seq));
    }
    let Committed::Own { event, .. } = own(1, 6) else { panic!("one's own") };
    hub.hint_socket(SocketId(1), event.clone());
    a_moment().await;
    assert_eq!(own_seqs(&ann), [4, 5, 6]);
    hub.hint_socket(SocketId(1), event);
    assert_eq!(own_seqs(&ann), [6], "at once");
}

fn kicked(seq: i64) -> Committed {
    change(system(5, seq, SystemEvent::UserKicked, 7), Effect::Ended(7))
}

fn joined(seq: i64) -> Committed {
    change(system(5, seq, SystemEvent::UserJoined, 7), Effect::Joined(7))
}

#[tokio::test(start_paused = true)]
async fn whoever_is_kicked_hears_nothing_later_although_it_comes_first() {
    let hub = hub_beside(Written::default());
    let (ann, mallory) = (Recorder::new(1, 1), Recorder::new(2, 7));
    for sink in [&ann, &mallory] {
        listen(&hub, sink, 5, true).await;
    }
    hub.committed(vec![text(5, 3).into()]);
    hub.committed(vec![joined(4)]);
    hub.committed(vec![kicked(2)]);
    hub.committed(vec![text(5, 1).into()]);
    a_moment().await;
    assert_eq!(heard(&mallory), [seen("text", 5, 1), seen("user_kicked", 5, 2), seen("removed", 5, 0)]);
    assert!(!hub.listens(2, 5), "who joins again has to subscribe again");
    assert_eq!(heard(&ann).len(), 4);
    hub.committed(vec![kicked(2)]);
    assert_eq!(heard(&mallory), [], "it was told");
}

#[tokio::test(start_paused = true)]
async fn a_kick_that_is_read_from_the_store_ends_the_subscription_too() {
    let (store, hub, ann) = scene(0).await;
    let mallory = Recorder::new(2, 7);
    listen(&hub, &mallory, 5, true).await;
    for change in [text(5, 1).into(), kicked(2), text(5, 3).into()] {
        store.write(change);
    }
    hub.committed(vec![text(5, 3).into()]);
    a_moment().await;
    assert_eq!(heard(&mallory), [seen("text", 5, 1), seen("user_kicked", 5, 2), seen("removed", 5, 0)]);
    assert_eq!(heard(&ann).last(), Some(&seen("text", 5, 3)));
}

#[tokio::test(start_paused = true)]
async fn whoever_came_back_is_not_sent_away_by_the_kick_of_before() {
    let (store, hub, ann) = scene(1).await;
    for change in [kicked(2), joined(3)] {
        store.write(change);
    }
    // The database has both, this node was told of neither.
    let mallory = Recorder::new(2, 7);
    let listener: Arc<dyn Sink> = mallory.clone();
    hub.connect(listener.clone(), false).expect("not draining");
    assert!(hub.hold(&listener, &permit(5, 7, true)).await);
    assert!(hub.release(2, 5, 3));
    hub.committed(vec![kicked(2), joined(3), text(5, 4).into()]);
    a_moment().await;
    assert_eq!(heard(&mallory), texts(4..=4));
    let kinds: Vec<String> = heard(&ann).into_iter().map(|(kind, ..)| kind).collect();
    assert_eq!(kinds, ["user_kicked", "user_joined", "text"]);
}

#[tokio::test(start_paused = true)]
async fn what_comes_before_it_is_known_where_a_room_begins_waits_for_that() {
    let store = Written::of((1..=3).map(|seq| text(5, seq).into()).collect());
    let hub = hub_beside(store.clone());
    let ann = Recorder::new(1, 1);
    let listener: Arc<dyn Sink> = ann.clone();
    hub.connect(listener.clone(), false).expect("not draining");
    let permit = permit(5, 1, true);
    // The fourth and the fifth were committed after the store was asked for the head; the one is lost, the other told at once.
    let come_between = async { hub.committed(vec![text(5, 5).into()]) };
    let (is_held, ()) = tokio::join!(hub.hold(&listener, &permit), come_between);
    for seq in 4..=5 {
        store.write(text(5, seq).into());
    }
    assert!(is_held);
    assert!(hub.release(1, 5, 3));
    a_moment().await;
    assert_eq!(heard(&ann), texts(4..=5));
}
