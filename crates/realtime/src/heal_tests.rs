//! What a node was not told: it is read, told in its place, and once. The store is a list; the clock is the test's.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use chinwag_domain::ports::{Committed, Effect, LogStore, Publisher, StoreError, StoreResult};
use chinwag_proto::{CloseCode, SystemEvent};
use parking_lot::Mutex;
use tokio::time::sleep;

use crate::{
    Hub,
    hub::tests::{change, heard, hub_beside, listen, permit, seen, system, text},
    sink::{Sink, tests::Recorder},
};

/// The logs of rooms, as a store would have them.
#[derive(Clone, Default)]
pub(crate) struct Written {
    changes: Arc<Mutex<Vec<Committed>>>,
    /// So many more calls fail.
    failures: Arc<AtomicUsize>,
}

fn place(change: &Committed) -> (i64, i64) {
    match change {
        Committed::Room { event, .. } => event.position().expect("a change of a room"),
        Committed::Own { .. } | Committed::Profile(_) => panic!("no change of a room"),
    }
}

impl Written {
    pub fn of(changes: Vec<Committed>) -> Self {
        let store = Self::default();
        changes.into_iter().for_each(|change| store.write(change));
        store
    }

    fn write(&self, change: Committed) {
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
            let positions = changes.iter().map(place).filter(|(room, _)| room == room_id);
            (*room_id, positions.map(|(_, seq)| seq).max().unwrap_or_default())
        };
        Ok(rooms.iter().map(head).collect())
    }

    async fn changes_after(&self, room_id: i64, after: i64, limit: usize) -> StoreResult<Vec<Committed>> {
        self.fail()?;
        let mut changes = self.changes.lock().clone();
        changes.retain(|change| place(change).0 == room_id && place(change).1 > after);
        changes.sort_by_key(|change| place(change).1);
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

#[tokio::test(start_paused = true)]
async fn who_missed_more_than_a_replay_gives_is_sent_away_to_resume() {
    let (store, hub, ann) = scene(0).await;
    for seq in 1..=1_500 {
        store.write(text(5, seq).into());
    }
    hub.committed(vec![text(5, 1_500).into()]);
    a_moment().await;
    assert_eq!(*ann.closed.lock(), Some(CloseCode::TooSlow));
    assert_eq!(heard(&ann), []);
    let bob = Recorder::new(2, 2);
    listen(&hub, &bob, 5, true).await;
    hub.committed(vec![text(5, 1_501).into()]);
    a_moment().await;
    assert_eq!(heard(&bob), texts(1_501..=1_501));
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
