//! Accounts and sessions over HTTP.

use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use chinwag_domain::{
    SessionId,
    records::SessionRecord,
    sessions::{self, Login},
    users::{self, NewAccount},
};
use chinwag_proto::{DrawnAvatar, ErrorCode, User, json::format_time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::{Answer, Given, Json, Nothing, Path, Success, ok};
use crate::{
    AppState,
    auth::{Authenticated, Caller},
    error::{ApiError, Failure},
};

/// A new account.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Register {
    /// 1 to 32 letters and digits of any script, with _ - . between them; never changes.
    username: String,
    email: String,
    password: String,
    /// A picture to begin with.
    avatar: Option<DrawnAvatar>,
}

/// What a login gives: a token for scripts. A page of this server also gets its cookie.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LoggedIn {
    user: User,
    token: String,
    #[schema(format = DateTime)]
    expires_at: String,
    /// Gives the next token at /api/auth/refresh, once.
    refresh_token: String,
}

/// Answers with the login, and with the cookie where one of our own pages asked.
pub(super) fn logged_in(state: &AppState, request: &HeaderMap, login: Login) -> Response {
    let cookie = state.options.set_cookie(request, &login, login.issued_at);
    let data = LoggedIn {
        user: login.user,
        token: login.token,
        expires_at: format_time(login.expires_at),
        refresh_token: login.refresh_token,
    };
    let mut response = Given(data).into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    response
}

/// Make an account and log it in.
#[utoipa::path(post, path = "/api/auth/register", tag = "auth", security(()), request_body = Register, responses(
    (status = 200, body = Success<LoggedIn>), (status = 403, body = Failure), (status = 409, body = Failure),
    (status = 422, body = Failure), (status = 429, body = Failure)))]
pub(super) async fn register(
    State(state): State<AppState>,
    Caller(client): Caller,
    headers: HeaderMap,
    Json(body): Json<Register>,
) -> Result<Response, ApiError> {
    let account =
        NewAccount { username: body.username, email: body.email, password: body.password, avatar: body.avatar };
    let login = users::register(&state.chat, account, client).await?;
    Ok(logged_in(&state, &headers, login))
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct LogIn {
    /// The user name or the e-mail address.
    username: String,
    password: String,
}

/// Log in. One answer for an unknown name and a wrong password.
#[utoipa::path(post, path = "/api/auth/login", tag = "auth", security(()), request_body = LogIn, responses(
    (status = 200, body = Success<LoggedIn>), (status = 401, body = Failure), (status = 429, body = Failure)))]
pub(super) async fn login(
    State(state): State<AppState>,
    Caller(client): Caller,
    headers: HeaderMap,
    Json(body): Json<LogIn>,
) -> Result<Response, ApiError> {
    let login = sessions::log_in(&state.chat, &body.username, body.password, client).await?;
    Ok(logged_in(&state, &headers, login))
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(super) struct Refresh {
    /// Left out by a browser: its cookie is its credential.
    refresh_token: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Renewed {
    token: String,
    #[schema(format = DateTime)]
    expires_at: String,
    /// The next one; the one that was sent is spent. For ten seconds the same device gets this one for it again.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
}

/// A new access token, for a refresh token (which works once) or for the session that asks.
#[utoipa::path(post, path = "/api/auth/refresh", tag = "auth", security((), ("bearer" = []), ("cookie" = [])), request_body = Refresh, responses(
    (status = 200, body = Success<Renewed>), (status = 401, body = Failure)))]
pub(super) async fn refresh(
    State(state): State<AppState>,
    Caller(client): Caller,
    actor: Result<Authenticated, ApiError>,
    Json(body): Json<Refresh>,
) -> Answer<Renewed> {
    let (token, expires_at, refresh_token) = match body.refresh_token {
        Some(spent) => {
            let (token, expires_at, next) = sessions::refresh(&state.chat, &spent, client).await?;
            (token, expires_at, Some(next))
        }
        None => {
            let (token, expires_at) = sessions::renew(&state.chat, &actor?.0).await?;
            (token, expires_at, None)
        }
    };
    ok(Renewed { token, expires_at: format_time(expires_at), refresh_token })
}

/// End this session: its tokens, its cookie, its sockets.
#[utoipa::path(post, path = "/api/auth/logout", tag = "auth", responses((status = 200, body = Success<Nothing>), (status = 401, body = Failure)))]
pub(super) async fn logout(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
) -> Result<Response, ApiError> {
    sessions::log_out(&state.chat, &actor).await?;
    let mut response = ok(Nothing)?.into_response();
    response.headers_mut().insert(header::SET_COOKIE, state.options.clear_cookie());
    Ok(response)
}

/// Who am I.
#[utoipa::path(get, path = "/api/auth/userinfo", tag = "auth", responses((status = 200, body = Success<User>), (status = 401, body = Failure)))]
pub(super) async fn userinfo(State(state): State<AppState>, Authenticated(actor): Authenticated) -> Answer<User> {
    ok(users::get(&state.chat, &actor, actor.user_id).await?)
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct NewPassword {
    current_password: String,
    new_password: String,
}

/// Change one's password; all other sessions end.
#[utoipa::path(post, path = "/api/auth/password", tag = "auth", request_body = NewPassword, responses(
    (status = 200, body = Success<Nothing>), (status = 401, body = Failure), (status = 422, body = Failure), (status = 429, body = Failure)))]
pub(super) async fn password(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    Caller(client): Caller,
    Json(body): Json<NewPassword>,
) -> Answer<Nothing> {
    users::change_password(&state.chat, &actor, body.current_password, body.new_password, &client.address).await?;
    ok(Nothing)
}

/// A login of one's own.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Session {
    id: String,
    /// What the client said of itself.
    device: String,
    address: String,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(format = DateTime)]
    last_seen: String,
    /// The one that asks.
    current: bool,
}

fn session(record: &SessionRecord, current: Option<SessionId>) -> Session {
    Session {
        id: record.id.to_string(),
        device: record.device.clone(),
        address: record.address.clone(),
        created_at: format_time(record.created_at),
        last_seen: format_time(record.last_seen),
        current: current == Some(record.id),
    }
}

/// One's own sessions, newest first.
#[utoipa::path(get, path = "/api/auth/sessions", tag = "auth", responses((status = 200, body = Success<Vec<Session>>), (status = 401, body = Failure)))]
pub(super) async fn sessions(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
) -> Answer<Vec<Session>> {
    let records = sessions::list(&state.chat, &actor).await?;
    ok(records.iter().map(|record| session(record, actor.session)).collect())
}

/// End all of one's sessions but this one.
#[utoipa::path(delete, path = "/api/auth/sessions", tag = "auth", responses((status = 200, body = Success<Nothing>), (status = 401, body = Failure)))]
pub(super) async fn revoke_others(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
) -> Answer<Nothing> {
    sessions::revoke_others(&state.chat, &actor).await?;
    ok(Nothing)
}

/// End one of one's own sessions.
#[utoipa::path(delete, path = "/api/auth/sessions/{id}", tag = "auth", params(("id" = String, Path)), responses(
    (status = 200, body = Success<Nothing>), (status = 401, body = Failure), (status = 404, body = Failure)))]
pub(super) async fn revoke(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    Path(id): Path<String>,
) -> Answer<Nothing> {
    let id: SessionId = id.parse().map_err(|_| ErrorCode::SessionNotFound)?;
    sessions::revoke(&state.chat, &actor, id).await?;
    ok(Nothing)
}
