//! The plain text door: a nickname first, then lines, both ways as `name:content`. What a guest may do is the domain's to
//! say.

use std::{
    pin::Pin,
    sync::{Arc, atomic::Ordering},
};

use bytes::Bytes;
use chinwag_domain::{Actor, Error, Result, lobby, messages, records::LOBBY};
use chinwag_proto::{
    CloseCode,
    ws::{self, Opcode},
};
use chinwag_realtime::Sink;

use super::{
    WsState, commands,
    session::Action,
    socket::{Conn, Door},
};

/// Guests at the same time.
pub const GUESTS: usize = 500;

/// The door of those without an account.
pub struct GuestDoor {
    state: WsState,
    /// Known from the first line on.
    guest: Option<Actor>,
}

impl GuestDoor {
    pub fn new(state: WsState) -> Self {
        state.guests.fetch_add(1, Ordering::Relaxed);
        Self { state, guest: None }
    }

    /// The first line is the name.
    async fn enter(&mut self, conn: &Arc<Conn>, name: &str) -> Result<()> {
        let guest = lobby::admit(&self.state.chat, name.trim()).await?;
        let permit = lobby::listen(&self.state.chat, &guest).await?;
        let sink: Arc<dyn Sink> = conn.clone();
        self.state.hub.hold(&sink, &permit).await;
        let permit = lobby::listen(&self.state.chat, &guest).await?;
        let head = messages::head(&self.state.chat, &permit).await?;
        self.state.hub.release(conn.id(), LOBBY, head);
        self.guest = Some(guest);
        Ok(())
    }

    async fn heard(&mut self, conn: &Arc<Conn>, line: &str) {
        match &self.guest {
            Some(guest) => {
                if let Err(error) = lobby::say(&self.state.chat, guest, line).await {
                    say(conn, &error);
                }
            }
            None => {
                if let Err(error) = self.enter(conn, line).await {
                    say(conn, &error);
                    conn.close(CloseCode::Policy);
                }
            }
        }
    }
}

impl Drop for GuestDoor {
    fn drop(&mut self) {
        self.state.guests.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Door for GuestDoor {
    fn opened(&mut self, _: &Arc<Conn>) {}

    fn spend(&self, conn: &Conn) -> Result<()> {
        // Guests share one user id; each connection has a budget of its own, apart from those of people.
        self.state.budget.spend(-i64::try_from(conn.id()).unwrap_or(i64::MAX))
    }

    fn run<'a>(&'a mut self, conn: &'a Arc<Conn>, action: Action) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(async move {
            match action {
                Action::Say(line) => self.heard(conn, &line).await,
                Action::Refuse(refusal) => say(conn, &refusal.error),
                Action::Run(_) | Action::Post(_) | Action::Send(_) | Action::Close(_) => {}
            }
        })
    }
}

/// A sentence for whoever sits at the terminal.
fn say(conn: &Conn, error: &Error) {
    commands::log(error);
    let sentence = error.fields.values().flatten().next().map_or(error.sentence(), String::as_str);
    conn.send(&line(sentence));
}

fn line(text: &str) -> Bytes {
    ws::frame(Opcode::Text, text.as_bytes())
}
