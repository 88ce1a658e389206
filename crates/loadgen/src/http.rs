//! A small blocking HTTP client on one kept connection: enough to make accounts and to time calls. No TLS, no redirects.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

const PATIENCE: Duration = Duration::from_secs(60);

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
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n", body.len());
        if !body.is_empty() {
            head += "Content-Type: application/json\r\n";
        }
        if let Some(token) = &self.token {
            head += &format!("Authorization: Bearer {token}\r\n");
        }
        self.stream.get_mut().write_all(format!("{head}\r\n{body}").as_bytes())?;
        self.answer().with_context(|| format!("{method} {path}"))
    }

    fn answer(&mut self) -> Result<(u16, Vec<u8>)> {
        let status = self.line()?.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no status line")?;
        let (mut length, mut chunked) = (0, false);
        loop {
            let line = self.line()?.to_ascii_lowercase();
            match line.split_once(':') {
                None => break,
                Some(("content-length", value)) => {
                    length = value.trim().parse().context("a length that is no number")?
                }
                Some(("transfer-encoding", value)) => chunked = value.contains("chunked"),
                Some(_) => {}
            }
        }
        let mut body = Vec::new();
        if chunked {
            loop {
                let size = usize::from_str_radix(self.line()?.trim(), 16).context("a chunk without a size")?;
                self.read(&mut body, size)?;
                self.line()?;
                if size == 0 {
                    return Ok((status, body));
                }
            }
        }
        self.read(&mut body, length)?;
        Ok((status, body))
    }

    fn read(&mut self, body: &mut Vec<u8>, length: usize) -> Result<()> {
        let start = body.len();
        body.resize(start + length, 0);
        Ok(self.stream.read_exact(&mut body[start..])?)
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        ensure!(self.stream.read_line(&mut line)? > 0, "the server hung up");
        Ok(line.trim_end().to_owned())
    }
}
