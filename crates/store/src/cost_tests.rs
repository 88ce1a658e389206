//! What each route and frame asks of a database that has grown, by count and not by clock: statements, and steps of SQLite's
//! machine. A new route or frame without a row is red, and so is one that takes two transactions for one deed: the process may
//! end between them. Texts and read marks go past it: their plans are looked at in `prepared.rs`.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use chinwag_domain::{
    Actor, Chat, Settings,
    avatar_records::Avatar,
    avatar_store::AvatarStore as _,
    avatars::{self, AvatarWish},
    emoji_records::NewEmoji,
    emoji_store::EmojiStore as _,
    emojis,
    file_records::{FileQuery, NewPoster, NewUpload, WholeFile},
    file_store::FileStore as _,
    files, members, mentions, messages, own_log,
    ports::{Committed, Figures, MessageStore as _, Publisher, SystemClock},
    presence,
    rooms::{self, RoomEdit},
    sessions, setup, typing, users,
};
use chinwag_proto::{
    CloseCode, DrawnAvatar, EditText, Event, FileCategory, MarkRead, Presence, RecallMessage, Role, SendText,
    limits::{PAGE, ROOMS},
};
use metrics::{
    Counter, Gauge, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder, SharedString, Unit,
    set_default_local_recorder,
};
use parking_lot::Mutex;
use rusqlite::{Connection, StatementStatus};

use crate::{
    StoreConfig, append,
    engine::{OpenMode, sqlite},
    open, start,
};

/// 100,000 accounts, of whom 5,000 closed theirs; a lobby of all, a room of 10,000 with the closed ones and 10,000 messages, 1,000
/// direct conversations of the first, who has read in each, and whose 10,000 files hang on the messages; all emojis but one.
const GROWN: &str = "
    CREATE TEMP TABLE n AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) SELECT i FROM n;
    INSERT INTO users (id, username, username_key, email, email_key, display_name, search_key, bio, status_text, is_admin,
        password_hash, created_at, deactivated_at)
        SELECT i, 'u' || i, 'u' || i, 'u' || i, 'u' || i, '', 'u' || i, '', '', i = 1, '', 0,
        CASE WHEN i BETWEEN 2 AND 5001 THEN 1 END FROM n;
    INSERT INTO members (room_id, user_id, role, joined_at, version, read_seq, read_ordinal, deactivated)
        SELECT 1, i, 0, 0, 0, 0, 0, i BETWEEN 2 AND 5001 FROM n;
    UPDATE rooms SET member_count = 100000 WHERE id = 1;
    INSERT INTO rooms (id, kind, name, name_key, description, is_private, created_by, created_at, updated_at, last_seq,
        message_count, member_count, last_message_id) VALUES (2, 0, 'big', 'big', '', 0, 1, 0, 0, 10000, 10000, 10000, 10000);
    INSERT INTO members (room_id, user_id, role, joined_at, version, read_seq, read_ordinal, deactivated)
        SELECT 2, i, CASE WHEN i = 1 THEN 2 ELSE 0 END, 0, 0, 0, 0, i BETWEEN 2 AND 5001 FROM n WHERE i <= 10000;
    INSERT INTO messages (id, room_id, seq, user_id, username, kind, content, created_at, body_hash, ordinal, mentions_room, guest)
        SELECT i, 2, i, 1, 'u1', 0, 'hello', 0, 0, i, 0, 0 FROM n WHERE i <= 10000;
    INSERT INTO rooms (id, kind, name, name_key, description, is_private, direct_key, created_by, created_at, updated_at,
        last_seq, message_count, member_count, last_message_id)
        SELECT 1000 + i, 1, '', '', '', 1, '1,' || (20000 + i), 1, 0, 0, 1, 1, 2, 20000 + i FROM n WHERE i <= 1000;
    INSERT INTO members (room_id, user_id, role, joined_at, version, read_seq, read_ordinal)
        SELECT 1000 + i, p.id, 0, 0, 0, 0, 0 FROM n JOIN users p ON p.id IN (1, 20000 + i) WHERE i <= 1000;
    INSERT INTO messages (id, room_id, seq, user_id, username, kind, content, created_at, body_hash, ordinal, mentions_room, guest)
        SELECT 20000 + i, 1000 + i, 1, 1, 'u1', 0, 'hello', 0, 0, 1, 0, 0 FROM n WHERE i <= 1000;
    UPDATE members SET own_seq = room_id - 1000 WHERE user_id = 1 AND room_id > 1000;
    INSERT INTO own_logs (user_id, last_seq) VALUES (1, 1000);
    INSERT INTO files (id, user_id, created_at, name, name_key, length, received, parts, expires_at, hash, size, media_type,
        category, message_id, room_id) SELECT i, 1, 0, 'a', 'a', 1, 1, 1, 0, 'h' || i, 1, 'image/png', 1, i, 2 FROM n WHERE i <= 10000;
    INSERT INTO custom_emojis (id, name, picture, created_by, created_at) SELECT i, 'e' || i, i, 1, 0 FROM n WHERE i < 1000;
    UPDATE counters SET last = 100000;
    DROP TABLE n;";

