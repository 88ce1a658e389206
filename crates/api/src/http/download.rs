//! The bytes of a file on their way out: whole or a range, with what a browser must know so that no content harms whoever looks at it.
//! Who may see a file is the domain's to say.

use std::ops::Range;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use chinwag_domain::{Error, file_records::FileRecord, files, policy::FilePermit};
use chinwag_proto::{ErrorCode, FileCategory};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use utoipa::IntoParams;

use super::answer::{Path, Query, ok};
use crate::{
    AppState,
    auth::{Authenticated, Linked},
    error::{ApiError, Failure},
};

/// What is shown in the page that asks for it; nothing of it can act. All else is only saved.
const INLINE: [&str; 14] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "video/mp4",
    "video/webm",
    "audio/mpeg",
    "audio/mp4",
    "audio/aac",
    "audio/ogg",
    "video/ogg",
    "audio/wav",
    "audio/webm",
    "text/plain",
];
/// Where somebody opens a content by itself it has no origin, and loads nothing.
pub(super) const CSP: HeaderValue = HeaderValue::from_static("sandbox; default-src 'none'");
/// It may be kept, by the browser alone, and is asked for each time: who may see it can change.
pub(super) const CACHE: HeaderValue = HeaderValue::from_static("private, no-cache");

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct Wanted {
    /// A smaller picture: 256 or 1024 pixels at its longer side, as `thumbs` of the file says.
    thumb: Option<i32>,
}

/// The content, or a range of it; where JSON is accepted before anything else, what is known of it.
#[utoipa::path(get, path = "/api/files/{id}", tag = "files", params(("id" = i64, Path), Wanted), responses(
    (status = 200, content_type = "application/octet-stream", body = Vec<u8>), (status = 206, content_type = "application/octet-stream", body = Vec<u8>),
    (status = 304), (status = 401, body = Failure), (status = 404, body = Failure), (status = 416, body = Failure)))]
pub(super) async fn content(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    Path(id): Path<i64>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let permit = files::find(&state.chat, &actor, id).await?;
    let mut response = match wanted.thumb {
        None if wants_json(&headers) => ok(files::shown(permit.file()))?.into_response(),
        None => whole_or_range(&state, &permit, &headers, false).await?,
        Some(size) => thumb(&state, &permit, size, &headers).await?.ok_or(ErrorCode::FileNotFound)?,
    };
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("accept"));
    Ok(response)
}

/// A picture of it: the larger of the smaller ones, or an image as it is.
#[utoipa::path(get, path = "/api/files/{id}/preview", tag = "files", params(("id" = i64, Path), ("token" = Option<String>, Query)), responses(
    (status = 200, content_type = "image/*", body = Vec<u8>), (status = 304), (status = 401, body = Failure), (status = 404, body = Failure)))]
pub(super) async fn preview(
    State(state): State<AppState>,
    Linked(actor): Linked,
    Path(id): Path<i64>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let permit = files::find(&state.chat, &actor, id).await?;
    let largest = permit.file().thumbs.iter().max().copied();
    if let Some(size) = largest
        && let Some(picture) = thumb(&state, &permit, size, &headers).await?
    {
        return Ok(picture);
    }
    if permit.file().category != FileCategory::Image {
        return Err(ErrorCode::FileNotFound.into());
    }
    whole_or_range(&state, &permit, &headers, false).await
}

/// The content, to be saved.
#[utoipa::path(get, path = "/api/files/{id}/download", tag = "files", params(("id" = i64, Path), ("token" = Option<String>, Query)), responses(
    (status = 200, content_type = "application/octet-stream", body = Vec<u8>), (status = 206, content_type = "application/octet-stream", body = Vec<u8>),
    (status = 304), (status = 401, body = Failure), (status = 404, body = Failure), (status = 416, body = Failure)))]
pub(super) async fn download(
    State(state): State<AppState>,
    Linked(actor): Linked,
    Path(id): Path<i64>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let permit = files::find(&state.chat, &actor, id).await?;
    whole_or_range(&state, &permit, &headers, true).await
}

