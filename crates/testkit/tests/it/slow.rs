//! Readers who stop reading: they are told to come back, they lose nothing by it, and nobody else feels them.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use chinwag_testkit::{Cast, Http, Process, Proxy, socket::Gone};

use crate::load::{self, Load};

const TOO_SLOW: Gone = Gone::Closed(4008);
/// The promise for whoever takes nothing, counted from before the messages that fill the line first.
const BLOCKED_AT_MOST: Duration = Duration::from_secs(10);
/// A full backlog is not waited for: less than the time after which blocking alone ends a line.
const FULL_AT_MOST: Duration = Duration::from_secs(5);

/// How many readers were given up so far, as `/metrics` says.
async fn slow_closes(server: &Process) -> Result<u64> {
    let text = Http::new(server.address()).get_text("/metrics").await?;
    let line = text.lines().find_map(|line| line.strip_prefix("chinwag_slow_closes_total "));
    line.map_or(Ok(0), |count| count.trim().parse().context("a counter is a number"))
}

/// Carol's line stalls after she has begun to listen; then alice says `messages` of 3 kB each while bob listens. Gives how long
/// it took until the server gave carol up.
async fn stall(messages: usize) -> Result<Duration> {
    const PADDING: usize = 3000;
    let server = load::process()?;
    let cast = Cast::gather(server.address()).await?;
    let proxy = Proxy::start(server.address()).await?;
    let mut load = Load::begin(&cast.alice, cast.room).await?;
    for (person, door) in [(&cast.bob, server.address()), (&cast.carol, proxy.address())] {
        // One word each shows that they listen.
        load.start(load.talker(person, door, 1).saying(1, 0));
    }
    load.acked(2).await?;
    proxy.throttle(Some(0));
    let stalled = Instant::now();
    load.start(load.talker(&cast.alice, server.address(), 8).saying(messages, PADDING));
    let given_up = async {
        while slow_closes(&server).await? == 0 {
            ensure!(stalled.elapsed() < 2 * BLOCKED_AT_MOST, "a stalled reader is never given up");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    };
    load.meanwhile(given_up).await?;
    let took = stalled.elapsed();
    proxy.throttle(None);
    let talkers = load.judge(&cast.alice).await?;
    let ends: Vec<&Gone> = talkers.iter().flat_map(|talker| &talker.lost).collect();
    assert_eq!(ends, [&TOO_SLOW], "only the stalled line ends, and by the right code");
    Ok(took)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_with_a_full_backlog_is_closed_at_once_and_resumes() -> Result<()> {
    let took = stall(600).await?;
    assert!(took < FULL_AT_MOST, "it took {took:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_who_stops_for_ten_seconds_is_closed_and_resumes() -> Result<()> {
    let took = stall(60).await?;
    assert!(took < BLOCKED_AT_MOST, "it took {took:?}");
    Ok(())
}
