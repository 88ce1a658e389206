//! Who is where, told over a bus: what of it is pure has its tests in `realtime`.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chinwag_domain::ports::{Figures, Publisher as _};
use chinwag_proto::{CloseCode, Event, Presence};
use chinwag_realtime::Sink;

use crate::{
    node::{Node, Socket},
    scene, two, two_on_a_bad_bus,
};

/// Waits until somebody's presence is told so, after so many events.
async fn until_presence(socket: &Socket, after: usize, user_id: i64, status: Presence) {
    let is_told = |events: &Vec<Event>| {
        let told =
            |event: &Event| matches!(event, Event::Presence(it) if it.user_id == user_id && it.status() == status);
        events.iter().skip(after).any(told)
    };
    // A bad bus may lose one heartbeat after the other.
    socket.until_within(Duration::from_secs(120), &format!("that {user_id} is {status:?}"), is_told).await;
}

fn disconnect(node: &Node, socket: &Socket) {
    node.hub.disconnect(socket.id());
}

async fn a_person_comes_and_goes(mut a: Node, mut b: Node) {
    let (ann, bob, _, room_id) = scene(&a).await;
    a.watch();
    b.watch();
    let (here, there) = (a.listen(&ann, room_id).await, b.listen(&bob, room_id).await);
    until_presence(&here, 0, bob.user_id, Presence::Online).await;
    // That she has come may be known there before he listens.
    a.hub.set_away(here.id(), true);
    until_presence(&there, 0, ann.user_id, Presence::Away).await;
    for node in [&a, &b] {
        assert_eq!(node.nodes.people_in(room_id), [ann.user_id, bob.user_id]);
        assert_eq!(node.nodes.figures(), Figures { sockets: 2, users: 2, rooms: 1, subscriptions: 2 });
        let one = Figures { sockets: 1, users: 1, rooms: 1, subscriptions: 1 };
        let each = [("a".to_owned(), one), ("b".to_owned(), one)];
        assert_eq!(node.nodes.figures_by_node(), each.into());
    }
    let told = here.events().len();
    b.hub.set_away(there.id(), true);
    until_presence(&here, told, bob.user_id, Presence::Away).await;
    disconnect(&b, &there);
    until_presence(&here, told, bob.user_id, Presence::Offline).await;
    assert_eq!(a.nodes.people_in(room_id), [ann.user_id]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_comes_and_goes_on_one_node_is_told_on_the_other() {
    let (a, b) = two().await;
    a_person_comes_and_goes(a, b).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_comes_and_goes_is_told_whatever_the_bus_does() {
    let (a, b) = two_on_a_bad_bus().await;
    a_person_comes_and_goes(a, b).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_oldest_socket_of_all_nodes_makes_room_for_the_newest() {
    let (mut a, mut b) = two().await;
    let (_, bob, _, room_id) = scene(&a).await;
    a.watch();
    b.watch();
    let first = a.listen(&bob, room_id).await;
    for _ in 1..20 {
        a.listen(&bob, room_id).await;
    }
    b.listen(&bob, room_id).await;
    assert_eq!(first.until_closed().await, CloseCode::TooManySockets);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_people_of_a_node_that_says_goodbye_are_offline_after_the_grace() {
    let (mut a, mut b) = two().await;
    let (ann, bob, _, room_id) = scene(&a).await;
    a.watch();
    b.watch();
    let (here, _there): (Arc<Socket>, Arc<Socket>) = (a.listen(&ann, room_id).await, b.listen(&bob, room_id).await);
    until_presence(&here, 0, bob.user_id, Presence::Online).await;
    let begun = Instant::now();
    b.nodes.say_goodbye();
    until_presence(&here, 0, bob.user_id, Presence::Offline).await;
    assert!(begun.elapsed() < Duration::from_secs(15), "not because nothing is heard of it: {:?}", begun.elapsed());
}
