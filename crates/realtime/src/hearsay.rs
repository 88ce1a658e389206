//! What a node says to the others of its sockets, and what it believes of what they say. Pure: time is an argument, and the sockets
//! themselves are in `roster.rs` and `elsewhere.rs`.
//!
//! Each node counts its moves. Who hears a number before its turn lets it wait; who misses one, as the next heartbeat tells at the latest, asks
//! for a snapshot. So nothing that a bus does to messages does harm for longer than that takes.

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

use chinwag_proto::nodes::{Ask, FarSocket, Goodbye, Moves, NodeHeartbeat, Snapshot, Whereabouts, whereabouts::Said};
use prost::Message as _;

use crate::elsewhere::Learned;

/// How often a node says what has changed, if something has.
pub const SAY_EVERY: Duration = Duration::from_millis(250);
/// How often a node says that it is there.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// A node of which nothing was heard for so long is gone. With the grace of the roster its people are offline within half a minute.
const SILENCE: Duration = Duration::from_secs(20);
/// At least so much of that passes after the bus has come back: others may reach it later. A try that was under way takes five seconds to fail,
/// the next begins two seconds after it, and whoever is there says so at once.
const RETURN: Duration = Duration::from_secs(8);
/// A snapshot is said so often though nobody asks.
const SNAPSHOT: Duration = Duration::from_secs(60);
/// However many ask, it is said once in so long.
const SNAPSHOT_PAUSE: Duration = Duration::from_secs(1);
/// What is missing may still come by itself for so long, and an answer takes as long.
const PATIENCE: Duration = Duration::from_secs(1);
/// Between two looks no more than this counts as silence: a node that slept has heard nobody.
const LOOK: Duration = Duration::from_secs(2);
/// Moves of one node that wait for their turn.
const PARKED: usize = 256;
/// Bytes of one message: some buses carry a megabyte.
const PIECE: usize = 256 * 1024;
/// Pieces of one snapshot.
const PIECES: usize = 65_536;
/// Nodes that have stopped are remembered so many.
const STOPPED: usize = 1_024;

/// What this node says and has heard.
pub(crate) struct Hearsay {
    name: String,
    /// Of the last moves that it said.
    number: u64,
    heartbeat_at: Option<Instant>,
    snapshot_at: Option<Instant>,
    looked_at: Option<Instant>,
    /// A snapshot is to be said.
    owes_snapshot: bool,
    /// Everybody is to be asked.
    knows_nobody: bool,
    others: BTreeMap<String, Other>,
    /// The starts that said goodbye: what comes of them was said before that.
    stopped: HashMap<String, u64>,
}

/// Another node.
struct Other {
    /// Greater after each start of the node.
    start: u64,
    /// For how long nothing was heard of it.
    silence: Duration,
    /// Of the last moves that were taken down, once there was a snapshot.
    known: Option<u64>,
    /// The greatest that was heard of.
    latest: u64,
    parked: BTreeMap<u64, Moves>,
    pieces: Option<Pieces>,
    /// Since when something is missing, or when it was asked for last.
    behind: Option<Instant>,
}

/// Of a snapshot.
struct Pieces {
    number: u64,
    came: Vec<Option<Vec<FarSocket>>>,
}

/// What is new to this node, of which node.
pub(crate) type News = Vec<(String, Learned)>;

