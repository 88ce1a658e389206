//! Who gets which answer over HTTP: every operation of the published document, asked by everybody who may not and by
//! somebody who may. The frames of the socket are asked in `access_frames.rs`.

use anyhow::{Context as _, Result, ensure};
use chinwag_proto::frame::Encoding;
use chinwag_testkit::{Http, Person, Server, Socket, cast::PASSWORD, files, http::Answer, socket::Credential};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    bad_credentials::bad_credentials,
    stage::{self, number},
};

/// No room and no message has this id.
const NOWHERE: i64 = 999_999_999;

/// Who may ask, and what they are told.
#[derive(Clone, Copy)]
enum Expect {
    /// Needs no credential: the same answer for everybody, whatever they carry.
    Open(u16),
    /// Whoever is logged in.
    Anyone(u16),
    /// Outsiders of a private room, outsiders of a public one, members, its admins, its owner.
    Room([u16; 5]),
    /// About alice's account or login: other people, herself, the administrator.
    Own([u16; 3]),
    /// Other people, the administrator.
    Administrator([u16; 2]),
}

use Expect::*;

/// One operation, with the things of the scene it is about in its path and body.
struct Row {
    method: &'static str,
    path: &'static str,
    body: Value,
    expect: Expect,
}

fn row(method: &'static str, path: &'static str, body: Value, expect: Expect) -> Row {
    Row { method, path, body, expect }
}

