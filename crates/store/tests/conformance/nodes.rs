//! What nodes agree on whose clocks do not: two with the rules on one database, each with a clock of its own.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chinwag_domain::{Actor, Chat, SessionId, Settings, ports::*, records::*, sessions, users};

use crate::{cast::*, engines::Engine};

/// So far apart clocks may be.
const APART: i64 = 600_000;
/// How often each race is run.
const ROUNDS: i64 = 40;

#[derive(Default)]
struct Watch(AtomicI64);

impl Clock for Watch {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

struct Node {
    chat: Arc<Chat>,
    clock: Arc<Watch>,
    stage: Stage,
}

impl Node {
    fn new(stage: Stage) -> Self {
        let clock = Arc::new(Watch(NOW.into()));
        let settings = Settings { password_policy: chinwag_domain::PasswordPolicy::Basic, ..Settings::default() };
        let chat = Chat::new(stage.store.clone(), stage.told.clone(), clock.clone(), [7; 32], settings);
        Self { chat, clock, stage }
    }

    async fn two(engine: Engine) -> [Self; 2] {
        let stage = Stage::new(engine).await;
        let other = stage.beside().await;
        [stage, other].map(Self::new)
    }

    /// By how much its clock is wrong.
    fn is_off_by(&self, off: i64) {
        self.clock.0.store(NOW + off, Ordering::Relaxed);
    }

    /// The sessions that this node ends at a look.
    async fn ends(&self) -> Vec<SessionId> {
        self.stage.told.take_ended();
        sessions::close_ended(&self.chat).await.expect("looked");
        self.stage.told.take_ended()
    }

