//! Refusals and failures as HTTP shows them, and the one place where ours are logged. Not where they are decided.

use std::time::Duration;

use axum::{
    extract::rejection::{JsonRejection, PathRejection, QueryRejection},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chinwag_domain::Error;
use chinwag_proto::ErrorCode;
use serde::Serialize;
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
    /// A sentence for a person.
    pub message: String,
    pub error: ErrorCode,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<Details>,
    /// Names this request in the server's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// What is wrong with each field.
#[derive(Debug, Serialize, ToSchema)]
pub struct Details {
    pub fields: std::collections::BTreeMap<String, Vec<String>>,
}

tokio::task_local! {
    /// The id of the request that is being answered, for the body of a failure.
    pub(crate) static REQUEST_ID: String;
}

impl<E: Into<Error>> From<E> for ApiError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let Self(error) = self;
        let request_id = REQUEST_ID.try_with(Clone::clone).ok();
        if error.code.status() >= 500 {
            match error.cause.as_deref().map(chain) {
                Some(cause) => tracing::error!(error = error.code.as_str(), cause, request_id, "a request failed"),
                // Meant so: the server is stopping, or too busy.
                None => tracing::debug!(error = error.code.as_str(), request_id, "a request was turned away"),
            }
        }
        let fields = error.fields.iter().map(|(field, sentences)| ((*field).to_owned(), sentences.clone())).collect();
        let body = Failure {
            code: error.code.status(),
            message: error.sentence().to_owned(),
            error: error.code,
            details: (!error.fields.is_empty()).then_some(Details { fields }),
            request_id,
        };
        let status = StatusCode::from_u16(error.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, axum::Json(body)).into_response();
        let later = (status == StatusCode::SERVICE_UNAVAILABLE).then_some(LATER);
        if let Some(wait) = error.retry_after.or(later) {
            let seconds = wait.as_millis().div_ceil(1_000).max(1);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds as u64));
        }
        response
    }
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

/// A body that is not what the call takes.
pub(crate) fn from_json(rejection: &JsonRejection) -> Error {
    match rejection {
        JsonRejection::MissingJsonContentType(_) => ErrorCode::UnsupportedMediaType.into(),
        JsonRejection::BytesRejection(_) if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            ErrorCode::TooLarge.into()
        }
        other => malformed(&other.body_text()),
    }
}

pub(crate) fn from_query(rejection: &QueryRejection) -> Error {
    malformed(&rejection.body_text())
}

pub(crate) fn from_path(_: &PathRejection) -> Error {
    ErrorCode::NotFound.into()
}

fn malformed(why: &str) -> Error {
    Error::from(ErrorCode::Malformed).with_message(format!("The request could not be read: {why}."))
}
