//! Files: begun within a person's share, made whole, attached once, given up, swept. Where their bytes are is not the store's affair.

use std::collections::BTreeSet;

use chinwag_domain::{
    file_records::{BlobName, FileRecord, NewPoster, NewUpload, WholeFile},
    file_store::FileStore,
    policy,
    ports::*,
    records::*,
};
use chinwag_proto::{Event, FileCategory, MessageType, Sentence, id::LIMIT};

use crate::{cast::*, engines::Engine};

pub const LENGTH: i64 = 1_000;
pub const DAY: i64 = 86_400_000;

pub fn upload(who: &Person) -> NewUpload {
    NewUpload {
        user_id: who.id,
        name: "Ünterlagen 文件.pdf".into(),
        length: LENGTH,
        waveform: vec![0, 50, 100],
        duration_ms: None,
        created_at: NOW,
        expires_at: NOW + DAY,
    }
}

pub fn blob(content: &str, brought_by: i64) -> BlobName {
    BlobName { hash: format!("{content:0>64}"), brought_by }
}

pub fn whole(category: FileCategory, content: &str) -> WholeFile {
    WholeFile {
        size: 900,
        media_type: "image/png".into(),
        category,
        width: Some(640),
        height: Some(480),
        duration_ms: Some(1_500),
        placeholder: Some(vec![0, 1, 255]),
        waveform: vec![7, 8],
        thumbs: vec![256, 1024],
        thumb_bytes: 0,
        hash: format!("{content:0>64}"),
    }
}

impl Stage {
    pub async fn upload(&self, who: &Person) -> FileRecord {
        self.store.create_upload(upload(who), None).await.expect("begun")
    }

    pub async fn file_of(&self, who: &Person, category: FileCategory, content: &str) -> i64 {
        let upload = self.upload(who).await;
        self.store.finish_upload(upload.id, whole(category, content), NOW).await.expect("whole").id
    }

    pub async fn image(&self, who: &Person) -> i64 {
        self.file_of(who, FileCategory::Image, "abc").await
    }

    /// Whose message it is, where somebody has it.
    async fn holder(&self, file: i64) -> Option<i64> {
        self.store.find_file(file).await.expect("looked up").expect("it is there").message_id
    }
}

pub fn with(who: &Person, content: &str, attachments: &[i64]) -> NewMessage {
    NewMessage { attachments: attachments.to_vec(), ..text(who, content) }
}

async fn an_upload_grows_from_where_it_is_and_becomes_whole_once(engine: Engine) {
    let stage = Stage::new(engine).await;
    let ann = stage.user("Ann").await;
    let begun = stage.upload(&ann).await;
    assert_eq!((begun.received, begun.parts, begun.is_whole(), begun.size), (0, 0, false, 0));
    assert_eq!(
        (&*begun.name, &*begun.waveform, begun.expires_at),
        ("Ünterlagen 文件.pdf", &[0, 50, 100][..], NOW + DAY)
    );
    assert_eq!(stage.store.find_file(begun.id).await.expect("looked up"), Some(begun.clone()));
    let grown = stage.store.advance_upload(begun.id, 0, 400, NOW).await.expect("grown");
    assert_eq!((grown.received, grown.parts), (400, 1));
    for (from, to) in [(0, 400), (401, 500), (400, LENGTH + 1)] {
        let astray = stage.store.advance_upload(begun.id, from, to, NOW).await;
        assert!(matches!(astray, Err(StoreError::Stale)), "{from} to {to}: {astray:?}");
    }
    let late = stage.store.advance_upload(begun.id, 400, 500, NOW + DAY).await;
    assert!(matches!(late, Err(StoreError::NotFound)), "{late:?}");
    stage.store.advance_upload(begun.id, 400, LENGTH, NOW).await.expect("all of it");
    let file = stage.store.finish_upload(begun.id, whole(FileCategory::Image, "a"), NOW + 7).await.expect("whole");
    assert_eq!((file.is_whole(), file.size, file.length, file.created_at), (true, 900, LENGTH, NOW + 7));
    assert_eq!((file.width, file.height, file.duration_ms), (Some(640), Some(480), Some(1_500)));
    assert_eq!(
        (&file.placeholder, &*file.waveform, &*file.thumbs),
        (&Some(vec![0, 1, 255]), &[7, 8][..], &[256, 1024][..])
    );
    let again = stage.store.finish_upload(begun.id, whole(FileCategory::File, "b"), NOW + 9).await.expect("known");
    assert_eq!(again, file);
    let more = stage.store.advance_upload(begun.id, LENGTH, LENGTH, NOW).await;
    assert!(matches!(more, Err(StoreError::NotFound)), "{more:?}");
    let nothing = stage.store.finish_upload(5, whole(FileCategory::File, "b"), NOW).await;
    assert!(matches!(nothing, Err(StoreError::NotFound)), "{nothing:?}");
}

