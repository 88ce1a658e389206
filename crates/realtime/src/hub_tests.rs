//! Who gets what, through the hub's own doors. No socket.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Instant,
};

use chinwag_domain::{
    Actor, SessionId, SocketId,
    policy::{self, Permit, action::Listen},
    ports::{Clock, Committed, Effect, Publisher},
    records::{MemberRecord, Rights, RoomRecord, Seat},
};
use chinwag_proto::{
    Attachment, CloseCode, Event, Pong, Presence, ReadMarked, Role, Room, RoomChanged, RoomEvent, RoomKind,
    SystemEvent, SystemPosted, TextPosted, User, UserTyping,
};

use super::Hub;
use crate::{
    fanout::encode,
    heal::tests::Written,
    sink::{Lane, Sink, tests::Recorder},
};

struct Noon;

impl Clock for Noon {
    fn now_ms(&self) -> i64 {
        43_200_000
    }
}

pub(crate) fn hub() -> Arc<Hub> {
    hub_beside(Written::default())
}

/// A hub that heals itself from this store, where there is a runtime.
pub(crate) fn hub_beside(store: Written) -> Arc<Hub> {
    let hub = Hub::new(Arc::new(Noon), 20);
    if let Ok(runtime) = tokio::runtime::Handle::try_current() {
        let hub = hub.clone();
        runtime.spawn(async move { hub.heal(Arc::new(store)).await });
    }
    hub
}

pub(crate) fn permit(room_id: i64, user_id: i64, is_member: bool) -> Permit<Listen> {
    let room = RoomRecord {
        id: room_id,
        kind: RoomKind::Room,
        name: "room".into(),
        description: String::new(),
        avatar: None,
        is_private: false,
        created_by: 1,
        created_at: 0,
        updated_at: 0,
        member_count: 1,
        last_seq: 0,
    };
    let member = MemberRecord { room_id, user_id, role: Role::Member, joined_at: 0, version: 1, read_seq: 0 };
    let seat = Seat { room: Arc::new(room), member: is_member.then_some(member), account: Rights::default() };
    let actor = Actor { user_id, username: "x".into(), is_admin: false, session: Some(SessionId(1)), socket: None };
    policy::may_listen(&actor, &seat).expect("a public room")
}

pub(crate) async fn listen(hub: &Hub, sink: &Arc<Recorder>, room_id: i64, is_member: bool) {
    let listener: Arc<dyn Sink> = sink.clone();
    hub.connect(listener.clone(), false).expect("not draining");
    hub.hold(&listener, &permit(room_id, sink.user_id(), is_member)).await;
    assert!(hub.release(sink.id(), room_id, 0));
}

pub(crate) fn text(room_id: i64, seq: i64) -> Event {
    Event::Text(TextPosted { room_id, seq, user_id: 9, ..TextPosted::default() })
}

pub(crate) fn system(room_id: i64, seq: i64, event: SystemEvent, user_id: i64) -> Event {
    Event::System(SystemPosted { room_id, seq, event: event.into(), user_id, ..SystemPosted::default() })
}

pub(crate) fn change(event: Event, effect: Effect) -> Committed {
    Committed::Room { event, effect: Some(effect) }
}

/// A change of somebody's own log.
pub(crate) fn own(user_id: i64, seq: i64) -> Committed {
    let event = Event::Read(ReadMarked { room_id: 5, own_seq: seq, ..ReadMarked::default() });
    Committed::Own { user_id, seq, event }
}

/// Lets the flushers write what waits: they run on this thread, and each yields once per chunk.
async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

/// `(kind, room, seq)` of what arrived.
pub(crate) fn heard(sink: &Recorder) -> Vec<(String, i64, i64)> {
    let shown = |event| match event {
        Event::Text(it) => ("text".to_owned(), it.room_id, it.seq),
        Event::System(it) => (it.event().word(), it.room_id, it.seq),
        Event::Room(it) => {
            (it.event().as_str_name().replace("ROOM_EVENT_", "").to_lowercase(), it.room_id, it.seq.unwrap_or(0))
        }
        other => (format!("{other:?}"), 0, 0),
    };
    sink.events().into_iter().map(shown).collect()
}

