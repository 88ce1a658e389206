//! Where a test keeps its bytes: a directory, or a bucket on a server of its own. What a test must not care about stands here.

use std::{fs, path::PathBuf, sync::Arc, time::Duration};

use bytes::Bytes;
use chinwag_blobs::{BucketBlobs, BucketSettings, DirectoryBlobs};
use chinwag_domain::file_ports::{BlobContent, BlobResult, BlobStore};
use futures_util::TryStreamExt as _;
use tempfile::TempDir;

use crate::server::{ACCESS_KEY, SECRET_KEY, Server};

pub struct Place {
    pub blobs: Arc<dyn BlobStore>,
    pub root: TempDir,
    /// None for a directory.
    pub server: Option<Server>,
}

impl Place {
    pub async fn directory() -> Self {
        let root = tempfile::tempdir().expect("a directory");
        let blobs = DirectoryBlobs::open(root.path()).expect("blobs");
        Self { blobs: Arc::new(blobs), root, server: None }
    }

    pub async fn bucket() -> Self {
        let root = tempfile::tempdir().expect("a directory");
        fs::create_dir_all(root.path().join("buckets/files")).expect("a bucket");
        let server = Server::start(&root.path().join("buckets")).await;
        let place = Self { blobs: Arc::new(open_bucket(&root, &server, "files")), root, server: Some(server) };
        assert!(place.left_in_scratch().is_empty());
        place
    }

    /// What lies in the scratch directories besides the locks.
    pub fn left_in_scratch(&self) -> Vec<PathBuf> {
        let list = |path: PathBuf| fs::read_dir(path).expect("a directory").map(|entry| entry.expect("a name").path());
        let files = list(self.root.path().join("scratch")).flat_map(list);
        files.filter(|file| file.file_name().is_some_and(|name| name != "lock")).collect()
    }

    pub async fn put(&self, key: &str, content: &[u8]) {
        self.blobs.put(key, BlobContent::Bytes(Bytes::copy_from_slice(content))).await.expect("is kept");
    }

    pub async fn get(&self, key: &str, from: u64, to: u64) -> BlobResult<Vec<u8>> {
        let chunks: Vec<Bytes> = self.blobs.read(key, from..to).await?.try_collect().await?;
        Ok(chunks.concat())
    }

    pub async fn put_part(&self, upload_id: i64, number: u32, content: &[u8]) {
        let mut part = self.blobs.begin_part(upload_id, number).await.expect("begins");
        for bytes in content.chunks(10_000) {
            part.write(Bytes::copy_from_slice(bytes)).await.expect("is written");
        }
        part.finish().await.expect("is durable");
    }

    pub async fn gathered(&self, upload_id: i64, parts: u32) -> BlobResult<Vec<u8>> {
        Ok(fs::read(self.blobs.gather(upload_id, parts).await?.path()).expect("reads"))
    }
}

pub fn open_bucket(root: &TempDir, server: &Server, bucket: &str) -> BucketBlobs {
    let settings = BucketSettings {
        bucket: bucket.to_owned(),
        endpoint: Some(format!("http://{}", server.address)),
        region: "us-east-1".to_owned(),
        access_key: ACCESS_KEY.to_owned(),
        secret_key: SECRET_KEY.to_owned(),
        prefix: "chat/of-ours".to_owned(),
    };
    BucketBlobs::open(&settings, &root.path().join("scratch")).expect("a bucket")
}

/// Nothing here takes as long, unless it hangs.
pub const PATIENCE: Duration = Duration::from_secs(120);

macro_rules! on_both {
    ($($test:ident),+ $(,)?) => {
        on_both!(directory: $($test)+);
        on_both!(bucket: $($test)+);
    };
    ($name:ident: $($test:ident)+) => {
        mod $name {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    let place = crate::place::Place::$name().await;
                    tokio::time::timeout(crate::place::PATIENCE, super::$test(place)).await.expect("it hangs");
                }
            )+
        }
    };
}
pub(crate) use on_both;
