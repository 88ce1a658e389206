//! What is said when the place fails: a bucket that is slow, full, closed or away, a directory that is gone.

use std::{fs, sync::atomic::Ordering};

use chinwag_domain::file_ports::{BlobContent, BlobError, BlobStore as _};

use crate::{
    is_missing,
    place::{Place, open_bucket},
};

const MULTI: usize = 9 * 1024 * 1024;

#[tokio::test]
async fn a_call_that_fails_is_tried_again() {
    let place = Place::bucket().await;
    let server = place.server.as_ref().expect("a server");
    server.seen.refuse(2, 503);
    place.put("ab/ab01", b"content").await;
    server.seen.refuse(2, 500);
    assert_eq!(place.get("ab/ab01", 0, 7).await.expect("reads"), b"content");
    server.seen.refuse(2, 503);
    place.put_part(7, 0, &vec![1; MULTI]).await;
    assert_eq!(place.gathered(7, 1).await.expect("gathers").len(), MULTI);
}

#[tokio::test]
async fn a_call_is_not_tried_for_ever() {
    let place = Place::bucket().await;
    let server = place.server.as_ref().expect("a server");
    server.seen.refuse(usize::MAX, 503);
    assert!(matches!(place.get("ab/ab01", 0, 7).await, Err(BlobError::Unavailable(_))));
    assert_eq!(server.seen.requests.load(Ordering::SeqCst), 4);
}

#[tokio::test]
async fn a_full_bucket_says_so_and_leaves_nothing() {
    let place = Place::bucket().await;
    let server = place.server.as_ref().expect("a server");
    let mut part = place.blobs.begin_part(7, 0).await.expect("begins");
    part.write(vec![1; 100_000].into()).await.expect("is written");
    server.seen.refuse(usize::MAX, 507);
    assert!(matches!(part.finish().await, Err(BlobError::OutOfSpace)));
    assert!(place.left_in_scratch().is_empty());
}

#[tokio::test]
async fn a_bucket_that_is_away_is_unavailable_and_comes_back() {
    let place = Place::bucket().await;
    let server = place.server.as_ref().expect("a server");
    assert!(
        open_bucket(&place.root, server, "another")
            .ping()
            .await
            .is_err_and(|it| matches!(it, BlobError::Unavailable(_)))
    );
    server.seen.refuse(usize::MAX, 403);
    assert!(matches!(place.blobs.ping().await, Err(BlobError::Unavailable(_))));
    let put = place.blobs.put("ab/ab01", BlobContent::Bytes(b"content".to_vec().into())).await;
    assert!(matches!(put, Err(BlobError::Unavailable(_))));
    server.seen.refuse(0, 403);
    place.blobs.ping().await.expect("comes back");
    let Place { blobs, root: _root, server } = place;
    drop(server);
    assert!(matches!(blobs.ping().await, Err(BlobError::Unavailable(_))));
}

#[tokio::test]
async fn a_directory_that_is_gone_is_unavailable() {
    let place = Place::directory().await;
    fs::remove_dir_all(place.root.path().join("blobs")).expect("is gone");
    assert!(matches!(place.blobs.ping().await, Err(BlobError::Unavailable(_))));
}

#[tokio::test]
async fn a_directory_where_other_keys_begin_is_no_blob() {
    let place = Place::directory().await;
    place.put("ab/ab01", b"content").await;
    assert!(is_missing(&place.get("ab", 0, 1).await));
    assert!(is_missing(&place.get("ab", 0, 0).await));
}
