//! The task of one socket, from the greeting to the goodbye. How bytes come and go is `socket.rs`'s, what they ask for
//! `session.rs`'s, and what is done about it a [`Handler`]'s.

use std::{panic::AssertUnwindSafe, pin::Pin, sync::Arc, time::Instant};

use chinwag_domain::{Result, SocketId, sockets};
use chinwag_proto::CloseCode;
use chinwag_realtime::Sink;
use futures_util::FutureExt;
use tracing::Instrument;

use super::{
    WsState,
    session::{Action, Session},
    socket::Conn,
};

/// What serves the frames of one socket: a member's, or a guest's.
pub trait Handler: Send {
    /// When the socket is closed unless something is heard before. Looked at only where the heartbeat is exact.
    fn deadline(&self) -> Option<Instant> {
        None
    }
    /// Tells the socket what it hears before anything else. Called once, where it is admitted.
    fn greet(&self, conn: &Conn);
    /// Charges a frame of so many bytes to the rate limit of the peer.
    fn spend(&self, conn: &Conn, bytes: usize) -> Result<()>;
    /// Does what was asked, and sends the answer over the socket.
    fn run<'a>(&'a mut self, conn: &'a Arc<Conn>, action: Action) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;
}

/// Serves a socket until it ends. A panic in what it asked for ends this socket and nothing else.
pub async fn run(state: WsState, conn: Arc<Conn>, session: Session, handler: impl Handler, leftover: Vec<u8>) {
    if AssertUnwindSafe(serve(state, &conn, session, handler, leftover)).catch_unwind().await.is_err() {
        tracing::error!(socket = conn.id(), user_id = conn.user_id(), "serving a socket panicked; it was closed");
        conn.close(CloseCode::Internal);
    }
    Box::pin(conn.hang_up()).await;
}

async fn serve(
    state: WsState,
    conn: &Arc<Conn>,
    mut session: Session,
    mut handler: impl Handler,
    mut leftover: Vec<u8>,
) {
    let _attendance = match state.hub.attend(conn.clone(), conn.yields(), || handler.greet(conn)) {
        Ok(attendance) => attendance,
        Err(code) => return conn.close(code),
    };
    let _open = sockets::open(&state.chat, SocketId(conn.id()));
    let mut actions = Vec::new();
    // The bytes that came right behind the handshake.
    session.read(&mut leftover, Instant::now(), |bytes| handler.spend(conn, bytes), &mut actions);
    drop(leftover);
    loop {
        for action in std::mem::take(&mut actions) {
            match action {
                _ if !conn.is_open() => break,
                Action::Send(frame) => conn.send(&frame),
                Action::Close(frame) => conn.close_with(frame),
                action => {
                    // The span costs nothing where this level is not logged; each failure names its frame anyhow.
                    let span = tracing::debug_span!("frame", socket = conn.id(), user_id = conn.user_id());
                    conn.during(handler.run(conn, action).instrument(span)).await;
                }
            }
        }
        if !conn.readable_by(handler.deadline()).await {
            break;
        }
        if !conn.read(|bytes, now| session.read(bytes, now, |bytes| handler.spend(conn, bytes), &mut actions)) {
            break;
        }
    }
}
