//! How many texts a second become durable, and how long readers wait in a large room. It measures; it checks nothing.
//!
//! `cargo run --release -p chinwag-store --example append_rate -- [directory] [seconds] [history rows] [in flight]`

#![expect(clippy::disallowed_methods, reason = "every task is awaited")]

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use chinwag_domain::{Actor, SessionId, mentions::Calls, policy, ports::*, records::*};
use chinwag_proto::{CloseCode, Event, MessageType, Presence, RoomKind};
use chinwag_store::{SqlStore, StoreConfig};

/// Counts transactions.
#[derive(Default)]
struct Counter(AtomicU64);

impl Publisher for Counter {
    fn committed(&self, _: Vec<Committed>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
    fn hint_room(&self, _: i64, _: Event) {}
    fn hint_user(&self, _: i64, _: Event) {}
    fn hint_socket(&self, _: chinwag_domain::SocketId, _: Event) {}
    fn close_sessions(&self, _: &[SessionId], _: CloseCode) {}
    fn end_sessions(&self, _: &[SessionId], _: CloseCode) {}
    fn people_in(&self, _: i64) -> Vec<i64> {
        Vec::new()
    }

    fn presence(&self, _: i64) -> Presence {
        Presence::Offline
    }
    fn online_users(&self) -> Vec<i64> {
        Vec::new()
    }
    fn figures(&self) -> Figures {
        Figures::default()
    }
    fn figures_by_node(&self) -> std::collections::BTreeMap<String, Figures> {
        Default::default()
    }
    fn subscriptions_by_room(&self) -> std::collections::BTreeMap<i64, usize> {
        std::collections::BTreeMap::new()
    }
}

const NOW: i64 = 1_780_000_000_000;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let directory = PathBuf::from(arguments.next().unwrap_or_else(|| ".".into()));
    let seconds: u64 = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(5);
    let rows: i64 = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(0);
    let only: usize = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(0);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let path = directory.join(format!("append-rate-{}.db", std::process::id()));
        let counter = Arc::new(Counter::default());
        let store = chinwag_store::open(StoreConfig::file(&path), counter.clone()).await.expect("a fresh database");
        for (flight, rooms, people) in [(1, 1, 1), (64, 1, 64), (64, 1_000, 64), (512, 1, 512)] {
            if only != 0 && only != flight {
                continue;
            }
            let cast = Cast::new(&store, rooms, people).await;
            cast.run(&store, &counter, flight, Duration::from_secs(seconds)).await;
        }
        if rows > 0 {
            read(&store, rows).await;
        }
        store.close().await;
        for suffix in ["", "-wal", "-shm"] {
            std::fs::remove_file(format!("{}{suffix}", path.display())).ok();
        }
    });
}

/// Rooms and the people who talk in them.
struct Cast {
    rooms: Vec<Arc<RoomRecord>>,
    people: Vec<Author>,
    seats: Vec<Vec<Seat>>,
}

impl Cast {
    async fn new(store: &Arc<SqlStore>, rooms: usize, people: usize) -> Self {
        let mut cast = Self { rooms: Vec::new(), people: Vec::new(), seats: Vec::new() };
        let first = store.counts().await.expect("counts").users;
        for i in 0..people {
            let name = format!("u{}", first + i as i64);
            let user = NewUser {
                username: name.clone(),
                username_key: name.clone(),
                look_key: name.clone(),
                email: name.clone(),
                email_key: name,
                password_hash: String::new(),
                avatar: None,
                is_admin: false,
                created_at: NOW,
            };
            let user = store.create_user(user, None).await.expect("a user");
            cast.people.push(Author { user_id: user.id, username: user.username });
        }
        for i in 0..rooms {
            let members = if rooms == 1 { &cast.people[..] } else { &cast.people[i % people..][..1] };
            let room = NewRoom {
                kind: RoomKind::Room,
                name: format!("room {i}"),
                description: String::new(),
                is_private: false,
                creator: members[0].clone(),
                others: members[1..].to_vec(),
                client_id: None,
                created_at: NOW,
            };
            let room = store.create_room(room).await.expect("a room").0.room;
            let mut seats = Vec::new();
            for who in members {
                seats.push(store.find_seat(room.id, who.user_id).await.expect("asked").expect("a seat"));
            }
            cast.seats.push(seats);
            cast.rooms.push(Arc::new(room));
        }
        cast
    }

