//! Every call is paid for by somebody: reads by the person, calls without a login by the line they come over.

use anyhow::{Context as _, Result, bail, ensure};
use chinwag_proto::frame::Encoding;
use chinwag_testkit::{Http, Person, Server, Socket, socket::Credential};
use serde_json::json;

use crate::stage;

/// More than any budget of the server of these tests.
const MANY: usize = 100;

/// Asks until the budget is spent.
async fn spend(door: &Http, method: &str, path: &str) -> Result<()> {
    for _ in 0..MANY {
        let answer = if method == "GET" { door.get(path).await? } else { door.post(path, json!({})).await? };
        if answer.status == 429 {
            ensure!(answer.headers.contains_key("retry-after"), "{method} {path} does not say when to come back");
            return Ok(());
        }
    }
    bail!("{method} {path} is paid for by nobody")
}

/// Method, path and whether no login is needed.
async fn operations(door: &Http) -> Result<Vec<(String, String, bool)>> {
    let document = door.get("/api/openapi.json").await?.body;
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().context("no paths")? {
        for (method, operation) in item.as_object().context("no operations")? {
            let ways = operation["security"].as_array();
            let open = ways.is_some_and(|ways| ways.contains(&json!({})));
            found.push((method.to_uppercase(), path.replace("{id}", "1").replace("{user_id}", "1"), open));
        }
    }
    ensure!(found.len() > 40, "the document is not whole");
    Ok(found)
}

/// Whatever they ask for: the line is spent once, and every door knows it.
#[tokio::test]
async fn who_shows_a_token_that_does_not_hold_is_a_stranger_at_every_door() -> Result<()> {
    let server = stage::server_with(|config| {
        config.limits.frames_per_second = 1;
        config.limits.frames_burst = 1;
    })
    .await?;
    let alice = Person::register(server.address(), "alice").await?;
    let stranger = server.http().with_token("guess");
    let operations = operations(&server.http()).await?;
    for (method, path, _) in operations.iter().filter(|(method, _, open)| method == "GET" && !open) {
        spend(&stranger, method, path).await?;
    }
    let origin = format!("http://{}", server.address());
    let cookie = Credential::Cookie { cookie: "chinwag_session=guess", origin: &origin };
    for credential in [Credential::Bearer("guess"), Credential::Query("guess"), Credential::Ticket("guess"), cookie] {
        open_until_refused(&server, credential, 401).await?;
    }
    assert_eq!(alice.http.get("/api/rooms").await?.status, 200, "alice shares the line and shows who she is");
    open_until_refused(&server, Credential::Bearer(alice.http.token().context("a token")?), 200).await
}

/// Opens sockets until the budget is spent; before that the answer is this one.
async fn open_until_refused(server: &Server, credential: Credential<'_>, before: u16) -> Result<()> {
    for _ in 0..MANY {
        match Socket::open(server.address(), "/ws", credential, Encoding::Json)
            .await?
            .map_or_else(|status| status, |_| 200)
        {
            429 => return Ok(()),
            status => ensure!(status == before, "{status} to {credential:?}"),
        }
    }
    bail!("{credential:?} is paid for by nobody")
}

/// A line that has spent its budget opens no socket of a guest either. So few are tried that each would find a place.
async fn knock_until_refused(server: &Server) -> Result<()> {
    let mut inside = Vec::new();
    for _ in 0..10 {
        spend(&server.http(), "GET", "/api/server").await?;
        match Socket::open(server.address(), "/ws/lobby", Credential::Nothing, Encoding::Json).await? {
            Err(429) => return Ok(()),
            Err(status) => bail!("{status} at the guests' door"),
            Ok(guest) => inside.push(guest),
        }
    }
    bail!("the guests' door is paid for by nobody")
}

#[tokio::test]
async fn every_read_is_paid_for_by_the_person_and_every_open_door_by_the_line() -> Result<()> {
    let server = stage::server_with(|config| {
        config.limits.frames_per_second = 1;
        config.limits.frames_burst = 1;
        config.guests = true;
    })
    .await?;
    let (alice, bob) =
        (Person::register(server.address(), "alice").await?, Person::register(server.address(), "bob").await?);
    let operations = operations(&server.http()).await?;
    for (method, path, _) in operations.iter().filter(|(method, _, open)| method == "GET" && !open) {
        spend(&alice.http, method, path).await?;
    }
    assert_eq!(bob.http.get("/api/rooms").await?.status, 200, "bob has a budget of his own");
    // They say what is known beforehand.
    let free = ["/api/files/uploads", "/health", "/health/live", "/metrics"];
    for (method, path, _) in operations.iter().filter(|(_, path, open)| *open && !free.contains(&path.as_str())) {
        spend(&server.http(), method, path).await?;
    }
    knock_until_refused(&server).await?;
    let rooms = bob.http.get("/api/rooms").await?;
    assert_eq!((rooms.status.as_u16(), rooms.body["data"].as_array().map(Vec::is_empty)), (200, Some(false)));
    Ok(())
}
