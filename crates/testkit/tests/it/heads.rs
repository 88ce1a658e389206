//! Heads of requests that two readers could take for different ones: what stands before the server must not be led astray by them.

use std::net::SocketAddr;

use anyhow::Result;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::stage;

/// All that the server says to these bytes until it closes, which it must: each of them ends its connection.
async fn told(server: SocketAddr, bytes: &str) -> Result<String> {
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(bytes.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn a_request_names_its_host_exactly_once() -> Result<()> {
    let server = stage::server().await?;
    let ask = async |version: &str, hosts: &str| {
        told(server.address(), &format!("GET /health {version}\r\n{hosts}connection: close\r\n\r\n")).await
    };
    for host in ["a", "chat_1:8080", "[::1]:80", "127.0.0.1"] {
        assert!(ask("HTTP/1.1", &format!("host: {host}\r\n")).await?.starts_with("HTTP/1.1 200"), "{host}");
    }
    assert!(ask("HTTP/1.0", "").await?.starts_with("HTTP/1.0 200"), "as RFC 9112 allows");
    let others = ["", " ", " a b", " a/b", " ann@a", " a, b", " http://a"].map(|host| format!("host:{host}\r\n"));
    let several = ["", "host: a\r\nhost: b\r\n", "host: a\r\nhost: a\r\n"].map(str::to_owned);
    for hosts in several.iter().chain(&others) {
        let answer = ask("HTTP/1.1", hosts).await?;
        assert!(answer.starts_with("HTTP/1.1 400"), "{hosts:?}: {answer}");
        assert!(answer.contains("\"reason\":\"malformed\""), "{answer}");
    }
    Ok(())
}

#[tokio::test]
async fn nothing_is_read_behind_a_request_in_pieces() -> Result<()> {
    let server = stage::server().await?;
    let hidden = "GET /health HTTP/1.1\r\nhost: a\r\n\r\n";
    for lengths in
        ["content-length: 6\r\ntransfer-encoding: chunked\r\n", "transfer-encoding: chunked\r\ncontent-length: 6\r\n"]
    {
        let head =
            format!("POST /api/auth/login HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n{lengths}\r\n");
        let answer = told(server.address(), &format!("{head}2\r\n{{}}\r\n0\r\n\r\n{hidden}")).await?;
        assert!(answer.starts_with("HTTP/1.1 422"), "{answer}");
        assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
    }
    Ok(())
}

/// What one reader takes for a body, another would take for frames.
#[tokio::test]
async fn a_request_for_a_socket_has_no_body() -> Result<()> {
    let server = stage::server_with(|config| config.guests = true).await?;
    let head = "host: a\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
                sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for body in
        ["transfer-encoding: chunked\r\n\r\n0\r\n\r\n", "connection: close\r\ncontent-length: 2\r\n\r\n\u{1}\u{0}"]
    {
        let answer = told(server.address(), &format!("GET /ws/lobby HTTP/1.1\r\n{head}{body}")).await?;
        assert!(answer.starts_with("HTTP/1.1 400"), "{body:?}: {answer}");
    }
    Ok(())
}
