//! Lines that break at every place: no gap, no double, nothing lost. The server itself stays well here.

use anyhow::Result;
use chinwag_testkit::{
    Cast, Proxy,
    proxy::{Cut, Way},
};
use tokio::task::block_in_place;

use crate::{
    load::{self, Dice, Load, until},
    stage,
};

/// How much of a session's beginning is cut at every byte: the handshake, the welcome, the replay and the first live frames.
const EVERY_BYTE: usize = 2048;
/// What a client says in that time: the request, its `sync` and the first messages.
const EVERY_BYTE_UP: usize = 1024;
const RANDOM_CUTS: usize = 200;

/// A line that is cut within its first kilobyte brings bob nothing: one message for so many cuts keeps what he misses
/// meanwhile well under the 1,000 changes beyond which the server rightly answers `too_far`.
const CUTS_PER_MESSAGE: usize = 4;

/// Bob talks through the proxy and is cut as planned; alice says something by HTTP now and then, so that there is always
/// something to miss and never too much.
async fn cut(plan: Vec<Cut>) -> Result<()> {
    let server = stage::server().await?;
    let cast = Cast::gather(server.address()).await?;
    let proxy = Proxy::start(server.address()).await?;
    proxy.plan(plan);
    let mut load = Load::begin(&cast.alice, cast.room).await?;
    load.add(&cast.carol, server.address(), 0);
    load.add(&cast.bob, proxy.address(), 1);
    let all = async {
        while let left @ 1.. = proxy.planned() {
            if left % CUTS_PER_MESSAGE == 0 {
                cast.alice.say(cast.room, &format!("{left} cuts to go")).await?;
            }
            until("the next cut is made", || (proxy.planned() + 1).saturating_sub(left)).await?;
        }
        Ok(())
    };
    load.meanwhile(all).await?;
    load.acked(20).await?;
    load.judge(&cast.alice).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_cut_at_any_byte_that_comes_down_goes_on() -> Result<()> {
    cut((0..EVERY_BYTE).map(|after| Cut { way: Way::Down, after, reset: after % 2 == 0 }).collect()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_cut_at_any_byte_that_goes_up_goes_on() -> Result<()> {
    cut((0..EVERY_BYTE_UP).map(|after| Cut { way: Way::Up, after, reset: after % 2 == 0 }).collect()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_cuts_of_everybody_cost_nobody_a_message() -> Result<()> {
    let server = stage::server().await?;
    let cast = Cast::gather(server.address()).await?;
    let proxy = Proxy::start(server.address()).await?;
    let mut dice = Dice::new(200);
    proxy.plan((0..RANDOM_CUTS).map(|_| {
        let way = if dice.roll(3) == 0 { Way::Up } else { Way::Down };
        Cut { way, after: dice.roll(8_000) as usize, reset: dice.roll(2) == 0 }
    }));
    let mut load = Load::begin(&cast.alice, cast.room).await?;
    for (person, window) in [(&cast.alice, 4), (&cast.bob, 2), (&cast.carol, 1), (&cast.bob, 0)] {
        load.add(person, proxy.address(), window);
    }
    load.meanwhile(until("all cuts are made", || proxy.planned())).await?;
    // Twice in a row, with hardly a frame between.
    proxy.cut();
    load.acked(1).await?;
    proxy.cut();
    load.acked(20).await?;
    load.judge(&cast.alice).await?;
    Ok(())
}

/// For some milliseconds after each commit a replay shows what the listeners are not told of yet. Whoever comes back then
/// has it already when it is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_replayed_before_it_is_told_is_not_told_again() -> Result<()> {
    const LAG: &str = "after_commit:0:5";
    const CUTS: usize = 100;
    let mut server = load::process()?;
    block_in_place(|| {
        server.kill()?;
        server.restart_with(Some(LAG))
    })?;
    let cast = Cast::gather(server.address()).await?;
    let proxy = Proxy::start(server.address()).await?;
    let mut dice = Dice::new(100);
    proxy.plan((0..CUTS).map(|_| Cut { way: Way::Down, after: 1_000 + dice.roll(4_000) as usize, reset: true }));
    let mut load = Load::begin(&cast.alice, cast.room).await?;
    load.add(&cast.alice, server.address(), 8);
    for person in [&cast.bob, &cast.carol, &cast.bob] {
        load.add(person, proxy.address(), 0);
    }
    load.meanwhile(until("all cuts are made", || proxy.planned())).await?;
    load.judge(&cast.alice).await?;
    Ok(())
}
