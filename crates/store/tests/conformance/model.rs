//! Random commands beside a simple model in memory: the store answers as the model does, and the frames that were told
//! lead to the same state as fresh queries.

use std::collections::BTreeMap;

use chinwag_domain::{policy, ports::*, records::*};
use chinwag_proto::{Event, Role, SystemEvent};
use proptest::prelude::*;

use crate::{cast::*, engines::Engine};

#[derive(Clone, Debug)]
enum Command {
    Say { who: usize, client_id: Option<u8>, body: u8, names: Option<usize> },
    Edit { who: usize, which: usize, body: u8 },
    Recall { who: usize, which: usize },
    Join(usize),
    Leave(usize),
    Kick { by: usize, who: usize },
    Role { by: usize, who: usize, role: i32 },
    Read { who: usize, back: i64 },
    Describe { by: usize, text: u8 },
}

fn command() -> impl Strategy<Value = Command> {
    let who = 0..4_usize;
    prop_oneof![
        6 => (who.clone(), proptest::option::of(0..4_u8), 0..3_u8, proptest::option::of(who.clone()))
            .prop_map(|(who, client_id, body, names)| Command::Say { who, client_id, body, names }),
        2 => (who.clone(), 0..20_usize, 0..3_u8).prop_map(|(who, which, body)| Command::Edit { who, which, body }),
        1 => (who.clone(), 0..20_usize).prop_map(|(who, which)| Command::Recall { who, which }),
        2 => who.clone().prop_map(Command::Join),
        1 => who.clone().prop_map(Command::Leave),
        1 => (who.clone(), who.clone()).prop_map(|(by, who)| Command::Kick { by, who }),
        1 => (who.clone(), who.clone(), 0..3_i32).prop_map(|(by, who, role)| Command::Role { by, who, role }),
        2 => (who.clone(), 0..5_i64).prop_map(|(who, back)| Command::Read { who, back }),
        1 => (who, 0..3_u8).prop_map(|(by, text)| Command::Describe { by, text }),
    ]
}

/// What anybody can know of a room from its frames alone.
#[derive(Debug, Default, PartialEq)]
struct State {
    texts: BTreeMap<i64, (i64, String, bool)>,
    members: BTreeMap<i64, Role>,
    description: String,
}

impl State {
    fn apply(&mut self, event: &Event) {
        match event {
            Event::Text(frame) => {
                self.texts.insert(frame.seq, (frame.message_id, frame.content.clone(), frame.recalled_at.is_some()));
            }
            Event::Edit(frame) => {
                self.texts.get_mut(&frame.message_seq).expect("posted before").1 = frame.content.clone()
            }
            Event::Recall(frame) => {
                let text = self.texts.get_mut(&frame.message_seq).expect("posted before");
                (text.1, text.2) = (String::new(), true);
            }
            Event::System(frame) => match frame.event() {
                SystemEvent::RoomCreated => drop(self.members.insert(frame.user_id, Role::Owner)),
                SystemEvent::UserJoined | SystemEvent::UserAdded => {
                    self.members.insert(frame.user_id, Role::Member);
                }
                SystemEvent::UserLeft | SystemEvent::UserKicked => drop(self.members.remove(&frame.user_id)),
                other => panic!("{other:?}"),
            },
            Event::Member(frame) => drop(self.members.insert(frame.user_id, frame.role())),
            Event::Room(frame) => self.description = frame.room.as_ref().expect("the facts").description.clone(),
            other => panic!("{other:?}"),
        }
    }
}

/// How far each person has read, by the plainest possible counting.
#[derive(Default)]
struct Marks {
    /// Position, author, whom it names now; without those that were taken back.
    texts: Vec<(i64, i64, Option<i64>)>,
    read: BTreeMap<i64, i64>,
}

