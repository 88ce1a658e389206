//! Files over HTTP: whole uploads, what is known of a file, its end. The resumable way is in `uploads`, the bytes are in `download`.

use axum::{body::Body, extract::State, http::HeaderMap};
use chinwag_domain::{
    Actor,
    files::{self, POSTER_BYTES},
    uploads,
};
use chinwag_proto::{Attachment, ErrorCode, FileCategory};
use futures_util::StreamExt as _;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    answer::{Answer, Nothing, Path, Success, ok},
    body::{AROUND, FileForm, bytes_of, length_of},
};
use crate::{
    AppState,
    auth::{Authenticated, Uploader},
    error::Failure,
};

/// A file, and what its client knows of it; `file` comes last.
#[derive(Debug, Deserialize, ToSchema)]
#[expect(dead_code, reason = "it describes the form, which is read as it comes")]
pub(super) struct FileUpload {
    /// Of a recording: at most 64 peaks between 0 and 100, as a JSON list.
    waveform: Option<String>,
    /// Of a recording that does not tell itself: seconds.
    duration: Option<String>,
    #[schema(format = Binary)]
    file: String,
}

/// Upload a picture in one go.
#[utoipa::path(post, path = "/api/upload/image", tag = "files", operation_id = "upload_image",
    request_body(content = FileUpload, content_type = "multipart/form-data"), responses(
    (status = 200, body = Success<Attachment>), (status = 401, body = Failure), (status = 413, body = Failure),
    (status = 422, body = Failure), (status = 503, body = Failure), (status = 507, body = Failure)))]
pub(super) async fn image(
    State(state): State<AppState>,
    Uploader(actor): Uploader,
    headers: HeaderMap,
    body: Body,
) -> Answer<Attachment> {
    upload_whole(&state, &actor, &headers, body, Some(FileCategory::Image)).await
}

/// Upload a file in one go.
#[utoipa::path(post, path = "/api/upload/file", tag = "files", operation_id = "upload_file",
    request_body(content = FileUpload, content_type = "multipart/form-data"), responses(
    (status = 200, body = Success<Attachment>), (status = 401, body = Failure), (status = 413, body = Failure),
    (status = 422, body = Failure), (status = 503, body = Failure), (status = 507, body = Failure)))]
pub(super) async fn file(
    State(state): State<AppState>,
    Uploader(actor): Uploader,
    headers: HeaderMap,
    body: Body,
) -> Answer<Attachment> {
    upload_whole(&state, &actor, &headers, body, None).await
}

/// The same.
#[utoipa::path(post, path = "/api/files/upload", tag = "files",
    request_body(content = FileUpload, content_type = "multipart/form-data"), responses(
    (status = 200, body = Success<Attachment>), (status = 401, body = Failure), (status = 413, body = Failure),
    (status = 422, body = Failure), (status = 503, body = Failure), (status = 507, body = Failure)))]
pub(super) async fn upload(
    State(state): State<AppState>,
    Uploader(actor): Uploader,
    headers: HeaderMap,
    body: Body,
) -> Answer<Attachment> {
    upload_whole(&state, &actor, &headers, body, None).await
}

async fn upload_whole(
    state: &AppState,
    actor: &Actor,
    headers: &HeaderMap,
    body: Body,
    only: Option<FileCategory>,
) -> Answer<Attachment> {
    let bound = state.chat.settings().file_bytes;
    // A form does not say how long its file is: no longer than all of it.
    let announced = length_of(headers);
    if announced.is_some_and(|length| length > bound as u64 + AROUND) {
        return Err(ErrorCode::TooLarge.into());
    }
    let announced = announced.map(|length| bound.min(length as i64));
    let mut form = FileForm::read(headers, body)?;
    let (wish, file) = form.file(announced.unwrap_or(bound)).await?;
    let file = uploads::whole(&state.chat, actor, wish, announced, file.bytes(), only).await?;
    form.end().await;
    ok(files::shown(&file))
}

/// What is known of a file.
#[utoipa::path(get, path = "/api/files/{id}/meta", tag = "files", params(("id" = i64, Path)), responses(
    (status = 200, body = Success<Attachment>), (status = 401, body = Failure), (status = 404, body = Failure)))]
pub(super) async fn meta(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    Path(id): Path<i64>,
) -> Answer<Attachment> {
    ok(files::shown(files::find(&state.chat, &actor, id).await?.file()))
}

/// Delete one's own file that hangs on no message.
#[utoipa::path(delete, path = "/api/files/{id}", tag = "files", params(("id" = i64, Path)), responses(
    (status = 200, body = Success<Nothing>), (status = 401, body = Failure), (status = 404, body = Failure)))]
pub(super) async fn delete(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    Path(id): Path<i64>,
) -> Answer<Nothing> {
    files::delete(&state.chat, &actor, id).await?;
    ok(Nothing)
}

/// Give one's own video, which hangs on no message, the picture that its client made: JPEG, PNG or WebP, at most 2 MiB.
#[utoipa::path(put, path = "/api/files/{id}/poster", tag = "files", params(("id" = i64, Path)),
    request_body(content = Vec<u8>, content_type = "image/*"), responses(
    (status = 200, body = Success<Attachment>), (status = 401, body = Failure), (status = 404, body = Failure)))]
pub(super) async fn poster(
    State(state): State<AppState>,
    Uploader(actor): Uploader,
    Path(id): Path<i64>,
    headers: HeaderMap,
    body: Body,
) -> Answer<Attachment> {
    if length_of(&headers).is_some_and(|length| length > POSTER_BYTES as u64) {
        return Err(ErrorCode::TooLarge.into());
    }
    ok(files::set_poster(&state.chat, &actor, id, bytes_of(body).boxed()).await?)
}
