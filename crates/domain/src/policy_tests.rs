//! The table of the policy, cell by cell, and what permits remember.

use std::sync::Arc;

use chinwag_proto::MessageType;

use super::*;
use crate::records::{LOBBY, MemberRecord, Rights, RoomRecord, SystemPayload};

const ME: i64 = 7;

fn actor() -> Actor {
    Actor { user_id: ME, username: "me".into(), is_admin: false, session: None, socket: None }
}

fn seat(kind: RoomKind, is_private: bool, role: Option<Role>) -> Seat {
    let room = RoomRecord {
        id: 2,
        kind,
        name: String::new(),
        description: String::new(),
        avatar: None,
        is_private,
        created_by: 1,
        created_at: 0,
        updated_at: 0,
        member_count: 1,
        last_seq: 1,
    };
    let member = role.map(|role| MemberRecord { user_id: ME, version: 3, ..other(role) });
    Seat { room: Arc::new(room), member, account: Rights { version: 4, ..Rights::default() } }
}

fn other(role: Role) -> MemberRecord {
    MemberRecord { room_id: 2, user_id: 8, role, joined_at: 0, version: 5, read_seq: 0 }
}

fn message(user_id: i64) -> MessageRecord {
    MessageRecord {
        id: 1,
        room_id: 2,
        seq: 1,
        user_id,
        username: "x".into(),
        kind: MessageType::Text,
        content: "x".into(),
        created_at: 0,
        edited_at: None,
        recalled_at: None,
        client_id: None,
        reply_to: None,
        mentions: crate::mentions::Mentions::default(),
        guest: false,
        event: None,
        actor_id: None,
        payload: SystemPayload::default(),
        attachments: Vec::new(),
    }
}

/// 200, or the status of the refusal, for each action.
fn verdicts(is_admin: bool, seat: &Seat) -> Vec<(&'static str, u16)> {
    fn status<T>(verdict: Result<T>) -> u16 {
        verdict.map_or_else(|error| error.code.status(), |_| 200)
    }
    let (me, mut seat) = (actor(), seat.clone());
    seat.account.is_admin = is_admin;
    let seat = &seat;
    vec![
        ("read", status(may_read(&me, seat))),
        ("listen", status(may_listen(&me, seat))),
        ("join", status(may_join(&me, seat))),
        ("post", status(may_post(&me, seat))),
        ("mark", status(may_mark_read(&me, seat))),
        ("edit own", status(may_edit_message(&me, seat, &message(ME)))),
        ("edit other", status(may_edit_message(&me, seat, &message(8)))),
        ("recall own", status(may_recall_message(&me, seat, &message(ME), None))),
        ("recall member", status(may_recall_message(&me, seat, &message(8), Some(&other(Role::Member))))),
        ("recall owner", status(may_recall_message(&me, seat, &message(8), Some(&other(Role::Owner))))),
        ("edit room", status(may_edit_room(&me, seat))),
        ("add", status(may_add_member(&me, seat))),
        ("kick member", status(may_kick(&me, seat, &other(Role::Member)))),
        ("kick admin", status(may_kick(&me, seat, &other(Role::Admin)))),
        ("set role", status(may_set_role(&me, seat))),
        ("broadcast", status(may_broadcast(&me, seat))),
        ("delete", status(may_delete_room(&me, seat))),
    ]
}

fn check(is_admin: bool, seat: &Seat, expected: [u16; 17]) {
    let found: Vec<u16> = verdicts(is_admin, seat).into_iter().map(|(_, status)| status).collect();
    assert_eq!(found, expected, "{:?}", verdicts(is_admin, seat));
}

#[test]
fn a_stranger_sees_public_rooms_and_nothing_else() {
    let public = [200, 200, 200, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403];
    check(false, &seat(RoomKind::Room, false, None), public);
    check(false, &seat(RoomKind::Room, true, None), [404; 17]);
    check(false, &seat(RoomKind::Direct, true, None), [404; 17]);
}

#[test]
fn each_role_includes_the_ones_before() {
    let member = [200, 200, 200, 200, 200, 200, 403, 200, 403, 403, 403, 200, 403, 403, 403, 403, 403];
    check(false, &seat(RoomKind::Room, false, Some(Role::Member)), member);
    let admin = [200, 200, 200, 200, 200, 200, 403, 200, 200, 403, 200, 200, 200, 403, 403, 403, 403];
    check(false, &seat(RoomKind::Room, false, Some(Role::Admin)), admin);
    let owner = [200, 200, 200, 200, 200, 200, 403, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200];
    check(false, &seat(RoomKind::Room, false, Some(Role::Owner)), owner);
}

#[test]
fn members_of_private_rooms_cannot_add_people() {
    let permit = may_add_member(&actor(), &seat(RoomKind::Room, true, Some(Role::Member)));
    assert_eq!(permit.expect_err("refused").code, ErrorCode::Forbidden);
}

