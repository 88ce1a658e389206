//! Every option of the server, each with its meaning, default and unit: the settings file, the environment, the flags, the
//! checks and the reference page all come from here. It reads no file itself: `config/load.rs` does.

mod check;
mod environment;
mod load;
mod nearest;
mod origin;
mod page;
mod setting;

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use chinwag_api::Network;
use chinwag_store::{OpenError, Site};

pub use check::raise_descriptor_limit;
pub use load::{SettingFaults, Sources};
pub use origin::Origin;
pub use setting::{Bytes, LogFormat, PasswordPolicy, Raw, Registration, Secret, Setting, StorageKind};

use crate::data_dir::DataDir;

/// One option, as the reference page, the flags and the messages name it.
#[derive(Clone, Debug)]
pub struct Key {
    /// Dotted, as in the settings file.
    pub name: String,
    /// What one writes.
    pub kind: &'static str,
    /// Markdown, one line.
    pub doc: String,
    /// As TOML; `None` where it is derived, as the doc says.
    pub default: Option<String>,
}

/// A struct of options that knows its keys.
trait Section: Default {
    fn keys(prefix: &str) -> Vec<Key>;
    /// `None` when there is no such key.
    fn set(&mut self, name: &str, raw: &Raw) -> Option<Result<(), String>>;
    /// The value as TOML, `None` inside where nothing is set.
    fn get(&self, name: &str) -> Option<Option<String>>;
}

