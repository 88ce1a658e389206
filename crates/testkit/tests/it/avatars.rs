//! Pictures that stand for people and rooms: chosen at the beginning and later, made anew of whatever is sent, seen by who sees whom they
//! stand for, and gone when another takes their place.

use std::{fs, path::PathBuf, time::Duration};

use anyhow::{Context as _, Result};
use chinwag_proto::{Event, Request, Sync, frame::Encoding};
use chinwag_testkit::{
    Bucket, Cast, Http, Person, Server,
    cast::PASSWORD,
    files::{Reply, ask, avatar, emoji, form, form_type, png, send_avatar, with_words},
    set_clock,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::{JoinSet, block_in_place},
};

use crate::{
    files::kept,
    stage::{self, json_of, number},
};

/// Less than a body may pause.
const SOON: Duration = Duration::from_secs(5);
const HIDDEN: (u16, &str) = (404, "file_not_found");

async fn scene() -> Result<(Server, Cast)> {
    let server = stage::server().await?;
    let cast = Cast::gather(server.address()).await?;
    Ok((server, cast))
}

fn door(who: &Person) -> String {
    format!("/api/users/{}/avatar", who.id)
}

async fn get(who: &Person, address: &str) -> Result<Reply> {
    ask(who, "GET", address, &[], "").await
}

fn refusal(reply: &Reply) -> (u16, String) {
    reply.refusal()
}

fn refused((status, word): (u16, &str)) -> (u16, String) {
    (status, word.to_owned())
}

/// What the address of this person's picture is now.
async fn shown(who: &Person) -> Result<Value> {
    Ok(who.http.get(&format!("/api/users/{}", who.id)).await?.data()?["avatar_url"].clone())
}

/// The pictures whose bytes a server keeps.
pub fn faces(server: &Server) -> Vec<PathBuf> {
    kept(&server.data().join("data/files/blobs"))
}

/// Width and height of a JPEG, by the head of its frame.
pub fn sides(jpeg: &[u8]) -> Option<(u16, u16)> {
    let at = jpeg.windows(2).position(|pair| pair == [0xFF, 0xC0])?;
    let side = |at: usize| Some(u16::from_be_bytes([*jpeg.get(at)?, *jpeg.get(at + 1)?]));
    Some((side(at + 7)?, side(at + 5)?))
}

#[tokio::test]
async fn a_picture_becomes_a_square_and_tells_nothing_else() -> Result<()> {
    let (_server, Cast { alice, bob, .. }) = scene().await?;
    let words = b"52.5163N 13.3777E";
    let sent = with_words(&png(4_000, 1_000)?, words);
    let address = avatar(&alice, &door(&alice), &sent).await?;
    let key = address.strip_prefix("/api/avatars/").context("an address of ours")?;
    assert!(key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_hexdigit()), "{key}");
    assert_eq!(shown(&alice).await?, json!(address));
    let got = get(&bob, &address).await?;
    assert_eq!((got.status.as_u16(), sides(&got.bytes)), (200, Some((512, 512))));
    assert!(!got.bytes.windows(words.len()).any(|window| window == words), "the place is not told");
    for (name, value) in [
        ("content-type", "image/jpeg"),
        ("cache-control", "private, max-age=31536000, immutable"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "sandbox; default-src 'none'"),
        ("content-disposition", "inline"),
    ] {
        assert_eq!(got.header(name), value, "{name}");
    }
    let small = avatar(&alice, &door(&alice), &png(30, 50)?).await?;
    assert_eq!(sides(&get(&alice, &small).await?.bytes), Some((30, 30)), "none is made larger");
    Ok(())
}

