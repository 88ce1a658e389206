//! Rooms in which somebody talks and everybody listens: the fan-out, from one calm room to a million deliveries a second.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::{Crowd, STRAGGLERS, check_errors, crowd, crowd_of, measure, people_for, turn_until};
use crate::{
    RunArguments,
    pace::Pace,
    people::{self, Person},
    process,
    report::Report,
    swarm::Swarm,
};

/// Sockets that speak, in turn.
const SPEAKERS: usize = 64;
const IN_FLIGHT: u64 = 64;
/// How often a look is taken at a server that is talked to.
const LOOK_EVERY: Duration = Duration::from_millis(250);
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

/// One speaks and one listens in each room. Since the rooms are odd in number and the nodes are two, these two are at different ones.
pub fn across(arguments: &RunArguments) -> Result<Report> {
    const ROOMS: usize = 11;
    let mut crowd = crowd(arguments, 2 * ROOMS, ROOMS)?;
    crowd.swarm.sample(ROOMS..2 * ROOMS, 1);
    crowd.pace(arguments, 500.0, 1)
}

/// Sockets evenly over rooms, and so many messages a second in all.
fn paced(arguments: &RunArguments, sockets: usize, rooms: usize, rate: f64) -> Result<Report> {
    let mut crowd = crowd(arguments, arguments.scaled(sockets), arguments.scaled(rooms).min(rooms))?;
    let listeners = crowd.swarm.sockets.len() / crowd.rooms.len();
    crowd.swarm.sample(0..sockets, stride(rate, listeners));
    crowd.pace(arguments, rate, if rooms == 1 { SPEAKERS } else { 1 })
}

fn stride(rate: f64, listeners: usize) -> usize {
    (rate * listeners as f64 / SAMPLED) as usize
}