#[rustfmt::skip]
fn rows() -> Vec<Row> {
    let none = || Value::Null;
    let login = json!({"username": "alice", "password": PASSWORD});
    let register = json!({"username": "{fresh}", "email": "{fresh}@example.org", "password": PASSWORD});
    let setup = json!({"token": "guess", "username": "{fresh}", "email": "{fresh}@example.org", "password": PASSWORD});
    let password = json!({"current_password": PASSWORD, "new_password": PASSWORD});
    vec![
        row("GET", "/health", none(), Open(200)),
        row("GET", "/health/live", none(), Open(200)),
        row("GET", "/health/ready", none(), Open(200)),
        row("GET", "/metrics", none(), Open(200)),
        row("GET", "/api/openapi.json", none(), Open(200)),
        row("GET", "/api/server", none(), Open(200)),
        row("POST", "/api/setup", setup, Open(403)),
        row("POST", "/api/auth/register", register, Open(200)),
        row("POST", "/api/auth/login", login, Open(200)),
        row("POST", "/api/auth/refresh", json!({"refresh_token": "guess"}), Open(401)),
        row("POST", "/api/auth/refresh", json!({}), Anyone(200)),
        row("POST", "/api/auth/logout", none(), Anyone(200)),
        row("GET", "/api/auth/userinfo", none(), Anyone(200)),
        row("POST", "/api/auth/password", password, Anyone(200)),
        row("GET", "/api/auth/sessions", none(), Anyone(200)),
        row("DELETE", "/api/auth/sessions", none(), Anyone(200)),
        row("DELETE", "/api/auth/sessions/{session}", none(), Own([404, 200, 404])),
        row("GET", "/api/users", none(), Anyone(200)),
        row("GET", "/api/users/online", none(), Anyone(200)),
        row("GET", "/api/users/{alice}", none(), Anyone(200)),
        row("PUT", "/api/users/{alice}", json!({"bio": "tea"}), Own([403, 200, 200])),
        row("DELETE", "/api/users/{account}", none(), Own([403, 200, 200])),
        row("GET", "/api/users/delete/{account}", none(), Own([403, 200, 200])),
        row("PUT", "/api/users/{alice}/avatar", json!({"drawn": "owl"}), Own([403, 200, 200])),
        row("DELETE", "/api/users/{alice}/avatar", none(), Own([403, 200, 200])),
        row("POST", "/api/rooms", json!({"name": "Mine"}), Anyone(200)),
        row("GET", "/api/rooms", none(), Anyone(200)),
        row("GET", "/api/rooms/search", none(), Anyone(200)),
        row("POST", "/api/rooms/direct", json!({"user_id": "{alice}"}), Anyone(200)),
        row("GET", "/api/rooms/{room}", none(), Room([404, 200, 200, 200, 200])),
        row("PUT", "/api/rooms/{room}", json!({"name": "Coffee"}), Room([404, 403, 403, 200, 200])),
        row("PUT", "/api/rooms/{room}/avatar", json!({"drawn": "owl"}), Room([404, 403, 403, 200, 200])),
        row("DELETE", "/api/rooms/{room}/avatar", none(), Room([404, 403, 403, 200, 200])),
        row("GET", "/api/avatars/{face}", none(), Room([404, 200, 200, 200, 200])),
        row("GET", "/api/emojis", none(), Anyone(200)),
        row("POST", "/api/emojis", json!({}), Anyone(415)),
        row("DELETE", "/api/emojis/{emoji}", none(), Own([404, 200, 200])),
        row("DELETE", "/api/rooms/{room}", none(), Room([404, 403, 403, 403, 200])),
        row("POST", "/api/rooms/{room}/join", none(), Room([404, 200, 200, 200, 200])),
        row("POST", "/api/rooms/{room}/leave", none(), Room([404, 200, 200, 200, 409])),
        row("GET", "/api/rooms/{room}/members", none(), Room([404, 200, 200, 200, 200])),
        row("PUT", "/api/rooms/{room}/members/{zoe}", json!({"role": "member"}), Room([404, 403, 0, 200, 200])),
        row("PUT", "/api/rooms/{room}/members/{zoe}", json!({"role": "admin"}), Room([404, 403, 403, 403, 200])),
        row("PUT", "/api/rooms/{room}/members/{dave}", json!({"role": "admin"}), Room([404, 403, 403, 403, 200])),
        row("DELETE", "/api/rooms/{room}/members/{dave}", none(), Room([404, 403, 403, 200, 200])),
        row("DELETE", "/api/rooms/{room}/members/{alice}", none(), Room([404, 403, 403, 403, 409])),
        row("GET", "/api/rooms/{room}/messages", none(), Room([404, 200, 200, 200, 200])),
        row("POST", "/api/rooms/{room}/messages", json!({"content": "hi"}), Room([404, 403, 200, 200, 200])),
        row("PUT", "/api/messages/{alices}", json!({"content": "ho"}), Room([404, 403, 403, 403, 200])),
        row("DELETE", "/api/messages/{alices}", none(), Room([404, 403, 403, 403, 200])),
        row("DELETE", "/api/messages/{daves}", none(), Room([404, 403, 403, 200, 200])),
        row("POST", "/api/messages/{alices}/read", none(), Room([404, 403, 200, 200, 200])),
        row("GET", "/api/messages/unread", none(), Anyone(200)),
        row("GET", "/api/rooms/{room}/files", none(), Room([404, 200, 200, 200, 200])),
        row("GET", "/api/files", none(), Anyone(200)),
        row("POST", "/api/upload/image", json!({}), Anyone(415)),
        row("POST", "/api/upload/file", json!({}), Anyone(415)),
        row("POST", "/api/files/upload", json!({}), Anyone(415)),
        row("GET", "/api/files/{picture}", none(), Room([404, 200, 200, 200, 200])),
        row("GET", "/api/files/{picture}/meta", none(), Room([404, 200, 200, 200, 200])),
        row("GET", "/api/files/{picture}/preview", none(), Room([404, 200, 200, 200, 200])),
        row("GET", "/api/files/{picture}/download", none(), Room([404, 200, 200, 200, 200])),
        row("PUT", "/api/files/{picture}/poster", json!({}), Room([404, 404, 404, 404, 404])),
        row("DELETE", "/api/files/{picture}", none(), Room([404, 404, 404, 404, 404])),
        row("OPTIONS", "/api/files/uploads", none(), Open(204)),
        row("POST", "/api/files/uploads", none(), Anyone(412)),
        row("HEAD", "/api/files/uploads/{picture}", none(), Anyone(412)),
        row("PATCH", "/api/files/uploads/{picture}", none(), Anyone(412)),
        row("DELETE", "/api/files/uploads/{picture}", none(), Anyone(412)),
        row("POST", "/api/ws/ticket", none(), Anyone(200)),
        row("GET", "/api/ws/stats", none(), Administrator([403, 200])),
        row("POST", "/api/ws/broadcast/{room}", json!({"content": "hear"}), Room([404, 403, 403, 403, 200])),
    ]
}

