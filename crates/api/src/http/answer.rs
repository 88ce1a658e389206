//! How every handler takes and gives JSON. Failures are in `error`.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use chinwag_proto::{ErrorCode, form};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::{IntoParams, ToSchema};

use crate::error::{self, ApiError};

/// What a handler gives.
pub(super) type Answer<T> = Result<Given<T>, ApiError>;

/// The body of every success.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Success<T> {
    /// 200.
    pub code: u16,
    /// `success`.
    pub message: &'static str,
    pub data: T,
}

/// `null`, where there is nothing to say but that it worked.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Nothing;

/// A success on its way out.
#[derive(Debug)]
pub(super) struct Given<T>(pub T);

/// Here it is.
pub(super) fn ok<T>(data: T) -> Answer<T> {
    Ok(Given(data))
}

impl<T> Success<T> {
    fn of(data: T) -> Self {
        Self { code: StatusCode::OK.as_u16(), message: "success", data }
    }
}

impl<T: Serialize> IntoResponse for Given<T> {
    fn into_response(self) -> Response {
        axum::Json(Success::of(self.0)).into_response()
    }
}

/// The body of a success where clients of GoChat look for `success`.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Succeeded<T> {
    #[serde(flatten)]
    told: Success<T>,
    /// Always true.
    success: bool,
}

impl<T> Succeeded<T> {
    /// It worked, and here it is.
    pub fn with(data: T) -> axum::Json<Self> {
        axum::Json(Self { told: Success::of(data), success: true })
    }
}

/// A JSON body, or the refusal in our own form.
pub(super) struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if !is_json(request.headers()) {
            return Err(ErrorCode::UnsupportedMediaType.into());
        }
        let body = Bytes::from_request(request, state).await;
        let body = body.map_err(|rejection| ApiError(error::from_bytes(&rejection)))?;
        Ok(Self(form::read_object(&body)?))
    }
}

/// Whether the body says it is JSON: a form of another site cannot say so.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || kind.starts_with("application/") && kind.ends_with("+json")
}

/// Query parameters, or the refusal in our own form.
pub(super) struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let pairs = axum::extract::Query::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        let pairs = pairs.map(|axum::extract::Query(pairs)| pairs).map_err(|_| ErrorCode::Malformed)?;
        Ok(Self(form::read_query(pairs)?))
    }
}

/// Path parameters; what does not parse is not there.
pub(super) struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = axum::extract::Path::<T>::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(path)| Self(path)).map_err(|rejection| ApiError(error::from_path(&rejection)))
    }
}

/// Rows that can be skipped: each of them is read.
const FARTHEST: usize = 10_000;

/// Where a list begins and how long it is, the same for every list. `page` and `page_size` are other words for `offset` and
/// `limit`.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct Paging {
    /// Rows: 50 where nothing is asked for; less than 1 counts as 1, more than 100 as 100.
    limit: Option<usize>,
    /// Rows to skip, at most 10,000: who wants more follows the cursor.
    offset: Option<usize>,
    /// The same as `offset`, counted in pages from 1.
    page: Option<usize>,
    /// The same as `limit`.
    page_size: Option<usize>,
}

impl Paging {
    /// Rows of the page.
    pub fn limit(&self) -> usize {
        use chinwag_proto::limits;
        self.limit.or(self.page_size).unwrap_or(limits::PAGE_DEFAULT).clamp(1, limits::PAGE)
    }

    /// Rows before the page.
    pub fn offset(&self) -> usize {
        let by_page = self.page.map(|page| page.saturating_sub(1).saturating_mul(self.limit()));
        self.offset.or(by_page).unwrap_or(0).min(FARTHEST)
    }
}
