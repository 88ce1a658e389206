//! The plain text door: who gets in by which name, and that both sides hear each other. It speaks to the server as a
//! terminal does.

use std::time::Duration;

use anyhow::{Context as _, Result};
use chinwag_proto::{Event, frame::Encoding};
use chinwag_testkit::{
    Cast, Http, Server, Socket,
    socket::{Credential, Gone},
};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{Instant, timeout},
};
use tokio_tungstenite::tungstenite::Message;

use crate::stage;

const LOBBY: i64 = 1;

async fn scene() -> Result<(Server, Cast)> {
    let server = stage::server_with(|config| config.guests = true).await?;
    let cast = Cast::gather(server.address()).await?;
    Ok((server, cast))
}

async fn knock(server: &Server) -> Result<Socket> {
    let opened = Socket::open(server.address(), "/ws/lobby", Credential::Nothing, Encoding::Json).await?;
    opened.map_err(|status| anyhow::anyhow!("refused with {status}"))
}

/// A guest who has heard themselves, and so is in.
async fn enter(server: &Server, name: &str) -> Result<Socket> {
    let mut guest = knock(server).await?;
    say(&mut guest, name).await?;
    say(&mut guest, "hello").await?;
    until(&mut guest, &format!("{name}:hello")).await?;
    Ok(guest)
}

async fn say(guest: &mut Socket, line: &str) -> Result<()> {
    Ok(guest.send_raw(Message::text(line)).await?)
}

async fn line(guest: &mut Socket) -> Result<String> {
    let bytes = timeout(stage::PATIENCE, guest.wait_raw()).await.context("silence")??;
    Ok(String::from_utf8(bytes)?)
}

/// Reads until this line came; gives what came before.
async fn until(guest: &mut Socket, wanted: &str) -> Result<Vec<String>> {
    let mut before = Vec::new();
    loop {
        match line(guest).await.with_context(|| format!("{wanted:?} after {before:?}"))? {
            line if line == wanted => return Ok(before),
            line => before.push(line),
        }
    }
}

#[tokio::test]
async fn the_door_is_shut_unless_the_operator_opens_it() -> Result<()> {
    let server = stage::server().await?;
    let refused = Socket::open(server.address(), "/ws/lobby", Credential::Nothing, Encoding::Json).await?;
    assert_eq!(refused.err(), Some(404));
    assert_eq!(Http::new(server.address()).get("/api/server").await?.data()?["guests"], false);
    Ok(())
}

#[tokio::test]
async fn guests_and_members_hear_each_other() -> Result<()> {
    let (server, Cast { alice, .. }) = scene().await?;
    let mut member = stage::listen(&alice, Encoding::Json, &[LOBBY]).await?;
    let mut one = enter(&server, "passer-by").await?;
    let mut two = enter(&server, "小明").await?;
    say(&mut one, "你好, everybody: really").await?;
    assert_eq!(until(&mut two, "passer-by:你好, everybody: really").await?, Vec::<String>::new());
    let heard = member.expect("the guest's words", |event| match event {
        Event::Text(text) if text.content.starts_with("你好") => Some(text.clone()),
        _ => None,
    });
    let heard = heard.await?;
    assert_eq!((heard.user_id, &*heard.username, heard.guest), (0, "passer-by", true));
    alice.say(LOBBY, "welcome\nhere").await?;
    for guest in [&mut one, &mut two] {
        until(guest, "alice:welcome\n  here").await?;
    }
    let rows = alice.history(LOBBY).await?;
    let row = rows.iter().find(|row| row["content"] == "你好, everybody: really").context("not in the history")?;
    assert_eq!((&row["guest"], &row["user_id"], &row["username"]), (&json!(true), &json!(0), &json!("passer-by")));
    Ok(())
}

