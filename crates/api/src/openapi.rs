//! What the OpenAPI 3.1 document says beside its routes: the frames of the socket, credentials, refusals that many share. The
//! routes add themselves in `http`.

use chinwag_proto as proto;
use utoipa::{
    Modify, OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme},
};

use crate::error::Failure;

/// The nouns and the socket's frames.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Chinwag",
        description = "A complete chat service in one program. Every answer is `{code, message, data}`; every failure `{code, message, error, reason, details?, request_id}`: the sentence twice, in the language of Accept-Language, and one word of ErrorCode. The frames of the socket at `/ws` are ClientFrame and ServerFrame.",
        license(name = "Apache-2.0", identifier = "Apache-2.0")
    ),
    components(schemas(proto::Request, proto::Event, proto::ErrorCode, Failure)),
    modifiers(&Credentials),
    security(("bearer" = []), ("cookie" = []))
)]
pub struct Document;

struct Credentials;

impl Modify for Credentials {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
        let cookie = ApiKey::Cookie(ApiKeyValue::new("chinwag_session"));
        components.add_security_scheme("cookie", SecurityScheme::ApiKey(cookie));
    }
}

/// Completes what the routes say of themselves. Operations are named by their tag and handler, because handlers of different
/// nouns share names.
pub fn completed(mut document: utoipa::openapi::OpenApi) -> utoipa::openapi::OpenApi {
    for item in document.paths.paths.values_mut() {
        for operation in [&mut item.put, &mut item.post, &mut item.patch].into_iter().filter_map(Option::as_mut) {
            // Whoever takes a body refuses what is none.
            let responses = &mut operation.responses.responses;
            let refusal =
                responses.iter().find(|(status, _)| status.starts_with('4')).map(|(_, refusal)| refusal.clone());
            if let (Some(refusal), true) = (refusal, operation.request_body.is_some()) {
                for status in ["400", "408", "413", "415", "422"] {
                    responses.entry(status.to_owned()).or_insert_with(|| refusal.clone());
                }
            }
        }
        let paid = [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete];
        for operation in paid.into_iter().filter_map(Option::as_mut) {
            // Whoever asks pays for it from a budget.
            let responses = &mut operation.responses.responses;
            if let Some(refusal) = responses.get("401").cloned() {
                responses.entry("429".to_owned()).or_insert(refusal);
            }
        }
        let reading = [&mut item.get, &mut item.head, &mut item.options];
        let changing = [&mut item.put, &mut item.post, &mut item.patch, &mut item.delete];
        for operation in reading.into_iter().chain(changing).filter_map(Option::as_mut) {
            let tag = operation.tags.iter().flatten().next().cloned().unwrap_or_default();
            let name = operation.operation_id.take().unwrap_or_default();
            operation.operation_id = Some(format!("{tag}_{name}"));
        }
    }
    document
}
