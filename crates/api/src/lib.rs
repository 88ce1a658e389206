//! The doors of Chinwag: HTTP and the socket. It knows no SQL and no bus.

pub mod auth;
pub mod error;
pub mod http;
pub mod limits;
mod network;
mod openapi;
pub mod ws;

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::Router;
use chinwag_domain::Chat;
use metrics_exporter_prometheus::PrometheusHandle;

pub use network::Network;

/// How the doors behave; where it comes from is decided by the server crate.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Origins of this server's own pages, exactly as browsers send them.
    pub allowed_origins: Vec<String>,
    /// Whether pages of any other origin, too, may call with a token.
    pub any_origin: bool,
    /// Whether browsers reach this server by TLS.
    pub secure: bool,
    /// Where X-Forwarded-For is believed.
    pub trusted_proxies: Vec<Network>,
    /// Whether the server is reachable from this machine alone, and by no proxy.
    pub local: bool,
    /// Opens /metrics to callers that are elsewhere.
    pub metrics_token: Option<String>,
    /// Bytes of a JSON body.
    pub json_bytes: usize,
    /// Names the web client that the server hands out; told to every socket.
    pub web_build: String,
}

/// Whether this node takes new work; false while it drains.
#[derive(Clone, Debug)]
pub struct Readiness(Arc<AtomicBool>);

impl Default for Readiness {
    fn default() -> Self {
        Self(Arc::new(AtomicBool::new(true)))
    }
}

impl Readiness {
    /// From now on /health/ready answers 503.
    pub fn drain(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    pub fn is_ready(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// What every handler can reach.
#[derive(Clone)]
pub struct AppState {
    pub chat: Arc<Chat>,
    pub options: Arc<Options>,
    /// Shared with the socket.
    pub budget: limits::FrameBudget,
    pub reads: limits::ReadBudget,
    pub readiness: Readiness,
    pub metrics: Option<PrometheusHandle>,
}

/// Everything under /api, /ws, /health and /metrics, with the headers and bounds that every answer has. `pages` answers
/// what is left: the web client.
pub fn router(state: AppState, socket: ws::WsState, pages: Router) -> Router {
    http::router(state, ws::router(socket), pages)
}
