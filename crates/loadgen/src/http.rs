//! A small blocking HTTP client on one kept connection: enough to make accounts and to time calls. No TLS, no redirects.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(180);

/// How an answer begins.
pub struct Head {
    pub status: u16,
    headers: Vec<(String, String)>,
}

impl Head {
    /// A header by its name in small letters.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|(of, value)| (of == name).then_some(value.as_str()))
    }
}

pub struct Http {
    stream: BufReader<TcpStream>,
    token: Option<String>,
}

impl Http {
    pub fn connect(server: SocketAddr, token: Option<&str>) -> Result<Self> {
        let stream = TcpStream::connect(server).with_context(|| format!("no server at {server}"))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self { stream: BufReader::new(stream), token: token.map(str::to_owned) })
    }

    pub fn get(&mut self, path: &str) -> Result<Value> {
        self.call("GET", path, None)
    }

    pub fn post(&mut self, path: &str, body: &Value) -> Result<Value> {
        self.call("POST", path, Some(body))
    }

    pub fn put(&mut self, path: &str, body: &Value) -> Result<Value> {
        self.call("PUT", path, Some(body))
    }

    /// The `data` of a success.
    fn call(&mut self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        let (status, bytes) = self.exchange(method, path, body)?;
        if !(200..300).contains(&status) {
            bail!("{method} {path}: {status} {}", String::from_utf8_lossy(&bytes));
        }
        let mut answer: Value = serde_json::from_slice(&bytes).with_context(|| format!("{method} {path}: no JSON"))?;
        Ok(answer["data"].take())
    }

    /// Status and body as they came; the body is not decoded, so that timing this times the server.
    pub fn exchange(&mut self, method: &str, path: &str, body: Option<&Value>) -> Result<(u16, Vec<u8>)> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let kind: &[_] = if body.is_empty() { &[] } else { &[("Content-Type", "application/json")] };
        self.ask(method, path, kind, body.len() as u64, |body_of| Ok(body_of.write_all(body.as_bytes())?))?;
        let (head, body) = self.answer().with_context(|| format!("{method} {path}"))?;
        Ok((head.status, body))
    }

    /// Sends a call with a body of so many bytes, which `write` writes. The answer has to be read before the next one.
    pub fn ask(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        length: u64,
        write: impl FnOnce(&mut TcpStream) -> Result<()>,
    ) -> Result<()> {
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n");
        if let Some(token) = &self.token {
            head += &format!("Authorization: Bearer {token}\r\n");
        }
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        let stream = self.stream.get_mut();
        stream.write_all(format!("{head}\r\n").as_bytes())?;
        write(stream)
    }

    /// How an answer begins; what follows is its body.
    pub fn head(&mut self) -> Result<Head> {
        let status = self.line()?.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no status line")?;
        let mut headers = Vec::new();
        while let Some((name, value)) = self.line()?.split_once(':') {
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        Ok(Head { status, headers })
    }

    /// The whole of an answer.
    pub fn answer(&mut self) -> Result<(Head, Vec<u8>)> {
        let head = self.head()?;
        let mut body = Vec::new();
        if head.get("transfer-encoding").is_some_and(|encoding| encoding.to_ascii_lowercase().contains("chunked")) {
            loop {
                let size = usize::from_str_radix(self.line()?.trim(), 16).context("a chunk without a size")?;
                self.read_on(&mut body, size)?;
                self.line()?;
                if size == 0 {
                    return Ok((head, body));
                }
            }
        }
        let length = head.get("content-length").unwrap_or("0").parse().context("a length that is no number")?;
        self.read_on(&mut body, length)?;
        Ok((head, body))
    }

    /// The next bytes of a body.
    pub fn read(&mut self, stretch: &mut [u8]) -> Result<()> {
        Ok(self.stream.read_exact(stretch)?)
    }

    fn read_on(&mut self, body: &mut Vec<u8>, length: usize) -> Result<()> {
        let start = body.len();
        body.resize(start + length, 0);
        self.read(&mut body[start..])
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        ensure!(self.stream.read_line(&mut line)? > 0, "the server hung up");
        Ok(line.trim_end().to_owned())
    }
}
