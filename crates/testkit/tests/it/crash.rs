//! The end of the process at any moment, at random ones and at the worst ones: what was acknowledged is there afterwards, and the
//! clients that come back see every change once. Power loss is another matter: see `power.rs`.

use std::{
    os::unix::process::ExitStatusExt as _,
    time::{Duration, Instant},
};

use anyhow::Result;
use chinwag_testkit::{Cast, Person, Process};
use rustix::process::Signal;
use tokio::task::block_in_place;

use crate::load::{self, Dice, Load};

const ROUNDS: usize = 20;
const START_WITHIN: Duration = Duration::from_secs(2);
const STOP_WITHIN: Duration = Duration::from_secs(15);
const ABORTED: i32 = 6;
/// Milliseconds for which a transaction hangs before it is lost: what was acknowledged or shown too early reaches somebody.
const LINGER: u32 = 100;

/// Three talk, each with several sends in flight; two more devices only listen.
async fn talking(server: &Process) -> Result<(Cast, Load)> {
    let cast = Cast::gather(server.address()).await?;
    let mut load = Load::begin(&cast.alice, cast.room).await?;
    for (person, window) in [(&cast.alice, 4), (&cast.bob, 2), (&cast.carol, 8), (&cast.alice, 0), (&cast.bob, 0)] {
        load.add(person, server.address(), window);
    }
    Ok((cast, load))
}

/// Three talk, and somebody who says nothing reads it on two devices, which follow their own log.
async fn talking_and_reading(server: &Process) -> Result<(Cast, Load)> {
    let cast = Cast::gather(server.address()).await?;
    let dave = Person::register(server.address(), "dave").await?;
    cast.alice.seat(cast.room, &dave, "member").await?;
    let mut load = Load::begin(&cast.alice, cast.room).await?;
    for (person, window) in [(&cast.alice, 4), (&cast.bob, 2), (&cast.carol, 8), (&cast.alice, 0)] {
        load.add(person, server.address(), window);
    }
    for _ in 0..2 {
        load.start(load.talker(&dave, server.address(), 0).following());
    }
    Ok((cast, load))
}

fn assert_no_panic(server: &Process) {
    let output = server.output();
    assert!(!output.contains("panicked"), "the server panicked:\n{output}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_messages_survive_kill_nine() -> Result<()> {
    let mut server = load::process()?;
    let (cast, mut load) = talking_and_reading(&server).await?;
    let mut dice = Dice::new(20);
    let mut starts = Vec::new();
    for _ in 0..ROUNDS {
        load.acked(dice.roll(150) as usize).await?;
        starts.push(block_in_place(|| {
            server.kill()?;
            server.restart()
        })?);
    }
    assert!(starts.iter().all(|start| *start <= START_WITHIN), "starting took {starts:?}");
    load.acked(1).await?;
    load.judge(&cast.alice).await?;
    assert_no_panic(&server);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_stopped_under_load_ends_in_order_and_loses_nothing() -> Result<()> {
    let mut server = load::process()?;
    let (cast, mut load) = talking(&server).await?;
    for _ in 0..3 {
        load.acked(50).await?;
        let begun = Instant::now();
        let ended = block_in_place(|| {
            server.signal(Signal::TERM)?;
            server.await_end()
        })?;
        assert!(ended.success(), "{ended}: {}", server.output());
        assert!(begun.elapsed() < STOP_WITHIN, "stopping took {:?}", begun.elapsed());
        block_in_place(|| server.restart())?;
    }
    load.acked(1).await?;
    load.judge(&cast.alice).await?;
    assert_no_panic(&server);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dying_before_and_after_a_write_a_commit_and_an_ack_loses_nothing() -> Result<()> {
    let mut server = load::process()?;
    let (cast, mut load) = talking(&server).await?;
    for (point, linger) in [("before_begin", 0), ("before_commit", LINGER), ("after_commit", 0), ("after_ack", 0)] {
        for pass in [3, 10, 40] {
            load.acked(1).await?;
            let ended = block_in_place(|| {
                server.kill()?;
                server.restart_with(Some(&format!("{point}:{pass}:{linger}")))?;
                server.await_end()
            })?;
            assert_eq!(ended.signal(), Some(ABORTED), "the server did not die at {point}");
            block_in_place(|| server.restart())?;
        }
    }
    load.acked(1).await?;
    load.judge(&cast.alice).await?;
    assert_no_panic(&server);
    Ok(())
}

/// Every file that a server has, and whether the text can be read in it.
pub fn found_in(server: &Process, text: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut places = vec![server.data_dir().to_owned()];
    while let Some(place) = places.pop() {
        for file in std::fs::read_dir(place)? {
            let path = file?.path();
            if path.is_dir() {
                places.push(path);
            } else if std::fs::read(&path)?.windows(text.len()).any(|bytes| bytes == text.as_bytes()) {
                found.push(path.display().to_string());
            }
        }
    }
    Ok(found)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_recalled_text_is_in_no_file_any_more_once_the_recall_is_answered() -> Result<()> {
    let mut server = load::process()?;
    let (cast, mut load) = talking(&server).await?;
    let (first, second) = ("the harvest of mirabelles", "the harvest of gooseberries");
    // In the lobby: what is edited and recalled is no row of a history, and the checker would miss it.
    let message = cast.bob.say(1, first).await?;
    let path = format!("/api/messages/{}", message["id"]);
    load.acked(50).await?;
    cast.bob.http.put(&path, serde_json::json!({ "content": second })).await?.data()?;
    for text in [first, second] {
        assert!(!found_in(&server, text)?.is_empty(), "{text} is looked for in the wrong place");
    }
    cast.bob.http.delete(&path).await?.data()?;
    block_in_place(|| server.kill())?;
    for text in [first, second] {
        assert_eq!(found_in(&server, text)?, [""; 0], "{text}");
    }
    block_in_place(|| server.restart())?;
    load.acked(1).await?;
    load.judge(&cast.alice).await?;
    Ok(())
}
