//! Who is where, over two servers on one database and one bus: told at both, and gone with a server that goes.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use chinwag_proto::{CloseCode, Event, Presence, Request, SetPresence, frame::Encoding};
use chinwag_testkit::{Broker, Cast, DbServer, Person, Process, Socket, cast::PASSWORD, cluster::start_node};
use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::{
    task::block_in_place,
    time::{Instant, timeout},
};

use crate::{
    load::SETTINGS,
    stage::{self, listen, number},
};

/// The bus, and two servers on it.
fn servers() -> Result<(Broker, Process, Process)> {
    let mut bus = Broker::nats("")?;
    bus.start()?;
    let (database, url) = (DbServer::postgres().database()?, bus.url());
    let settings = [&SETTINGS[..], &[("limits.sockets_per_user", "3")]].concat();
    let node = |name| start_node(name, &database, &url, &settings);
    Ok((bus, node("one")?, node("two")?))
}

/// Whoever follows the set-up link that a server has printed.
async fn administrator(server: &Process) -> Result<Person> {
    let output = server.output();
    let link = output.split_whitespace().find(|word| word.contains("/setup#")).context("no set-up link")?;
    let (_, token) = link.split_once('#').context("no token")?;
    let body = json!({"token": token, "username": "root", "email": "root@example.org", "password": PASSWORD});
    let data = chinwag_testkit::Http::new(server.address()).post("/api/setup", body).await?.data()?;
    Person::from_login(server.address(), &data)
}

/// Waits so long until somebody's presence is told so; gives when they were seen last, and how long it took.
async fn until_presence(
    socket: &mut Socket,
    who: &Person,
    status: Presence,
    patience: Duration,
) -> Result<(Option<i64>, Duration)> {
    let begun = Instant::now();
    let told = async {
        loop {
            if let Event::Presence(it) = socket.wait().await?
                && (it.user_id, it.status()) == (who.id, status)
            {
                return anyhow::Ok(it.last_seen);
            }
        }
    };
    let last_seen = timeout(patience, told).await.with_context(|| format!("{} is not told {status:?}", who.name))??;
    Ok((last_seen, begun.elapsed()))
}

fn ids(list: &Value, id: impl Fn(&Value) -> i64) -> Vec<i64> {
    list.as_array().into_iter().flatten().map(id).collect()
}

const SOON: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_where_is_known_at_both_servers_and_goes_with_the_one_that_goes() -> Result<()> {
    let (_bus, one, mut two) = block_in_place(servers)?;
    let root = administrator(&one).await?;
    let Cast { alice, room, .. } = Cast::gather(one.address()).await?;
    let bob = Person::log_in(two.address(), "bob").await?;
    let mut here = listen(&alice, Encoding::Json, &[room]).await?;
    let mut there = listen(&bob, Encoding::Proto, &[room]).await?;
    until_presence(&mut here, &bob, Presence::Online, SOON).await?;
    // That she has come, the list may have told him before.
    for status in [Presence::Away, Presence::Online] {
        here.send(&Request::Presence(SetPresence { status: status.into() })).await?;
        until_presence(&mut there, &alice, status, SOON).await?;
    }

    for person in [&alice, &bob] {
        let online = person.http.get("/api/users/online").await?.data()?;
        assert_eq!(ids(&online, |user| number(&user["id"])), [alice.id, bob.id]);
        let members = person.http.get(&format!("/api/rooms/{room}/members?online=true")).await?.data()?;
        assert_eq!(ids(&members, |member| number(&member["user"]["id"])), [alice.id, bob.id]);
        assert_eq!(number(&person.http.get("/api/server").await?.data()?["online"]), 2);
    }
    let stats = root.http.get("/api/ws/stats").await?.data()?;
    let figures = |it: &Value| ["sockets", "users", "rooms", "subscriptions"].map(|key| number(&it[key]));
    assert_eq!(figures(&stats), [2, 2, 1, 2]);
    assert_eq!(number(&stats["room_clients"][room.to_string()]), 2);
    let nodes = stats["nodes"].as_array().context("the nodes")?;
    assert_eq!(
        nodes.iter().map(|node| (node["name"].as_str(), figures(node))).collect::<Vec<_>>(),
        [(Some("one"), [1, 1, 1, 1]), (Some("two"), [1, 1, 1, 1]),]
    );

    // The fourth socket of a person, wherever it is, ends the oldest, wherever that is.
    let bob_at_one = Person::log_in(one.address(), "bob").await?;
    let mut more = Vec::new();
    for _ in 0..3 {
        more.push(listen(&bob_at_one, Encoding::Json, &[room]).await?);
    }
    let code = there.expect_close().await?;
    ensure!(code == CloseCode::TooManySockets as u16, "{code}");
    for socket in more {
        socket.close().await;
    }
    until_presence(&mut here, &bob, Presence::Offline, SOON).await?;

    let _there = listen(&bob, Encoding::Json, &[room]).await?;
    until_presence(&mut here, &bob, Presence::Online, SOON).await?;
    two.kill()?;
    let (last_seen, took) = until_presence(&mut here, &bob, Presence::Offline, Duration::from_secs(30)).await?;
    ensure!(took > Duration::from_secs(10), "{took:?}: a server that is slow is not gone");
    ensure!(last_seen.is_some(), "when");
    let seen = stage::eventually("bob's last seen", async || {
        let bob = alice.http.get(&format!("/api/users/{}", bob.id)).await?.data()?;
        Ok(bob["last_seen"].is_string().then_some(bob))
    });
    assert_eq!(seen.await?["presence"], "offline");

    block_in_place(|| two.restart())?;
    let _there = listen(&bob, Encoding::Json, &[room]).await?;
    until_presence(&mut here, &bob, Presence::Online, SOON).await?;
    two.signal(Signal::TERM)?;
    until_presence(&mut here, &bob, Presence::Offline, SOON).await?;
    block_in_place(|| two.await_end())?;
    Ok(())
}
