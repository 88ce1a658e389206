//! All data moved to a database server by the command while the server works and people talk: whoever was acknowledged is heard there,
//! exactly once, sessions and cursors hold, and whoever writes in between hears what has happened.

use std::{
    os::unix::process::ExitStatusExt as _,
    process::{Command, ExitStatus, Output},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use chinwag_proto::Event;
use chinwag_testkit::{Cast, DbServer, Person, Process, cast::PASSWORD, process::binary};
use serde_json::json;
use tokio::task::block_in_place;

use crate::load::{self, Load};

/// The process that aborts by itself.
const ABORTED: i32 = 6;

/// `chinwag migrate --to url`, beside the server or without it.
fn migrate(server: &Process, settings: &[(&str, &str)], to: &str, failpoint: Option<&str>) -> Result<Output> {
    let mut command = Command::new(binary()?);
    command.args(["migrate", "--to", to]).env("CHINWAG__DATA_DIR", server.data_dir());
    for (key, value) in settings {
        command.env(format!("CHINWAG__{}", key.to_uppercase()), value);
    }
    command.env_remove("CHINWAG_FAILPOINT").envs(failpoint.map(|point| ("CHINWAG_FAILPOINT", point)));
    block_in_place(|| command.output()).context("the command did not start")
}

fn words(output: &Output) -> String {
    [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned()).concat()
}

fn done(output: &Output) -> Result<String> {
    ensure!(output.status.success(), "{}: {}", output.status, words(output));
    Ok(words(output))
}

/// People who talk, by socket and by HTTP, and two devices that read.
async fn talking(server: &Process) -> Result<(Cast, Load)> {
    let cast = Cast::gather(server.address()).await?;
    let dave = Person::register(server.address(), "dave").await?;
    cast.alice.seat(cast.room, &dave, "member").await?;
    let mut load = Load::begin(&cast.alice, cast.room).await?;
    for (person, window) in [(&cast.alice, 4), (&cast.bob, 2), (&cast.alice, 0)] {
        load.add(person, server.address(), window);
    }
    load.post(&cast.carol, &[server.address()], Duration::from_secs(10));
    for _ in 0..2 {
        load.start(load.talker(&dave, server.address(), 0).following());
    }
    Ok((cast, load))
}

/// Which history the cursors of this person's devices point into.
async fn epoch(person: &Person) -> Result<i64> {
    let mut socket = person.connect().await?;
    socket
        .expect("the welcome", |event| match event {
            Event::Welcome(welcome) => Some(welcome.epoch),
            _ => None,
        })
        .await
}

/// What is no new row in a room of its own: it is edited and recalled while the copy is made.
async fn revise(cast: &Cast, room: i64, round: usize) -> Result<()> {
    let kept = cast.bob.say(room, &format!("first {round}")).await?["id"].clone();
    let taken = cast.bob.say(room, &format!("taken {round}")).await?["id"].clone();
    cast.bob.http.put(&format!("/api/messages/{kept}"), json!({"content": format!("edited {round}")})).await?.data()?;
    cast.bob.http.delete(&format!("/api/messages/{taken}")).await?.data()?;
    Ok(())
}

async fn moves_under_load(server: &'static DbServer) -> Result<()> {
    let mut process = load::process()?;
    let url = block_in_place(|| server.database())?;
    let (cast, mut load) = talking(&process).await?;
    let (room, history) = (cast.bob.create_room("Revised", true).await?, epoch(&cast.bob).await?);
    for round in 0..3 {
        revise(&cast, room, round).await?;
    }
    let old = cast.bob.say(room, "said before it is copied").await?["id"].clone();
    load.acked(100).await?;
    let looked = migrate(&process, &[], "-", None)?;
    ensure!(!looked.status.success(), "there is no URL on standard input");
    // It is killed again and again, and goes on; nothing happens to who talks.
    for point in ["in_stretch:1", "after_stretch:2", "before_moved"] {
        let killed = migrate(&process, &[], &url, Some(point))?;
        ensure!(killed.status.signal() == Some(ABORTED), "{point}: {}: {}", killed.status, words(&killed));
        load.acked(20).await?;
        revise(&cast, room, 10).await?;
        let edit = json!({"content": format!("edited after {point}")});
        cast.bob.http.put(&format!("/api/messages/{old}"), edit).await?.data()?;
    }
    // The copy has bob at this address, and writes alice first.
    for (person, email) in [(&cast.bob, "other@example.org"), (&cast.alice, "bob@example.org")] {
        let change = json!({"email": email, "current_password": PASSWORD});
        person.http.put(&format!("/api/users/{}", person.id), change).await?.data()?;
    }
    let refused = block_in_place(|| Process::launch(&[("database", url.as_str())], None))?;
    assert_refused(refused, "a copy that is not whole yet")?;
    let report = done(&migrate(&process, &[], &url, None)?)?;
    ensure!(report.contains("All data has moved") && !report.contains("secret"), "{report}");
    ensure!(process.data_dir().join("migrate-report.txt").exists(), "{report}");
    // The server still runs, and says what has happened to who writes.
    let said =
        cast.bob.http.post(&format!("/api/rooms/{room}/messages"), json!({"type": "text", "content": "lost?"})).await?;
    ensure!(said.refusal() == (503, "unavailable"), "{said:?}");
    ensure!(said.body["message"].as_str().is_some_and(|words| words.contains("has moved")), "{said:?}");
    let ready = cast.bob.http.get("/health/ready").await?;
    ensure!(ready.status == 503, "{ready:?}");
    let before = cast.bob.history(room).await?;
    block_in_place(|| process.kill())?;
    block_in_place(|| process.relaunch(None))?;
    let ended = block_in_place(|| process.await_ready_or_end())?;
    let output = process.output();
    ensure!(ended.is_some_and(|ended| !ended.success()), "it served what has moved");
    ensure!(output.contains("The data has moved to 127.0.0.1:"), "{output}");
    block_in_place(|| process.restart_as(&[&load::SETTINGS[..], &[("database", url.as_str())]].concat()))?;
    ensure!(cast.bob.history(room).await? == before, "what was edited and recalled");
    ensure!(epoch(&cast.bob).await? == history, "all would load everything anew");
    revise(&cast, room, 99).await?;
    load.acked(50).await?;
    // Everybody is who they were, and nobody was told to load anything anew.
    load.judge(&cast.alice).await?;
    let again = migrate(&process, &[], &url, None)?;
    ensure!(!again.status.success() && words(&again).contains("The data has moved to"), "{}", words(&again));
    Ok(())
}

fn assert_refused(mut server: Process, why: &str) -> Result<()> {
    let ended: Option<ExitStatus> = block_in_place(|| server.await_ready_or_end())?;
    ensure!(ended.is_some_and(|ended| !ended.success()) && server.output().contains(why), "{}", server.output());
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_data_moves_to_postgres_while_people_talk() -> Result<()> {
    moves_under_load(block_in_place(DbServer::postgres)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_data_moves_to_mariadb_while_people_talk() -> Result<()> {
    moves_under_load(block_in_place(DbServer::mariadb)).await
}

/// From a server's database to the file, with the sessions, the cursors and what signs the tokens.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_data_moves_back_to_a_file() -> Result<()> {
    let url = block_in_place(|| DbServer::postgres().database())?;
    let settings = [("database", url.as_str())];
    let mut process = load::process_with(&settings)?;
    let (cast, mut load) = talking(&process).await?;
    load.acked(50).await?;
    let history = epoch(&cast.bob).await?;
    let refused = migrate(&process, &settings, "sqlite", None)?;
    ensure!(!refused.status.success() && words(&refused).contains("another Chinwag is using"), "{}", words(&refused));
    block_in_place(|| process.kill())?;
    let killed = migrate(&process, &settings, "sqlite", Some("before_whole"))?;
    ensure!(killed.status.signal() == Some(ABORTED), "{}", words(&killed));
    block_in_place(|| process.relaunch(None))?;
    let ended = block_in_place(|| process.await_ready_or_end())?;
    ensure!(ended.is_some() && process.output().contains("The data has moved to"), "{}", process.output());
    done(&migrate(&process, &settings, "sqlite", None)?)?;
    block_in_place(|| process.restart_as(&load::SETTINGS))?;
    ensure!(epoch(&cast.bob).await? == history, "all would load everything anew");
    load.acked(50).await?;
    load.judge(&cast.alice).await?;
    Ok(())
}
