//! Who answers at an address, told by what it says first: for whoever came there with a protocol and was not understood. It is no client
//! of any of them.

use std::{fmt, iter::once, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// How long an answer may take, connecting included.
const PATIENCE: Duration = Duration::from_millis(400);
/// More of an answer is not read.
const ENOUGH: usize = 64;

/// What a server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Postgres,
    MySql,
    Nats,
    Redis,
    Kafka,
    Http,
    Ssh,
    /// Whatever is inside.
    Tls,
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Postgres => "PostgreSQL",
            Self::MySql => "MySQL or MariaDB",
            Self::Nats => "NATS",
            Self::Redis => "Redis or Valkey",
            Self::Kafka => "Kafka",
            Self::Http => "a web server",
            Self::Ssh => "an SSH server",
            Self::Tls => "a server that wants TLS",
        })
    }
}

/// Whether TLS is to be had.
const TLS: &[u8] = &[0, 0, 0, 8, 4, 210, 22, 47];
/// To Redis it is a command that lacks something.
const GET: &[u8] = b"GET / HTTP/1.0\r\n\r\n";
/// Which versions there are; the four letters come back.
const VERSIONS: &[u8] = b"\0\0\0\x0a\0\x12\0\0chin\xff\xff";
/// Some speak first.
const SILENCE: &[u8] = b"";

impl Protocol {
    /// What this one answers to.
    fn opening(self) -> &'static [u8] {
        match self {
            Self::Postgres => TLS,
            Self::Redis | Self::Http | Self::Tls => GET,
            Self::Kafka => VERSIONS,
            Self::MySql | Self::Nats | Self::Ssh => SILENCE,
        }
    }

    fn of(answer: &[u8]) -> Option<Self> {
        match answer {
            [b'S' | b'N'] => Some(Self::Postgres),
            [b'I', b'N', b'F', b'O', b' ', ..] => Some(Self::Nats),
            [b'S', b'S', b'H', b'-', ..] => Some(Self::Ssh),
            [b'H', b'T', b'T', b'P', b'/', ..] => Some(Self::Http),
            [b'+' | b'-', b'A'..=b'Z', ..] => Some(Self::Redis),
            // An alert.
            [21, 3, ..] => Some(Self::Tls),
            [_, _, _, _, b'c', b'h', b'i', b'n', ..] => Some(Self::Kafka),
            // The first packet: a greeting, or why there is none.
            [_, _, 0, 0, 10 | 255, ..] => Some(Self::MySql),
            _ => None,
        }
    }
}

/// The protocol of whoever answers there, where it is another one than this; `None` also where nobody answers, or not soon, or in words
/// that are not known here.
pub async fn other_protocol(host: &str, port: u16, expected: Protocol) -> Option<Protocol> {
    // The right one is known by its first word.
    for opening in once(expected.opening()).chain([SILENCE, TLS, GET, VERSIONS]) {
        let answer = timeout(PATIENCE, ask(host, port, opening)).await;
        if let Ok(Some(found)) = answer {
            return Some(found).filter(|found| *found != expected);
        }
    }
    None
}

async fn ask(host: &str, port: u16, opening: &[u8]) -> Option<Protocol> {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let mut stream = TcpStream::connect((host, port)).await.ok()?;
    stream.write_all(opening).await.ok()?;
    let mut answer = [0; ENOUGH];
    let length = stream.read(&mut answer).await.ok()?;
    Protocol::of(answer.get(..length)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As they were heard.
    #[test]
    fn each_is_known_by_its_first_words_and_others_are_not() {
        for (answer, known) in [
            (&b"N"[..], Some(Protocol::Postgres)),
            (b"S", Some(Protocol::Postgres)),
            (b"\x5e\0\0\0\x0a11.8.3-MariaDB-0+deb13u1\0", Some(Protocol::MySql)),
            (b"\x45\0\0\0\xff\x6a\x04Host '10.0.0.7' is not allowed to connect", Some(Protocol::MySql)),
            (b"INFO {\"server_id\":\"NB\"}\r\n", Some(Protocol::Nats)),
            (b"-NOAUTH Authentication required.\r\n", Some(Protocol::Redis)),
            (b"-DENIED Redis is running in protected mode", Some(Protocol::Redis)),
            (b"+PONG\r\n", Some(Protocol::Redis)),
            (b"\0\0\x01\x02chin\0\0", Some(Protocol::Kafka)),
            (b"HTTP/1.1 400 Bad Request\r\n", Some(Protocol::Http)),
            (b"SSH-2.0-OpenSSH_10.0\r\n", Some(Protocol::Ssh)),
            (b"\x15\x03\x01\0\x02\x02\x46", Some(Protocol::Tls)),
            (b"220 mail.example.org ESMTP\r\n", None),
            (b"NO", None),
            (b"--- welcome", None),
            (b"", None),
        ] {
            assert_eq!(Protocol::of(answer), known, "{answer:?}");
        }
    }
}
