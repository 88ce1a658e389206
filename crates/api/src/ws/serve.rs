//! The task of one socket, from the greeting to the goodbye. How bytes come and go is `socket.rs`'s, what they ask for
//! `session.rs`'s, and what is done about it a [`Door`]'s.

use std::{panic::AssertUnwindSafe, pin::Pin, sync::Arc, time::Instant};

use chinwag_domain::Result;
use chinwag_proto::CloseCode;
use chinwag_realtime::Sink;
use futures_util::FutureExt;
use tracing::Instrument;

use super::{
    WsState,
    session::{Action, Session},
    socket::Conn,
};

/// What is behind a socket.
pub trait Door: Send {
    /// Until when something must be heard, if that is urgent; looked at beside an exact heartbeat.
    fn deadline(&self) -> Option<Instant> {
        None
    }
    /// The socket stands.
    fn opened(&mut self, conn: &Arc<Conn>);
    /// Takes a frame of so many bytes from the budget of whoever is at the other end.
    fn spend(&self, conn: &Conn, bytes: usize) -> Result<()>;
    /// Does what was asked, and tells the answer over the socket.
    fn run<'a>(&'a mut self, conn: &'a Arc<Conn>, action: Action) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;
}

/// Serves a socket until it ends. A panic in what it asked for ends this socket and nothing else.
pub async fn run(state: WsState, conn: Arc<Conn>, session: Session, door: impl Door, leftover: Vec<u8>) {
    if AssertUnwindSafe(serve(state, &conn, session, door, leftover)).catch_unwind().await.is_err() {
        tracing::error!(socket = conn.id(), user_id = conn.user_id(), "serving a socket panicked; it was closed");
        conn.close(CloseCode::Internal);
    }
    Box::pin(conn.hang_up()).await;
}

async fn serve(state: WsState, conn: &Arc<Conn>, mut session: Session, mut door: impl Door, mut leftover: Vec<u8>) {
    let _attendance = match state.hub.attend(conn.clone(), conn.yields()) {
        Ok(attendance) => attendance,
        Err(code) => return conn.close(code),
    };
    let mut actions = Vec::new();
    door.opened(conn);
    // What came right behind the handshake.
    session.read(&mut leftover, Instant::now(), |bytes| door.spend(conn, bytes), &mut actions);
    drop(leftover);
    loop {
        for action in std::mem::take(&mut actions) {
            match action {
                _ if !conn.is_open() => break,
                Action::Send(frame) => conn.send(&frame),
                Action::Close(frame) => conn.close_with(frame),
                action => {
                    // Costs nothing where nobody asked for this level; each failure names its frame anyhow.
                    let span = tracing::debug_span!("frame", socket = conn.id(), user_id = conn.user_id());
                    conn.during(door.run(conn, action).instrument(span)).await;
                }
            }
        }
        if !conn.readable_by(door.deadline()).await {
            break;
        }
        if !conn.read(|bytes, now| session.read(bytes, now, |bytes| door.spend(conn, bytes), &mut actions)) {
            break;
        }
    }
}
