//! Pages of other origins: they call the whole API with a token, where the operator says so, and nothing with the cookie.

use anyhow::{Context as _, Result};
use chinwag_server::config::Origin;
use chinwag_testkit::{Server, cast::PASSWORD, http::Answer};
use serde_json::{Value, json};

use crate::stage::{self, request};

const FRIEND: &str = "http://app.example:81";
const STRANGER: &str = "https://evil.example";

async fn server(any_origin: bool) -> Result<Server> {
    stage::server_with(|config| {
        config.allowed_origins = vec![Origin::plain("app.example", 81)];
        config.any_origin = any_origin;
    })
    .await
}

/// Every route of the API with its methods.
async fn routes(server: &Server) -> Result<Vec<(String, String)>> {
    let document = request(server.address(), "GET", "/api/openapi.json", &[], "").await?.body;
    let paths = document["paths"].as_object().context("paths")?;
    let each = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten().map(|(method, _)| method.to_uppercase());
        methods
            .map(move |method| (method, path.replace("{id}", "1").replace("{room_id}", "1").replace("{user_id}", "1")))
    });
    let routes: Vec<_> = each.collect();
    assert!(routes.len() > 30, "the document lists them");
    Ok(routes)
}

fn told<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.headers.get(name).and_then(|value| value.to_str().ok())
}

#[tokio::test]
async fn every_route_answers_pages_of_allowed_origins_and_their_preflights() -> Result<()> {
    for (any_origin, friend, stranger) in [(false, Some(FRIEND), None), (true, Some("*"), Some("*"))] {
        let server = server(any_origin).await?;
        for (method, path) in routes(&server).await? {
            for (origin, allowed) in [(FRIEND, friend), (STRANGER, stranger)] {
                let asked = [
                    ("origin", origin),
                    ("access-control-request-method", &*method),
                    ("access-control-request-headers", "authorization,content-type"),
                ];
                let preflight = request(server.address(), "OPTIONS", &path, &asked, "").await?;
                let real = request(server.address(), &method, &path, &[("origin", origin)], "").await?;
                for answer in [&preflight, &real] {
                    let what = format!("{method} {path} for {origin}: {:?}", answer.headers);
                    assert_eq!(told(answer, "access-control-allow-origin"), allowed, "{what}");
                    assert_eq!(told(answer, "access-control-allow-credentials"), None, "{what}");
                }
                assert_eq!(preflight.status, 200, "{path}");
                let methods = told(&preflight, "access-control-allow-methods").unwrap_or_default();
                assert!(methods.split(',').any(|known| known == method), "{method} {path}: {methods}");
                let headers = told(&preflight, "access-control-allow-headers").unwrap_or_default();
                assert!(headers.contains("authorization") && headers.contains("content-type"), "{path}: {headers}");
                assert!(told(&preflight, "access-control-max-age").is_some(), "{path} is asked about each time");
                assert_eq!(preflight.body, Value::Null, "a preflight does nothing: {path}");
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_page_elsewhere_logs_in_and_calls_with_its_token_and_gets_no_cookie() -> Result<()> {
    let server = server(true).await?;
    let elsewhere = [("origin", STRANGER), ("sec-fetch-site", "cross-site"), ("content-type", "application/json")];
    let body = json!({"username": "alice", "email": "alice@example.org", "password": PASSWORD}).to_string();
    let login = request(server.address(), "POST", "/api/auth/register", &elsewhere, body).await?;
    assert_eq!(told(&login, "set-cookie"), None);
    let bearer = format!("Bearer {}", login.data()?["token"].as_str().context("a token")?);
    let headers = [elsewhere.as_slice(), &[("authorization", &bearer)]].concat();
    let made = request(server.address(), "POST", "/api/rooms", &headers, r#"{"name":"From afar"}"#).await?;
    assert_eq!(made.data()?["name"], "From afar");
    Ok(())
}

#[tokio::test]
async fn a_cookie_on_a_call_from_elsewhere_is_not_looked_at() -> Result<()> {
    let server = server(true).await?;
    let own = format!("http://{}", server.address());
    let headers = [("origin", &*own), ("content-type", "application/json")];
    let body = json!({"username": "alice", "email": "alice@example.org", "password": PASSWORD}).to_string();
    let login = request(server.address(), "POST", "/api/auth/register", &headers, body).await?;
    let cookie = told(&login, "set-cookie").and_then(|cookie| cookie.split(';').next()).context("a cookie")?.to_owned();
    let get = async |origin: Option<&str>| {
        let mut headers = vec![("cookie", &*cookie)];
        headers.extend(origin.map(|origin| ("origin", origin)));
        anyhow::Ok(request(server.address(), "GET", "/api/auth/userinfo", &headers, "").await?.status.as_u16())
    };
    assert_eq!(get(None).await?, 200, "browsers send no Origin with a GET of the same origin");
    assert_eq!(get(Some(&own)).await?, 200);
    assert_eq!(get(Some(STRANGER)).await?, 401);
    let headers = [("cookie", &*cookie), ("origin", STRANGER), ("content-type", "application/json")];
    let refused = request(server.address(), "POST", "/api/rooms", &headers, r#"{"name":"x"}"#).await?;
    assert_eq!(refused.refusal(), (403, "bad_origin"));
    Ok(())
}
