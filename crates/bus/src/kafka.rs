//! Kafka: one topic, its partitions by subject, read from its end on. Only what is said now is of use: the topic may forget soon.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::future::try_join_all;
use krafka::{
    Kafka, KrafkaError, Record,
    admin::{CreateTopicsOptions, NewTopic},
    auth::{AuthConfig, TlsConfig},
    consumer::{AutoOffsetReset, Consumer},
    producer::{Acks, Producer},
};
use percent_encoding::percent_decode_str;
use tokio::{sync::mpsc, time::timeout};

use crate::{
    BusError, BusNews, Hear,
    outbox::{Connected, Outgoing, Outlet, distrust, outbox},
};

const TOPIC: &str = "chinwag";
/// Of a topic that is made here.
const PARTITIONS: i32 = 8;
const KEPT: (&str, &str) = ("retention.ms", "600000");
/// What a broker carries that was not told otherwise, and some room for its own words.
const LIMIT: usize = 1_000_000;
/// Messages that are sent at once.
const BATCH: usize = 256;
/// How long a broker may take before the connection is given up.
const PATIENCE: Duration = Duration::from_secs(4);
/// At least so often something is sent: a broker that is gone is noticed. The client itself would ask for ever.
const HEARTBEAT: Duration = Duration::from_secs(4);
/// What is sent then. No node takes it for a message.
const HEARTBEAT_KEY: &str = "chinwag.heartbeat";
/// How long a broker holds a question to which there is no answer yet.
const FETCH: Duration = Duration::from_millis(500);

/// Where the brokers are, and what they ask of who comes.
pub(crate) struct Door {
    brokers: String,
    security: AuthConfig,
}

pub(crate) fn places(url: &str) -> Result<Vec<(String, u16)>, BusError> {
    let door = Door::parse(url)?;
    let brokers = door.brokers.split(',').filter_map(|broker| broker.rsplit_once(':'));
    Ok(brokers.filter_map(|(host, port)| Some((host.to_owned(), port.parse().ok()?))).collect())
}

pub(crate) fn open(url: &str, hear: Hear) -> Result<Connected, BusError> {
    let door = Door::parse(url)?;
    let (inlet, outlet) = outbox();
    Ok(Connected::new(inlet, Arc::new(LIMIT.into()), run(door, outlet, hear)))
}

impl Door {
    /// Of `kafka://`, or with TLS `kafkas://`: `name:password@host:port,host:port?sasl=plain`.
    pub fn parse(url: &str) -> Result<Self, BusError> {
        let unreadable = |what: &str| BusError::Address(what.to_owned());
        let (kind, rest) = url.split_once("://").unwrap_or((url, ""));
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (who, brokers) = rest.rsplit_once('@').map_or((None, rest), |(who, brokers)| (Some(who), brokers));
        let brokers = brokers.trim_end_matches('/');
        let is_broker = |broker: &str| {
            let (host, port) = broker.rsplit_once(':').unwrap_or_default();
            !host.is_empty() && !host.contains([' ', '/']) && port.parse::<u16>().is_ok()
        };
        if !brokers.split(',').all(is_broker) {
            return Err(unreadable("kafka:// is followed by host:port, or several with a comma between"));
        }
        let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        let security = match who.map(|who| who.split_once(':').unwrap_or((who, ""))) {
            None if query.is_empty() => AuthConfig::plaintext(),
            None => return Err(unreadable("it says how to log in, and not as whom")),
            Some((name, password)) => {
                let (name, password) = (plain(name), plain(password));
                match query {
                    "" | "sasl=plain" => AuthConfig::sasl_plain(name, password),
                    "sasl=scram-sha-256" => AuthConfig::sasl_scram_sha256(name, password),
                    "sasl=scram-sha-512" => AuthConfig::sasl_scram_sha512(name, password),
                    _ => {
                        return Err(unreadable("behind ? stands sasl=plain, sasl=scram-sha-256 or sasl=scram-sha-512"));
                    }
                }
            }
        };
        let security = match kind {
            "kafkas" => security.with_tls(TlsConfig::new().with_native_roots()),
            _ => security,
        };
        Ok(Self { brokers: brokers.to_owned(), security })
    }
}

/// Connects again and again.
async fn run(door: Door, mut outlet: Outlet, hear: Hear) {
    while let Err(error) = session(&door, &mut outlet, &hear).await {
        outlet.down(&words(&error)).await;
    }
}

