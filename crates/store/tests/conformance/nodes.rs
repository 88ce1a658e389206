//! What nodes agree on whose clocks do not: two with the rules on one database, each with a clock of its own.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use chinwag_domain::{
    Actor, Chat, SessionId, Settings,
    clock::SharedClock,
    messages, policy,
    ports::*,
    records::*,
    sessions::{self, Credential},
    users,
};

use crate::{cast::*, engines::Engine, races::rounds};

/// So far apart clocks may be.
const APART: i64 = 600_000;
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
    async fn new(stage: Stage) -> Self {
        let secret = stage.store.token_secret(random_bytes()).await.expect("a secret");
        let clock = Arc::new(Watch(NOW.into()));
        let settings = Settings { password_policy: chinwag_domain::PasswordPolicy::Basic, ..Settings::default() };
        let chat = Chat::new(stage.store.clone(), stage.told.clone(), clock.clone(), secret, settings);
        Self { chat, clock, stage }
    }

    async fn two(engine: Engine) -> [Self; 2] {
        let stage = Stage::new(engine).await;
        let other = stage.beside().await;
        [Self::new(stage).await, Self::new(other).await]
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
        self.stage.log_in(who.id, session, 1_000).await.expect("logged in");
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
    let follower = Node::new(here.stage.beside().await).await;
    sessions::watch_ends(&follower.chat).await.expect("watched");
    let revoke = async |node: &Node, who: &Person, from: i64| {
        for id in from..from + rounds() as i64 {
            let actor = node.log_in(who, id, NOW + APART).await;
            sessions::log_out(&node.chat, &actor).await.expect("logged out");
        }
    };
    let follow = async {
        let (mut after, mut seen) = (0, Vec::new());
        while seen.len() < 2 * rounds() {
            let newly = follower.stage.store.sessions_revoked_after(after).await.expect("asked");
            after = newly.last().map_or(after, |(number, _)| *number);
            seen.extend(newly.into_iter().map(|(_, id)| id));
            let all = follower.stage.store.sessions_revoked_after(0).await.expect("asked");
            assert_eq!(seen, all[..seen.len()].iter().map(|(_, id)| *id).collect::<Vec<_>>(), "one came before");
        }
    };
    tokio::join!(revoke(&here, &ann, 1), revoke(&there, &bob, 100_001), follow);
}

/// What is due and what is taken is so for all, whatever the clock says of who wrote the job and of who asks.
async fn a_job_is_due_and_taken_by_the_clock_of_the_database(engine: Engine) {
    let [here, there] = Node::two(engine).await;
    let lease = Duration::from_secs(600);
    for job in here.stage.store.take_jobs(lease, 9).await.expect("taken") {
        assert!(here.stage.store.finish_job(job).await.expect("done"));
    }
    let who = here.stage.user("ann").await;
    let room = here.stage.room(&who, &[]).await;
    for off in [-APART, APART] {
        let said = there.stage.say(room, &who, "x").await;
        let seat = there.stage.seat(room, &who).await;
        let permit = policy::may_recall_message(&who.actor(), &seat, &said, None).expect("own");
        there.stage.store.recall_message(permit, said.id, SystemClock.now_ms() + off).await.expect("recalled");
        let due_in = here.stage.store.job_figures().await.expect("asked").due_in.expect("it is due");
        assert!((-60_000..=0).contains(&due_in), "off by {off}: due in {due_in}");
        let taken = here.stage.store.take_jobs(lease, 9).await.expect("taken");
        assert_eq!(taken.len(), 1, "off by {off}");
        assert_eq!(there.stage.store.take_jobs(lease, 9).await.expect("asked"), [], "it is taken");
        let due_in = there.stage.store.job_figures().await.expect("asked").due_in.expect("when the lease ends");
        assert!((540_000..=600_000).contains(&due_in), "off by {off}: due in {due_in}");
        assert!(here.stage.store.finish_job(taken[0]).await.expect("done"));
    }
}

async fn nodes_sign_with_one_secret_that_the_first_of_them_brought(engine: Engine) {
    for _ in 0..4 {
        let stage = Stage::new(engine).await;
        let (one, two) = (stage.beside().await, stage.beside().await);
        let (first, second, third) = tokio::join!(
            stage.store.token_secret([1; 32]),
            one.store.token_secret([2; 32]),
            two.store.token_secret([3; 32])
        );
        let secret = first.expect("a secret");
        assert!([[1; 32], [2; 32], [3; 32]].contains(&secret), "somebody's own");
        assert_eq!([second.expect("a secret"), third.expect("a secret")], [secret; 2]);
        let stage = stage.reopen().await;
        assert_eq!(stage.store.token_secret([4; 32]).await.expect("a secret"), secret, "for good");
    }
}

