//! What every bus does, against real servers: the same tests on each.

mod servers;
mod strangers;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use bytes::Bytes;
use chinwag_bus::{BusNews, Heard, Line, NodeIdentity, Status, Subject};
use parking_lot::Mutex;
use rustix::process::Signal;
use tokio::{
    sync::watch,
    task::block_in_place,
    time::{sleep, timeout},
};

use crate::servers::Server;

const SECRET: &str = "a secret of all nodes";
const PATIENCE: Duration = Duration::from_secs(30);

/// A node and all it has heard.
struct Node {
    name: &'static str,
    line: Line,
    heard: watch::Receiver<Vec<Heard>>,
    /// As long as this is so, the node does not come to hear anything.
    is_slow: Arc<AtomicBool>,
}

impl Node {
    fn open(server: &Server, name: &'static str) -> Self {
        Self::open_as(server, name, SECRET, 2)
    }

    fn open_as(server: &Server, name: &'static str, secret: &str, start: u64) -> Self {
        Self::open_at(&server.url(), name, secret, start)
    }

    fn open_at(url: &str, name: &'static str, secret: &str, start: u64) -> Self {
        Self::open_of(1, url, name, secret, start)
    }

    fn open_of(epoch: i64, url: &str, name: &'static str, secret: &str, start: u64) -> Self {
        let (sender, heard) = watch::channel(Vec::new());
        let is_slow = Arc::new(AtomicBool::new(false));
        let slow = is_slow.clone();
        let identity = NodeIdentity { secret: secret.to_owned(), epoch: Some(epoch), node: name.to_owned(), start };
        let hear = move |it| {
            while slow.load(Ordering::Relaxed) {
                // Others whose turn is on this thread go on meanwhile.
                block_in_place(|| std::thread::sleep(Duration::from_millis(1)));
            }
            sender.send_modify(|heard| heard.push(it));
        };
        let line = Line::open(url, &identity, hear).expect("a line");
        Self { name, line, heard, is_slow }
    }

    fn say(&self, room: i64, words: &str) {
        self.line.say(Subject::Room(room), words.as_bytes(), b"bare");
    }

    /// What this one has heard of that one about a room.
    fn of(&self, other: &Self, room: i64) -> Vec<String> {
        of(&self.heard.borrow(), other.name, room)
    }

    async fn until(&mut self, what: &str, is_so: impl FnMut(&Vec<Heard>) -> bool) {
        let waited = timeout(PATIENCE, self.heard.wait_for(is_so)).await;
        assert!(waited.is_ok(), "{} did not hear {what}", self.name);
    }

    /// Waits until it has heard these words about that room.
    async fn hears(&mut self, other: &'static str, room: i64, words: &str) {
        self.until(words, |heard| of(heard, other, room).iter().any(|it| it == words)).await;
    }

    async fn is_up(&self) {
        let mut now = self.line.status();
        let waited = timeout(PATIENCE, now.wait_for(|it| *it == Status::Up)).await;
        assert!(waited.is_ok(), "{} is not up", self.name);
    }

    /// Waits until it is down for a reason with these words.
    async fn is_down(&self, words: &str) {
        let mut now = self.line.status();
        let waited = timeout(PATIENCE, now.wait_for(|it| matches!(it, Status::Down(why) if why.contains(words)))).await;
        assert!(waited.is_ok(), "{} is {:?}", self.name, self.line.status().borrow());
    }

    fn resyncs(&self) -> usize {
        self.heard.borrow().iter().filter(|it| **it == Heard::Resync).count()
    }
}

impl Drop for Node {
    /// A test that fails ends, too.
    fn drop(&mut self) {
        self.is_slow.store(false, Ordering::Relaxed);
    }
}

fn of(heard: &[Heard], other: &str, room: i64) -> Vec<String> {
    let words = |it: &Heard| match it {
        Heard::Message { speaker, subject, payload } if speaker.node == other && *subject == Subject::Room(room) => {
            Some(String::from_utf8_lossy(payload).into_owned())
        }
        _ => None,
    };
    heard.iter().filter_map(words).collect()
}

