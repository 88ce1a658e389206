//! Seats: who comes, goes and becomes what, each as the next position of the room's log. Whether they may is the policy's.

use chinwag_domain::{
    policy::{Permit, action},
    ports::{Effect, StoreError, StoreResult},
    records::{Author, LOBBY, MemberRecord, RoomView, SystemPayload, UserRecord},
};
use chinwag_proto::{Role, SystemEvent};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryResult, Value};

use crate::{
    columns::{Columns, Entire},
    dialect::{contains, statement},
    engine::words,
    entity::{members, rooms, users},
    error::{damaged, failure},
    events, holds,
    room_log::{Change, ChangeKind, Notice},
    room_views, seats,
    tx::Tx,
};

/// Somebody who becomes a member, and how the log tells it.
pub(crate) struct Entry<'a> {
    pub(crate) who: &'a Author,
    pub(crate) role: Role,
    pub(crate) event: SystemEvent,
    pub(crate) actor_id: Option<i64>,
    pub(crate) now: i64,
}

/// Seats the person, who has no seat yet. The caller saves the room.
pub(crate) async fn enter(tx: &mut Tx, room: &mut rooms::Model, entry: Entry<'_>) -> StoreResult<()> {
    let Entry { who, role, event, actor_id, now } = entry;
    let content = sentence(event, &who.username);
    let (payload, effect) = (SystemPayload::default(), Some(Effect::Joined(who.user_id)));
    tx.post(room, Notice { event, about: who, actor_id, content, payload, effect, now }).await?;
    seat(tx, room, who.user_id, Role::Member, now).await?;
    if role != Role::Member {
        change_role(tx, room, who, role, who.user_id, now).await?;
    }
    Ok(())
}

/// Adds the row of a seat that the newest change of the log made. What was said before does not count as unread.
pub(crate) async fn seat(tx: &Tx, room: &mut rooms::Model, user_id: i64, role: Role, now: i64) -> StoreResult<()> {
    // Whether their account is closed is looked up here: it may have been closed since the caller looked. Nobody closes it meanwhile.
    holds::users(&tx.db, "id = ?", [user_id.into()]).await?;
    let sql = "INSERT INTO members (room_id, user_id, role, joined_at, version, read_seq, read_ordinal, deactivated) \
               SELECT ?, u.id, ?, ?, ?, ?, ?, u.deactivated_at IS NOT NULL FROM users u WHERE u.id = ?";
    let (role, seq) = (role as i32, room.last_seq);
    let values = [room.id.into(), role.into(), now.into(), seq.into(), seq.into(), room.message_count.into()];
    let insert = statement(&tx.db, sql, values.into_iter().chain([Value::from(user_id)]));
    if tx.db.execute_raw(insert).await.map_err(failure)?.rows_affected() == 0 {
        return Err(StoreError::NotFound);
    }
    room.member_count += 1;
    Ok(())
}

pub(crate) async fn change_role(
    tx: &mut Tx,
    room: &mut rooms::Model,
    who: &Author,
    role: Role,
    by: i64,
    now: i64,
) -> StoreResult<()> {
    let payload = events::role_payload(who, role);
    let change =
        Change { kind: ChangeKind::Member, message_id: None, user_id: by, payload: Some(payload.clone()), now };
    let seq = tx.change(room, change).await?;
    let sql = "UPDATE members SET role = ?, version = ? WHERE room_id = ? AND user_id = ?";
    let values = [Value::from(role as i32), seq.into(), room.id.into(), who.user_id.into()];
    tx.db.execute_raw(statement(&tx.db, sql, values)).await.map_err(failure)?;
    tx.tell(events::member_changed(room.id, seq, by, now, &payload)?);
    Ok(())
}

