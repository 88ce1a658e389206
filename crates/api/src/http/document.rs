//! The door at which the API describes itself. Not what the description says: the routes and `openapi.rs` do.

use std::{io::Write as _, sync::LazyLock};

use axum::{
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};

use super::described;

/// The document as it is published and committed.
pub fn openapi_json() -> String {
    let mut text = described().to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

/// The same, written once: anybody may ask for it as often as they like.
static JSON: LazyLock<Bytes> = LazyLock::new(|| openapi_json().into());

/// The same, compressed once.
static GZIPPED: LazyLock<Bytes> = LazyLock::new(|| {
    let mut zipped = GzEncoder::new(Vec::new(), Compression::best());
    let written = zipped.write_all(&JSON).and_then(|()| zipped.finish());
    written.expect("memory takes everything").into()
});

/// This document.
#[utoipa::path(get, path = "/api/openapi.json", tag = "server", security(()), responses((status = 200, body = serde_json::Value)))]
pub(super) async fn openapi(headers: HeaderMap) -> Response {
    let head = [(header::CONTENT_TYPE, "application/json"), (header::VARY, "accept-encoding")];
    if takes_gzip(&headers) {
        (head, [(header::CONTENT_ENCODING, "gzip")], GZIPPED.clone()).into_response()
    } else {
        (head, JSON.clone()).into_response()
    }
}

/// Whether the caller names gzip, and does not say never.
fn takes_gzip(headers: &HeaderMap) -> bool {
    let named = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    named.flat_map(|value| value.split(',')).any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let never = weight.trim().strip_prefix("q=").and_then(|q| q.parse().ok()) == Some(0.0);
        name.trim().eq_ignore_ascii_case("gzip") && !never
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn gzip_goes_to_whoever_takes_it() {
        let takes =
            |value| takes_gzip(&HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))]));
        assert!(takes("gzip") && takes("br, GZIP;q=0.5") && takes("gzip;q=0.001"));
        assert!(!takes("") && !takes("br") && !takes("gzip;q=0") && !takes("identity, gzip; q=0.0"));
    }
}