/// Returns when each hears each: a bus takes a moment to find out who listens.
async fn connect(nodes: &mut [&mut Node]) {
    static ROUND: Mutex<u32> = Mutex::new(0);
    let started = Instant::now();
    let round = {
        let mut round = ROUND.lock();
        *round += 1;
        format!("hello {round}")
    };
    let names: Vec<_> = nodes.iter().map(|node| node.name).collect();
    loop {
        for node in &mut *nodes {
            node.say(0, &round);
        }
        let all_heard = async {
            for node in &mut *nodes {
                let me = node.name;
                for other in names.iter().filter(|name| **name != me) {
                    node.hears(other, 0, &round).await;
                }
            }
        };
        if timeout(Duration::from_millis(100), all_heard).await.is_ok() {
            return;
        }
        assert!(started.elapsed() < PATIENCE, "the nodes do not find each other");
    }
}

async fn two(server: &mut Server) -> (Node, Node) {
    server.start();
    let (mut one, mut two) = (Node::open(server, "one"), Node::open(server, "two"));
    connect(&mut [&mut one, &mut two]).await;
    (one, two)
}

/// A bus that never dies, and carries whatever there is.
fn lives_in_the_process(server: &Server) -> bool {
    matches!(server, Server::Local(_))
}

async fn what_one_node_says_the_others_hear_in_order_and_itself_does_not(mut server: Server) {
    let (mut one, mut two) = two(&mut server).await;
    let mut three = Node::open(&server, "three");
    connect(&mut [&mut one, &mut two, &mut three]).await;
    let words: Vec<String> = (0..300).map(|number| number.to_string()).collect();
    for word in &words {
        one.say(1, word);
        two.say(2, word);
    }
    for (node, others) in
        [(&mut three, vec![("one", 1), ("two", 2)]), (&mut one, vec![("two", 2)]), (&mut two, vec![("one", 1)])]
    {
        for (other, room) in others {
            node.hears(other, room, "299").await;
        }
    }
    assert_eq!(three.of(&one, 1), words);
    assert_eq!(three.of(&two, 2), words);
    assert_eq!((one.of(&two, 2), two.of(&one, 1)), (words.clone(), words));
    for node in [&one, &two, &three] {
        assert!(node.of(node, 0).is_empty() && node.of(node, 1).is_empty() && node.of(node, 2).is_empty());
    }
}

async fn what_is_more_than_the_bus_carries_becomes_a_bare_hint(mut server: Server) {
    let (one, mut two) = two(&mut server).await;
    let large = "x".repeat(900_000);
    one.say(1, &large);
    two.until("900 kB", |heard| of(heard, "one", 1).len() == 1).await;
    assert!(two.of(&one, 1) == [large], "whole");
    one.say(2, &"x".repeat(17 * 1024 * 1024));
    two.until("17 MB", |heard| of(heard, "one", 2).len() == 1).await;
    let carries_everything = lives_in_the_process(&server);
    assert!(carries_everything != (two.of(&one, 2) == ["bare"]));
}

async fn what_no_node_of_this_server_has_said_is_not_heard(mut server: Server) {
    let (one, mut two) = two(&mut server).await;
    let (sender, mut seen) = watch::channel(Vec::<Bytes>::new());
    let raw = move |news| {
        if let BusNews::Came(message) = news {
            sender.send_modify(|seen| seen.push(message));
        }
    };
    let raw = chinwag_bus::open(&server.url(), Arc::new(raw)).expect("a bus");
    // Whatever the raw bus sees has left the server for the nodes, too.
    let room = Subject::Room(7);
    let mark = Bytes::from_static(b"garbage");
    loop {
        raw.publish(room, mark.clone());
        if timeout(Duration::from_millis(100), seen.wait_for(|seen| seen.contains(&mark))).await.is_ok() {
            break;
        }
    }
    one.say(7, "first");
    two.hears("one", 7, "first").await;
    let of_this_node = |seen: &Vec<Bytes>| seen.iter().rfind(|it| it.ends_with(b"first")).cloned();
    seen.wait_for(|seen| of_this_node(seen).is_some()).await.expect("seen");
    let true_one = of_this_node(&seen.borrow()).expect("seen");
    let changed = {
        let mut bytes = true_one.to_vec();
        let end = bytes.len() - 1;
        bytes[end] ^= 1;
        Bytes::from(bytes)
    };
    let (empty, cut) = (Bytes::new(), true_one.slice(..true_one.len() - 1));
    let next_version = {
        let mut bytes = true_one.to_vec();
        bytes[0] += 1;
        Bytes::from(bytes)
    };
    for message in [&empty, &cut, &changed, &next_version, &true_one] {
        raw.publish(room, message.clone());
    }
    let doubled = |seen: &Vec<Bytes>| seen.iter().filter(|it| **it == true_one).count() >= 2;
    timeout(PATIENCE, seen.wait_for(doubled)).await.expect("in time").expect("seen");
    let mut forger = Node::open_as(&server, "one", "a secret of somebody else", 9);
    let mut before = Node::open_as(&server, "one", SECRET, 1);
    for (liar, word) in [(&mut forger, "forged"), (&mut before, "of before the start")] {
        liar.is_up().await;
        let is_seen = |seen: &Vec<Bytes>| seen.iter().any(|it| it.ends_with(word.as_bytes()));
        while timeout(Duration::from_millis(100), seen.wait_for(is_seen)).await.is_err() {
            liar.say(7, word);
        }
    }
    one.say(7, "last");
    two.hears("one", 7, "last").await;
    assert_eq!(two.of(&one, 7), ["first", "last"]);
}

