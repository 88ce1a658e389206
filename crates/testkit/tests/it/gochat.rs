//! GoChat's own web client, as its documentation and its ways describe it, from registering to leaving: a small faithful one of
//! the tests' own. It does everything it offers.

use anyhow::{Context as _, Result, bail};
use chinwag_testkit::{
    Person, Server,
    files::{bytes, form, form_type, mp4, png, wav},
    http::Answer,
};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Message, client::IntoClientRequest as _},
};

use crate::stage::{self, request};

/// What its browser asks for.
const LANGUAGES: &str = "zh-CN,zh;q=0.9,en;q=0.8";

/// What it shows its person instead of doing what was asked.
#[derive(Debug, PartialEq)]
struct Shown(String);

/// The client, in a browser that prefers Chinese.
struct GoChat<'s> {
    server: &'s Server,
    token: String,
}

impl<'s> GoChat<'s> {
    fn open(server: &'s Server) -> Self {
        Self { server, token: String::new() }
    }

    /// Only HTTP 200 with `code` 200 (or `success`) is a success; of anything else it shows `error`.
    async fn ask(&self, method: &str, path: &str, body: Value) -> Result<Result<Value, Shown>> {
        let authorization = format!("Bearer {}", self.token);
        let mut headers = vec![("content-type", "application/json"), ("accept-language", LANGUAGES)];
        if !self.token.is_empty() {
            headers.push(("authorization", &authorization));
        }
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let answer = request(self.server.address(), method, &format!("/api{path}"), &headers, body).await?;
        let good = answer.status == 200 && (answer.body["code"] == 200 || answer.body["success"] == true);
        Ok(outcome(&answer, good))
    }

    /// What its person picked goes in a form, to the door of its kind.
    async fn upload(&self, kind: &str, name: &str, content: &[u8]) -> Result<Result<Value, Shown>> {
        let (authorization, kind_of_form) = (format!("Bearer {}", self.token), form_type());
        let headers =
            [("content-type", &*kind_of_form), ("accept-language", LANGUAGES), ("authorization", &*authorization)];
        let path = format!("/api/upload/{kind}");
        let answer = request(self.server.address(), "POST", &path, &headers, form(name, content, &[])).await?;
        let good = answer.status == 200 && answer.body["code"] == 200;
        Ok(outcome(&answer, good))
    }

    /// The bytes of a file.
    async fn fetch(&self, file: &Value) -> Result<(u16, Vec<u8>)> {
        let address = format!("http://{}/api/files/{}", self.server.address(), file["id"]);
        bytes_of(reqwest::Client::new().get(address).bearer_auth(&self.token)).await
    }

    /// The same as its pages show or save it, by a link that says who it is.
    async fn follow(&self, file: &Value, to: &str) -> Result<(u16, Vec<u8>)> {
        let (address, token) = (self.server.address(), &self.token);
        let link = format!("http://{address}/api/files/{}/{to}?token={token}", file["id"]);
        bytes_of(reqwest::Client::new().get(link)).await
    }

    async fn get(&self, path: &str) -> Result<Value> {
        self.ask("GET", path, Value::Null).await?.map_err(|shown| anyhow::anyhow!("{path}: {shown:?}"))
    }

    async fn post(&self, path: &str, body: Value) -> Result<Value> {
        self.ask("POST", path, body).await?.map_err(|shown| anyhow::anyhow!("{path}: {shown:?}"))
    }

    /// Registers, then logs in with the same words.
    async fn newcomer(server: &'s Server, name: &str) -> Result<Self> {
        let mut client = Self::open(server);
        let account = json!({"username": name, "email": format!("{name}@example.com"), "password": "123456"});
        let made = client.post("/auth/register", account.clone()).await?;
        assert_eq!((&made["user"]["username"], &made["user"]["avatar_url"]), (&json!(name), &json!("")), "{made}");
        let login = client.post("/auth/login", account).await?;
        client.token = login["token"].as_str().context("a token")?.to_owned();
        let me = client.get("/auth/userinfo").await?;
        assert_eq!((&me["username"], &me["avatar_url"]), (&json!(name), &json!("")), "{me}");
        assert!(me.as_object().is_some_and(|me| me["last_seen"].is_null()), "absent is null: {me}");
        Ok(client)
    }

