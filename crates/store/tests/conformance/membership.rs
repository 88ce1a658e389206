//! Who comes, goes and becomes what; and that a permit is worth nothing once its seat changed.

use std::collections::BTreeSet;

use chinwag_domain::{policy, ports::*, records::*};
use chinwag_proto::{Event, Role, SystemEvent};

use crate::{cast::*, engines::Engine};

async fn joining_and_leaving_are_idempotent_and_told_once(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("bob").await);
    let room = stage.room(&ann, &[]).await;
    assert!(stage.join(room, &bob).await);
    assert!(!stage.join(room, &bob).await);
    assert_eq!(stage.view(room, &ann).await.room.member_count, 2);
    assert!(stage.leave(room, &bob).await.expect("left"));
    assert!(!stage.leave(room, &bob).await.expect("left before"));
    assert!(stage.store.find_member(room, bob.id).await.expect("asked").is_none());
    let words: Vec<_> = stage
        .told
        .of_room(room)
        .iter()
        .map(|event| match event {
            Event::System(frame) => (frame.event(), frame.user_id, frame.seq),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        words,
        [
            (SystemEvent::RoomCreated, ann.id, 1),
            (SystemEvent::UserJoined, bob.id, 2),
            (SystemEvent::UserLeft, bob.id, 3)
        ]
    );
}

async fn what_changes_who_may_listen_says_so(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob, eve) = (stage.user("Ann").await, stage.user("bob").await, stage.user("eve").await);
    let room = stage.room(&ann, &[]).await;
    stage.join(room, &bob).await;
    stage.join(room, &eve).await;
    stage.say(room, &bob, "user_left").await;
    stage.set_role(room, &ann, &bob, Role::Admin).await.expect("promoted");
    stage.kick(room, &ann, &eve).await.expect("kicked");
    stage.leave(room, &bob).await.expect("left");
    let private = RoomChange { is_private: Some(true), ..RoomChange::default() };
    stage.update_room(room, &ann, private).await;
    stage.update_room(room, &ann, RoomChange { name: Some("still private".into()), ..RoomChange::default() }).await;
    stage.delete_room(room, &ann).await;
    let effects = [
        Effect::Joined(bob.id),
        Effect::Joined(eve.id),
        Effect::Ended(eve.id),
        Effect::Ended(bob.id),
        Effect::BecamePrivate,
        Effect::Deleted,
    ];
    assert_eq!(stage.told.effects(room), effects);
}

async fn the_one_who_acts_on_another_is_named(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("bob").await);
    let room = stage.room(&ann, &[]).await;
    let permit = policy::may_add_member(&ann.actor(), &stage.seat(room, &ann).await).expect("an owner");
    assert!(stage.store.add_member(permit, None, bob.author(), NOW).await.expect("added").1);
    let permit = policy::may_add_member(&ann.actor(), &stage.seat(room, &ann).await).expect("an owner");
    assert!(!stage.store.add_member(permit, None, bob.author(), NOW).await.expect("added before").1);
    assert!(stage.kick(room, &ann, &bob).await.expect("kicked"));
    assert!(!stage.kick(room, &ann, &bob).await.expect("kicked before"));
    let history = stage.history(room, &ann, Page::After(1), 10).await;
    let rows: Vec<_> = history.iter().map(|row| (row.event.expect("system"), row.user_id, row.actor_id)).collect();
    assert_eq!(rows, [(SystemEvent::UserAdded, bob.id, Some(ann.id)), (SystemEvent::UserKicked, bob.id, Some(ann.id))]);
}

