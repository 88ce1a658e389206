//! What came to nothing of the things that the server does by itself. Nobody waits for an answer, so it stands in the log; where somebody
//! has asked, the edge says it.

use std::fmt::Display;

use chinwag_proto::ErrorCode;

use crate::Error;

/// Says it once, with what caused it. That a store is away has been said already, and that it is busy is meant so.
pub fn log_failure(error: impl Into<Error>, what: impl Display) {
    let error = error.into();
    match error.cause.as_deref() {
        None if error.code == ErrorCode::Unavailable => tracing::debug!("{what}: the store cannot do it now"),
        None => tracing::warn!(%error, "{what}"),
        Some(cause) => tracing::warn!(error = cause as &(dyn std::error::Error + 'static), "{what}"),
    }
}