/// Dialect for clients that have none of their own for the event.
pub(crate) fn sentence(event: SystemEvent, username: &str) -> String {
    match event {
        SystemEvent::UserJoined => format!("{username} 加入了聊天室"),
        SystemEvent::UserAdded => format!("{username} 被邀请加入了聊天室"),
        SystemEvent::UserLeft => format!("{username} 离开了聊天室"),
        SystemEvent::UserKicked => format!("{username} 被移出了聊天室"),
        SystemEvent::RoomCreated => format!("{username} 创建了聊天室"),
        SystemEvent::Broadcast | SystemEvent::RoomRenamed => username.to_owned(),
    }
}

pub(crate) async fn join_room(
    tx: &mut Tx,
    permit: Permit<action::Join>,
    who: Author,
    now: i64,
) -> StoreResult<(RoomView, bool)> {
    let (room, fresh) = add(tx, &permit, &who, SystemEvent::UserJoined, None, now).await?;
    Ok((room_views::get_view(tx, room.id, who.user_id).await?, fresh))
}

pub(crate) async fn add_member(
    tx: &mut Tx,
    permit: Permit<action::AddMember>,
    promotion: Option<(Permit<action::SetRole>, Role)>,
    who: Author,
    now: i64,
) -> StoreResult<(RoomView, bool)> {
    let by = permit.user_id();
    let (room, fresh) = add(tx, &permit, &who, SystemEvent::UserAdded, Some(by), now).await?;
    if let Some((permit, role)) = promotion {
        set_role(tx, permit, who.clone(), role, now).await?;
    }
    Ok((room_views::get_view(tx, room.id, who.user_id).await?, fresh))
}

/// The room, and whether the membership is new.
async fn add<A>(
    tx: &mut Tx,
    permit: &Permit<A>,
    who: &Author,
    event: SystemEvent,
    actor_id: Option<i64>,
    now: i64,
) -> StoreResult<(rooms::Model, bool)> {
    let mut room = seats::hold(&tx.db, permit).await?.room;
    if find(&tx.db, room.id, who.user_id).await?.is_some() {
        return Ok((room, false));
    }
    enter(tx, &mut room, Entry { who, role: Role::Member, event, actor_id, now }).await?;
    tx.save_room(&room).await?;
    Ok((room, true))
}

pub(crate) async fn leave_room(tx: &mut Tx, permit: Permit<action::Leave>, who: Author, now: i64) -> StoreResult<bool> {
    remove(tx, &permit, who, SystemEvent::UserLeft, None, now).await
}

pub(crate) async fn kick_member(tx: &mut Tx, permit: Permit<action::Kick>, who: Author, now: i64) -> StoreResult<bool> {
    let by = permit.user_id();
    remove(tx, &permit, who, SystemEvent::UserKicked, Some(by), now).await
}

async fn remove<A>(
    tx: &mut Tx,
    permit: &Permit<A>,
    who: Author,
    event: SystemEvent,
    actor_id: Option<i64>,
    now: i64,
) -> StoreResult<bool> {
    let mut room = seats::hold(&tx.db, permit).await?.room;
    let Some(member) = find(&tx.db, room.id, who.user_id).await? else { return Ok(false) };
    if room.member_count > 1 {
        keep_an_owner(tx, &member).await?;
    }
    let content = sentence(event, &who.username);
    let (payload, effect) = (SystemPayload::default(), Some(Effect::Ended(who.user_id)));
    tx.post(&mut room, Notice { event, about: &who, actor_id, content, payload, effect, now }).await?;
    members::Entity::delete_by_id((room.id, who.user_id)).exec(&tx.db).await.map_err(failure)?;
    room.member_count -= 1;
    tx.save_room(&room).await?;
    Ok(true)
}

/// Refuses to take the ownership from the only one who has it. Index: `members_by_role`.
async fn keep_an_owner(tx: &Tx, member: &members::Model) -> StoreResult<()> {
    if member.role != Role::Owner as i32 {
        return Ok(());
    }
    let sql = "SELECT user_id FROM members WHERE room_id = ? AND role = ? AND user_id <> ? AND NOT deactivated LIMIT 1";
    let values = [Value::from(member.room_id), member.role.into(), member.user_id.into()];
    match tx.db.query_one_raw(statement(&tx.db, sql, values)).await.map_err(failure)? {
        Some(_) => Ok(()),
        None => Err(StoreError::LastOwner),
    }
}

