//! Uploads that can be gone on with after a cut: tus 1.0 (tus.io/protocols/resumable-upload) with creation, creation-with-upload,
//! expiration, checksum and termination. Whole uploads are in `files`.

use axum::{
    body::Body,
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use chinwag_domain::{
    Error, Result,
    file_records::FileRecord,
    files,
    uploads::{self, Checksum, FileWish, Piece},
};
use chinwag_proto::{ErrorCode, Sentence};
use jiff::Timestamp;

use super::{
    answer::Path,
    body::{bytes_of, length_of},
};
use crate::{
    AppState,
    auth::{Authenticated, Uploader},
    error::{ApiError, Failure},
};

const VERSION: HeaderValue = HeaderValue::from_static("1.0.0");
const TUS_RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
const TUS_MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
const TUS_EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
const TUS_CHECKSUM_ALGORITHM: HeaderName = HeaderName::from_static("tus-checksum-algorithm");
const UPLOAD_LENGTH: HeaderName = HeaderName::from_static("upload-length");
const UPLOAD_OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const UPLOAD_EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
const UPLOAD_METADATA: HeaderName = HeaderName::from_static("upload-metadata");
const UPLOAD_CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");
/// The id of the file that an upload became.
const CHINWAG_FILE: HeaderName = HeaderName::from_static("chinwag-file");
/// What a page of another origin may send besides what every call has, and what it may read of the answers.
pub(super) const SENT: [HeaderName; 5] =
    [TUS_RESUMABLE, UPLOAD_LENGTH, UPLOAD_OFFSET, UPLOAD_METADATA, UPLOAD_CHECKSUM];
pub(super) const TOLD: &str = "location,content-range,etag,tus-resumable,tus-version,tus-max-size,tus-extension,\
     tus-checksum-algorithm,upload-length,upload-offset,upload-expires,upload-metadata,chinwag-file";

/// Where uploads begin.
pub(super) const PLACE: &str = "/api/files/uploads";
const EXTENSIONS: &str = "creation,creation-with-upload,expiration,checksum,termination";
/// Of the bytes of an upload.
const BYTES: &str = "application/offset+octet-stream";
/// Characters of what a client says of a file.
const METADATA: usize = 4 * 1024;

/// A client that speaks the version that is spoken here.
pub(super) struct Speaks;

impl<S: Send + Sync> FromRequestParts<S> for Speaks {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let speaks = parts.headers.get(&TUS_RESUMABLE).is_some_and(|version| *version == VERSION);
        if speaks { Ok(Self) } else { Err(ErrorCode::OtherVersion.into()) }
    }
}

/// Every answer says which version is spoken.
pub(super) async fn versioned(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response.headers_mut().insert(TUS_RESUMABLE, VERSION);
    if response.status() == StatusCode::PRECONDITION_FAILED {
        response.headers_mut().insert(TUS_VERSION, VERSION);
    }
    response
}

/// What is spoken here, for clients that ask.
#[utoipa::path(options, path = "/api/files/uploads", tag = "uploads", security(()), responses((status = 204)))]
pub(super) async fn options(State(state): State<AppState>) -> Response {
    spoken(&state)
}

/// What is spoken here.
pub(super) fn spoken(state: &AppState) -> Response {
    let most = HeaderValue::from(state.chat.settings().file_bytes);
    let told = [
        (TUS_VERSION, VERSION),
        (TUS_MAX_SIZE, most),
        (TUS_EXTENSION, HeaderValue::from_static(EXTENSIONS)),
        (TUS_CHECKSUM_ALGORITHM, HeaderValue::from_static("sha1,sha256")),
        (TUS_RESUMABLE, VERSION),
    ];
    (StatusCode::NO_CONTENT, HeaderMap::from_iter(told)).into_response()
}

/// Begin an upload of `Upload-Length` bytes, named in `Upload-Metadata` (`filename`, `waveform`, `duration`, each in base64); a
/// body are its first bytes. `Location` says where it goes on.
#[utoipa::path(post, path = "/api/files/uploads", tag = "uploads",
    params(("Upload-Length" = i64, Header), ("Upload-Metadata" = Option<String>, Header), ("Tus-Resumable" = String, Header)),
    responses((status = 201), (status = 401, body = Failure), (status = 409, body = Failure), (status = 412, body = Failure),
    (status = 413, body = Failure), (status = 422, body = Failure), (status = 503, body = Failure), (status = 507, body = Failure)))]
