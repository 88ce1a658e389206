//! The log of a room: every position once, the same live, replayed and stored, whatever happens at the same time.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, Ordering},
};

use chinwag_domain::{policy, ports::*, records::*};
use chinwag_proto::{Event, Role};

use crate::{cast::*, engines::Engine};

async fn positions_are_contiguous_under_sixty_four_speakers(engine: Engine) {
    let stage = Stage::new(engine).await;
    let ann = stage.user("Ann").await;
    let rooms = [stage.room(&ann, &[]).await, stage.room(&ann, &[]).await];
    let mut tasks = Vec::new();
    for task in 0..64_usize {
        let room = rooms[task % 2];
        let mut permits = Vec::new();
        for _ in 0..10 {
            permits.push(stage.may_post(room, &ann).await);
        }
        let (store, ann) = (stage.store.clone(), ann.clone());
        tasks.push(tokio::spawn(async move {
            let mut answers = Vec::new();
            for (i, permit) in permits.into_iter().enumerate() {
                let message = text_with_id(&ann, &format!("{task}/{i}"), &format!("{task}/{i}"));
                answers.push(store.append_message(permit, message).await.expect("said").message);
            }
            (room, answers)
        }));
    }
    let mut said: HashMap<i64, Vec<MessageRecord>> = HashMap::new();
    for task in tasks {
        let (room, answers) = task.await.expect("ran");
        assert!(
            answers.windows(2).all(|pair| pair[0].seq < pair[1].seq && pair[0].id < pair[1].id),
            "a speaker's own order"
        );
        said.entry(room).or_default().extend(answers);
    }
    for room in rooms {
        let answers = said.get_mut(&room).expect("said");
        answers.sort_by_key(|message| message.seq);
        let seqs: Vec<i64> = answers.iter().map(|message| message.seq).collect();
        assert_eq!(seqs, (2..=321).collect::<Vec<_>>());
        assert_eq!(&stage.history(room, &ann, Page::After(1), 1_000).await, answers, "history agrees with the answers");
        let told = stage.told.of_room(room);
        assert_eq!(told.iter().map(|event| place(event).1).collect::<Vec<_>>(), (1..=321).collect::<Vec<_>>());
        assert_eq!(stage.replay(room, &ann, 0, 321).await, told, "replay agrees with what was told");
    }
}

async fn replay_gives_every_position_once_and_shows_the_present(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("bob").await);
    let room = stage.room(&ann, &[]).await;
    let (one, two) = (stage.say(room, &ann, "one").await, stage.say(room, &ann, "two").await);
    stage.join(room, &bob).await;
    stage.edit(&ann, one.id, "ONE @bob").await.expect("edited");
    stage.set_role(room, &ann, &bob, Role::Admin).await.expect("promoted");
    stage.edit(&ann, two.id, "TWO").await.expect("edited");
    stage.recall(&ann, two.id).await.expect("recalled");
    stage.update_room(room, &ann, RoomChange { description: Some("d".into()), ..RoomChange::default() }).await;
    let head = stage.head(room, &bob).await;
    assert_eq!(head, 9);
    let all = stage.replay(room, &bob, 0, head).await;
    assert_eq!(all.iter().map(place).collect::<Vec<_>>(), (1..=9).map(|seq| (room, seq)).collect::<Vec<_>>());
    match (&all[1], &all[2], &all[4], &all[6], &all[7]) {
        (Event::Text(one), Event::Text(two), Event::Edit(edit), Event::Edit(erased), Event::Recall(recall)) => {
            assert_eq!(
                (one.content.as_str(), one.edited_at, &one.mentions),
                ("ONE @bob", Some(NOW + 50), &vec![bob.id])
            );
            assert_eq!((two.content.as_str(), two.recalled_at), ("", Some(NOW + 60)));
            assert_eq!((edit.content.as_str(), edit.message_seq, edit.timestamp), ("ONE @bob", 2, NOW + 50));
            assert_eq!((erased.content.as_str(), erased.message_seq), ("", 3));
            assert_eq!((recall.message_seq, recall.user_id, recall.timestamp), (3, ann.id, NOW + 60));
        }
        other => panic!("{other:?}"),
    }
    for after in 0..=head {
        for to in after..=head + 2 {
            let expected = &all[after as usize..to.min(head) as usize];
            assert_eq!(stage.replay(room, &bob, after, to).await, expected, "{after}..={to}");
        }
    }
    assert!(stage.replay(room, &bob, 100, 200).await.is_empty());
}

/// Reads what happened in all rooms to its end, so much at a time.
async fn read_on(store: &impl MessageStore, mut after: i64, limit: usize) -> Vec<(i64, Event)> {
    let mut all = Vec::new();
    loop {
        let page = store.log_after(after, limit).await.expect("read");
        let Some((last, _)) = page.last() else { return all };
        after = *last;
        all.extend(page);
    }
}

