//! Files: sent whole, shown to who may see them, in ranges and in smaller pictures, harmless to whoever opens one, and gone with their
//! message. Uploads that go on after a cut are in `uploads`.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use chinwag_server::config::{Bytes, Config};
use chinwag_testkit::{
    Cast, Person, Server,
    files::{ask, bytes, fetch, form, form_type, mp4, png, post, send_form, upload},
};
use futures_util::{future::join_all, stream};
use serde_json::{Value, json};

use crate::stage::{self, PATIENCE, number};

async fn scene() -> Result<(Server, Cast)> {
    let server = stage::server().await?;
    let cast = Cast::gather(server.address()).await?;
    Ok((server, cast))
}

/// All files below a directory, but the lock by which a node knows whose scratch is left over.
pub fn kept(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path());
    let below = entries.flat_map(|path| if path.is_dir() { kept(&path) } else { vec![path] });
    below.filter(|path| !path.ends_with("lock")).collect()
}

/// What a server keeps of files: contents, parts, and what is on its way.
fn all_kept(server: &Server) -> Vec<PathBuf> {
    let places = ["blobs", "parts", "scratch"].iter();
    places.flat_map(|place| kept(&server.data().join("data/files").join(place))).collect()
}

#[tokio::test]
async fn a_file_comes_back_as_it_was_sent() -> Result<()> {
    let (server, Cast { alice, .. }) = scene().await?;
    let content = bytes(9_000_000);
    let told = upload(&alice, "报告 1.bin", &content).await?;
    let id = number(&told["id"]);
    assert!(id > 1 << 40 && id < 1 << 53, "{id}");
    for (field, value) in
        [("file_name", json!("报告 1.bin")), ("file_size", json!(9_000_000)), ("category", json!("file"))]
    {
        assert_eq!(told[field], value, "{field} of {told}");
    }
    assert_eq!(alice.http.get(&format!("/api/files/{id}/meta")).await?.data()?, told);
    let first = ask(&alice, "GET", &format!("/api/files/{id}"), &[("accept", "application/json, */*")], "").await?;
    assert_eq!(first.json()["data"], told, "who accepts JSON first is told of it");
    let got = fetch(&alice, id, &[]).await?;
    assert_eq!(got.status, 200);
    assert!(got.bytes == content, "{} bytes came back", got.bytes.len());
    let head = ask(&alice, "HEAD", &format!("/api/files/{id}"), &[], "").await?;
    assert_eq!((head.status.as_u16(), head.header("content-length")), (200, "9000000"));
    let left = kept(&server.data().join("data/files/parts"));
    assert!(left.is_empty(), "its parts are gone: {left:?}");
    Ok(())
}

#[tokio::test]
async fn a_range_is_that_stretch_and_what_one_has_is_not_sent_again() -> Result<()> {
    let (_server, Cast { alice, .. }) = scene().await?;
    let content = bytes(1_000);
    let id = number(&upload(&alice, "x.bin", &content).await?["id"]);
    for (range, from, to) in
        [("bytes=0-0", 0, 1), ("bytes=990-", 990, 1_000), ("bytes=-10", 990, 1_000), ("bytes=5-5000", 5, 1_000)]
    {
        let got = fetch(&alice, id, &[("range", range)]).await?;
        let place = format!("bytes {from}-{}/1000", to - 1);
        assert_eq!((got.status.as_u16(), got.header("content-range")), (206, &*place), "{range}");
        assert_eq!(got.bytes, content[from..to], "{range}");
    }
    for range in ["bytes=1000-", "bytes=5-4", "bytes=-0", "bytes=x", "bytes=18446744073709551616-"] {
        let got = fetch(&alice, id, &[("range", range)]).await?;
        assert_eq!(got.refusal(), (416, "no_such_range".to_owned()), "{range}");
        assert_eq!(got.header("content-range"), "bytes */1000", "{range}");
    }
    let tag = fetch(&alice, id, &[]).await?.header("etag").to_owned();
    let known = fetch(&alice, id, &[("if-none-match", &tag)]).await?;
    assert_eq!((known.status.as_u16(), known.bytes.len()), (304, 0));
    assert_eq!(known.header("cache-control"), "private, no-cache", "it is asked for each time");
    let other = fetch(&alice, id, &[("range", "bytes=0-1"), ("if-range", "\"another\"")]).await?;
    assert_eq!((other.status.as_u16(), other.bytes.len()), (200, 1_000), "a stretch of another content is none");
    Ok(())
}

