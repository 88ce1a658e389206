//! Logins: making them, proving them, ending them. Accounts themselves are in `users`.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use chinwag_proto::{CloseCode, ErrorCode, User, limits};
use moka::sync::Cache;
use parking_lot::Mutex;

use crate::{
    Actor, CACHE_TTL, Chat, Result, SessionId,
    ports::{StoreError, random_bytes},
    records::{Holder, NewSession, Rotation, SecretHash, SessionRecord, ShownRefresh, UserRecord},
    text,
    tokens::{self, Ticket},
    views::{self, Privacy},
};

/// Life of a ticket for the socket.
const TICKET_TTL: Duration = Duration::from_secs(30);
const DEVICE_CHARS: usize = 200;
/// For so long after a refresh its device may show the spent token again.
const REFRESH_GRACE: Duration = Duration::from_secs(10);
/// How long an ended session is kept, so that a stolen refresh token is still known for one.
const KEEP_ENDED: Duration = Duration::from_secs(30 * 24 * 3_600);
/// For so long after it was seen, each look ends a revoked session again: who had found it good just before, or believed what was
/// remembered, may have come with a socket since.
const ENDED_AGAIN: Duration = CACHE_TTL.saturating_mul(2);

/// What this node remembers of logins.
#[derive(Debug)]
pub struct Sessions {
    actors: Cache<SessionId, (Actor, i64)>,
    cookies: Cache<SecretHash, SessionId>,
    /// Sessions used since the last flush, and when.
    touched: Mutex<HashMap<SessionId, i64>>,
    ends: Mutex<Ends>,
}

/// What is known of the ends of sessions. Revocations are followed by their number, for those who give their times are several, with a
/// clock each; what runs out does so by this node's clock, by which it was let in, too.
#[derive(Clone, Debug, Default)]
struct Ends {
    revocation: i64,
    ran_out: i64,
    /// Those that were seen lately, and when.
    revoked: Vec<(Instant, SessionId)>,
}

impl Default for Sessions {
    fn default() -> Self {
        let cache = || Cache::builder().max_capacity(100_000);
        Self {
            actors: cache().time_to_live(CACHE_TTL).build(),
            cookies: Cache::builder().max_capacity(100_000).time_to_live(CACHE_TTL).build(),
            touched: Mutex::default(),
            ends: Mutex::default(),
        }
    }
}

impl Sessions {
    /// The session is over.
    pub(crate) fn forget(&self, id: SessionId) {
        self.actors.invalidate(&id);
    }
}

/// Where a login comes from, as the edge saw it.
#[derive(Clone, Debug, Default)]
pub struct Client {
    /// The client's own description (User-Agent).
    pub device: String,
    pub address: String,
}

impl Client {
    /// The description as it is kept.
    fn device(&self) -> String {
        self.device.chars().filter(|c| !c.is_control()).take(DEVICE_CHARS).collect()
    }
}

/// What a login gives.
#[derive(Clone, Debug)]
pub struct Login {
    pub user: User,
    pub session: SessionId,
    /// The access token and its end.
    pub token: String,
    pub expires_at: i64,
    pub refresh_token: String,
    /// For the browser's cookie, with its end.
    pub cookie: String,
    pub session_expires_at: i64,
    pub issued_at: i64,
}

