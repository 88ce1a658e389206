//! The scenarios by name: what each prepares, drives and measures. They know the wire, and of the server only its process.

mod broadcast;
mod connections;
mod files;
mod reading;
mod turns;
mod writing;

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::{
    RunArguments,
    people::{self, Person},
    process::{Cpu, CpuUsed},
    report::{self, Report},
    swarm::{Swarm, Totals},
};

const SECONDS: f64 = 10.0;

type Scenario = fn(&RunArguments) -> Result<Report>;

const SCENARIOS: [(&str, &str, Scenario); 23] = [
    ("steady", "1 room of 1,000 sockets, 50 messages/s", broadcast::steady),
    ("saturated", "1 room of 1,000 sockets, 64 messages in flight", broadcast::saturated),
    ("million", "1 room of 1,000 sockets, 1,000 messages/s", broadcast::million),
    ("room10k", "1 room of 10,000 sockets, 5 messages/s", broadcast::room10k),
    ("rooms", "1,000 rooms of 10 sockets, 1 message/s in each", broadcast::rooms),
    ("across", "500 messages/s in 11 rooms of two who are at different nodes", broadcast::across),
    ("stall", "1 room of 1,000 sockets, 50 of which stop reading", broadcast::stall),
    ("idle10k", "10,000 sockets in two rooms that say nothing", connections::idle10k),
    ("connect", "10,000 handshakes", connections::connect),
    ("resume", "10,000 sockets that each missed 100 messages", connections::resume),
    ("comeback", "60 people in 40 rooms that they share, all back at once", connections::comeback),
    ("durable", "64 messages in flight: 8 on each of 8 sockets, in rooms of one", writing::durable),
    ("lockstep", "64 messages in flight: 1 on each of 64 sockets, in rooms of one", writing::lockstep),
    ("paced", "2,000 messages/s in rooms of one", writing::paced),
    ("direct", "texts in direct conversations beside rooms of the same two people", turns::direct),
    ("mention", "texts that call somebody, or a name that nobody has, beside ones without a call", turns::mention),
    ("history", "pages of 50 in a room of 1 M messages out of 5 M", reading::history),
    ("unread", "the list of 200 rooms with unread counts", reading::unread),
    ("rss", "memory: idle, and with 200 active people", connections::rss),
    ("upload", "files of 50 MiB in, as a form and in pieces, beside copies", files::upload),
    ("download", "the same out, as a whole and in ranges of 1 MiB", files::download),
    ("uploads", "memory: 100 uploads of 50 MiB at once", files::uploads),
    ("thumbs", "photos of 12 megapixels, which get two smaller pictures each", files::thumbs),
];

pub fn list() {
    for (name, about, _) in SCENARIOS {
        report::line(&format!("{name:<10}{about}"));
    }
}

pub fn run(arguments: &RunArguments) -> Result<Report> {
    let found = SCENARIOS.iter().find(|(name, ..)| *name == arguments.scenario);
    let Some((_, _, scenario)) = found else {
        anyhow::bail!("there is no scenario {}; `run list` names them", arguments.scenario);
    };
    scenario(arguments)
}

impl RunArguments {
    /// So many, at the scale that was asked for.
    fn scaled(&self, count: usize) -> usize {
        ((count as f64 * self.scale) as usize).max(1)
    }

    /// How long the measured part takes, unless the scenario has a length of its own.
    fn seconds(&self) -> f64 {
        self.seconds.unwrap_or(SECONDS)
    }

    fn measured(&self) -> Duration {
        Duration::from_secs_f64(self.seconds())
    }
}

/// A server with people in rooms who have nothing to say yet.
struct Crowd {
    swarm: Swarm,
    rooms: Vec<i64>,
}

/// How many sockets one account has: accounts are dear to make, and to the server sockets are sockets.
const SOCKETS_OF_ONE: usize = 100;

/// Connects so many sockets to so many rooms, evenly: socket n is in room n % rooms.
fn crowd(arguments: &RunArguments, sockets: usize, rooms: usize) -> Result<Crowd> {
    let people = people::gather(arguments, people_for(sockets))?;
    crowd_of(arguments, &people, sockets, rooms)
}

fn people_for(sockets: usize) -> usize {
    sockets.div_ceil(SOCKETS_OF_ONE).max(10)
}

fn crowd_of(arguments: &RunArguments, people: &[Person], sockets: usize, rooms: usize) -> Result<Crowd> {
    let rooms = people::rooms(arguments, &people[0], rooms)?;
    let mut swarm = Swarm::new(arguments.server)?;
    swarm.spread(&arguments.other);
    // Neighbours in a room are different people.
    let person = |socket: usize| &people[(socket / rooms.len() + socket % rooms.len()) % people.len()];
    let tokens = (0..sockets).map(|socket| person(socket).token.as_str());
    swarm.connect(tokens, !arguments.reference)?;
    seated(swarm, rooms)
}

/// All sockets in their rooms, after the announcements of the beginning.
fn seated(mut swarm: Swarm, rooms: Vec<i64>) -> Result<Crowd> {
    for socket in 0..swarm.sockets.len() {
        swarm.join(socket, rooms[socket % rooms.len()])?;
    }
    swarm.wait_until("all have joined", |swarm| swarm.sockets.iter().all(|socket| socket.synced >= 1))?;
    swarm.settle()?;
    swarm.reset_counts();
    Ok(Crowd { swarm, rooms })
}

/// Nothing may have been refused or come out of order.
fn check_errors(totals: &Totals, report: &mut Report) {
    if let Some(error) = &totals.first_error {
        report.wrong(format!("{} errors: {error}", totals.errors));
    }
}

/// Measures what the server and the generator use while `work` runs.
fn measure<T>(arguments: &RunArguments, work: impl FnOnce() -> Result<T>) -> Result<(T, CpuUsed)> {
    let before = Cpu::now(&arguments.processes)?;
    let done = work()?;
    Ok((done, Cpu::now(&arguments.processes)?.since(before)))
}

/// How long stragglers may take after the last message was sent.
const STRAGGLERS: Duration = Duration::from_secs(15);

fn turn_until(swarm: &mut Swarm, deadline: Instant, mut holds: impl FnMut(&Swarm) -> bool) -> Result<bool> {
    while !holds(swarm) {
        if Instant::now() >= deadline {
            return Ok(false);
        }
        swarm.turn(deadline)?;
    }
    Ok(true)
}
