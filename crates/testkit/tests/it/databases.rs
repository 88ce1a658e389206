//! A server whose database is a server of its own, by one setting: as with a file, and beside another server.

use std::process::{Command, Output};

use anyhow::{Result, ensure};
use chinwag_proto::{Event, ResyncReason, frame::Encoding};
use chinwag_testkit::{Cast, DbServer, Person, Process, process::binary};
use rustix::process::Signal;
use serde_json::Value;
use tokio::task::block_in_place;

use crate::{
    load::SETTINGS,
    stage::{listen, number},
    starts::resume,
};

/// A new, empty database of each engine.
fn databases() -> Result<[String; 2]> {
    block_in_place(|| Ok([DbServer::postgres().database()?, DbServer::mariadb().database()?]))
}

/// A server on it.
fn process(database: &str) -> Result<Process> {
    block_in_place(|| Process::start(&[&SETTINGS[..], &[("database", database)]].concat()))
}

async fn texts(person: &Person, room: i64) -> Result<Vec<Value>> {
    let rows = person.history(room).await?;
    Ok(rows.iter().filter(|row| row["type"] == "text").map(|row| row["content"].clone()).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_meet_talk_and_find_it_after_a_restart_and_a_kill() -> Result<()> {
    for database in databases()? {
        let mut server = process(&database)?;
        let cast = Cast::gather(server.address()).await?;
        let mut bob = listen(&cast.bob, Encoding::Proto, &[cast.room]).await?;
        cast.alice.say(cast.room, "one").await?;
        bob.expect("the text", |event| matches!(event, Event::Text(_)).then_some(())).await?;
        block_in_place(|| {
            server.signal(Signal::TERM)?;
            ensure!(server.await_end()?.success(), "{}", server.output());
            server.restart()
        })?;
        cast.alice.say(cast.room, "two").await?;
        block_in_place(|| {
            server.kill()?;
            server.restart()
        })?;
        cast.bob.say(cast.room, "three").await?;
        ensure!(texts(&cast.alice, cast.room).await? == ["one", "two", "three"], "{:?}", server.output());
        let output = server.output();
        ensure!(output.contains("Database  127.0.0.1:") && !output.contains("secret"), "{output}");
        ensure!(!server.data_dir().join("chinwag.db").exists(), "there is a file beside it");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_on_one_database_are_one_place() -> Result<()> {
    for database in databases()? {
        let (one, two) = (process(&database)?, process(&database)?);
        let warned = [&one, &two].map(|node| node.output().contains("another server is at work on this database"));
        ensure!(warned == [false, true], "{}{}", one.output(), two.output());
        let cast = Cast::gather(one.address()).await?;
        cast.alice.say(cast.room, "before").await?;
        let bob = Person::log_in(two.address(), "bob").await?;
        let mut there = listen(&bob, Encoding::Json, &[cast.room]).await?;
        cast.alice.say(cast.room, "from one").await?;
        there.expect("the text", |event| matches!(event, Event::Text(_)).then_some(())).await?;
        bob.say(cast.room, "from two").await?;
        ensure!(texts(&cast.alice, cast.room).await? == ["before", "from one", "from two"], "{}", two.output());
    }
    Ok(())
}

/// `chinwag restored`, by the settings of this server.
fn restored(server: &Process, database: &str) -> Result<Output> {
    let mut command = Command::new(binary()?);
    command.arg("restored").env("CHINWAG__DATABASE", database).env("CHINWAG__DATA_DIR", server.data_dir());
    Ok(block_in_place(|| command.output())?)
}

/// Nobody but whoever did it knows that a database server was set back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_restored_a_database_server_says_so_and_clients_load_everything_anew() -> Result<()> {
    for database in databases()? {
        let mut server = process(&database)?;
        let cast = Cast::gather(server.address()).await?;
        let cursor = number(&cast.alice.say(cast.room, "the last that the client has").await?["seq"]);
        let (epoch, _) = resume(&cast.alice, cast.room, None).await?;
        let refused = restored(&server, &database)?;
        let words = String::from_utf8_lossy(&refused.stderr);
        ensure!(!refused.status.success() && words.contains("another Chinwag is using"), "it runs: {words}");
        for is_restored in [false, true] {
            block_in_place(|| {
                server.signal(Signal::TERM)?;
                ensure!(server.await_end()?.success(), "{}", server.output());
                anyhow::Ok(())
            })?;
            if is_restored {
                let said = restored(&server, &database)?;
                let words = format!("{said:?}");
                ensure!(said.status.success() && words.contains("anew") && !words.contains("secret"), "{words}");
            }
            block_in_place(|| server.restart())?;
            let (now, told) = resume(&cast.alice, cast.room, Some((epoch, cursor))).await?;
            let is_resynced = matches!(&told, Some(Event::Resync(resync)) if resync.reason() == ResyncReason::Epoch);
            ensure!(is_resynced == is_restored && (now != epoch) == is_restored, "{is_restored}: {now} {told:?}");
        }
    }
    Ok(())
}