async fn ids_of_files_are_unique_and_exact_in_json_even_where_a_moment_has_many(engine: Engine) {
    let stage = Stage::new(engine).await;
    let ann = stage.user("Ann").await;
    let mut ids = BTreeSet::new();
    for _ in 0..300 {
        ids.insert(stage.upload(&ann).await.id);
    }
    assert_eq!(ids.len(), 300);
    assert!(ids.iter().all(|id| (0..LIMIT).contains(id)), "{ids:?}");
    let in_2100 = NewUpload { created_at: 4_102_444_800_000, ..upload(&ann) };
    assert!(stage.store.create_upload(in_2100, None).await.expect("begun").id < LIMIT);
}

async fn a_file_hangs_on_one_message_which_shows_it_wherever_it_is_read(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("Bob").await);
    let room = stage.room(&ann, &[&bob]).await;
    let (first, second) = (stage.image(&ann).await, stage.file_of(&ann, FileCategory::File, "def").await);
    let said = stage.send(room, &ann, with(&ann, "look @bob", &[second, first])).await.expect("said").message;
    assert_eq!((said.kind, said.is_text(), said.seq), (MessageType::File, true, 3));
    assert_eq!(said.attachments.iter().map(|it| it.id).collect::<Vec<_>>(), [second, first], "in their order");
    let shown = &said.attachments[1];
    assert_eq!((&*shown.file_name, shown.file_size, &*shown.file_type), ("Ünterlagen 文件.pdf", 900, "image/png"));
    assert_eq!((shown.category(), shown.width, shown.duration), (FileCategory::Image, Some(640), Some(1.5)));
    assert_eq!(
        (shown.placeholder.as_deref(), &*shown.waveform, &*shown.thumbs),
        (Some("AAH/"), &[7, 8][..], &[256, 1024][..])
    );
    assert_eq!(said.mentions.users, [bob.id]);
    assert_eq!((stage.holder(first).await, stage.holder(second).await), (Some(said.id), Some(said.id)));
    assert_eq!(stage.store.find_file(first).await.expect("looked up").expect("there").room_id, Some(room));
    // However it is read.
    assert_eq!(stage.message(said.id).await, said);
    assert_eq!(stage.history(room, &bob, Page::Newest { offset: 0 }, 1).await, std::slice::from_ref(&said));
    let told = stage.told.of_room(room).pop().expect("told");
    assert_eq!(stage.replay(room, &bob, 2, 3).await, std::slice::from_ref(&told));
    let Event::Text(frame) = told else { panic!("{told:?}") };
    assert_eq!((&frame.attachments, frame.message_type()), (&said.attachments, MessageType::File));
    // It counts as a text does.
    let (mine, theirs) = (stage.view(room, &ann).await, stage.view(room, &bob).await);
    assert_eq!((mine.unread, mine.member.expect("a seat").read_seq), (0, 3));
    assert_eq!((theirs.unread, theirs.mentions), (1, 1));
    assert_eq!(theirs.last_message.as_ref().map(|last| &last.attachments), Some(&said.attachments));
    let answer = NewMessage { reply_to: Some(said.id), ..text(&bob, "fine") };
    let answer = stage.send(room, &bob, answer).await.expect("said").message;
    assert_eq!(answer.reply_to.as_ref().map(|quote| quote.kind), Some(MessageType::File));
    assert_eq!(stage.message(answer.id).await, answer);
    // A file may answer, too.
    let third = stage.image(&bob).await;
    let picture = NewMessage { reply_to: Some(answer.id), ..with(&bob, "", &[third]) };
    let picture = stage.send(room, &bob, picture).await.expect("said").message;
    assert_eq!((picture.kind, &*picture.content), (MessageType::Image, ""));
    assert_eq!(
        picture.reply_to.as_ref().map(|quote| (quote.message_id, quote.kind)),
        Some((answer.id, MessageType::Text))
    );
    assert_eq!(stage.message(picture.id).await, picture);
    let elsewhere = NewMessage { reply_to: Some(1), ..with(&ann, "", &[stage.image(&ann).await]) };
    assert!(matches!(stage.send(room, &ann, elsewhere).await, Err(StoreError::NotFound)));
    // It goes on as before.
    assert_eq!(stage.say(room, &ann, "on").await.seq, picture.seq + 1);
}

