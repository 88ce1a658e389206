//! Which files of messages somebody may see, a page at a time, in the order of their messages, newest first. It changes nothing, and
//! what hangs on no message is not in it.

use chinwag_domain::{
    file_records::{FilePage, FilePlace, FileQuery, PostedFile},
    policy::{Permit, action},
    ports::StoreResult,
    text::name_key,
};
use chinwag_proto::{FileCategory, MessageType, RoomKind, id::LIMIT};
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};

use crate::{
    columns::{Columns, Entire},
    dialect::{contains, statement},
    entity::files::Model,
    error::failure,
    seats,
};

/// Files that one page looks at, however few of them are asked for: many times those that a message may have.
const LOOK: i64 = 2_000;
/// Of the rooms `r`, those whose history a person may read; `?` is the person and the kind that is not a direct conversation. As
/// `policy::may_read` has it.
const READABLE: &str = "LEFT JOIN members m ON m.room_id = r.id AND m.user_id = ? \
     WHERE r.deleted_at IS NULL AND (m.user_id IS NOT NULL OR r.kind = ? AND NOT r.is_private)";

const OF_CATEGORY: &str = " AND f.category = ?";

/// Where files are looked for.
#[derive(Clone, Copy, Debug)]
enum Scope {
    Room(i64),
    /// Wherever this person may read.
    Readable(i64),
}

/// Indexes: `files_by_message`, and the keys of rooms, members and messages; where a page finds little, `files_of_room` or
/// `files_of_category` once for each room.
pub(crate) async fn list(db: &impl ConnectionTrait, user_id: i64, query: FileQuery) -> StoreResult<FilePage> {
    page(db, Scope::Readable(user_id), query).await
}

/// Index: `files_of_room` or `files_of_category`.
pub(crate) async fn list_room(
    db: &impl ConnectionTrait,
    permit: Permit<action::Read>,
    query: FileQuery,
) -> StoreResult<FilePage> {
    seats::check(db, &permit).await?;
    page(db, Scope::Room(permit.room_id()), query).await
}

async fn page(db: &impl ConnectionTrait, scope: Scope, query: FileQuery) -> StoreResult<FilePage> {
    let from = query.before.unwrap_or(FilePlace { message_id: LIMIT, id: 0 });
    let floor = scope.floor(db, query.category, from.message_id).await?;
    let columns = Model::select("f");
    let mut sql = format!(
        "SELECT {columns}, s.seq, s.username, s.created_at, s.kind FROM files f JOIN messages s ON s.id = f.message_id "
    );
    let mut values: Vec<Value> = Vec::new();
    match scope {
        Scope::Room(room_id) => {
            sql.push_str("WHERE f.room_id = ?");
            values.push(room_id.into());
        }
        Scope::Readable(user_id) => {
            sql.push_str("JOIN rooms r ON r.id = f.room_id ");
            sql.push_str(READABLE);
            values.extend(reader(user_id));
        }
    }
    let mut and = |condition: &str, some: &[Value]| {
        sql.push_str(condition);
        values.extend_from_slice(some);
    };
    let FilePlace { message_id, id } = from;
    and(" AND f.message_id > ? AND f.message_id <= ?", &[floor.unwrap_or(0).into(), message_id.into()]);
    and(" AND (f.message_id < ? OR f.id < ?)", &[message_id.into(), id.into()]);
    if let Some(category) = query.category {
        and(OF_CATEGORY, &[(category as i64).into()]);
    }
    if let Some(user_id) = query.user_id {
        and(" AND f.user_id = ?", &[user_id.into()]);
    }
    if !query.name.is_empty() {
        and(" AND f.name_key LIKE ? ESCAPE '!'", &[contains(&name_key(&query.name)).into()]);
    }
    // One more than the page has says whether it goes on.
    let limit = i64::try_from(query.limit).unwrap_or(i64::MAX - 1) + 1;
    and(" ORDER BY f.message_id DESC, f.id DESC LIMIT ?", &[limit.into()]);
    let rows = db.query_all_raw(statement(db, &sql, values)).await.map_err(failure)?;
    let goes_on = rows.len() > query.limit;
    let read = rows.iter().take(query.limit).map(read).collect::<Result<Vec<_>, _>>();
    let files = read.map_err(failure)?;
    let next = match (files.last(), floor) {
        (Some(last), _) if goes_on => Some(FilePlace { message_id: last.message_id, id: last.file.id }),
        (_, Some(floor)) => scope.newest(db, query.category, floor).await?.map(before_all_of),
        _ => None,
    };
    Ok(FilePage { files, next })
}

/// The place of which all files of this message are behind.
fn before_all_of(message_id: i64) -> FilePlace {
    FilePlace { message_id: message_id + 1, id: 0 }
}

fn reader(user_id: i64) -> [Value; 2] {
    [user_id.into(), (RoomKind::Room as i32).into()]
}

fn read(row: &QueryResult) -> Result<PostedFile, DbErr> {
    let mut columns = Columns::of(row);
    let file = Model::read(&mut columns)?;
    // They are there where it was joined by them.
    let (message_id, room_id) = (file.message_id.unwrap_or_default(), file.room_id.unwrap_or_default());
    Ok(PostedFile {
        message_id,
        room_id,
        file: file.into(),
        seq: columns.next()?,
        username: columns.next()?,
        sent_at: columns.next()?,
        message_type: MessageType::try_from(columns.next::<i32>()?).unwrap_or_default(),
    })
}

impl Scope {
    /// The message behind which a page does not look. None where it can look at all that there is.
    async fn floor(
        self,
        db: &impl ConnectionTrait,
        category: Option<FileCategory>,
        message_id: i64,
    ) -> StoreResult<Option<i64>> {
        let mut sql = "SELECT f.message_id FROM files f WHERE f.message_id <= ?".to_owned();
        let mut values: Vec<Value> = vec![message_id.into()];
        if let Self::Room(room_id) = self {
            sql.push_str(" AND f.room_id = ?");
            values.push(room_id.into());
            values.extend(of_category(&mut sql, category));
        }
        sql.push_str(" ORDER BY f.message_id DESC LIMIT 1 OFFSET ?");
        values.push(LOOK.into());
        first(db, &sql, values).await
    }

    /// The newest message up to and with this one that has such a file. Nothing in between need be looked at.
    async fn newest(
        self,
        db: &impl ConnectionTrait,
        category: Option<FileCategory>,
        message_id: i64,
    ) -> StoreResult<Option<i64>> {
        let Self::Readable(user_id) = self else { return Ok(Some(message_id)) };
        let mut newest =
            "SELECT max(f.message_id) FROM files f WHERE f.room_id = r.id AND f.message_id <= ?".to_owned();
        let mut values: Vec<Value> = vec![message_id.into()];
        values.extend(of_category(&mut newest, category));
        values.extend(reader(user_id));
        first(db, &format!("SELECT max(({newest})) FROM rooms r {READABLE}"), values).await
    }
}

fn of_category(sql: &mut String, category: Option<FileCategory>) -> Option<Value> {
    let category = category?;
    sql.push_str(OF_CATEGORY);
    Some((category as i64).into())
}

/// The number that is asked for, where there is one.
async fn first(db: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> StoreResult<Option<i64>> {
    let row = db.query_one_raw(statement(db, sql, values)).await.map_err(failure)?;
    Ok(row.map(|row| row.try_get_by_index::<Option<i64>>(0)).transpose().map_err(failure)?.flatten())
}
