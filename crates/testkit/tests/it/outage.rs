//! A database server that goes away and comes back, and answers of it that are lost on the way: nobody hears that something is done
//! which is not, nothing is there twice, and sockets stay.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use chinwag_proto::{Event, frame::Encoding};
use chinwag_testkit::{Cast, DbServer, Loss, Person, Process, Proxy, http::Answer};
use serde_json::{Value, json};
use tokio::task::block_in_place;

use crate::{
    load::SETTINGS,
    stage::{listen, until_pong},
};

/// Within this a call is refused, and within this after its return everything works again.
pub const PROMPT: Duration = Duration::from_secs(5);
/// What a machine with much to do may take besides.
pub const SLACK: Duration = Duration::from_millis(1500);

fn process(database: &str) -> Result<Process> {
    block_in_place(|| Process::start(&[&SETTINGS[..], &[("database", database)]].concat()))
}

pub async fn send(person: &Person, room: i64, content: &str, client_id: Option<&str>) -> Result<Answer> {
    let body = json!({"type": "text", "content": content, "client_id": client_id.unwrap_or_default()});
    person.http.post(&format!("/api/rooms/{room}/messages"), body).await
}

pub async fn texts(person: &Person, room: i64) -> Result<Vec<String>> {
    let rows = person.history(room).await?;
    let texts = rows.iter().filter(|row| row["type"] == "text");
    Ok(texts.map(|row| row["content"].as_str().unwrap_or_default().to_owned()).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_became_of_a_commit_whose_answer_is_lost_is_found_out() -> Result<()> {
    for server in block_in_place(|| [DbServer::postgres(), DbServer::mariadb()]) {
        let database = block_in_place(|| server.database())?;
        let proxy = Proxy::start(([127, 0, 0, 1], server.port()).into()).await?;
        let through = database.replace(&format!(":{}/", server.port()), &format!(":{}/", proxy.address().port()));
        let node = process(&through)?;
        let cast = Cast::gather(node.address()).await?;
        let mut bob = listen(&cast.bob, Encoding::Json, &[cast.room]).await?;
        let mut said = Vec::new();
        for (n, loss) in [Loss::Answer, Loss::Word, Loss::Answer, Loss::Word].into_iter().enumerate() {
            // With a client id, which would tell a repetition, and without.
            let (text, id) = (format!("precious {n}"), (n < 2).then(|| format!("precious-{n}")));
            proxy.snip(&text, "COMMIT", loss);
            let sent = send(&cast.alice, cast.room, &text, id.as_deref()).await?;
            ensure!(sent.status == 200 && !proxy.is_to_snip(), "{loss:?} {n}: {sent:?}\n{}", node.output());
            said.push(text);
            // What is no text has no name of its own to be told by.
            let name = format!("precious room {n}");
            proxy.snip(&name, "COMMIT", loss);
            cast.alice.create_room(&name, true).await.with_context(|| node.output())?;
            ensure!(!proxy.is_to_snip(), "{loss:?} {n}");
        }
        ensure!(texts(&cast.alice, cast.room).await? == said, "{:?}", texts(&cast.alice, cast.room).await?);
        let heard = until_pong(&mut bob).await?;
        let heard: Vec<String> = heard
            .into_iter()
            .filter_map(|event| match event {
                Event::Text(text) => Some(text.content),
                _ => None,
            })
            .collect();
        ensure!(heard == said, "{heard:?}");
        let rooms = cast.alice.http.get("/api/rooms").await?.data()?;
        let mut names: Vec<&str> =
            rooms.as_array().into_iter().flatten().filter_map(|room| room["name"].as_str()).collect();
        names.retain(|name| name.starts_with("precious"));
        names.sort_unstable();
        ensure!(names == ["precious room 0", "precious room 1", "precious room 2", "precious room 3"], "{names:?}");
    }
    Ok(())
}

/// In time, with a word when to come again, and as what it is.
pub fn is_refused(answer: &Answer, begun: Instant, what: &str) -> Result<()> {
    let took = begun.elapsed();
    ensure!(answer.status == 503 && answer.body["reason"] == "unavailable", "{what}: {answer:?}");
    ensure!(answer.headers.contains_key("retry-after"), "{what}: {answer:?}");
    ensure!(took < PROMPT + SLACK, "{what} took {took:?}");
    Ok(())
}

async fn go_away_and_come_back(server: DbServer, away: &str) -> Result<()> {
    let database = block_in_place(|| server.database())?;
    let node = process(&database)?;
    let cast = Cast::gather(node.address()).await?;
    let mut bob = listen(&cast.bob, Encoding::Json, &[cast.room]).await?;
    let path = format!("/api/rooms/{}/messages", cast.room);
    ensure!(send(&cast.alice, cast.room, "before", Some("before")).await?.status == 200, "{}", node.output());
    let before = node.output().len();
    block_in_place(|| server.signal(away))?;
    for round in 0..2 {
        let begun = Instant::now();
        let sent = send(&cast.alice, cast.room, "meanwhile", Some("meanwhile"));
        let read = cast.bob.http.get(&path);
        let made =
            cast.alice.http.post("/api/rooms", json!({"name": format!("Meanwhile {round}"), "is_private": true}));
        let (sent, read, made) = tokio::join!(sent, read, made);
        is_refused(&sent?, begun, "a text")?;
        is_refused(&read?, begun, "a history")?;
        is_refused(&made?, begun, "a room")?;
    }
    until_pong(&mut bob).await.context("the socket has gone")?;
    block_in_place(|| if away == "STOP" { server.signal("CONT") } else { server.restart() })?;
    let back = Instant::now();
    loop {
        let sent = send(&cast.alice, cast.room, "meanwhile", Some("meanwhile")).await?;
        if sent.status == 200 {
            break;
        }
        ensure!(sent.status == 503 && back.elapsed() < PROMPT + SLACK, "{sent:?} after {:?}", back.elapsed());
    }
    ensure!(back.elapsed() < PROMPT + SLACK, "{:?}", back.elapsed());
    for after in ["after 1", "after 2"] {
        ensure!(send(&cast.alice, cast.room, after, None).await?.status == 200, "{}", node.output());
    }
    ensure!(
        texts(&cast.bob, cast.room).await? == ["before", "meanwhile", "after 1", "after 2"],
        "{:?}",
        texts(&cast.bob, cast.room).await?
    );
    bob.expect("the last text", |event| matches!(event, Event::Text(text) if text.content == "after 2").then_some(()))
        .await?;
    let output = node.output();
    ensure!(!output.contains("secret"), "{output}");
    // However many were refused. What took long is said besides.
    let is_trouble =
        |line: &&str| [" WARN ", "ERROR "].iter().any(|level| line.contains(level)) && !line.contains("slow");
    let troubles: Vec<&str> = output[before..].lines().filter(is_trouble).collect();
    let is_said = matches!(&troubles[..], [only] if only.contains("the database does not answer: "));
    ensure!(is_said && output.matches("the database answers again").count() == 1, "{}", &output[before..]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgres_that_is_killed_and_comes_back_costs_nobody_a_message() -> Result<()> {
    go_away_and_come_back(block_in_place(DbServer::own_postgres)?, "KILL").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mariadb_that_is_killed_and_comes_back_costs_nobody_a_message() -> Result<()> {
    go_away_and_come_back(block_in_place(DbServer::own_mariadb)?, "KILL").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgres_that_stands_still_and_goes_on_costs_nobody_a_message() -> Result<()> {
    go_away_and_come_back(block_in_place(DbServer::own_postgres)?, "STOP").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mariadb_that_stands_still_and_goes_on_costs_nobody_a_message() -> Result<()> {
    go_away_and_come_back(block_in_place(DbServer::own_mariadb)?, "STOP").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_start_waits_for_its_database_and_says_so() -> Result<()> {
    let (server, mut node) = block_in_place(|| -> Result<(DbServer, Process)> {
        let server = DbServer::own_postgres()?;
        let database = server.database()?;
        server.signal("KILL")?;
        let node = Process::launch(&[&SETTINGS[..], &[("database", database.as_str())]].concat(), None)?;
        Ok((server, node))
    })?;
    let begun = Instant::now();
    while !node.output().contains("The start waits for it") {
        ensure!(begun.elapsed() < PROMPT * 2, "{}", node.output());
        tokio::task::yield_now().await;
    }
    block_in_place(|| server.restart())?;
    let ended = block_in_place(|| node.await_ready_or_end())?;
    ensure!(ended.is_none() && !node.output().contains("secret"), "{ended:?} {}", node.output());
    let ann = Person::register(node.address(), "ann").await?;
    ensure!(ann.http.get("/api/rooms").await?.data()?.as_array() != Some(&Vec::<Value>::new()), "there is a lobby");
    Ok(())
}
