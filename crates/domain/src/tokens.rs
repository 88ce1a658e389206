//! Access tokens: signed, short-lived, bound to a session that can be revoked. Also the opaque secrets of cookies, refresh
//! tokens and tickets. It looks nothing up.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chinwag_proto::ErrorCode;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Error, Result, SessionId, ports::random_bytes, records::SecretHash};

const ISSUER: &str = "chinwag";
const PURPOSE: &str = "access";

/// RFC 7519 claims. `typ` keeps tokens of other purposes out, `sid` is the session.
#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    sid: String,
    typ: String,
    jti: String,
    iat: i64,
    exp: i64,
}

/// What an access token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    pub user_id: i64,
    pub session: SessionId,
}

/// What a ticket for the socket says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    pub session: SessionId,
    /// In milliseconds since 1970: not from then on.
    pub ends_at: i64,
    /// Of all but the mark, which may be written in more than one way.
    pub hash: SecretHash,
}

/// Signs and reads access tokens. One algorithm: HS256.
pub struct Tokens {
    signing: EncodingKey,
    reading: DecodingKey,
    validation: Validation,
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens")
    }
}

impl Tokens {
    pub fn new(secret: &[u8; 32]) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[ISSUER]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.validate_nbf = true;
        // Its end is looked at below, by the clock that all nodes agree on.
        validation.validate_exp = false;
        Self { signing: EncodingKey::from_secret(secret), reading: DecodingKey::from_secret(secret), validation }
    }

    /// A token for this session from `now_ms` to `expires_ms`.
    pub fn sign(&self, access: Access, now_ms: i64, expires_ms: i64) -> Result<String> {
        let claims = Claims {
            iss: ISSUER.to_owned(),
            aud: ISSUER.to_owned(),
            sub: access.user_id.to_string(),
            sid: access.session.to_string(),
            typ: PURPOSE.to_owned(),
            jti: URL_SAFE_NO_PAD.encode(random_bytes::<9>()),
            iat: now_ms / 1_000,
            exp: expires_ms / 1_000,
        };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.signing).map_err(Error::internal)
    }

    /// The first refresh token of a session.
    pub fn first_refresh(&self, session: SessionId) -> Result<String> {
        self.refresh_of(session, &new_secret())
    }

    /// The refresh token that follows this one: always the same, and unknown to whoever has not the secret.
    pub fn refresh_after(&self, refresh_token: &str) -> Result<String> {
        let secret = self.mark("refresh", refresh_token)?;
        match self.refreshed_session(refresh_token) {
            Some(session) => self.refresh_of(session, &secret),
            // Older ones do not say whose they are.
            None => Ok(secret),
        }
    }

    /// Which session a refresh token was made for, if it was made here: also long after it was spent.
    pub fn refreshed_session(&self, refresh_token: &str) -> Option<SessionId> {
        let (session, _) = self.made("refreshes", refresh_token)?.split_once('.')?;
        session.parse().ok()
    }

    /// A ticket for the socket, for this session and until `ends_at`. Whether it was used is for the store to know.
    pub fn ticket(&self, session: SessionId, ends_at: i64) -> Result<String> {
        let made = format!("{session}.{ends_at}.{}", new_secret());
        Ok(format!("{made}.{}", self.mark("ticket", &made)?))
    }

    /// What a ticket says, if it was made with this secret.
    pub fn read_ticket(&self, ticket: &str) -> Option<Ticket> {
        let made = self.made("ticket", ticket)?;
        let mut parts = made.split('.');
        let (session, ends_at) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some(Ticket { session, ends_at, hash: hash_secret(made) })
    }

    fn refresh_of(&self, session: SessionId, secret: &str) -> Result<String> {
        let made = format!("{session}.{secret}");
        Ok(format!("{made}.{}", self.mark("refreshes", &made)?))
    }

    /// What stands before the mark, if the mark is right.
    fn made<'a>(&self, purpose: &str, marked: &'a str) -> Option<&'a str> {
        let (made, mark) = marked.rsplit_once('.')?;
        let message = format!("{purpose}:{made}");
        let is_ours = jsonwebtoken::crypto::verify(mark, message.as_bytes(), &self.reading, Algorithm::HS256);
        is_ours.unwrap_or_default().then_some(made)
    }

    /// No access token has a colon: nothing that is marked here can pass for one.
    fn mark(&self, purpose: &str, text: &str) -> Result<String> {
        let message = format!("{purpose}:{text}");
        jsonwebtoken::crypto::sign(message.as_bytes(), &self.signing, Algorithm::HS256).map_err(Error::internal)
    }

    /// What a token says that is good at this time. Whether its session still holds is not known here.
    pub fn read(&self, token: &str, now_ms: i64) -> Result<Access> {
        let refuse = || Error::from(ErrorCode::Unauthorized);
        let read = jsonwebtoken::decode::<Claims>(token, &self.reading, &self.validation).map_err(|_| refuse())?;
        let claims = read.claims;
        // No extension is understood here, so none that must be understood is passed over (RFC 7515 section 4.1.11).
        if claims.exp.saturating_mul(1_000) <= now_ms || claims.typ != PURPOSE || read.header.crit.is_some() {
            return Err(refuse());
        }
        Ok(Access {
            user_id: claims.sub.parse().map_err(|_| refuse())?,
            session: claims.sid.parse().map_err(|_| refuse())?,
        })
    }
}

