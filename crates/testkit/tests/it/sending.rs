//! Sending and coming back: one message per client id whatever happens, one order for all, resumption within its bounds, and
//! an orderly end of the server.

use std::{collections::HashSet, time::Duration};

use anyhow::{Context as _, Result};
use chinwag_proto::{
    CloseCode, EditText, Event, RecallMessage, Request, ResyncReason, SendText, Sync,
    frame::{Encoding, decode_event},
};
use chinwag_testkit::{Cast, Http, Person, Server, Socket};
use futures_util::future::join_all;
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use crate::{
    load,
    stage::{self, json_of, number},
};

const BOTH: [Encoding; 2] = [Encoding::Json, Encoding::Proto];

async fn scene() -> Result<(Server, Cast)> {
    let server = stage::server().await?;
    let cast = Cast::gather(server.address()).await?;
    Ok((server, cast))
}

fn text(room_id: i64, content: &str, client_id: &str) -> Request {
    Request::Text(SendText { room_id, content: content.into(), client_id: client_id.into(), ..SendText::default() })
}

/// The answer to a send: (message id, seq), or the word of the refusal.
async fn answer(socket: &mut Socket, client_id: &str) -> Result<Result<(i64, i64), String>> {
    let answer = socket.expect("an answer", |event| match event {
        Event::Ack(ack) if ack.client_id.as_deref() == Some(client_id) => Some(Ok((ack.message_id, ack.seq))),
        Event::Error(error) if error.client_id.as_deref() == Some(client_id) => Some(Err(error.reason.clone())),
        _ => None,
    });
    answer.await
}

async fn send_over_socket(
    person: &Person,
    encoding: Encoding,
    room: i64,
    content: &str,
    client_id: &str,
) -> Result<Result<(i64, i64), String>> {
    let mut socket = person.connect_as(encoding).await?;
    socket.send(&text(room, content, client_id)).await?;
    answer(&mut socket, client_id).await
}

/// The same by HTTP, and whether it was the first.
async fn send_over_http(
    person: &Person,
    room: i64,
    content: &str,
    client_id: &str,
) -> Result<(u16, Result<(i64, i64), String>)> {
    let body = json!({"content": content, "client_id": client_id});
    let answer = person.http.post(&format!("/api/rooms/{room}/messages"), body).await?;
    let status = answer.status.as_u16();
    let told = match answer.reason() {
        "" => Ok((number(&answer.body["data"]["id"]), number(&answer.body["data"]["seq"]))),
        word => Err(word.to_owned()),
    };
    Ok((status, told))
}

#[tokio::test]
async fn who_does_not_wait_for_answers_gets_them_all_and_keeps_the_order() -> Result<()> {
    let (_server, Cast { alice, bob, room, .. }) = scene().await?;
    for encoding in BOTH {
        let before = bob.history(room).await?.len();
        let mut socket = alice.connect_as(encoding).await?;
        let name = |number: usize| format!("{encoding:?}-{number}");
        for number in 0..20 {
            let content = if number == 7 { String::new() } else { format!("no. {number}") };
            socket.send(&text(room, &content, &name(number))).await?;
        }
        // The same again behind them, and one to a room that is not there.
        socket.send(&text(room, "no. 3", &name(3))).await?;
        socket.send(&text(999, "where", "nowhere")).await?;
        let mut acked = Vec::new();
        for number in 0..20 {
            match answer(&mut socket, &name(number)).await? {
                Ok(ack) => acked.push(ack),
                Err(word) => assert_eq!((number, &*word), (7, "invalid")),
            }
        }
        assert_eq!(acked.len(), 19);
        assert!(acked.is_sorted_by(|(one, at), (other, behind)| one < other && at < behind), "{acked:?}");
        assert_eq!(answer(&mut socket, &name(3)).await?, Ok(acked[3]), "a resend has its first answer");
        assert_eq!(answer(&mut socket, "nowhere").await?, Err("room_not_found".to_owned()));
        let history = bob.history(room).await?;
        let said: Vec<&str> = history[before..].iter().filter_map(|row| row["content"].as_str()).collect();
        let wanted: Vec<String> = (0..20).filter(|number| *number != 7).map(|number| format!("no. {number}")).collect();
        assert_eq!(said, wanted);
    }
    Ok(())
}