pub(super) async fn begin(
    State(state): State<AppState>,
    Uploader(actor): Uploader,
    _: Speaks,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    let length = number(&headers, &UPLOAD_LENGTH)?;
    let wish = wish(&headers)?;
    let comes_with_bytes = has_bytes(&headers);
    let mut upload = uploads::begin(&state.chat, &actor, wish, length).await?;
    if comes_with_bytes || length == 0 {
        let piece = piece(&headers, 0, body)?;
        // Where its bytes pause, the client is told where it goes on.
        upload = match uploads::append(&state.chat, &actor, upload.id, piece).await {
            Ok(upload) => upload,
            Err(error) if error.code == ErrorCode::TooLate => uploads::look(&state.chat, &actor, upload.id).await?,
            Err(error) => {
                // Nobody was told of it.
                files::delete(&state.chat, &actor, upload.id).await?;
                return Err(error.into());
            }
        };
    }
    let mut response = (StatusCode::CREATED, told(&upload)).into_response();
    let location = HeaderValue::from_str(&format!("{PLACE}/{}", upload.id)).map_err(Error::internal)?;
    response.headers_mut().insert(header::LOCATION, location);
    Ok(response)
}

/// How far an upload has come.
#[utoipa::path(head, path = "/api/files/uploads/{id}", tag = "uploads", params(("id" = i64, Path)), responses(
    (status = 200), (status = 401), (status = 404)))]
pub(super) async fn look(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    _: Speaks,
    Path(id): Path<i64>,
) -> Result<Response, ApiError> {
    let upload = uploads::look(&state.chat, &actor, id).await?;
    let mut headers = told(&upload);
    headers.insert(UPLOAD_LENGTH, HeaderValue::from(upload.length));
    let name = format!("filename {}", BASE64_STANDARD.encode(&upload.name));
    headers.insert(UPLOAD_METADATA, HeaderValue::from_str(&name).map_err(Error::internal)?);
    Ok(headers.into_response())
}

/// Send bytes from `Upload-Offset` on; with the last one the upload is a file, whose id `Chinwag-File` tells.
#[utoipa::path(patch, path = "/api/files/uploads/{id}", tag = "uploads",
    params(("id" = i64, Path), ("Upload-Offset" = i64, Header), ("Upload-Checksum" = Option<String>, Header), ("Tus-Resumable" = String, Header)),
    request_body(content = Vec<u8>, content_type = "application/offset+octet-stream"), responses(
    (status = 204), (status = 400, body = Failure), (status = 401, body = Failure), (status = 404, body = Failure), (status = 408, body = Failure),
    (status = 409, body = Failure), (status = 412, body = Failure), (status = 413, body = Failure), (status = 415, body = Failure),
    (status = 460, body = Failure), (status = 503, body = Failure), (status = 507, body = Failure)))]
pub(super) async fn append(
    State(state): State<AppState>,
    Uploader(actor): Uploader,
    _: Speaks,
    Path(id): Path<i64>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    if !has_bytes(&headers) {
        return Err(Error::from(ErrorCode::UnsupportedMediaType).with_message(Sentence::SendBytes).into());
    }
    let piece = piece(&headers, number(&headers, &UPLOAD_OFFSET)?, body)?;
    let upload = uploads::append(&state.chat, &actor, id, piece).await?;
    Ok((StatusCode::NO_CONTENT, told(&upload)).into_response())
}

/// Give an upload up.
#[utoipa::path(delete, path = "/api/files/uploads/{id}", tag = "uploads", params(("id" = i64, Path)), responses(
    (status = 204), (status = 401, body = Failure), (status = 404, body = Failure)))]
pub(super) async fn end(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    _: Speaks,
    Path(id): Path<i64>,
) -> Result<StatusCode, ApiError> {
    files::delete(&state.chat, &actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is told of an upload in each answer.
fn told(upload: &FileRecord) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(UPLOAD_OFFSET, HeaderValue::from(upload.received));
    if upload.is_whole() {
        headers.insert(CHINWAG_FILE, HeaderValue::from(upload.id));
    } else if let Some(date) = http_date(upload.expires_at) {
        headers.insert(UPLOAD_EXPIRES, date);
    }
    headers
}

/// As RFC 9110 section 5.6.7 writes a time.
fn http_date(ms: i64) -> Option<HeaderValue> {
    let time = Timestamp::from_millisecond(ms).ok()?;
    HeaderValue::from_str(&time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()).ok()
}

fn has_bytes(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().eq_ignore_ascii_case(BYTES.as_bytes()))
}

