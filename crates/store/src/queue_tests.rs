//! Who takes what, and what becomes of what is of a room under way. How it is written is the writer's to test.

use std::task::Poll;

use chinwag_domain::{
    Actor, policy,
    records::{MemberRecord, Rights, RoomRecord, Seat},
};
use chinwag_proto::{Role, RoomKind};
use futures_util::poll;
use tokio::sync::oneshot;

use super::*;
use crate::{
    error::Broken,
    tx::Tx,
    verb::{BoxFuture, Outcome},
};

const SHARED: Manner = Manner { verbs_together: false, one_line: false, capacity: 8 };

/// It tells its number when it is refused.
struct Numbered(i64, Arc<Mutex<Vec<i64>>>);

impl Verb for Numbered {
    fn run<'t>(&'t mut self, _: &'t mut Tx) -> BoxFuture<'t, Outcome> {
        Box::pin(async { Outcome::Keep })
    }

    fn answer(self: Box<Self>, failed: Option<&TxFailure>) {
        if failed.is_some() {
            self.1.lock().expect("nobody panics").push(self.0);
        }
    }
}

struct Scene {
    entrance: Entrance,
    intake: Arc<Intake>,
    refused: Arc<Mutex<Vec<i64>>>,
}

impl Scene {
    fn new(manner: Manner) -> Self {
        let (entrance, intake) = queue(manner);
        Self { entrance, intake, refused: Arc::default() }
    }

    async fn verb(&self, room_id: i64, number: i64) {
        let verb = Box::new(Numbered(number, self.refused.clone()));
        self.entrance.enqueue(Write::Verb(RoomVerb { room_id: Some(room_id), verb })).await.expect("there is a place");
    }

    /// A mark at this number.
    async fn mark(&self, room_id: i64, number: i64) {
        self.entrance.enqueue(mark(room_id, number)).await.expect("there is a place");
    }

    /// A verb of this room that is under way for as long as what is given back is there.
    async fn held_up(&self, room_id: i64) -> UnderWay<'_> {
        self.verb(room_id, 0).await;
        let mut turn = self.intake.turn().await;
        let (_, verbs, rooms) = next(&mut turn).await.expect("something");
        assert_eq!((verbs, &rooms[..]), (1, &[room_id][..]));
        turn.hand_on(rooms)
    }

    fn refused(&self) -> Vec<i64> {
        std::mem::take(&mut *self.refused.lock().expect("nobody panics"))
    }
}

fn mark(room_id: i64, number: i64) -> Write {
    let room = RoomRecord {
        id: room_id,
        kind: RoomKind::Room,
        name: String::new(),
        description: String::new(),
        avatar: None,
        is_private: false,
        created_by: 1,
        created_at: 0,
        updated_at: 0,
        member_count: 1,
        last_seq: 0,
    };
    let member = MemberRecord { room_id, user_id: 1, role: Role::Member, joined_at: 0, version: 1, read_seq: 0 };
    let seat = Seat { room: Arc::new(room), member: Some(member), account: Rights::default() };
    let actor = Actor { user_id: 1, username: "ann".into(), is_admin: false, session: None, socket: None };
    let permit = policy::may_mark_read(&actor, &seat).expect("a member");
    Write::Mark(Mark { permit, seq: number, reply: oneshot::channel().0 })
}

/// The numbers of the marks, and how many verbs.
async fn next(turn: &mut Taker<'_>) -> Option<(Vec<i64>, usize, Vec<i64>)> {
    let Taken { hot, verbs, rooms, .. } = turn.take().await?;
    Some((hot.marks.iter().map(|mark| mark.seq).collect(), verbs.len(), rooms))
}

fn held() -> TxFailure {
    Broken::of_all(sea_orm::DbErr::Custom("somebody holds the room".into())).failure
}