async fn what_is_not_ones_own_whole_and_free_is_not_attached_and_nothing_is_written(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("Bob").await);
    let room = stage.room(&ann, &[&bob]).await;
    let (good, used, theirs) = (stage.image(&ann).await, stage.image(&ann).await, stage.image(&bob).await);
    let unfinished = stage.upload(&ann).await.id;
    stage.send(room, &ann, with(&ann, "", &[used])).await.expect("said");
    let head = stage.head(room, &ann).await;
    for bad in [theirs, used, unfinished, 12_345] {
        for attachments in [vec![bad], vec![good, bad], vec![bad, good]] {
            let refused = stage.send(room, &ann, with(&ann, "x", &attachments)).await;
            assert!(matches!(refused, Err(StoreError::FileNotFound)), "{attachments:?}: {refused:?}");
        }
    }
    assert_eq!((stage.holder(good).await, stage.holder(theirs).await), (None, None));
    assert_eq!((stage.head(room, &ann).await, stage.told.of_room(room).len() as i64), (head, head));
    // What somebody gave up is nobody's, and a guest is nobody, too.
    stage.store.remove_file(used, ann.id).await.expect("asked");
    stage.store.remove_file(good, ann.id).await.expect("removed");
    let nobody = Person { id: 0, name: "guest".into() };
    let permit = policy::may_post(&nobody.actor(), &stage.seat(LOBBY, &nobody).await).expect("the lobby is open");
    let stolen = stage.store.append_message(permit, NewMessage { guest: true, ..with(&nobody, "", &[good]) }).await;
    assert!(matches!(stolen, Err(StoreError::FileNotFound)), "{stolen:?}");
}

async fn the_type_says_what_a_message_has(engine: Engine) {
    use {FileCategory::*, MessageType as Type};
    let stage = Stage::new(engine).await;
    let ann = stage.user("Ann").await;
    let room = stage.room(&ann, &[]).await;
    for (asked, categories, told) in [
        (Type::Text, &[Image, File][..], Ok(Type::Image)),
        (Type::Text, &[Video], Ok(Type::Video)),
        (Type::Text, &[Audio], Ok(Type::File)),
        (Type::File, &[Image], Ok(Type::File)),
        (Type::Image, &[Image, Image], Ok(Type::Image)),
        (Type::Voice, &[Audio], Ok(Type::Voice)),
        (Type::Video, &[Video], Ok(Type::Video)),
        (Type::Image, &[Image, File], Err(Sentence::AttachImages)),
        (Type::Voice, &[Audio, Audio], Err(Sentence::AttachAudio)),
        (Type::Voice, &[Video], Err(Sentence::AttachAudio)),
        (Type::Video, &[Video, Video], Err(Sentence::AttachVideo)),
        (Type::Video, &[Audio], Err(Sentence::AttachVideo)),
    ] {
        let mut ids = Vec::new();
        for category in categories {
            ids.push(stage.file_of(&ann, *category, "x").await);
        }
        let message = NewMessage { kind: asked, ..with(&ann, "", &ids) };
        let sent = stage.send(room, &ann, message).await;
        let sent = match sent {
            Ok(sent) => Ok(sent.message.kind),
            Err(StoreError::Unfitting(sentence)) => Err(sentence),
            Err(other) => panic!("{other}"),
        };
        assert_eq!(sent, told, "{asked:?} of {categories:?}");
        assert_eq!(stage.holder(ids[0]).await.is_some(), told.is_ok(), "{asked:?} of {categories:?}");
    }
}