fn words(error: &KrafkaError) -> String {
    match error {
        KrafkaError::Auth { .. } => format!(
            "Kafka does not let this node in: {error}. Write the name and the password into `bus`, how it asks for them, \
             and kafkas:// where it wants TLS: kafka://name:password@host:9092?sasl=scram-sha-512"
        ),
        _ => distrust("Kafka", error)
            .unwrap_or_else(|| format!("Kafka cannot be reached: {error}. This node tries again by itself")),
    }
}

/// One connection, to its end; `Ok` when nobody sends any more.
async fn session(door: &Door, outlet: &mut Outlet, hear: &Hear) -> Result<(), KrafkaError> {
    let kafka = Kafka::builder(&door.brokers)
        .client_id("chinwag")
        .security(door.security.clone())
        .connect_timeout(PATIENCE)
        .request_timeout(PATIENCE)
        .connect()
        .await?;
    let mut topic = NewTopic::new(TOPIC, PARTITIONS, -1)?;
    topic.configs.insert(KEPT.0.to_owned(), KEPT.1.to_owned());
    // Where it is there already, or its administrator makes it, this changes nothing.
    kafka.admin().create_topics([topic], CreateTopicsOptions::default()).await?;
    // What waits goes out together: by the client's own measure a request would carry 16 KiB, and each takes milliseconds.
    let producer = kafka
        .producer()
        .acks(Acks::Leader)
        .idempotent(false)
        .linger(Duration::ZERO)
        .batch_size(LIMIT)
        .delivery_timeout(PATIENCE * 2)
        .build()
        .await?;
    let consumer = kafka
        .consumer_without_group()
        .auto_offset_reset(AutoOffsetReset::Latest)
        .enable_auto_commit(false)
        .fetch_max_wait(FETCH)
        .build()
        .await?;
    let partitions = producer.partitions_for(TOPIC).await?.into_iter().map(|it| it.partition).collect();
    consumer.assign(TOPIC, partitions).await?;
    outlet.up(hear);
    tokio::select! {
        ended = receive(&consumer, hear) => ended,
        ended = send(&producer, &mut outlet.queue) => ended,
    }
}

async fn receive(consumer: &Consumer, hear: &Hear) -> Result<(), KrafkaError> {
    loop {
        for record in consumer.poll(FETCH).await? {
            if let Some(message) = record.value.filter(|_| record.key.as_deref() != Some(HEARTBEAT_KEY.as_bytes())) {
                hear(BusNews::Came(message));
            }
        }
    }
}

async fn send(producer: &Producer, queue: &mut mpsc::Receiver<Outgoing>) -> Result<(), KrafkaError> {
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        match timeout(HEARTBEAT, queue.recv_many(&mut batch, BATCH)).await {
            Ok(0) => return Ok(()),
            Ok(_) => {
                let mut sent = Vec::with_capacity(batch.len());
                for Outgoing { subject, message, .. } in batch.drain(..) {
                    sent.push(producer.enqueue(Record::new(TOPIC, message).key(subject.to_string())).await?);
                }
                try_join_all(sent).await?;
            }
            Err(_) => {
                let _ = producer.enqueue(Record::new(TOPIC, Bytes::new()).key(HEARTBEAT_KEY)).await?.await?;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_where_how_and_as_whom() {
        let door = Door::parse("kafkas://me:hid%40den@one:9092,two:9093?sasl=scram-sha-512").expect("a door");
        assert_eq!(door.brokers, "one:9092,two:9093");
        assert!(door.security.requires_tls() && door.security.scram_credentials().is_some());
        let door = Door::parse("kafka://me:hid%40den@one:9092").expect("a door");
        assert!(!door.security.requires_tls() && door.security.plain_credentials().is_some());
        let door = Door::parse("kafka://one:9092/").expect("a door");
        assert_eq!(door.brokers, "one:9092");
        assert!(!door.security.requires_tls() && !door.security.requires_sasl());
        for url in [
            "kafka://",
            "kafka://one",
            "kafka://one:9092,",
            "kafka://one:9092?sasl=plain",
            "kafka://me@one:9092?sasl=x",
        ] {
            assert!(Door::parse(url).is_err(), "{url}");
        }
    }
}
