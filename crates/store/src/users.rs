//! Accounts. Their sessions are in `sessions`, their seats in `members`.

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use chinwag_domain::{
    avatar_records::Avatar,
    ports::{Committed, StoreError, StoreResult},
    records::{Author, Counts, LOBBY, NewUser, ProfileChange, UserRecord},
    views,
};
use chinwag_proto::{Role, RoomKind, SystemEvent, User};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, Value,
    sea_query::OnConflict,
};

use crate::{
    columns::Entire,
    dialect::{NOWHERE, ROWS, contains, repeat, statement},
    engine::{set_rows, words},
    entity::{meta, rooms, users},
    error::{broken_unique, damaged, failure},
    holds,
    members::{Entry, change_role, enter},
    tx::{Counter, Tx},
};

impl From<users::Model> for UserRecord {
    fn from(user: users::Model) -> Self {
        Self {
            id: user.id,
            username: user.username.into(),
            email: user.email,
            display_name: user.display_name,
            bio: user.bio,
            status_text: user.status_text,
            avatar: user.avatar.as_deref().and_then(Avatar::of_word),
            locale: user.locale,
            theme: user.theme,
            is_admin: user.is_admin,
            password_hash: user.password_hash,
            created_at: user.created_at,
            last_seen: user.last_seen,
            deactivated_at: user.deactivated_at,
        }
    }
}

/// Where the secret is kept that signs, in base64.
pub(crate) const TOKEN_SECRET: &str = "token_secret";
/// Where the secret of the set-up link is kept until it is used.
const SETUP_SECRET: &str = "setup_secret";

fn search_key(username: &str, display_name: &str) -> String {
    format!("{username}\n{display_name}").to_lowercase()
}

/// Which of the unique keys it was.
fn taken(error: DbErr) -> StoreError {
    match broken_unique(&error) {
        Some(columns) if columns.contains("email_key") => StoreError::EmailTaken,
        Some(columns) if columns.contains("username_key") || columns.contains("look_key") => StoreError::UsernameTaken,
        _ => failure(error),
    }
}

pub(crate) async fn clock_ms(db: &impl ConnectionTrait) -> StoreResult<i64> {
    let sql = format!("SELECT {}", words(db).clock());
    let row = db.query_one_raw(statement(db, &sql, [])).await.map_err(failure)?;
    row.ok_or_else(|| damaged("it does not know the time"))?.try_get_by_index(0).map_err(failure)
}

pub(crate) async fn server_name(db: &impl ConnectionTrait) -> StoreResult<Option<String>> {
    let row = meta::Entity::find_by_id("server_name").one(db).await.map_err(failure)?;
    Ok(row.map(|row| row.value))
}

pub(crate) async fn setup_secret(tx: &mut Tx, fresh: String) -> StoreResult<Option<String>> {
    if admin_exists(&tx.db).await? { Ok(None) } else { first_of(tx, SETUP_SECRET, fresh).await.map(Some) }
}

pub(crate) async fn token_secret(tx: &mut Tx, fresh: [u8; 32]) -> StoreResult<[u8; 32]> {
    let kept = first_of(tx, TOKEN_SECRET, BASE64.encode(fresh)).await?;
    let secret = BASE64.decode(kept).ok().and_then(|bytes| bytes.try_into().ok());
    secret.ok_or_else(|| damaged("the secret that signs the access tokens is not 32 bytes"))
}

/// What the first wrote who had something for this key, whoever that was.
async fn first_of(tx: &Tx, key: &str, fresh: String) -> StoreResult<String> {
    let row = meta::ActiveModel { key: Set(key.to_owned()), value: Set(fresh) };
    let there = OnConflict::column(meta::Column::Key).do_nothing_on([meta::Column::Key]).to_owned();
    meta::Entity::insert(row).on_conflict(there).exec_without_returning(&tx.db).await.map_err(failure)?;
    let row = meta::Entity::find_by_id(key).one(&tx.db).await.map_err(failure)?;
    row.map(|row| row.value).ok_or_else(|| damaged("a fact of the server vanished within a transaction"))
}

