//! The sweep of files: what it takes out; and a node that stands still between finding that nobody has a content and deleting it, while
//! another one takes an upload of the same to the disk that both share. How uploads and sweeps race in the database alone is in `races`.

use std::{collections::BTreeSet, ops::Range, path::Path, sync::Arc, time::Duration};

use bytes::Bytes;
use chinwag_blobs::DirectoryBlobs;
use chinwag_domain::{
    Actor, Chat, Settings,
    file_ports::*,
    file_records::{FileRecord, NewUpload, SweptPictures},
    file_store::FileStore as _,
    files, jobs,
    ports::*,
    storage::Storage,
    uploads::{self, FileWish},
};
use futures_util::{
    TryStreamExt as _,
    stream::{self, BoxStream},
};
use tokio::{
    sync::{Notify, Semaphore},
    time::timeout,
};

use crate::{
    cast::*,
    engines::Engine,
    files::{DAY, blob, upload, whole, with},
};

const CONTENT: &[u8] = b"the same as somebody else's";
const PATIENCE: Duration = Duration::from_secs(60);

/// A disk whose deletions wait.
struct StandsStill {
    disk: Arc<DirectoryBlobs>,
    reached: Notify,
    /// Closed where it is to go on.
    gate: Semaphore,
    deleted: Notify,
}

impl StandsStill {
    fn on(disk: &Arc<DirectoryBlobs>) -> Arc<Self> {
        let (reached, deleted) = (Notify::new(), Notify::new());
        Arc::new(Self { disk: disk.clone(), reached, gate: Semaphore::new(0), deleted })
    }
}

#[async_trait::async_trait]
impl BlobStore for StandsStill {
    async fn begin_part(&self, upload_id: i64, number: u32) -> BlobResult<Box<dyn PartWriter>> {
        self.disk.begin_part(upload_id, number).await
    }
    async fn gather(&self, upload_id: i64, parts: u32) -> BlobResult<Box<dyn ScratchFile>> {
        self.disk.gather(upload_id, parts).await
    }
    async fn discard_parts(&self, upload_id: i64) -> BlobResult<()> {
        self.disk.discard_parts(upload_id).await
    }
    async fn put(&self, key: &str, content: BlobContent) -> BlobResult<()> {
        self.disk.put(key, content).await
    }
    async fn read(&self, key: &str, range: Range<u64>) -> BlobResult<BoxStream<'static, BlobResult<Bytes>>> {
        self.disk.read(key, range).await
    }
    async fn size(&self, key: &str) -> BlobResult<u64> {
        self.disk.size(key).await
    }
    async fn delete(&self, key: &str) -> BlobResult<()> {
        self.reached.notify_one();
        assert!(self.gate.acquire().await.is_err(), "nobody lets one through");
        self.disk.delete(key).await?;
        self.deleted.notify_one();
        Ok(())
    }
    async fn list(&self, after: Option<String>, limit: usize) -> BlobResult<Vec<BlobEntry>> {
        self.disk.list(after, limit).await
    }
    async fn list_uploads(&self, untouched_since: i64, limit: usize) -> BlobResult<Vec<i64>> {
        self.disk.list_uploads(untouched_since, limit).await
    }
    async fn ping(&self) -> BlobResult<()> {
        self.disk.ping().await
    }
}

/// Understands nothing.
struct Plain;

#[async_trait::async_trait]
impl Inspector for Plain {
    async fn inspect(&self, _: &Path, _: &str) -> Inspected {
        let facts = FileFacts {
            media_type: "application/octet-stream".into(),
            category: FileCategory::File,
            width: None,
            height: None,
            duration_ms: None,
            placeholder: None,
        };
        Inspected { facts, clean: None, thumbs: Vec::new() }
    }
    async fn thumbs_of(&self, _: Bytes) -> Option<Inspected> {
        None
    }
    async fn avatar_of(&self, _: Bytes) -> Option<Bytes> {
        None
    }
}

fn node(stage: &Stage, blobs: Arc<dyn BlobStore>) -> Arc<Chat> {
    let storage = Storage::new(blobs, Arc::new(Plain));
    let (store, clock) = (stage.store.clone(), Arc::new(SystemClock));
    Chat::with_storage(store, stage.told.clone(), clock, [0; 32], Settings::default(), Some(storage))
}

async fn send(node: &Chat, who: &Actor) -> FileRecord {
    let body = stream::iter([Ok(Bytes::from_static(CONTENT))]);
    let wish = FileWish { name: "a.bin".into(), ..FileWish::default() };
    uploads::whole(node, who, wish, Some(CONTENT.len() as i64), body, None).await.expect("acknowledged")
}

/// What it has, as whoever downloads it gets it.
async fn content(node: &Chat, who: &Actor, file: &FileRecord) -> Vec<u8> {
    let permit = files::find(node, who, file.id).await.expect("there");
    let bytes = files::read(node, &permit, 0..CONTENT.len() as u64).await.expect("its bytes are there");
    bytes.try_collect::<Vec<Bytes>>().await.expect("read").concat()
}