#[tokio::test]
async fn a_storm_of_resends_over_all_doors_is_one_message() -> Result<()> {
    let (_server, Cast { alice, bob, room, .. }) = scene().await?;
    let mut ear = stage::listen(&bob, Encoding::Json, &[room]).await?;
    let by_http = join_all((0..12).map(|_| send_over_http(&alice, room, "once, 一次", "storm")));
    let by_json = join_all((0..10).map(|_| send_over_socket(&alice, Encoding::Json, room, "once, 一次", "storm")));
    let by_proto = join_all((0..10).map(|_| send_over_socket(&alice, Encoding::Proto, room, "once, 一次", "storm")));
    let (by_http, by_json, by_proto) = tokio::join!(by_http, by_json, by_proto);
    let mut answers = HashSet::new();
    for told in by_http {
        let (status, told) = told?;
        assert_eq!(status, 200, "{told:?}");
        answers.insert(told);
    }
    for told in by_json.into_iter().chain(by_proto) {
        answers.insert(told?);
    }
    assert_eq!(answers.len(), 1, "{answers:?}");
    let first = answers.into_iter().next().context("an answer")?;
    assert!(first.is_ok(), "{first:?}");
    let history = alice.history(room).await?;
    assert_eq!(history.iter().filter(|row| row["client_id"] == "storm").count(), 1);

    let conflict = Err("client_id_conflict".to_owned());
    assert_eq!(send_over_http(&alice, room, "another body", "storm").await?, (409, conflict.clone()));
    for encoding in BOTH {
        assert_eq!(send_over_socket(&alice, encoding, room, "another body", "storm").await?, conflict);
        assert_eq!(send_over_socket(&alice, encoding, room, "once, 一次", "storm").await?, first);
    }
    // Another person's, and another room's, are their own.
    let other = alice.create_room("Other", false).await?;
    assert_eq!(send_over_http(&bob, room, "bob's", "storm").await?.0, 200);
    assert_eq!(send_over_http(&alice, other, "elsewhere", "storm").await?.0, 200);
    let heard = ear.expect("bob's", |event| matches!(event, Event::Text(text) if text.user_id == bob.id).then_some(()));
    heard.await?;
    Ok(())
}

#[tokio::test]
async fn a_storm_with_two_bodies_stores_one_of_them() -> Result<()> {
    let (_server, Cast { alice, room, .. }) = scene().await?;
    let sent = join_all((0..20).map(|index| {
        let alice = &alice;
        async move { send_over_http(alice, room, if index % 2 == 0 { "even" } else { "odd" }, "pair").await }
    }));
    let statuses: Vec<u16> = sent.await.into_iter().map(|told| Ok(told?.0)).collect::<Result<_>>()?;
    let count = |status| statuses.iter().filter(|known| **known == status).count();
    assert_eq!((count(200), count(409)), (10, 10), "{statuses:?}");
    Ok(())
}

#[tokio::test]
async fn what_is_refused_for_its_client_id_is_not_done() -> Result<()> {
    let server = stage::server().await?;
    let Cast { alice, room, .. } = &Cast::gather(server.address()).await?;
    let message_id = stage::number(&alice.say(*room, "as it was").await?["id"]);
    let mut socket = alice.connect().await?;
    let client_id = "too long ".repeat(10);
    for request in [
        Request::Edit(EditText { message_id, content: "otherwise".into(), client_id: client_id.clone() }),
        Request::Recall(RecallMessage { message_id, client_id }),
    ] {
        socket.send(&request).await?;
        let refused = |event: &Event| matches!(event, Event::Error(error) if error.reason == "invalid").then_some(());
        socket.expect("the refusal", refused).await?;
    }
    let history = alice.history(*room).await?;
    assert_eq!(history.last().context("a row")?["content"], "as it was");
    Ok(())
}

/// Whatever people are shown, over every door: the id of a send is its sender's own affair.
#[tokio::test]
async fn a_client_id_is_told_to_its_sender_alone() -> Result<()> {
    let (_server, Cast { alice, bob, room, .. }) = scene().await?;
    let mut ears = Vec::new();
    for (person, encoding) in [(&alice, Encoding::Json), (&bob, Encoding::Json), (&bob, Encoding::Proto)] {
        ears.push((stage::listen(person, encoding, &[room]).await?, encoding));
    }
    let first = send_over_http(&alice, room, "words", "hers-alone").await?.1.map_err(anyhow::Error::msg)?;
    for (ear, encoding) in &mut ears {
        loop {
            let told = ear.wait_raw().await?;
            assert!(
                !String::from_utf8_lossy(&told).contains("hers-alone"),
                "{encoding:?}: {}",
                String::from_utf8_lossy(&told)
            );
            if matches!(decode_event(*encoding, &told)?, Event::Text(_)) {
                break;
            }
        }
    }
    for path in [
        format!("/api/rooms/{room}/messages"),
        format!("/api/rooms/{room}/messages?around={}", first.1),
        "/api/rooms".to_owned(),
        format!("/api/rooms/{room}"),
    ] {
        let (hers, his) = (alice.http.get(&path).await?.data()?, bob.http.get(&path).await?.data()?);
        assert!(hers.to_string().contains("hers-alone"), "{path}: {hers}");
        assert!(!his.to_string().contains("hers-alone"), "{path}: {his}");
    }
    let joined = bob.http.post(&format!("/api/rooms/{room}/join"), json!({})).await?.data()?;
    assert!(joined["last_message"]["content"] == "words" && !joined.to_string().contains("hers-alone"), "{joined}");
    Ok(())
}

