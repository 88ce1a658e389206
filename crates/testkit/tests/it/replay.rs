//! The replay law: what a client held before, with the events it was told, is what the server would tell it afresh; live,
//! and by `sync` from an older cursor. For every command that changes a room.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use chinwag_proto::{Event, Request, ResyncReason, RoomEvent, Sync, SystemEvent, frame::Encoding, json::format_time};
use chinwag_testkit::{Cast, Person, Server, Socket};
use serde_json::{Value, json};

use crate::stage::{self, json_of, number};

/// What a client holds of one room.
#[derive(Clone, Debug, PartialEq)]
struct Room {
    /// What everybody is told alike of the room.
    facts: BTreeMap<String, Value>,
    /// User id → role.
    members: BTreeMap<i64, Value>,
    /// By position.
    history: BTreeMap<i64, Value>,
    last_seq: i64,
    counts: Counts,
}

/// What a client counts by itself, from the frames alone.
#[derive(Clone, Debug, PartialEq)]
struct Counts {
    read_seq: i64,
    unread: i64,
    mentions: i64,
}

/// What a client holds: its rooms.
#[derive(Clone, Debug, PartialEq)]
struct Mirror {
    /// Whose client it is.
    me: i64,
    rooms: BTreeMap<i64, Room>,
}

/// The fields of a room that its events change.
const FACTS: [&str; 7] = ["kind", "name", "description", "avatar_url", "is_private", "member_count", "updated_at"];
/// The fields of a row of the history.
const ROW: [&str; 18] = [
    "id",
    "room_id",
    "seq",
    "user_id",
    "username",
    "type",
    "content",
    "created_at",
    "edited_at",
    "recalled_at",
    "reply_to",
    "mentions",
    "mentions_room",
    "mention_spans",
    "guest",
    "event",
    "actor_id",
    "room_name",
];

fn pick(value: &Value, fields: &[&str]) -> BTreeMap<String, Value> {
    fields.iter().map(|field| ((*field).to_owned(), value[field].clone())).collect()
}

fn row(value: &Value) -> Value {
    let mut row = json!(pick(value, &ROW));
    // Absent and empty are the same.
    for (field, list) in [("mentions", true), ("mention_spans", true), ("mentions_room", false), ("guest", false)] {
        if row[field].is_null() {
            row[field] = if list { json!([]) } else { json!(false) };
        }
    }
    row
}

fn names(message: &Value, me: i64) -> bool {
    let users = message["mentions"].as_array();
    message["mentions_room"] == json!(true) || users.is_some_and(|users| users.contains(&json!(me)))
}

impl Mirror {
    /// Everything anew by HTTP.
    async fn fetch(person: &Person) -> Result<Self> {
        let mut rooms = BTreeMap::new();
        for facts in person.http.get("/api/rooms").await?.data()?.as_array().context("a list")? {
            rooms.insert(number(&facts["id"]), Room::fetch(person, facts).await?);
        }
        Ok(Self { me: person.id, rooms })
    }

    /// Takes in what the server tells. Gives the position, where it is a change of the log.
    fn apply(&mut self, event: &Event) -> Option<(i64, i64)> {
        let told = json_of(event);
        match event {
            Event::Room(change) if change.event() == RoomEvent::Removed => {
                self.rooms.remove(&change.room_id);
                None
            }
            Event::Room(change) if change.event() == RoomEvent::Deleted => {
                self.rooms.remove(&change.room_id);
                Some((change.room_id, change.seq?))
            }
            Event::Text(_)
            | Event::System(_)
            | Event::Edit(_)
            | Event::Recall(_)
            | Event::Member(_)
            | Event::Room(_) => {
                let (room_id, seq) = (number(&told["room_id"]), told["seq"].as_i64()?);
                let room = self.rooms.get_mut(&room_id)?;
                room.count(event, &told, self.me);
                room.apply(event, &told);
                room.last_seq = room.last_seq.max(seq);
                Some((room_id, seq))
            }
            _ => None,
        }
    }
}

