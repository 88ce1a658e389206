//! The server itself: what anybody may know, the first administrator, health, metrics.

use axum::{Extension, extract::State, http::HeaderMap, response::Response};
use chinwag_domain::{Error, setup, users::NewAccount};
use chinwag_proto::{ErrorCode, Sentence};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    answer::{Answer, Json, Success, ok},
    auth::{LoggedIn, logged_in},
};
use crate::{
    AppState,
    auth::{Authenticated, Caller, Peer, may_read_metrics},
    error::{ApiError, Failure},
};

/// Public facts of this server.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ServerFacts {
    pub name: String,
    /// Nobody has claimed the administrator's set-up link yet.
    pub setup_needed: bool,
    pub registration: RegistrationMode,
    /// Nicknames may talk in the lobby at /ws/lobby.
    pub guests: bool,
    pub password_policy: PolicyName,
    pub password_min: usize,
    pub people: i64,
    pub online: usize,
    /// Whether this request came with a session that holds: a page can ask without being refused.
    pub logged_in: bool,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum RegistrationMode {
    Open,
    Closed,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum PolicyName {
    Basic,
    Strong,
}

/// What a newcomer needs to know before logging in.
#[utoipa::path(get, path = "/api/server", tag = "server", security(()), responses((status = 200, body = Success<ServerFacts>)))]
pub(super) async fn facts(State(state): State<AppState>, who: Result<Authenticated, ApiError>) -> Answer<ServerFacts> {
    let facts = setup::facts(&state.chat).await?;
    ok(ServerFacts {
        name: facts.name,
        setup_needed: facts.setup_needed,
        registration: if facts.registration_open { RegistrationMode::Open } else { RegistrationMode::Closed },
        guests: facts.guests,
        password_policy: if facts.strong_passwords { PolicyName::Strong } else { PolicyName::Basic },
        password_min: facts.password_min,
        people: facts.people,
        online: facts.online,
        logged_in: who.is_ok(),
    })
}

/// The first administrator's account.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Setup {
    /// The fragment of the printed set-up link.
    token: String,
    username: String,
    email: String,
    password: String,
    server_name: Option<String>,
}

/// Claim the set-up link: makes the first administrator. Works once.
#[utoipa::path(post, path = "/api/setup", tag = "server", security(()), request_body = Setup, responses(
    (status = 200, body = Success<LoggedIn>), (status = 403, body = Failure), (status = 422, body = Failure)))]
pub(super) async fn setup(
    State(state): State<AppState>,
    Caller(client): Caller,
    headers: HeaderMap,
    Json(body): Json<Setup>,
) -> Result<Response, ApiError> {
    let account = NewAccount { username: body.username, email: body.email, password: body.password, avatar: None };
    let login = setup::claim(&state.chat, &body.token, account, body.server_name.as_deref(), client).await?;
    Ok(logged_in(&state, &headers, login))
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    status: &'static str,
    server: &'static str,
}

const HEALTHY: Health = Health { status: "ok", server: "chinwag" };

/// The process runs.
#[utoipa::path(get, path = "/health", tag = "server", security(()), responses((status = 200, body = Health)))]
pub(super) async fn health() -> axum::Json<Health> {
    axum::Json(HEALTHY)
}

/// The process runs and its runtime turns.
#[utoipa::path(get, path = "/health/live", tag = "server", security(()), responses((status = 200, body = Health)))]
pub(super) async fn live() -> axum::Json<Health> {
    axum::Json(HEALTHY)
}

/// The database answers and the server is not stopping.
#[utoipa::path(get, path = "/health/ready", tag = "server", security(()), responses(
    (status = 200, body = Health), (status = 503, body = Failure)))]
pub(super) async fn ready(State(state): State<AppState>) -> Result<axum::Json<Health>, ApiError> {
    if !state.readiness.is_ready() {
        return Err(Error::from(ErrorCode::Unavailable).with_message(Sentence::Stopping).into());
    }
    state.chat.ping().await?;
    Ok(axum::Json(HEALTHY))
}

/// Prometheus text. From loopback, or with the metrics token.
#[utoipa::path(get, path = "/metrics", tag = "server", security(("bearer" = []), ()), responses(
    (status = 200, body = String), (status = 404, body = Failure)))]
pub(super) async fn metrics(
    State(state): State<AppState>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
) -> Result<String, ApiError> {
    may_read_metrics(peer.map(|Extension(peer)| peer), &headers, &state.options)?;
    let handle = state.metrics.as_ref().ok_or(ErrorCode::NotFound)?;
    Ok(handle.render())
}