/// Everybody who comes by. Guests have no credential: to every door but their own they are nobody.
pub struct People {
    pub alice: Person,
    pub bob: Person,
    pub carol: Person,
    pub dave: Person,
    pub zoe: Person,
    pub mallory: Person,
    pub leo: Person,
    pub kim: Person,
    pub olga: Person,
    pub root: Person,
}

impl People {
    pub async fn gather(server: &Server) -> Result<Self> {
        let register = |name| Person::register(server.address(), name);
        let people = Self {
            root: stage::administrator(server).await?,
            alice: register("alice").await?,
            bob: register("bob").await?,
            carol: register("carol").await?,
            dave: register("dave").await?,
            zoe: register("zoe").await?,
            mallory: register("mallory").await?,
            leo: register("leo").await?,
            kim: register("kim").await?,
            olga: register("olga").await?,
        };
        people.olga.create_room("Olga's", true).await?;
        Ok(people)
    }

    /// Who is no member: a stranger, one who left, one who was kicked, the owner of another room, the administrator.
    pub fn outsiders(&self) -> [(&'static str, &Person); 5] {
        [
            ("a stranger", &self.mallory),
            ("one who left", &self.leo),
            ("one who was kicked", &self.kim),
            ("another room's owner", &self.olga),
            ("the administrator", &self.root),
        ]
    }

    pub fn insiders(&self) -> [(&'static str, &Person); 3] {
        [("a member", &self.bob), ("the room's admin", &self.carol), ("the owner", &self.alice)]
    }
}

/// What the questions are about.
pub struct Scene {
    pub room: i64,
    pub alices: i64,
    pub daves: i64,
    /// A file of alice's, which hangs on a message of hers.
    pub picture: i64,
    /// The key of the room's picture.
    pub face: String,
}

impl Scene {
    pub async fn set(people: &People, is_private: bool) -> Result<Self> {
        let People { alice, bob, carol, dave, leo, kim, .. } = people;
        let room = alice.create_room("Tea", is_private).await?;
        for who in [bob, carol, dave, leo, kim] {
            alice.seat(room, who, "member").await?;
        }
        alice.seat(room, carol, "admin").await?;
        leo.http.post(&format!("/api/rooms/{room}/leave"), json!({})).await?.data()?;
        alice.http.delete(&format!("/api/rooms/{room}/members/{}", kim.id)).await?.data()?;
        let alices = number(&alice.say(room, "by alice").await?["id"]);
        let daves = number(&dave.say(room, "by dave").await?["id"]);
        let picture = number(&files::upload(alice, "tea.png", &files::png(8, 8)?).await?["id"]);
        files::post(alice, room, &[picture]).await?;
        let shown = files::avatar(alice, &format!("/api/rooms/{room}/avatar"), &files::png(8, 8)?).await?;
        Ok(Self { room, alices, daves, picture, face: shown.replace("/api/avatars/", "") })
    }

    /// The same questions about things that are not there.
    pub fn nowhere() -> Self {
        Self { room: NOWHERE, alices: NOWHERE, daves: NOWHERE, picture: NOWHERE, face: "0".repeat(32) }
    }
}

/// Puts the scene's things into a path or a body.
fn fill(text: &str, people: &People, scene: &Scene) -> String {
    let ids = [
        ("{room}", scene.room),
        ("{alices}", scene.alices),
        ("{daves}", scene.daves),
        ("{picture}", scene.picture),
        ("{alice}", people.alice.id),
        ("{dave}", people.dave.id),
        ("{zoe}", people.zoe.id),
    ];
    ids.iter().fold(text.replace("{face}", &scene.face), |text, (name, id)| {
        text.replace(&format!("\"{name}\""), &id.to_string()).replace(name, &id.to_string())
    })
}

impl Row {
    async fn ask(&self, door: &Http, people: &People, scene: &Scene) -> Result<Answer> {
        self.ask_about(door, &[], people, scene).await
    }

    async fn ask_about(&self, door: &Http, things: &[(&str, &str)], people: &People, scene: &Scene) -> Result<Answer> {
        let put = |text: &str| things.iter().fold(text.to_owned(), |text, (name, thing)| text.replace(name, thing));
        let path = fill(&put(self.path), people, scene);
        let body = match &self.body {
            Value::Null => None,
            body => Some(serde_json::from_str(&fill(&put(&body.to_string()), people, scene))?),
        };
        door.call(self.method.parse::<Method>()?, &path, body).await
    }

    /// Whether this row is about that operation.
    fn is_about(&self, method: &str, template: &str) -> bool {
        let is_slot = |part: &str| part.starts_with('{');
        let (mine, theirs): (Vec<&str>, Vec<&str>) = (self.path.split('/').collect(), template.split('/').collect());
        self.method == method
            && mine.len() == theirs.len()
            && mine.iter().zip(&theirs).all(|(a, b)| a == b || (is_slot(a) && is_slot(b)))
    }
}

fn door(server: &Server, token: Option<&str>) -> Http {
    let nobody = Http::new(server.address());
    token.map_or(nobody.clone(), |token| nobody.with_token(token))
}

/// An answer without what differs from request to request.
fn shape(answer: &Answer) -> (u16, Value, Vec<(String, String)>) {
    let mut body = answer.body.clone();
    body["request_id"] = Value::Null;
    let headers = answer.headers.iter().filter(|(name, _)| !["date", "x-request-id"].contains(&name.as_str()));
    let headers = headers.map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into()));
    (answer.status.as_u16(), body, headers.collect())
}

