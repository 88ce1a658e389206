//! Texts: appended once, answered, edited, recalled, paged.

use std::collections::HashSet;

use chinwag_domain::{mentions::Calls, policy, ports::*, records::*};
use chinwag_proto::{Event, SystemEvent};

use crate::{
    cast::*,
    engines::{Engine, file},
};

async fn a_text_is_what_was_said_and_is_told_before_the_answer(engine: Engine) {
    let stage = Stage::new(engine).await;
    let ann = stage.user("Ann").await;
    let room = stage.room(&ann, &[]).await;
    let appended = stage.send(room, &ann, text_with_id(&ann, "你好", "c1")).await.expect("said");
    let message = appended.message;
    assert!(appended.fresh && message.is_text());
    assert_eq!((message.seq, message.content.as_str(), message.client_id.as_deref()), (2, "你好", Some("c1")));
    match stage.told.of_room(room).last() {
        Some(Event::Text(frame)) => {
            assert_eq!((frame.message_id, frame.seq, frame.content.as_str()), (message.id, 2, "你好"))
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(stage.message(message.id).await, message);
}

async fn a_resend_is_the_first_answer_and_another_body_a_conflict(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("bob").await);
    let (room, other) = (stage.room(&ann, &[&bob]).await, stage.room(&ann, &[]).await);
    let first = stage.send(room, &ann, text_with_id(&ann, "hello", "c1")).await.expect("said").message;
    let again = stage.send(room, &ann, text_with_id(&ann, "hello", "c1")).await.expect("known");
    assert!(!again.fresh);
    assert_eq!(again.message, first);
    let other_body = stage.send(room, &ann, text_with_id(&ann, "hullo", "c1")).await;
    assert!(matches!(other_body, Err(StoreError::ClientIdConflict)), "{other_body:?}");
    let other_reply = NewMessage { reply_to: Some(first.id), ..text_with_id(&ann, "hello", "c1") };
    assert!(matches!(stage.send(room, &ann, other_reply).await, Err(StoreError::ClientIdConflict)));
    stage.edit(&ann, first.id, "edited").await.expect("edited");
    let after_edit =
        stage.send(room, &ann, text_with_id(&ann, "hello", "c1")).await.expect("still known by its first body");
    assert_eq!((after_edit.fresh, after_edit.message.id), (false, first.id));
    assert!(stage.send(other, &ann, text_with_id(&ann, "hello", "c1")).await.expect("another room").fresh);
    assert!(stage.send(room, &bob, text_with_id(&bob, "hello", "c1")).await.expect("another person").fresh);
    let stage = stage.reopen().await;
    let again = stage.send(room, &ann, text_with_id(&ann, "hello", "c1")).await.expect("known for ever");
    assert_eq!((again.fresh, again.message.id), (false, first.id));
}

async fn a_storm_of_resends_is_one_message(engine: Engine) {
    let stage = Stage::new(engine).await;
    let ann = stage.user("Ann").await;
    let room = stage.room(&ann, &[]).await;
    let mut tries = Vec::new();
    for i in 0..64 {
        let permit = stage.may_post(room, &ann).await;
        let (store, body) = (stage.store.clone(), if i % 16 == 15 { "other" } else { "same" });
        let message = text_with_id(&ann, body, "storm");
        tries.push(tokio::spawn(async move { store.append_message(permit, message).await }));
    }
    let (mut fresh, mut ids, mut conflicts) = (0, HashSet::new(), 0);
    for attempt in tries {
        match attempt.await.expect("ran") {
            Ok(appended) => {
                fresh += i32::from(appended.fresh);
                ids.insert((appended.message.id, appended.message.seq));
            }
            Err(StoreError::ClientIdConflict) => conflicts += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!((fresh, ids.len()), (1, 1));
    assert!(conflicts == 4 || conflicts == 60, "whoever was first decides the body: {conflicts}");
    assert_eq!(stage.told.of_room(room).len(), 2);
}

async fn a_reply_quotes_the_message_as_it_is_now(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("bob").await);
    let (room, other) = (stage.room(&ann, &[&bob]).await, stage.room(&ann, &[]).await);
    let question = stage.say(room, &ann, &"字".repeat(300)).await;
    let answer = NewMessage { reply_to: Some(question.id), ..text(&bob, "yes") };
    let answer = stage.send(room, &bob, answer).await.expect("said").message;
    let quote = answer.reply_to.clone().expect("a quote");
    assert_eq!((quote.message_id, quote.seq, quote.user_id, &*quote.username), (question.id, 3, ann.id, "Ann"));
    assert_eq!(quote.content, "字".repeat(200));
    assert_eq!(stage.message(answer.id).await, answer);
    stage.edit(&ann, question.id, "short").await.expect("edited");
    assert_eq!(stage.message(answer.id).await.reply_to.expect("a quote").content, "short");
    stage.recall(&ann, question.id).await.expect("recalled");
    let quote = stage.message(answer.id).await.reply_to.expect("a quote");
    assert_eq!((quote.content.as_str(), quote.recalled), ("", true));
    let elsewhere = NewMessage { reply_to: Some(question.id), ..text(&ann, "x") };
    assert!(matches!(stage.send(other, &ann, elsewhere).await, Err(StoreError::NotFound)), "of another room");
    let nowhere = NewMessage { reply_to: Some(1), ..text(&ann, "x") };
    assert!(matches!(stage.send(room, &ann, nowhere).await, Err(StoreError::NotFound)));
}

async fn an_edit_is_a_new_position_and_keeps_the_place(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("bob").await);
    let room = stage.room(&ann, &[]).await;
    stage.join(room, &bob).await;
    let said = stage.say(room, &ann, "helo").await;
    let (edited, seq) = stage.edit(&ann, said.id, "hello").await.expect("edited");
    assert_eq!((edited.content.as_str(), edited.seq, seq, edited.edited_at), ("hello", 3, 4, Some(NOW + 50)));
    match stage.told.of_room(room).last() {
        Some(Event::Edit(frame)) => {
            assert_eq!(
                (frame.seq, frame.message_seq, frame.message_id, frame.content.as_str()),
                (4, 3, said.id, "hello")
            );
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(stage.message(said.id).await, edited);
}

async fn a_permit_for_one_room_edits_nothing_in_another(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("bob").await);
    let (room, other) = (stage.room(&ann, &[&bob]).await, stage.room(&bob, &[]).await);
    let (mine, theirs) = (stage.say(room, &bob, "mine").await, stage.say(room, &ann, "theirs").await);
    let elsewhere = stage.say(other, &bob, "elsewhere").await;
    let permit = async || policy::may_edit_message(&bob.actor(), &stage.seat(room, &bob).await, &mine).expect("own");
    for id in [theirs.id, elsewhere.id, 1] {
        let edited = stage.store.edit_message(permit().await, id, "x".into(), Calls::default(), NOW).await;
        assert!(matches!(edited, Err(StoreError::NotFound)), "{edited:?}");
    }
    let recall = policy::may_recall_message(&bob.actor(), &stage.seat(room, &bob).await, &mine, None).expect("own");
    let recalled = stage.store.recall_message(recall, elsewhere.id, NOW).await;
    assert!(matches!(recalled, Err(StoreError::NotFound)), "{recalled:?}");
}

async fn a_recall_erases_the_text_everywhere(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("bob").await);
    let room = stage.room(&ann, &[&bob]).await;
    let said = stage.send(room, &ann, text(&ann, "first-secret-wording @bob")).await.expect("said").message;
    stage.edit(&ann, said.id, "second-secret-wording @bob").await.expect("edited");
    assert_eq!(stage.view(room, &bob).await.mentions, 1);
    let (recalled, seq) = stage.recall(&ann, said.id).await.expect("recalled");
    assert_eq!((recalled.content.as_str(), recalled.recalled_at, seq), ("", Some(NOW + 60), 5));
    assert_eq!(stage.view(room, &bob).await.mentions, 0, "what is taken back names nobody");
    let replayed = format!("{:?}", stage.replay(room, &bob, 0, 5).await);
    assert!(!replayed.contains("secret"), "{replayed}");
    let again = stage.recall(&ann, said.id).await;
    assert!(matches!(again, Err(StoreError::AlreadyRecalled)), "{again:?}");
    stage.store.close().await;
    // What a server does with its files is its own affair.
    let Some(path) = file(&stage.config) else { return };
    let bytes = std::fs::read(path).expect("the file");
    assert!(bytes.windows(6).all(|window| window != b"secret"), "the wording is still in the file");
}

async fn two_recalls_at_once_are_one(engine: Engine) {
    let stage = Stage::new(engine).await;
    let ann = stage.user("Ann").await;
    let room = stage.room(&ann, &[]).await;
    let said = stage.say(room, &ann, "x").await;
    let seat = stage.seat(room, &ann).await;
    let permit = || policy::may_recall_message(&ann.actor(), &seat, &said, None).expect("own");
    let (first, second) = tokio::join!(
        stage.store.recall_message(permit(), said.id, NOW),
        stage.store.recall_message(permit(), said.id, NOW)
    );
    assert!(first.is_ok() && matches!(second, Err(StoreError::AlreadyRecalled)), "{first:?} {second:?}");
    assert_eq!(stage.head(room, &ann).await, 3, "the one that failed took no position");
}

async fn pages_of_history_are_ascending_and_exclusive(engine: Engine) {
    let stage = Stage::new(engine).await;
    let ann = stage.user("Ann").await;
    let room = stage.room(&ann, &[]).await;
    for i in 0..9 {
        let said = stage.say(room, &ann, &format!("m{i}")).await;
        if i == 4 {
            stage.edit(&ann, said.id, "m4!").await.expect("edited");
        }
    }
    // Rows: 1 system, 2-6 texts, 7 an edit, which is no row, 8-11 texts.
    let seqs = async |page, limit| -> Vec<i64> {
        stage.history(room, &ann, page, limit).await.into_iter().map(|row| row.seq).collect()
    };
    assert_eq!(seqs(Page::Newest { offset: 0 }, 3).await, [9, 10, 11]);
    assert_eq!(seqs(Page::Newest { offset: 3 }, 3).await, [5, 6, 8]);
    assert_eq!(seqs(Page::Before(8), 2).await, [5, 6]);
    assert_eq!(seqs(Page::After(6), 2).await, [8, 9]);
    assert_eq!(seqs(Page::Around(6), 5).await, [4, 5, 6, 8, 9]);
    assert_eq!(seqs(Page::Around(7), 4).await, [5, 6, 8, 9]);
    assert_eq!(seqs(Page::Around(1), 4).await, [1, 2]);
    assert_eq!(seqs(Page::Before(1), 5).await, [0_i64; 0]);
    assert_eq!(seqs(Page::After(i64::MAX), 5).await, [0_i64; 0]);
    assert_eq!(seqs(Page::Around(i64::MIN), 2).await, [1]);
}

async fn a_broadcast_stands_in_the_history_in_the_rooms_own_voice(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("bob").await);
    let room = stage.room(&ann, &[&bob]).await;
    let permit = policy::may_broadcast(&ann.actor(), &stage.seat(room, &ann).await).expect("an owner");
    let record = stage.store.append_broadcast(permit, ann.author(), "维护".into(), NOW).await.expect("said");
    assert_eq!(
        (record.event, record.content.as_str(), record.is_text()),
        (Some(SystemEvent::Broadcast), "维护", false)
    );
    let view = stage.view(room, &bob).await;
    assert_eq!((view.last_message, view.unread), (Some(record), 0));
}

