//! A database that is not as the last server left it gets a new epoch, however it came to be so; one that is keeps its epoch.

use std::{fs, path::Path, sync::Arc};

use chinwag_domain::{
    policy,
    ports::{MessageStore as _, MetaStore as _, RoomStore as _, UserStore as _},
};
use chinwag_store::{OpenError, Site, SqlStore, StoreConfig};
use sea_orm::{ConnectionTrait, Database};

use crate::cast::*;

const FILES: [&str; 2] = ["chinwag.db", "chinwag.marker"];

/// A directory with a database, and the means to say something in it.
struct Place {
    directory: tempfile::TempDir,
    /// What is kept elsewhere.
    backup: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().expect("a directory"), backup: tempfile::tempdir().expect("a directory") }
    }

    async fn open(&self) -> Arc<SqlStore> {
        chinwag_store::open(StoreConfig::file(self.database()), Arc::new(Recorder::default())).await.expect("it opens")
    }

    /// Opens, makes somebody, closes; gives the epoch.
    async fn serve(&self, name: &str) -> i64 {
        let store = self.open().await;
        store.create_user(new_user(name), None).await.expect("a new name is free");
        store.close().await;
        store.epoch()
    }

    fn database(&self) -> std::path::PathBuf {
        self.directory.path().join("chinwag.db")
    }

    fn marker(&self) -> std::path::PathBuf {
        self.directory.path().join(FILES[1])
    }

    /// Closes the store and leaves the marker as it was before: as if nobody had closed it.
    async fn end_suddenly(&self, store: &SqlStore) {
        let marker = self.directory.path().join("kept");
        fs::hard_link(self.marker(), &marker).expect("kept");
        store.close().await;
        fs::rename(marker, self.marker()).expect("put back");
    }

    /// As the documentation says for a server that runs.
    async fn back_up(&self) {
        let db = Database::connect(format!("sqlite:{}", self.database().display())).await.expect("opened by hand");
        let copy = self.backup.path().join("chinwag.db");
        db.execute_unprepared(&format!("VACUUM INTO '{}'", copy.display())).await.expect("copied");
        db.close().await.expect("closed");
    }
}

fn copy(from: &Path, to: &Path, name: &str) {
    fs::copy(from.join(name), to.join(name)).expect("copied");
}

#[tokio::test]
async fn a_start_after_an_orderly_end_keeps_the_epoch() {
    let place = Place::new();
    let first = place.serve("ann").await;
    assert!((1..1 << 53).contains(&first), "{first}");
    for name in ["bob", "cat", "dan"] {
        assert_eq!(place.serve(name).await, first, "{name}");
    }
}

#[tokio::test]
async fn a_start_after_a_sudden_end_keeps_the_epoch() {
    let place = Place::new();
    let store = place.open().await;
    store.create_user(new_user("ann"), None).await.expect("made");
    place.end_suddenly(&store).await;
    assert_eq!(place.serve("bob").await, store.epoch());
}

/// Whoever copies: over the file, beside it and renamed, with the whole directory, into an empty one.
#[tokio::test]
async fn a_backup_of_an_earlier_start_brings_a_new_epoch() {
    for way in ["over", "renamed", "directory", "empty"] {
        let place = Place::new();
        let (here, kept) = (place.directory.path(), place.backup.path());
        let first = place.serve("ann").await;
        FILES.iter().for_each(|name| copy(here, kept, name));
        assert_eq!(place.serve("bob").await, first);
        match way {
            "over" => copy(kept, here, FILES[0]),
            "renamed" => fs::rename(kept.join(FILES[0]), here.join(FILES[0])).expect("renamed"),
            "directory" => FILES.iter().for_each(|name| copy(kept, here, name)),
            _ => {
                FILES.iter().for_each(|name| fs::remove_file(here.join(name)).expect("removed"));
                copy(kept, here, FILES[0]);
            }
        }
        let restored = place.serve("cat").await;
        assert_ne!(restored, first, "{way}");
        assert_eq!(place.serve("dan").await, restored, "{way}: it holds");
    }
}

/// Also where nobody closed it, and the file is the same one.
#[tokio::test]
async fn a_backup_of_the_last_start_brings_a_new_epoch() {
    for suddenly in [false, true] {
        let place = Place::new();
        let store = place.open().await;
        store.create_user(new_user("ann"), None).await.expect("made");
        place.back_up().await;
        store.create_user(new_user("bob"), None).await.expect("made");
        if suddenly {
            place.end_suddenly(&store).await;
        } else {
            store.close().await;
        }
        copy(place.backup.path(), place.directory.path(), FILES[0]);
        assert_ne!(place.serve("cat").await, store.epoch(), "suddenly: {suddenly}");
    }
}

