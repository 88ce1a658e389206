//! The laws of a session. Nothing here touches a socket or a clock.

use std::time::{Duration, Instant};

use bytes::BytesMut;
use chinwag_domain::Error;
use chinwag_proto::{
    ErrorCode, Join, Ping, Request,
    frame::{Encoding, encode_request},
    ws::{Decoder, From, Opcode, WsMessage, put_masked_frame},
};

use super::{Action, REFUSALS, Session};

fn frame(opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    let mut out = BytesMut::new();
    put_masked_frame(&mut out, opcode, payload, [1, 2, 3, 4]);
    out.to_vec()
}

fn text(payload: &str) -> Vec<u8> {
    frame(Opcode::Text, payload.as_bytes())
}

/// A session with `budget` frames left.
struct Scene {
    session: Session,
    now: Instant,
    budget: u32,
}

impl Scene {
    fn new(encoding: Encoding, budget: u32) -> Self {
        let now = Instant::now();
        Self { session: Session::new(encoding, now), now, budget }
    }

    fn read(&mut self, mut bytes: Vec<u8>) -> Vec<Action> {
        let mut actions = Vec::new();
        let budget = &mut self.budget;
        let spend = |_| match budget.checked_sub(1) {
            Some(left) => {
                *budget = left;
                Ok(())
            }
            None => Err(Error::rate_limited(Duration::from_millis(50))),
        };
        self.session.read(&mut bytes, self.now, spend, &mut actions);
        actions
    }
}

fn refusal(action: &Action) -> (ErrorCode, Option<&str>, Option<i64>) {
    match action {
        Action::Refuse(refusal) => (refusal.error.code, refusal.client_id.as_deref(), refusal.room_id),
        other => panic!("not a refusal: {other:?}"),
    }
}

fn close_code(action: &Action) -> Option<u16> {
    let Action::Close(frame) = action else { panic!("not a close: {action:?}") };
    let mut bytes = frame.to_vec();
    match Decoder::new(From::Server, 1_000).next(&mut bytes.as_mut_slice()) {
        Ok(Some(WsMessage::Close(code, _))) => code,
        other => panic!("not a close frame: {other:?}"),
    }
}

