//! Accounts and sessions.

use chinwag_domain::{SessionId, ports::*, records::*};
use chinwag_proto::Role;

use crate::{cast::*, engines::Engine};

async fn the_first_account_owns_the_lobby_and_the_next_one_is_a_member(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("bob").await);
    assert_eq!((ann.id, bob.id), (1, 2));
    assert_eq!(stage.seat(LOBBY, &ann).await.member.expect("a seat").role, Role::Owner);
    assert_eq!(stage.seat(LOBBY, &bob).await.member.expect("a seat").role, Role::Member);
    assert_eq!(stage.seat(LOBBY, &bob).await.room.member_count, 2);
}

async fn names_and_addresses_are_unique_by_their_keys(engine: Engine) {
    let stage = Stage::new(engine).await;
    stage.user("Ann").await;
    let twin = stage.store.create_user(NewUser { email_key: "other".into(), ..new_user("ANN") }, None).await;
    assert!(matches!(twin, Err(StoreError::UsernameTaken)), "{twin:?}");
    let same_address =
        stage.store.create_user(NewUser { email_key: "ann@example.org".into(), ..new_user("eve") }, None).await;
    assert!(matches!(same_address, Err(StoreError::EmailTaken)), "{same_address:?}");
    assert_eq!(stage.store.counts().await.expect("counts").users, 1);
    assert_eq!(stage.seat(LOBBY, &stage.user("bob").await).await.room.member_count, 2, "refused accounts left no seat");
}

async fn a_name_that_looks_like_anothers_is_taken(engine: Engine) {
    let stage = Stage::new(engine).await;
    let alice = stage.user("alice").await;
    let alike = NewUser { look_key: "alice".into(), ..new_user("aIice") };
    let refused = stage.store.create_user(alike, None).await;
    assert!(matches!(refused, Err(StoreError::UsernameTaken)), "{refused:?}");
    let found = stage.store.find_user_by_look("alice").await.expect("looked up");
    assert_eq!(found.map(|user| user.id), Some(alice.id));
    assert!(stage.store.find_user_by_look("alicia").await.expect("looked up").is_none());
}

async fn a_login_key_is_a_name_or_an_address(engine: Engine) {
    let stage = Stage::new(engine).await;
    let ann = stage.user("Ann").await;
    for key in ["ann", "ann@example.org"] {
        let found = stage.store.find_user_by_login(key).await.expect("looked up").expect("found");
        assert_eq!((found.id, &*found.username, found.email.as_str()), (ann.id, "Ann", "Ann@Example.org"));
    }
    assert!(stage.store.find_user_by_login("Ann").await.expect("looked up").is_none(), "keys are exact");
}

async fn there_is_one_first_administrator(engine: Engine) {
    let stage = Stage::new(engine).await;
    stage.user("early").await;
    assert!(!stage.store.admin_exists().await.expect("asked"));
    let unasked = stage.store.create_first_admin(new_user("eve"), session(3, 3), None, "one".into()).await;
    assert!(matches!(unasked, Err(StoreError::Spent)), "no link was made: {unasked:?}");
    assert_eq!(stage.store.setup_secret("one".into()).await.expect("made").as_deref(), Some("one"));
    let stage = stage.reopen().await;
    assert_eq!(stage.store.setup_secret("two".into()).await.expect("kept").as_deref(), Some("one"));
    let guessed = stage.store.create_first_admin(new_user("eve"), session(3, 3), None, "two".into()).await;
    assert!(matches!(guessed, Err(StoreError::Spent)), "{guessed:?}");
    let taken = stage.store.create_first_admin(new_user("early"), session(3, 3), None, "one".into()).await;
    assert!(matches!(taken, Err(StoreError::UsernameTaken)), "a refusal spends nothing: {taken:?}");
    let admin = stage
        .store
        .create_first_admin(new_user("root"), session(1, 1), Some("Our place".into()), "one".into())
        .await
        .expect("the first");
    assert!(admin.is_admin && stage.store.admin_exists().await.expect("asked"));
    assert_eq!(stage.store.server_name().await.expect("asked").as_deref(), Some("Our place"));
    let root = Person { id: admin.id, name: admin.username };
    assert_eq!(stage.seat(LOBBY, &root).await.member.expect("a seat").role, Role::Owner);
    let second =
        stage.store.create_first_admin(new_user("eve"), session(2, 2), Some("Eve's".into()), "one".into()).await;
    assert!(matches!(second, Err(StoreError::Spent)), "{second:?}");
    assert_eq!(stage.store.setup_secret("three".into()).await.expect("asked"), None);
    assert_eq!(stage.store.server_name().await.expect("asked").as_deref(), Some("Our place"));
}

