//! Refusals and failures as HTTP shows them, and the one place where ours are logged. Not where they are decided.

use std::time::Duration;

use axum::{
    extract::rejection::{BytesRejection, PathRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chinwag_domain::Error;
use chinwag_proto::{Details, ErrorCode, Language, Sentence, Sentences};
use serde::Serialize;
use tower_http::timeout::TimeoutError;
use utoipa::ToSchema;

/// When to come back to a server that is stopping or full.
const LATER: Duration = Duration::from_secs(2);

/// A domain error on its way out of HTTP.
#[derive(Debug)]
pub struct ApiError(pub Error);

/// The body of every failure.
#[derive(Debug, Serialize, ToSchema)]
pub struct Failure {
    /// The HTTP status.
    pub code: u16,
    /// A sentence for a person, in the language asked for (Accept-Language: English or Chinese).
    pub message: String,
    /// The same sentence: clients of GoChat show this one.
    pub error: String,
    /// Why, for the program.
    pub reason: ErrorCode,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<Details>,
    /// Names this request in the server's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// What the body of a failure needs to know of the request that is being answered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    pub request_id: String,
    pub language: Language,
}

tokio::task_local! {
    pub(crate) static ASKED: Asked;
}

/// The language that a request asks for.
pub(crate) fn language(headers: &HeaderMap) -> Language {
    Language::asked_for(
        headers.get(header::ACCEPT_LANGUAGE).and_then(|accept| accept.to_str().ok()).unwrap_or_default(),
    )
}

impl<E: Into<Error>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let Self(error) = self;
        let asked = ASKED.try_with(Clone::clone).ok();
        let language = asked.as_ref().map_or_else(Language::default, |asked| asked.language);
        let request_id = asked.map(|asked| asked.request_id);
        if error.code.status() >= 500 {
            match error.cause.as_deref().map(chain) {
                Some(cause) => tracing::error!(error = error.code.as_str(), cause, request_id, "a request failed"),
                // Meant so: the server is stopping, or too busy.
                None => tracing::debug!(error = error.code.as_str(), request_id, "a request was turned away"),
            }
        }
        let sentence = error.first_sentence(language);
        let body = Failure {
            code: error.code.status(),
            message: sentence.clone(),
            error: sentence,
            reason: error.code,
            details: details(&error, language),
            request_id,
        };
        let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(body)).into_response();
        // What the caller is to use instead.
        let instead = match status {
            StatusCode::UNAUTHORIZED => Some((header::WWW_AUTHENTICATE, "Bearer")),
            StatusCode::UPGRADE_REQUIRED => Some((header::SEC_WEBSOCKET_VERSION, "13")),
            _ => None,
        };
        if let Some((name, value)) = instead {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        let later = (status == StatusCode::SERVICE_UNAVAILABLE).then_some(LATER);
        if let Some(wait) = error.retry_after.or(later) {
            let seconds = wait.as_millis().div_ceil(1_000).max(1);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds as u64));
        }
        response
    }
}

/// What is wrong with each field, if that is what is wrong; the same over HTTP and the socket.
pub(crate) fn details(error: &Error, language: Language) -> Option<Details> {
    let told = |(field, sentences): (&&str, &Vec<Sentence>)| {
        let sentences = sentences.iter().map(|sentence| sentence.text(language)).collect();
        ((*field).to_owned(), Sentences { sentences })
    };
    (!error.fields.is_empty()).then(|| Details { fields: error.fields.iter().map(told).collect() })
}

/// An error and its causes in one line.
fn chain(error: &(dyn std::error::Error + Send + Sync)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

/// A body that broke off, as a stream tells it.
pub(crate) fn from_body(error: &axum::Error) -> Error {
    if is_late(error) {
        ErrorCode::TooLate.into()
    } else {
        Error::from(ErrorCode::Malformed).with_message(Sentence::BodyBrokeOff)
    }
}

/// A body that did not arrive.
pub(crate) fn from_bytes(rejection: &BytesRejection) -> Error {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ErrorCode::TooLarge.into(),
        _ if is_late(rejection) => ErrorCode::TooLate.into(),
        _ => Error::from(ErrorCode::Malformed).with_message(Sentence::BodyBrokeOff),
    }
}

/// Whether the client paused for too long, or took too long for the whole.
fn is_late(error: &(dyn std::error::Error + 'static)) -> bool {
    let whole = error.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::TimedOut);
    whole || error.is::<TimeoutError>() || error.source().is_some_and(is_late)
}

pub(crate) fn from_path(_: &PathRejection) -> Error {
    ErrorCode::NotFound.into()
}