async fn whoever_was_promoted_meanwhile_is_not_moderated_as_a_member(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob, eve) = (stage.user("Ann").await, stage.user("bob").await, stage.user("eve").await);
    let room = stage.room(&ann, &[&bob, &eve]).await;
    stage.set_role(room, &ann, &bob, Role::Admin).await.expect("promoted");
    let said = stage.say(room, &eve, "mine").await;
    let kick = stage.may_kick(room, &bob, &eve).await.expect("a member");
    let author = stage.store.find_member(room, eve.id).await.expect("asked");
    let recall = policy::may_recall_message(&bob.actor(), &stage.seat(room, &bob).await, &said, author.as_ref())
        .expect("a member's");
    stage.set_role(room, &ann, &eve, Role::Admin).await.expect("promoted");
    let kicked = stage.store.kick_member(kick, eve.author(), NOW).await;
    assert!(matches!(kicked, Err(StoreError::Stale)), "{kicked:?}");
    let recalled = stage.store.recall_message(recall, said.id, NOW).await;
    assert!(matches!(recalled, Err(StoreError::Stale)), "{recalled:?}");
    assert!(stage.may_kick(room, &bob, &eve).await.is_err(), "an admin does not kick an admin");
}

async fn a_member_adds_nobody_to_a_room_that_became_private_meanwhile(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob, eve) = (stage.user("Ann").await, stage.user("bob").await, stage.user("eve").await);
    let room = stage.room(&ann, &[&bob]).await;
    let by_member = policy::may_add_member(&bob.actor(), &stage.seat(room, &bob).await).expect("a public room");
    let by_owner = policy::may_add_member(&ann.actor(), &stage.seat(room, &ann).await).expect("an owner");
    stage.update_room(room, &ann, RoomChange { is_private: Some(true), ..RoomChange::default() }).await;
    let added = stage.store.add_member(by_member, None, eve.author(), NOW).await;
    assert!(matches!(added, Err(StoreError::Stale)), "{added:?}");
    assert!(stage.store.add_member(by_owner, None, eve.author(), NOW).await.expect("an owner adds in private, too").1);
}

async fn the_last_owner_stays_while_others_do(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("bob").await);
    let room = stage.room(&ann, &[&bob]).await;
    assert!(matches!(stage.leave(room, &ann).await, Err(StoreError::LastOwner)));
    assert!(matches!(stage.kick(room, &ann, &ann).await, Err(StoreError::LastOwner)));
    assert!(matches!(stage.set_role(room, &ann, &ann, Role::Member).await, Err(StoreError::LastOwner)));
    let head = stage.head(room, &ann).await;
    assert_eq!(head, 2, "what was refused left no trace");
    stage.set_role(room, &ann, &bob, Role::Owner).await.expect("promoted");
    assert!(stage.leave(room, &ann).await.expect("another owner stays"));
    assert!(stage.leave(room, &bob).await.expect("nobody else is left"));
}

