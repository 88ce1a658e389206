//! Who sits where: looks at the room and one seat together, and refuses permits that were granted on an older sight. It
//! decides nothing: that is the domain's policy.

use std::sync::{Arc, LazyLock};

use chinwag_domain::{
    avatar_records::Avatar,
    policy::Permit,
    ports::{StoreError, StoreResult},
    records::{MemberRecord, Rights, RoomRecord, Seat},
};
use chinwag_proto::{Role, RoomKind};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, QueryResult};

use crate::{
    columns::{Columns, Entire},
    dialect::statement,
    entity::{members, rooms},
    error::failure,
    holds,
};

/// A living room, one person's seat in it, and the rights of their account.
pub(crate) struct Sight {
    pub(crate) room: rooms::Model,
    pub(crate) member: Option<members::Model>,
    account: Rights,
}

static FIND: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {}, {}, u.version, u.is_admin, u.deactivated_at FROM rooms r LEFT JOIN members m ON m.room_id = r.id AND m.user_id = ? \
         LEFT JOIN users u ON u.id = ? WHERE r.id = ? AND r.deleted_at IS NULL",
        rooms::Model::select("r"),
        members::Model::select("m")
    )
});

pub(crate) async fn find(db: &impl ConnectionTrait, room_id: i64, user_id: i64) -> StoreResult<Option<Sight>> {
    let row = db
        .query_one_raw(statement(db, &FIND, [user_id.into(), user_id.into(), room_id.into()]))
        .await
        .map_err(failure)?;
    row.map(|row| sight(&row)).transpose().map_err(failure)
}

fn sight(row: &QueryResult) -> Result<Sight, DbErr> {
    let mut columns = Columns::of(row);
    let (room, member) = (rooms::Model::read(&mut columns)?, columns.maybe()?);
    let account = Rights {
        version: columns.next::<Option<i64>>()?.unwrap_or_default(),
        is_admin: columns.next::<Option<bool>>()?.unwrap_or_default(),
        is_closed: columns.next::<Option<i64>>()?.is_some(),
    };
    Ok(Sight { room, member, account })
}

/// The same in a transaction that will change the room: from here on nobody else changes it before this ends.
pub(crate) async fn hold<A>(db: &impl ConnectionTrait, permit: &Permit<A>) -> StoreResult<Sight> {
    holds::rooms(db, &[permit.room_id()]).await?;
    check(db, permit).await
}

/// What the permit was granted on, if it still stands.
pub(crate) async fn check<A>(db: &impl ConnectionTrait, permit: &Permit<A>) -> StoreResult<Sight> {
    let sight = find(db, permit.room_id(), permit.user_id()).await?.ok_or(StoreError::Stale)?;
    let version = sight.member.as_ref().map(|member| member.version);
    let public = is_public(sight.room.kind, sight.room.is_private);
    if !stands(permit, sight.account.version, version, public) {
        return Err(StoreError::Stale);
    }
    if let Some(other) = permit.other_seat() {
        let member = members::Entity::find_by_id((sight.room.id, other.user_id)).one(db).await.map_err(failure)?;
        if member.map(|member| member.version) != other.version {
            return Err(StoreError::Stale);
        }
    }
    Ok(sight)
}

/// Whether account, seat and room are still as the permit knew them. One that rests on no seat rests on the room being public.
pub(crate) fn stands<A>(permit: &Permit<A>, account: i64, seat: Option<i64>, public: bool) -> bool {
    let is_same = permit.account_version() == account && permit.seat_version() == seat;
    is_same && (public || seat.is_some() && !permit.needs_public())
}

pub(crate) fn is_public(kind: i32, is_private: bool) -> bool {
    kind == RoomKind::Room as i32 && !is_private
}

impl From<Sight> for Seat {
    fn from(sight: Sight) -> Self {
        Self { room: Arc::new(sight.room.into()), member: sight.member.map(Into::into), account: sight.account }
    }
}

impl From<rooms::Model> for RoomRecord {
    fn from(room: rooms::Model) -> Self {
        Self {
            id: room.id,
            kind: RoomKind::try_from(room.kind).unwrap_or_default(),
            name: room.name,
            description: room.description,
            avatar: room.avatar.as_deref().and_then(Avatar::of_word),
            is_private: room.is_private,
            created_by: room.created_by,
            created_at: room.created_at,
            updated_at: room.updated_at,
            member_count: clamp(room.member_count),
            last_seq: room.last_seq,
        }
    }
}

impl From<members::Model> for MemberRecord {
    fn from(member: members::Model) -> Self {
        Self {
            room_id: member.room_id,
            user_id: member.user_id,
            role: Role::try_from(member.role).unwrap_or_default(),
            joined_at: member.joined_at,
            version: member.version,
            read_seq: member.read_seq,
        }
    }
}

/// Counters of the wire are 32 bits wide.
pub(crate) fn clamp(count: i64) -> i32 {
    i32::try_from(count.max(0)).unwrap_or(i32::MAX)
}
