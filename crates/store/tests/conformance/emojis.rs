//! The emojis of a place's own: who makes and deletes them, how many there are, and what is told of their changes. Where their bytes are is
//! not the store's affair.

use chinwag_domain::{
    avatar_records::AvatarOwner,
    avatar_store::AvatarStore,
    emoji_records::{EmojiRecord, NewEmoji},
    emoji_store::EmojiStore,
    ports::*,
};
use chinwag_proto::limits;

use crate::{cast::*, engines::Engine};

impl Stage {
    pub async fn make_emoji(&self, who: &Person, name: &str) -> StoreResult<EmojiRecord> {
        let picture = picture(name);
        let emoji = NewEmoji { name: name.into(), picture, created_by: who.id, created_at: NOW };
        self.store.create_emoji(emoji).await
    }

    /// So many are there, made by `maker`.
    async fn have_emojis(&self, count: usize, maker: i64) {
        let rows = (1..=count).map(|i| format!("({i}, 'e{i}', '{i}', {maker}, 0)")).collect::<Vec<_>>().join(", ");
        let insert = "INSERT INTO custom_emojis (id, name, picture, created_by, created_at) VALUES";
        self.by_hand(&format!("{insert} {rows}")).await;
        self.by_hand(&format!("UPDATE counters SET last = {count} WHERE name = 'custom_emojis'")).await;
    }

    async fn names(&self) -> Vec<String> {
        let list = self.store.list_emojis().await.expect("listed");
        list.emojis.into_iter().map(|emoji| emoji.name).collect()
    }

    async fn version(&self) -> i64 {
        let version = self.store.emojis_version().await.expect("asked");
        assert_eq!(self.store.list_emojis().await.expect("listed").version, version);
        version
    }
}

/// A key of its own for each name.
fn picture(name: &str) -> String {
    format!("{name:0>32}")
}

async fn each_change_of_the_emojis_has_the_next_version_and_is_told_by_it(engine: Engine) {
    let stage = Stage::new(engine).await;
    let ann = stage.user("Ann").await;
    assert_eq!((stage.version().await, stage.names().await), (0, vec![]));
    let tea = stage.make_emoji(&ann, "tea").await.expect("made");
    let made =
        EmojiRecord { id: tea.id, name: "tea".into(), picture: picture("tea"), created_by: ann.id, created_at: NOW };
    assert_eq!(tea, made);
    let cup = stage.make_emoji(&ann, "a-cup").await.expect("made");
    assert_eq!(stage.store.list_emojis().await.expect("listed").emojis, [tea.clone(), cup.clone()]);
    assert_eq!(stage.store.delete_emoji(cup.id, ann.id).await.expect("deleted"), picture("a-cup"));
    assert_eq!((stage.version().await, stage.names().await), (3, vec!["tea".to_owned()]));
    let again = stage.make_emoji(&ann, "a-cup").await.expect("the name is free again");
    assert!(again.id > cup.id, "no id is given twice");
    assert_eq!((stage.version().await, stage.told.emojis()), (4, vec![1, 2, 3, 4]));
    let gone = stage.store.delete_emoji(cup.id, ann.id).await;
    assert!(matches!(gone, Err(StoreError::NotFound)), "{gone:?}");
    assert_eq!((stage.version().await, stage.told.emojis().len()), (4, 4), "what was refused is no change");
    assert_eq!(stage.reopen().await.version().await, 4);
}

async fn an_emoji_is_deleted_by_its_maker_and_by_who_administers_the_server_now(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (root, ann, bob) = (stage.user("root").await, stage.user("Ann").await, stage.user("bob").await);
    let (tea, cup) =
        (stage.make_emoji(&ann, "tea").await.expect("made"), stage.make_emoji(&ann, "cup").await.expect("made"));
    for (who, id) in [(&bob, tea.id), (&root, tea.id), (&ann, 99)] {
        let refused = stage.store.delete_emoji(id, who.id).await;
        assert!(matches!(refused, Err(StoreError::NotFound)), "{}: {refused:?}", who.name);
    }
    stage.store.set_admin(root.id, true).await.expect("promoted");
    stage.store.delete_emoji(tea.id, root.id).await.expect("he administers it");
    stage.store.delete_emoji(cup.id, ann.id).await.expect("hers");
    stage.store.deactivate_user(ann.id, ann.id, NOW).await.expect("closed");
    let closed = stage.make_emoji(&ann, "late").await;
    assert!(matches!(closed, Err(StoreError::Stale)), "{closed:?}");
    assert!(stage.names().await.is_empty());
}

