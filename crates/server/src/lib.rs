//! One Chinwag server, put together in reading order: data directory, hub, store, rules, doors, listener; and taken apart in
//! the order that loses nothing. What each part does is decided in its own crate.

pub mod cli;
pub mod config;
mod data_dir;
mod doctor;
mod lifecycle;
mod listener;
mod storage;
mod telemetry;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use chinwag_api::{
    AppState, Options, Readiness,
    limits::{FrameBudget, ReadBudget},
    ws::WsState,
};
use chinwag_bus::NodeIdentity;
use chinwag_cluster::Nodes;
use chinwag_domain::{
    Chat, PasswordPolicy, Registration, Settings, arrivals,
    clock::SharedClock,
    jobs, log_failure,
    ports::{Clock, MetaStore, Publisher, SystemClock, random_bytes},
    presence, sessions, setup,
};
use chinwag_realtime::Hub;
use chinwag_store::{Site, SqlStore, StoreConfig};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use config::Config;
pub use listener::bind;

use crate::{
    data_dir::{DataDir, Lock},
    lifecycle::{Tasks, within},
    listener::Bounds,
};

/// For so long the server still answers after it said that it is not ready, so that whoever asks can hear it.
const NOTICE: Duration = Duration::from_millis(500);
/// How often the clock is set: for no longer is it wrong after somebody has set the machine's.
const SET_CLOCK: Duration = Duration::from_secs(10);
/// For each of sockets, requests and database; together they stay under the 15 seconds that a supervisor may wait.
const STOP_STEP: Duration = Duration::from_secs(4);

/// A server that is ready to take connections.
pub struct Server {
    address: SocketAddr,
    config: Config,
    site: Site,
    listener: TcpListener,
    router: axum::Router,
    bounds: Bounds,
    chat: Arc<Chat>,
    hub: Arc<Hub>,
    /// Where it is one of several.
    nodes: Option<Arc<Nodes>>,
    store: Arc<SqlStore>,
    clock: Arc<SharedClock>,
    budget: FrameBudget,
    reads: ReadBudget,
    readiness: Readiness,
    /// One task per socket; they end after the hub has said goodbye.
    sockets: TaskTracker,
    metrics: metrics_exporter_prometheus::PrometheusHandle,
    _lock: Lock,
}

/// A server without a bus hears of the others' words late, and of their people never.
async fn warn_of_others(site: &Site) {
    // Where it cannot be asked, the store says so.
    if let Ok(1..) = chinwag_store::count_others(site).await {
        tracing::warn!(
            "another server is at work on this database, and no bus is set. If both are to be one place, set `bus` and `bus_secret` on all of them; \
             if not, give each a database of its own"
        );
    }
}

