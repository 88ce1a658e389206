//! Redis and Valkey, by publish and subscribe over RESP3: one connection does both. What they keep is not used.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ErrorKind, IntoConnectionInfo, ProtocolVersion, PushInfo, PushKind,
    RedisError, RedisResult, Value, aio::MultiplexedConnection,
};
use tokio::{sync::mpsc, time::timeout};

use crate::{
    BusError, BusNews, Hear,
    outbox::{Connected, Outgoing, Outlet, distrust, outbox},
};

/// Redis carries half a gigabyte. More than this is no hint.
const LIMIT: usize = 16 * 1024 * 1024;
/// How long an answer may take before the connection is given up: a server that stands still is noticed.
const PATIENCE: Duration = Duration::from_secs(4);
/// At least so often something is asked.
const HEARTBEAT: Duration = Duration::from_secs(4);
/// Messages that are sent at once.
const BATCH: usize = 64;
/// Messages that wait until this node has heard what came before.
const INBOX: usize = 16_384;

pub(crate) fn parse(url: &str) -> Result<Client, BusError> {
    let unreadable = |_| BusError::Address("it is no address of a Redis server".to_owned());
    let info = url.into_connection_info().map_err(unreadable)?;
    // What the server says without being asked comes by this protocol alone.
    let settings = info.redis_settings().clone().set_protocol(ProtocolVersion::RESP3);
    Client::open(info.set_redis_settings(settings)).map_err(unreadable)
}

pub(crate) fn places(url: &str) -> Result<Vec<(String, u16)>, BusError> {
    Ok(match parse(url)?.get_connection_info().addr() {
        ConnectionAddr::Tcp(host, port) | ConnectionAddr::TcpTls { host, port, .. } => vec![(host.clone(), *port)],
        _ => Vec::new(),
    })
}

pub(crate) fn open(url: &str, hear: Hear) -> Result<Connected, BusError> {
    let client = parse(url)?;
    let (inlet, outlet) = outbox();
    Ok(Connected::new(inlet, Arc::new(LIMIT.into()), run(client, outlet, hear)))
}

/// Connects again and again.
async fn run(client: Client, mut outlet: Outlet, hear: Hear) {
    while let Err(error) = session(&client, &mut outlet, &hear).await {
        outlet.down(&words(&error)).await;
    }
}

fn words(error: &RedisError) -> String {
    match (error.kind(), error.code()) {
        (ErrorKind::AuthenticationFailed, _) | (_, Some("NOAUTH" | "WRONGPASS" | "NOPERM")) => {
            "Redis does not let this node in. Write the password that its settings ask for into `bus`, with the name where \
             it has one, and let that one use the channels chinwag.*: redis://name:password@host:6379"
                .to_owned()
        }
        _ => distrust("Redis", error).unwrap_or_else(|| {
            format!(
                "Redis cannot be reached: {error}. This node tries again by itself; it needs Redis 6 or newer, and rediss:// \
                 where that wants TLS"
            )
        }),
    }
}

/// One connection, to its end; `Ok` when nobody sends any more.
async fn session(client: &Client, outlet: &mut Outlet, hear: &Hear) -> RedisResult<()> {
    let (pushes, inbox) = mpsc::channel(INBOX);
    let lost = Arc::new(AtomicBool::new(false));
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(PATIENCE))
        .set_response_timeout(Some(PATIENCE))
        .set_push_sender(keeper(pushes, lost.clone()));
    let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
    connection.psubscribe("chinwag.*").await?;
    outlet.up(hear);
    tokio::select! {
        ended = receive(inbox, &lost, hear) => ended,
        ended = send(connection, &mut outlet.queue) => ended,
    }
}

/// Keeps what comes until it is heard; what finds no room is lost, and that is said.
fn keeper(
    pushes: mpsc::Sender<PushInfo>,
    lost: Arc<AtomicBool>,
) -> impl Fn(PushInfo) -> Result<(), mpsc::error::TrySendError<PushInfo>> + Send + Sync + 'static {
    move |push| match pushes.try_send(push) {
        Err(mpsc::error::TrySendError::Full(_)) => {
            lost.store(true, Ordering::Release);
            Ok(())
        }
        kept => kept,
    }
}

async fn receive(mut inbox: mpsc::Receiver<PushInfo>, lost: &AtomicBool, hear: &Hear) -> RedisResult<()> {
    while let Some(push) = inbox.recv().await {
        match (push.kind, push.data.into_iter().next_back()) {
            (PushKind::PMessage, Some(Value::BulkString(message))) => hear(BusNews::Came(message.into())),
            (PushKind::Disconnection, _) => break,
            _ => {}
        }
        if lost.swap(false, Ordering::AcqRel) {
            hear(BusNews::Resync);
        }
    }
    Err(RedisError::from((ErrorKind::Io, "the connection has ended")))
}

async fn send(mut connection: MultiplexedConnection, queue: &mut mpsc::Receiver<Outgoing>) -> RedisResult<()> {
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        match timeout(HEARTBEAT, queue.recv_many(&mut batch, BATCH)).await {
            Ok(0) => return Ok(()),
            Ok(_) => {
                let mut pipeline = redis::pipe();
                for Outgoing { subject, message, .. } in batch.drain(..) {
                    pipeline.cmd("PUBLISH").arg(subject.to_string()).arg(message.as_ref()).ignore();
                }
                pipeline.query_async::<()>(&mut connection).await?;
            }
            Err(_) => redis::cmd("PING").query_async::<()>(&mut connection).await?,
        }
    }
}