async fn a_ticket_is_spent_once_also_over_a_start_and_is_forgotten_after_its_end(engine: Engine) {
    let stage = Stage::new(engine).await;
    let spend = async |stage: &Stage, hash: u8, ends_at| stage.store.spend_ticket([hash; 32], ends_at).await;
    let at_once = tokio::join!(spend(&stage, 1, 10), spend(&stage, 1, 10), spend(&stage, 2, 10), spend(&stage, 1, 11));
    at_once.0.as_ref().or(at_once.1.as_ref()).expect("one of the two");
    assert_ne!(at_once.0.is_ok(), at_once.1.is_ok(), "one of the two: {at_once:?}");
    at_once.2.expect("another ticket");
    at_once.3.expect("another ticket");
    let stage = stage.reopen().await;
    assert!(matches!(spend(&stage, 1, 10).await, Err(StoreError::Spent)));
    let hour = 3_600_000;
    stage.store.forget_sessions(0, 10 + hour).await.expect("forgotten");
    let again = spend(&stage, 1, 10).await;
    assert!(matches!(again, Err(StoreError::Spent)), "by the clock of another node it may still be shown");
    stage.store.forget_sessions(0, 11 + hour).await.expect("forgotten");
    spend(&stage, 1, 10).await.expect("the row is gone");
    assert!(matches!(spend(&stage, 1, 11).await, Err(StoreError::Spent)), "that may still be shown");
}

async fn a_profile_change_leaves_the_other_fields_alone(engine: Engine) {
    let stage = Stage::new(engine).await;
    let ann = stage.user("Ann").await;
    let change =
        ProfileChange { display_name: Some("Änne 安妮".into()), bio: Some("hi".into()), ..ProfileChange::default() };
    stage.store.update_user(ann.id, ann.id, change).await.expect("changed");
    let change = ProfileChange {
        email: Some(("N@x.org".into(), "n@x.org".into())),
        theme: Some("dark".into()),
        ..Default::default()
    };
    let user = stage.store.update_user(ann.id, ann.id, change).await.expect("changed");
    assert_eq!((user.display_name.as_str(), user.bio.as_str(), user.email.as_str()), ("Änne 安妮", "hi", "N@x.org"));
    assert_eq!(stage.store.find_user(ann.id).await.expect("asked"), Some(user));
    // What others see is told, once; an address and a theme are nobody's.
    let told = stage.told.profiles();
    assert_eq!(told.iter().map(|user| user.display_name.as_str()).collect::<Vec<_>>(), ["Änne 安妮"]);
    assert_eq!((told[0].bio.as_str(), &told[0].email), ("hi", &None));
    let gone = stage.store.update_user(99, 99, ProfileChange::default()).await;
    assert!(matches!(gone, Err(StoreError::NotFound)), "{gone:?}");
    stage.user("bob").await;
    let taken = ProfileChange { email: Some(("x".into(), "bob@example.org".into())), ..Default::default() };
    let taken = stage.store.update_user(ann.id, ann.id, taken).await;
    assert!(matches!(taken, Err(StoreError::EmailTaken)), "{taken:?}");
}

