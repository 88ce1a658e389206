//! Where most tests begin: a server of their own, people on it, and a few ways to listen. It asserts nothing.

use std::{net::SocketAddr, path::Path, time::Duration};

use anyhow::{Context as _, Result};
use chinwag_proto::{
    Event, Join, Ping, Request,
    frame::{self, Encoding},
};
use chinwag_server::Config;
use chinwag_testkit::{Person, Process, Server, Socket, cast::PASSWORD, http::Answer, set_clock};
use reqwest::{Body, Client, Method, redirect::Policy};
use serde_json::{Value, json};
use tokio::time::timeout;

/// Longer than any condition takes to come about on a healthy server.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// A server that throttles nobody: what a test does in a second is more than a person does.
pub async fn server() -> Result<Server> {
    server_with(|_| {}).await
}

/// The same with other settings besides.
pub async fn server_with(settings: impl FnOnce(&mut Config)) -> Result<Server> {
    Server::start_with(|config| {
        config.limits.frames_per_second = 10_000;
        config.limits.frames_burst = 10_000;
        config.limits.registrations_per_minute = 1_000;
        config.limits.failed_logins_per_minute = 1_000;
        settings(config);
    })
    .await
}

/// A process whose time of day can be put on by some days: it begins with the true one, and logins outlive them.
pub fn server_by_clock(clock: &Path, settings: &[(&str, &str)]) -> Result<Process> {
    set_clock(clock, 0)?;
    Process::start_by_clock(&[&[("session_ttl", "30 d"), ("token_ttl", "24 h")], settings].concat(), clock)
}

/// The fragment of the set-up link.
pub fn setup_token(server: &Server) -> Result<&str> {
    let link = server.setup_link().context("there is an administrator already")?;
    Ok(link.split_once("/setup#").context("the link has no token")?.1)
}

/// Whoever follows the set-up link.
pub async fn administrator(server: &Server) -> Result<Person> {
    let token = setup_token(server)?;
    let body = json!({"token": token, "username": "root", "email": "root@example.org", "password": PASSWORD});
    let data = server.http().post("/api/setup", body).await?.data()?;
    Person::from_login(server.address(), &data)
}

/// A socket that listens to these rooms, with everything read that says so.
pub async fn listen(person: &Person, encoding: Encoding, rooms: &[i64]) -> Result<Socket> {
    let mut socket = person.connect_as(encoding).await?;
    for &room_id in rooms {
        socket.send(&Request::Join(Join { room_id })).await?;
        socket
            .expect("the userlist after a join", |event| {
                matches!(event, Event::Userlist(list) if list.room_id == room_id).then_some(())
            })
            .await?;
    }
    Ok(socket)
}

/// Everything that comes until the server has done what was asked before.
pub async fn until_pong(socket: &mut Socket) -> Result<Vec<Event>> {
    socket.send(&Request::Ping(Ping {})).await?;
    let mut heard = Vec::new();
    loop {
        match socket.next().await? {
            Event::Pong(_) => return Ok(heard),
            event => heard.push(event),
        }
    }
}

/// The frame as JSON shows it.
pub fn json_of(event: &Event) -> Value {
    serde_json::from_slice(&frame::encode_event(Encoding::Json, event)).unwrap_or_default()
}

/// The `type` of a frame.
pub fn word(event: &Event) -> String {
    json_of(event)["type"].as_str().unwrap_or_default().to_owned()
}

/// A request with headers of its own, as browsers and attackers make them.
pub async fn request(
    server: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> Result<Answer> {
    let url = format!("http://{server}{path}");
    let mut request = Client::builder().redirect(Policy::none()).build()?.request(method.parse::<Method>()?, url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.body(body).send().await?;
    let (status, headers) = (response.status(), response.headers().clone());
    let bytes = response.bytes().await?;
    Ok(Answer { status, headers, body: serde_json::from_slice(&bytes).unwrap_or_default() })
}

/// Asks again until the answer is there: for what comes about by itself.
pub async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    let search = async {
        loop {
            if let Some(found) = ask().await? {
                return Ok(found);
            }
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, search).await.with_context(|| format!("{what} did not come about"))?
}

/// One room as this person sees it.
pub async fn room(person: &Person, room_id: i64) -> Result<Value> {
    person.http.get(&format!("/api/rooms/{room_id}")).await?.data()
}

/// The log position of a row, or whatever else is a number.
pub fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_default()
}
