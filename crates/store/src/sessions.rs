//! Logins: kept as hashes, ended for good. What a credential means is decided by the domain.

use std::time::Duration;

use chinwag_domain::{
    SessionId,
    ports::{StoreError, StoreResult},
    records::{Holder, JobKind, NewSession, NewUser, Rotation, SecretHash, SessionRecord, ShownRefresh, UserRecord},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    QueryFilter, QueryOrder, QueryResult, QuerySelect, Value,
};

use crate::{
    columns::Columns,
    dialect::{ROWS, repeat, statement},
    entity::{
        sessions::{ActiveModel, Column, Entity, Model},
        spent_tickets,
    },
    error::{broken_unique, failure},
    tx::{Counter, Tx, newest_of},
    users::{self, touch},
};

/// As long as there are sessions, each look for those to forget is followed by another after so long.
const NEXT_LOOK: Duration = Duration::from_secs(24 * 3_600);
/// For so many milliseconds after its end a ticket that was used is remembered: another node's clock may be behind this one's.
const KEEP_TICKETS: i64 = 3_600 * 1_000;

impl From<Model> for SessionRecord {
    fn from(session: Model) -> Self {
        Self {
            id: SessionId(session.id),
            user_id: session.user_id,
            device: session.device,
            address: session.address,
            created_at: session.created_at,
            last_seen: session.last_seen,
            expires_at: session.expires_at,
            revoked_at: session.revoked_at,
        }
    }
}

pub(crate) async fn create_user(tx: &mut Tx, user: NewUser, session: Option<NewSession>) -> StoreResult<UserRecord> {
    let user = users::create_user(tx, user).await?;
    if let Some(session) = session {
        insert(tx, user.id, session).await?;
    }
    Ok(user)
}

pub(crate) async fn create_first_admin(
    tx: &mut Tx,
    user: NewUser,
    session: NewSession,
    server_name: Option<String>,
    secret: String,
) -> StoreResult<UserRecord> {
    let user = users::create_first_admin(tx, user, server_name, secret).await?;
    insert(tx, user.id, session).await?;
    Ok(user)
}

pub(crate) async fn create_session(
    tx: &mut Tx,
    (user_id, proved): (i64, String),
    session: NewSession,
    most: usize,
) -> StoreResult<Vec<SessionId>> {
    users::check_password(tx, user_id, &proved).await?;
    let (id, now) = (session.id, session.created_at);
    insert(tx, user_id, session).await?;
    // Those that were used last stay.
    let open = open_sessions(tx, user_id, Some(id)).await?;
    revoke(tx, open.into_iter().skip(most.saturating_sub(1)).collect(), now).await
}

/// Those of the account that were not ended, but for one of them; what was used last is first. Index: `sessions_by_user`.
async fn open_sessions(tx: &Tx, user_id: i64, but: Option<SessionId>) -> StoreResult<Vec<i64>> {
    let sql = "SELECT id FROM sessions WHERE user_id = ? AND revoked_at IS NULL AND id <> ? \
               ORDER BY last_seen DESC, created_at DESC, id";
    // No session has the id 0.
    let values = [user_id.into(), but.map_or(0, |id| id.0).into()];
    let rows = tx.db.query_all_raw(statement(&tx.db, sql, values)).await.map_err(failure)?;
    rows.into_iter().map(|row| row.try_get_by_index(0).map_err(failure)).collect()
}

async fn revoke(tx: &Tx, ids: Vec<i64>, now: i64) -> StoreResult<Vec<SessionId>> {
    set_of_all(tx, "revoked_at", now, &ids).await?;
    number(tx, &ids).await?;
    Ok(ids.into_iter().map(SessionId).collect())
}

/// Gives what this transaction revokes its place in the order of all revocations. From here on others who revoke wait for it: so places
/// become visible in their order, and who reads on from one passes none by. The rows themselves are locked before, by everybody.
async fn number(tx: &Tx, ids: &[i64]) -> StoreResult<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let number = tx.next_of(Counter::Revocations).await?;
    set_of_all(tx, "revocation", number, ids).await
}

async fn set_of_all(tx: &Tx, column: &str, value: i64, ids: &[i64]) -> StoreResult<()> {
    for ids in ids.chunks(ROWS) {
        let sql = format!("UPDATE sessions SET {column} = ? WHERE id IN ({})", repeat("?", ids.len()));
        let values = std::iter::once(value).chain(ids.iter().copied()).map(Value::from);
        tx.db.execute_raw(statement(&tx.db, &sql, values)).await.map_err(failure)?;
    }
    Ok(())
}

