//! Lists of files: those of messages one may read, in the order of their messages, a page at a time. What becomes of a file is in
//! `files`.

use chinwag_domain::{
    file_records::{FilePage, FilePlace, FileQuery, NewUpload},
    file_store::FileStore,
    ports::*,
    records::*,
};
use chinwag_proto::{FileCategory, MessageType};

use crate::{
    cast::*,
    engines::Engine,
    files::{upload, whole, with},
};

/// More files than a page looks at.
const MANY: i64 = 2_100;

fn all() -> FileQuery {
    FileQuery { limit: 10, ..FileQuery::default() }
}

fn named(name: &str) -> FileQuery {
    FileQuery { name: name.into(), ..all() }
}

fn ids(page: &FilePage) -> Vec<i64> {
    page.files.iter().map(|posted| posted.file.id).collect()
}

impl Stage {
    async fn private_room(&self, owner: &Person, others: &[&Person]) -> i64 {
        self.store.create_room(new_room(owner, others, true)).await.expect("a room is made").0.room.id
    }

    async fn named_file(&self, who: &Person, name: &str, category: FileCategory) -> i64 {
        let begun = NewUpload { name: name.into(), ..upload(who) };
        let begun = self.store.create_upload(begun, None).await.expect("begun");
        self.store.finish_upload(begun.id, whole(category, name), NOW).await.expect("whole").id
    }

    /// Files that a message of this room has now.
    async fn show(&self, room: i64, who: &Person, files: &[i64]) -> MessageRecord {
        self.send(room, who, with(who, "look", files)).await.expect("said").message
    }

    async fn image_in(&self, room: i64, who: &Person) -> i64 {
        let file = self.file_of(who, FileCategory::Image, "abc").await;
        self.show(room, who, &[file]).await;
        file
    }

    async fn files_for(&self, who: &Person, query: FileQuery) -> FilePage {
        self.store.list_files(who.id, query).await.expect("listed")
    }

    async fn files_in(&self, room: i64, who: &Person, query: FileQuery) -> FilePage {
        self.store.list_room_files(self.may_read(room, who).await, query).await.expect("listed")
    }

    /// Files of newer messages that are not there, so that no page shows one.
    async fn fill(&self, room: i64) {
        let rows = (0..MANY).map(|i| {
            let (id, message) = (900_000_000 + i, 800_000_000 + i);
            format!("({id}, 1, 0, 'x', 'x', 1, 1, 1, 0, 'h', 1, 'a/b', 0, {message}, {room})")
        });
        let columns = "id, user_id, created_at, name, name_key, length, received, parts, expires_at, hash, size, media_type, \
                       category, message_id, room_id";
        let rows = rows.collect::<Vec<_>>().join(", ");
        self.by_hand(&format!("INSERT INTO files ({columns}) VALUES {rows}")).await;
    }
}

async fn files_are_listed_in_the_order_of_their_messages_and_say_which_those_are(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("Bob").await);
    let (room, other) = (stage.room(&ann, &[&bob]).await, stage.private_room(&ann, &[]).await);
    // Uploaded first, and shown last.
    let late = stage.named_file(&ann, "late.png", FileCategory::Image).await;
    let early = stage.named_file(&bob, "early.pdf", FileCategory::File).await;
    let pair = [
        stage.named_file(&ann, "a.png", FileCategory::Image).await,
        stage.named_file(&ann, "b.mp3", FileCategory::Audio).await,
    ];
    stage.named_file(&ann, "free.png", FileCategory::Image).await;
    stage.show(room, &bob, &[early]).await;
    let said = stage.show(room, &ann, &pair).await;
    stage.show(other, &ann, &[late]).await;
    let newest_of_pair = if pair[0] > pair[1] { pair } else { [pair[1], pair[0]] };
    let [second, third] = newest_of_pair;
    assert_eq!(ids(&stage.files_for(&ann, all()).await), [late, second, third, early]);
    assert_eq!(ids(&stage.files_in(room, &ann, all()).await), [second, third, early]);
    let shown = &stage.files_for(&bob, all()).await.files[0];
    assert_eq!(
        (shown.message_id, shown.room_id, shown.seq, &*shown.username, shown.sent_at, shown.message_type),
        (said.id, room, said.seq, "Ann", said.created_at, MessageType::Image)
    );
    // Page by page each of them once, and the end is told with the last.
    for (limit, pages) in [(1, 4), (2, 2), (3, 2), (4, 1)] {
        let (mut before, mut seen, mut turned) = (None, Vec::new(), 0);
        loop {
            let page = stage.files_for(&ann, FileQuery { before, limit, ..all() }).await;
            seen.extend(ids(&page));
            turned += 1;
            before = page.next;
            if before.is_none() {
                break;
            }
        }
        assert_eq!((seen, turned), (vec![late, second, third, early], pages), "{limit} at a time");
    }
    let query = |category, user_id| FileQuery { category, user_id, ..all() };
    assert_eq!(ids(&stage.files_in(room, &bob, query(Some(FileCategory::Audio), None)).await), [pair[1]]);
    assert_eq!(ids(&stage.files_for(&ann, query(Some(FileCategory::Image), None)).await), [late, pair[0]]);
    assert_eq!(ids(&stage.files_for(&ann, query(None, Some(bob.id))).await), [early]);
    assert!(stage.files_in(room, &bob, query(Some(FileCategory::File), Some(ann.id))).await.files.is_empty());
}