pub(crate) fn seen(kind: &str, room_id: i64, seq: i64) -> (String, i64, i64) {
    (kind.into(), room_id, seq)
}

#[tokio::test]
async fn frames_go_to_the_rooms_listeners_and_to_nobody_else() {
    let hub = hub();
    let (ann, bob) = (Recorder::new(1, 1), Recorder::with_lane(2, 2, Lane::Proto));
    listen(&hub, &ann, 1, true).await;
    listen(&hub, &bob, 2, true).await;
    hub.committed(vec![text(1, 1).into(), text(2, 1).into(), text(1, 2).into(), text(3, 1).into()]);
    settle().await;
    assert_eq!(heard(&ann), [seen("text", 1, 1), seen("text", 1, 2)]);
    assert_eq!(heard(&bob), [seen("text", 2, 1)]);
}

#[tokio::test]
async fn nobody_is_told_on_another_socket_that_they_are_typing_themselves() {
    let hub = hub();
    let (desk, phone) = (Recorder::new(1, 7), Recorder::with_lane(2, 7, Lane::Proto));
    let other = Recorder::new(3, 8);
    for sink in [&desk, &phone, &other] {
        listen(&hub, sink, 5, true).await;
    }
    hub.committed(vec![text(5, 1).into()]);
    hub.hint_room(5, Event::Typing(UserTyping { room_id: 5, user_id: 7, username: "x".into(), stopped: None }));
    hub.committed(vec![text(5, 2).into()]);
    settle().await;
    for sink in [&desk, &phone] {
        assert_eq!(heard(sink), [seen("text", 5, 1), seen("text", 5, 2)]);
    }
    let told: Vec<bool> = other.events().iter().map(|event| matches!(event, Event::Typing(_))).collect();
    assert_eq!(told, [false, true, false]);
}

#[tokio::test]
async fn a_hint_to_one_socket_reaches_no_other_of_the_same_person() {
    let hub = hub();
    let sockets = [Lane::Json, Lane::Proto, Lane::Json].into_iter().zip(1..);
    let sockets: Vec<_> = sockets.map(|(lane, id)| Recorder::with_lane(id, 7, lane)).collect();
    for sink in &sockets {
        hub.connect(sink.clone(), false).expect("not draining");
    }
    hub.hint_socket(SocketId(2), text(5, 1));
    let told: Vec<usize> = sockets.iter().map(|sink| sink.events().len()).collect();
    assert_eq!(told, [0, 1, 0]);
    hub.disconnect(2);
    hub.hint_socket(SocketId(2), text(5, 2));
    assert_eq!(sockets[1].events(), [], "it has closed");
}

#[tokio::test]
async fn whoever_is_kicked_hears_that_and_nothing_later_on_any_socket() {
    for event in [SystemEvent::UserKicked, SystemEvent::UserLeft] {
        let hub = hub();
        let (desk, phone, other) = (Recorder::new(1, 7), Recorder::new(2, 7), Recorder::new(3, 8));
        let idle = Recorder::new(4, 7);
        hub.connect(idle.clone(), false).expect("not draining");
        for sink in [&desk, &phone, &other] {
            listen(&hub, sink, 5, true).await;
        }
        hub.committed(vec![text(5, 1).into(), change(system(5, 2, event, 7), Effect::Ended(7)), text(5, 3).into()]);
        settle().await;
        let theirs = [seen("text", 5, 1), seen(&event.word(), 5, 2), seen("removed", 5, 0)];
        assert_eq!(heard(&desk), theirs);
        assert_eq!(heard(&phone), theirs);
        assert_eq!(heard(&idle), [seen("removed", 5, 0)]);
        assert_eq!(heard(&other), [seen("text", 5, 1), seen(&event.word(), 5, 2), seen("text", 5, 3)]);
        assert!(!hub.listens(1, 5) && !hub.listens(2, 5) && hub.listens(3, 5));
        assert!(!hub.release(1, 5, 0));
    }
}

