//! The cookie of a browser: who gets one, from which pages it counts, and as whom.

use std::net::SocketAddr;

use anyhow::{Context as _, Result};
use chinwag_proto::frame::Encoding;
use chinwag_server::config::{Origin, Setting as _};
use chinwag_testkit::{Person, Socket, cast::PASSWORD, http::Answer, socket::Credential};
use reqwest::StatusCode;
use serde_json::json;

use crate::{
    accounts::credentials,
    stage::{self, request},
};

/// Logs in as a browser does; gives the cookie to send and the header that set it.
async fn browse(server: SocketAddr, origin: Option<&str>) -> Result<(Answer, Option<(String, String)>)> {
    let mut headers = vec![("content-type", "application/json")];
    headers.extend(origin.map(|origin| ("origin", origin)));
    let body = credentials("alice", PASSWORD).to_string();
    let answer = request(server, "POST", "/api/auth/login", &headers, body).await?;
    let header = answer.headers.get("set-cookie").map(|value| value.to_str().map(str::to_owned)).transpose()?;
    let cookie = header.map(|header| (header.split(';').next().unwrap_or_default().to_owned(), header));
    Ok((answer, cookie))
}

#[tokio::test]
async fn only_our_own_pages_get_a_cookie() -> Result<()> {
    let server = stage::server().await?;
    let address = server.address();
    Person::register(address, "alice").await?;
    let port = address.port();
    let mut cookies = Vec::new();
    for own in [format!("http://localhost:{port}"), format!("http://127.0.0.1:{port}")] {
        let (answer, cookie) = browse(address, Some(&own)).await?;
        assert_eq!(answer.status, StatusCode::OK);
        let (pair, header) = cookie.with_context(|| format!("no cookie for {own}"))?;
        assert!(pair.starts_with("chinwag_session=") && pair.len() > 50, "{pair}");
        for attribute in ["; HttpOnly", "; SameSite=Lax", "; Path=/"] {
            assert!(header.contains(attribute), "{header}");
        }
        assert!(!header.contains("Secure"), "over plain HTTP a browser would drop it");
        assert!(
            !answer.body.to_string().contains(pair.split_once('=').context("a pair")?.1),
            "the body holds the cookie"
        );
        cookies.push(pair);
    }
    assert_ne!(cookies[0], cookies[1], "each login has a secret of its own");
    let foreign =
        ["https://evil.example", "null", "http://localhost", "http://localhost.evil.example", "http://localhost:1"];
    for origin in foreign.into_iter().map(Some).chain([None]) {
        let (answer, cookie) = browse(address, origin).await?;
        assert_eq!((answer.status, cookie), (StatusCode::OK, None), "{origin:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_page_acts_as_whom_it_shows_or_not_at_all() -> Result<()> {
    let server = stage::server().await?;
    let address = server.address();
    let (alice, bob) = (Person::register(address, "alice").await?, Person::register(address, "bob").await?);
    let own = format!("http://localhost:{}", address.port());
    let cookie = browse(address, Some(&own)).await?.1.context("no cookie")?.0;
    let (alice, bob) = (alice.id.to_string(), bob.id.to_string());
    // The browser's cookie is alice's. A tab that still shows bob says so with each call.
    for (method, path) in [("GET", "/api/rooms"), ("POST", "/api/rooms"), ("POST", "/api/auth/logout")] {
        for shown in [&*bob, "nobody", ""] {
            let headers = [
                ("cookie", &*cookie),
                ("origin", &*own),
                ("content-type", "application/json"),
                ("x-chinwag-user", shown),
            ];
            let answer = request(address, method, path, &headers, json!({"name": "Tea"}).to_string()).await?;
            assert_eq!(answer.refusal(), (409, "other_account"), "{method} {path} as {shown:?}");
        }
    }
    for shown in [&[("x-chinwag-user", &*alice)][..], &[]] {
        let headers = [&[("cookie", &*cookie)], shown].concat();
        assert_eq!(request(address, "GET", "/api/rooms", &headers, "").await?.status, StatusCode::OK);
    }
    Ok(())
}

#[tokio::test]
async fn over_tls_the_cookie_is_bound_to_host_and_tls() -> Result<()> {
    let public = Origin::parse("https://chat.example.org").map_err(anyhow::Error::msg)?;
    let server = stage::server_with(|config| config.public_url = Some(public)).await?;
    Person::register(server.address(), "alice").await?;
    let (answer, cookie) = browse(server.address(), Some("https://chat.example.org")).await?;
    let (pair, header) = cookie.context("no cookie")?;
    assert!(pair.starts_with("__Host-chinwag_session=") && header.contains("; Secure"), "{header}");
    assert!(!header.contains("Domain"), "{header}");
    assert_eq!(answer.headers["strict-transport-security"], "max-age=31536000");
    Ok(())
}

#[tokio::test]
async fn a_cookie_works_from_our_own_pages_only() -> Result<()> {
    let server = stage::server().await?;
    let address = server.address();
    let alice = Person::register(address, "alice").await?;
    let own = format!("http://localhost:{}", address.port());
    let (_, cookie) = browse(address, Some(&own)).await?;
    let cookie = cookie.context("no cookie")?.0;
    let json = ("content-type", "application/json");
    let ask = async |method: &str, path: &str, more: &[(&str, &str)]| {
        let headers = [&[("cookie", &*cookie), json], more].concat();
        request(address, method, path, &headers, json!({"name": "Tea"}).to_string()).await
    };
    assert_eq!(ask("GET", "/api/auth/userinfo", &[]).await?.data()?["id"], alice.id);
    assert_eq!(ask("GET", "/api/server", &[]).await?.data()?["logged_in"], true);
    assert_eq!(server.http().get("/api/server").await?.data()?["logged_in"], false);
    for foreign in [
        &[][..],
        &[("origin", "https://evil.example")],
        &[("origin", "null")],
        &[("origin", &own), ("sec-fetch-site", "cross-site")],
    ] {
        for (method, path) in [("POST", "/api/rooms"), ("PUT", "/api/rooms/1"), ("DELETE", "/api/auth/sessions")] {
            assert_eq!(ask(method, path, foreign).await?.refusal(), (403, "bad_origin"), "{method} {path} {foreign:?}");
        }
    }
    let made = ask("POST", "/api/rooms", &[("origin", &own), ("sec-fetch-site", "same-origin")]).await?;
    assert_eq!(made.status, StatusCode::OK);
    let link = format!("/api/users/delete/{}", alice.id);
    assert_eq!(
        ask("GET", &link, &[("origin", &own)]).await?.refusal(),
        (401, "unauthorized"),
        "no link deletes an account"
    );
    alice.http.get("/api/auth/userinfo").await?.data()?;

    let open = async |origin: &str| {
        let credential = Credential::Cookie { cookie: &cookie, origin };
        anyhow::Ok(Socket::open(address, "/ws", credential, Encoding::Json).await?.err())
    };
    assert_eq!(open(&own).await?, None);
    for foreign in ["https://evil.example", "null", "http://localhost"] {
        assert_eq!(open(foreign).await?, Some(403), "{foreign}");
    }
    Ok(())
}
