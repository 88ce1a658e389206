//! The one order of what happened in all rooms: messages and changes by their ids, for who reads on from where they were. The
//! stretch of one room's log is in `replay`.

use std::collections::HashMap;

use chinwag_domain::ports::StoreResult;
use chinwag_proto::{Event, id::LIMIT};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};

use crate::{
    dialect::{ROWS, statement},
    entity::changes,
    error::{damaged, failure},
    events, messages,
    replay::changed,
    settled::Settled,
};

/// One statement, so that no commit comes between the two tables: what it added to the first would be passed by. Indexes: the
/// primary key, `changes_by_id`.
const AFTER: &str = "SELECT id FROM messages WHERE id > ? AND id < ? UNION ALL SELECT id FROM changes WHERE id > ? AND id < ? \
     ORDER BY id LIMIT ?";

/// What it gives is never followed by something before it.
pub(crate) async fn log_after(
    db: &impl ConnectionTrait,
    settled: &Settled,
    after: i64,
    limit: usize,
) -> StoreResult<Vec<(i64, Event)>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let upto = settled.upto();
    let mut ids = ids_between(db, after, LIMIT, limit).await.map_err(failure)?;
    if let Some(last) = ids.last().copied().filter(|last| *last > upto) {
        settled.wait_for(last).await.map_err(failure)?;
        // With those that were under way.
        ids = ids_between(db, after, last + 1, limit).await.map_err(failure)?;
    }
    let mut events = HashMap::with_capacity(ids.len());
    for ids in ids.chunks(ROWS) {
        for (message, _) in messages::find_with_hash(db, ids).await.map_err(failure)? {
            events.insert(message.id, events::posted(&message));
        }
        let query = changes::Entity::find().filter(changes::Column::Id.is_in(ids.iter().copied()));
        let changes = query.all(db).await.map_err(failure)?;
        let subjects = messages::Subjects::load(db, &changes).await.map_err(failure)?;
        for change in &changes {
            events.insert(change.id, changed(change, &subjects)?);
        }
    }
    let event = |id| Ok((id, events.remove(&id).ok_or_else(|| damaged("a row of the log vanished"))?));
    ids.into_iter().map(event).collect()
}

async fn ids_between(db: &impl ConnectionTrait, after: i64, before: i64, limit: i64) -> Result<Vec<i64>, DbErr> {
    let values = [after, before, after, before, limit].map(Into::into);
    let rows = db.query_all_raw(statement(db, AFTER, values)).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migration::database_after;

    #[tokio::test]
    async fn reading_on_seeks_in_both_tables_and_sorts_nothing() {
        let (_directory, db) = database_after(None).await;
        let plan = statement(&db, &format!("EXPLAIN QUERY PLAN {AFTER}"), std::iter::repeat_n(1.into(), 5));
        let rows = db.query_all_raw(plan).await.expect("explained");
        let steps: Vec<String> = rows.iter().map(|row| row.try_get("", "detail").expect("a step")).collect();
        assert!(steps.iter().all(|step| !step.starts_with("SCAN") && !step.contains("TEMP B-TREE")), "{steps:#?}");
        // From the beginning to a bound is a walk, too.
        assert_eq!(steps.iter().filter(|step| step.contains("id>?")).count(), 2, "{steps:#?}");
    }
}