#[tokio::test]
async fn a_kick_ends_a_held_subscription_too() {
    let hub = hub();
    let mallory = Recorder::new(1, 7);
    let sink: Arc<dyn Sink> = mallory.clone();
    hub.connect(sink.clone(), false).expect("not draining");
    hub.hold(&sink, &permit(5, 7, true)).await;
    hub.committed(vec![
        text(5, 1).into(),
        change(system(5, 2, SystemEvent::UserKicked, 7), Effect::Ended(7)),
        text(5, 3).into(),
    ]);
    assert!(!hub.release(1, 5, 0));
    settle().await;
    assert_eq!(heard(&mallory), [seen("removed", 5, 0)]);
}

#[tokio::test]
async fn a_deleted_room_is_told_and_then_silent() {
    let hub = hub();
    let ann = Recorder::new(1, 1);
    listen(&hub, &ann, 5, true).await;
    let deleted = RoomChanged { room_id: 5, event: RoomEvent::Deleted.into(), seq: Some(1), ..RoomChanged::default() };
    hub.committed(vec![change(Event::Room(deleted), Effect::Deleted), text(5, 2).into()]);
    settle().await;
    assert_eq!(heard(&ann), [seen("deleted", 5, 1), seen("removed", 5, 0)]);
}

#[tokio::test]
async fn a_room_that_becomes_private_loses_the_listeners_who_are_no_members() {
    let hub = hub();
    let (member, stranger, joined) = (Recorder::new(1, 1), Recorder::new(2, 2), Recorder::new(3, 3));
    listen(&hub, &member, 5, true).await;
    listen(&hub, &stranger, 5, false).await;
    listen(&hub, &joined, 5, false).await;
    let room = Room { id: 5, is_private: true, ..Room::default() };
    let private = RoomChanged {
        room_id: 5,
        event: RoomEvent::Updated.into(),
        seq: Some(2),
        room: Some(room),
        ..RoomChanged::default()
    };
    hub.committed(vec![
        change(system(5, 1, SystemEvent::UserJoined, 3), Effect::Joined(3)),
        change(Event::Room(private), Effect::BecamePrivate),
        text(5, 3).into(),
    ]);
    settle().await;
    assert_eq!(heard(&stranger).last(), Some(&seen("removed", 5, 0)));
    assert_eq!(heard(&member).last(), Some(&seen("text", 5, 3)));
    assert_eq!(heard(&joined).last(), Some(&seen("text", 5, 3)));
}

#[tokio::test]
async fn a_socket_that_panics_is_closed_and_its_neighbours_hear_and_are_looked_after() {
    let hub = hub();
    let all = [Recorder::new(1, 1), Recorder::new(2, 2), Recorder::new(3, 3)];
    for sink in &all {
        listen(&hub, sink, 5, true).await;
    }
    let [before, bad, behind] = &all;
    *bad.faulty.lock() = Some("send");
    hub.committed(vec![text(5, 1).into()]);
    settle().await;
    for good in [before, behind] {
        assert_eq!((heard(good), *good.closed.lock()), (vec![seen("text", 5, 1)], None));
    }
    assert_eq!(bad.closed.lock().take(), Some(CloseCode::Internal));
    hub.hint_user(2, Event::Pong(Pong {}));
    assert_eq!(bad.closed.lock().take(), Some(CloseCode::Internal));
    *bad.faulty.lock() = Some("tick");
    hub.sweep_once(Instant::now()).await;
    assert_eq!(all.each_ref().map(|sink| sink.ticks.load(Ordering::Relaxed)), [1, 0, 1]);
    assert_eq!(*bad.closed.lock(), Some(CloseCode::Internal));
    for sink in &all {
        hub.disconnect(sink.id());
    }
    hub.drain().await;
    hub.closed().await;
}

