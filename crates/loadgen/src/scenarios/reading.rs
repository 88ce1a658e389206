//! Reads over HTTP as a client feels them when it opens a room or starts: one call after the other on one connection.

use std::time::Instant;

use anyhow::{Result, ensure};
use hdrhistogram::Histogram;

use super::measure;
use crate::{
    RunArguments,
    http::Http,
    people::{self, Person},
    report::{self, Report},
    swarm::Swarm,
};

const CALLS: usize = 2_000;

/// Pages at places all over the first of five equal rooms.
pub fn history(arguments: &RunArguments) -> Result<Report> {
    const ROOMS: usize = 5;
    let each = arguments.scaled(1_000_000) as u64;
    let people = people::gather(arguments, 1)?;
    let rooms = people::rooms(arguments, &people[0], ROOMS)?;
    fill(arguments, &people[0], &rooms, each)?;
    let mut http = Http::connect(arguments.server, Some(&people[0].token))?;
    let (histogram, used) = measure(arguments, || {
        time(&mut http, |call| {
            // A fixed walk that jumps far and never repeats: the golden ratio's fraction of the room each time.
            let before = (call as f64 * 0.618_033_988_75).fract() * each as f64;
            format!("/api/rooms/{}/messages?limit=50&before={}", rooms[0], before as u64 + 60)
        })
    })?;
    let mut report = Report::default();
    report.cpu(used).latencies("", &histogram).set("messages", each * ROOMS as u64).set("calls", CALLS);
    Ok(report)
}

/// The list of a person's rooms, each with something unread.
pub fn unread(arguments: &RunArguments) -> Result<Report> {
    const ROOMS: usize = 200;
    let people = people::gather(arguments, 2)?;
    let rooms = people::rooms(arguments, &people[0], arguments.scaled(ROOMS))?;
    fill(arguments, &people[1], &rooms, 20)?;
    let mut http = Http::connect(arguments.server, Some(&people[0].token))?;
    let (histogram, used) = measure(arguments, || time(&mut http, |_| "/api/rooms".to_owned()))?;
    let mut report = Report::default();
    report.cpu(used).latencies("", &histogram).set("rooms", rooms.len()).set("calls", CALLS);
    Ok(report)
}

fn time(http: &mut Http, path: impl Fn(usize) -> String) -> Result<Histogram<u64>> {
    let mut histogram = Histogram::new_with_max(60_000_000, 3)?;
    for call in 0..CALLS {
        let path = path(call);
        let begun = Instant::now();
        let (status, _) = http.exchange("GET", &path, None)?;
        histogram.saturating_record(begun.elapsed().as_micros() as u64);
        ensure!(status == 200, "{path}: {status}");
    }
    Ok(histogram)
}

/// So many messages into each room, with many in flight.
fn fill(arguments: &RunArguments, person: &Person, rooms: &[i64], each: u64) -> Result<()> {
    const IN_FLIGHT: u64 = 512;
    const NOTE_EVERY: u64 = 500_000;
    let mut swarm = Swarm::new(arguments.server)?;
    swarm.sample(0..0, 1);
    swarm.connect([person.token.as_str()].into_iter(), true)?;
    for &room in rooms {
        swarm.join(0, room)?;
    }
    swarm.wait_until("the rooms are joined", |swarm| swarm.sockets[0].synced as usize == rooms.len())?;
    let total = each * rooms.len() as u64;
    for number in 0..total {
        while number >= swarm.totals.acks + IN_FLIGHT {
            swarm.wait_until("more is stored", |swarm| number < swarm.totals.acks + IN_FLIGHT)?;
        }
        swarm.say(0, rooms[number as usize % rooms.len()], number, Instant::now())?;
        if number % NOTE_EVERY == NOTE_EVERY - 1 {
            report::note(&format!("filled {} of {total}", number + 1));
        }
    }
    swarm.wait_until("all is stored", |swarm| swarm.totals.acks == total)
}