impl Room {
    async fn fetch(person: &Person, facts: &Value) -> Result<Self> {
        let id = number(&facts["id"]);
        let mut members = BTreeMap::new();
        let list = person.http.get(&format!("/api/rooms/{id}/members?limit=100")).await?.data()?;
        for member in list.as_array().context("a list")? {
            members.insert(number(&member["user"]["id"]), member["role"].clone());
        }
        let history = person.history(id).await?;
        Ok(Self {
            facts: pick(facts, &FACTS),
            members,
            history: history.iter().map(|message| (number(&message["seq"]), row(message))).collect(),
            last_seq: number(&facts["last_seq"]),
            counts: Counts {
                read_seq: number(&facts["read_seq"]),
                unread: number(&facts["unread"]),
                mentions: number(&facts["mentions"]),
            },
        })
    }

    /// What an event does to the counts, before it is applied.
    fn count(&mut self, event: &Event, told: &Value, me: i64) {
        match event {
            Event::Text(text) if text.user_id == me => {
                self.counts = Counts { read_seq: text.seq, unread: 0, mentions: 0 };
            }
            Event::Text(_) if told["recalled_at"].is_null() => {
                self.counts.unread += 1;
                self.counts.mentions += i64::from(names(told, me));
            }
            Event::Edit(edit) => self.recount(edit.message_id, me, names(told, me), false),
            Event::Recall(recall) => self.recount(recall.message_id, me, false, true),
            _ => {}
        }
    }

    /// A message names me from here on or not; where it is taken back it counts no more.
    fn recount(&mut self, id: i64, me: i64, named: bool, recalled: bool) {
        let Some(message) = self.history.values().find(|message| number(&message["id"]) == id) else { return };
        if number(&message["seq"]) <= self.counts.read_seq {
            return;
        }
        let was = names(message, me);
        self.counts.mentions += i64::from(named) - i64::from(was);
        self.counts.unread -= i64::from(recalled && message["recalled_at"].is_null());
    }

    fn apply(&mut self, event: &Event, told: &Value) {
        match event {
            Event::Text(text) => {
                let mut message = told.clone();
                message["id"] = told["message_id"].clone();
                message["created_at"] = told["timestamp"].clone();
                self.history.insert(text.seq, row(&message));
            }
            Event::System(system) => {
                let mut message = told.clone();
                message["id"] = told["message_id"].clone();
                message["created_at"] = told["timestamp"].clone();
                message["type"] = json!("system");
                self.history.insert(system.seq, row(&message));
                match system.event() {
                    SystemEvent::UserJoined | SystemEvent::UserAdded => {
                        self.members.insert(system.user_id, json!("member"));
                    }
                    SystemEvent::UserLeft | SystemEvent::UserKicked => {
                        self.members.remove(&system.user_id);
                    }
                    _ => {}
                }
                self.facts.insert("member_count".into(), json!(self.members.len()));
            }
            Event::Edit(edit) => self.change(edit.message_id, |message| {
                message["content"] = json!(edit.content);
                message["edited_at"] = json!(format_time(edit.timestamp));
                message["mentions"] = json!(edit.mentions);
                message["mentions_room"] = json!(edit.mentions_room);
                message["mention_spans"] = json!(edit.mention_spans);
            }),
            Event::Recall(recall) => self.change(recall.message_id, |message| {
                message["content"] = json!("");
                message["recalled_at"] = json!(format_time(recall.timestamp));
                message["mentions"] = json!([]);
                message["mentions_room"] = json!(false);
                message["mention_spans"] = json!([]);
            }),
            Event::Member(member) => {
                self.members.insert(member.user_id, told["role"].clone());
            }
            Event::Room(_) => self.facts.extend(pick(&told["room"], &FACTS)),
            _ => {}
        }
    }

    /// Changes a message, and the quotes of it in its answers.
    fn change(&mut self, id: i64, change: impl FnOnce(&mut Value)) {
        let Some(message) = self.history.values_mut().find(|message| number(&message["id"]) == id) else { return };
        change(message);
        let quoted: String = message["content"].as_str().unwrap_or_default().chars().take(200).collect();
        let recalled = !message["recalled_at"].is_null();
        for answer in self.history.values_mut().filter(|answer| number(&answer["reply_to"]["message_id"]) == id) {
            answer["reply_to"]["content"] = json!(quoted);
            answer["reply_to"]["recalled"] = json!(recalled);
        }
    }
}

/// Whoever watches a room while others act, and checks the law after each act.
struct Witness {
    person: Person,
    encoding: Encoding,
    socket: Socket,
    mirror: Mirror,
    epoch: i64,
}

