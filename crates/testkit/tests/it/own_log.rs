//! A person's own log: a device that was away is told what the person did on others, no less and nothing twice.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use chinwag_proto::{Event, MarkRead, Request, ResyncReason, Sync, frame::Encoding, id::OWN_LOG};
use chinwag_testkit::{Cast, Person, Socket};
use tokio::task::block_in_place;

use crate::{
    load,
    stage::{self, number},
};

/// Position, room and mark of a `read` frame.
type Told = (i64, i64, i64);

fn told(event: &Event) -> Option<Told> {
    match event {
        Event::Read(read) => Some((read.own_seq, read.room_id, read.seq)),
        _ => None,
    }
}

/// A new line of the person's, and the epoch.
async fn line(person: &Person, encoding: Encoding) -> Result<(Socket, i64)> {
    let mut socket = person.connect_as(encoding).await?;
    let epoch = socket.expect("the welcome", |event| match event {
        Event::Welcome(welcome) => Some(welcome.epoch),
        _ => None,
    });
    let epoch = epoch.await?;
    Ok((socket, epoch))
}

/// What a device is told that comes back with this cursor, and its line.
async fn come_back(person: &Person, encoding: Encoding, cursor: i64) -> Result<(Socket, Vec<Told>, i64)> {
    let (mut socket, epoch) = line(person, encoding).await?;
    socket.send(&Request::Sync(Sync { epoch, rooms: [(OWN_LOG, cursor)].into() })).await?;
    let mut heard = Vec::new();
    loop {
        match socket.next().await? {
            Event::Synced(synced) => {
                assert_eq!((synced.room_id, synced.from), (OWN_LOG, cursor));
                return Ok((socket, heard, synced.to));
            }
            event => heard.push(told(&event).ok_or_else(|| anyhow::anyhow!("not of one's own log: {event:?}"))?),
        }
    }
}

/// Rooms of alice's with bob in them and words to read, and where those stand.
async fn rooms(cast: &Cast, count: usize) -> Result<Vec<(i64, i64)>> {
    let mut rooms = Vec::new();
    for index in 0..count {
        let room = cast.alice.create_room(&format!("Room {index}"), true).await?;
        cast.alice.seat(room, &cast.bob, "member").await?;
        let first = number(&cast.alice.say(room, "one").await?["seq"]);
        cast.alice.say(room, "two").await?;
        rooms.push((room, first));
    }
    Ok(rooms)
}

async fn read(socket: &mut Socket, room_id: i64, seq: i64) -> Result<Told> {
    socket.send(&Request::Read(MarkRead { room_id, seq })).await?;
    socket.expect("the mark", |event| told(event).filter(|told| told.1 == room_id)).await
}