#[tokio::test]
async fn a_picture_has_smaller_ones() -> Result<()> {
    let (_server, Cast { alice, .. }) = scene().await?;
    let told =
        send_form(&alice, "/api/upload/image", form("sky.png", &png(400, 300)?, &[])).await?.json()["data"].clone();
    let shown = (&told["file_type"], &told["category"], &told["width"], &told["height"], &told["thumbs"]);
    assert_eq!(shown, (&json!("image/png"), &json!("image"), &json!(400), &json!(300), &json!([256])));
    assert!(told["placeholder"].is_string(), "{told}");
    let id = number(&told["id"]);
    let thumb = ask(&alice, "GET", &format!("/api/files/{id}?thumb=256"), &[], "").await?;
    assert_eq!(thumb.status, 200);
    assert!(thumb.header("content-type").starts_with("image/") && thumb.header("etag").ends_with("-256\""));
    let preview = ask(&alice, "GET", &format!("/api/files/{id}/preview"), &[], "").await?;
    assert_eq!(preview.bytes, thumb.bytes);
    for missing in ["thumb=1024", "thumb=1", "thumb=-256"] {
        let reply = ask(&alice, "GET", &format!("/api/files/{id}?{missing}"), &[], "").await?;
        assert_eq!(reply.refusal(), (404, "file_not_found".to_owned()), "{missing}");
    }
    assert_eq!(
        fetch(&alice, id, &[]).await?.header("content-disposition"),
        "inline; filename=\"sky.png\"; filename*=UTF-8''sky.png"
    );
    Ok(())
}

#[tokio::test]
async fn what_could_act_is_only_saved() -> Result<()> {
    let (_server, Cast { alice, .. }) = scene().await?;
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    let polyglot = [&png(8, 8)?[..], b"<html><script>alert(1)</script>"].concat();
    let html = b"<!doctype html><script>alert(1)</script>";
    let cases: [(&str, &[u8]); 3] = [("a.html", html), ("b.png", svg), ("c.png", &polyglot)];
    for (name, content) in cases {
        let told = upload(&alice, name, content).await?;
        let got = fetch(&alice, number(&told["id"]), &[]).await?;
        assert_eq!(got.header("content-security-policy"), "sandbox; default-src 'none'", "{name}");
        assert_eq!(got.header("x-content-type-options"), "nosniff", "{name}");
        if told["category"] == "file" {
            assert_eq!(got.header("content-type"), "application/octet-stream", "{name}");
            assert!(got.header("content-disposition").starts_with("attachment; "), "{name}");
        } else {
            assert_eq!(got.header("content-type"), "image/png", "{name}");
            assert!(
                !got.bytes.windows(7).any(|word| word == b"<script"),
                "{name}: what stands behind a picture is gone"
            );
        }
    }
    let told = upload(&alice, "words.txt", "Grüße".as_bytes()).await?;
    let got = fetch(&alice, number(&told["id"]), &[]).await?;
    assert_eq!(
        (got.header("content-type"), got.header("content-security-policy")),
        ("text/plain; charset=utf-8", "sandbox; default-src 'none'")
    );
    Ok(())
}

#[tokio::test]
async fn a_name_is_cleaned_and_told_to_old_and_new_browsers() -> Result<()> {
    let (_server, Cast { alice, .. }) = scene().await?;
    for (name, clean) in [("../../etc/passwd", "passwd"), ("a\u{202e}gpj.exe", "agpj.exe"), ("..", "file")] {
        assert_eq!(upload(&alice, name, b"x").await?["file_name"], clean, "{name:?}");
    }
    let id = number(&upload(&alice, "Ü %41 'x'.pdf", b"x").await?["id"]);
    let got = ask(&alice, "GET", &format!("/api/files/{id}/download"), &[], "").await?;
    let exact = "attachment; filename=\"_ _41 'x'.pdf\"; filename*=UTF-8''%C3%9C%20%2541%20%27x%27.pdf";
    assert_eq!(got.header("content-disposition"), exact);
    Ok(())
}