impl Witness {
    async fn begin(person: &Person, encoding: Encoding) -> Result<Self> {
        let mut socket = person.connect_as(encoding).await?;
        let epoch = socket.expect("welcome", |event| match event {
            Event::Welcome(welcome) => Some(welcome.epoch),
            _ => None,
        });
        let epoch = epoch.await?;
        let mirror = Mirror::fetch(person).await?;
        let mut this = Self { person: person.clone(), encoding, socket, mirror, epoch };
        let rooms: Vec<i64> = this.mirror.rooms.keys().copied().collect();
        this.subscribe(&rooms).await?;
        Ok(this)
    }

    async fn subscribe(&mut self, rooms: &[i64]) -> Result<()> {
        for room_id in rooms {
            let after = self.mirror.rooms[room_id].last_seq;
            self.socket.send(&Request::Sync(Sync { epoch: self.epoch, rooms: [(*room_id, after)].into() })).await?;
            let synced = self.socket.expect("synced", |event| match event {
                Event::Synced(synced) if synced.room_id == *room_id => Some(synced.to),
                _ => None,
            });
            ensure!(synced.await? == after, "something happened between the look and the subscription");
        }
        Ok(())
    }

    /// What the server holds now must be what the events make of what was held before: live, and again by `sync`.
    async fn check(&mut self, what: &str, room_id: i64) -> Result<()> {
        let before = self.mirror.clone();
        let fresh = Mirror::fetch(&self.person).await?;
        let from = before.rooms[&room_id].last_seq;
        let to = fresh.rooms.get(&room_id).map(|room| room.last_seq);
        let mut live = Vec::new();
        // Where the room is gone the last position is not known: its end is the event itself.
        while self.mirror.rooms.get(&room_id).map(|room| room.last_seq) != to {
            let event = self.socket.next().await.with_context(|| format!("{what}: an event is missing"))?;
            live.extend(self.mirror.apply(&event).filter(|(room, _)| *room == room_id).map(|(_, seq)| seq));
        }
        assert_eq!(self.mirror, fresh, "{what}: the live events lead elsewhere ({:?})", self.encoding);
        let Some(to) = to else { return Ok(()) };
        let all: Vec<i64> = (from + 1..=to).collect();
        assert!(!all.is_empty(), "{what} changed nothing");
        assert_eq!(live, all, "{what}: live, each position once");

        let mut replayed = before;
        let mut socket = self.person.connect_as(self.encoding).await?;
        socket.send(&Request::Sync(Sync { epoch: self.epoch, rooms: [(room_id, from)].into() })).await?;
        let mut seqs = Vec::new();
        loop {
            match socket.next().await? {
                Event::Synced(synced) => {
                    assert_eq!((synced.from, synced.to), (from, to), "{what}");
                    break;
                }
                Event::Resync(resync) => panic!("{what}: {:?} instead of a replay", resync.reason()),
                event => seqs.extend(replayed.apply(&event).map(|(_, seq)| seq)),
            }
        }
        assert_eq!(seqs, all, "{what}: replayed, each position once");
        assert_eq!(replayed, fresh, "{what}: the replay leads elsewhere ({:?})", self.encoding);
        Ok(())
    }
}

/// A server with alice's public room, whose member bob is the witness.
async fn scene(encoding: Encoding) -> Result<(Server, Cast, i64, Witness)> {
    let server = stage::server().await?;
    let cast = Cast::gather(server.address()).await?;
    let room = cast.alice.create_room("Garden", false).await?;
    cast.alice.seat(room, &cast.bob, "member").await?;
    let witness = Witness::begin(&cast.bob, encoding).await?;
    Ok((server, cast, room, witness))
}