async fn a_bus_that_dies_delays_nobody_and_is_found_again(mut server: Server) {
    let (mut one, mut two) = two(&mut server).await;
    for _ in 0..2 {
        let before = [one.resyncs(), two.resyncs()];
        server.kill();
        one.is_down("").await;
        two.is_down("").await;
        let started = Instant::now();
        for number in 0..10_000 {
            one.say(1, &number.to_string());
        }
        assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
        server.start();
        one.is_up().await;
        two.is_up().await;
        connect(&mut [&mut one, &mut two]).await;
        assert!(one.resyncs() > before[0] && two.resyncs() > before[1], "both know that they may have lost something");
    }
}

async fn a_bus_that_stands_still_delays_nobody_and_goes_on(mut server: Server) {
    let (mut one, mut two) = two(&mut server).await;
    server.signal(Signal::STOP);
    let started = Instant::now();
    let words = "x".repeat(4_000);
    for _ in 0..10_000 {
        one.say(1, &words);
    }
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    two.is_down("").await;
    server.signal(Signal::CONT);
    connect(&mut [&mut one, &mut two]).await;
}

async fn a_bus_that_is_not_there_is_found_when_it_comes(mut server: Server) {
    let started = Instant::now();
    let (mut one, mut two) = (Node::open(&server, "one"), Node::open(&server, "two"));
    assert!(started.elapsed() < Duration::from_secs(1));
    // Long enough for a first try that fails.
    sleep(Duration::from_millis(300)).await;
    assert_ne!(*one.line.status().borrow(), Status::Up);
    server.start();
    connect(&mut [&mut one, &mut two]).await;
    assert_eq!(*one.line.status().borrow(), Status::Up);
}

async fn who_is_too_slow_is_told_that_something_was_lost(mut server: Server) {
    let (mut one, mut two) = two(&mut server).await;
    let mut three = Node::open(&server, "three");
    connect(&mut [&mut one, &mut two, &mut three]).await;
    let before = two.resyncs();
    two.is_slow.store(true, Ordering::Relaxed);
    // A stretch at a time, so that nothing is lost on the way out.
    for stretch in 0..15 {
        for number in 0..2_000 {
            one.say(1, &(stretch * 2_000 + number).to_string());
        }
        let last = (stretch * 2_000 + 1_999).to_string();
        three.hears("one", 1, &last).await;
    }
    two.is_slow.store(false, Ordering::Relaxed);
    two.until("that something was lost", |heard| heard.iter().filter(|it| **it == Heard::Resync).count() > before)
        .await;
    connect(&mut [&mut one, &mut two]).await;
    assert!(two.of(&one, 1).len() < 30_000);
    assert_eq!(three.of(&one, 1).len(), 30_000);
}

