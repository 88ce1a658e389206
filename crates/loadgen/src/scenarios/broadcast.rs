//! Rooms in which somebody talks and everybody listens: the fan-out, from one calm room to a million deliveries a second.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::{Crowd, STRAGGLERS, crowd, measure, turn_until};
use crate::{RunArguments, pace::Pace, process, report::Report};

/// Sockets that speak, in turn.
const SPEAKERS: usize = 64;
const IN_FLIGHT: u64 = 64;
/// Deliveries a second of which every one is looked into.
const SAMPLED: f64 = 50_000.0;

pub fn steady(arguments: &RunArguments) -> Result<Report> {
    paced(arguments, 1_000, 1, 50.0)
}

pub fn million(arguments: &RunArguments) -> Result<Report> {
    paced(arguments, 1_000, 1, 1_000.0)
}

pub fn room10k(arguments: &RunArguments) -> Result<Report> {
    paced(arguments, 10_000, 1, 5.0)
}

pub fn rooms(arguments: &RunArguments) -> Result<Report> {
    paced(arguments, 10_000, 1_000, 1_000.0)
}

/// Sockets evenly over rooms, and so many messages a second in all.
fn paced(arguments: &RunArguments, sockets: usize, rooms: usize, rate: f64) -> Result<Report> {
    let mut crowd = crowd(arguments, arguments.scaled(sockets), arguments.scaled(rooms).min(rooms))?;
    let listeners = crowd.swarm.sockets.len() / crowd.rooms.len();
    crowd.swarm.sample((rate * listeners as f64 / SAMPLED) as usize);
    let (sent, used) = measure(arguments.pid, || crowd.talk(rate, arguments.seconds))?;
    let mut report = crowd.report(&sent);
    let deliveries = crowd.swarm.totals.texts;
    report.cpu(used).latencies("", &crowd.swarm.totals.delivery);
    report.set("deliveries", deliveries).set("deliveries_per_cpu_s", deliveries as f64 / used.server);
    report.set("deliveries_per_s", deliveries as f64 / arguments.seconds);
    Ok(report)
}

/// Always so many messages on their way, as the first socket sees it.
pub fn saturated(arguments: &RunArguments) -> Result<Report> {
    let mut crowd = crowd(arguments, arguments.scaled(1_000), 1)?;
    crowd.swarm.sample(97);
    let room = crowd.rooms[0];
    let swarm = &mut crowd.swarm;
    let (sent, used) = measure(arguments.pid, || {
        let end = Instant::now() + arguments.measured();
        let mut sent = 0;
        while Instant::now() < end {
            while sent < swarm.sockets[0].texts + IN_FLIGHT {
                swarm.say(sent as usize % SPEAKERS.min(swarm.sockets.len()), room, sent, Instant::now())?;
                sent += 1;
            }
            swarm.turn(end)?;
        }
        let wanted = sent * swarm.sockets.len() as u64;
        turn_until(swarm, Instant::now() + STRAGGLERS, |swarm| swarm.totals.texts >= wanted)?;
        Ok(vec![sent])
    })?;
    let mut report = crowd.report(&sent);
    let deliveries = crowd.swarm.totals.texts;
    report.cpu(used).latencies("", &crowd.swarm.totals.delivery);
    report.set("deliveries", deliveries).set("deliveries_per_cpu_s", deliveries as f64 / used.server);
    report.set("deliveries_per_s", deliveries as f64 / used.wall);
    Ok(report)
}

