//! Opens what keeps files and what understands them, as the settings say. What is done with files is the domain's to say.

use std::{path::PathBuf, sync::Arc};

use chinwag_blobs::{BucketBlobs, BucketSettings, DirectoryBlobs};
use chinwag_domain::{
    file_ports::{BlobError, BlobStore},
    file_records::BlobName,
    storage::{Storage, blob_key},
};
use chinwag_media::MediaInspector;
use tokio::task::spawn_blocking;

use crate::{
    config::{Config, StorageKind},
    data_dir::DataDir,
};

/// Why files cannot be kept; says what to do.
#[derive(Debug, thiserror::Error)]
#[error("files cannot be kept in {place}: {}. {advice}", causes(.cause))]
pub struct StorageError {
    place: String,
    cause: BlobError,
    advice: &'static str,
}

fn causes(error: &BlobError) -> String {
    let first: &dyn std::error::Error = error;
    let chain = std::iter::successors(Some(first), |error| error.source());
    chain.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Where files are kept, in words.
pub(crate) fn place(config: &Config, data_dir: &DataDir) -> String {
    match config.files.storage {
        StorageKind::Disk => directory(config, data_dir).display().to_string(),
        StorageKind::S3 => format!("the bucket {}", config.files.bucket.as_deref().unwrap_or_default()),
    }
}

/// The place for files on a disk; for a bucket, what is on its way there.
fn directory(config: &Config, data_dir: &DataDir) -> PathBuf {
    let own = config.files.directory.clone().filter(|_| config.files.storage == StorageKind::Disk);
    own.unwrap_or_else(|| data_dir.path().join("files"))
}

/// Whether the first file is still to come.
pub(crate) fn is_new(config: &Config, data_dir: &DataDir) -> bool {
    config.files.storage == StorageKind::Disk && !directory(config, data_dir).exists()
}

/// Opens the place. It does not ask a bucket whether it is there: files can wait for that, messages need not.
pub(crate) async fn blobs(config: &Config, data_dir: &DataDir) -> Result<Arc<dyn BlobStore>, StorageError> {
    let failed = |cause| StorageError { place: place(config, data_dir), cause, advice: advice(config.files.storage) };
    let (directory, kind, bucket) = (directory(config, data_dir), config.files.storage, bucket(config));
    let opened = spawn_blocking(move || -> Result<Arc<dyn BlobStore>, BlobError> {
        Ok(match kind {
            StorageKind::Disk => Arc::new(DirectoryBlobs::open(&directory)?),
            StorageKind::S3 => Arc::new(BucketBlobs::open(&bucket, &directory.join("scratch"))?),
        })
    });
    opened.await.unwrap_or_else(|died| Err(BlobError::Unavailable(Box::new(died)))).map_err(failed)
}

/// The same with what understands them.
pub(crate) async fn open(config: &Config, data_dir: &DataDir) -> Result<Storage, StorageError> {
    let blobs = blobs(config, data_dir).await?;
    Ok(Storage::new(blobs, Arc::new(MediaInspector::new(config.files.image_pixels as u64))))
}

/// A round trip.
pub(crate) async fn look(config: &Config, data_dir: &DataDir) -> Result<(), StorageError> {
    let failed = |cause| StorageError { place: place(config, data_dir), cause, advice: advice(config.files.storage) };
    blobs(config, data_dir).await?.ping().await.map_err(failed)
}

/// How many of these contents are not there.
pub(crate) async fn count_missing(
    config: &Config,
    data_dir: &DataDir,
    wanted: &[BlobName],
) -> Result<usize, StorageError> {
    if is_new(config, data_dir) {
        return Ok(wanted.len());
    }
    let failed = |cause| StorageError { place: place(config, data_dir), cause, advice: advice(config.files.storage) };
    let blobs = blobs(config, data_dir).await?;
    let mut missing = 0;
    for blob in wanted {
        match blobs.size(&blob_key(blob)).await {
            Ok(_) => {}
            Err(BlobError::NotFound) => missing += 1,
            Err(cause) => return Err(failed(cause)),
        }
    }
    Ok(missing)
}

fn bucket(config: &Config) -> BucketSettings {
    let files = &config.files;
    let secret = |secret: &Option<crate::config::Secret>| secret.as_ref().map(|it| it.0.clone()).unwrap_or_default();
    BucketSettings {
        bucket: files.bucket.clone().unwrap_or_default(),
        endpoint: files.endpoint.clone(),
        region: files.region.clone(),
        access_key: secret(&files.access_key),
        secret_key: secret(&files.secret_key),
        prefix: files.prefix.clone().unwrap_or_default(),
    }
}

fn advice(kind: StorageKind) -> &'static str {
    match kind {
        StorageKind::Disk => "Make it writable for this user, or choose another with --files.directory.",
        StorageKind::S3 => "Look at the keys of [files] in the settings, and whether the bucket is there.",
    }
}
