//! Accounts and logins: how one gets in, what one may change, and that the end of a login is the end of everything it opened.

use anyhow::{Context as _, Result};
use chinwag_proto::{CloseCode, frame::Encoding};
use chinwag_server::config::Registration;
use chinwag_testkit::{Cast, Http, Person, Socket, cast::PASSWORD, http::Answer, socket::Credential};
use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::time::{Duration, Instant};

use crate::{
    refresh::refresh,
    stage::{self, number, request},
};

const OTHER_PASSWORD: &str = "velvet-otter-77-meadow";
/// How fast the end of a session must be felt.
const PROMPT: Duration = Duration::from_secs(5);

pub(crate) fn register(username: &str, email: &str) -> Value {
    json!({"username": username, "email": email, "password": PASSWORD})
}

pub(crate) fn credentials(name: &str, password: &str) -> Value {
    json!({"username": name, "password": password})
}

fn without_request_id(answer: &Answer) -> Value {
    let mut body = answer.body.clone();
    body["request_id"] = Value::Null;
    body
}

fn retry_after(answer: &Answer) -> Result<u64> {
    Ok(answer.headers.get("retry-after").context("no Retry-After")?.to_str()?.parse()?)
}

/// The session's socket says goodbye with 4001, soon.
pub(crate) async fn assert_ended(mut socket: Socket, since: Instant) -> Result<()> {
    assert_eq!(socket.expect_close().await?, CloseCode::SessionEnded as u16);
    assert!(since.elapsed() < PROMPT, "it took {:?}", since.elapsed());
    Ok(())
}

#[tokio::test]
async fn a_registration_is_a_login_and_shows_oneself_only_to_oneself() -> Result<()> {
    let server = stage::server().await?;
    let answer = server.http().post("/api/auth/register", register("小明", "ming@example.org")).await?;
    assert_eq!(answer.status, StatusCode::OK);
    let data = answer.data()?;
    for field in ["token", "expires_at", "refresh_token"] {
        assert!(data[field].is_string(), "{field} in {data}");
    }
    let ming = Person::from_login(server.address(), &data)?;
    let own = ming.http.get("/api/auth/userinfo").await?.data()?;
    assert_eq!(own["username"], "小明");
    assert_eq!((&own["email"], &own["is_admin"]), (&json!("ming@example.org"), &json!(false)));
    let other = Person::register(server.address(), "bob").await?;
    for path in [format!("/api/users/{}", ming.id), "/api/users?query=小明".to_owned()] {
        let shown = other.http.get(&path).await?.data()?.to_string();
        assert!(shown.contains("小明") && !shown.contains("ming@example.org"), "{shown}");
        assert!(!shown.contains("is_admin") && !shown.contains("password"), "{shown}");
    }
    Ok(())
}

#[tokio::test]
async fn one_name_is_one_person_however_it_is_written() -> Result<()> {
    let server = stage::server().await?;
    Person::register(server.address(), "alice").await?;
    for name in ["alice", "ALICE", "ａｌｉｃｅ", "Ａlice", " alice ", "aIice", "a1ice"] {
        let answer = server.http().post("/api/auth/register", register(name, "new@example.org")).await?;
        assert_eq!(answer.refusal(), (409, "username_taken"), "{name}");
    }
    let answer = server.http().post("/api/auth/register", register("new", "ALICE@example.org")).await?;
    assert_eq!(answer.refusal(), (409, "email_taken"));
    let answers = join_all((0..8).map(|index| {
        let http = server.http();
        async move { http.post("/api/auth/register", register("racer", &format!("r{index}@example.org"))).await }
    }));
    let answers: Vec<u16> =
        answers.await.into_iter().map(|answer| Ok(answer?.status.as_u16())).collect::<Result<_>>()?;
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|status| **status == 409).count(), 7, "{answers:?}");
    Ok(())
}

