//! What must hold of every history, whatever was killed, cut or stalled meanwhile. Pure: it judges records and talks to
//! nobody.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, btree_map::Entry},
    fmt,
};

use crate::history::{Attempt, History, Moment, Outcome, OwnStream, OwnTold, Row};

/// The invariants, numbered as in the design.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Law {
    /// What was acknowledged is in the history exactly once, with the same seq, id and content.
    I1,
    /// What was refused never appears; what stayed unanswered at most once.
    I2,
    /// One message per (user, room, client id), and the same answer to each resend.
    I3,
    /// The log of a room is 1..N without a hole.
    I4,
    /// All clients agree on seq → id; streams increase; an ack before a send means a smaller seq.
    I5,
    /// Live and resumed frames of a client together are every seq once.
    I6,
    /// Nothing was ever shown that is not durable.
    I7,
    /// A seq is never bound to a second id.
    I8,
    /// Of its person's own log a device is told every change, or the last one of the same thing, and nothing that is not durable.
    I9,
}

/// A law that was broken, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    pub law: Law,
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.law, self.what)
    }
}

/// A message as its sender names it.
type Key<'a> = (i64, i64, &'a str);

/// All violations; none for a lawful history.
pub fn violations(history: &History) -> Vec<Violation> {
    let mut found = Found::default();
    answers(history, &mut found);
    logs(history, &mut found);
    order(history, &mut found);
    streams(history, &mut found);
    bindings(history, &mut found);
    own_logs(history, &mut found);
    found.0
}

/// Panics with all violations, the first of each law in full.
#[track_caller]
pub fn assert_lawful(history: &History) {
    let found = violations(history);
    let shown: Vec<String> = found.iter().take(20).map(Violation::to_string).collect();
    assert!(found.is_empty(), "{} violations:\n{}", found.len(), shown.join("\n"));
}

#[derive(Default)]
struct Found(Vec<Violation>);

impl Found {
    fn add(&mut self, law: Law, what: String) {
        self.0.push(Violation { law, what });
    }
}

fn by_key(history: &History) -> BTreeMap<Key<'_>, (Vec<&Attempt>, Vec<&Row>)> {
    let mut keys = BTreeMap::<Key<'_>, (Vec<&Attempt>, Vec<&Row>)>::new();
    for attempt in &history.attempts {
        keys.entry((attempt.user, attempt.room, &attempt.client_id)).or_default().0.push(attempt);
    }
    for row in &history.rows {
        if let Some(client_id) = &row.client_id {
            keys.entry((row.user, row.room, client_id)).or_default().1.push(row);
        }
    }
    keys
}

/// I1, I2 and I3.
fn answers(history: &History, found: &mut Found) {
    for ((user, room, client_id), (attempts, rows)) in by_key(history) {
        let name = format!("{client_id} of user {user} in room {room}");
        if rows.len() > 1 {
            found.add(Law::I3, format!("{name} is in the history {} times", rows.len()));
        }
        let oks: BTreeSet<(i64, i64)> = attempts.iter().filter_map(|attempt| ok(attempt)).collect();
        if oks.len() > 1 {
            found.add(Law::I3, format!("{name} was answered differently: {oks:?}"));
        }
        if let Some(&(seq, id)) = oks.first() {
            let content = attempts.iter().find(|attempt| ok(attempt).is_some()).map(|attempt| &attempt.content);
            let kept = rows.iter().filter(|row| {
                row.seq == seq
                    && row.message_id == Some(id)
                    && (row.content.is_none() || row.content.as_ref() == content)
            });
            match kept.count() {
                1 => {}
                count => found
                    .add(Law::I1, format!("{name}, acknowledged as {seq}, is {count} times as such in the history")),
            }
        } else if !attempts.is_empty() {
            let refused = attempts.iter().all(|attempt| matches!(attempt.outcome, Outcome::Fail(_)));
            if refused && !rows.is_empty() {
                found.add(Law::I2, format!("{name} was refused and is in the history"));
            } else if rows.len() > 1 {
                found.add(Law::I2, format!("{name} was never answered and is in the history {} times", rows.len()));
            }
        }
    }
}

fn ok(attempt: &Attempt) -> Option<(i64, i64)> {
    match attempt.outcome {
        Outcome::Ok { message_id, seq } => Some((seq, message_id)),
        _ => None,
    }
}

/// I4.
fn logs(history: &History, found: &mut Found) {
    let mut logs = BTreeMap::<i64, Vec<i64>>::new();
    for row in &history.rows {
        logs.entry(row.room).or_default().push(row.seq);
    }
    for (room, mut log) in logs {
        log.sort_unstable();
        if let Some((expected, got)) = (1..).zip(log).find(|(expected, got)| expected != got) {
            found.add(Law::I4, format!("the log of room {room} has {got} in the place of {expected}"));
        }
    }
}