async fn a_resend_is_the_first_answer_and_takes_nothing_again(engine: Engine) {
    let stage = Stage::new(engine).await;
    let ann = stage.user("Ann").await;
    let room = stage.room(&ann, &[]).await;
    let (one, two) = (stage.image(&ann).await, stage.image(&ann).await);
    let send = |attachments: Vec<i64>, kind| {
        let message = NewMessage { attachments, kind, ..text_with_id(&ann, "look", "c1") };
        stage.send(room, &ann, message)
    };
    let first = send(vec![one], MessageType::Text).await.expect("said");
    assert!(first.fresh);
    let again = send(vec![one], MessageType::Text).await.expect("known");
    assert_eq!((again.fresh, &again.message), (false, &first.message));
    for (attachments, kind) in [
        (vec![], MessageType::Text),
        (vec![two], MessageType::Text),
        (vec![one, two], MessageType::Text),
        (vec![one], MessageType::Image),
    ] {
        let other = send(attachments.clone(), kind).await;
        assert!(matches!(other, Err(StoreError::ClientIdConflict)), "{attachments:?} {kind:?}: {other:?}");
    }
    assert_eq!((stage.holder(two).await, stage.head(room, &ann).await), (None, 2));
    // And a text's client id is no message's with attachments.
    stage.send(room, &ann, text_with_id(&ann, "look", "c2")).await.expect("said");
    let other = NewMessage { client_id: Some("c2".into()), ..with(&ann, "look", &[two]) };
    assert!(matches!(stage.send(room, &ann, other).await, Err(StoreError::ClientIdConflict)));
    stage.recall(&ann, first.message.id).await.expect("recalled");
    let after = send(vec![one], MessageType::Text).await.expect("known for ever");
    assert_eq!((after.fresh, after.message.id, after.message.attachments.len()), (false, first.message.id, 0));
}

async fn of_two_sends_that_want_one_file_one_gets_it(engine: Engine) {
    let one = Stage::new(engine).await;
    let other = one.beside().await;
    let ann = one.user("Ann").await;
    let rooms = [one.room(&ann, &[]).await, one.room(&ann, &[]).await];
    for _ in 0..10 {
        let files = [one.image(&ann).await, one.image(&ann).await];
        let reversed = [files[1], files[0]];
        let answers = tokio::join!(
            one.send(rooms[0], &ann, with(&ann, "one", &files)),
            other.send(rooms[1], &ann, with(&ann, "other", &reversed)),
        );
        let (said, refused) = match answers {
            (Ok(said), Err(refused)) | (Err(refused), Ok(said)) => (said, refused),
            both => panic!("{both:?}"),
        };
        assert!(matches!(refused, StoreError::FileNotFound), "{refused}");
        for file in files {
            assert_eq!(one.holder(file).await, Some(said.message.id));
        }
    }
}

