//! A place that speaks S3, in the test's own process: buckets in a directory that goes with it. It asserts nothing.

use std::{convert::Infallible, net::SocketAddr, path::PathBuf};

use anyhow::{Context as _, Result, anyhow};
use chinwag_server::{
    Config,
    config::{Secret, StorageKind},
};
use hyper::{Request, Response, StatusCode, body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use s3s::{
    auth::SimpleAuth,
    service::{S3Service, S3ServiceBuilder},
};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinSet};

const NAME: &str = "chinwag";
const KEYS: (&str, &str) = ("the access key", "the secret key");

/// A bucket; ends with this value.
pub struct Bucket {
    address: SocketAddr,
    home: TempDir,
    _serving: JoinSet<()>,
}

impl Bucket {
    pub async fn start() -> Result<Self> {
        let home = TempDir::with_prefix("chinwag-s3-")?;
        std::fs::create_dir(home.path().join(NAME))?;
        let files = FileSystem::new(home.path()).map_err(|error| anyhow!("no place for a bucket: {error:?}"))?;
        let mut service = S3ServiceBuilder::new(files);
        service.set_auth(SimpleAuth::from_single(KEYS.0, KEYS.1));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr().context("no address")?;
        let mut serving = JoinSet::new();
        serving.spawn(serve(listener, service.build()));
        Ok(Self { address, home, _serving: serving })
    }

    /// Lets a server keep its files here.
    pub fn configure(&self, config: &mut Config) {
        config.files.storage = StorageKind::S3;
        config.files.bucket = Some(NAME.to_owned());
        config.files.endpoint = Some(format!("http://{}", self.address));
        config.files.access_key = Some(Secret(KEYS.0.to_owned()));
        config.files.secret_key = Some(Secret(KEYS.1.to_owned()));
        config.files.prefix = Some("here".to_owned());
    }

    /// Where it keeps what servers put in it.
    pub fn path(&self) -> PathBuf {
        self.home.path().join(NAME).join("here")
    }
}

async fn serve(listener: TcpListener, s3: S3Service) {
    let mut connections = JoinSet::new();
    while let Ok((socket, _)) = listener.accept().await {
        let s3 = s3.clone();
        let answer = service_fn(move |request: Request<Incoming>| {
            let s3 = s3.clone();
            async move {
                let answered = s3.call(request.map(s3s::Body::from)).await;
                Ok::<_, Infallible>(answered.unwrap_or_else(|_| failed()))
            }
        });
        connections.spawn(async move {
            // The other side may leave as it likes.
            let _ = http1::Builder::new().serve_connection(TokioIo::new(socket), answer).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

fn failed() -> Response<s3s::Body> {
    let mut response = Response::new(s3s::Body::empty());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}