#[tokio::test]
async fn a_client_id_holds_after_edit_and_recall() -> Result<()> {
    let (_server, Cast { alice, room, .. }) = scene().await?;
    let first = send_over_socket(&alice, Encoding::Json, room, "words", "kept").await?;
    let (message_id, _) = first.clone().map_err(anyhow::Error::msg)?;
    let mut socket = alice.connect().await?;
    socket.send(&Request::Edit(EditText { message_id, content: "other words".into(), client_id: "e".into() })).await?;
    answer(&mut socket, "e").await?.map_err(anyhow::Error::msg)?;
    assert_eq!(send_over_socket(&alice, Encoding::Proto, room, "words", "kept").await?, first, "resent after an edit");
    socket.send(&Request::Recall(RecallMessage { message_id, client_id: "r".into() })).await?;
    answer(&mut socket, "r").await?.map_err(anyhow::Error::msg)?;
    assert_eq!(send_over_socket(&alice, Encoding::Json, room, "words", "kept").await?, first, "resent after a recall");
    let history = alice.history(room).await?;
    let rows: Vec<&Value> = history.iter().filter(|row| row["client_id"] == "kept").collect();
    assert_eq!((rows.len(), &rows[0]["content"]), (1, &json!("")), "a resend does not bring the words back");
    Ok(())
}

#[tokio::test]
async fn everybody_agrees_on_the_order_of_mixed_senders() -> Result<()> {
    const EACH: usize = 40;
    let (_server, Cast { alice, bob, carol, room, .. }) = scene().await?;
    let head = number(&stage::room(&alice, room).await?["last_seq"]);
    let mut ears = Vec::new();
    for (person, encoding) in [(&alice, Encoding::Json), (&bob, Encoding::Proto), (&carol, Encoding::Json)] {
        ears.push(stage::listen(person, encoding, &[room]).await?);
    }
    let over_http = async {
        let mut seqs = Vec::new();
        for index in 0..EACH {
            let (_, told) = send_over_http(&alice, room, &format!("alice {index}"), &format!("h{index}")).await?;
            seqs.push(told.map_err(anyhow::Error::msg)?.1);
        }
        anyhow::Ok(seqs)
    };
    let over_socket = async |person: &Person, encoding| {
        let mut socket = person.connect_as(encoding).await?;
        for index in 0..EACH {
            socket.send(&text(room, &format!("{} {index}", person.name), &format!("s{index}"))).await?;
        }
        let mut seqs = Vec::new();
        for index in 0..EACH {
            seqs.push(answer(&mut socket, &format!("s{index}")).await?.map_err(anyhow::Error::msg)?.1);
        }
        anyhow::Ok(seqs)
    };
    let (one, two, three) =
        tokio::join!(over_http, over_socket(&bob, Encoding::Json), over_socket(&carol, Encoding::Proto));
    let mut all = Vec::new();
    for seqs in [one?, two?, three?] {
        assert!(seqs.is_sorted(), "a sender's own order is lost: {seqs:?}");
        all.extend(seqs);
    }
    all.sort_unstable();
    let expected: Vec<i64> = (head + 1..=head + 3 * EACH as i64).collect();
    assert_eq!(all, expected);
    let history: Vec<(i64, i64)> = bob
        .history(room)
        .await?
        .iter()
        .map(|row| (number(&row["seq"]), number(&row["id"])))
        .filter(|(seq, _)| *seq > head)
        .collect();
    for ear in &mut ears {
        let mut heard = Vec::new();
        while heard.len() < 3 * EACH {
            if let Event::Text(text) = ear.next().await? {
                heard.push((text.seq, text.message_id));
            }
        }
        assert_eq!(heard, history, "somebody saw another order");
    }
    Ok(())
}

