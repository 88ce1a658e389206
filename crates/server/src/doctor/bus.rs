//! The bus in `chinwag doctor`: whether it lets in, and who is heard on it. It says nothing there.

use std::{collections::BTreeSet, time::Duration};

use chinwag_bus::{Heard, Line, NodeIdentity, Status};
use chinwag_store::Site;
use tokio::{sync::watch, time::timeout};

use super::Finding::{self, Bad, Good, Note};
use crate::config::Config;

/// A bus that is well lets in much sooner.
const SLOW_BUS: Duration = Duration::from_secs(3);
/// Each node says within five seconds that it is there.
const LISTEN: Duration = Duration::from_secs(6);

/// What is heard on the bus.
#[derive(Default)]
struct Voices {
    nodes: BTreeSet<String>,
    /// Somebody signs with another secret.
    forged: bool,
    /// Nodes of another database are there, with the same secret.
    other_epoch: bool,
}

/// By what the servers of this database are told from those of another one on the bus, where it can be known.
pub(super) async fn epoch_of(config: &Config, site: &Site) -> Option<i64> {
    config.bus.as_ref()?;
    chinwag_store::check_schema(site).await.ok()?;
    chinwag_store::look_up_epoch(site).await.ok()
}

/// Whether it lets in who comes to this address, and who is there.
pub(super) async fn visit(url: &str, secret: &str, epoch: Option<i64>) -> Finding {
    if let Err(e) = chinwag_bus::look(url).await {
        return Bad(e.to_string());
    }
    let (voices, mut heard) = watch::channel(Voices::default());
    let hear = move |said| {
        voices.send_modify(|voices| match said {
            Heard::Message { speaker, .. } => drop(voices.nodes.insert(speaker.node)),
            Heard::Forged => voices.forged = true,
            Heard::OtherEpoch => voices.other_epoch = true,
            Heard::Resync | Heard::Twin => {}
        });
    };
    // It says nothing, so its name is heard by nobody.
    let identity = NodeIdentity { secret: secret.to_owned(), epoch, node: "doctor".to_owned(), start: 0 };
    let line = match Line::open(url, &identity, hear) {
        Ok(line) => line,
        Err(e) => return Bad(e.to_string()),
    };
    let mut status = line.status();
    // Where that is not in time, the last word says why.
    drop(timeout(SLOW_BUS, status.wait_for(|status| *status == Status::Up)).await);
    let last = status.borrow().clone();
    match last {
        Status::Up => {
            drop(timeout(LISTEN, heard.wait_for(|voices| voices.forged || voices.other_epoch)).await);
            let voices = heard.borrow();
            let nodes = Vec::from_iter(voices.nodes.iter().map(String::as_str)).join(", ");
            match (voices.forged, voices.other_epoch, nodes.is_empty()) {
                (true, ..) => Bad(
                    "Somebody on the bus signs with another secret, and is not heard. If that is a server of this place, give all of them the same \
                     `bus_secret`; if not, a bus of their own."
                        .into(),
                ),
                (false, true, _) => Note(
                    "Another place is on this bus with the same secret: neither hears the other. Give it a bus, or at least a `bus_secret`, of its \
                     own; if its servers are meant to be of this place, the same `database`."
                        .into(),
                ),
                (false, false, true) => Good("The bus is there and lets this server in. No server was heard on it.".into()),
                (false, false, false) => Good(format!("The bus is there and lets this server in. Heard on it: {nodes}.")),
            }
        }
        Status::Down(why) => Bad(format!(
            "The bus is away: {why}. Until it is back, what happens on other servers is told within five seconds."
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::listener::bind;

    const SECRET: &str = "a secret of all servers";

    #[tokio::test]
    async fn a_bus_is_visited() {
        let port =
            bind((std::net::Ipv4Addr::LOCALHOST, 0).into()).expect("a port").local_addr().expect("its address").port();
        for scheme in ["nats", "redis"] {
            let found = visit(&format!("{scheme}://me:hidden@127.0.0.1:{port}"), SECRET, None).await;
            let Bad(words) = found else { panic!("nobody listens there: {found:?}") };
            assert!(words.contains("The bus is away: ") && !words.contains("hidden"), "{words}");
        }
    }

    /// Another node of the place is named, and one of another secret or another place is found.
    #[tokio::test]
    async fn who_is_on_the_bus_is_heard() {
        let say = async |url: &str, secret: &str, epoch: i64| {
            let identity =
                NodeIdentity { secret: secret.to_owned(), epoch: Some(epoch), node: "north".to_owned(), start: 1 };
            let line = Line::open(url, &identity, |_| {}).expect("a bus");
            let mut ticks = tokio::time::interval(Duration::from_millis(50));
            loop {
                ticks.tick().await;
                line.say(chinwag_bus::Subject::Nodes, b"x", b"");
            }
        };
        for (url, secret, epoch, here, words) in [
            ("local://doctor-1", SECRET, 7, Some(7), "Heard on it: north."),
            ("local://doctor-2", "another secret entirely", 7, Some(7), "another secret"),
            ("local://doctor-3", SECRET, 8, Some(7), "Another place is on this bus"),
            ("local://doctor-4", SECRET, 8, None, "Heard on it: north."),
        ] {
            let found = tokio::select! {
                found = visit(url, SECRET, here) => found,
                never = say(url, secret, epoch) => never,
            };
            let (Good(told) | Note(told) | Bad(told)) = &found;
            assert!(told.contains(words), "{found:?}");
        }
        let found = visit("local://doctor-5", SECRET, None).await;
        assert!(matches!(&found, Good(told) if told.contains("No server was heard")), "{found:?}");
    }
}
