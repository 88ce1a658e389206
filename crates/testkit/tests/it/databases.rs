//! A server whose database is a server of its own, by one setting: as with a file, and beside another server.

use anyhow::{Result, ensure};
use chinwag_proto::{Event, frame::Encoding};
use chinwag_testkit::{Cast, DbServer, Person, Process};
use rustix::process::Signal;
use serde_json::Value;
use tokio::task::block_in_place;

use crate::{load::SETTINGS, stage::listen};

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