#[test]
fn a_direct_conversation_stays_as_it_is() {
    let owner = [200, 200, 200, 200, 200, 200, 403, 200, 403, 403, 403, 403, 403, 403, 403, 403, 403];
    check(false, &seat(RoomKind::Direct, true, Some(Role::Owner)), owner);
}

#[test]
fn an_administrator_moderates_public_rooms_and_does_not_see_private_ones() {
    let stranger = [200, 200, 200, 403, 403, 403, 403, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200];
    check(true, &seat(RoomKind::Room, false, None), stranger);
    check(true, &seat(RoomKind::Room, true, None), [404; 17]);
    check(true, &seat(RoomKind::Direct, true, None), [404; 17]);
}

#[test]
fn the_lobby_cannot_be_deleted_and_a_guest_posts_there_only() {
    let mut lobby = seat(RoomKind::Room, false, Some(Role::Owner));
    Arc::make_mut(&mut lobby.room).id = LOBBY;
    assert!(may_delete_room(&actor(), &lobby).is_err());
    lobby.member = None;
    assert!(may_post(&Actor::guest("g"), &lobby).is_ok());
    assert!(may_post(&Actor::guest("g"), &seat(RoomKind::Room, false, None)).is_err());
}

#[test]
fn a_permit_remembers_the_account_and_the_seat_it_was_granted_on() {
    let permit = may_post(&actor(), &seat(RoomKind::Room, false, Some(Role::Member))).expect("granted");
    assert_eq!((permit.room_id(), permit.user_id()), (2, ME));
    assert_eq!((permit.account_version(), permit.seat_version()), (4, Some(3)));
    assert_eq!((permit.other_seat(), permit.needs_public()), (None, false));
    let stranger = may_read(&actor(), &seat(RoomKind::Room, false, None)).expect("granted");
    assert!(stranger.needs_public());
}

#[test]
fn a_permit_that_rests_on_somebody_elses_role_remembers_it() {
    let kick = |role| {
        let seat = seat(RoomKind::Room, false, Some(role));
        may_kick(&actor(), &seat, &other(Role::Member)).expect("granted").other_seat()
    };
    assert_eq!(kick(Role::Admin), Some(OtherSeat { user_id: 8, version: Some(5) }));
    assert_eq!(kick(Role::Owner), None, "an owner kicks whatever they are");
    let seat = seat(RoomKind::Room, false, Some(Role::Admin));
    let recall = may_recall_message(&actor(), &seat, &message(8), None).expect("granted");
    assert_eq!(recall.other_seat(), Some(OtherSeat { user_id: 8, version: None }));
}

#[test]
fn what_every_member_may_do_in_a_public_room_ends_when_it_becomes_private() {
    let add = |role| may_add_member(&actor(), &seat(RoomKind::Room, false, Some(role))).expect("granted");
    assert!(add(Role::Member).needs_public());
    assert!(!add(Role::Admin).needs_public());
}

fn file(user_id: i64, message: Option<i64>) -> FileRecord {
    FileRecord {
        id: 1,
        user_id,
        created_at: 0,
        name: String::new(),
        length: 1,
        received: 1,
        parts: 1,
        expires_at: 0,
        hash: Some(String::new()),
        brought_by: 1,
        size: 1,
        media_type: String::new(),
        category: chinwag_proto::FileCategory::File,
        width: None,
        height: None,
        duration_ms: None,
        placeholder: None,
        waveform: Vec::new(),
        thumbs: Vec::new(),
        message_id: message,
        room_id: message.map(|_| 2),
    }
}

#[test]
fn a_file_is_its_owners_until_it_is_its_rooms() {
    let status =
        |file, seat: Option<&Seat>| may_see_file(&actor(), file, seat).map_or_else(|e| e.code.status(), |_| 200);
    assert_eq!((status(file(ME, None), None), status(file(8, None), None)), (200, 404));
    let guest = may_see_file(&Actor::guest("g"), file(0, None), None);
    assert!(guest.is_err(), "what is nobody's is no guest's");
    let (public, private) = (seat(RoomKind::Room, false, None), seat(RoomKind::Room, true, None));
    let inside = seat(RoomKind::Room, true, Some(Role::Member));
    for (seat, expected) in [(&public, 200), (&private, 404), (&inside, 200)] {
        assert_eq!((status(file(8, Some(1)), Some(seat)), status(file(ME, Some(1)), Some(seat))), (expected, expected));
    }
    assert_eq!(status(file(ME, Some(1)), None), 404, "whose it was does not count any more");
    let mut elsewhere = inside.clone();
    Arc::make_mut(&mut elsewhere.room).id = 3;
    assert_eq!(status(file(8, Some(1)), Some(&elsewhere)), 404, "a seat in another room does not do");
    for (whose, message, may) in [(ME, None, true), (ME, Some(1), false), (8, None, false)] {
        assert_eq!(may_set_poster(&actor(), &FilePermit(file(whose, message))).is_ok(), may);
    }
}
