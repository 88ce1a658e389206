//! A start that does not come to its end: the first one of all and one that brings an older database up to date, killed at
//! any moment. The next start makes good what is missing, and nobody notices. A server that runs is killed in `crash.rs`.

use std::{os::unix::process::ExitStatusExt as _, thread::sleep, time::Duration};

use anyhow::{Result, bail, ensure};
use chinwag_testkit::{Cast, Process};
use tokio::task::block_in_place;

use crate::load::{Dice, Load, SETTINGS};

/// First starts that are killed at a moment that chance gives, and how long they have at most.
const ROUNDS: usize = 10;
const ALIVE_MS: u64 = 300;
const ABORTED: i32 = 6;
/// More than there are steps of the database.
const MANY: usize = 100;

/// People meet on the server, talk, and find everything afterwards, also after one more `kill -9`.
async fn prove(server: &mut Process) -> Result<()> {
    let cast = Cast::gather(server.address()).await?;
    let mut load = Load::begin(&cast.alice, cast.room).await?;
    for (person, window) in [(&cast.alice, 2), (&cast.bob, 2), (&cast.carol, 0)] {
        load.add(person, server.address(), window);
    }
    load.acked(10).await?;
    block_in_place(|| {
        server.kill()?;
        server.restart()
    })?;
    load.acked(10).await?;
    load.judge(&cast.alice).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_start_that_is_killed_at_any_moment_is_made_good_by_the_next() -> Result<()> {
    let mut dice = Dice::new(5);
    for _ in 0..ROUNDS {
        let mut server = block_in_place(|| {
            let mut server = Process::launch(&SETTINGS, None)?;
            sleep(Duration::from_millis(dice.roll(ALIVE_MS)));
            server.kill()?;
            server.restart()?;
            anyhow::Ok(server)
        })?;
        prove(&mut server).await?;
    }
    Ok(())
}

/// Each death leaves the database with one step more than the last one, or with the same steps: between them are all schemas
/// that there ever were.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_that_dies_within_and_after_each_step_of_the_database_is_made_good_by_the_next() -> Result<()> {
    let mut server = block_in_place(|| {
        let mut server = Process::launch(&SETTINGS, Some("in_migration"))?;
        ensure!(server.await_end()?.signal() == Some(ABORTED), "there was no first step: {}", server.output());
        for _ in 0..MANY {
            server.relaunch(Some("after_migration"))?;
            match server.await_ready_or_end()? {
                None => return Ok(server),
                Some(ended) => ensure!(ended.signal() == Some(ABORTED), "{ended}: {}", server.output()),
            }
            server.relaunch(Some("in_migration"))?;
            match server.await_ready_or_end()? {
                // That was the last step.
                None => return Ok(server),
                Some(ended) => ensure!(ended.signal() == Some(ABORTED), "{ended}: {}", server.output()),
            }
        }
        bail!("the steps do not end")
    })?;
    prove(&mut server).await
}