    async fn run(&self, store: &Arc<SqlStore>, counter: &Counter, flight: usize, time: Duration) {
        let begun = Instant::now();
        let cpu = cpu_seconds();
        let commits = counter.0.load(Ordering::Relaxed);
        let mut tasks = Vec::new();
        for task in 0..flight {
            let store = Arc::clone(store);
            let rooms = self.rooms.len();
            let seats: Vec<Seat> = if rooms == 1 {
                vec![self.seats[0][task % self.people.len()].clone()]
            } else {
                (task..rooms).step_by(flight).map(|room| self.seats[room][0].clone()).collect()
            };
            let names: Vec<Arc<str>> = seats.iter().map(|seat| self.name(seat)).collect();
            tasks.push(tokio::spawn(async move {
                let mut waits = Vec::new();
                let mut turn = 0_usize;
                while begun.elapsed() < time {
                    let (seat, name) = (&seats[turn % seats.len()], &names[turn % seats.len()]);
                    let user_id = seat.member.as_ref().map_or(0, |member| member.user_id);
                    let actor = Actor { user_id, username: name.clone(), is_admin: false, session: None, socket: None };
                    let permit = policy::may_post(&actor, seat).expect("a member");
                    let message = NewMessage {
                        author: Author { user_id, username: name.clone() },
                        client_id: Some(format!("{:012x}-{flight}-{task}-{turn}", begun.elapsed().as_millis())),
                        content: "x".repeat(128),
                        reply_to: None,
                        calls: Calls::default(),
                        guest: false,
                        now: NOW + begun.elapsed().as_millis() as i64,
                        attachments: Vec::new(),
                        kind: MessageType::Text,
                    };
                    let sent = Instant::now();
                    store.append_message(permit, message).await.expect("appended");
                    waits.push(sent.elapsed());
                    turn += 1;
                }
                waits
            }));
        }
        let mut waits = Vec::new();
        for task in tasks {
            waits.extend(task.await.expect("ran"));
        }
        let (elapsed, cpu) = (begun.elapsed().as_secs_f64(), cpu_seconds() - cpu);
        let commits = counter.0.load(Ordering::Relaxed) - commits;
        let (rate, cpu) = (waits.len() as f64 / elapsed, cpu / waits.len() as f64 * 1e6);
        let batch = waits.len() as f64 / commits as f64;
        let rooms = self.rooms.len();
        report(
            &format!("{flight} in flight, {rooms} rooms: {rate:.0}/s, {batch:.1} a commit, {cpu:.1} us of CPU each"),
            waits,
        );
    }

    fn name(&self, seat: &Seat) -> Arc<str> {
        let user_id = seat.member.as_ref().map_or(0, |member| member.user_id);
        self.people.iter().find(|who| who.user_id == user_id).map_or_else(|| "?".into(), |who| who.username.clone())
    }
}

/// Fills one room, then reads pages at random places, a list of 200 rooms, and stretches of the log.
async fn read(store: &Arc<SqlStore>, rows: i64) {
    let cast = Cast::new(store, 1, 1).await;
    let (seat, who) = (cast.seats[0][0].clone(), cast.people[0].clone());
    let actor =
        Actor { user_id: who.user_id, username: who.username.clone(), is_admin: false, session: None, socket: None };
    let mut tasks = Vec::new();
    for task in 0..512 {
        let (store, seat, who, actor) = (Arc::clone(store), seat.clone(), who.clone(), actor.clone());
        tasks.push(tokio::spawn(async move {
            for _ in 0..rows / 512 {
                let permit = policy::may_post(&actor, &seat).expect("a member");
                let message = NewMessage {
                    author: who.clone(),
                    client_id: None,
                    content: format!("{task} {}", "x".repeat(100)),
                    reply_to: None,
                    calls: Calls::default(),
                    guest: false,
                    now: NOW,
                    attachments: Vec::new(),
                    kind: MessageType::Text,
                };
                store.append_message(permit, message).await.expect("appended");
            }
        }));
    }
    for task in tasks {
        task.await.expect("ran");
    }
    for i in 0..200 {
        let room = NewRoom {
            kind: RoomKind::Room,
            name: format!("listed {i}"),
            description: String::new(),
            is_private: false,
            creator: who.clone(),
            others: Vec::new(),
            client_id: None,
            created_at: NOW,
        };
        let room = store.create_room(room).await.expect("a room").0.room;
        let seat = store.find_seat(room.id, who.user_id).await.expect("asked").expect("a seat");
        let message = NewMessage {
            author: who.clone(),
            client_id: None,
            content: "hello".into(),
            reply_to: None,
            calls: Calls::default(),
            guest: false,
            now: NOW,
            attachments: Vec::new(),
            kind: MessageType::Text,
        };
        store.append_message(policy::may_post(&actor, &seat).expect("a member"), message).await.expect("appended");
    }
    let (mut pages, mut lists, mut replays) = (Vec::new(), Vec::new(), Vec::new());
    let mut place = 1_i64;
    for _ in 0..2_000 {
        place = (place * 48_271) % 2_147_483_647;
        let seat = store.find_seat(seat.room.id, who.user_id).await.expect("asked").expect("a seat");
        let permit = policy::may_read(&actor, &seat).expect("a member");
        let begun = Instant::now();
        let page = store.history(permit, Page::Before(50 + place % (rows - 50)), 50).await.expect("a page");
        pages.push(begun.elapsed());
        assert_eq!(page.len(), 50);
    }
    for _ in 0..200 {
        let begun = Instant::now();
        assert!(store.list_rooms(who.user_id, 1_000, 0).await.expect("a list").len() > 200);
        lists.push(begun.elapsed());
        let permit = policy::may_listen(&actor, &seat).expect("a member");
        let begun = Instant::now();
        assert_eq!(store.replay(&permit, rows / 2, rows / 2 + 100).await.expect("a replay").len(), 100);
        replays.push(begun.elapsed());
    }
    report(&format!("history of 50 in {rows} rows"), pages);
    report("list of 202 rooms", lists);
    report("replay of 100", replays);
}

#[expect(clippy::print_stdout, reason = "the figures are what this program is for")]
fn report(what: &str, mut waits: Vec<Duration>) {
    waits.sort_unstable();
    let at = |share: f64| waits[((waits.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!("{what}: p50 {:.2} ms, p99 {:.2} ms, max {:.2} ms", at(0.5), at(0.99), at(1.0));
}

/// User and system time of this process.
fn cpu_seconds() -> f64 {
    let usage = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = usage.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    fields
        .get(11..13)
        .map_or(0.0, |times| times.iter().filter_map(|time| time.parse::<f64>().ok()).sum::<f64>() / 100.0)
}