#[tokio::test]
async fn a_room_under_way_is_left_to_who_has_it_and_keeps_its_order() {
    let scene = Scene::new(SHARED);
    for (room, number) in [(1, 1), (2, 2)] {
        scene.mark(room, number).await;
    }
    let mut turn = scene.intake.turn().await;
    let (taken, _, rooms) = next(&mut turn).await.expect("something");
    assert_eq!(taken, [1, 2]);
    let under_way = turn.hand_on(rooms);
    for (room, number) in [(1, 3), (3, 4), (2, 5), (1, 6), (3, 7)] {
        scene.mark(room, number).await;
    }
    let mut turn = scene.intake.turn().await;
    assert_eq!(next(&mut turn).await.expect("something").0, [4, 7], "what is of no room under way, in its order");
    scene.mark(1, 8).await;
    let mut waits = Box::pin(next(&mut turn));
    assert!(matches!(poll!(&mut waits), Poll::Pending), "all that waits is of rooms under way");
    drop(under_way);
    assert_eq!(waits.await.expect("something").0, [3, 5, 6, 8], "in the order in which it came");
}

#[tokio::test]
async fn who_waits_for_a_room_that_was_given_up_is_refused_and_nobody_else_is() {
    let scene = Scene::new(SHARED);
    let mut under_way = scene.held_up(1).await;
    for (room, number) in [(1, 2), (2, 3), (1, 4)] {
        scene.verb(room, number).await;
    }
    under_way.give_up(held());
    drop(under_way);
    let mut turn = scene.intake.turn().await;
    assert_eq!(next(&mut turn).await.expect("something"), (vec![], 1, vec![2]));
    assert_eq!(scene.refused(), [2, 4]);
    scene.verb(1, 5).await;
    assert_eq!(next(&mut turn).await.expect("something"), (vec![], 1, vec![1]), "it may be free again");
}

/// Another line would wait for the same.
#[tokio::test]
async fn what_one_writer_gives_up_is_refused_to_all() {
    let scene = Scene::new(Manner { verbs_together: true, one_line: true, ..SHARED });
    scene.verb(1, 1).await;
    scene.verb(2, 2).await;
    let mut turn = scene.intake.turn().await;
    let (_, verbs, rooms) = next(&mut turn).await.expect("something");
    assert_eq!(verbs, 2, "they share a transaction");
    scene.verb(3, 3).await;
    let mut under_way = turn.hand_on(rooms);
    under_way.give_up(held());
    drop(under_way);
    let mut turn = scene.intake.turn().await;
    let mut waits = Box::pin(next(&mut turn));
    assert!(matches!(poll!(&mut waits), Poll::Pending));
    assert_eq!(scene.refused(), [3]);
}

#[tokio::test]
async fn neither_texts_nor_verbs_keep_the_other_waiting() {
    let scene = Scene::new(Manner { capacity: 2 * BATCH, ..SHARED });
    for number in 1..=2 {
        scene.verb(2, number).await;
    }
    for number in 1..=BATCH as i64 + 3 {
        scene.mark(1, number).await;
    }
    let mut turn = scene.intake.turn().await;
    let mut taken = Vec::new();
    for _ in 0..4 {
        let (marks, verbs, _) = next(&mut turn).await.expect("something");
        taken.push((marks.len(), verbs));
    }
    assert_eq!(taken, [(BATCH, 0), (0, 1), (3, 0), (0, 1)], "one verb at a time has a transaction of its own");
}

/// Whatever goes on in other rooms meanwhile.
#[tokio::test]
async fn a_text_is_passed_by_one_verb_of_its_room_at_most() {
    let scene = Scene::new(Manner { capacity: 64, ..SHARED });
    scene.mark(2, 0).await;
    let mut turn = scene.intake.turn().await;
    assert_eq!(next(&mut turn).await.expect("something").0, [0]);
    for number in 1..=5 {
        scene.verb(1, number).await;
    }
    scene.mark(1, 6).await;
    let mut seen = Vec::new();
    for number in 7..=9 {
        let (marks, verbs, rooms) = next(&mut turn).await.expect("something");
        seen.push((marks, verbs));
        let under_way = turn.hand_on(rooms);
        turn = scene.intake.turn().await;
        scene.mark(2, number).await;
        let (marks, verbs, _) = next(&mut turn).await.expect("something");
        seen.push((marks, verbs));
        drop(under_way);
    }
    assert_eq!(seen[..3], [(vec![], 1), (vec![7], 0), (vec![6], 0)], "{seen:?}");
}