#[tokio::test]
async fn what_a_vanished_client_sent_is_stored_once() -> Result<()> {
    let (server, Cast { alice, room, .. }) = scene().await?;
    for (index, encoding) in [Encoding::Json, Encoding::Proto].into_iter().enumerate() {
        let id = format!("gone-{index}");
        let mut socket = alice.connect_as(encoding).await?;
        socket.send(&text(room, "are you there?", &id)).await?;
        drop(socket);
        let stored = stage::eventually("the send of a client that went away", async || {
            Ok(alice.history(room).await?.into_iter().find(|row| row["client_id"] == *id))
        });
        let stored = stored.await?;
        let again = send_over_socket(&alice, encoding, room, "are you there?", &id).await?;
        assert_eq!(again, Ok((number(&stored["id"]), number(&stored["seq"]))));
    }
    let body = r#"{"content":"over HTTP","client_id":"gone-http"}"#;
    let head = format!(
        "POST /api/rooms/{room}/messages HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        alice.token(),
        body.len()
    );
    let mut stream = tokio::net::TcpStream::connect(server.address()).await?;
    stream.write_all(head.as_bytes()).await?;
    drop(stream);
    let (_, told) = send_over_http(&alice, room, "over HTTP", "gone-http").await?;
    told.map_err(anyhow::Error::msg)?;
    let history = alice.history(room).await?;
    assert_eq!(history.iter().filter(|row| row["client_id"] == "gone-http").count(), 1);
    Ok(())
}

async fn epoch_of(socket: &mut Socket) -> Result<i64> {
    let welcome = socket.expect("welcome", |event| match event {
        Event::Welcome(welcome) => Some(welcome.epoch),
        _ => None,
    });
    welcome.await
}

/// What came of a sync: (reason, head), or the positions that were replayed.
async fn resume(
    socket: &mut Socket,
    epoch: i64,
    room: i64,
    after: i64,
) -> Result<Result<Vec<i64>, (ResyncReason, i64)>> {
    socket.send(&Request::Sync(Sync { epoch, rooms: [(room, after)].into() })).await?;
    let mut seqs = Vec::new();
    loop {
        match socket.next().await? {
            Event::Synced(synced) if synced.room_id == room => {
                assert_eq!((synced.from, synced.to), (after, seqs.last().copied().unwrap_or(after)));
                return Ok(Ok(seqs));
            }
            Event::Resync(resync) if resync.room_id == room => {
                assert!(seqs.is_empty());
                return Ok(Err((resync.reason(), resync.head)));
            }
            event => seqs.extend(json_of(&event)["seq"].as_i64()),
        }
    }
}

#[tokio::test]
async fn a_gap_is_replayed_whole_or_told_as_too_far() -> Result<()> {
    let (_server, Cast { alice, bob, .. }) = scene().await?;
    for encoding in BOTH {
        let room = alice.create_room("Garden", false).await?;
        bob.join(room).await?;
        let mut mouth = alice.connect_as(encoding).await?;
        for seq in 3..=1_001 {
            mouth.send(&text(room, &format!("line {seq}"), &seq.to_string())).await?;
        }
        assert_eq!(answer(&mut mouth, "1001").await?.map(|(_, seq)| seq), Ok(1_001));
        let mut socket = bob.connect_as(encoding).await?;
        let epoch = epoch_of(&mut socket).await?;
        assert_eq!(resume(&mut socket, epoch, room, 2).await?, Ok((3..=1_001).collect()), "a gap of 999");
        assert_eq!(resume(&mut socket, epoch, room, 1_001).await?, Ok(Vec::new()), "no gap");
        assert_eq!(resume(&mut socket, epoch, room, 1_000).await?, Ok(vec![1_001]), "again, while subscribed");
        let mut far = bob.connect_as(encoding).await?;
        assert_eq!(resume(&mut far, epoch, room, 0).await?, Err((ResyncReason::TooFar, 1_001)));
        alice.say(room, "next").await?;
        let next =
            far.expect("the next text", |event| if let Event::Text(text) = event { Some(text.seq) } else { None });
        assert_eq!(next.await?, 1_002, "it listens from the head it was told");
        let mut astray = bob.connect_as(encoding).await?;
        let (future, other) = (ResyncReason::Future, ResyncReason::Epoch);
        for (epoch, after, reason) in
            [(epoch, 5_000, future), (epoch, -1, future), (epoch + 1, 1_001, other), (0, 0, other)]
        {
            assert_eq!(resume(&mut astray, epoch, room, after).await?, Err((reason, 1_002)));
        }
        alice.say(room, "unheard").await?;
        let heard = stage::until_pong(&mut astray).await?;
        assert!(heard.iter().all(|event| !matches!(event, Event::Text(_))), "it is not subscribed");
    }
    Ok(())
}

