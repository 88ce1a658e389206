//! A panic ends one thing (a socket, a call, a write) and nothing beside it, and leaves nothing behind: whoever is well
//! hears, writes and is shown as present like before, and the server still stops in order.

use anyhow::{Context as _, Result};
use chinwag_proto::{CloseCode, Event, Ping, Request, StartTyping, Sync, frame::Encoding};
use chinwag_testkit::{Http, Person, Process, Socket};
use rustix::process::Signal;
use serde_json::json;
use tokio::task::block_in_place;

use crate::{crash::found_in, stage};

/// A server that breaks where it is asked to, with somebody well on it.
struct Scene {
    server: Process,
    ann: Person,
    room: i64,
}

async fn scene(panics: &str) -> Result<Scene> {
    let server = Process::start_to_panic(&[("limits.frames_burst", "1000")], panics)?;
    let ann = Person::register(server.address(), "ann").await?;
    let room = ann.create_room("Tea", false).await?;
    Ok(Scene { server, ann, room })
}

impl Scene {
    async fn person(&self, name: &str) -> Result<Person> {
        Person::register(self.server.address(), name).await
    }

    /// What remains after the fault: as many sockets as are well, nobody else online, and a stop that nothing holds up.
    async fn ends_well(mut self, well: Vec<Socket>) -> Result<()> {
        let gauge = format!("chinwag_sockets {}\n", well.len());
        let http = Http::new(self.server.address());
        stage::eventually("the end of the broken socket", async || {
            Ok(http.get_text("/metrics").await?.contains(&gauge).then_some(()))
        })
        .await?;
        let online = async || -> Result<usize> {
            let people = self.ann.http.get("/api/users/online").await?.data()?;
            Ok(people.as_array().map_or(0, Vec::len))
        };
        stage::eventually("nobody online but who is", async || Ok((online().await? <= well.len()).then_some(())))
            .await?;
        for mut socket in well {
            stage::until_pong(&mut socket).await?;
            self.server.id();
            socket.close().await;
        }
        self.server.signal(Signal::TERM)?;
        let ended = self.server.await_end()?;
        let output = self.server.output();
        assert!(ended.success() && !output.contains("took too long"), "{ended}\n{output}");
        assert!(output.contains("asked to panic"), "nothing broke:\n{output}");
        Ok(())
    }
}

async fn text(socket: &mut Socket, content: &str) -> Result<()> {
    let wanted = |event: &Event| matches!(event, Event::Text(text) if text.content == content).then_some(());
    socket.expect(content, wanted).await
}

#[tokio::test]
async fn a_panic_in_a_frame_ends_its_socket() -> Result<()> {
    let scene = scene("frame=zed").await?;
    let mut ann = stage::listen(&scene.ann, Encoding::Json, &[scene.room]).await?;
    let zed = scene.person("zed").await?;
    zed.join(scene.room).await?;
    for _ in 0..3 {
        let mut broken = zed.connect().await?;
        broken.send(&Request::Ping(Ping {})).await?;
        assert_eq!(broken.expect_close().await?, CloseCode::Internal as u16);
    }
    scene.ann.say(scene.room, "still here").await?;
    text(&mut ann, "still here").await?;
    scene.ends_well(vec![ann]).await
}

#[tokio::test]
async fn what_ends_with_a_socket_ends_when_serving_it_panics() -> Result<()> {
    let scene = scene("typing=zed").await?;
    let mut ann = stage::listen(&scene.ann, Encoding::Json, &[scene.room]).await?;
    let zed = scene.person("zed").await?;
    zed.join(scene.room).await?;
    let mut broken = zed.connect().await?;
    broken.send(&Request::Typing(StartTyping { room_id: scene.room })).await?;
    assert_eq!(broken.expect_close().await?, CloseCode::Internal as u16);
    // The server waits for a peer to hang up, too, longer than a stop may take.
    drop(broken);
    let stopped = |event: &Event| matches!(event, Event::Typing(it) if it.stopped == Some(true)).then_some(());
    ann.expect("the end of the typing", stopped).await?;
    scene.ends_well(vec![ann]).await
}

#[tokio::test]
async fn a_panic_in_a_use_case_ends_its_call() -> Result<()> {
    let scene = scene("use_case=zed").await?;
    let zed = scene.person("zed").await?;
    let path = format!("/api/users/{}", scene.ann.id);
    let (broken, well) = tokio::join!(zed.http.get(&path), scene.ann.http.get(&path));
    assert_eq!((broken?.status.as_u16(), well?.status.as_u16()), (500, 200));
    scene.ends_well(Vec::new()).await
}

#[tokio::test]
async fn a_panic_in_a_write_ends_that_write_and_not_those_beside_it() -> Result<()> {
    let scene = scene("verb=Cursed").await?;
    let create = |name: &'static str| scene.ann.http.post("/api/rooms", json!({"name": name}));
    let (first, broken, second) = tokio::join!(create("One"), create("Cursed"), create("Two"));
    assert_eq!(broken?.status.as_u16(), 500);
    assert!(first?.status.is_success() && second?.status.is_success());
    let rooms = scene.ann.http.get("/api/rooms").await?.data()?;
    let names = rooms.as_array().context("a list")?.iter().filter_map(|room| room["name"].as_str());
    assert!(!names.clone().any(|name| name == "Cursed") && names.clone().any(|name| name == "Two"));
    scene.ends_well(Vec::new()).await
}

