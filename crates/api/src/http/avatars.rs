//! The pictures that stand for people and rooms, over HTTP: chosen by a word or sent in a form, taken away, and shown. Who may is the
//! domain's to say.

use axum::{
    body::{Body, to_bytes},
    extract::{FromRequest, Request, State},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use chinwag_domain::{
    Error, Result,
    avatars::{self, AVATAR_BYTES, AvatarWish},
};
use chinwag_proto::{DrawnAvatar, ErrorCode, Room, User, form};
use futures_util::{
    StreamExt, TryStreamExt,
    future::ready,
    stream::{self, BoxStream},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    answer::{Answer, Path, Success, is_json, ok},
    body::{AROUND, FileForm, length_of},
    download::{CSP, picture_type},
};
use crate::{
    AppState,
    auth::{Authenticated, Uploader},
    error::{ApiError, Failure, from_body},
};

/// Bytes of the JSON that names a drawn picture.
const WORD: usize = 4 * 1024;
/// Another picture has another address, so a browser may keep one for good; nobody between may.
const CACHE: HeaderValue = HeaderValue::from_static("private, max-age=31536000, immutable");

/// A picture, which comes last: JPEG, PNG, GIF or WebP, at most 10 MiB.
#[derive(Debug, Deserialize, ToSchema)]
#[expect(dead_code, reason = "it describes the form, which is read as it comes")]
pub(super) struct AvatarUpload {
    #[schema(format = Binary)]
    file: String,
}

/// One of the pictures that come with the client.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChooseAvatar {
    drawn: DrawnAvatar,
}

/// A picture as it is sent: a word, or a form whose bytes come as they are asked for.
pub(super) struct Wish(AvatarWish);

impl<S: Send + Sync> FromRequest<S> for Wish {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        let most = if is_json(&parts.headers) { WORD as u64 } else { AVATAR_BYTES as u64 + AROUND };
        if length_of(&parts.headers).is_some_and(|length| length > most) {
            return Err(ErrorCode::TooLarge.into());
        }
        if is_json(&parts.headers) {
            let body = to_bytes(body, WORD).await.map_err(|error| too_large_or(&error))?;
            let ChooseAvatar { drawn } = form::read_object(&body)?;
            return Ok(Self(AvatarWish::Drawn(drawn)));
        }
        Ok(Self(AvatarWish::Picture(picture_in(&parts.headers, body)?)))
    }
}

/// The bytes of the picture in a form, which is read when they are asked for: who may not is refused before.
fn picture_in(headers: &HeaderMap, body: Body) -> Result<BoxStream<'static, Result<Bytes>>> {
    let mut form = FileForm::read(headers, body)?;
    let opened = async move {
        let (_, file) = form.file(AVATAR_BYTES).await?;
        let rest = stream::once(form.end()).filter_map(|()| ready(None));
        Ok::<_, Error>(file.bytes().chain(rest))
    };
    Ok(stream::once(opened).try_flatten().boxed())
}

/// Choose the picture that stands for a person: for oneself, or for anybody as an administrator.
#[utoipa::path(put, path = "/api/users/{id}/avatar", tag = "users", operation_id = "set_avatar", params(("id" = i64, Path)),
    request_body(content((AvatarUpload = "multipart/form-data"), (ChooseAvatar = "application/json"))), responses(
    (status = 200, body = Success<User>), (status = 401, body = Failure), (status = 403, body = Failure), (status = 404, body = Failure),
    (status = 413, body = Failure), (status = 422, body = Failure), (status = 503, body = Failure), (status = 507, body = Failure)))]
pub(super) async fn set_of_user(
    State(state): State<AppState>,
    Uploader(actor): Uploader,
    Path(id): Path<i64>,
    Wish(wish): Wish,
) -> Answer<User> {
    ok(avatars::set_of_user(&state.chat, &actor, id, wish).await?)
}

/// Take a person's picture away: their initials stand for them. May be repeated.
#[utoipa::path(delete, path = "/api/users/{id}/avatar", tag = "users", operation_id = "take_avatar", params(("id" = i64, Path)), responses(
    (status = 200, body = Success<User>), (status = 401, body = Failure), (status = 403, body = Failure), (status = 404, body = Failure)))]
pub(super) async fn take_from_user(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    Path(id): Path<i64>,
) -> Answer<User> {
    ok(avatars::set_of_user(&state.chat, &actor, id, AvatarWish::Nothing).await?)
}

/// Choose the picture that stands for a room, for whoever may change its settings.
#[utoipa::path(put, path = "/api/rooms/{id}/avatar", tag = "rooms", operation_id = "set_avatar", params(("id" = i64, Path)),
    request_body(content((AvatarUpload = "multipart/form-data"), (ChooseAvatar = "application/json"))), responses(
    (status = 200, body = Success<Room>), (status = 401, body = Failure), (status = 403, body = Failure), (status = 404, body = Failure),
    (status = 413, body = Failure), (status = 422, body = Failure), (status = 503, body = Failure), (status = 507, body = Failure)))]
pub(super) async fn set_of_room(
    State(state): State<AppState>,
    Uploader(actor): Uploader,
    Path(id): Path<i64>,
    Wish(wish): Wish,
) -> Answer<Room> {
    ok(avatars::set_of_room(&state.chat, &actor, id, wish).await?)
}

/// Take a room's picture away. May be repeated.
#[utoipa::path(delete, path = "/api/rooms/{id}/avatar", tag = "rooms", operation_id = "take_avatar", params(("id" = i64, Path)), responses(
    (status = 200, body = Success<Room>), (status = 401, body = Failure), (status = 403, body = Failure), (status = 404, body = Failure)))]
pub(super) async fn take_from_room(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    Path(id): Path<i64>,
) -> Answer<Room> {
    ok(avatars::set_of_room(&state.chat, &actor, id, AvatarWish::Nothing).await?)
}

/// An uploaded picture, by the address that a person or a room has in `avatar_url`, and an emoji in `url`.
#[utoipa::path(get, path = "/api/avatars/{key}", tag = "files", operation_id = "avatar", params(("key" = String, Path)), responses(
    (status = 200, content_type = "image/*", body = Vec<u8>), (status = 401, body = Failure), (status = 404, body = Failure)))]
pub(super) async fn picture(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    Path(key): Path<String>,
) -> Result<Response, ApiError> {
    let picture = avatars::read(&state.chat, &actor, &key).await?;
    let head = [
        (header::CONTENT_TYPE, HeaderValue::from_static(picture_type(&picture))),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("inline")),
        (header::CONTENT_SECURITY_POLICY, CSP),
        (header::CACHE_CONTROL, CACHE),
    ];
    Ok((head, picture).into_response())
}

/// Why a body could not be held.
fn too_large_or(error: &axum::Error) -> ApiError {
    let source = std::error::Error::source(error);
    let is_long = source.is_some_and(|source| source.is::<http_body_util::LengthLimitError>());
    if is_long { ErrorCode::TooLarge.into() } else { from_body(error).into() }
}
