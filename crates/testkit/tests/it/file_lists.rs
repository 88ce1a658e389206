//! Lists of files over HTTP: of a room, and of all that one may read, as it is at that moment. How they are found is proved in the
//! store's conformance.

use anyhow::{Context as _, Result};
use chinwag_testkit::{
    Cast, Person,
    files::{bytes, png, post, upload},
};
use serde_json::{Value, json};

use crate::stage::{self, number};

/// Uploads a file of this content, shows it in the room, and gives its id and the message.
async fn show(who: &Person, room: i64, name: &str, content: &[u8]) -> Result<(i64, Value)> {
    let id = number(&upload(who, name, content).await?["id"]);
    Ok((id, post(who, room, &[id]).await?))
}

async fn page(who: &Person, path: &str) -> Result<Value> {
    who.http.get(path).await?.data()
}

async fn listed(who: &Person, path: &str) -> Result<Vec<i64>> {
    let page = page(who, path).await?;
    Ok(page["files"].as_array().context("a list")?.iter().map(|file| number(&file["id"])).collect())
}

#[tokio::test]
async fn a_list_shows_a_file_as_its_message_does_and_where_it_was_said() -> Result<()> {
    let server = stage::server().await?;
    let Cast { alice, bob, room, .. } = Cast::gather(server.address()).await?;
    let (picture, said) = show(&alice, room, "sky.png", &png(400, 300)?).await?;
    let (report, _) = show(&bob, room, "报告_100%.bin", &bytes(10)).await?;
    let shown = page(&bob, &format!("/api/rooms/{room}/files?category=image")).await?;
    let mut expected = said["attachments"][0].clone();
    for (field, value) in [
        ("message_id", &said["id"]),
        ("room_id", &json!(room)),
        ("seq", &said["seq"]),
        ("user_id", &json!(alice.id)),
        ("username", &json!("alice")),
        ("created_at", &said["created_at"]),
        ("message_type", &said["type"]),
    ] {
        expected[field] = value.clone();
    }
    assert_eq!(shown, json!({ "files": [expected] }));
    for (query, found) in [
        ("", vec![report, picture]),
        ("?category=file", vec![report]),
        ("?category=audio", vec![]),
        ("?query=SKY", vec![picture]),
        ("?query=%E6%8A%A5%E5%91%8A_", vec![report]),
        ("?query=%25", vec![report]),
        ("?query=_", vec![report]),
        (&format!("?user_id={}", bob.id), vec![report]),
        ("?limit=1", vec![report]),
    ] {
        assert_eq!(listed(&alice, &format!("/api/rooms/{room}/files{query}")).await?, found, "{query} in the room");
        assert_eq!(listed(&alice, &format!("/api/files{query}")).await?, found, "{query} anywhere");
    }
    let next = page(&alice, "/api/files?limit=1").await?["next"].clone();
    let rest = format!("/api/files?before_message={}&before={}", next["before_message"], next["before"]);
    assert_eq!((listed(&alice, &rest).await?, page(&alice, &rest).await?.get("next")), (vec![picture], None));
    for (bad, field) in [("category=pdf", "category"), ("before=x", "before"), ("query=a%0Ab", "query")] {
        let answer = alice.http.get(&format!("/api/files?{bad}")).await?;
        assert_eq!(answer.refusal(), (422, "invalid"), "{bad}");
        assert!(answer.body["details"]["fields"][field].is_array(), "{bad}: {}", answer.body);
    }
    Ok(())
}

#[tokio::test]
async fn what_one_may_not_read_now_is_in_no_list() -> Result<()> {
    let server = stage::server().await?;
    let Cast { alice, bob, carol, mallory, room } = Cast::gather(server.address()).await?;
    let hidden = format!("/api/rooms/{room}/files");
    let (tea, said) = show(&alice, room, "tea.bin", b"tea").await?;
    let open = alice.create_room("Open", false).await?;
    let (seen, _) = show(&alice, open, "open.bin", b"open").await?;
    assert_eq!(listed(&bob, "/api/files").await?, [seen, tea]);
    assert_eq!(listed(&mallory, "/api/files").await?, [seen], "whoever may read a room need not be in it");
    assert_eq!(listed(&mallory, &format!("/api/rooms/{open}/files")).await?, [seen]);
    assert_eq!(mallory.http.get(&hidden).await?.refusal(), (404, "room_not_found"));
    alice.http.delete(&format!("/api/rooms/{room}/members/{}", bob.id)).await?.data()?;
    assert_eq!(bob.http.get(&hidden).await?.refusal(), (404, "room_not_found"), "he was kicked");
    assert_eq!(listed(&bob, "/api/files").await?, [seen]);
    // What was said before somebody came is theirs to read, and so are its files.
    alice.seat(room, &mallory, "member").await?;
    assert_eq!(listed(&mallory, &hidden).await?, [tea]);
    alice.http.delete(&format!("/api/messages/{}", said["id"])).await?.data()?;
    assert!(listed(&carol, &hidden).await?.is_empty(), "it was taken back");
    assert_eq!(listed(&carol, "/api/files").await?, [seen]);
    alice.http.put(&format!("/api/rooms/{open}"), json!({"is_private": true})).await?.data()?;
    assert!(listed(&carol, "/api/files").await?.is_empty(), "it is private now");
    Ok(())
}
