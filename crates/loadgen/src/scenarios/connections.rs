//! Sockets as such: what they cost while they idle, how fast they come, and how they come back.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::{crowd_of, measure, people_for, turn_until};
use crate::{RunArguments, pace::Pace, people, process, report::Report, swarm::Swarm};

/// Longer than an idle thread of the server's blocking pool lives.
const HASHERS_GONE: Duration = Duration::from_secs(12);

pub fn idle10k(arguments: &RunArguments) -> Result<Report> {
    let sockets = arguments.scaled(10_000);
    let people = people::gather(arguments, people_for(sockets))?;
    // Hashing their passwords took memory that the server gives back when the threads that hashed are gone.
    std::thread::sleep(HASHERS_GONE);
    let before = process::resident(arguments.pid)?;
    let mut crowd = crowd_of(arguments, &people, sockets, 2)?;
    let added = process::resident(arguments.pid)? as f64 - before as f64;
    let end = Instant::now() + arguments.measured();
    let ((), used) = measure(arguments.pid, || {
        while Instant::now() < end {
            crowd.swarm.turn(end)?;
        }
        Ok(())
    })?;
    let mut report = Report::default();
    if crowd.swarm.totals.gone > 0 {
        report.wrong(format!("{} sockets were dropped", crowd.swarm.totals.gone));
    }
    report.cpu(used).set("sockets", sockets).set("kb_per_socket", added / 1024.0 / sockets as f64);
    report.set("heartbeat_core_share", used.server / used.wall);
    Ok(report)
}

pub fn connect(arguments: &RunArguments) -> Result<Report> {
    let sockets = arguments.scaled(10_000);
    let people = people::gather(arguments, 100)?;
    let mut swarm = Swarm::new(arguments.server)?;
    let tokens = (0..sockets).map(|socket| people[socket % people.len()].token.as_str());
    let ((), used) = measure(arguments.pid, || swarm.connect(tokens, !arguments.reference))?;
    let mut report = Report::default();
    if swarm.totals.gone > 0 {
        report.wrong(format!("{} were refused: {:?}", swarm.totals.gone, swarm.totals.first_error));
    }
    report.cpu(used).set("handshakes_per_cpu_s", sockets as f64 / used.server);
    report.set("handshakes_per_s", sockets as f64 / used.wall);
    Ok(report)
}

/// Everybody hangs up, one says 100 messages meanwhile, and everybody comes back with the same cursor.
pub fn resume(arguments: &RunArguments) -> Result<Report> {
    const MISSED: u64 = 100;
    let sockets = arguments.scaled(10_000);
    let people = people::gather(arguments, 100)?;
    let room = people::rooms(arguments, &people[0], 1)?[0];
    let mut swarm = Swarm::new(arguments.server)?;
    // All become members; one socket each is enough for that.
    swarm.connect(people.iter().map(|person| person.token.as_str()), true)?;
    for socket in 0..people.len() {
        swarm.join(socket, room)?;
    }
    swarm.wait_until("all have joined", |swarm| swarm.sockets.iter().all(|socket| socket.synced == 1))?;
    let cursor = people::head(arguments, &people[0], room)?;
    for number in 0..MISSED {
        swarm.say(0, room, number, Instant::now())?;
    }
    swarm.wait_until("all is said", |swarm| swarm.totals.acks == MISSED)?;
    swarm.hang_up_all();
    swarm.reset_counts();
    let begun = Instant::now();
    let ((), used) = measure(arguments.pid, || {
        swarm.connect((0..sockets).map(|socket| people[socket % people.len()].token.as_str()), true)?;
        for socket in 0..sockets {
            swarm.sync(socket, room, cursor)?;
        }
        turn_until(&mut swarm, Instant::now() + Duration::from_secs(60), |swarm| {
            swarm.sockets.iter().all(|socket| socket.synced == 1)
        })?;
        Ok(())
    })?;
    let mut report = Report::default();
    let wrong = swarm.sockets.iter().filter(|socket| socket.texts != MISSED || socket.synced != 1).count();
    if wrong > 0 {
        report.wrong(format!("{wrong} sockets did not get the {MISSED} they missed: {:?}", swarm.totals.first_error));
    }
    report.cpu(used).set("sockets", sockets).set("caught_up_s", begun.elapsed().as_secs_f64());
    Ok(report)
}

/// The process as it is now, and then with people who talk: one message a second each, twenty to a room.
pub fn rss(arguments: &RunArguments) -> Result<Report> {
    let mib = |bytes: u64| bytes as f64 / (1024.0 * 1024.0);
    let mut report = Report::default();
    report.set("idle_mb", mib(process::resident(arguments.pid)?));
    let people = people::gather(arguments, arguments.scaled(200))?;
    let rooms = people::rooms(arguments, &people[0], people.len().div_ceil(20))?;
    let mut swarm = Swarm::new(arguments.server)?;
    swarm.connect(people.iter().map(|person| person.token.as_str()), true)?;
    for socket in 0..people.len() {
        swarm.join(socket, rooms[socket % rooms.len()])?;
    }
    swarm.wait_until("all have joined", |swarm| swarm.sockets.iter().all(|socket| socket.synced == 1))?;
    let mut pace = Pace::new(Instant::now(), people.len() as f64, arguments.seconds());
    while let Some(due) = pace.next() {
        swarm.turn(due)?;
        while let Some((number, intended)) = pace.take(Instant::now()) {
            let speaker = number as usize % people.len();
            swarm.say(speaker, rooms[speaker % rooms.len()], number, intended)?;
        }
    }
    report.set("active_mb", mib(process::resident(arguments.pid)?)).set("active_people", people.len());
    Ok(report)
}
