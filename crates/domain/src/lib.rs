//! The rules of Chinwag: use cases, policy, and what they need from outside. It knows no SQL, no socket and no HTTP.

pub mod actor;
pub mod arrivals;
pub mod avatar_records;
pub mod avatar_store;
pub mod avatars;
pub mod clock;
pub mod emoji_records;
pub mod emoji_store;
pub mod emojis;
pub mod error;
mod facts;
pub mod fault;
pub mod file_names;
pub mod file_ports;
pub mod file_records;
pub mod file_store;
mod file_sweep;
pub mod files;
pub mod forget;
pub mod jobs;
pub mod lobby;
pub mod members;
pub mod mentions;
pub mod messages;
pub mod own_log;
mod passages;
mod passwords;
pub mod policy;
pub mod ports;
pub mod presence;
pub mod records;
pub mod rooms;
pub mod sessions;
mod settings;
pub mod setup;
pub mod sockets;
pub mod storage;
mod store_error;
pub mod text;
pub mod throttle;
mod tokens;
pub mod tries;
pub mod typing;
mod unasked;
pub mod uploads;
pub mod users;
pub mod views;

use std::{sync::Arc, time::Duration};

use parking_lot::Mutex;

pub use actor::{Actor, SessionId, SocketId};
pub use error::{Error, Result};
pub use settings::{PasswordPolicy, Registration, Settings};
pub use unasked::log_failure;

use ports::{Clock, Publisher, Store};
use storage::Storage;

/// The one handle of the use cases: what they need, and what they remember. Each use case is a function that takes it, the
/// actor and the command.
pub struct Chat {
    store: Arc<dyn Store>,
    publisher: Arc<dyn Publisher>,
    clock: Arc<dyn Clock>,
    settings: Settings,
    passwords: passwords::Passwords,
    tokens: tokens::Tokens,
    seats: facts::Seats,
    arrivals: arrivals::Arrivals,
    sessions: sessions::Sessions,
    throttle: throttle::Throttle,
    typing: typing::Recent,
    setup_token: Mutex<Option<String>>,
    facts: setup::Known<setup::Looked>,
    jobs: jobs::Done,
    /// None where nobody uploads, as on the command line.
    storage: Option<Storage>,
}

impl Chat {
    /// `secret` signs the access tokens; it must stay the same over restarts. Without storage for files.
    pub fn new(
        store: Arc<dyn Store>,
        publisher: Arc<dyn Publisher>,
        clock: Arc<dyn Clock>,
        secret: [u8; 32],
        settings: Settings,
    ) -> Arc<Self> {
        Self::with_storage(store, publisher, clock, secret, settings, None)
    }

    /// The same with what keeps files.
    pub fn with_storage(
        store: Arc<dyn Store>,
        publisher: Arc<dyn Publisher>,
        clock: Arc<dyn Clock>,
        secret: [u8; 32],
        settings: Settings,
        storage: Option<Storage>,
    ) -> Arc<Self> {
        Arc::new(Self {
            passwords: passwords::Passwords::default(),
            tokens: tokens::Tokens::new(&secret),
            seats: facts::Seats::default(),
            arrivals: arrivals::Arrivals::default(),
            sessions: sessions::Sessions::default(),
            throttle: throttle::Throttle::new(&settings, store.is_shared()),
            typing: typing::Recent::default(),
            setup_token: Mutex::new(None),
            facts: setup::Known::default(),
            jobs: jobs::Done::default(),
            store,
            publisher,
            clock,
            settings,
            storage,
        })
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The log's epoch: cursors of another one cannot be continued.
    pub fn epoch(&self) -> i64 {
        self.store.epoch()
    }

    /// Whether the database answers, for readiness.
    pub async fn ping(&self) -> Result<()> {
        Ok(self.store.ping().await?)
    }

    fn now(&self) -> i64 {
        self.clock.now_ms()
    }
}

/// How long what was read from the database may be believed: the bound within which a change made by another process
/// (the command line, another node) takes hold. The promise is five seconds; one of them is for the reading.
const CACHE_TTL: Duration = Duration::from_secs(4);
