//! A person's own log: its positions, what it forgets, and that it is told.

use chinwag_domain::{policy, ports::*};
use chinwag_proto::Event;
use futures_util::future::join_all;

use crate::{cast::*, engines::Engine};

/// Position, room and mark of what a stretch of somebody's own log tells.
async fn replayed(stage: &Stage, who: &Person, after: i64, to: i64, limit: usize) -> Vec<(i64, i64, i64)> {
    marks(stage.store.own_replay(who.id, after, to, limit).await.expect("read"))
}

fn marks(changes: Vec<(i64, Event)>) -> Vec<(i64, i64, i64)> {
    let mark = |(seq, event)| match event {
        Event::Read(read) => {
            assert_eq!(read.own_seq, seq);
            (seq, read.room_id, read.seq)
        }
        other => panic!("not of one's own log: {other:?}"),
    };
    changes.into_iter().map(mark).collect()
}

async fn every_move_of_a_mark_takes_the_next_position_whoever_moves_others_meanwhile(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("bob").await);
    let mut rooms = Vec::new();
    for _ in 0..4 {
        let room = stage.room(&ann, &[&bob]).await;
        for n in 0..8 {
            stage.say(room, if n % 2 == 0 { &ann } else { &bob }, "x").await;
        }
        // Both have said the last words but one, so that both have something to read.
        stage.say(room, &ann, "for bob").await;
        stage.say(room, &bob, "for Ann").await;
        rooms.push(room);
    }
    let eve = stage.user("eve").await;
    for &room in &rooms {
        stage.join(room, &eve).await;
        for _ in 0..8 {
            stage.say(room, &ann, "for all").await;
        }
    }
    // Two devices of each read in all rooms at once, some of it twice.
    let mut reading = Vec::new();
    for who in [&bob, &eve] {
        for &room in &rooms {
            let seat = stage.seat(room, who).await;
            let (head, permit) = (seat.room.last_seq, policy::may_mark_read(&who.actor(), &seat).expect("a member"));
            for back in [7, 3, 5, 0, 2] {
                reading.push(stage.store.mark_read(permit.clone(), head - back));
            }
        }
    }
    let marked: Vec<_> = join_all(reading).await.into_iter().map(|marked| marked.expect("marked")).collect();
    for (who, marked) in [&bob, &eve].into_iter().zip(marked.chunks(20)) {
        let mut told = stage.told.of_person(who.id);
        if engine != Engine::Sqlite {
            // Who listens puts them in order: what is of other rooms comes over other connections.
            told.sort_by_key(|(seq, _)| *seq);
        }
        let positions: Vec<i64> = told.iter().map(|(seq, _)| *seq).collect();
        let moved = marked.iter().filter(|marked| marked.moved).count() as i64;
        assert_eq!(positions, (1..=moved).collect::<Vec<_>>(), "each once, and told in their order");
        assert!(moved < 20, "a mark that does not move takes no position");
        assert_eq!(stage.store.own_head(who.id).await.expect("asked"), moved);
        let (told, last) = (marks(told), replayed(&stage, who, 0, moved, 100).await);
        let newest = |room: i64| told.iter().rev().find(|(_, of, _)| *of == room).copied();
        assert_eq!(last.len(), rooms.len(), "of each mark the last move alone");
        assert!(last.iter().all(|entry| newest(entry.1) == Some(*entry)), "{last:?} after {told:?}");
    }
    assert_eq!(stage.store.own_head(ann.id).await.expect("asked"), 0, "what others read is not hers");
    let mut heads = stage.store.own_heads(&[ann.id, bob.id, eve.id, 999]).await.expect("asked");
    heads.sort_unstable();
    let mut each = Vec::new();
    for who in [&bob, &eve] {
        each.push((who.id, stage.store.own_head(who.id).await.expect("asked")));
    }
    each.sort_unstable();
    assert_eq!(heads, each, "of all in one question");
}

async fn of_what_changed_again_only_the_last_change_is_told_and_a_stretch_has_its_bounds(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("bob").await);
    let (tea, park) = (stage.room(&ann, &[&bob]).await, stage.room(&ann, &[&bob]).await);
    for room in [tea, park] {
        for _ in 0..5 {
            stage.say(room, &ann, "x").await;
        }
    }
    // After the two rows of its beginning.
    for (room, seq) in [(tea, 3), (park, 3), (tea, 4), (tea, 6)] {
        stage.mark_read(room, &bob, seq).await;
    }
    assert_eq!(replayed(&stage, &bob, 0, 4, 100).await, [(2, park, 3), (4, tea, 6)]);
    assert_eq!(replayed(&stage, &bob, 0, 4, 1).await, [(2, park, 3)], "from the front");
    assert_eq!(replayed(&stage, &bob, 2, 4, 100).await, [(4, tea, 6)]);
    assert_eq!(replayed(&stage, &bob, 0, 3, 100).await, [(2, park, 3)], "what moved on is told by its new place");
    assert_eq!(replayed(&stage, &bob, 4, 4, 100).await, []);
    assert_eq!(replayed(&stage, &ann, 0, 4, 100).await, [], "everybody has their own");

    // Positions are never given again, though the newest one is gone with its seat.
    stage.leave(tea, &bob).await.expect("left");
    assert_eq!(replayed(&stage, &bob, 0, 4, 100).await, [(2, park, 3)]);
    assert_eq!(stage.mark_read(park, &bob, 5).await.own_seq, 5);
    let stage = stage.reopen().await;
    assert_eq!(stage.store.own_head(bob.id).await.expect("asked"), 5);
    // One's own words move the mark without a change here: the log of the room tells of them.
    let said = stage.say(park, &bob, "mine").await;
    assert_eq!(replayed(&stage, &bob, 0, 5, 100).await, [(5, park, said.seq)]);
    assert_eq!(stage.mark_read(park, &bob, said.seq).await.own_seq, 5);
}

on_every_engine!(
    every_move_of_a_mark_takes_the_next_position_whoever_moves_others_meanwhile,
    of_what_changed_again_only_the_last_change_is_told_and_a_stretch_has_its_bounds,
);