#[tokio::test]
async fn a_fault_in_a_rooms_flusher_sends_the_room_away_to_resume_and_the_next_listeners_hear_it() {
    let hub = hub_beside(Written::of(vec![text(5, 1).into()]));
    let (bad, good) = (Recorder::new(1, 1), Recorder::new(2, 2));
    for sink in [&bad, &good] {
        listen(&hub, sink, 5, true).await;
    }
    *bad.faulty.lock() = Some("lane");
    hub.committed(vec![text(5, 1).into()]);
    settle().await;
    assert_eq!([*bad.closed.lock(), *good.closed.lock()], [Some(CloseCode::Internal); 2]);
    let next = Recorder::new(3, 3);
    listen(&hub, &next, 5, true).await;
    hub.committed(vec![text(5, 2).into()]);
    settle().await;
    assert_eq!(heard(&next), [seen("text", 5, 2)]);
    for sink in [&bad, &good, &next] {
        hub.disconnect(sink.id());
    }
    hub.drain().await;
    hub.closed().await;
}

/// Writing a frame for one of them may be at fault, too, not only sending it.
#[tokio::test]
async fn a_fault_in_telling_a_person_keeps_no_room_and_nobody_else_from_their_frames() {
    let hub = hub();
    let (bad, good, third) = (Recorder::new(1, 1), Recorder::new(2, 2), Recorder::new(3, 3));
    listen(&hub, &good, 5, true).await;
    hub.connect(bad.clone(), false).expect("not draining");
    *bad.faulty.lock() = Some("lane");
    hub.committed(vec![own(1, 1), own(2, 1), text(5, 1).into()]);
    settle().await;
    let told = good.events();
    assert!(matches!(told[..], [Event::Read(_), Event::Text(_)]), "{told:?}");
    assert_eq!(bad.closed.lock().take(), Some(CloseCode::Internal));
    hub.hint_user(1, Event::Pong(Pong {}));
    assert_eq!(bad.closed.lock().take(), Some(CloseCode::Internal));
    hub.hint_socket(SocketId(1), Event::Pong(Pong {}));
    assert_eq!(bad.closed.lock().take(), Some(CloseCode::Internal));
    hub.committed(vec![change(system(6, 1, SystemEvent::UserKicked, 1), Effect::Ended(1)), text(5, 2).into()]);
    settle().await;
    assert_eq!(heard(&good), [seen("text", 5, 2)]);
    assert_eq!(bad.closed.lock().take(), Some(CloseCode::Internal));

    *bad.faulty.lock() = None;
    let listener: Arc<dyn Sink> = bad.clone();
    assert!(hub.hold(&listener, &permit(5, 1, true)).await && hub.release(1, 5, 0));
    settle().await;
    listen(&hub, &third, 5, true).await;
    *bad.faulty.lock() = Some("lane");
    hub.sweep_once(Instant::now()).await;
    let online =
        |event: &Event| matches!(event, Event::Presence(it) if it.user_id == 3 && it.status() == Presence::Online);
    assert!(good.events().iter().any(online), "whoever came is told to the others");
}

#[tokio::test]
async fn a_second_join_is_confirmed_behind_what_was_told_and_only_to_who_is_live() {
    let hub = hub_beside(Written::of((1..=7).map(|seq| text(5, seq).into()).collect()));
    let ann = Recorder::new(1, 1);
    let place = |seq| encode(Lane::Json, &text(0, seq));
    assert!(!hub.confirm(1, 5, place).await, "not subscribed");
    let sink: Arc<dyn Sink> = ann.clone();
    hub.connect(sink.clone(), false).expect("not draining");
    assert!(hub.hold(&sink, &permit(5, 1, true)).await);
    assert!(!hub.confirm(1, 5, place).await, "held");
    assert!(hub.release(1, 5, 7));
    assert!(hub.confirm(1, 5, place).await);
    hub.committed(vec![text(5, 8).into()]);
    assert!(hub.confirm(1, 5, place).await);
    settle().await;
    assert_eq!(heard(&ann), [seen("text", 0, 7), seen("text", 5, 8), seen("text", 0, 8)]);
}

