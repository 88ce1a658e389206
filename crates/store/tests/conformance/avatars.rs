//! Pictures that stand for people and rooms: which one stands for whom, and what is told of it. Where their bytes are is not the store's
//! affair.

use chinwag_domain::{
    avatar_records::{Avatar, AvatarOwner},
    avatar_store::AvatarStore,
    policy,
    ports::*,
    records::*,
};
use chinwag_proto::{DrawnAvatar, Event};

use crate::{cast::*, engines::Engine};

fn key(digit: char) -> String {
    digit.to_string().repeat(32)
}

fn uploaded(digit: char) -> Option<Avatar> {
    Some(Avatar::Uploaded(key(digit)))
}

const FOX: Option<Avatar> = Some(Avatar::Drawn(DrawnAvatar::Fox));

impl Stage {
    async fn choose(&self, who: &Person, avatar: Option<Avatar>) -> (UserRecord, Option<Avatar>) {
        self.store.set_user_avatar(who.id, who.id, avatar).await.expect("one's own")
    }

    async fn choose_for(&self, room_id: i64, by: &Person, avatar: Option<Avatar>) -> (RoomView, Option<Avatar>) {
        let permit = policy::may_edit_room(&by.actor(), &self.seat(room_id, by).await).expect("an owner");
        self.store.set_room_avatar(permit, by.author(), avatar, NOW + 70).await.expect("set")
    }

    async fn owner(&self, digit: char) -> Option<AvatarOwner> {
        self.store.find_avatar_owner(&key(digit)).await.expect("asked")
    }
}

async fn a_picture_takes_the_place_of_the_one_before_which_is_given_back(engine: Engine) {
    let stage = Stage::new(engine).await;
    let begun = NewUser { avatar: FOX, ..new_user("Ann") };
    let ann = stage.store.create_user(begun, None).await.expect("made");
    assert_eq!(ann.avatar, FOX);
    let ann = Person { id: ann.id, name: ann.username };
    assert_eq!(stage.choose(&ann, FOX).await.1, None, "what is so already gives nothing back");
    assert_eq!(stage.choose(&ann, uploaded('a')).await.1, FOX);
    let (now, before) = stage.choose(&ann, uploaded('b')).await;
    assert_eq!((now.avatar.clone(), before), (uploaded('b'), uploaded('a')));
    assert_eq!(stage.store.find_user(ann.id).await.expect("asked"), Some(now));
    assert_eq!((stage.owner('a').await, stage.owner('b').await), (None, Some(AvatarOwner::Person(ann.id))));
    assert_eq!(stage.choose(&ann, None).await.1, uploaded('b'));
    assert_eq!(stage.owner('b').await, None);
    let addresses: Vec<String> = stage.told.profiles().into_iter().map(|user| user.avatar_url).collect();
    let [a, b] = ['a', 'b'].map(|digit| format!("/api/avatars/{}", key(digit)));
    assert_eq!(addresses, [a, b, String::new()], "each is told once");
    let change = ProfileChange { bio: Some("tea".into()), ..ProfileChange::default() };
    stage.choose(&ann, FOX).await;
    assert_eq!(stage.store.update_user(ann.id, ann.id, change).await.expect("changed").avatar, FOX);
}

async fn another_chooses_for_somebody_only_while_they_administer(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (root, ann, bob) = (stage.user("root").await, stage.user("Ann").await, stage.user("bob").await);
    stage.store.set_admin(root.id, true).await.expect("promoted");
    let stale = stage.store.set_user_avatar(ann.id, bob.id, FOX).await;
    assert!(matches!(stale, Err(StoreError::Stale)), "{stale:?}");
    assert_eq!(stage.store.set_user_avatar(ann.id, root.id, FOX).await.expect("set").0.avatar, FOX);
    let nobody = stage.store.set_user_avatar(99, 99, FOX).await;
    assert!(matches!(nobody, Err(StoreError::NotFound)), "{nobody:?}");
}