    async fn log_in(&self, who: &Person, id: i64, until: i64) -> Actor {
        let salt = u8::try_from(id.rem_euclid(100)).expect("a byte");
        let mut session = NewSession { expires_at: until, ..session(id, salt) };
        session.cookie_hash[..8].copy_from_slice(&id.to_be_bytes());
        session.refresh_hash[..8].copy_from_slice(&id.to_be_bytes());
        self.stage.store.create_session(who.id, session, 1_000).await.expect("logged in");
        Actor { session: Some(SessionId(id)), ..who.actor() }
    }
}

async fn a_revoked_session_ends_on_every_node_whatever_their_clocks_say(engine: Engine) {
    let [here, there] = Node::two(engine).await;
    let mut id = 0;
    for (off, jump) in [(0, 0), (-APART, 0), (APART, 0), (0, APART), (0, -APART), (-APART, APART), (APART, -APART)] {
        there.is_off_by(off);
        here.is_off_by(0);
        sessions::watch_ends(&here.chat).await.expect("watched");
        let who = here.stage.user(&format!("ann{id}")).await;
        let mut ended = Vec::new();
        for round in 0..4 {
            id += 1;
            let actor = there.log_in(&who, id, NOW + 10 * APART).await;
            assert!(!here.ends().await.contains(&SessionId(id)), "off by {off}: not yet");
            match round {
                0 => sessions::log_out(&there.chat, &actor).await.expect("logged out"),
                1 => sessions::revoke_others(&there.chat, &who.actor()).await.expect("revoked"),
                2 => drop(users::reset_password(&there.chat, &who.name, "plum-harbour-42".into()).await.expect("set")),
                _ => users::deactivate(&there.chat, &actor, who.id).await.expect("closed"),
            }
            here.is_off_by(jump);
            ended.extend(here.ends().await);
            assert!(ended.contains(&SessionId(id)), "off by {off}, jumped by {jump}, revoked in way {round}");
        }
    }
}

async fn a_refresh_token_that_is_used_twice_ends_its_session_on_every_node(engine: Engine) {
    let [here, there] = Node::two(engine).await;
    let who = here.stage.user("ann").await;
    sessions::watch_ends(&here.chat).await.expect("watched");
    there.log_in(&who, 5, NOW + 10 * APART).await;
    there.is_off_by(-APART);
    let mut shown = ShownRefresh {
        hash: session(5, 5).refresh_hash,
        session: Some(SessionId(5)),
        next_hash: [9; 32],
        device: "Firefox".into(),
        address: "127.0.0.1".into(),
        now: NOW - APART,
        grace: 0,
    };
    shown.hash[..8].copy_from_slice(&5_i64.to_be_bytes());
    let rotated = there.stage.store.rotate_refresh(shown.clone()).await.expect("asked");
    assert!(matches!(rotated, Rotation::Rotated(_)), "{rotated:?}");
    assert_eq!(here.ends().await, []);
    let thief = ShownRefresh { device: "curl".into(), ..shown };
    let reused = there.stage.store.rotate_refresh(thief).await.expect("asked");
    assert!(matches!(reused, Rotation::Reused(_)), "{reused:?}");
    assert_eq!(here.ends().await, [SessionId(5)]);
}

/// Who found a session good just before it was revoked comes with a socket a moment after.
async fn a_revoked_session_is_ended_again_for_a_while(engine: Engine) {
    let [here, there] = Node::two(engine).await;
    sessions::watch_ends(&here.chat).await.expect("watched");
    let who = here.stage.user("ann").await;
    let actor = there.log_in(&who, 1, NOW + APART).await;
    sessions::log_out(&there.chat, &actor).await.expect("logged out");
    for _ in 0..3 {
        assert_eq!(here.ends().await, [SessionId(1)]);
    }
}

async fn a_session_runs_out_by_the_clock_of_the_node_that_let_it_in(engine: Engine) {
    let [here, there] = Node::two(engine).await;
    sessions::watch_ends(&here.chat).await.expect("watched");
    let who = here.stage.user("ann").await;
    there.log_in(&who, 1, NOW + 1_000).await;
    there.is_off_by(APART);
    assert_eq!(here.ends().await, []);
    here.is_off_by(-APART);
    assert_eq!(here.ends().await, [], "set back");
    here.is_off_by(999);
    assert_eq!(here.ends().await, []);
    here.is_off_by(APART);
    assert_eq!(here.ends().await, [SessionId(1)], "over the end in one jump");
}

/// Places are taken by transactions that are under way at the same time, and are seen in their order all the same.
async fn who_follows_the_revocations_passes_none_by(engine: Engine) {
    let [here, there] = Node::two(engine).await;
    let (ann, bob) = (here.stage.user("ann").await, here.stage.user("bob").await);
    let follower = Node::new(here.stage.beside().await);
    sessions::watch_ends(&follower.chat).await.expect("watched");
    let revoke = async |node: &Node, who: &Person, from: i64| {
        for id in from..from + ROUNDS {
            let actor = node.log_in(who, id, NOW + APART).await;
            sessions::log_out(&node.chat, &actor).await.expect("logged out");
        }
    };
    let follow = async {
        let (mut after, mut seen) = (0, Vec::new());
        while seen.len() < 2 * ROUNDS as usize {
            let newly = follower.stage.store.sessions_revoked_after(after).await.expect("asked");
            after = newly.last().map_or(after, |(number, _)| *number);
            seen.extend(newly.into_iter().map(|(_, id)| id));
            let all = follower.stage.store.sessions_revoked_after(0).await.expect("asked");
            assert_eq!(seen, all[..seen.len()].iter().map(|(_, id)| *id).collect::<Vec<_>>(), "one came before");
        }
    };
    tokio::join!(revoke(&here, &ann, 1), revoke(&there, &bob, 1_001), follow);
}

on_every_engine!(
    a_revoked_session_ends_on_every_node_whatever_their_clocks_say,
    a_refresh_token_that_is_used_twice_ends_its_session_on_every_node,
    a_revoked_session_is_ended_again_for_a_while,
    a_session_runs_out_by_the_clock_of_the_node_that_let_it_in,
    who_follows_the_revocations_passes_none_by,
);
