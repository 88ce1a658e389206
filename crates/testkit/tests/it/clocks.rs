//! Nodes whose clocks are minutes apart, and jump: the order of what is said is nobody's clock's, no socket is lost, and no id is given
//! twice.

use anyhow::{Context as _, Result, ensure};
use chinwag_proto::frame::Encoding;
use chinwag_testkit::{
    Broker, Cast, DbServer, Person, Process,
    cluster::{shared, start_node},
    set_clock,
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::block_in_place;

use crate::{
    load::{Load, SETTINGS},
    nodes::until_the_bus_carries,
    stage::listen,
};

/// Seconds by which the clock of the second node is off when it starts.
const AT_START: i64 = 600;
/// And then, one after the other: forwards, by more than a login lasts, and back behind where it was.
const JUMPS: [i64; 5] = [-600, 1_200, 40 * 24 * 3_600, 0, 600];

/// When it was said, in seconds.
fn said_at(row: &Value) -> Result<i64> {
    Ok(row["created_at"].as_str().context("no time")?.parse::<jiff::Timestamp>()?.as_second())
}

/// When the server wrote its first line, in seconds, by its own clock.
fn first_line(server: &Process) -> Result<i64> {
    let output = server.output();
    let time = output.lines().find_map(|line| line.split(' ').next()?.parse::<jiff::Timestamp>().ok());
    Ok(time.with_context(|| format!("no line with a time: {output}"))?.as_second())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clocks_that_jump_change_no_order_and_drop_no_socket() -> Result<()> {
    let home = TempDir::with_prefix("chinwag-clock-")?;
    let clock = home.path().join("clock");
    set_clock(&clock, AT_START)?;
    let mut bus = Broker::nats("")?;
    let (one, two) = block_in_place(|| {
        bus.start()?;
        let (database, url) = (DbServer::postgres().database()?, bus.url());
        let one = start_node("one", &database, &url, &SETTINGS)?;
        let two = Process::start_by_clock(&[&shared("two", &database, &url)[..], &SETTINGS].concat(), &clock)?;
        anyhow::Ok((one, two))
    })?;
    let apart = first_line(&two)? - first_line(&one)?;
    ensure!((apart - AT_START).abs() < 60, "the clocks are {apart} s apart and not {AT_START}");
    let cast = Cast::gather(one.address()).await?;
    let bob = Person::log_in(two.address(), "bob").await?;
    for person in [&cast.alice, &bob] {
        person.say(cast.room, "what time is it?").await?;
    }
    let rows = cast.alice.history(cast.room).await?;
    let times = rows.iter().filter(|row| row["content"] == "what time is it?").map(said_at);
    let times = times.collect::<Result<Vec<_>>>()?;
    ensure!(matches!(times[..], [here, there] if (there - here).abs() < 60), "each has a time of its own: {times:?}");
    let mut load = Load::begin(&cast.alice, cast.room).await?;
    load.add(&cast.alice, one.address(), 2);
    load.add(&cast.bob, two.address(), 2);
    for (person, node) in [(&cast.carol, &one), (&cast.alice, &two), (&cast.carol, &two)] {
        load.add(person, node.address(), 0);
    }
    load.acked(100).await?;
    for jump in JUMPS {
        set_clock(&clock, jump)?;
        load.acked(200).await?;
        bob.http.get("/api/auth/userinfo").await?.data().with_context(|| format!("no login after a jump by {jump}"))?;
    }
    let talkers = load.judge(&cast.alice).await?;
    for talker in &talkers {
        ensure!(talker.lost.is_empty(), "{} lost a line: {:?}", talker.person().name, talker.lost);
    }
    for node in [&one, &two] {
        ensure!(!node.output().contains("panicked"), "{}", node.output());
    }
    Ok(())
}

/// Its name is given, and its data directory is new: nothing but the clock says that it began later than the one before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_goes_on_elsewhere_is_heard_whatever_the_clock_is_there() -> Result<()> {
    let home = TempDir::with_prefix("chinwag-clock-")?;
    let clock = home.path().join("clock");
    set_clock(&clock, -AT_START)?;
    let mut bus = Broker::nats("")?;
    let (database, url) = block_in_place(|| {
        bus.start()?;
        anyhow::Ok((DbServer::postgres().database()?, bus.url()))
    })?;
    let node = |name| block_in_place(|| start_node(name, &database, &url, &SETTINGS));
    let (one, mut two) = (node("one")?, node("two")?);
    let cast = Cast::gather(one.address()).await?;
    let mut here = listen(&cast.alice, Encoding::Proto, &[cast.room]).await?;
    let bob = Person::log_in(two.address(), "bob").await?;
    until_the_bus_carries(&bob, &mut here, cast.room).await?;
    let two = block_in_place(|| {
        two.kill()?;
        Process::start_by_clock(&[&shared("two", &database, &url)[..], &SETTINGS].concat(), &clock)
    })?;
    let bob = Person::log_in(two.address(), "bob").await?;
    until_the_bus_carries(&bob, &mut here, cast.room).await
}