    async fn connect(&self) -> Result<Line> {
        let address = self.server.address();
        let stream = TcpStream::connect(address).await?;
        let mut request = format!("ws://{address}/ws?token={}", self.token).into_client_request()?;
        request.headers_mut().insert("accept-language", LANGUAGES.parse()?);
        let (socket, _) = client_async(request, stream).await?;
        Ok(Line(socket))
    }
}

/// What was told, or what is shown instead.
fn outcome(answer: &Answer, is_good: bool) -> Result<Value, Shown> {
    if is_good {
        Ok(answer.body["data"].clone())
    } else {
        Err(Shown(answer.body["error"].as_str().unwrap_or("请求失败").to_owned()))
    }
}

async fn bytes_of(asked: reqwest::RequestBuilder) -> Result<(u16, Vec<u8>)> {
    let answer = asked.send().await?;
    Ok((answer.status().as_u16(), answer.bytes().await?.to_vec()))
}

/// Its socket, opened without a subprotocol.
struct Line(WebSocketStream<TcpStream>);

impl Line {
    async fn send(&mut self, frame: Value) -> Result<()> {
        Ok(self.0.send(Message::text(frame.to_string())).await?)
    }

    /// Waits for a frame of this type, among those it knows; what else comes it drops.
    async fn hear(&mut self, kind: &str, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        let search = async {
            while let Some(message) = self.0.next().await {
                if let Message::Text(text) = message? {
                    let frame: Value = serde_json::from_str(&text)?;
                    if frame["type"] == kind && wanted(&frame) {
                        return Ok(frame);
                    }
                }
            }
            bail!("the line ended")
        };
        timeout(stage::PATIENCE, search).await.with_context(|| format!("no such {kind} came"))?
    }

    /// Whether the end is a clean one: then it does not come back.
    async fn ends_cleanly(mut self) -> Result<bool> {
        let end = async {
            while let Some(message) = self.0.next().await {
                match message {
                    Ok(Message::Close(_)) => return true,
                    Ok(_) => {}
                    Err(_) => return false,
                }
            }
            false
        };
        Ok(timeout(stage::PATIENCE, end).await?)
    }
}

fn is(field: &'static str, value: impl Into<Value>) -> impl Fn(&Value) -> bool {
    let value = value.into();
    move |frame| frame[field] == value
}

