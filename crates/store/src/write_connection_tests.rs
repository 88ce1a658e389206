//! What becomes of a connection that a cancelled future leaves behind.

use std::{future::poll_fn, pin::Pin, task::Poll};

use chinwag_testdb::DbServer;
use sea_orm::ConnectionTrait;

use crate::{Site, dialect::statement, engine::OpenMode};

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