#[tokio::test]
async fn a_panic_in_writing_to_a_listener_ends_that_listener() -> Result<()> {
    let scene = scene("send=zed").await?;
    let zed = scene.person("zed").await?;
    let mut ann = stage::listen(&scene.ann, Encoding::Json, &[scene.room]).await?;
    let mut broken = zed.connect().await?;
    broken.send(&Request::Join(chinwag_proto::Join { room_id: scene.room })).await?;
    scene.ann.say(scene.room, "for all").await?;
    text(&mut ann, "for all").await?;
    assert_eq!(broken.expect_close().await?, CloseCode::Internal as u16);
    // Else the server would wait for its answer to the goodbye.
    drop(broken);
    scene.ends_well(vec![ann]).await
}

#[tokio::test]
async fn a_panic_in_telling_a_room_sends_its_listeners_to_read_on_and_no_other_rooms() -> Result<()> {
    let scene = scene("publish=boom").await?;
    let bea = scene.person("bea").await?;
    let other = bea.create_room("Next door", false).await?;
    let mut bea_hears = stage::listen(&bea, Encoding::Json, &[other]).await?;
    let mut ann = stage::listen(&scene.ann, Encoding::Json, &[scene.room]).await?;
    let (broken, well) = tokio::join!(scene.ann.say(scene.room, "boom"), bea.say(other, "quiet here"));
    well?;
    let seq = broken?["seq"].as_i64().context("it is durable")?;
    text(&mut bea_hears, "quiet here").await?;
    assert_eq!(ann.expect_close().await?, CloseCode::Internal as u16);
    drop(ann);
    let mut back = scene.ann.connect().await?;
    let welcome = back.expect("a welcome", |event| match event {
        Event::Welcome(welcome) => Some(welcome.epoch),
        _ => None,
    });
    let epoch = welcome.await?;
    back.send(&Request::Sync(Sync { epoch, rooms: [(scene.room, seq - 1)].into() })).await?;
    text(&mut back, "boom").await?;
    scene.ends_well(vec![bea_hears, back]).await
}

#[tokio::test]
async fn a_panic_in_the_flusher_of_a_room_sends_its_listeners_away_and_no_other_rooms() -> Result<()> {
    // Of the second room that is made: the lobby and the scene's are there before.
    let scene = scene("flush=3").await?;
    let zed = scene.person("zed").await?;
    let broken_room = zed.create_room("Next door", false).await?;
    assert_eq!(broken_room, 3);
    let mut ann = stage::listen(&scene.ann, Encoding::Json, &[scene.room]).await?;
    let mut broken = zed.connect().await?;
    broken.send(&Request::Join(chinwag_proto::Join { room_id: broken_room })).await?;
    zed.say(broken_room, "it is durable").await?;
    assert_eq!(broken.expect_close().await?, CloseCode::Internal as u16);
    drop(broken);
    let rows = zed.http.get(&format!("/api/rooms/{broken_room}/messages")).await?.data()?;
    assert!(rows.to_string().contains("it is durable"), "{rows}");
    scene.ann.say(scene.room, "quiet here").await?;
    text(&mut ann, "quiet here").await?;
    scene.ends_well(vec![ann]).await
}

#[tokio::test]
async fn a_panic_in_looking_after_a_socket_ends_that_socket() -> Result<()> {
    let scene = scene("tick=zed").await?;
    let ann = stage::listen(&scene.ann, Encoding::Json, &[scene.room]).await?;
    let zed = scene.person("zed").await?;
    let mut broken = zed.connect().await?;
    // Later than the broken one in the sweep's order.
    let mut behind = scene.person("bea").await?.connect().await?;
    behind.send(&Request::Join(chinwag_proto::Join { room_id: scene.room })).await?;
    assert_eq!(broken.expect_close().await?, CloseCode::Internal as u16);
    drop(broken);
    scene.ends_well(vec![ann, behind]).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_in_a_job_is_a_failed_try_and_what_it_left_undone_is_done_after_a_death() -> Result<()> {
    let mut scene = scene("job=empty_log").await?;
    let words = "the harvest of mirabelles";
    let message = scene.ann.say(scene.room, words).await?;
    scene.ann.http.delete(&format!("/api/messages/{}", message["id"])).await?.data()?;
    let http = Http::new(scene.server.address());
    stage::eventually("another try", async || {
        let metrics = http.get_text("/metrics").await?;
        let failures =
            metrics.lines().find_map(|line| line.strip_prefix("chinwag_job_failures_total{kind=\"empty_log\"} "));
        Ok(failures.and_then(|count| count.parse::<u32>().ok()).filter(|count| *count > 2))
    })
    .await?;
    assert!(!found_in(&scene.server, words)?.is_empty(), "nothing was left undone");
    assert!(scene.server.output().contains("asked to panic at job"), "nothing broke");
    block_in_place(|| scene.server.kill())?;
    block_in_place(|| scene.server.restart())?;
    stage::eventually("the erasure", async || Ok(found_in(&scene.server, words)?.is_empty().then_some(()))).await
}