/// Everybody of the big room is here.
pub(crate) struct Here;

impl Publisher for Here {
    fn committed(&self, _: Vec<Committed>) {}
    fn hint_room(&self, _: i64, _: Event) {}
    fn hint_user(&self, _: i64, _: Event) {}
    fn hint_socket(&self, _: chinwag_domain::SocketId, _: Event) {}
    fn close_sessions(&self, _: &[chinwag_domain::SessionId], _: CloseCode) {}
    fn end_sessions(&self, _: &[chinwag_domain::SessionId], _: CloseCode) {}
    fn people_in(&self, _: i64) -> Vec<i64> {
        (1..=10_000).collect()
    }
    fn presence(&self, _: i64) -> Presence {
        Presence::Online
    }
    fn online_users(&self) -> Vec<i64> {
        (1..=10_000).collect()
    }
    fn figures(&self) -> Figures {
        Figures::default()
    }
    fn figures_by_node(&self) -> BTreeMap<String, Figures> {
        Default::default()
    }
    fn subscriptions_by_room(&self) -> BTreeMap<i64, usize> {
        BTreeMap::new()
    }
}

/// Counts the commits of which the writer tells.
struct Commits(Arc<AtomicU64>);

/// One of them.
struct Commit(Arc<AtomicU64>);

impl HistogramFn for Commit {
    fn record(&self, _: f64) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Recorder for Commits {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        Counter::noop()
    }
    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::noop()
    }
    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        if key.name() == "chinwag_store_commit_seconds" {
            Histogram::from_arc(Arc::new(Commit(self.0.clone())))
        } else {
            Histogram::noop()
        }
    }
}

/// Counts what is asked of the database.
struct Meter {
    heard: Arc<Mutex<Vec<String>>>,
    again: Connection,
    commits: Arc<AtomicU64>,
    rows: BTreeSet<&'static str>,
    dear: Vec<String>,
}

impl Meter {
    /// At most so many statements, and so many steps in those that read, for what these routes and frames do.
    async fn row<T>(
        &mut self,
        names: &[&'static str],
        (statements, steps): (usize, i32),
        work: impl Future<Output = chinwag_domain::Result<T>>,
    ) -> T {
        self.rows.extend(names);
        self.heard.lock().clear();
        let before = self.commits.load(Ordering::Relaxed);
        let done = work.await.unwrap_or_else(|error| panic!("{names:?}: {error:?}"));
        let heard = std::mem::take(&mut *self.heard.lock());
        let taken: i32 = heard.iter().map(|sql| self.steps(sql)).sum();
        if heard.len() > statements || taken > steps {
            let dearest = heard.iter().max_by_key(|sql| self.steps(sql)).map_or("", |sql| sql);
            let plan = self.plan(dearest).join("; ");
            let said = format!("{names:?}: {} statements, {taken} steps, most in\n  {dearest}\n  {plan}", heard.len());
            self.dear.push(said);
        }
        let commits = self.commits.load(Ordering::Relaxed) - before;
        if commits > 1 {
            self.dear.push(format!("{names:?}: {commits} transactions"));
        }
        done
    }

    /// Of a statement that reads, done once more; one that writes may not walk a table.
    fn steps(&self, sql: &str) -> i32 {
        if !sql.starts_with("SELECT") {
            let is_scan =
                |step: &String| step.starts_with("SCAN") && !step.contains("CONSTANT") && !step.contains("VALUES");
            return if self.plan(sql).iter().any(is_scan) { i32::MAX / 64 } else { 0 };
        }
        let mut statement = self.again.prepare(sql).expect("a statement");
        let mut rows = statement.raw_query();
        while rows.next().expect("a row").is_some() {}
        drop(rows);
        statement.get_status(StatementStatus::VmStep)
    }

    fn plan(&self, sql: &str) -> Vec<String> {
        let mut plan = self.again.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).expect("a statement");
        let steps = plan.raw_query().mapped(|row| row.get::<_, String>("detail"));
        steps.collect::<Result<_, _>>().expect("explained")
    }
}

