//! A client of the HTTP door that speaks like a script does: JSON in, JSON out, a bearer token. It hides no refusals.

use std::net::SocketAddr;

use anyhow::{Context as _, Result, bail};
use reqwest::{Client, Method, StatusCode, header::HeaderMap};
use serde_json::Value;

/// One person's door to one server, or nobody's.
#[derive(Clone)]
pub struct Http {
    client: Client,
    base: String,
    token: Option<String>,
    /// How this client describes itself (User-Agent).
    device: Option<String>,
}

/// An answer as it came.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// `Null` where the body was no JSON.
    pub body: Value,
}

impl Http {
    /// Without a credential.
    pub fn new(server: SocketAddr) -> Self {
        Self { client: Client::new(), base: format!("http://{server}"), token: None, device: None }
    }

    /// The same server with this credential.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// The same person on another device.
    pub fn on_device(&self, description: &str) -> Self {
        Self { device: Some(description.to_owned()), ..self.clone() }
    }

    /// The same person's door to another server.
    pub fn at(&self, server: SocketAddr) -> Self {
        Self { base: format!("http://{server}"), ..self.clone() }
    }

    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.call(Method::GET, path, None).await
    }

    /// The body of what is not JSON, as `/metrics`.
    pub async fn get_text(&self, path: &str) -> Result<String> {
        let response = self.client.get(format!("{}{path}", self.base)).send().await?;
        response.text().await.with_context(|| format!("the body of GET {path}"))
    }

    pub async fn post(&self, path: &str, body: Value) -> Result<Answer> {
        self.call(Method::POST, path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Result<Answer> {
        self.call(Method::PUT, path, Some(body)).await
    }

    pub async fn delete(&self, path: &str) -> Result<Answer> {
        self.call(Method::DELETE, path, None).await
    }

    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Result<Answer> {
        let mut request = self.client.request(method.clone(), format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(device) = &self.device {
            request = request.header("user-agent", device);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.with_context(|| format!("{method} {path}"))?;
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.bytes().await.with_context(|| format!("the body of {method} {path}"))?;
        Ok(Answer { status, headers, body: serde_json::from_slice(&bytes).unwrap_or(Value::Null) })
    }
}

impl Answer {
    /// `data` of a success; anything else is an error that shows the answer.
    pub fn data(self) -> Result<Value> {
        if !self.status.is_success() {
            bail!("{} {}", self.status, self.body);
        }
        Ok(self.body["data"].clone())
    }

    /// The word in `reason`.
    pub fn reason(&self) -> &str {
        self.body["reason"].as_str().unwrap_or_default()
    }

    /// Status and word at once, for assertions: `(404, "room_not_found")`.
    pub fn refusal(&self) -> (u16, &str) {
        (self.status.as_u16(), self.reason())
    }
}
