//! Bodies that are no JSON: as streams that nobody holds in memory, and the form in which a browser sends a file. What comes of them is
//! decided elsewhere.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    body::{Body, BodyDataStream, HttpBody},
    extract::Request,
    http::{HeaderMap, header},
    middleware::Next,
    response::Response,
};
use bytes::Bytes;
use chinwag_domain::{Error, Result, uploads::FileWish};
use chinwag_proto::{ErrorCode, Sentence};
use futures_util::{Stream, StreamExt, stream};
use http_body_util::BodyExt as _;
use hyper::body::Frame;
use multer::{Field, Multipart};
use parking_lot::Mutex;
use tokio::time::timeout;

use crate::error::from_body;

/// Bytes of a form that are not the file: fields before it, heads, boundaries.
pub(super) const AROUND: u64 = 64 * 1024;
/// Bytes of one field that is not the file.
const FIELD: usize = 4 * 1024;

/// What the field of the file is called.
const FILE: &str = "file";

/// For so long a body is heard out that was refused.
const HEARD_OUT: Duration = Duration::from_secs(2);

/// Hears out what was refused before its end, for a moment: who still sends when the line is closed never reads why.
pub(super) async fn hear_out(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let body = Arc::new(Mutex::new(body));
    let response = next.run(Request::from_parts(parts, Body::new(Lent(body.clone())))).await;
    if !response.status().is_success() {
        let mut rest = Lent(body);
        let all = async { while let Some(Ok(_)) = rest.frame().await {} };
        // Whoever sends for longer may lose the answer.
        let _ = timeout(HEARD_OUT, all).await;
    }
    response
}

/// A body that was given to a handler, and is had back when that is done with it.
struct Lent(Arc<Mutex<Body>>);

impl HttpBody for Lent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut *self.0.lock()).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.0.lock().is_end_stream()
    }
}

/// The bytes of a body as they come.
pub(super) fn bytes_of(body: Body) -> impl Stream<Item = Result<Bytes>> + Send + Unpin {
    body.into_data_stream().map(|came| came.map_err(|error| from_body(&error)))
}

/// The announced length of a body.
pub(super) fn length_of(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// A form with a file in it.
pub(super) struct FileForm {
    form: Multipart<'static>,
    allowed: Arc<AtomicU64>,
}

impl FileForm {
    /// Begins to read it; at most `most` bytes of the file.
    pub fn read(headers: &HeaderMap, body: Body) -> Result<Self> {
        let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let refusal = || Error::from(ErrorCode::UnsupportedMediaType).with_message(Sentence::SendForm);
        let boundary = multer::parse_boundary(kind).map_err(|_| refusal())?;
        let allowed = Arc::new(AtomicU64::new(AROUND));
        let metered = Metered { body: body.into_data_stream(), allowed: allowed.clone(), has_given: false };
        Ok(Self { form: Multipart::new(metered, boundary), allowed })
    }

    /// What is said of the file, up to where it begins; and the file.
    pub async fn file(&mut self, most: i64) -> Result<(FileWish, FormFile)> {
        let mut wish = FileWish::default();
        let hear = |name: &str, said| match name {
            "waveform" => wish.waveform = Some(said),
            "duration" => wish.duration = Some(said),
            // Other clients say more than is asked for.
            _ => {}
        };
        let file = self.file_behind(most, hear).await?;
        wish.name = file.0.file_name().unwrap_or_default().to_owned();
        Ok((wish, file))
    }

    /// The file. Each field before it is heard, by its name.
    pub async fn file_behind(&mut self, most: i64, mut hear: impl FnMut(&str, String)) -> Result<FormFile> {
        while let Some(field) = self.form.next_field().await.map_err(broken)? {
            let name = field.name().unwrap_or_default().to_owned();
            if name == FILE {
                self.allowed.fetch_add(u64::try_from(most).unwrap_or_default(), Ordering::Relaxed);
                return Ok(FormFile(field));
            }
            hear(&name, text_of(field).await?);
        }
        Err(Error::invalid(FILE, Sentence::Missing))
    }

    /// Whatever comes behind the file, which nobody asks for: a client that still sends would not hear the answer.
    pub async fn end(mut self) {
        while let Ok(Some(mut field)) = self.form.next_field().await {
            while let Ok(Some(_)) = field.chunk().await {}
        }
    }
}

/// The bytes of the file in a form.
pub(super) struct FormFile(Field<'static>);

impl FormFile {
    pub fn bytes(self) -> impl Stream<Item = Result<Bytes>> + Send + Unpin {
        Box::pin(stream::try_unfold(self.0, async |mut field| {
            Ok(field.chunk().await.map_err(broken)?.map(|bytes| (bytes, field)))
        }))
    }
}

async fn text_of(mut field: Field<'static>) -> Result<String> {
    let mut text = Vec::new();
    while let Some(bytes) = field.chunk().await.map_err(broken)? {
        if text.len() + bytes.len() > FIELD {
            return Err(ErrorCode::TooLarge.into());
        }
        text.extend_from_slice(&bytes);
    }
    String::from_utf8(text).map_err(|_| ErrorCode::Malformed.into())
}

/// Why a form could not be read to its end.
fn broken(error: multer::Error) -> Error {
    match error {
        multer::Error::StreamReadFailed(cause) => match cause.downcast::<Refused>() {
            Ok(refused) => refused.0,
            Err(_) => Error::from(ErrorCode::Malformed).with_message(Sentence::BodyBrokeOff),
        },
        multer::Error::IncompleteStream
        | multer::Error::IncompleteFieldData { .. }
        | multer::Error::IncompleteHeaders => Error::from(ErrorCode::Malformed).with_message(Sentence::BodyBrokeOff),
        _ => ErrorCode::Malformed.into(),
    }
}

/// A refusal on its way through the reader of forms.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Refused(Error);

/// A body that gives one stretch at a time, and no more than is allowed: the reader of forms takes whatever there is into memory, and
/// would look for the end of a head in all of it.
struct Metered {
    body: BodyDataStream,
    allowed: Arc<AtomicU64>,
    has_given: bool,
}

impl Stream for Metered {
    type Item = Result<Bytes, Refused>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if std::mem::take(&mut self.has_given) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let Poll::Ready(came) = Pin::new(&mut self.body).poll_next(cx) else { return Poll::Pending };
        self.has_given = true;
        Poll::Ready(came.map(|came| {
            let bytes = came.map_err(|error| Refused(from_body(&error)))?;
            let length = bytes.len() as u64;
            let pay = |allowed: u64| allowed.checked_sub(length);
            let paid = self.allowed.fetch_update(Ordering::Relaxed, Ordering::Relaxed, pay);
            paid.map(|_| bytes).map_err(|_| Refused(ErrorCode::TooLarge.into()))
        }))
    }
}