/// Whichever comes first: the others write nothing.
async fn of_two_who_take_a_name_at_once_one_has_it(engine: Engine) {
    let one = Stage::new(engine).await;
    let other = one.beside().await;
    let (ann, bob) = (one.user("Ann").await, one.user("bob").await);
    for name in ["tea", "cup", "pot"] {
        let (hers, his) = tokio::join!(one.make_emoji(&ann, name), async {
            let emoji = NewEmoji {
                name: name.into(),
                picture: picture(&format!("{name}2")),
                created_by: bob.id,
                created_at: NOW,
            };
            other.store.create_emoji(emoji).await
        });
        let (taken, refused): (Vec<_>, Vec<_>) = [hers, his].into_iter().partition(Result::is_ok);
        assert!(matches!((&*taken, &*refused), ([Ok(_)], [Err(StoreError::EmojiTaken)])), "{taken:?} {refused:?}");
    }
    assert_eq!((one.names().await.len(), one.version().await), (3, 3));
}

async fn there_are_so_many_emojis_and_no_more_whoever_makes_the_last_at_once(engine: Engine) {
    let one = Stage::new(engine).await;
    let other = one.beside().await;
    let ann = one.user("Ann").await;
    one.have_emojis(limits::EMOJIS - 1, 99).await;
    let (first, second) = tokio::join!(one.make_emoji(&ann, "tea"), other.make_emoji(&ann, "cup"));
    let (made, refused): (Vec<_>, Vec<_>) = [first, second].into_iter().partition(Result::is_ok);
    assert!(matches!((&*made, &*refused), ([Ok(_)], [Err(StoreError::TooManyEmojis)])), "{made:?} {refused:?}");
    assert_eq!(one.names().await.len(), limits::EMOJIS);
    one.store.delete_emoji(made[0].as_ref().expect("made").id, ann.id).await.expect("deleted");
    one.make_emoji(&ann, "pot").await.expect("there is a place again");
}

async fn of_all_emojis_one_person_has_so_many_and_no_more_but_who_administers_the_server(engine: Engine) {
    let one = Stage::new(engine).await;
    let other = one.beside().await;
    let (ann, bob) = (one.user("Ann").await, one.user("bob").await);
    one.have_emojis(limits::EMOJIS_OF_ONE - 1, ann.id).await;
    let (first, second) = tokio::join!(one.make_emoji(&ann, "tea"), other.make_emoji(&ann, "cup"));
    let (made, refused): (Vec<_>, Vec<_>) = [first, second].into_iter().partition(Result::is_ok);
    assert!(matches!((&*made, &*refused), ([Ok(_)], [Err(StoreError::TooManyOwnEmojis)])), "{made:?} {refused:?}");
    one.make_emoji(&bob, "pot").await.expect("he has none yet");
    one.store.delete_emoji(made[0].as_ref().expect("made").id, ann.id).await.expect("deleted");
    one.make_emoji(&ann, "jug").await.expect("there is a place again");
    one.store.set_admin(ann.id, true).await.expect("promoted");
    one.make_emoji(&ann, "urn").await.expect("she administers it");
    assert_eq!(one.names().await.len(), limits::EMOJIS_OF_ONE + 2);
}

async fn the_picture_of_an_emoji_is_known_by_its_key_and_is_nobodys_after_it(engine: Engine) {
    let stage = Stage::new(engine).await;
    let ann = stage.user("Ann").await;
    let tea = stage.make_emoji(&ann, "tea").await.expect("made");
    let owner = async || stage.store.find_avatar_owner(&tea.picture).await.expect("asked");
    let known = async || stage.store.referred_avatars(&[picture("cup"), tea.picture.clone()]).await.expect("asked");
    assert_eq!((owner().await, known().await), (Some(AvatarOwner::Emoji(tea.id)), vec![tea.picture.clone()]));
    stage.store.delete_emoji(tea.id, ann.id).await.expect("deleted");
    assert_eq!((owner().await, known().await), (None, vec![]));
}

on_every_engine!(
    each_change_of_the_emojis_has_the_next_version_and_is_told_by_it,
    an_emoji_is_deleted_by_its_maker_and_by_who_administers_the_server_now,
    of_two_who_take_a_name_at_once_one_has_it,
    there_are_so_many_emojis_and_no_more_whoever_makes_the_last_at_once,
    of_all_emojis_one_person_has_so_many_and_no_more_but_who_administers_the_server,
    the_picture_of_an_emoji_is_known_by_its_key_and_is_nobodys_after_it,
);
