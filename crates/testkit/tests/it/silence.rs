//! A network that carries nothing any more and says nothing about it, between a node and its database or its bus: whoever waits for an
//! answer gives up in time, nobody at another node waits for the one that was cut off, and afterwards everything goes on.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use chinwag_proto::frame::Encoding;
use chinwag_testkit::{
    Cast, Cluster, Loss,
    cluster::{Ground, Node},
};

use crate::{
    load::SETTINGS,
    nodes::{until_text, until_the_bus_carries},
    outage::{PROMPT, SLACK, is_refused, send, texts},
    stage::{listen, until_pong},
};

/// By then a node says that it does not hear its bus.
const MISSED: Duration = Duration::from_secs(60);

/// The commit of a text does not come to the database, so that what it locked stays locked: the room.
async fn keep_nobody_out(ground: Ground) -> Result<()> {
    let cluster = Cluster::start(ground, 2, &SETTINGS).await?;
    let Cast { alice, bob, room, .. } = Cast::gather(cluster.address(0)).await?;
    let bob = bob.at(cluster.address(1));
    let mut here = listen(&alice, Encoding::Json, &[room]).await?;
    let line = &cluster.nodes[0].to_database;
    line.snip("precious", "COMMIT", Loss::Silence);
    let begun = Instant::now();
    let cut_off = async {
        let sent = send(&alice, room, "precious", Some("precious")).await?;
        is_refused(&sent, begun, "a text")
    };
    let meanwhile = async {
        while line.is_to_snip() {
            ensure!(begun.elapsed() < PROMPT, "the text was not sent");
            tokio::task::yield_now().await;
        }
        let locked = Instant::now();
        while send(&bob, room, "meanwhile", Some("meanwhile")).await?.status != 200 {
            ensure!(locked.elapsed() < PROMPT + SLACK, "a room is locked by a node that was cut off");
        }
        ensure!(locked.elapsed() < PROMPT + SLACK, "it took {:?}", locked.elapsed());
        Ok(())
    };
    tokio::try_join!(cut_off, meanwhile)?;
    until_pong(&mut here).await.context("the socket has gone")?;
    line.silence(false);
    let back = Instant::now();
    while send(&alice, room, "precious", Some("precious")).await?.status != 200 {
        ensure!(back.elapsed() < PROMPT + SLACK, "{}", cluster.nodes[0].process.output());
    }
    for person in [&alice, &bob] {
        let texts = texts(person, room).await?;
        ensure!(texts == ["meanwhile", "precious"], "{texts:?}");
    }
    until_text(&mut here, "precious").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_postgres_does_not_hear_keeps_nobody_out_of_a_room() -> Result<()> {
    keep_nobody_out(Ground::PostgresAndNats).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_mariadb_does_not_hear_keeps_nobody_out_of_a_room() -> Result<()> {
    keep_nobody_out(Ground::MariaDbAndRedis).await
}

async fn miss_nothing_but_hints(ground: Ground) -> Result<()> {
    let cluster = Cluster::start(ground, 2, &SETTINGS).await?;
    let Cast { alice, bob, room, .. } = Cast::gather(cluster.address(0)).await?;
    let bob = bob.at(cluster.address(1));
    let mut here = listen(&alice, Encoding::Json, &[room]).await?;
    let mut there = listen(&bob, Encoding::Proto, &[room]).await?;
    until_the_bus_carries(&alice, &mut there, room).await?;
    until_the_bus_carries(&bob, &mut here, room).await?;

    let Node { process, to_bus, .. } = &cluster.nodes[0];
    to_bus.silence(true);
    let begun = Instant::now();
    alice.say(room, "into the silence").await?;
    ensure!(begun.elapsed() < Duration::from_secs(2), "a text waited {:?} for the bus", begun.elapsed());
    bob.say(room, "out of the silence").await?;
    until_text(&mut there, "into the silence").await?;
    until_text(&mut here, "out of the silence").await?;
    ensure!(begun.elapsed() < PROMPT + SLACK, "it took {:?}", begun.elapsed());
    while !process.output().contains("the bus is away") {
        ensure!(begun.elapsed() < MISSED, "a bus that says nothing is not missed:\n{}", process.output());
        tokio::task::yield_now().await;
    }
    to_bus.silence(false);
    until_the_bus_carries(&alice, &mut there, room).await?;
    until_the_bus_carries(&bob, &mut here, room).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_nats_does_not_hear_misses_nothing_but_hints() -> Result<()> {
    miss_nothing_but_hints(Ground::PostgresAndNats).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_redis_does_not_hear_misses_nothing_but_hints() -> Result<()> {
    miss_nothing_but_hints(Ground::MariaDbAndRedis).await
}