async fn a_new_role_is_a_change_of_the_log_and_the_same_role_is_none(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob, eve) = (stage.user("Ann").await, stage.user("bob").await, stage.user("eve").await);
    let room = stage.room(&ann, &[&bob]).await;
    stage.set_role(room, &ann, &bob, Role::Admin).await.expect("promoted");
    stage.set_role(room, &ann, &bob, Role::Admin).await.expect("no change");
    assert!(matches!(stage.set_role(room, &ann, &eve, Role::Admin).await, Err(StoreError::NotFound)));
    let told = stage.told.of_room(room);
    assert_eq!(told.len(), 3);
    match &told[2] {
        Event::Member(frame) => {
            assert_eq!((frame.seq, frame.user_id, frame.actor_id, &*frame.username), (3, bob.id, ann.id, "bob"));
            assert_eq!(frame.role(), Role::Admin);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(stage.replay(room, &ann, 2, 3).await, told[2..]);
}

async fn a_permit_dies_with_the_seat_it_was_granted_on(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("bob").await);
    let room = stage.room(&ann, &[&bob]).await;

    let before_role = stage.may_post(room, &bob).await;
    stage.set_role(room, &ann, &bob, Role::Admin).await.expect("promoted");
    let refused = stage.store.append_message(before_role, text(&bob, "x")).await;
    assert!(matches!(refused, Err(StoreError::Stale)), "{refused:?}");

    let before_kick = stage.may_post(room, &bob).await;
    let listening = stage.may_listen(room, &bob).await;
    stage.set_role(room, &ann, &bob, Role::Member).await.expect("demoted");
    stage.kick(room, &ann, &bob).await.expect("kicked");
    assert!(matches!(stage.store.head(&listening).await, Err(StoreError::Stale)));
    assert!(matches!(stage.store.replay(&listening, 0, 1).await, Err(StoreError::Stale)));
    let refused = stage.store.append_message(before_kick, text(&bob, "x")).await;
    assert!(matches!(refused, Err(StoreError::Stale)), "{refused:?}");

    let as_stranger = policy::may_join(&bob.actor(), &stage.seat(room, &bob).await).expect("public");
    stage.join(room, &bob).await;
    let before_leave = stage.may_post(room, &bob).await;
    let refused = stage.store.join_room(as_stranger, bob.author(), NOW).await;
    assert!(matches!(refused, Err(StoreError::Stale)), "{refused:?}");
    stage.leave(room, &bob).await.expect("left");
    stage.join(room, &bob).await;
    let refused = stage.store.append_message(before_leave, text(&bob, "x")).await;
    assert!(matches!(refused, Err(StoreError::Stale)), "another seat of the same person: {refused:?}");
    assert!(stage.history(room, &ann, Page::After(0), 100).await.iter().all(|row| !row.is_text()));
}

async fn a_permit_without_a_seat_dies_when_the_room_becomes_private(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, eve) = (stage.user("Ann").await, stage.user("eve").await);
    let room = stage.room(&ann, &[]).await;
    let (read, listen) = (stage.may_read(room, &eve).await, stage.may_listen(room, &eve).await);
    let join = policy::may_join(&eve.actor(), &stage.seat(room, &eve).await).expect("public");
    stage.update_room(room, &ann, RoomChange { is_private: Some(true), ..RoomChange::default() }).await;
    assert!(matches!(stage.store.history(read, Page::After(0), 10).await, Err(StoreError::Stale)));
    assert!(matches!(stage.store.head(&listen).await, Err(StoreError::Stale)));
    assert!(matches!(stage.store.join_room(join, eve.author(), NOW).await, Err(StoreError::Stale)));
}

async fn members_are_listed_by_rank_in_pages(engine: Engine) {
    let stage = Stage::new(engine).await;
    let mut people = Vec::new();
    for i in 0..9 {
        people.push(stage.user(&format!("u{i}")).await);
    }
    let room = stage.room(&people[4], &people.iter().collect::<Vec<_>>()).await;
    stage.set_role(room, &people[4], &people[7], Role::Admin).await.expect("promoted");
    stage.set_role(room, &people[4], &people[2], Role::Owner).await.expect("promoted");
    let expected: Vec<i64> = [2, 4, 7, 0, 1, 3, 5, 6, 8].iter().map(|i| people[*i].id).collect();
    for limit in 1..=10 {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let permit = stage.may_read(room, &people[0]).await;
            let page = stage.store.list_members(permit, "", after, limit, 0).await.expect("a page");
            assert!(page.iter().all(|(member, user)| member.user_id == user.id && member.room_id == room));
            seen.extend(page.iter().map(|(member, _)| member.user_id));
            let Some((last, _)) = page.last() else { break };
            after = Some((last.role, last.user_id));
        }
        assert_eq!(seen, expected, "pages of {limit}");
    }
    let named = async |query: &str| -> Vec<i64> {
        let permit = stage.may_read(room, &people[0]).await;
        let found = stage.store.list_members(permit, query, None, 10, 0).await.expect("a page");
        found.iter().map(|(member, _)| member.user_id).collect()
    };
    assert_eq!(named("U4").await, [people[4].id]);
    assert_eq!(named("u").await, expected);
    assert_eq!(named("_").await, [0_i64; 0], "no wild card");
}

