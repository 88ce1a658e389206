//! What is true of bytes wherever they are kept: the same tests on a directory and on a bucket.

mod crash;
mod place;
mod server;
mod streams;
mod trouble;

use chinwag_domain::file_ports::{BlobContent, BlobError, BlobResult};

use crate::place::{Place, on_both};

on_both!(
    what_is_put_is_read,
    a_range_is_read_and_what_is_not_there_is_not_made_up,
    what_is_put_twice_is_there_once,
    what_is_missing_is_not_found,
    what_is_deleted_is_gone_and_may_be_deleted_again,
    parts_are_gathered_in_their_order,
    a_part_that_is_finished_again_is_the_later_one,
    a_gathered_file_is_kept_and_its_parts_stay_until_they_are_discarded,
    discarded_parts_are_gone,
    keys_are_listed_in_their_order_page_by_page,
    uploads_that_nothing_was_added_to_are_listed,
    a_key_leads_nowhere_else,
    a_ping_comes_back,
);

/// Bytes that tell where they are from.
pub fn bytes(from: usize, length: usize) -> Vec<u8> {
    (from..from + length).map(|at| (at % 251) as u8).collect()
}

pub fn is_missing<T>(found: &BlobResult<T>) -> bool {
    matches!(found, Err(BlobError::NotFound))
}

async fn what_is_put_is_read(place: Place) {
    let long = bytes(3, 700_000);
    place.put("ab/ab01", &long).await;
    place.put("ab/ab01-256", b"a thumb").await;
    place.put("cd/cd02", b"").await;
    assert!(place.get("ab/ab01", 0, 700_000).await.expect("reads") == long);
    assert_eq!(place.get("ab/ab01-256", 0, 7).await.expect("reads"), b"a thumb");
    assert_eq!(place.get("cd/cd02", 0, 0).await.expect("reads"), b"");
    for (key, size) in [("ab/ab01", 700_000), ("ab/ab01-256", 7), ("cd/cd02", 0)] {
        assert_eq!(place.blobs.size(key).await.expect("is there"), size);
    }
    assert!(place.left_in_scratch().is_empty());
}

async fn a_range_is_read_and_what_is_not_there_is_not_made_up(place: Place) {
    let content = bytes(0, 400_000);
    place.put("ab/ab01", &content).await;
    for (from, to) in [(0, 1), (131_071, 131_073), (131_072, 262_144), (399_999, 400_000), (5, 5)] {
        let read = place.get("ab/ab01", from as u64, to as u64).await.expect("reads");
        assert!(read == content[from..to], "{from}..{to}");
    }
    for (from, to) in [(0, 400_001), (400_000, 400_001), (500_000, 600_000)] {
        // Before anything of it is read: what an answer has begun with cannot be taken back.
        let refused = place.blobs.read("ab/ab01", from..to).await;
        assert!(matches!(refused.err(), Some(BlobError::Unavailable(_))), "{from}..{to}");
    }
}

async fn what_is_put_twice_is_there_once(place: Place) {
    place.put("ab/ab01", b"a content").await;
    place.put("ab/ab01", b"a content").await;
    place.put_part(5, 0, b"a content").await;
    let third = place.blobs.gather(5, 1).await.expect("gathers");
    place.blobs.put("ab/ab01", BlobContent::File(third)).await.expect("is kept");
    assert_eq!(place.get("ab/ab01", 0, 9).await.expect("reads"), b"a content");
    assert_eq!(place.blobs.list(None, 10).await.expect("lists").len(), 1);
    assert!(place.left_in_scratch().is_empty());
}

async fn what_is_missing_is_not_found(place: Place) {
    place.put("ab/ab01", b"another").await;
    place.put_part(5, 0, b"a part").await;
    for key in ["ab/ab02", "ab/ab01-256", "cd/cd01"] {
        assert!(is_missing(&place.get(key, 0, 1).await), "{key}");
        assert!(is_missing(&place.get(key, 0, 0).await), "{key}");
        assert!(is_missing(&place.blobs.size(key).await), "{key}");
    }
    assert!(is_missing(&place.gathered(5, 2).await));
    assert!(is_missing(&place.gathered(6, 1).await));
    assert!(place.left_in_scratch().is_empty());
}

async fn what_is_deleted_is_gone_and_may_be_deleted_again(place: Place) {
    place.put("ab/ab01", b"content").await;
    place.put("ab/ab01-256", b"a thumb").await;
    for _ in 0..2 {
        place.blobs.delete("ab/ab01").await.expect("is gone");
    }
    place.blobs.delete("cd/cd01").await.expect("was never there");
    assert!(is_missing(&place.get("ab/ab01", 0, 1).await));
    assert_eq!(place.get("ab/ab01-256", 0, 7).await.expect("reads"), b"a thumb");
    place.put("ab/ab01", b"again").await;
    assert_eq!(place.get("ab/ab01", 0, 5).await.expect("reads"), b"again");
}

