//! Rooms that do not wait for each other, on the database servers: what is under way in one is slow, and others go on.

use std::time::{Duration, Instant};

use chinwag_domain::ports::*;
use chinwag_proto::Role;
use chinwag_store::Site;
use sea_orm::{
    ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, Statement, TransactionTrait,
};
use tokio::time::{sleep, timeout};

use crate::{cast::*, engines::Engine};

const SERVERS: [Engine; 2] = [Engine::Postgres, Engine::MariaDb];
/// Less than a transaction waits for another.
const SOON: Duration = Duration::from_secs(3);
/// Between two looks at who waits.
const GLANCE: Duration = Duration::from_millis(10);

/// Two nodes, two people and four rooms with ids one behind the other; and somebody who works in their database by hand.
struct Scene {
    nodes: [Stage; 2],
    ann: Person,
    bob: Person,
    rooms: [i64; 4],
    hand: DatabaseConnection,
    eye: DatabaseConnection,
}

impl Scene {
    async fn new(engine: Engine) -> Self {
        let stage = Stage::new(engine).await;
        let nodes = [stage.beside().await, stage];
        let (ann, bob) = (nodes[0].user("Ann").await, nodes[0].user("bob").await);
        let mut rooms = [0; 4];
        for room in &mut rooms {
            *room = nodes[0].room(&ann, &[&bob]).await;
        }
        // Each has a connection that is open.
        for node in &nodes {
            for room in rooms {
                node.say(room, &ann, "before").await;
            }
        }
        let (hand, eye) = (by_hand(&nodes[0]).await, by_hand(&nodes[0]).await);
        Self { nodes, ann, bob, rooms, hand, eye }
    }

    /// Keeps rows for itself until the end of the transaction that it gives.
    async fn hold(&self, rows: &str) -> DatabaseTransaction {
        let tx = self.hand.begin().await.expect("begun");
        tx.execute_unprepared(&format!("SELECT * FROM {rows} FOR UPDATE")).await.expect("held");
        tx
    }

    /// How many wait for a lock.
    async fn waiting(&self) -> i64 {
        let sql = match self.eye.get_database_backend() {
            DbBackend::Postgres => {
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            }
            // What it says of locks it says to one who asks at a time; no statement of these takes so long of itself.
            _ => {
                "SELECT count(*) FROM information_schema.processlist WHERE db = DATABASE() AND command <> 'Sleep' \
                 AND id <> CONNECTION_ID() AND time_ms > 250"
            }
        };
        number(&self.eye, sql).await
    }

    async fn until_waiting(&self, so_many: i64) {
        while self.waiting().await < so_many {
            sleep(GLANCE).await;
        }
    }
}

pub async fn number(db: &DatabaseConnection, sql: &str) -> i64 {
    let ask = Statement::from_string(db.get_database_backend(), sql);
    let row = db.query_one_raw(ask).await.expect("asked").expect("a row");
    row.try_get_by_index(0).expect("a number")
}

async fn by_hand(stage: &Stage) -> DatabaseConnection {
    let (Site::Postgres(url) | Site::MySql(url)) = &stage.config.site else { panic!("a server") };
    Database::connect(url).await.expect("opened by hand")
}

/// Once before what is under way has its ids, and once after.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_room_that_is_held_stops_no_other() {
    for engine in SERVERS {
        let scene = Scene::new(engine).await;
        let Scene { nodes: [one, other], ann, bob, rooms: [held, others @ ..], .. } = &scene;
        for rows in
            [format!("rooms WHERE id = {held}"), format!("members WHERE room_id = {held} AND user_id = {}", ann.id)]
        {
            let holding = scene.hold(&rows).await;
            let seat = one.may_post(*held, ann).await;
            let (store, message) = (one.store.clone(), text(ann, "held"));
            let mut slow = Box::pin(store.append_message(seat, message));
            let quick = async {
                scene.until_waiting(1).await;
                for (node, name) in [(one, "this node"), (other, "another node")] {
                    for room in others {
                        let both = async { tokio::join!(node.say(*room, ann, "quick"), node.say(*room, bob, "quick")) };
                        let said = timeout(SOON, both).await;
                        assert!(said.is_ok(), "{engine:?}, {rows}: room {room} of {name} waited");
                    }
                    let all = futures_util::future::join_all(others.iter().map(|room| node.say(*room, bob, "all")));
                    assert!(timeout(SOON, all).await.is_ok(), "{engine:?}, {rows}: all rooms of {name}");
                    let read = async { tokio::join!(node.mark_read(others[0], bob, 3), node.join(1, bob)) };
                    assert!(timeout(SOON, read).await.is_ok(), "{engine:?}, {rows}: marks and verbs of {name}");
                }
            };
            tokio::select! {
                biased;
                () = quick => {}
                said = &mut slow => panic!("{engine:?}, {rows}: it was not held: {said:?}"),
            }
            holding.rollback().await.expect("let go");
            slow.await.expect("said");
        }
    }
}