async fn people_are_found_by_part_of_a_name_in_any_case_and_page_by_id(engine: Engine) {
    let stage = Stage::new(engine).await;
    for name in ["Ann", "Joanna", "bob", "hann%es"] {
        stage.user(name).await;
    }
    let change = ProfileChange { display_name: Some("ÄNNE".into()), ..Default::default() };
    stage.store.update_user(3, 3, change).await.expect("changed");
    let search = async |query: &str, after, limit| -> Vec<i64> {
        let found = stage.store.search_users(query, after, limit).await.expect("searched");
        found.into_iter().map(|user| user.id).collect()
    };
    assert_eq!(search("ANN", 0, 10).await, [1, 2, 4]);
    assert_eq!(search("ann", 1, 1).await, [2]);
    assert_eq!(search("änne", 0, 10).await, [3]);
    assert_eq!(search("n%", 0, 10).await, [4], "a wild card is a letter");
    assert_eq!(search("_", 0, 10).await, [0_i64; 0]);
    stage.store.deactivate_user(2, 2, NOW).await.expect("deactivated");
    assert_eq!(search("", 0, 10).await, [1, 3, 4]);
}

async fn last_seen_only_moves_forward(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("bob").await);
    stage.store.touch_users(vec![(ann.id, 10), (ann.id, 30), (bob.id, 5), (77, 1)]).await.expect("touched");
    stage.store.touch_users(vec![(ann.id, 20), (bob.id, 6)]).await.expect("touched");
    let seen: Vec<_> =
        stage.store.find_users(&[ann.id, bob.id, 77]).await.expect("found").iter().map(|u| u.last_seen).collect();
    assert_eq!(seen, [Some(30), Some(6)]);
}

async fn a_mention_resolves_to_members_only(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob, eve) = (stage.user("Ann").await, stage.user("bob").await, stage.user("eve").await);
    let room = stage.room(&ann, &[&bob]).await;
    let said = stage.say(room, &ann, "@eve @nobody @bob").await;
    assert_eq!(said.mentions.users, [bob.id]);
    let (edited, _) = stage.edit(&ann, said.id, "@bob @nobody @eve @bob").await.expect("edited");
    assert_eq!((&edited.mentions.users, edited.mentions.spans.len()), (&vec![bob.id], 2));
    stage.join(room, &eve).await;
    assert_eq!(stage.say(room, &ann, "@eve @nobody @bob").await.mentions.users, [bob.id, eve.id]);
}

async fn sessions_are_found_listed_and_ended(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("bob").await);
    for (id, user, salt) in [(-11, ann.id, 1), (12, ann.id, 2), (13, ann.id, 3), (14, bob.id, 4)] {
        stage.log_in(user, session(id, salt), 100).await.expect("created");
    }
    let by_cookie = stage.store.find_session_by_cookie([2; 32]).await.expect("asked").expect("there");
    assert_eq!(by_cookie.id, SessionId(12));
    assert!(stage.store.find_session_by_cookie([9; 32]).await.expect("asked").is_none());
    let list = async |now| -> Vec<i64> {
        stage.store.list_sessions(ann.id, now).await.expect("listed").into_iter().map(|session| session.id.0).collect()
    };
    assert_eq!(list(NOW + 10).await, [13, 12, -11]);
    assert_eq!(list(NOW + 1_000).await, [0_i64; 0], "expired");
    assert!(!stage.store.revoke_session(bob.id, SessionId(12), NOW + 10).await.expect("asked"), "not one's own");
    assert!(stage.store.revoke_session(ann.id, SessionId(12), NOW + 10).await.expect("asked"));
    assert!(!stage.store.revoke_session(ann.id, SessionId(12), NOW + 11).await.expect("asked"), "once");
    assert_eq!(
        stage.store.find_session(SessionId(12)).await.expect("asked").expect("there").revoked_at,
        Some(NOW + 10)
    );
    let revoked = stage.store.revoke_sessions(ann.id, Some(SessionId(13)), NOW + 20).await.expect("revoked");
    assert_eq!(revoked, [SessionId(-11)]);
    assert_eq!(list(NOW + 21).await, [13]);
    assert_eq!(stage.store.newest_revocation().await.expect("asked"), 2);
    let revoked = stage.store.sessions_revoked_after(0).await.expect("asked");
    assert_eq!(revoked, [(1, SessionId(12)), (2, SessionId(-11))]);
    assert_eq!(stage.store.sessions_revoked_after(1).await.expect("asked"), revoked[1..]);
    let ran_out = async |from, to| stage.store.sessions_that_ran_out(from, to).await.expect("asked");
    assert_eq!(ran_out(NOW + 21, NOW + 999).await, [], "none yet");
    assert!(ran_out(NOW + 21, NOW + 1_000).await.contains(&SessionId(13)));
    let forget = async |before| stage.store.forget_sessions(before, NOW).await.expect("forgotten");
    assert_eq!(forget(NOW + 10).await, 0, "as long ago, not longer");
    assert_eq!(forget(NOW + 11).await, 1, "the one that was revoked first");
    assert!(stage.store.find_session(SessionId(12)).await.expect("asked").is_none());
    assert_eq!(list(NOW + 21).await, [13]);
    let all = stage.store.set_password(ann.id, "new".into(), None, None, NOW + 30).await.expect("set");
    assert_eq!(all, [SessionId(13)]);
    assert_eq!(stage.store.find_user(ann.id).await.expect("asked").expect("there").password_hash, "new");
    let of_bob = stage.store.deactivate_user(bob.id, bob.id, NOW + 40).await.expect("deactivated");
    assert_eq!(of_bob, [SessionId(14)]);
    assert_eq!(stage.store.find_user(bob.id).await.expect("asked").expect("there").deactivated_at, Some(NOW + 40));
    assert_eq!(forget(NOW + 1_001).await, 3, "revoked and run out");
}

