//! Rooms: made, listed, changed, ended.

use chinwag_domain::{policy, ports::*, records::*};
use chinwag_proto::{Event, Role, RoomEvent, RoomKind, SystemEvent};

use crate::{cast::*, engines::Engine};

async fn the_lobby_is_there_from_the_start(engine: Engine) {
    let stage = Stage::new(engine).await;
    let seat = stage.store.find_seat(LOBBY, 0).await.expect("asked").expect("there");
    assert!(seat.member.is_none() && !seat.room.is_private && seat.room.last_seq == 0);
    assert_eq!((seat.room.name.as_str(), seat.room.kind, seat.room.member_count), ("Lobby", RoomKind::Room, 0));
}

async fn a_new_room_begins_with_its_creation(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("bob").await);
    let (view, fresh) = stage.store.create_room(new_room(&ann, &[&bob, &ann, &bob], true)).await.expect("made");
    assert!(fresh);
    assert_eq!(view, stage.view(view.room.id, &ann).await, "as its maker sees it");
    let room = view.room;
    assert_eq!((room.member_count, room.created_by, room.is_private), (2, ann.id, true));
    let history = stage.history(room.id, &bob, Page::After(0), 10).await;
    let words: Vec<_> = history.iter().map(|row| (row.seq, row.event.expect("system"), row.user_id)).collect();
    assert_eq!(words, [(1, SystemEvent::RoomCreated, ann.id), (2, SystemEvent::UserAdded, bob.id)]);
    assert_eq!(stage.seat(room.id, &ann).await.member.expect("seated").role, Role::Owner);
    assert_eq!(stage.seat(room.id, &ann).await.room.as_ref(), &room);
}

async fn the_same_wish_makes_one_room_and_another_one_under_its_id_is_refused(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("bob").await);
    let wish = |who: &Person| NewRoom { client_id: Some("wish".into()), ..new_room(who, &[], true) };
    let (first, fresh) = stage.store.create_room(wish(&ann)).await.expect("made");
    let (again, renewed) = stage.store.create_room(wish(&ann)).await.expect("known");
    assert_eq!((first.room.id, fresh, renewed), (again.room.id, true, false));
    let (other, fresh) = stage.store.create_room(wish(&bob)).await.expect("another's wish");
    assert!(fresh && other.room.id != first.room.id);
    for changed in [
        NewRoom { name: "other".into(), ..wish(&ann) },
        NewRoom { description: "other".into(), ..wish(&ann) },
        NewRoom { is_private: false, ..wish(&ann) },
    ] {
        assert!(matches!(stage.store.create_room(changed).await, Err(StoreError::ClientIdConflict)));
    }
    // What became of the room since changes nothing about the wish.
    stage.update_room(first.room.id, &ann, RoomChange { name: Some("later".into()), ..RoomChange::default() }).await;
    assert_eq!(stage.store.create_room(wish(&ann)).await.expect("known").0.room.name, "later");
    stage.delete_room(first.room.id, &ann).await;
    assert!(matches!(stage.store.create_room(wish(&ann)).await, Err(StoreError::NotFound)));
}

async fn nothing_is_said_to_people_who_have_all_left(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob, eve) = (stage.user("Ann").await, stage.user("bob").await, stage.user("eve").await);
    let people = [ann.author(), bob.author(), eve.author()];
    let (views, _) = stage.store.direct_room(people.to_vec(), NOW).await.expect("made");
    let room = views[0].room.id;
    stage.store.deactivate_user(bob.id, bob.id, NOW).await.expect("deactivated");
    let heard = stage.send(room, &ann, text_with_id(&ann, "eve is there", "first")).await.expect("somebody hears");
    stage.store.deactivate_user(eve.id, eve.id, NOW).await.expect("deactivated");
    let refused = stage.send(room, &ann, text_with_id(&ann, "hello?", "second")).await;
    assert!(matches!(refused, Err(StoreError::NobodyLeft)), "{refused:?}");
    let again = stage.send(room, &ann, text_with_id(&ann, "eve is there", "first")).await.expect("known");
    assert_eq!((again.message.id, again.fresh), (heard.message.id, false));
    // Elsewhere one may talk to oneself.
    let room = stage.room(&ann, &[]).await;
    stage.say(room, &ann, "a note").await;
}