/// Also the seats that were there before, and those of people whose account is closed while they are let in.
async fn whoever_closed_their_account_is_on_no_page_of_members_and_a_page_is_full_all_the_same(engine: Engine) {
    let stage = Stage::new(engine).await;
    let mut people = Vec::new();
    for i in 0..9 {
        people.push(stage.user(&format!("u{i}")).await);
    }
    let room = stage.room(&people[0], &people[..8].iter().collect::<Vec<_>>()).await;
    stage.set_role(room, &people[0], &people[2], Role::Admin).await.expect("promoted");
    for i in [1, 3, 4, 6, 8] {
        stage.store.deactivate_user(people[i].id, people[i].id, NOW).await.expect("deactivated");
    }
    let actor = people[0].actor();
    let permit = policy::may_add_member(&actor, &stage.seat(room, &people[0]).await).expect("the owner may");
    stage.store.add_member(permit, None, people[8].author(), NOW).await.expect("added");
    let listed = async |after, limit, offset| -> Vec<i64> {
        let permit = stage.may_read(room, &people[0]).await;
        let page = stage.store.list_members(permit, "u", after, limit, offset).await.expect("a page");
        page.iter().map(|(member, _)| member.user_id).collect()
    };
    let ids = |some: &[usize]| some.iter().map(|i| people[*i].id).collect::<Vec<_>>();
    assert_eq!(listed(None, 10, 0).await, ids(&[0, 2, 5, 7]));
    assert_eq!(listed(None, 3, 0).await, ids(&[0, 2, 5]));
    for offset in 0..6 {
        assert_eq!(listed(None, 2, offset).await, ids([&[0, 2][..], &[2, 5], &[5, 7], &[7], &[], &[]][offset]));
    }
    assert_eq!(listed(Some((Role::Admin, people[2].id)), 10, 1).await, ids(&[7]));
    let (permit, all) = (stage.may_read(room, &people[0]).await, ids(&[0, 1, 2, 3, 4, 5, 6, 7, 8]));
    let among = stage.store.list_members_among(permit, "", &all).await.expect("a page");
    assert_eq!(among.iter().map(|(member, _)| member.user_id).collect::<Vec<_>>(), ids(&[0, 2, 5, 7]));
}

/// A socket outlives rights, and so does what was remembered with a seat.
async fn a_permit_dies_with_the_rights_of_the_account(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob, eve) = (stage.user("ann").await, stage.user("bob").await, stage.user("eve").await);
    // The last administrator stays one.
    stage.store.set_admin(ann.id, true).await.expect("done");
    let room = stage.room(&ann, &[&eve]).await;
    stage.store.set_admin(bob.id, true).await.expect("done");
    let granted = stage.may_kick(room, &bob, &eve).await.expect("an administrator");
    let (post, read) = (stage.may_post(LOBBY, &bob).await, stage.may_read(room, &bob).await);
    let seat = stage.seat(LOBBY, &bob).await;
    stage.store.set_admin(bob.id, false).await.expect("done");
    let refused = stage.store.kick_member(granted, eve.author(), NOW).await;
    assert!(matches!(refused, Err(StoreError::Stale)), "{refused:?}");
    let refused = stage.store.append_message(post, text(&bob, "hello")).await;
    assert!(matches!(refused, Err(StoreError::Stale)), "{refused:?}");
    let mark = policy::may_mark_read(&bob.actor(), &seat).expect("a member");
    let refused = stage.store.mark_read(mark, 1).await;
    assert!(matches!(refused, Err(StoreError::Stale)), "{refused:?}");
    let refused = stage.store.room_view(read).await;
    assert!(matches!(refused, Err(StoreError::Stale)), "{refused:?}");
    assert!(stage.may_kick(room, &bob, &eve).await.is_err());
    stage.say(LOBBY, &bob, "as anybody").await;
    stage.store.set_admin(bob.id, true).await.expect("done");
    assert!(stage.kick(room, &bob, &eve).await.expect("allowed"));
    let post = stage.may_post(LOBBY, &bob).await;
    stage.store.deactivate_user(bob.id, ann.id, NOW).await.expect("closed");
    let refused = stage.store.append_message(post, text(&bob, "still here")).await;
    assert!(matches!(refused, Err(StoreError::Stale)), "{refused:?}");
    assert!(stage.seat(LOBBY, &bob).await.account.is_closed);
}