async fn a_recall_gives_up_the_files_and_nothing_shows_them_any_more(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("Bob").await);
    let room = stage.room(&ann, &[&bob]).await;
    let (file, spare) = (stage.image(&ann).await, stage.image(&ann).await);
    let said = stage.send(room, &ann, with(&ann, "look", &[file])).await.expect("said").message;
    let edited = stage.edit(&ann, said.id, "").await.expect("its words may go").0;
    assert_eq!((&*edited.content, &edited.attachments), ("", &said.attachments));
    assert_eq!(stage.message(said.id).await, edited);
    let (gone, seq) = stage.recall(&ann, said.id).await.expect("recalled");
    assert_eq!((gone.attachments.len(), gone.kind), (0, MessageType::Image));
    assert_eq!(stage.message(said.id).await, gone);
    let log = stage.replay(room, &bob, said.seq - 1, seq).await;
    assert!(
        matches!(&log[0], Event::Text(frame) if frame.attachments.is_empty() && frame.recalled_at.is_some()),
        "{log:?}"
    );
    assert_eq!(stage.store.find_file(file).await.expect("looked up"), None);
    let again = stage.send(room, &ann, with(&ann, "", &[file])).await;
    assert!(matches!(again, Err(StoreError::FileNotFound)), "{again:?}");
    assert!(!stage.store.remove_file(file, ann.id).await.expect("asked"));
    assert!(stage.store.find_file(spare).await.expect("looked up").is_some());
    let traces = "files WHERE name <> '' OR placeholder IS NOT NULL OR waveform IS NOT NULL";
    assert_eq!(stage.count(traces).await, 1, "the spare one's alone");
    let jobs = stage.store.take_jobs(std::time::Duration::from_secs(1), 10).await.expect("taken");
    assert!(jobs.iter().any(|job| job.kind == JobKind::SweepFiles), "{jobs:?}");
}

async fn the_end_of_a_room_gives_up_its_files(engine: Engine) {
    let stage = Stage::new(engine).await;
    let ann = stage.user("Ann").await;
    let (room, other) = (stage.room(&ann, &[]).await, stage.room(&ann, &[]).await);
    let (file, kept) = (stage.image(&ann).await, stage.image(&ann).await);
    stage.send(room, &ann, with(&ann, "", &[file])).await.expect("said");
    stage.send(other, &ann, with(&ann, "", &[kept])).await.expect("said");
    stage.delete_room(room, &ann).await;
    assert_eq!(stage.store.find_file(file).await.expect("looked up"), None);
    assert!(stage.holder(kept).await.is_some());
}

async fn only_its_owner_removes_a_file_and_changes_its_picture_while_no_message_has_it(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("Bob").await);
    let room = stage.room(&ann, &[&bob]).await;
    let (file, upload) = (stage.file_of(&ann, FileCategory::Video, "v").await, stage.upload(&ann).await.id);
    let poster = |size| NewPoster {
        thumbs: vec![size],
        thumb_bytes: 60,
        placeholder: Some(vec![9]),
        width: Some(1),
        height: Some(2),
    };
    let posted = stage.store.set_poster(file, poster(256), None).await.expect("set");
    assert_eq!((&*posted.thumbs, posted.placeholder, posted.width), (&[256][..], Some(vec![9]), Some(640)));
    let unfinished = stage.store.set_poster(upload, poster(256), None).await;
    assert!(matches!(unfinished, Err(StoreError::NotFound)), "{unfinished:?}");
    for (file, by, removed) in
        [(file, bob.id, false), (upload, bob.id, false), (upload, ann.id, true), (upload, ann.id, false)]
    {
        assert_eq!(stage.store.remove_file(file, by).await.expect("asked"), removed, "{file} by {by}");
    }
    stage.send(room, &ann, with(&ann, "", &[file])).await.expect("said");
    assert!(!stage.store.remove_file(file, ann.id).await.expect("asked"));
    let posted = stage.store.set_poster(file, poster(1024), None).await;
    assert!(matches!(posted, Err(StoreError::NotFound)), "{posted:?}");
    let spare = stage.image(&ann).await;
    assert!(stage.store.remove_file(spare, ann.id).await.expect("asked"));
    assert_eq!(stage.store.find_file(spare).await.expect("looked up"), None);
    let swept = stage.store.sweep_files(NOW, 0, 10).await.expect("swept");
    assert_eq!(swept.blobs, [blob("abc", spare)]);
}

