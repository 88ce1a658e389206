//! From a request to an actor: credentials, cookies, the Origin check, the client's address. Whether a credential holds is
//! the domain's to say.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderName, HeaderValue, Method, header, request::Parts},
};
use chinwag_domain::{
    Actor, Error,
    sessions::{self, Credential, Login},
};
use chinwag_proto::{ErrorCode, Sentence};
use sha2::{Digest, Sha256};

use crate::{AppState, Options, error::ApiError};

/// The other end of the connection; the server's listener puts it on every request.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Someone with any good credential.
#[derive(Clone, Debug)]
pub struct Authenticated(pub Actor);

/// Someone with a token in the Authorization header: for calls that change something and that a page of another site must never
/// reach, whatever the method.
#[derive(Clone, Debug)]
pub struct BearerOnly(pub Actor);

/// Someone with any good credential who sends the bytes of a file: they are paid for by the person's share of the storage, not as
/// frames are.
#[derive(Clone, Debug)]
pub struct Uploader(pub Actor);

/// Someone with any good credential, which may stand in the address as `?token=`: for links and pictures in pages of other clients,
/// which can send no header. For calls that only read.
#[derive(Clone, Debug)]
pub struct Linked(pub Actor);

impl FromRequestParts<AppState> for Authenticated {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let actor = known(parts, state, credential(parts, &state.options)?).await?;
        spend(parts, state, &actor).await?;
        Ok(Self(actor))
    }
}

impl FromRequestParts<AppState> for Uploader {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let actor = known(parts, state, credential(parts, &state.options)?).await?;
        state.budget.spend(actor.user_id, 0)?;
        Ok(Self(actor))
    }
}

impl FromRequestParts<AppState> for BearerOnly {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let token = bearer(&parts.headers).ok_or(ErrorCode::Unauthorized)?;
        let actor = known(parts, state, Credential::Bearer(token)).await?;
        state.budget.spend(actor.user_id, 0)?;
        Ok(Self(actor))
    }
}

impl FromRequestParts<AppState> for Linked {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let query = parts.uri.query().unwrap_or_default();
        let token = query.split('&').find_map(|pair| pair.strip_prefix("token="));
        let credential = match token {
            Some(token) if bearer(&parts.headers).is_none() => Credential::Bearer(token),
            _ => credential(parts, &state.options)?,
        };
        let actor = known(parts, state, credential).await?;
        spend(parts, state, &actor).await?;
        Ok(Self(actor))
    }
}

/// What a request comes with. A cookie that a page of another site makes the browser add is none.
fn credential<'a>(parts: &'a Parts, options: &Options) -> Result<Credential<'a>, ApiError> {
    if let Some(token) = bearer(&parts.headers) {
        return Ok(Credential::Bearer(token));
    }
    let secret = cookie(&parts.headers, options).ok_or(ErrorCode::Unauthorized)?;
    let own = has_own_origin(&parts.headers, options);
    match is_safe(&parts.method) {
        false if !own => Err(bad_origin(&parts.headers).into()),
        // The browser added it to a call of another site's page, which has no business with it.
        true if !own && parts.headers.contains_key(header::ORIGIN) => Err(ErrorCode::Unauthorized.into()),
        _ => Ok(Credential::Cookie(secret)),
    }
}

/// Whose the credential is, who must be whom the caller believes to be.
async fn known(parts: &Parts, state: &AppState, credential: Credential<'_>) -> Result<Actor, ApiError> {
    let actor = match sessions::authenticate(&state.chat, credential).await {
        Ok(actor) => actor,
        Err(refusal) => {
            state.reads.spend_unknown(client_address(parts, &state.options))?;
            return Err(refusal.into());
        }
    };
    tracing::Span::current().record("user_id", actor.user_id);
    believed(&parts.headers, &actor)?;
    Ok(actor)
}

/// Who the caller believes to be. A cookie belongs to the whole browser: after another account logs in in a second tab, the first
/// one would act as somebody else than it shows.
const X_CHINWAG_USER: HeaderName = HeaderName::from_static("x-chinwag-user");

fn believed(headers: &HeaderMap, actor: &Actor) -> Result<(), ApiError> {
    match headers.get(X_CHINWAG_USER) {
        Some(user) if user.to_str().ok() != Some(actor.user_id.to_string().as_str()) => {
            Err(ErrorCode::OtherAccount.into())
        }
        _ => Ok(()),
    }
}

/// Every call that changes something is paid from the same budget as a frame; one that only reads, from that of reads.
async fn spend(parts: &Parts, state: &AppState, actor: &Actor) -> Result<(), ApiError> {
    if is_safe(&parts.method) {
        return Ok(state.reads.spend(actor.user_id).await?);
    }
    let length = parts.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    // Without a length the body is bounded all the same; how long it is shows only when it has been read.
    Ok(state.budget.spend(actor.user_id, length.unwrap_or_default())?)
}

/// The token of `Authorization: Bearer …`.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The secret of the session cookie.
pub fn cookie<'a>(headers: &'a HeaderMap, options: &Options) -> Option<&'a str> {
    let name = options.cookie_name();
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whether the request says it comes from one of this server's own pages: exactly one of the allowed origins.
pub fn has_own_origin(headers: &HeaderMap, options: &Options) -> bool {
    let crosses = headers.get("sec-fetch-site").is_some_and(|site| site != "same-origin");
    let origin = headers.get(header::ORIGIN).and_then(|origin| origin.to_str().ok());
    !crosses && origin.is_some_and(|origin| options.allowed_origins.iter().any(|own| own == origin))
}