#[tokio::test]
async fn the_plain_lane_gets_texts_alone() {
    let hub = hub();
    let guest = Recorder::with_lane(1, 0, Lane::Plain);
    listen(&hub, &guest, 1, false).await;
    let words =
        TextPosted { room_id: 1, seq: 2, username: "安".into(), content: "你好".into(), ..TextPosted::default() };
    hub.committed(vec![change(system(1, 1, SystemEvent::UserJoined, 9), Effect::Joined(9)), Event::Text(words).into()]);
    settle().await;
    let line = |text: &str| chinwag_proto::ws::frame(chinwag_proto::ws::Opcode::Text, text.as_bytes());
    assert_eq!(*guest.received.lock(), line("安:你好"));
    let named = |file_name: &str| Attachment { file_name: file_name.into(), ..Attachment::default() };
    let files = vec![named("a.png"), named("b\n安:c")];
    let shown = TextPosted { room_id: 1, seq: 3, username: "安".into(), attachments: files, ..TextPosted::default() };
    guest.received.lock().clear();
    hub.committed(vec![Event::Text(shown).into()]);
    settle().await;
    assert_eq!(*guest.received.lock(), line("安:[a.png]\n  [b\n  安:c]"));
}

#[tokio::test]
async fn ended_sessions_lose_their_sockets_and_others_keep_theirs() {
    let hub = hub();
    let (old, new) = (Recorder::new(1, 7), Recorder::new(2, 7));
    hub.connect(old.clone(), false).expect("not draining");
    hub.connect(new.clone(), false).expect("not draining");
    hub.end_sessions(&[SessionId(1)], CloseCode::SessionEnded);
    assert_eq!(*old.closed.lock(), Some(CloseCode::SessionEnded));
    assert_eq!(*new.closed.lock(), None);
}

#[tokio::test(start_paused = true)]
async fn a_drain_says_goodbye_to_all_refuses_newcomers_and_ends_when_they_are_gone() {
    let hub = hub();
    let sinks: Vec<_> = (1..=50).map(|id| Recorder::new(id, id as i64)).collect();
    for sink in &sinks {
        listen(&hub, sink, 1, true).await;
    }
    hub.drain().await;
    assert!(sinks.iter().all(|sink| *sink.closed.lock() == Some(CloseCode::Restarting)));
    assert!(hub.connect(Recorder::new(99, 99), false).is_err());
    for sink in &sinks {
        hub.disconnect(sink.id());
    }
    hub.closed().await;
    let figures = hub.figures();
    assert_eq!((figures.sockets, figures.rooms, figures.subscriptions), (0, 0, 0));
}

#[tokio::test]
async fn in_a_small_room_presence_tells_who_is_here_and_the_list_how_many() {
    let hub = hub();
    let (ann, bob, old) = (Recorder::new(1, 1), Recorder::new(2, 2), Recorder::with_lane(3, 2, Lane::Legacy));
    for sink in [&ann, &bob, &old] {
        listen(&hub, sink, 5, true).await;
        // Many rooms that are shared are no reason to say it again.
        let listener: Arc<dyn Sink> = sink.clone();
        assert!(hub.hold(&listener, &permit(6, sink.user_id(), true)).await && hub.release(sink.id(), 6, 0));
    }
    hub.sweep_once(std::time::Instant::now()).await;
    settle().await;
    let events = ann.events();
    let online =
        |event: &&Event| matches!(event, Event::Presence(it) if it.user_id == 2 && it.status() == Presence::Online);
    assert_eq!(events.iter().filter(online).count(), 1);
    let listed = |events: &[Event]| -> Vec<(i64, i32, usize)> {
        let list = |event: &Event| match event {
            Event::Userlist(it) => Some((it.room_id, it.total, it.users.len())),
            _ => None,
        };
        let mut lists: Vec<_> = events.iter().filter_map(list).collect();
        lists.sort_unstable();
        lists
    };
    assert_eq!(listed(&events), [(5, 2, 0), (6, 2, 0)]);
    assert_eq!(listed(&old.events()), [(5, 2, 2), (6, 2, 2)], "a client that knows no presence");
    // Nothing has changed since, so nothing is told.
    hub.sweep_once(std::time::Instant::now() + std::time::Duration::from_secs(5)).await;
    settle().await;
    assert!(ann.events().is_empty());
}

