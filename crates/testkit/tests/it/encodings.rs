//! Both encodings tell the same, under the documented names.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context as _, Result};
use chinwag_proto::{
    EditText, Event, Join, Leave, MarkRead, Presence, RecallMessage, Request, SendText, SetPresence, StartTyping, Sync,
    frame::Encoding,
};
use chinwag_testkit::{Cast, Socket, socket::Credential};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    sockets::{scene, text, until_text},
    stage::{self, json_of, number},
};

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
    let reply = SendText {
        room_id: room,
        content: "a reply".into(),
        client_id: "c2".into(),
        reply_to: Some(message_id),
        ..SendText::default()
    };
    say(Request::Text(reply)).await?;
    say(text(room, "你好 @bob \u{1F600}", "c1")).await?;
    say(text(room, "another body", "c1")).await?;
    say(text(room, "   ", "c3")).await?;
    say(text(room, &"字".repeat(4_001), "c4")).await?;
    say(text(room, &"字".repeat(4_000), "")).await?;
    say(text(room, "x", &"i".repeat(65))).await?;
    say(text(987_654, "x", "c5")).await?;
    let astray = SendText {
        room_id: room,
        content: "x".into(),
        client_id: "c6".into(),
        reply_to: Some(42),
        ..SendText::default()
    };
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
