//! From a request to a socket: origin, credential, handshake, and the bare stream out of the HTTP server's hands. Nothing is
//! read from the socket here.

use std::time::Instant;

use axum::{
    body::Body,
    extract::{Query, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use chinwag_domain::{
    Actor, Error, SocketId,
    sessions::{self, Credential},
};
use chinwag_proto::{ErrorCode, Sentence, frame::Encoding, ws::HANDSHAKE_GUID};
use chinwag_realtime::Lane;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use sha1::{Digest, Sha1};
use tokio::net::TcpStream;

use super::{
    WsState,
    commands::MemberHandler,
    heartbeat::Heartbeat,
    lobby::GuestHandler,
    serve::{self, Handler},
    session::Session,
    socket::{Conn, Identity},
};
use crate::{
    auth::{bad_origin, bearer, client_address, cookie, has_own_origin},
    error::{ApiError, language},
};

/// What stands in the address. Credentials are for scripts, and for pages that got a ticket; they are never logged.
#[derive(Default, Deserialize)]
struct Params {
    token: Option<String>,
    ticket: Option<String>,
    /// Asks for a place only where one is free.
    r#yield: Option<String>,
}

fn params(uri: &Uri) -> Params {
    Query::<Params>::try_from_uri(uri).map(|Query(params)| params).unwrap_or_default()
}

/// `GET /ws`
pub async fn member(State(state): State<WsState>, request: Request) -> Result<Response, ApiError> {
    let answer = Handshake::read(&request)?;
    if state.hub.is_draining() {
        return Err(ErrorCode::Unavailable.into());
    }
    let (parts, body) = request.into_parts();
    let actor = match authenticate(&state, &parts.headers, &parts.uri).await {
        Ok(actor) => actor,
        Err(refusal) => {
            state.reads.spend_unknown(client_address(&parts, &state.options))?;
            return Err(refusal.into());
        }
    };
    state.reads.spend_opening(actor.user_id)?;
    let request = Request::from_parts(parts, body);
    let encoding = subprotocol(request.headers());
    let id = state.hub.next_id();
    let actor = Actor { socket: Some(SocketId(id)), ..actor };
    let identity = Identity {
        id,
        user_id: actor.user_id,
        username: actor.username.clone(),
        session: actor.session,
        lane: encoding.map_or(Lane::Legacy, Lane::from),
        yields: params(request.uri()).r#yield.is_some(),
        language: language(request.headers()),
    };
    let session = Session::new(encoding.unwrap_or(Encoding::Json), Instant::now());
    let handler = MemberHandler::new(state.clone(), actor);
    run(state, request, identity, &Heartbeat::MEMBER, session, handler);
    Ok(answer.switch(encoding))
}

/// `GET /ws/lobby`
pub async fn guest(State(state): State<WsState>, request: Request) -> Result<Response, ApiError> {
    if !state.chat.settings().guests {
        return Err(ErrorCode::NotFound.into());
    }
    let answer = Handshake::read(&request)?;
    // A terminal sends no origin; a page of another site would bring its visitors here unasked.
    if request.headers().contains_key(header::ORIGIN) && !has_own_origin(request.headers(), &state.options) {
        return Err(bad_origin(request.headers()).into());
    }
    if state.hub.is_draining() {
        return Err(ErrorCode::Unavailable.into());
    }
    let (parts, body) = request.into_parts();
    let address = client_address(&parts, &state.options);
    state.reads.spend_unknown(address)?;
    let place = state.guests.admit(address)?;
    let request = Request::from_parts(parts, body);
    let identity = Identity {
        id: state.hub.next_id(),
        user_id: 0,
        username: "".into(),
        session: None,
        lane: Lane::Plain,
        yields: false,
        language: language(request.headers()),
    };
    let session = Session::plain(Instant::now());
    let handler = GuestHandler::new(state.clone(), place);
    run(state, request, identity, &Heartbeat::GUEST, session, handler);
    Ok(answer.switch(None))
}

async fn authenticate(state: &WsState, headers: &HeaderMap, uri: &Uri) -> Result<Actor, Error> {
    let params = params(uri);
    let credential =
        match (bearer(headers), params.ticket.as_deref(), params.token.as_deref(), cookie(headers, &state.options)) {
            (Some(token), ..) | (None, None, Some(token), _) => Credential::Bearer(token),
            (None, Some(ticket), ..) => Credential::Ticket(ticket),
            (None, None, None, Some(secret)) => {
                // The browser adds the cookie by itself, whatever page asks: only our own may.
                if !has_own_origin(headers, &state.options) {
                    return Err(bad_origin(headers));
                }
                Credential::Cookie(secret)
            }
            (None, None, None, None) => return Err(ErrorCode::Unauthorized.into()),
        };
    sessions::authenticate(&state.chat, credential).await
}

/// The first of the client's subprotocols that is known here.
fn subprotocol(headers: &HeaderMap) -> Option<Encoding> {
    words(headers, header::SEC_WEBSOCKET_PROTOCOL)
        .find_map(|asked| [Encoding::Json, Encoding::Proto].into_iter().find(|known| known.subprotocol() == asked))
}

fn words(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

/// A handshake that was asked for properly.
struct Handshake {
    accept: String,
}

impl Handshake {
    fn read(request: &Request) -> Result<Self, ApiError> {
        let headers = request.headers();
        let upgrades = words(headers, header::CONNECTION).any(|word| word.eq_ignore_ascii_case("upgrade"))
            && words(headers, header::UPGRADE).any(|word| word.eq_ignore_ascii_case("websocket"));
        let refuse = |why| ApiError(Error::from(ErrorCode::Malformed).with_message(why));
        // What a proxy takes for a body would be read as frames.
        let has_body = headers.contains_key(header::TRANSFER_ENCODING)
            || headers.get(header::CONTENT_LENGTH).is_some_and(|length| length != "0");
        if !upgrades || has_body || request.extensions().get::<OnUpgrade>().is_none() {
            return Err(refuse(Sentence::WebSocketsOnly));
        }
        if headers.get(header::SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
            return Err(ErrorCode::UpgradeRequired.into());
        }
        let key = headers.get(header::SEC_WEBSOCKET_KEY).map(HeaderValue::as_bytes).unwrap_or_default();
        if STANDARD.decode(key).map(|bytes| bytes.len()) != Ok(16) {
            return Err(refuse(Sentence::WebSocketKey));
        }
        let digest = Sha1::new().chain_update(key).chain_update(HANDSHAKE_GUID).finalize();
        Ok(Self { accept: STANDARD.encode(digest) })
    }

    fn switch(self, encoding: Option<Encoding>) -> Response {
        let mut response = StatusCode::SWITCHING_PROTOCOLS.into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
        if let Ok(accept) = HeaderValue::from_str(&self.accept) {
            headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
        }
        if let Some(encoding) = encoding {
            let name = HeaderValue::from_static(encoding.subprotocol());
            headers.insert(header::SEC_WEBSOCKET_PROTOCOL, name);
        }
        *response.body_mut() = Body::empty();
        response
    }
}

/// Waits for the 101 to leave, takes the bare stream and lets a task of its own run the socket: the one that waited has
/// grown by what HTTP needed, and would keep that for as long as the socket lives.
fn run(
    state: WsState,
    mut request: Request,
    identity: Identity,
    heartbeat: &'static Heartbeat,
    session: Session,
    handler: impl Handler + 'static,
) {
    let on_upgrade = hyper::upgrade::on(&mut request);
    let tasks = state.tasks.clone();
    tasks.clone().spawn(async move {
        // The client went away before it had its answer.
        let Ok(upgraded) = on_upgrade.await else { return };
        let parts = match upgraded.downcast::<TokioIo<TcpStream>>() {
            Ok(parts) => parts,
            Err(_) => return tracing::error!("a socket came over something else than bare TCP; it was dropped"),
        };
        // A copy, so that hyper's buffer is not kept.
        let leftover = parts.read_buf.to_vec();
        let conn = Conn::new(parts.io.into_inner(), identity, heartbeat);
        tasks.spawn(serve::run(state, conn, session, handler, leftover));
    });
}