/// Index: `users_administrators`, whose condition it must repeat word for word.
pub(crate) async fn admin_exists(db: &impl ConnectionTrait) -> StoreResult<bool> {
    let sql = "SELECT 1 FROM users WHERE is_admin AND deactivated_at IS NULL LIMIT 1";
    Ok(db.query_one_raw(statement(db, sql, [])).await.map_err(failure)?.is_some())
}

#[derive(FromQueryResult)]
struct CountRow {
    users: i64,
    rooms: i64,
    messages: i64,
}

pub(crate) async fn counts(db: &impl ConnectionTrait) -> StoreResult<Counts> {
    let sql = format!(
        "SELECT (SELECT count(*) FROM users WHERE deactivated_at IS NULL) AS users, count(*) AS rooms, \
               {} AS messages FROM rooms WHERE deleted_at IS NULL",
        words(db).whole("coalesce(sum(message_count), 0)")
    );
    let row = CountRow::find_by_statement(statement(db, &sql, [])).one(db).await.map_err(failure)?;
    Ok(row.map_or_else(Counts::default, |row| Counts { users: row.users, rooms: row.rooms, messages: row.messages }))
}

pub(crate) async fn create_user(tx: &mut Tx, user: NewUser) -> StoreResult<UserRecord> {
    let id = tx.next_of(Counter::Users).await?;
    create(tx, id, user, false).await
}

pub(crate) async fn create_first_admin(
    tx: &mut Tx,
    user: NewUser,
    server_name: Option<String>,
    secret: String,
) -> StoreResult<UserRecord> {
    // Whoever has the counter is alone in making an account: no other becomes the first while this looks.
    let id = tx.next_of(Counter::Users).await?;
    let held =
        meta::Entity::delete_many().filter(meta::Column::Key.eq(SETUP_SECRET)).filter(meta::Column::Value.eq(secret));
    if held.exec(&tx.db).await.map_err(failure)?.rows_affected == 0 || admin_exists(&tx.db).await? {
        return Err(StoreError::Spent);
    }
    if let Some(value) = server_name {
        let fact = meta::ActiveModel { key: Set("server_name".into()), value: Set(value) };
        let or_update = OnConflict::column(meta::Column::Key).update_column(meta::Column::Value).to_owned();
        let insert = meta::Entity::insert(fact).on_conflict(or_update);
        insert.exec_without_returning(&tx.db).await.map_err(failure)?;
    }
    create(tx, id, NewUser { is_admin: true, ..user }, true).await
}

async fn create(tx: &mut Tx, id: i64, user: NewUser, owns_lobby: bool) -> StoreResult<UserRecord> {
    let row = users::ActiveModel {
        id: Set(id),
        search_key: Set(search_key(&user.username, "")),
        username: Set(user.username.clone()),
        username_key: Set(user.username_key),
        email: Set(user.email),
        email_key: Set(user.email_key),
        display_name: Set(String::new()),
        bio: Set(String::new()),
        status_text: Set(String::new()),
        locale: Set(None),
        theme: Set(None),
        is_admin: Set(user.is_admin),
        password_hash: Set(user.password_hash),
        created_at: Set(user.created_at),
        last_seen: Set(None),
        deactivated_at: Set(None),
        version: Set(0),
        look_key: Set(Some(user.look_key)),
        avatar: Set(user.avatar.as_ref().map(Avatar::word)),
    };
    users::Entity::insert(row).exec_without_returning(&tx.db).await.map_err(taken)?;
    holds::rooms(&tx.db, &[LOBBY]).await?;
    let lobby = rooms::Entity::find_by_id(LOBBY).one(&tx.db).await.map_err(failure)?;
    if let Some(mut lobby) = lobby.filter(|lobby| lobby.deleted_at.is_none()) {
        let who = Author { user_id: id, username: user.username.into() };
        let role = if owns_lobby || lobby.member_count == 0 { Role::Owner } else { Role::Member };
        enter(
            tx,
            &mut lobby,
            Entry { who: &who, role, event: SystemEvent::UserJoined, actor_id: None, now: user.created_at },
        )
        .await?;
        tx.save_room(&lobby).await?;
    }
    get(tx, id).await
}

async fn get(tx: &Tx, id: i64) -> StoreResult<UserRecord> {
    find_user(&tx.db, id).await?.ok_or(StoreError::NotFound)
}