/// A proof of identity as it arrived.
#[derive(Clone, Copy, Debug)]
pub enum Credential<'a> {
    Bearer(&'a str),
    Cookie(&'a str),
    Ticket(&'a str),
}

/// Checks name (or e-mail) and password, and opens a session. The answer and its time are the same for an unknown name
/// and a wrong password.
pub async fn log_in(chat: &Chat, name: &str, password: String, client: Client) -> Result<Login> {
    let typed = login_key(name);
    let found = chat.store.find_user_by_login(&typed).await?;
    // By name and by address it is one account, and one budget.
    let key = found.as_ref().map_or(typed, |user| text::name_key(&user.username));
    let found = found.filter(|user| user.deactivated_at.is_none());
    let hash = found.as_ref().map(|user| user.password_hash.clone());
    let right = prove(chat, &key, &client.address, password, hash).await?;
    let opened = match found {
        Some(user) if right => open(chat, &user, &client).await?,
        _ => None,
    };
    opened.ok_or_else(|| {
        tracing::info!(address = client.address, "a login was refused");
        ErrorCode::BadCredentials.into()
    })
}

/// What is looked for: of what is longer than any name or address, so much that nobody has it. It is remembered for a while.
fn login_key(typed: &str) -> String {
    text::name_key(&typed.trim().chars().take(limits::EMAIL_BYTES + 1).collect::<String>())
}

/// Whether the password is the one behind `hash`, within the budget for guessing.
pub(crate) async fn prove(
    chat: &Chat,
    key: &str,
    address: &str,
    password: String,
    hash: Option<String>,
) -> Result<bool> {
    chat.throttle.check(&*chat.store, key, address).await?;
    let slot = chat.passwords.slot().await?;
    // Others may have guessed while this one waited for its slot: it need not cost a hash.
    chat.throttle.check(&*chat.store, key, address).await?;
    let (right, slot) = chat.passwords.verify(slot, password, hash).await?;
    drop(slot);
    // Others may have guessed meanwhile, on this node or another: what is told of a password is within the budget.
    chat.throttle.settle(&*chat.store, (key, address), right).await?;
    Ok(right)
}

/// Opens a session for an account that has proved itself; none where its password was changed meanwhile.
async fn open(chat: &Chat, user: &UserRecord, client: &Client) -> Result<Option<Login>> {
    let opening = Opening::new(chat, client.clone())?;
    let (proved, session) = (user.password_hash.clone(), opening.session.clone());
    let replaced = match chat.store.create_session(user.id, proved, session, limits::SESSIONS).await {
        Err(StoreError::Stale) => return Ok(None),
        opened => opened?,
    };
    if !replaced.is_empty() {
        tracing::info!(user_id = user.id, "an account has too many logins; the one unused for longest was ended");
        end(chat, &replaced, CloseCode::Replaced);
    }
    opening.login(chat, user).map(Some)
}

/// A session before it is stored, with the secrets of which only the hashes will be. Whatever makes an account and logs it in
/// stores both in one transaction.
pub(crate) struct Opening {
    pub(crate) session: NewSession,
    cookie: String,
    refresh_token: String,
}

impl Opening {
    pub(crate) fn new(chat: &Chat, client: Client) -> Result<Self> {
        let now = chat.now();
        let cookie = tokens::new_secret();
        let id = SessionId(i64::from_be_bytes(random_bytes()));
        let refresh_token = chat.tokens.first_refresh(id)?;
        let session = NewSession {
            id,
            cookie_hash: tokens::hash_secret(&cookie),
            refresh_hash: tokens::hash_secret(&refresh_token),
            device: client.device(),
            address: client.address,
            created_at: now,
            expires_at: now + millis(chat.settings.session_ttl),
        };
        Ok(Self { session, cookie, refresh_token })
    }

    /// What the account is given once the session is stored.
    pub(crate) fn login(self, chat: &Chat, user: &UserRecord) -> Result<Login> {
        let Self { session, cookie, refresh_token } = self;
        let (token, expires_at) = access_token(chat, user.id, session.id, session.expires_at)?;
        Ok(Login {
            user: views::user(user, Privacy::Own, chat.publisher.as_ref()),
            session: session.id,
            token,
            expires_at,
            refresh_token,
            cookie,
            session_expires_at: session.expires_at,
            issued_at: session.created_at,
        })
    }
}

/// A token and its end, which is not after that of its session.
fn access_token(chat: &Chat, user_id: i64, session: SessionId, session_expires_at: i64) -> Result<(String, i64)> {
    let now = chat.now();
    let expires_at = (now + millis(chat.settings.token_ttl)).min(session_expires_at);
    Ok((chat.tokens.sign(tokens::Access { user_id, session }, now, expires_at)?, expires_at))
}

fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX / 4)
}

/// A new access token for the session that is asking.
pub async fn renew(chat: &Chat, actor: &Actor) -> Result<(String, i64)> {
    let id = actor.session.ok_or(ErrorCode::Unauthorized)?;
    let session = chat.store.find_session(id).await?.ok_or(ErrorCode::SessionEnded)?;
    access_token(chat, session.user_id, session.id, session.expires_at)
}

