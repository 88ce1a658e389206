//! All data moved to another database: it is the same there, goes on there, and nobody can change it any more where it was.

use std::{fmt::Write as _, sync::Arc};

use chinwag_domain::{
    emoji_store::EmojiStore as _, file_records::FileQuery, file_store::FileStore as _, ports::*, records::*,
};
use chinwag_proto::FileCategory;
use chinwag_store::{Progress, Site, StoreConfig, TransferError, TransferPlan, survey, transfer};
use chinwag_testdb::DbServer;

use sea_orm::ConnectionTrait as _;

use crate::{cast::*, engines::Engine, files::with};

/// From each engine to each other one.
const WAY: [Engine; 7] = [
    Engine::Sqlite,
    Engine::Postgres,
    Engine::MariaDb,
    Engine::Postgres,
    Engine::Sqlite,
    Engine::MariaDb,
    Engine::Sqlite,
];

/// More rows than are read at once, by a key of three columns, each of which has several values.
const MANY: &str = "INSERT INTO mentions (user_id, room_id, seq) \
     WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) \
     SELECT 100 + a.i % 3, 100 + b.i % 5, a.i * 1000 + b.i FROM n a, n b";

fn plan(source: &Site, target: &Site) -> TransferPlan {
    TransferPlan { source: source.clone(), target: target.clone(), secret: Some([7; 32]) }
}

async fn moves(source: &Site, target: &Site) -> Result<String, TransferError> {
    let report = transfer(&plan(source, target), &mut |_: Progress| {}).await?;
    Ok(report.to_string())
}

/// What anybody could ever ask for.
async fn state(stage: &Stage, people: &[&Person], rooms: &[i64]) -> String {
    let store = &stage.store;
    let mut state = format!("{:?}\n", (store.epoch(), store.server_name().await.expect("asked")));
    writeln!(state, "{:?}", store.list_emojis().await.expect("asked")).expect("written");
    for (id, event) in store.log_after(0, 10_000).await.expect("the log of all rooms") {
        writeln!(state, "{id} {event:?}").expect("written");
    }
    for person in people {
        let user = store.find_user(person.id).await.expect("asked");
        let sessions = store.list_sessions(person.id, NOW).await.expect("asked");
        let own = store.own_replay(person.id, 0, i64::MAX, 1_000).await.expect("asked");
        let unread = store.list_unread(person.id).await.expect("asked");
        let files = store.list_files(person.id, FileQuery { limit: 100, ..FileQuery::default() }).await.expect("asked");
        writeln!(state, "{user:?}\n{sessions:?}\n{own:?}\n{unread:?}\n{files:?}").expect("written");
    }
    for room in rooms {
        writeln!(state, "{:?}", stage.view(*room, people[0]).await).expect("written");
        for person in people {
            writeln!(state, "{:?}", store.find_member(*room, person.id).await.expect("asked")).expect("written");
        }
    }
    state
}