/// Not from when the line began to wait for something to do.
#[tokio::test]
async fn what_is_taken_waits_since_the_first_of_it_came() {
    let scene = Scene::new(SHARED);
    let mut turn = scene.intake.turn().await;
    let mut waits = Box::pin(turn.take());
    assert!(poll!(&mut waits).is_pending());
    let before = std::time::Instant::now();
    scene.mark(1, 1).await;
    let between = std::time::Instant::now();
    scene.mark(1, 2).await;
    let since = waits.await.expect("something").since;
    assert!(before <= since && since <= between, "{:?}", between - since);
}

/// Those who were answered have the next thing to say, for a part of the time that it took.
#[tokio::test(start_paused = true)]
async fn who_was_answered_together_is_taken_together_again() {
    const TOOK: Duration = PACE.saturating_mul(3);
    let scene = Scene::new(SHARED);
    for number in 1..=3 {
        scene.mark(number, number).await;
    }
    let mut turn = scene.intake.turn().await;
    assert_eq!(next(&mut turn).await.expect("something").0, [1, 2, 3]);
    tokio::time::advance(TOOK).await;
    let mut waits = Box::pin(next(&mut turn));
    for number in 4..=6 {
        for _ in 0..4 {
            assert!(matches!(poll!(&mut waits), Poll::Pending), "{number} is on its way");
        }
        scene.mark(number, number).await;
    }
    let before = Instant::now();
    assert_eq!(waits.await.expect("something").0, [4, 5, 6]);
    assert_eq!(before.elapsed(), Duration::ZERO, "they are all there");
    tokio::time::advance(TOOK).await;
    scene.mark(7, 7).await;
    let before = Instant::now();
    assert_eq!(next(&mut turn).await.expect("something").0, [7]);
    assert_eq!(before.elapsed(), PACE, "the others say nothing");
    tokio::time::advance(1_000 * TOOK).await;
    scene.mark(8, 8).await;
    let before = Instant::now();
    assert_eq!(next(&mut turn).await.expect("something").0, [8]);
    assert_eq!(before.elapsed(), Duration::ZERO, "who comes alone waits for nobody");
}

#[tokio::test]
async fn what_waits_for_a_room_under_way_is_bounded_whatever_goes_on_in_others() {
    let scene = Scene::new(SHARED);
    let under_way = scene.held_up(1).await;
    let mut turn = scene.intake.turn().await;
    let mut waiting = 0;
    for number in 1..=2 {
        scene.mark(2, number).await;
        for _ in 1..SHARED.capacity {
            scene.verb(1, waiting).await;
            waiting += 1;
        }
        assert_eq!(next(&mut turn).await.expect("something").0, [number]);
    }
    loop {
        let verb = Box::new(Numbered(waiting, scene.refused.clone()));
        let mut enters = Box::pin(scene.entrance.enqueue(Write::Verb(RoomVerb { room_id: Some(1), verb })));
        if poll!(&mut enters).is_pending() {
            break;
        }
        waiting += 1;
    }
    assert_eq!(waiting as usize, 2 * SHARED.capacity, "inside, and at the entrance");
    let mut waits = Box::pin(next(&mut turn));
    assert!(matches!(poll!(&mut waits), Poll::Pending), "nothing more comes in");
    drop(under_way);
    assert_eq!(waits.await.expect("something").1, 1);
}

#[tokio::test]
async fn what_waits_at_the_end_is_taken_and_then_all_lines_end() {
    let scene = Scene::new(SHARED);
    scene.mark(1, 1).await;
    let mut turn = scene.intake.turn().await;
    let (_, _, rooms) = next(&mut turn).await.expect("something");
    let under_way = turn.hand_on(rooms);
    scene.mark(1, 2).await;
    scene.verb(1, 3).await;
    scene.entrance.close().await;
    let mut turn = scene.intake.turn().await;
    let mut waits = Box::pin(next(&mut turn));
    assert!(matches!(poll!(&mut waits), Poll::Pending), "what is accepted is not forgotten");
    assert!(scene.entrance.enqueue(mark(2, 4)).await.is_err(), "nothing comes after");
    drop(under_way);
    assert_eq!(waits.await.expect("something").1, 1);
    assert_eq!(next(&mut turn).await.expect("something").0, [2]);
    assert!(next(&mut turn).await.is_none());
    drop(turn);
    assert!(next(&mut scene.intake.turn().await).await.is_none(), "the others end, too");
}