impl Marks {
    fn expected(&self, user: i64) -> (i32, i32) {
        let read = self.read[&user];
        let unread = self.texts.iter().filter(|(seq, _, _)| *seq > read);
        (unread.clone().count() as i32, unread.filter(|(_, _, named)| *named == Some(user)).count() as i32)
    }
}

async fn run(engine: Engine, commands: Vec<Command>) {
    let stage = Stage::new(engine).await;
    let mut people = Vec::new();
    for name in ["ann", "bob", "eve", "kim"] {
        people.push(stage.user(name).await);
    }
    let room = stage.room(&people[0], &[]).await;
    let mut marks = Marks::default();
    marks.read.insert(people[0].id, 1);
    let mut sent: BTreeMap<(i64, u8), (String, i64)> = BTreeMap::new();
    for command in commands {
        step(&stage, room, &people, &mut marks, &mut sent, command).await;
    }
    check(&stage, room, &people, &marks).await;
}

async fn step(
    stage: &Stage,
    room: i64,
    people: &[Person],
    marks: &mut Marks,
    sent: &mut BTreeMap<(i64, u8), (String, i64)>,
    command: Command,
) {
    let head = stage.head(room, &people[0]).await;
    match command {
        Command::Say { who, client_id, body, names } => {
            let who = &people[who];
            let Ok(permit) = policy::may_post(&who.actor(), &stage.seat(room, who).await) else { return };
            let words = names.map_or(body.to_string(), |i| format!("{body} @{}", people[i].name));
            let named = match names {
                Some(i) if stage.seat(room, &people[i]).await.member.is_some() => Some(people[i].id),
                _ => None,
            };
            let client = client_id.map(|id| id.to_string());
            let message = NewMessage { client_id: client, ..text(who, &words) };
            let result = stage.store.append_message(permit, message).await;
            match client_id.and_then(|id| sent.get(&(who.id, id))) {
                Some((before, id)) if *before == words => {
                    let known = result.expect("known");
                    assert_eq!((known.fresh, known.message.id), (false, *id));
                }
                Some(_) => drop(result.expect_err("another body")),
                None => {
                    let message = result.expect("said").message;
                    assert_eq!(message.seq, head + 1);
                    marks.texts.push((message.seq, who.id, named));
                    marks.read.insert(who.id, message.seq);
                    if let Some(id) = client_id {
                        sent.insert((who.id, id), (words, message.id));
                    }
                }
            }
        }
        Command::Edit { who, which, body } => {
            let Some(message) = pick(stage, room, people, which).await else { return };
            if stage.edit(&people[who], message.id, &body.to_string()).await.is_ok() {
                unname(marks, message.seq);
            }
        }
        Command::Recall { who, which } => {
            let Some(message) = pick(stage, room, people, which).await else { return };
            if stage.recall(&people[who], message.id).await.is_ok() {
                marks.texts.retain(|(seq, _, _)| *seq != message.seq);
            }
        }
        Command::Join(who) => {
            if stage.join(room, &people[who]).await {
                marks.read.insert(people[who].id, head + 1);
            }
        }
        Command::Leave(who) => {
            if stage.leave(room, &people[who]).await.is_ok_and(|left| left) {
                marks.read.remove(&people[who].id);
            }
        }
        Command::Kick { by, who } => {
            let Ok(permit) = stage.may_kick(room, &people[by], &people[who]).await else { return };
            if stage.store.kick_member(permit, people[who].author(), NOW).await.is_ok_and(|kicked| kicked) {
                marks.read.remove(&people[who].id);
            }
        }
        Command::Role { by, who, role } => {
            let Ok(permit) = policy::may_set_role(&people[by].actor(), &stage.seat(room, &people[by]).await) else {
                return;
            };
            let role = Role::try_from(role).expect("a role");
            stage.store.set_role(permit, people[who].author(), role, NOW).await.ok();
        }
        Command::Read { who, back } => {
            let who = &people[who];
            let Ok(permit) = policy::may_mark_read(&who.actor(), &stage.seat(room, who).await) else { return };
            let state = stage.store.mark_read(permit, head - back).await.expect("marked").state;
            let read = marks.read.get_mut(&who.id).expect("a member");
            *read = (*read).max(head - back);
            assert_eq!((state.seq, (state.unread, state.mentions)), (*read, marks.expected(who.id)));
        }
        Command::Describe { by, text } => {
            let Ok(permit) = policy::may_edit_room(&people[by].actor(), &stage.seat(room, &people[by]).await) else {
                return;
            };
            let change = RoomChange { description: Some(text.to_string()), ..RoomChange::default() };
            stage.store.update_room(permit, people[by].author(), change, NOW).await.expect("updated");
        }
    }
}

