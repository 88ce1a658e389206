//! Shows each law red on a forged history, and a lawful one green. Not a test of the product.

use chinwag_proto::ResyncReason;

use super::*;
use crate::history::{OwnEnd, Recorder, Sighting};

const ROOM: i64 = 1;

fn sighting(seq: i64) -> Sighting {
    Sighting { seq, message_id: Some(100 + seq), content: Some(format!("m{seq}")) }
}

fn row(seq: i64) -> Row {
    Row {
        room: ROOM,
        seq,
        message_id: Some(100 + seq),
        user: 7,
        client_id: Some(format!("c{seq}")),
        content: Some(format!("m{seq}")),
    }
}

/// Three messages of one user, all acknowledged, seen live by one reader and after a resume by another.
fn lawful() -> History {
    let recorder = Recorder::default();
    let live = recorder.listen("live", ROOM, 0);
    let late = recorder.listen("late", ROOM, 1);
    for seq in 1..=3 {
        let invocation = recorder.invoke(7, ROOM, &format!("c{seq}"), &format!("m{seq}"));
        recorder.complete(invocation, Outcome::Ok { message_id: 100 + seq, seq });
        recorder.saw(live, sighting(seq));
    }
    for seq in 2..=3 {
        recorder.saw(late, sighting(seq));
    }
    recorder.ends(live, 3);
    recorder.ends(late, 3);
    // Two marks moved, one of them twice: heard live by one device, and by another in two lives.
    let (room, moved) = (ROOM, |own_seq, room| OwnTold::Moved { own_seq, room });
    let (live, late) = (recorder.listen_own("live", 7), recorder.listen_own("late", 7));
    let first = [OwnTold::Asked(0), OwnTold::Synced(0), moved(1, room)];
    let next = [moved(2, room + 1), moved(3, room)];
    first.into_iter().chain(next).for_each(|told| recorder.told_own(live, told));
    let back = [OwnTold::Asked(1), moved(2, room + 1), OwnTold::Asked(1), moved(2, room + 1), moved(3, room)];
    first.into_iter().chain(back).chain([OwnTold::Synced(3)]).for_each(|told| recorder.told_own(late, told));
    let end = OwnEnd { user: 7, head: 3, marks: vec![(room + 1, 2), (room, 3)] };
    recorder.finish((1..=3).map(row).collect(), vec![end])
}

/// The laws that a forged history breaks.
fn broken(forge: impl FnOnce(&mut History)) -> Vec<Law> {
    let mut history = lawful();
    forge(&mut history);
    let laws: BTreeSet<Law> = violations(&history).into_iter().map(|violation| violation.law).collect();
    laws.into_iter().collect()
}

#[test]
fn a_lawful_history_is_green() {
    assert_eq!(broken(|_| {}), []);
}

#[test]
fn i1_an_acknowledged_message_that_is_lost() {
    assert!(broken(|history| drop(history.rows.pop())).contains(&Law::I1));
}

#[test]
fn i1_an_acknowledged_message_with_another_content() {
    assert!(broken(|history| history.rows[0].content = Some("else".into())).contains(&Law::I1));
}

#[test]
fn i2_a_refused_message_that_appears() {
    assert_eq!(broken(|history| history.attempts[1].outcome = Outcome::Fail("forbidden".into())), [Law::I2]);
}

#[test]
fn i2_an_unanswered_message_may_appear_once_but_not_twice() {
    assert_eq!(broken(|history| history.attempts[2].outcome = Outcome::Unknown), []);
    let twice = broken(|history| {
        history.attempts[2].outcome = Outcome::Unknown;
        history.rows.push(Row { seq: 4, message_id: Some(104), ..row(3) });
    });
    assert!(twice.contains(&Law::I2));
}

#[test]
fn i3_a_resend_that_was_answered_differently() {
    let laws = broken(|history| {
        let mut resend = history.attempts[0].clone();
        resend.outcome = Outcome::Ok { message_id: 103, seq: 3 };
        history.attempts.push(resend);
    });
    assert!(laws.contains(&Law::I3));
}

#[test]
fn i3_one_client_id_stored_twice() {
    assert!(broken(|history| history.rows[1].client_id = Some("c1".into())).contains(&Law::I3));
}

#[test]
fn i4_a_hole_in_the_log() {
    let laws = broken(|history| {
        for row in history.rows.iter_mut().skip(2) {
            row.seq += 1;
        }
    });
    assert!(laws.contains(&Law::I4));
}

#[test]
fn i5_two_readers_who_disagree() {
    assert!(broken(|history| history.streams[1].sightings[0].message_id = Some(999)).contains(&Law::I5));
}

#[test]
fn i5_a_stream_that_goes_back() {
    assert!(broken(|history| history.streams[0].sightings.swap(0, 1)).contains(&Law::I5));
}

#[test]
fn i5_a_message_sent_after_an_ack_with_a_smaller_seq() {
    let laws = broken(|history| {
        for attempt in &mut history.attempts {
            (attempt.invoked, attempt.completed) = (10 - attempt.invoked, 11 - attempt.invoked);
        }
    });
    assert_eq!(laws, [Law::I5]);
}

#[test]
fn i5_a_resent_message_keeps_the_moment_of_its_first_send() {
    let laws = broken(|history| {
        let first = Attempt { outcome: Outcome::Unknown, completed: Moment::MAX, ..history.attempts[0].clone() };
        let resend = &mut history.attempts[0];
        (resend.invoked, resend.completed) = (90, 91);
        history.attempts.push(first);
    });
    assert_eq!(laws, []);
}

#[test]
fn i6_a_gap() {
    assert_eq!(broken(|history| drop(history.streams[0].sightings.remove(1))), [Law::I6]);
}

#[test]
fn i6_a_double() {
    assert_eq!(broken(|history| history.streams[0].sightings.insert(1, sighting(1))), [Law::I6]);
}

#[test]
fn i6_a_stream_that_ends_early_or_is_given_up() {
    assert_eq!(broken(|history| drop(history.streams[1].sightings.pop())), [Law::I6]);
    assert_eq!(broken(|history| history.streams[1].resyncs.push(ResyncReason::Epoch)), [Law::I6]);
}

#[test]
fn i7_something_shown_that_is_not_kept() {
    let laws = broken(|history| {
        history.streams[0].sightings.push(sighting(4));
    });
    assert_eq!(laws, [Law::I7]);
}

#[test]
fn i8_a_seq_bound_to_a_second_id() {
    let laws = broken(|history| {
        history.attempts[1].outcome = Outcome::Ok { message_id: 555, seq: 2 };
    });
    assert!(laws.contains(&Law::I8));
}

#[test]
fn i9_a_hole_in_what_is_told_live_of_ones_own_log() {
    let unheard = |history: &mut History| {
        history.own_streams[0].told.remove(3);
    };
    assert_eq!(broken(unheard), [Law::I9]);
}

#[test]
fn i9_a_mark_that_is_left_out_of_an_answer() {
    let left_out = |history: &mut History| {
        history.own_streams[1].told.retain(|told| !matches!(told, OwnTold::Moved { own_seq: 2, .. }));
    };
    assert_eq!(broken(left_out), [Law::I9]);
}

#[test]
fn i9_a_move_that_is_not_durable() {
    let undone = |history: &mut History| history.own_ends[0] = OwnEnd { user: 7, head: 2, marks: vec![(ROOM + 1, 2)] };
    assert_eq!(broken(undone), [Law::I9]);
}

#[test]
fn i9_a_device_that_is_given_up() {
    assert_eq!(broken(|history| history.own_streams[0].told.push(OwnTold::Resynced)), [Law::I9]);
}
