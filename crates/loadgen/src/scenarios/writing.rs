//! Sends as their senders feel them: from the frame to the acknowledgement after the commit. Each socket has a room of its
//! own, so that the fan-out costs next to nothing.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::{Crowd, STRAGGLERS, crowd, measure, turn_until};
use crate::{RunArguments, pace::Pace, report::Report};

const WRITERS: usize = 64;
/// What is in flight altogether.
const FLIGHT: u64 = 64;

/// Each of 8 sockets keeps 8 in flight.
pub fn durable(arguments: &RunArguments) -> Result<Report> {
    in_flight(arguments, 8)
}

/// Each of 64 sockets sends the next as soon as the last is acknowledged.
pub fn lockstep(arguments: &RunArguments) -> Result<Report> {
    in_flight(arguments, FLIGHT as usize)
}

fn in_flight(arguments: &RunArguments, writers: usize) -> Result<Report> {
    let Crowd { mut swarm, rooms, .. } = crowd(arguments, writers, writers)?;
    let each = FLIGHT / writers as u64;
    let mut sent = vec![0_u64; writers];
    let (unacked, used) = measure(arguments.pid, || {
        let end = Instant::now() + arguments.measured();
        while Instant::now() < end {
            for (writer, sent) in sent.iter_mut().enumerate() {
                let next = swarm.sockets[writer].acks + each;
                if next > *sent {
                    swarm.say_all(writer, rooms[writer], *sent..next, Instant::now())?;
                    *sent = next;
                }
            }
            swarm.turn(end)?;
        }
        let wanted = sent.iter().sum();
        turn_until(&mut swarm, Instant::now() + STRAGGLERS, |swarm| swarm.totals.acks >= wanted)?;
        Ok(wanted - swarm.totals.acks)
    })?;
    let mut report = Report::default();
    if unacked > 0 {
        report.wrong(format!("{unacked} messages were never acknowledged: {:?}", swarm.totals.first_error));
    }
    report.cpu(used).latencies("ack_", &swarm.totals.ack);
    report.set("acked", swarm.totals.acks).set("acked_per_s", swarm.totals.acks as f64 / used.wall);
    report.set("acked_per_cpu_s", swarm.totals.acks as f64 / used.server);
    Ok(report)
}

/// So many a second, whatever the server says to that.
pub fn paced(arguments: &RunArguments) -> Result<Report> {
    const RATE: f64 = 2_000.0;
    let Crowd { mut swarm, rooms, .. } = crowd(arguments, WRITERS, WRITERS)?;
    let (sent, used) = measure(arguments.pid, || {
        let mut pace = Pace::new(Instant::now(), RATE, arguments.seconds());
        let mut sent = 0;
        while let Some(due) = pace.next() {
            swarm.turn(due)?;
            while let Some((number, intended)) = pace.take(Instant::now()) {
                let writer = number as usize % WRITERS;
                swarm.say(writer, rooms[writer], number, intended)?;
                sent += 1;
            }
        }
        turn_until(&mut swarm, Instant::now() + Duration::from_secs(15), |swarm| swarm.totals.acks >= sent)?;
        Ok(sent)
    })?;
    let mut report = Report::default();
    if swarm.totals.acks != sent {
        report.wrong(format!("{} of {sent} were acknowledged: {:?}", swarm.totals.acks, swarm.totals.first_error));
    }
    report.cpu(used).latencies("ack_", &swarm.totals.ack).set("acked", swarm.totals.acks);
    Ok(report)
}