async fn all_rooms_have_one_order_to_read_on_from(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("bob").await);
    let rooms = [stage.room(&ann, &[&bob]).await, stage.room(&bob, &[&ann]).await];
    for room in rooms {
        let said = stage.say(room, &ann, "one").await;
        stage.edit(&ann, said.id, "ONE").await.expect("edited");
        stage.say(rooms[0], &bob, "between").await;
        stage.recall(&ann, said.id).await.expect("recalled");
    }
    stage.set_role(rooms[0], &ann, &bob, Role::Admin).await.expect("promoted");
    // What happens next comes after a change, too, in whichever transaction.
    let stage = stage.reopen().await;
    stage.say(rooms[1], &bob, "later").await;
    stage.update_room(rooms[1], &bob, RoomChange { description: Some("d".into()), ..RoomChange::default() }).await;
    let all = read_on(stage.store.as_ref(), 0, 1_000).await;
    assert!(all.windows(2).all(|pair| pair[0].0 < pair[1].0), "{all:?}");
    for (room, head) in [(1, 3), (rooms[0], 8), (rooms[1], 7)] {
        let of_room: Vec<Event> =
            all.iter().map(|(_, event)| event).filter(|it| place(it).0 == room).cloned().collect();
        assert_eq!(of_room, stage.replay(room, &ann, 0, head).await, "room {room}");
        assert_eq!(of_room.len() as i64, head, "room {room}");
    }
    for limit in [1, 2, 5] {
        assert_eq!(read_on(stage.store.as_ref(), 0, limit).await, all, "{limit} at a time");
    }
    assert_eq!(read_on(stage.store.as_ref(), all[4].0, 3).await, all[5..]);
}

async fn who_reads_on_while_people_write_passes_nothing_by(engine: Engine) {
    let stage = Stage::new(engine).await;
    let ann = stage.user("Ann").await;
    let room = stage.room(&ann, &[]).await;
    let written = AtomicBool::new(false);
    let writing = async {
        for i in 0..150 {
            let said = stage.say(room, &ann, &i.to_string()).await;
            stage.edit(&ann, said.id, "!").await.expect("edited");
        }
        written.store(true, Ordering::Release);
    };
    let reading = async {
        let mut seen = Vec::new();
        let mut after = 0;
        loop {
            let is_last = written.load(Ordering::Acquire);
            let page = stage.store.log_after(after, 1_000).await.expect("read");
            if is_last && page.is_empty() {
                return seen;
            }
            for (id, event) in page {
                seen.push(place(&event));
                after = id;
            }
        }
    };
    let (seen, ()) = tokio::join!(reading, writing);
    let of_room: Vec<i64> = seen.iter().filter(|(of, _)| *of == room).map(|(_, seq)| *seq).collect();
    assert_eq!(of_room, (1..=301).collect::<Vec<_>>());
}

async fn frames_are_told_in_order_and_before_the_verb_answers(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("bob").await);
    let room = stage.room(&ann, &[&bob]).await;
    let mut tasks = Vec::new();
    for task in 0..16 {
        let permit = stage.may_post(room, &ann).await;
        let (store, told, ann) = (stage.store.clone(), stage.told.clone(), ann.clone());
        tasks.push(tokio::spawn(async move {
            let seq = store.append_message(permit, text(&ann, &task.to_string())).await.expect("said").message.seq;
            assert!(told.of_room(room).iter().any(|event| place(event).1 == seq), "answered before it was told");
        }));
    }
    for role in [Role::Admin, Role::Member, Role::Admin] {
        stage.set_role(room, &ann, &bob, role).await.expect("changed");
    }
    for task in tasks {
        task.await.expect("ran");
    }
    let seqs: Vec<i64> = stage.told.of_room(room).iter().map(|event| place(event).1).collect();
    assert_eq!(seqs, (1..=seqs.len() as i64).collect::<Vec<_>>());
}

async fn a_write_outlives_its_caller(engine: Engine) {
    let stage = Stage::new(engine).await;
    let ann = stage.user("Ann").await;
    let room = stage.room(&ann, &[]).await;
    let mut left = 0;
    for i in 0..20 {
        let permit = stage.may_post(room, &ann).await;
        let mut write = Box::pin(stage.store.append_message(permit, text_with_id(&ann, "kept", &format!("c{i}"))));
        // One poll hands the job over; then the caller vanishes.
        let polled = std::future::poll_fn(|context| std::task::Poll::Ready(write.as_mut().poll(context))).await;
        left += usize::from(polled.is_pending());
        drop(write);
    }
    // On a machine that is busy the writer may be done before the caller has looked.
    assert!(left > 0, "each was waited for");
    // What is of one room is done in its order, so all before it is.
    stage.mark_read(room, &ann, 0).await;
    assert_eq!(stage.history(room, &ann, Page::After(1), 100).await.len(), 20);
    assert_eq!(stage.told.of_room(room).len(), 21);
}