async fn whole_or_range(
    state: &AppState,
    permit: &FilePermit,
    asked: &HeaderMap,
    to_save: bool,
) -> Result<Response, ApiError> {
    let file = permit.file();
    let tag = format!("\"{}\"", file.hash.as_deref().unwrap_or_default());
    let mut headers = manners(&tag)?;
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if is_known(asked, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    let size = u64::try_from(file.size).unwrap_or_default();
    let (status, range) = match wanted_range(asked, &tag, size) {
        Ok(None) => (StatusCode::OK, 0..size),
        Ok(Some(range)) => {
            let place = format!("bytes {}-{}/{size}", range.start, range.end - 1);
            headers.insert(header::CONTENT_RANGE, value(&place)?);
            (StatusCode::PARTIAL_CONTENT, range)
        }
        Err(NoSuchRange) => {
            let mut refusal = ApiError::from(ErrorCode::NoSuchRange).into_response();
            refusal.headers_mut().insert(header::CONTENT_RANGE, value(&format!("bytes */{size}"))?);
            return Ok(refusal);
        }
    };
    headers.insert(header::CONTENT_TYPE, value(content_type(file))?);
    headers.insert(header::CONTENT_DISPOSITION, value(&disposition(file, to_save))?);
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(range.end - range.start));
    let body = if range.is_empty() {
        Body::empty()
    } else {
        Body::from_stream(files::read(&state.chat, permit, range).await?)
    };
    Ok((status, headers, body).into_response())
}

async fn thumb(
    state: &AppState,
    permit: &FilePermit,
    size: i32,
    asked: &HeaderMap,
) -> Result<Option<Response>, ApiError> {
    let file = permit.file();
    if !file.thumbs.contains(&size) {
        return Ok(None);
    }
    // A poster can be another one by now, that of an image cannot.
    let tag = match file.category {
        FileCategory::Video => None,
        _ => Some(format!("\"{}-{size}\"", file.hash.as_deref().unwrap_or_default())),
    };
    let mut headers = manners(tag.as_deref().unwrap_or_default())?;
    if tag.is_some_and(|tag| is_known(asked, &tag)) {
        return Ok(Some((StatusCode::NOT_MODIFIED, headers).into_response()));
    }
    let Some(picture) = files::read_thumb(&state.chat, permit, size).await? else { return Ok(None) };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(picture_type(&picture)));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
    Ok(Some((headers, Bytes::from(picture)).into_response()))
}

/// What every answer with bytes of somebody's says.
fn manners(tag: &str) -> Result<HeaderMap, ApiError> {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_SECURITY_POLICY, CSP);
    headers.insert(header::CACHE_CONTROL, CACHE);
    if !tag.is_empty() {
        headers.insert(header::ETAG, value(tag)?);
    }
    Ok(headers)
}

fn value(text: &str) -> Result<HeaderValue, ApiError> {
    HeaderValue::from_str(text).map_err(|error| Error::internal(error).into())
}

/// The smaller pictures are made here, in one of two kinds.
pub(super) fn picture_type(picture: &[u8]) -> &'static str {
    if picture.starts_with(b"\x89PNG") { "image/png" } else { "image/jpeg" }
}

fn is_inline(file: &FileRecord) -> bool {
    let kind = file.media_type.split(';').next().unwrap_or_default().trim();
    INLINE.contains(&kind)
}

/// What is only saved is told as bytes: nobody is to guess at it.
fn content_type(file: &FileRecord) -> &str {
    match file.media_type.as_str() {
        "text/plain" => "text/plain; charset=utf-8",
        kind if is_inline(file) => kind,
        _ => "application/octet-stream",
    }
}

/// What RFC 8187 section 3.2.1 leaves as it is.
const AS_IT_IS: AsciiSet = NON_ALPHANUMERIC
    .remove(b'!')
    .remove(b'#')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'-')
    .remove(b'.')
    .remove(b'^')
    .remove(b'_')
    .remove(b'`')
    .remove(b'|')
    .remove(b'~');

