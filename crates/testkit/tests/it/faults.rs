//! What is wrong with what a client sent: told field by field, in sentences, and alike by HTTP and on the socket.

use anyhow::{Context as _, Result};
use chinwag_proto::{Event, frame::Encoding};
use chinwag_testkit::{Cast, Server, cast::PASSWORD, http::Answer};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::stage::{self, json_of};

async fn scene() -> Result<(Server, Cast)> {
    let server = stage::server().await?;
    let cast = Cast::gather(server.address()).await?;
    Ok((server, cast))
}

/// The answer without words of our tools, and the fields that it marks.
fn marked(answer: &Answer) -> Value {
    let text = answer.body.to_string();
    for inside in ["struct", "expected", "i64", "deserialize", "serde", "Register"] {
        assert!(!text.contains(inside), "{text}");
    }
    answer.body["details"]["fields"].clone()
}

#[tokio::test]
async fn every_wrong_field_is_named_and_null_is_none() -> Result<()> {
    let (server, Cast { alice, room, .. }) = scene().await?;
    let register = async |body: Value| server.http().post("/api/auth/register", body).await;
    let answer = register(json!({"username": 7})).await?;
    assert_eq!(answer.refusal(), (422, "invalid"));
    assert_eq!(
        marked(&answer),
        json!({"username": ["This must be text."], "email": ["This is missing."], "password": ["This is missing."]})
    );
    let list = register(json!(["zed", "zed@example.org", PASSWORD])).await?;
    assert_eq!((list.refusal(), marked(&list)), ((400, "malformed"), Value::Null), "a list is no object");
    let answer = alice.http.put(&format!("/api/rooms/{room}/members/{}", alice.id), json!({"role": "king"})).await?;
    assert_eq!(marked(&answer), json!({"role": ["Choose one of: member, admin, owner."]}));
    let answer = alice.http.get(&format!("/api/rooms/{room}/messages?limit=x&before=y")).await?;
    assert_eq!(answer.refusal(), (422, "invalid"));
    assert!(!marked(&answer)["before"].is_null(), "{}", answer.body);

    let words = json!({"content": "hi", "client_id": null, "reply_to": null, "type": null});
    alice.http.post(&format!("/api/rooms/{room}/messages"), words).await?.data()?;
    let tea = json!({"name": "Tea", "description": null, "is_private": null});
    assert_eq!(alice.http.post("/api/rooms", tea).await?.data()?["is_private"], false);
    Ok(())
}

#[tokio::test]
async fn the_socket_marks_the_same_fields() -> Result<()> {
    let (_server, Cast { alice, room, .. }) = scene().await?;
    for encoding in [Encoding::Json, Encoding::Proto] {
        let mut socket = stage::listen(&alice, encoding, &[room]).await?;
        socket
            .send(&chinwag_proto::Request::Text(chinwag_proto::SendText { room_id: room, ..Default::default() }))
            .await?;
        let told = error(&stage::until_pong(&mut socket).await?)?;
        assert_eq!((&told["code"], &told["message"]), (&json!(422), &json!("Write something first.")));
        assert_eq!(told["details"], json!({"fields": {"content": ["Write something first."]}}), "{encoding:?}");
    }
    let mut socket = alice.connect().await?;
    for (frame, fields) in [
        (json!({"type": "text", "room_id": "one", "content": 5, "client_id": "c1"}), vec!["content", "room_id"]),
        (json!({"room_id": room}), vec!["type"]),
    ] {
        socket.send_raw(Message::text(frame.to_string())).await?;
        let told = error(&stage::until_pong(&mut socket).await?)?;
        assert_eq!(told["reason"], "invalid", "{told}");
        let marked = told["details"]["fields"].as_object().context("no fields")?;
        assert_eq!(marked.keys().collect::<Vec<_>>(), fields, "{told}");
        assert_eq!(told["client_id"], frame["client_id"], "the sender knows which one it was");
    }
    let frame = json!({"type": "text", "room_id": room, "content": "hi", "client_id": null, "reply_to": null});
    socket.send_raw(Message::text(frame.to_string())).await?;
    assert!(stage::until_pong(&mut socket).await?.iter().any(|event| matches!(event, Event::Ack(_))));
    Ok(())
}

fn error(heard: &[Event]) -> Result<Value> {
    heard.iter().find(|event| matches!(event, Event::Error(_))).map(json_of).context("no error")
}
