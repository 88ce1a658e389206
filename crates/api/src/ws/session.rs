//! What a socket's bytes ask for: framing, decoding, the budget of frames. No I/O and no clock: bytes and the time in,
//! actions out.

use std::time::{Duration, Instant};

use bytes::Bytes;
use chinwag_domain::Error;
use chinwag_proto::{
    CloseCode, ErrorCode, ErrorFrame, Event, Language, Request, SendText, Sentence,
    frame::{self, Encoding},
    limits,
    ws::{self, Decoder, Opcode, WsMessage},
};
use serde_json::Value;

use crate::error::details;

/// Frames over the budget that are answered by an error within `PATIENCE`; more is abuse.
const REFUSALS: u32 = 1_000;
const PATIENCE: Duration = Duration::from_secs(10);

/// What the bytes of a socket ask for, in the order in which they came.
#[derive(Debug, PartialEq)]
pub enum Action {
    Run(Request),
    /// Consecutive texts, which share a transaction.
    Post(Vec<SendText>),
    /// A line of the plain text lobby.
    Say(String),
    Refuse(Refusal),
    /// A whole frame, as it is.
    Send(Bytes),
    /// Say goodbye with this frame and hang up.
    Close(Bytes),
}

/// A request that is refused, and why.
#[derive(Debug)]
pub struct Refusal {
    pub error: Error,
    pub client_id: Option<String>,
    pub room_id: Option<i64>,
}

impl PartialEq for Refusal {
    fn eq(&self, other: &Self) -> bool {
        (self.error.code, &self.client_id, self.room_id) == (other.error.code, &other.client_id, other.room_id)
    }
}

impl Refusal {
    pub fn new(error: Error, request: &Request) -> Self {
        let (room_id, client_id) = match request {
            Request::Join(it) => (Some(it.room_id), None),
            Request::Leave(it) => (Some(it.room_id), None),
            Request::Text(it) => (Some(it.room_id), Some(&it.client_id)),
            Request::Typing(it) => (Some(it.room_id), None),
            Request::Read(it) => (Some(it.room_id), None),
            Request::Edit(it) => (None, Some(&it.client_id)),
            Request::Recall(it) => (None, Some(&it.client_id)),
            Request::Sync(_) | Request::Presence(_) | Request::Ping(_) => (None, None),
        };
        Self { error, client_id: client_id.filter(|id| !id.is_empty()).cloned(), room_id }
    }

    pub fn into_event(self, language: Language) -> Event {
        let sentence = self.error.first_sentence(language);
        Event::Error(ErrorFrame {
            code: self.error.code.status().into(),
            message: sentence.clone(),
            error: sentence,
            reason: self.error.code.as_str().to_owned(),
            client_id: self.client_id,
            room_id: self.room_id,
            retry_after_ms: self.error.retry_after.map(|wait| i32::try_from(wait.as_millis()).unwrap_or(i32::MAX)),
            details: details(&self.error, language),
        })
    }
}

/// The state of one socket's conversation.
#[derive(Debug)]
pub struct Session {
    decoder: Decoder,
    /// `None` in the plain text lobby.
    encoding: Option<Encoding>,
    refusals: Refusals,
    /// Whatever else comes is ignored: a close frame was sent or received.
    over: bool,
}

impl Session {
    pub fn new(encoding: Encoding, now: Instant) -> Self {
        Self { encoding: Some(encoding), ..Self::plain(now) }
    }

    /// A session of the plain text lobby.
    pub fn plain(now: Instant) -> Self {
        let decoder = Decoder::new(ws::From::Client, limits::FRAME_BYTES);
        Self { decoder, encoding: None, refusals: Refusals { count: 0, since: now }, over: false }
    }

