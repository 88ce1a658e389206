//! The socket's frames and rules: welcome, join, errors, bounds, presence, removal; the same in both encodings.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context as _, Result, ensure};
use chinwag_proto::{
    CloseCode, EditText, Event, Join, Leave, MarkRead, Ping, Presence, RecallMessage, Request, SendText, SetPresence,
    StartTyping, Sync, frame::Encoding,
};
use chinwag_testkit::{Cast, Server, Socket, socket::Credential};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::stage::{self, json_of, number, word};

const BOTH: [Encoding; 2] = [Encoding::Json, Encoding::Proto];

async fn scene() -> Result<(Server, Cast)> {
    let server = stage::server().await?;
    let cast = Cast::gather(server.address()).await?;
    Ok((server, cast))
}

fn text(room_id: i64, content: &str, client_id: &str) -> Request {
    Request::Text(SendText { room_id, content: content.into(), client_id: client_id.into(), reply_to: None })
}

/// Reads until a text with this content came; gives all that came, the text at the end.
async fn until_text(socket: &mut Socket, content: &str) -> Result<Vec<Event>> {
    let mut heard = Vec::new();
    loop {
        heard.push(socket.next().await.with_context(|| format!("{content:?} did not come"))?);
        if matches!(heard.last(), Some(Event::Text(text)) if text.content == content) {
            return Ok(heard);
        }
    }
}

/// Whether a frame is about this room.
fn is_of(event: &Event, room: i64) -> bool {
    json_of(event)["room_id"] == room
}

fn error_of(events: &[Event]) -> Option<(i32, String)> {
    events.iter().find_map(|event| match event {
        Event::Error(error) => Some((error.code, error.reason.clone())),
        _ => None,
    })
}

/// Puts stand-ins for what differs from run to run: ids by the order in which they came, moments, sessions.
fn plain(value: &mut Value, ids: &mut HashMap<i64, usize>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let known = ids.len();
                match (name.as_str(), field.as_i64()) {
                    ("message_id", Some(id)) => {
                        *field = json!(format!("message {}", ids.entry(id).or_insert(known)));
                    }
                    ("session" | "epoch", _) => *field = json!(name),
                    ("retry_after_ms", _) => *field = json!("soon"),
                    _ if name == "timestamp" || name.ends_with("_at") || name == "last_seen" => *field = json!("then"),
                    _ => plain(field, ids),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| plain(item, ids)),
        _ => {}
    }
}

/// What a socket heard, by type and in order: between the types the order is not promised. Hints come when they come.
fn by_type(events: &[Event]) -> BTreeMap<String, Vec<Value>> {
    let mut ids = HashMap::new();
    let mut sorted: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let mut frames: Vec<Value> = events.iter().map(json_of).collect();
    frames.sort_by_key(|frame| number(&frame["message_seq"]).max(number(&frame["seq"])));
    for mut frame in frames {
        plain(&mut frame, &mut ids);
        let kind = frame["type"].as_str().unwrap_or_default().to_owned();
        if !["presence", "userlist"].contains(&kind.as_str()) {
            sorted.entry(kind).or_default().push(frame);
        }
    }
    sorted
}

