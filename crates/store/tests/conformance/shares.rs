//! What one person's files may take together, whoever counts at the same moment. What becomes of the files is in `files`.

use chinwag_domain::{file_records::NewUpload, file_store::FileStore, ports::*};
use chinwag_proto::FileCategory;

use crate::{
    cast::*,
    engines::Engine,
    files::{LENGTH, upload, whole, with},
};

async fn what_a_person_has_never_exceeds_their_share_whoever_counts(engine: Engine) {
    let one = Stage::new(engine).await;
    let other = one.beside().await;
    let (ann, bob) = (one.user("Ann").await, one.user("Bob").await);
    let quota = Some(7 * LENGTH + 1);
    let mut tries = Vec::new();
    for i in 0..20 {
        let store = if i % 2 == 0 { one.store.clone() } else { other.store.clone() };
        let upload = upload(&ann);
        tries.push(tokio::spawn(async move { store.create_upload(upload, quota).await }));
    }
    let mut begun = Vec::new();
    for attempt in tries {
        match attempt.await.expect("ran") {
            Ok(upload) => begun.push(upload),
            Err(StoreError::QuotaExceeded) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(begun.len(), 7);
    one.store.create_upload(upload(&bob), quota).await.expect("a share of one's own");
    // A whole file counts as long as it is; what is given up, not at all.
    let refused = |stage: &Stage, length| {
        let (store, upload) = (stage.store.clone(), NewUpload { length, ..upload(&ann) });
        async move { matches!(store.create_upload(upload, quota).await, Err(StoreError::QuotaExceeded)) }
    };
    assert!(refused(&one, 2).await);
    let file = one.store.finish_upload(begun[0].id, whole(FileCategory::Image, "a"), NOW).await.expect("whole");
    assert!(refused(&one, 102).await);
    assert!(!refused(&one, 101).await);
    let room = one.room(&ann, &[]).await;
    let said = one.send(room, &ann, with(&ann, "", &[file.id])).await.expect("said").message;
    assert!(refused(&one, 1).await, "it counts while a message has it");
    one.recall(&ann, said.id).await.expect("recalled");
    assert!(refused(&one, 901).await);
    assert!(!refused(&one, 900).await);
    assert!(one.store.remove_file(begun[1].id, ann.id).await.expect("asked"));
    assert!(!refused(&one, LENGTH).await);
}

/// Nobody said how long they are going to be.
async fn uploads_that_grow_never_exceed_it_either_and_one_that_does_not_fit_stays_as_it_was(engine: Engine) {
    let one = Stage::new(engine).await;
    let other = one.beside().await;
    let ann = one.user("Ann").await;
    let quota = Some(10 * LENGTH);
    let mut begun = Vec::new();
    for stage in [&one, &other, &one, &other] {
        begun.push((stage.store.clone(), stage.store.create_upload(upload(&ann), quota).await.expect("begun")));
    }
    let mut grown = Vec::new();
    for (store, mut upload) in begun {
        grown.push(tokio::spawn(async move {
            loop {
                match store.grow_upload(&upload, upload.length + LENGTH, quota).await {
                    Ok(longer) => upload = longer,
                    Err(StoreError::QuotaExceeded) => return upload,
                    Err(other) => panic!("{other}"),
                }
            }
        }));
    }
    let mut sum = 0;
    for upload in grown {
        let upload = upload.await.expect("ran");
        assert_eq!(one.store.find_file(upload.id).await.expect("looked up").as_ref(), Some(&upload));
        sum += upload.length;
    }
    assert_eq!(sum, 10 * LENGTH);
    let free = one.store.create_upload(upload(&ann), None).await.expect("begun");
    let longer = one.store.grow_upload(&free, 2 * LENGTH, None).await.expect("there is no bound");
    let stale = one.store.grow_upload(&free, 3 * LENGTH, None).await;
    assert!(matches!(stale, Err(StoreError::Stale)), "{stale:?}");
    one.store.finish_upload(longer.id, whole(FileCategory::File, "a"), NOW).await.expect("whole");
    let late = one.store.grow_upload(&longer, 3 * LENGTH, None).await;
    assert!(matches!(late, Err(StoreError::NotFound)), "{late:?}");
}

on_every_engine!(
    what_a_person_has_never_exceeds_their_share_whoever_counts,
    uploads_that_grow_never_exceed_it_either_and_one_that_does_not_fit_stays_as_it_was,
);
