//! NATS, without its streams: the client connects and subscribes again by itself, for as long as it is let in.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_nats::{Client, ConnectError, ConnectErrorKind, ConnectOptions, Event, ServerAddr, Subscriber};
use futures_util::StreamExt;
use percent_encoding::percent_decode_str;
use tokio::sync::mpsc;

use crate::{
    BusError, BusNews, Hear,
    outbox::{Connected, LEAST_WAIT, LONGEST_WAIT, Outgoing, Outlet, StatusLine, distrust, outbox},
};

/// What a server carries that was not told otherwise, and some room for its own words.
const LIMIT: usize = 1_000_000;
/// Two that stay unanswered end a connection: a server that stands still is noticed.
const PING: Duration = Duration::from_secs(4);
/// Messages that wait in the client for the server to take them.
const ON_THE_WAY: usize = 128;
/// Messages that wait until this node has heard what came before.
const INBOX: usize = 16_384;
const GONE: &str = "NATS has ended the connection. This node tries again by itself";

pub(crate) fn parse(url: &str) -> Result<Vec<ServerAddr>, BusError> {
    let servers: Result<_, _> = url.split(',').map(|url| url.trim().parse::<ServerAddr>()).collect();
    servers.map_err(|_| BusError::Address("a part of it is no address of a NATS server".to_owned()))
}

pub(crate) fn places(url: &str) -> Result<Vec<(String, u16)>, BusError> {
    Ok(parse(url)?.iter().map(|server| (server.host().to_owned(), server.port())).collect())
}

pub(crate) fn open(url: &str, hear: Hear) -> Result<Connected, BusError> {
    let servers = parse(url)?;
    let (inlet, outlet) = outbox();
    let limit = Arc::new(AtomicUsize::new(LIMIT));
    Ok(Connected::new(inlet, limit.clone(), run(servers, outlet, limit, hear)))
}

/// Connects again where the client has given up.
async fn run(servers: Vec<ServerAddr>, mut outlet: Outlet, limit: Arc<AtomicUsize>, hear: Hear) {
    while let Err(why) = session(&servers, &mut outlet, &limit, &hear).await {
        outlet.down(&why).await;
    }
}

/// One client, to its end; `Ok` when nobody sends any more.
async fn session(servers: &[ServerAddr], outlet: &mut Outlet, limit: &AtomicUsize, hear: &Hear) -> Result<(), String> {
    let client = options(servers, &outlet.status, hear).connect(servers).await.map_err(|error| words(&error))?;
    limit.store(client.max_payload().min(LIMIT), Ordering::Relaxed);
    let subscriber =
        client.subscribe("chinwag.>").await.map_err(|error| format!("NATS takes no subscription: {error}"))?;
    client.flush().await.map_err(|error| format!("NATS is away: {error}"))?;
    outlet.up(hear);
    tokio::select! {
        () = receive(subscriber, hear) => Err(GONE.to_owned()),
        () = send(&client, &mut outlet.queue) => Ok(()),
    }
}

fn words(error: &ConnectError) -> String {
    match error.kind() {
        ConnectErrorKind::AuthorizationViolation | ConnectErrorKind::Authentication => {
            "NATS does not let this node in. Write the name and the password that its settings ask for into `bus`: \
             nats://name:password@host:4222"
                .to_owned()
        }
        _ => distrust("NATS", error)
            .unwrap_or_else(|| format!("NATS cannot be reached: {error}. This node tries again by itself")),
    }
}

fn options(servers: &[ServerAddr], status: &StatusLine, hear: &Hear) -> ConnectOptions {
    let (status, hear) = (status.clone(), hear.clone());
    let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let named = servers.iter().find_map(|server| Some((plain(server.username()?), server.password().map(plain))));
    let options = match named {
        Some((name, Some(password))) => ConnectOptions::with_user_and_password(name, password),
        Some((token, None)) => ConnectOptions::with_token(token),
        None => ConnectOptions::new(),
    };
    options
        .name("chinwag")
        .ping_interval(PING)
        .client_capacity(ON_THE_WAY)
        .subscription_capacity(INBOX)
        .reconnect_delay_callback(|attempts| {
            let doublings = u32::try_from(attempts.clamp(1, 10) - 1).unwrap_or_default();
            (LEAST_WAIT * (1 << doublings)).min(LONGEST_WAIT)
        })
        .event_callback(move |event| {
            match event {
                Event::Connected => status.up(&hear),
                Event::Disconnected | Event::Closed => status.down(GONE),
                Event::SlowConsumer(_) => hear(BusNews::Resync),
                other => tracing::debug!(event = %other, "NATS says something"),
            }
            std::future::ready(())
        })
}

async fn receive(mut subscriber: Subscriber, hear: &Hear) {
    while let Some(message) = subscriber.next().await {
        hear(BusNews::Came(message.payload));
    }
}

async fn send(client: &Client, queue: &mut mpsc::Receiver<Outgoing>) {
    while let Some(Outgoing { subject, message, .. }) = queue.recv().await {
        if let Err(error) = client.publish(subject.to_string(), message).await {
            tracing::warn!(%error, "NATS does not take a message");
        }
    }
}