async fn pick(stage: &Stage, room: i64, people: &[Person], which: usize) -> Option<MessageRecord> {
    let mut texts = stage.history(room, &people[0], Page::After(0), 1_000).await;
    texts.retain(MessageRecord::is_text);
    if texts.is_empty() { None } else { Some(texts.swap_remove(which % texts.len())) }
}

fn unname(marks: &mut Marks, seq: i64) {
    for text in &mut marks.texts {
        if text.0 == seq {
            text.2 = None;
        }
    }
}

async fn check(stage: &Stage, room: i64, people: &[Person], marks: &Marks) {
    let told = stage.told.of_room(room);
    let head = stage.head(room, &people[0]).await;
    assert_eq!(told.iter().map(|event| place(event).1).collect::<Vec<_>>(), (1..=head).collect::<Vec<_>>());
    let replayed = stage.replay(room, &people[0], 0, head).await;
    assert_eq!(replayed.iter().map(|event| place(event).1).collect::<Vec<_>>(), (1..=head).collect::<Vec<_>>());

    let (mut live, mut resumed, mut stored) = (State::default(), State::default(), State::default());
    stored.description = stage.seat(room, &people[0]).await.room.description.clone();
    (live.description, resumed.description) = ("what to build".into(), "what to build".into());
    told.iter().for_each(|event| live.apply(event));
    replayed.iter().for_each(|event| resumed.apply(event));
    for message in stage.history(room, &people[0], Page::After(0), 10_000).await {
        if message.is_text() {
            stored.texts.insert(message.seq, (message.id, message.content, message.recalled_at.is_some()));
        }
    }
    let permit = stage.may_read(room, &people[0]).await;
    for (member, user) in stage.store.list_members(permit, "", None, 100, 0).await.expect("listed") {
        stored.members.insert(user.id, member.role);
    }
    assert_eq!(live, stored, "what was told against what is stored");
    assert_eq!(resumed, stored, "what is replayed against what is stored");
    assert_eq!(stage.seat(room, &people[0]).await.room.member_count as usize, stored.members.len());
    for who in people.iter().filter(|who| stored.members.contains_key(&who.id)) {
        let view = stage.view(room, who).await;
        assert_eq!((view.unread, view.mentions), marks.expected(who.id), "{}", who.name);
        assert_eq!(view.member.expect("a member").read_seq, marks.read[&who.id]);
    }
}

fn agrees(engine: Engine) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    // A database of its own for each case takes its time.
    let cases = if engine == Engine::Sqlite { 24 } else { 8 };
    let config =
        ProptestConfig { cases, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let commands = proptest::collection::vec(command(), 1..80);
    let agreed = runner.run(&commands, |commands| {
        runtime.block_on(run(engine, commands));
        Ok(())
    });
    agreed.unwrap_or_else(|error| panic!("{engine:?}: {error}"));
}

#[test]
fn the_store_agrees_with_the_model() {
    agrees(Engine::Sqlite);
}

#[test]
fn the_store_agrees_with_the_model_on_postgres() {
    agrees(Engine::Postgres);
}

#[test]
fn the_store_agrees_with_the_model_on_mariadb() {
    agrees(Engine::MariaDb);
}