/// A whole machine may be set back, and a start notices nothing.
#[tokio::test]
async fn whoever_says_that_a_database_was_set_back_brings_a_new_epoch() {
    let place = Place::new();
    let site = Site::File(place.database());
    let refused = chinwag_store::begin_new_history(&site).await.expect_err("there is none");
    assert!(matches!(refused, OpenError::NoDatabase { .. }), "{refused}");
    let first = place.serve("ann").await;
    chinwag_store::begin_new_history(&site).await.expect("said");
    let second = place.serve("bob").await;
    assert_ne!(second, first);
    assert_eq!(place.serve("cat").await, second, "it holds");
}

/// A person's own log goes on with other changes than those that clients know, as a room's would.
#[tokio::test]
async fn a_backup_that_lacks_nothing_but_the_move_of_a_mark_brings_a_new_epoch() {
    let place = Place::new();
    let store = place.open().await;
    let mut people = Vec::new();
    for name in ["ann", "bob"] {
        let user = store.create_user(new_user(name), None).await.expect("made");
        people.push(Person { id: user.id, name: user.username });
    }
    let (ann, bob) = (&people[0], &people[1]);
    let room = store.create_room(new_room(ann, &[bob], false)).await.expect("made").0.room.id;
    let seat = async |who: &Person| store.find_seat(room, who.id).await.expect("asked").expect("there");
    let post = policy::may_post(&ann.actor(), &seat(ann).await).expect("a member");
    let said = store.append_message(post, text(ann, "x")).await.expect("said").message;
    place.back_up().await;
    let mark = policy::may_mark_read(&bob.actor(), &seat(bob).await).expect("a member");
    assert!(store.mark_read(mark, said.seq).await.expect("marked").moved);
    place.end_suddenly(&store).await;
    copy(place.backup.path(), place.directory.path(), FILES[0]);
    assert_ne!(place.serve("cat").await, store.epoch());
}

/// Of a server that had died, or that ran: its marker says nothing of an end, and comes back with the database, over the files that
/// are there.
#[tokio::test]
async fn a_copy_of_the_directory_that_nobody_had_closed_brings_a_new_epoch() {
    for runs in [false, true] {
        let place = Place::new();
        let (here, kept) = (place.directory.path(), place.backup.path());
        let store = place.open().await;
        store.create_user(new_user("ann"), None).await.expect("made");
        let first = store.epoch();
        if runs {
            place.back_up().await;
            copy(here, kept, FILES[1]);
            store.create_user(new_user("bob"), None).await.expect("made");
            store.close().await;
        } else {
            place.end_suddenly(&store).await;
            FILES.iter().for_each(|name| copy(here, kept, name));
            assert_eq!(place.serve("bob").await, first);
        }
        FILES.iter().for_each(|name| copy(kept, here, name));
        let restored = place.serve("cat").await;
        assert_ne!(restored, first, "copied from a server that ran: {runs}");
        assert_eq!(place.serve("dan").await, restored, "it holds");
    }
}

#[tokio::test]
async fn back_and_forth_and_back_again_are_three_epochs() {
    let place = Place::new();
    let (here, kept) = (place.directory.path(), place.backup.path());
    let mut epochs = vec![place.serve("ann").await];
    copy(here, kept, FILES[0]);
    place.serve("bob").await;
    let later = tempfile::tempdir().expect("a directory");
    copy(here, later.path(), FILES[0]);
    for from in [kept, later.path(), kept] {
        copy(from, here, FILES[0]);
        let epoch = place.serve("cat").await;
        assert!(!epochs.contains(&epoch), "{epoch} again: {epochs:?}");
        epochs.push(epoch);
    }
}

#[tokio::test]
async fn a_lost_damaged_or_strange_marker_is_a_doubt() {
    let other = Place::new();
    other.serve("ann").await;
    for marker in [None, Some("junk".to_owned()), fs::read_to_string(other.directory.path().join(FILES[1])).ok()] {
        let place = Place::new();
        let first = place.serve("ann").await;
        let path = place.marker();
        match &marker {
            None => fs::remove_file(path).expect("removed"),
            Some(text) => fs::write(path, text).expect("written"),
        }
        assert_ne!(place.serve("bob").await, first, "{marker:?}");
    }
}

/// A command at the console is no server.
#[tokio::test]
async fn a_command_beside_a_server_keeps_the_epoch() {
    let place = Place::new();
    let server = place.open().await;
    let beside = chinwag_store::open_beside(StoreConfig::file(place.database()), Arc::new(Recorder::default()));
    let beside = beside.await.expect("it opens");
    beside.create_user(new_user("ann"), None).await.expect("made");
    beside.close().await;
    server.create_user(new_user("bob"), None).await.expect("made");
    server.close().await;
    assert_eq!((beside.epoch(), place.serve("cat").await), (server.epoch(), server.epoch()));
}