async fn a_rooms_picture_is_a_change_of_its_settings(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("bob").await);
    let room = stage.room(&ann, &[&bob]).await;
    let head = stage.head(room, &ann).await;
    let (view, before) = stage.choose_for(room, &ann, uploaded('c')).await;
    assert_eq!((view.room.avatar.clone(), before), (uploaded('c'), None));
    assert_eq!(stage.view(room, &bob).await.room.avatar, uploaded('c'));
    assert_eq!(stage.choose_for(room, &ann, uploaded('c')).await.1, None, "what is so already takes no position");
    let change = RoomChange { description: Some("d".into()), ..RoomChange::default() };
    assert_eq!(stage.update_room(room, &ann, change).await.avatar, uploaded('c'), "it stays with other changes");
    assert_eq!(stage.choose_for(room, &ann, FOX).await.1, uploaded('c'));
    let log = stage.replay(room, &bob, head, head + 9).await;
    let addresses = log.iter().filter_map(|event| match event {
        Event::Room(change) => change.room.as_ref().map(|room| room.avatar_url.clone()),
        _ => None,
    });
    let kept = format!("/api/avatars/{}", key('c'));
    assert_eq!(addresses.collect::<Vec<_>>(), [kept.clone(), kept, "/avatars/fox.svg".into()]);
    assert_eq!(log.len(), 3);
}

async fn the_end_of_a_room_gives_its_picture_back(engine: Engine) {
    let stage = Stage::new(engine).await;
    let ann = stage.user("Ann").await;
    let room = stage.room(&ann, &[]).await;
    stage.choose_for(room, &ann, uploaded('d')).await;
    assert_eq!(stage.owner('d').await, Some(AvatarOwner::Room(room)));
    let permit = policy::may_delete_room(&ann.actor(), &stage.seat(room, &ann).await).expect("the owner");
    assert_eq!(stage.store.delete_room(permit, NOW).await.expect("deleted"), uploaded('d'));
    assert_eq!(stage.owner('d').await, None);
}

async fn of_keys_those_are_known_that_stand_for_somebody(engine: Engine) {
    let stage = Stage::new(engine).await;
    let ann = stage.user("Ann").await;
    let room = stage.room(&ann, &[]).await;
    stage.choose(&ann, uploaded('a')).await;
    stage.choose_for(room, &ann, uploaded('b')).await;
    let keys = ['a', 'b', 'c'].map(key);
    let mut known = stage.store.referred_avatars(&keys).await.expect("asked");
    known.sort_unstable();
    assert_eq!(known, ['a', 'b'].map(key));
    assert!(stage.store.referred_avatars(&[]).await.expect("asked").is_empty());
}

/// Each gives back the one before it, so that the bytes of none are forgotten.
async fn of_several_at_once_all_but_the_last_are_given_back(engine: Engine) {
    let one = Stage::new(engine).await;
    let other = one.beside().await;
    let ann = one.user("Ann").await;
    let digits = ['1', '2', '3', '4', '5', '6'];
    let [first, second] = [&digits[..3], &digits[3..]];
    let choose = async |stage: &Stage, digits: &[char]| {
        let mut given = Vec::new();
        for digit in digits {
            given.push(stage.choose(&ann, uploaded(*digit)).await.1);
        }
        given
    };
    let (mut given, more) = tokio::join!(choose(&one, first), choose(&other, second));
    given.extend(more);
    let last = one.store.find_user(ann.id).await.expect("asked").expect("there").avatar;
    given.push(last);
    let mut words: Vec<String> = given.into_iter().flatten().map(|avatar| avatar.word()).collect();
    words.sort_unstable();
    assert_eq!(words, digits.map(key));
}

on_every_engine!(
    a_picture_takes_the_place_of_the_one_before_which_is_given_back,
    another_chooses_for_somebody_only_while_they_administer,
    a_rooms_picture_is_a_change_of_its_settings,
    the_end_of_a_room_gives_its_picture_back,
    of_keys_those_are_known_that_stand_for_somebody,
    of_several_at_once_all_but_the_last_are_given_back,
);