async fn an_account_keeps_the_logins_that_were_used_last(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("bob").await);
    stage.log_in(bob.id, session(9, 9), 3).await.expect("created");
    for id in 1..=3 {
        let ended = stage.log_in(ann.id, session(id, id as u8), 3).await.expect("created");
        assert_eq!(ended, []);
    }
    stage.store.touch_sessions(vec![(SessionId(1), NOW + 50)]).await.expect("touched");
    let ended = stage.log_in(ann.id, session(4, 4), 3).await.expect("created");
    assert_eq!(ended, [SessionId(2)]);
    assert_eq!(stage.store.find_session(SessionId(2)).await.expect("asked").expect("there").revoked_at, Some(NOW + 4));
    let ended = stage.log_in(ann.id, session(5, 5), 1).await.expect("created");
    assert_eq!(ended.len(), 3, "all but the new one");
    assert_eq!(stage.store.list_sessions(bob.id, NOW + 10).await.expect("listed").len(), 1);
}

/// Shown by Firefox at home, followed by that one.
fn refresh(token: u8, next: u8, now: i64) -> ShownRefresh {
    ShownRefresh {
        hash: [token; 32],
        session: None,
        next_hash: [next; 32],
        device: "Firefox".into(),
        address: "127.0.0.1".into(),
        now,
        grace: 10,
    }
}

async fn a_refresh_token_works_once_and_its_second_use_ends_the_session(engine: Engine) {
    let stage = Stage::new(engine).await;
    let ann = stage.user("Ann").await;
    stage.log_in(ann.id, session(7, 1), 100).await.expect("created");
    let rotate = async |old: u8, new: u8, now| stage.store.rotate_refresh(refresh(old, new, now)).await.expect("asked");
    assert!(matches!(rotate(101, 102, NOW + 40).await, Rotation::Rotated(session) if session.id == SessionId(7)));
    assert!(matches!(rotate(102, 103, NOW + 50).await, Rotation::Rotated(_)));
    assert!(matches!(rotate(55, 56, NOW + 50).await, Rotation::Unknown));
    let reused = rotate(102, 103, NOW + 61).await;
    assert!(matches!(reused, Rotation::Reused(session) if session.revoked_at == Some(NOW + 61)));
    assert!(matches!(rotate(103, 105, NOW + 61).await, Rotation::Unknown), "the session is over");
    assert!(stage.store.list_sessions(ann.id, NOW).await.expect("listed").is_empty());
}

