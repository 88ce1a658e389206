//! The logs of rooms, which are the most of it: each room's is copied from where the copy ends, a stretch at a time. What a change
//! in that stretch has touched before it, an edit or a recall, is copied again. The copy's own room says how far it has come.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, QueryFilter};

use super::{
    Progress, TransferError,
    tables::{Pages, hash, put},
};
use crate::{
    dialect::ROWS,
    engine::Site,
    entity::{changes, messages, rooms},
    failpoint::Failpoints,
};

/// Positions of one stretch.
const STRETCH: i64 = 1_000;

/// A part of a room's log, and what it touches of the part before.
#[derive(Default)]
struct Stretch {
    messages: BTreeMap<i64, messages::Model>,
    changes: BTreeMap<i64, changes::Model>,
}

impl Stretch {
    /// The positions `after+1 ..= to`.
    async fn read(db: &impl ConnectionTrait, room_id: i64, (after, to): (i64, i64)) -> Result<Self, DbErr> {
        let mut stretch = Self::default();
        let found = messages::Entity::find()
            .filter(messages::Column::RoomId.eq(room_id))
            .filter(messages::Column::Seq.gt(after))
            .filter(messages::Column::Seq.lte(to));
        stretch.messages.extend(found.all(db).await?.into_iter().map(|row| (row.id, row)));
        let found = changes::Entity::find()
            .filter(changes::Column::RoomId.eq(room_id))
            .filter(changes::Column::Seq.gt(after))
            .filter(changes::Column::Seq.lte(to));
        stretch.changes.extend(found.all(db).await?.into_iter().map(|row| (row.seq, row)));
        let touched: BTreeSet<i64> = stretch.changes.values().filter_map(|change| change.message_id).collect();
        for ids in Vec::from_iter(touched).chunks(ROWS) {
            let found = messages::Entity::find().filter(messages::Column::Id.is_in(ids.iter().copied()));
            stretch.messages.extend(found.all(db).await?.into_iter().map(|row| (row.id, row)));
            let found = changes::Entity::find().filter(changes::Column::MessageId.is_in(ids.iter().copied()));
            let before = found.all(db).await?.into_iter().filter(|change| change.seq <= to);
            stretch.changes.extend(before.map(|row| (row.seq, row)));
        }
        Ok(stretch)
    }
}

async fn all_rooms(db: &impl ConnectionTrait) -> Result<BTreeMap<i64, rooms::Model>, DbErr> {
    let (mut all, mut pages) = (BTreeMap::new(), Pages::<rooms::Entity>::new());
    while let Some(rooms) = pages.next(db).await? {
        all.extend(rooms.into_iter().map(|room| (room.id, room)));
    }
    Ok(all)
}

/// Copies what the rooms and their logs have and the copy has not. Gives how many positions that were.
pub(crate) async fn follow(
    source: &impl ConnectionTrait,
    (site, target): (&Site, &DatabaseConnection),
    tell: &mut (dyn FnMut(Progress) + Send),
) -> Result<u64, TransferError> {
    let failpoints = Failpoints::from_environment();
    let mut there = all_rooms(target).await?;
    let rooms = all_rooms(source).await?;
    let end =
        |room: &rooms::Model, there: &BTreeMap<i64, rooms::Model>| there.get(&room.id).map_or(0, |it| it.last_seq);
    let all: i64 = rooms.values().map(|room| (room.last_seq - end(room, &there)).max(0)).sum();
    let mut copied = 0;
    for room in rooms.into_values() {
        let mut at = end(&room, &there);
        if at > room.last_seq {
            return Err(TransferError::Ahead { room: room.id });
        }
        while at < room.last_seq {
            let to = (at + STRETCH).min(room.last_seq);
            let stretch = Stretch::read(source, room.id, (at, to)).await?;
            let tx = site.begin(target).await?;
            put::<rooms::Entity>(&tx, vec![rooms::Model { last_seq: to, ..room.clone() }]).await?;
            put::<messages::Entity>(&tx, stretch.messages.into_values().collect()).await?;
            put::<changes::Entity>(&tx, stretch.changes.into_values().collect()).await?;
            failpoints.pass("in_stretch").await;
            tx.commit().await?;
            failpoints.pass("after_stretch").await;
            copied += to - at;
            at = to;
            tell(Progress::Copying { done: copied.unsigned_abs(), left: (all - copied).unsigned_abs() });
            there.insert(room.id, room.clone());
        }
        if there.get(&room.id) != Some(&room) {
            put::<rooms::Entity>(target, vec![room]).await?;
        }
    }
    Ok(copied.unsigned_abs())
}

/// What the log of a room comes to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogTotal {
    /// Positions that are there.
    pub rows: i64,
    pub last_seq: i64,
    /// Of what stands at each position, in whichever order.
    pub checksum: u64,
}

impl LogTotal {
    fn add(&mut self, seq: i64, hash: u64) {
        self.rows += 1;
        self.last_seq = self.last_seq.max(seq);
        self.checksum = self.checksum.wrapping_add(hash);
    }
}

/// What the logs of all rooms come to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals(pub(crate) BTreeMap<i64, LogTotal>);

impl Totals {
    /// Every row is read.
    pub(crate) async fn of(db: &impl ConnectionTrait) -> Result<Self, DbErr> {
        let mut totals = Self::default();
        let mut pages = Pages::<messages::Entity>::new();
        while let Some(rows) = pages.next(db).await? {
            rows.iter().for_each(|row| totals.0.entry(row.room_id).or_default().add(row.seq, hash(row)));
        }
        let mut pages = Pages::<changes::Entity>::new();
        while let Some(rows) = pages.next(db).await? {
            rows.iter().for_each(|row| totals.0.entry(row.room_id).or_default().add(row.seq, hash(row)));
        }
        Ok(totals)
    }

    /// Adds what has come to the rooms since, and what that has touched; `now` is how far they are in the database that is copied.
    pub(crate) async fn follow(&mut self, db: &impl ConnectionTrait, now: &BTreeMap<i64, i64>) -> Result<(), DbErr> {
        for (room_id, last_seq) in now {
            let total = self.0.entry(*room_id).or_default();
            let mut after = total.last_seq;
            while after < *last_seq {
                let to = (after + STRETCH).min(*last_seq);
                let stretch = Stretch::read(db, *room_id, (after, to)).await?;
                let messages = stretch.messages.values().map(|row| (row.seq, hash(row)));
                let changes = stretch.changes.values().map(|row| (row.seq, hash(row)));
                for (seq, hash) in messages.chain(changes) {
                    if seq > after {
                        total.add(seq, hash);
                    } else {
                        // It was counted before it was touched.
                        total.checksum = total.checksum.rotate_left(1).wrapping_add(hash);
                    }
                }
                total.last_seq = to;
                after = to;
            }
        }
        Ok(())
    }
}

/// How far all rooms are.
pub(crate) async fn ends(db: &impl ConnectionTrait) -> Result<BTreeMap<i64, i64>, DbErr> {
    Ok(all_rooms(db).await?.into_iter().map(|(id, room)| (id, room.last_seq)).collect())
}

/// Their names, for who reads the report.
pub(crate) async fn names(db: &impl ConnectionTrait) -> Result<BTreeMap<i64, String>, DbErr> {
    Ok(all_rooms(db).await?.into_iter().map(|(id, room)| (id, room.name)).collect())
}