/// A header that must be a number of bytes.
fn number(headers: &HeaderMap, name: &HeaderName) -> Result<i64> {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    let digits = value.filter(|value| !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()));
    // A number that is too large for us is a number all the same.
    let number = digits.map(|digits| digits.parse().unwrap_or(i64::MAX));
    number.ok_or_else(|| malformed(name))
}

fn malformed(name: &HeaderName) -> Error {
    Error::from(ErrorCode::Malformed).with_message(Sentence::HeaderUnread { name: name.to_string() })
}

/// What a client says of a file: `key base64, key base64`.
fn wish(headers: &HeaderMap) -> Result<FileWish> {
    let mut wish = FileWish::default();
    let Some(said) = headers.get(&UPLOAD_METADATA) else { return Ok(wish) };
    let unread = || malformed(&UPLOAD_METADATA);
    let said = said.to_str().ok().filter(|said| said.len() <= METADATA).ok_or_else(unread)?;
    for pair in said.split(',') {
        let (key, value) = pair.trim().split_once(' ').unwrap_or((pair.trim(), ""));
        let value = BASE64_STANDARD.decode(value.trim()).map_err(|_| unread())?;
        let text = String::from_utf8_lossy(&value).into_owned();
        match key {
            "filename" => wish.name = text,
            "waveform" => wish.waveform = Some(text),
            "duration" => wish.duration = Some(text),
            // The type that a client believes in is not asked for: the content tells it.
            _ => {}
        }
    }
    Ok(wish)
}

fn piece(
    headers: &HeaderMap,
    offset: i64,
    body: Body,
) -> Result<Piece<impl futures_util::Stream<Item = Result<bytes::Bytes>> + Send + Unpin + use<>>> {
    let checksum = headers.get(&UPLOAD_CHECKSUM).map(checksum).transpose()?;
    Ok(Piece { offset, length: length_of(headers), checksum, body: bytes_of(body) })
}

/// `sha1 base64`, `sha256 base64`.
fn checksum(said: &HeaderValue) -> Result<Checksum> {
    let read = || {
        let (algorithm, value) = said.to_str().ok()?.split_once(' ')?;
        let value = BASE64_STANDARD.decode(value.trim()).ok()?;
        match algorithm {
            "sha1" => Some(Checksum::Sha1(value.try_into().ok()?)),
            "sha256" => Some(Checksum::Sha256(value.try_into().ok()?)),
            _ => None,
        }
    };
    read().ok_or_else(|| malformed(&UPLOAD_CHECKSUM))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn what_a_client_says_of_a_file_is_read_or_refused() {
        let said = wish(&headers(UPLOAD_METADATA, "filename 5oql5ZGKLnBkZg==,filetype dGV4dA==, is_confidential"));
        assert_eq!(said.expect("sound").name, "报告.pdf");
        assert!(wish(&headers(UPLOAD_METADATA, "filename ###")).is_err());
        assert_eq!(wish(&HeaderMap::new()).expect("nothing is said").name, "");
    }

    #[test]
    fn a_number_of_bytes_is_digits_alone() {
        let read = |value| number(&headers(UPLOAD_OFFSET, value), &UPLOAD_OFFSET).ok();
        assert_eq!((read("0"), read("52428800")), (Some(0), Some(52_428_800)));
        assert_eq!(read("99999999999999999999"), Some(i64::MAX));
        for wrong in ["", "-1", "+1", "1.0", "0x1", " 1", "1e3"] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn a_checksum_is_of_a_kind_that_is_known_and_as_long_as_that_is() {
        let read = |value| checksum(&HeaderValue::from_static(value)).is_ok();
        assert!(read("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0="));
        assert!(!read("md5 Kq5sNclPz7QV2+lfQIuc6R7oRu0=") && !read("sha1 YWJj") && !read("sha1"));
    }

    #[test]
    fn a_time_is_written_as_http_writes_it() {
        assert_eq!(http_date(784_111_777_000).expect("a time"), "Sun, 06 Nov 1994 08:49:37 GMT");
    }
}