async fn who_is_not_let_in_is_told_what_to_change_and_is_let_in_later(mut server: Server) {
    // They hear each other: what belongs to their own beginning has been told.
    let (mut right, _other) = two(&mut server).await;
    let before = right.resyncs();
    let words = ["`bus`", "password"];
    for url in server.wrong_urls() {
        let wrong = Node::open_at(&url, "wrong", SECRET, 2);
        for word in words {
            wrong.is_down(word).await;
        }
        assert!(!format!("{:?}", wrong.line.status().borrow()).contains("hidden"), "no secret");
    }
    let mut later = Node::open(&server, "later");
    connect(&mut [&mut right, &mut later]).await;
    assert_eq!(right.resyncs(), before, "whoever is let in has lost nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nats_carries_what_its_server_allows() {
    let mut server = Server::nats_with("max_payload: 65536");
    let (one, mut two) = two(&mut server).await;
    one.say(1, &"x".repeat(70_000));
    two.hears("one", 1, "bare").await;
}

/// The last that is said of a bus that nobody wants any more.
async fn who_leaves_a_bus_says_no_more_of_it(mut server: Server) {
    let (one, _two) = two(&mut server).await;
    let mut status = one.line.status();
    drop(one);
    while timeout(PATIENCE, status.changed()).await.expect("its connection ends").is_ok() {}
    assert_eq!(*status.borrow(), Status::Up);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_nodes_of_one_name_are_told_so() {
    let mut server = Server::nats();
    server.start();
    let (mut older, mut newer) = (Node::open_as(&server, "one", SECRET, 1), Node::open_as(&server, "one", SECRET, 2));
    let is_told = |heard: &Vec<Heard>| heard.contains(&Heard::Twin);
    let started = Instant::now();
    while !is_told(&older.heard.borrow()) || !is_told(&newer.heard.borrow()) {
        assert!(started.elapsed() < PATIENCE, "neither is told");
        older.say(1, "x");
        newer.say(1, "x");
        let either = async {
            tokio::select! {
                _ = older.heard.changed() => {}
                _ = newer.heard.changed() => {}
            }
        };
        let _ = timeout(Duration::from_millis(100), either).await;
    }
}

/// The tests of a bus, each with a server of its own; where it is brought by a suite alone, by which.
macro_rules! suite {
    ($bus:ident, $server:expr, $tests:tt) => {
        suite!($bus, $server, $tests, {});
    };
    ($bus:ident, $server:expr, [$($test:ident),+ $(,)?], $brought:tt) => {
        mod $bus {
            use super::*;
            $(suite!($test of $server, $brought);)+
        }
    };
    ($test:ident of $server:expr, { $($brought:literal)? }) => {
        $(#[ignore = $brought])?
        #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
        async fn $test() {
            super::$test($server).await;
        }
    };
}

macro_rules! servers {
    ([$($name:ident => $server:expr),*], $tests:tt) => {
        $(suite!($name, $server, $tests);)*
    };
}

suite!(
    local,
    Server::local(),
    [
        what_one_node_says_the_others_hear_in_order_and_itself_does_not,
        what_is_more_than_the_bus_carries_becomes_a_bare_hint,
        what_no_node_of_this_server_has_said_is_not_heard,
        who_is_too_slow_is_told_that_something_was_lost,
    ]
);
servers!(
    [nats => Server::nats(), redis => Server::redis()],
    [
        who_leaves_a_bus_says_no_more_of_it,
        what_one_node_says_the_others_hear_in_order_and_itself_does_not,
        what_is_more_than_the_bus_carries_becomes_a_bare_hint,
        what_no_node_of_this_server_has_said_is_not_heard,
        a_bus_that_dies_delays_nobody_and_is_found_again,
        a_bus_that_stands_still_delays_nobody_and_goes_on,
        a_bus_that_is_not_there_is_found_when_it_comes,
        who_is_too_slow_is_told_that_something_was_lost,
        who_is_not_let_in_is_told_what_to_change_and_is_let_in_later,
    ]
);
suite!(
    kafka,
    Server::kafka().await,
    [
        what_one_node_says_the_others_hear_in_order_and_itself_does_not,
        what_is_more_than_the_bus_carries_becomes_a_bare_hint,
        what_no_node_of_this_server_has_said_is_not_heard,
        a_bus_that_dies_delays_nobody_and_is_found_again,
        a_bus_that_is_not_there_is_found_when_it_comes,
        who_is_not_let_in_is_told_what_to_change_and_is_let_in_later,
    ]
);
suite!(
    kafka_itself,
    Server::kafka_itself(),
    [
        what_one_node_says_the_others_hear_in_order_and_itself_does_not,
        what_is_more_than_the_bus_carries_becomes_a_bare_hint,
        what_no_node_of_this_server_has_said_is_not_heard,
        a_bus_that_dies_delays_nobody_and_is_found_again,
        a_bus_that_stands_still_delays_nobody_and_goes_on,
        a_bus_that_is_not_there_is_found_when_it_comes,
        who_is_not_let_in_is_told_what_to_change_and_is_let_in_later,
    ],
    { "`cargo xtask test kafka` brings Kafka's own broker" }
);