/// Does everything that leaves something behind.
async fn live(stage: &Stage, people: &[&Person], rooms: &[i64], round: u8) {
    let (ann, bob, eve) = (people[0], people[1], people[2]);
    for room in rooms {
        let first = stage.say(*room, ann, &format!("{round} 你好 @{} it's \"quoted\" 🍵", bob.name)).await;
        let second = stage.say(*room, bob, &format!("{round} second")).await;
        let named = text_with_id(ann, "with an id", &format!("{round}-{room}"));
        stage.send(*room, ann, NewMessage { reply_to: Some(first.id), ..named }).await.expect("said");
        stage.edit(ann, first.id, &format!("{round} edited @{}", eve.name)).await.expect("edited");
        stage.edit(bob, second.id, &format!("{round} edited")).await.expect("edited");
        stage.recall(bob, second.id).await.expect("recalled");
        let file = stage.file_of(ann, FileCategory::Image, "a").await;
        stage.send(*room, ann, with(ann, "look", &[file])).await.expect("shown");
        stage.mark_read(*room, eve, first.seq).await;
    }
    if stage.store.find_member(rooms[1], eve.id).await.expect("asked").is_some() {
        stage.leave(rooms[1], eve).await.expect("left");
    }
    stage.join(rooms[1], eve).await;
    let store = &stage.store;
    // Another has its name.
    let emojis = store.list_emojis().await.expect("asked").emojis;
    if let Some(emoji) = emojis.iter().find(|emoji| emoji.name == "tea") {
        store.delete_emoji(emoji.id, ann.id).await.expect("hers");
    }
    stage.make_emoji(ann, "tea").await.expect("made");
    stage.make_emoji(ann, &format!("tea-{round}")).await.expect("made");
    stage.log_in(ann.id, session(100 + i64::from(round), round), 2).await.expect("a session");
    store.spend_ticket([round; 32], NOW + 9).await.expect("a ticket");
    store.touch_users(vec![(bob.id, NOW + i64::from(round))]).await.expect("seen");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_data_is_the_same_and_goes_on_from_engine_to_engine() {
    let mut stage = Stage::new(WAY[0]).await;
    let (ann, bob, eve) = (stage.user("ann").await, stage.user("bob").await, stage.user("eve").await);
    let people = [&ann, &bob, &eve];
    let rooms = [stage.room(&ann, &[&bob, &eve]).await, stage.room(&bob, &[&ann, &eve]).await];
    stage.by_hand(MANY).await;
    for (round, engine) in (0_u8..).zip(WAY.into_iter().skip(1)) {
        live(&stage, &people, &rooms, round).await;
        let before = state(&stage, &people, &rooms).await;
        let mentions = stage.count("mentions").await;
        assert!(mentions > 8_000, "several pages of them");
        stage.store.close().await;
        let directory = tempfile::tempdir().expect("a directory");
        let (source, target) = (stage.config.site.clone(), engine.site(&directory));
        let survey = survey(&plan(&source, &target)).await.expect("it can be done");
        let accounts = 3 + u64::from(round);
        assert_eq!((survey.people, survey.rooms, survey.goes_on), (accounts, 3, false), "{target:?}");
        let report = moves(&source, &target).await.unwrap_or_else(|error| panic!("{source:?} to {target:?}: {error}"));
        assert!(report.contains(&format!("{accounts}  accounts")) && !report.contains("secret"), "{report}");
        // Nobody works on what was left.
        let refused = chinwag_store::open(StoreConfig::at(source.clone()), Arc::new(Recorder::default())).await.err();
        let refused = refused.expect("it has moved").to_string();
        assert!(refused.contains(&format!("has moved to {target}")), "{refused}");
        stage = Stage::on(target, directory).await;
        assert_eq!(state(&stage, &people, &rooms).await, before, "{source:?} to {engine:?}");
        assert_eq!(stage.count("mentions").await, mentions, "{source:?} to {engine:?}");
        if stage.store.is_shared() {
            assert_eq!(stage.store.token_secret([0; 32]).await.expect("a secret"), [7; 32]);
        }
        let id = stage.user(&format!("new{round}")).await.id;
        assert_eq!(id, 4 + i64::from(round), "no id is given twice");
        let newest = stage.store.log_after(0, 10_000).await.expect("asked").last().expect("something").0;
        assert!(stage.say(rooms[0], &ann, "here").await.id > newest, "it comes behind everything");
    }
}

/// Where a server has made the tables and nobody has used them, or nothing is, it may move to.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_empty_is_not_written_over() {
    let stage = Stage::new(Engine::Sqlite).await;
    let ann = stage.user("ann").await;
    let room = stage.room(&ann, &[]).await;
    let source = stage.config.site.clone();
    for engine in [Engine::Postgres, Engine::MariaDb, Engine::Sqlite] {
        let other = Stage::new(engine).await;
        let target = other.config.site.clone();
        other.user("bob").await;
        other.store.close().await;
        let refused = moves(&source, &target).await.expect_err("bob is there").to_string();
        assert!(refused.contains("is not empty"), "{refused}");
        assert!(moves(&source, &source).await.expect_err("itself").to_string().contains("in use"));
    }
    stage.say(room, &ann, "nothing has happened to it").await;
    for (url, words) in [
        ("postgres://chinwag:secret@127.0.0.1:1/chat", "cannot be reached"),
        (&format!("postgres://chinwag:wrong@127.0.0.1:{}/chat", DbServer::postgres().port()), "the password"),
        (&format!("mysql://chinwag:secret@127.0.0.1:{}/nowhere", DbServer::mariadb().port()), "There is no database"),
    ] {
        let target = Site::of_url(url).expect("a URL");
        let refused = moves(&source, &target).await.expect_err(url).to_string();
        assert!(refused.starts_with("The new database cannot be used") && refused.contains(words), "{refused}");
        assert!(!refused.contains("secret") && !refused.contains("wrong"), "{refused}");
    }
    // What somebody else's program keeps there stays, and one that a server has only made will do.
    for engine in [Engine::Postgres, Engine::MariaDb] {
        let directory = tempfile::tempdir().expect("a directory");
        let target = engine.site(&directory);
        by_hand(&target, &["CREATE TABLE one (id INTEGER)", "CREATE TABLE two (id INTEGER)"]).await;
        let refused = moves(&source, &target).await.expect_err("two tables").to_string();
        assert!(refused.contains("is not empty"), "{refused}");
    }
    let made = Stage::new(Engine::Postgres).await;
    made.store.close().await;
    moves(&source, &made.config.site).await.expect("it moves while the store is open");
    let moved = stage.send(room, &ann, text(&ann, "too late")).await.expect_err("it has moved");
    assert!(matches!(moved, StoreError::Moved), "{moved:?}");
    let refused = stage.store.create_user(new_user("late"), None).await.expect_err("it has moved");
    assert!(matches!(refused, StoreError::Moved), "{refused:?}");
    assert!(matches!(stage.store.ping().await, Err(StoreError::Moved)), "it says so to who asks");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_others_work_on_is_not_left() {
    for engine in [Engine::Postgres, Engine::MariaDb] {
        let stage = Stage::new(engine).await;
        let target = Site::File(stage.directory().join("new.db"));
        let refused = moves(&stage.config.site, &target).await.expect_err("a node works on it").to_string();
        assert!(refused.contains("Stop all nodes"), "{refused}");
        stage.store.close().await;
        moves(&stage.config.site, &target).await.expect("nobody is there");
    }
}

/// The database could not be reached from where it runs, or it stood still, when all others were stopped.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_comes_back_after_the_move_writes_nothing_into_what_was_left() {
    for engine in [Engine::Postgres, Engine::MariaDb] {
        let stage = Stage::new(engine).await;
        let ann = stage.user("ann").await;
        let room = stage.room(&ann, &[]).await;
        stage.say(room, &ann, "before").await;
        cut_all(&stage.config.site).await;
        moves(&stage.config.site, &Site::File(stage.directory().join("new.db"))).await.expect("nobody is there");
        let late = stage.send(room, &ann, text(&ann, "late")).await.expect_err("it has moved");
        assert!(matches!(late, StoreError::Moved), "{engine:?}: {late:?}");
        let late = stage.store.create_user(new_user("late"), None).await.expect_err("it has moved");
        assert!(matches!(late, StoreError::Moved), "{engine:?}: {late:?}");
    }
}

