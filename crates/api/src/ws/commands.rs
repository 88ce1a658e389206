//! What a member's frames do: each is one call of the domain or the hub. Subscribing is in `sync.rs`.

use std::{collections::HashSet, pin::Pin, sync::Arc};

use chinwag_domain::{Actor, Error, Result, fault, messages, typing};
use chinwag_proto::{Event, Limits, Ping, Pong, Presence, Request, SendText, Sentence, SetPresence, Welcome, limits};
use chinwag_realtime::Sink;

use super::{
    WsState,
    heartbeat::Heartbeat,
    log,
    serve::Handler,
    session::{Action, Refusal},
    socket::Conn,
    sync,
};

/// Serves those who have logged in.
pub struct MemberHandler {
    state: WsState,
    actor: Actor,
}

impl MemberHandler {
    pub fn new(state: WsState, actor: Actor) -> Self {
        Self { state, actor }
    }

    fn welcome(&self) -> Event {
        let settings = self.state.chat.settings();
        let whole = |n: u128| i32::try_from(n).unwrap_or(i32::MAX);
        Event::Welcome(Welcome {
            user_id: self.actor.user_id,
            username: self.actor.username.as_ref().to_owned(),
            session: self.actor.session.map(|session| session.to_string()).unwrap_or_default(),
            epoch: self.state.chat.epoch(),
            heartbeat_ms: whole(Heartbeat::MEMBER.every.as_millis()),
            pong_timeout_ms: whole(Heartbeat::MEMBER.patience.as_millis()),
            limits: Some(Limits {
                text_chars: whole(settings.text_chars as u128),
                frame_bytes: whole(limits::FRAME_BYTES as u128),
                frames_per_second: whole(settings.frames_per_second.into()),
                frames_burst: whole(settings.frames_burst.into()),
                typing_ms: whole(typing::TYPING_TTL.as_millis()),
                sync_span: whole(u128::try_from(settings.sync_span).unwrap_or_default()),
                file_bytes: settings.file_bytes,
                attachments: whole(limits::ATTACHMENTS as u128),
            }),
            build: self.state.options.web_build.clone(),
            emojis_version: self.state.hub.emojis_version(),
        })
    }
}

impl Handler for MemberHandler {
    fn greet(&self, conn: &Conn) {
        conn.tell(&self.welcome());
    }

    fn spend(&self, _: &Conn, bytes: usize) -> Result<()> {
        self.state.budget.spend(self.actor.user_id, bytes)
    }

    fn run<'a>(&'a mut self, conn: &'a Arc<Conn>, action: Action) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(async move {
            fault::panic_at("frame", &self.actor.username);
            match action {
                Action::Run(request) => {
                    // Kept for an error frame; cheap beside what the request itself costs.
                    let asked = Refusal::new(chinwag_proto::ErrorCode::Internal.into(), &request);
                    if let Err(error) = run(&self.state, conn, &self.actor, request).await {
                        let failed = Refusal { error, ..asked };
                        log(conn, &failed);
                        conn.tell(&failed.into_event(conn.language()));
                    }
                }
                Action::Post(texts) => post(&self.state, conn, &self.actor, texts).await,
                Action::Refuse(refusal) => conn.tell(&refusal.into_event(conn.language())),
                Action::Say(_) | Action::Send(_) | Action::Close(_) => {}
            }
        })
    }
}

/// Each use case is boxed on its own, so that a small one does not take the room of the largest.
async fn run(state: &WsState, conn: &Arc<Conn>, actor: &Actor, request: Request) -> Result<()> {
    let chat = &state.chat;
    match request {
        Request::Join(it) => sync::join(state, conn, actor, it.room_id).await?,
        Request::Sync(it) => sync::sync(state, conn, actor, it).await?,
        Request::Leave(it) => state.hub.depart(conn.id(), it.room_id),
        Request::Text(it) => post(state, conn, actor, vec![it]).await,
        Request::Edit(it) => conn.tell(&Event::Ack(Box::pin(messages::edit(chat, actor, it)).await?)),
        Request::Recall(it) => conn.tell(&Event::Ack(Box::pin(messages::recall(chat, actor, it)).await?)),
        Request::Typing(it) => Box::pin(typing::start(chat, actor, it.room_id)).await?,
        // The new mark goes to all of this person's sockets, this one among them.
        Request::Read(it) => drop(Box::pin(messages::mark_read(chat, actor, it)).await?),
        Request::Presence(it) => state.hub.set_away(conn.id(), is_away(it)?),
        Request::Ping(Ping {}) => conn.tell(&Event::Pong(Pong {})),
    }
    Ok(())
}

/// Says all of it, and tells the answers in one piece. Whoever talks in a room that this socket does not listen to listens from their
/// own words on.
async fn post(state: &WsState, conn: &Arc<Conn>, actor: &Actor, texts: Vec<SendText>) {
    // Kept for error frames; cheap beside what the request itself costs.
    let asked: Vec<(i64, String)> = texts.iter().map(|text| (text.room_id, text.client_id.clone())).collect();
    let answers = Box::pin(messages::send_all(&state.chat, actor, texts)).await;
    let mut unheard: Vec<(i64, i64)> = Vec::new();
    for ack in answers.iter().flatten() {
        let is_known = unheard.iter().any(|(room_id, _)| *room_id == ack.room_id);
        if !is_known && !state.hub.listens(conn.id(), ack.room_id) {
            unheard.push((ack.room_id, ack.seq - 1));
        }
    }
    let told = answers.into_iter().zip(asked).map(|(answer, (room_id, client_id))| match answer {
        Ok(ack) => Event::Ack(ack),
        Err(error) => {
            let client_id = Some(client_id).filter(|id| !id.is_empty());
            let failed = Refusal { error, client_id, room_id: Some(room_id) };
            log(conn, &failed);
            failed.into_event(conn.language())
        }
    });
    // The rooms are told in the meantime: where the sender listens, its own words and the answer leave in one write.
    tokio::task::yield_now().await;
    conn.tell_all(told);
    for (room_id, after) in unheard {
        let cursor = (room_id, after);
        Box::pin(sync::resume(state, conn, actor, state.chat.epoch(), cursor, &mut HashSet::new())).await;
    }
}

fn is_away(SetPresence { status }: SetPresence) -> Result<bool> {
    match Presence::try_from(status) {
        Ok(Presence::Away) => Ok(true),
        Ok(Presence::Online) => Ok(false),
        _ => Err(Error::invalid("status", Sentence::OnlineOrAway)),
    }
}
