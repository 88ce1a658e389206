//! Refusals speak the language that was asked for, over both doors, and name the reason apart from the sentence.

use anyhow::{Context as _, Result};
use chinwag_testkit::{Cast, Person, Server};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    client_async,
    tungstenite::{Message, client::IntoClientRequest as _},
};

use crate::stage::{self, request};

/// What is asked for, and how a sentence ends in what is told.
const LANGUAGES: [(&str, char); 3] = [("zh-CN,zh;q=0.9,en;q=0.8", '。'), ("en-GB,en", '.'), ("fr", '.')];

/// Both sentences are one and the same, in the right language.
fn check(told: &Value, reason: &str, end: char) {
    assert_eq!(told["reason"], reason, "{told}");
    assert_eq!(told["error"], told["message"], "{told}");
    assert!(told["message"].as_str().is_some_and(|sentence| sentence.ends_with(end)), "{told}");
}

#[tokio::test]
async fn refusals_over_http_speak_the_language_asked_for() -> Result<()> {
    let server = stage::server().await?;
    for (accept, end) in LANGUAGES {
        let headers = [("accept-language", accept), ("content-type", "application/json")];
        let body = r#"{"username":"a b","email":"a@example.org","password":"1"}"#;
        let told = request(server.address(), "POST", "/api/auth/register", &headers, body).await?.body;
        check(&told, "invalid", end);
        for field in ["username", "password"] {
            let sentence = told["details"]["fields"][field][0].as_str().unwrap_or_default();
            assert!(sentence.ends_with(end), "{field} in {told}");
        }
        assert_eq!(told["message"], told["details"]["fields"]["password"][0], "the first field's sentence: {told}");
        // What the router, a layer and a use case refuse.
        for (method, path, reason) in [
            ("GET", "/api/none", "not_found"),
            ("PATCH", "/api/rooms", "method_not_allowed"),
            ("GET", "/api/rooms", "unauthorized"),
            ("GET", "/none/none.txt", "not_found"),
            ("GET", "/ws", "malformed"),
        ] {
            check(&request(server.address(), method, path, &headers, "").await?.body, reason, end);
        }
    }
    Ok(())
}

/// What the socket of `person` is told of a frame that is refused.
async fn refused(server: &Server, person: &Person, accept: &str, frame: Value) -> Result<Value> {
    let address = format!("ws://{}/ws?token={}", server.address(), person.token());
    let mut request = address.into_client_request()?;
    request.headers_mut().insert("accept-language", accept.parse()?);
    let stream = TcpStream::connect(server.address()).await?;
    let (mut socket, _) = client_async(request, stream).await?;
    socket.send(Message::text(frame.to_string())).await?;
    loop {
        let message = timeout(stage::PATIENCE, socket.next()).await?.context("closed")??;
        let told: Value = serde_json::from_str(message.to_text()?)?;
        if told["type"] == "error" {
            return Ok(told);
        }
    }
}

#[tokio::test]
async fn refusals_over_the_socket_speak_the_language_of_its_upgrade() -> Result<()> {
    let server = stage::server().await?;
    let Cast { alice, .. } = Cast::gather(server.address()).await?;
    for (accept, end) in LANGUAGES {
        for (frame, reason) in [
            (json!({"type": "join", "room_id": 99_999}), "room_not_found"),
            (json!({"type": "text", "room_id": 1, "content": " "}), "invalid"),
            (json!({"type": "text", "room_id": "one"}), "invalid"),
            (json!({"type": "dance"}), "unknown_type"),
            (json!({"type": "sync", "epoch": 0, "rooms": "none"}), "invalid"),
        ] {
            check(&refused(&server, &alice, accept, frame).await?, reason, end);
        }
    }
    Ok(())
}