#[tokio::test]
async fn a_file_is_seen_by_who_may_read_its_message_now() -> Result<()> {
    let (server, Cast { alice, bob, carol, mallory, room }) = scene().await?;
    let id = number(&upload(&alice, "tea.png", &png(400, 300)?).await?["id"]);
    let hidden = (404, "file_not_found".to_owned());
    assert_eq!(fetch(&bob, id, &[]).await?.refusal(), hidden, "it hangs on no message");
    post(&alice, room, &[id]).await?;
    for who in [&alice, &bob, &carol] {
        assert_eq!(fetch(who, id, &[]).await?.status, 200, "{}", who.name);
    }
    for place in ["", "?thumb=256", "/meta", "/preview", "/download"] {
        let reply = ask(&mallory, "GET", &format!("/api/files/{id}{place}"), &[], "").await?;
        assert_eq!(reply.refusal(), hidden, "{place}");
    }
    alice.http.delete(&format!("/api/rooms/{room}/members/{}", bob.id)).await?.data()?;
    assert_eq!(fetch(&bob, id, &[]).await?.refusal(), hidden, "he was kicked");
    let again = Person::log_in(server.address(), "carol").await?;
    carol.http.post("/api/auth/logout", json!({})).await?.data()?;
    assert_eq!(fetch(&carol, id, &[]).await?.refusal(), (401, "session_ended".to_owned()));
    assert_eq!(fetch(&again, id, &[]).await?.status, 200, "her other session goes on");
    Ok(())
}

#[tokio::test]
async fn a_link_shows_its_token_and_no_other_call_takes_one() -> Result<()> {
    let (server, Cast { alice, mallory, .. }) = scene().await?;
    let id = number(&upload(&alice, "x.png", &png(8, 8)?).await?["id"]);
    let got = async |place: &str, who: &Person| -> Result<u16> {
        let path = format!("/api/files/{id}{place}?token={}", who.token());
        Ok(stage::request(server.address(), "GET", &path, &[], "").await?.status.as_u16())
    };
    assert_eq!((got("/download", &alice).await?, got("/preview", &alice).await?), (200, 200));
    assert_eq!(
        (got("/download", &mallory).await?, got("", &alice).await?, got("/meta", &alice).await?),
        (404, 401, 401)
    );
    Ok(())
}

#[tokio::test]
async fn with_its_message_a_file_is_gone_and_its_bytes_are() -> Result<()> {
    let (server, Cast { alice, bob, room, .. }) = scene().await?;
    let id = number(&upload(&alice, "tea.png", &png(400, 300)?).await?["id"]);
    assert!(!all_kept(&server).is_empty());
    let said = post(&alice, room, &[id]).await?;
    assert_eq!(fetch(&bob, id, &[]).await?.status, 200);
    alice.http.delete(&format!("/api/messages/{}", said["id"])).await?.data()?;
    for who in [&alice, &bob] {
        assert_eq!(fetch(who, id, &[]).await?.refusal(), (404, "file_not_found".to_owned()), "{}", who.name);
    }
    stage::eventually("the end of the bytes", async || Ok(all_kept(&server).is_empty().then_some(()))).await
}

#[tokio::test]
async fn one_content_is_kept_once_until_nobody_has_it_any_more() -> Result<()> {
    let (server, Cast { alice, bob, .. }) = scene().await?;
    let content = bytes(100_000);
    let (hers, his) = (upload(&alice, "a.bin", &content).await?, upload(&bob, "b.bin", &content).await?);
    let (hers, his) = (number(&hers["id"]), number(&his["id"]));
    alice.http.delete(&format!("/api/files/{hers}")).await?.data()?;
    stage::eventually("one content", async || Ok((all_kept(&server).len() == 1).then_some(()))).await?;
    assert_eq!(alice.http.delete(&format!("/api/files/{hers}")).await?.refusal(), (404, "file_not_found"));
    assert_eq!(bob.http.delete(&format!("/api/files/{hers}")).await?.status, 404);
    assert!(fetch(&bob, his, &[]).await?.bytes == content);
    bob.http.delete(&format!("/api/files/{his}")).await?.data()?;
    stage::eventually("the end of the bytes", async || Ok(all_kept(&server).is_empty().then_some(()))).await
}

#[tokio::test]
async fn what_a_message_has_is_not_deleted_beside_it() -> Result<()> {
    let (_server, Cast { alice, bob, room, .. }) = scene().await?;
    let id = number(&upload(&alice, "a.bin", b"tea").await?["id"]);
    post(&alice, room, &[id]).await?;
    assert_eq!(alice.http.delete(&format!("/api/files/{id}")).await?.refusal(), (404, "file_not_found"));
    assert_eq!(fetch(&bob, id, &[]).await?.bytes, b"tea");
    Ok(())
}