/// Exchanges a refresh token: (access token, its end, the next refresh token). One that was used before is a stolen one:
/// its session ends. Only the session's own device may show it again for a moment, and is given the same next one.
pub async fn refresh(chat: &Chat, refresh_token: &str, client: Client) -> Result<(String, i64, String)> {
    let next = chat.tokens.refresh_after(refresh_token)?;
    let shown = ShownRefresh {
        hash: tokens::hash_secret(refresh_token),
        session: chat.tokens.refreshed_session(refresh_token),
        next_hash: tokens::hash_secret(&next),
        device: client.device(),
        address: client.address,
        now: chat.now(),
        grace: millis(REFRESH_GRACE),
    };
    match chat.store.rotate_refresh(shown).await? {
        Rotation::Rotated(session) => {
            let (token, expires_at) = access_token(chat, session.user_id, session.id, session.expires_at)?;
            Ok((token, expires_at, next))
        }
        Rotation::Reused(session) => {
            tracing::warn!(user_id = session.user_id, "a refresh token was used twice; its session has been ended");
            ended(chat, &[session.id]);
            Err(ErrorCode::SessionEnded.into())
        }
        Rotation::Unknown => Err(ErrorCode::Unauthorized.into()),
    }
}

/// Who is behind a credential.
pub async fn authenticate(chat: &Chat, credential: Credential<'_>) -> Result<Actor> {
    let id = match credential {
        Credential::Bearer(token) => chat.tokens.read(token, chat.now())?.session,
        Credential::Ticket(ticket) => redeem_ticket(chat, ticket).await?,
        Credential::Cookie(secret) => {
            let hash = tokens::hash_secret(secret);
            match chat.sessions.cookies.get(&hash) {
                Some(id) => id,
                None => {
                    let found = chat.store.find_session_by_cookie(hash).await?;
                    let id = found.ok_or(ErrorCode::Unauthorized)?.id;
                    chat.sessions.cookies.insert(hash, id);
                    id
                }
            }
        }
    };
    current(chat, id).await
}

async fn current(chat: &Chat, id: SessionId) -> Result<Actor> {
    let now = chat.now();
    let (actor, expires_at) = match chat.sessions.actors.get(&id) {
        // They may do what no transaction looks at again: see everybody's address, change a profile.
        Some((actor, _)) if actor.is_admin => load(chat, id, now).await?,
        Some(known) => known,
        None => load(chat, id, now).await?,
    };
    if expires_at <= now { Err(ErrorCode::SessionEnded.into()) } else { Ok(actor) }
}

async fn load(chat: &Chat, id: SessionId, now: i64) -> Result<(Actor, i64)> {
    let Holder { user_id, username, is_admin, expires_at } =
        chat.store.find_holder(id).await?.ok_or(ErrorCode::SessionEnded)?;
    let actor = Actor { user_id, username, is_admin, session: Some(id), socket: None };
    chat.sessions.actors.insert(id, (actor.clone(), expires_at));
    chat.sessions.touched.lock().insert(id, now);
    Ok((actor, expires_at))
}

/// A single-use ticket for the socket: (ticket, its end).
pub fn issue_ticket(chat: &Chat, actor: &Actor) -> Result<(String, i64)> {
    let id = actor.session.ok_or(ErrorCode::Unauthorized)?;
    let ends_at = chat.now() + millis(TICKET_TTL);
    Ok((chat.tokens.ticket(id, ends_at)?, ends_at))
}

/// Whose ticket it is: once, and not after its end.
async fn redeem_ticket(chat: &Chat, ticket: &str) -> Result<SessionId> {
    let ticket = chat.tokens.read_ticket(ticket).filter(|ticket| chat.now() < ticket.ends_at);
    let Ticket { session, ends_at, hash } = ticket.ok_or(ErrorCode::Unauthorized)?;
    match chat.store.spend_ticket(hash, ends_at).await {
        Ok(()) => Ok(session),
        Err(StoreError::Spent) => Err(ErrorCode::Unauthorized.into()),
        Err(other) => Err(other.into()),
    }
}