/// A thief who is quick spends several before the owner shows the one that was stolen.
async fn a_refresh_token_that_was_spent_long_ago_ends_its_session_too(engine: Engine) {
    let stage = Stage::new(engine).await;
    let ann = stage.user("Ann").await;
    stage.log_in(ann.id, session(7, 1), 100).await.expect("created");
    let rotate = async |shown: ShownRefresh| {
        stage.store.rotate_refresh(ShownRefresh { session: Some(SessionId(7)), ..shown }).await.expect("asked")
    };
    for token in 101..104 {
        assert!(matches!(rotate(refresh(token, token + 1, NOW)).await, Rotation::Rotated(_)));
    }
    assert!(
        matches!(rotate(refresh(101, 102, NOW + 1)).await, Rotation::Reused(session) if session.id == SessionId(7))
    );
    assert!(matches!(rotate(refresh(104, 105, NOW + 12)).await, Rotation::Unknown), "the session is over");
}

async fn a_refresh_token_may_be_shown_again_within_its_grace_by_its_own_device_alone(engine: Engine) {
    let stage = Stage::new(engine).await;
    let ann = stage.user("Ann").await;
    stage.log_in(ann.id, session(7, 1), 100).await.expect("created");
    let rotate = async |shown: ShownRefresh| stage.store.rotate_refresh(shown).await.expect("asked");
    assert!(matches!(rotate(refresh(101, 102, NOW)).await, Rotation::Rotated(_)));
    assert!(matches!(rotate(refresh(101, 102, NOW + 10)).await, Rotation::Rotated(_)), "its answer was lost");
    let behind = rotate(refresh(101, 102, NOW - 3)).await;
    assert!(matches!(behind, Rotation::Rotated(_)), "at another node, whose clock is behind by a little");
    assert!(matches!(rotate(refresh(102, 103, NOW + 11)).await, Rotation::Rotated(_)), "what both were given works");
    for stranger in [
        ShownRefresh { device: "curl".into(), ..refresh(201, 202, NOW) },
        ShownRefresh { address: "192.0.2.1".into(), ..refresh(201, 202, NOW) },
    ] {
        stage.log_in(ann.id, session(8, 101), 100).await.expect("created");
        assert!(matches!(rotate(refresh(201, 202, NOW)).await, Rotation::Rotated(_)));
        assert!(matches!(rotate(stranger).await, Rotation::Reused(_)));
        stage.store.forget_sessions(NOW + 1, NOW).await.expect("forgotten");
    }
}

async fn parallel_uses_of_one_refresh_token_rotate_it_once(engine: Engine) {
    let stage = Stage::new(engine).await;
    let ann = stage.user("Ann").await;
    stage.log_in(ann.id, session(7, 1), 100).await.expect("created");
    let tries = (0..16_u8).map(|i| {
        let (store, device) = (stage.store.clone(), format!("device {i}"));
        let shown = ShownRefresh { device, ..refresh(101, 102, NOW) };
        tokio::spawn(async move { store.rotate_refresh(shown).await.expect("asked") })
    });
    let mut rotated = 0;
    for attempt in tries.collect::<Vec<_>>() {
        rotated += i32::from(matches!(attempt.await.expect("ran"), Rotation::Rotated(_)));
    }
    assert_eq!(rotated, 1);
    assert!(stage.store.find_session(SessionId(7)).await.expect("asked").expect("there").revoked_at.is_some());
}

async fn when_a_session_was_last_used_only_moves_forward(engine: Engine) {
    let stage = Stage::new(engine).await;
    let ann = stage.user("Ann").await;
    stage.log_in(ann.id, session(7, 0), 100).await.expect("created");
    stage.store.touch_sessions(vec![(SessionId(7), NOW + 9), (SessionId(7), NOW + 4)]).await.expect("touched");
    stage.store.touch_sessions(vec![(SessionId(7), NOW + 5)]).await.expect("touched");
    assert_eq!(stage.store.find_session(SessionId(7)).await.expect("asked").expect("there").last_seen, NOW + 9);
}

async fn administrators_are_made_and_unmade(engine: Engine) {
    let stage = Stage::new(engine).await;
    let ann = stage.user("Ann").await;
    stage.store.set_admin(ann.id, true).await.expect("set");
    assert!(stage.store.find_user(ann.id).await.expect("asked").expect("there").is_admin);
    let last = stage.store.set_admin(ann.id, false).await;
    assert!(matches!(last, Err(StoreError::LastAdmin)), "{last:?}");
    let ben = stage.user("Ben").await;
    stage.store.set_admin(ben.id, true).await.expect("set");
    stage.store.set_admin(ann.id, false).await.expect("set");
    assert!(!stage.store.find_user(ann.id).await.expect("asked").expect("there").is_admin);
    assert!(matches!(stage.store.set_admin(99, true).await, Err(StoreError::NotFound)));
    stage.store.ping().await.expect("it answers");
}

