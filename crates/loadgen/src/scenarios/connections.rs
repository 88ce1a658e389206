//! Sockets as such: what they cost while they idle, how fast they come, and how they come back.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::{crowd_of, measure, people_for, seated, turn_until};
use crate::{
    RunArguments, people, process,
    report::{self, Report},
    swarm::Swarm,
};

/// Longer than an idle thread of the server's blocking pool lives.
const HASHERS_GONE: Duration = Duration::from_secs(12);

/// Longer than the grace within which a reload is not told, and a sweep.
const GONE: Duration = Duration::from_secs(6);

/// A peer whose heartbeats go wrong is lost after half a minute, and not every time: it takes long to see that none is.
const IDLE_SECONDS: f64 = 600.0;
const NOTE_EVERY: Duration = Duration::from_secs(60);

pub fn idle10k(arguments: &RunArguments) -> Result<Report> {
    let sockets = arguments.scaled(10_000);
    let people = people::gather(arguments, people_for(sockets))?;
    // Hashing their passwords took memory that the server gives back when the threads that hashed are gone.
    std::thread::sleep(HASHERS_GONE);
    let before = process::resident(arguments.processes.pid)?;
    let mut crowd = crowd_of(arguments, &people, sockets, 2)?;
    let added = process::resident(arguments.processes.pid)? as f64 - before as f64;
    let seconds = arguments.seconds.unwrap_or(IDLE_SECONDS);
    let ((), used) = measure(arguments, || {
        let begun = Instant::now();
        let end = begun + Duration::from_secs_f64(seconds);
        let mut next_note = begun + NOTE_EVERY;
        while Instant::now() < end {
            crowd.swarm.turn(end.min(next_note))?;
            if Instant::now() >= next_note {
                next_note += NOTE_EVERY;
                let (passed, gone) = (begun.elapsed().as_secs(), crowd.swarm.totals.gone);
                report::note(&format!("idle for {passed} of {seconds} s, {gone} sockets gone"));
            }
        }
        Ok(())
    })?;
    // Whoever still stands must also still listen.
    let sent = crowd.talk(2.0, 1.0, 1)?;
    let mut report = crowd.report(&sent);
    if crowd.swarm.totals.gone > 0 {
        report.wrong(format!("{} sockets were dropped", crowd.swarm.totals.gone));
    }
    report.cpu(used).set("kb_per_socket", added / 1_000.0 / sockets as f64);
    report.set("heartbeat_core_share", used.server / used.wall);
    Ok(report)
}

pub fn connect(arguments: &RunArguments) -> Result<Report> {
    let sockets = arguments.scaled(10_000);
    let people = people::gather(arguments, 100)?;
    let mut swarm = Swarm::new(arguments.server)?;
    let tokens = (0..sockets).map(|socket| people[socket % people.len()].token.as_str());
    let ((), used) = measure(arguments, || swarm.connect(tokens, !arguments.reference))?;
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
    let ((), used) = measure(arguments, || {
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

/// Everybody comes back at once to the many rooms that all of them share, and nobody says a word: what each hears of the others.
pub fn comeback(arguments: &RunArguments) -> Result<Report> {
    const ROOMS: usize = 40;
    let people = people::gather(arguments, arguments.scaled(60))?;
    let rooms = people::rooms(arguments, &people[0], ROOMS)?;
    let mut swarm = Swarm::new(arguments.server)?;
    swarm.connect(people.iter().map(|person| person.token.as_str()), true)?;
    for socket in 0..people.len() {
        rooms.iter().try_for_each(|room| swarm.join(socket, *room))?;
    }
    let all_there = |swarm: &Swarm| swarm.sockets.iter().all(|socket| socket.synced == ROOMS as u64);
    swarm.wait_until("all have joined", all_there)?;
    let heads = rooms.iter().map(|room| people::head(arguments, &people[0], *room)).collect::<Result<Vec<_>>>()?;
    let cursors: Vec<(i64, i64)> = rooms.into_iter().zip(heads).collect();
    swarm.settle()?;
    swarm.hang_up_all();
    // Longer than anybody counts as still here.
    std::thread::sleep(GONE);
    swarm.reset_counts();
    let ((), used) = measure(arguments, || {
        swarm.connect(people.iter().map(|person| person.token.as_str()), true)?;
        (0..people.len()).try_for_each(|socket| swarm.sync_all(socket, &cursors))?;
        swarm.wait_until("all are back", all_there)?;
        swarm.settle()
    })?;
    let mut report = Report::default();
    super::check_errors(&swarm.totals, &mut report);
    let each = people.len() as f64;
    report.cpu(used).set("kb_per_person", swarm.totals.bytes as f64 / 1_000.0 / each);
    report.set("cpu_ms_per_person", used.server * 1_000.0 / each);
    Ok(report)
}

/// The process as it is now, and then with people who talk: one message a second each, twenty to a room.
pub fn rss(arguments: &RunArguments) -> Result<Report> {
    const IN_A_ROOM: usize = 20;
    let mb = |bytes: u64| bytes as f64 / 1_000_000.0;
    let idle = process::resident(arguments.processes.pid)?;
    let people = people::gather(arguments, arguments.scaled(200))?;
    let rooms = people::rooms(arguments, &people[0], people.len().div_ceil(IN_A_ROOM))?;
    let mut swarm = Swarm::new(arguments.server)?;
    swarm.connect(people.iter().map(|person| person.token.as_str()), true)?;
    let mut crowd = seated(swarm, rooms)?;
    let (sent, used) = measure(arguments, || crowd.talk(people.len() as f64, arguments.seconds(), IN_A_ROOM))?;
    let active = process::resident(arguments.processes.pid)?;
    let mut report = crowd.report(&sent);
    report.cpu(used).set("idle_mb", mb(idle)).set("active_mb", mb(active));
    Ok(report)
}
