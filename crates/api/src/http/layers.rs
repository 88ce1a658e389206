//! What every request goes through: its id, the headers of its answer, and the rule that started work is finished.

use std::{
    any::Any,
    cell::Cell,
    time::{Duration, Instant},
};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};
use chinwag_domain::{Error, ports::random_bytes};
use chinwag_proto::{ErrorCode, Language, Sentence};
use tower_http::{
    CompressionLevel,
    compression::{CompressionLayer, Predicate, predicate::SizeAbove},
    cors::{AllowOrigin, CorsLayer},
};

use super::{OPEN, uploads};
use tracing::{Instrument, field};

use crate::{
    AppState, Options,
    auth::client_address,
    error::{ASKED, ApiError, Asked, Failure, language},
    limits::READ_SLOT,
};

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Names the request (the proxy's name for it, if it gave a sound one), logs how it ended, and measures it.
pub(super) async fn request_id(request: Request, next: Next) -> Response {
    let given = request.headers().get(&X_REQUEST_ID).and_then(|id| id.to_str().ok());
    let sound = |id: &&str| (8..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let id = given.filter(sound).map_or_else(|| format!("{:032x}", u128::from_be_bytes(random_bytes())), str::to_owned);
    let method = request.method().clone();
    // The pattern, not the path: paths carry ids, queries carry tokens.
    let route = request.extensions().get::<MatchedPath>().map_or_else(String::new, |path| path.as_str().to_owned());
    let start = Instant::now();
    let asked = Asked { request_id: id.clone(), language: language(request.headers()) };
    // Whatever is logged on the way says to which request it belongs, at every level.
    let room_id = room_of(&route, request.uri().path());
    let span = tracing::error_span!("request", request_id = id, %method, route, room_id, user_id = field::Empty);
    let mut response = ASKED.scope(asked, next.run(request)).instrument(span).await;
    let status = response.status().as_u16();
    tracing::debug!(%method, route, status, request_id = id, ms = start.elapsed().as_millis() as u64, "answered");
    metrics::histogram!("chinwag_http_request_seconds").record(start.elapsed().as_secs_f64());
    metrics::counter!("chinwag_http_requests_total", "status" => class(status)).increment(1);
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    response
}

/// The room that a path names, by its pattern.
fn room_of(route: &str, path: &str) -> Option<i64> {
    let mut parts = route.split('/').zip(path.split('/'));
    let is_rooms = |part: &(&str, &str)| part.0 == "rooms" || part.0 == "broadcast";
    parts.find(is_rooms)?;
    parts.next().filter(|(name, _)| name.starts_with('{'))?.1.parse().ok()
}

fn class(status: u16) -> &'static str {
    match status {
        0..200 => "1xx",
        200..300 => "2xx",
        300..400 => "3xx",
        400..500 => "4xx",
        _ => "5xx",
    }
}

/// Content-Security-Policy of every answer: our own files and nothing else.
const CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; \
    media-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The headers that keep browsers from being turned against their users.
pub(super) async fn headers(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    protect(headers);
    if state.options.secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    response
}

fn protect(headers: &mut HeaderMap) {
    // The bytes of a file have a stricter policy than our own pages.
    let mut set = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, CSP);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(
        HeaderName::from_static("permissions-policy"),
        "camera=(self), microphone=(self), display-capture=(self), geolocation=()",
    );
}

/// How long a browser may remember what a preflight was told; the longest that they keep to.
const PREFLIGHT: Duration = Duration::from_secs(2 * 60 * 60);