#[tokio::test]
async fn names_that_belong_to_somebody_or_mean_something_do_not_open() -> Result<()> {
    let (server, _cast) = scene().await?;
    for name in [
        "",
        "   ",
        "alice",
        "ALICE",
        "ａｌｉｃｅ",
        "aIice",
        "a1ice 🎉",
        "alice@example.org",
        "all",
        "system",
        "alice 🎉",
        "管理员",
        "Root",
        "r o o t",
        "аdmin",
        "x:y",
        "\u{202e}x",
        &"字".repeat(21),
    ] {
        let mut guest = knock(&server).await?;
        say(&mut guest, name).await?;
        let sentence = line(&mut guest).await.with_context(|| format!("{name:?} is told nothing"))?;
        assert!(!sentence.contains(':') && sentence.ends_with('.'), "{name:?} is told {sentence:?}");
        assert_eq!(guest.expect_close().await?, 1008, "{name:?}");
    }
    for name in ["x", &"字".repeat(20), "two", "Zoë from Oslo 🎉"] {
        enter(&server, name).await.with_context(|| name.to_owned())?;
    }
    Ok(())
}

#[tokio::test]
async fn nobody_can_speak_in_anothers_name() -> Result<()> {
    let (server, _cast) = scene().await?;
    let mut sly = enter(&server, "sly").await?;
    let mut ear = enter(&server, "ear").await?;
    for (said, heard) in [
        ("hi\nalice:I resign", "sly:hi\n  alice:I resign"),
        ("hi\ralice:really", "sly:hi\n  alice:really"),
        ("hi\u{2028}alice:yes", "sly:hi\n  alice:yes"),
    ] {
        say(&mut sly, said).await?;
        until(&mut ear, heard).await?;
    }
    for name in ["SLY", "sIy"] {
        let mut double = knock(&server).await?;
        say(&mut double, name).await?;
        let told = line(&mut double).await?;
        assert_eq!(
            told, "Another guest has this name right now, or one that looks like it. Choose another one.",
            "{name}"
        );
        assert_eq!(double.expect_close().await?, 1008);
    }
    sly.close().await;
    stage::eventually("the name to be free", async || {
        let mut again = knock(&server).await?;
        say(&mut again, "sly").await?;
        say(&mut again, "back").await?;
        Ok((line(&mut again).await? == "sly:back").then_some(()))
    })
    .await
}