/// Every command that leaves the witness a member.
async fn the_law_holds(encoding: Encoding) -> Result<()> {
    let (_server, cast, room, mut witness) = scene(encoding).await?;
    let Cast { alice, bob, carol, mallory, .. } = &cast;
    let (path, messages) = (format!("/api/rooms/{room}"), format!("/api/rooms/{room}/messages"));

    let body = json!({"content": "早上好, @bob 🌱", "client_id": "one"});
    let first = alice.http.post(&messages, body).await?.data()?;
    witness.check("a text with a mention and a client id", room).await?;
    let id = number(&first["id"]);
    let answer = bob.http.post(&messages, json!({"content": "@room morning", "reply_to": id})).await?.data()?;
    witness.check("a reply", room).await?;
    alice.http.put(&format!("/api/messages/{id}"), json!({"content": "@all, good evening"})).await?.data()?;
    witness.check("an edit that names everybody", room).await?;
    alice.http.put(&format!("/api/messages/{id}"), json!({"content": "晚上好, @bob @alice"})).await?.data()?;
    witness.check("an edit of a message that was answered", room).await?;
    alice.http.put(&format!("/api/messages/{id}"), json!({"content": "x".repeat(300)})).await?.data()?;
    witness.check("a second edit", room).await?;
    alice.http.delete(&format!("/api/messages/{id}")).await?.data()?;
    witness.check("a recall of a message that was answered", room).await?;
    for content in ["nothing for anybody", "for @bob", "for @room"] {
        let id = number(&alice.http.post(&messages, json!({"content": content})).await?.data()?["id"]);
        witness.check("an unread text", room).await?;
        alice.http.put(&format!("/api/messages/{id}"), json!({"content": "for @bob and @alice"})).await?.data()?;
        witness.check("an edit of an unread text that names the reader", room).await?;
        alice.http.put(&format!("/api/messages/{id}"), json!({"content": "for nobody"})).await?.data()?;
        witness.check("an edit of an unread text that names nobody", room).await?;
        alice.http.put(&format!("/api/messages/{id}"), json!({"content": "for @room"})).await?.data()?;
        witness.check("an edit of an unread text that names everybody", room).await?;
        alice.http.delete(&format!("/api/messages/{id}")).await?.data()?;
        witness.check("a recall of an unread text", room).await?;
    }
    bob.http.delete(&format!("/api/messages/{}", answer["id"])).await?.data()?;
    witness.check("a recall of an answer", room).await?;

    mallory.join(room).await?;
    witness.check("a join", room).await?;
    mallory.say(room, "I am here").await?;
    witness.check("a text of a newcomer", room).await?;
    mallory.http.post(&format!("{path}/leave"), json!({})).await?.data()?;
    witness.check("a leave", room).await?;
    alice.seat(room, carol, "member").await?;
    witness.check("an addition", room).await?;
    alice.seat(room, carol, "admin").await?;
    witness.check("a promotion", room).await?;
    alice.seat(room, mallory, "admin").await?;
    witness.check("an addition with a role", room).await?;
    alice.http.delete(&format!("{path}/members/{}", mallory.id)).await?.data()?;
    witness.check("a kick", room).await?;
    alice.seat(room, carol, "member").await?;
    witness.check("a demotion", room).await?;
    alice.seat(room, bob, "owner").await?;
    witness.check("one's own promotion", room).await?;
    alice.http.put(&path, json!({"name": "花园", "description": "under the trees"})).await?.data()?;
    witness.check("a renaming", room).await?;
    alice.http.put(&path, json!({"description": ""})).await?.data()?;
    witness.check("a new description", room).await?;
    alice.http.put(&format!("{path}/avatar"), json!({"drawn": "fox"})).await?.data()?;
    witness.check("a picture", room).await?;
    alice.http.put(&path, json!({"is_private": true})).await?.data()?;
    witness.check("a room that becomes private", room).await?;
    alice.http.post(&format!("/api/ws/broadcast/{room}"), json!({"content": "dinner is ready"})).await?.data()?;
    witness.check("a broadcast", room).await?;
    alice.http.post(&format!("{path}/leave"), json!({})).await?.data()?;
    witness.check("the leave of one of two owners", room).await?;
    Ok(())
}

#[tokio::test]
async fn every_change_told_in_json_leads_to_the_fresh_state() -> Result<()> {
    the_law_holds(Encoding::Json).await
}

#[tokio::test]
async fn every_change_told_in_protobuf_leads_to_the_fresh_state() -> Result<()> {
    the_law_holds(Encoding::Proto).await
}

/// The room as it is listed, but for what is there for clients of GoChat over HTTP alone.
async fn listed(person: &Person, room: i64) -> Result<Value> {
    let mut listed = stage::room(person, room).await?;
    ensure!(listed.as_object_mut().and_then(|fields| fields.remove("creator")).is_some(), "{listed} names no creator");
    Ok(listed)
}