#[tokio::test]
async fn whoever_is_told_of_somebodys_presence_is_told_what_they_are_called_now_once() {
    let hub = hub();
    let (ann, bob, tab, eve) = (Recorder::new(1, 1), Recorder::new(2, 2), Recorder::new(3, 2), Recorder::new(4, 4));
    for sink in [&ann, &bob] {
        listen(&hub, sink, 5, true).await;
        let listener: Arc<dyn Sink> = sink.clone();
        assert!(hub.hold(&listener, &permit(6, sink.user_id(), true)).await && hub.release(sink.id(), 6, 0));
    }
    hub.connect(tab.clone(), false).expect("not draining");
    listen(&hub, &eve, 7, true).await;
    let called =
        |id, name: &str| Committed::Profile(Box::new(User { id, display_name: name.into(), ..User::default() }));
    hub.committed(vec![called(2, "Bobby"), called(99, "Nobody here")]);
    hub.committed(vec![called(2, "Robert")]);
    hub.sweep_once(Instant::now()).await;
    settle().await;
    let heard = |sink: &Recorder| -> Vec<(String, Presence)> {
        let profile = |event| match event {
            Event::Profile(it) => it.user.map(|user| (user.display_name.clone(), user.presence())),
            _ => None,
        };
        sink.events().into_iter().filter_map(profile).collect()
    };
    let latest = vec![("Robert".to_owned(), Presence::Online)];
    assert_eq!([heard(&ann), heard(&bob), heard(&tab), heard(&eve)], [latest.clone(), latest.clone(), latest, vec![]]);
    hub.sweep_once(Instant::now()).await;
    settle().await;
    assert_eq!(heard(&ann), []);
}

#[test]
fn ones_own_log_goes_to_all_of_ones_sockets_and_waits_for_a_replay() {
    let hub = hub();
    let (here, there, eve) = (Recorder::new(1, 1), Recorder::with_lane(2, 1, Lane::Proto), Recorder::new(3, 2));
    for sink in [&here, &there, &eve] {
        hub.connect(sink.clone(), false).expect("not draining");
    }
    let heard = |sink: &Recorder| -> Vec<i64> {
        let position = |event| match event {
            Event::Read(read) => read.own_seq,
            other => panic!("{other:?}"),
        };
        sink.events().into_iter().map(position).collect()
    };
    hub.committed(vec![own(1, 1)]);
    assert_eq!((heard(&here), heard(&there)), (vec![1], vec![1]));
    hub.hold_own(here.as_ref());
    hub.committed(vec![own(1, 2), own(1, 3)]);
    hub.hold_own(here.as_ref());
    hub.committed(vec![own(2, 1), own(1, 4)]);
    assert_eq!((heard(&here), heard(&there)), (vec![], vec![2, 3, 4]), "what is held waits");
    hub.release_own(here.as_ref(), Some(3));
    assert_eq!(heard(&here), [4], "the replay went up to 3");
    hub.committed(vec![own(1, 5)]);
    hub.release_own(here.as_ref(), Some(0));
    assert_eq!((heard(&here), heard(&there), heard(&eve)), (vec![5], vec![5], vec![1]));
}

#[test]
fn a_socket_that_holds_too_much_of_ones_own_log_is_sent_away_to_resume() {
    let hub = hub();
    let (here, there) = (Recorder::new(1, 1), Recorder::new(2, 1));
    for sink in [&here, &there] {
        hub.connect(sink.clone(), false).expect("not draining");
    }
    hub.hold_own(here.as_ref());
    hub.committed((1..=1_000).map(|seq| own(1, seq)).collect());
    assert_eq!(*here.closed.lock(), None);
    hub.committed(vec![own(1, 1_001)]);
    assert_eq!((*here.closed.lock(), *there.closed.lock()), (Some(CloseCode::TooSlow), None));
}