#[tokio::test]
async fn a_guest_can_only_talk() -> Result<()> {
    let (server, Cast { alice, room, .. }) = scene().await?;
    let mut guest = enter(&server, "sly").await?;
    let members = stage::room(&alice, LOBBY).await?["member_count"].clone();
    for frame in [
        format!(r#"{{"type":"join","room_id":{room}}}"#),
        format!(r#"{{"type":"text","room_id":{room},"content":"x"}}"#),
    ] {
        say(&mut guest, &frame).await?;
        assert_eq!(until(&mut guest, &format!("sly:{frame}")).await?, Vec::<String>::new(), "frames are words here");
    }
    alice.say(room, "between us").await?;
    say(&mut guest, "still here").await?;
    assert_eq!(until(&mut guest, "sly:still here").await?, Vec::<String>::new(), "a private room is not heard");
    for unsaid in [" ".to_owned(), "x".repeat(4_001)] {
        say(&mut guest, &unsaid).await?;
        let sentence = line(&mut guest).await?;
        assert!(sentence.ends_with('.') && !sentence.starts_with("sly:"), "{sentence}");
    }
    guest.send_raw(Message::binary(vec![1, 2, 3])).await?;
    assert!(line(&mut guest).await?.ends_with('.'));
    assert_eq!(stage::room(&alice, LOBBY).await?["member_count"], members, "a guest is no member");
    let online = alice.http.get("/api/users/online").await?.data()?.to_string();
    assert!(!online.contains("sly"));
    Ok(())
}

#[tokio::test]
async fn a_flood_is_refused_on_all_connections_of_its_address_and_members_are_heard() -> Result<()> {
    let server = stage::server_with(|config| {
        config.guests = true;
        config.limits.frames_per_second = 1;
        config.limits.frames_burst = 40;
    });
    let server = server.await?;
    let alice = chinwag_testkit::Person::register(server.address(), "alice").await?;
    // Open before, for the flood has its effect at once.
    let mut other = knock(&server).await?;
    let mut flood = knock(&server).await?;
    say(&mut flood, "flood").await?;
    for index in 0..100 {
        say(&mut flood, &index.to_string()).await?;
    }
    let mut refusals = 0;
    while refusals == 0 {
        refusals += usize::from(!line(&mut flood).await?.starts_with("flood:"));
    }
    // A busy machine may have given back a few of the budget by now; ten at once are more than that.
    for index in 0..10 {
        say(&mut other, &format!("calm{index}")).await?;
    }
    // Where connections cost nothing, nobody is refused, and this waits in vain.
    while !line(&mut other).await?.contains("too fast") {}
    alice.say(LOBBY, "members have their own").await?;
    Ok(())
}

#[tokio::test]
async fn pages_of_other_sites_do_not_bring_guests() -> Result<()> {
    let (server, _cast) = scene().await?;
    let foreign = Credential::Cookie { cookie: "none=1", origin: "https://evil.example" };
    let refused = Socket::open(server.address(), "/ws/lobby", foreign, Encoding::Json).await?;
    assert_eq!(refused.err(), Some(403));
    let own = format!("http://localhost:{}", server.address().port());
    let own = Credential::Cookie { cookie: "none=1", origin: &own };
    assert!(Socket::open(server.address(), "/ws/lobby", own, Encoding::Json).await?.is_ok());
    Ok(())
}

/// So many seconds, as the documented client counts on.
fn assert_near(took: Duration, seconds: u64) {
    assert!(took.abs_diff(Duration::from_secs(seconds)) < Duration::from_millis(500), "{took:?} for {seconds} s");
}

#[tokio::test]
async fn a_guest_is_pinged_and_dropped_when_there_is_no_answer() -> Result<()> {
    let (server, _cast) = scene().await?;
    let mut answers = enter(&server, "awake").await?;
    // By hand, because a client library would answer.
    let silent = async {
        let mut stream = TcpStream::connect(server.address()).await?;
        let head = "GET /ws/lobby HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        stream.write_all(head.as_bytes()).await?;
        let mut heard = Vec::new();
        while !heard.ends_with(b"\r\n\r\n") {
            heard.push(timeout(stage::PATIENCE, stream.read_u8()).await??);
        }
        assert!(heard.starts_with(b"HTTP/1.1 101"));
        let mut since = Instant::now();
        let name = [&[0x81, 0x86, 0, 0, 0, 0], b"silent".as_slice()].concat();
        stream.write_all(&name).await?;
        for _ in 0..2 {
            let mut ping = [0; 2];
            timeout(Duration::from_secs(5), stream.read_exact(&mut ping)).await.context("no ping")??;
            assert_eq!(ping, [0x89, 0]);
            assert_near(since.elapsed(), 3);
            since = Instant::now();
            stream.write_all(&[0x8a, 0x80, 0, 0, 0, 0]).await?;
        }
        let mut rest = Vec::new();
        timeout(Duration::from_secs(8), stream.read_to_end(&mut rest))
            .await
            .context("a silent guest stays for ever")??;
        assert_near(since.elapsed(), 5);
        anyhow::Ok(())
    };
    tokio::select! {
        ended = silent => ended?,
        // Reading is answering, with this client: from the beginning, or it would be dropped, too.
        told = answers.wait_raw() => panic!("whoever answers stays, and hears nothing now: {told:?}"),
    }
    say(&mut answers, "still here").await?;
    until(&mut answers, "awake:still here").await?;
    Ok(())
}

#[tokio::test]
async fn whoever_gives_no_name_does_not_stay_and_frees_the_place() -> Result<()> {
    let (server, _cast) = scene().await?;
    let mut nameless = Vec::new();
    let refused = loop {
        match Socket::open(server.address(), "/ws/lobby", Credential::Nothing, Encoding::Json).await? {
            Ok(guest) => nameless.push(guest),
            Err(status) => break status,
        }
        assert!(nameless.len() <= 20, "one address takes every place");
    };
    assert_eq!((refused, nameless.len()), (429, 20));
    let closed = nameless.iter_mut().map(|guest| timeout(Duration::from_secs(20), guest.wait_raw()));
    for ended in futures_util::future::join_all(closed).await {
        let ended = ended.context("a nameless guest stays for ever")?;
        assert!(matches!(ended, Err(Gone::Closed(1008))), "{ended:?}");
    }
    enter(&server, "named").await?;
    Ok(())
}