/// Routes and frames that ask nothing of the rules behind them, and where that can be seen: the function and its file.
const FREE: [(&str, &str, &str); 7] = [
    ("GET /health", "fn health()", HTTP),
    ("GET /health/live", "fn live()", HTTP),
    ("GET /metrics", "fn metrics(", HTTP),
    ("GET /api/openapi.json", "fn openapi(", include_str!("../../api/src/http/document.rs")),
    ("OPTIONS /api/files/uploads", "fn options(", include_str!("../../api/src/http/uploads.rs")),
    ("ping", "Request::Ping(", FRAMES),
    ("presence", "Request::Presence(", FRAMES),
];
const HTTP: &str = include_str!("../../api/src/http/server.rs");
const FRAMES: &str = include_str!("../../api/src/ws/commands.rs");

/// The route or frame, where what serves it does not know the use cases.
fn is_free((name, opening, file): &(&'static str, &str, &str)) -> bool {
    let (_, body) = file.split_once(opening).unwrap_or_else(|| panic!("{name} is served elsewhere"));
    // A function ends at the margin, an arm of a match with its line.
    let end = if opening.starts_with("fn ") { "\n}" } else { "\n" };
    body.split_once(end).is_some_and(|(body, _)| !body.contains("chat"))
}

fn defined() -> BTreeSet<String> {
    let document: serde_json::Value = serde_json::from_str(include_str!("../../../docs/openapi.json")).expect("JSON");
    let paths = document["paths"].as_object().expect("paths");
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().expect("methods").keys();
        methods.map(move |method| format!("{} {path}", method.to_uppercase()))
    });
    let (_, frames) = include_str!("../../proto/chinwag.proto").split_once("message ClientFrame").expect("frames");
    let (frames, _) = frames.split_once("\n}").expect("an end");
    let frames = frames.lines().filter_map(|line| line.split_once(" = ")?.0.split_whitespace().nth(1));
    operations.chain(frames.map(str::to_owned)).collect()
}

