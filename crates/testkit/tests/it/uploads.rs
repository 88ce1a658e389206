//! Uploads that go on after a cut (tus 1.0): from where they were, over the end of the server, never twice, never as something else than
//! was sent. Whole uploads are in `files`.

use std::fs;

use anyhow::{Context as _, Result};
use chinwag_server::config::Bytes;
use chinwag_testkit::{
    Bucket, Cast, Person, Process, Server,
    files::{self, OFFSET_BYTES, ask, begin, bytes, fetch, offset, patch, tus},
    set_clock,
};
use futures_util::future::join_all;
use reqwest::Body;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::block_in_place,
};

use crate::{files::kept, stage};

/// `tea.bin`, as tus writes a name.
const TEA: &str = "filename dGVhLmJpbg==,filetype dGV4dC9odG1s";
const PLACE: &str = "/api/files/uploads";
/// A server's part of an upload.
const PART: usize = 8 * 1024 * 1024;

async fn scene() -> Result<(Server, Cast)> {
    let server = stage::server().await?;
    let cast = Cast::gather(server.address()).await?;
    Ok((server, cast))
}

fn refused(status: u16, word: &str) -> (u16, String) {
    (status, word.to_owned())
}

/// The id of the file that the last answer told of.
fn file_of(reply: &chinwag_testkit::files::Reply) -> Result<i64> {
    reply.header("chinwag-file").parse().with_context(|| format!("no file: {} {}", reply.status, reply.json()))
}

#[tokio::test]
async fn an_upload_comes_in_pieces_and_is_a_file_with_the_last_one() -> Result<()> {
    let (_server, Cast { alice, .. }) = scene().await?;
    let content = bytes(100_000);
    let spoken = ask(&alice, "OPTIONS", PLACE, &[], "").await?;
    assert_eq!(
        (spoken.status.as_u16(), spoken.header("tus-version"), spoken.header("tus-max-size")),
        (204, "1.0.0", "52428800")
    );
    assert_eq!(spoken.header("tus-extension"), "creation,creation-with-upload,expiration,checksum,termination");
    let place = begin(&alice, content.len(), TEA).await?;
    for (from, to) in [(0, 1), (1, 60_000), (60_000, 99_999)] {
        let reply = patch(&alice, &place, from, content[from..to].to_vec()).await?;
        assert_eq!((reply.status.as_u16(), reply.offset()), (204, Some(to as u64)), "{}", reply.json());
        assert!(reply.header("chinwag-file").is_empty() && reply.header("upload-expires").ends_with(" GMT"));
        assert_eq!(offset(&alice, &place).await?, Some(to as u64));
    }
    let unfinished = place.rsplit('/').next().context("an id")?.parse()?;
    assert_eq!(fetch(&alice, unfinished, &[]).await?.refusal(), refused(404, "file_not_found"), "it is not whole");
    let last = patch(&alice, &place, 99_999, content[99_999..].to_vec()).await?;
    assert_eq!((last.status.as_u16(), file_of(&last)?), (204, unfinished));
    let told = alice.http.get(&format!("/api/files/{unfinished}/meta")).await?.data()?;
    assert_eq!((&told["file_name"], &told["file_size"]), (&json!("tea.bin"), &json!(100_000)));
    assert!(fetch(&alice, unfinished, &[]).await?.bytes == content);
    let again = patch(&alice, &place, content.len(), "").await?;
    assert_eq!(file_of(&again)?, unfinished, "who missed the last answer asks again");
    Ok(())
}

