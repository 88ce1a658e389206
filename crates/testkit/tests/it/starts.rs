//! A start that does not come to its end: the first one of all, one that brings an older database up to date, and one on a
//! database that was restored, killed at any moment. The next start makes good what is missing. A server that runs is killed in
//! `crash.rs`; which ways to restore are noticed is tried in the store's own tests.

use std::{fs, os::unix::process::ExitStatusExt as _, thread::sleep, time::Duration};

use anyhow::{Result, bail, ensure};
use chinwag_proto::{Event, Request, ResyncReason, Sync};
use chinwag_testkit::{Cast, Person, Process};
use rustix::process::Signal;
use tokio::task::block_in_place;

use crate::{
    load::{self, Dice, Load, SETTINGS},
    stage::number,
};

/// First starts that are killed at a moment that chance gives, and how long they have at most.
const ROUNDS: usize = 10;
const ALIVE_MS: u64 = 300;
const ABORTED: i32 = 6;
/// Where a start writes down which database it has found.
const NOTES: [&str; 2] = ["marker_written", "epoch_written"];
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

/// The epoch that a socket is told, and what it hears about a cursor of such an epoch.
pub async fn resume(person: &Person, room: i64, cursor: Option<(i64, i64)>) -> Result<(i64, Option<Event>)> {
    let mut socket = person.connect().await?;
    let epoch = socket.expect("the welcome", |event| match event {
        Event::Welcome(welcome) => Some(welcome.epoch),
        _ => None,
    });
    let epoch = epoch.await?;
    let Some((old, after)) = cursor else { return Ok((epoch, None)) };
    socket.send(&Request::Sync(Sync { epoch: old, rooms: [(room, after)].into() })).await?;
    loop {
        let event = socket.next().await?;
        if matches!(event, Event::Synced(_) | Event::Resync(_)) {
            return Ok((epoch, Some(event)));
        }
    }
}

/// A client that was ahead of the backup must not take new messages for those that it has.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_restore_clients_load_everything_anew_wherever_the_start_dies() -> Result<()> {
    let mut server = load::process()?;
    let cast = Cast::gather(server.address()).await?;
    let (alice, room) = (&cast.alice, cast.room);
    let database = server.data_dir().join("chinwag.db");
    let backup = server.data_dir().with_file_name("backup.db");
    alice.say(room, "in the backup").await?;
    block_in_place(|| {
        server.signal(Signal::TERM)?;
        server.await_end()?;
        fs::copy(&database, &backup)?;
        server.restart()
    })?;
    let mut epochs = Vec::new();
    for failpoint in [None].into_iter().chain(NOTES.map(Some)) {
        for text in ["lost", "lost, too"] {
            alice.say(room, text).await?;
        }
        let cursor = number(&alice.say(room, "the last that the client has").await?["seq"]);
        let (epoch, _) = resume(alice, room, None).await?;
        ensure!(!epochs.contains(&epoch), "the epoch {epoch} is an old one: {epochs:?}");
        epochs.push(epoch);
        block_in_place(|| {
            server.kill()?;
            for companion in ["db-wal", "db-shm"] {
                fs::remove_file(database.with_extension(companion))?;
            }
            // Over the file, which stays the same one.
            fs::copy(&backup, &database)?;
            if let Some(name) = failpoint {
                server.relaunch(Some(name))?;
                ensure!(server.await_end()?.signal() == Some(ABORTED), "it did not die at {name}");
            }
            server.restart()?;
            Ok(())
        })?;
        for n in 0..5 {
            alice.say(room, &format!("after the restore {n}")).await?;
        }
        let (now, told) = resume(alice, room, Some((epoch, cursor))).await?;
        ensure!(now != epoch, "the epoch stayed");
        ensure!(
            matches!(&told, Some(Event::Resync(resync)) if resync.reason() == ResyncReason::Epoch),
            "{failpoint:?}: {told:?}"
        );
    }
    let mut load = Load::begin(alice, room).await?;
    for (person, window) in [(alice, 2), (&cast.bob, 2), (&cast.carol, 0)] {
        load.add(person, server.address(), window);
    }
    load.acked(10).await?;
    // And where nothing was restored nobody is told so, wherever the start dies.
    for name in NOTES {
        block_in_place(|| {
            server.kill()?;
            server.relaunch(Some(name))?;
            ensure!(server.await_end()?.signal() == Some(ABORTED), "it did not die at {name}");
            server.restart()
        })?;
        load.acked(10).await?;
    }
    load.judge(alice).await?;
    Ok(())
}
