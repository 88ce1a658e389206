//! The emojis of a place's own: made of whatever picture is sent, seen by everybody with an account, told to every socket, and gone with their
//! bytes.

use anyhow::{Context as _, Result};
use chinwag_proto::{Event, frame::Encoding, limits};
use chinwag_testkit::{
    Cast, Person, Server, Socket,
    files::{Reply, ask, emoji, form, form_type, png, send_emoji, send_form, with_words},
};
use serde_json::{Value, json};

use crate::{
    avatars::{faces, sides},
    stage::{self, number},
};

async fn scene() -> Result<(Server, Cast)> {
    let server = stage::server().await?;
    let cast = Cast::gather(server.address()).await?;
    Ok((server, cast))
}

async fn list(who: &Person) -> Result<Value> {
    who.http.get("/api/emojis").await?.data()
}

async fn picture(who: &Person, emoji: &Value) -> Result<Reply> {
    ask(who, "GET", emoji["url"].as_str().context("an address")?, &[], "").await
}

/// The version that this socket is greeted with.
pub async fn greeted(socket: &mut Socket) -> Result<i64> {
    let welcome = |event: &Event| match event {
        Event::Welcome(welcome) => Some(welcome.emojis_version),
        _ => None,
    };
    socket.expect("a welcome", welcome).await
}

/// Returns once it was told of this version.
pub async fn told(socket: &mut Socket, version: i64) -> Result<()> {
    let changed = |event: &Event| matches!(event, Event::EmojisChanged(it) if it.version == version).then_some(());
    socket.expect("other emojis", changed).await
}

#[tokio::test]
async fn an_emoji_is_a_square_that_tells_nothing_else_and_everybody_sees_it() -> Result<()> {
    let (_server, Cast { alice, mallory, .. }) = scene().await?;
    assert_eq!(list(&alice).await?, json!({"version": 0, "emojis": []}));
    let words = b"52.5163N 13.3777E";
    let made = emoji(&alice, "party-parrot", &with_words(&png(2_000, 1_000)?, words)).await?;
    assert_eq!((&made["name"], &made["created_by"]), (&json!("party-parrot"), &json!(alice.id)));
    assert!(made["created_at"].as_str().is_some_and(|at| at.ends_with('Z')), "{made}");
    let got = picture(&mallory, &made).await?;
    assert_eq!((got.status.as_u16(), sides(&got.bytes)), (200, Some((512, 512))));
    assert!(!got.bytes.windows(words.len()).any(|window| window == words), "the place is not told");
    assert_eq!(got.header("cache-control"), "private, max-age=31536000, immutable");
    assert_eq!(list(&mallory).await?, json!({"version": 1, "emojis": [made]}));
    Ok(())
}

#[tokio::test]
async fn who_has_the_emojis_already_is_told_so_and_sent_nothing() -> Result<()> {
    let (_server, Cast { alice, bob, .. }) = scene().await?;
    emoji(&alice, "tea", &png(8, 8)?).await?;
    let first = ask(&bob, "GET", "/api/emojis", &[], "").await?;
    assert_eq!((first.status.as_u16(), first.header("cache-control")), (200, "private, no-cache"));
    let known = [("if-none-match", first.header("etag"))];
    let again = ask(&bob, "GET", "/api/emojis", &known, "").await?;
    assert_eq!((again.status.as_u16(), again.bytes.len(), again.header("etag")), (304, 0, first.header("etag")));
    emoji(&alice, "cup", &png(8, 8)?).await?;
    let changed = ask(&bob, "GET", "/api/emojis", &known, "").await?;
    assert_eq!((changed.status.as_u16(), number(&changed.json()["data"]["version"])), (200, 2));
    Ok(())
}

