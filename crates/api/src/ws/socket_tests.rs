//! The laws of one socket, over real loopback connections. What frames mean is not asked here.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpStream as Peer},
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use chinwag_proto::{
    CloseCode, Language,
    ws::{self, Decoder, Opcode, WsMessage},
};
use chinwag_realtime::{Lane, Outbox, Sink};
use tokio::net::TcpListener;

use super::{Conn, Heartbeat, Identity};

async fn pair() -> (Arc<Conn>, Peer) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let peer = Peer::connect(listener.local_addr().expect("an address")).expect("connects");
    let (stream, _) = listener.accept().await.expect("accepts");
    let identity = Identity {
        id: 1,
        user_id: 1,
        username: "ann".into(),
        session: None,
        lane: Lane::Json,
        yields: false,
        language: Language::English,
    };
    (Conn::new(stream, identity, &Heartbeat::MEMBER), peer)
}

fn frame(number: usize) -> Bytes {
    ws::frame(Opcode::Text, format!("{number:05}{}", "x".repeat(4_000)).as_bytes())
}

/// Reads to the end and gives the numbers of the texts, then the close code.
fn read_all(mut peer: Peer) -> (Vec<usize>, Option<u16>) {
    let mut bytes = Vec::new();
    peer.read_to_end(&mut bytes).expect("reads");
    let mut input = bytes.as_mut_slice();
    let mut decoder = Decoder::new(ws::From::Server, 1_000_000);
    let (mut numbers, mut code) = (Vec::new(), None);
    while let Some(message) = decoder.next(&mut input).expect("well framed") {
        assert_eq!(code, None, "something follows the close frame");
        match message {
            WsMessage::Text(text) => numbers.push(text[..5].parse().expect("a number")),
            WsMessage::Close(reason, _) => code = reason,
            WsMessage::Ping(_) => {}
            other => panic!("unexpected {other:?}"),
        }
    }
    (numbers, code)
}

fn read_later(peer: &Peer) -> tokio::task::JoinHandle<(Vec<usize>, Option<u16>)> {
    let peer = peer.try_clone().expect("clones");
    tokio::task::spawn_blocking(move || read_all(peer))
}

#[tokio::test]
async fn what_the_peer_does_not_take_at_once_arrives_later_and_in_order() {
    let (conn, peer) = pair().await;
    let mut sent = 0;
    while conn.line.lock().outbox.len() < Outbox::LIMIT / 2 {
        conn.send(&frame(sent));
        sent += 1;
    }
    let reading = read_later(&peer);
    conn.close(CloseCode::Restarting);
    // Drains, says goodbye, and waits for the peer to hang up.
    drop(peer);
    conn.hang_up().await;
    drop(conn);
    let (numbers, code) = reading.await.expect("reads");
    assert_eq!(numbers, (0..sent).collect::<Vec<_>>());
    assert_eq!(code, Some(1012));
}

#[tokio::test]
async fn a_peer_that_stops_reading_is_told_so_after_whole_frames_and_little_is_kept_for_it() {
    let (conn, peer) = pair().await;
    let mut sent = 0;
    while conn.is_open() {
        conn.send(&frame(sent));
        sent += 1;
        assert!(sent < 2_000, "never closed");
    }
    assert!(conn.line.lock().outbox.len() < 10_000, "the backlog is dropped");
    conn.send(&frame(sent));
    let reading = read_later(&peer);
    drop(peer);
    conn.hang_up().await;
    drop(conn);
    let (numbers, code) = reading.await.expect("reads");
    assert_eq!(numbers, (0..numbers.len()).collect::<Vec<_>>());
    assert!(numbers.len() < sent);
    assert_eq!(code, Some(4008));
}

#[tokio::test]
async fn the_reason_reaches_a_peer_that_wakes_up_after_the_server_has_hung_up() {
    // How far the kernel goes over its bound depends on the sizes of what is written.
    for size in [100, 4_000, 15_000, 30_000, 50_000, 60_000, 64_000] {
        let (conn, peer) = pair().await;
        let frame = ws::frame(Opcode::Text, format!("{:05}{}", 0, "x".repeat(size)).as_bytes());
        while conn.is_open() {
            conn.send(&frame);
        }
        conn.hang_up().await;
        drop(conn);
        let reading = read_later(&peer);
        assert_eq!(reading.await.expect("reads").1, Some(4008), "frames of {size} bytes");
    }
}