pub(crate) async fn set_role(
    tx: &mut Tx,
    permit: Permit<action::SetRole>,
    who: Author,
    role: Role,
    now: i64,
) -> StoreResult<MemberRecord> {
    let mut room = seats::hold(&tx.db, &permit).await?.room;
    if role == Role::Owner {
        // Who closes their account meanwhile has looked which rooms they own.
        holds::users(&tx.db, "id = ?", [who.user_id.into()]).await?;
    }
    let mut member = find(&tx.db, room.id, who.user_id).await?.ok_or(StoreError::NotFound)?;
    if member.role == role as i32 {
        return Ok(member.into());
    }
    if room.member_count > 1 {
        keep_an_owner(tx, &member).await?;
    }
    change_role(tx, &mut room, &who, role, permit.user_id(), now).await?;
    tx.save_room(&room).await?;
    (member.role, member.version) = (role as i32, room.last_seq);
    Ok(member.into())
}

async fn find(db: &impl ConnectionTrait, room_id: i64, user_id: i64) -> StoreResult<Option<members::Model>> {
    members::Entity::find_by_id((room_id, user_id)).one(db).await.map_err(failure)
}

/// So many rows one look goes through at most: where others wrote for hours while the database was away from here, the rest is for the next.
const LOOKED_AT: i64 = 100_000;
/// Index: the primary key.
const NEXT: &str = "SELECT max(id) FROM (SELECT id FROM messages WHERE id > ? ORDER BY id LIMIT ?) AS further";
const NEWEST: &str = "SELECT max(id) FROM messages";
/// Whoever was there when a room was made has no row of their own in a direct conversation. All are in the lobby from the beginning, and
/// look at their rooms when they come. Indexes: the primary keys.
const SEATED: &str = "SELECT s.id, s.room_id, COALESCE(m.user_id, s.user_id) FROM messages s \
     LEFT JOIN members m ON m.room_id = s.room_id AND s.event = ? \
     WHERE s.id > ? AND s.id <= ? AND s.event IN (?, ?, ?) AND s.room_id <> ? ORDER BY s.id";

pub(crate) async fn seated_after(
    db: &impl ConnectionTrait,
    after: i64,
    looked: Option<i64>,
) -> StoreResult<(i64, Vec<(i64, i64, i64)>)> {
    let next = match looked {
        Some(looked) => statement(db, NEXT, [looked.into(), LOOKED_AT.into()]),
        None => statement(db, NEWEST, []),
    };
    let next = db.query_one_raw(next).await.map_err(failure)?;
    let next: Option<i64> = next.map(|row| row.try_get_by_index(0)).transpose().map_err(failure)?.flatten();
    let next = next.or(looked).unwrap_or_default();
    if next <= after {
        return Ok((next, Vec::new()));
    }
    let [made, joined, added] = [SystemEvent::RoomCreated, SystemEvent::UserJoined, SystemEvent::UserAdded]
        .map(|event| Value::from(event.word()));
    let values = [made.clone(), after.into(), next.into(), made, joined, added, LOBBY.into()];
    let rows = db.query_all_raw(statement(db, SEATED, values)).await.map_err(failure)?;
    let read = |row: &QueryResult| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?, row.try_get_by_index(2)?));
    let seated: Result<_, DbErr> = rows.iter().map(read).collect();
    Ok((next, seated.map_err(failure)?))
}