/// It would come behind what has moved since, with counts of before.
#[tokio::test]
async fn who_reads_what_is_read_is_answered_and_no_other_device_is_told() -> Result<()> {
    let server = stage::server().await?;
    let cast = Cast::gather(server.address()).await?;
    let (room, first) = rooms(&cast, 1).await?[0];
    let (mut here, _) = line(&cast.bob, Encoding::Json).await?;
    let (mut there, _) = line(&cast.bob, Encoding::Proto).await?;
    let mark = read(&mut here, room, first).await?;
    assert_eq!(there.expect("the mark", told).await?, mark);
    for seq in [first, first - 1] {
        assert_eq!(read(&mut here, room, seq).await?, mark, "the mark as it is");
    }
    let later = read(&mut there, room, first + 1).await?;
    assert_eq!(here.expect("the next mark", told).await?, later);
    for socket in [&mut here, &mut there] {
        let rest = stage::until_pong(socket).await?;
        assert!(rest.iter().all(|event| told(event).is_none()), "{rest:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_device_that_was_away_hears_exactly_what_was_read_elsewhere_meanwhile() -> Result<()> {
    let server = stage::server().await?;
    let cast = Cast::gather(server.address()).await?;
    for encoding in [Encoding::Json, Encoding::Proto] {
        let rooms = rooms(&cast, 4).await?;
        let [(tea, first), (park, _), (pond, _), (hall, _)] = rooms[..] else { unreachable!("four rooms") };
        let (mut here, _, begun) = come_back(&cast.bob, Encoding::Json, 0).await?;
        let (mut there, known, at) = come_back(&cast.bob, encoding, 0).await?;
        assert!(begun == at && known.iter().all(|(seq, ..)| *seq <= at), "{known:?}");
        assert_eq!(read(&mut here, hall, first).await?, (at + 1, hall, first));
        assert_eq!(there.expect("the mark", told).await?, (at + 1, hall, first), "it hears what it is there for");
        there.close().await;

        let mut elsewhere = Vec::new();
        for (room, seq) in [(tea, first), (park, first), (pond, first + 1), (tea, first + 1)] {
            elsewhere.push(read(&mut here, room, seq).await?);
        }
        let missed: Vec<Told> = elsewhere.split_off(1);
        assert_eq!(missed, [(at + 3, park, first), (at + 4, pond, first + 1), (at + 5, tea, first + 1)]);
        let (mut back, heard, to) = come_back(&cast.bob, encoding, at + 1).await?;
        assert_eq!((heard, to), (missed.clone(), at + 5), "of two moves of one mark the last");
        assert_eq!(read(&mut here, hall, first + 1).await?, (at + 6, hall, first + 1));
        assert_eq!(back.expect("the mark", told).await?, (at + 6, hall, first + 1), "and then it is live");
        let (_, heard, _) = come_back(&cast.bob, encoding, at + 4).await?;
        assert_eq!(heard, [(at + 5, tea, first + 1), (at + 6, hall, first + 1)]);
        let (_, heard, to) = come_back(&cast.alice, encoding, 0).await?;
        assert_eq!((heard, to), (Vec::new(), 0), "what bob reads is his");
    }
    Ok(())
}

/// One by one, through many lives of a line that ends at any moment, while the person reads on.
#[tokio::test]
async fn live_and_resumed_together_a_device_holds_every_mark_as_it_is() -> Result<()> {
    let server = stage::server().await?;
    let cast = Cast::gather(server.address()).await?;
    let rooms = rooms(&cast, 150).await?;
    let (mut here, _) = line(&cast.bob, Encoding::Json).await?;
    let mut held = BTreeMap::new();
    let mut cursor = 0;
    for life in 0..12 {
        let encoding = if life % 2 == 0 { Encoding::Json } else { Encoding::Proto };
        let (mut there, epoch) = line(&cast.bob, encoding).await?;
        let turn = rooms.iter().skip(life * 7).chain(&rooms).take(40);
        let marks = turn.map(|(room_id, first)| MarkRead { room_id: *room_id, seq: first + life as i64 % 2 });
        for (index, mark) in marks.enumerate() {
            here.send(&Request::Read(mark)).await?;
            if index == 20 {
                there.send(&Request::Sync(Sync { epoch, rooms: [(OWN_LOG, cursor)].into() })).await?;
            }
        }
        // It has heard live frames before it asked, which it cannot place; from the answer on it can place each.
        let (mut synced, mut after) = (false, 0);
        while !(synced && after == life % 4) {
            match there.next().await? {
                Event::Synced(frame) => (synced, cursor) = (true, cursor.max(frame.to)),
                event => {
                    let Some((seq, room, mark)) = told(&event) else { continue };
                    if synced && seq > cursor {
                        assert_eq!(seq, cursor + 1, "a hole in what is told live");
                        cursor = seq;
                        after += 1;
                    }
                    let entry = held.entry(room).or_insert((seq, mark));
                    *entry = (*entry).max((seq, mark));
                }
            }
            let head = stage::until_pong(&mut here).await?.iter().filter_map(told).map(|(seq, ..)| seq).max();
            if synced && head.is_none_or(|head| head <= cursor) {
                break;
            }
        }
    }
    let (_, heard, _) = come_back(&cast.bob, Encoding::Json, cursor).await?;
    for (seq, room, mark) in heard {
        ensure!(held.get(&room).is_none_or(|(known, _)| *known < seq), "{room} is told again");
        held.insert(room, (seq, mark));
    }
    for listed in cast.bob.http.get("/api/rooms").await?.data()?.as_array().into_iter().flatten() {
        if let Some((_, mark)) = held.get(&number(&listed["id"])) {
            assert_eq!(*mark, number(&listed["read_seq"]), "{}", listed["name"]);
        }
    }
    let (_, all, _) = come_back(&cast.bob, Encoding::Json, 0).await?;
    assert_eq!(all.len(), held.len());
    assert!(all.iter().all(|(seq, room, mark)| held.get(room) == Some(&(*seq, *mark))));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_device_was_told_outlives_kill_nine_and_the_log_goes_on_behind_it() -> Result<()> {
    let mut server = load::process()?;
    let cast = Cast::gather(server.address()).await?;
    let rooms = rooms(&cast, 3).await?;
    let (mut here, before) = line(&cast.bob, Encoding::Json).await?;
    let mut marked = Vec::new();
    for (room, first) in &rooms {
        marked.push(read(&mut here, *room, *first).await?);
    }
    block_in_place(|| {
        server.kill()?;
        server.restart()
    })?;
    let (_, after) = line(&cast.bob, Encoding::Json).await?;
    assert_eq!(after, before, "no other history");
    let (mut here, heard, to) = come_back(&cast.bob, Encoding::Proto, 1).await?;
    assert_eq!((heard, to), (marked[1..].to_vec(), 3));
    let (room, first) = rooms[0];
    assert_eq!(read(&mut here, room, first + 1).await?, (4, room, first + 1), "no position is given twice");
    Ok(())
}

#[tokio::test]
async fn a_cursor_of_another_history_or_from_the_future_is_told_where_it_listens_from() -> Result<()> {
    let server = stage::server().await?;
    let cast = Cast::gather(server.address()).await?;
    let rooms = rooms(&cast, 2).await?;
    let (mut here, epoch) = line(&cast.bob, Encoding::Json).await?;
    assert_eq!(read(&mut here, rooms[0].0, rooms[0].1).await?.0, 1);
    let cases = [
        (epoch + 1, 0, ResyncReason::Epoch),
        (epoch, 3, ResyncReason::Future),
        (epoch, -1, ResyncReason::Future),
        (epoch, i64::MAX, ResyncReason::Future),
    ];
    for (index, (epoch, cursor, reason)) in cases.into_iter().enumerate() {
        let (mut there, _) = line(&cast.bob, Encoding::Json).await?;
        there.send(&Request::Sync(Sync { epoch, rooms: [(OWN_LOG, cursor)].into() })).await?;
        let resync = there.expect("the answer", |event| match event {
            Event::Resync(resync) => Some((resync.room_id, resync.reason(), resync.head)),
            Event::Synced(_) | Event::Read(_) => panic!("{event:?} for {cursor} in {epoch}"),
            _ => None,
        });
        let head = index as i64 + 1;
        assert_eq!(resync.await?, (OWN_LOG, reason, head));
        // Its marks come by HTTP; what moves from here on it hears.
        cast.alice.say(rooms[1].0, "more").await?;
        let seq = number(&stage::room(&cast.bob, rooms[1].0).await?["last_seq"]);
        read(&mut here, rooms[1].0, seq).await?;
        assert_eq!(there.expect("the mark", told).await?, (head + 1, rooms[1].0, seq));
    }
    Ok(())
}
