//! A disk that takes no more: what cannot be stored is refused, everything else goes on, and so does storing once there is
//! room again.

use anyhow::Result;
use chinwag_testkit::{Cast, Person};
use serde_json::json;

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
