//! Rights of an account that change while its sockets and tokens live: by the console, which is another process.

use std::process::Command;

use anyhow::{Result, ensure};
use chinwag_proto::{Event, MarkRead, RecallMessage, Request, SendText, frame::Encoding};
use chinwag_testkit::{Cast, Person, Server, Socket, process::binary};
use serde_json::json;
use tokio::task::block_in_place;

use crate::stage::{self, number};

/// `chinwag user` beside the running server.
fn console(server: &Server, action: &str, who: &Person) -> Result<()> {
    let data = server.data().join("data");
    let mut command = Command::new(binary()?);
    let done = block_in_place(|| {
        command.args(["user", action, &who.name]).current_dir(server.data()).env("CHINWAG__DATA_DIR", data).output()
    })?;
    ensure!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    Ok(())
}

/// Takes a message back over the socket; the word of the refusal, if there is one.
async fn recall(socket: &mut Socket, message_id: i64) -> Result<Option<String>> {
    let client_id = format!("recall-{message_id}");
    socket.send(&Request::Recall(RecallMessage { message_id, client_id: client_id.clone() })).await?;
    let answer = |event: &Event| match event {
        Event::Ack(ack) if ack.client_id.as_ref() == Some(&client_id) => Some(None),
        Event::Error(error) if error.client_id.as_ref() == Some(&client_id) => Some(Some(error.reason.clone())),
        _ => None,
    };
    socket.expect("an answer", answer).await
}

async fn say(socket: &mut Socket, room_id: i64, client_id: &str) -> Result<()> {
    let (content, client_id) = ("hello".to_owned(), client_id.to_owned());
    socket
        .send(&Request::Text(SendText { room_id, content, client_id: client_id.clone(), ..SendText::default() }))
        .await?;
    let said =
        |event: &Event| matches!(event, Event::Ack(ack) if ack.client_id.as_ref() == Some(&client_id)).then_some(());
    socket.expect("its ack", said).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_administrator_no_more_acts_as_one_over_nothing_that_is_open() -> Result<()> {
    let server = stage::server().await?;
    let root = stage::administrator(&server).await?;
    let Cast { alice, bob, .. } = Cast::gather(server.address()).await?;
    let room = alice.create_room("Square", false).await?;
    for person in [&root, &bob] {
        person.join(room).await?;
    }
    let mut said = Vec::new();
    for words in ["one", "two", "three"] {
        said.push(number(&alice.say(room, words).await?["id"]));
    }
    let mut roots = stage::listen(&root, Encoding::Json, &[room]).await?;
    let mut bobs = stage::listen(&bob, Encoding::Proto, &[room]).await?;
    assert_eq!(recall(&mut bobs, said[0]).await?.as_deref(), Some("forbidden"));
    assert_eq!(recall(&mut roots, said[0]).await?, None);
    say(&mut roots, room, "as administrator").await?;
    root.http.get("/api/ws/stats").await?.body["data"]["sockets"].as_i64().expect("figures");

    // Who becomes one acts over the socket that is open.
    console(&server, "promote", &bob)?;
    assert_eq!(recall(&mut bobs, said[1]).await?, None);

    console(&server, "demote", &root)?;
    assert_eq!(recall(&mut roots, said[2]).await?.as_deref(), Some("forbidden"));
    let rename = root.http.put(&format!("/api/rooms/{room}"), json!({"name": "Mine"})).await?;
    assert_eq!(rename.refusal(), (403, "forbidden"));
    let hear = root.http.post(&format!("/api/ws/broadcast/{room}"), json!({"content": "hear"})).await?;
    assert_eq!(hear.refusal(), (403, "forbidden"));
    let seat = root.http.put(&format!("/api/rooms/{room}/members/{}", bob.id), json!({"role": "admin"})).await?;
    assert_eq!(seat.refusal(), (403, "forbidden"));
    let kick = root.http.delete(&format!("/api/rooms/{room}/members/{}", bob.id)).await?;
    assert_eq!(kick.refusal(), (403, "forbidden"));
    assert_eq!(root.http.delete(&format!("/api/rooms/{room}")).await?.refusal(), (403, "forbidden"));
    let theirs = format!("/api/users/{}", alice.id);
    assert_eq!(root.http.put(&theirs, json!({"bio": "mine"})).await?.refusal(), (403, "forbidden"));
    assert_eq!(root.http.delete(&theirs).await?.refusal(), (403, "forbidden"));
    assert_eq!(root.http.get("/api/ws/stats").await?.refusal(), (403, "forbidden"));
    assert!(root.http.get(&theirs).await?.data()?["email"].is_null());

    // As anybody they go on, over the same socket.
    say(&mut roots, room, "as anybody").await?;
    roots.send(&Request::Read(MarkRead { room_id: room, seq: 2 })).await?;
    let told = |event: &Event| matches!(event, Event::Read(mark) if mark.room_id == room).then_some(());
    roots.expect("the read mark", told).await?;
    Ok(())
}
