//! What is the database servers' own: opening by several, refusing, going on after a start that died.

use std::{collections::BTreeSet, sync::Arc};

use chinwag_domain::ports::*;
use chinwag_store::{OpenError, Site, StoreConfig};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};

use crate::{cast::*, engines::Engine};

const SERVERS: [Engine; 2] = [Engine::Postgres, Engine::MariaDb];

fn fresh(engine: Engine) -> StoreConfig {
    StoreConfig::at(engine.site(&tempfile::tempdir().expect("a temporary directory")))
}

fn url(config: &StoreConfig) -> &str {
    match &config.site {
        Site::Postgres(url) | Site::MySql(url) => url,
        Site::File(_) => panic!("a server"),
    }
}

async fn by_hand(config: &StoreConfig) -> DatabaseConnection {
    Database::connect(url(config)).await.expect("opened by hand")
}

async fn refused(config: StoreConfig) -> OpenError {
    chinwag_store::open(config, Arc::new(Recorder::default())).await.expect_err("refused")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_that_start_at_once_make_one_database() {
    for engine in SERVERS {
        let config = fresh(engine);
        let start = || chinwag_store::open(config.clone(), Arc::new(Recorder::default()));
        let (one, two, three, four) = tokio::join!(start(), start(), start(), start());
        let stores = [one, two, three, four].map(|store| store.unwrap_or_else(|error| panic!("{engine:?}: {error}")));
        let epochs: BTreeSet<i64> = stores.iter().map(|store| store.epoch()).collect();
        assert_eq!(epochs.len(), 1, "{engine:?}");
        for (at, store) in stores.iter().enumerate() {
            store.create_user(new_user(&format!("ann{at}")), None).await.expect("made");
        }
    }
}

#[tokio::test]
async fn a_newer_schema_is_refused_with_a_sentence() {
    for engine in SERVERS {
        let stage = Stage::new(engine).await;
        stage.store.close().await;
        let db = by_hand(&stage.config).await;
        db.execute_unprepared("INSERT INTO seaql_migrations VALUES ('m9999_future', 0)").await.expect("written");
        let refused = refused(stage.config.clone()).await;
        assert!(matches!(&refused, OpenError::NewerSchema { step } if step == "m9999_future"), "{refused}");
    }
}

/// There each change of a table is a transaction of its own, so every step may be there without the note that it is.
#[tokio::test]
async fn a_start_that_died_within_any_step_is_gone_on_with() {
    let stage = Stage::new(Engine::MariaDb).await;
    stage.store.close().await;
    let db = by_hand(&stage.config).await;
    for died in ["DELETE FROM seaql_migrations", "DELETE FROM seaql_migrations WHERE version > 'm0006'"] {
        db.execute_unprepared(died).await.expect("forgotten");
        let store = chinwag_store::open(stage.config.clone(), Arc::new(Recorder::default())).await;
        store.unwrap_or_else(|error| panic!("{died}: {error}")).close().await;
    }
    let stage = stage.reopen().await;
    let ann = stage.user("Ann").await;
    let room = stage.room(&ann, &[]).await;
    assert_eq!(stage.say(room, &ann, "whole").await.seq, 2);
}

#[tokio::test]
async fn what_cannot_be_used_is_refused_with_a_sentence_that_tells_no_password() {
    for engine in SERVERS {
        let config = fresh(engine);
        for (right, wrong) in [("secret@", "hush@"), ("chinwag:", "nobody:"), ("/chinwag_", "/nowhere_")] {
            let url = url(&config).replace(right, wrong);
            let refused = refused(StoreConfig::at(Site::of_url(&url).expect("a URL"))).await;
            assert!(matches!(refused, OpenError::Server(_)), "{engine:?} {wrong}: {refused}");
            let words = format!("{refused} {refused:?} {config:?}");
            assert!(
                words.contains("Check that it runs") && !words.contains("secret") && !words.contains("hush"),
                "{words}"
            );
        }
    }
    let refused = Site::of_url("oracle://somewhere").expect_err("unknown");
    assert!(refused.to_string().contains("postgres://"), "{refused}");
}