/// So long a room is held at the most before its texts are given up.
const HELD: Duration = Duration::from_secs(5);

/// It is given up, and what waits for another one that is held a while later is not: that the server is away is another matter.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_room_that_is_held_for_too_long_is_refused_and_no_other_with_it() {
    for engine in SERVERS {
        let scene = Scene::new(engine).await;
        let Scene { nodes: [one, _], ann, bob, rooms: [held, briefly, ..], .. } = &scene;
        let say = |seat, who: &Person| {
            let (store, message) = (one.store.clone(), text(who, "held"));
            tokio::spawn(async move { store.append_message(seat, message).await })
        };
        let other = by_hand(one).await;
        let holding = scene.hold(&format!("rooms WHERE id = {held}")).await;
        let first = say(one.may_post(*held, ann).await, ann);
        scene.until_waiting(1).await;
        // The other one has more of its time left when this one has none.
        sleep(HELD / 2).await;
        let shorter = other.begin().await.expect("begun");
        let hold = format!("SELECT * FROM rooms WHERE id = {briefly} FOR UPDATE");
        shorter.execute_unprepared(&hold).await.expect("held");
        let second = say(one.may_post(*briefly, ann).await, ann);
        scene.until_waiting(2).await;
        let behind = say(one.may_post(*briefly, bob).await, bob);
        let refused = first.await.expect("ended");
        assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{engine:?}: {refused:?}");
        shorter.rollback().await.expect("let go");
        for said in [second, behind] {
            said.await.expect("ended").unwrap_or_else(|error| panic!("{engine:?}: {error:?}"));
        }
        holding.rollback().await.expect("let go");
        one.say(*held, ann, "after").await;
    }
}

/// Also whoever comes when as many rooms are held as texts may be held up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_waits_for_longer_than_was_promised_where_every_room_is_held() {
    for engine in SERVERS {
        let scene = Scene::new(engine).await;
        let Scene { nodes: [one, _], ann, rooms, .. } = &scene;
        let fifth = one.room(ann, &[]).await;
        let mut seats = Vec::new();
        for room in rooms.iter().copied().chain([fifth]) {
            seats.push(one.may_post(room, ann).await);
        }
        let holding = scene.hold("rooms").await;
        let mut said = Vec::new();
        for (seat, waiting) in seats.into_iter().zip([1, 2, 3, 4, 4]) {
            let (store, message) = (one.store.clone(), text(ann, "held"));
            said.push(tokio::spawn(async move {
                let since = Instant::now();
                (store.append_message(seat, message).await, since.elapsed())
            }));
            scene.until_waiting(waiting).await;
        }
        for said in said {
            let (refused, after) = said.await.expect("ended");
            assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{engine:?}: {refused:?}");
            assert!(after < HELD + Duration::from_millis(1_500), "{engine:?}: {after:?}");
        }
        holding.rollback().await.expect("let go");
        one.say(fifth, ann, "after").await;
    }
}

/// Ids are given in one order and commits come in another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_follows_waits_for_what_was_before() {
    for engine in SERVERS {
        let scene = Scene::new(engine).await;
        let Scene { nodes: [one, other], ann, bob, rooms: [slow, quick, ..], .. } = &scene;
        for node in [one, other] {
            let all = node.store.log_after(0, 10_000).await.expect("read");
            let after = all.last().map(|(id, _)| *id).expect("something");
            let holding = scene.hold(&format!("members WHERE room_id = {slow} AND user_id = {}", ann.id)).await;
            let follow = async {
                scene.until_waiting(1).await;
                let second = other.say(*quick, bob, "second").await;
                let mut following = Box::pin(node.store.log_after(after, 10));
                tokio::select! {
                    biased;
                    seen = &mut following => panic!("{engine:?}: it did not wait: {seen:?}"),
                    () = scene.until_waiting(2) => {}
                }
                holding.rollback().await.expect("let go");
                (second, following.await.expect("read"))
            };
            let (first, (second, seen)) = tokio::join!(one.say(*slow, ann, "first"), follow);
            assert!(first.id < second.id, "{engine:?}: {first:?} {second:?}");
            let ids: Vec<i64> = seen.iter().map(|(id, _)| *id).collect();
            assert_eq!(ids, [first.id, second.id], "{engine:?}");
            assert_eq!(node.store.log_after(first.id, 10).await.expect("read").len(), 1);
        }
    }
}