#[tokio::test]
async fn every_route_and_frame_costs_the_same_on_a_database_that_has_grown() {
    let commits = Arc::<AtomicU64>::default();
    let counted = Commits(commits.clone());
    // The writer runs on the thread of this test.
    let _counted = set_default_local_recorder(&counted);
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("chinwag.db");
    let config = StoreConfig::file(&path);
    open(config.clone(), Arc::new(Here)).await.expect("a fresh store opens").close().await;
    let grown = sqlite::connect_hot(&path).expect("opened by hand");
    grown.execute_batch(&format!("BEGIN; {GROWN} COMMIT;")).expect("grown");
    let heard = Arc::new(Mutex::new(Vec::new()));
    let listen = || {
        let heard = heard.clone();
        move |info: &sea_orm::metric::Info<'_>| {
            let sql = info.statement.to_string();
            let is_work = ["SELECT", "INSERT", "UPDATE", "DELETE"].iter().any(|word| sql.starts_with(word));
            if is_work {
                heard.lock().push(sql);
            }
        }
    };
    let mut writing = config.connect(OpenMode::Write).await.expect("opened");
    writing.set_metric_callback(listen());
    let mut store = start(config, writing, Arc::new(Here), 1, None).await.expect("started");
    Arc::get_mut(&mut store).expect("nobody else has it").readers.db().set_metric_callback(listen());
    let chat = Chat::new(store.clone(), Arc::new(Here), Arc::new(SystemClock), [0; 32], Settings::default());
    let actor = |user_id: i64, is_admin| Actor {
        user_id,
        username: format!("u{user_id}").into(),
        is_admin,
        session: None,
        socket: None,
    };
    let (ann, bob) = (actor(1, false), actor(50_000, false));
    let mut meter = Meter { heard, again: grown, commits, rows: BTreeSet::new(), dear: Vec::new() };
    let text = |room_id, client_id: &str| SendText {
        room_id,
        content: "hello".into(),
        client_id: client_id.into(),
        ..SendText::default()
    };
    let page = (3, 40_000);

    // Anybody may ask as often as they like: the second time nobody looks.
    let twice = async {
        setup::facts(&chat).await?;
        setup::facts(&chat).await
    };
    meter.row(&["GET /api/server"], (3, 420_000), twice).await;
    meter.row(&["GET /api/users"], page, users::search(&chat, &ann, "", 0, PAGE, 0)).await;
    // It looks at the name of each account; the budget of reads is for that.
    meter.row(&["GET /api/users"], (1, 2_500_000), users::search(&chat, &ann, "nobody", 0, PAGE, 0)).await;
    meter.row(&["GET /api/users/online"], page, users::online(&chat, &ann)).await;
    meter.row(&["GET /api/users/{id}", "GET /api/auth/userinfo"], (1, 200), users::get(&chat, &ann, 7_000)).await;
    meter.row(&["GET /api/auth/sessions"], (1, 200), sessions::list(&chat, &ann)).await;
    meter.row(&["DELETE /api/auth/sessions"], (1, 200), sessions::revoke_others(&chat, &ann)).await;
    meter.row(&["GET /api/rooms"], (2, 700_000), rooms::list(&chat, &ann, ROOMS, 0)).await;
    meter.row(&["GET /api/rooms"], (2, 700_000), rooms::list(&chat, &ann, 10, 900)).await;
    meter.row(&["GET /api/rooms/search"], page, rooms::search(&chat, &ann, "b", PAGE, 0)).await;
    meter.row(&["GET /api/rooms/{id}"], (3, 1_000), rooms::get(&chat, &ann, 2)).await;
    meter.row(&["GET /api/messages/unread"], (1, 200_000), messages::unread(&chat, &ann)).await;
    meter.row(&["GET /api/rooms/{id}/members"], (5, 20_000), members::list(&chat, &ann, 2, "", None, PAGE, 0)).await;
    let after = Some((Role::Member, 7_000));
    meter.row(&["GET /api/rooms/{id}/members"], (5, 20_000), members::list(&chat, &ann, 2, "", after, PAGE, 0)).await;
    meter.row(&["GET /api/rooms/{id}/members"], (22, 250_000), members::list_online(&chat, &ann, 2, "u1", 0, 2)).await;
    let newest = messages::HistoryQuery { limit: PAGE, ..messages::HistoryQuery::default() };
    meter.row(&["GET /api/rooms/{id}/messages"], (3, 20_000), messages::history(&chat, &ann, 2, newest)).await;
    let around = messages::HistoryQuery { around: Some(5_000), ..newest };
    meter.row(&["GET /api/rooms/{id}/messages"], (4, 20_000), messages::history(&chat, &ann, 2, around)).await;
    meter.row(&["sync"], (3, 500), messages::weigh_cursor(&chat, &ann, 2, 1, 9_900)).await;
    meter.row(&["sync"], (4, 20_000), messages::replay(&chat, &ann, 2, 9_900, 10_000)).await;
    // Whoever reads on in the order of all rooms pays for what is new, not for what is there.
    meter.row(&[], (5, 20_000), async { Ok(store.log_after(9_900, PAGE).await?) }).await;
    meter.row(&["sync"], (1, 50), own_log::weigh_cursor(&chat, &ann, 1, 900)).await;
    meter.row(&["sync"], (1, 20_000), own_log::replay(&chat, &ann, 500, 1_000)).await;

    let said =
        meter.row(&["text", "POST /api/rooms/{id}/messages"], (1, 200), messages::post(&chat, &ann, text(2, "a")));
    let said = said.await.message;
    meter.row(&["text"], (1, 200), messages::post(&chat, &ann, text(1_001, "b"))).await;
    meter.row(&["text"], (0, 0), messages::post(&chat, &ann, text(1_001, "c"))).await;
    // What the writer looks up for the worst text there is: so many names, of each so many steps.
    let worst = (0x4e00..0x5440).filter_map(char::from_u32).enumerate();
    let worst = worst.map(|(at, c)| if at % 32 == 0 { format!(" @{c}") } else { c.into() }).collect::<String>();
    let looks = mentions::find(&worst).keys().len();
    let steps = meter.steps(&append::MEMBER.replacen('?', "2", 1).replacen('?', "'u7000'", 1));
    assert!(looks <= 512 && steps <= 30, "{looks} names at {steps} steps each");
    // Of one's own files each is counted for a further one.
    let wish = NewUpload {
        user_id: 1,
        name: "a".into(),
        length: 1,
        waveform: Vec::new(),
        duration_ms: None,
        created_at: 100,
        expires_at: 2,
    };
    // It wants the sweep of what will be left of it.
    let begin = async { Ok(store.create_upload(wish.clone(), Some(1_000_000)).await?) };
    let begun = meter.row(&["POST /api/files/uploads"], (5, 120_000), begin).await.id;
    let take = async { Ok(store.advance_upload(begun, 0, 1, 1).await?) };
    meter.row(&["PATCH /api/files/uploads/{id}"], (3, 200), take).await;
    let whole = WholeFile {
        size: 1,
        media_type: "image/png".into(),
        category: FileCategory::Image,
        width: None,
        height: None,
        duration_ms: None,
        placeholder: None,
        waveform: Vec::new(),
        thumbs: Vec::new(),
        thumb_bytes: 0,
        hash: "h".into(),
    };
    let finish = async { Ok(store.finish_upload(begun, whole.clone(), 100).await?) };
    let forms = ["POST /api/upload/image", "POST /api/upload/file", "POST /api/files/upload"];
    let file = meter.row(&forms, (5, 300), finish).await;
    // As many where somebody has the same: that costs nothing which tells of it.
    let twin = store.create_upload(wish.clone(), None).await.expect("begun").id;
    meter.row(&[], (5, 300), async { Ok(store.finish_upload(twin, whole.clone(), 100).await?) }).await;
    let seen = [
        "GET /api/files/{id}",
        "GET /api/files/{id}/meta",
        "GET /api/files/{id}/preview",
        "GET /api/files/{id}/download",
    ];
    meter.row(&seen, (1, 100), files::find(&chat, &ann, file.id)).await;
    let look = async { Ok(store.find_file(file.id).await?) };
    meter.row(&["HEAD /api/files/uploads/{id}"], (1, 100), look).await;
    let poster = NewPoster { thumbs: vec![256], thumb_bytes: 1, ..NewPoster::default() };
    let show = async { Ok(store.set_poster(file.id, poster, Some(1_000_000)).await?) };
    meter.row(&["PUT /api/files/{id}/poster"], (5, 120_000), show).await;
    // One that does not say how long it is counts as it grows.
    let form = store.create_upload(wish, None).await.expect("begun");
    let grow = async { Ok(store.grow_upload(&form, 2, Some(1_000_000)).await?) };
    meter.row(&forms, (3, 120_000), grow).await;
    let remove = async { Ok(store.remove_file(form.id, 1).await?) };
    meter.row(&["DELETE /api/files/{id}", "DELETE /api/files/uploads/{id}"], (3, 200), remove).await;
    let shown = SendText { attachments: vec![file.id], ..text(2, "e") };
    let shown = meter.row(&["text"], (11, 1_500), messages::post(&chat, &ann, shown)).await.message;
    let newest = || FileQuery { limit: PAGE, ..FileQuery::default() };
    meter.row(&["GET /api/files"], (2, 30_000), files::list(&chat, &ann, None, newest())).await;
    meter.row(&["GET /api/rooms/{id}/files"], (3, 30_000), files::list(&chat, &ann, Some(2), newest())).await;
    // In vain it looks at so many files and no more, and then at each room.
    let in_vain = || FileQuery { name: "nothing".into(), category: Some(FileCategory::Image), ..newest() };
    meter.row(&["GET /api/files"], (3, 300_000), files::list(&chat, &ann, None, in_vain())).await;
    meter.row(&["GET /api/rooms/{id}/files"], (3, 150_000), files::list(&chat, &ann, Some(2), in_vain())).await;
    let recall = RecallMessage { message_id: shown.id, client_id: String::new() };
    meter.row(&["recall"], (17, 1_500), messages::recall(&chat, &ann, recall)).await;
    meter.row(&[], (4, 200), async { Ok(store.sweep_files(1, 0, 100).await?) }).await;
    let calling = SendText { content: worst, ..text(2, "d") };
    meter.row(&["text"], (0, 0), messages::post(&chat, &ann, calling)).await;
    let edit = EditText { message_id: said.id, content: "ho".into(), client_id: String::new() };
    meter.row(&["edit", "PUT /api/messages/{id}"], (12, 1_000), messages::edit(&chat, &ann, edit)).await;
    let read = MarkRead { room_id: 2, seq: said.seq };
    meter.row(&["read"], (1, 200), messages::mark_read(&chat, &ann, read)).await;
    meter.row(&["POST /api/messages/{id}/read"], (3, 500), messages::mark_read_message(&chat, &ann, said.id)).await;
    let recall = RecallMessage { message_id: said.id, client_id: String::new() };
    meter.row(&["recall", "DELETE /api/messages/{id}"], (14, 1_000), messages::recall(&chat, &ann, recall)).await;
    let admin = actor(1, true);
    meter.row(&["POST /api/ws/broadcast/{room_id}"], (10, 1_000), messages::broadcast(&chat, &admin, 2, "hear")).await;
    meter.row(&["POST /api/rooms/{id}/join", "join"], (14, 2_000), rooms::join(&chat, &bob, 2)).await;
    meter.row(&["POST /api/rooms/{id}/leave", "leave"], (12, 1_000), rooms::leave(&chat, &bob, 2)).await;
    let put = members::put(&chat, &ann, 2, 50_001, Role::Member);
    meter.row(&["PUT /api/rooms/{id}/members/{user_id}"], (16, 2_000), put).await;
    let kick = members::kick(&chat, &ann, 2, 50_001);
    meter.row(&["DELETE /api/rooms/{id}/members/{user_id}"], (16, 1_500), kick).await;
    let named = |name: &str| RoomEdit { name: Some(name.into()), ..RoomEdit::default() };
    let made = meter.row(&["POST /api/rooms"], (12, 2_000), rooms::create(&chat, &ann, named("one"), "wish")).await.id;
    meter.row(&["PUT /api/rooms/{id}"], (14, 2_000), rooms::update(&chat, &ann, 2, named("two"))).await;
    meter.row(&["DELETE /api/rooms/{id}"], (8, 1_000), rooms::delete(&chat, &ann, made)).await;
    meter.row(&["POST /api/rooms/direct"], (6, 2_000), rooms::direct(&chat, &ann, &[20_001])).await;
    meter.row(&["POST /api/rooms/direct"], (16, 3_000), rooms::direct(&chat, &ann, &[30_001])).await;
    let bio = users::ProfileEdit { bio: Some("tea".into()), ..users::ProfileEdit::default() };
    meter.row(&["PUT /api/users/{id}"], (4, 500), users::update(&chat, &ann, 1, bio, "")).await;
    let choose = avatars::set_of_user(&chat, &ann, 1, AvatarWish::Drawn(DrawnAvatar::Owl));
    meter.row(&["PUT /api/users/{id}/avatar"], (2, 200), choose).await;
    let key = || "0123456789abcdef".repeat(2);
    let keep = async { Ok(store.set_user_avatar(1, 1, Some(Avatar::Uploaded(key()))).await?) };
    meter.row(&["PUT /api/users/{id}/avatar"], (2, 200), keep).await;
    let look = async { Ok(store.find_avatar_owner(&key()).await?) };
    meter.row(&["GET /api/avatars/{key}"], (1, 200), look).await;
    meter.row(&[], (3, 200), async { Ok(store.referred_avatars(&[key()]).await?) }).await;
    // It wants the sweep, should nobody come to take the bytes away.
    let take = avatars::set_of_user(&chat, &ann, 1, AvatarWish::Nothing);
    meter.row(&["DELETE /api/users/{id}/avatar"], (4, 300), take).await;
    let choose = avatars::set_of_room(&chat, &ann, 2, AvatarWish::Drawn(DrawnAvatar::Owl));
    meter.row(&["PUT /api/rooms/{id}/avatar"], (10, 2_000), choose).await;
    let take = avatars::set_of_room(&chat, &ann, 2, AvatarWish::Nothing);
    meter.row(&["DELETE /api/rooms/{id}/avatar"], (10, 2_000), take).await;
    meter.row(&["GET /api/emojis"], (1, 20_000), emojis::list(&chat)).await;
    let emoji = NewEmoji { name: "tea".into(), picture: "1".repeat(32), created_by: 1, created_at: 0 };
    let made = meter.row(&["POST /api/emojis"], (5, 9_000), async { Ok(store.create_emoji(emoji).await?) }).await;
    meter.row(&["DELETE /api/emojis/{id}"], (6, 300), emojis::delete(&chat, &ann, made.id)).await;
    meter.row(&[], (1, 50), async { Ok(store.emojis_version().await?) }).await;
    let account = users::NewAccount {
        username: "newcomer".into(),
        email: "n@example.org".into(),
        password: "plum-harbour-42".into(),
        avatar: Some(DrawnAvatar::Fox),
    };
    let login =
        meter.row(&["POST /api/auth/register"], (16, 3_000), users::register(&chat, account, Default::default()));
    let login = login.await;
    let mine = Actor { session: Some(login.session), ..actor(login.user.id, false) };
    let refresh = sessions::refresh(&chat, &login.refresh_token, Default::default());
    meter.row(&["POST /api/auth/refresh"], (3, 500), refresh).await;
    let revoke = sessions::log_out(&chat, &mine);
    meter.row(&["POST /api/auth/logout", "DELETE /api/auth/sessions/{id}"], (4, 50), revoke).await;
    let client = sessions::Client::default;
    let password = || "plum-harbour-42".to_owned();
    let log_in = sessions::log_in(&chat, "newcomer", password(), client());
    meter.row(&["POST /api/auth/login"], (5, 1_000), log_in).await;
    let change = users::change_password(&chat, &mine, password(), "lantern-plum-7".into(), "");
    meter.row(&["POST /api/auth/password"], (8, 500), change).await;
    let close = users::deactivate(&chat, &mine, mine.user_id);
    meter.row(&["DELETE /api/users/{id}", "GET /api/users/delete/{id}"], (6, 2_000), close).await;

    meter.again.execute_batch("UPDATE users SET is_admin = 0").expect("nobody administers");
    let token = setup::token(&chat).await.expect("asked").expect("a token");
    let admin = users::NewAccount {
        username: "founder".into(),
        email: "f@example.org".into(),
        password: password(),
        avatar: None,
    };
    let claim = setup::claim(&chat, &token, admin, None, client());
    meter.row(&["POST /api/setup"], (16, 3_000), claim).await;

    meter.row(&["GET /health/ready"], (1, 100), chat.ping()).await;
    meter.row(&["typing"], (1, 200), typing::start(&chat, &ann, 1_500)).await;
    let ticket = async { sessions::issue_ticket(&chat, &mine) };
    meter.row(&["POST /api/ws/ticket"], (0, 0), ticket).await;
    let figures = async { Ok((presence::figures(&chat), presence::subscriptions_by_room(&chat))) };
    meter.row(&["GET /api/ws/stats"], (0, 0), figures).await;

    assert!(meter.dear.is_empty(), "dearer than promised:\n{}", meter.dear.join("\n"));
    let free = FREE.iter().map(|free| {
        assert!(is_free(free), "{} asks the use cases something: measure it", free.0);
        free.0
    });
    let rows = meter.rows.into_iter().chain(free).map(str::to_owned);
    assert_eq!(rows.collect::<BTreeSet<_>>(), defined());
    store.close().await;
}