#[tokio::test]
async fn files_of_one_person_have_a_bound_however_many_come_at_once() -> Result<()> {
    let server = stage::server_with(|config| {
        config.files.max_bytes = Bytes::kib(100);
        config.files.quota_bytes = Bytes::kib(350);
    })
    .await?;
    let alice = Person::register(server.address(), "alice").await?;
    let content = bytes(90 * 1024);
    let sent = join_all((0..12).map(|_| send_form(&alice, "/api/upload/file", form("a.bin", &content, &[])))).await;
    let mut kept = Vec::new();
    for reply in sent {
        let reply = reply?;
        match reply.status.as_u16() {
            200 => kept.push(number(&reply.json()["data"]["id"])),
            _ => assert_eq!(reply.refusal(), (413, "quota_exceeded".to_owned())),
        }
    }
    assert!((1..=3).contains(&kept.len()), "{} files of 90 KiB in 350 KiB", kept.len());
    while let Ok(told) = upload(&alice, "a.bin", &content).await {
        kept.push(number(&told["id"]));
    }
    assert_eq!(kept.len(), 3, "what was refused holds no place");
    alice.http.delete(&format!("/api/files/{}", kept[0])).await?.data()?;
    upload(&alice, "a.bin", &content).await.context("what was deleted gives its place back")?;
    let bob = Person::register(server.address(), "bob").await?;
    upload(&bob, "a.bin", &content).await.context("each has a share of their own")?;
    Ok(())
}

#[tokio::test]
async fn a_form_that_does_not_say_how_long_it_is_counts_as_it_grows() -> Result<()> {
    let server = stage::server_with(|config| config.files.quota_bytes = Bytes::mib(10)).await?;
    let alice = Person::register(server.address(), "alice").await?;
    let kind = form_type();
    let send = async |mib: usize| {
        let form = form("a.bin", &bytes(mib * 1024 * 1024), &[]);
        let pieces: Vec<_> = form.chunks(100_000).map(|piece| anyhow::Ok(piece.to_vec())).collect();
        let body = reqwest::Body::wrap_stream(stream::iter(pieces));
        ask(&alice, "POST", "/api/upload/file", &[("content-type", &*kind)], body).await
    };
    let (first, second) = tokio::join!(send(3), send(3));
    assert_eq!(
        (first?.status.as_u16(), second?.status.as_u16()),
        (200, 200),
        "a file may have fifty, these have three"
    );
    assert_eq!(send(5).await?.refusal(), (413, "quota_exceeded".to_owned()));
    assert_eq!(send(4).await?.status, 200, "what was refused holds no place, and all of the share can be had");
    Ok(())
}

#[tokio::test]
async fn what_is_no_file_is_refused_and_leaves_nothing() -> Result<()> {
    let server = stage::server_with(|config| config.files.max_bytes = Bytes::kib(100)).await?;
    let alice = Person::register(server.address(), "alice").await?;
    let kind = form_type();
    let large = form("a.bin", &bytes(200 * 1024), &[]);
    let small = form("a.bin", b"x", &[]);
    let in_pieces = |bytes: Vec<u8>| {
        let pieces: Vec<_> = bytes.chunks(10_000).map(|piece| anyhow::Ok(piece.to_vec())).collect();
        reqwest::Body::wrap_stream(stream::iter(pieces))
    };
    let cut = small[..small.len() - 20].to_vec();
    let endless = [&small[..60], &[b'x'; 90 * 1024]].concat();
    let nothing = b"--a-boundary-of-this-form--\r\n".to_vec();
    let fields = |fields: &[(&str, &str)]| form("a.bin", b"x", fields);
    let kind = &*kind;
    let cases: [(&str, &str, reqwest::Body, (u16, &str)); 11] = [
        ("more than a file may have", kind, large.clone().into(), (413, "too_large")),
        ("the same in pieces", kind, in_pieces(large), (413, "too_large")),
        ("a head without an end", kind, in_pieces(endless), (413, "too_large")),
        ("a form that breaks off", kind, cut.into(), (400, "malformed")),
        ("a form without a file", kind, nothing.into(), (422, "invalid")),
        ("no form", "multipart/form-data; boundary=other", b"x".to_vec().into(), (400, "malformed")),
        ("a form without a boundary", "multipart/form-data", small.clone().into(), (415, "unsupported_media_type")),
        ("something else", "text/plain", small.into(), (415, "unsupported_media_type")),
        ("a wave that is none", kind, fields(&[("waveform", "[101]")]).into(), (422, "invalid")),
        ("a length that is none", kind, fields(&[("duration", "-1")]).into(), (422, "invalid")),
        ("a field of many bytes", kind, fields(&[("duration", &"1".repeat(5_000))]).into(), (413, "too_large")),
    ];
    for (what, kind, body, refusal) in cases {
        let reply = ask(&alice, "POST", "/api/upload/file", &[("content-type", kind)], body).await.context(what)?;
        assert_eq!(reply.refusal(), (refusal.0, refusal.1.to_owned()), "{what}: {}", reply.json());
    }
    let reply = send_form(&alice, "/api/upload/image", form("a.png", b"no picture", &[])).await?;
    assert_eq!(reply.refusal(), (422, "unsupported_file".to_owned()));
    stage::eventually("the end of what was refused", async || Ok(all_kept(&server).is_empty().then_some(()))).await
}