async fn who_logs_in_on_one_node_is_known_on_the_other(engine: Engine) {
    let [here, there] = Node::two(engine).await;
    for node in [&here, &there] {
        // By which an access token is read.
        node.is_off_by(SystemClock.now_ms() - NOW);
    }
    let account = users::NewAccount {
        username: "ann".into(),
        email: "ann@example.org".into(),
        password: "plum-harbour-42".into(),
        avatar: None,
    };
    let login = users::register(&here.chat, account, sessions::Client::default()).await.expect("registered");
    let known = sessions::authenticate(&there.chat, Credential::Bearer(&login.token)).await.expect("known");
    assert_eq!(known.user_id, login.user.id);
    let (ticket, _) = sessions::issue_ticket(&there.chat, &known).expect("a ticket");
    let known = sessions::authenticate(&here.chat, Credential::Ticket(&ticket)).await.expect("let in");
    assert_eq!(known.session, Some(login.session));
    let again = sessions::authenticate(&there.chat, Credential::Ticket(&ticket)).await;
    assert!(again.is_err(), "once, whichever node is asked");
}

/// A minute apart from each other and years from the database, they agree on what is fresh and what is over.
async fn nodes_go_by_the_clock_of_the_database_they_share(engine: Engine) {
    let stage = Stage::new(engine).await;
    let other = stage.beside().await;
    let start = async |stage: Stage, off: i64| {
        let node = Node::new(stage).await;
        node.is_off_by(off);
        let clock = Arc::new(SharedClock::over(node.clock.clone()));
        clock.set(&*node.stage.store).await.expect("set");
        let secret = node.stage.store.token_secret([0; 32]).await.expect("a secret");
        let (store, told) = (node.stage.store.clone(), node.stage.told.clone());
        (Chat::new(store, told, clock.clone(), secret, Settings::default()), clock, node)
    };
    let ((here, clock, watch), (there, ..)) = (start(stage, 0).await, start(other, 60_000).await);
    let account = users::NewAccount {
        username: "ann".into(),
        email: "ann@example.org".into(),
        password: "plum-harbour-42".into(),
        avatar: None,
    };
    let firefox = || sessions::Client { device: "Firefox".into(), address: "127.0.0.1".into() };
    let login = users::register(&here, account, firefox()).await.expect("registered");
    let apart = login.issued_at - watch.stage.store.clock_ms().await.expect("asked");
    assert_eq!(apart.abs() < 60_000, engine != Engine::Sqlite, "a file has one server, and that its machine: {apart}");
    if engine == Engine::Sqlite {
        return;
    }
    for (one, other) in [(&here, &there), (&there, &here)] {
        let known = sessions::authenticate(other, Credential::Bearer(&login.token)).await.expect("not over");
        let (ticket, _) = sessions::issue_ticket(one, &known).expect("a ticket");
        sessions::authenticate(other, Credential::Ticket(&ticket)).await.expect("fresh");
    }
    let (.., next) = sessions::refresh(&here, &login.refresh_token, firefox()).await.expect("refreshed");
    let (.., same) = sessions::refresh(&there, &login.refresh_token, firefox()).await.expect("shown again in time");
    assert_eq!(next, same);
    // Somebody sets the machine's clock.
    watch.is_off_by(APART);
    for is_looked_at in [false, true] {
        if is_looked_at {
            clock.set(&*watch.stage.store).await.expect("set");
        }
        let apart = clock.now_ms() - watch.stage.store.clock_ms().await.expect("asked");
        assert!(apart.abs() < 60_000, "{apart}, looked at: {is_looked_at}");
    }
}

/// Nobody does any here.
async fn on_a_server_a_recall_waits_for_no_job_that_another_node_may_do(engine: Engine) {
    if engine == Engine::Sqlite {
        return;
    }
    let Node { chat, stage, .. } = Node::new(Stage::new(engine).await).await;
    let ann = stage.user("ann").await;
    let room = stage.room(&ann, &[]).await;
    let mut said = Vec::new();
    for words in ["one", "two", "three", "four", "five"] {
        said.push(stage.say(room, &ann, words).await.id);
    }
    let recalls = async {
        for id in said {
            messages::recall_message(&chat, &ann.actor(), id).await.expect("recalled");
        }
    };
    tokio::time::timeout(Duration::from_secs(4), recalls).await.expect("at once");
}

on_every_engine!(
    on_a_server_a_recall_waits_for_no_job_that_another_node_may_do,
    nodes_go_by_the_clock_of_the_database_they_share,
    a_job_is_due_and_taken_by_the_clock_of_the_database,
    nodes_sign_with_one_secret_that_the_first_of_them_brought,
    who_logs_in_on_one_node_is_known_on_the_other,
    a_revoked_session_ends_on_every_node_whatever_their_clocks_say,
    a_refresh_token_that_is_used_twice_ends_its_session_on_every_node,
    a_revoked_session_is_ended_again_for_a_while,
    a_session_runs_out_by_the_clock_of_the_node_that_let_it_in,
    who_follows_the_revocations_passes_none_by,
);
