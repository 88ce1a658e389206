//! Who gets which answer on the socket: every frame that a client may send, in both encodings, from everybody who may not
//! and from those who may.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use chinwag_proto::{
    EditText, Event, Join, Leave, MarkRead, PROTO_FILE, Ping, Presence, RecallMessage, Request, SendText, SetPresence,
    StartTyping, Sync, frame::Encoding,
};
use chinwag_testkit::Person;
use serde_json::Value;

use crate::{
    access::{People, Scene},
    stage::{self, json_of, word},
};

/// What a frame is answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Told {
    /// An `error` with this code and word.
    Refused(i32, &'static str),
    /// A frame of this type.
    Answered(&'static str),
    /// Nothing, and nothing is wrong.
    Silence,
}

use Told::*;

const HIDDEN: Told = Refused(404, "room_not_found");
const NO_MESSAGE: Told = Refused(404, "message_not_found");
const NO_MEMBER: Told = Refused(403, "not_a_member");
const FORBIDDEN: Told = Refused(403, "forbidden");

/// The same columns as `Expect::Room` in `access.rs`.
fn frame_row(request: &Request) -> [Told; 5] {
    match request {
        Request::Join(_) => [HIDDEN, Answered("synced"), Answered("synced"), Answered("synced"), Answered("synced")],
        Request::Leave(_) | Request::Presence(_) => [Silence; 5],
        Request::Text(_) => [HIDDEN, NO_MEMBER, Answered("ack"), Answered("ack"), Answered("ack")],
        Request::Typing(_) => [HIDDEN, NO_MEMBER, Silence, Silence, Silence],
        Request::Read(_) => [HIDDEN, NO_MEMBER, Answered("read"), Answered("read"), Answered("read")],
        Request::Edit(_) => [NO_MESSAGE, NO_MEMBER, FORBIDDEN, FORBIDDEN, Answered("ack")],
        Request::Recall(_) => [NO_MESSAGE, NO_MEMBER, FORBIDDEN, Answered("ack"), Answered("ack")],
        Request::Sync(_) => {
            [Answered("resync"), Answered("synced"), Answered("synced"), Answered("synced"), Answered("synced")]
        }
        Request::Ping(_) => [Answered("pong"); 5],
    }
}

fn frames(scene: &Scene, epoch: i64) -> Vec<(&'static str, Request)> {
    let room_id = scene.room;
    let text = SendText { room_id, content: "hi".into(), client_id: "c1".into(), ..SendText::default() };
    let edit = EditText { message_id: scene.alices, content: "ho".into(), client_id: "c2".into() };
    let recall = RecallMessage { message_id: scene.daves, client_id: "c3".into() };
    vec![
        ("join", Request::Join(Join { room_id })),
        ("leave", Request::Leave(Leave { room_id })),
        ("text", Request::Text(text)),
        ("typing", Request::Typing(StartTyping { room_id })),
        ("read", Request::Read(MarkRead { room_id, seq: 1 })),
        ("edit", Request::Edit(edit)),
        ("recall", Request::Recall(recall)),
        ("sync", Request::Sync(Sync { epoch, rooms: [(room_id, 1)].into() })),
        ("presence", Request::Presence(SetPresence { status: Presence::Away.into() })),
        ("ping", Request::Ping(Ping {})),
    ]
}

#[test]
fn every_frame_of_the_definition_is_tried() -> Result<()> {
    let (_, rest) = PROTO_FILE.split_once("message ClientFrame").context("no ClientFrame")?;
    let (frame, _) = rest.split_once("\n}").context("ClientFrame does not end")?;
    let fields = frame.lines().filter_map(|line| line.split_once(" = ")?.0.split_whitespace().nth(1));
    let defined: BTreeSet<&str> = fields.collect();
    let tried: BTreeSet<&str> = frames(&Scene::nowhere(), 1).iter().map(|(name, _)| *name).collect();
    assert_eq!(tried, defined);
    Ok(())
}

/// Asks on a socket of its own; gives the answer and its frames.
async fn ask(person: &Person, encoding: Encoding, name: &str, scene: &Scene) -> Result<(Told, Vec<Value>)> {
    let mut socket = person.connect_as(encoding).await?;
    let epoch = socket.expect("welcome", |event| match event {
        Event::Welcome(welcome) => Some(welcome.epoch),
        _ => None,
    });
    let epoch = epoch.await?;
    let (_, request) = frames(scene, epoch).into_iter().find(|(known, _)| *known == name).context("no such frame")?;
    socket.send(&request).await?;
    let heard = stage::until_pong(&mut socket).await?;
    let answer = heard.iter().find_map(|event| match event {
        Event::Error(error) => {
            let known = [HIDDEN, NO_MESSAGE, NO_MEMBER, FORBIDDEN];
            known.into_iter().find(|told| *told == Refused(error.code, word_of(&error.reason)))
        }
        Event::Ack(_) => Some(Answered("ack")),
        Event::Read(_) => Some(Answered("read")),
        Event::Synced(_) => Some(Answered("synced")),
        Event::Resync(_) => Some(Answered("resync")),
        _ => None,
    });
    let refused = heard.iter().find(|event| matches!(event, Event::Error(_)));
    ensure!(answer.is_some() || refused.is_none(), "refused with {refused:?}");
    // A ping's own answer is the pong that ends the listening.
    let answer = answer.unwrap_or(if name == "ping" { Answered("pong") } else { Silence });
    Ok((answer, heard.iter().map(json_of).collect()))
}

fn word_of(word: &str) -> &'static str {
    ["room_not_found", "message_not_found", "not_a_member", "forbidden"]
        .into_iter()
        .find(|known| *known == word)
        .unwrap_or_default()
}