impl Hearsay {
    pub fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            number: 0,
            heartbeat_at: None,
            snapshot_at: None,
            looked_at: None,
            owes_snapshot: true,
            knows_nobody: true,
            others: BTreeMap::new(),
            stopped: HashMap::new(),
        }
    }

    /// This node's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is to be said now, and who has fallen silent. `moved` and `gone` are the changes since the last call, `all` gives the sockets
    /// with these changes in them, by id.
    pub fn look(
        &mut self,
        now: Instant,
        is_up: bool,
        (moved, gone): (Vec<FarSocket>, Vec<u64>),
        all: impl FnOnce() -> Vec<FarSocket>,
    ) -> (Vec<Whereabouts>, News) {
        let silence = self.fall_silent(now, is_up);
        let mut said = Vec::new();
        let pieces = pieces(moved, &gone);
        if !is_up {
            // Nobody would hear it. The number says that something is missing, and a snapshot follows.
            self.number += pieces.len() as u64;
            self.come_back();
            return (Vec::new(), silence);
        }
        for (sockets, gone) in pieces {
            self.number += 1;
            said.push(Said::Moves(Moves { number: self.number, sockets, gone }));
        }
        if std::mem::take(&mut self.knows_nobody) {
            said.push(Said::Ask(Ask { node: String::new() }));
        }
        let waited = |since: Option<Instant>| since.map_or(Duration::MAX, |since| now.duration_since(since));
        let snapshot = waited(self.snapshot_at);
        if snapshot >= SNAPSHOT || self.owes_snapshot && snapshot >= SNAPSHOT_PAUSE {
            self.owes_snapshot = false;
            self.snapshot_at = Some(now);
            let sockets = pieces_of(all());
            let count = u32::try_from(sockets.len()).unwrap_or(u32::MAX);
            let snapshot =
                |(piece, sockets)| Said::Snapshot(Snapshot { number: self.number, piece, pieces: count, sockets });
            said.extend((0..).zip(sockets).map(snapshot));
        }
        if waited(self.heartbeat_at) >= HEARTBEAT {
            self.heartbeat_at = Some(now);
            said.push(Said::Heartbeat(NodeHeartbeat { number: self.number }));
        }
        for (node, other) in &mut self.others {
            if other.misses_something() {
                let since = *other.behind.get_or_insert(now);
                if now.duration_since(since) >= PATIENCE {
                    other.behind = Some(now);
                    said.push(Said::Ask(Ask { node: node.clone() }));
                }
            } else {
                other.behind = None;
            }
        }
        (said.into_iter().map(whereabouts).collect(), silence)
    }

    /// Those of whom nothing was heard for too long. While the bus is away nobody can be heard, and nobody is gone for that; but whoever was
    /// lost before is not waited for anew when it comes back.
    fn fall_silent(&mut self, now: Instant, is_up: bool) -> News {
        let passed = self.looked_at.replace(now).map_or(Duration::ZERO, |looked| now.duration_since(looked)).min(LOOK);
        let mut silent = Vec::new();
        self.others.retain(|node, other| {
            other.silence += passed;
            if !is_up {
                other.silence = other.silence.min(SILENCE - RETURN);
            }
            let is_silent = other.silence >= SILENCE;
            if is_silent {
                silent.push((node.clone(), Learned::Gone(other.silence.as_millis() as i64)));
            }
            !is_silent
        });
        silent
    }

    /// The bus was away, or lost something.
    pub fn come_back(&mut self) {
        self.owes_snapshot = true;
        self.knows_nobody = true;
    }

    /// The last word of this node.
    pub fn goodbye(&self) -> Whereabouts {
        whereabouts(Said::Goodbye(Goodbye {}))
    }

    /// What a node has said; `start` is greater after each start of the node.
    pub fn hear(&mut self, node: &str, start: u64, said: Whereabouts) -> News {
        let mut news = Vec::new();
        let Some(said) = said.said else { return news };
        if node == self.name || self.stopped.get(node).is_some_and(|stopped| start <= *stopped) {
            return news;
        }
        let known = self.others.get(node).map(|other| other.start);
        if known.is_some_and(|known| start < known) {
            return news;
        }
        if known.is_some_and(|known| start > known) {
            self.others.remove(node);
            news.push((node.to_owned(), Learned::Gone(0)));
        }
        if let Said::Goodbye(_) = said {
            self.others.remove(node);
            if self.stopped.len() >= STOPPED {
                self.stopped.clear();
            }
            self.stopped.insert(node.to_owned(), start);
            news.push((node.to_owned(), Learned::Gone(0)));
            return news;
        }
        let other = self.others.entry(node.to_owned()).or_insert_with(|| {
            tracing::info!(node, "another node is here");
            Other::new(start)
        });
        other.silence = Duration::ZERO;
        match said {
            Said::Moves(moves) => other.park(moves),
            Said::Snapshot(snapshot) => {
                if let Some(sockets) = other.collect(snapshot) {
                    news.push((node.to_owned(), Learned::All(sockets)));
                }
            }
            Said::Heartbeat(heartbeat) => other.latest = other.latest.max(heartbeat.number),
            Said::Ask(ask) => self.owes_snapshot |= ask.node.is_empty() || ask.node == self.name,
            Said::Goodbye(_) => {}
        }
        if let Some(other) = self.others.get_mut(node) {
            news.extend(std::iter::from_fn(|| other.next()).map(|moves| (node.to_owned(), Learned::Moves(moves))));
        }
        news
    }
}