/// Lets pages of other origins call the API with a token. Never with the cookie: nothing here allows credentials, and a cookie that
/// comes from elsewhere is not looked at. A preflight ends here.
pub(super) fn cors(options: &Options) -> CorsLayer {
    let own = options.allowed_origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok());
    let sent =
        [header::AUTHORIZATION, header::CONTENT_TYPE, header::ACCEPT_LANGUAGE, X_REQUEST_ID, header::RANGE].into_iter();
    let origins = if options.any_origin { AllowOrigin::any() } else { AllowOrigin::list(own) };
    CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([
            Method::GET,
            Method::HEAD,
            Method::OPTIONS,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        .allow_headers(sent.chain(uploads::SENT).collect::<Vec<_>>())
        .expose_headers([header::RETRY_AFTER, X_REQUEST_ID])
        .max_age(PREFLIGHT)
}

/// What the layer of CORS does not say of files: it takes every OPTIONS for a preflight, where an upload asks what is spoken here, and it
/// tells all answers what pages of other origins may read of these.
pub(super) async fn beside_cors(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let is_preflight = request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let asks = request.method() == Method::OPTIONS && !is_preflight && request.uri().path() == uploads::PLACE;
    let is_of_files = request.uri().path().starts_with("/api/files/");
    let mut response = next.run(request).await;
    if asks {
        let spoken = uploads::spoken(&state);
        *response.status_mut() = spoken.status();
        response.headers_mut().extend(spoken.headers().clone());
    }
    if is_of_files && response.headers().contains_key(header::ACCESS_CONTROL_EXPOSE_HEADERS) {
        response.headers_mut().append(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(uploads::TOLD));
    }
    response
}

/// The whole HTTP/1.1 answer for a connection that finds no place, with the headers that every answer has: in the language that what
/// came of its request asks for. Only that is read of it.
pub fn no_place(head: &[u8]) -> Vec<u8> {
    let reason = ErrorCode::Unavailable;
    let head = String::from_utf8_lossy(head);
    let accepted = head.lines().filter_map(|line| line.split_once(':'));
    let mut accepted =
        accepted.filter(|(name, _)| name.eq_ignore_ascii_case("accept-language")).map(|(_, value)| value);
    let language = Language::asked_for(accepted.next_back().unwrap_or_default());
    let message = Sentence::NoConnection.text(language);
    let failure =
        Failure { code: reason.status(), error: message.clone(), message, reason, details: None, request_id: None };
    let body = serde_json::to_vec(&failure).unwrap_or_default();
    let mut headers = HeaderMap::new();
    protect(&mut headers);
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::CONNECTION, "close"),
        (header::CONTENT_TYPE, "application/json"),
        (header::RETRY_AFTER, "10"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
    let mut answer = b"HTTP/1.1 503 Service Unavailable\r\n".to_vec();
    for (name, value) in &headers {
        answer.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    answer.extend(b"\r\n");
    answer.extend(body);
    answer
}

/// Refusals that have no body, as those for what is not in the table or no page, in our own form.
pub(super) async fn in_our_form(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let code = match response.status() {
        StatusCode::NOT_FOUND => ErrorCode::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => ErrorCode::MethodNotAllowed,
        _ => return response,
    };
    if response.headers().contains_key(header::CONTENT_TYPE) {
        return response;
    }
    let mut told = ApiError::from(code).into_response();
    if let Some(allowed) = response.headers().get(header::ALLOW) {
        told.headers_mut().insert(header::ALLOW, allowed.clone());
    }
    told
}

/// Exactly one host is named (RFC 9112 section 3.2): who reads a request otherwise than a proxy before it can be led astray.
pub(super) async fn one_host(request: Request, next: Next) -> Response {
    let hosts: Vec<&HeaderValue> = request.headers().get_all(header::HOST).iter().collect();
    let is_sound = match hosts[..] {
        [] => request.version() < Version::HTTP_11,
        [host] => Authority::try_from(host.as_bytes()).is_ok_and(|host| !host.as_str().contains('@')),
        _ => false,
    };
    if is_sound {
        return next.run(request).await;
    }
    ApiError(Error::from(ErrorCode::Malformed).with_message(Sentence::OneHost)).into_response()
}

/// A request in pieces is the last of its connection. Hyper does not show whether it had a length, too; with both, what a proxy
/// takes for the rest of its body must not be read as a request (RFC 9112 section 6.1).
pub(super) async fn last_in_pieces(request: Request, next: Next) -> Response {
    let in_pieces = request.headers().contains_key(header::TRANSFER_ENCODING);
    let mut response = next.run(request).await;
    if in_pieces {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Refuses a body that says it is too large before it is sent.
pub(super) async fn bounded(State(bytes): State<usize>, request: Request, next: Next) -> Response {
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: u64| length > bytes as u64) {
        return ApiError::from(ErrorCode::TooLarge).into_response();
    }
    next.run(request).await
}

/// Answers of the API are nobody's to keep.
pub(super) async fn no_store(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers: &mut HeaderMap = response.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Shrinks long JSON for whoever takes gzip: a list of three hundred rooms to a tenth.
pub(super) fn compression() -> CompressionLayer<impl Predicate> {
    let is_json = |_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions| {
        // Not what somebody uploaded: a range of it is a range of it as it is.
        let is_file = headers.contains_key(header::CONTENT_DISPOSITION);
        !is_file && headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/json")
    };
    CompressionLayer::new()
        .quality(CompressionLevel::Fastest)
        .compress_when(SizeAbove::new(COMPRESSED_FROM).and(is_json))
}

/// Bytes of an answer; less than a packet would gain nothing.
const COMPRESSED_FROM: u64 = 1400;

/// The length of a compressed answer tells what in it is alike (BREACH). That is worth knowing where a secret stands beside
/// words that an attacker chose for this very request. Every token is handed out by a POST; and no answer to a GET has a token,
/// or repeats what was asked.
pub(super) async fn compress_reads_only(mut request: Request, next: Next) -> Response {
    if request.method() != Method::GET {
        request.headers_mut().remove(header::ACCEPT_ENCODING);
    }
    next.run(request).await
}

/// Keeps the slot of a read until its answer is there.
pub(super) async fn hold_slot(request: Request, next: Next) -> Response {
    READ_SLOT.scope(Cell::default(), next.run(request)).await
}

/// Counts calls that need no login by the line they come over.
pub(super) async fn pay_at_open_doors(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let is_open = request.extensions().get::<MatchedPath>().is_some_and(|path| OPEN.contains(&path.as_str()));
    let (parts, body) = request.into_parts();
    if is_open && let Err(refusal) = state.reads.spend_unknown(client_address(&parts, &state.options)) {
        return ApiError(refusal).into_response();
    }
    next.run(Request::from_parts(parts, body)).await
}

/// A request that changes something is finished even if its client goes away: hyper drops a handler with its connection,
/// and a use case cut off after its commit would never tell anybody.
pub(super) async fn finish(request: Request, next: Next) -> Response {
    if matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS) {
        return next.run(request).await;
    }
    to_the_end(request, next).await
}

/// The same whatever the method.
pub(super) async fn to_the_end(request: Request, next: Next) -> Response {
    let asked = ASKED.try_with(Clone::clone).unwrap_or_default();
    #[expect(clippy::disallowed_methods, reason = "its owner is this call, which waits for it; only hyper may let go")]
    let work = tokio::spawn(ASKED.scope(asked, next.run(request)).in_current_span());
    match work.await {
        Ok(response) => response,
        Err(error) if error.is_panic() => panicked(error.into_panic()),
        Err(_) => ApiError(Error::from(ErrorCode::Unavailable)).into_response(),
    }
}

/// A panic ends one request, not the process.
pub(super) fn panicked(payload: Box<dyn Any + Send + 'static>) -> Response {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default();
    ApiError(Error::internal(format!("panic: {text}"))).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_span_of_a_request_names_its_room() {
        // Every route that has one, so that the next is not forgotten.
        let document: serde_json::Value =
            serde_json::from_str(include_str!("../../../../docs/openapi.json")).expect("JSON");
        let paths = document["paths"].as_object().expect("paths").keys();
        let mut named = 0;
        for route in paths {
            let is_of_a_room = route.starts_with("/api/rooms/{id}") || route.contains("{room_id}");
            let path = route.replace("{id}", "17").replace("{room_id}", "17").replace("{user_id}", "4");
            assert_eq!(room_of(route, &path), is_of_a_room.then_some(17), "{route}");
            named += usize::from(is_of_a_room);
        }
        assert!(named >= 6, "{named}");
        assert_eq!(room_of("/api/rooms/{id}", "/api/rooms/seventeen"), None);
        assert_eq!(room_of("", "/api/rooms/17"), None);
    }
}