#[tokio::test]
async fn a_recording_keeps_the_wave_of_its_client_and_a_film_its_poster() -> Result<()> {
    let (_server, Cast { alice, bob, room, .. }) = scene().await?;
    let film = form("film.mp4", &mp4(), &[("waveform", "[0,50,100]"), ("duration", "9")]);
    let told = send_form(&alice, "/api/files/upload", film).await?.json()["data"].clone();
    let shown = (&told["category"], &told["duration"], &told["waveform"]);
    assert_eq!(shown, (&json!("video"), &json!(2.0), &json!([0, 50, 100])), "{told}");
    let id = number(&told["id"]);
    let poster = async |who: &Person, picture: Vec<u8>| {
        ask(who, "PUT", &format!("/api/files/{id}/poster"), &[("content-type", "image/png")], picture).await
    };
    assert_eq!(poster(&bob, png(320, 240)?).await?.refusal(), (404, "file_not_found".to_owned()));
    assert_eq!(poster(&alice, b"no picture".to_vec()).await?.refusal(), (422, "unsupported_file".to_owned()));
    assert_eq!(poster(&alice, vec![0; 3 * 1024 * 1024]).await?.refusal(), (413, "too_large".to_owned()));
    let thumb = async |who: &Person, id: i64| ask(who, "GET", &format!("/api/files/{id}?thumb=256"), &[], "").await;
    let told = poster(&alice, png(320, 240)?).await?.json()["data"].clone();
    assert!(told["thumbs"].as_array().is_some_and(|sizes| sizes.contains(&json!(256))), "{told}");
    let first = thumb(&alice, id).await?;
    assert_eq!(first.status, 200);
    poster(&alice, png(600, 100)?).await?;
    assert_ne!(thumb(&alice, id).await?.bytes, first.bytes, "another poster takes its place");
    let his = number(&upload(&bob, "same.mp4", &mp4()).await?["id"]);
    assert_eq!(thumb(&bob, his).await?.status, 404, "a poster is that of one file, not of all with this content");
    let hers = thumb(&alice, id).await?.bytes;
    let other = ask(&bob, "PUT", &format!("/api/files/{his}/poster"), &[], png(100, 600)?).await?;
    assert_eq!(other.status, 200, "{}", other.json());
    assert!(thumb(&alice, id).await?.bytes == hers, "another's poster of the same content is in its place");
    post(&alice, room, &[id]).await?;
    assert_eq!(poster(&alice, png(320, 240)?).await?.refusal(), (404, "file_not_found".to_owned()));
    assert_eq!(thumb(&bob, id).await?.status, 200);
    let no_film = number(&upload(&alice, "a.txt", b"words").await?["id"]);
    let reply = ask(&alice, "PUT", &format!("/api/files/{no_film}/poster"), &[], png(320, 240)?).await?;
    assert_eq!(reply.refusal(), (422, "unsupported_file".to_owned()));
    Ok(())
}