#[tokio::test]
async fn a_sync_of_many_rooms_is_answered_room_by_room() -> Result<()> {
    let (_server, Cast { alice, bob, mallory, room, .. }) = scene().await?;
    let mut rooms = vec![(room, 1)];
    for index in 0..10 {
        let id = alice.create_room(&format!("Room {index}"), true).await?;
        if index % 2 == 0 {
            alice.seat(id, &bob, "member").await?;
        }
        alice.say(id, "hello").await?;
        rooms.push((id, 1));
    }
    let mut socket = bob.connect().await?;
    let epoch = epoch_of(&mut socket).await?;
    socket.send(&Request::Sync(Sync { epoch, rooms: rooms.iter().copied().collect() })).await?;
    let heard = stage::until_pong(&mut socket).await?;
    let synced = heard.iter().filter(|event| matches!(event, Event::Synced(_))).count();
    let refused = heard
        .iter()
        .filter(|event| matches!(event, Event::Resync(it) if it.reason() == ResyncReason::NotAMember))
        .count();
    assert_eq!((synced, refused), (6, 5));
    let mut socket = mallory.connect().await?;
    socket.send(&Request::Sync(Sync { epoch, rooms: (1..=1_001).map(|room| (room, 0)).collect() })).await?;
    let heard = stage::until_pong(&mut socket).await?;
    assert!(heard.iter().any(|event| matches!(event, Event::Error(error) if error.reason == "invalid")), "{heard:?}");
    Ok(())
}

#[tokio::test]
async fn a_stopping_server_says_so_and_what_it_answered_is_there_afterwards() -> Result<()> {
    let mut server = load::process()?;
    let cast = Cast::gather(server.address()).await?;
    let Cast { alice, bob, room, .. } = &cast;
    let first = send_over_socket(alice, Encoding::Json, *room, "before the end", "end").await?;
    let mut sockets = Vec::new();
    for encoding in BOTH {
        sockets.push(stage::listen(bob, encoding, &[*room]).await?);
    }
    let begun = std::time::Instant::now();
    server.signal(Signal::TERM)?;
    let nobody = Http::new(server.address());
    stage::eventually("not ready", async || {
        let answer = nobody.get("/health/ready").await?;
        assert!([200, 503].contains(&answer.status.as_u16()), "{}", answer.body);
        Ok((answer.status == 503).then_some(()))
    })
    .await?;
    for socket in &mut sockets {
        assert_eq!(socket.expect_close().await?, CloseCode::Restarting as u16);
    }
    let status = tokio::task::spawn_blocking(move || server.await_end().map(|status| (server, status))).await?;
    let (mut server, status) = status?;
    assert!(status.success(), "{status}: {}", server.output());
    assert!(begun.elapsed() < Duration::from_secs(15));
    server.restart()?;
    for encoding in BOTH {
        assert_eq!(send_over_socket(alice, encoding, *room, "before the end", "end").await?, first, "for ever");
    }
    assert_eq!(send_over_http(alice, *room, "something else", "end").await?.0, 409);
    Ok(())
}

#[tokio::test]
async fn calls_that_change_something_are_paid_from_the_same_budget_and_looking_is_free() -> Result<()> {
    let server = stage::server_with(|config| {
        config.limits.frames_per_second = 1;
        config.limits.frames_burst = 40;
    });
    let server = server.await?;
    let Cast { alice, bob, room, .. } = Cast::gather(server.address()).await?;
    let mut joins = 0;
    let refused = loop {
        let answer = alice.http.post(&format!("/api/rooms/{room}/join"), json!({})).await?;
        if answer.status != 200 {
            break answer;
        }
        joins += 1;
        assert!(joins <= 45, "there is no end to it");
    };
    assert_eq!(refused.refusal(), (429, "rate_limited"));
    assert!(refused.headers.contains_key("retry-after"));
    alice.history(room).await?;
    let mut socket = alice.connect().await?;
    let over = SendText { room_id: room, content: "and by the socket".into(), ..SendText::default() };
    socket.send(&Request::Text(over)).await?;
    let error = socket.expect("a refusal", |event| match event {
        Event::Error(error) => Some(error.reason.clone()),
        _ => None,
    });
    assert_eq!(error.await?, "rate_limited");
    bob.say(room, "he has his own").await?;
    Ok(())
}