async fn insert(tx: &mut Tx, user_id: i64, session: NewSession) -> StoreResult<()> {
    let row = Model {
        id: session.id.0,
        user_id,
        cookie_hash: session.cookie_hash.to_vec(),
        refresh_hash: session.refresh_hash.to_vec(),
        spent_refresh_hash: None,
        refreshed_at: None,
        device: session.device,
        address: session.address,
        created_at: session.created_at,
        last_seen: session.created_at,
        expires_at: session.expires_at,
        revoked_at: None,
        revocation: None,
    };
    let insert = Entity::insert(row.into_active_model().reset_all());
    insert.exec_without_returning(&tx.db).await.map_err(failure)?;
    tx.want_job(JobKind::ForgetSessions, NEXT_LOOK).await?;
    Ok(())
}

pub(crate) async fn find_session(db: &impl ConnectionTrait, id: SessionId) -> StoreResult<Option<SessionRecord>> {
    Ok(Entity::find_by_id(id.0).one(db).await.map_err(failure)?.map(Into::into))
}

/// Two seeks on primary keys.
pub(crate) async fn find_holder(db: &impl ConnectionTrait, id: SessionId) -> StoreResult<Option<Holder>> {
    let sql = "SELECT u.id, u.username, u.is_admin, s.expires_at FROM sessions s \
               JOIN users u ON u.id = s.user_id AND u.deactivated_at IS NULL WHERE s.id = ? AND s.revoked_at IS NULL";
    let row = db.query_one_raw(statement(db, sql, [id.0.into()])).await.map_err(failure)?;
    row.map(|row| holder(&row)).transpose().map_err(failure)
}

fn holder(row: &QueryResult) -> Result<Holder, DbErr> {
    let mut columns = Columns::of(row);
    Ok(Holder {
        user_id: columns.next()?,
        username: columns.next::<String>()?.into(),
        is_admin: columns.next()?,
        expires_at: columns.next()?,
    })
}

/// Index: the unique cookie hash.
pub(crate) async fn find_session_by_cookie(
    db: &impl ConnectionTrait,
    hash: SecretHash,
) -> StoreResult<Option<SessionRecord>> {
    let session = Entity::find().filter(Column::CookieHash.eq(hash.to_vec())).one(db).await.map_err(failure)?;
    Ok(session.map(Into::into))
}

/// Indexes: the unique refresh hash, `sessions_by_spent_refresh`.
pub(crate) async fn rotate_refresh(tx: &mut Tx, shown: ShownRefresh) -> StoreResult<Rotation> {
    let ShownRefresh { hash, next_hash, now, .. } = shown;
    let held =
        Condition::any().add(Column::RefreshHash.eq(hash.to_vec())).add(Column::SpentRefreshHash.eq(hash.to_vec()));
    // Whoever shows it at the same time elsewhere waits for this.
    let mut session = Entity::find().filter(held).lock_exclusive().one(&tx.db).await.map_err(failure)?;
    if let (None, Some(id)) = (&session, shown.session) {
        session = Entity::find_by_id(id.0).one(&tx.db).await.map_err(failure)?;
    }
    let Some(mut session) = session.filter(|session| session.revoked_at.is_none() && session.expires_at > now) else {
        return Ok(Rotation::Unknown);
    };
    if session.refresh_hash != hash {
        // Or was refreshed at a node whose clock is a little ahead of the one that asks now.
        let is_recent = session.refreshed_at.is_some_and(|at| at.abs_diff(now) <= shown.grace.unsigned_abs());
        let is_last = session.spent_refresh_hash.as_deref() == Some(&hash[..]);
        if is_last && is_recent && session.device == shown.device && session.address == shown.address {
            return Ok(Rotation::Rotated(session.into()));
        }
        session.revoked_at = Some(now);
        let row = ActiveModel { id: Set(session.id), revoked_at: Set(Some(now)), ..Default::default() };
        Entity::update(row).exec(&tx.db).await.map_err(failure)?;
        number(tx, &[session.id]).await?;
        return Ok(Rotation::Reused(session.into()));
    }
    session.last_seen = session.last_seen.max(now);
    let row = ActiveModel {
        id: Set(session.id),
        refresh_hash: Set(next_hash.to_vec()),
        spent_refresh_hash: Set(Some(hash.to_vec())),
        refreshed_at: Set(Some(now)),
        last_seen: Set(session.last_seen),
        ..Default::default()
    };
    Entity::update(row).exec(&tx.db).await.map_err(failure)?;
    Ok(Rotation::Rotated(session.into()))
}

/// What two processes do at the same time, the key of the table refuses to one of them. Index: that key.
pub(crate) async fn spend_ticket(tx: &mut Tx, hash: SecretHash, ends_at: i64) -> StoreResult<()> {
    let row = spent_tickets::ActiveModel { ends_at: Set(ends_at), hash: Set(hash.to_vec()) };
    let spent = spent_tickets::Entity::insert(row).exec_without_returning(&tx.db).await;
    spent.map(drop).map_err(|error| broken_unique(&error).map_or_else(|| failure(error), |_| StoreError::Spent))
}

