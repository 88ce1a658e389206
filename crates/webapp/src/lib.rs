//! The web client, embedded: its files, their caching, and `index.html` for every page the client routes itself.
//! It knows no API and no Node; `build.rs` alone knows how the client is built.

use axum::{
    Router,
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header, uri::Uri},
    middleware::{self, Next},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use memory_serve::{CacheControl, Manifest, MemoryServe};
use serde_json::Value;
use std::{pin::Pin, sync::Arc};

/// Files whose names carry their hash: a browser need never ask for one again.
const HASHED: &str = "/assets/";
/// The pictures that people and rooms may choose: shown by pages of other origins, too, and kept for a day.
const DRAWN: &str = "/avatars/";
/// What other parts of the server answer: never a page of the client.
const RESERVED: &[&str] = &["/api", "/ws", "/health", "/metrics"];

/// What an installed client is called, and how it looks; the name in it is the server's.
const APP: (&str, &str) = ("/manifest.webmanifest", include_str!(concat!(env!("OUT_DIR"), "/manifest.webmanifest")));

/// Where older clients look for the page.
const OLD_PAGE: &str = "/web/index.html";

/// A word that changes with the web client; its page has it in `<meta name="chinwag-build">`. Empty where it has none.
pub const BUILD: &str = env!("CHINWAG_WEB_BUILD");

/// Tells what the server is called at this moment.
pub type Name = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = String> + Send>> + Send + Sync>;

/// Everything the browser loads. Meant as the fallback of the whole server.
pub fn router(name: Name) -> Router {
    serve(memory_serve::load!(), name)
}

fn serve(files: MemoryServe, name: Name) -> Router {
    let files = files
        .index_file(Some("/index.html"))
        .fallback(Some("/index.html"))
        .fallback_status(StatusCode::OK)
        .html_cache_control(CacheControl::NoCache)
        .cache_control(CacheControl::NoCache)
        .add_alias("/api/docs", "/docs.html");
    let manifest = Arc::new(files.manifest());
    files.into_router().route(OLD_PAGE, get(|| async { Redirect::permanent("/") })).layer(middleware::from_fn(
        move |request: Request, next: Next| {
            let (manifest, name) = (manifest.clone(), name.clone());
            async move { answer(&manifest, &name, request, next).await }
        },
    ))
}

/// Keeps the fallback from answering for what is not a page, and says how long each file may be kept.
async fn answer(manifest: &Manifest, name: &Name, request: Request, next: Next) -> Response {
    let uri = request.uri().clone();
    if !is_page_or_file(manifest, &uri) {
        return StatusCode::NOT_FOUND.into_response();
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response();
    }
    if uri.path() == APP.0 {
        return app(&name().await);
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    if uri.path().starts_with(HASHED) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    }
    if uri.path().starts_with(DRAWN) && uri.path().ends_with(".svg") {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400"));
        headers.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    }
    // All our text is UTF-8; memory-serve names the type alone.
    let with_charset = match headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes) {
        Some(b"text/html") => "text/html; charset=utf-8",
        Some(b"text/css") => "text/css; charset=utf-8",
        Some(b"text/javascript") => "text/javascript; charset=utf-8",
        Some(b"text/plain") => "text/plain; charset=utf-8",
        _ => return response,
    };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(with_charset));
    response
}

/// The manifest of the installed client, under the server's name.
fn app(name: &str) -> Response {
    let Ok(mut app) = serde_json::from_str::<Value>(APP.1) else { return StatusCode::NOT_FOUND.into_response() };
    for key in ["name", "short_name"] {
        app[key] = name.into();
    }
    let headers = [(header::CONTENT_TYPE, "application/manifest+json"), (header::CACHE_CONTROL, "no-cache")];
    (headers, app.to_string()).into_response()
}