/// Always so many messages on their way, as the first socket sees it.
pub fn saturated(arguments: &RunArguments) -> Result<Report> {
    let mut crowd = crowd(arguments, arguments.scaled(1_000), 1)?;
    crowd.swarm.sample(0..1_000, 97);
    let room = crowd.rooms[0];
    let swarm = &mut crowd.swarm;
    let (sent, used) = measure(arguments, || {
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
/// for those who stopped, must cut them and say why, and they must find everything when they come back.
pub fn stall(arguments: &RunArguments) -> Result<Report> {
    const RATE: f64 = 200.0;
    const AT_MOST: f64 = 60.0;
    let sockets = arguments.scaled(1_000);
    let people = people::gather(arguments, people_for(sockets))?;
    let mut crowd = crowd_of(arguments, &people, sockets, 1)?;
    let healthy = sockets - sockets.div_ceil(20);
    let speakers = SPEAKERS.min(healthy);
    // The same sockets are judged both times, by a generator that has as much to do.
    crowd.swarm.sample(0..healthy, stride(RATE, sockets));
    let look = || Look::at(arguments.processes.pid);
    // Asked early: this call's own connection must be gone when the server's descriptors are counted.
    let head = people::head(arguments, &people[0], crowd.rooms[0])?;
    let (sent, used) =
        measure(arguments, || crowd.talk_until(RATE, arguments.seconds(), speakers, || look().map(|_| false)))?;
    let mut report = crowd.report(&sent);
    report.cpu(used).latencies("healthy_", &crowd.swarm.totals.delivery);
    crowd.swarm.reset_counts();

    for socket in healthy..sockets {
        crowd.swarm.follow(socket, head + sent[0] as i64);
        crowd.swarm.shrink_receive_buffer(socket)?;
        crowd.swarm.set_reading(socket, false);
    }
    let (begun, before) = (Instant::now(), look()?);
    let (mut cut_after, mut most_memory) = (None, before.memory);
    let (sent, used) = measure(arguments, || {
        crowd.talk_until(RATE, AT_MOST, speakers, || {
            let now = look()?;
            most_memory = most_memory.max(now.memory);
            cut_after = (now.descriptors + sockets - healthy <= before.descriptors).then(|| begun.elapsed());
            Ok(cut_after.is_some())
        })
    })?;
    crowd.check(&sent, &mut report);
    match cut_after {
        Some(after) => report.set("cut_after_s", after.as_secs_f64()),
        None => report.wrong("the stalled sockets were never cut".to_owned()),
    };
    report.cpu(used).latencies("", &crowd.swarm.totals.delivery).latencies("late_", &crowd.swarm.totals.late);
    let kb_each = |bytes: u64| bytes as f64 / 1_000.0 / (sockets - healthy) as f64;
    // Resident memory of the process alone. What the kernel keeps stands beside it: all others have read everything, and
    // it keeps what was written to the stalled ones even after they were cut.
    report.set("held_kb_per_stalled_socket", kb_each(most_memory - before.memory));
    report.set("kernel_kb_per_stalled_socket", kb_each(look()?.kernel.saturating_sub(before.kernel)));

    // What was written before they were cut comes first, then the reason.
    for socket in healthy..sockets {
        crowd.swarm.set_reading(socket, true);
    }
    turn_until(&mut crowd.swarm, Instant::now() + STRAGGLERS, |swarm| {
        swarm.sockets[healthy..].iter().all(|socket| socket.close_code().is_some())
    })?;
    check_errors(&crowd.swarm.totals, &mut report);
    let told = |code| crowd.swarm.sockets[healthy..].iter().filter(move |socket| socket.close_code() == code);
    // The server has hung up by now. A ping that was among what waited is answered all the same, and the kernel resets
    // the connection of whoever speaks to a closed socket: they lose the reason, but see that they were cut.
    let (reasons, resets) = (told(Some(4008)).count(), told(Some(0)).filter(|socket| socket.pongs > 0).count());
    if reasons + resets < sockets - healthy {
        report.wrong(format!("{} of the stalled were not told 4008", sockets - healthy - reasons - resets));
    }
    report.set("told_4008", reasons).set("reset_by_their_pong", resets);
    come_back(arguments, &people, &crowd, healthy, &mut report)?;
    Ok(report)
}

/// The stalled ones connect again and go on where they were: by a replay, or by the history where that would be too long.
/// What they got before, on coming back and from then on must be every message once.
fn come_back(
    arguments: &RunArguments,
    people: &[Person],
    crowd: &Crowd,
    healthy: usize,
    report: &mut Report,
) -> Result<()> {
    let room = crowd.rooms[0];
    let places: Vec<i64> = crowd.swarm.sockets[healthy..].iter().filter_map(|socket| socket.place).collect();
    let person = |index: usize| &people[(healthy + index) % people.len()];
    let mut back = Crowd { swarm: Swarm::new(arguments.server)?, rooms: vec![room] };
    back.swarm.connect((0..places.len()).map(|index| person(index).token.as_str()), true)?;
    for (index, &place) in places.iter().enumerate() {
        back.swarm.follow(index, place);
        back.swarm.sync(index, room, place)?;
    }
    back.swarm.wait_until("those who were cut are back", |swarm| {
        swarm.sockets.iter().all(|socket| socket.synced == 1 || socket.too_far.is_some())
    })?;
    let mut by_history = 0;
    for (index, &place) in places.iter().enumerate() {
        if let Some(head) = back.swarm.sockets[index].too_far {
            people::catch_up(arguments, person(index), room, place, head)?;
            back.swarm.follow(index, head);
            by_history += 1;
        }
    }
    back.swarm.reset_counts();
    let sent = back.talk(10.0, 1.0, 1)?;
    back.check(&sent, report);
    let head = people::head(arguments, &people[0], room)?;
    let resumed = back.swarm.sockets.iter().filter(|socket| socket.place == Some(head)).count();
    if resumed < places.len() {
        report.wrong(format!("{} of the stalled did not get everything", places.len() - resumed));
    }
    report.set("resumed", resumed).set("resumed_by_history", by_history);
    Ok(())
}

/// What the server holds, at one moment.
struct Look {
    memory: u64,
    kernel: u64,
    descriptors: usize,
}

impl Look {
    fn at(server: u32) -> Result<Self> {
        let (memory, descriptors) = (process::resident(server)?, process::descriptors(server)?);
        Ok(Self { memory, kernel: process::kernel_buffers()?, descriptors })
    }
}

impl Crowd {
    /// The time that so many messages a second take to their listeners, and what they cost.
    fn pace(&mut self, arguments: &RunArguments, rate: f64, speakers: usize) -> Result<Report> {
        let (sent, used) = measure(arguments, || self.talk(rate, arguments.seconds(), speakers))?;
        let mut report = self.report(&sent);
        let deliveries = self.swarm.totals.texts;
        report.cpu(used).latencies("", &self.swarm.totals.delivery).latencies("late_", &self.swarm.totals.late);
        report.set("deliveries", deliveries).set("deliveries_per_cpu_s", deliveries as f64 / used.server);
        // Until the last one came: a server that cannot keep up delivers all the same, but later.
        report.set("deliveries_per_s", deliveries as f64 / used.wall);
        Ok(report)
    }

    /// Says so many messages a second, room by room, waits for all deliveries, and gives how many each room got. The first
    /// so many of each room speak, in turn.
    pub fn talk(&mut self, rate: f64, seconds: f64, speakers: usize) -> Result<Vec<u64>> {
        self.talk_until(rate, seconds, speakers, || Ok(false))
    }

    /// The same, but asks now and then whether it is enough.
    fn talk_until(
        &mut self,
        rate: f64,
        seconds: f64,
        speakers: usize,
        mut is_enough: impl FnMut() -> Result<bool>,
    ) -> Result<Vec<u64>> {
        let rooms = self.rooms.len();
        let speakers = speakers.min(self.swarm.sockets.len() / rooms);
        let mut sent = vec![0; rooms];
        let begun = Instant::now();
        let (mut pace, mut next_look) = (Pace::new(begun, rate, seconds), begun + LOOK_EVERY);
        while let Some(due) = pace.next() {
            self.swarm.turn(due)?;
            while let Some((number, intended)) = pace.take(Instant::now()) {
                let room = number as usize % rooms;
                let speaker = room + rooms * (number as usize / rooms % speakers);
                self.swarm.say(speaker, self.rooms[room], number, intended)?;
                sent[room] += 1;
            }
            if Instant::now() >= next_look {
                next_look += LOOK_EVERY;
                if is_enough()? {
                    break;
                }
            }
        }
        let readers = self.swarm.sockets.iter().enumerate().filter(|(_, socket)| socket.is_reading());
        let wanted: u64 = readers.map(|(socket, _)| sent[socket % rooms]).sum();
        turn_until(&mut self.swarm, Instant::now() + STRAGGLERS, |swarm| swarm.totals.texts >= wanted)?;
        Ok(sent)
    }

    /// Each connection that reads must have got exactly what was said in its room, and nobody an error.
    fn check(&self, sent: &[u64], report: &mut Report) {
        let readers = self.swarm.sockets.iter().enumerate().filter(|(_, socket)| socket.is_reading());
        let wrong = readers.filter(|(index, socket)| socket.texts != sent[index % sent.len()]).count();
        if wrong > 0 {
            report.wrong(format!("{wrong} sockets did not get exactly what was sent"));
        }
        check_errors(&self.swarm.totals, report);
    }

    /// What every fan-out tells, after checking what each connection got.
    pub fn report(&self, sent: &[u64]) -> Report {
        let mut report = Report::default();
        self.check(sent, &mut report);
        report.set("sockets", self.swarm.sockets.len()).set("sent", sent.iter().sum::<u64>());
        report.set("bytes_per_delivery", self.swarm.totals.bytes as f64 / self.swarm.totals.texts.max(1) as f64);
        report
    }
}
