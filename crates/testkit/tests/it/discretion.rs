//! What the log says of people: that something happened, never what they wrote and never what opens a door.

use anyhow::{Context as _, Result, ensure};
use chinwag_proto::{EditText, Request, SendText, frame::Encoding};
use chinwag_testkit::{Cast, Http, Process, Socket, cast::PASSWORD, socket::Credential};
use serde_json::json;

use crate::stage;

/// In every text, name and description that is written here.
const WORDS: &str = "plumblossom";
const WRONG_PASSWORD: &str = "quince-harbour-31-lantern";

#[tokio::test]
async fn the_log_knows_no_secret_and_nothing_that_people_wrote() -> Result<()> {
    let mut server = Process::start(&[("log.level", "debug")])?;
    let address = server.address();
    let Cast { alice, bob, room, .. } = Cast::gather(address).await?;
    let http = Http::new(address);
    let login = http.post("/api/auth/login", json!({"username": "alice", "password": PASSWORD})).await?.data()?;
    let refused = json!({"username": "alice", "password": WRONG_PASSWORD});
    assert_eq!(http.post("/api/auth/login", refused).await?.refusal().0, 401);
    let refresh = login["refresh_token"].as_str().context("a refresh token")?;
    let renewed = http.post("/api/auth/refresh", json!({"refresh_token": refresh})).await?.data()?;
    let ticket = bob.http.post("/api/ws/ticket", json!({})).await?.data()?;
    let ticket = ticket["ticket"].as_str().context("a ticket")?;
    drop(Socket::connect(address, Credential::Query(bob.token())).await?);
    assert!(Socket::open(address, "/ws", Credential::Query(WRONG_PASSWORD), Encoding::Json).await?.is_err());

    let text = |content: String, reply_to| {
        Request::Text(SendText {
            room_id: room,
            content,
            client_id: format!("{WORDS}-{reply_to:?}"),
            reply_to,
            ..SendText::default()
        })
    };
    let mut socket = stage::listen(&alice, Encoding::Json, &[room]).await?;
    let edit = EditText { message_id: 42, content: WORDS.into(), client_id: String::new() };
    // Said, said twice with another body, too long, an answer to nothing, an edit of nothing.
    for request in [
        text(WORDS.into(), None),
        text(format!("{WORDS} again"), None),
        text(WORDS.repeat(1_000), Some(1)),
        text(WORDS.into(), Some(42)),
        Request::Edit(edit),
    ] {
        socket.send(&request).await?;
        stage::until_pong(&mut socket).await?;
    }
    alice.http.put(&format!("/api/rooms/{room}"), json!({"description": WORDS})).await?.data()?;
    alice.http.put(&format!("/api/users/{}", alice.id), json!({"bio": WORDS, "status_text": WORDS})).await?.data()?;
    alice.http.get(&format!("/api/rooms/search?name={WORDS}")).await?.data()?;
    alice.http.post("/api/rooms", json!({"name": WORDS, "is_private": WORDS})).await?;

    server.kill()?;
    let log = server.output();
    ensure!(log.contains("DEBUG"), "the log says little: {log}");
    let tokens = [&login["token"], &renewed["token"], &renewed["refresh_token"]];
    let tokens = tokens.into_iter().filter_map(|token| token.as_str());
    let secrets = tokens.chain([WORDS, PASSWORD, WRONG_PASSWORD, refresh, ticket, alice.token(), bob.token()]);
    for secret in secrets {
        let told = log.lines().find(|line| line.contains(secret));
        assert_eq!(told, None, "the log holds {secret}");
    }
    Ok(())
}