#[tokio::test]
async fn a_newcomer_does_everything_from_registering_to_leaving() -> Result<()> {
    let server = stage::server().await?;
    let user1 = GoChat::newcomer(&server, "user1").await?;
    let user2 = GoChat::newcomer(&server, "user2").await?;

    // Rooms.
    let body = json!({"name": "技术讨论", "description": "讨论技术问题", "is_private": false});
    let made = user1.post("/rooms", body).await?;
    assert_eq!((&made["name"], &made["creator"]["username"]), (&json!("技术讨论"), &json!("user1")), "{made}");
    let room = made["id"].as_i64().context("a room")?;
    let found = user2.get("/rooms/search?name=%E6%8A%80%E6%9C%AF").await?;
    assert_eq!((&found[0]["id"], &found[0]["creator"]["username"]), (&json!(room), &json!("user1")), "{found}");
    let one = user2.get(&format!("/rooms/{room}")).await?;
    assert_eq!((&one["creator"]["username"], &one["member_count"]), (&json!("user1"), &json!(1)), "{one}");
    user2.post(&format!("/rooms/{room}/join"), Value::Null).await?;
    let mine = user2.get("/rooms").await?;
    let mine = mine.as_array().context("a list")?.iter().find(|row| row["id"] == room).context("the joined room")?;
    assert_eq!(mine["creator"]["username"], "user1", "{mine}");
    let members = user1.get(&format!("/rooms/{room}/members")).await?;
    for (row, name) in members.as_array().context("a list")?.iter().zip(["user1", "user2"]) {
        assert_eq!(row["user"]["username"], name, "{row}");
        assert!(row["user_id"] == row["user"]["id"] && row["id"].is_i64() && row["joined_at"].is_string(), "{row}");
        assert_eq!(row["user"]["avatar_url"], "", "{row}");
    }

    // Talk: one joins, the other only sends.
    let mut first = user1.connect().await?;
    first.send(json!({"type": "join", "room_id": room})).await?;
    let list = first.hear("userlist", is("room_id", room)).await?;
    assert_eq!(
        (&list["users"][0]["username"], &list["users"][0]["is_online"]),
        (&json!("user1"), &json!(true)),
        "{list}"
    );
    let mut second = user2.connect().await?;
    let text = json!({"type": "text", "room_id": room, "content": "你好，世界！", "timestamp": "2026-07-03T15:30:00Z"});
    second.send(text).await?;
    for line in [&mut first, &mut second] {
        let heard = line.hear("text", is("content", "你好，世界！")).await?;
        assert_eq!((&heard["username"], &heard["room_id"]), (&json!("user2"), &json!(room)), "{heard}");
        assert!(heard["message_id"].is_i64() && heard["timestamp"].is_string(), "{heard}");
    }
    second.hear("userlist", |list| list["users"].as_array().is_some_and(|users| users.len() == 2)).await?;
    first.send(json!({"type": "text", "room_id": room, "content": "收到"})).await?;
    second.hear("text", is("content", "收到")).await?;
    second.send(json!({"type": "typing", "room_id": room})).await?;
    first.hear("typing", is("username", "user2")).await?;
    first.send(json!({"type": "ping"})).await?;
    first.hear("pong", |_| true).await?;
    first.send(json!({"type": "text", "room_id": 999_999, "content": "x"})).await?;
    let refused = first.hear("error", is("code", 404)).await?;
    assert!(refused["error"].as_str().is_some_and(|sentence| sentence.ends_with('。')), "{refused}");
    let history = user1.get(&format!("/rooms/{room}/messages?page=1&limit=50")).await?;
    let said = |row: &&Value| row["message_type"] == "text";
    let contents: Vec<_> = history.as_array().context("rows")?.iter().filter(said).map(|row| &row["content"]).collect();
    assert_eq!(contents, ["你好，世界！", "收到"]);
    user1.post(&format!("/ws/broadcast/{room}"), json!({"content": "系统维护通知"})).await?;
    second.hear("system", is("content", "系统维护通知")).await?;
    assert_eq!(user1.get("/users/online").await?.as_array().map(Vec::len), Some(2));

    // Leave the conversation, come back, lose the line: the others are told in words.
    second.send(json!({"type": "leave", "room_id": room})).await?;
    let left = first.hear("system", is("event", "user_left")).await?;
    assert_eq!((&left["content"], &left["username"]), (&json!("user2 离开了聊天室"), &json!("user2")), "{left}");
    second.send(json!({"type": "join", "room_id": room})).await?;
    second.hear("userlist", is("room_id", room)).await?;
    drop(second);
    first.hear("system", is("event", "user_left")).await?;

    // Leave for good.
    user2.post(&format!("/rooms/{room}/leave"), Value::Null).await?;
    first.hear("system", |frame| frame["event"] == "user_left" && frame["seq"].as_i64() > Some(0)).await?;
    let history = user1.get(&format!("/rooms/{room}/messages?page=1&limit=50")).await?;
    let leavings = history.as_array().context("rows")?.iter().filter(|row| row["event"] == "user_left").count();
    assert_eq!(leavings, 1, "hints are no rows of the history: {history}");
    let me = user2.get("/auth/userinfo").await?;
    user2.get(&format!("/users/delete/{}", me["id"])).await?;
    Ok(())
}

