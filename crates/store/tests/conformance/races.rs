//! What one writer gives for free, from two stores that work on one database at the same time: positions without a hole or a double,
//! and what there may be only one of.

use std::{collections::BTreeSet, time::Duration};

use chinwag_domain::{SessionId, file_records::BlobName, file_store::FileStore, policy, ports::*, records::*};
use chinwag_proto::{FileCategory, Role};

use crate::{
    cast::*,
    engines::Engine,
    files::{DAY, upload, whole, with},
};

/// How often each race is run: more often in the long form of the tests.
pub fn rounds() -> usize {
    std::env::var("CHINWAG_RACE_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(40)
}

async fn two(engine: Engine) -> [Stage; 2] {
    let one = Stage::new(engine).await;
    let other = one.beside().await;
    [one, other]
}

async fn positions_have_no_hole_and_no_double_whoever_gives_them(engine: Engine) {
    let [one, other] = two(engine).await;
    let (ann, bob) = (one.user("Ann").await, one.user("Bob").await);
    let rooms = [one.room(&ann, &[&bob]).await, one.room(&ann, &[&bob]).await];
    let talk = async |stage: &Stage, who: &Person| {
        for i in 0..rounds() {
            let words = i.to_string();
            let texts = rooms.map(|room| stage.say(room, who, &words));
            let [first, second] = texts;
            tokio::join!(first, second);
            if i % 8 == 0 {
                stage.mark_read(rooms[0], who, i64::MAX).await;
            }
        }
    };
    tokio::join!(talk(&one, &ann), talk(&other, &bob), talk(&one, &bob), talk(&other, &ann));
    for room in rooms {
        let head = one.head(room, &ann).await;
        assert_eq!(head, 2 + 4 * rounds() as i64);
        let log = one.replay(room, &ann, 0, head).await;
        assert_eq!(log.iter().map(|event| place(event).1).collect::<Vec<_>>(), (1..=head).collect::<Vec<_>>());
        let ids: Vec<i64> = one.history(room, &ann, Page::After(0), 1_000).await.iter().map(|row| row.id).collect();
        assert!(ids.is_sorted(), "ids grow with positions");
        assert_eq!(BTreeSet::from_iter(&ids).len(), ids.len());
    }
}

/// Others become visible in the order of their ids, whoever gave them: what is read is never followed by something before it.
async fn who_reads_on_in_the_order_of_all_rooms_passes_nothing_by(engine: Engine) {
    let [one, other] = two(engine).await;
    let (ann, bob) = (one.user("Ann").await, one.user("Bob").await);
    let rooms = [one.room(&ann, &[&bob]).await, one.room(&ann, &[&bob]).await];
    let begin = one.store.log_after(0, 100_000).await.expect("read").len();
    let talk = async |stage: &Stage, who: &Person, room: i64| {
        for i in 0..rounds() {
            let said = stage.say(room, who, &i.to_string()).await;
            if i % 4 == 0 {
                stage.edit(who, said.id, "again").await.expect("edited");
            }
        }
    };
    let all = begin + 2 * (rounds() + rounds().div_ceil(4));
    let read = async {
        let (mut after, mut seen) = (0, Vec::new());
        while seen.len() < all {
            let more: Vec<i64> = one.store.log_after(after, 7).await.expect("read").iter().map(|(id, _)| *id).collect();
            let whole: Vec<i64> =
                one.store.log_after(0, 100_000).await.expect("read").iter().map(|(id, _)| *id).collect();
            after = more.last().copied().unwrap_or(after);
            seen.extend(more);
            assert_eq!(seen, whole[..seen.len()], "something came before what was read");
        }
    };
    tokio::join!(talk(&one, &ann, rooms[0]), talk(&other, &bob, rooms[1]), read);
}

async fn a_text_that_is_sent_over_both_is_one(engine: Engine) {
    let [one, other] = two(engine).await;
    let ann = one.user("Ann").await;
    let room = one.room(&ann, &[]).await;
    for i in 0..rounds() {
        let text = || text_with_id(&ann, "once", &i.to_string());
        let (first, second) = tokio::join!(one.send(room, &ann, text()), other.send(room, &ann, text()));
        let (first, second) = (first.expect("said"), second.expect("said"));
        assert_eq!(first.message.id, second.message.id);
        assert_ne!(first.fresh, second.fresh);
    }
    assert_eq!(one.head(room, &ann).await, 1 + rounds() as i64);
}

async fn a_name_is_one_persons(engine: Engine) {
    let [one, other] = two(engine).await;
    for i in 0..rounds() {
        let user = || new_user(&format!("ann{i}"));
        let (first, second) = tokio::join!(one.store.create_user(user(), None), other.store.create_user(user(), None));
        let refused = match (first, second) {
            (Ok(_), Err(error)) | (Err(error), Ok(_)) => error,
            both => panic!("{both:?}"),
        };
        assert!(matches!(refused, StoreError::UsernameTaken | StoreError::EmailTaken), "{refused:?}");
    }
}

async fn an_address_is_one_persons(engine: Engine) {
    let [one, other] = two(engine).await;
    for i in 0..rounds() {
        let user = |name: &str| {
            let email = format!("{i}@example.org");
            NewUser { email_key: email.clone(), email, ..new_user(&format!("{name}{i}")) }
        };
        let (first, second) =
            tokio::join!(one.store.create_user(user("ann"), None), other.store.create_user(user("bob"), None));
        let refused = match (first, second) {
            (Ok(_), Err(error)) | (Err(error), Ok(_)) => error,
            both => panic!("{both:?}"),
        };
        assert!(matches!(refused, StoreError::EmailTaken), "{refused:?}");
    }
}

/// The device that shows it twice is given the same next token twice; where another shows a spent one, the session ends. There are never
/// two lines of tokens.
async fn a_refresh_token_is_followed_by_one(engine: Engine) {
    let [one, other] = two(engine).await;
    let ann = one.user("Ann").await;
    for i in 0..rounds() {
        let hash = |what: u8| {
            let mut hash = [what; 32];
            hash[..8].copy_from_slice(&(i as u64).to_be_bytes());
            hash
        };
        let id = SessionId(i as i64 + 1);
        let session = NewSession {
            id,
            cookie_hash: hash(1),
            refresh_hash: hash(2),
            expires_at: NOW + 1_000_000,
            ..session(1, 1)
        };
        one.log_in(ann.id, session, 10_000).await.expect("logged in");
        let show = async |stage: &Stage, (token, next): (u8, u8), device: &str| {
            let (device, address) = (device.to_owned(), "127.0.0.1".to_owned());
            let (hash, next_hash) = (hash(token), hash(next));
            let shown = ShownRefresh { hash, session: Some(id), next_hash, device, address, now: NOW, grace: 10_000 };
            stage.store.rotate_refresh(shown).await.expect("asked")
        };
        let both = tokio::join!(show(&one, (2, 3), "Firefox"), show(&other, (2, 3), "Firefox"));
        assert!(matches!(both, (Rotation::Rotated(_), Rotation::Rotated(_))), "{both:?}");
        let both = tokio::join!(show(&one, (3, 4), "Firefox"), show(&other, (3, 4), "curl"));
        match both {
            // Whoever was first, both have the same one, and the second who uses it is found out.
            (Rotation::Rotated(_), Rotation::Rotated(_)) => {
                let both = tokio::join!(show(&one, (4, 5), "curl"), show(&other, (4, 5), "wget"));
                let found_out =
                    matches!(both.0, Rotation::Reused(_)) as u8 + matches!(both.1, Rotation::Reused(_)) as u8;
                assert_eq!(found_out, 1, "{both:?}");
                assert!(matches!(show(&one, (5, 6), "curl").await, Rotation::Unknown), "the session is over");
            }
            (Rotation::Rotated(_), Rotation::Reused(_)) => {
                assert!(matches!(show(&one, (4, 5), "Firefox").await, Rotation::Unknown), "the session is over");
            }
            both => panic!("{both:?}"),
        }
    }
}

/// Whoever shows a password while it is changed is either too late, or is shown out with all others.
async fn no_session_outlives_the_password_that_opened_it(engine: Engine) {
    let [one, other] = two(engine).await;
    let ann = one.user("Ann").await;
    let mut hash = one.store.find_user(ann.id).await.expect("asked").expect("there").password_hash;
    for i in 0..rounds() {
        let id = i as i64 + 1;
        let mut session = session(id, 0);
        session.cookie_hash[..8].copy_from_slice(&id.to_be_bytes());
        session.refresh_hash[..8].copy_from_slice(&id.to_be_bytes());
        let next = format!("hash {i}");
        let (opened, ended) = tokio::join!(
            one.store.create_session(ann.id, hash.clone(), session, 10),
            other.store.set_password(ann.id, next.clone(), Some(hash.clone()), None, NOW),
        );
        match (opened, ended.expect("changed")) {
            (Ok(_), ended) => assert_eq!(ended, [SessionId(id)]),
            (Err(StoreError::Stale), ended) => assert_eq!(ended, []),
            both => panic!("{both:?}"),
        }
        assert_eq!(one.store.list_sessions(ann.id, NOW).await.expect("listed"), []);
        let late = one.store.set_password(ann.id, "mine".into(), Some(hash), None, NOW).await;
        assert!(matches!(late, Err(StoreError::Stale)), "{late:?}");
        hash = next;
    }
}

async fn a_profile_keeps_what_each_of_two_changes(engine: Engine) {
    let [one, other] = two(engine).await;
    let ann = one.user("Ann").await;
    for i in 0..rounds() {
        let word = || Some(i.to_string());
        let set = |stage: &Stage, change: ProfileChange| {
            let (store, id) = (stage.store.clone(), ann.id);
            async move { store.update_user(id, id, change).await.expect("set") }
        };
        tokio::join!(
            set(&one, ProfileChange { bio: word(), ..Default::default() }),
            set(&other, ProfileChange { status_text: word(), ..Default::default() }),
        );
        let now = one.store.find_user(ann.id).await.expect("asked").expect("there");
        assert_eq!((Some(now.bio), Some(now.status_text)), (word(), word()));
    }
}

async fn people_have_one_direct_conversation(engine: Engine) {
    let [one, other] = two(engine).await;
    let ann = one.user("Ann").await;
    for i in 0..rounds() {
        let bob = one.user(&format!("bob{i}")).await;
        let people = || vec![ann.author(), bob.author()];
        let (first, second) =
            tokio::join!(one.store.direct_room(people(), NOW), other.store.direct_room(people(), NOW));
        let (first, second) = (first.expect("there"), second.expect("there"));
        assert_eq!(first.0[0].room.id, second.0[0].room.id);
        assert_ne!(first.1, second.1, "one of them made it");
    }
}

async fn a_wish_that_is_sent_over_both_makes_one_room(engine: Engine) {
    let [one, other] = two(engine).await;
    let ann = one.user("Ann").await;
    for i in 0..rounds() {
        let wish = || NewRoom { client_id: Some(i.to_string()), ..new_room(&ann, &[], false) };
        let (first, second) = tokio::join!(one.store.create_room(wish()), other.store.create_room(wish()));
        let (first, second) = (first.expect("there"), second.expect("there"));
        assert_eq!(first.0.room.id, second.0.room.id);
    }
}

async fn the_last_owner_stays(engine: Engine) {
    let [one, other] = two(engine).await;
    let (ann, bob, eve) = (one.user("Ann").await, one.user("Bob").await, one.user("Eve").await);
    for _ in 0..rounds() {
        let room = one.room(&ann, &[&bob, &eve]).await;
        one.set_role(room, &ann, &bob, Role::Owner).await.expect("an owner");
        let (first, second) = tokio::join!(one.leave(room, &ann), other.leave(room, &bob));
        assert!(
            matches!(
                (&first, &second),
                (Ok(true), Err(StoreError::LastOwner)) | (Err(StoreError::LastOwner), Ok(true))
            ),
            "{first:?} {second:?}"
        );
    }
}

/// Who leaves and who closes their account would each leave the room to the other.
async fn a_room_keeps_an_owner_whoever_closes_their_account(engine: Engine) {
    let [one, other] = two(engine).await;
    let (ann, eve) = (one.user("Ann").await, one.user("Eve").await);
    for i in 0..rounds() {
        let bob = one.user(&format!("bob{i}")).await;
        let room = one.room(&ann, &[&bob, &eve]).await;
        one.set_role(room, &ann, &bob, Role::Owner).await.expect("an owner");
        let (left, closed) = tokio::join!(one.leave(room, &ann), other.store.deactivate_user(bob.id, bob.id, NOW));
        assert!(
            matches!(
                (&left, &closed),
                (Ok(true), Err(StoreError::LastOwner)) | (Err(StoreError::LastOwner | StoreError::Stale), Ok(_))
            ),
            "{left:?} {closed:?}"
        );
    }
}

async fn the_last_administrator_stays(engine: Engine) {
    let [one, other] = two(engine).await;
    let mut ids = [0; 2];
    for (id, name) in ids.iter_mut().zip(["ann", "bob"]) {
        let user = NewUser { is_admin: true, ..new_user(name) };
        *id = one.store.create_user(user, None).await.expect("made").id;
    }
    for _ in 0..rounds() {
        let (first, second) = tokio::join!(one.store.set_admin(ids[0], false), other.store.set_admin(ids[1], false));
        assert!(
            matches!((&first, &second), (Ok(()), Err(StoreError::LastAdmin)) | (Err(StoreError::LastAdmin), Ok(()))),
            "{first:?} {second:?}"
        );
        for id in ids {
            one.store.set_admin(id, true).await.expect("again");
        }
    }
}

async fn the_server_is_set_up_once(engine: Engine) {
    let [one, other] = two(engine).await;
    for i in 0..rounds() {
        let (mine, theirs) =
            tokio::join!(one.store.setup_secret("mine".into()), other.store.setup_secret("theirs".into()));
        let secret = mine.expect("made").expect("nobody is there");
        assert_eq!(theirs.expect("made").as_ref(), Some(&secret), "one link, whichever node shows it");
        let claim = |stage: &Stage, name: &str, id: i64| {
            let (store, user, secret) = (stage.store.clone(), new_user(&format!("{name}{i}")), secret.clone());
            let mut session = session(id, 0);
            session.cookie_hash[..8].copy_from_slice(&id.to_be_bytes());
            session.refresh_hash[..8].copy_from_slice(&id.to_be_bytes());
            async move { store.create_first_admin(user, session, Some("home".into()), secret).await }
        };
        let id = 2 * i as i64 + 1;
        let (first, second) = tokio::join!(claim(&one, "ann", id), claim(&other, "bob", id + 1));
        assert!(
            matches!((&first, &second), (Ok(_), Err(StoreError::Spent)) | (Err(StoreError::Spent), Ok(_))),
            "{first:?} {second:?}"
        );
        one.by_hand("UPDATE users SET is_admin = FALSE, version = version + 1").await;
    }
}

async fn a_ticket_opens_one_door(engine: Engine) {
    let [one, other] = two(engine).await;
    for round in 0..rounds() {
        let hash = [u8::try_from(round % 251).expect("a byte"); 32];
        let ends_at = round as i64;
        let (first, second) =
            tokio::join!(one.store.spend_ticket(hash, ends_at), other.store.spend_ticket(hash, ends_at));
        assert!(
            matches!((&first, &second), (Ok(()), Err(StoreError::Spent)) | (Err(StoreError::Spent), Ok(()))),
            "{first:?} {second:?}"
        );
    }
}

async fn a_job_is_one_nodes(engine: Engine) {
    let [one, other] = two(engine).await;
    let ann = one.user("Ann").await;
    let room = one.room(&ann, &[]).await;
    for i in 0..rounds() {
        let now = NOW + i as i64 * 10;
        let lease = Duration::from_secs(1_000);
        let said = one.say(room, &ann, "x").await;
        let permit = policy::may_recall_message(&ann.actor(), &one.seat(room, &ann).await, &said, None).expect("own");
        let wanted = one.store.recall_message(permit, said.id, now).await.expect("recalled").erasure;
        let (first, second) = tokio::join!(one.store.take_jobs(lease, 9), other.store.take_jobs(lease, 9));
        let taken = [first.expect("asked"), second.expect("asked")].concat();
        assert_eq!(taken.iter().filter(|job| job.id == wanted).count(), 1, "{taken:?}");
        for job in taken {
            assert!(one.store.finish_job(job).await.expect("done"));
        }
    }
}

/// Of a message and two sweeps that want one file at the same moment one gets it.
async fn what_a_message_takes_no_sweep_takes(engine: Engine) {
    let [one, other] = two(engine).await;
    let ann = one.user("Ann").await;
    let room = one.room(&ann, &[]).await;
    for i in 0..rounds() {
        let file = one.file_of(&ann, FileCategory::File, &i.to_string()).await;
        let sweep =
            async |stage: &Stage| stage.store.sweep_files(NOW + 1, NOW + 1, 10).await.expect("swept").blobs.len();
        let (said, first, second) =
            tokio::join!(other.send(room, &ann, with(&ann, "", &[file])), sweep(&one), sweep(&other));
        let is_there = one.store.find_file(file).await.expect("looked up").is_some();
        match said {
            Ok(_) => assert_eq!((first + second, is_there), (0, true)),
            Err(StoreError::FileNotFound) => assert_eq!((first + second, is_there), (1, false)),
            Err(error) => panic!("{error}"),
        }
    }
}

/// However an upload and a sweep of the same content meet: who is told that it may be deleted may take any time for that.
async fn a_content_that_nobody_has_is_never_anybodys_again(engine: Engine) {
    let [one, other] = two(engine).await;
    let ann = one.user("Ann").await;
    for i in 0..rounds() {
        let content = i.to_string();
        // By its age the sweep wants it, and whoever has the same may still share it.
        let first = one.file_of(&ann, FileCategory::File, &content).await;
        let begun = one.store.create_upload(upload(&ann), None).await.expect("begun").id;
        let finish = other.store.finish_upload(begun, whole(FileCategory::File, &content), NOW + DAY);
        let sweep = async {
            let swept = one.store.sweep_files(NOW + 1, NOW + 1, 10).await.expect("swept").blobs;
            let referred = one.store.referred(&swept).await.expect("asked");
            assert!(swept.iter().any(|blob| blob.brought_by == first), "{swept:?}");
            swept.into_iter().filter(|blob| !referred.contains(blob)).collect::<Vec<_>>()
        };
        let (file, deleted) = tokio::join!(finish, sweep);
        let blob = file.expect("whole").blob().expect("a content");
        assert!(!deleted.contains(&blob), "{blob:?} is deleted");
        let wanted = [BlobName { brought_by: begun, ..blob.clone() }, blob.clone()];
        let kept = one.store.referred(&wanted).await.expect("asked");
        assert!(kept.contains(&blob), "{kept:?}");
    }
}

on_every_engine!(
    a_content_that_nobody_has_is_never_anybodys_again,
    positions_have_no_hole_and_no_double_whoever_gives_them,
    who_reads_on_in_the_order_of_all_rooms_passes_nothing_by,
    a_text_that_is_sent_over_both_is_one,
    a_name_is_one_persons,
    an_address_is_one_persons,
    a_refresh_token_is_followed_by_one,
    no_session_outlives_the_password_that_opened_it,
    a_profile_keeps_what_each_of_two_changes,
    people_have_one_direct_conversation,
    a_wish_that_is_sent_over_both_makes_one_room,
    the_last_owner_stays,
    a_room_keeps_an_owner_whoever_closes_their_account,
    the_last_administrator_stays,
    the_server_is_set_up_once,
    a_ticket_opens_one_door,
    a_job_is_one_nodes,
    what_a_message_takes_no_sweep_takes,
);
