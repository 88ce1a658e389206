//! Two nodes on one database and one bus: what is done on the one is told on the other, whatever the bus does.

mod lossy;
mod node;
mod whereabouts;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chinwag_bus::Hear;
use chinwag_domain::{
    Actor, members, messages,
    ports::{Committed, Publisher as _},
    rooms::{self, RoomEdit},
    sessions,
};
use chinwag_proto::{CloseCode, ErrorCode, Event, MarkRead, Role, RoomEvent, SendText};
use chinwag_realtime::Sink;
use chinwag_testdb::DbServer;

use crate::{
    lossy::{Dead, Lossy},
    node::{Node, Socket},
};

fn database() -> String {
    DbServer::postgres().database().expect("a database")
}

/// Two nodes on a bus of their own inside the process.
async fn two() -> (Node, Node) {
    let database = database();
    let (a, b) = (Node::open(&database).await, Node::open(&database).await);
    let url = format!("local://{database}");
    for (node, name) in [(&a, "a"), (&b, "b")] {
        node.join(name, |hear| chinwag_bus::open(&url, hear));
    }
    (a, b)
}

/// The same on a bus that keeps no promise.
async fn two_on_a_bad_bus() -> (Node, Node) {
    let database = database();
    let (a, b) = (Node::open(&database).await, Node::open(&database).await);
    let url = format!("local://{database}");
    for (node, name, seed) in [(&a, "a", 1), (&b, "b", 2)] {
        node.join(name, |hear| Lossy::open(&url, seed, hear));
    }
    (a, b)
}

async fn room(node: &Node, owner: &Actor) -> i64 {
    let edit = RoomEdit { name: Some("tea".to_owned()), ..RoomEdit::default() };
    rooms::create(&node.chat, owner, edit, "").await.expect("a room").id
}

async fn say(node: &Node, actor: &Actor, room_id: i64, content: &str) -> i64 {
    let text = SendText { room_id, content: content.to_owned(), client_id: String::new(), ..SendText::default() };
    messages::post(&node.chat, actor, text).await.expect("said").message.seq
}

