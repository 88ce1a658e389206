//! Several servers on one database and one bus: what is done at the one is told at the other, at once, and without the bus in seconds.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use chinwag_proto::{CloseCode, Event, Join, Request, RoomEvent, StartTyping, frame::Encoding};
use chinwag_testkit::{Broker, Cast, DbServer, Person, Process, Socket, cluster::start_node, files};
use tokio::{task::block_in_place, time::Instant};

use crate::{emojis, load::SETTINGS, stage::listen};

/// Two servers, the people who came in at the first, and bob at the second.
struct Scene {
    bus: Broker,
    one: Process,
    two: Process,
    cast: Cast,
    bob: Person,
}

async fn scene(mut bus: Broker) -> Result<Scene> {
    let (one, two) = block_in_place(|| {
        bus.start()?;
        let (database, url) = (DbServer::postgres().database()?, bus.url());
        let node = |name| start_node(name, &database, &url, &SETTINGS);
        anyhow::Ok((node("one")?, node("two")?))
    })?;
    let cast = Cast::gather(one.address()).await?;
    let bob = Person::log_in(two.address(), "bob").await?;
    Ok(Scene { bus, one, two, cast, bob })
}

pub async fn until_text(socket: &mut Socket, content: &str) -> Result<()> {
    socket.expect("a text", |event| matches!(event, Event::Text(it) if it.content == content).then_some(())).await
}

/// Says something until it is told there within a second: by the bus, then, and not by a look into the database.
pub async fn until_the_bus_carries(from: &Person, to: &mut Socket, room: i64) -> Result<()> {
    let begun = Instant::now();
    for round in 0.. {
        let words = format!("is anybody there? {round}");
        let said = Instant::now();
        from.say(room, &words).await?;
        until_text(to, &words).await?;
        if said.elapsed() < Duration::from_millis(500) {
            return Ok(());
        }
        ensure!(begun.elapsed() < Duration::from_secs(60), "the bus does not come back");
    }
    Ok(())
}