async fn smaller_pictures_count_as_what_they_were_made_of_does(engine: Engine) {
    let stage = Stage::new(engine).await;
    let ann = stage.user("Ann").await;
    let file = async |category| {
        let begun = stage.upload(&ann).await.id;
        let whole = WholeFile { thumb_bytes: 50, ..whole(category, "a") };
        stage.store.finish_upload(begun, whole, NOW).await.expect("whole").id
    };
    // Both of 900 bytes.
    let (film, _) = (file(FileCategory::Video).await, file(FileCategory::Image).await);
    let begin = async |length: i64, quota: i64| {
        let begun = stage.store.create_upload(NewUpload { length, ..upload(&ann) }, Some(quota)).await;
        let begun = begun.map(|upload| upload.id);
        if let Ok(id) = begun {
            stage.store.remove_file(id, ann.id).await.expect("asked");
        }
        begun.is_ok()
    };
    assert_eq!((begin(10, 1_909).await, begin(10, 1_910).await), (false, true));
    let poster = |thumb_bytes| NewPoster { thumbs: vec![256], thumb_bytes, ..NewPoster::default() };
    let large = stage.store.set_poster(film, poster(61), Some(1_910)).await;
    assert!(matches!(large, Err(StoreError::QuotaExceeded)), "{large:?}");
    stage.store.set_poster(film, poster(60), Some(1_910)).await.expect("it fits");
    stage.store.set_poster(film, poster(40), Some(1_000)).await.expect("one that is smaller always does");
    assert_eq!((begin(10, 1_899).await, begin(10, 1_900).await), (false, true));
}

/// What is said in between goes another way.
async fn files_and_texts_of_many_at_once_leave_no_hole(engine: Engine) {
    let one = Stage::new(engine).await;
    let other = one.beside().await;
    let (ann, bob) = (one.user("Ann").await, one.user("Bob").await);
    let room = one.room(&ann, &[&bob]).await;
    let talk = async |stage: &Stage, who: &Person| {
        for i in 0..10 {
            let file = stage.image(who).await;
            stage.send(room, who, with(who, "look", &[file])).await.expect("shown");
            stage.say(room, who, &i.to_string()).await;
        }
    };
    tokio::join!(talk(&one, &ann), talk(&other, &bob));
    let head = one.head(room, &ann).await;
    assert_eq!(head, 2 + 40);
    let log = one.replay(room, &ann, 0, head).await;
    assert_eq!(log.iter().map(|event| place(event).1).collect::<Vec<_>>(), (1..=head).collect::<Vec<_>>());
    let view = one.view(room, &ann).await;
    assert_eq!(view.last_message.map(|last| last.seq), Some(head));
    one.mark_read(room, &ann, head).await;
    assert_eq!(one.view(room, &ann).await.unread, 0);
}

on_every_engine!(
    an_upload_grows_from_where_it_is_and_becomes_whole_once,
    ids_of_files_are_unique_and_exact_in_json_even_where_a_moment_has_many,
    a_file_hangs_on_one_message_which_shows_it_wherever_it_is_read,
    what_is_not_ones_own_whole_and_free_is_not_attached_and_nothing_is_written,
    the_type_says_what_a_message_has,
    a_resend_is_the_first_answer_and_takes_nothing_again,
    of_two_sends_that_want_one_file_one_gets_it,
    a_recall_gives_up_the_files_and_nothing_shows_them_any_more,
    the_end_of_a_room_gives_up_its_files,
    only_its_owner_removes_a_file_and_changes_its_picture_while_no_message_has_it,
    smaller_pictures_count_as_what_they_were_made_of_does,
    files_and_texts_of_many_at_once_leave_no_hole,
);