pub(crate) async fn find_user(db: &impl ConnectionTrait, id: i64) -> StoreResult<Option<UserRecord>> {
    Ok(users::Entity::find_by_id(id).one(db).await.map_err(failure)?.map(Into::into))
}

pub(crate) async fn find_users(db: &impl ConnectionTrait, ids: &[i64]) -> StoreResult<Vec<UserRecord>> {
    let mut found = Vec::with_capacity(ids.len());
    for ids in ids.chunks(1_000) {
        let rows = users::Entity::find()
            .filter(users::Column::Id.is_in(ids.iter().copied()))
            .all(db)
            .await
            .map_err(failure)?;
        found.extend(rows.into_iter().map(UserRecord::from));
    }
    Ok(found)
}

/// Indexes: the unique keys. A name that looks like somebody's address is still a name first.
pub(crate) async fn find_user_by_login(db: &impl ConnectionTrait, key: &str) -> StoreResult<Option<UserRecord>> {
    if key.contains(NOWHERE) {
        return Ok(None);
    }
    for column in [users::Column::UsernameKey, users::Column::EmailKey] {
        if let Some(user) = users::Entity::find().filter(column.eq(key)).one(db).await.map_err(failure)? {
            return Ok(Some(user.into()));
        }
    }
    Ok(None)
}

/// Index: the unique look.
pub(crate) async fn find_user_by_look(db: &impl ConnectionTrait, look: &str) -> StoreResult<Option<UserRecord>> {
    if look.contains(NOWHERE) {
        return Ok(None);
    }
    let user = users::Entity::find().filter(users::Column::LookKey.eq(look)).one(db).await.map_err(failure)?;
    Ok(user.map(Into::into))
}

pub(crate) async fn find_members_by_name(
    db: &impl ConnectionTrait,
    room_id: i64,
    keys: &[&str],
) -> StoreResult<Vec<(String, i64)>> {
    let mut found = Vec::with_capacity(keys.len());
    for keys in keys.chunks(ROWS) {
        // Index: the unique name key.
        let sql = format!(
            "SELECT u.username_key, u.id FROM users u JOIN members m ON m.user_id = u.id AND m.room_id = ? \
             WHERE u.deactivated_at IS NULL AND u.username_key IN ({})",
            repeat("?", keys.len())
        );
        let values = std::iter::once(Value::from(room_id)).chain(keys.iter().map(|key| (*key).into()));
        for row in db.query_all_raw(statement(db, &sql, values)).await.map_err(failure)? {
            found.push((row.try_get_by_index(0).map_err(failure)?, row.try_get_by_index(1).map_err(failure)?));
        }
    }
    Ok(found)
}

pub(crate) async fn search_users(
    db: &impl ConnectionTrait,
    query: &str,
    after: i64,
    limit: usize,
) -> StoreResult<Vec<UserRecord>> {
    let sql = format!(
        "SELECT {} FROM users u WHERE u.id > ? AND u.deactivated_at IS NULL AND u.search_key LIKE ? ESCAPE '!' \
         ORDER BY u.id LIMIT ?",
        users::Model::select("u")
    );
    let values = [after.into(), contains(&query.to_lowercase()).into(), (limit as i64).into()];
    let rows = users::Entity::find().from_raw_sql(statement(db, &sql, values)).all(db).await.map_err(failure)?;
    Ok(rows.into_iter().map(UserRecord::from).collect())
}

pub(crate) async fn update_user(tx: &mut Tx, id: i64, by: i64, change: ProfileChange) -> StoreResult<UserRecord> {
    // Of two who change it at the same time, each changes what the one before it has left.
    holds::users(&tx.db, "id = ?", [id.into()]).await?;
    check_rights(tx, id, by).await?;
    let user = users::Entity::find_by_id(id).one(&tx.db).await.map_err(failure)?.ok_or(StoreError::NotFound)?;
    let before = views::profile(&user.clone().into());
    let display_name = change.display_name.unwrap_or(user.display_name);
    let (email, email_key) = change.email.unwrap_or((user.email, user.email_key));
    let row = users::ActiveModel {
        id: Set(id),
        search_key: Set(search_key(&user.username, &display_name)),
        display_name: Set(display_name),
        bio: Set(change.bio.unwrap_or(user.bio)),
        status_text: Set(change.status_text.unwrap_or(user.status_text)),
        locale: Set(change.locale.or(user.locale)),
        theme: Set(change.theme.or(user.theme)),
        email: Set(email),
        email_key: Set(email_key),
        ..Default::default()
    };
    let updated = users::Entity::update(row).exec(&tx.db).await.map_err(taken)?.into();
    tell_profile(tx, before, &updated);
    Ok(updated)
}

