//! What HTTP offers around the socket: tickets, figures, broadcasts. The socket itself is in `ws`.

use std::collections::BTreeMap;

use axum::extract::State;
use chinwag_domain::{messages, ports::Figures, presence, sessions};
use chinwag_proto::{ErrorCode, Message, json::format_time};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::{Answer, Json, Path, Succeeded, Success, ok};
use crate::{
    AppState,
    auth::Authenticated,
    error::{ApiError, Failure},
};

/// For `/ws?ticket=`.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Ticket {
    ticket: String,
    #[schema(format = DateTime)]
    expires_at: String,
}

/// A ticket for the socket: once, within 30 seconds.
#[utoipa::path(post, path = "/api/ws/ticket", tag = "socket", responses((status = 200, body = Success<Ticket>), (status = 401, body = Failure)))]
pub(super) async fn ticket(State(state): State<AppState>, Authenticated(actor): Authenticated) -> Answer<Ticket> {
    let (ticket, expires_at) = sessions::issue_ticket(&state.chat, &actor)?;
    ok(Ticket { ticket, expires_at: format_time(expires_at) })
}

/// What the server is doing right now, on all its nodes.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Stats {
    sockets: usize,
    /// People with a socket; whoever has some on several nodes counts once.
    users: usize,
    /// Rooms that somebody listens to.
    rooms: usize,
    subscriptions: usize,
    /// The same as `sockets`.
    total_clients: usize,
    /// The same as `rooms`.
    total_rooms: usize,
    /// The sockets that listen to each room.
    room_clients: BTreeMap<i64, usize>,
    /// What each node does, where a bus joins several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    nodes: Vec<NodeStats>,
}

/// What one node is doing right now.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NodeStats {
    name: String,
    sockets: usize,
    /// People with a socket there.
    users: usize,
    /// Rooms that somebody listens to there.
    rooms: usize,
    subscriptions: usize,
}

impl From<(String, Figures)> for NodeStats {
    fn from((name, figures): (String, Figures)) -> Self {
        let Figures { sockets, users, rooms, subscriptions } = figures;
        Self { name, sockets, users, rooms, subscriptions }
    }
}

/// Figures of the socket, for administrators.
#[utoipa::path(get, path = "/api/ws/stats", tag = "socket", responses(
    (status = 200, body = Succeeded<Stats>), (status = 401, body = Failure), (status = 403, body = Failure)))]
pub(super) async fn stats(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
) -> Result<axum::Json<Succeeded<Stats>>, ApiError> {
    if !actor.is_admin {
        return Err(ErrorCode::Forbidden.into());
    }
    let figures = presence::figures(&state.chat);
    Ok(Succeeded::with(Stats {
        sockets: figures.sockets,
        users: figures.users,
        rooms: figures.rooms,
        subscriptions: figures.subscriptions,
        total_clients: figures.sockets,
        total_rooms: figures.rooms,
        room_clients: presence::subscriptions_by_room(&state.chat),
        nodes: presence::figures_by_node(&state.chat).into_iter().map(NodeStats::from).collect(),
    }))
}

#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct Broadcast {
    content: String,
}

/// Say something in the room's own voice: a `system` message, for the room's owner or an administrator.
#[utoipa::path(post, path = "/api/ws/broadcast/{room_id}", tag = "socket", params(("room_id" = i64, Path)), request_body = Broadcast, responses(
    (status = 200, body = Succeeded<Message>), (status = 401, body = Failure), (status = 403, body = Failure),
    (status = 404, body = Failure), (status = 422, body = Failure)))]
pub(super) async fn broadcast(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    Path(room_id): Path<i64>,
    Json(body): Json<Broadcast>,
) -> Result<axum::Json<Succeeded<Message>>, ApiError> {
    Ok(Succeeded::with(messages::broadcast(&state.chat, &actor, room_id, &body.content).await?))
}