/// The refusal of what comes from elsewhere, or does not say where it comes from.
pub(crate) fn bad_origin(headers: &HeaderMap) -> Error {
    let refusal = Error::from(ErrorCode::BadOrigin);
    if headers.contains_key(header::ORIGIN) {
        return refusal;
    }
    refusal.with_message(Sentence::OwnOrigin)
}

impl Options {
    /// `__Host-` binds the cookie to this host and to TLS; browsers refuse it over plain HTTP.
    pub(crate) fn cookie_name(&self) -> &'static str {
        if self.secure { "__Host-chinwag_session" } else { "chinwag_session" }
    }

    fn cookie(&self, value: &str, max_age_seconds: i64) -> HeaderValue {
        let secure = if self.secure { "; Secure" } else { "" };
        let text = format!(
            "{}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age_seconds}{secure}",
            self.cookie_name()
        );
        HeaderValue::from_str(&text).unwrap_or(HeaderValue::from_static(""))
    }

    /// Gives the browser its session, if one of our own pages asked.
    pub(crate) fn set_cookie(&self, request: &HeaderMap, login: &Login, now_ms: i64) -> Option<HeaderValue> {
        has_own_origin(request, self).then(|| self.cookie(&login.cookie, (login.session_expires_at - now_ms) / 1_000))
    }

    /// Takes the cookie away.
    pub(crate) fn clear_cookie(&self) -> HeaderValue {
        self.cookie("", 0)
    }
}

/// Who calls: address and description.
#[derive(Clone, Debug)]
pub struct Caller(pub sessions::Client);

impl FromRequestParts<AppState> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let device = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
        let address = client_address(parts, &state.options).to_string();
        Ok(Self(sessions::Client { device: device.to_owned(), address }))
    }
}

/// The client's address: the peer's, or, behind a trusted proxy, the last address in X-Forwarded-For that is not one. Some
/// proxies add the port. Before a hop that cannot be read anything may stand, so nothing before it counts.
pub(crate) fn client_address(parts: &Parts, options: &Options) -> IpAddr {
    let peer = parts.extensions.get::<Peer>().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.0.ip());
    let is_proxy = |address: &IpAddr| options.trusted_proxies.iter().any(|network| network.contains(*address));
    if !is_proxy(&peer) {
        return peer;
    }
    let forwarded = parts.headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = forwarded.flat_map(|value| value.split(',')).collect();
    let read = hops.into_iter().rev().map_while(|hop| {
        let hop = hop.trim();
        hop.parse().ok().or_else(|| Some(hop.parse::<SocketAddr>().ok()?.ip()))
    });
    read.into_iter().find(|hop| !is_proxy(hop)).unwrap_or(peer)
}

/// Callers on this machine may read the metrics without a token, as long as the server is for this machine alone: a proxy
/// connects from here for the whole world.
pub(crate) fn may_read_metrics(peer: Option<Peer>, headers: &HeaderMap, options: &Options) -> Result<(), Error> {
    let by_token =
        options.metrics_token.as_deref().zip(bearer(headers)).is_some_and(|(token, given)| is_same(token, given));
    let forwarded = headers.contains_key("x-forwarded-for") || headers.contains_key("forwarded");
    let local = options.local && peer.is_some_and(|peer| peer.0.ip().to_canonical().is_loopback()) && !forwarded;
    if by_token || local { Ok(()) } else { Err(ErrorCode::NotFound.into()) }
}

/// Compares by digests, so that the time tells nothing of where two secrets part.
fn is_same(one: &str, other: &str) -> bool {
    Sha256::digest(one) == Sha256::digest(other)
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    /// The client behind the proxies of 10/8, which connect from 10.0.0.1.
    fn behind(forwarded: &[&str]) -> String {
        let options = Options { trusted_proxies: vec!["10.0.0.0/8".parse().expect("a network")], ..Options::default() };
        let mut request = Request::new(());
        request.extensions_mut().insert(Peer(SocketAddr::from(([10, 0, 0, 1], 4711))));
        for hops in forwarded {
            request.headers_mut().append("x-forwarded-for", HeaderValue::from_str(hops).expect("a header"));
        }
        client_address(&request.into_parts().0, &options).to_string()
    }

    #[test]
    fn the_client_is_the_last_hop_that_is_no_proxy() {
        assert_eq!(behind(&[]), "10.0.0.1");
        assert_eq!(behind(&["9.9.9.9, 1.2.3.4"]), "1.2.3.4", "what the client wrote itself stands before");
        assert_eq!(behind(&["9.9.9.9", "1.2.3.4, 10.0.0.2"]), "1.2.3.4");
        assert_eq!(behind(&["1.2.3.4:5678"]), "1.2.3.4");
        assert_eq!(behind(&["[2001:db8::1]:443, 10.0.0.2"]), "2001:db8::1");
    }

    #[test]
    fn before_a_hop_that_cannot_be_read_nothing_counts() {
        assert_eq!(behind(&["9.9.9.9, unknown"]), "10.0.0.1");
        assert_eq!(behind(&["9.9.9.9, _hidden, 1.2.3.4"]), "1.2.3.4");
    }
}