/// One of every frame and of every refusal, from alice; what alice and bob heard.
async fn script(encoding: Encoding) -> Result<[BTreeMap<String, Vec<Value>>; 2]> {
    let (_server, Cast { alice, bob, carol, room, .. }) = scene().await?;
    let mut ear = stage::listen(&bob, encoding, &[room]).await?;
    let mut mouth = alice.connect_as(encoding).await?;
    let mut heard = stage::until_pong(&mut mouth).await?;
    let Some(Event::Welcome(welcome)) = heard.first().cloned() else { panic!("the first frame is not a welcome") };
    let mut say = async |request: Request| -> Result<Vec<Event>> {
        mouth.send(&request).await?;
        let events = stage::until_pong(&mut mouth).await?;
        heard.extend(events.iter().cloned());
        Ok(events)
    };
    say(Request::Join(Join { room_id: room })).await?;
    let events = say(text(room, "你好 @bob \u{1F600}", "c1")).await?;
    let ack = events.iter().find_map(|event| if let Event::Ack(ack) = event { Some(ack.message_id) } else { None });
    let message_id = ack.context("no ack")?;
    let reply =
        SendText { room_id: room, content: "a reply".into(), client_id: "c2".into(), reply_to: Some(message_id) };
    say(Request::Text(reply)).await?;
    say(text(room, "你好 @bob \u{1F600}", "c1")).await?;
    say(text(room, "another body", "c1")).await?;
    say(text(room, "   ", "c3")).await?;
    say(text(room, &"字".repeat(4_001), "c4")).await?;
    say(text(room, &"字".repeat(4_000), "")).await?;
    say(text(room, "x", &"i".repeat(65))).await?;
    say(text(987_654, "x", "c5")).await?;
    let astray = SendText { room_id: room, content: "x".into(), client_id: "c6".into(), reply_to: Some(42) };
    say(Request::Text(astray)).await?;
    say(Request::Edit(EditText { message_id, content: "再见 @carol".into(), client_id: "c7".into() })).await?;
    say(Request::Edit(EditText { message_id, content: String::new(), client_id: "c8".into() })).await?;
    say(Request::Edit(EditText { message_id: 42, content: "x".into(), client_id: "c9".into() })).await?;
    say(Request::Recall(RecallMessage { message_id, client_id: "c10".into() })).await?;
    say(Request::Recall(RecallMessage { message_id, client_id: "c11".into() })).await?;
    say(Request::Edit(EditText { message_id, content: "x".into(), client_id: "c12".into() })).await?;
    say(Request::Typing(StartTyping { room_id: room })).await?;
    say(Request::Read(MarkRead { room_id: room, seq: 3 })).await?;
    say(Request::Presence(SetPresence { status: Presence::Away.into() })).await?;
    say(Request::Presence(SetPresence { status: Presence::Offline.into() })).await?;
    say(Request::Presence(SetPresence { status: 77 })).await?;
    alice.seat(room, &carol, "member").await?;
    alice.http.put(&format!("/api/rooms/{room}"), json!({"name": "Coffee"})).await?.data()?;
    alice.http.delete(&format!("/api/rooms/{room}/members/{}", carol.id)).await?.data()?;
    for (epoch, after) in [(welcome.epoch, 1), (welcome.epoch, 10_000), (welcome.epoch + 1, 1), (welcome.epoch, -1)] {
        say(Request::Sync(Sync { epoch, rooms: [(room, after)].into() })).await?;
        say(Request::Join(Join { room_id: room })).await?;
    }
    say(Request::Sync(Sync { epoch: welcome.epoch, rooms: [(987_654, 1)].into() })).await?;
    say(Request::Join(Join { room_id: 987_654 })).await?;
    say(Request::Leave(Leave { room_id: room })).await?;
    say(text(room, "the end", "c13")).await?;
    Ok([by_type(&heard), by_type(&until_text(&mut ear, "the end").await?)])
}

#[tokio::test]
async fn the_same_script_has_the_same_results_in_both_encodings() -> Result<()> {
    let [json, proto] = [script(Encoding::Json).await?, script(Encoding::Proto).await?];
    for (who, in_json, in_proto) in [("alice", &json[0], &proto[0]), ("bob", &json[1], &proto[1])] {
        let kinds: Vec<&String> = in_json.keys().collect();
        assert_eq!(kinds, in_proto.keys().collect::<Vec<_>>(), "{who}");
        for kind in kinds {
            assert_eq!(in_json[kind], in_proto[kind], "{who} heard other {kind} frames");
        }
    }
    let kinds: Vec<&str> = json[0].keys().chain(json[1].keys()).map(String::as_str).collect();
    for kind in [
        "welcome", "text", "ack", "error", "system", "typing", "read", "edit", "recall", "room", "member", "synced",
        "resync",
    ] {
        assert!(kinds.contains(&kind), "the script makes no {kind}");
    }
    Ok(())
}