#[tokio::test]
async fn every_operation_has_a_row_and_every_row_an_operation() -> Result<()> {
    let server = stage::server().await?;
    let document = Http::new(server.address()).get("/api/openapi.json").await?.body;
    let rows = rows();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().context("no paths")? {
        for method in item.as_object().context("no operations")?.keys() {
            operations.push((method.to_uppercase(), path.clone()));
        }
    }
    ensure!(operations.len() > 40, "the document is not whole");
    for (method, path) in &operations {
        assert!(rows.iter().any(|row| row.is_about(method, path)), "no row says who may {method} {path}");
    }
    for row in &rows {
        let known = operations.iter().any(|(method, path)| row.is_about(method, path));
        assert!(known, "{} {} is not an operation any more", row.method, row.path);
    }
    Ok(())
}

#[tokio::test]
async fn no_credential_that_does_not_hold_opens_a_door() -> Result<()> {
    let server = stage::server().await?;
    let people = People::gather(&server).await?;
    let scene = Scene::set(&people, true).await?;
    let bad = bad_credentials(&server).await?;
    let before = stage::room(&people.alice, scene.room).await?;
    let mut fresh = 0;
    for row in rows() {
        for (who, token, word) in &bad {
            fresh += 1;
            let things = [
                ("{fresh}", &*format!("fresh{fresh}")),
                ("{session}", "00000000000000ff"),
                ("{account}", &*people.alice.id.to_string()),
                ("{emoji}", "1"),
            ];
            let answer = row.ask_about(&door(&server, token.as_deref()), &things, &people, &scene).await?;
            let what = format!("{} {} by {who}", row.method, row.path);
            match row.expect {
                Open(status) => assert_eq!(answer.status, status, "{what}: {}", answer.body),
                // Its answers have no body.
                _ if row.method == "HEAD" => assert_eq!(answer.status, 401, "{what}"),
                _ => assert_eq!(answer.refusal(), (401, *word), "{what}: {}", answer.body),
            }
        }
    }
    for (who, token, _) in &bad {
        for encoding in [Encoding::Json, Encoding::Proto] {
            let credential = token.as_deref().map_or(Credential::Nothing, Credential::Bearer);
            let opened = Socket::open(server.address(), "/ws", credential, encoding).await?;
            assert_eq!(opened.err(), Some(401), "the socket, by {who}");
        }
        if let Some(token) = token {
            let opened = Socket::open(server.address(), "/ws", Credential::Query(token), Encoding::Json).await?;
            assert_eq!(opened.err(), Some(401), "the socket with the token in its address, by {who}");
        }
    }
    assert_eq!(stage::room(&people.alice, scene.room).await?, before);
    Ok(())
}

#[tokio::test]
async fn what_one_may_not_see_answers_as_if_it_were_not_there() -> Result<()> {
    let server = stage::server().await?;
    let people = People::gather(&server).await?;
    let scene = Scene::set(&people, true).await?;
    let before = stage::room(&people.alice, scene.room).await?;
    for row in rows() {
        let Room([hidden, ..]) = row.expect else { continue };
        for (who, person) in people.outsiders() {
            let what = format!("{} {} by {who}", row.method, row.path);
            let answer = row.ask(&person.http, &people, &scene).await?;
            assert_eq!(answer.status, hidden, "{what}: {}", answer.body);
            let unknown = row.ask(&person.http, &people, &Scene::nowhere()).await?;
            assert_eq!(shape(&answer), shape(&unknown), "{what}: one can tell that it is there");
        }
    }
    assert_eq!(stage::room(&people.alice, scene.room).await?, before, "somebody who was refused changed something");
    Ok(())
}