#[tokio::test]
async fn rooms_that_end_for_somebody_leave_nothing_behind() -> Result<()> {
    for encoding in [Encoding::Json, Encoding::Proto] {
        let (_server, cast, room, mut witness) = scene(encoding).await?;
        let Cast { alice, bob, .. } = &cast;
        alice.http.delete(&format!("/api/rooms/{room}/members/{}", bob.id)).await?.data()?;
        witness.check("one's own removal", room).await?;

        alice.seat(room, bob, "member").await?;
        let added = witness.socket.expect("room added", |event| match event {
            Event::Room(change) if change.event() == RoomEvent::Added => Some(json_of(event)["room"].clone()),
            _ => None,
        });
        let added = added.await?;
        assert_eq!(added, listed(bob, room).await?, "an added room is told as it is listed");
        witness.mirror.rooms.insert(room, Room::fetch(bob, &added).await?);
        witness.subscribe(&[room]).await?;
        bob.http.post(&format!("/api/rooms/{room}/leave"), json!({})).await?.data()?;
        witness.check("one's own leave", room).await?;

        alice.seat(room, bob, "member").await?;
        let mut witness = Witness::begin(bob, encoding).await?;
        let cursor = witness.mirror.rooms[&room].last_seq;
        alice.http.delete(&format!("/api/rooms/{room}")).await?.data()?;
        witness.check("a deletion", room).await?;
        let mut socket = bob.connect_as(encoding).await?;
        socket.send(&Request::Sync(Sync { epoch: witness.epoch, rooms: [(room, cursor)].into() })).await?;
        let reason = socket.expect("resync", |event| match event {
            Event::Resync(resync) => Some(resync.reason()),
            _ => None,
        });
        assert_eq!(reason.await?, ResyncReason::NotAMember);
    }
    Ok(())
}

#[tokio::test]
async fn a_new_room_is_told_as_it_is_listed() -> Result<()> {
    let (_server, cast, _, mut witness) = scene(Encoding::Json).await?;
    let Cast { alice, bob, .. } = &cast;
    for made in ["own", "direct"] {
        let room = match made {
            "own" => bob.create_room("Bob's", true).await?,
            _ => number(&alice.http.post("/api/rooms/direct", json!({"user_id": bob.id})).await?.data()?["id"]),
        };
        let added = witness.socket.expect("room added", |event| match event {
            Event::Room(change) if change.event() == RoomEvent::Added && change.room_id == room => {
                Some(json_of(event)["room"].clone())
            }
            _ => None,
        });
        assert_eq!(added.await?, listed(bob, room).await?, "{made}");
    }
    Ok(())
}

#[tokio::test]
async fn live_and_resumed_streams_together_hold_each_position_once() -> Result<()> {
    let (_server, cast, room, witness) = scene(Encoding::Json).await?;
    let (alice, bob) = (&cast.alice, &cast.bob);
    let (epoch, mut cursor) = (witness.epoch, witness.mirror.rooms[&room].last_seq);
    drop(witness);
    let begin = cursor;
    let mut seen = Vec::new();
    // In each life the line is lost at another moment, with sends before, during and after the resumption.
    for life in 0..12 {
        alice.say(room, &format!("before life {life}")).await?;
        let encoding = if life % 2 == 0 { Encoding::Json } else { Encoding::Proto };
        let mut socket = bob.connect_as(encoding).await?;
        socket.send(&Request::Sync(Sync { epoch, rooms: [(room, cursor)].into() })).await?;
        for index in 0..4 {
            alice.say(room, &format!("life {life}, {index}")).await?;
        }
        for _ in 0..=life % 5 {
            let next = socket.expect("a text", |event| match event {
                Event::Text(text) => Some(text.seq),
                _ => None,
            });
            cursor = next.await?;
            seen.push(cursor);
        }
    }
    let head = number(&stage::room(alice, room).await?["last_seq"]);
    let mut socket = bob.connect().await?;
    socket.send(&Request::Sync(Sync { epoch, rooms: [(room, cursor)].into() })).await?;
    while cursor < head {
        let next = socket.expect("a text", |event| match event {
            Event::Text(text) => Some(text.seq),
            _ => None,
        });
        cursor = next.await?;
        seen.push(cursor);
    }
    assert_eq!(seen, (begin + 1..=head).collect::<Vec<_>>());
    Ok(())
}