macro_rules! settings {
    (
        $(#[$outer:meta])*
        pub struct $section:ident {
            $( $(#[doc = $doc:literal])+ $name:ident: $kind:ty = $default:expr, )+
        }
        $( groups { $( $(#[$group_doc:meta])+ $group:ident: $group_kind:ty, )+ } )?
    ) => {
        $(#[$outer])*
        #[derive(Clone, Debug)]
        pub struct $section {
            $( $(#[doc = $doc])+ pub $name: $kind, )+
            $( $( $(#[$group_doc])+ pub $group: $group_kind, )+ )?
        }

        impl Default for $section {
            fn default() -> Self {
                Self { $( $name: $default, )+ $( $( $group: Default::default(), )+ )? }
            }
        }

        impl Section for $section {
            fn keys(prefix: &str) -> Vec<Key> {
                let default = Self::default();
                let own = vec![$( Key {
                    name: format!("{prefix}{}", stringify!($name)),
                    kind: <$kind as Setting>::KIND,
                    doc: [$($doc.trim()),+].join(" "),
                    default: default.$name.write(),
                }, )+];
                let groups: Vec<Vec<Key>> = vec![ $( $( <$group_kind as Section>::keys(concat!(stringify!($group), ".")), )+ )? ];
                own.into_iter().chain(groups.into_iter().flatten()).collect()
            }

            fn set(&mut self, name: &str, raw: &Raw) -> Option<Result<(), String>> {
                $( if name == stringify!($name) {
                    return Some(<$kind as Setting>::read(raw).map(|value| self.$name = value));
                } )+
                $( $( if let Some(rest) = name.strip_prefix(concat!(stringify!($group), ".")) {
                    return self.$group.set(rest, raw);
                } )+ )?
                None
            }

            fn get(&self, name: &str) -> Option<Option<String>> {
                $( if name == stringify!($name) {
                    return Some(self.$name.write());
                } )+
                $( $( if let Some(rest) = name.strip_prefix(concat!(stringify!($group), ".")) {
                    return self.$group.get(rest);
                } )+ )?
                None
            }
        }
    };
}

settings! {
    /// How the server runs.
    pub struct Config {
        /// Where the server listens. The default is reached from this machine only; `0.0.0.0:8080` is every address of the
        /// machine: put a proxy with TLS in front, see [running](running.md).
        listen: SocketAddr = SocketAddr::from(([127, 0, 0, 1], 8080)),
        /// Where everything is kept: the database, where `database` names no other, and the server's secret. Made at the first start, for
        /// the server's user only. It must be on a local disk, and only one server can use it.
        data_dir: PathBuf = PathBuf::from("chinwag-data"),
        /// The database that several servers can share: `postgres://user:password@host:port/name` (PostgreSQL 15 or newer), or the same with
        /// `mysql://` or `mariadb://` (MariaDB 10.11, MySQL 8.0 or newer). It must exist; the first start makes its tables. Other users of the
        /// machine can read a flag: give it in the environment or in a file. Without it: a file in `data_dir`.
        database: Option<Secret> = None,
        /// What carries hints between the servers that share `database`: `nats://name:password@host:4222`, `redis://name:password@host:6379`
        /// (`rediss://` with TLS; Valkey, too) or `kafka://name:password@host:9092` (`kafkas://` with TLS, `?sasl=scram-sha-512`). Nothing is
        /// lost where it is away, but comes seconds later. Without it: this server is the only one.
        bus: Option<Secret> = None,
        /// What the servers on one `bus` sign their messages with: at least 16 characters, the same on all of them and known to nobody else.
        bus_secret: Option<Secret> = None,
        /// What this server is called among those on `bus`, and no other: 1 to 64 letters, digits, `.`, `_` and `-`. Without it: a name that
        /// is made at the first start and kept in `data_dir`.
        node_name: Option<String> = None,
        /// The address people type in, without a path: `https://chat.example.org`. Pages from elsewhere may not use this server.
        /// Without it: `http://` and the address of `listen`.
        public_url: Option<Origin> = None,
        /// Further addresses of this server, each as `https://host[:port]`, whose pages may use it.
        allowed_origins: Vec<Origin> = Vec::new(),
        /// Whether pages of every other address, too, may call the API with a token (CORS); those of `allowed_origins` may without
        /// this. The browser's login cookie is never good for them.
        any_origin: bool = false,
        /// Addresses or networks of the proxies in front (`10.0.0.0/8`), whose `X-Forwarded-For` is believed.
        /// TLS in front of the server is told by `public_url`, not by a header.
        trusted_proxies: Vec<Network> = Vec::new(),
        /// The server's name, shown in the client and in the browser's title. The administrator's set-up can change it.
        name: String = "Chinwag".into(),
        /// Who may make an account: anybody (`open`), or nobody but the administrator (`closed`).
        registration: Registration = Registration::Open,
        /// Whether people without an account may talk in the lobby, by `/ws/lobby`.
        guests: bool = false,
        /// What a new password must be. `strong`: 8 characters and not easily guessed. `basic`: 6 characters. `auto`: `basic` while
        /// the server is reached from this machine only, else `strong`.
        password_policy: PasswordPolicy = PasswordPolicy::Auto,
        /// How long an access token is good; at most 24 hours.
        token_ttl: Duration = Duration::from_secs(60 * 60),
        /// How long a login lasts.
        session_ttl: Duration = Duration::from_secs(30 * 24 * 60 * 60),
        /// With this token (`Authorization: Bearer …`) `/metrics` answers from everywhere; without it only from this machine, as long as
        /// the server is for this machine alone.
        metrics_token: Option<Secret> = None,
    }
    groups {
        /// What is logged, and how.
        log: Log,
        /// What nobody may exceed.
        limits: LimitSettings,
        /// What people upload, and where it is kept.
        files: FileSettings,
    }
}

settings! {
    /// What is logged, and how.
    pub struct Log {
        /// `pretty` for people, `json` for machines: one object a line. Logs go to standard error.
        format: LogFormat = LogFormat::Pretty,
        /// The least serious level that is logged: `error`, `warn`, `info`, `debug` or `trace`; also per part, as in
        /// `info,chinwag_store=debug`.
        level: String = "info".into(),
    }
}

settings! {
    /// What nobody may exceed.
    pub struct LimitSettings {
        /// Characters of a message.
        text_chars: usize = 4000,
        /// Frames and changing calls a second of one person, over all sockets and HTTP; one of more than 2 KiB counts as several.
        frames_per_second: u32 = 20,
        /// How many of them one person may send at once before that rate holds.
        frames_burst: u32 = 40,
        /// Open sockets of one person; a further one closes the oldest.
        sockets_per_user: usize = 20,
        /// Refused logins from one address within a minute, before it has to wait. Three times as many right ones of an account, and
        /// thirty times as many of an address, are let in.
        failed_logins_per_minute: u32 = 20,
        /// New accounts from one address within a minute.
        registrations_per_minute: u32 = 30,
        /// Open connections in all; one more is answered by 503. Without it: what the system's limit on descriptors allows.
        connections: Option<usize> = None,
        /// How long a client may take for the head of its first request.
        header_timeout: Duration = Duration::from_secs(10),
        /// How long a client may pause within the body of a request. All of it may take three times as long.
        body_timeout: Duration = Duration::from_secs(10),
        /// How long a connection may wait between two requests.
        keep_alive: Duration = Duration::from_secs(60),
        /// Size of the head of a request.
        header_bytes: Bytes = Bytes::kib(16),
        /// Size of a JSON body.
        json_bytes: Bytes = Bytes::kib(256),
    }
}

settings! {
    /// What people upload, and where it is kept.
    pub struct FileSettings {
        /// Size of one file; at most 1 GiB.
        max_bytes: Bytes = Bytes::mib(50),
        /// Size of all files of one person together, with those that messages have; 0 is no bound.
        quota_bytes: Bytes = Bytes::mib(2048),
        /// Pixels of a picture that is looked into. A larger one is a file like any other, without a preview; what it tells of a place is
        /// removed all the same.
        image_pixels: usize = 40_000_000,
        /// How long the body of one upload may take as a whole; pauses within it are bounded by `limits.body_timeout`.
        upload_timeout: Duration = Duration::from_secs(60 * 60),
        /// Where files are kept. `disk`: in `files.directory`. `s3`: in a bucket of Amazon's S3 or of what speaks like it (MinIO, Ceph, Garage).
        storage: StorageKind = StorageKind::Disk,
        /// The directory for `disk`; of several servers, one that all of them see (NFS will do). Without it: `files` in `data_dir`.
        directory: Option<PathBuf> = None,
        /// The bucket for `s3`, which must exist.
        bucket: Option<String> = None,
        /// Where the service is: `https://s3.example.org`. Without it: Amazon's own of `files.region`.
        endpoint: Option<String> = None,
        /// The region of the bucket.
        region: String = "us-east-1".into(),
        /// Who may read and write in the bucket.
        access_key: Option<Secret> = None,
        /// What proves it.
        secret_key: Option<Secret> = None,
        /// What comes before all names in the bucket: `chinwag`. Without it: nothing.
        prefix: Option<String> = None,
    }
}

impl Config {
    /// All options in the order of the reference page.
    pub fn keys() -> Vec<Key> {
        <Self as Section>::keys("")
    }

    /// One option as TOML; `None` inside where nothing is set.
    pub fn value(&self, name: &str) -> Option<Option<String>> {
        Section::get(self, name)
    }

    /// Where the truth is kept.
    pub(crate) fn site(&self, data_dir: &DataDir) -> Result<Site, OpenError> {
        self.database.as_ref().map_or_else(|| Ok(Site::File(data_dir.database())), |url| Site::of_url(&url.0))
    }

    /// The address people type in.
    pub fn public_url(&self) -> Origin {
        self.public_url.clone().unwrap_or_else(|| match self.listen.ip() {
            ip if ip.is_loopback() || ip.is_unspecified() => Origin::plain("localhost", self.listen.port()),
            IpAddr::V4(ip) => Origin::plain(&ip.to_string(), self.listen.port()),
            IpAddr::V6(ip) => Origin::plain(&format!("[{ip}]"), self.listen.port()),
        })
    }

    /// The exact origins whose pages may use this server.
    pub fn own_origins(&self) -> Vec<Origin> {
        let mut origins = vec![self.public_url()];
        origins.extend(self.allowed_origins.iter().cloned());
        if self.listen.ip().is_loopback() || self.listen.ip().is_unspecified() {
            // On its own machine a server has three names.
            let port = self.listen.port();
            origins.extend(["localhost", "127.0.0.1", "[::1]"].map(|host| Origin::plain(host, port)));
        }
        origins.sort();
        origins.dedup();
        origins
    }

    /// Whether only this machine can reach the server, also by its public address.
    pub fn is_local(&self) -> bool {
        self.listen.ip().is_loopback() && self.public_url().is_loopback() && self.trusted_proxies.is_empty()
    }
}

#[cfg(test)]
mod tests;
