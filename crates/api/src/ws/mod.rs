//! The socket: `/ws` for members, `/ws/lobby` for guests. What a frame does is decided by the domain; who gets which bytes is
//! the hub's.

mod accept;
mod commands;
mod heartbeat;
mod lobby;
mod serve;
mod session;
mod socket;
mod sync;

use std::sync::Arc;

use axum::{Router, routing::get};
use chinwag_domain::Chat;
use chinwag_realtime::{Hub, Sink};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use self::{lobby::Guests, session::Refusal, socket::Conn};
use crate::{
    Options,
    limits::{FrameBudget, ReadBudget},
};

/// How many joins and replays read the store at the same time, and how many joins write a membership: after a restart everybody
/// asks at once. They are bounded apart from each other, so that nobody who only reads waits for a write.
const READINGS: usize = 16;
const ENTRIES: usize = 16;

/// What every socket can reach.
#[derive(Clone)]
pub struct WsState(Arc<Shared>);

/// What stands behind a [`WsState`].
pub struct Shared {
    chat: Arc<Chat>,
    hub: Arc<Hub>,
    options: Arc<Options>,
    budget: FrameBudget,
    reads: ReadBudget,
    /// Owns the sockets' tasks; the server's lifecycle waits for it.
    tasks: TaskTracker,
    readings: Semaphore,
    entries: Semaphore,
    guests: Guests,
}

impl WsState {
    /// HTTP spends from the same budgets. Every socket runs in a task of `tasks`, which end after `Hub::drain`.
    pub fn new(
        chat: Arc<Chat>,
        hub: Arc<Hub>,
        options: Arc<Options>,
        budget: FrameBudget,
        reads: ReadBudget,
        tasks: TaskTracker,
    ) -> Self {
        metrics::describe_counter!("chinwag_frames_in_total", "Messages that clients sent over sockets");
        metrics::describe_counter!(
            "chinwag_slow_closes_total",
            "Sockets that were closed because their peer read too slowly"
        );
        Self(Arc::new(Shared {
            chat,
            hub,
            options,
            budget,
            reads,
            tasks,
            readings: Semaphore::new(READINGS),
            entries: Semaphore::new(ENTRIES),
            guests: Guests::default(),
        }))
    }
}

impl std::ops::Deref for WsState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// The two routes.
pub fn router(state: WsState) -> Router {
    Router::new().route("/ws", get(accept::member)).route("/ws/lobby", get(accept::guest)).with_state(state)
}

/// Failures of ours are logged here, at the edge, with what finds the frame again: whose, over which socket, in which room, and the id
/// that its client gave it.
fn log(conn: &Conn, failed: &Refusal) {
    let Refusal { error, client_id, room_id } = failed;
    if error.code.status() >= 500 {
        let cause = error.cause.as_deref().map(|cause| cause as &(dyn std::error::Error + 'static));
        let (socket, user_id) = (conn.id(), conn.user_id());
        if cause.is_some() {
            tracing::error!(error = error.code.as_str(), cause, socket, user_id, room_id, client_id, "a frame failed");
        } else {
            tracing::debug!(
                error = error.code.as_str(),
                socket,
                user_id,
                room_id,
                client_id,
                "a frame was turned away"
            );
        }
    }
}
