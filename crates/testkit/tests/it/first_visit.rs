//! What a first visit costs and learns: long lists come compressed, secrets never do, and the socket names the web client.

use anyhow::{Context as _, Result};
use chinwag_proto::Event;
use chinwag_testkit::{Cast, cast::PASSWORD};
use reqwest::StatusCode;
use serde_json::json;

use crate::stage::{self, request};

#[tokio::test]
async fn long_lists_are_compressed_and_what_hands_out_a_secret_is_not() -> Result<()> {
    let server = stage::server().await?;
    let cast = Cast::gather(server.address()).await?;
    let alice = &cast.alice;
    let description = "A purpose of some length, so that a list of rooms is worth compressing. ".repeat(2);
    for at in 0..12 {
        let room = json!({"name": format!("room {at}"), "description": description});
        alice.http.post("/api/rooms", room).await?.data()?;
    }
    let bearer = format!("Bearer {}", alice.token());
    let gzip = ("accept-encoding", "gzip");
    let json = ("content-type", "application/json");
    let credential = ("authorization", &*bearer);

    let rooms = request(server.address(), "GET", "/api/rooms", &[gzip, credential], "").await?;
    assert_eq!(rooms.headers.get("content-encoding").context("no encoding")?, "gzip");
    assert!(rooms.headers.get_all("vary").iter().any(|value| value == "accept-encoding"), "{:?}", rooms.headers);
    let plain = request(server.address(), "GET", "/api/rooms", &[credential], "").await?;
    assert!(plain.headers.get("content-encoding").is_none(), "who does not ask for gzip gets none");
    assert_eq!(plain.body["data"].as_array().context("no list")?.len(), 14, "the lobby, the cast's room, and twelve");
    let short = request(server.address(), "GET", "/api/auth/userinfo", &[gzip, credential], "").await?;
    assert!(short.headers.get("content-encoding").is_none(), "a short answer gains nothing");

    let log_in = json!({"username": alice.name, "password": PASSWORD}).to_string();
    for (path, headers, body) in [
        ("/api/auth/login", vec![gzip, json], log_in),
        ("/api/ws/ticket", vec![gzip, json, credential], "{}".to_owned()),
        ("/api/rooms", vec![gzip, json, credential], json!({"name": "long", "description": description}).to_string()),
    ] {
        let answer = request(server.address(), "POST", path, &headers, body).await?;
        assert!(answer.status == StatusCode::OK, "{path}: {}", answer.body);
        assert!(answer.headers.get("content-encoding").is_none(), "{path} is compressed");
    }
    Ok(())
}

#[tokio::test]
async fn the_welcome_names_the_web_client_that_the_page_is() -> Result<()> {
    let server = stage::server().await?;
    let cast = Cast::gather(server.address()).await?;
    let html = reqwest::get(format!("http://{}/", server.address())).await?.text().await?;
    let named = html.split_once("name=\"chinwag-build\" content=\"").and_then(|(_, rest)| rest.split_once('"'));
    let mut socket = cast.alice.connect().await?;
    let Event::Welcome(welcome) = socket.next().await? else { anyhow::bail!("the first frame is no welcome") };
    assert_eq!(welcome.build, named.map(|(word, _)| word).unwrap_or_default());
    Ok(())
}