#[tokio::test]
async fn every_frame_is_answered_by_who_sends_it() -> Result<()> {
    let server = stage::server().await?;
    let people = People::gather(&server).await?;
    for encoding in [Encoding::Json, Encoding::Proto] {
        for (name, request) in frames(&Scene::nowhere(), 1) {
            let [hidden, public, inside @ ..] = frame_row(&request);
            let scene = Scene::set(&people, true).await?;
            let before = stage::room(&people.alice, scene.room).await?;
            for (who, person) in people.outsiders() {
                let (told, heard) = ask(person, encoding, name, &scene).await?;
                assert_eq!(told, hidden, "{name} by {who} ({encoding:?}): {heard:?}");
                let (_, unknown) = ask(person, encoding, name, &Scene::nowhere()).await?;
                let nameless = |frames: Vec<Value>| {
                    let without = |mut frame: Value| {
                        frame["room_id"] = Value::Null;
                        frame
                    };
                    frames.into_iter().map(without).collect::<Vec<_>>()
                };
                assert_eq!(nameless(heard), nameless(unknown), "{name} by {who}: one can tell that it is there");
            }
            assert_eq!(
                stage::room(&people.alice, scene.room).await?,
                before,
                "{name} by an outsider changed something"
            );
            let scene = Scene::set(&people, false).await?;
            let (told, heard) = ask(&people.mallory, encoding, name, &scene).await?;
            assert_eq!(told, public, "{name} by an outsider of a public room ({encoding:?}): {heard:?}");
            for ((who, person), expected) in people.insiders().into_iter().zip(inside) {
                let scene = Scene::set(&people, true).await?;
                let (told, heard) = ask(person, encoding, name, &scene).await?;
                assert_eq!(told, expected, "{name} by {who} ({encoding:?}): {heard:?}");
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn outsiders_hear_nothing_of_a_private_room() -> Result<()> {
    let server = stage::server().await?;
    let people = People::gather(&server).await?;
    let scene = Scene::set(&people, true).await?;
    let mut ears = Vec::new();
    for (who, person) in people.outsiders() {
        let mut socket = person.connect().await?;
        for name in ["join", "sync", "typing"] {
            let asked = frames(&scene, 1).into_iter().find(|(known, _)| *known == name).context("no such frame")?.1;
            socket.send(&asked).await?;
        }
        stage::until_pong(&mut socket).await?;
        ears.push((who, socket));
    }
    let mut bob = stage::listen(&people.bob, Encoding::Json, &[scene.room]).await?;
    people.alice.say(scene.room, "between us").await?;
    bob.expect("the message", |event| matches!(event, Event::Text(_)).then_some(())).await?;
    for (who, mut socket) in ears {
        let heard: Vec<String> = stage::until_pong(&mut socket).await?.iter().map(word).collect();
        assert!(heard.is_empty(), "{who} heard {heard:?}");
    }
    Ok(())
}