async fn a_guest_speaks_in_the_lobby_without_a_seat(engine: Engine) {
    let stage = Stage::new(engine).await;
    let ann = stage.user("Ann").await;
    let guest = chinwag_domain::Actor::guest("路人");
    let seat = stage.store.find_seat(LOBBY, 0).await.expect("asked").expect("there");
    let permit = policy::may_post(&guest, &seat).expect("the lobby");
    let author = Author { user_id: 0, username: "路人".into() };
    let message = NewMessage { author, guest: true, ..text(&ann, "hi") };
    let said = stage.store.append_message(permit, message).await.expect("said").message;
    assert!(said.guest && said.user_id == 0);
    assert_eq!(stage.view(LOBBY, &ann).await.unread, 1);
}

on_every_engine!(
    a_text_is_what_was_said_and_is_told_before_the_answer,
    a_resend_is_the_first_answer_and_another_body_a_conflict,
    a_storm_of_resends_is_one_message,
    a_reply_quotes_the_message_as_it_is_now,
    an_edit_is_a_new_position_and_keeps_the_place,
    a_permit_for_one_room_edits_nothing_in_another,
    a_recall_erases_the_text_everywhere,
    two_recalls_at_once_are_one,
    pages_of_history_are_ascending_and_exclusive,
    a_broadcast_stands_in_the_history_in_the_rooms_own_voice,
    a_guest_speaks_in_the_lobby_without_a_seat,
);