/// One's own sessions, newest first.
pub async fn list(chat: &Chat, actor: &Actor) -> Result<Vec<SessionRecord>> {
    Ok(chat.store.list_sessions(actor.user_id, chat.now()).await?)
}

/// Ends the session that is asking.
pub async fn log_out(chat: &Chat, actor: &Actor) -> Result<()> {
    if let Some(id) = actor.session {
        chat.store.revoke_session(actor.user_id, id, chat.now()).await?;
        ended(chat, &[id]);
    }
    Ok(())
}

/// Ends one of one's own sessions.
pub async fn revoke(chat: &Chat, actor: &Actor, id: SessionId) -> Result<()> {
    if !chat.store.revoke_session(actor.user_id, id, chat.now()).await? {
        return Err(ErrorCode::SessionNotFound.into());
    }
    ended(chat, &[id]);
    Ok(())
}

/// Ends all of one's sessions but this one.
pub async fn revoke_others(chat: &Chat, actor: &Actor) -> Result<()> {
    let revoked = chat.store.revoke_sessions(actor.user_id, actor.session, chat.now()).await?;
    ended(chat, &revoked);
    Ok(())
}

/// Forgets the sessions here and closes their sockets. Their cookies lead to `actors`, which no longer knows them.
pub(crate) fn ended(chat: &Chat, sessions: &[SessionId]) {
    end(chat, sessions, CloseCode::SessionEnded);
}

fn end(chat: &Chat, sessions: &[SessionId], code: CloseCode) {
    for id in sessions {
        chat.sessions.forget(*id);
    }
    chat.publisher.end_sessions(sessions, code);
}

/// Follows the ends of sessions from here on. Called before anybody comes.
pub async fn watch_ends(chat: &Chat) -> Result<()> {
    let revocation = chat.store.newest_revocation().await?;
    *chat.sessions.ends.lock() = Ends { revocation, ran_out: chat.now(), revoked: Vec::new() };
    Ok(())
}

/// Closes the sockets of sessions that ran out, or that another process ended. Called every few seconds, by one task; after a failure the
/// next call asks for the same stretch again.
pub async fn close_ended(chat: &Chat) -> Result<()> {
    let Ends { mut revocation, ran_out, mut revoked } = chat.sessions.ends.lock().clone();
    let (now, seen) = (chat.now(), Instant::now());
    let newly = chat.store.sessions_revoked_after(revocation).await?;
    // A clock may be set back.
    let mut over = chat.store.sessions_that_ran_out(ran_out.min(now), now).await?;
    revocation = newly.last().map_or(revocation, |(number, _)| *number);
    revoked.retain(|(at, _)| seen.duration_since(*at) < ENDED_AGAIN);
    revoked.extend(newly.into_iter().map(|(_, id)| (seen, id)));
    over.extend(revoked.iter().map(|(_, id)| *id));
    for id in &over {
        chat.sessions.forget(*id);
    }
    if !over.is_empty() {
        chat.publisher.close_sessions(&over, CloseCode::SessionEnded);
    }
    *chat.sessions.ends.lock() = Ends { revocation, ran_out: now, revoked };
    Ok(())
}

/// Forgets sessions that ended long ago.
pub(crate) async fn forget_ended(chat: &Chat) -> Result<()> {
    let now = chat.now();
    let forgotten = chat.store.forget_sessions(now - millis(KEEP_ENDED), now).await?;
    tracing::debug!(forgotten, "sessions that ended long ago");
    Ok(())
}

/// Writes down when sessions were used. Called every few seconds.
pub async fn flush_touches(chat: &Chat) -> Result<()> {
    let touched = std::mem::take(&mut *chat.sessions.touched.lock());
    if touched.is_empty() {
        return Ok(());
    }
    Ok(chat.store.touch_sessions(touched.into_iter().collect()).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_is_called_takes_no_more_room_than_a_name() {
        for letter in ["x", "ﷺ"] {
            let key = login_key(&letter.repeat(80_000));
            assert!((limits::EMAIL_BYTES + 1..20_000).contains(&key.chars().count()), "{letter}");
        }
        assert_eq!(login_key("  Ann@Example.org "), "ann@example.org");
    }
}
