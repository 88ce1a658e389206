//! Whatever of an own log is lost, doubled or swapped, each socket hears what is there, in order and once.

use std::collections::BTreeMap;

use chinwag_proto::ReadMarked;
use proptest::prelude::*;

use super::*;
use crate::sink::tests::Recorder;

const PERSON: i64 = 7;
/// Changes of the log; each moves the mark of one of a few rooms, so that later ones take the place of earlier ones.
const LOG: i64 = 40;
const ROOMS: i64 = 3;

fn change(seq: i64) -> Event {
    Event::Read(ReadMarked { room_id: seq % ROOMS, seq, own_seq: seq, ..ReadMarked::default() })
}

/// What stands in the log while it ends at `head`, as a store gives it.
fn stands(head: i64, after: i64, to: i64) -> Vec<(i64, Event)> {
    let is_newest = |seq: &i64| seq + ROOMS > head;
    (after + 1..=to.min(head)).filter(is_newest).map(|seq| (seq, change(seq))).collect()
}

#[derive(Clone, Debug)]
enum Step {
    /// A change is written; nobody is told.
    Write,
    /// What is written at this place comes, be it for the first time or not.
    Come(prop::sample::Index),
    /// This socket begins to read its log, and has read it.
    Hold(usize),
    Release(usize),
    /// What is missing is read.
    Heal,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => Just(Step::Write),
        6 => any::<prop::sample::Index>().prop_map(Step::Come),
        1 => (0..2_usize).prop_map(Step::Hold),
        2 => (0..2_usize).prop_map(Step::Release),
        1 => Just(Step::Heal),
    ];
    prop::collection::vec(step, 1..150)
}

struct Reader {
    sink: Arc<Recorder>,
    /// Where its log ended when it read it.
    read: Option<i64>,
    marks: BTreeMap<i64, i64>,
    last: i64,
}

impl Reader {
    fn listen(&mut self) -> Result<(), TestCaseError> {
        for event in self.sink.events() {
            let read = match event {
                Event::Read(read) => read,
                Event::Synced(synced) => {
                    prop_assert!(synced.room_id == OWN_LOG && synced.to > synced.from, "{synced:?}");
                    prop_assert!(self.read.is_none() || synced.from == self.last, "{synced:?} after {}", self.last);
                    self.last = synced.to;
                    continue;
                }
                other => panic!("{other:?}"),
            };
            // Who has not read the log has no cursor that a swap or a hole could break.
            if self.read.is_some() {
                prop_assert_eq!(read.own_seq, self.last + 1);
            }
            self.last = self.last.max(read.own_seq);
            self.marks.insert(read.room_id, read.seq);
        }
        Ok(())
    }
}

fn heal(logs: &OwnLogs, head: i64) {
    if let Some((next, known)) = logs.missing(PERSON) {
        logs.doubt(PERSON, known, head);
        logs.fill(PERSON, &stands(head, next - 1, head), head);
    }
}

proptest! {
    #[test]
    fn each_socket_that_has_read_its_log_hears_the_rest_in_order_and_once(steps in steps()) {
        let logs = OwnLogs::default();
        let mut head = 0;
        let mut readers: Vec<Reader> = (1..=2)
            .map(|id| Reader { sink: Recorder::new(id, PERSON), read: None, marks: BTreeMap::new(), last: 0 })
            .collect();
        let mut held: [Option<i64>; 2] = [None; 2];
        for reader in &readers {
            logs.connect(reader.sink.clone());
        }
        for step in steps {
            match step {
                Step::Write => head = (head + 1).min(LOG),
                Step::Come(at) if head > 0 => {
                    let seq = 1 + at.index(head as usize) as i64;
                    logs.tell(PERSON, seq, &change(seq));
                }
                Step::Come(_) => {}
                Step::Hold(which) => {
                    logs.hold(PERSON, readers[which].sink.id());
                    readers[which].listen()?;
                    held[which].get_or_insert(head);
                }
                Step::Release(which) => {
                    if let Some(to) = held[which].take() {
                        let reader = &mut readers[which];
                        reader.listen()?;
                        for (seq, event) in stands(to, 0, to) {
                            let Event::Read(read) = event else { panic!("a mark") };
                            reader.marks.insert(read.room_id, seq);
                        }
                        reader.last = to;
                        reader.read = Some(to);
                        logs.release(PERSON, reader.sink.id(), Some(to));
                    }
                }
                Step::Heal => heal(&logs, head),
            }
            for reader in &mut readers {
                reader.listen()?;
            }
        }
        for (which, reader) in readers.iter_mut().enumerate() {
            if let Some(to) = held[which] {
                logs.release(PERSON, reader.sink.id(), Some(to));
                reader.read = None;
            }
        }
        logs.hear_of(PERSON, head);
        heal(&logs, head);
        prop_assert_eq!(logs.missing(PERSON), None);
        for reader in &mut readers {
            reader.listen()?;
            if reader.read.is_some() {
                let marks: Vec<i64> = reader.marks.values().copied().collect();
                let there: Vec<i64> = stands(head, 0, head).into_iter().map(|(seq, _)| seq).collect();
                prop_assert_eq!(sorted(marks), there);
            }
        }
    }
}

