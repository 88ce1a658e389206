//! Texts of several kinds in one run, in turns, so that whatever else the machine does falls on all alike: what counts is the
//! processor time of one beside that of the other. Latencies are the business of `writing.rs`.

use std::time::Instant;

use anyhow::{Context as _, Result};

use super::{
    STRAGGLERS, check_errors, measure, turn_until,
    writing::{FLIGHT, fly},
};
use crate::{
    RunArguments,
    people::{self, Pair},
    report::Report,
    swarm::Swarm,
};

const PAIRS: usize = 8;
const TURNS: u32 = 10;

/// Where texts of a kind go, and what they say.
struct Kind {
    room: fn(&Pair) -> i64,
    words: &'static str,
}

const PLAIN: Kind = Kind { room: |pair| pair.room, words: "" };
const DIRECT: Kind = Kind { room: |pair| pair.direct, words: "" };
/// The first of all people is in every pair.
const CALLING: Kind = Kind { words: " @load0 ", ..PLAIN };
const CALLING_NOBODY: Kind = Kind { words: " @nobody ", ..PLAIN };

/// Texts in direct conversations beside texts in rooms of the same two people.
pub fn direct(arguments: &RunArguments) -> Result<Report> {
    let (mut report, costs) = turns(arguments, [PLAIN, DIRECT])?;
    report.set("room_us_per_text", median(&costs, |[room, _]| *room));
    report.set("direct_us_per_text", median(&costs, |[_, direct]| *direct));
    report.set("direct_to_room", median(&costs, |[room, direct]| direct / room));
    Ok(report)
}

/// Texts that call somebody, and texts that call a name that nobody has, beside as long ones without a call.
pub fn mention(arguments: &RunArguments) -> Result<Report> {
    let (mut report, costs) = turns(arguments, [PLAIN, CALLING, CALLING_NOBODY])?;
    report.set("plain_us_per_text", median(&costs, |[plain, ..]| *plain));
    report.set("mention_to_plain", median(&costs, |[plain, mention, _]| mention / plain));
    report.set("nobody_to_plain", median(&costs, |[plain, _, nobody]| nobody / plain));
    Ok(report)
}

/// Several people each write with who listens to all of them over one socket. Gives the microseconds of processor time of a text
/// of each kind, turn by turn.
fn turns<const N: usize>(arguments: &RunArguments, kinds: [Kind; N]) -> Result<(Report, Vec<[f64; N]>)> {
    let people = people::gather(arguments, PAIRS + 1)?;
    let (one, others) = people.split_first().context("nobody is there")?;
    let pairs = people::pairs(arguments.server, one, others)?;
    let mut swarm = Swarm::new(arguments.server)?;
    swarm.connect(others.iter().chain([one]).map(|person| person.token.as_str()), true)?;
    for (socket, pair) in pairs.iter().enumerate() {
        for room in [pair.direct, pair.room] {
            swarm.join(socket, room)?;
            swarm.join(PAIRS, room)?;
        }
    }
    swarm.wait_until("all have joined", |swarm| swarm.sockets[PAIRS].synced >= 2 * PAIRS as u64)?;
    swarm.sample(0..0, 1);
    swarm.settle()?;
    swarm.reset_counts();
    let turn = arguments.measured() / (N as u32 * TURNS);
    let each = FLIGHT / PAIRS as u64;
    let mut sent = [0_u64; PAIRS];
    let mut spent = Vec::new();
    for _ in 0..TURNS {
        let mut costs = [0.0; N];
        for (kind, cost) in kinds.iter().zip(&mut costs) {
            let rooms: Vec<i64> = pairs.iter().map(kind.room).collect();
            swarm.words = kind.words;
            let before = swarm.totals.acks;
            let ((), used) = measure(arguments, || fly(&mut swarm, &rooms, each, &mut sent, turn))?;
            *cost = used.server * 1e6 / (swarm.totals.acks - before).max(1) as f64;
        }
        spent.push(costs);
    }
    let mut report = Report::default();
    let wanted: u64 = sent.iter().sum();
    turn_until(&mut swarm, Instant::now() + STRAGGLERS, |swarm| swarm.totals.texts >= 2 * wanted)?;
    let heard = (swarm.totals.acks, swarm.totals.texts);
    if heard != (wanted, 2 * wanted) {
        report.wrong(format!("of {wanted} texts {} were answered, and {} heard by the two", heard.0, heard.1));
    }
    check_errors(&swarm.totals, &mut report);
    report.set("acked", wanted);
    Ok((report, spent))
}

fn median<const N: usize>(costs: &[[f64; N]], of: impl Fn(&[f64; N]) -> f64) -> f64 {
    let mut values: Vec<f64> = costs.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