#[tokio::test]
async fn pictures_files_voices_and_films_are_uploaded_sent_heard_and_fetched() -> Result<()> {
    let server = stage::server().await?;
    let [user1, user2, user3] = [
        GoChat::newcomer(&server, "user1").await?,
        GoChat::newcomer(&server, "user2").await?,
        GoChat::newcomer(&server, "user3").await?,
    ];
    let made = user1.post("/rooms", json!({"name": "照片", "description": "", "is_private": true})).await?;
    let room = made["id"].as_i64().context("a room")?;
    let other = user2.get("/auth/userinfo").await?["id"].clone();
    let added = user1.ask("PUT", &format!("/rooms/{room}/members/{other}"), json!({"role": "member"})).await?;
    added.map_err(|shown| anyhow::anyhow!("{shown:?}"))?;
    let (mut first, mut second) = (user1.connect().await?, user2.connect().await?);
    for line in [&mut first, &mut second] {
        line.send(json!({"type": "join", "room_id": room})).await?;
        line.hear("userlist", is("room_id", room)).await?;
    }
    for (kind, door, name, category, content) in [
        ("image", "image", "湖.png", "image", png(40, 30)?),
        ("file", "file", "报告 1.bin", "file", bytes(3_000)),
        ("voice", "file", "voice.wav", "audio", wav()),
        ("video", "file", "film.mp4", "video", mp4()),
    ] {
        let told = user1.upload(door, name, &content).await?.map_err(|shown| anyhow::anyhow!("{name}: {shown:?}"))?;
        assert_eq!((&told["file_name"], &told["category"]), (&json!(name), &json!(category)), "{told}");
        assert!(told["id"].is_i64() && told["file_size"].is_i64() && told["file_type"].is_string(), "{told}");
        // It says again all that it was told, and where it finds the bytes.
        let mut attached = told.clone();
        attached["url"] = json!(format!("/api/files/{}", told["id"]));
        let words = format!("{kind}: 看");
        first.send(json!({"type": kind, "room_id": room, "content": words, "attachments": [attached]})).await?;
        for line in [&mut first, &mut second] {
            let heard = line.hear(kind, is("content", &*words)).await?;
            assert_eq!((&heard["username"], &heard["attachments"][0]), (&json!("user1"), &told), "{heard}");
            assert!(heard["message_id"].is_i64() && heard["timestamp"].is_string(), "{heard}");
        }
        let seen = user2.fetch(&told).await?;
        assert!(seen.0 == 200 && (category == "image" || seen.1 == content), "{name}: {}, {}", seen.0, seen.1.len());
        let link = if category == "image" { "preview" } else { "download" };
        assert!(user2.follow(&told, link).await? == seen, "{name} by its link");
        assert_eq!(user3.fetch(&told).await?.0, 404, "{name} is for those who are in the room");
    }
    // A picture without a word.
    let told = user1.upload("image", "b.png", &png(8, 8)?).await?.map_err(|shown| anyhow::anyhow!("{shown:?}"))?;
    let wordless = json!({"type": "image", "room_id": room, "content": "", "attachments": [told]});
    first.send(wordless.clone()).await?;
    second.hear("image", |heard| heard["attachments"][0]["id"] == told["id"]).await?;
    first.send(wordless).await?;
    first.hear("error", is("code", 404)).await.context("what one message has is no other's")?;
    let history = user2.get(&format!("/rooms/{room}/messages?page=1&limit=50")).await?;
    let rows = history.as_array().context("rows")?.iter();
    let kinds: Vec<_> =
        rows.filter(|row| row["message_type"] != "system").map(|row| row["message_type"].clone()).collect();
    assert_eq!(kinds, ["image", "file", "voice", "video", "image"]);
    Ok(())
}

#[tokio::test]
async fn a_file_may_have_fifty_megabytes_and_no_more() -> Result<()> {
    let server = stage::server().await?;
    let client = GoChat::newcomer(&server, "user1").await?;
    let most = bytes(50 * 1024 * 1024);
    let told = client.upload("file", "最大.bin", &most).await?.map_err(|shown| anyhow::anyhow!("{shown:?}"))?;
    assert_eq!(told["file_size"], most.len());
    let (status, came) = client.fetch(&told).await?;
    assert!(status == 200 && came == most, "{status}, {} bytes", came.len());
    let more = [&*most, b"!"].concat();
    let shown = |sentence: &str| Err(Shown(sentence.to_owned()));
    assert_eq!(client.upload("file", "更大.bin", &more).await?, shown("内容太大了。"));
    assert_eq!(client.upload("image", "no.png", b"no picture").await?, shown("这里不能使用这种文件。"));
    Ok(())
}