/// Index: `sessions_by_user`.
pub(crate) async fn list_sessions(
    db: &impl ConnectionTrait,
    user_id: i64,
    now: i64,
) -> StoreResult<Vec<SessionRecord>> {
    let rows = Entity::find()
        .filter(Column::UserId.eq(user_id))
        .filter(Column::RevokedAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .order_by_desc(Column::CreatedAt)
        .order_by_desc(Column::Id)
        .all(db)
        .await
        .map_err(failure)?;
    Ok(rows.into_iter().map(Into::into).collect())
}

pub(crate) async fn revoke_session(tx: &mut Tx, user_id: i64, id: SessionId, now: i64) -> StoreResult<bool> {
    let sql =
        "UPDATE sessions SET revoked_at = ? WHERE id = ? AND user_id = ? AND revoked_at IS NULL AND expires_at > ?";
    let (values, ids) = ([now.into(), id.0.into(), user_id.into(), now.into()], [id.0]);
    let revoked = tx.db.execute_raw(statement(&tx.db, sql, values)).await.map_err(failure)?.rows_affected() > 0;
    number(tx, if revoked { &ids } else { &[] }).await?;
    Ok(revoked)
}

pub(crate) async fn revoke_sessions(
    tx: &mut Tx,
    user_id: i64,
    keep: Option<SessionId>,
    now: i64,
) -> StoreResult<Vec<SessionId>> {
    let open = open_sessions(tx, user_id, keep).await?;
    revoke(tx, open, now).await
}

pub(crate) async fn newest_revocation(db: &impl ConnectionTrait) -> StoreResult<i64> {
    newest_of(db, Counter::Revocations).await.map_err(failure)
}

/// Index: `sessions_by_number`.
pub(crate) async fn revoked_after(db: &impl ConnectionTrait, after: i64) -> StoreResult<Vec<(i64, SessionId)>> {
    let sql = "SELECT revocation, id FROM sessions WHERE revocation > ? ORDER BY revocation";
    let rows = db.query_all_raw(statement(db, sql, [after.into()])).await.map_err(failure)?;
    let read = |row: &QueryResult| Ok((row.try_get_by_index(0)?, SessionId(row.try_get_by_index(1)?)));
    rows.iter().map(read).collect::<Result<_, _>>().map_err(failure)
}

/// Index: `sessions_by_expiry`.
pub(crate) async fn ran_out(db: &impl ConnectionTrait, from: i64, to: i64) -> StoreResult<Vec<SessionId>> {
    let sql = "SELECT id FROM sessions WHERE expires_at >= ? AND expires_at <= ?";
    let rows = db.query_all_raw(statement(db, sql, [from.into(), to.into()])).await.map_err(failure)?;
    rows.iter().map(|row| row.try_get_by_index(0).map(SessionId).map_err(failure)).collect()
}

/// And the tickets that nobody can use any more. Indexes: `sessions_by_revocation`, `sessions_by_expiry`, the key of the tickets.
pub(crate) async fn forget_sessions(tx: &mut Tx, ended_before: i64, now: i64) -> StoreResult<u64> {
    let sql = "DELETE FROM sessions WHERE revoked_at < ? OR expires_at < ?";
    let values = [ended_before.into(), ended_before.into()];
    let forgotten = tx.db.execute_raw(statement(&tx.db, sql, values)).await.map_err(failure)?.rows_affected();
    let ended = spent_tickets::Column::EndsAt.lt(now - KEEP_TICKETS);
    spent_tickets::Entity::delete_many().filter(ended).exec(&tx.db).await.map_err(failure)?;
    if Entity::find().limit(1).one(&tx.db).await.map_err(failure)?.is_some() {
        tx.want_job(JobKind::ForgetSessions, NEXT_LOOK).await?;
    }
    Ok(forgotten)
}

pub(crate) async fn touch_sessions(tx: &mut Tx, seen: Vec<(SessionId, i64)>) -> StoreResult<()> {
    let later = "sessions.last_seen < v.column2";
    touch(tx, "sessions", later, seen.into_iter().map(|(id, at)| (id.0, at)).collect()).await
}

pub(crate) async fn set_password(
    tx: &mut Tx,
    id: i64,
    (hash, proved): (String, Option<String>),
    keep: Option<SessionId>,
    now: i64,
) -> StoreResult<Vec<SessionId>> {
    if let Some(proved) = proved {
        users::check_password(tx, id, &proved).await?;
    }
    users::set_hash(tx, id, hash).await?;
    revoke_sessions(tx, id, keep, now).await
}

pub(crate) async fn deactivate_user(tx: &mut Tx, id: i64, by: i64, now: i64) -> StoreResult<Vec<SessionId>> {
    users::deactivate(tx, id, by, now).await?;
    revoke_sessions(tx, id, None, now).await
}