#[tokio::test]
async fn the_reason_reaches_a_peer_that_says_much_and_reads_late() {
    let (conn, mut peer) = pair().await;
    while conn.is_open() {
        conn.send(&frame(0));
    }
    peer.write_all(&vec![0; 100_000]).expect("the kernel takes it");
    conn.hang_up().await;
    drop(conn);
    let reading = read_later(&peer);
    assert_eq!(reading.await.expect("reads").1, Some(4008));
}

#[tokio::test]
async fn whoever_takes_nothing_is_too_slow_before_ten_seconds_are_over() {
    let (conn, _peer) = pair().await;
    while conn.line.lock().outbox.is_empty() {
        conn.send(&frame(0));
    }
    let stalled = Instant::now();
    conn.tick(stalled + Duration::from_secs(7));
    assert!(conn.is_open());
    // The last look before the tenth second, whenever the ticks fall.
    conn.tick(stalled + Duration::from_secs(9));
    assert!(!conn.is_open());
    assert!(conn.line.lock().slow);
}

#[tokio::test]
async fn silence_after_a_ping_is_death_but_any_byte_is_life() {
    let (conn, _peer) = pair().await;
    let start = Instant::now();
    let after = |seconds| start + Duration::from_secs(seconds);
    conn.tick(after(26));
    assert!(conn.line.lock().pinged.is_some());
    conn.line.lock().heard = after(30);
    conn.tick(after(37));
    assert!(conn.is_open());
    conn.tick(after(52));
    conn.tick(after(61));
    assert!(conn.is_open());
    conn.tick(after(63));
    assert!(!conn.is_open());
    assert!(!conn.readable().await);
}

#[tokio::test]
async fn whoever_slept_through_a_ping_hears_why_when_they_wake() {
    let (conn, peer) = pair().await;
    let start = Instant::now();
    conn.send(&frame(0));
    conn.tick(start + Duration::from_secs(26));
    conn.tick(start + Duration::from_secs(37));
    conn.hang_up().await;
    drop(conn);
    assert_eq!(read_later(&peer).await.expect("reads"), (vec![0], Some(4008)));
}

#[tokio::test]
async fn nobody_dies_while_a_request_is_served() {
    let (conn, _peer) = pair().await;
    let start = Instant::now();
    conn.tick(start + Duration::from_secs(26));
    conn.during(async {
        conn.tick(start + Duration::from_secs(40));
    })
    .await;
    assert!(conn.is_open());
}

#[tokio::test]
async fn what_is_sent_beside_a_request_leaves_with_its_answer_but_much_of_it_at_once() {
    let (conn, peer) = pair().await;
    let waits = || conn.line.lock().outbox.len();
    conn.during(async {
        for number in 0..4 {
            conn.send(&frame(number));
        }
        assert_eq!(waits(), 4 * frame(0).len(), "it waits for the answer");
        conn.send(&frame(4));
        assert_eq!(waits(), 0, "the peer is not to look slow");
        conn.send(&frame(5));
    })
    .await;
    assert_eq!(waits(), 0, "the answer has left");
    conn.close(CloseCode::Restarting);
    let reading = read_later(&peer);
    drop(peer);
    conn.hang_up().await;
    drop(conn);
    assert_eq!(reading.await.expect("reads").0, (0..6).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_request_is_run_to_its_end_though_the_peer_is_gone() {
    let (conn, peer) = pair().await;
    drop(peer);
    let mut done = false;
    conn.during(async {
        while conn.is_open() {
            conn.send(&frame(0));
            tokio::task::yield_now().await;
        }
        tokio::task::yield_now().await;
        done = true;
    })
    .await;
    assert!(done);
}

#[tokio::test]
async fn the_goodbye_arrives_though_the_peer_is_still_sending() {
    let (conn, mut peer) = pair().await;
    let writing = tokio::task::spawn_blocking(move || {
        // More than the connection holds, so that some of it is unread when the close frame leaves.
        let sent = peer.write_all(&vec![0; 3_000_000]);
        peer.shutdown(Shutdown::Write).and(sent).expect("is read to its end");
        read_all(peer)
    });
    conn.close(CloseCode::TooBig);
    conn.hang_up().await;
    drop(conn);
    assert_eq!(writing.await.expect("writes"), (vec![], Some(1009)));
}