/// The fields of a frame as JSON shows them.
fn fields(frame: &Value) -> Vec<&str> {
    frame.as_object().into_iter().flat_map(|fields| fields.keys().map(String::as_str)).collect()
}

/// Reads until a frame of each of these types has come. Lists that only count are left out.
async fn until_all(socket: &mut Socket, frames: &mut HashMap<String, Value>, kinds: &[&str]) -> Result<()> {
    while !kinds.iter().all(|kind| frames.contains_key(*kind)) {
        let frame: Value = serde_json::from_slice(&socket.wait_raw().await?)?;
        if frame["users"] != json!([]) {
            frames.insert(frame["type"].as_str().context("a frame has a type")?.to_owned(), frame);
        }
    }
    Ok(())
}

#[tokio::test]
async fn frames_carry_the_documented_field_names() -> Result<()> {
    let (server, Cast { alice, mallory, .. }) = scene().await?;
    let room = alice.create_room("Garden", false).await?;
    let mut socket = Socket::connect(server.address(), Credential::Query(alice.token())).await?;
    socket.send_raw(Message::text(format!(r#"{{"type":"join","room_id":{room}}}"#))).await?;
    let mut frames: HashMap<String, Value> = HashMap::new();
    // What is told before the socket listens does not come.
    until_all(&mut socket, &mut frames, &["welcome", "synced", "userlist"]).await?;
    mallory.join(room).await?;
    let sent = json!({"type": "text", "room_id": room, "content": "你好", "client_id": "6f", "user_id": 99, "username": "eve", "timestamp": "1999-01-01T00:00:00Z", "message_id": 5, "seq": 5});
    socket.send_raw(Message::text(sent.to_string())).await?;
    socket
        .send_raw(Message::text(format!(r#"{{"type":"text","room_id":{room},"content":"","client_id":"70"}}"#)))
        .await?;
    until_all(&mut socket, &mut frames, &["system", "text", "ack", "error"]).await?;
    for (kind, documented) in [
        ("welcome", &["user_id", "session", "epoch", "heartbeat_ms", "limits"][..]),
        ("text", &["room_id", "user_id", "username", "content", "timestamp", "message_id", "seq"]),
        ("ack", &["client_id", "message_id", "seq", "timestamp"]),
        ("error", &["code", "error", "message", "reason", "client_id"]),
        ("system", &["room_id", "event", "user_id", "username", "content", "seq"]),
        ("userlist", &["room_id", "users", "total"]),
        ("synced", &["room_id", "from", "to"]),
    ] {
        let has = fields(&frames[kind]);
        assert!(documented.iter().all(|field| has.contains(field)), "{kind} has {has:?}");
    }
    let said = &frames["text"];
    assert_eq!(
        (number(&said["user_id"]), &said["username"]),
        (alice.id, &json!("alice")),
        "identity comes from the session"
    );
    assert!(number(&said["message_id"]) > 5 && number(&said["seq"]) > 2 && said["timestamp"] != sent["timestamp"]);
    assert_eq!(frames["system"]["content"], "mallory 加入了聊天室");
    assert_eq!(frames["error"]["reason"], "invalid");
    let listed = json!({"user_id": alice.id, "username": "alice", "presence": "online", "is_online": true});
    assert_eq!(frames["userlist"]["users"][0], listed);
    Ok(())
}

/// The types of what a join is answered by, without the userlists that come by themselves, before or behind its own.
fn answers(heard: &[Event], room: i64) -> Vec<String> {
    let mut words: Vec<String> = heard.iter().filter(|event| is_of(event, room)).map(word).collect();
    words.dedup();
    words.into_iter().skip_while(|word| word == "userlist").collect()
}

#[tokio::test]
async fn welcome_comes_first_and_a_join_is_answered_in_order() -> Result<()> {
    for encoding in BOTH {
        let (_server, Cast { bob, alice, mallory, .. }) = scene().await?;
        let room = alice.create_room("Garden", false).await?;
        alice.say(room, "before").await?;
        let mut socket = mallory.connect_as(encoding).await?;
        socket.send(&Request::Join(Join { room_id: room })).await?;
        let heard = stage::until_pong(&mut socket).await?;
        let Some(Event::Welcome(welcome)) = heard.first() else { panic!("{heard:?}") };
        assert_eq!((welcome.user_id, &*welcome.username), (mallory.id, "mallory"));
        let limits = welcome.limits.as_ref().context("no limits")?;
        assert_eq!((limits.text_chars, limits.frame_bytes, limits.sync_span), (4_000, 65_536, 1_000));
        assert_eq!((welcome.heartbeat_ms, welcome.pong_timeout_ms), (25_000, 10_000));
        assert_eq!(answers(&heard, room), ["room", "synced", "userlist"], "added, then subscribed at the head");
        let seen = stage::room(&mallory, room).await?;
        assert_eq!((&seen["my_role"], &seen["member_count"]), (&json!("member"), &json!(2)));
        let Some(Event::Synced(synced)) = heard.iter().find(|event| matches!(event, Event::Synced(_))) else {
            panic!("{heard:?}")
        };
        assert_eq!((synced.from, synced.to), (3, 3));
        socket.send(&Request::Join(Join { room_id: room })).await?;
        let again = stage::until_pong(&mut socket).await?;
        assert_eq!(answers(&again, room), ["synced", "userlist"]);
        bob.join(room).await?;
        alice.say(room, "after").await?;
        let seqs: Vec<i64> =
            until_text(&mut socket, "after").await?.iter().filter_map(|event| json_of(event)["seq"].as_i64()).collect();
        assert_eq!(seqs, [4, 5], "a second join doubles nothing");
        socket.send(&Request::Leave(Leave { room_id: room })).await?;
        stage::until_pong(&mut socket).await?;
        alice.say(room, "unheard").await?;
        assert!(stage::until_pong(&mut socket).await?.iter().all(|event| !is_of(event, room)));
        assert_eq!(stage::room(&mallory, room).await?["my_role"], "member", "leaving the room is HTTP's");
    }
    Ok(())
}

#[tokio::test]
async fn what_cannot_be_understood_is_answered_and_the_socket_stays() -> Result<()> {
    let (_server, Cast { alice, .. }) = scene().await?;
    let deep = format!("{}1{}", r#"{"type":"join","room_id":"#.repeat(2_000), "}".repeat(2_000));
    let mut socket = alice.connect().await?;
    stage::until_pong(&mut socket).await?;
    for (frame, word) in [
        (r#"{"type":"dance"}"#, "unknown_type"),
        (r#"{"type":"call","to":1}"#, "unknown_type"),
        (r#"{"type":"#, "malformed"),
        ("", "malformed"),
        ("[]", "malformed"),
        ("null", "malformed"),
        ("\u{0}", "malformed"),
        (r#"["ping"]"#, "malformed"),
        (r#"{"type":7}"#, "invalid"),
        ("{}", "invalid"),
        (r#"{"type":"join"}"#, "room_not_found"),
        (r#"{"type":"join","room_id":"one"}"#, "invalid"),
        (r#"{"type":"join","room_id":1.5}"#, "invalid"),
        (r#"{"type":"join","room_id":99999999999999999999}"#, "invalid"),
        (r#"{"type":"join","room_id":-1}"#, "room_not_found"),
        (r#"{"type":"join","room_id":9223372036854775807}"#, "room_not_found"),
        (r#"{"type":"join","type":"leave","room_id":1}"#, "malformed"),
        (r#"{"type":"text","room_id":1,"content":{"a":1}}"#, "invalid"),
        (r#"{"type":"sync","epoch":1,"rooms":{"one":1}}"#, "invalid"),
        (r#"{"type":"presence","status":"dead"}"#, "invalid"),
        (&*deep, "malformed"),
    ] {
        socket.send_raw(Message::text(frame)).await?;
        let heard = stage::until_pong(&mut socket).await?;
        assert_eq!(error_of(&heard).map(|(_, word)| word), Some(word.to_owned()), "{frame:.80}");
    }
    socket.send_raw(Message::binary(vec![8, 1])).await?;
    assert_eq!(error_of(&stage::until_pong(&mut socket).await?), Some((400, "malformed".into())), "binary on JSON");
    let mut socket = alice.connect_as(Encoding::Proto).await?;
    for (frame, word) in [
        (Message::text(r#"{"type":"ping"}"#), "malformed"),
        (Message::binary(vec![0xff; 40]), "malformed"),
        (Message::binary(Vec::new()), "unknown_type"),
        (Message::binary(vec![0xfa, 0x7f, 0]), "unknown_type"),
    ] {
        socket.send_raw(frame.clone()).await?;
        let heard = stage::until_pong(&mut socket).await?;
        assert_eq!(error_of(&heard).map(|(_, word)| word), Some(word.to_owned()), "{frame:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_frame_over_the_limit_is_told_1009() -> Result<()> {
    let (_server, Cast { alice, bob, room, .. }) = scene().await?;
    let mut ear = stage::listen(&bob, Encoding::Json, &[room]).await?;
    for encoding in BOTH {
        for size in [64 * 1024 + 1, 1024 * 1024, 8 * 1024 * 1024] {
            let mut socket = alice.connect_as(encoding).await?;
            let frame = match encoding {
                Encoding::Json => Message::text("x".repeat(size)),
                Encoding::Proto => Message::binary(vec![0; size]),
            };
            // It may be refused before all of it has left.
            let _ = socket.send_raw(frame).await;
            assert_eq!(socket.expect_close().await?, CloseCode::TooBig as u16, "{size} bytes ({encoding:?})");
        }
        let mut socket = alice.connect_as(encoding).await?;
        let padding = format!(r#"{{"type":"ping","padding":"{}"}}"#, "x".repeat(64 * 1024 - 28));
        if encoding == Encoding::Json {
            ensure!(padding.len() == 64 * 1024, "{}", padding.len());
            socket.send_raw(Message::text(padding)).await?;
            socket.expect("pong", |event| matches!(event, Event::Pong(_)).then_some(())).await?;
        }
    }
    alice.say(room, "still here").await?;
    until_text(&mut ear, "still here").await?;
    Ok(())
}

#[tokio::test]
async fn who_sends_too_fast_is_told_so_and_stays() -> Result<()> {
    let server = stage::server_with(|config| {
        config.limits.frames_per_second = 20;
        config.limits.frames_burst = 40;
    });
    let server = server.await?;
    let Cast { alice, bob, room, .. } = Cast::gather(server.address()).await?;
    let mut ear = bob.connect_as(Encoding::Proto).await?;
    let (mut one, mut two) = (alice.connect().await?, alice.connect_as(Encoding::Proto).await?);
    for index in 0..40 {
        one.send(&text(room, &index.to_string(), &format!("one-{index}"))).await?;
        two.send(&text(room, &index.to_string(), &format!("two-{index}"))).await?;
    }
    let (mut acks, mut refused) = (0, Vec::new());
    for socket in [&mut one, &mut two] {
        for _ in 0..40 {
            let answer = socket.expect("an answer", |event| match event {
                Event::Ack(_) | Event::Error(_) => Some(event.clone()),
                _ => None,
            });
            match answer.await? {
                Event::Error(error) => {
                    assert_eq!((error.code, &*error.reason), (429, "rate_limited"));
                    assert!(error.retry_after_ms.is_some_and(|wait| wait > 0), "{error:?}");
                    refused.push(error.client_id.context("which send it was")?);
                }
                _ => acks += 1,
            }
        }
    }
    // A few units of the forty went into what she asked for by HTTP before.
    assert!(acks >= 30 && !refused.is_empty(), "{acks} acks, {} refusals: one budget for all sockets", refused.len());
    let history = alice.history(room).await?;
    assert!(history.iter().all(|row| !refused.iter().any(|id| row["client_id"] == *id)), "a refused send was stored");
    assert_eq!(history.iter().filter(|row| row["type"] == "text").count(), acks);
    // Others have budgets of their own, and hers comes back.
    stage::until_pong(&mut ear).await?;
    stage::eventually("an ack after the rest", async || {
        one.send(&text(room, "slower now", "again")).await?;
        let answer =
            one.expect("an answer", |event| matches!(event, Event::Ack(_) | Event::Error(_)).then(|| event.clone()));
        Ok(matches!(answer.await?, Event::Ack(_)).then_some(()))
    })
    .await
}

#[tokio::test]
async fn the_twenty_first_socket_ends_the_oldest_which_comes_back_when_there_is_a_place() -> Result<()> {
    let (_server, Cast { alice, bob, .. }) = scene().await?;
    let mut others = bob.connect().await?;
    let mut sockets = Vec::new();
    for index in 0..20 {
        sockets.push(alice.connect_as(BOTH[index % 2]).await?);
        stage::until_pong(&mut sockets[index]).await?;
    }
    let mut newest = alice.connect().await?;
    stage::until_pong(&mut newest).await?;
    assert_eq!(sockets.remove(0).expect_close().await?, CloseCode::TooManySockets as u16);
    for socket in &mut sockets {
        stage::until_pong(socket).await?;
    }
    // It waits for a place and pushes nobody out.
    let wait = async || {
        let opened = Socket::open(alice.address(), "/ws?yield=1", Credential::Bearer(alice.token()), Encoding::Json);
        opened.await?.map_err(|status| anyhow::anyhow!("refused with {status}"))
    };
    assert_eq!(wait().await?.expect_close().await?, CloseCode::TooManySockets as u16);
    sockets.remove(7).close().await;
    let mut back = stage::eventually("a free place", async || {
        let mut socket = wait().await?;
        Ok(matches!(socket.next().await, Ok(Event::Welcome(_))).then_some(socket))
    })
    .await?;
    stage::until_pong(&mut back).await?;
    for socket in &mut sockets {
        stage::until_pong(socket).await?;
    }
    stage::until_pong(&mut others).await?;
    Ok(())
}

#[tokio::test]
async fn typing_is_told_to_the_room_and_not_stored() -> Result<()> {
    let (_server, Cast { alice, bob, room, .. }) = scene().await?;
    let mut ear = stage::listen(&bob, Encoding::Json, &[room]).await?;
    let head = number(&stage::room(&bob, room).await?["last_seq"]);
    let mut socket = stage::listen(&alice, Encoding::Proto, &[room]).await?;
    for _ in 0..5 {
        socket.send(&Request::Typing(StartTyping { room_id: room })).await?;
    }
    socket.send(&text(room, "done", "")).await?;
    let heard = until_text(&mut ear, "done").await?;
    let typing: Vec<Value> = heard.iter().filter(|event| matches!(event, Event::Typing(_))).map(json_of).collect();
    assert_eq!(typing, [json!({"type": "typing", "room_id": room, "user_id": alice.id, "username": "alice"})]);
    assert_eq!(number(&stage::room(&bob, room).await?["last_seq"]), head + 1);
    Ok(())
}

#[tokio::test]
async fn whoever_is_removed_hears_nothing_later() -> Result<()> {
    for how in ["kicked", "left", "made private", "deleted"] {
        let (_server, Cast { alice, bob, carol, .. }) = scene().await?;
        let room = alice.create_room("Garden", false).await?;
        alice.seat(room, &carol, "member").await?;
        if how != "made private" {
            alice.seat(room, &bob, "member").await?;
        }
        let mut ears = Vec::new();
        for encoding in BOTH {
            let mut socket = bob.connect_as(encoding).await?;
            let welcome =
                socket.expect("welcome", |event| if let Event::Welcome(it) = event { Some(it.epoch) } else { None });
            let epoch = welcome.await?;
            // Sync listens without becoming a member.
            socket.send(&Request::Sync(Sync { epoch, rooms: [(room, 1)].into() })).await?;
            socket.expect("synced", |event| matches!(event, Event::Synced(_)).then_some(())).await?;
            ears.push(socket);
        }
        let mut mouth = stage::listen(&alice, Encoding::Json, &[room]).await?;
        for index in 0..100 {
            mouth.send(&text(room, &format!("before {index}"), "")).await?;
        }
        let path = format!("/api/rooms/{room}");
        match how {
            "kicked" => alice.http.delete(&format!("{path}/members/{}", bob.id)).await?.data()?,
            "left" => bob.http.post(&format!("{path}/leave"), json!({})).await?.data()?,
            "made private" => alice.http.put(&path, json!({"is_private": true})).await?.data()?,
            _ => alice.http.delete(&path).await?.data()?,
        };
        for index in 0..100 {
            mouth.send(&text(room, &format!("after {index}"), "")).await?;
        }
        stage::until_pong(&mut mouth).await?;
        for socket in &mut ears {
            let removed = socket.expect("room removed", |event| {
                matches!(event, Event::Room(change) if change.event == "removed" && change.room_id == room)
                    .then_some(())
            });
            removed.await.context(how)?;
            let later = stage::until_pong(socket).await?;
            let of_room: Vec<String> = later.iter().filter(|event| is_of(event, room)).map(word).collect();
            assert!(of_room.is_empty(), "{how}: {of_room:?} came later");
        }
    }
    Ok(())
}

#[tokio::test]
async fn unknown_subprotocols_and_half_handshakes_are_settled_before_the_upgrade() -> Result<()> {
    let (server, Cast { alice, .. }) = scene().await?;
    let bearer = format!("Bearer {}", alice.token());
    let upgrade = [
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ("authorization", &*bearer),
    ];
    for missing in 0..4 {
        let headers: Vec<(&str, &str)> =
            upgrade.iter().enumerate().filter(|(index, _)| *index != missing).map(|(_, header)| *header).collect();
        let answer = stage::request(server.address(), "GET", "/ws", &headers, "").await?;
        let refusal = if missing == 2 { (426, "upgrade_required") } else { (400, "malformed") };
        assert_eq!(answer.refusal(), refusal, "without {}", upgrade[missing].0);
        assert_eq!(answer.headers.contains_key("sec-websocket-version"), missing == 2);
    }
    for (asked, agreed) in [
        ("chinwag.v1.proto", Some("chinwag.v1.proto")),
        ("soap, chinwag.v1.json", Some("chinwag.v1.json")),
        ("soap", None),
    ] {
        let headers = [&upgrade[..], &[("sec-websocket-protocol", asked)]].concat();
        let answer = stage::request(server.address(), "GET", "/ws", &headers, "").await?;
        assert_eq!(answer.status, 101);
        assert_eq!(answer.headers.get("sec-websocket-protocol").map(|value| value.to_str()).transpose()?, agreed);
        assert_eq!(answer.headers["sec-websocket-accept"], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }
    let mut socket = alice.connect().await?;
    socket.send(&Request::Ping(Ping {})).await?;
    socket.expect("pong", |event| matches!(event, Event::Pong(_)).then_some(())).await
}
