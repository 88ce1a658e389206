//! Refresh tokens: each works once, and who shows a spent one has stolen it, or was stolen from.

use anyhow::{Context as _, Result, ensure};
use chinwag_testkit::{Server, Socket, http::Answer, socket::Credential};
use futures_util::future::join_all;
use serde_json::json;
use tokio::time::Instant;

use crate::{
    accounts::{assert_ended, register},
    stage,
};

pub(crate) async fn refresh(server: &Server, token: &str) -> Result<Answer> {
    refresh_on(server, "tests", token).await
}

async fn refresh_on(server: &Server, device: &str, token: &str) -> Result<Answer> {
    server.http().on_device(device).post("/api/auth/refresh", json!({"refresh_token": token})).await
}

#[tokio::test]
async fn a_refresh_token_works_once_and_its_reuse_ends_the_session() -> Result<()> {
    let server = stage::server().await?;
    let http = server.http().on_device("tests");
    let answer = http.post("/api/auth/register", register("alice", "a@example.org")).await?.data()?;
    let first = answer["refresh_token"].as_str().context("a token")?.to_owned();
    let renewed = refresh(&server, &first).await?.data()?;
    let second = renewed["refresh_token"].as_str().context("a token")?.to_owned();
    ensure!(first != second, "the token did not rotate");
    let alice = server.http().with_token(renewed["token"].as_str().context("a token")?);
    alice.get("/api/auth/userinfo").await?.data()?;
    let own = alice.post("/api/auth/refresh", json!({})).await?.data()?;
    assert!(own["token"].is_string() && own.get("refresh_token").is_none(), "{own}");

    let socket = Socket::connect(server.address(), Credential::Bearer(alice.token().unwrap_or_default())).await?;
    let asked = Instant::now();
    assert_eq!(refresh_on(&server, "a thief", &first).await?.refusal(), (401, "session_ended"));
    assert_ended(socket, asked).await?;
    assert_eq!(alice.get("/api/auth/userinfo").await?.refusal(), (401, "session_ended"));
    assert_eq!(refresh(&server, &second).await?.status, 401);
    assert_eq!(refresh(&server, "guess").await?.refusal(), (401, "unauthorized"));
    Ok(())
}

/// The thief may have gone on several times before the owner comes.
#[tokio::test]
async fn a_refresh_token_that_was_spent_before_the_last_one_ends_the_session_too() -> Result<()> {
    let server = stage::server().await?;
    let http = server.http().on_device("tests");
    let answer = http.post("/api/auth/register", register("alice", "a@example.org")).await?.data()?;
    let stolen = answer["refresh_token"].as_str().context("a token")?.to_owned();
    let mut held = stolen.clone();
    for _ in 0..3 {
        let renewed = refresh_on(&server, "a thief", &held).await?.data()?;
        held = renewed["refresh_token"].as_str().context("a token")?.to_owned();
    }
    assert_eq!(refresh(&server, &stolen).await?.refusal(), (401, "session_ended"));
    assert_eq!(refresh_on(&server, "a thief", &held).await?.refusal(), (401, "unauthorized"));
    Ok(())
}

#[tokio::test]
async fn two_refreshes_at_once_of_one_device_leave_a_token_that_works() -> Result<()> {
    let server = stage::server().await?;
    let http = server.http().on_device("tests");
    let answer = http.post("/api/auth/register", register("alice", "a@example.org")).await?.data()?;
    let token = answer["refresh_token"].as_str().context("a token")?;
    for answer in join_all((0..10).map(|_| refresh(&server, token))).await {
        let next = answer?.data()?["refresh_token"].as_str().context("a token")?.to_owned();
        // All were given the same one; who comes later finds it spent, a moment ago.
        refresh(&server, &next).await?.data()?;
    }
    Ok(())
}

#[tokio::test]
async fn a_refresh_token_that_many_devices_use_at_once_serves_one_at_most() -> Result<()> {
    let server = stage::server().await?;
    let answer = server.http().post("/api/auth/register", register("alice", "a@example.org")).await?.data()?;
    let token = answer["refresh_token"].as_str().context("a token")?;
    let devices: Vec<String> = (0..10).map(|i| format!("device {i}")).collect();
    let answers = join_all(devices.iter().map(|device| refresh_on(&server, device, token))).await;
    let statuses: Vec<u16> = answers.into_iter().map(|answer| Ok(answer?.status.as_u16())).collect::<Result<_>>()?;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [200, 401].contains(status)), "{statuses:?}");
    Ok(())
}