#[tokio::test]
async fn an_upload_may_begin_with_its_bytes_and_have_none_at_all() -> Result<()> {
    let (_server, Cast { alice, .. }) = scene().await?;
    let whole = tus(&alice, "POST", PLACE, &[OFFSET_BYTES, ("upload-length", "3")], "tea").await?;
    assert_eq!((whole.status.as_u16(), whole.offset()), (201, Some(3)));
    assert_eq!(fetch(&alice, file_of(&whole)?, &[]).await?.bytes, b"tea");
    let half = tus(&alice, "POST", PLACE, &[OFFSET_BYTES, ("upload-length", "6")], "tea").await?;
    assert_eq!((half.status.as_u16(), half.offset()), (201, Some(3)));
    let rest = patch(&alice, half.header("location"), 3, "pot").await?;
    assert_eq!(fetch(&alice, file_of(&rest)?, &[]).await?.bytes, b"teapot");
    let empty = tus(&alice, "POST", PLACE, &[("upload-length", "0")], "").await?;
    let got = fetch(&alice, file_of(&empty)?, &[]).await?;
    assert_eq!((got.status.as_u16(), got.bytes.len()), (200, 0));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_goes_on_after_kill_nine_from_where_it_was() -> Result<()> {
    let mut server = block_in_place(|| Process::start(&[]))?;
    let alice = Person::register(server.address(), "alice").await?;
    let content = bytes(2 * PART + 1_000_000);
    let place = begin(&alice, content.len(), TEA).await?;
    let first = patch(&alice, &place, 0, content[..1_000_000].to_vec()).await?;
    assert_eq!(first.offset(), Some(1_000_000));
    // The second piece is cut by the end of the server, behind what makes a part.
    let (address, token) = (server.address(), alice.token().to_owned());
    let mut cut = TcpStream::connect(address).await?;
    let head = format!(
        "PATCH {place} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\ntus-resumable: 1.0.0\r\n\
         upload-offset: 1000000\r\ncontent-type: application/offset+octet-stream\r\ncontent-length: {}\r\n\r\n",
        content.len() - 1_000_000
    );
    cut.write_all(head.as_bytes()).await?;
    cut.write_all(&content[1_000_000..1_500_000 + PART]).await?;
    let came = stage::eventually("a part of the second piece", async || {
        Ok(offset(&alice, &place).await?.filter(|at| *at > 1_000_000))
    })
    .await?;
    assert_eq!(came, 1_000_000 + PART as u64, "what makes a part is kept while more comes");
    block_in_place(|| {
        server.kill()?;
        server.restart()
    })?;
    let at = offset(&alice, &place).await?.context("it is there after the restart")?;
    assert_eq!(at, came);
    let rest = patch(&alice, &place, at as usize, content[at as usize..].to_vec()).await?;
    assert!(fetch(&alice, file_of(&rest)?, &[]).await?.bytes == content);
    Ok(())
}

#[tokio::test]
async fn what_came_before_a_line_broke_stays() -> Result<()> {
    let (server, Cast { alice, .. }) = scene().await?;
    let place = begin(&alice, 1_000, TEA).await?;
    let mut line = TcpStream::connect(server.address()).await?;
    let head = format!(
        "PATCH {place} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ntus-resumable: 1.0.0\r\nupload-offset: 0\r\n\
         content-type: application/offset+octet-stream\r\ncontent-length: 1000\r\n\r\n",
        server.address(),
        alice.token()
    );
    line.write_all(head.as_bytes()).await?;
    line.write_all(&bytes(400)).await?;
    line.shutdown().await?;
    drop(line);
    stage::eventually("the bytes that came", async || Ok(offset(&alice, &place).await?.filter(|at| *at == 400)))
        .await?;
    let rest = patch(&alice, &place, 400, bytes(1_000)[400..].to_vec()).await?;
    assert!(fetch(&alice, file_of(&rest)?, &[]).await?.bytes == bytes(1_000));
    Ok(())
}

#[tokio::test]
async fn a_body_that_pauses_is_ended_and_what_came_stays() -> Result<()> {
    let server = stage::server_with(|config| config.limits.body_timeout = std::time::Duration::from_secs(1)).await?;
    let alice = Person::register(server.address(), "alice").await?;
    let place = begin(&alice, 1_000, TEA).await?;
    let mut line = TcpStream::connect(server.address()).await?;
    let head = format!(
        "PATCH {place} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ntus-resumable: 1.0.0\r\nupload-offset: 0\r\n\
         content-type: application/offset+octet-stream\r\ncontent-length: 1000\r\n\r\n",
        server.address(),
        alice.token()
    );
    line.write_all(head.as_bytes()).await?;
    line.write_all(&bytes(400)).await?;
    let mut answer = vec![0; 12];
    tokio::time::timeout(stage::PATIENCE, line.read_exact(&mut answer)).await.context("it was never ended")??;
    assert_eq!(String::from_utf8_lossy(&answer), "HTTP/1.1 408");
    assert_eq!(offset(&alice, &place).await?, Some(400));
    Ok(())
}

#[tokio::test]
async fn a_piece_from_another_place_is_refused_and_of_two_at_once_one_counts() -> Result<()> {
    let (_server, Cast { alice, .. }) = scene().await?;
    let content = bytes(3_000_000);
    let place = begin(&alice, content.len(), TEA).await?;
    patch(&alice, &place, 0, content[..10].to_vec()).await?;
    for wrong in [0, 9, 11, 3_000_000] {
        let reply = patch(&alice, &place, wrong, content[..10].to_vec()).await?;
        assert_eq!(reply.refusal(), refused(409, "wrong_offset"), "{wrong}");
    }
    let races = join_all((0..4).map(|_| patch(&alice, &place, 10, content[10..].to_vec()))).await;
    let mut won = Vec::new();
    for reply in races {
        // Who comes while another is at it, and is not heard to its end, may lose the line instead.
        let Ok(reply) = reply else { continue };
        match reply.status.as_u16() {
            204 => won.push(file_of(&reply)?),
            _ => assert_eq!(reply.status, 409, "{}", reply.json()),
        }
    }
    assert_eq!(won.len(), 1);
    assert!(fetch(&alice, won[0], &[]).await?.bytes == content);
    Ok(())
}

#[tokio::test]
async fn while_one_call_is_at_an_upload_another_is_told_to_come_back() -> Result<()> {
    let (server, Cast { alice, .. }) = scene().await?;
    let content = bytes(1_000);
    let place = begin(&alice, content.len(), TEA).await?;
    let mut line = TcpStream::connect(server.address()).await?;
    let head = format!(
        "PATCH {place} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ntus-resumable: 1.0.0\r\nupload-offset: 0\r\n\
         content-type: application/offset+octet-stream\r\ncontent-length: 1000\r\nconnection: close\r\n\r\n",
        server.address(),
        alice.token()
    );
    line.write_all(head.as_bytes()).await?;
    line.write_all(&content[..400]).await?;
    // From a place where nothing could come of it, so that it harms nothing if it is there first.
    let told = stage::eventually("a call that is in the way of the first", async || {
        let second = patch(&alice, &place, 999, content[999..].to_vec()).await?;
        Ok((second.refusal() == refused(409, "conflict")).then_some(second))
    });
    assert_eq!(told.await?.header("retry-after"), "1");
    line.write_all(&content[400..]).await?;
    let mut answer = String::new();
    line.read_to_string(&mut answer).await?;
    assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    let last = patch(&alice, &place, content.len(), "").await?;
    assert!(fetch(&alice, file_of(&last)?, &[]).await?.bytes == content);
    Ok(())
}

#[tokio::test]
async fn a_piece_that_changed_on_its_way_counts_for_nothing() -> Result<()> {
    let (_server, Cast { alice, .. }) = scene().await?;
    let place = begin(&alice, 11, TEA).await?;
    let send = async |checksum: &str, at: &str, body: &'static str| {
        tus(&alice, "PATCH", &place, &[OFFSET_BYTES, ("upload-offset", at), ("upload-checksum", checksum)], body).await
    };
    // Of "hello" by SHA-1, of " world" by SHA-256.
    let (hello, world) = ("sha1 qvTGHdzF6KLavt4PO0gs2a6pQ00=", "sha256 BF8T3YZLr6rQ3Zd6yXHeVJsJDLKDbwYdB3mybdm7j0s=");
    assert_eq!(send(hello, "0", "jello").await?.refusal(), refused(460, "checksum_mismatch"));
    assert_eq!(offset(&alice, &place).await?, Some(0));
    assert_eq!(send(hello, "0", "hello").await?.offset(), Some(5));
    for wrong in ["md5 XUFAKrxLKna5cZ2REBfFkg==", "sha1 short", "sha1"] {
        assert_eq!(send(wrong, "5", " world").await?.refusal(), refused(400, "malformed"), "{wrong}");
    }
    assert_eq!(send(hello, "5", " world").await?.status, 460, "the sum of another piece");
    let digest = send(world, "5", " world").await?;
    assert_eq!(fetch(&alice, file_of(&digest)?, &[]).await?.bytes, b"hello world");
    Ok(())
}

