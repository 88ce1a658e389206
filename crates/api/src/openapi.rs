//! The OpenAPI 3.1 document: what the routes say of themselves, plus the frames of the socket. Not written by hand anywhere.

use chinwag_proto as proto;
use utoipa::OpenApi;

/// The nouns and the socket's frames; the routes add themselves in `http`.
#[derive(OpenApi)]
#[openapi(
    info(title = "Chinwag", description = "A complete chat service in one program.", license(name = "Apache-2.0", identifier = "Apache-2.0")),
    components(schemas(proto::Request, proto::Event, proto::ErrorCode))
)]
pub struct Document;