#[test]
fn requests_run_in_the_order_they_came() {
    let mut scene = Scene::new(Encoding::Json, 9);
    let both = [text(r#"{"type":"join","room_id":1}"#), text(r#"{"type":"ping"}"#)].concat();
    assert_eq!(
        scene.read(both),
        [Action::Run(Request::Join(Join { room_id: 1 })), Action::Run(Request::Ping(Ping {}))]
    );
}

#[test]
fn texts_that_came_together_are_posted_together_and_nothing_overtakes() {
    let mut scene = Scene::new(Encoding::Json, 9);
    let say = |content: &str| text(&format!(r#"{{"type":"text","room_id":1,"content":"{content}"}}"#));
    let frames = [say("a"), say("b"), text(r#"{"type":"ping"}"#), say("c"), text("["), say("d"), say("e")].concat();
    let told: Vec<String> = scene
        .read(frames)
        .into_iter()
        .map(|action| match action {
            Action::Post(texts) => texts.into_iter().map(|text| text.content).collect(),
            Action::Run(Request::Ping(_)) => "ping".to_owned(),
            Action::Refuse(refusal) => refusal.error.code.as_str().to_owned(),
            other => panic!("not asked for: {other:?}"),
        })
        .collect();
    assert_eq!(told, ["ab", "ping", "c", "malformed", "de"]);
}

#[test]
fn both_encodings_ask_for_the_same() {
    let request = Request::Join(Join { room_id: 7 });
    for (encoding, opcode) in [(Encoding::Json, Opcode::Text), (Encoding::Proto, Opcode::Binary)] {
        let bytes = frame(opcode, &encode_request(encoding, &request));
        assert_eq!(Scene::new(encoding, 9).read(bytes), [Action::Run(request.clone())]);
    }
}

#[test]
fn an_unreadable_frame_is_refused_with_what_could_be_read_of_it() {
    let mut scene = Scene::new(Encoding::Json, 9);
    let actions = scene.read(text(r#"{"type":"dance","client_id":"c1","room_id":4}"#));
    assert_eq!(refusal(&actions[0]), (ErrorCode::UnknownType, Some("c1"), Some(4)));
    let actions = scene.read(text(r#"{"type":"text","content":7,"client_id":"c2","room_id":4}"#));
    assert_eq!(refusal(&actions[0]), (ErrorCode::Invalid, Some("c2"), Some(4)));
    assert_eq!(refusal(&scene.read(text("["))[0]), (ErrorCode::Malformed, None, None));
    assert_eq!(scene.read(text(r#"{"type":"ping"}"#)), [Action::Run(Request::Ping(Ping {}))]);
}

#[test]
fn the_other_encodings_frames_are_refused_and_the_socket_stays() {
    let mut scene = Scene::new(Encoding::Json, 9);
    assert_eq!(refusal(&scene.read(frame(Opcode::Binary, b"{}"))[0]).0, ErrorCode::Malformed);
    let mut scene = Scene::new(Encoding::Proto, 9);
    assert_eq!(refusal(&scene.read(text(r#"{"type":"ping"}"#))[0]).0, ErrorCode::Malformed);
}

#[test]
fn over_the_budget_the_sender_learns_which_frame_was_not_served() {
    let mut scene = Scene::new(Encoding::Json, 1);
    let send = || text(r#"{"type":"text","room_id":3,"content":"x","client_id":"c9"}"#);
    assert!(matches!(scene.read(send())[0], Action::Post(_)));
    assert_eq!(refusal(&scene.read(send())[0]), (ErrorCode::RateLimited, Some("c9"), Some(3)));
}

#[test]
fn a_flood_is_closed_as_abuse_and_nothing_after_it_is_heard() {
    let mut scene = Scene::new(Encoding::Json, 0);
    for _ in 0..REFUSALS {
        assert_eq!(refusal(&scene.read(text(r#"{"type":"ping"}"#))[0]).0, ErrorCode::RateLimited);
    }
    assert_eq!(close_code(&scene.read(text(r#"{"type":"ping"}"#))[0]), Some(1008));
    assert_eq!(scene.read(text(r#"{"type":"ping"}"#)), []);
}

#[test]
fn a_flood_of_pings_is_abuse_too_but_a_slow_one_is_not() {
    let mut scene = Scene::new(Encoding::Json, 0);
    for _ in 0..REFUSALS {
        assert_eq!(scene.read(frame(Opcode::Ping, b"")), []);
    }
    scene.now += Duration::from_secs(11);
    assert_eq!(scene.read(frame(Opcode::Ping, b"")), []);
    for _ in 0..REFUSALS - 1 {
        assert_eq!(scene.read(frame(Opcode::Ping, b"")), []);
    }
    assert_eq!(close_code(&scene.read(frame(Opcode::Ping, b""))[0]), Some(1008));
}

#[test]
fn pings_are_answered_with_their_own_bytes() {
    let actions = Scene::new(Encoding::Json, 9).read(frame(Opcode::Ping, b"abc"));
    assert_eq!(actions, [Action::Send(chinwag_proto::ws::frame(Opcode::Pong, b"abc"))]);
    assert_eq!(Scene::new(Encoding::Json, 9).read(frame(Opcode::Pong, b"abc")), []);
}

#[test]
fn a_close_is_answered_with_its_code_and_ends_the_hearing() {
    let mut scene = Scene::new(Encoding::Json, 9);
    let actions = scene.read([frame(Opcode::Close, &[0x0f, 0xa1]), text(r#"{"type":"ping"}"#)].concat());
    assert_eq!(actions.len(), 1);
    assert_eq!(close_code(&actions[0]), Some(4001));
    assert_eq!(close_code(&Scene::new(Encoding::Json, 9).read(frame(Opcode::Close, b""))[0]), None);
}

#[test]
fn each_fault_has_its_close_code() {
    let closed = |bytes: Vec<u8>| close_code(&Scene::new(Encoding::Json, 9).read(bytes)[0]);
    assert_eq!(closed(vec![0x81, 0x00]), Some(1002));
    assert_eq!(closed(frame(Opcode::Text, b"\xff")), Some(1007));
    assert_eq!(closed(frame(Opcode::Text, &vec![b' '; 65_537])), Some(1009));
}

#[test]
fn the_plain_lobby_takes_lines_and_no_bytes() {
    let mut session = Session::plain(Instant::now());
    let mut actions = Vec::new();
    let mut bytes = [text("ann"), frame(Opcode::Binary, b"x")].concat();
    session.read(&mut bytes, Instant::now(), |_| Ok(()), &mut actions);
    assert_eq!(actions[0], Action::Say("ann".into()));
    assert_eq!(refusal(&actions[1]).0, ErrorCode::Malformed);
}