pub(crate) async fn find_member(
    db: &impl ConnectionTrait,
    room_id: i64,
    user_id: i64,
) -> StoreResult<Option<MemberRecord>> {
    let sql = format!(
        "SELECT {} FROM members m JOIN rooms r ON r.id = m.room_id AND r.deleted_at IS NULL \
         WHERE m.room_id = ? AND m.user_id = ?",
        members::Model::select("m")
    );
    let query = members::Model::find_by_statement(statement(db, &sql, [room_id.into(), user_id.into()]));
    Ok(query.one(db).await.map_err(failure)?.map(Into::into))
}

/// One seek per role on `members_by_role`, however large the room is and however many have left; with a query a look at each
/// member's name.
pub(crate) async fn list_members(
    db: &impl ConnectionTrait,
    permit: Permit<action::Read>,
    query: &str,
    after: Option<(Role, i64)>,
    limit: usize,
    offset: usize,
) -> StoreResult<Vec<(MemberRecord, UserRecord)>> {
    seats::check(db, &permit).await?;
    let pattern = contains(&query.to_lowercase());
    let of_role = format!(
        "FROM members m {} JOIN users u ON u.id = m.user_id WHERE m.room_id = ? AND m.role = ? AND m.user_id > ? \
         AND NOT m.deactivated AND u.search_key LIKE ? ESCAPE '!'",
        words(db).by_role()
    );
    let page = format!(
        "SELECT {}, {} {of_role} ORDER BY m.user_id LIMIT ? OFFSET ?",
        members::Model::select("m"),
        users::Model::select("u")
    );
    let count = format!("SELECT count(*) {of_role}");
    let (mut found, mut skip) = (Vec::new(), offset as i64);
    for role in [Role::Owner, Role::Admin, Role::Member] {
        let from = match after {
            Some((last, _)) if role > last => continue,
            Some((last, user_id)) if role == last => user_id,
            _ => 0,
        };
        let left = limit - found.len();
        if left == 0 {
            break;
        }
        let whose = [Value::from(permit.room_id()), (role as i32).into(), from.into(), pattern.as_str().into()];
        let values = whose.clone().into_iter().chain([(left as i64).into(), skip.into()]);
        let rows = db.query_all_raw(statement(db, &page, values)).await.map_err(failure)?;
        if rows.is_empty() && skip > 0 {
            let skipped = db.query_one_raw(statement(db, &count, whose)).await.map_err(failure)?;
            let skipped = skipped.ok_or_else(|| damaged("an aggregate gave no row"))?;
            skip -= skipped.try_get_by_index::<i64>(0).map_err(failure)?;
            continue;
        }
        skip = 0;
        for row in rows {
            found.push(read_person(&row).map_err(failure)?);
        }
    }
    Ok(found)
}

fn read_person(row: &QueryResult) -> Result<(MemberRecord, UserRecord), DbErr> {
    let mut columns = Columns::of(row);
    Ok((members::Model::read(&mut columns)?.into(), users::Model::read(&mut columns)?.into()))
}

/// Index: the primary key of members, once for each of the people.
pub(crate) async fn list_members_among(
    db: &impl ConnectionTrait,
    permit: Permit<action::Read>,
    query: &str,
    people: &[i64],
) -> StoreResult<Vec<(MemberRecord, UserRecord)>> {
    seats::check(db, &permit).await?;
    let sql = format!(
        "SELECT {}, {} FROM members m JOIN users u ON u.id = m.user_id \
         WHERE m.room_id = ? AND m.user_id IN ({}) AND NOT m.deactivated AND u.search_key LIKE ? ESCAPE '!' ORDER BY m.user_id",
        members::Model::select("m"),
        users::Model::select("u"),
        vec!["?"; people.len()].join(", ")
    );
    let mut values = vec![Value::from(permit.room_id())];
    values.extend(people.iter().map(|user_id| Value::from(*user_id)));
    values.push(contains(&query.to_lowercase()).into());
    let rows = db.query_all_raw(statement(db, &sql, values)).await.map_err(failure)?;
    rows.iter().map(read_person).collect::<Result<_, DbErr>>().map_err(failure)
}