    /// Takes bytes as they came. `spend` asks the user's budget for a frame of so many bytes.
    pub fn read(
        &mut self,
        mut input: &mut [u8],
        now: Instant,
        mut spend: impl FnMut(usize) -> Result<(), Error>,
        actions: &mut Vec<Action>,
    ) {
        while !self.over {
            let message = match self.decoder.next(&mut input) {
                Ok(Some(message)) => message,
                Ok(None) => return,
                Err(fault) => {
                    let code = fault.close_code();
                    self.over = true;
                    actions.push(Action::Close(ws::close_frame(code as u16, &fault.to_string())));
                    return;
                }
            };
            metrics::counter!("chinwag_frames_in_total").increment(1);
            let action = match message {
                WsMessage::Ping(payload) if spend(payload.len()).is_ok() => {
                    Action::Send(ws::frame(Opcode::Pong, payload))
                }
                WsMessage::Pong(_) => continue,
                WsMessage::Close(code, _) => {
                    self.over = true;
                    Action::Close(code.map_or_else(|| ws::frame(Opcode::Close, &[]), |code| ws::close_frame(code, "")))
                }
                // An answer to each ping of a flood would be a flood.
                WsMessage::Ping(_) => match self.refusals.add(now) {
                    Some(close) => close,
                    None => continue,
                },
                WsMessage::Text(text) => match (self.encoding, spend(text.len())) {
                    (None, Ok(())) => Action::Say(text.to_owned()),
                    (_, spent) => {
                        heard(self.encoding, Encoding::Json, text.as_bytes(), spent, || self.refusals.add(now))
                    }
                },
                WsMessage::Binary(payload) => {
                    heard(self.encoding, Encoding::Proto, payload, spend(payload.len()), || self.refusals.add(now))
                }
            };
            self.over |= matches!(action, Action::Close(_));
            match (action, actions.last_mut()) {
                (Action::Run(Request::Text(text)), Some(Action::Post(texts))) => texts.push(text),
                (Action::Run(Request::Text(text)), _) => actions.push(Action::Post(vec![text])),
                (action, _) => actions.push(action),
            }
        }
    }
}

/// How often this socket was over its user's budget lately.
#[derive(Debug)]
struct Refusals {
    count: u32,
    since: Instant,
}

impl Refusals {
    /// Counts one more; says when it was one too many.
    fn add(&mut self, now: Instant) -> Option<Action> {
        if now.duration_since(self.since) > PATIENCE {
            *self = Self { count: 0, since: now };
        }
        self.count += 1;
        let code = CloseCode::Policy;
        (self.count > REFUSALS).then(|| Action::Close(ws::close_frame(code as u16, code.reason())))
    }
}

/// What a data frame asks for. `refuse` counts one over the budget.
fn heard(
    spoken: Option<Encoding>,
    came_as: Encoding,
    payload: &[u8],
    spent: Result<(), Error>,
    refuse: impl FnOnce() -> Option<Action>,
) -> Action {
    let decoded = if spoken == Some(came_as) {
        frame::decode_request(came_as, payload)
            .map_err(|error| Refusal { error: error.into(), ..traces(came_as, payload) })
    } else {
        let why = if spoken == Some(Encoding::Proto) { Sentence::SendBinary } else { Sentence::SendText };
        let error = Error::from(ErrorCode::Malformed).with_message(why);
        Err(Refusal { error, client_id: None, room_id: None })
    };
    match (decoded, spent) {
        (Ok(request), Ok(())) => Action::Run(request),
        (Err(refusal), Ok(())) => Action::Refuse(refusal),
        (decoded, Err(error)) => refuse().unwrap_or_else(|| {
            Action::Refuse(match decoded {
                Ok(request) => Refusal::new(error, &request),
                Err(refusal) => Refusal { error, ..refusal },
            })
        }),
    }
}

/// What can be read of a malformed frame, so that the error tells its sender which frame it was.
fn traces(encoding: Encoding, payload: &[u8]) -> Refusal {
    let frame: Value = match encoding {
        Encoding::Json => serde_json::from_slice(payload).unwrap_or_default(),
        Encoding::Proto => Value::Null,
    };
    let client_id = frame["client_id"].as_str().filter(|id| id.len() <= limits::CLIENT_ID_BYTES);
    Refusal {
        error: ErrorCode::Malformed.into(),
        client_id: client_id.map(str::to_owned),
        room_id: frame["room_id"].as_i64(),
    }
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
