//! What a batch rests on, as it is once the rooms are locked: rooms, accounts and seats. It writes nothing.

use std::collections::{BTreeSet, HashMap};

use chinwag_proto::RoomKind;
use sea_orm::{ConnectionTrait, DbErr, Value};

use super::listed;
use crate::{batch::HotBatch, columns::Columns, dialect::statement, engine::words, seats::is_public};

/// The end of a room's log.
pub(crate) struct Tail {
    pub(crate) public: bool,
    pub(crate) direct: bool,
    pub(crate) last_seq: i64,
    pub(crate) count: i64,
    /// Of a text of this transaction.
    pub(crate) last_message_id: Option<i64>,
}

pub(crate) struct Seated {
    pub(crate) version: i64,
    pub(crate) read_seq: i64,
}

pub(crate) struct Ground {
    /// Those that are there.
    pub(crate) rooms: HashMap<i64, Tail>,
    /// Versions of accounts.
    pub(crate) accounts: HashMap<i64, i64>,
    /// By room and person.
    pub(crate) seats: HashMap<(i64, i64), Seated>,
}

impl Ground {
    pub(crate) async fn take(db: &impl ConnectionTrait, batch: &HotBatch) -> Result<Self, DbErr> {
        let of_texts = batch.appends.iter().map(|append| (append.permit.room_id(), append.permit.user_id()));
        let of_marks = batch.marks.iter().map(|mark| (mark.permit.room_id(), mark.permit.user_id()));
        let places: BTreeSet<(i64, i64)> = of_texts.chain(of_marks).collect();
        let rooms: BTreeSet<i64> = places.iter().map(|(room_id, _)| *room_id).collect();
        let people: BTreeSet<i64> = places.iter().map(|(_, user_id)| *user_id).collect();
        Ok(Self {
            rooms: hold(db, &Vec::from_iter(rooms)).await?,
            accounts: accounts(db, &Vec::from_iter(people)).await?,
            seats: seats(db, &Vec::from_iter(places)).await?,
        })
    }
}

async fn hold(db: &impl ConnectionTrait, ids: &[i64]) -> Result<HashMap<i64, Tail>, DbErr> {
    let (list, ids) = listed(ids, "?");
    let sql = format!(
        "SELECT id, kind, is_private, last_seq, message_count FROM rooms WHERE id IN ({list}) AND deleted_at IS NULL ORDER BY id{}",
        words(db).hold()
    );
    let rows = db.query_all_raw(statement(db, &sql, ids.into_iter().map(Value::from))).await?;
    let read = |row| {
        let mut columns = Columns::of(row);
        let (id, kind, is_private) = (columns.next()?, columns.next::<i32>()?, columns.next()?);
        let (public, direct) = (is_public(kind, is_private), kind == RoomKind::Direct as i32);
        Ok((id, Tail { public, direct, last_seq: columns.next()?, count: columns.next()?, last_message_id: None }))
    };
    rows.iter().map(read).collect()
}

async fn accounts(db: &impl ConnectionTrait, ids: &[i64]) -> Result<HashMap<i64, i64>, DbErr> {
    let (list, ids) = listed(ids, "?");
    let sql = format!("SELECT id, version FROM users WHERE id IN ({list})");
    let rows = db.query_all_raw(statement(db, &sql, ids.into_iter().map(Value::from))).await?;
    rows.iter().map(|row| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?))).collect()
}

async fn seats(db: &impl ConnectionTrait, places: &[(i64, i64)]) -> Result<HashMap<(i64, i64), Seated>, DbErr> {
    let (list, places) = listed(places, "(?,?)");
    let sql = format!("SELECT room_id, user_id, version, read_seq FROM members WHERE (room_id, user_id) IN ({list})");
    let values = places.into_iter().flat_map(|(room_id, user_id)| [room_id.into(), user_id.into()]);
    let rows = db.query_all_raw(statement(db, &sql, values)).await?;
    let read = |row| {
        let mut columns = Columns::of(row);
        let place = (columns.next()?, columns.next()?);
        Ok((place, Seated { version: columns.next()?, read_seq: columns.next()? }))
    };
    rows.iter().map(read).collect()
}