fn is_page_or_file(manifest: &Manifest, uri: &Uri) -> bool {
    let path = uri.path();
    let under = |prefix: &str| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if path == "/api/docs" {
        return manifest.get("/docs.html").is_some();
    }
    // A missing file must be a 404: a script that is a page would be a puzzling syntax error, kept for a year.
    let is_file = path.starts_with(HASHED)
        || path.contains("/.")
        || path.rsplit('/').next().is_some_and(|name| name.contains('.')) && path != OLD_PAGE;
    manifest.get(path).is_some() || !(is_file || RESERVED.iter().any(|prefix| under(prefix)))
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use http_body_util::BodyExt;
    use memory_serve::Asset;
    use tower::ServiceExt;

    use super::*;

    const fn asset(route: &'static str, content_type: &'static str, bytes: &'static [u8]) -> Asset {
        Asset {
            route,
            path: "",
            etag: route,
            content_type,
            bytes: Some(bytes),
            is_compressed: false,
            should_compress: false,
        }
    }

    static ASSETS: &[Asset] = &[
        asset("/assets/app-1a2b.js", "text/javascript", b"export {}"),
        asset("/avatars/fox.svg", "image/svg+xml", b"<svg/>"),
        asset("/docs.html", "text/html", b"docs"),
        asset("/index.html", "text/html", b"index"),
        asset("/manifest.webmanifest", "application/manifest+json", b"{}"),
        asset("/sw.js", "text/javascript", b"worker"),
    ];

    fn name() -> Name {
        Arc::new(|| Box::pin(async { "Tea \"House\"".to_owned() }))
    }

    async fn ask(method: Method, path: &str) -> (StatusCode, axum::http::HeaderMap, String) {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).expect("a request");
        let response = serve(MemoryServe::new(ASSETS), name()).oneshot(request).await.expect("infallible");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        (parts.status, parts.headers, String::from_utf8(body.to_vec()).expect("text"))
    }

    #[tokio::test]
    async fn pages_of_the_client_are_its_index() {
        for path in ["/", "/r/7", "/settings/profile", "/setup", "/apiary"] {
            let (status, headers, body) = ask(Method::GET, path).await;
            assert_eq!((status, body.as_str()), (StatusCode::OK, "index"), "{path}");
            assert_eq!(headers[header::CACHE_CONTROL], "no-cache", "{path}");
            assert_eq!(headers[header::CONTENT_TYPE], "text/html; charset=utf-8", "{path}");
        }
    }

    #[tokio::test]
    async fn what_others_answer_is_no_page() {
        for path in ["/api", "/api/nothing", "/ws", "/ws/lobby", "/health/x", "/metrics", "/assets/gone.js"] {
            assert_eq!(ask(Method::GET, path).await.0, StatusCode::NOT_FOUND, "{path}");
        }
        for path in ["/favicon.ico", "/.env", "/.well-known/x", "/r/robots.txt"] {
            assert_eq!(ask(Method::GET, path).await.0, StatusCode::NOT_FOUND, "{path}");
        }
        assert_eq!(ask(Method::POST, "/r/7").await.0, StatusCode::METHOD_NOT_ALLOWED);
    }

    #[tokio::test]
    async fn an_installed_client_has_the_name_of_its_server() {
        let (status, headers, body) = ask(Method::GET, "/manifest.webmanifest").await;
        assert_eq!((status, &headers[header::CACHE_CONTROL]), (StatusCode::OK, &HeaderValue::from_static("no-cache")));
        assert_eq!(headers[header::CONTENT_TYPE], "application/manifest+json");
        let app: Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!((&app["name"], &app["short_name"]), (&"Tea \"House\"".into(), &"Tea \"House\"".into()));
        assert!(app["icons"].as_array().is_some_and(|icons| !icons.is_empty()), "{app}");
        assert_eq!(ask(Method::POST, "/manifest.webmanifest").await.0, StatusCode::METHOD_NOT_ALLOWED);
    }

    #[tokio::test]
    async fn only_hashed_files_are_kept() {
        let (_, headers, _) = ask(Method::GET, "/assets/app-1a2b.js").await;
        assert_eq!(headers[header::CACHE_CONTROL], "public, max-age=31536000, immutable");
        let (_, headers, _) = ask(Method::GET, "/sw.js").await;
        assert_eq!(headers[header::CACHE_CONTROL], "no-cache");
    }

    #[tokio::test]
    async fn a_drawn_picture_is_kept_for_a_day_and_shown_by_pages_of_other_clients() {
        let (status, headers, _) = ask(Method::GET, "/avatars/fox.svg").await;
        assert_eq!(
            (status, &headers[header::CONTENT_TYPE]),
            (StatusCode::OK, &"image/svg+xml".parse().expect("a type"))
        );
        assert_eq!(headers[header::CACHE_CONTROL], "public, max-age=86400");
        assert_eq!(headers["cross-origin-resource-policy"], "cross-origin");
        assert_eq!(ask(Method::GET, "/avatars/unicorn.svg").await.0, StatusCode::NOT_FOUND);
        assert_eq!(ask(Method::GET, "/avatars/fox").await.1[header::CACHE_CONTROL], "no-cache");
    }

    #[tokio::test]
    async fn a_file_that_did_not_change_is_not_sent_again() {
        let request =
            Request::get("/sw.js").header(header::IF_NONE_MATCH, "\"/sw.js\"").body(Body::empty()).expect("a request");
        let response = serve(MemoryServe::new(ASSETS), name()).oneshot(request).await.expect("infallible");
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
    }

    #[tokio::test]
    async fn known_addresses_lead_to_their_page() {
        assert_eq!(ask(Method::GET, "/api/docs").await.2, "docs");
        let (status, headers, _) = ask(Method::GET, "/web/index.html").await;
        assert_eq!(
            (status, &headers[header::LOCATION]),
            (StatusCode::PERMANENT_REDIRECT, &HeaderValue::from_static("/"))
        );
    }

    #[tokio::test]
    async fn the_embedded_client_has_a_page() {
        let response = router(name())
            .oneshot(Request::get("/").body(Body::empty()).expect("a request"))
            .await
            .expect("infallible");
        assert_eq!(response.status(), StatusCode::OK);
    }
}
