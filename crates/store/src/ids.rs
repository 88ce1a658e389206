//! Ids of messages and changes where several servers give them at the same time: from a source that nobody has to wait for, whatever
//! becomes of who was given one. Taken while a room is locked they grow with its positions; over all rooms commits come in another
//! order than ids, which `settled.rs` deals with.

use chinwag_proto::id::{IdSource, LIMIT};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};

use crate::{dialect::statement, engine, message_rows::NEWEST};

/// So many ids, in their order, scattered by `random`.
pub(crate) async fn take(
    db: &impl ConnectionTrait,
    count: usize,
    mut random: impl FnMut() -> u64,
) -> Result<impl Iterator<Item = i64>, DbErr> {
    let step = IdSource::STEP;
    let numbers = engine::numbers(db, count).await?;
    Ok(numbers.into_iter().map(move |number| number * step as i64 + (random() % step) as i64))
}

/// Moves the source behind all ids that are there, if it is not: after a restore or on a copy it may not know them. For a connection
/// that begins to write.
pub(crate) async fn catch_up(db: &DatabaseConnection) -> Result<(), DbErr> {
    move_behind(db, newest(db).await?).await
}

/// From here on greater ids than this one are given.
pub(crate) async fn move_behind(db: &impl ConnectionTrait, id: i64) -> Result<(), DbErr> {
    engine::move_numbers_behind(db, id / IdSource::STEP as i64).await
}

/// The greatest id there is.
pub(crate) async fn newest(db: &impl ConnectionTrait) -> Result<i64, DbErr> {
    let row = db.query_one_raw(statement(db, NEWEST, [LIMIT.into(), LIMIT.into()])).await?;
    let Some(row) = row else { return Ok(0) };
    let newest: [Option<i64>; 2] = [row.try_get_by_index(0)?, row.try_get_by_index(1)?];
    Ok(newest.into_iter().flatten().max().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use chinwag_testdb::DbServer;
    use sea_orm::TransactionTrait;
    use sea_orm_migration::MigratorTrait;

    use super::*;
    use crate::{Site, engine::OpenMode, migration::Migrator};

    async fn database(server: &DbServer, steps: Option<u32>) -> DatabaseConnection {
        let site = Site::of_url(&server.database().expect("a database")).expect("a URL");
        let db = site.connect(OpenMode::Create, 1).await.expect("opened");
        site.lock_schema(&db).await.expect("got ready");
        Migrator::up(&db, steps).await.expect("made");
        db
    }

    /// Taken in a transaction that comes to nothing.
    async fn taken(db: &DatabaseConnection, count: usize) -> Vec<i64> {
        let tx = db.begin().await.expect("begun");
        let ids = take(&tx, count, || u64::MAX).await.expect("taken").collect();
        tx.rollback().await.expect("taken back");
        ids
    }

    async fn rows(db: &DatabaseConnection) -> i64 {
        let row = db.query_one_raw(statement(db, "SELECT count(*) FROM ids", [])).await.expect("asked");
        row.expect("a row").try_get_by_index(0).expect("a number")
    }

    #[tokio::test]
    async fn an_id_that_was_given_is_not_given_again_whatever_became_of_it() {
        for server in [DbServer::postgres(), DbServer::mariadb()] {
            let db = database(server, None).await;
            let ids = [taken(&db, 1).await, taken(&db, 70).await, taken(&db, 2).await].concat();
            assert_eq!(ids.len(), 73);
            assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "{ids:?}");
            let before = rows(&db).await;
            let tx = db.begin().await.expect("begun");
            let kept: Vec<i64> = take(&tx, 3, || 0).await.expect("taken").collect();
            tx.commit().await.expect("committed");
            assert!(kept[0] > ids[72] && kept[2] < taken(&db, 1).await[0], "{kept:?}");
            assert_eq!(rows(&db).await, before, "nothing stays that would have to be swept");
        }
    }

    /// As each of a cluster of servers does.
    #[tokio::test]
    async fn ids_are_given_once_where_a_server_counts_in_steps() {
        let server = DbServer::own_mariadb().expect("a server");
        server.rule("SET GLOBAL auto_increment_increment = 3, GLOBAL auto_increment_offset = 2").expect("set");
        let (db, mut ids) = (database(&server, None).await, Vec::new());
        for count in [1, 70, 2, 1, 1] {
            ids.extend(taken(&db, count).await);
        }
        assert!(ids.windows(2).all(|pair| pair[0] < pair[1]), "{ids:?}");
        let last = 5_000 * IdSource::STEP as i64;
        move_behind(&db, last).await.expect("moved");
        ids = [taken(&db, 3).await, taken(&db, 1).await].concat();
        assert!(ids[0] > last && ids.windows(2).all(|pair| pair[0] < pair[1]), "{ids:?}");
    }

    /// A copy or a restored database may have the rows and not the source's place.
    #[tokio::test]
    async fn ids_go_on_behind_those_that_are_there() {
        let last = 5_000 * IdSource::STEP as i64 + 17;
        for server in [DbServer::postgres(), DbServer::mariadb()] {
            // Before the source was what it is.
            let db = database(server, Some(22)).await;
            db.execute_unprepared(&format!("UPDATE counters SET last = {last} WHERE name = 'ids'"))
                .await
                .expect("counted");
            Migrator::up(&db, None).await.expect("brought up to date");
            let [first] = taken(&db, 1).await[..] else { panic!("one") };
            assert!(first > last && first < last + 3 * IdSource::STEP as i64, "{first}");
            catch_up(&db).await.expect("it is ahead");
            let [second] = taken(&db, 1).await[..] else { panic!("one") };
            assert!(second > first && second < first + 3 * IdSource::STEP as i64, "{second} after {first}");

            let db = database(server, None).await;
            let row = format!(
                "INSERT INTO changes (room_id, seq, kind, user_id, created_at, id) VALUES (1, 1000, 0, 1, 0, {last})"
            );
            db.execute_unprepared(&row).await.expect("written by hand");
            catch_up(&db).await.expect("caught up");
            let [first] = taken(&db, 1).await[..] else { panic!("one") };
            assert!(first > last && first < last + 3 * IdSource::STEP as i64, "{first}");
        }
    }
}