fn sorted(mut numbers: Vec<i64>) -> Vec<i64> {
    numbers.sort_unstable();
    numbers
}

#[test]
fn what_was_held_ahead_of_its_turn_is_heard_in_it() {
    let logs = OwnLogs::default();
    let both = [Recorder::new(1, PERSON), Recorder::new(2, PERSON)];
    for sink in &both {
        logs.connect(sink.clone());
        logs.hold(PERSON, sink.id());
    }
    logs.tell(PERSON, 2, &change(2));
    for sink in &both {
        assert!(logs.release(PERSON, sink.id(), Some(0)), "the first is missing");
    }
    heal(&logs, 2);
    for sink in &both {
        assert_eq!(sink.events(), [change(1), change(2)]);
    }
}

#[test]
fn whoever_could_not_read_hears_all_that_was_held() {
    let logs = OwnLogs::default();
    let ann = Recorder::new(1, PERSON);
    logs.connect(ann.clone());
    logs.hold(PERSON, 1);
    logs.tell(PERSON, 3, &change(3));
    logs.release(PERSON, 1, None);
    assert_eq!(ann.events(), [change(3)]);
    logs.tell(PERSON, 5, &change(5));
    assert_eq!(ann.events(), [change(5)], "nobody has a cursor that this could break");
}

fn positions(sink: &Recorder) -> Vec<i64> {
    let position = |event| if let Event::Read(read) = event { Some(read.own_seq) } else { None };
    sink.events().into_iter().filter_map(position).collect()
}

/// Two sockets that are held, before anybody knows where the log ends.
fn two_held() -> (OwnLogs, Arc<Recorder>, Arc<Recorder>) {
    let logs = OwnLogs::default();
    let (ann, tab) = (Recorder::new(1, PERSON), Recorder::new(2, PERSON));
    for sink in [&ann, &tab] {
        logs.connect(sink.clone());
        logs.hold(PERSON, sink.id());
    }
    (logs, ann, tab)
}

#[test]
fn whoever_has_read_less_than_another_is_told_the_rest_and_the_other_nothing_twice() {
    let (logs, ann, tab) = two_held();
    logs.tell(PERSON, 3, &change(3));
    assert!(!logs.release(PERSON, 2, Some(3)));
    assert!(logs.release(PERSON, 1, Some(1)), "something is missing");
    assert_eq!(logs.missing(PERSON), Some((2, 3)));
    logs.fill(PERSON, &[(2, change(2)), (3, change(3))], 3);
    assert_eq!((positions(&ann), positions(&tab)), (vec![2, 3], vec![]));
}

#[test]
fn what_came_in_any_order_before_the_order_was_known_is_told_in_order() {
    let (logs, ann, tab) = two_held();
    for seq in [3, 2] {
        logs.tell(PERSON, seq, &change(seq));
    }
    logs.release(PERSON, 2, Some(1));
    logs.release(PERSON, 1, Some(1));
    assert_eq!((positions(&ann), positions(&tab)), (vec![2, 3], vec![2, 3]));
}

#[test]
fn what_stands_nowhere_any_more_is_not_waited_for() {
    let (logs, ann, _) = two_held();
    logs.release(PERSON, 1, Some(1));
    assert!(logs.tell(PERSON, 5, &change(5)));
    // The mark of the fifth is gone with its seat.
    logs.fill(PERSON, &[(3, change(3))], 5);
    assert_eq!(logs.missing(PERSON), None);
    assert!(!logs.tell(PERSON, 6, &change(6)));
    let passed = |from, to| Event::Synced(Synced { room_id: OWN_LOG, from, to });
    assert_eq!(
        ann.events(),
        [passed(1, 2), change(3), passed(3, 5), change(6)],
        "no position is jumped over in silence"
    );
}

#[test]
fn an_answer_that_is_ahead_of_what_was_told_comes_in_its_turn() {
    let (logs, ann, tab) = two_held();
    logs.release(PERSON, 1, Some(1));
    assert!(!logs.comes_later(PERSON, 1, 1), "it has that");
    assert!(!logs.comes_later(PERSON, 2, 3), "it is still reading");
    assert!(logs.comes_later(PERSON, 1, 3));
    assert_eq!(logs.missing(PERSON), Some((2, 3)));
    logs.fill(PERSON, &[(2, change(2)), (3, change(3))], 3);
    assert_eq!((positions(&ann), positions(&tab)), (vec![2, 3], vec![]));
}
