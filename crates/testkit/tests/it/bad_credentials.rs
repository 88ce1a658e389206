//! Credentials that do not hold: ended, forged, signed for something else. Who asks what with them is in `access.rs`.

use anyhow::{Context as _, Result};
use chinwag_testkit::{Http, Person, Server};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde_json::{Value, json};

use crate::stage::number;

/// Each with the word of the refusal.
pub(crate) async fn bad_credentials(server: &Server) -> Result<Vec<(&'static str, Option<String>, &'static str)>> {
    let address = server.address();
    let ended = Person::register(address, "ended").await?;
    ended.http.post("/api/auth/logout", json!({})).await?.data()?;
    let deactivated = Person::register(address, "deactivated").await?;
    deactivated.http.delete(&format!("/api/users/{}", deactivated.id)).await?.data()?;

    let secret = std::fs::read(server.data().join("data/secret"))?;
    let good = Person::register(address, "good").await?;
    let mut anything = Validation::new(Algorithm::HS256);
    anything.validate_aud = false;
    let key = DecodingKey::from_secret(&secret);
    let claims = jsonwebtoken::decode::<Value>(good.token(), &key, &anything)?.claims;
    let sign = |claims: &Value, algorithm, secret: &[u8]| {
        jsonwebtoken::encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(secret))
    };
    let with = |field: &str, value: Value| {
        let mut claims = claims.clone();
        claims[field] = value;
        claims
    };
    let critical = Header { crit: Some(vec!["exp".to_owned()]), ..Header::new(Algorithm::HS256) };
    let critical = jsonwebtoken::encode(&critical, &claims, &EncodingKey::from_secret(&secret))?;
    // Whoever signs like this is believed; so the refusals below are for what was changed.
    let resigned = sign(&claims, Algorithm::HS256, &secret)?;
    Http::new(address).with_token(&resigned).get("/api/auth/userinfo").await?.data()?;

    let unsigned = {
        let middle = good.token().split('.').nth(1).context("a token has three parts")?;
        format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{middle}.")
    };
    Ok(vec![
        ("nobody, or a guest", None, "unauthorized"),
        (
            "an expired token",
            Some(sign(&with("exp", json!(number(&claims["iat"]) - 1)), Algorithm::HS256, &secret)?),
            "unauthorized",
        ),
        (
            "a token that is not good yet",
            Some(sign(&with("nbf", json!(number(&claims["iat"]) + 3_600)), Algorithm::HS256, &secret)?),
            "unauthorized",
        ),
        ("a token with an extension that must be understood", Some(critical), "unauthorized"),
        ("a token by another key", Some(sign(&claims, Algorithm::HS256, &[7; 32])?), "unauthorized"),
        ("a token by another algorithm", Some(sign(&claims, Algorithm::HS512, &secret)?), "unauthorized"),
        ("an unsigned token", Some(unsigned), "unauthorized"),
        (
            "a token for another purpose",
            Some(sign(&with("typ", json!("refresh")), Algorithm::HS256, &secret)?),
            "unauthorized",
        ),
        (
            "a token of another issuer",
            Some(sign(&with("iss", json!("elsewhere")), Algorithm::HS256, &secret)?),
            "unauthorized",
        ),
        (
            "a token of no session",
            Some(sign(&with("sid", json!("00000000000000ff")), Algorithm::HS256, &secret)?),
            "session_ended",
        ),
        ("garbage", Some("garbage".to_owned()), "unauthorized"),
        ("an ended session", Some(ended.token().to_owned()), "session_ended"),
        ("a deactivated account", Some(deactivated.token().to_owned()), "session_ended"),
    ])
}
