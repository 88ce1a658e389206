//! The people of the tests: alice owns a private room, bob is its member, carol its admin, and mallory is outside. They are
//! made through the front door, like anybody.

use std::net::SocketAddr;

use anyhow::{Context as _, Result};
use chinwag_proto::frame::Encoding;
use serde_json::{Value, json};

use crate::{Http, Socket, socket::Credential};

/// Good enough for every policy.
pub const PASSWORD: &str = "plum-harbour-42-lantern";

/// Somebody with an account.
#[derive(Clone)]
pub struct Person {
    pub id: i64,
    pub name: String,
    pub http: Http,
    address: SocketAddr,
}

/// Everybody, and the room they meet in.
pub struct Cast {
    pub alice: Person,
    pub bob: Person,
    pub carol: Person,
    pub mallory: Person,
    /// Private: alice's.
    pub room: i64,
}

impl Cast {
    /// Registers the people of a fresh server and seats them.
    pub async fn gather(server: SocketAddr) -> Result<Self> {
        let alice = Person::register(server, "alice").await?;
        let bob = Person::register(server, "bob").await?;
        let carol = Person::register(server, "carol").await?;
        let mallory = Person::register(server, "mallory").await?;
        let room = alice.create_room("Tea", true).await?;
        alice.seat(room, &bob, "member").await?;
        alice.seat(room, &carol, "member").await?;
        alice.seat(room, &carol, "admin").await?;
        Ok(Self { alice, bob, carol, mallory, room })
    }
}

impl Person {
    pub async fn register(server: SocketAddr, name: &str) -> Result<Self> {
        let body = json!({"username": name, "email": format!("{name}@example.org"), "password": PASSWORD});
        let data = Http::new(server).post("/api/auth/register", body).await?.data()?;
        Self::from_login(server, &data)
    }

    /// A new session of the same person.
    pub async fn log_in(server: SocketAddr, name: &str) -> Result<Self> {
        let body = json!({"username": name, "password": PASSWORD});
        let data = Http::new(server).post("/api/auth/login", body).await?.data()?;
        Self::from_login(server, &data)
    }

    /// From the answer of whatever logs somebody in.
    pub fn from_login(address: SocketAddr, data: &Value) -> Result<Self> {
        let token = data["token"].as_str().context("no token")?;
        Ok(Self {
            id: data["user"]["id"].as_i64().context("no user id")?,
            name: data["user"]["username"].as_str().context("no user name")?.to_owned(),
            http: Http::new(address).with_token(token),
            address,
        })
    }

    /// The same session at another server.
    pub fn at(&self, address: SocketAddr) -> Self {
        Self { http: self.http.at(address), address, ..self.clone() }
    }

    pub fn token(&self) -> &str {
        self.http.token().unwrap_or_default()
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub async fn connect(&self) -> Result<Socket> {
        self.connect_as(Encoding::Json).await
    }

    pub async fn connect_as(&self, encoding: Encoding) -> Result<Socket> {
        Socket::connect_as(self.address, Credential::Bearer(self.token()), encoding).await
    }

    /// The new room's id.
    pub async fn create_room(&self, name: &str, is_private: bool) -> Result<i64> {
        let body = json!({"name": name, "is_private": is_private});
        self.http.post("/api/rooms", body).await?.data()?["id"].as_i64().context("no room id")
    }

    /// Adds a person to the room, or gives another role.
    pub async fn seat(&self, room: i64, who: &Self, role: &str) -> Result<()> {
        self.http.put(&format!("/api/rooms/{room}/members/{}", who.id), json!({"role": role})).await?.data()?;
        Ok(())
    }

    pub async fn join(&self, room: i64) -> Result<()> {
        self.http.post(&format!("/api/rooms/{room}/join"), json!({})).await?.data()?;
        Ok(())
    }

    /// Posts by HTTP and gives the message.
    pub async fn say(&self, room: i64, content: &str) -> Result<Value> {
        self.http
            .post(&format!("/api/rooms/{room}/messages"), json!({"type": "text", "content": content}))
            .await?
            .data()
    }

    /// The whole history of a room, oldest first, page by page.
    pub async fn history(&self, room: i64) -> Result<Vec<Value>> {
        let mut rows = Vec::new();
        let mut after = 0;
        loop {
            let path = format!("/api/rooms/{room}/messages?limit=100&after={after}");
            let page = self.http.get(&path).await?.data()?;
            let page = page.as_array().context("a page is a list")?;
            let Some(last) = page.last() else { return Ok(rows) };
            after = last["seq"].as_i64().context("a row has a seq")?;
            rows.extend(page.iter().cloned());
        }
    }
}