#[tokio::test]
async fn an_upload_has_the_bytes_that_were_announced_and_no_more() -> Result<()> {
    let server = stage::server_with(|config| {
        config.files.max_bytes = Bytes::kib(10);
        config.files.quota_bytes = Bytes::kib(20);
    })
    .await?;
    let alice = Person::register(server.address(), "alice").await?;
    let place = begin(&alice, 10, TEA).await?;
    assert_eq!(patch(&alice, &place, 0, "eleven byte").await?.refusal(), refused(413, "too_large"));
    let in_pieces = Body::wrap_stream(futures_util::stream::iter([anyhow::Ok("eight by"), Ok("tes more")]));
    assert_eq!(patch(&alice, &place, 0, in_pieces).await?.refusal(), refused(413, "too_large"));
    assert_eq!(offset(&alice, &place).await?, Some(0));
    let start = async |length: &str| tus(&alice, "POST", PLACE, &[("upload-length", length)], "").await;
    for large in ["10241", "9223372036854775807", "99999999999999999999"] {
        assert_eq!(start(large).await?.refusal(), refused(413, "too_large"), "{large}");
    }
    for wrong in ["-1", "", "x", "1.5", "0x10"] {
        assert_eq!(start(wrong).await?.refusal(), refused(400, "malformed"), "{wrong}");
    }
    assert_eq!(start("10230").await?.status, 201);
    assert_eq!(start("10240").await?.status, 201);
    assert_eq!(start("1").await?.refusal(), refused(413, "quota_exceeded"), "what is begun counts");
    assert_eq!(tus(&alice, "DELETE", &place, &[], "").await?.status, 204);
    assert_eq!(start("1").await?.status, 201, "what was given up gives its place back");
    Ok(())
}