/// What it wrote after all was compared would be lost.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_at_the_console_waits_for_who_moves_the_data() {
    for (engine, lock, waiting, let_go) in [
        (
            Engine::Postgres,
            "SELECT pg_advisory_lock(x'6368696e776167'::bigint)",
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
            "SELECT pg_advisory_unlock_all()",
        ),
        (
            Engine::MariaDb,
            "SELECT GET_LOCK(CONCAT('chinwag:', LEFT(SHA2(DATABASE(), 256), 32)), 0)",
            "SELECT count(*) FROM information_schema.processlist WHERE state = 'User lock' AND db = DATABASE()",
            "DO RELEASE_ALL_LOCKS()",
        ),
    ] {
        let stage = Stage::new(engine).await;
        let hand = open_by_hand(&stage.config.site).await;
        let hold = hand.execute_unprepared(lock).await;
        hold.expect("held");
        let mut opening = Box::pin(chinwag_store::open_beside(stage.config.clone(), Arc::new(Recorder::default())));
        let until_it_waits = async {
            let eye = open_by_hand(&stage.config.site).await;
            while crate::lines::number(&eye, waiting).await == 0 {}
        };
        tokio::select! {
            biased;
            opened = &mut opening => panic!("{engine:?}: it did not wait: {:?}", opened.map(drop)),
            () = until_it_waits => {}
        }
        hand.execute_unprepared("INSERT INTO meta VALUES ('moved_to', 'elsewhere')").await.expect("moved");
        hand.execute_unprepared(let_go).await.expect("let go");
        let refused = opening.await.map(drop).expect_err("it has moved").to_string();
        assert!(refused.contains("has moved to elsewhere"), "{refused}");
    }
}
