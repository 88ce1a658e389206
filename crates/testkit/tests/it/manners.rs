//! The manners of every answer: headers, forms of refusal, bounds of requests, hostile input, health, metrics and the published
//! description.

use std::net::SocketAddr;

use anyhow::{Context as _, Result, ensure};
use chinwag_server::config::Secret;
use chinwag_testkit::{Cast, Person, Server, http::Answer};
use reqwest::Client;
use serde_json::{Value, json};

use crate::stage::{self, request};

const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
                   media-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; \
                   form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const JSON: (&str, &str) = ("content-type", "application/json");

async fn scene() -> Result<(Server, Cast)> {
    let server = stage::server().await?;
    let cast = Cast::gather(server.address()).await?;
    Ok((server, cast))
}

async fn page(server: SocketAddr, path: &str) -> Result<String> {
    Ok(Client::new().get(format!("http://{server}{path}")).send().await?.text().await?)
}

/// The files that the page loads.
async fn assets(server: SocketAddr) -> Result<Vec<String>> {
    let html = page(server, "/").await?;
    let paths = html.split('"').filter(|part| part.starts_with("/assets/"));
    let paths: Vec<String> = paths.map(str::to_owned).collect();
    ensure!(!paths.is_empty(), "the page loads nothing: {html}");
    Ok(paths)
}

