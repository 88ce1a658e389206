//! A disk that takes no more: what cannot be stored is refused, everything else goes on, and so does storing once there is
//! room again.

use anyhow::{Context as _, Result};
use chinwag_proto::{Event, Request, SendText, frame::Encoding};
use chinwag_testkit::{Cast, Person};
use serde_json::{Value, json};

use crate::{load, load::Load, stage};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_disk_does_not_take_is_refused_and_not_acknowledged() -> Result<()> {
    let mut server = load::process()?;
    let cast = Cast::gather(server.address()).await?;
    let mut load = Load::begin(&cast.alice, cast.room).await?;
    for (person, window) in [(&cast.alice, 4), (&cast.bob, 2), (&cast.carol, 8), (&cast.bob, 0)] {
        load.add(person, server.address(), window);
    }
    for _ in 0..3 {
        load.acked(100).await?;
        let log = std::fs::metadata(server.data_dir().join("chinwag.db-wal"))?.len();
        server.limit_files(Some(log))?;
        let messages = format!("/api/rooms/{}/messages", cast.room);
        let refusal = stage::eventually("a refusal", async || {
            let answer = cast.alice.http.post(&messages, json!({"type": "text", "content": "is there room?"})).await?;
            Ok((!answer.status.is_success()).then_some(answer))
        });
        let refusal = refusal.await?;
        assert_eq!(refusal.refusal(), (503, "unavailable"));
        assert!(refusal.headers.contains_key("retry-after"), "{:?}", refusal.headers);
        let page = cast.bob.http.get(&messages).await?.data()?;
        assert!(page.as_array().is_some_and(|rows| !rows.is_empty()), "reading goes on");
        assert!(cast.bob.http.get("/health/live").await?.status.is_success());
        server.limit_files(None)?;
    }
    load.acked(100).await?;
    tokio::task::block_in_place(|| {
        server.kill()?;
        server.restart()
    })?;
    load.acked(1).await?;
    load.judge(&cast.alice).await?;
    let output = server.output();
    assert!(!output.contains("panicked"), "the server panicked:\n{output}");
    Ok(())
}

/// Whoever reads the log finds the person, and the person's words about it find the line.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_failed_is_told_from_everything_else_in_the_log() -> Result<()> {
    let server = load::process_with(&[("log.format", "json")])?;
    let alice = Person::register(server.address(), "alice").await?;
    let room_id = alice.create_room("Kitchen", false).await?;
    let mut socket = stage::listen(&alice, Encoding::Json, &[room_id]).await?;
    let log = std::fs::metadata(server.data_dir().join("chinwag.db-wal"))?.len();
    server.limit_files(Some(log))?;
    let frame = SendText { room_id, content: "tea?".into(), client_id: "cup-7".into(), ..SendText::default() };
    socket.send(&Request::Text(frame)).await?;
    socket.expect("a refusal", |event| matches!(event, Event::Error(_)).then_some(())).await?;
    let path = format!("/api/rooms/{room_id}/messages");
    let answer = alice.http.post(&path, json!({"type": "text", "content": "sugar?"})).await?;
    assert_eq!(answer.refusal(), (503, "unavailable"));
    let output = server.output();
    let lines: Vec<Value> = output.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let told = |words: &str| lines.iter().find(|line| line["message"] == words).with_context(|| output.clone());
    let frame = told("a frame failed")?;
    assert_eq!((&frame["user_id"], &frame["room_id"]), (&json!(alice.id), &json!(room_id)), "{frame}");
    assert!(frame["client_id"] == "cup-7" && frame["socket"].is_u64(), "{frame}");
    let request = told("a request failed")?;
    let span = &request["span"];
    assert_eq!((&span["user_id"], &span["method"]), (&json!(alice.id), &json!("POST")), "{request}");
    assert_eq!(span["room_id"], json!(room_id), "{request}");
    assert_eq!((&span["request_id"], &span["route"]), (&answer.body["request_id"], &json!("/api/rooms/{id}/messages")));
    assert!(!output.contains("tea?") && !output.contains("sugar?"), "nobody's words are in a log");
    Ok(())
}

/// People would only see that everything takes long.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_takes_seconds_is_told_of_once() -> Result<()> {
    let mut server = load::process()?;
    let alice = Person::register(server.address(), "alice").await?;
    let room = alice.create_room("Kitchen", false).await?;
    assert!(!server.output().contains("a commit was slow"), "{}", server.output());
    tokio::task::block_in_place(|| {
        server.kill()?;
        server.restart_with(Some("before_commit:0:1000"))
    })?;
    for words in ["tea", "for", "two"] {
        alice.say(room, words).await?;
    }
    let output = server.output();
    assert_eq!(output.matches("a commit was slow").count(), 1, "{output}");
    Ok(())
}
