//! People over HTTP.

use axum::extract::State;
use chinwag_domain::users::{self, ProfileEdit};
use chinwag_proto::User;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::answer::{Answer, Json, Nothing, Paging, Path, Query, Success, ok};
use crate::{
    AppState,
    auth::{Authenticated, BearerOnly, Caller},
    error::Failure,
};

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct Search {
    /// Part of a user name or display name; empty for everybody.
    query: String,
    /// The last id of the page before.
    after: i64,
}

/// People by name.
#[utoipa::path(get, path = "/api/users", tag = "users", params(Search, Paging), responses((status = 200, body = Success<Vec<User>>), (status = 401, body = Failure)))]
pub(super) async fn search(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    Query(search): Query<Search>,
    Query(paging): Query<Paging>,
) -> Answer<Vec<User>> {
    ok(users::search(&state.chat, &actor, &search.query, search.after, paging.limit(), paging.offset()).await?)
}

/// People who are here now, at most 100.
#[utoipa::path(get, path = "/api/users/online", tag = "users", responses((status = 200, body = Success<Vec<User>>), (status = 401, body = Failure)))]
pub(super) async fn online(State(state): State<AppState>, Authenticated(actor): Authenticated) -> Answer<Vec<User>> {
    ok(users::online(&state.chat, &actor).await?)
}

/// One person.
#[utoipa::path(get, path = "/api/users/{id}", tag = "users", params(("id" = i64, Path)), responses(
    (status = 200, body = Success<User>), (status = 401, body = Failure), (status = 404, body = Failure)))]
pub(super) async fn get(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    Path(id): Path<i64>,
) -> Answer<User> {
    ok(users::get(&state.chat, &actor, id).await?)
}

/// What to change; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Profile {
    display_name: Option<String>,
    bio: Option<String>,
    status_text: Option<String>,
    /// `en` or `zh-Hans`.
    locale: Option<String>,
    /// `light`, `dark` or `system`.
    theme: Option<String>,
    email: Option<String>,
    /// Taken where it is as it is: a picture is chosen by PUT /api/users/{id}/avatar.
    avatar_url: Option<String>,
    /// Asked for where one's own `email` becomes another.
    current_password: Option<String>,
}

/// Change a profile: one's own, or anybody's for an administrator.
#[utoipa::path(put, path = "/api/users/{id}", tag = "users", params(("id" = i64, Path)), request_body = Profile, responses(
    (status = 200, body = Success<User>), (status = 401, body = Failure), (status = 403, body = Failure),
    (status = 404, body = Failure), (status = 409, body = Failure), (status = 422, body = Failure), (status = 429, body = Failure)))]
pub(super) async fn update(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    Path(id): Path<i64>,
    Caller(client): Caller,
    Json(body): Json<Profile>,
) -> Answer<User> {
    let edit = ProfileEdit {
        display_name: body.display_name,
        bio: body.bio,
        status_text: body.status_text,
        locale: body.locale,
        theme: body.theme,
        email: body.email,
        avatar_url: body.avatar_url,
        current_password: body.current_password,
    };
    ok(users::update(&state.chat, &actor, id, edit, &client.address).await?)
}

/// Deactivate an account: one's own, or anybody's for an administrator. Its words stay.
#[utoipa::path(delete, path = "/api/users/{id}", tag = "users", params(("id" = i64, Path)), responses(
    (status = 200, body = Success<Nothing>), (status = 401, body = Failure), (status = 403, body = Failure), (status = 404, body = Failure),
    (status = 409, body = Failure)))]
pub(super) async fn delete(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    Path(id): Path<i64>,
) -> Answer<Nothing> {
    users::deactivate(&state.chat, &actor, id).await?;
    ok(Nothing)
}

/// The same by GET, as older clients call it; with a token in the Authorization header only, so that no link can do it.
#[utoipa::path(get, path = "/api/users/delete/{id}", tag = "users", params(("id" = i64, Path)), security(("bearer" = [])), responses(
    (status = 200, body = Success<Nothing>), (status = 401, body = Failure), (status = 403, body = Failure), (status = 404, body = Failure),
    (status = 409, body = Failure)))]
pub(super) async fn delete_by_get(
    State(state): State<AppState>,
    BearerOnly(actor): BearerOnly,
    Path(id): Path<i64>,
) -> Answer<Nothing> {
    users::deactivate(&state.chat, &actor, id).await?;
    ok(Nothing)
}
