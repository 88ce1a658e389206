//! The socket's frames and rules: welcome, join, errors, bounds, presence, removal; the same in both encodings.

use anyhow::{Context as _, Result, ensure};
use chinwag_proto::{
    CloseCode, Event, Join, Leave, Ping, Request, RoomEvent, SendText, StartTyping, Sync, frame::Encoding,
};
use chinwag_testkit::{Cast, Server, Socket, socket::Credential};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::stage::{self, json_of, number, word};

const BOTH: [Encoding; 2] = [Encoding::Json, Encoding::Proto];

pub(crate) async fn scene() -> Result<(Server, Cast)> {
    let server = stage::server().await?;
    let cast = Cast::gather(server.address()).await?;
    Ok((server, cast))
}

pub(crate) fn text(room_id: i64, content: &str, client_id: &str) -> Request {
    Request::Text(SendText { room_id, content: content.into(), client_id: client_id.into(), ..SendText::default() })
}

/// Reads until a text with this content came; gives all that came, the text at the end.
pub(crate) async fn until_text(socket: &mut Socket, content: &str) -> Result<Vec<Event>> {
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
async fn typing_ends_with_the_socket_it_came_by() -> Result<()> {
    let (_server, Cast { alice, bob, room, .. }) = scene().await?;
    let mut ear = stage::listen(&bob, Encoding::Json, &[room]).await?;
    let (mut typist, mut idle) = (alice.connect().await?, alice.connect().await?);
    typist.send(&Request::Typing(StartTyping { room_id: room })).await?;
    stage::until_pong(&mut typist).await?;
    stage::until_pong(&mut idle).await?;
    idle.close().await;
    alice.say(room, "still typing").await?;
    let heard = until_text(&mut ear, "still typing").await?;
    let stopped = |event: &Event| matches!(event, Event::Typing(typing) if typing.stopped == Some(true));
    assert!(heard.iter().any(|event| matches!(event, Event::Typing(_))) && !heard.iter().any(stopped), "{heard:?}");
    typist.close().await;
    ear.expect("the end of the typing", |event| stopped(event).then_some(())).await?;
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
                matches!(event, Event::Room(change) if change.event() == RoomEvent::Removed && change.room_id == room)
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