#[tokio::test]
async fn what_makes_no_emoji_is_refused_and_leaves_nothing() -> Result<()> {
    let (server, Cast { alice, bob, .. }) = scene().await?;
    emoji(&alice, "tea", &png(8, 8)?).await?;
    let plain = png(64, 64)?;
    for name in ["", "a", "Tea", "a b", "a:b", "../a", "茶茶", &"a".repeat(33)] {
        let reply = send_emoji(&bob, name, &plain).await?;
        assert_eq!(reply.refusal(), (422, "invalid".to_owned()), "{name}");
        let told = "Choose a name of 2 to 32 characters: a-z, 0-9, _ and -.";
        assert_eq!(reply.json()["details"]["fields"]["name"], json!([told]), "{name}");
    }
    let too_large = vec![0; 10 * 1024 * 1024 + 1];
    for (what, name, bytes, refusal) in [
        ("a name that another has", "tea", &plain, (409, "emoji_taken")),
        ("no picture", "cup", &b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), (422, "unsupported_file")),
        ("too large", "cup", &too_large, (413, "too_large")),
    ] {
        let reply = send_emoji(&bob, name, bytes).await?;
        assert_eq!(reply.refusal(), (refusal.0, refusal.1.to_owned()), "{what}: {}", reply.json());
    }
    let unnamed = send_form(&bob, "/api/emojis", form("e.png", &plain, &[])).await?;
    assert_eq!(unnamed.refusal(), (422, "invalid".to_owned()));
    let form_of_nothing = form("e.png", &plain, &[("name", "cup")])[..90].to_vec();
    let cut = ask(&bob, "POST", "/api/emojis", &[("content-type", &form_type())], form_of_nothing).await?;
    assert_eq!(cut.refusal(), (400, "malformed".to_owned()));
    assert_eq!((&list(&bob).await?["version"], faces(&server).len()), (&json!(1), 1), "{:?}", faces(&server));
    Ok(())
}

/// The last one's picture is kept before the store says no.
#[tokio::test]
async fn who_has_made_as_many_emojis_as_one_may_is_told_so_and_leaves_nothing() -> Result<()> {
    let (server, Cast { alice, bob, .. }) = scene().await?;
    let dot = png(8, 8)?;
    for number in 0..limits::EMOJIS_OF_ONE {
        emoji(&bob, &format!("tea-{number}"), &dot).await?;
    }
    let refused = send_emoji(&bob, "cup", &dot).await?;
    assert_eq!(refused.refusal(), (409, "too_many_own_emojis".to_owned()));
    assert_eq!(faces(&server).len(), limits::EMOJIS_OF_ONE);
    emoji(&alice, "cup", &dot).await?;
    Ok(())
}

#[tokio::test]
async fn with_an_emoji_its_picture_is_gone_and_its_name_is_free() -> Result<()> {
    let (server, Cast { alice, bob, .. }) = scene().await?;
    let tea = emoji(&alice, "tea", &png(64, 64)?).await?;
    let door = format!("/api/emojis/{}", tea["id"]);
    for nothing in [&*door, "/api/emojis/99", "/api/emojis/tea"] {
        let refused = bob.http.delete(nothing).await?;
        let word = if nothing == "/api/emojis/tea" { "not_found" } else { "emoji_not_found" };
        assert_eq!(refused.refusal(), (404, word), "{nothing}");
    }
    alice.http.delete(&door).await?.data()?;
    assert_eq!(alice.http.delete(&door).await?.refusal(), (404, "emoji_not_found"));
    assert_eq!(picture(&alice, &tea).await?.refusal(), (404, "file_not_found".to_owned()));
    assert!(faces(&server).is_empty(), "{:?}", faces(&server));
    let again = emoji(&bob, "tea", &png(64, 64)?).await?;
    assert_ne!(again["url"], tea["url"], "a browser that kept the old one never shows it for the new");
    assert_eq!(list(&alice).await?, json!({"version": 3, "emojis": [again]}));
    Ok(())
}

#[tokio::test]
async fn every_socket_hears_that_there_are_other_emojis_and_a_new_one_is_greeted_with_it() -> Result<()> {
    let (_server, Cast { alice, mallory, .. }) = scene().await?;
    for (round, encoding) in (0..).zip([Encoding::Json, Encoding::Proto]) {
        let mut socket = mallory.connect_as(encoding).await?;
        assert_eq!(greeted(&mut socket).await?, 3 * round);
        let made = emoji(&alice, &format!("tea-{round}"), &png(8, 8)?).await?;
        told(&mut socket, 3 * round + 1).await?;
        alice.http.delete(&format!("/api/emojis/{}", made["id"])).await?.data()?;
        told(&mut socket, 3 * round + 2).await?;
        emoji(&alice, &format!("cup-{round}"), &png(8, 8)?).await?;
        assert_eq!(greeted(&mut alice.connect().await?).await?, 3 * round + 3);
    }
    Ok(())
}