async fn a_refused_verb_leaves_no_trace_beside_one_that_succeeds(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("bob").await);
    let room = stage.room(&ann, &[&bob]).await;
    let leave = policy::may_leave(&ann.actor(), &stage.seat(room, &ann).await).expect("visible");
    let (first, second) = (stage.may_post(room, &bob).await, stage.may_post(room, &bob).await);
    let (said, left, also, taken) = tokio::join!(
        stage.store.append_message(first, text(&bob, "before")),
        stage.store.leave_room(leave, ann.author(), NOW),
        stage.store.append_message(second, text(&bob, "after")),
        stage.store.create_user(new_user("bob"), None),
    );
    assert!(said.is_ok() && left.is_err() && also.is_ok() && taken.is_err(), "{said:?} {left:?} {also:?} {taken:?}");
    assert_eq!(stage.head(room, &ann).await, 4);
    assert_eq!(stage.replay(room, &ann, 0, 4).await, stage.told.of_room(room));
    assert_eq!(stage.store.counts().await.expect("counts"), Counts { users: 2, rooms: 2, messages: 2 });
}

async fn everything_is_there_after_a_restart(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("bob").await);
    let room = stage.room(&ann, &[&bob]).await;
    let said = stage.say(room, &ann, "kept").await;
    let (epoch, told, list) =
        (stage.store.epoch(), stage.told.of_room(room), stage.store.list_rooms(bob.id, 100, 0).await.expect("listed"));
    let stage = stage.reopen().await;
    assert_eq!(stage.store.epoch(), epoch);
    assert_eq!(stage.replay(room, &bob, 0, 3).await, told);
    assert_eq!(stage.store.list_rooms(bob.id, 100, 0).await.expect("listed"), list);
    let next = stage.say(room, &ann, "next").await;
    assert_eq!(next.seq, said.seq + 1);
    assert!(next.id > said.id);
}

async fn what_a_node_reads_by_itself_is_what_was_told_with_what_it_ends(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob, eve) = (stage.user("Ann").await, stage.user("bob").await, stage.user("eve").await);
    let room = stage.room(&ann, &[]).await;
    stage.say(room, &ann, "hello").await;
    for who in [&bob, &eve] {
        assert!(stage.join(room, who).await);
    }
    assert!(stage.leave(room, &bob).await.expect("left"));
    assert!(stage.kick(room, &ann, &eve).await.expect("kicked"));
    assert!(stage.join(room, &bob).await);
    stage.set_role(room, &ann, &bob, Role::Admin).await.expect("promoted");
    let may_edit = policy::may_edit_room(&ann.actor(), &stage.seat(room, &ann).await).expect("the owner");
    let private = RoomChange { is_private: Some(true), ..RoomChange::default() };
    stage.store.update_room(may_edit, ann.author(), private, NOW).await.expect("changed");
    let may_delete = policy::may_delete_room(&ann.actor(), &stage.seat(room, &ann).await).expect("the owner");
    stage.store.delete_room(may_delete, NOW).await.expect("deleted");
    let mut told = stage.told.changes();
    told.retain(|change| matches!(change, Committed::Room { event, .. } if place(event).0 == room));
    let count = told.len();
    assert!(stage.told.effects(room).len() >= 7, "every kind of effect");
    assert_eq!(stage.store.changes_after(room, 0, 100).await.expect("read"), told);
    assert_eq!(stage.store.changes_after(room, 2, 3).await.expect("read"), told[2..5]);
    assert_eq!(stage.store.changes_after(room, count as i64, 3).await.expect("read"), []);
    let mut heads = stage.store.heads(&[room, 1, 4_711]).await.expect("read");
    heads.sort_unstable();
    assert_eq!(heads, [(1, 4), (room, count as i64)], "of the lobby, too, and what never was has no head");
}

on_every_engine!(
    positions_are_contiguous_under_sixty_four_speakers,
    replay_gives_every_position_once_and_shows_the_present,
    all_rooms_have_one_order_to_read_on_from,
    who_reads_on_while_people_write_passes_nothing_by,
    frames_are_told_in_order_and_before_the_verb_answers,
    a_write_outlives_its_caller,
    a_refused_verb_leaves_no_trace_beside_one_that_succeeds,
    everything_is_there_after_a_restart,
    what_a_node_reads_by_itself_is_what_was_told_with_what_it_ends,
);
