//! What the options must be together, and what an operator should hear before strangers find out. It changes nothing, but for
//! the limit on descriptors.

use std::{ops::RangeInclusive, time::Duration};

use chinwag_bus::{LEAST_SECRET, LONGEST_NAME};
use chinwag_store::Site;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tracing_subscriber::{EnvFilter, filter::LevelFilter};

use super::{Bytes, Config, FileSettings, PasswordPolicy, StorageKind};

/// Descriptors that are not for clients: the database, files, logs.
const RESERVED_DESCRIPTORS: usize = 64;

/// Raises the soft limit on descriptors to the hard one and gives it.
pub fn raise_descriptor_limit() -> usize {
    let limit = getrlimit(Resource::Nofile);
    // The hard limit may be raised no further, and a refusal leaves the soft one as it was.
    let raised = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    let effective = if raised.is_ok() { limit.maximum } else { limit.current };
    effective.map_or(usize::MAX, |n| usize::try_from(n).unwrap_or(usize::MAX))
}

/// Whether this is a level, or one for a part. The filter would take any other word for the name of a part, of which alone
/// something is logged then.
fn is_directive(word: &str) -> bool {
    word.contains(['=', '[']) || word.parse::<LevelFilter>().is_ok()
}

/// The connections that a limit on descriptors allows.
fn connections_within(descriptors: usize) -> usize {
    descriptors.saturating_sub(RESERVED_DESCRIPTORS).clamp(16, 1_000_000)
}

impl Config {
    /// Open connections in all.
    pub fn connection_cap(&self, descriptors: usize) -> usize {
        let allowed = connections_within(descriptors);
        self.limits.connections.map_or(allowed, |wanted| wanted.min(allowed))
    }

    /// Whether new passwords must be strong.
    pub fn demands_strong_passwords(&self) -> bool {
        match self.password_policy {
            PasswordPolicy::Auto => !self.is_local(),
            PasswordPolicy::Basic => false,
            PasswordPolicy::Strong => true,
        }
    }