/// As a page sends it, behind all that one does besides.
#[tokio::test]
async fn a_poster_costs_no_more_of_what_one_may_do_in_a_second_than_any_call() -> Result<()> {
    let settings = Config::default();
    let server = stage::server_with(|config| {
        config.limits.frames_per_second = settings.limits.frames_per_second;
        config.limits.frames_burst = settings.limits.frames_burst;
    });
    let server = server.await?;
    let Cast { alice, room, .. } = Cast::gather(server.address()).await?;
    for name in ["one.mp4", "two.mp4"] {
        let id = number(&upload(&alice, name, &mp4()).await?["id"]);
        let told = ask(&alice, "PUT", &format!("/api/files/{id}/poster"), &[], png(320, 240)?).await?;
        assert_eq!(told.status, 200, "{}", told.json());
        post(&alice, room, &[id]).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_poster_goes_with_its_film_though_its_content_stays() -> Result<()> {
    let (server, Cast { alice, .. }) = scene().await?;
    let mut films = Vec::new();
    for name in ["one.mp4", "two.mp4"] {
        let id = number(&upload(&alice, name, &mp4()).await?["id"]);
        ask(&alice, "PUT", &format!("/api/files/{id}/poster"), &[], png(320, 240)?).await?;
        films.push(id);
    }
    let both = all_kept(&server).len();
    assert!(both.is_multiple_of(2), "of each film the content and as many smaller pictures: {both}");
    alice.http.delete(&format!("/api/files/{}", films[0])).await?.data()?;
    let end = async || Ok((all_kept(&server).len() == both / 2).then_some(()));
    stage::eventually("the end of the poster of what was deleted", end).await?;
    let left = ask(&alice, "GET", &format!("/api/files/{}?thumb=256", films[1]), &[], "").await?;
    assert_eq!(left.status, 200);
    Ok(())
}

/// To look at a large picture takes longer than to send a message.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poster_that_comes_to_its_end_after_others_have_seen_the_film_changes_nothing() -> Result<()> {
    let (_server, Cast { alice, bob, room, .. }) = scene().await?;
    let id = number(&upload(&alice, "film.mp4", &mp4()).await?["id"]);
    let door = format!("/api/files/{id}/poster");
    ask(&alice, "PUT", &door, &[], png(320, 240)?).await?;
    let (large, films) = (png(12_000, 3_300)?, [id]);
    let (late, posted) = tokio::join!(ask(&alice, "PUT", &door, &[], large), post(&alice, room, &films));
    posted?;
    assert_eq!(late?.refusal(), (404, "file_not_found".to_owned()));
    let shown = ask(&bob, "GET", &format!("/api/files/{id}?thumb=256"), &[], "").await?;
    let other = number(&upload(&alice, "same.mp4", &mp4()).await?["id"]);
    ask(&alice, "PUT", &format!("/api/files/{other}/poster"), &[], png(320, 240)?).await?;
    let first = ask(&alice, "GET", &format!("/api/files/{other}?thumb=256"), &[], "").await?;
    assert!(shown.bytes == first.bytes, "it is the poster that the message was sent with");
    Ok(())
}

#[tokio::test]
async fn a_cookie_fetches_pictures_for_our_own_pages_and_uploads_from_nowhere_else() -> Result<()> {
    let (server, Cast { alice, .. }) = scene().await?;
    let id = number(&upload(&alice, "x.png", &png(8, 8)?).await?["id"]);
    let own = format!("http://{}", server.address());
    let login = json!({"username": "alice", "password": chinwag_testkit::cast::PASSWORD}).to_string();
    let kind = ("content-type", "application/json");
    let answer = stage::request(server.address(), "POST", "/api/auth/login", &[kind, ("origin", &own)], login).await?;
    let cookie = answer.headers["set-cookie"].to_str()?.split(';').next().context("a cookie")?.to_owned();
    let picture = format!("/api/files/{id}");
    let seen = stage::request(server.address(), "GET", &picture, &[("cookie", &cookie)], "").await?;
    assert_eq!(seen.status, 200);
    assert_eq!(seen.headers["cross-origin-resource-policy"], "same-origin");
    let form_type = form_type();
    let head = [("content-type", &*form_type), ("cookie", &cookie)];
    for (origin, status) in [(&*own, 200), ("https://evil.example", 403)] {
        let head = [&head[..], &[("origin", origin)]].concat();
        let sent = stage::request(server.address(), "POST", "/api/upload/file", &head, form("a", b"x", &[])).await?;
        assert_eq!(sent.status, status, "from {origin}: {}", sent.body);
    }
    Ok(())
}

/// One's words cost as before while files come.
#[tokio::test]
async fn a_large_file_takes_nothing_from_the_budget_of_words() -> Result<()> {
    let server = stage::server_with(|config| {
        config.limits.frames_per_second = 1;
        config.limits.frames_burst = 10;
    })
    .await?;
    let cast = tokio::time::timeout(PATIENCE, Person::register(server.address(), "alice")).await??;
    let room = cast.create_room("Tea", true).await?;
    upload(&cast, "a.bin", &bytes(1_000_000)).await?;
    for _ in 0..5 {
        let said: Value = cast.say(room, "tea").await?;
        assert!(said["id"].is_number());
    }
    Ok(())
}
