//! What nodes say, as messages, and read again. It tells nobody anything.

use bytes::Bytes;
use chinwag_domain::{
    SessionId,
    ports::{Committed, Effect},
};
use chinwag_proto::{
    CloseCode, Event, ProfileChanged, User,
    frame::{Encoding, decode_event, encode_event},
    nodes::{
        EmojisVersion, LogChange, NodeMessage, Nothing, OwnChange, PersonHint, Profile, RoomChanges, RoomHead,
        RoomHint, SessionsEnded, Whereabouts, log_change, node_message::Said,
    },
};

/// Frames that are said in one message have no more bytes together, unless one alone has.
const MESSAGE: usize = 256 * 1024;

fn frame(event: &Event) -> Bytes {
    encode_event(Encoding::Proto, event).into()
}

fn event(frame: &[u8]) -> Option<Event> {
    decode_event(Encoding::Proto, frame).ok()
}

fn message(said: Said) -> NodeMessage {
    NodeMessage { said: Some(said) }
}

pub(crate) fn whereabouts(said: Whereabouts) -> NodeMessage {
    message(Said::Whereabouts(said))
}

/// What is said of changes that follow each other in a room.
pub(crate) struct RoomRun {
    pub room_id: i64,
    pub whole: NodeMessage,
    /// The same for a bus that does not carry it.
    pub bare: NodeMessage,
}

/// What is said of the changes of rooms among these, in their order.
pub(crate) fn room_runs(changes: &[Committed]) -> Vec<RoomRun> {
    let mut runs: Vec<(i64, i64, usize, Vec<LogChange>)> = Vec::new();
    for change in changes {
        let Committed::Room { event, effect } = change else { continue };
        let Some((room_id, seq)) = event.position() else { continue };
        let change = LogChange { frame: frame(event), effect: effect.map(effect_said) };
        let length = change.frame.len();
        match runs.last_mut() {
            Some((room, head, bytes, run)) if *room == room_id && *bytes + length <= MESSAGE => {
                *head = seq;
                *bytes += length;
                run.push(change);
            }
            _ => runs.push((room_id, seq, length, vec![change])),
        }
    }
    let said = |(room_id, seq, _, changes)| RoomRun {
        room_id,
        whole: message(Said::RoomChanges(RoomChanges { changes })),
        bare: message(Said::RoomHead(RoomHead { room_id, seq })),
    };
    runs.into_iter().map(said).collect()
}

fn effect_said(effect: Effect) -> log_change::Effect {
    match effect {
        Effect::Joined(user_id) => log_change::Effect::Joined(user_id),
        Effect::Ended(user_id) => log_change::Effect::Ended(user_id),
        Effect::BecamePrivate => log_change::Effect::BecamePrivate(Nothing {}),
        Effect::Deleted => log_change::Effect::Deleted(Nothing {}),
    }
}

fn effect_heard(effect: &log_change::Effect) -> Effect {
    match effect {
        log_change::Effect::Joined(user_id) => Effect::Joined(*user_id),
        log_change::Effect::Ended(user_id) => Effect::Ended(*user_id),
        log_change::Effect::BecamePrivate(Nothing {}) => Effect::BecamePrivate,
        log_change::Effect::Deleted(Nothing {}) => Effect::Deleted,
    }
}

/// The changes of a room that another node has said; none of what cannot be read, which is found in the store.
pub(crate) fn room_changes(said: &RoomChanges) -> Vec<Committed> {
    let change = |change: &LogChange| {
        let effect = change.effect.as_ref().map(effect_heard);
        Some(Committed::Room { event: event(&change.frame)?, effect })
    };
    said.changes.iter().map_while(change).collect()
}

pub(crate) fn own_change(user_id: i64, seq: i64, event: &Event) -> NodeMessage {
    message(Said::OwnChange(OwnChange { user_id, seq, frame: frame(event) }))
}

pub(crate) fn own_change_heard(said: &OwnChange) -> Option<Committed> {
    Some(Committed::Own { user_id: said.user_id, seq: said.seq, event: event(&said.frame)? })
}

pub(crate) fn profile(user: &User) -> NodeMessage {
    let event = Event::Profile(ProfileChanged { user: Some(user.clone()) });
    message(Said::Profile(Profile { frame: frame(&event) }))
}

pub(crate) fn profile_heard(said: &Profile) -> Option<Committed> {
    let Event::Profile(ProfileChanged { user: Some(user) }) = event(&said.frame)? else { return None };
    Some(Committed::Profile(Box::new(user)))
}

pub(crate) fn emojis_version(version: i64) -> NodeMessage {
    message(Said::EmojisVersion(EmojisVersion { version }))
}

pub(crate) fn room_hint(room_id: i64, event: &Event) -> NodeMessage {
    message(Said::RoomHint(RoomHint { room_id, frame: frame(event) }))
}

pub(crate) fn room_hint_heard(said: &RoomHint) -> Option<Event> {
    event(&said.frame)
}

pub(crate) fn person_hint(user_id: i64, event: &Event) -> NodeMessage {
    message(Said::PersonHint(PersonHint { user_id, frame: frame(event) }))
}

pub(crate) fn person_hint_heard(said: &PersonHint) -> Option<Event> {
    event(&said.frame)
}

pub(crate) fn sessions_ended(sessions: &[SessionId], code: CloseCode) -> NodeMessage {
    let sessions = sessions.iter().map(|id| id.0).collect();
    message(Said::SessionsEnded(SessionsEnded { sessions, code: u32::from(code as u16) }))
}

pub(crate) fn sessions_ended_heard(said: &SessionsEnded) -> (Vec<SessionId>, CloseCode) {
    let codes = [CloseCode::Replaced, CloseCode::Banned];
    let code = codes.into_iter().find(|code| u32::from(*code as u16) == said.code);
    (said.sessions.iter().copied().map(SessionId).collect(), code.unwrap_or(CloseCode::SessionEnded))
}
