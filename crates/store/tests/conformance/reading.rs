//! Read marks, unread texts and mentions.

use chinwag_domain::{mentions::Mentions, ports::*, records::*};
use chinwag_proto::MentionSpan;

use crate::{cast::*, engines::Engine};

async fn unread_counts_what_others_said_since(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob, eve) = (stage.user("Ann").await, stage.user("bob").await, stage.user("eve").await);
    let room = stage.room(&ann, &[&bob]).await;
    for _ in 0..3 {
        stage.say(room, &ann, "x").await;
    }
    stage.join(room, &eve).await;
    assert_eq!(stage.view(room, &bob).await.unread, 3, "coming and going is not unread");
    assert_eq!(stage.view(room, &ann).await.unread, 0, "one's own is read");
    assert_eq!(stage.view(room, &eve).await.unread, 0, "what was before one came is read");
    let answered = stage.say(room, &bob, "y").await;
    let view = stage.view(room, &bob).await;
    assert_eq!((view.unread, view.member.expect("seated").read_seq), (0, answered.seq));
    assert_eq!((stage.view(room, &ann).await.unread, stage.view(room, &eve).await.unread), (1, 1));
}

async fn the_mark_moves_forward_only_and_counts_what_is_left(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob, eve) = (stage.user("Ann").await, stage.user("bob").await, stage.user("eve").await);
    let room = stage.room(&ann, &[&bob]).await;
    let first = stage.say(room, &ann, "1").await;
    stage.join(room, &eve).await;
    let second = stage.say(room, &ann, "2").await;
    stage.say(room, &ann, "3").await;
    let state = |seq, unread, own_seq| ReadState { room_id: room, seq, unread, mentions: 0, own_seq };
    assert_eq!(stage.mark_read(room, &bob, first.seq).await, state(3, 2, 1));
    assert_eq!(stage.mark_read(room, &bob, first.seq + 1).await, state(4, 2, 2), "a system row lies between");
    assert_eq!(stage.mark_read(room, &bob, 1).await, state(4, 2, 2), "never back");
    assert_eq!(stage.mark_read(room, &bob, second.seq).await, state(5, 1, 3));
    assert_eq!(stage.store.list_unread(bob.id).await.expect("listed"), [state(5, 1, 3)]);
    assert_eq!(stage.mark_read(room, &bob, i64::MAX).await, state(6, 0, 4), "no further than the head");
    assert_eq!(stage.store.list_unread(bob.id).await.expect("listed"), []);
    stage.say(room, &ann, "4").await;
    assert_eq!(stage.view(room, &bob).await.unread, 1);
}

async fn what_was_taken_back_is_not_unread(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("bob").await);
    let room = stage.room(&ann, &[&bob]).await;
    let mut said = Vec::new();
    for n in 0..4 {
        said.push(stage.say(room, &ann, &n.to_string()).await);
    }
    stage.recall(&ann, said[2].id).await.expect("one's own");
    let list = stage.store.list_rooms(bob.id, 100, 0).await.expect("listed");
    assert_eq!(list.iter().find(|view| view.room.id == room).expect("a member").unread, 3);
    assert_eq!(stage.view(room, &bob).await.unread, 3);
    assert_eq!(stage.mark_read(room, &bob, said[0].seq).await.unread, 2);
    stage.recall(&ann, said[0].id).await.expect("one's own");
    assert_eq!(stage.view(room, &bob).await.unread, 2, "it was read before it was taken back");
    assert_eq!(stage.mark_read(room, &bob, said[2].seq).await.unread, 1);
    stage.recall(&ann, said[3].id).await.expect("one's own");
    assert_eq!(stage.view(room, &bob).await.unread, 0);
    assert_eq!(stage.store.list_unread(bob.id).await.expect("listed"), []);
}

async fn a_mark_between_an_edit_and_a_text_counts_texts(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("bob").await);
    let room = stage.room(&ann, &[&bob]).await;
    let said = stage.say(room, &ann, "1").await;
    let (_, edit) = stage.edit(&ann, said.id, "1!").await.expect("edited");
    stage.say(room, &ann, "2").await;
    let state = stage.mark_read(room, &bob, edit).await;
    assert_eq!((state.seq, state.unread), (edit, 1));
}

async fn mentions_count_once_each_until_read(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob, eve) = (stage.user("Ann").await, stage.user("bob").await, stage.user("eve").await);
    let room = stage.room(&ann, &[&bob, &eve]).await;
    let mentions = async |who: &Person| stage.view(room, who).await.mentions;
    stage.send(room, &ann, text(&ann, "@bob, look @bob")).await.expect("said");
    let both = stage.send(room, &ann, text(&ann, "@all look, and @bob")).await.expect("said").message;
    assert_eq!((mentions(&ann).await, mentions(&bob).await, mentions(&eve).await), (0, 2, 1));
    assert_eq!(stage.store.list_unread(eve.id).await.expect("listed")[0].mentions, 1);
    assert_eq!(stage.mark_read(room, &bob, both.seq - 1).await.mentions, 1);
    assert_eq!(stage.mark_read(room, &eve, both.seq).await.mentions, 0);
    stage.send(room, &bob, text(&bob, "@bob @all")).await.expect("said");
    assert_eq!((mentions(&ann).await, mentions(&bob).await, mentions(&eve).await), (1, 0, 1));
}

async fn an_edit_changes_whom_a_text_names(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob, eve) = (stage.user("Ann").await, stage.user("bob").await, stage.user("eve").await);
    let room = stage.room(&ann, &[&bob, &eve]).await;
    let said = stage.send(room, &ann, text(&ann, "look, @bob")).await.expect("said").message;
    assert_eq!(said.mentions.spans, [MentionSpan { start: 6, length: 4, user_id: bob.id }]);
    let (edited, _) = stage.edit(&ann, said.id, "@eve").await.expect("edited");
    let spans = vec![MentionSpan { start: 0, length: 4, user_id: eve.id }];
    assert_eq!(edited.mentions, Mentions { users: vec![eve.id], room: false, spans });
    assert_eq!((stage.view(room, &bob).await.mentions, stage.view(room, &eve).await.mentions), (0, 1));
    stage.edit(&ann, said.id, "@all, @eve").await.expect("edited");
    assert_eq!((stage.view(room, &bob).await.mentions, stage.view(room, &eve).await.mentions), (1, 1));
    stage.edit(&ann, said.id, "nobody").await.expect("edited");
    assert_eq!((stage.view(room, &bob).await.mentions, stage.view(room, &eve).await.mentions), (0, 0));
}

async fn leaving_and_joining_begins_a_new_mark(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("bob").await);
    let room = stage.room(&ann, &[&bob]).await;
    stage.send(room, &ann, text(&ann, "look, @bob")).await.expect("said");
    stage.leave(room, &bob).await.expect("left");
    stage.say(room, &ann, "meanwhile").await;
    stage.join(room, &bob).await;
    let view = stage.view(room, &bob).await;
    assert_eq!((view.unread, view.mentions), (0, 0));
}

on_every_engine!(
    unread_counts_what_others_said_since,
    the_mark_moves_forward_only_and_counts_what_is_left,
    what_was_taken_back_is_not_unread,
    a_mark_between_an_edit_and_a_text_counts_texts,
    mentions_count_once_each_until_read,
    an_edit_changes_whom_a_text_names,
    leaving_and_joining_begins_a_new_mark,
);
