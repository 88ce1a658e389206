//! Rooms over HTTP.

use axum::extract::State;
use chinwag_domain::rooms::{self, Listed, RoomEdit};
use chinwag_proto::{Room, limits};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer::{Answer, Json, Nothing, Paging, Path, Query, Success, ok};
use crate::{AppState, auth::Authenticated, error::Failure};

/// Of one's own rooms that can be skipped: their activity is looked at.
const FARTHEST_ROOM: usize = 100_000;

/// A new room.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct CreateRoom {
    /// 1 to 100 characters.
    name: String,
    /// At most 500 characters.
    #[serde(default)]
    description: String,
    /// Only members can see it.
    #[serde(default)]
    is_private: bool,
    /// The idempotency key of this request: sent again, it makes no second room. At most 64 characters; another body under it is a conflict.
    #[serde(default)]
    client_id: String,
}

/// A room, with the person who made it as clients of GoChat look for them.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RoomRow {
    #[serde(flatten)]
    room: Room,
    creator: Creator,
}

/// Who made a room.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Creator {
    id: i64,
    username: String,
}

impl From<Listed> for RoomRow {
    fn from(Listed { room, creator }: Listed) -> Self {
        Self { creator: Creator { id: room.created_by, username: creator }, room }
    }
}

fn rows(rooms: Vec<Listed>) -> Vec<RoomRow> {
    rooms.into_iter().map(RoomRow::from).collect()
}

/// Make a room; its maker owns it.
#[utoipa::path(post, path = "/api/rooms", tag = "rooms", request_body = CreateRoom, responses(
    (status = 200, body = Success<RoomRow>), (status = 401, body = Failure), (status = 409, body = Failure), (status = 422, body = Failure)))]
pub(super) async fn create(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    Json(body): Json<CreateRoom>,
) -> Answer<RoomRow> {
    let edit =
        RoomEdit { name: Some(body.name), description: Some(body.description), is_private: Some(body.is_private) };
    let creator = Creator { id: actor.user_id, username: actor.username.as_ref().to_owned() };
    ok(RoomRow { room: rooms::create(&state.chat, &actor, edit, &body.client_id).await?, creator })
}

/// Which of one's own rooms.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct Own {
    /// Rooms: at most 1,000, and as many where nothing is asked for.
    limit: Option<usize>,
    /// Rooms to skip, at most 100,000.
    offset: usize,
}

/// One's own rooms, newest activity first, with unread counts and last message.
#[utoipa::path(get, path = "/api/rooms", tag = "rooms", params(Own), responses((status = 200, body = Success<Vec<RoomRow>>), (status = 401, body = Failure)))]
pub(super) async fn list(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    Query(own): Query<Own>,
) -> Answer<Vec<RoomRow>> {
    let limit = own.limit.unwrap_or(limits::ROOMS).clamp(1, limits::ROOMS);
    ok(rows(rooms::list(&state.chat, &actor, limit, own.offset.min(FARTHEST_ROOM)).await?))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct Search {
    /// Part of a room's name; empty for all.
    name: String,
}

/// Public rooms, and one's own, by name.
#[utoipa::path(get, path = "/api/rooms/search", tag = "rooms", params(Search, Paging), responses((status = 200, body = Success<Vec<RoomRow>>), (status = 401, body = Failure)))]
pub(super) async fn search(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    Query(search): Query<Search>,
    Query(paging): Query<Paging>,
) -> Answer<Vec<RoomRow>> {
    let rooms = rooms::search(&state.chat, &actor, &search.name, paging.limit(), paging.offset() as u64).await?;
    ok(rows(rooms))
}

/// With whom to talk.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(super) struct Direct {
    user_id: Option<i64>,
    user_ids: Vec<i64>,
}

/// The one conversation of oneself and these people.
#[utoipa::path(post, path = "/api/rooms/direct", tag = "rooms", request_body = Direct, responses(
    (status = 200, body = Success<Room>), (status = 401, body = Failure), (status = 404, body = Failure), (status = 422, body = Failure)))]
pub(super) async fn direct(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    Json(body): Json<Direct>,
) -> Answer<Room> {
    let ids: Vec<i64> = body.user_id.into_iter().chain(body.user_ids).collect();
    ok(rooms::direct(&state.chat, &actor, &ids).await?)
}

/// One room.
#[utoipa::path(get, path = "/api/rooms/{id}", tag = "rooms", params(("id" = i64, Path)), responses(
    (status = 200, body = Success<RoomRow>), (status = 401, body = Failure), (status = 404, body = Failure)))]
pub(super) async fn get(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    Path(id): Path<i64>,
) -> Answer<RoomRow> {
    ok(rooms::get(&state.chat, &actor, id).await?.into())
}

/// What to change; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct UpdateRoom {
    name: Option<String>,
    description: Option<String>,
    is_private: Option<bool>,
}

/// Change a room's settings.
#[utoipa::path(put, path = "/api/rooms/{id}", tag = "rooms", params(("id" = i64, Path)), request_body = UpdateRoom, responses(
    (status = 200, body = Success<Room>), (status = 401, body = Failure), (status = 403, body = Failure),
    (status = 404, body = Failure), (status = 422, body = Failure)))]
pub(super) async fn update(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    Path(id): Path<i64>,
    Json(body): Json<UpdateRoom>,
) -> Answer<Room> {
    let edit = RoomEdit { name: body.name, description: body.description, is_private: body.is_private };
    ok(rooms::update(&state.chat, &actor, id, edit).await?)
}

/// Delete a room, for its owner or an administrator.
#[utoipa::path(delete, path = "/api/rooms/{id}", tag = "rooms", params(("id" = i64, Path)), responses(
    (status = 200, body = Success<Nothing>), (status = 401, body = Failure), (status = 403, body = Failure), (status = 404, body = Failure)))]
pub(super) async fn delete(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    Path(id): Path<i64>,
) -> Answer<Nothing> {
    rooms::delete(&state.chat, &actor, id).await?;
    ok(Nothing)
}

/// Become a member of a public room. May be repeated.
#[utoipa::path(post, path = "/api/rooms/{id}/join", tag = "rooms", params(("id" = i64, Path)), responses(
    (status = 200, body = Success<Room>), (status = 401, body = Failure), (status = 404, body = Failure)))]
pub(super) async fn join(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    Path(id): Path<i64>,
) -> Answer<Room> {
    ok(rooms::join(&state.chat, &actor, id).await?)
}

/// End one's membership. May be repeated.
#[utoipa::path(post, path = "/api/rooms/{id}/leave", tag = "rooms", params(("id" = i64, Path)), responses(
    (status = 200, body = Success<Nothing>), (status = 401, body = Failure), (status = 403, body = Failure), (status = 404, body = Failure), (status = 409, body = Failure)))]
pub(super) async fn leave(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    Path(id): Path<i64>,
) -> Answer<Nothing> {
    rooms::leave(&state.chat, &actor, id).await?;
    ok(Nothing)
}