impl Server {
    /// Opens everything a server needs. The address is the listener's, whatever the configuration says.
    pub async fn open(mut config: Config, listener: TcpListener) -> anyhow::Result<Self> {
        let address = listener.local_addr().context("the listener has no address")?;
        config.listen = address;
        let metrics = telemetry::recorder();
        let data_dir = DataDir::open(&config.data_dir)?;
        let lock = data_dir.lock()?;
        config.data_dir = data_dir.path().to_owned();
        let clock = Arc::new(SharedClock::over(SystemClock));
        let hub = Hub::new(clock.clone(), config.limits.sockets_per_user);
        let site = config.site(&data_dir)?;
        let nodes = config.bus.as_ref().map(|_| Nodes::new(hub.clone()));
        let publisher: Arc<dyn Publisher> = match &nodes {
            Some(nodes) => nodes.clone(),
            None => hub.clone(),
        };
        if nodes.is_none() && site.is_shared() {
            warn_of_others(&site).await;
        }
        if let Some(bus) = &config.bus {
            chinwag_bus::look(&bus.0).await?;
        }
        let store = chinwag_store::open(StoreConfig::at(site.clone()), publisher.clone()).await?;
        clock.set(&*store).await?;
        let secret = signing_secret(&store, &data_dir).await?;
        let files = storage::open(&config, &data_dir).await?;
        let chat = Chat::with_storage(store.clone(), publisher, clock.clone(), secret, rules(&config), Some(files));
        sessions::watch_ends(&chat).await?;
        if let (Some(nodes), Some(bus)) = (&nodes, &config.bus) {
            nodes.join(&bus.0, &identity(&config, &data_dir, &*clock, store.epoch())?, &chat)?;
        }
        let budget = FrameBudget::new(config.limits.frames_per_second, config.limits.frames_burst);
        let reads = ReadBudget::beside(config.limits.frames_per_second, config.limits.frames_burst);
        let readiness = Readiness::default();
        let options = Arc::new(doors(&config));
        let state = AppState {
            chat: chat.clone(),
            options: options.clone(),
            budget: budget.clone(),
            reads: reads.clone(),
            readiness: readiness.clone(),
            metrics: Some(metrics.clone()),
        };
        let sockets = TaskTracker::new();
        let socket = WsState::new(chat.clone(), hub.clone(), options, budget.clone(), reads.clone(), sockets.clone());
        let router = chinwag_api::router(state, socket, chinwag_webapp::router(server_name(&chat)));
        let bounds = bounds(&config);
        Ok(Self {
            address,
            config,
            site,
            listener,
            router,
            bounds,
            chat,
            hub,
            nodes,
            store,
            clock,
            budget,
            reads,
            readiness,
            sockets,
            metrics,
            _lock: lock,
        })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The options as they hold, with the address that was bound and the whole path of the data directory.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Where the truth is kept.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// The one-use link for the first administrator, while there is none.
    pub async fn setup_link(&self) -> anyhow::Result<Option<String>> {
        let token = setup::token(&self.chat).await?;
        Ok(token.map(|token| format!("{}/setup#{token}", self.config.public_url())))
    }

    /// Answers until `shutdown`, then stops: not ready, no new connections, sockets told to come back later, requests
    /// finished, tasks ended, everything written.
    pub async fn run_until(self, shutdown: impl Future<Output = ()>) -> anyhow::Result<()> {
        let tasks = self.background();
        let stop = CancellationToken::new();
        let sockets = self.sockets.clone();
        // Those that say goodbye count, too: they hold their descriptor until they have.
        let upgraded = move || sockets.len();
        // On a worker: from the thread that waits here each connection would have to be handed over.
        let mut serving = JoinSet::new();
        serving.spawn(listener::serve(self.listener, self.router, self.bounds, upgraded, stop.clone()));
        tracing::info!(address = %self.address, version = env!("CARGO_PKG_VERSION"), "serving");
        let mut fallen = None;
        tokio::select! {
            ended = serving.join_next() => fallen = ended.and_then(Result::err),
            () = shutdown => {
                tracing::info!("stopping");
                self.readiness.drain();
                // The loop goes on meanwhile: it answers that it is not ready.
                let _ = tokio::time::timeout(NOTICE, serving.join_next()).await;
            }
        }
        stop.cancel();
        let goodbye = async {
            self.hub.drain().await;
            self.sockets.close();
            self.sockets.wait().await;
            self.hub.closed().await;
        };
        let finished = async { while serving.join_next().await.is_some() {} };
        tokio::join!(within(STOP_STEP, "closing sockets", goodbye), within(STOP_STEP, "finishing requests", finished));
        if let Some(nodes) = &self.nodes {
            nodes.say_goodbye();
        }
        tasks.stop().await;
        within(STOP_STEP, "writing what people left behind", flush(self.chat, self.hub)).await;
        within(STOP_STEP, "closing the database", async { self.store.close().await }).await;
        tracing::info!("stopped");
        fallen.map_or(Ok(()), |error| Err(anyhow::Error::new(error).context("accepting connections failed")))
    }

    /// Everything that happens without anybody asking.
    fn background(&self) -> Tasks {
        let mut tasks = Tasks::default();
        let hub = self.hub.clone();
        tasks.keep("sweeper", move || {
            let hub = hub.clone();
            async move { hub.sweep().await }
        });
        let (hub, store) = (self.hub.clone(), self.store.clone());
        tasks.keep("healer", move || {
            let (hub, store) = (hub.clone(), store.clone());
            async move { hub.heal(store).await }
        });
        let (hub, store) = (self.hub.clone(), self.store.clone());
        tasks.keep("emojis", move || {
            let (hub, store) = (hub.clone(), store.clone());
            async move { hub.compare_emojis(store).await }
        });
        if let Some(nodes) = &self.nodes {
            let nodes = nodes.clone();
            tasks.keep("who is where", move || {
                let nodes = nodes.clone();
                async move { nodes.keep_saying().await }
            });
            let (hub, store) = (self.hub.clone(), self.store.clone());
            tasks.keep("healer of own logs", move || {
                let (hub, store) = (hub.clone(), store.clone());
                async move { hub.compare_own(store).await }
            });
        }
        if self.nodes.is_some() {
            let (chat, hub) = (self.chat.clone(), self.hub.clone());
            tasks.every(arrivals::LOOK, "rooms of people here", move || {
                let (chat, hub) = (chat.clone(), hub.clone());
                async move {
                    let tell = |user_id, event| hub.hint_user(user_id, event);
                    if let Err(error) = arrivals::tell_missed(&chat, |user_id| hub.is_here(user_id), tell).await {
                        log_failure(error, "cannot see whose rooms have become more");
                    }
                }
            });
        }
        let (chat, hub) = (self.chat.clone(), self.hub.clone());
        tasks.every(Duration::from_secs(5), "departures", move || flush(chat.clone(), hub.clone()));
        let chat = self.chat.clone();
        tasks.every(Duration::from_secs(2), "ended sessions", move || {
            let chat = chat.clone();
            async move {
                if let Err(error) = sessions::close_ended(&chat).await {
                    log_failure(error, "cannot see which sessions have ended");
                }
            }
        });
        let (clock, store) = (self.clock.clone(), self.store.clone());
        tasks.every(SET_CLOCK, "clock", move || {
            let (clock, store) = (clock.clone(), store.clone());
            async move {
                if let Err(error) = clock.set(&*store).await {
                    log_failure(error, "cannot see the clock of the database");
                }
            }
        });
        let chat = self.chat.clone();
        tasks.keep("jobs", move || jobs::run(chat.clone()));
        let (budget, reads, metrics) = (self.budget.clone(), self.reads.clone(), self.metrics.clone());
        tasks.every(Duration::from_secs(60), "upkeep", move || {
            let (budget, reads, metrics) = (budget.clone(), reads.clone(), metrics.clone());
            async move {
                budget.forget_idle();
                reads.forget_idle();
                metrics.run_upkeep();
            }
        });
        tasks
    }
}

/// What signs the access tokens. Nodes that share a database find it there: the first of them brings its own, so that who was logged in
/// when there was one node stays logged in.
async fn signing_secret(store: &SqlStore, data_dir: &DataDir) -> anyhow::Result<[u8; 32]> {
    if !store.is_shared() {
        return Ok(data_dir.secret()?);
    }
    let own = data_dir.kept_secret()?.unwrap_or_else(random_bytes);
    Ok(store.token_secret(own).await?)
}

/// Writes down who left and which sessions were used.
async fn flush(chat: Arc<Chat>, hub: Arc<Hub>) {
    if let Err(error) = presence::record_departures(&chat, hub.take_departures()).await {
        log_failure(error, "cannot write down who left");
    }
    if let Err(error) = sessions::flush_touches(&chat).await {
        log_failure(error, "cannot write down which sessions were used");
    }
}

/// What the server is called; where the database does not answer, by its settings.
fn server_name(chat: &Arc<Chat>) -> chinwag_webapp::Name {
    let chat = chat.clone();
    Arc::new(move || {
        let chat = chat.clone();
        Box::pin(async move {
            let facts = setup::facts(&chat).await;
            facts.map_or_else(|_| chat.settings().default_name.clone(), |facts| facts.name)
        })
    })
}

/// The options that the rules themselves need.
fn rules(config: &Config) -> Settings {
    Settings {
        default_name: config.name.clone(),
        registration: match config.registration {
            config::Registration::Open => Registration::Open,
            config::Registration::Closed => Registration::Closed,
        },
        guests: config.guests,
        password_policy: if config.demands_strong_passwords() { PasswordPolicy::Strong } else { PasswordPolicy::Basic },
        token_ttl: config.token_ttl,
        session_ttl: config.session_ttl,
        text_chars: config.limits.text_chars,
        frames_per_second: config.limits.frames_per_second,
        frames_burst: config.limits.frames_burst,
        sockets_per_user: config.limits.sockets_per_user,
        file_bytes: bytes(config.files.max_bytes),
        file_quota: Some(bytes(config.files.quota_bytes)).filter(|quota| *quota > 0),
        failed_logins_per_minute: config.limits.failed_logins_per_minute,
        registrations_per_minute: config.limits.registrations_per_minute,
        ..Settings::default()
    }
}

fn bytes(size: config::Bytes) -> i64 {
    i64::try_from(size.0).unwrap_or(i64::MAX)
}

/// Who this server is among others. Its start is by the clock of all of them: a node of this name may have run on another machine before,
/// and what is said by one that began earlier is old to the others.
fn identity(config: &Config, data_dir: &DataDir, clock: &dyn Clock, epoch: i64) -> anyhow::Result<NodeIdentity> {
    let (node, start) = data_dir.begin_node(config.node_name.as_deref(), clock.now_ms())?;
    tracing::info!(node, "one of several nodes");
    let secret = config.bus_secret.as_ref().map(|secret| secret.0.clone()).unwrap_or_default();
    // All nodes of a place are in one history of its database, and no other place is.
    Ok(NodeIdentity { secret, epoch: Some(epoch), node, start })
}

/// How the doors behave.
fn doors(config: &Config) -> Options {
    Options {
        any_origin: config.any_origin,
        allowed_origins: config.own_origins().iter().map(|origin| origin.as_str().to_owned()).collect(),
        secure: config.public_url().is_secure(),
        trusted_proxies: config.trusted_proxies.clone(),
        local: config.is_local(),
        metrics_token: config.metrics_token.as_ref().map(|token| token.0.clone()),
        json_bytes: config.limits.json_bytes.0,
        web_build: chinwag_webapp::BUILD.to_owned(),
    }
}

fn bounds(config: &Config) -> Bounds {
    let limits = &config.limits;
    Bounds {
        connections: config.connection_cap(config::raise_descriptor_limit()),
        header_timeout: limits.header_timeout,
        body_timeout: limits.body_timeout,
        whole_body_timeout: limits.body_timeout * 3,
        whole_file_timeout: config.files.upload_timeout,
        keep_alive: limits.keep_alive,
        header_bytes: limits.header_bytes.0,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
        sync::oneshot,
    };

    use super::*;

    async fn server(config: &Config) -> anyhow::Result<Server> {
        Server::open(config.clone(), bind(config.listen)?).await
    }

    async fn ask(address: SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        answer
    }

    /// Of a server on a free port, with its directory in this one.
    fn config(parent: &Path) -> Config {
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        Config { listen, data_dir: parent.join("data"), ..Config::default() }
    }

    #[tokio::test]
    async fn a_server_opens_answers_stops_and_leaves_its_directory_to_the_next() {
        let parent = tempfile::tempdir().expect("a directory");
        let config = config(parent.path());
        let first = server(&config).await.expect("a server");
        let address = first.address();
        let link = first.setup_link().await.expect("an answer").expect("no administrator yet");
        assert!(link.starts_with(&format!("http://localhost:{}/setup#", address.port())), "{link}");
        assert!(server(&config).await.is_err(), "one server, one directory");

        let (stop, stopped) = oneshot::channel::<()>();
        let asking = async {
            assert!(ask(address, "/health/ready").await.starts_with("HTTP/1.1 200"));
            assert!(ask(address, "/r/1").await.starts_with("HTTP/1.1 200"), "a page of the client");
            assert!(ask(address, "/api/nothing").await.starts_with("HTTP/1.1 404"));
            stop.send(()).expect("the server runs");
            // Answered by the listener that still runs for a moment, as not ready.
            assert!(ask(address, "/health/ready").await.starts_with("HTTP/1.1 503"));
        };
        let running = first.run_until(async { drop(stopped.await) });
        let (ended, ()) = tokio::join!(running, asking);
        ended.expect("an orderly end");
        server(&config).await.expect("the directory is free again");
    }

    /// The page asks before anybody has logged in, and so may everybody.
    #[tokio::test]
    async fn what_is_known_of_the_server_is_answered_without_its_database() {
        let parent = tempfile::tempdir().expect("a directory");
        let config = config(parent.path());
        let server = server(&config).await.expect("a server");
        let (address, store) = (server.address(), server.store.clone());
        let (stop, stopped) = oneshot::channel::<()>();
        let asking = async {
            let first = ask(address, "/api/server").await;
            store.close().await;
            assert!(ask(address, "/health/ready").await.starts_with("HTTP/1.1 503"), "there is no database any more");
            for path in ["/api/server", "/manifest.webmanifest", "/api/server"] {
                assert!(ask(address, path).await.starts_with("HTTP/1.1 200"), "{path} after {first}");
            }
            stop.send(()).expect("the server runs");
        };
        let (ended, ()) = tokio::join!(server.run_until(async { drop(stopped.await) }), asking);
        ended.expect("an orderly end");
    }
}
