//! What is the SQLite engine's own: opening, refusing, closing.

use std::sync::Arc;

use chinwag_domain::ports::*;
use chinwag_store::{Config, OpenError};
use sea_orm::{ConnectionTrait, Database};

use crate::cast::*;

#[tokio::test]
async fn a_newer_schema_is_refused_with_a_sentence() {
    let stage = Stage::new().await;
    stage.store.close().await;
    let db = Database::connect(format!("sqlite:{}", stage.path.display())).await.expect("opened by hand");
    db.execute_unprepared("INSERT INTO seaql_migrations VALUES ('m9999_future', 0)").await.expect("written");
    db.close().await.expect("closed");
    let refused =
        chinwag_store::open(Config::file(&stage.path), Arc::new(Recorder::default())).await.expect_err("newer");
    assert!(matches!(&refused, OpenError::NewerSchema { step } if step == "m9999_future"), "{refused}");
    assert!(refused.to_string().contains("newer Chinwag"), "{refused}");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let stage = Stage::new().await;
    let path = stage.directory().join("garbage.db");
    std::fs::write(&path, b"this is not a database, but long enough to look at".repeat(100)).expect("written");
    let refused = chinwag_store::open(Config::file(&path), Arc::new(Recorder::default())).await.expect_err("garbage");
    assert!(matches!(refused, OpenError::Database(_)), "{refused}");
}

#[tokio::test]
async fn a_missing_directory_is_refused_with_a_sentence() {
    let path = std::path::Path::new("/nonexistent/place/chinwag.db");
    let refused =
        chinwag_store::open(Config::file(path), Arc::new(Recorder::default())).await.expect_err("no directory");
    assert!(refused.to_string().contains("/nonexistent/place"), "{refused}");
}

#[tokio::test]
async fn after_closing_everything_is_unavailable_and_the_log_is_in_the_file() {
    let stage = Stage::new().await;
    let ann = stage.user("Ann").await;
    let permit = stage.may_post(1, &ann).await;
    stage.store.close().await;
    stage.store.close().await;
    let refused = stage.store.append_message(permit, text(&ann, "x")).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    assert!(matches!(stage.store.find_user(1).await, Err(StoreError::Unavailable(_))));
    assert!(!stage.path.with_extension("db-wal").exists(), "the write-ahead log was not folded in");
}

#[tokio::test]
async fn what_was_accepted_before_closing_is_kept() {
    let stage = Stage::new().await;
    let ann = stage.user("Ann").await;
    let mut writes = Vec::new();
    for i in 0..50 {
        let permit = stage.may_post(1, &ann).await;
        let (store, message) = (stage.store.clone(), text(&ann, &i.to_string()));
        writes.push(tokio::spawn(async move { store.append_message(permit, message).await }));
    }
    tokio::task::yield_now().await;
    stage.store.close().await;
    let mut kept = 0;
    for write in writes {
        kept += i64::from(write.await.expect("ran").is_ok());
    }
    let stage = stage.reopen().await;
    assert_eq!(stage.store.counts().await.expect("counts").messages, kept, "kept is what was answered");
}