async fn a_name_is_found_as_it_is_written_in_any_case(engine: Engine) {
    let stage = Stage::new(engine).await;
    let ann = stage.user("Ann").await;
    let room = stage.room(&ann, &[]).await;
    let mut files = Vec::new();
    for name in ["Ünterlagen 100%.pdf", "报告_最终.docx", "a\\b!c.txt", "1000.txt"] {
        files.push(stage.named_file(&ann, name, FileCategory::File).await);
        stage.show(room, &ann, &files[files.len() - 1..]).await;
    }
    for (words, found) in [
        ("ÜNTER", &files[..1]),
        ("100%", &files[..1]),
        ("报告", &files[1..2]),
        ("告_最", &files[1..2]),
        ("告x最", &[]),
        ("_", &files[1..2]),
        ("\\B!", &files[2..3]),
        ("!", &files[2..3]),
        ("100", &[files[3], files[0]]),
        ("%", &files[..1]),
        ("nothing", &[]),
    ] {
        assert_eq!(ids(&stage.files_for(&ann, named(words)).await), found, "{words:?} anywhere");
        assert_eq!(ids(&stage.files_in(room, &ann, named(words)).await), found, "{words:?} in the room");
    }
}

async fn nobody_is_listed_a_file_of_a_message_they_may_not_read(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob, eve) = (stage.user("Ann").await, stage.user("Bob").await, stage.user("Eve").await);
    let (public, private) = (stage.room(&ann, &[]).await, stage.private_room(&ann, &[&bob]).await);
    let direct = stage.store.direct_room(vec![ann.author(), bob.author()], NOW).await.expect("made").0[0].room.id;
    let mut files = Vec::new();
    for room in [public, private, direct] {
        files.push(stage.image_in(room, &ann).await);
    }
    let [open, hidden, told] = files[..] else { panic!("{files:?}") };
    assert_eq!(ids(&stage.files_for(&ann, all()).await), [told, hidden, open]);
    assert_eq!(ids(&stage.files_for(&bob, all()).await), [told, hidden, open], "also what was said before he came");
    assert_eq!(ids(&stage.files_for(&eve, all()).await), [open], "whoever may read a room need not be in it");
    let permit = stage.may_read(private, &bob).await;
    stage.kick(private, &ann, &bob).await.expect("kicked");
    assert_eq!(ids(&stage.files_for(&bob, all()).await), [told, open]);
    let stale = stage.store.list_room_files(permit, all()).await;
    assert!(matches!(stale, Err(StoreError::Stale)), "{stale:?}");
    let page = stage.files_for(&ann, all()).await;
    stage.recall(&ann, page.files[2].message_id).await.expect("recalled");
    assert_eq!(ids(&stage.files_for(&ann, all()).await), [told, hidden]);
    assert!(stage.files_in(public, &ann, all()).await.files.is_empty());
    stage.delete_room(private, &ann).await;
    assert_eq!(ids(&stage.files_for(&ann, all()).await), [told]);
}

async fn a_page_looks_at_so_many_and_goes_on_where_there_is_more(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob, eve) = (stage.user("Ann").await, stage.user("Bob").await, stage.user("Eve").await);
    let (room, busy) = (stage.private_room(&ann, &[&bob]).await, stage.private_room(&ann, &[]).await);
    let file = stage.image_in(room, &bob).await;
    stage.image_in(room, &ann).await;
    stage.fill(busy).await;
    // It is not walked through what others said to find what one may see.
    let first = stage.files_for(&bob, named("Ünter")).await;
    assert_eq!((ids(&first).len(), first.next.is_some()), (0, true), "{first:?}");
    let rest = stage.files_for(&bob, FileQuery { before: first.next, ..all() }).await;
    assert_eq!((ids(&rest).len(), rest.next), (2, None));
    assert_eq!(ids(&rest)[1], file);
    assert_eq!(stage.files_for(&eve, all()).await, FilePage::default(), "the end is told where there is nothing");
    let sounds = FileQuery { category: Some(FileCategory::Audio), ..all() };
    assert_eq!(stage.files_for(&bob, sounds).await, FilePage::default(), "of this kind either");
    // Nor through a room for a name in one go.
    let old = stage.image_in(busy, &ann).await;
    let first = stage.files_in(busy, &ann, named("Ünter")).await;
    assert_eq!((ids(&first).len(), first.next.is_some()), (0, true), "{first:?}");
    let rest = stage.files_in(busy, &ann, FileQuery { before: first.next, ..named("Ünter") }).await;
    assert_eq!((ids(&rest), rest.next), (vec![old], None));
    // A place that nobody was told begins there, or nowhere.
    for (message_id, id) in [(i64::MAX, 0), (0, 0), (-1, i64::MIN)] {
        let before = Some(FilePlace { message_id, id });
        let page = stage.files_in(room, &bob, FileQuery { before, ..all() }).await;
        assert_eq!(page.files.len(), if message_id > 0 { 2 } else { 0 }, "{message_id}");
    }
}

on_every_engine!(
    files_are_listed_in_the_order_of_their_messages_and_say_which_those_are,
    a_name_is_found_as_it_is_written_in_any_case,
    nobody_is_listed_a_file_of_a_message_they_may_not_read,
    a_page_looks_at_so_many_and_goes_on_where_there_is_more,
);