async fn people_of_two_servers_are_together(bus: Broker) -> Result<()> {
    let Scene { bus: mut broker, one, two, cast, bob } = scene(bus).await?;
    let Cast { alice, room, .. } = &cast;
    let mut there = listen(&bob, Encoding::Proto, &[*room]).await?;
    let mut here = listen(alice, Encoding::Json, &[*room]).await?;
    until_the_bus_carries(alice, &mut there, *room).await?;
    until_the_bus_carries(&bob, &mut here, *room).await?;

    here.send(&Request::Typing(StartTyping { room_id: *room })).await?;
    there.expect("typing", |event| matches!(event, Event::Typing(it) if it.user_id == alice.id).then_some(())).await?;

    // Nobody waits for a bus that is away, and nothing is lost.
    block_in_place(|| broker.kill())?;
    let said = Instant::now();
    alice.say(*room, "without a bus").await?;
    ensure!(said.elapsed() < Duration::from_secs(2), "{:?}", said.elapsed());
    until_text(&mut there, "without a bus").await?;
    ensure!(said.elapsed() < Duration::from_secs(6), "{:?}", said.elapsed());
    // Nor does somebody stay outside who was asked in.
    let begun = Instant::now();
    let direct = alice.http.post("/api/rooms/direct", serde_json::json!({"user_id": bob.id})).await?.data()?;
    let added =
        |event: &Event| matches!(event, Event::Room(it) if it.event() == RoomEvent::Added).then(|| event.clone());
    let Event::Room(told) = there.expect("a room", added).await? else { anyhow::bail!("not a room") };
    ensure!(direct["id"] == told.room_id && begun.elapsed() < Duration::from_secs(6), "{told:?} {:?}", begun.elapsed());
    // Nor who was put out and asked in again.
    let removed = |event: &Event| matches!(event, Event::Room(it) if it.event() == RoomEvent::Removed).then_some(());
    for _ in 0..2 {
        alice.http.delete(&format!("/api/rooms/{room}/members/{}", bob.id)).await?.data()?;
        there.expect("that he was removed", removed).await?;
        let begun = Instant::now();
        let asked = serde_json::json!({"role": "member"});
        alice.http.put(&format!("/api/rooms/{room}/members/{}", bob.id), asked).await?.data()?;
        let Event::Room(told) = there.expect("the room again", added).await? else { anyhow::bail!("not a room") };
        ensure!(told.room_id == *room && begun.elapsed() < Duration::from_secs(6), "{told:?} {:?}", begun.elapsed());
        there.send(&Request::Join(Join { room_id: *room })).await?;
        there.expect("who is there", |event| matches!(event, Event::Userlist(_)).then_some(())).await?;
    }
    block_in_place(|| broker.start())?;
    until_the_bus_carries(alice, &mut there, *room).await?;

    alice.http.delete(&format!("/api/rooms/{room}/members/{}", bob.id)).await?.data()?;
    there.expect("that he was removed", removed).await?;
    for server in [&one, &two] {
        let output = server.output();
        ensure!(output.contains("the bus is away") && !output.contains("hidden"), "{output}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_of_two_servers_are_together_over_nats() -> Result<()> {
    people_of_two_servers_are_together(Broker::nats("")?).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_of_two_servers_are_together_over_redis() -> Result<()> {
    people_of_two_servers_are_together(Broker::redis()?).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_emoji_that_is_made_at_one_server_is_told_at_the_other_also_without_the_bus() -> Result<()> {
    let Scene { bus: mut broker, one: _one, two: _two, cast, bob } = scene(Broker::nats("")?).await?;
    let mut there = bob.connect().await?;
    let version = emojis::greeted(&mut there).await?;
    files::emoji(&cast.alice, "tea", &files::png(8, 8)?).await?;
    emojis::told(&mut there, version + 1).await?;
    ensure!(emojis::greeted(&mut bob.connect().await?).await? == version + 1);
    block_in_place(|| broker.kill())?;
    files::emoji(&cast.alice, "cup", &files::png(8, 8)?).await?;
    emojis::told(&mut there, version + 2).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_that_ends_at_one_server_ends_at_the_other() -> Result<()> {
    let scene = scene(Broker::nats("")?).await?;
    let (at_one, bob, two) = (&scene.cast.bob, &scene.bob, &scene.two);
    let mut there = bob.connect().await?;
    there.expect("a welcome", |event| matches!(event, Event::Welcome(_)).then_some(())).await?;
    let sessions = at_one.http.get("/api/auth/sessions").await?.data()?;
    let other = sessions.as_array().context("a list")?.iter().find(|session| session["current"] != true);
    let id = &other.context("another login")?["id"];
    let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
    at_one.http.delete(&format!("/api/auth/sessions/{id}")).await?.data()?;
    let code = there.expect_close().await.with_context(|| two.output())?;
    ensure!(code == CloseCode::SessionEnded as u16, "{code}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_of_one_name_say_so() -> Result<()> {
    block_in_place(|| {
        let mut bus = Broker::nats("")?;
        bus.start()?;
        let (database, url) = (DbServer::postgres().database()?, bus.url());
        let east = || start_node("east", &database, &url, &[]);
        let (one, two) = (east()?, east()?);
        let begun = Instant::now();
        let told = |server: &Process| server.output().contains("another node calls itself east");
        while !told(&one) || !told(&two) {
            // Whatever one of them tells shows it to the other.
            for (server, name) in [(&one, "ann"), (&two, "bob")] {
                let name = format!("{name}{}", begun.elapsed().as_millis());
                tokio::runtime::Handle::current().block_on(async {
                    let person = Person::register(server.address(), &name).await?;
                    person.create_room("Tea", false).await
                })?;
            }
            ensure!(begun.elapsed() < Duration::from_secs(20), "{}", one.output());
        }
        Ok(())
    })
}