/// One answer of every kind: (status, answer).
async fn kinds(server: &Server, person: &Person) -> Result<Vec<(String, u16, Answer)>> {
    let bearer = format!("Bearer {}", person.token());
    let credential = ("authorization", &*bearer);
    let large = "x".repeat(300 * 1024);
    let asset = assets(server.address()).await?.remove(0);
    let mut answers = Vec::new();
    for (method, path, headers, body, status) in [
        ("GET", "/", &[][..], "", 200),
        ("GET", "/settings/profile", &[], "", 200),
        ("HEAD", "/", &[], "", 200),
        ("GET", &*asset, &[], "", 200),
        ("GET", "/assets/none.js", &[], "", 404),
        ("POST", "/", &[], "", 405),
        ("GET", "/web/index.html", &[], "", 308),
        ("GET", "/health", &[], "", 200),
        ("GET", "/health/live", &[], "", 200),
        ("GET", "/health/ready", &[], "", 200),
        ("GET", "/health/none", &[], "", 404),
        ("GET", "/metrics", &[], "", 200),
        ("GET", "/metrics", &[("x-forwarded-for", "8.8.8.8")], "", 404),
        ("GET", "/api/docs", &[], "", 200),
        ("GET", "/api/openapi.json", &[], "", 200),
        ("GET", "/api/server", &[], "", 200),
        ("GET", "/api/rooms", &[], "", 401),
        ("GET", "/api/rooms", &[credential], "", 200),
        ("GET", "/api/rooms/999", &[credential], "", 404),
        ("GET", "/api/rooms/one", &[credential], "", 404),
        ("GET", "/api/rooms?colour=x", &[credential], "", 200),
        ("GET", "/api/rooms?limit=x", &[credential], "", 422),
        ("GET", "/api/rooms/search?limit=x", &[credential], "", 422),
        ("GET", "/api/none", &[], "", 404),
        ("GET", "/api/", &[], "", 404),
        ("GET", "/api", &[], "", 404),
        ("PATCH", "/api/rooms", &[credential], "", 405),
        ("POST", "/api/rooms", &[credential, JSON], "{", 400),
        ("POST", "/api/rooms", &[credential, JSON], "[]", 400),
        ("POST", "/api/rooms", &[credential, JSON], "{}", 422),
        ("POST", "/api/rooms", &[credential, JSON], r#"{"name":""}"#, 422),
        ("POST", "/api/rooms", &[credential], "{}", 415),
        ("POST", "/api/rooms", &[credential, ("content-type", "text/plain")], "{}", 415),
        ("POST", "/api/rooms", &[credential, JSON], &*large, 413),
        ("GET", "/ws", &[credential], "", 400),
        ("GET", "/ws/lobby", &[], "", 404),
        ("GET", "/ws/none", &[], "", 404),
        ("POST", "/ws", &[], "", 405),
        ("GET", "/favicon.ico", &[], "", 404),
        ("GET", "/.env", &[], "", 404),
    ] {
        let answer = request(server.address(), method, path, headers, body.to_owned()).await?;
        answers.push((format!("{method} {path}"), status, answer));
    }
    Ok(answers)
}

#[tokio::test]
async fn every_answer_protects_its_reader_and_tells_no_version() -> Result<()> {
    let (server, Cast { alice, .. }) = scene().await?;
    for (what, status, answer) in kinds(&server, &alice).await? {
        assert_eq!(answer.status, status, "{what}: {}", answer.body);
        let header = |name: &str| answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        assert_eq!(header("content-security-policy"), CSP, "{what}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(header(name), value, "{name} of {what}");
        }
        for feature in ["camera=(self)", "microphone=(self)", "display-capture=(self)"] {
            assert!(header("permissions-policy").contains(feature), "{what}");
        }
        assert!(!answer.headers.contains_key("strict-transport-security"), "{what}: there is no TLS");
        assert!(!answer.headers.contains_key("server") && !answer.headers.contains_key("x-powered-by"), "{what}");
        assert!(header("x-request-id").len() >= 8, "{what}");
        assert_eq!(answer.headers.get_all("content-security-policy").iter().count(), 1, "{what}");
        let text = format!("{:?} {}", answer.headers, answer.body);
        if !what.ends_with("openapi.json") {
            assert!(!text.contains(env!("CARGO_PKG_VERSION")), "{what} tells the version");
        }
        for inside in ["sqlite", "SELECT ", "src/", "panicked", "axum", "hyper"] {
            assert!(what.ends_with("openapi.json") || !text.contains(inside), "{what} tells {inside:?}");
        }
        if what.contains(" /api") && !what.ends_with("/api/docs") {
            assert_eq!(header("cache-control"), "no-store", "{what}");
            assert!(header("content-type").starts_with("application/json"), "{what}");
        }
        if status >= 400 {
            assert_eq!(answer.body["code"], status, "{what}: {}", answer.body);
            let sentence = answer.body["message"].as_str().unwrap_or_default();
            assert!(sentence.ends_with('.') && sentence.len() > 10, "{what} says {sentence:?}");
            assert_eq!(answer.body["error"], sentence, "{what}: what clients of GoChat show");
            assert!(answer.body["reason"].is_string(), "{what}");
            assert_eq!(answer.body["request_id"], header("x-request-id"), "{what}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn what_is_not_there_is_told_in_json_under_the_api() -> Result<()> {
    let (server, Cast { alice, .. }) = scene().await?;
    for (method, path, refusal) in [
        ("GET", "/api/none", (404, "not_found")),
        ("DELETE", "/api/rooms/1/none", (404, "not_found")),
        ("GET", "/api/", (404, "not_found")),
        ("GET", "/api", (404, "not_found")),
        ("PATCH", "/api/rooms/1", (405, "method_not_allowed")),
        ("GET", "/api/auth/login", (405, "method_not_allowed")),
        ("POST", "/api/openapi.json", (405, "method_not_allowed")),
    ] {
        let answer = alice.http.call(method.parse()?, path, None).await?;
        assert_eq!(answer.refusal(), refusal, "{method} {path}");
    }
    let answer = request(server.address(), "PATCH", "/api/rooms/1", &[], "").await?;
    assert!(answer.headers.get("allow").context("no Allow")?.to_str()?.contains("GET"));
    Ok(())
}

#[tokio::test]
async fn a_request_keeps_the_id_it_came_with_if_it_is_sound() -> Result<()> {
    let (server, _cast) = scene().await?;
    let ask = async |id: &str| {
        let answer = request(server.address(), "GET", "/api/none", &[("x-request-id", id)], "").await?;
        assert_eq!(answer.body["request_id"], answer.headers["x-request-id"].to_str()?);
        anyhow::Ok(answer.headers["x-request-id"].to_str()?.to_owned())
    };
    assert_eq!(ask("edge-4f1d2a").await?, "edge-4f1d2a");
    for unsound in ["short", &"x".repeat(65), "with space 12", "<script>alert</script>"] {
        assert_ne!(ask(unsound).await?, unsound);
    }
    assert_ne!(ask("short").await?, ask("short").await?);
    Ok(())
}

#[tokio::test]
async fn bodies_have_a_size_and_a_type() -> Result<()> {
    let (server, Cast { alice, room, .. }) = scene().await?;
    let bearer = format!("Bearer {}", alice.token());
    let path = format!("/api/rooms/{room}/messages");
    let send = async |bytes: usize, kind: Option<&str>| {
        let content = "x".repeat(bytes - r#"{"content":""}"#.len());
        let mut headers = vec![("authorization", &*bearer)];
        headers.extend(kind.map(|kind| ("content-type", kind)));
        let answer =
            request(server.address(), "POST", &path, &headers, format!(r#"{{"content":"{content}"}}"#)).await?;
        anyhow::Ok((answer.status.as_u16(), answer.reason().to_owned()))
    };
    let json = Some("application/json");
    assert_eq!(send(1_000, json).await?.0, 200);
    assert_eq!(send(1_000, Some("application/json; charset=utf-8")).await?.0, 200);
    assert_eq!(send(256 * 1024, json).await?, (422, "invalid".into()), "the largest body is read");
    assert_eq!(send(256 * 1024 + 1, json).await?, (413, "too_large".into()));
    assert_eq!(send(20 * 1024 * 1024, json).await?, (413, "too_large".into()));
    for kind in
        [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("multipart/form-data; boundary=x")]
    {
        assert_eq!(send(1_000, kind).await?, (415, "unsupported_media_type".into()), "{kind:?}");
    }
    Ok(())
}

fn hostile_bodies() -> Vec<String> {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(20_000), close.repeat(20_000));
    let mut bodies: Vec<String> =
        ["", "{", "null", "[]", "0", "\"\"", "true", "{}", "{\"a\":", "\u{feff}{}", "NaN", "{'a':1}", "\u{0}"]
            .map(str::to_owned)
            .to_vec();
    bodies.extend([
        deep("[", "]"),
        deep("{\"a\":", "}"),
        format!("[{}0]", "0,".repeat(50_000)),
        format!("{{\"name\":{}}}", "9".repeat(50_000)),
    ]);
    let fields = [
        "username",
        "email",
        "password",
        "token",
        "server_name",
        "refresh_token",
        "current_password",
        "new_password",
        "display_name",
        "bio",
        "status_text",
        "locale",
        "theme",
        "name",
        "description",
        "is_private",
        "user_id",
        "user_ids",
        "role",
        "content",
        "client_id",
        "reply_to",
        "type",
    ];
    let strange = [
        json!(null),
        json!(-1),
        json!(1.5e300),
        json!(9_007_199_254_740_993_i64),
        json!(u64::MAX),
        json!(true),
        json!([]),
        json!({}),
        json!([[[]]]),
        json!(""),
        json!("\u{0}"),
        json!("a\u{0}b"),
        json!("\u{202e}evil\u{2066}"),
        json!("\u{200b}\u{200d}\u{feff}"),
        json!("\u{d7ff}\u{e000}\u{10ffff}"),
        json!("' OR 1=1; DROP TABLE users; --"),
        json!("%_\\"),
        json!("../../../etc/passwd"),
        json!("<script>alert(1)</script>"),
        json!("{{7*7}}${7*7}"),
        json!("a\r\nSet-Cookie: x=1"),
        json!("@".repeat(3_000)),
        json!("`".repeat(3_999)),
        json!("e\u{301}".repeat(1_999)),
        json!("x".repeat(100_000)),
    ];
    for value in &strange {
        let all: serde_json::Map<String, Value> =
            fields.iter().map(|field| ((*field).to_owned(), value.clone())).collect();
        bodies.push(json!(all).to_string());
    }
    bodies.push(r#"{"name":"a","name":"b","content":"a","content":"b","username":"a","username":"b"}"#.to_owned());
    bodies.push(r#"{"name":"\ud800","content":"\udfff","username":"\ud800x"}"#.to_owned());
    bodies
}

/// Whether the server took it like a gentleman.
fn assert_civil(what: &str, body: &str, answer: &Answer) {
    let start: String = body.chars().take(60).collect();
    assert!((200..500).contains(&answer.status.as_u16()), "{what} with {start:?}: {} {}", answer.status, answer.body);
    assert_eq!(answer.body["code"], answer.status.as_u16(), "{what} with {start:?}: {}", answer.body);
    for line in answer.headers.values() {
        assert!(!line.as_bytes().contains(&b'\n'), "{what} with {start:?}");
    }
}

#[tokio::test]
async fn hostile_bodies_break_nothing() -> Result<()> {
    let (server, Cast { alice, bob, room, .. }) = scene().await?;
    let bearer = format!("Bearer {}", alice.token());
    let headers = [("authorization", &*bearer), JSON];
    let document = server.http().get("/api/openapi.json").await?.body;
    let said = alice.say(room, "steady").await?;
    let mut tried = 0;
    for (template, item) in document["paths"].as_object().context("no paths")? {
        for method in ["post", "put"] {
            if !item[method]["requestBody"].is_object() || template.contains("/auth/password") {
                continue;
            }
            let id = match template.split('/').nth(2) {
                Some("messages") => said["id"].to_string(),
                Some("users") => alice.id.to_string(),
                _ => room.to_string(),
            };
            let path =
                template.replace("{id}", &id).replace("{room_id}", &id).replace("{user_id}", &bob.id.to_string());
            for body in hostile_bodies() {
                let answer = request(server.address(), &method.to_uppercase(), &path, &headers, body.clone()).await?;
                assert_civil(&format!("{method} {template}"), &body, &answer);
                tried += 1;
            }
        }
    }
    ensure!(tried > 400, "only {tried} were tried");
    alice.http.get("/api/rooms").await?.data()?;
    assert_eq!(server.http().get("/health/ready").await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn hostile_addresses_break_nothing() -> Result<()> {
    let (server, Cast { alice, room, .. }) = scene().await?;
    let bearer = format!("Bearer {}", alice.token());
    let ids = [
        "0",
        "-1",
        "9223372036854775807",
        "9223372036854775808",
        "1.0",
        "1e3",
        "%00",
        "%2e%2e",
        "..%2f..",
        "one",
        "%F0%9F%98%80",
        "%ff",
        "1%20OR%201=1",
        "0x1",
    ];
    for place in ["rooms/{}", "rooms/{}/messages", "rooms/{}/members", "users/{}", "users/delete/{}", "files/{}"] {
        for id in ids {
            let path = format!("/api/{}", place.replace("{}", id));
            let answer = request(server.address(), "GET", &path, &[("authorization", &bearer)], "").await?;
            assert!((400..500).contains(&answer.status.as_u16()), "{path}: {} {}", answer.status, answer.body);
        }
    }
    for query in [
        "limit=-1",
        "limit=99999999999999999999",
        "limit=x",
        "before=x",
        "before=-9223372036854775808",
        "after=9223372036854775807",
        "around=-9223372036854775808",
        "around=9223372036854775807",
        "offset=18446744073709551615",
        "offset=-1",
        "limit=1&limit=2",
        "%00=%00",
        "around=0&before=0&after=0&offset=0",
    ] {
        let path = format!("/api/rooms/{room}/messages?{query}");
        let answer = request(server.address(), "GET", &path, &[("authorization", &bearer)], "").await?;
        assert!((200..500).contains(&answer.status.as_u16()), "{path}: {} {}", answer.status, answer.body);
    }
    for query in [
        "name=%00",
        "name=%25%25%25",
        "name=%5c",
        "name=%22%27%3b--",
        "page=0",
        "page=18446744073709551615&page_size=100",
        "page_size=0",
        "name=%ff%fe",
    ] {
        let path = format!("/api/rooms/search?{query}");
        let answer = request(server.address(), "GET", &path, &[("authorization", &bearer)], "").await?;
        assert!((200..500).contains(&answer.status.as_u16()), "{path}: {} {}", answer.status, answer.body);
    }
    for query in ["query=%00", "query=%25", "after=-1", "after=9223372036854775807", "limit=0"] {
        let path = format!("/api/users?{query}");
        let answer = request(server.address(), "GET", &path, &[("authorization", &bearer)], "").await?;
        assert!((200..500).contains(&answer.status.as_u16()), "{path}: {} {}", answer.status, answer.body);
    }
    for credential in [
        "",
        "Bearer",
        "Bearer ",
        "Basic YTpi",
        "Bearer a.b.c",
        "bearer \u{e9}",
        &format!("Bearer {}", "x".repeat(8_000)),
    ] {
        let answer = request(server.address(), "GET", "/api/rooms", &[("authorization", credential)], "").await?;
        assert_eq!(answer.status, 401, "{credential:.20}");
    }
    Ok(())
}

#[tokio::test]
async fn words_are_kept_as_they_were_said() -> Result<()> {
    let (_server, Cast { alice, bob, room, .. }) = scene().await?;
    for content in [
        "<script>alert(1)</script> & \"quotes\" \\",
        "\u{202e}right to left\u{202c}",
        "👩‍👩‍👧‍👦 e\u{301} ﷽",
        "tab\tand\nline",
        "`code` **bold** [link](javascript:alert(1))",
        "  leading and trailing  ",
        "{\"type\":\"text\"}",
    ] {
        alice.say(room, content).await?;
        assert_eq!(bob.history(room).await?.last().context("a row")?["content"], content);
    }
    alice.say(room, "c\r\nd").await?;
    assert_eq!(bob.history(room).await?.last().context("a row")?["content"], "c\nd");
    for content in ["a\u{0}b", "\u{1b}[2J", "a\u{9b}b"] {
        let refused = alice.http.post(&format!("/api/rooms/{room}/messages"), json!({"content": content})).await?;
        assert_eq!(refused.refusal(), (422, "invalid"), "{content:?}");
    }
    assert_eq!(bob.history(room).await?.last().context("a row")?["content"], "c\nd", "nothing of it is kept");
    Ok(())
}

#[tokio::test]
async fn health_is_told_to_everybody() -> Result<()> {
    let (server, _cast) = scene().await?;
    for path in ["/health", "/health/live", "/health/ready"] {
        let answer = server.http().get(path).await?;
        assert_eq!(
            (answer.status.as_u16(), answer.body),
            (200, json!({"status": "ok", "server": "chinwag"})),
            "{path}"
        );
    }
    Ok(())
}

#[tokio::test]
async fn metrics_are_for_this_machine_or_for_the_token() -> Result<()> {
    let plain = stage::server().await?;
    let figures = page(plain.address(), "/metrics").await?;
    assert!(figures.contains("chinwag_http_requests_total") && figures.contains("# TYPE"), "{figures:.200}");
    let guarded = stage::server_with(|config| config.metrics_token = Some(Secret("open sesame".into()))).await?;
    let ask = async |server: &Server, headers: &[(&str, &str)]| {
        anyhow::Ok(request(server.address(), "GET", "/metrics", headers, "").await?.status.as_u16())
    };
    let outside = ("x-forwarded-for", "203.0.113.9");
    for server in [&plain, &guarded] {
        assert_eq!(ask(server, &[]).await?, 200);
        for headers in [
            &[outside][..],
            &[("forwarded", "for=203.0.113.9")],
            &[outside, ("authorization", "Bearer guess")],
            &[outside, ("authorization", "Bearer ")],
        ] {
            assert_eq!(ask(server, headers).await?, 404, "{headers:?}");
        }
    }
    assert_eq!(ask(&guarded, &[outside, ("authorization", "Bearer open sesame")]).await?, 200);
    assert_eq!(ask(&plain, &[outside, ("authorization", "Bearer open sesame")]).await?, 404);
    Ok(())
}

#[tokio::test]
async fn the_published_description_is_the_committed_one_and_the_served_one() -> Result<()> {
    let (server, _cast) = scene().await?;
    let served = page(server.address(), "/api/openapi.json").await?;
    let committed = include_str!("../../../../docs/openapi.json");
    assert!(served == committed, "docs/openapi.json is stale: run `cargo xtask codegen`");
    assert!(served.contains("\"openapi\": \"3.1"));
    let gzipped = request(server.address(), "GET", "/api/openapi.json", &[("accept-encoding", "gzip")], "").await?;
    assert_eq!(gzipped.headers["content-encoding"], "gzip");
    // What is compressed for each call anew has none.
    assert!(gzipped.headers.contains_key("content-length"), "{:?}", gzipped.headers);
    let docs = page(server.address(), "/api/docs").await?;
    assert!(docs.contains("<html"), "{docs:.100}");
    assert!(!docs.contains("https://") && !docs.contains("http://"), "the page of the description needs another host");
    Ok(())
}

#[tokio::test]
async fn files_of_the_client_are_kept_by_name_and_its_page_is_not() -> Result<()> {
    let (server, _cast) = scene().await?;
    for path in assets(server.address()).await? {
        let answer = request(server.address(), "GET", &path, &[], "").await?;
        assert_eq!(answer.headers["cache-control"], "public, max-age=31536000, immutable", "{path}");
    }
    let answer = request(server.address(), "GET", "/", &[], "").await?;
    assert_eq!(answer.headers["cache-control"], "no-cache");
    assert_eq!(answer.headers["content-type"], "text/html; charset=utf-8");
    let html = page(server.address(), "/").await?;
    assert!(
        !html.contains("<script>") && !html.contains("style=") && !html.contains("onload="),
        "the policy forbids inline code"
    );
    let moved = request(server.address(), "GET", "/web/index.html", &[], "").await?;
    assert_eq!(moved.headers["location"], "/");
    Ok(())
}
