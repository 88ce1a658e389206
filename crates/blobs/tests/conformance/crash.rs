//! What outlives a process, and who may clear up after it.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    process::{Command, Stdio},
};

use bytes::Bytes;
use chinwag_blobs::DirectoryBlobs;
use chinwag_domain::file_ports::{BlobContent, BlobStore as _};
use futures_util::TryStreamExt as _;

const READY: &str = "all of it was answered";

/// Runs as a process of its own, in the directory it is to use, until it is killed.
#[tokio::test]
#[ignore = "the other test of this file starts it"]
async fn one_who_is_killed() {
    let blobs = DirectoryBlobs::open(Path::new(".")).expect("blobs");
    let mut part = blobs.begin_part(7, 0).await.expect("begins");
    part.write(Bytes::from_static(b"a part")).await.expect("is written");
    part.finish().await.expect("is durable");
    blobs.put("ab/ab01", BlobContent::Bytes(Bytes::from_static(b"content"))).await.expect("is kept");
    let mut unfinished = blobs.begin_part(7, 1).await.expect("begins");
    unfinished.write(vec![1; 1_000_000].into()).await.expect("is written");
    let gathered = blobs.gather(7, 1).await.expect("gathers");
    #[expect(clippy::print_stdout, reason = "the word to the one who kills")]
    {
        println!("{READY}");
    }
    let _ = std::io::stdin().read(&mut [0]);
    drop((unfinished, gathered));
}

#[tokio::test]
async fn what_was_answered_outlives_a_kill_and_what_was_on_its_way_is_cleared() {
    let root = tempfile::tempdir().expect("a directory");
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "crash::one_who_is_killed", "--ignored", "--nocapture"])
        .current_dir(root.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut said = BufReader::new(child.stdout.take().expect("its words")).lines();
    assert!(said.any(|line| line.is_ok_and(|line| line.contains(READY))), "it came to nothing");
    child.kill().expect("is killed");
    child.wait().expect("is dead");
    let scratch = root.path().join("scratch");
    let left = fs::read_dir(&scratch).expect("lists").next().expect("what it left").expect("a name").path();
    assert!(fs::read_dir(&left).expect("lists").count() > 1);

    let blobs = DirectoryBlobs::open(root.path()).expect("blobs");
    assert!(!left.exists());
    assert_eq!(fs::read(blobs.gather(7, 1).await.expect("gathers").path()).expect("reads"), b"a part");
    assert!(blobs.gather(7, 2).await.is_err());
    let content: Vec<Bytes> = blobs.read("ab/ab01", 0..7).await.expect("reads").try_collect().await.expect("reads on");
    assert_eq!(content.concat(), b"content");
    drop(blobs);
    assert_eq!(fs::read_dir(scratch).expect("lists").count(), 0);
}

#[tokio::test]
async fn who_opens_leaves_alone_what_another_process_is_at() {
    let root = tempfile::tempdir().expect("a directory");
    let one = DirectoryBlobs::open(root.path()).expect("blobs");
    let mut part = one.begin_part(7, 0).await.expect("begins");
    part.write(vec![1; 300_000].into()).await.expect("is written");
    let other = DirectoryBlobs::open(root.path()).expect("blobs");
    part.finish().await.expect("is durable");
    let gathered = other.gather(7, 1).await.expect("any node gathers");
    drop(one);
    assert_eq!(fs::read(gathered.path()).expect("reads").len(), 300_000);
}
