//! `kill -9` at any moment, at random ones and at the worst ones: what was acknowledged is there afterwards, and the clients
//! that come back see every change once. Power loss is another matter: see the store's own tests.

use std::{os::unix::process::ExitStatusExt as _, time::Duration};

use anyhow::Result;
use chinwag_testkit::{Cast, Process};
use tokio::task::block_in_place;

use crate::load::{self, Dice, Load};

const ROUNDS: usize = 20;
const START_WITHIN: Duration = Duration::from_secs(2);
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

fn assert_no_panic(server: &Process) {
    let output = server.output();
    assert!(!output.contains("panicked"), "the server panicked:\n{output}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledged_messages_survive_kill_nine() -> Result<()> {
    let mut server = load::process()?;
    let (cast, mut load) = talking(&server).await?;
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