/// The same room twice: all read, then one in twenty stops. The others must not feel it, the server must not keep much
/// for those who stopped, and must cut them.
pub fn stall(arguments: &RunArguments) -> Result<Report> {
    const RATE: f64 = 200.0;
    let mut crowd = crowd(arguments, arguments.scaled(1_000), 1)?;
    let count = crowd.swarm.sockets.len();
    let stalled = count - count / 20..count;
    crowd.talk(RATE, arguments.seconds)?;
    let mut report = Report::default();
    report.latencies("healthy_", &crowd.swarm.totals.delivery);
    crowd.swarm.reset_counts();

    let (memory, descriptors) = (process::resident(arguments.pid)?, process::descriptors(arguments.pid)?);
    for socket in stalled.clone() {
        crowd.swarm.shrink_receive_buffer(socket)?;
        crowd.swarm.set_reading(socket, false);
    }
    let begun = Instant::now();
    let (mut cut_after, mut most_memory) = (None, memory);
    let mut pace = Pace::new(begun, RATE, 60.0);
    let room = crowd.rooms[0];
    let swarm = &mut crowd.swarm;
    let mut sent = 0;
    let mut next_look = begun;
    while let Some(due) = pace.next() {
        swarm.turn(due.min(next_look))?;
        while let Some((number, intended)) = pace.take(Instant::now()) {
            swarm.say(number as usize % SPEAKERS.min(stalled.start), room, 1_000_000 + number, intended)?;
            sent += 1;
        }
        if Instant::now() >= next_look {
            next_look += Duration::from_millis(250);
            most_memory = most_memory.max(process::resident(arguments.pid)?);
            if process::descriptors(arguments.pid)? + stalled.len() <= descriptors {
                cut_after = Some(begun.elapsed());
                break;
            }
        }
    }
    let healthy = stalled.start;
    turn_until(swarm, Instant::now() + STRAGGLERS, |swarm| {
        swarm.sockets[..healthy].iter().all(|socket| socket.texts >= sent)
    })?;
    let lost = swarm.sockets[..healthy].iter().filter(|socket| socket.texts != sent).count();
    if lost > 0 {
        report.wrong(format!("{lost} healthy sockets did not get all of {sent} messages"));
    }
    match cut_after {
        Some(after) => report.set("cut_after_s", after.as_secs_f64()),
        None => report.wrong("the stalled sockets were never cut".to_owned()),
    };
    report.latencies("", &swarm.totals.delivery);
    report.set("held_kb_per_stalled_socket", (most_memory - memory) as f64 / 1024.0 / stalled.len() as f64);

    // What was written before they were cut comes first, then the reason.
    for socket in stalled.clone() {
        swarm.set_reading(socket, true);
    }
    turn_until(swarm, Instant::now() + STRAGGLERS, |swarm| {
        swarm.sockets[stalled.clone()].iter().all(|socket| socket.close_code().is_some())
    })?;
    let told = swarm.sockets[stalled].iter().filter(|socket| socket.close_code() == Some(4008)).count();
    report.set("closed_with_4008", told);
    Ok(report)
}

impl Crowd {
    /// Says so many messages a second, room by room, waits for all deliveries, and gives how many each room got.
    fn talk(&mut self, rate: f64, seconds: f64) -> Result<Vec<u64>> {
        let rooms = self.rooms.len();
        let speakers = if rooms == 1 { SPEAKERS.min(self.swarm.sockets.len()) } else { 1 };
        let mut sent = vec![0; rooms];
        let mut pace = Pace::new(Instant::now(), rate, seconds);
        while let Some(due) = pace.next() {
            self.swarm.turn(due)?;
            while let Some((number, intended)) = pace.take(Instant::now()) {
                let room = number as usize % rooms;
                let speaker = room + rooms * (number as usize / rooms % speakers);
                self.swarm.say(speaker, self.rooms[room], number, intended)?;
                sent[room] += 1;
            }
        }
        let wanted: u64 = (0..self.swarm.sockets.len()).map(|socket| sent[socket % rooms]).sum();
        turn_until(&mut self.swarm, Instant::now() + STRAGGLERS, |swarm| swarm.totals.texts >= wanted)?;
        Ok(sent)
    }

    /// What every fan-out tells, after checking what each connection got.
    fn report(&self, sent: &[u64]) -> Report {
        let mut report = Report::default();
        let sockets = self.swarm.sockets.iter().enumerate();
        let wrong = sockets.filter(|(index, socket)| socket.texts != sent[index % sent.len()]).count();
        if wrong > 0 {
            report.wrong(format!("{wrong} sockets did not get exactly what was sent"));
        }
        if let Some(error) = &self.swarm.totals.first_error {
            report.wrong(format!("{} errors: {error}", self.swarm.totals.errors));
        }
        report.set("sockets", self.swarm.sockets.len()).set("sent", sent.iter().sum::<u64>());
        report.set("bytes_per_delivery", self.swarm.totals.bytes as f64 / self.swarm.totals.texts.max(1) as f64);
        report
    }
}