/// I5: an ack before a send means a smaller seq. A resent message was sent when it was sent first.
fn order(history: &History, found: &mut Found) {
    let mut rooms = BTreeMap::<i64, Vec<(Moment, Moment, i64)>>::new();
    for ((_, room, _), (attempts, _)) in by_key(history) {
        let Some(invoked) = attempts.iter().map(|attempt| attempt.invoked).min() else { continue };
        let acked = attempts.iter().filter_map(|attempt| Some((attempt.completed, ok(attempt)?.0))).min();
        if let Some((completed, seq)) = acked {
            rooms.entry(room).or_default().push((invoked, completed, seq));
        }
    }
    for (room, mut sends) in rooms {
        let mut acks: Vec<(Moment, i64)> = sends.iter().map(|&(_, completed, seq)| (completed, seq)).collect();
        acks.sort_unstable();
        sends.sort_unstable();
        let mut acks = acks.into_iter().peekable();
        let mut highest = 0;
        for (invoked, _, seq) in sends {
            while let Some((_, acked)) = acks.next_if(|&(completed, _)| completed < invoked) {
                highest = highest.max(acked);
            }
            if seq < highest {
                found.add(Law::I5, format!("room {room}: {seq} was sent after {highest} was acknowledged"));
            }
        }
    }
}

/// I6, and I5 for the order within a stream.
fn streams(history: &History, found: &mut Found) {
    for stream in &history.streams {
        let name = format!("{} in room {}", stream.reader, stream.room);
        for reason in &stream.resyncs {
            found.add(Law::I6, format!("{name} was told to resync: {reason:?}"));
        }
        let mut last = stream.from;
        let mut seen = BTreeSet::new();
        for sighting in &stream.sightings {
            if !seen.insert(sighting.seq) || sighting.seq <= stream.from {
                found.add(Law::I6, format!("{name} saw {} again", sighting.seq));
            } else if sighting.seq <= last {
                found.add(Law::I5, format!("{name} saw {} after {last}", sighting.seq));
            } else if sighting.seq != last + 1 {
                found.add(Law::I6, format!("{name} missed {} to {}", last + 1, sighting.seq - 1));
            }
            last = last.max(sighting.seq);
        }
        if let Some(to) = stream.to.filter(|to| *to > last) {
            found.add(Law::I6, format!("{name} came to {last} and not to {to}"));
        }
    }
}

/// I5 between clients, I7 and I8.
fn bindings(history: &History, found: &mut Found) {
    let kept: HashMap<(i64, i64), &Row> = history.rows.iter().map(|row| ((row.room, row.seq), row)).collect();
    let mut shown = BTreeMap::<(i64, i64), (i64, &str)>::new();
    for stream in &history.streams {
        for sighting in &stream.sightings {
            let place = (stream.room, sighting.seq);
            let Some(row) = kept.get(&place) else {
                found.add(Law::I7, format!("{} was shown {place:?}, which is not in the history", stream.reader));
                continue;
            };
            if let (Some(shown), Some(kept)) = (&sighting.content, &row.content)
                && shown != kept
            {
                found.add(Law::I7, format!("{} was shown {shown:?} at {place:?}, which is {kept:?}", stream.reader));
            }
            let Some(id) = sighting.message_id else { continue };
            match shown.entry(place) {
                Entry::Vacant(entry) => drop(entry.insert((id, &stream.reader))),
                Entry::Occupied(entry) if entry.get().0 != id => {
                    found.add(
                        Law::I5,
                        format!("{} and {} saw different messages at {place:?}", entry.get().1, stream.reader),
                    );
                }
                Entry::Occupied(_) => {}
            }
        }
    }
    let acked = history.attempts.iter().filter_map(|attempt| ok(attempt).map(|(seq, id)| ((attempt.room, seq), id)));
    let held = history.rows.iter().filter_map(|row| Some(((row.room, row.seq), row.message_id?)));
    let seen = shown.into_iter().map(|(place, (id, _))| (place, id));
    let mut bound = BTreeMap::new();
    for (place, id) in seen.chain(acked).chain(held) {
        if *bound.entry(place).or_insert(id) != id {
            found.add(Law::I8, format!("{place:?} is bound to {} and to {id}", bound[&place]));
        }
    }
}

/// I9.
fn own_logs(history: &History, found: &mut Found) {
    for OwnStream { reader, user, told } in &history.own_streams {
        let (mut at, mut asked, mut known) = (0, false, BTreeMap::new());
        for told in told {
            match *told {
                OwnTold::Asked(_) => asked = true,
                OwnTold::Moved { own_seq, room } => {
                    let newest = known.entry(room).or_insert(own_seq);
                    *newest = own_seq.max(*newest);
                    if !asked && own_seq > at + 1 {
                        found.add(Law::I9, format!("{reader} heard {own_seq} of their own log after {at}"));
                    }
                    // The answer to who marks what is marked says where that was.
                    at = if asked { at } else { own_seq.max(at) };
                }
                OwnTold::Synced(to) => (asked, at) = (false, to),
                OwnTold::Resynced => found.add(Law::I9, format!("{reader} was told to fetch their own log anew")),
            }
        }
        let Some(end) = history.own_ends.iter().find(|end| end.user == *user) else { continue };
        let newest = known.values().copied().max().unwrap_or(0).max(at);
        if newest > end.head {
            found.add(Law::I9, format!("{reader} heard {newest} of their own log, which ends at {}", end.head));
        }
        for (room, own_seq) in end.marks.iter().filter(|(_, own_seq)| *own_seq <= at) {
            if known.get(room) != Some(own_seq) {
                found.add(Law::I9, format!("{reader} never heard that the mark in {room} moved at {own_seq}"));
            }
        }
    }
}

#[cfg(test)]
#[path = "laws_tests.rs"]
mod tests;