async fn an_upload_of_what_a_sweeper_is_about_to_delete_is_whole(engine: Engine) {
    let one = Stage::new(engine).await;
    let other = one.beside().await;
    let ann = one.user("Ann").await.actor();
    let directory = tempfile::tempdir().expect("a directory");
    let disk = Arc::new(DirectoryBlobs::open(directory.path()).expect("opened"));
    let still = StandsStill::on(&disk);
    let (sweeper, taker) = (node(&one, still.clone()), node(&other, disk.clone()));
    let first = send(&taker, &ann).await;
    files::delete(&taker, &ann, first.id).await.expect("deleted");
    let sweeping = tokio::spawn(jobs::run(sweeper));
    timeout(PATIENCE, still.reached.notified()).await.expect("the sweeper found what nobody has");
    let second = send(&taker, &ann).await;
    assert_eq!(content(&taker, &ann, &second).await, CONTENT);
    still.gate.close();
    timeout(PATIENCE, still.deleted.notified()).await.expect("it went on");
    assert_eq!(content(&taker, &ann, &second).await, CONTENT, "what was acknowledged is whole");
    let kept = disk.list(None, 9).await.expect("listed");
    assert_eq!(kept.len(), 1, "the first one's bytes are gone");
    sweeping.abort();
}

async fn what_older_versions_kept_is_shown_and_deleted_where_it_lies(engine: Engine) {
    let stage = Stage::new(engine).await;
    let ann = stage.user("Ann").await.actor();
    let directory = tempfile::tempdir().expect("a directory");
    let disk = Arc::new(DirectoryBlobs::open(directory.path()).expect("opened"));
    let still = StandsStill::on(&disk);
    still.gate.close();
    let node = node(&stage, still.clone());
    let file = send(&node, &ann).await;
    let image = FileCategory::Image as i64;
    stage.by_hand(&format!("UPDATE files SET brought_by = 0, thumbs = '256', category = {image}")).await;
    let hash = file.hash.clone().expect("whole");
    let key = format!("{}/{hash}", &hash[..2]);
    for (key, bytes) in [(key.clone(), CONTENT), (format!("{key}-256"), b"smaller")] {
        disk.put(&key, BlobContent::Bytes(Bytes::from_static(bytes))).await.expect("kept");
    }
    disk.delete(&format!("{key}-{}", file.id)).await.expect("it was not there then");
    assert_eq!(content(&node, &ann, &file).await, CONTENT);
    let permit = files::find(&node, &ann, file.id).await.expect("there");
    assert_eq!(files::read_thumb(&node, &permit, 256).await.expect("read").as_deref(), Some(&b"smaller"[..]));
    files::delete(&node, &ann, file.id).await.expect("deleted");
    let sweeping = tokio::spawn(jobs::run(node));
    let end = async {
        while !disk.list(None, 9).await.expect("listed").is_empty() {
            still.deleted.notified().await;
        }
    };
    timeout(PATIENCE, end).await.expect("nothing of it stays");
    sweeping.abort();
}

async fn a_sweep_takes_what_nobody_refers_to_and_nothing_else(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("Bob").await);
    let room = stage.room(&ann, &[&bob]).await;
    let file = async |content: &str, at: i64| {
        let begun = stage.upload(&ann).await.id;
        stage.store.finish_upload(begun, whole(FileCategory::Image, content), at).await.expect("whole").id
    };
    let (old, attached, fresh) = (file("a", NOW).await, file("b", NOW).await, file("c", NOW + 11).await);
    let (recalled, twin, other_twin) = (file("d", NOW).await, file("e", NOW).await, file("e", NOW + 11).await);
    let late = stage.upload(&ann).await.id;
    let running = NewUpload { expires_at: NOW + 2 * DAY, ..upload(&ann) };
    let running = stage.store.create_upload(running, None).await.expect("begun").id;
    stage.send(room, &ann, with(&ann, "", &[attached])).await.expect("said");
    let said = stage.send(room, &ann, with(&ann, "", &[recalled])).await.expect("said").message;
    stage.recall(&ann, said.id).await.expect("recalled");
    let gone = [blob("a", old), blob("d", recalled), blob("e", other_twin)];
    let stays = [blob("b", attached), blob("c", fresh), blob("e", twin)];
    // What somebody may still bring, of whatever content.
    let coming = blob("f", running);
    let swept = stage.store.sweep_files(NOW + DAY, NOW + 10, 100).await.expect("swept");
    let had = BTreeSet::from_iter(gone.iter().cloned().chain([blob("e", twin)]));
    assert_eq!((swept.uploads, BTreeSet::from_iter(swept.blobs)), (vec![late], had));
    for (file, there) in [(old, false), (recalled, false), (twin, false), (late, false)]
        .into_iter()
        .chain([attached, fresh, other_twin, running].map(|file| (file, true)))
    {
        assert_eq!(stage.store.find_file(file).await.expect("looked up").is_some(), there, "{file}");
    }
    let asked = [&gone[..], &stays, &[coming.clone(), blob("f", late), blob("b", 0), blob("b", fresh)]].concat();
    let referred = stage.store.referred(&asked).await.expect("asked");
    assert_eq!(referred, [&stays[..], &[coming]].concat());
    let present = stage.store.present_files(&[old, attached, running, late]).await.expect("asked");
    assert_eq!(BTreeSet::from_iter(present), BTreeSet::from([attached, running]));
    let nothing = stage.store.sweep_files(NOW + DAY, NOW + 10, 100).await.expect("swept");
    assert_eq!(nothing, Default::default());
    // So many at a time.
    for _ in 0..5 {
        file("g", NOW).await;
    }
    // Of each but the first there is what it brought in vain, too.
    let mut rounds = Vec::new();
    for _ in 0..4 {
        rounds.push(stage.store.sweep_files(NOW, NOW + 10, 3).await.expect("swept").goes_on);
    }
    assert_eq!(rounds, [true, true, true, false]);
}