/// Tells how others see a person, where that changed.
pub(crate) fn tell_profile(tx: &mut Tx, before: User, now: &UserRecord) {
    let profile = views::profile(now);
    if profile != before {
        tx.changes.push(Committed::Profile(Box::new(profile)));
    }
}

pub(crate) async fn set_admin(tx: &mut Tx, id: i64, is_admin: bool) -> StoreResult<()> {
    if !is_admin {
        keep_an_admin(tx, id).await?;
    }
    let sql = "UPDATE users SET is_admin = ?, version = version + 1 WHERE id = ?";
    changed_one(tx, sql, [is_admin.into(), id.into()]).await
}

pub(crate) async fn set_hash(tx: &Tx, id: i64, hash: String) -> StoreResult<()> {
    changed_one(tx, "UPDATE users SET password_hash = ? WHERE id = ?", [hash.into(), id.into()]).await
}

/// Whether the password that somebody has shown, by its hash, is still the one that opens this account: it took a while to find out.
/// From here on nobody changes it before this transaction ends.
pub(crate) async fn check_password(tx: &Tx, id: i64, proved: &str) -> StoreResult<()> {
    holds::users(&tx.db, "id = ?", [id.into()]).await?;
    let sql = "SELECT 1 FROM users WHERE id = ? AND password_hash = ? AND deactivated_at IS NULL";
    match tx.db.query_one_raw(statement(&tx.db, sql, [id.into(), proved.into()])).await.map_err(failure)? {
        Some(_) => Ok(()),
        None => Err(StoreError::Stale),
    }
}

/// One's own account, or anybody's for who administers the server at this moment: what was known before the transaction may have
/// been taken from them by another.
pub(crate) async fn check_rights(tx: &Tx, id: i64, by: i64) -> StoreResult<()> {
    if id == by {
        return Ok(());
    }
    let sql = "SELECT 1 FROM users WHERE id = ? AND is_admin AND deactivated_at IS NULL";
    match tx.db.query_one_raw(statement(&tx.db, sql, [by.into()])).await.map_err(failure)? {
        Some(_) => Ok(()),
        None => Err(StoreError::Stale),
    }
}

/// Whether this is the only administrator who is left. Index: `users_administrators`.
const LAST_ADMIN: &str = "SELECT 1 FROM users u WHERE u.id = ? AND u.is_admin AND u.deactivated_at IS NULL \
     AND NOT EXISTS (SELECT 1 FROM users o WHERE o.is_admin AND o.deactivated_at IS NULL AND o.id <> u.id)";
/// The rooms that would be left to others without an owner. Indexes: `members_by_user`, `members_by_role`.
const LAST_OWNER: &str = "FROM members m JOIN users u ON u.id = m.user_id AND u.deactivated_at IS NULL \
     JOIN rooms r ON r.id = m.room_id AND r.deleted_at IS NULL AND r.kind = ? WHERE m.user_id = ? AND m.role = ? \
     AND EXISTS (SELECT 1 FROM members o WHERE o.room_id = m.room_id AND o.user_id <> m.user_id AND NOT o.deactivated) \
     AND NOT EXISTS (SELECT 1 FROM members o WHERE o.room_id = m.room_id AND o.role = m.role AND o.user_id <> m.user_id \
     AND NOT o.deactivated)";
/// Who has the most to say in a room besides somebody, and has been there longest. Index: `members_by_role`.
const HEIR: &str = "SELECT p.id, p.username FROM members o JOIN users p ON p.id = o.user_id \
     WHERE o.room_id = ? AND o.user_id <> ? AND NOT o.deactivated ORDER BY o.role DESC, o.joined_at, o.user_id LIMIT 1";

