//! Members over HTTP.

use axum::extract::State;
use chinwag_domain::members;
use chinwag_proto::{Member, Role};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer::{Answer, Json, Nothing, Paging, Path, Query, Success, ok};
use crate::{AppState, auth::Authenticated, error::Failure};

/// A person's seat, with the names that clients of GoChat know some fields by.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MemberRow {
    #[serde(flatten)]
    member: Member,
    /// The same as `user.id`: unique within the room.
    id: i64,
    /// The same as `user.id`.
    user_id: i64,
}

impl From<Member> for MemberRow {
    fn from(member: Member) -> Self {
        let id = member.user.as_ref().map_or(0, |user| user.id);
        Self { member, id, user_id: id }
    }
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct List {
    /// What their name or display name contains, in any case.
    query: String,
    /// The last row of the page before: its role …
    #[param(inline)]
    after_role: Option<Role>,
    /// … and its user id.
    after: Option<i64>,
    /// Only those who are here now, by user id; the cursor is then `after` alone.
    online: bool,
}

/// Who is in a room: owners first, then admins, then members.
#[utoipa::path(get, path = "/api/rooms/{id}/members", tag = "members", params(("id" = i64, Path), List, Paging), responses(
    (status = 200, body = Success<Vec<MemberRow>>), (status = 401, body = Failure), (status = 404, body = Failure)))]
pub(super) async fn list(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    Path(id): Path<i64>,
    Query(list): Query<List>,
    Query(paging): Query<Paging>,
) -> Answer<Vec<MemberRow>> {
    if list.online {
        let after = list.after.unwrap_or_default();
        let here = members::list_online(&state.chat, &actor, id, &list.query, after, paging.limit()).await?;
        return ok(here.into_iter().map(MemberRow::from).collect());
    }
    let after = list.after_role.zip(list.after);
    let members = members::list(&state.chat, &actor, id, &list.query, after, paging.limit(), paging.offset()).await?;
    ok(members.into_iter().map(MemberRow::from).collect())
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Seat {
    role: Role,
}

/// Add someone, or change their role.
#[utoipa::path(put, path = "/api/rooms/{id}/members/{user_id}", tag = "members", params(("id" = i64, Path), ("user_id" = i64, Path)), request_body = Seat, responses(
    (status = 200, body = Success<MemberRow>), (status = 401, body = Failure), (status = 403, body = Failure),
    (status = 404, body = Failure), (status = 409, body = Failure)))]
pub(super) async fn put(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    Path((id, user_id)): Path<(i64, i64)>,
    Json(body): Json<Seat>,
) -> Answer<MemberRow> {
    ok(members::put(&state.chat, &actor, id, user_id, body.role).await?.into())
}

/// End someone's membership.
#[utoipa::path(delete, path = "/api/rooms/{id}/members/{user_id}", tag = "members", params(("id" = i64, Path), ("user_id" = i64, Path)), responses(
    (status = 200, body = Success<Nothing>), (status = 401, body = Failure), (status = 403, body = Failure),
    (status = 404, body = Failure), (status = 409, body = Failure)))]
pub(super) async fn kick(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    Path((id, user_id)): Path<(i64, i64)>,
) -> Answer<Nothing> {
    members::kick(&state.chat, &actor, id, user_id).await?;
    ok(Nothing)
}