/// By RFC 6266: the name as it is, and before it one for clients that know only ASCII.
fn disposition(file: &FileRecord, to_save: bool) -> String {
    let kind = if is_inline(file) && !to_save { "inline" } else { "attachment" };
    let plain = |c: char| if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%') || c == ' ' { c } else { '_' };
    let ascii: String = file.name.chars().map(plain).collect();
    let exact = utf8_percent_encode(&file.name, &AS_IT_IS);
    format!("{kind}; filename=\"{ascii}\"; filename*=UTF-8''{exact}")
}

/// Whether JSON is the first kind that is accepted.
fn wants_json(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let first = accepted.split([',', ';']).next().unwrap_or_default();
    first.trim().eq_ignore_ascii_case("application/json")
}

/// Whether the caller has just this already.
pub(super) fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|known| known.to_str().ok());
    known.flat_map(|known| known.split(',')).any(|known| {
        let known = known.trim();
        known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag
    })
}

/// The range lies outside of the content, or is none.
#[derive(Debug, PartialEq, Eq)]
struct NoSuchRange;

/// The one range that is asked for. For several at once the whole is the answer, as for units that are not bytes.
fn wanted_range(headers: &HeaderMap, tag: &str, size: u64) -> Result<Option<Range<u64>>, NoSuchRange> {
    let Some(range) = headers.get(header::RANGE) else { return Ok(None) };
    let is_of_this = headers.get(header::IF_RANGE).is_none_or(|of| of.as_bytes() == tag.as_bytes());
    let Some(ranges) = range.to_str().ok().and_then(|range| range.trim().strip_prefix("bytes=")) else {
        return Ok(None);
    };
    if !is_of_this || ranges.contains(',') {
        return Ok(None);
    }
    one_range(ranges.trim(), size).map(Some).ok_or(NoSuchRange)
}

/// `first-last`, `first-` or `-count`.
fn one_range(text: &str, size: u64) -> Option<Range<u64>> {
    let (first, last) = text.split_once('-')?;
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten();
    let range = match (first, last) {
        ("", count) => size.saturating_sub(number(count)?)..size,
        (first, "") => number(first)?..size,
        (first, last) => number(first)?..number(last)?.checked_add(1)?.min(size),
    };
    (!range.is_empty()).then_some(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_within_the_content_or_there_is_none() {
        let read = |text| one_range(text, 10);
        assert_eq!((read("0-3"), read("4-"), read("-3")), (Some(0..4), Some(4..10), Some(7..10)));
        assert_eq!((read("9-99"), read("-99")), (Some(9..10), Some(0..10)));
        for none in [
            "",
            "-",
            "x",
            "5-4",
            "10-",
            "10-11",
            "-0",
            "--1",
            "0x1-2",
            "1 -2",
            "99999999999999999999-",
            "0-18446744073709551615",
        ] {
            assert_eq!(read(none), None, "{none:?}");
        }
        assert_eq!(one_range("0-", 0), None);
    }

    #[test]
    fn several_ranges_other_units_and_another_content_are_answered_by_the_whole() {
        let asked = |range: &'static str, of: &'static str| {
            let mut headers = HeaderMap::from_iter([(header::RANGE, HeaderValue::from_static(range))]);
            if !of.is_empty() {
                headers.insert(header::IF_RANGE, HeaderValue::from_static(of));
            }
            wanted_range(&headers, "\"a\"", 10)
        };
        for (range, of) in [("bytes=0-1,3-4", ""), ("lines=1-2", ""), ("bytes=0-1", "\"b\""), ("bytes=0-1", "W/\"a\"")]
        {
            assert_eq!(asked(range, of), Ok(None), "{range} {of}");
        }
        assert_eq!(asked("bytes=0-1", "\"a\""), Ok(Some(0..2)));
        assert_eq!(asked("bytes=x", ""), Err(NoSuchRange));
    }
}