#[tokio::test]
async fn what_is_refused_is_shown_in_the_persons_language() -> Result<()> {
    let server = stage::server().await?;
    let client = GoChat::newcomer(&server, "user1").await?;
    let me = client.get("/auth/userinfo").await?;
    let profile = format!("/users/{}", me["id"]);
    for (method, path, body, shown) in [
        ("POST", "/auth/login", json!({"username": "user1", "password": "wrong"}), "用户名或密码不正确。"),
        ("POST", "/rooms", json!({"name": ""}), "请给聊天室起个名字。"),
        ("GET", "/rooms/999999", Value::Null, "这个聊天室不存在，或者不对你开放。"),
        ("PUT", &*profile, json!({"avatar_url": "http://x/y.png"}), "这里不保存 `avatar_url`，请去掉它。"),
    ] {
        assert_eq!(client.ask(method, path, body).await?, Err(Shown(shown.to_owned())), "{method} {path}");
    }
    client.ask("PUT", &profile, json!({"avatar_url": null})).await?.map_err(|shown| anyhow::anyhow!("{shown:?}"))?;
    Ok(())
}

#[tokio::test]
async fn no_put_swallows_a_field() -> Result<()> {
    let server = stage::server().await?;
    let alice = Person::register(server.address(), "alice").await?;
    let bob = Person::register(server.address(), "bob").await?;
    let room = alice.create_room("Room", false).await?;
    let message = alice.say(room, "hello").await?["id"].clone();
    for (path, body) in [
        (format!("/api/users/{}", alice.id), json!({"bio": "x"})),
        (format!("/api/rooms/{room}"), json!({"name": "Other"})),
        (format!("/api/rooms/{room}/members/{}", bob.id), json!({"role": "member"})),
        (format!("/api/messages/{message}"), json!({"content": "changed"})),
    ] {
        let mut more = body.clone();
        more["colour"] = json!("red");
        let refused = alice.http.put(&path, more).await?;
        assert_eq!(refused.refusal(), (422, "invalid"), "{path}");
        assert!(refused.body["message"].as_str().is_some_and(|told| told.contains("`colour`")), "{}", refused.body);
        alice.http.put(&path, body).await?.data()?;
    }
    Ok(())
}

#[tokio::test]
async fn administrators_see_the_figures_by_their_old_names() -> Result<()> {
    let server = stage::server().await?;
    let root = stage::administrator(&server).await?;
    let client = GoChat { server: &server, token: root.token().to_owned() };
    let mut line = client.connect().await?;
    line.send(json!({"type": "join", "room_id": 1})).await?;
    line.hear("userlist", is("room_id", 1)).await?;
    let stats = client.get("/ws/stats").await?;
    assert_eq!(
        (&stats["total_clients"], &stats["total_rooms"], &stats["room_clients"]),
        (&json!(1), &json!(1), &json!({"1": 1})),
        "{stats}"
    );
    Ok(())
}

#[tokio::test]
async fn it_comes_back_after_a_restart_and_not_after_a_logout() -> Result<()> {
    let server = stage::server().await?;
    let client = GoChat::newcomer(&server, "user1").await?;
    let line = client.connect().await?;
    client.post("/auth/logout", Value::Null).await?;
    assert!(line.ends_cleanly().await?, "whoever is logged out stays out");
    let client = GoChat::newcomer(&server, "user2").await?;
    let line = client.connect().await?;
    let (stopped, clean) = tokio::join!(async { server.stop().await }, line.ends_cleanly());
    stopped?;
    assert!(!clean?, "a goodbye would be taken for the last word");
    Ok(())
}