/// Those of older versions lie under their hash alone, and are referred to by their own files for as long as there are such.
async fn what_older_versions_kept_is_shared_by_what_they_kept_alone(engine: Engine) {
    let stage = Stage::new(engine).await;
    let ann = stage.user("Ann").await;
    let (old, older) = (stage.image(&ann).await, stage.image(&ann).await);
    stage.by_hand("DELETE FROM files WHERE user_id = 0").await;
    stage.by_hand("UPDATE files SET brought_by = 0").await;
    let new = stage.image(&ann).await;
    let brought_by = async |id| stage.store.find_file(id).await.expect("looked up").map(|file| file.brought_by);
    assert_eq!((brought_by(old).await, brought_by(new).await), (Some(0), Some(new)));
    let asked = [blob("abc", 0), blob("abc", new)];
    assert_eq!(stage.store.referred(&asked).await.expect("asked"), asked);
    for file in [old, older] {
        assert!(stage.store.remove_file(file, ann.id).await.expect("asked"));
    }
    let swept = stage.store.sweep_files(NOW, 0, 10).await.expect("swept");
    assert_eq!((&*swept.blobs, &*swept.pictures), (&asked[..1], &[][..]), "its pictures go with it");
    assert_eq!(stage.store.referred(&asked).await.expect("asked"), asked[1..]);
}

async fn a_look_that_is_not_at_the_end_is_followed_soon_and_names_smaller_pictures(engine: Engine) {
    let stage = Stage::new(engine).await;
    let (ann, bob) = (stage.user("Ann").await, stage.user("Bob").await);
    let due = async || stage.store.job_figures().await.expect("asked").due_in.expect("a job");
    // What is due from the start is somebody's for a while.
    stage.store.take_jobs(std::time::Duration::from_secs(3_600), 10).await.expect("taken");
    for _ in 0..4 {
        stage.upload(&ann).await;
    }
    // Who left less than others waits behind them, and not for an hour.
    stage.upload(&bob).await;
    assert!(due().await > 60_000, "{}", due().await);
    let first = stage.store.sweep_files(NOW + DAY, NOW, 3).await.expect("swept");
    assert_eq!((first.uploads.len(), first.goes_on), (3, true));
    assert!(due().await <= 5_000, "{}", due().await);
    let second = stage.store.sweep_files(NOW + DAY, NOW, 3).await.expect("swept");
    assert_eq!((second.uploads.len(), second.goes_on), (2, false));
    let (film, twin) =
        (stage.file_of(&ann, FileCategory::Video, "v").await, stage.file_of(&bob, FileCategory::Video, "v").await);
    let picture = stage.file_of(&ann, FileCategory::Image, "p").await;
    for file in [film, picture] {
        assert!(stage.store.remove_file(file, ann.id).await.expect("asked"));
    }
    let swept = stage.store.sweep_files(NOW, 0, 10).await.expect("swept");
    let pictures = |file_id, content| SweptPictures { file_id, hash: blob(content, 0).hash, sizes: vec![256, 1024] };
    assert_eq!(swept.pictures.len(), 2, "{swept:?}");
    assert!([pictures(film, "v"), pictures(picture, "p")].iter().all(|of| swept.pictures.contains(of)), "{swept:?}");
    assert_eq!(stage.store.referred(&swept.blobs).await.expect("asked"), [blob("v", film)], "the other film has it");
    assert!(stage.store.find_file(twin).await.expect("looked up").is_some());
}

on_every_engine!(
    an_upload_of_what_a_sweeper_is_about_to_delete_is_whole,
    what_older_versions_kept_is_shown_and_deleted_where_it_lies,
    a_sweep_takes_what_nobody_refers_to_and_nothing_else,
    what_older_versions_kept_is_shared_by_what_they_kept_alone,
    a_look_that_is_not_at_the_end_is_followed_soon_and_names_smaller_pictures,
);