/// Who is who: Ann owns the room, Bob is in it.
async fn scene(a: &Node) -> (Actor, Actor, String, i64) {
    let ((ann, _), (bob, token)) = (a.register("ann").await, a.register("bob").await);
    let room_id = room(a, &ann).await;
    members::put(&a.chat, &ann, room_id, bob.user_id, Role::Member).await.expect("added");
    (ann, bob, token, room_id)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_said_on_either_node_is_heard_on_both_at_once_in_order_and_once() {
    let (a, b) = two().await;
    let (ann, bob, _, room_id) = scene(&a).await;
    let (here, there) = (a.listen(&ann, room_id).await, b.listen(&bob, room_id).await);
    let started = Instant::now();
    let mut last = 0;
    for number in 0..100 {
        let (node, who) = if number % 3 == 0 { (&b, &bob) } else { (&a, &ann) };
        last = say(node, who, room_id, &number.to_string()).await;
        let heard = |events: &Vec<Event>| events.last().and_then(Event::position).is_some_and(|(_, seq)| seq == last);
        there.until("the next", heard).await;
        here.until("the next", heard).await;
    }
    assert!(
        started.elapsed() < Duration::from_secs(20),
        "by the bus, not by a look into the store: {:?}",
        started.elapsed()
    );
    let first = last - 99;
    for socket in [&here, &there] {
        assert_eq!(socket.positions(), (first..=last).collect::<Vec<_>>());
        assert_eq!(socket.texts(), (0..100).map(|number| number.to_string()).collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_bus_that_loses_doubles_swaps_and_lies_changes_nothing_but_the_time() {
    let (a, b) = two_on_a_bad_bus().await;
    let (ann, bob, _, room_id) = scene(&a).await;
    let (here, there) = (a.listen(&ann, room_id).await, b.listen(&bob, room_id).await);
    let (mut first, mut last) = (i64::MAX, 0);
    let talk = async |node: &Node, who: &Actor| {
        let mut seqs = Vec::new();
        for number in 0..60 {
            seqs.push(say(node, who, room_id, &format!("{number} {}", "x".repeat(number * 30))).await);
        }
        seqs
    };
    let (mine, theirs) = tokio::join!(talk(&a, &ann), talk(&b, &bob));
    for seq in mine.into_iter().chain(theirs) {
        (first, last) = (first.min(seq), last.max(seq));
    }
    assert_eq!(last - first + 1, 120);
    let heard_all = |events: &Vec<Event>| events.iter().filter_map(Event::position).any(|(_, seq)| seq == last);
    for socket in [&here, &there] {
        socket.until("everything", heard_all).await;
        assert_eq!(socket.positions(), (first..=last).collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_a_bus_the_last_change_is_heard_within_five_seconds() {
    let database = database();
    let (a, b) = (Node::open(&database).await, Node::open(&database).await);
    a.join("a", |_: Hear| Ok(Dead::open()));
    b.join("b", |_: Hear| Ok(Dead::open()));
    let (ann, bob, _, room_id) = scene(&a).await;
    let there = b.listen(&bob, room_id).await;
    let own = Socket::of(&bob);
    b.hub.connect(own.clone(), false).expect("not draining");
    b.hub.hold_own(own.as_ref());
    b.hub.release_own(own.as_ref(), Some(0));
    let seq = say(&a, &ann, room_id, "the last").await;
    messages::mark_read(&a.chat, &bob, MarkRead { room_id, seq }).await.expect("read");
    let started = Instant::now();
    there
        .until("the last", |events| events.iter().filter_map(Event::position).any(|place| place == (room_id, seq)))
        .await;
    own.until("the mark", |events| events.iter().any(|event| matches!(event, Event::Read(it) if it.own_seq == 1)))
        .await;
    assert!(started.elapsed() <= Duration::from_secs(5), "{:?}", started.elapsed());
}

/// What was remembered of rights has its bound in time where nobody tells of their end.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_a_bus_who_may_no_more_is_refused_within_five_seconds() {
    let database = database();
    let (a, b) = (Node::open(&database).await, Node::open(&database).await);
    a.join("a", |_: Hear| Ok(Dead::open()));
    b.join("b", |_: Hear| Ok(Dead::open()));
    let (ann, bob, token, room_id) = scene(&a).await;
    let there = b.listen(&bob, room_id).await;
    let may = async || {
        let types = chinwag_domain::typing::start(&b.chat, &bob, room_id).await.is_ok();
        (types, b.authenticate(&token).await.is_ok())
    };
    assert_eq!(may().await, (true, true), "remembered from here on");
    members::kick(&a.chat, &ann, room_id, bob.user_id).await.expect("kicked");
    sessions::log_out(&a.chat, &bob).await.expect("logged out");
    let begun = Instant::now();
    // Nobody tells when something is forgotten.
    let mut looks = tokio::time::interval(Duration::from_millis(10));
    while may().await != (false, false) {
        assert!(begun.elapsed() <= Duration::from_secs(5), "{:?}", may().await);
        looks.tick().await;
    }
    let is_farewell = |event: &Event| matches!(event, Event::Room(it) if it.event() == RoomEvent::Removed);
    there.until("that he was removed", |events| events.iter().any(is_farewell)).await;
    assert!(begun.elapsed() <= Duration::from_secs(5), "{:?}", begun.elapsed());
    assert!(!b.hub.listens(there.id(), room_id));
}

/// Where a socket on the one node is told that marks have moved that its person moves on both.
async fn own_positions(a: &Node, b: &Node) -> Vec<i64> {
    let (ann, bob, _, room_id) = scene(a).await;
    let mut seqs = Vec::new();
    for number in 0..30 {
        seqs.push(say(a, &ann, room_id, &number.to_string()).await);
    }
    let there = Socket::of(&bob);
    b.hub.connect(there.clone(), false).expect("not draining");
    b.hub.hold_own(there.as_ref());
    b.hub.release_own(there.as_ref(), Some(0));
    for (index, seq) in seqs.iter().enumerate() {
        let node = if index % 2 == 0 { a } else { b };
        messages::mark_read(&node.chat, &bob, MarkRead { room_id, seq: *seq }).await.expect("read");
    }
    let is_last = |event: &Event| matches!(event, Event::Read(it) if it.own_seq == 30);
    there.until("the last mark", |events| events.iter().any(is_last)).await;
    there.own_positions()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_one_persons_alone_is_told_on_all_their_nodes_in_order_and_once() {
    let (a, b) = two().await;
    assert_eq!(own_positions(&a, &b).await, (1..=30).collect::<Vec<_>>());
    let (a, b) = two_on_a_bad_bus().await;
    let told = own_positions(&a, &b).await;
    // A mark that has moved on stands at its new place alone.
    assert!(told.is_sorted_by(|one, next| one < next), "{told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_is_kicked_on_one_node_hears_no_more_on_the_other_and_is_refused_there_at_once() {
    let (a, b) = two().await;
    let (ann, bob, _, room_id) = scene(&a).await;
    let there = b.listen(&bob, room_id).await;
    say(&b, &bob, room_id, "I may, and that is remembered").await;
    members::kick(&a.chat, &ann, room_id, bob.user_id).await.expect("kicked");
    let is_farewell = |event: &Event| matches!(event, Event::Room(it) if it.event() == RoomEvent::Removed);
    there.until("that he was removed", |events| events.iter().any(is_farewell)).await;
    assert!(!b.hub.listens(there.id(), room_id));
    // What he may was remembered there, for seconds.
    let typing = chinwag_domain::typing::start(&b.chat, &bob, room_id).await;
    assert!(typing.is_err(), "forgotten");
    let heard = there.events().len();
    let told = b.listen(&ann, room_id).await;
    say(&a, &ann, room_id, "now that he is gone").await;
    told.until("what is said then", |events| !events.is_empty()).await;
    assert_eq!(there.events().len(), heard, "nothing that was said later");
    let read = messages::mark_read(&b.chat, &bob, MarkRead { room_id, seq: 1 }).await;
    assert_eq!(read.expect_err("no seat").code, ErrorCode::NotAMember);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_login_that_is_ended_on_one_node_ends_on_the_other_with_its_sockets_at_once() {
    let (a, b) = two().await;
    let (_, bob, token, room_id) = scene(&a).await;
    let there = b.listen(&bob, room_id).await;
    assert!(b.authenticate(&token).await.is_ok(), "remembered");
    sessions::log_out(&a.chat, &bob).await.expect("logged out");
    assert_eq!(there.until_closed().await, CloseCode::SessionEnded);
    assert_eq!(b.authenticate(&token).await.expect_err("forgotten").code, ErrorCode::SessionEnded);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn typing_and_what_is_for_one_person_are_told_on_the_other_node() {
    let (a, b) = two().await;
    let (ann, bob, _, room_id) = scene(&a).await;
    let there = b.listen(&bob, room_id).await;
    chinwag_domain::typing::start(&a.chat, &ann, room_id).await.expect("typing");
    there.until("that she types", |events| events.iter().any(|event| matches!(event, Event::Typing(_)))).await;
    let garden = room(&a, &ann).await;
    members::put(&a.chat, &ann, garden, bob.user_id, Role::Member).await.expect("added");
    let added =
        |event: &Event| matches!(event, Event::Room(it) if it.room_id == garden && it.event() == RoomEvent::Added);
    there.until("that the room is his", |events| events.iter().any(added)).await;
}

/// By the bus: in the store there are none.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn other_emojis_are_told_to_every_socket_of_the_other_node() {
    let (a, mut b) = two().await;
    let (_, bob, ..) = scene(&a).await;
    b.watch();
    let there = Socket::of(&bob);
    b.hub.connect(there.clone(), false).expect("not draining");
    a.nodes.committed(vec![Committed::Emojis(7)]);
    let changed = |event: &Event| matches!(event, Event::EmojisChanged(it) if it.version == 7);
    there.until("that there are others", |events| events.iter().any(changed)).await;
    assert_eq!((a.hub.emojis_version(), b.hub.emojis_version()), (7, 7));
}

/// An `Arc` of a node's parts must not keep it alive: a server that stops would not let go of its bus.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_node_that_is_gone_leaves_nothing_behind() {
    let (a, _b) = two().await;
    let (nodes, hub) = (Arc::downgrade(&a.nodes), Arc::downgrade(&a.hub));
    drop(a);
    let gone = async {
        while nodes.strong_count() + hub.strong_count() > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(node::PATIENCE, gone).await.expect("nothing holds it");
}
