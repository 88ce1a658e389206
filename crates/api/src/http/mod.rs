//! HTTP on one screen: the route table, and what every request goes through. What a route does is in the file of its noun.

mod answer;
mod auth;
mod avatars;
mod body;
mod document;
mod download;
mod emojis;
mod file_lists;
mod files;
mod layers;
mod members;
mod messages;
mod rooms;
mod server;
mod socket;
mod uploads;
mod users;

pub use document::openapi_json;
pub use layers::no_place;

use axum::{Router, extract::DefaultBodyLimit, middleware, routing::any};
use chinwag_proto::ErrorCode;
use tower_http::catch_panic::CatchPanicLayer;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    AppState,
    error::ApiError,
    openapi::{self, Document},
};

/// The whole OpenAPI document.
fn described() -> utoipa::openapi::OpenApi {
    let mut document = operations().into_openapi();
    document.merge(file_operations().into_openapi());
    document.merge(upload_operations().into_openapi());
    openapi::completed(document)
}

/// The route table.
fn operations() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(<Document as utoipa::OpenApi>::openapi())
        .routes(routes!(server::facts))
        .routes(routes!(server::setup))
        .routes(routes!(document::openapi))
        .routes(routes!(auth::register))
        .routes(routes!(auth::login))
        .routes(routes!(auth::refresh))
        .routes(routes!(auth::logout))
        .routes(routes!(auth::userinfo))
        .routes(routes!(auth::password))
        .routes(routes!(auth::sessions, auth::revoke_others))
        .routes(routes!(auth::revoke))
        .routes(routes!(users::search))
        .routes(routes!(users::online))
        .routes(routes!(users::get, users::update, users::delete))
        .merge(
            OpenApiRouter::new().routes(routes!(users::delete_by_get)).layer(middleware::from_fn(layers::to_the_end)),
        )
        .routes(routes!(rooms::create, rooms::list))
        .routes(routes!(rooms::search))
        .routes(routes!(rooms::direct))
        .routes(routes!(rooms::get, rooms::update, rooms::delete))
        .routes(routes!(rooms::join))
        .routes(routes!(rooms::leave))
        .routes(routes!(members::list))
        .routes(routes!(members::put, members::kick))
        .routes(routes!(messages::history, messages::post))
        .routes(routes!(messages::unread))
        .routes(routes!(file_lists::list_room))
        .routes(routes!(file_lists::list))
        .routes(routes!(messages::edit, messages::recall))
        .routes(routes!(messages::mark_read))
        .routes(routes!(socket::ticket))
        .routes(routes!(socket::stats))
        .routes(routes!(socket::broadcast))
        .routes(routes!(server::health))
        .routes(routes!(server::live))
        .routes(routes!(server::ready))
        .routes(routes!(server::metrics))
}

/// The routes on which files go: what they take is bounded by itself, and no JSON.
fn file_operations() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(files::image))
        .routes(routes!(files::file))
        .routes(routes!(files::upload))
        .routes(routes!(files::meta))
        .routes(routes!(files::poster))
        .routes(routes!(download::content, files::delete))
        .routes(routes!(download::preview))
        .routes(routes!(download::download))
        .routes(routes!(avatars::set_of_user, avatars::take_from_user))
        .routes(routes!(avatars::set_of_room, avatars::take_from_room))
        .routes(routes!(avatars::picture))
        .routes(routes!(emojis::list, emojis::create))
        .routes(routes!(emojis::delete))
}

/// Those of uploads that go on after a cut.
fn upload_operations() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(uploads::options, uploads::begin)).routes(routes!(
        uploads::look,
        uploads::append,
        uploads::end
    ))
}

/// Whether the body of a request with this path is a file's: it may take longer than a form that somebody fills in. A poster, which is
/// held in memory meanwhile, may not.
pub fn takes_file(path: &str) -> bool {
    path.starts_with("/api/upload/") || path.starts_with("/api/files/") && !path.ends_with("/poster")
}

/// The route table with its manners, beside the socket and the pages.
pub(crate) fn router(state: AppState, socket: Router, pages: Router) -> Router {
    let bytes = state.options.json_bytes;
    let (api, _) = operations().split_for_parts();
    let api = api
        .method_not_allowed_fallback(async || ApiError::from(ErrorCode::MethodNotAllowed))
        .route("/api", any(unknown))
        .route("/api/", any(unknown))
        .route("/api/{*rest}", any(unknown))
        .layer(DefaultBodyLimit::max(bytes))
        .layer(middleware::from_fn_with_state(bytes, layers::bounded));
    let (files, _) = file_operations().split_for_parts();
    let (uploads, _) = upload_operations().split_for_parts();
    let files = files.merge(uploads.layer(middleware::from_fn(uploads::versioned)));
    let files = files.method_not_allowed_fallback(async || ApiError::from(ErrorCode::MethodNotAllowed));
    let api = api
        .merge(files.layer(DefaultBodyLimit::disable()).layer(middleware::from_fn(body::hear_out)))
        .with_state(state.clone())
        .layer(middleware::from_fn(layers::finish))
        .layer(middleware::from_fn(layers::hold_slot))
        .layer(middleware::from_fn_with_state(state.clone(), layers::pay_at_open_doors))
        .layer(middleware::from_fn(layers::no_store))
        .layer(layers::compression())
        .layer(middleware::from_fn(layers::compress_reads_only))
        .layer(CatchPanicLayer::custom(layers::panicked))
        .layer(layers::cors(&state.options))
        .layer(middleware::from_fn_with_state(state.clone(), layers::beside_cors));
    api.merge(socket)
        .merge(pages)
        .layer(middleware::from_fn(layers::in_our_form))
        .layer(middleware::from_fn(layers::one_host))
        .layer(middleware::from_fn(layers::last_in_pieces))
        .layer(CatchPanicLayer::custom(layers::panicked))
        .layer(middleware::from_fn_with_state(state, layers::headers))
        .layer(middleware::from_fn(layers::request_id))
}

/// Doors that need no login and cost something: whoever comes by pays for the line they come over. The others that need none say
/// what is known beforehand, to monitors.
const OPEN: [&str; 7] = [
    "/api/server",
    "/api/setup",
    "/api/openapi.json",
    "/api/auth/register",
    "/api/auth/login",
    "/api/auth/refresh",
    "/health/ready",
];

/// What is not in the table: told in our own form, never as a page.
async fn unknown() -> ApiError {
    ErrorCode::NotFound.into()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    #[test]
    fn every_door_that_needs_no_login_is_paid_for_or_costs_nothing() {
        let document = serde_json::to_value(described()).expect("a document");
        let needs_none = |operation: &Value| {
            operation["security"].as_array().is_some_and(|ways| ways.iter().any(|way| *way == serde_json::json!({})))
        };
        let paths = document["paths"].as_object().expect("paths").iter();
        let open = paths.filter(|(_, item)| item.as_object().expect("operations").values().any(needs_none));
        let open: BTreeSet<&str> = open.map(|(path, _)| path.as_str()).collect();
        let free = ["/api/files/uploads", "/health", "/health/live", "/metrics"];
        assert_eq!(open, OPEN.into_iter().chain(free).collect());
    }
}
