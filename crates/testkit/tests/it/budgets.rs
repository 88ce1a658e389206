//! Every call is paid for by somebody: reads by the person, calls without a login by the line they come over.

use anyhow::{Context as _, Result, bail, ensure};
use chinwag_testkit::{Http, Person};
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

#[tokio::test]
async fn every_read_is_paid_for_by_the_person_and_every_open_door_by_the_line() -> Result<()> {
    let server = stage::server_with(|config| {
        config.limits.frames_per_second = 1;
        config.limits.frames_burst = 1;
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
    let free = ["/health", "/health/live", "/metrics"];
    for (method, path, _) in operations.iter().filter(|(_, path, open)| *open && !free.contains(&path.as_str())) {
        spend(&server.http(), method, path).await?;
    }
    // Who shows a token that does not hold is a stranger, too.
    spend(&server.http().with_token("guess"), "GET", "/api/rooms").await?;
    let rooms = bob.http.get("/api/rooms").await?;
    assert_eq!((rooms.status.as_u16(), rooms.body["data"].as_array().map(Vec::is_empty)), (200, Some(false)));
    Ok(())
}
