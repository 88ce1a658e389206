//! Bytes on their way: what is held of them, and what is left of what was cut off.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use chinwag_domain::file_ports::BlobContent;
use futures_util::{TryStreamExt as _, future::try_join_all, poll};

use crate::{
    bytes, is_missing,
    place::{Place, on_both},
};

on_both!(
    a_part_that_is_given_up_leaves_nothing,
    a_write_that_is_cut_in_the_middle_leaves_nothing,
    what_comes_after_a_cut_write_is_refused,
    much_is_streamed_and_little_is_held,
);

const MIB: usize = 1024 * 1024;

async fn a_part_that_is_given_up_leaves_nothing(place: Place) {
    let mut part = place.blobs.begin_part(7, 0).await.expect("begins");
    part.write(bytes(0, 300_000).into()).await.expect("is written");
    assert!(is_missing(&place.gathered(7, 1).await));
    drop(part);
    assert!(place.left_in_scratch().is_empty());
    assert!(is_missing(&place.gathered(7, 1).await));
    assert!(place.blobs.list_uploads(i64::MAX, 10).await.expect("lists").is_empty());
}

async fn a_write_that_is_cut_in_the_middle_leaves_nothing(place: Place) {
    let mut part = place.blobs.begin_part(7, 0).await.expect("begins");
    let _ = poll!(pin!(part.write(bytes(0, 20 * MIB).into())));
    drop(part);
    assert!(place.left_in_scratch().is_empty());
    assert!(place.blobs.list_uploads(i64::MAX, 10).await.expect("lists").is_empty());
}

async fn what_comes_after_a_cut_write_is_refused(place: Place) {
    // On a machine that is busy the disk may be done before the caller has looked: then nothing was cut.
    let mut part = loop {
        let mut part = place.blobs.begin_part(7, 0).await.expect("begins");
        if poll!(pin!(part.write(bytes(0, 20 * MIB).into()))).is_pending() {
            break part;
        }
    };
    assert!(part.write(bytes(0, 10).into()).await.is_err());
    assert!(part.finish().await.is_err());
    assert!(is_missing(&place.gathered(7, 1).await));
    assert!(place.left_in_scratch().is_empty());
}

/// Bytes that are counted as long as anybody holds them.
struct Counted {
    bytes: Vec<u8>,
    held: Arc<AtomicUsize>,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.held.fetch_sub(self.bytes.len(), Ordering::SeqCst);
    }
}

async fn much_is_streamed_and_little_is_held(place: Place) {
    const ALL: usize = 64 * MIB;
    const STEP: usize = 64 * 1024;
    let held = Arc::new(AtomicUsize::new(0));
    let mut part = place.blobs.begin_part(7, 0).await.expect("begins");
    let mut most = 0;
    for at in (0..ALL).step_by(STEP) {
        held.fetch_add(STEP, Ordering::SeqCst);
        part.write(Bytes::from_owner(Counted { bytes: bytes(at, STEP), held: held.clone() }))
            .await
            .expect("is written");
        most = most.max(held.load(Ordering::SeqCst));
    }
    part.finish().await.expect("is durable");
    assert!(most <= MIB, "{most} bytes were held");
    let whole = place.blobs.gather(7, 1).await.expect("gathers");
    place.blobs.put("ab/ab01", BlobContent::File(whole)).await.expect("is kept");
    let mut read = place.blobs.read("ab/ab01", 0..ALL as u64).await.expect("reads");
    let mut at = 0;
    while let Some(chunk) = read.try_next().await.expect("reads on") {
        assert!(chunk.len() <= MIB, "{} bytes at once", chunk.len());
        assert!(chunk == bytes(at, chunk.len()), "from {at}");
        at += chunk.len();
    }
    assert_eq!(at, ALL);
    assert!(place.left_in_scratch().is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn however_many_send_at_once_few_pieces_are_under_way_to_a_bucket() {
    const SENDERS: i64 = 10;
    const SIZE: usize = 9 * MIB;
    let place = Place::bucket().await;
    let send = async |upload: i64| {
        let mut part = place.blobs.begin_part(upload, 0).await?;
        part.write(bytes(upload as usize, SIZE).into()).await?;
        part.finish().await
    };
    try_join_all((0..SENDERS).map(send)).await.expect("all are durable");
    let server = place.server.as_ref().expect("a server");
    let most = server.seen.most.load(Ordering::SeqCst);
    assert!(most <= 33 * MIB as u64, "{most} bytes were under way at once");
    assert!(place.gathered(3, 1).await.expect("gathers") == bytes(3, SIZE));
}

/// Or whoever puts it would know by the time it takes that others have it.
#[tokio::test]
async fn a_content_that_is_there_costs_as_many_calls_as_one_that_is_not() {
    let place = Place::bucket().await;
    let server = place.server.as_ref().expect("a server");
    let calls = async |content: &[u8]| {
        let before = server.seen.requests.load(Ordering::SeqCst);
        place.put("ab/ab01", content).await;
        server.seen.requests.load(Ordering::SeqCst) - before
    };
    for content in [&b"small"[..], &[7; 9 * 1024 * 1024]] {
        place.blobs.delete("ab/ab01").await.expect("is gone");
        assert_eq!(calls(content).await, calls(content).await, "{} bytes", content.len());
    }
}
