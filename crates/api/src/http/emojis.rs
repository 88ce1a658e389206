//! The emojis of a place's own, over HTTP: listed, sent in a form, deleted. Who may is the domain's to say; their pictures are shown by
//! `avatars`.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chinwag_domain::{Error, avatars::AVATAR_BYTES, emojis};
use chinwag_proto::{CustomEmoji, ErrorCode};
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    answer::{Answer, Nothing, Path, Success, ok},
    body::{AROUND, FileForm, length_of},
    download::{CACHE, is_known},
};
use crate::{
    AppState,
    auth::{Authenticated, Uploader},
    error::{ApiError, Failure},
};

/// All emojis of a place's own.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CustomEmojis {
    /// Greater with each change of them, as `emojis_version` of `welcome` and `version` of `emojis_changed` say.
    version: i64,
    emojis: Vec<CustomEmoji>,
}

/// An emoji: its name, and then its picture: JPEG, PNG, GIF or WebP, at most 10 MiB.
#[derive(Debug, Deserialize, ToSchema)]
#[expect(dead_code, reason = "it describes the form, which is read as it comes")]
pub(super) struct EmojiUpload {
    /// 2 to 32 of `a-z`, `0-9`, `_` and `-`.
    name: String,
    #[schema(format = Binary)]
    file: String,
}

/// The place's own emojis, by id.
#[utoipa::path(get, path = "/api/emojis", tag = "emojis", responses(
    (status = 200, body = Success<CustomEmojis>), (status = 304), (status = 401, body = Failure)))]
pub(super) async fn list(
    State(state): State<AppState>,
    Authenticated(_): Authenticated,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (version, emojis) = emojis::list(&state.chat).await?;
    // A database that was set back counts on from before.
    let tag = format!("\"{}-{version}\"", state.chat.epoch());
    let value = HeaderValue::from_str(&tag).map_err(Error::internal)?;
    let head = [(header::ETAG, value), (header::CACHE_CONTROL, CACHE)];
    if is_known(&headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, head).into_response());
    }
    Ok((head, ok(CustomEmojis { version, emojis })?).into_response())
}

/// Make an emoji of the place's own.
#[utoipa::path(post, path = "/api/emojis", tag = "emojis",
    request_body(content = EmojiUpload, content_type = "multipart/form-data"), responses(
    (status = 200, body = Success<CustomEmoji>), (status = 401, body = Failure), (status = 409, body = Failure), (status = 413, body = Failure),
    (status = 422, body = Failure), (status = 503, body = Failure), (status = 507, body = Failure)))]
pub(super) async fn create(
    State(state): State<AppState>,
    Uploader(actor): Uploader,
    headers: HeaderMap,
    body: Body,
) -> Answer<CustomEmoji> {
    if length_of(&headers).is_some_and(|length| length > AVATAR_BYTES as u64 + AROUND) {
        return Err(ErrorCode::TooLarge.into());
    }
    let (mut form, mut name) = (FileForm::read(&headers, body)?, String::new());
    let hear = |field: &str, said| {
        if field == "name" {
            name = said;
        }
    };
    let file = form.file_behind(AVATAR_BYTES, hear).await?;
    let made = emojis::create(&state.chat, &actor, &name, file.bytes().boxed()).await?;
    form.end().await;
    ok(made)
}

/// Delete an emoji, as who made it or as administrator. Texts keep its name.
#[utoipa::path(delete, path = "/api/emojis/{id}", tag = "emojis", params(("id" = i64, Path)), responses(
    (status = 200, body = Success<Nothing>), (status = 401, body = Failure), (status = 404, body = Failure)))]
pub(super) async fn delete(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    Path(id): Path<i64>,
) -> Answer<Nothing> {
    emojis::delete(&state.chat, &actor, id).await?;
    ok(Nothing)
}