/// Each locks the room, and the one who comes: several of them in one transaction would lock people in the order in which they came.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_who_come_to_many_rooms_at_once_do_not_wait_in_a_circle() {
    const PEOPLE: usize = 10;
    const ROOMS: usize = 60;
    for engine in SERVERS {
        let stage = Stage::new(engine).await;
        let owner = stage.user("owner").await;
        let mut people = Vec::new();
        for number in 0..PEOPLE {
            people.push(stage.user(&format!("person{number}")).await);
        }
        let mut rooms = Vec::new();
        for _ in 0..ROOMS {
            rooms.push(stage.room(&owner, &[]).await);
        }
        let hand = by_hand(&stage).await;
        // They come to every other room in the opposite order.
        let joins = (0..PEOPLE).flat_map(|at| {
            let (people, stage) = (&people, &stage);
            rooms.iter().map(move |room| {
                let at = if room % 2 == 0 { at } else { PEOPLE - 1 - at };
                stage.join(*room, &people[at])
            })
        });
        assert!(futures_util::future::join_all(joins).await.into_iter().all(|joined| joined));
        if engine == Engine::Postgres {
            // Each connection tells of its deadlocks when it ends, at the latest.
            stage.store.close().await;
            let others =
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
            while number(&hand, others).await > 0 {
                sleep(GLANCE).await;
            }
            let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
            assert_eq!(number(&hand, deadlocks).await, 0, "deadlocks");
        }
    }
}

/// Who becomes an owner while their account is closed is none on whom others may rest.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_room_keeps_an_owner_who_is_there_whoever_becomes_one_meanwhile() {
    for engine in SERVERS {
        let scene = Scene::new(engine).await;
        let Scene { nodes: [one, other], ann, bob, rooms: [before, ..], .. } = &scene;
        let eve = one.user("Eve").await;
        let room = one.room(ann, &[bob, &eve]).await;
        // Where the closing comes to when it has seen what bob owns.
        let holding = scene.hold(&format!("members WHERE room_id = {before} AND user_id = {}", bob.id)).await;
        let hand_over = async {
            scene.until_waiting(1).await;
            other.set_role(room, ann, bob, Role::Owner).await.expect("an owner");
            other.leave(room, ann).await
        };
        let let_go = async {
            let mut hand_over = Box::pin(hand_over);
            let left = tokio::select! {
                left = &mut hand_over => Some(left),
                () = scene.until_waiting(2) => None,
            };
            holding.rollback().await.expect("let go");
            match left {
                Some(left) => left,
                None => hand_over.await,
            }
        };
        let (closed, left) = tokio::join!(one.store.deactivate_user(bob.id, bob.id, NOW), let_go);
        let owners = format!(
            "SELECT count(*) FROM members WHERE room_id = {room} AND role = {} AND NOT deactivated",
            Role::Owner as i32
        );
        assert_eq!(number(&scene.eye, &owners).await, 1, "{engine:?}: {closed:?} {left:?}");
    }
}

/// Somebody becomes the only owner of a room after it was seen which ones they own; and somebody speaks there. MariaDB keeps the seats
/// that were looked at from everybody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_room_that_is_handed_on_has_one_log() {
    let scene = Scene::new(Engine::Postgres).await;
    let Scene { nodes: [one, _], ann, bob, rooms: [room, ..], .. } = &scene;
    let admin = one.user("admin").await;
    one.store.set_admin(admin.id, true).await.expect("an administrator");
    let head = one.head(*room, ann).await;
    let holding = scene.hold(&format!("users WHERE id = {}", bob.id)).await;
    let speaks = async {
        scene.until_waiting(1).await;
        for (who, role) in [(bob, Role::Owner), (ann, Role::Member)] {
            let sql =
                format!("UPDATE members SET role = {} WHERE room_id = {room} AND user_id = {}", role as i32, who.id);
            scene.eye.execute_unprepared(&sql).await.expect("changed");
        }
        let other = by_hand(one).await;
        let speaking = other.begin().await.expect("begun");
        let hold = format!("SELECT * FROM rooms WHERE id = {room} FOR UPDATE");
        speaking.execute_unprepared(&hold).await.expect("held");
        holding.rollback().await.expect("let go");
        scene.until_waiting(1).await;
        for sql in [
            format!(
                "INSERT INTO messages (id, room_id, seq, user_id, username, kind, content, created_at, body_hash, ordinal, \
                 mentions_room, guest) VALUES (1, {room}, {}, {}, 'Ann', 0, 'x', 0, 0, 0, FALSE, FALSE)",
                head + 1,
                ann.id
            ),
            format!("UPDATE rooms SET last_seq = {} WHERE id = {room}", head + 1),
        ] {
            speaking.execute_unprepared(&sql).await.expect("said");
        }
        speaking.commit().await.expect("said");
    };
    let (closed, ()) = tokio::join!(one.store.deactivate_user(bob.id, admin.id, NOW), speaks);
    closed.expect("closed");
    let log = one.replay(*room, ann, head, one.head(*room, ann).await).await;
    assert_eq!(log.iter().map(|event| place(event).1).collect::<Vec<_>>(), [head + 1, head + 2]);
}