async fn of_two_administrators_who_close_each_other_one_stays(engine: Engine) {
    let stage = Stage::new(engine).await;
    let [ann, ben, eve] = [stage.user("Ann").await, stage.user("Ben").await, stage.user("Eve").await];
    for person in [&ann, &ben, &eve] {
        stage.store.set_admin(person.id, true).await.expect("set");
    }
    let close = |who: &Person, by: &Person| stage.store.deactivate_user(who.id, by.id, NOW);
    // Each was found to be an administrator before. A third one is left in any case.
    let (one, other) = tokio::join!(close(&ben, &ann), close(&ann, &ben));
    assert!(one.is_ok(), "{one:?}");
    assert!(matches!(other, Err(StoreError::Stale)), "{other:?}");
    let bio = || ProfileChange { bio: Some("mine".into()), ..ProfileChange::default() };
    let changed = stage.store.update_user(eve.id, ben.id, bio()).await;
    assert!(matches!(changed, Err(StoreError::Stale)), "{changed:?}");
    stage.store.set_admin(ann.id, false).await.expect("set");
    let closed = close(&eve, &ann).await;
    assert!(matches!(closed, Err(StoreError::Stale)), "{closed:?}");
    let changed = stage.store.update_user(eve.id, ann.id, bio()).await;
    assert!(matches!(changed, Err(StoreError::Stale)), "{changed:?}");
    let own = stage.store.update_user(ann.id, ann.id, bio()).await.expect("one's own");
    assert_eq!(own.bio, "mine");

    let last = close(&eve, &eve).await;
    assert!(matches!(last, Err(StoreError::LastAdmin)), "{last:?}");
}

async fn what_no_text_holds_is_found_nowhere(engine: Engine) {
    let stage = Stage::new(engine).await;
    let ann = stage.user("Ann").await;
    let room = stage.room(&ann, &[]).await;
    for words in ["\0", "ann\0"] {
        assert_eq!(stage.store.find_user_by_login(words).await.expect("asked"), None);
        assert_eq!(stage.store.find_user_by_look(words).await.expect("asked"), None);
        assert!(stage.store.search_users(words, 0, 9).await.expect("asked").is_empty());
        assert!(stage.store.search_rooms(ann.id, words, 9, 0).await.expect("asked").is_empty());
        let permit = stage.may_read(room, &ann).await;
        assert!(stage.store.list_members(permit, words, None, 9, 0).await.expect("asked").is_empty());
    }
}

on_every_engine!(
    what_no_text_holds_is_found_nowhere,
    the_first_account_owns_the_lobby_and_the_next_one_is_a_member,
    names_and_addresses_are_unique_by_their_keys,
    a_name_that_looks_like_anothers_is_taken,
    a_login_key_is_a_name_or_an_address,
    there_is_one_first_administrator,
    a_ticket_is_spent_once_also_over_a_start_and_is_forgotten_after_its_end,
    a_profile_change_leaves_the_other_fields_alone,
    people_are_found_by_part_of_a_name_in_any_case_and_page_by_id,
    last_seen_only_moves_forward,
    a_mention_resolves_to_members_only,
    sessions_are_found_listed_and_ended,
    an_account_keeps_the_logins_that_were_used_last,
    a_refresh_token_works_once_and_its_second_use_ends_the_session,
    a_refresh_token_that_was_spent_long_ago_ends_its_session_too,
    a_refresh_token_may_be_shown_again_within_its_grace_by_its_own_device_alone,
    parallel_uses_of_one_refresh_token_rotate_it_once,
    when_a_session_was_last_used_only_moves_forward,
    administrators_are_made_and_unmade,
    of_two_administrators_who_close_each_other_one_stays,
);
