//! A client of the socket door, on another implementation of WebSocket than the server's own. It reconnects by itself
//! never: a test decides that.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context as _, Result, bail};
use chinwag_proto::{
    Event, Request,
    frame::{self, Encoding},
};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{self, Message, client::IntoClientRequest as _, http},
};

/// Longer than anything a healthy server takes; a test that waits this long has failed.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// How a client proves who it is.
#[derive(Clone, Copy, Debug)]
pub enum Credential<'a> {
    Bearer(&'a str),
    /// `?token=`
    Query(&'a str),
    /// `?ticket=`
    Ticket(&'a str),
    Cookie {
        cookie: &'a str,
        origin: &'a str,
    },
    Nothing,
}

/// Why there is no more to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gone {
    /// The server said goodbye with this code.
    Closed(u16),
    /// The line broke.
    Broken,
    /// Nothing came for [`PATIENCE`].
    Silent,
}

impl std::fmt::Display for Gone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Closed(code) => write!(f, "closed with {code}"),
            Self::Broken => write!(f, "the line broke"),
            Self::Silent => write!(f, "nothing came for {} s", PATIENCE.as_secs()),
        }
    }
}

impl std::error::Error for Gone {}

/// A connected socket.
pub struct Socket {
    stream: WebSocketStream<TcpStream>,
    encoding: Encoding,
}

impl Socket {
    /// Connects and speaks JSON.
    pub async fn connect(server: SocketAddr, credential: Credential<'_>) -> Result<Self> {
        Self::connect_as(server, credential, Encoding::Json).await
    }

    pub async fn connect_as(server: SocketAddr, credential: Credential<'_>, encoding: Encoding) -> Result<Self> {
        Self::open(server, "/ws", credential, encoding)
            .await?
            .map_err(|status| anyhow::anyhow!("refused with {status}"))
    }

    /// Gives the HTTP status where the server refuses to upgrade.
    pub async fn open(
        server: SocketAddr,
        path: &str,
        credential: Credential<'_>,
        encoding: Encoding,
    ) -> Result<Result<Self, u16>> {
        let query = match credential {
            Credential::Query(token) => format!("?token={token}"),
            Credential::Ticket(ticket) => format!("?ticket={ticket}"),
            _ => String::new(),
        };
        let mut request = format!("ws://{server}{path}{query}").into_client_request()?;
        let headers = request.headers_mut();
        // The plain text lobby speaks no subprotocol.
        if path == "/ws" {
            headers.insert(http::header::SEC_WEBSOCKET_PROTOCOL, encoding.subprotocol().parse()?);
        }
        match credential {
            Credential::Bearer(token) => {
                headers.insert(http::header::AUTHORIZATION, format!("Bearer {token}").parse()?);
            }
            Credential::Cookie { cookie, origin } => {
                headers.insert(http::header::COOKIE, cookie.parse()?);
                headers.insert(http::header::ORIGIN, origin.parse()?);
            }
            Credential::Query(_) | Credential::Ticket(_) | Credential::Nothing => {}
        }
        let stream = timeout(PATIENCE, TcpStream::connect(server)).await.context("connecting took too long")??;
        stream.set_nodelay(true)?;
        match timeout(PATIENCE, client_async(request, stream)).await.context("the upgrade took too long")? {
            Ok((stream, _)) => Ok(Ok(Self { stream, encoding })),
            Err(tungstenite::Error::Http(response)) => Ok(Err(response.status().as_u16())),
            Err(error) => Err(error.into()),
        }
    }

    pub async fn send(&mut self, request: &Request) -> Result<(), Gone> {
        let bytes = frame::encode_request(self.encoding, request);
        let message = match self.encoding {
            Encoding::Json => Message::text(String::from_utf8(bytes).unwrap_or_default()),
            Encoding::Proto => Message::binary(bytes),
        };
        self.send_raw(message).await
    }

    /// Sends whatever a client may think of.
    pub async fn send_raw(&mut self, message: Message) -> Result<(), Gone> {
        match timeout(PATIENCE, self.stream.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Gone::Broken),
            Err(_) => Err(Gone::Silent),
        }
    }

    /// The next frame.
    pub async fn next(&mut self) -> Result<Event, Gone> {
        timeout(PATIENCE, self.wait()).await.unwrap_or(Err(Gone::Silent))
    }

    /// The next frame, however long it takes. Can be cancelled without losing one.
    pub async fn wait(&mut self) -> Result<Event, Gone> {
        let bytes = self.wait_raw().await?;
        // A frame that this client cannot read is the server's mistake.
        Ok(frame::decode_event(self.encoding, &bytes).expect("the server sends frames that its own codec reads"))
    }

    /// The payload of the next frame.
    pub async fn wait_raw(&mut self) -> Result<Vec<u8>, Gone> {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text.as_bytes().to_vec()),
                Some(Ok(Message::Binary(bytes))) => return Ok(bytes.to_vec()),
                Some(Ok(Message::Close(Some(close)))) => return Err(Gone::Closed(close.code.into())),
                Some(Ok(Message::Close(None))) => return Err(Gone::Closed(1005)),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(Gone::Broken),
            }
        }
    }

    /// Reads on until `wanted` gives something; what comes before is dropped.
    pub async fn expect<T>(&mut self, what: &str, mut wanted: impl FnMut(&Event) -> Option<T>) -> Result<T> {
        let search = async {
            loop {
                match self.wait().await {
                    Ok(event) => {
                        if let Some(found) = wanted(&event) {
                            return Ok(found);
                        }
                    }
                    Err(gone) => bail!("{gone} while waiting for {what}"),
                }
            }
        };
        timeout(PATIENCE, search).await.with_context(|| format!("{what} did not come"))?
    }

    /// Reads until the server closes, and gives its code.
    pub async fn expect_close(&mut self) -> Result<u16> {
        loop {
            match self.next().await {
                Ok(_) => {}
                Err(Gone::Closed(code)) => return Ok(code),
                Err(gone) => bail!("{gone} instead of a close frame"),
            }
        }
    }

    /// Hangs up politely.
    pub async fn close(mut self) {
        // The server may have gone first.
        let _ = timeout(PATIENCE, self.stream.close(None)).await;
    }
}
