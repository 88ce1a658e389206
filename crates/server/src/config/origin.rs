//! Where a web page comes from, written exactly as browsers write it. Whether it may use the server is not decided here.

use std::{fmt, net::Ipv4Addr};

use super::setting::{Setting, quoted};

/// Scheme, host and port of a web page: what a browser sends as `Origin`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin(String);

impl Origin {
    /// Without TLS.
    pub fn plain(host: &str, port: u16) -> Self {
        Self(if port == 80 { format!("http://{host}") } else { format!("http://{host}:{port}") })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether its pages come over TLS.
    pub fn is_secure(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// Whether it names this very machine.
    pub fn is_loopback(&self) -> bool {
        let host = self.0.split_once("://").map_or("", |(_, authority)| authority);
        host == "[::1]"
            || host.starts_with("[::1]:")
            || host.split(':').next().is_some_and(|host| {
                host == "localhost"
                    || host.ends_with(".localhost")
                    || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
            })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Setting for Origin {
    const KIND: &'static str = "origin";

    fn parse(text: &str) -> Result<Self, String> {
        let expected =
            || "http:// or https://, a host and perhaps a port, without a path: https://chat.example.org".to_owned();
        let uri: axum::http::Uri = text.parse().map_err(|_| expected())?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else { return Err(expected()) };
        let has_rest = !matches!(uri.path(), "" | "/") || uri.query().is_some() || authority.as_str().contains('@');
        let default_port = match scheme {
            "http" => 80,
            "https" => 443,
            _ => return Err(expected()),
        };
        if has_rest || authority.host().is_empty() {
            return Err(expected());
        }
        // A browser writes the host in small letters and leaves out the scheme's own port.
        let host = authority.host().to_ascii_lowercase();
        Ok(Self(match authority.port_u16() {
            Some(port) if port != default_port => format!("{scheme}://{host}:{port}"),
            _ => format!("{scheme}://{host}"),
        }))
    }

    fn write(&self) -> Option<String> {
        quoted(&self.0)
    }
}
