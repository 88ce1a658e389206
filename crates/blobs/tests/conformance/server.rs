//! A server of S3 in this process, over a real socket: it counts what is under way, and fails when it is told to. It is no mock of one.

use std::{
    convert::Infallible,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU16, AtomicU64, AtomicUsize, Ordering},
    },
};

use hyper::{Request, Response, body::Incoming, header::CONTENT_LENGTH, server::conn::http1};
use hyper_util::rt::TokioIo;
use s3s::{
    Body,
    auth::SimpleAuth,
    service::{S3Service, S3ServiceBuilder},
};
use s3s_fs::FileSystem;
use tokio::{net::TcpListener, task::JoinSet};

pub const ACCESS_KEY: &str = "the access key";
pub const SECRET_KEY: &str = "the secret key";

pub struct Server {
    pub address: SocketAddr,
    pub seen: Arc<Seen>,
    /// Its connections end with it.
    _tasks: JoinSet<()>,
}

/// What was asked of the server, and how it is to answer.
#[derive(Default)]
pub struct Seen {
    under_way: AtomicU64,
    /// The most bytes of requests that were under way at once.
    pub most: AtomicU64,
    pub requests: AtomicUsize,
    /// So many of the next requests are refused with this status.
    refusals: AtomicUsize,
    status: AtomicU16,
}

impl Seen {
    pub fn refuse(&self, requests: usize, status: u16) {
        self.status.store(status, Ordering::SeqCst);
        self.refusals.store(requests, Ordering::SeqCst);
    }
}

impl Server {
    pub async fn start(root: &Path) -> Self {
        let files = FileSystem::new(root).expect("a place for buckets");
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let seen = Arc::new(Seen::default());
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, service.build(), seen.clone()));
        Self { address, seen, _tasks: tasks }
    }
}

async fn accept(listener: TcpListener, s3: S3Service, seen: Arc<Seen>) {
    let mut connections = JoinSet::new();
    while let Ok((socket, _)) = listener.accept().await {
        let (s3, seen) = (s3.clone(), seen.clone());
        let answer = hyper::service::service_fn(move |request| answer(request, s3.clone(), seen.clone()));
        connections.spawn(async move {
            // The other side may leave as it likes.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(socket), answer).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn answer(request: Request<Incoming>, s3: S3Service, seen: Arc<Seen>) -> Result<Response<Body>, Infallible> {
    seen.requests.fetch_add(1, Ordering::SeqCst);
    let less = |left: usize| left.checked_sub(1);
    if seen.refusals.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_ok() {
        return Ok(status(seen.status.load(Ordering::SeqCst)));
    }
    let length = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    let length = length.unwrap_or(0);
    let now = seen.under_way.fetch_add(length, Ordering::SeqCst) + length;
    seen.most.fetch_max(now, Ordering::SeqCst);
    let answered = s3.call(request.map(Body::from)).await;
    seen.under_way.fetch_sub(length, Ordering::SeqCst);
    Ok(answered.unwrap_or_else(|_| status(500)))
}

fn status(status: u16) -> Response<Body> {
    Response::builder().status(status).body(Body::empty()).expect("an answer")
}
