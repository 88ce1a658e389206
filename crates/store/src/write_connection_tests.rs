//! What becomes of a connection that a cancelled future leaves behind.

use std::{future::poll_fn, pin::Pin, task::Poll, time::Instant};

use chinwag_testdb::DbServer;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend};
use sea_orm_migration::MigratorTrait as _;

use crate::{Site, dialect::statement, engine::OpenMode, migration::Migrator, write_connection::WriteConnection};

/// More than there are places at which a beginning waits.
const PLACES: usize = 10;
/// How often at each.
const ROUNDS: usize = 5;

/// Drops the future where it waits for the n-th time.
async fn drop_at<T>(mut future: Pin<Box<impl Future<Output = T> + ?Sized>>, mut place: usize) {
    poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Pending if place > 0 => {
            place -= 1;
            Poll::Pending
        }
        _ => Poll::Ready(()),
    })
    .await;
}

/// Of itself the driver leaves the connection inside of a transaction, and says of what is written next that it is done.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_after_a_dropped_beginning_is_seen_by_others() {
    for server in [DbServer::postgres(), DbServer::mariadb()] {
        let site = Site::of_url(&server.database().expect("a database")).expect("a URL");
        let db = site.connect(OpenMode::Create, 1).await.expect("opened");
        let other = site.connect(OpenMode::Look, 1).await.expect("opened");
        db.execute_unprepared("CREATE TABLE seen (n BIGINT)").await.expect("made");
        let mut written = 0_i64;
        for place in (0..PLACES).flat_map(|place| [place; ROUNDS]) {
            drop_at(Box::pin(site.begin(&db)), place).await;
            db.execute_raw(statement(&db, "INSERT INTO seen VALUES (?)", [written.into()]))
                .await
                .expect("acknowledged");
            written += 1;
            let row = other.query_one_raw(statement(&other, "SELECT count(*) FROM seen", [])).await.expect("asked");
            let seen: i64 = row.expect("a row").try_get_by_index(0).expect("a number");
            assert_eq!(seen, written, "{site} after a beginning that was dropped at {place}");
        }
    }
}

async fn number(db: &impl ConnectionTrait, sql: &str) -> i64 {
    let row = db.query_one_raw(statement(db, sql, [])).await.expect("asked");
    row.expect("a row").try_get_by_index(0).expect("a number")
}

/// A database with its tables, and somebody who looks at it.
async fn made(server: &DbServer) -> (Site, DatabaseConnection) {
    let site = Site::of_url(&server.database().expect("a database")).expect("a URL");
    let db = site.connect(OpenMode::Create, 1).await.expect("opened");
    site.lock_schema(&db).await.expect("got ready");
    Migrator::up(&db, None).await.expect("made");
    site.unlock_schema(&db).await.expect("done");
    let eye = site.connect(OpenMode::Look, 1).await.expect("opened");
    (site, eye)
}

/// The node stood still before its COMMIT, and that of its server is all that it hears when it goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_transaction_that_the_server_ended_for_lying_still_is_run_again() {
    for server in [DbServer::postgres(), DbServer::mariadb()] {
        let (site, eye) = made(server).await;
        let (ask, end, is_there) = match eye.get_database_backend() {
            DbBackend::Postgres => (
                "SELECT CAST(pg_backend_pid() AS BIGINT)",
                "SET LOCAL idle_in_transaction_session_timeout = 1",
                "SELECT count(*) FROM pg_stat_activity WHERE pid =",
            ),
            _ => (
                "SELECT CAST(CONNECTION_ID() AS SIGNED)",
                "SET SESSION idle_transaction_timeout = 1",
                "SELECT count(*) FROM information_schema.processlist WHERE id =",
            ),
        };
        let mut connection = WriteConnection::new(site.clone(), None);
        let deadline = connection.deadline(Instant::now());
        let tx = connection.begin().await.expect("begun");
        let id = number(&tx, ask).await;
        tx.execute_unprepared(end).await.expect("set");
        while number(&eye, &format!("{is_there} {id}")).await > 0 {}
        let broken = connection.commit(tx, deadline).await.expect_err("it is not there any more");
        assert!(broken.failure.is_passing(), "{site}: {}", broken.failure);
        connection.begin().await.expect("begun again").commit().await.expect("done");
    }
}