async fn a_conversation_is_found_by_its_people_alone(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob, eve) = (stage.user("Ann").await, stage.user("bob").await, stage.user("eve").await);
    let (views, _) = stage.store.direct_room(vec![ann.author(), bob.author()], NOW).await.expect("made");
    let found = stage.store.find_direct(bob.id, &[bob.id, ann.id]).await.expect("asked").expect("there");
    assert_eq!(found, views[1], "as bob sees it");
    for others in [&[ann.id, bob.id, eve.id][..], &[ann.id, eve.id], &[ann.id]] {
        assert!(stage.store.find_direct(ann.id, others).await.expect("asked").is_none());
    }
}

async fn ones_rooms_come_in_pages(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("bob").await);
    for _ in 0..5 {
        stage.room(&ann, &[]).await;
    }
    stage.store.direct_room(vec![ann.author(), bob.author()], NOW).await.expect("made");
    let all = stage.store.list_rooms(ann.id, 100, 0).await.expect("listed");
    assert_eq!(all.len(), 7, "with the lobby");
    assert!(all.iter().all(|view| view.room.created_by == 0 || view.creator == "Ann"));
    for limit in 1..=8 {
        let mut paged = Vec::new();
        while paged.len() < all.len() {
            let page = stage.store.list_rooms(ann.id, limit, paged.len()).await.expect("listed");
            assert!(!page.is_empty() && page.len() <= limit);
            paged.extend(page);
        }
        assert_eq!(paged, all, "pages of {limit}");
    }
}

async fn there_is_one_direct_room_of_the_same_people(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob, eve) = (stage.user("Ann").await, stage.user("bob").await, stage.user("eve").await);
    let tries = (0..12).map(|i| {
        let (store, mut people) = (stage.store.clone(), vec![ann.author(), bob.author()]);
        people.rotate_left(i % 2);
        tokio::spawn(async move { store.direct_room(people, NOW).await.expect("a room") })
    });
    let mut made = Vec::new();
    for attempt in tries.collect::<Vec<_>>() {
        made.push(attempt.await.expect("ran"));
    }
    assert_eq!(made.iter().filter(|(_, new)| *new).count(), 1);
    assert!(
        made.iter()
            .map(|(views, _)| &views[0].room)
            .all(|room| room.id == made[0].0[0].room.id && room.kind == RoomKind::Direct && room.member_count == 2)
    );
    let three = vec![ann.author(), bob.author(), eve.author()];
    let (views, new) = stage.store.direct_room(three, NOW).await.expect("a room");
    let (first, group) = (made[0].0[0].room.id, views[0].room.id);
    assert!(new && group != first);
    for (view, who) in views.iter().zip([&ann, &bob, &eve]) {
        assert_eq!(*view, stage.view(group, who).await, "as each of them sees it");
    }
    let list = stage.store.list_rooms(ann.id, 100, 0).await.expect("listed");
    let direct = list.iter().find(|view| view.room.id == first).expect("listed");
    assert_eq!(direct.peers.iter().map(|user| user.id).collect::<Vec<_>>(), [bob.id]);
    let grouped = list.iter().find(|view| view.room.id == group).expect("listed");
    assert_eq!(grouped.peers.iter().map(|user| user.id).collect::<Vec<_>>(), [bob.id, eve.id]);
}

async fn rooms_come_newest_activity_first_and_agree_with_their_own_view(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("bob").await);
    let (first, second) = (stage.room(&ann, &[&bob]).await, stage.room(&ann, &[&bob]).await);
    let message = NewMessage { now: NOW + 5, ..text(&bob, "newer") };
    let said = stage.send(first, &bob, message).await.expect("said").message;
    let mut list = stage.store.list_rooms(ann.id, 100, 0).await.expect("listed");
    list.retain(|view| view.room.id != LOBBY);
    assert_eq!(list.iter().map(|view| view.room.id).collect::<Vec<_>>(), [first, second]);
    assert_eq!(list[0].last_message.as_ref(), Some(&said));
    assert_eq!((list[0].unread, list[1].unread, list[0].mentions), (1, 0, 0));
    assert_eq!(list[1].last_message, None, "system rows are not news");
    for view in &list {
        assert_eq!(&stage.view(view.room.id, &ann).await, view);
    }
}