/// A fresh 256-bit secret as text.
pub fn new_secret() -> String {
    URL_SAFE_NO_PAD.encode(random_bytes::<32>())
}

/// What is stored of a secret.
pub fn hash_secret(secret: &str) -> SecretHash {
    Sha256::digest(secret.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::{Clock, SystemClock};

    const ACCESS: Access = Access { user_id: 7, session: SessionId(-3) };

    #[test]
    fn a_token_reads_back_until_it_expires() {
        let tokens = Tokens::new(&[1; 32]);
        let now = SystemClock.now_ms();
        let good = tokens.sign(ACCESS, now, now + 60_000).expect("signs");
        assert_eq!(tokens.read(&good, now).expect("reads"), ACCESS);
        assert_eq!(tokens.read(&good, now + 58_999).expect("reads"), ACCESS);
        assert!(tokens.read(&good, now + 60_000).is_err());
    }

    #[test]
    fn forged_tokens_are_refused() {
        let now = SystemClock.now_ms();
        let tokens = Tokens::new(&[1; 32]);
        let foreign = Tokens::new(&[2; 32]).sign(ACCESS, now, now + 60_000).expect("signs");
        assert!(tokens.read(&foreign, now).is_err(), "another key");
        let good = tokens.sign(ACCESS, now, now + 60_000).expect("signs");
        let first = tokens.first_refresh(ACCESS.session).expect("signs");
        let next = tokens.refresh_after(&first).expect("signs");
        assert!(tokens.read(&first, now).is_err() && tokens.read(&next, now).is_err(), "a refresh token");
        assert_ne!(next, Tokens::new(&[2; 32]).refresh_after(&first).expect("signs"));
        let mut parts = good.split('.');
        let unsigned =
            format!("{}.{}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#), parts.nth(1).expect("claims"));
        assert!(tokens.read(&unsigned, now).is_err(), "no algorithm");
        assert!(tokens.read("", now).is_err());
    }

    #[test]
    fn a_ticket_says_whose_it_is_and_until_when_and_passes_for_nothing_else() {
        let (tokens, now) = (Tokens::new(&[1; 32]), 0);
        let ticket = tokens.ticket(ACCESS.session, 1_000).expect("signs");
        let read = tokens.read_ticket(&ticket).expect("ours");
        assert_eq!((read.session, read.ends_at), (ACCESS.session, 1_000));
        let other = tokens.read_ticket(&tokens.ticket(ACCESS.session, 1_000).expect("signs")).expect("ours");
        assert_ne!(read.hash, other.hash, "each is another");
        assert!(tokens.read(&ticket, now).is_err() && tokens.refreshed_session(&ticket).is_none());
        assert_eq!(Tokens::new(&[2; 32]).read_ticket(&ticket), None);
        let refresh = tokens.first_refresh(ACCESS.session).expect("signs");
        let later = ticket.replacen(".1000.", ".2000.", 1);
        for forged in [&refresh, &later, "", ".", "...", &new_secret()] {
            assert_eq!(tokens.read_ticket(forged), None, "{forged}");
        }
    }

    #[test]
    fn a_refresh_token_says_whose_it_is_to_whoever_made_it() {
        let tokens = Tokens::new(&[1; 32]);
        let first = tokens.first_refresh(ACCESS.session).expect("signs");
        let next = tokens.refresh_after(&first).expect("signs");
        assert_eq!(next, tokens.refresh_after(&first).expect("signs"), "always the same");
        for token in [&first, &next, &tokens.refresh_after(&next).expect("signs")] {
            assert_eq!(tokens.refreshed_session(token), Some(ACCESS.session));
            assert_eq!(Tokens::new(&[2; 32]).refreshed_session(token), None);
        }
        let now = SystemClock.now_ms();
        let access = tokens.sign(ACCESS, now, now + 60_000).expect("signs");
        let other = SessionId(ACCESS.session.0 + 1).to_string();
        let forged = first.replacen(&ACCESS.session.to_string(), &other, 1);
        for token in [access.as_str(), &forged, "", ".", "..", "guess", &new_secret()] {
            assert_eq!(tokens.refreshed_session(token), None, "{token}");
        }
    }
}