#[tokio::test]
async fn what_is_no_picture_stands_for_nobody_and_leaves_nothing() -> Result<()> {
    let (server, Cast { alice, .. }) = scene().await?;
    let drawn = alice.http.put(&door(&alice), json!({"drawn": "owl"})).await?.data()?;
    assert_eq!(drawn["avatar_url"], "/avatars/owl.svg");
    let plain = png(64, 64)?;
    let mut bomb = plain.clone();
    bomb[16..24].copy_from_slice(&[0, 0, 0xFF, 0xDC, 0, 0, 0xFF, 0xDC]);
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    let wide = png(12_001, 8)?;
    let cases: [(&str, &[u8]); 6] = [
        ("SVG", svg),
        ("HTML", b"<!doctype html><script>alert(1)</script>"),
        ("half a picture", &plain[..plain.len() / 2]),
        ("a bomb", &bomb),
        ("a side that is too long", &wide),
        ("nothing", b""),
    ];
    for (what, bytes) in cases {
        let reply = send_avatar(&alice, &door(&alice), bytes).await?;
        assert_eq!(refusal(&reply), refused((422, "unsupported_file")), "{what}");
        let told = "Choose a picture that is not too large: JPEG, PNG, GIF or WebP.";
        assert_eq!(reply.json()["message"], told, "{what}");
    }
    let large = send_avatar(&alice, &door(&alice), &vec![0; 10 * 1024 * 1024 + 1]).await?;
    assert_eq!(refusal(&large), refused((413, "too_large")));
    let unnamed = form("a.png", &plain, &[])[..40].to_vec();
    for (kind, body, told) in [
        (form_type(), unnamed, (400, "malformed")),
        ("text/plain".to_owned(), plain.clone(), (415, "unsupported_media_type")),
        ("application/json".to_owned(), br#"{"drawn":"unicorn"}"#.to_vec(), (422, "invalid")),
        ("application/json".to_owned(), br#"{"drawn":"fox","colour":"red"}"#.to_vec(), (422, "invalid")),
    ] {
        let reply = ask(&alice, "PUT", &door(&alice), &[("content-type", &kind)], body).await?;
        assert_eq!(refusal(&reply), refused(told), "{kind} {}", reply.json());
    }
    assert_eq!(shown(&alice).await?, "/avatars/owl.svg", "who was refused keeps what they had");
    assert!(faces(&server).is_empty(), "{:?}", faces(&server));
    Ok(())
}

#[tokio::test]
async fn another_picture_has_another_address_and_the_bytes_of_the_one_before_are_gone() -> Result<()> {
    let (server, Cast { alice, bob, .. }) = scene().await?;
    let first = avatar(&alice, &door(&alice), &png(64, 64)?).await?;
    let second = avatar(&alice, &door(&alice), &png(64, 64)?).await?;
    assert_ne!(first, second, "by its address a browser knows the one it has kept");
    assert_eq!(refusal(&get(&bob, &first).await?), refused(HIDDEN));
    assert_eq!((get(&bob, &second).await?.status.as_u16(), faces(&server).len()), (200, 1));
    for nowhere in ["/api/avatars/x", "/api/avatars/..%2F..%2Fsecret", &*format!("/api/avatars/{}", "f".repeat(32))] {
        assert_eq!(refusal(&get(&bob, nowhere).await?), refused(HIDDEN), "{nowhere}");
    }
    for _ in 0..2 {
        assert_eq!(alice.http.delete(&door(&alice)).await?.data()?["avatar_url"], "");
    }
    assert_eq!(refusal(&get(&bob, &second).await?), refused(HIDDEN));
    assert!(faces(&server).is_empty(), "{:?}", faces(&server));
    Ok(())
}

#[tokio::test]
async fn who_may_not_choose_it_changes_nothing_and_leaves_nothing() -> Result<()> {
    let (server, Cast { alice, bob, room, .. }) = scene().await?;
    let of_room = format!("/api/rooms/{room}/avatar");
    for (place, what) in [(door(&alice), "another's"), (of_room, "a room's, by a member")] {
        let reply = send_avatar(&bob, &place, &png(64, 64)?).await?;
        assert_eq!(refusal(&reply), refused((403, "forbidden")), "{what}");
    }
    assert_eq!(shown(&alice).await?, "");
    assert_eq!(stage::room(&alice, room).await?["avatar_url"], "");
    assert!(faces(&server).is_empty(), "{:?}", faces(&server));
    Ok(())
}

#[tokio::test]
async fn a_direct_conversation_has_no_picture_of_its_own() -> Result<()> {
    let (_server, Cast { alice, bob, .. }) = scene().await?;
    let direct = alice.http.post("/api/rooms/direct", json!({"user_id": bob.id})).await?.data()?;
    let place = format!("/api/rooms/{}/avatar", direct["id"]);
    let answer = alice.http.put(&place, json!({"drawn": "fox"})).await?;
    assert_eq!(answer.refusal(), (403, "forbidden"));
    assert_eq!(answer.body["message"], "A direct conversation stays as it is.");
    assert_eq!(direct["avatar_url"], "");
    Ok(())
}

#[tokio::test]
async fn the_picture_of_a_room_is_seen_by_who_sees_the_room_now() -> Result<()> {
    let (server, Cast { alice, bob, carol, mallory, room }) = scene().await?;
    let of_room = avatar(&carol, &format!("/api/rooms/{room}/avatar"), &png(64, 64)?).await?;
    assert_eq!(stage::room(&bob, room).await?["avatar_url"], json!(of_room));
    let of_bob = avatar(&bob, &door(&bob), &png(64, 64)?).await?;
    for who in [&alice, &bob, &carol] {
        assert_eq!(get(who, &of_room).await?.status, 200, "{}", who.name);
    }
    assert_eq!(get(&mallory, &of_bob).await?.status, 200, "a person's is seen by everybody who is here");
    assert_eq!(refusal(&get(&mallory, &of_room).await?), refused(HIDDEN));
    alice.http.delete(&format!("/api/rooms/{room}/members/{}", bob.id)).await?.data()?;
    assert_eq!(refusal(&get(&bob, &of_room).await?), refused(HIDDEN), "he was kicked");
    carol.http.post("/api/auth/logout", json!({})).await?.data()?;
    assert_eq!(refusal(&get(&carol, &of_room).await?), refused((401, "session_ended")));
    let nobody = stage::request(server.address(), "GET", &of_bob, &[], "").await?;
    assert_eq!(nobody.refusal(), (401, "unauthorized"));
    alice.http.delete(&format!("/api/rooms/{room}")).await?.data()?;
    assert_eq!(refusal(&get(&alice, &of_room).await?), refused(HIDDEN));
    assert_eq!(faces(&server).len(), 1, "with the room its picture is gone: {:?}", faces(&server));
    Ok(())
}

#[tokio::test]
async fn a_drawn_picture_is_chosen_with_the_account() -> Result<()> {
    let server = stage::server().await?;
    let register = async |name: &str, drawn: &str| {
        let address = format!("{name}@example.org");
        let body = json!({"username": name, "email": address, "password": PASSWORD, "avatar": drawn});
        Http::new(server.address()).post("/api/auth/register", body).await
    };
    let made = register("alice", "hedgehog").await?.data()?;
    assert_eq!(made["user"]["avatar_url"], "/avatars/hedgehog.svg");
    let alice = Person::from_login(server.address(), &made)?;
    assert_eq!(shown(&alice).await?, "/avatars/hedgehog.svg");
    let unknown = register("bob", "unicorn").await?;
    assert_eq!(unknown.refusal(), (422, "invalid"));
    let told = &unknown.body["details"]["fields"]["avatar"][0];
    assert!(told.as_str().is_some_and(|told| told.contains("hedgehog")), "{}", unknown.body);
    let document = Http::new(server.address()).get("/api/openapi.json").await?.body;
    let drawn = document["components"]["schemas"]["DrawnAvatar"]["enum"].as_array().context("a list")?;
    assert_eq!(drawn.len(), 16, "the document names them all: {drawn:?}");
    Ok(())
}

#[tokio::test]
async fn a_profile_that_is_sent_as_it_is_keeps_its_picture_and_none_is_set_by_its_address() -> Result<()> {
    let (_server, Cast { alice, .. }) = scene().await?;
    let profile = format!("/api/users/{}", alice.id);
    let address = avatar(&alice, &door(&alice), &png(64, 64)?).await?;
    let same = json!({"bio": "tea", "avatar_url": address});
    assert_eq!(alice.http.put(&profile, same).await?.data()?["avatar_url"], json!(address));
    for other in ["", "/avatars/fox.svg", "http://x/y.png"] {
        let refused = alice.http.put(&profile, json!({"bio": "no", "avatar_url": other})).await?;
        assert_eq!(refused.refusal(), (422, "invalid"), "{other}");
        assert!(refused.body["message"].as_str().is_some_and(|told| told.contains("`avatar_url`")), "{}", refused.body);
    }
    let now = alice.http.get(&profile).await?.data()?;
    assert_eq!((&now["bio"], &now["avatar_url"]), (&json!("tea"), &json!(address)));
    Ok(())
}

#[tokio::test]
async fn whoever_shares_a_room_hears_of_a_new_picture() -> Result<()> {
    let (_server, Cast { alice, bob, room, .. }) = scene().await?;
    let mut eye = stage::listen(&bob, Encoding::Json, &[room]).await?;
    let mut own = stage::listen(&alice, Encoding::Json, &[room]).await?;
    let of_alice = avatar(&alice, &door(&alice), &png(64, 64)?).await?;
    for socket in [&mut eye, &mut own] {
        let heard = socket.expect("a profile", |event| match event {
            Event::Profile(profile) => profile.user.clone().map(|user| (user.id, user.avatar_url)),
            _ => None,
        });
        assert_eq!(heard.await?, (alice.id, of_alice.clone()));
    }
    let head = number(&stage::room(&alice, room).await?["last_seq"]);
    let of_room = avatar(&alice, &format!("/api/rooms/{room}/avatar"), &png(64, 64)?).await?;
    let changed = |event: &Event| {
        let told = json_of(event);
        (told["type"] == "room").then(|| (number(&told["seq"]), told["room"]["avatar_url"].clone()))
    };
    assert_eq!(eye.expect("the room", changed).await?, (head + 1, json!(of_room)));
    let mut late = bob.connect().await?;
    let welcome = late.expect("a welcome", |event| match event {
        Event::Welcome(welcome) => Some(welcome.epoch),
        _ => None,
    });
    let epoch = welcome.await?;
    late.send(&Request::Sync(Sync { epoch, rooms: [(room, head)].into() })).await?;
    assert_eq!(late.expect("the room, replayed", changed).await?, (head + 1, json!(of_room)));
    Ok(())
}

#[tokio::test]
async fn who_sends_many_pictures_and_none_to_its_end_keeps_nobody_else_waiting() -> Result<()> {
    let (server, Cast { alice, bob, .. }) = scene().await?;
    let head = format!(
        "PUT {} HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\ncontent-type: {}\r\ncontent-length: 100000\r\n\
         expect: 100-continue\r\n\r\n",
        door(&alice),
        server.address(),
        alice.token(),
        form_type()
    );
    // More than there are places for pictures in memory.
    let mut lines = Vec::new();
    let mut heard = JoinSet::new();
    for _ in 0..24 {
        let (mut read, mut write) = TcpStream::connect(server.address()).await?.into_split();
        write.write_all(head.as_bytes()).await?;
        lines.push(write);
        heard.spawn(async move {
            let mut answer = [0; 12];
            read.read_exact(&mut answer).await.map(|_| (answer, read))
        });
    }
    for _ in 0..2 {
        let (answer, read) = heard.join_next().await.context("a line")???;
        assert_eq!(&answer, b"HTTP/1.1 100", "its bytes are asked for");
        heard.spawn(async move {
            let _read = read;
            std::future::pending().await
        });
    }
    let his = png(64, 64)?;
    let his = tokio::time::timeout(SOON, avatar(&bob, &door(&bob), &his)).await;
    his.context("bob waits for what alice does not send")??;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_bucket_pictures_are_as_on_a_disk() -> Result<()> {
    let bucket = Bucket::start().await?;
    let server = stage::server_with(|config| bucket.configure(config)).await?;
    let Cast { alice, bob, .. } = Cast::gather(server.address()).await?;
    let first = avatar(&alice, &door(&alice), &png(700, 600)?).await?;
    assert_eq!(sides(&get(&bob, &first).await?.bytes), Some((512, 512)));
    let second = avatar(&alice, &door(&alice), &png(64, 64)?).await?;
    assert_eq!(refusal(&get(&bob, &first).await?), refused(HIDDEN));
    assert_eq!(get(&bob, &second).await?.status, 200);
    let blobs = bucket.path().join("blobs");
    assert_eq!(kept(&blobs).len(), 1, "{:?}", kept(&blobs));
    alice.http.delete(&door(&alice)).await?.data()?;
    assert!(kept(&blobs).is_empty(), "{:?}", kept(&blobs));
    Ok(())
}

/// As of a server that died between the bytes and the row, or between the row and the end of the bytes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_that_stand_for_nobody_are_swept_after_a_day() -> Result<()> {
    let home = tempfile::tempdir()?;
    let clock = home.path().join("clock");
    let mut server = block_in_place(|| stage::server_by_clock(&clock, &[]))?;
    let alice = Person::register(server.address(), "alice").await?;
    avatar(&alice, &door(&alice), &png(64, 64)?).await?;
    let address = avatar(&alice, &door(&alice), &png(64, 64)?).await?;
    let emoji = emoji(&alice, "tea", &png(64, 64)?).await?;
    let blobs = server.data_dir().join("files/blobs");
    let lost = blobs.join("face/ff").join("f".repeat(32));
    fs::create_dir_all(lost.parent().context("a directory")?)?;
    fs::write(&lost, "bytes of nobody's")?;
    set_clock(&clock, 26 * 60 * 60)?;
    block_in_place(|| {
        server.kill()?;
        server.restart()
    })?;
    stage::eventually("the end of the bytes", async || Ok((!lost.exists()).then_some(()))).await?;
    let alice = Person::log_in(server.address(), "alice").await?;
    assert_eq!(get(&alice, &address).await?.status, 200, "what stands for somebody stays");
    let emoji = emoji["url"].as_str().context("an address")?;
    assert_eq!(get(&alice, emoji).await?.status, 200, "and so does what is an emoji");
    Ok(())
}