impl Other {
    fn new(start: u64) -> Self {
        let (silence, known, latest, parked, pieces, behind) = Default::default();
        Self { start, silence, known, latest, parked, pieces, behind }
    }

    fn misses_something(&self) -> bool {
        self.known.is_none_or(|known| known < self.latest)
    }

    fn park(&mut self, moves: Moves) {
        self.latest = self.latest.max(moves.number);
        if self.known.is_none_or(|known| moves.number > known) && self.parked.len() < PARKED {
            self.parked.insert(moves.number, moves);
        }
    }

    /// The moves whose turn it is.
    fn next(&mut self) -> Option<Moves> {
        let turn = self.known? + 1;
        let moves = self.parked.remove(&turn)?;
        self.known = Some(turn);
        Some(moves)
    }

    /// Takes a piece; gives the whole with the last one.
    fn collect(&mut self, snapshot: Snapshot) -> Option<Vec<FarSocket>> {
        let Snapshot { number, piece, pieces, sockets } = snapshot;
        self.latest = self.latest.max(number);
        let is_late = |newest: u64| number < newest;
        if self.known.is_some_and(is_late) || self.pieces.as_ref().is_some_and(|it| is_late(it.number)) {
            return None;
        }
        let (piece, count) = (piece as usize, pieces as usize);
        // No node has so many sockets; what says so is no snapshot.
        if piece >= count || count > PIECES {
            return None;
        }
        let is_other = |it: &Pieces| it.number != number || it.came.len() != count;
        if self.pieces.as_ref().is_none_or(is_other) {
            self.pieces = Some(Pieces { number, came: vec![None; count] });
        }
        let collected = self.pieces.as_mut()?;
        collected.came[piece] = Some(sockets);
        if collected.came.iter().any(Option::is_none) {
            return None;
        }
        let whole = self.pieces.take()?.came.into_iter().flatten().flatten().collect();
        self.known = Some(number);
        self.parked.retain(|parked, _| *parked > number);
        Some(whole)
    }
}

fn whereabouts(said: Said) -> Whereabouts {
    Whereabouts { said: Some(said) }
}

/// Changes in messages that are not too long; none where nothing has changed.
fn pieces(moved: Vec<FarSocket>, gone: &[u64]) -> Vec<(Vec<FarSocket>, Vec<u64>)> {
    let mut moved = pieces_of(moved).into_iter().filter(|sockets| !sockets.is_empty());
    // An id takes at most ten bytes.
    let mut gone = gone.chunks(PIECE / 10);
    let next = || match (moved.next(), gone.next()) {
        (None, None) => None,
        (moved, gone) => Some((moved.unwrap_or_default(), gone.unwrap_or_default().to_vec())),
    };
    std::iter::from_fn(next).collect()
}

/// Sockets in messages that are not too long; at least one.
fn pieces_of(sockets: Vec<FarSocket>) -> Vec<Vec<FarSocket>> {
    let mut pieces = vec![Vec::new()];
    let mut length = 0;
    for socket in sockets {
        let more = socket.encoded_len() + 8;
        if length + more > PIECE {
            pieces.push(Vec::new());
            length = 0;
        }
        length += more;
        if let Some(piece) = pieces.last_mut() {
            piece.push(socket);
        }
    }
    pieces
}

#[cfg(test)]
#[path = "hearsay_tests.rs"]
mod tests;