async fn keep_an_admin(tx: &Tx, id: i64) -> StoreResult<()> {
    holds::users(&tx.db, "is_admin AND deactivated_at IS NULL", []).await?;
    match tx.db.query_one_raw(statement(&tx.db, LAST_ADMIN, [id.into()])).await.map_err(failure)? {
        Some(_) => Err(StoreError::LastAdmin),
        None => Ok(()),
    }
}

pub(crate) async fn deactivate(tx: &mut Tx, id: i64, by: i64, now: i64) -> StoreResult<()> {
    holds::owned_rooms(&tx.db, id).await?;
    holds::users(&tx.db, "id = ? OR is_admin AND deactivated_at IS NULL", [id.into()]).await?;
    // Whoever made them an owner meanwhile had the account for themselves, and no other does from here on.
    holds::owned_rooms(&tx.db, id).await?;
    check_rights(tx, id, by).await?;
    keep_an_admin(tx, id).await?;
    let values = [Value::from(RoomKind::Room as i32), id.into(), (Role::Owner as i32).into()];
    let orphans = format!("SELECT {} {LAST_OWNER}", rooms::Model::select("r"));
    let orphans = rooms::Entity::find().from_raw_sql(statement(&tx.db, &orphans, values));
    let orphans = orphans.all(&tx.db).await.map_err(failure)?;
    if by == id && !orphans.is_empty() {
        return Err(StoreError::LastOwner);
    }
    // An administrator need not see a room to close its owner's account: it goes to whoever is next.
    for room in orphans {
        hand_on(tx, room, id, by, now).await?;
    }
    // Index: `members_by_user`.
    let seats = "UPDATE members SET deactivated = TRUE WHERE user_id = ?";
    tx.db.execute_raw(statement(&tx.db, seats, [id.into()])).await.map_err(failure)?;
    changed_one(
        tx,
        "UPDATE users SET deactivated_at = coalesce(deactivated_at, ?), version = version + 1 WHERE id = ?",
        [now.into(), id.into()],
    )
    .await
}

async fn hand_on(tx: &mut Tx, mut room: rooms::Model, from: i64, by: i64, now: i64) -> StoreResult<()> {
    let heir = tx.db.query_one_raw(statement(&tx.db, HEIR, [room.id.into(), from.into()])).await.map_err(failure)?;
    let heir = heir.ok_or_else(|| damaged("the others of a room vanished within a transaction"))?;
    let name: String = heir.try_get_by_index(1).map_err(failure)?;
    let heir = Author { user_id: heir.try_get_by_index(0).map_err(failure)?, username: name.into() };
    change_role(tx, &mut room, &heir, Role::Owner, by, now).await?;
    tx.save_room(&room).await
}

async fn changed_one(tx: &Tx, sql: &str, values: [Value; 2]) -> StoreResult<()> {
    match tx.db.execute_raw(statement(&tx.db, sql, values)).await.map_err(failure)?.rows_affected() {
        0 => Err(StoreError::NotFound),
        _ => Ok(()),
    }
}

pub(crate) async fn touch_users(tx: &mut Tx, seen: Vec<(i64, i64)>) -> StoreResult<()> {
    touch(tx, "users", "coalesce(users.last_seen, 0) < v.column2", seen).await
}

/// Notes when rows of the table were last seen, by id, where that is `later` than what they say. Where an id comes twice the newest
/// wins.
pub(crate) async fn touch(tx: &Tx, table: &str, later: &str, mut seen: Vec<(i64, i64)>) -> StoreResult<()> {
    seen.sort_unstable_by_key(|(id, at)| (*id, std::cmp::Reverse(*at)));
    seen.dedup_by_key(|(id, _)| *id);
    for seen in seen.chunks(ROWS) {
        let sql = set_rows(&tx.db, table, (&["id"], &["last_seen"]), seen.len(), later);
        let values = seen.iter().flat_map(|(id, at)| [Value::from(*id), (*at).into()]);
        tx.db.execute_raw(statement(&tx.db, &sql, values)).await.map_err(failure)?;
    }
    Ok(())
}