#[tokio::test]
async fn an_upload_is_its_owners_alone() -> Result<()> {
    let (_server, Cast { alice, bob, .. }) = scene().await?;
    let place = begin(&alice, 10, TEA).await?;
    let hidden = refused(404, "file_not_found");
    assert_eq!(tus(&bob, "HEAD", &place, &[], "").await?.status, 404);
    assert_eq!(patch(&bob, &place, 0, "0123456789").await?.refusal(), hidden);
    assert_eq!(tus(&bob, "DELETE", &place, &[], "").await?.refusal(), hidden);
    assert_eq!(tus(&alice, "DELETE", &place, &[], "").await?.status, 204);
    assert_eq!(patch(&alice, &place, 0, "0123456789").await?.refusal(), hidden);
    for (headers, refusal) in [
        (vec![], refused(412, "other_version")),
        (vec![("tus-resumable", "0.2.2")], refused(412, "other_version")),
        (vec![("tus-resumable", "1.0.0"), ("upload-offset", "0")], refused(415, "unsupported_media_type")),
        (vec![("tus-resumable", "1.0.0"), OFFSET_BYTES], refused(400, "malformed")),
    ] {
        let reply = ask(&alice, "PATCH", &place, &headers, "x").await?;
        assert_eq!((reply.refusal(), reply.header("tus-resumable")), (refusal, "1.0.0"), "{headers:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_that_nobody_goes_on_with_ends_after_a_day_and_its_parts_are_swept() -> Result<()> {
    let home = tempfile::tempdir()?;
    let clock = home.path().join("clock");
    let mut server = block_in_place(|| stage::server_by_clock(&clock, &[]))?;
    let alice = Person::register(server.address(), "alice").await?;
    let place = begin(&alice, 1_000, TEA).await?;
    patch(&alice, &place, 0, bytes(400)).await?;
    let parts = server.data_dir().join("files/parts");
    assert_eq!(fs::read_dir(&parts)?.count(), 1);
    set_clock(&clock, 25 * 60 * 60)?;
    let alice = Person::log_in(server.address(), "alice").await?;
    stage::eventually(
        "its end",
        async || Ok((tus(&alice, "HEAD", &place, &[], "").await?.status == 404).then_some(())),
    )
    .await?;
    assert_eq!(patch(&alice, &place, 400, bytes(600)).await?.status, 404);
    // The sweep that the upload wanted has long been due; a start looks for such at once.
    block_in_place(|| {
        server.kill()?;
        server.restart()
    })?;
    stage::eventually("the end of its parts", async || Ok((fs::read_dir(&parts)?.count() == 0).then_some(()))).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_bucket_files_are_as_on_a_disk_and_words_go_on_without_it() -> Result<()> {
    let bucket = Bucket::start().await?;
    let server = stage::server_with(|config| bucket.configure(config)).await?;
    let Cast { alice, bob, room, .. } = Cast::gather(server.address()).await?;
    let content = bytes(2 * PART + 1_000_000);
    let place = begin(&alice, content.len(), TEA).await?;
    patch(&alice, &place, 0, content[..1_000_000].to_vec()).await?;
    let rest = patch(&alice, &place, 1_000_000, content[1_000_000..].to_vec()).await?;
    let film = file_of(&rest)?;
    let picture = stage::number(&files::upload(&alice, "a.png", &files::png(400, 300)?).await?["id"]);
    let said = files::post(&alice, room, &[film, picture]).await?;
    assert!(fetch(&bob, film, &[]).await?.bytes == content);
    let stretch = fetch(&bob, film, &[("range", "bytes=8388600-8388700")]).await?;
    assert_eq!((stretch.status.as_u16(), &stretch.bytes[..]), (206, &content[8_388_600..=8_388_700]));
    let thumb = ask(&bob, "GET", &format!("/api/files/{picture}?thumb=256"), &[], "").await?;
    assert_eq!(thumb.status, 200);
    let blobs = bucket.path().join("blobs");
    assert_eq!(fs::read_dir(&blobs)?.count(), 2, "two contents");
    alice.http.delete(&format!("/api/messages/{}", said["id"])).await?.data()?;
    let is_gone = async || Ok(kept(&blobs).is_empty().then_some(()));
    stage::eventually("the end of the bytes", is_gone).await?;
    drop(bucket);
    let lost = tus(&alice, "POST", PLACE, &[OFFSET_BYTES, ("upload-length", "3")], "tea").await?;
    assert_eq!(lost.refusal(), refused(503, "storage_unavailable"));
    alice.say(room, "words").await?;
    Ok(())
}
