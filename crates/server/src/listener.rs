//! The accept loop: every connection has its timeouts and its place under one cap. It knows no route.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::{Body, Bytes},
};
use chinwag_api::{
    auth::Peer,
    http::{no_place, takes_file},
};
use hyper::{
    body::{Frame, Incoming, SizeHint},
    rt::{Sleep, Timer},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;
use tower::Service;
use tower_http::timeout::TimeoutBody;

/// Bytes that nobody acknowledges, or that find no room at the other end, keep a connection for so long and no longer.
const STUCK: Duration = Duration::from_secs(30);
/// Connections that may wait to be accepted: after a restart everybody comes at once.
const BACKLOG: u32 = 4096;
/// Refused connections that may be told so at one time; a further one is simply closed.
const FAREWELLS: usize = 32;
/// For so long a refused client may take to read why.
const FAREWELL: Duration = Duration::from_secs(2);
/// For so long its request is waited for: with it comes the language that it is told in.
const HEAD: Duration = Duration::from_millis(500);

/// What a connection may take.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub connections: usize,
    pub header_timeout: Duration,
    pub body_timeout: Duration,
    pub whole_body_timeout: Duration,
    /// The same where the body is a file's.
    pub whole_file_timeout: Duration,
    pub keep_alive: Duration,
    pub header_bytes: usize,
}

/// Why a listener could not be had; says what to do.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    #[error(
        "{0} is in use by another program. Stop it, or choose another address with --listen (for instance --listen {1})."
    )]
    Taken(SocketAddr, SocketAddr),
    #[error(
        "only the system's administrator may listen on {0}: ports under 1024 are reserved. Choose a higher one with --listen, and put a proxy in front."
    )]
    Forbidden(SocketAddr),
    #[error("{0} is not an address of this machine. Choose one with --listen, such as 127.0.0.1:{port} or 0.0.0.0:{port}.", port = .0.port())]
    NotHere(SocketAddr),
    #[error("cannot listen on {0}: {1}")]
    Failed(SocketAddr, io::Error),
}

/// Takes the address. To be called within a runtime.
pub fn bind(address: SocketAddr) -> Result<TcpListener, BindError> {
    let listen = || {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        // Else a restart has to wait for the last connections of the server before.
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        socket.listen(BACKLOG)
    };
    listen().map_err(|e| match e.kind() {
        io::ErrorKind::AddrInUse => {
            let next = SocketAddr::new(address.ip(), address.port().checked_add(1).unwrap_or(8080));
            BindError::Taken(address, next)
        }
        io::ErrorKind::PermissionDenied => BindError::Forbidden(address),
        io::ErrorKind::AddrNotAvailable => BindError::NotHere(address),
        _ => BindError::Failed(address, e),
    })
}

/// Answers connections until `stop`, then lets those that are in the middle of a request finish. What still runs when the
/// future is dropped ends at once.
///
/// A connection that was upgraded leaves this loop; `upgraded` counts those, for the cap.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    bounds: Bounds,
    upgraded: impl Fn() -> usize,
    stop: CancellationToken,
) {
    let mut connections = JoinSet::new();
    let mut farewells = JoinSet::new();
    let open = Arc::new(AtomicUsize::new(0));
    let mut pause = Duration::ZERO;
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        while connections.try_join_next().is_some() {}
        while farewells.try_join_next().is_some() {}
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(e) if is_of_one_client(&e) => continue,
            Err(e) => {
                // Out of descriptors or memory: asking again at once would only burn the processor.
                pause = (pause * 2).clamp(Duration::from_millis(10), Duration::from_secs(1));
                tracing::warn!(error = %e, ?pause, "cannot accept a connection");
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = tokio::time::sleep(pause) => continue,
                }
            }
        };
        pause = Duration::ZERO;
        if open.load(Ordering::Relaxed) + upgraded() >= bounds.connections {
            metrics::counter!("chinwag_connections_refused_total").increment(1);
            if farewells.len() < FAREWELLS {
                farewells.spawn(refuse(stream));
            }
            continue;
        }
        metrics::counter!("chinwag_connections_total").increment(1);
        let place = Place::take(&open);
        connections.spawn(serve_connection(stream, peer, router.clone(), bounds, stop.clone(), place));
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// One connection's place under the cap, given back when dropped.
struct Place(Arc<AtomicUsize>);

impl Place {
    fn take(open: &Arc<AtomicUsize>) -> Self {
        open.fetch_add(1, Ordering::Relaxed);
        Self(open.clone())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Whether the error is about the connection that was to be accepted, not about us.
fn is_of_one_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused
    )
}

/// Says that there is no place, and waits for the client to have read it: closing at once would reset the connection.
async fn refuse(mut stream: TcpStream) {
    let told = async {
        let mut head = [0; 4096];
        let came = tokio::time::timeout(HEAD, stream.read(&mut head)).await.unwrap_or(Ok(0))?;
        stream.write_all(&no_place(&head[..came])).await?;
        stream.shutdown().await?;
        let mut rest = [0; 512];
        while stream.read(&mut rest).await? > 0 {}
        Ok::<_, io::Error>(())
    };
    // A client that does not listen is no concern of ours.
    let _ = tokio::time::timeout(FAREWELL, told).await;
}

async fn serve_connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    bounds: Bounds,
    stop: CancellationToken,
    _place: Place,
) {
    // A refusal of either leaves a slower connection, not a wrong one.
    let _ = stream.set_nodelay(true);
    let _ = rustix::net::sockopt::set_tcp_user_timeout(&stream, STUCK.as_millis() as u32);
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let is_file = takes_file(request.uri().path());
        let whole = if is_file { bounds.whole_file_timeout } else { bounds.whole_body_timeout };
        let in_time = |body| Whole::new(whole, TimeoutBody::new(bounds.body_timeout, body));
        let mut request = request.map(|body| Body::new(in_time(body)));
        request.extensions_mut().insert(Peer(peer));
        // A router is always ready.
        router.clone().call(request)
    });
    let connection = http1::Builder::new()
        .timer(HeadTimer::new(bounds))
        .header_read_timeout(bounds.header_timeout)
        .max_header_size(bounds.header_bytes)
        .max_buf_size(bounds.header_bytes)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(e) = ended {
        tracing::debug!(error = %e, "a connection broke off");
    }
}

/// A body that has to be here in time as a whole: one that drips never pauses for long.
struct Whole {
    body: Body,
    left: Pin<Box<tokio::time::Sleep>>,
}

impl Whole {
    fn new(time: Duration, body: TimeoutBody<Incoming>) -> Self {
        Self { body: Body::new(body), left: Box::pin(tokio::time::sleep(time)) }
    }
}

impl hyper::body::Body for Whole {
    type Data = Bytes;
    type Error = axum::BoxError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if self.left.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Some(Err(io::Error::from(io::ErrorKind::TimedOut).into())));
        }
        Pin::new(&mut self.body).poll_frame(cx).map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Hyper has one timer for "the next request's head must be here", which begins when the one before was answered. The first
/// head gets the header timeout; each later one the keep-alive time, within which the client may think first.
struct HeadTimer {
    keep_alive: Duration,
    has_served: AtomicBool,
}

impl HeadTimer {
    fn new(bounds: Bounds) -> Self {
        Self { keep_alive: bounds.keep_alive, has_served: AtomicBool::new(false) }
    }
}

impl Timer for HeadTimer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        TokioTimer::new().sleep(duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        let is_first = !self.has_served.swap(true, Ordering::Relaxed);
        TokioTimer::new().sleep_until(if is_first { deadline } else { Instant::now() + self.keep_alive })
    }
}

#[cfg(test)]
mod tests;
