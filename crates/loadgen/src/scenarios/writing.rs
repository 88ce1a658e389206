//! Sends as their senders feel them: from the frame to the acknowledgement after the commit. Each socket has a room of its
//! own, or with one other, so that the fan-out costs next to nothing.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::{Crowd, STRAGGLERS, check_errors, crowd_of, measure, people_for, turn_until};
use crate::{
    RunArguments,
    http::Http,
    pace::Pace,
    people::{self, Person},
    report::Report,
    swarm::Swarm,
};

const WRITERS: usize = 64;
/// What is in flight altogether.
pub const FLIGHT: u64 = 64;

/// Each of 8 sockets keeps 8 in flight.
pub fn durable(arguments: &RunArguments) -> Result<Report> {
    in_flight(arguments, 8)
}

/// Each of 64 sockets sends the next as soon as the last is acknowledged.
pub fn lockstep(arguments: &RunArguments) -> Result<Report> {
    in_flight(arguments, FLIGHT as usize)
}

fn in_flight(arguments: &RunArguments, writers: usize) -> Result<Report> {
    let mut desks = Desks::new(arguments, writers)?;
    let Crowd { swarm, rooms } = &mut desks.crowd;
    let each = FLIGHT / writers as u64;
    let mut sent = vec![0_u64; writers];
    let flight = || fly(swarm, rooms, each, &mut sent, arguments.measured());
    let (jobs, commits) = batches(arguments)?;
    let ((), used) = measure(arguments, flight)?;
    let (jobs, commits) = batches(arguments).map(|(now, of)| (now - jobs, of - commits))?;
    let acked = swarm.totals.acks;
    let mut report = Report::default();
    report.cpu(used).latencies("ack_", &swarm.totals.ack);
    report.set("acked", acked).set("acked_per_s", acked as f64 / used.wall);
    report.set("acked_per_cpu_s", acked as f64 / used.server).set("texts_per_commit", jobs / commits);
    desks.check(arguments, &sent, &mut report)?;
    Ok(report)
}

/// So many a second, whatever the server says to that.
pub fn paced(arguments: &RunArguments) -> Result<Report> {
    const RATE: f64 = 2_000.0;
    let mut desks = Desks::new(arguments, WRITERS)?;
    let Crowd { swarm, rooms } = &mut desks.crowd;
    let mut sent = vec![0_u64; WRITERS];
    let ((), used) = measure(arguments, || {
        let mut pace = Pace::new(Instant::now(), RATE, arguments.seconds());
        while let Some(due) = pace.next() {
            swarm.turn(due)?;
            while let Some((number, intended)) = pace.take(Instant::now()) {
                let writer = number as usize % WRITERS;
                swarm.say(writer, rooms[writer], number, intended)?;
                sent[writer] += 1;
            }
        }
        let wanted = sent.iter().sum();
        turn_until(swarm, Instant::now() + STRAGGLERS, |swarm| swarm.totals.acks >= wanted)?;
        Ok(())
    })?;
    let mut report = Report::default();
    report.cpu(used).latencies("ack_", &swarm.totals.ack).latencies("late_", &swarm.totals.late);
    report.set("acked", swarm.totals.acks);
    desks.check(arguments, &sent, &mut report)?;
    Ok(report)
}

/// Keeps so many in flight on each of the first sockets for so long, and waits for the answers.
pub fn fly(swarm: &mut Swarm, rooms: &[i64], each: u64, sent: &mut [u64], during: Duration) -> Result<()> {
    let end = Instant::now() + during;
    while Instant::now() < end {
        for (writer, (sent, room)) in sent.iter_mut().zip(rooms).enumerate() {
            let next = swarm.sockets[writer].acks + each;
            if next > *sent {
                swarm.say_all(writer, *room, *sent..next, Instant::now())?;
                *sent = next;
            }
        }
        swarm.turn(end)?;
    }
    let wanted = sent.iter().sum();
    turn_until(swarm, Instant::now() + STRAGGLERS, |swarm| swarm.totals.acks >= wanted)?;
    Ok(())
}

/// How many jobs in how many commits all nodes have written since they started.
fn batches(arguments: &RunArguments) -> Result<(f64, f64)> {
    let (mut jobs, mut commits) = (0.0, 0.0);
    for server in arguments.other.iter().chain([&arguments.server]) {
        let (_, page) = Http::connect(*server, None)?.exchange("GET", "/metrics", None)?;
        let page = String::from_utf8_lossy(&page);
        let number = |name: &str| page.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<f64>().ok());
        jobs += number("chinwag_store_batch_jobs_sum").unwrap_or_default();
        commits += number("chinwag_store_batch_jobs_count").unwrap_or_default();
    }
    Ok((jobs, commits))
}

/// Writers, each in a room of its own, and how long the rooms' logs were in the beginning.
struct Desks {
    owner: Person,
    crowd: Crowd,
    heads: Vec<i64>,
}

impl Desks {
    fn new(arguments: &RunArguments, writers: usize) -> Result<Self> {
        let mut people = people::gather(arguments, people_for(writers))?;
        let mut crowd = crowd_of(arguments, &people, writers, writers)?;
        // Nobody asks when the broadcasts came.
        crowd.swarm.sample(0..0, 1);
        let owner = people.swap_remove(0);
        let heads = heads(arguments, &owner, &crowd.rooms)?;
        Ok(Self { owner, crowd, heads })
    }

    /// Each writer was answered and heard once for each message, and the log has grown by just that many.
    fn check(&mut self, arguments: &RunArguments, sent: &[u64], report: &mut Report) -> Result<()> {
        let swarm = &mut self.crowd.swarm;
        let wanted = sent.iter().sum();
        turn_until(swarm, Instant::now() + STRAGGLERS, |swarm| swarm.totals.texts >= wanted)?;
        let grown = heads(arguments, &self.owner, &self.crowd.rooms)?;
        let grown = grown.into_iter().zip(&self.heads).map(|(now, before)| (now - before) as u64);
        let told = swarm.sockets.iter().map(|socket| (socket.acks, socket.texts));
        let wrong = sent.iter().zip(told.zip(grown)).filter(|&(&sent, told)| told != ((sent, sent), sent)).count();
        if wrong > 0 {
            report.wrong(format!("{wrong} writers were not answered, heard and kept once for each message"));
        }
        check_errors(&swarm.totals, report);
        Ok(())
    }
}

fn heads(arguments: &RunArguments, owner: &Person, rooms: &[i64]) -> Result<Vec<i64>> {
    rooms.iter().map(|&room| people::head(arguments, owner, room)).collect()
}