/// In the lobby is everybody.
async fn who_was_seated_since_is_found(engine: Engine) {
    let stage = Stage::new(engine).await;
    let [ann, bob, eve] = [stage.user("Ann").await, stage.user("bob").await, stage.user("eve").await];
    let (from, nobody) = stage.store.seated_after(i64::MAX, None).await.expect("asked");
    assert_eq!(nobody, []);
    let room = stage.room(&ann, &[&bob]).await;
    assert!(stage.join(room, &eve).await);
    stage.say(room, &eve, "hello").await;
    let direct = stage.store.direct_room(vec![ann.author(), bob.author()], NOW).await.expect("made").0[0].room.id;
    stage.user("late").await;
    let (to, seated) = stage.store.seated_after(from, Some(from)).await.expect("asked");
    let found: BTreeSet<(i64, i64)> = seated.iter().map(|(_, room_id, user_id)| (*room_id, *user_id)).collect();
    let expected = [(room, ann.id), (room, bob.id), (room, eve.id), (direct, ann.id), (direct, bob.id)];
    assert_eq!(found, BTreeSet::from(expected));
    assert!(seated.iter().all(|(id, ..)| (from + 1..=to).contains(id)), "{from} {seated:?} {to}");
    assert_eq!(stage.store.seated_after(to, Some(to)).await.expect("asked"), (to, Vec::new()));
}

/// While the database was away from here.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_others_wrote_for_hours_is_looked_through_in_stretches() {
    let stage = Stage::new(Engine::Postgres).await;
    let (from, _) = stage.store.seated_after(i64::MAX, None).await.expect("asked");
    let rows = format!(
        "INSERT INTO messages (id, room_id, seq, user_id, username, kind, event, content, created_at, body_hash, ordinal, \
         mentions_room, guest) SELECT {from} + n, 1000000, n, 7, 'eve', 0, CASE WHEN n > 100000 THEN 'user_joined' END, \
         'x', 0, 0, 0, FALSE, FALSE FROM generate_series(1, 100001) AS n"
    );
    stage.by_hand(&rows).await;
    let to = from + 100_000;
    assert_eq!(stage.store.seated_after(from, Some(from)).await.expect("asked"), (to, Vec::new()));
    let last = (to + 1, vec![(to + 1, 1_000_000, 7)]);
    assert_eq!(stage.store.seated_after(from, Some(to)).await.expect("asked"), last);
}

on_every_engine!(
    who_was_seated_since_is_found,
    joining_and_leaving_are_idempotent_and_told_once,
    what_changes_who_may_listen_says_so,
    the_one_who_acts_on_another_is_named,
    whoever_was_promoted_meanwhile_is_not_moderated_as_a_member,
    a_member_adds_nobody_to_a_room_that_became_private_meanwhile,
    the_last_owner_stays_while_others_do,
    a_new_role_is_a_change_of_the_log_and_the_same_role_is_none,
    a_permit_dies_with_the_seat_it_was_granted_on,
    a_permit_without_a_seat_dies_when_the_room_becomes_private,
    members_are_listed_by_rank_in_pages,
    whoever_closed_their_account_is_on_no_page_of_members_and_a_page_is_full_all_the_same,
    a_permit_dies_with_the_rights_of_the_account,
);
