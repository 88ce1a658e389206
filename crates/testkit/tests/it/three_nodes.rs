//! Three nodes on one database and one bus, whatever of it dies, stands still, is cut off or starts anew while people talk by all doors:
//! nothing that was acknowledged is lost, nothing is told twice or out of its order.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use chinwag_proto::{Event, frame::Encoding};
use chinwag_testkit::{Cast, Cluster, Person, cluster::Ground};
use rustix::process::Signal;
use tokio::{task::block_in_place, time::sleep};

use crate::{
    load::{self, Load},
    stage,
};

/// When people look for another node.
const PATIENCE: Duration = Duration::from_secs(3);
/// What is said while somebody's node stands still: fewer than a device may have missed without beginning anew.
const SAID_MEANWHILE: u32 = 40;
/// By then a hint that was lost is told all the same.
const HEALED: Duration = Duration::from_secs(5);

/// How long a node stands still: longer where the machine has the time.
#[expect(clippy::disallowed_methods, reason = "this is no setting of the server")]
fn still() -> Duration {
    let asked = std::env::var("CHINWAG_STILL_SECONDS").ok().and_then(|seconds| seconds.parse().ok());
    Duration::from_secs(asked.unwrap_or(20))
}

struct Scene {
    cluster: Cluster,
    cast: Cast,
    load: Load,
    /// What is done to it now, for whoever reads why it failed.
    step: &'static str,
}

impl Scene {
    /// Three people talk by socket and one by HTTP, each at another node first, and somebody who says nothing reads it on two devices.
    async fn begin(ground: Ground) -> Result<Self> {
        let settings = [&load::SETTINGS[..], &[("limits.registrations_per_minute", "1000")]].concat();
        let cluster = Cluster::start(ground, 3, &settings).await?;
        let cast = Cast::gather(cluster.address(0)).await?;
        let dave = Person::register(cluster.address(1), "dave").await?;
        let erin = Person::register(cluster.address(2), "erin").await?;
        cast.alice.seat(cast.room, &dave, "member").await?;
        cast.alice.seat(cast.room, &erin, "member").await?;
        let mut load = Load::begin(&cast.alice, cast.room).await?;
        for (node, (person, window)) in [(&cast.alice, 4), (&cast.bob, 2), (&cast.carol, 4)].into_iter().enumerate() {
            let doors = cluster.doors(node);
            load.start(load.talker(person, doors[0], window).or_through(&doors[1..], PATIENCE));
        }
        load.post(&dave, &cluster.doors(2), PATIENCE);
        for node in [1, 2] {
            let doors = cluster.doors(node);
            load.start(load.talker(&erin, doors[0], 0).or_through(&doors[1..], PATIENCE).following());
        }
        Ok(Self { cluster, cast, load, step: "talking" })
    }

    /// What somebody says at one node reaches somebody at another, within the time in which what was lost is healed.
    async fn heard(&mut self, from: usize, to: usize) -> Result<()> {
        let speaker = self.cast.alice.at(self.cluster.address(from));
        let listener = self.cast.carol.at(self.cluster.address(to));
        let mut socket = stage::listen(&listener, Encoding::Json, &[self.cast.room]).await?;
        let words = format!("from node {from} to node {to}, while {}", self.step);
        let begun = Instant::now();
        speaker.say(self.cast.room, &words).await?;
        socket
            .expect(&words, |event| matches!(event, Event::Text(text) if text.content == words).then_some(()))
            .await?;
        assert!(begun.elapsed() < HEALED, "{words}: it took {:?}", begun.elapsed());
        socket.close().await;
        Ok(())
    }

    /// Every fault in turn, with people talking before, meanwhile and after.
    async fn every_fault(&mut self) -> Result<()> {
        self.load.acked(200).await?;
        self.heard(0, 1).await?;

        self.step = "a node is killed";
        self.cluster.kill(1)?;
        self.load.acked(200).await?;
        self.cluster.restart(1)?;
        self.load.acked(100).await?;

        self.step = "a node stands still";
        self.load.hush().await?;
        block_in_place(|| self.cluster.nodes[2].process.freeze())?;
        for number in 0..SAID_MEANWHILE {
            let node = usize::from(number % 2 == 0);
            let speaker = self.cast.alice.at(self.cluster.address(node));
            speaker.say(self.cast.room, &format!("meanwhile {number}")).await?;
            // The length of this is the fault itself.
            sleep(still() / SAID_MEANWHILE).await;
        }
        self.cluster.nodes[2].process.signal(Signal::CONT)?;
        self.load.talk()?;
        self.load.acked(200).await?;

        self.step = "a node is cut off from the bus";
        self.cluster.nodes[0].to_bus.close(true);
        self.heard(1, 0).await?;
        self.heard(0, 1).await?;
        self.load.acked(200).await?;
        self.cluster.nodes[0].to_bus.close(false);
        self.load.acked(100).await?;

        self.step = "a node is cut off from the database";
        self.cluster.nodes[1].to_database.close(true);
        self.load.acked(200).await?;
        self.cluster.nodes[1].to_database.close(false);
        self.load.acked(100).await?;

        self.step = "the bus starts anew";
        block_in_place(|| self.cluster.bus.kill())?;
        self.load.acked(200).await?;
        self.heard(2, 1).await?;
        block_in_place(|| self.cluster.bus.start())?;
        self.load.acked(200).await?;

        self.step = "the database is killed";
        block_in_place(|| self.cluster.database.signal("KILL"))?;
        block_in_place(|| self.cluster.database.restart())?;
        self.load.acked(200).await?;

        self.step = "each node starts anew in its turn";
        for node in 0..3 {
            self.cluster.stop(node)?;
            self.load.acked(100).await?;
            self.cluster.restart(node)?;
            self.load.acked(100).await?;
        }
        self.heard(0, 2).await
    }
}

async fn lose_and_double_nothing(ground: Ground) -> Result<()> {
    let mut scene = Scene::begin(ground).await?;
    let outcome = scene.every_fault().await;
    outcome.with_context(|| format!("while {}", scene.step))?;
    scene.load.judge(&scene.cast.alice).await?;
    scene.cluster.assert_no_panic();
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_nodes_on_postgres_and_nats_lose_and_double_nothing() -> Result<()> {
    lose_and_double_nothing(Ground::PostgresAndNats).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_nodes_on_mariadb_and_redis_lose_and_double_nothing() -> Result<()> {
    lose_and_double_nothing(Ground::MariaDbAndRedis).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "`cargo xtask test nodes` runs it: the machine is busy enough with the other two"]
async fn three_nodes_on_postgres_and_kafka_lose_and_double_nothing() -> Result<()> {
    lose_and_double_nothing(Ground::PostgresAndKafka).await
}