async fn search_shows_public_rooms_and_ones_own(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("bob").await);
    let public = stage.room(&ann, &[]).await;
    let private = stage.store.create_room(new_room(&ann, &[], true)).await.expect("made").0.room.id;
    let gone = stage.room(&ann, &[]).await;
    stage.delete_room(gone, &ann).await;
    stage.store.direct_room(vec![ann.author(), bob.author()], NOW).await.expect("made");
    let search = async |who: &Person, name: &str, limit, offset| -> Vec<i64> {
        let found = stage.store.search_rooms(who.id, name, limit, offset).await.expect("searched");
        found.into_iter().map(|view| view.room.id).collect()
    };
    assert_eq!(search(&ann, "rOOm", 10, 0).await, [public, private]);
    assert_eq!(search(&bob, "讨论", 10, 0).await, [public]);
    assert_eq!(search(&ann, "", 10, 0).await, [LOBBY, public, private]);
    assert_eq!(search(&ann, "", 1, 1).await, [public]);
    assert_eq!(search(&ann, "%", 10, 0).await, [0_i64; 0]);
}

async fn a_change_of_settings_tells_the_room_as_it_became(engine: Engine) {
    let stage = Stage::new(engine).await;
    let ann = stage.user("Ann").await;
    let room = stage.room(&ann, &[]).await;
    let change = RoomChange { description: Some("new".into()), ..RoomChange::default() };
    let record = stage.update_room(room, &ann, change.clone()).await;
    assert_eq!((record.description.as_str(), record.last_seq, record.updated_at), ("new", 2, NOW + 70));
    assert_eq!(stage.update_room(room, &ann, change).await.last_seq, 2, "no change, no position");
    stage.update_room(room, &ann, RoomChange { name: Some("改名".into()), ..RoomChange::default() }).await;
    let told = stage.told.of_room(room);
    assert!(matches!(&told[2], Event::System(frame) if frame.event() == SystemEvent::RoomRenamed && frame.seq == 3
        && frame.room_name.as_deref() == Some("改名")));
    match &told[3] {
        Event::Room(frame) => {
            let facts = frame.room.as_ref().expect("the facts");
            assert_eq!((frame.event(), frame.seq, facts.name.as_str()), (RoomEvent::Updated, Some(4), "改名"));
            assert_eq!((facts.description.as_str(), facts.member_count, facts.last_seq), ("new", 1, 4));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(stage.replay(room, &ann, 0, 4).await, told, "replay tells the same");
    assert_eq!(stage.seat(room, &ann).await.room.name, "改名");
}

async fn a_deleted_room_is_gone_for_everybody_and_its_permits_are_stale(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("bob").await);
    let room = stage.room(&ann, &[&bob]).await;
    let (post, read) = (stage.may_post(room, &bob).await, stage.may_read(room, &bob).await);
    let mark = policy::may_mark_read(&bob.actor(), &stage.seat(room, &bob).await).expect("a member");
    stage.delete_room(room, &ann).await;
    assert!(
        matches!(stage.told.of_room(room).last(), Some(Event::Room(frame)) if frame.event() == RoomEvent::Deleted && frame.seq == Some(3))
    );
    assert!(stage.store.find_seat(room, ann.id).await.expect("asked").is_none());
    assert!(stage.store.find_member(room, bob.id).await.expect("asked").is_none());
    assert!(stage.store.list_rooms(bob.id, 100, 0).await.expect("listed").iter().all(|view| view.room.id != room));
    assert!(matches!(stage.store.append_message(post, text(&bob, "x")).await, Err(StoreError::Stale)));
    assert!(matches!(stage.store.history(read, Page::After(0), 10).await, Err(StoreError::Stale)));
    assert!(matches!(stage.store.mark_read(mark, 1).await, Err(StoreError::Stale)));
    assert_eq!(stage.store.counts().await.expect("counts").rooms, 1);
}

on_every_engine!(
    the_lobby_is_there_from_the_start,
    a_new_room_begins_with_its_creation,
    the_same_wish_makes_one_room_and_another_one_under_its_id_is_refused,
    nothing_is_said_to_people_who_have_all_left,
    a_conversation_is_found_by_its_people_alone,
    ones_rooms_come_in_pages,
    there_is_one_direct_room_of_the_same_people,
    rooms_come_newest_activity_first_and_agree_with_their_own_view,
    search_shows_public_rooms_and_ones_own,
    a_change_of_settings_tells_the_room_as_it_became,
    a_deleted_room_is_gone_for_everybody_and_its_permits_are_stale,
);