#[tokio::test]
async fn a_room_obeys_its_people_by_their_role() -> Result<()> {
    let server = stage::server().await?;
    let people = People::gather(&server).await?;
    for row in rows() {
        let Room([_, public, inside @ ..]) = row.expect else { continue };
        let outsider = ("an outsider of a public room", &people.mallory, public, false);
        let insiders =
            people.insiders().into_iter().zip(inside).map(|((who, person), status)| (who, person, status, true));
        for (who, person, status, is_private) in std::iter::once(outsider).chain(insiders) {
            // Members of private rooms cannot add people, members of public ones can.
            let (status, is_private) = if status == 0 { (200, false) } else { (status, is_private) };
            let scene = Scene::set(&people, is_private).await?;
            let before = stage::room(&people.alice, scene.room).await?;
            let answer = row.ask(&person.http, &people, &scene).await?;
            let what = format!("{} {} {} by {who}", row.method, row.path, row.body);
            assert_eq!(answer.status, status, "{what}: {}", answer.body);
            if status >= 400 {
                let after = stage::room(&people.alice, scene.room).await?;
                assert_eq!(after, before, "{what} was refused and changed something");
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn members_of_a_private_room_cannot_add_people() -> Result<()> {
    let server = stage::server().await?;
    let people = People::gather(&server).await?;
    let scene = Scene::set(&people, true).await?;
    let path = format!("/api/rooms/{}/members/{}", scene.room, people.zoe.id);
    let answer = people.bob.http.put(&path, json!({"role": "member"})).await?;
    assert_eq!(answer.refusal(), (403, "forbidden"));
    Ok(())
}

#[tokio::test]
async fn what_is_ones_own_is_nobody_elses() -> Result<()> {
    let server = stage::server().await?;
    let people = People::gather(&server).await?;
    let scene = Scene::set(&people, true).await?;
    for (index, row) in rows().iter().enumerate() {
        match row.expect {
            Own([others, own, administrator]) => {
                for (who, status) in [("somebody else", others), ("oneself", own), ("the administrator", administrator)]
                {
                    let own = if row.path.contains("{alice}") {
                        people.alice.clone()
                    } else {
                        Person::register(server.address(), &format!("own{index}-{status}-{}", who.len())).await?
                    };
                    let sessions = own.http.get("/api/auth/sessions").await?.data()?;
                    let session = sessions[0]["id"].as_str().context("a session has an id")?.to_owned();
                    let emoji = if row.path.contains("{emoji}") {
                        files::emoji(&own, &format!("own{status}-{}", who.len()), &files::png(8, 8)?).await?["id"]
                            .to_string()
                    } else {
                        String::new()
                    };
                    let things = [("{session}", &*session), ("{account}", &*own.id.to_string()), ("{emoji}", &*emoji)];
                    let asks = match who {
                        "oneself" => &own.http,
                        "the administrator" => &people.root.http,
                        _ => &people.mallory.http,
                    };
                    let answer = row.ask_about(asks, &things, &people, &scene).await?;
                    assert_eq!(answer.status, status, "{} {} by {who}: {}", row.method, row.path, answer.body);
                    if status >= 400 {
                        own.http.get("/api/auth/userinfo").await?.data().context("a refused call ended something")?;
                    }
                }
            }
            Anyone(status) => {
                let spare = Person::register(server.address(), &format!("spare{index}")).await?;
                let answer = row.ask(&spare.http, &people, &scene).await?;
                assert_eq!(answer.status, status, "{} {}: {}", row.method, row.path, answer.body);
            }
            Administrator([others, administrator]) => {
                for (who, person) in people.outsiders().into_iter().chain(people.insiders()) {
                    let status = if who == "the administrator" { administrator } else { others };
                    let answer = row.ask(&person.http, &people, &scene).await?;
                    assert_eq!(answer.status, status, "{} {} by {who}: {}", row.method, row.path, answer.body);
                }
            }
            Open(_) | Room(_) => {}
        }
    }
    Ok(())
}