async fn parts_are_gathered_in_their_order(place: Place) {
    let whole = bytes(0, 12 * 20_000);
    for number in (0..12).rev() {
        place.put_part(7, number as u32, &whole[number * 20_000..(number + 1) * 20_000]).await;
    }
    place.put_part(8, 0, b"of another upload").await;
    assert!(place.gathered(7, 12).await.expect("gathers") == whole);
    assert!(place.gathered(7, 11).await.expect("gathers") == whole[..11 * 20_000]);
    assert_eq!(place.gathered(8, 1).await.expect("gathers"), b"of another upload");
    assert_eq!(place.gathered(9, 0).await.expect("gathers"), b"");
    assert!(place.left_in_scratch().is_empty());
}

async fn a_part_that_is_finished_again_is_the_later_one(place: Place) {
    place.put_part(7, 0, b"what nobody was told of").await;
    place.put_part(7, 0, b"what came again, and more").await;
    assert_eq!(place.gathered(7, 1).await.expect("gathers"), b"what came again, and more");
}

async fn a_gathered_file_is_kept_and_its_parts_stay_until_they_are_discarded(place: Place) {
    place.put_part(7, 0, b"one part").await;
    place.put_part(8, 0, b"two ").await;
    place.put_part(8, 1, b"parts").await;
    for (upload, parts, key, content) in [(7, 1, "ab/ab01", &b"one part"[..]), (8, 2, "ab/ab02", b"two parts")] {
        let whole = place.blobs.gather(upload, parts).await.expect("gathers");
        place.blobs.put(key, BlobContent::File(whole)).await.expect("is kept");
        assert_eq!(place.gathered(upload, parts).await.expect("gathers again"), content);
        place.blobs.discard_parts(upload).await.expect("is forgotten");
        assert_eq!(place.get(key, 0, content.len() as u64).await.expect("reads"), content);
    }
    assert!(place.left_in_scratch().is_empty());
}

async fn discarded_parts_are_gone(place: Place) {
    for number in 0..3 {
        place.put_part(7, number, b"a part").await;
    }
    place.put_part(70, 0, b"of another upload").await;
    for _ in 0..2 {
        place.blobs.discard_parts(7).await.expect("are forgotten");
    }
    assert!(is_missing(&place.gathered(7, 1).await));
    assert_eq!(place.gathered(70, 1).await.expect("gathers"), b"of another upload");
    assert_eq!(place.blobs.list_uploads(i64::MAX, 10).await.expect("lists"), [70]);
}

async fn keys_are_listed_in_their_order_page_by_page(place: Place) {
    // A dash stands before a slash, a slash before a digit.
    let keys = ["0", "ab-/01", "ab-1", "ab/ab01", "ab/ab01-1024", "ab/ab01-256", "ab/ab02", "ab0", "cd/cd/cd01", "ff"];
    for key in keys.iter().rev() {
        place.put(key, key.as_bytes()).await;
    }
    place.put_part(7, 0, b"no blob").await;
    let mut listed = Vec::new();
    for page in [3, 1, 2, 3, 3] {
        let found = place.blobs.list(listed.last().cloned(), page).await.expect("lists");
        assert!(found.len() <= page);
        for entry in found {
            assert_eq!(entry.size, entry.key.len() as u64);
            assert!(entry.modified_ms > 1_700_000_000_000, "{}", entry.modified_ms);
            listed.push(entry.key);
        }
    }
    assert_eq!(listed, keys);
    assert!(place.blobs.list(Some("ff".to_owned()), 3).await.expect("lists").is_empty());
    let rest = place.blobs.list(Some("ab/ab01-3".to_owned()), 10).await.expect("lists");
    assert_eq!(rest[0].key, "ab/ab02");
}

async fn uploads_that_nothing_was_added_to_are_listed(place: Place) {
    assert!(place.blobs.list_uploads(i64::MAX, 10).await.expect("lists").is_empty());
    for upload in [7, 8, 9] {
        place.put_part(upload, 0, b"a part").await;
    }
    assert!(place.blobs.list_uploads(1_700_000_000_000, 10).await.expect("lists").is_empty());
    let mut all = place.blobs.list_uploads(i64::MAX, 10).await.expect("lists");
    all.sort_unstable();
    assert_eq!(all, [7, 8, 9]);
    assert_eq!(place.blobs.list_uploads(i64::MAX, 2).await.expect("lists").len(), 2);
}

async fn a_key_leads_nowhere_else(place: Place) {
    for key in ["", "..", "../parts/7/0", "ab/../../parts/7/0", "/etc/passwd", "ab//cd", "AB", "ab\0"] {
        let put = place.blobs.put(key, BlobContent::Bytes(b"outside".to_vec().into())).await;
        assert!(matches!(put, Err(BlobError::Unavailable(_))), "{key:?}");
        assert!(matches!(place.get(key, 0, 1).await, Err(BlobError::Unavailable(_))), "{key:?}");
        assert!(matches!(place.blobs.delete(key).await, Err(BlobError::Unavailable(_))), "{key:?}");
    }
}

async fn a_ping_comes_back(place: Place) {
    place.blobs.ping().await.expect("comes back");
    assert!(place.left_in_scratch().is_empty());
}