    /// Everything that is out of bounds, each in a sentence.
    pub(super) fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        let seconds = Duration::from_secs;
        let (limits, files) = (&self.limits, &self.files);
        let times: [(&str, Duration, RangeInclusive<Duration>, &str); 6] = [
            ("token_ttl", self.token_ttl, seconds(60)..=seconds(86_400), "between 1 min and 24 h"),
            ("session_ttl", self.session_ttl, seconds(300)..=seconds(400 * 86_400), "between 5 min and 400 d"),
            ("limits.header_timeout", limits.header_timeout, seconds(1)..=seconds(300), "between 1 s and 5 min"),
            ("limits.body_timeout", limits.body_timeout, seconds(1)..=seconds(300), "between 1 s and 5 min"),
            ("limits.keep_alive", limits.keep_alive, seconds(1)..=seconds(3600), "between 1 s and 1 h"),
            ("files.upload_timeout", files.upload_timeout, seconds(60)..=seconds(86_400), "between 1 min and 24 h"),
        ];
        for (key, value, range, words) in times {
            if !range.contains(&value) {
                faults.push(format!("`{key}` must be {words}"));
            }
        }
        let counts: [(&str, usize, RangeInclusive<usize>); 11] = [
            ("limits.text_chars", limits.text_chars, 1..=10_000),
            ("limits.frames_per_second", limits.frames_per_second as usize, 1..=1_000_000),
            ("limits.frames_burst", limits.frames_burst as usize, 1..=1_000_000),
            ("limits.sockets_per_user", limits.sockets_per_user, 1..=1_000_000),
            ("limits.failed_logins_per_minute", limits.failed_logins_per_minute as usize, 1..=1_000_000),
            ("limits.registrations_per_minute", limits.registrations_per_minute as usize, 1..=1_000_000),
            ("limits.connections", limits.connections.unwrap_or(16), 16..=1_000_000),
            ("limits.header_bytes", limits.header_bytes.0, Bytes::kib(8).0..=Bytes::kib(256).0),
            ("limits.json_bytes", limits.json_bytes.0, Bytes::kib(4).0..=Bytes::mib(16).0),
            ("files.max_bytes", files.max_bytes.0, Bytes::kib(1).0..=Bytes::mib(1024).0),
            ("files.image_pixels", files.image_pixels, 1..=200_000_000),
        ];
        for (key, value, range) in counts {
            if !range.contains(&value) {
                faults.push(format!("`{key}` must be between {} and {}", range.start(), range.end()));
            }
        }
        if self.session_ttl < self.token_ttl {
            faults.push("`session_ttl` must not be shorter than `token_ttl`: a token ends with its login".into());
        }
        if !(1..=64).contains(&self.name.trim().chars().count()) {
            faults.push("`name` must have 1 to 64 characters".into());
        }
        if self.name.contains(char::is_control) {
            faults.push("`name` must be one line without control characters".into());
        }
        if self.metrics_token.as_ref().is_some_and(|token| token.0.len() < 16) {
            faults.push("`metrics_token` must have at least 16 characters".into());
        }
        if let Some(Err(e)) = self.database.as_ref().map(|url| Site::of_url(&url.0)) {
            faults.push(format!("`database` is not usable: {e}"));
        }
        faults.extend(self.bus_faults());
        faults.extend(self.files.faults());
        if let Err(e) = EnvFilter::builder().parse(&self.log.level) {
            faults.push(format!("`log.level` cannot be understood ({e}): write for instance \"info\""));
        } else if let Some(word) = self.log.level.split(',').map(str::trim).find(|word| !is_directive(word)) {
            faults.push(format!(
                "`log.level` has no level {word:?}: write error, warn, info, debug or trace, or a part and its level, as in \"info,chinwag_store=debug\""
            ));
        }
        faults
    }

    /// What is wrong with how it joins others.
    fn bus_faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if let Some(name) = &self.node_name {
            let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            if !(1..=LONGEST_NAME).contains(&name.len()) || !name.chars().all(is_plain) {
                faults.push(format!(
                    "`node_name` must have 1 to {LONGEST_NAME} characters: letters, digits, `.`, `_` and `-`"
                ));
            }
        }
        let Some(url) = &self.bus else { return faults };
        if let Err(e) = chinwag_bus::check(&url.0) {
            faults.push(format!("`bus` is not usable: {e}"));
        }
        if self.database.is_none() {
            faults.push("`bus` is for servers that share a `database`, and a file is one server's alone: name a database of PostgreSQL or MariaDB, or leave `bus` out".into());
        }
        if self.bus_secret.as_ref().is_none_or(|secret| secret.0.chars().count() < LEAST_SECRET) {
            faults.push(format!("`bus` needs a `bus_secret` of at least {LEAST_SECRET} characters, the same on every server and known to nobody else, or strangers on the bus could speak for them"));
        }
        faults
    }

    /// What works, but deserves a word at the start.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.listen.ip().is_loopback() && !self.public_url().is_loopback() && !self.public_url().is_secure() {
            warnings.push(format!(
                "People reach Chinwag at {} without TLS: passwords and messages can be read on the way. Let the proxy in front speak TLS and set public_url to its https:// address.",
                self.public_url()
            ));
        }
        if !self.listen.ip().is_loopback() && !self.public_url().is_secure() {
            warnings.push(format!(
                "Chinwag listens on {} without TLS: passwords and messages can be read on the way. Put a proxy with TLS in front and set public_url to its https:// address.",
                self.listen
            ));
        }
        if self.listen.ip().is_unspecified() && self.public_url.is_none() {
            warnings.push("public_url is not set: browsers can log in from this machine only. Set it to the address people type in.".into());
        }
        if self.public_url().is_secure() && self.trusted_proxies.is_empty() {
            warnings.push("trusted_proxies is empty: all people behind the proxy share its address, also when guessing of passwords is slowed down. Name the proxy's address.".into());
        }
        if self.bus.is_some() && self.files.storage == StorageKind::Disk && self.files.directory.is_none() {
            warnings.push("files are kept in data_dir, where the other servers on the bus cannot find them. Set files.directory to one that all of them see, or files.storage to \"s3\".".into());
        }
        if let Some(wanted) = self.limits.connections {
            let allowed = connections_within(raise_descriptor_limit());
            if wanted > allowed {
                warnings.push(format!("limits.connections is {wanted}, but the limit on descriptors allows {allowed}: raise it (LimitNOFILE, ulimit -n)."));
            }
        }
        warnings
    }
}

impl FileSettings {
    /// What is wrong with where files are kept.
    fn faults(&self) -> Vec<String> {
        let mut faults = Vec::new();
        if self.quota_bytes.0 != 0 && self.quota_bytes < self.max_bytes {
            faults.push("`files.quota_bytes` must not be less than `files.max_bytes`: 0 is no bound".into());
        }
        if self.storage == StorageKind::Disk {
            return faults;
        }
        for (name, is_set) in [
            ("bucket", self.bucket.is_some()),
            ("access_key", self.access_key.is_some()),
            ("secret_key", self.secret_key.is_some()),
        ] {
            if !is_set {
                faults.push(format!("`files.storage` is \"s3\", which needs `files.{name}`"));
            }
        }
        let is_url = |url: &String| url.starts_with("https://") || url.starts_with("http://");
        if self.endpoint.as_ref().is_some_and(|endpoint| !is_url(endpoint)) {
            faults.push("`files.endpoint` must begin with https:// or http://".into());
        }
        faults
    }
}
