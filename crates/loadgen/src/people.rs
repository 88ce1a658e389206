//! Accounts and rooms for the scenarios, made through the front door of the server. The reference broadcaster has none.

use std::net::SocketAddr;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use crate::{RunArguments, http::Http};

const PASSWORD: &str = "plum-harbour-42-lantern";

/// Somebody with a token.
pub struct Person {
    pub token: String,
}

/// The same people on every call with the same server.
pub fn gather(arguments: &RunArguments, count: usize) -> Result<Vec<Person>> {
    if arguments.reference {
        return Ok((0..count).map(|number| Person { token: format!("reference-{number}") }).collect());
    }
    (0..count).map(|number| enter(arguments.server, number)).collect()
}

/// Registers, or logs in. All come from one address: the server's budgets for that are raised.
fn enter(server: SocketAddr, number: usize) -> Result<Person> {
    let mut http = Http::connect(server, None)?;
    let name = format!("load{number}");
    let account = json!({"username": name, "email": format!("{name}@example.org"), "password": PASSWORD});
    let answer = http
        .post("/api/auth/register", &account)
        .or_else(|_| http.post("/api/auth/login", &json!({"username": name, "password": PASSWORD})));
    let answer = answer.with_context(|| format!("{name} cannot enter"))?;
    Ok(Person { token: answer["token"].as_str().context("no token")?.to_owned() })
}

/// Public rooms with this many, in order. The reference takes any number as a room.
pub fn rooms(arguments: &RunArguments, owner: &Person, count: usize) -> Result<Vec<i64>> {
    if arguments.reference {
        return Ok((1..=count as i64).collect());
    }
    let mut http = Http::connect(arguments.server, Some(&owner.token))?;
    let room = |number| {
        let room = http.post("/api/rooms", &json!({"name": format!("load {number}")}))?;
        room["id"].as_i64().context("no room id")
    };
    (0..count).map(room).collect()
}

/// Direct conversations of the one with each of the others, and a private room of the same two beside each.
pub fn pairs(server: SocketAddr, one: &Person, others: &[Person]) -> Result<Vec<Pair>> {
    let mut http = Http::connect(server, Some(&one.token))?;
    let pair = |other: &Person| {
        let other =
            Http::connect(server, Some(&other.token))?.get("/api/auth/userinfo")?["id"].as_i64().context("no id")?;
        let direct = http.post("/api/rooms/direct", &json!({"user_id": other}))?["id"].as_i64();
        let room = http.post("/api/rooms", &json!({"name": "two", "is_private": true}))?["id"].as_i64();
        let (direct, room) = (direct.context("no room id")?, room.context("no room id")?);
        http.put(&format!("/api/rooms/{room}/members/{other}"), &json!({"role": "member"}))?;
        Ok(Pair { direct, room })
    };
    others.iter().map(pair).collect()
}

/// Two rooms of the same two people.
pub struct Pair {
    pub direct: i64,
    pub room: i64,
}

/// The room's newest log position.
pub fn head(arguments: &RunArguments, person: &Person, room: i64) -> Result<i64> {
    let mut http = Http::connect(arguments.server, Some(&person.token))?;
    http.get(&format!("/api/rooms/{room}"))?["last_seq"].as_i64().context("no last_seq")
}

/// Reads the room's history after `after` up to its head: each message must be the one after the last.
pub fn catch_up(arguments: &RunArguments, person: &Person, room: i64, after: i64, head: i64) -> Result<()> {
    let mut http = Http::connect(arguments.server, Some(&person.token))?;
    let mut place = after;
    while place < head {
        let page = http.get(&format!("/api/rooms/{room}/messages?limit=100&after={place}"))?;
        let rows = page.as_array().context("no list of messages")?;
        ensure!(!rows.is_empty(), "nothing comes after {place}, but the head is {head}");
        for seq in rows.iter().filter_map(|row| row["seq"].as_i64()) {
            ensure!(seq == place + 1, "{seq} stands after {place}");
            place = seq;
        }
    }
    Ok(())
}