#[tokio::test]
async fn every_wrong_field_of_a_registration_is_named() -> Result<()> {
    let server = stage::server().await?;
    let body = json!({"username": "a b", "email": "nobody", "password": "1"});
    let answer = server.http().post("/api/auth/register", body).await?;
    assert_eq!(answer.refusal(), (422, "invalid"));
    let fields = answer.body["details"]["fields"].as_object().context("no fields")?;
    assert_eq!(fields.keys().collect::<Vec<_>>(), ["email", "password", "username"]);
    for name in ["all", "Room", "\u{202e}x", "pаypal", "x\0y", &"x".repeat(33), ""] {
        let answer = server.http().post("/api/auth/register", register(name, "x@example.org")).await?;
        assert_eq!(answer.refusal(), (422, "invalid"), "{name:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_closed_server_takes_no_registrations() -> Result<()> {
    let server = stage::server_with(|config| config.registration = Registration::Closed).await?;
    let answer = server.http().post("/api/auth/register", register("alice", "a@example.org")).await?;
    assert_eq!(answer.refusal(), (403, "registration_closed"));
    assert_eq!(server.http().get("/api/server").await?.data()?["registration"], "closed");
    Ok(())
}

#[tokio::test]
async fn one_logs_in_by_name_or_e_mail_and_refusals_do_not_say_what_was_wrong() -> Result<()> {
    let server = stage::server().await?;
    let alice = Person::register(server.address(), "alice").await?;
    for name in ["alice", "ALICE", "ａlice", "alice@example.org", "Alice@Example.org"] {
        let data = server.http().post("/api/auth/login", credentials(name, PASSWORD)).await?.data()?;
        assert_eq!(data["user"]["id"], alice.id, "{name}");
    }
    server.http().post("/api/auth/register", register("νίκος", "νίκος@example.gr")).await?.data()?;
    for name in ["νίκος@example.gr", "ΝΊΚΟΣ@example.gr", "ΝΊΚΟΣ"] {
        server.http().post("/api/auth/login", credentials(name, PASSWORD)).await?.data()?;
    }
    let wrong = server.http().post("/api/auth/login", credentials("alice", OTHER_PASSWORD)).await?;
    let unknown = server.http().post("/api/auth/login", credentials("nobody", OTHER_PASSWORD)).await?;
    assert_eq!(wrong.refusal(), (401, "bad_credentials"));
    assert_eq!(without_request_id(&wrong), without_request_id(&unknown));
    assert_eq!(wrong.headers.keys().collect::<Vec<_>>(), unknown.headers.keys().collect::<Vec<_>>());
    for password in [PASSWORD.to_uppercase(), format!("{PASSWORD} ")] {
        let answer = server.http().post("/api/auth/login", credentials("alice", &password)).await?;
        assert_eq!(answer.refusal(), (401, "bad_credentials"), "{password:?}");
    }
    Ok(())
}

#[tokio::test]
async fn guessing_one_account_has_to_wait_and_nobody_else_has_to() -> Result<()> {
    let server = stage::server().await?;
    let (alice, bob) =
        (Person::register(server.address(), "alice").await?, Person::register(server.address(), "bob").await?);
    for _ in 0..3 {
        let answer = server.http().post("/api/auth/login", credentials("alice", "guess")).await?;
        assert_eq!(answer.refusal(), (401, "bad_credentials"));
    }
    for password in ["guess", PASSWORD] {
        let answer = server.http().post("/api/auth/login", credentials("alice", password)).await?;
        assert_eq!(answer.refusal(), (429, "rate_limited"));
        assert!((1..=60).contains(&retry_after(&answer)?));
    }
    let answer = server.http().post("/api/auth/login", credentials("Alice@example.org", "guess")).await?;
    assert_eq!(answer.refusal(), (429, "rate_limited"), "by its address it is the same account");
    server.http().post("/api/auth/login", credentials("bob", PASSWORD)).await?.data()?;
    alice.http.get("/api/auth/userinfo").await?.data()?;
    // The same budget behind the other door to a password.
    let change = json!({"current_password": "guess", "new_password": OTHER_PASSWORD});
    for _ in 0..3 {
        assert_eq!(bob.http.post("/api/auth/password", change.clone()).await?.refusal(), (422, "invalid"));
    }
    assert_eq!(bob.http.post("/api/auth/password", change).await?.refusal(), (429, "rate_limited"));
    let change = json!({"email": "new@example.org", "current_password": "guess"});
    let answer = bob.http.put(&format!("/api/users/{}", bob.id), change).await?;
    assert_eq!(answer.refusal(), (429, "rate_limited"), "an address is no other way to guess");
    let answer = server.http().post("/api/auth/login", credentials("bob", PASSWORD)).await?;
    assert_eq!(answer.refusal(), (429, "rate_limited"));
    Ok(())
}

#[tokio::test]
async fn an_address_has_a_budget_of_guesses_and_of_registrations() -> Result<()> {
    let server = stage::server_with(|config| {
        config.limits.failed_logins_per_minute = 4;
        config.limits.registrations_per_minute = 2;
    });
    let server = server.await?;
    for name in ["one", "two"] {
        Person::register(server.address(), name).await?;
    }
    let answer = server.http().post("/api/auth/register", register("three", "three@example.org")).await?;
    assert_eq!(answer.refusal(), (429, "rate_limited"));
    assert!(retry_after(&answer)? >= 1);
    for index in 0..40 {
        // Who shares the address with somebody who guesses gets in with the right password all the while.
        if index == 4 || index == 39 {
            let answer = server.http().post("/api/auth/login", credentials("one", PASSWORD)).await?;
            assert_eq!(answer.status, StatusCode::OK, "after {index} wrong ones: {}", answer.body);
        }
        let answer = server.http().post("/api/auth/login", credentials(&format!("nobody{index}"), "guess")).await?;
        assert_eq!(answer.refusal(), (401, "bad_credentials"));
    }
    let answer = server.http().post("/api/auth/login", credentials("one", PASSWORD)).await?;
    assert_eq!(answer.refusal(), (429, "rate_limited"));
    assert!(retry_after(&answer)? >= 1);
    Ok(())
}

/// With the socket of the one that ends: it is told why.
#[tokio::test]
async fn an_account_has_so_many_logins_and_the_one_unused_for_longest_ends() -> Result<()> {
    let server = stage::server().await?;
    let first = Person::register(server.address(), "alice").await?;
    let mut socket = first.connect().await?;
    let mut second = None;
    for _ in 1..chinwag_proto::limits::SESSIONS {
        second = second.or(Some(Person::log_in(server.address(), "alice").await?));
    }
    Person::log_in(server.address(), "alice").await?;
    assert_eq!(socket.expect_close().await?, chinwag_proto::CloseCode::Replaced as u16);
    assert_eq!(first.http.get("/api/auth/userinfo").await?.refusal(), (401, "session_ended"));
    let second = second.context("somebody logged in")?;
    assert_eq!(second.http.get("/api/auth/sessions").await?.data()?.as_array().map(Vec::len), Some(100));
    Ok(())
}

#[tokio::test]
async fn logging_out_ends_this_login_and_no_other() -> Result<()> {
    let server = stage::server().await?;
    let here = Person::register(server.address(), "alice").await?;
    let there = Person::log_in(server.address(), "alice").await?;
    let (socket, mut other) = (here.connect().await?, there.connect().await?);
    let asked = Instant::now();
    let answer = here.http.post("/api/auth/logout", json!({})).await?;
    assert!(answer.headers["set-cookie"].to_str()?.contains("Max-Age=0"));
    assert_ended(socket, asked).await?;
    assert_eq!(here.http.get("/api/auth/userinfo").await?.refusal(), (401, "session_ended"));
    assert_eq!(here.http.post("/api/ws/ticket", json!({})).await?.refusal(), (401, "session_ended"));
    there.http.get("/api/auth/userinfo").await?.data()?;
    stage::until_pong(&mut other).await?;
    Ok(())
}

#[tokio::test]
async fn sessions_are_listed_and_ended_one_by_one_or_all_but_this() -> Result<()> {
    let server = stage::server().await?;
    let address = server.address();
    let first = Person::register(address, "alice").await?;
    let second = Person::log_in(address, "alice").await?;
    let headers = [("content-type", "application/json"), ("user-agent", "Teapot/1.0 (kitchen)")];
    let body = credentials("alice", PASSWORD).to_string();
    let data = request(address, "POST", "/api/auth/login", &headers, body).await?.data()?;
    let third = Person::from_login(address, &data)?;
    let listed = third.http.get("/api/auth/sessions").await?.data()?;
    let listed = listed.as_array().context("a list")?;
    assert_eq!(listed.len(), 3);
    assert_eq!(
        listed.iter().map(|row| row["current"] == true).collect::<Vec<_>>(),
        [true, false, false],
        "newest first"
    );
    assert_eq!((&listed[0]["device"], &listed[0]["address"]), (&json!("Teapot/1.0 (kitchen)"), &json!("127.0.0.1")));
    let shown = json!(listed).to_string();
    assert!(!shown.contains("hash") && !shown.contains(data["refresh_token"].as_str().context("a token")?));

    let sockets = (first.connect().await?, second.connect().await?, third.connect().await?);
    let id = listed[2]["id"].as_str().context("an id")?;
    let bob = Person::register(address, "bob").await?;
    assert_eq!(bob.http.delete(&format!("/api/auth/sessions/{id}")).await?.refusal(), (404, "session_not_found"));
    let asked = Instant::now();
    third.http.delete(&format!("/api/auth/sessions/{id}")).await?.data()?;
    assert_ended(sockets.0, asked).await?;
    assert_eq!(first.http.get("/api/rooms").await?.refusal(), (401, "session_ended"));
    second.http.get("/api/rooms").await?.data()?;
    assert_eq!(third.http.delete(&format!("/api/auth/sessions/{id}")).await?.refusal(), (404, "session_not_found"));

    let asked = Instant::now();
    third.http.delete("/api/auth/sessions").await?.data()?;
    assert_ended(sockets.1, asked).await?;
    assert_eq!(second.http.get("/api/rooms").await?.refusal(), (401, "session_ended"));
    let mut kept = sockets.2;
    stage::until_pong(&mut kept).await?;
    assert_eq!(third.http.get("/api/auth/sessions").await?.data()?.as_array().map(Vec::len), Some(1));
    Ok(())
}

#[tokio::test]
async fn a_new_password_ends_all_other_logins() -> Result<()> {
    let server = stage::server().await?;
    let here = Person::register(server.address(), "alice").await?;
    let there = Person::log_in(server.address(), "alice").await?;
    let socket = there.connect().await?;
    let body = |current: &str, new: &str| json!({"current_password": current, "new_password": new});
    let wrong = here.http.post("/api/auth/password", body(OTHER_PASSWORD, OTHER_PASSWORD)).await?;
    assert_eq!(wrong.refusal(), (422, "invalid"));
    assert!(wrong.body["details"]["fields"]["current_password"].is_array());
    let weak = here.http.post("/api/auth/password", body(PASSWORD, "1")).await?;
    assert!(weak.body["details"]["fields"]["new_password"].is_array(), "{}", weak.body);
    there.http.get("/api/rooms").await?.data()?;
    let asked = Instant::now();
    here.http.post("/api/auth/password", body(PASSWORD, OTHER_PASSWORD)).await?.data()?;
    assert_ended(socket, asked).await?;
    assert_eq!(there.http.get("/api/rooms").await?.refusal(), (401, "session_ended"));
    here.http.get("/api/rooms").await?.data()?;
    let old = server.http().post("/api/auth/login", credentials("alice", PASSWORD)).await?;
    assert_eq!(old.refusal(), (401, "bad_credentials"));
    server.http().post("/api/auth/login", credentials("alice", OTHER_PASSWORD)).await?.data()?;
    Ok(())
}

#[tokio::test]
async fn the_setup_link_makes_one_administrator() -> Result<()> {
    let server = stage::server().await?;
    let token = stage::setup_token(&server)?.to_owned();
    let claim = |token: &str, name: &str, password: &str| {
        let email = format!("{name}@example.org");
        json!({"token": token, "username": name, "email": email, "password": password, "server_name": "Tea House"})
    };
    assert_eq!(server.http().get("/api/server").await?.data()?["setup_needed"], true);
    for guess in ["", "guess", &token.to_uppercase(), &token[1..]] {
        let answer = server.http().post("/api/setup", claim(guess, "eve", PASSWORD)).await?;
        assert_eq!(answer.refusal(), (403, "forbidden"), "{guess}");
    }
    let faulty = server.http().post("/api/setup", claim(&token, "root", "1")).await?;
    assert_eq!(faulty.refusal(), (422, "invalid"), "what was typed wrongly does not spend the link");
    let claims = join_all((0..10).map(|index| {
        let (http, body) = (server.http(), claim(&token, &format!("root{index}"), PASSWORD));
        async move { http.post("/api/setup", body).await }
    }));
    let answers: Vec<Answer> = claims.await.into_iter().collect::<Result<_>>()?;
    let mut statuses: Vec<u16> = answers.iter().map(|answer| answer.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 403, 403, 403, 403, 403, 403, 403, 403, 403]);
    let winner = answers.into_iter().find(|answer| answer.status == 200).context("a winner")?.data()?;
    assert_eq!(winner["user"]["is_admin"], true);
    let facts = server.http().get("/api/server").await?.data()?;
    assert_eq!(
        (&facts["setup_needed"], &facts["name"], &facts["people"]),
        (&json!(false), &json!("Tea House"), &json!(1))
    );
    let late = server.http().post("/api/setup", claim(&token, "late", PASSWORD)).await?;
    assert_eq!(late.refusal(), (403, "forbidden"));
    Ok(())
}

#[tokio::test]
async fn a_ticket_opens_one_socket() -> Result<()> {
    let server = stage::server().await?;
    let alice = Person::register(server.address(), "alice").await?;
    let data = alice.http.post("/api/ws/ticket", json!({})).await?.data()?;
    let ticket = data["ticket"].as_str().context("a ticket")?;
    let open = || Socket::open(server.address(), "/ws", Credential::Ticket(ticket), Encoding::Json);
    let opened = join_all((0..10).map(|_| open())).await;
    let opened: Vec<Option<u16>> = opened.into_iter().map(|socket| Ok(socket?.err())).collect::<Result<_>>()?;
    assert_eq!(opened.iter().filter(|refusal| refusal.is_none()).count(), 1, "{opened:?}");
    assert_eq!(opened.iter().filter(|refusal| **refusal == Some(401)).count(), 9, "{opened:?}");
    let data = alice.http.post("/api/ws/ticket", json!({})).await?.data()?;
    alice.http.post("/api/auth/logout", json!({})).await?.data()?;
    let late = Credential::Ticket(data["ticket"].as_str().context("a ticket")?);
    let refused = Socket::open(server.address(), "/ws", late, Encoding::Json).await?;
    assert_eq!(refused.err(), Some(401), "a ticket does not outlive its session");
    Ok(())
}

#[tokio::test]
async fn a_login_that_runs_out_takes_its_sockets_along() -> Result<()> {
    const LIFE: Duration = Duration::from_secs(2);
    let server = stage::server_with(|config| config.session_ttl = LIFE).await?;
    let alice = Person::register(server.address(), "alice").await?;
    let socket = alice.connect().await?;
    assert_ended(socket, Instant::now() + LIFE).await?;
    assert_eq!(alice.http.get("/api/rooms").await?.status, 401);
    Ok(())
}

#[tokio::test]
async fn a_profile_is_changed_field_by_field_and_checked() -> Result<()> {
    let (server, cast) = {
        let server = stage::server().await?;
        let cast = Cast::gather(server.address()).await?;
        (server, cast)
    };
    let (alice, path) = (&cast.alice, format!("/api/users/{}", cast.alice.id));
    let change = json!({"display_name": "Alice 爱丽丝", "bio": "two\nlines", "status_text": "at sea", "theme": "dark"});
    alice.http.put(&path, change).await?.data()?;
    for grab in [json!({"username": "eve"}), json!({"id": 1}), json!({"is_admin": true})] {
        assert_eq!(alice.http.put(&path, grab).await?.refusal(), (422, "invalid"));
    }
    alice.http.put(&path, json!({"locale": "zh-Hans"})).await?.data()?;
    let own = alice.http.get("/api/auth/userinfo").await?.data()?;
    let expected = json!({"display_name": "Alice 爱丽丝", "bio": "two\nlines", "status_text": "at sea", "theme": "dark", "locale": "zh-Hans", "username": "alice", "is_admin": false});
    for (field, value) in expected.as_object().context("an object")? {
        assert_eq!(&own[field], value, "{field}");
    }
    let seen = cast.bob.http.get(&path).await?.data()?;
    assert_eq!((&seen["display_name"], &seen["status_text"]), (&json!("Alice 爱丽丝"), &json!("at sea")));
    for field in ["email", "theme", "locale", "is_admin"] {
        assert!(seen.get(field).is_none(), "{field} is nobody else's business");
    }
    let faults = json!({"display_name": "x".repeat(65), "theme": "pink", "locale": "tlh", "email": "nobody"});
    let answer = alice.http.put(&path, faults).await?;
    assert_eq!(answer.refusal(), (422, "invalid"));
    let fields = answer.body["details"]["fields"].as_object().context("no fields")?;
    assert_eq!(fields.keys().collect::<Vec<_>>(), ["display_name", "email", "locale", "theme"]);
    let taken = json!({"email": "BOB@example.org", "current_password": PASSWORD});
    let taken = alice.http.put(&path, taken).await?;
    assert_eq!(taken.refusal(), (409, "email_taken"));
    drop(server);
    Ok(())
}

#[tokio::test]
async fn another_address_for_oneself_needs_the_password() -> Result<()> {
    let server = stage::server().await?;
    let Cast { alice, .. } = &Cast::gather(server.address()).await?;
    let path = format!("/api/users/{}", alice.id);
    let address = alice.http.get("/api/auth/userinfo").await?.data()?["email"].clone();
    for same in [json!({"email": address}), json!({"email": null}), json!({"bio": "here"})] {
        alice.http.put(&path, same).await?.data()?;
    }
    let change = |password: Option<&str>| json!({"email": "new@example.org", "current_password": password});
    for wrong in [None, Some("guess")] {
        let answer = alice.http.put(&path, change(wrong)).await?;
        assert_eq!(answer.refusal(), (422, "invalid"), "{wrong:?}");
        assert!(answer.body["details"]["fields"]["current_password"].is_array(), "{wrong:?}");
    }
    assert_eq!(alice.http.get("/api/auth/userinfo").await?.data()?["email"], address);
    let changed = alice.http.put(&path, change(Some(PASSWORD))).await?.data()?;
    assert_eq!(changed["email"], "new@example.org");
    Ok(())
}

#[tokio::test]
async fn a_deactivated_account_is_out_everywhere_and_its_words_stay() -> Result<()> {
    let server = stage::server().await?;
    let cast = Cast::gather(server.address()).await?;
    let Cast { alice, bob, room, .. } = &cast;
    bob.say(*room, "I was here").await?;
    let begun = alice.http.post("/api/rooms/direct", json!({"user_id": bob.id})).await?.data()?["id"].clone();
    bob.say(number(&begun), "a secret").await?;
    let data = server.http().post("/api/auth/login", credentials("bob", PASSWORD)).await?.data()?;
    let socket = bob.connect().await?;
    let asked = Instant::now();
    bob.http.get(&format!("/api/users/delete/{}", bob.id)).await?.data()?;
    assert_ended(socket, asked).await?;
    assert_eq!(bob.http.get("/api/rooms").await?.refusal(), (401, "session_ended"));
    assert_eq!(refresh(&server, data["refresh_token"].as_str().context("a token")?).await?.status, 401);
    let login = server.http().post("/api/auth/login", credentials("bob", PASSWORD)).await?;
    let unknown = Http::new(server.address()).post("/api/auth/login", credentials("nobody", PASSWORD)).await?;
    assert_eq!(without_request_id(&login), without_request_id(&unknown));
    assert_eq!(alice.http.get(&format!("/api/users/{}", bob.id)).await?.data()?["deactivated"], true);
    let again = server.http().post("/api/auth/register", register("bob", "bob2@example.org")).await?;
    assert_eq!(again.refusal(), (409, "username_taken"), "nobody takes over a name that has words");
    let words = alice.history(*room).await?;
    assert!(words.iter().any(|row| row["content"] == "I was here" && row["username"] == "bob"));
    let members = alice.http.get(&format!("/api/rooms/{room}/members")).await?.data()?.to_string();
    assert!(members.contains("carol") && !members.contains("bob"), "{members}");
    assert_eq!(alice.say(*room, "@bob, are you there?").await?["mentions"], json!([]));
    let open = async |who: &Person| who.http.post("/api/rooms/direct", json!({"user_id": bob.id})).await;
    assert_eq!(open(&cast.carol).await?.refusal(), (404, "user_not_found"), "none begins");
    assert_eq!(open(alice).await?.data()?["id"], begun, "what was said stays");
    assert_eq!(alice.history(number(&begun)).await?.last().context("a row")?["content"], "a secret");
    let more = alice.http.post(&format!("/api/rooms/{begun}/messages"), json!({"content": "hello?"})).await?;
    assert_eq!(more.refusal(), (403, "forbidden"));
    Ok(())
}

#[tokio::test]
async fn nobody_goes_who_is_still_needed() -> Result<()> {
    let server = stage::server().await?;
    let root = stage::administrator(&server).await?;
    let Cast { alice, bob, carol, room, .. } = Cast::gather(server.address()).await?;
    let end = |who: &Person| format!("/api/users/{}", who.id);
    assert_eq!(root.http.delete(&end(&root)).await?.refusal(), (409, "last_admin"));
    assert_eq!(alice.http.delete(&end(&alice)).await?.refusal(), (409, "last_owner"));
    assert_eq!(server.http().get("/api/server").await?.data()?["setup_needed"], false);
    alice.http.get("/api/rooms").await?.data()?;
    alice.seat(room, &carol, "owner").await?;
    alice.http.post("/api/rooms/direct", json!({"user_id": bob.id})).await?.data()?;
    alice.create_room("Alone", true).await?;
    alice.http.delete(&end(&alice)).await?.data()?;
    // Now carol is the last one, whoever owned it before.
    assert_eq!(carol.http.delete(&end(&carol)).await?.refusal(), (409, "last_owner"));
    // Who runs the server closes any account, and the room has an owner all the same.
    root.http.delete(&end(&carol)).await?.data()?;
    assert_eq!(bob.http.get(&format!("/api/rooms/{room}")).await?.data()?["my_role"], "owner");
    bob.http.delete(&end(&bob)).await?.data()?;
    Ok(())
}
