//! Rooms: made, found, entered, left, handed over, ended; and what each member has not read yet.

use anyhow::{Context as _, Result};
use chinwag_proto::{Event, MarkRead, Request, frame::Encoding};
use chinwag_testkit::{Cast, Person, Server, Socket};
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::stage::{self, number};

async fn scene() -> Result<(Server, Cast)> {
    let server = stage::server().await?;
    let cast = Cast::gather(server.address()).await?;
    Ok((server, cast))
}

fn names(rooms: &Value) -> Vec<&str> {
    rooms.as_array().into_iter().flatten().filter_map(|room| room["name"].as_str()).collect()
}

async fn search(person: &Person, query: &str) -> Result<Value> {
    person.http.get(&format!("/api/rooms/search?{query}")).await?.data()
}

async fn post(person: &Person, path: &str) -> Result<(u16, String)> {
    let answer = person.http.post(path, json!({})).await?;
    Ok((answer.status.as_u16(), answer.reason().to_owned()))
}

#[tokio::test]
async fn a_new_room_belongs_to_its_maker() -> Result<()> {
    let (_server, Cast { alice, .. }) = scene().await?;
    let body =
        json!({"name": "  聊天室 № 1 ", "description": "什么都聊", "is_private": false, "created_by": 99, "id": 1});
    let answer = alice.http.post("/api/rooms", body).await?;
    assert_eq!(answer.status, 200);
    let room = answer.data()?;
    let expected = json!({"name": "聊天室 № 1", "description": "什么都聊", "is_private": false, "created_by": alice.id, "member_count": 1, "my_role": "owner", "unread": 0, "mentions": 0, "kind": "room"});
    for (field, value) in expected.as_object().context("an object")? {
        assert_eq!(&room[field], value, "{field} of {room}");
    }
    let members = alice.http.get(&format!("/api/rooms/{}/members", room["id"])).await?.data()?;
    assert_eq!((number(&members[0]["user"]["id"]), &members[0]["role"]), (alice.id, &json!("owner")));
    let history = alice.history(number(&room["id"])).await?;
    assert_eq!((history.len(), &history[0]["event"], &history[0]["seq"]), (1, &json!("room_created"), &json!(1)));
    Ok(())
}

#[tokio::test]
async fn a_wish_that_is_sent_again_makes_no_second_room() -> Result<()> {
    let (_server, Cast { alice, bob, .. }) = scene().await?;
    let wish = json!({"name": "one", "client_id": "w1"});
    let first = alice.http.post("/api/rooms", wish.clone()).await?.data()?;
    let again = alice.http.post("/api/rooms", wish.clone()).await?.data()?;
    assert_eq!(first["id"], again["id"]);
    let other = json!({"name": "two", "client_id": "w1"});
    assert_eq!(alice.http.post("/api/rooms", other).await?.refusal(), (409, "client_id_conflict"));
    assert_ne!(bob.http.post("/api/rooms", wish.clone()).await?.data()?["id"], first["id"]);
    alice.http.delete(&format!("/api/rooms/{}", first["id"])).await?.data()?;
    assert_eq!(alice.http.post("/api/rooms", wish).await?.refusal(), (404, "room_not_found"));
    let long = json!({"name": "x", "client_id": "x".repeat(65)});
    assert_eq!(alice.http.post("/api/rooms", long).await?.refusal(), (422, "invalid"));
    Ok(())
}

#[tokio::test]
async fn names_and_descriptions_have_their_bounds() -> Result<()> {
    let (_server, Cast { alice, room, .. }) = scene().await?;
    for body in [
        json!({"name": ""}),
        json!({"name": " \u{200b} "}),
        json!({"name": "字".repeat(101)}),
        json!({"name": "a\nb"}),
        json!({"name": "x", "description": "字".repeat(501)}),
    ] {
        let made = alice.http.post("/api/rooms", body.clone()).await?;
        assert_eq!(made.refusal(), (422, "invalid"), "{body}");
        let changed = alice.http.put(&format!("/api/rooms/{room}"), body.clone()).await?;
        assert_eq!(changed.refusal(), (422, "invalid"), "{body}");
    }
    let turned = json!({"name": "x\u{202e}y", "description": "\u{2066}z"});
    let made = alice.http.post("/api/rooms", turned).await?.data()?;
    assert_eq!((&made["name"], &made["description"]), (&json!("xy"), &json!("z")), "nothing turns the reading around");
    let most = json!({"name": "字".repeat(100), "description": "字".repeat(500)});
    assert_eq!(alice.http.post("/api/rooms", most).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn public_rooms_are_found_by_all_and_private_ones_by_their_members() -> Result<()> {
    let (_server, Cast { alice, bob, mallory, .. }) = scene().await?;
    let secret = alice.create_room("Tea in secret", true).await?;
    alice.create_room("TEA for all", false).await?;
    alice.create_room("Coffee_100%", false).await?;
    alice.seat(secret, &bob, "member").await?;
    let found = search(&mallory, "name=tea").await?;
    assert_eq!(names(&found), ["TEA for all"]);
    assert!(found[0].get("my_role").is_none());
    let mut theirs = search(&bob, "name=tea").await?;
    theirs.as_array_mut().context("a list")?.sort_by_key(|room| number(&room["id"]));
    assert_eq!(names(&theirs), ["Tea", "Tea in secret", "TEA for all"]);
    assert_eq!((&theirs[1]["my_role"], theirs[2].get("my_role")), (&json!("member"), None));
    for (query, count) in
        [("name=%25", 1), ("name=_", 1), ("name='%20OR%201=1--", 0), ("name=%22", 0), ("name=nothing", 0)]
    {
        assert_eq!(search(&mallory, query).await?.as_array().map(Vec::len), Some(count), "{query}");
    }
    let all = names(&search(&mallory, "").await?).len();
    assert_eq!(all, 3, "the lobby and two public rooms");
    let mut pages = Vec::new();
    for page in 1..=3 {
        let found = search(&mallory, &format!("page={page}&page_size=1")).await?;
        assert_eq!(found, search(&mallory, &format!("limit=1&offset={}", page - 1)).await?);
        pages.extend(found.as_array().context("a list")?.iter().map(|room| number(&room["id"])));
    }
    pages.sort_unstable();
    pages.dedup();
    assert_eq!(pages.len(), 3);
    Ok(())
}

#[tokio::test]
async fn joining_and_leaving_may_be_repeated_and_count_once() -> Result<()> {
    let (_server, Cast { alice, mallory, .. }) = scene().await?;
    let room = alice.create_room("Garden", false).await?;
    let (join, leave) = (format!("/api/rooms/{room}/join"), format!("/api/rooms/{room}/leave"));
    for _ in 0..3 {
        assert_eq!(post(&mallory, &join).await?.0, 200);
    }
    join_all((0..8).map(|_| post(&mallory, &join))).await.into_iter().collect::<Result<Vec<_>>>()?;
    let seen = stage::room(&mallory, room).await?;
    assert_eq!((&seen["member_count"], &seen["last_seq"], &seen["my_role"]), (&json!(2), &json!(2), &json!("member")));
    let left = join_all((0..32).map(|_| post(&mallory, &leave))).await.into_iter().collect::<Result<Vec<_>>>()?;
    assert!(left.iter().all(|(status, _)| *status == 200), "{left:?}");
    for _ in 0..3 {
        assert_eq!(post(&mallory, &leave).await?.0, 200);
    }
    let seen = stage::room(&mallory, room).await?;
    assert_eq!((&seen["member_count"], &seen["last_seq"], seen.get("my_role")), (&json!(1), &json!(3), None));
    assert!(!names(&mallory.http.get("/api/rooms").await?.data()?).contains(&"Garden"));
    alice.http.put(&format!("/api/rooms/{room}"), json!({"is_private": true})).await?.data()?;
    assert_eq!(post(&mallory, &join).await?, (404, "room_not_found".into()));
    Ok(())
}

#[tokio::test]
async fn whoever_is_kicked_is_out_until_added_again() -> Result<()> {
    let (_server, Cast { alice, bob, room, .. }) = scene().await?;
    let seat = format!("/api/rooms/{room}/members/{}", bob.id);
    alice.http.delete(&seat).await?.data()?;
    assert_eq!(alice.http.delete(&seat).await?.refusal(), (404, "user_not_found"));
    for path in
        [format!("/api/rooms/{room}"), format!("/api/rooms/{room}/messages"), format!("/api/rooms/{room}/members")]
    {
        assert_eq!(bob.http.get(&path).await?.refusal(), (404, "room_not_found"), "{path}");
    }
    assert_eq!(names(&bob.http.get("/api/rooms").await?.data()?), ["Lobby"]);
    alice.seat(room, &bob, "member").await?;
    assert_eq!(stage::room(&bob, room).await?["my_role"], "member");
    Ok(())
}

#[tokio::test]
async fn a_room_is_never_left_without_an_owner() -> Result<()> {
    let (_server, Cast { alice, bob, carol, room, .. }) = scene().await?;
    let (leave, own) = (format!("/api/rooms/{room}/leave"), format!("/api/rooms/{room}/members/{}", alice.id));
    let last = (409, "last_owner");
    assert_eq!(alice.http.post(&leave, json!({})).await?.refusal(), last);
    assert_eq!(alice.http.delete(&own).await?.refusal(), last);
    assert_eq!(alice.http.put(&own, json!({"role": "member"})).await?.refusal(), last);
    alice.seat(room, &bob, "owner").await?;
    // Both try to go at once: one stays.
    let (one, other) = tokio::join!(alice.http.post(&leave, json!({})), bob.http.post(&leave, json!({})));
    let mut statuses = [one?.status.as_u16(), other?.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let members = carol.http.get(&format!("/api/rooms/{room}/members")).await?.data()?;
    assert_eq!((members.as_array().map(Vec::len), &members[0]["role"]), (Some(2), &json!("owner")));
    Ok(())
}

#[tokio::test]
async fn the_only_person_of_a_room_may_go() -> Result<()> {
    let (_server, Cast { alice, .. }) = scene().await?;
    let room = alice.create_room("Alone", true).await?;
    assert_eq!(post(&alice, &format!("/api/rooms/{room}/leave")).await?.0, 200);
    assert_eq!(alice.http.get(&format!("/api/rooms/{room}")).await?.refusal(), (404, "room_not_found"));
    Ok(())
}

#[tokio::test]
async fn members_are_listed_by_role_and_page_by_page() -> Result<()> {
    let (_server, Cast { alice, bob, carol, mallory, room, .. }) = scene().await?;
    alice.seat(room, &mallory, "member").await?;
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = alice.http.get(&format!("/api/rooms/{room}/members?limit=1{cursor}")).await?.data()?;
        let Some(member) = page.as_array().context("a list")?.first() else { break };
        let (id, role) = (number(&member["user"]["id"]), member["role"].as_str().context("a role")?.to_owned());
        cursor = format!("&after_role={role}&after={id}");
        seen.push((id, role));
    }
    let expected = [(alice.id, "owner"), (carol.id, "admin"), (bob.id, "member"), (mallory.id, "member")];
    for (query, expected) in
        [("page=2&page_size=3", &expected[3..]), ("offset=1&limit=2", &expected[1..3]), ("limit=0", &expected[..1])]
    {
        let page = alice.http.get(&format!("/api/rooms/{room}/members?{query}")).await?.data()?;
        let ids: Vec<i64> =
            page.as_array().context("a list")?.iter().map(|member| number(&member["user"]["id"])).collect();
        assert_eq!(ids, expected.iter().map(|(id, _)| *id).collect::<Vec<_>>(), "{query}");
    }
    assert_eq!(seen, expected.map(|(id, role)| (id, role.to_owned())));
    Ok(())
}

#[tokio::test]
async fn people_and_histories_are_turned_page_by_page() -> Result<()> {
    let (_server, Cast { alice, bob, carol, room, .. }) = scene().await?;
    for content in ["one", "two", "three", "four"] {
        alice.say(room, content).await?;
    }
    let list = async |path: &str, field: &str| {
        let page = alice.http.get(path).await?.data()?;
        anyhow::Ok(page.as_array().context("a list")?.iter().map(|row| row[field].clone()).collect::<Vec<_>>())
    };
    assert_eq!(list("/api/users?limit=2&page=1", "id").await?, [alice.id, bob.id]);
    assert_eq!(list("/api/users?offset=2&limit=1", "id").await?, [carol.id]);
    let history = format!("/api/rooms/{room}/messages");
    assert_eq!(list(&format!("{history}?page=1&page_size=2"), "content").await?, ["three", "four"]);
    assert_eq!(list(&format!("{history}?page=2&page_size=2"), "content").await?, ["one", "two"]);
    for path in ["/api/users?query=%00zzz", "/api/rooms/search?name=%00zzz", "/api/users?limit=x"] {
        assert_eq!(alice.http.get(path).await?.refusal(), (422, "invalid"), "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn two_people_have_one_conversation_whoever_begins_it() -> Result<()> {
    let (_server, Cast { alice, bob, carol, mallory, .. }) = scene().await?;
    let open = async |who: &Person, body: Value| who.http.post("/api/rooms/direct", body).await?.data();
    let (by_alice, by_bob) = (json!({"user_id": bob.id}), json!({"user_ids": [alice.id, bob.id, alice.id]}));
    let opened = join_all((0..10).map(|index| {
        let (who, body) = if index % 2 == 0 { (&alice, by_alice.clone()) } else { (&bob, by_bob.clone()) };
        open(who, body)
    }));
    let mut ids: Vec<i64> = opened.await.into_iter().map(|room| Ok(number(&room?["id"]))).collect::<Result<_>>()?;
    ids.dedup();
    let [direct] = ids[..] else { panic!("several conversations: {ids:?}") };
    let seen = stage::room(&bob, direct).await?;
    assert_eq!(
        (&seen["kind"], &seen["member_count"], &seen["is_private"]),
        (&json!("direct"), &json!(2), &json!(true))
    );
    assert_eq!((number(&seen["peers"][0]["id"]), seen["peers"].as_array().map(Vec::len)), (alice.id, Some(1)));
    alice.say(direct, "just us").await?;
    assert_eq!(stage::room(&bob, direct).await?["unread"], 1);

    let path = format!("/api/rooms/{direct}");
    assert_eq!(mallory.http.get(&path).await?.refusal(), (404, "room_not_found"));
    assert_eq!(post(&mallory, &format!("{path}/join")).await?, (404, "room_not_found".into()));
    for who in [&alice, &bob] {
        assert_eq!(who.http.put(&path, json!({"name": "Us"})).await?.refusal(), (403, "forbidden"));
        assert_eq!(who.http.delete(&path).await?.refusal(), (403, "forbidden"));
        assert_eq!(post(who, &format!("{path}/leave")).await?, (403, "forbidden".into()));
        let third = who.http.put(&format!("{path}/members/{}", carol.id), json!({"role": "member"})).await?;
        assert_eq!(third.refusal(), (403, "forbidden"));
        let other = if who.id == alice.id { bob.id } else { alice.id };
        assert_eq!(who.http.delete(&format!("{path}/members/{other}")).await?.refusal(), (403, "forbidden"));
    }
    assert!(
        search(&alice, "name=").await?.as_array().context("a list")?.iter().all(|room| number(&room["id"]) != direct)
    );

    let group = number(&open(&alice, json!({"user_ids": [bob.id, carol.id]})).await?["id"]);
    assert_ne!(group, direct);
    assert_eq!(number(&open(&carol, json!({"user_ids": [bob.id, alice.id]})).await?["id"]), group);
    for (body, refusal) in [
        (json!({}), (422, "invalid")),
        (json!({"user_id": alice.id}), (422, "invalid")),
        (json!({"user_id": 999}), (404, "user_not_found")),
        (json!({"user_ids": (1..=20).collect::<Vec<_>>()}), (422, "invalid")),
    ] {
        assert_eq!(alice.http.post("/api/rooms/direct", body.clone()).await?.refusal(), refusal, "{body}");
    }
    Ok(())
}

#[tokio::test]
async fn a_deleted_room_is_gone_for_everybody() -> Result<()> {
    let (server, Cast { alice, bob, .. }) = scene().await?;
    let root = stage::administrator(&server).await?;
    let room = alice.create_room("Garden", false).await?;
    bob.join(room).await?;
    let message = number(&bob.say(room, "last words").await?["id"]);
    alice.http.delete(&format!("/api/rooms/{room}")).await?.data()?;
    for who in [&alice, &bob, &root] {
        for path in
            [format!("/api/rooms/{room}"), format!("/api/rooms/{room}/messages"), format!("/api/rooms/{room}/members")]
        {
            assert_eq!(who.http.get(&path).await?.refusal(), (404, "room_not_found"), "{path}");
        }
        assert_eq!(post(who, &format!("/api/rooms/{room}/join")).await?.0, 404);
        let path = format!("/api/messages/{message}");
        assert_eq!(who.http.put(&path, json!({"content": "no"})).await?.refusal(), (404, "message_not_found"));
        assert_eq!(who.http.delete(&path).await?.refusal(), (404, "message_not_found"));
        assert!(!names(&search(who, "").await?).contains(&"Garden"));
        assert!(!names(&who.http.get("/api/rooms").await?.data()?).contains(&"Garden"));
    }
    for (method, body) in [("DELETE", Value::Null), ("PUT", json!({"is_private": true}))] {
        let answer = root.http.call(method.parse()?, "/api/rooms/1", Some(body)).await?;
        assert!([403, 422].contains(&answer.status.as_u16()), "the lobby stays: {}", answer.body);
    }
    assert_eq!(stage::room(&bob, 1).await?["is_private"], false);
    Ok(())
}

#[tokio::test]
async fn a_history_is_read_from_both_ends_and_around_a_place() -> Result<()> {
    let (_server, Cast { alice, bob, .. }) = scene().await?;
    let room = alice.create_room("Garden", false).await?;
    for index in 2..=30 {
        alice.say(room, &index.to_string()).await?;
    }
    let page = async |query: &str| {
        let rows = bob.http.get(&format!("/api/rooms/{room}/messages?{query}")).await?.data()?;
        anyhow::Ok(rows.as_array().context("a list")?.iter().map(|row| number(&row["seq"])).collect::<Vec<_>>())
    };
    for (query, from, to) in [
        ("limit=5", 26, 30),
        ("limit=5&before=26", 21, 25),
        ("limit=5&after=10", 11, 15),
        ("limit=5&after=28", 29, 30),
        ("limit=5&around=10", 8, 12),
        ("limit=5&offset=3", 23, 27),
        ("", 1, 30),
        ("limit=1000", 1, 30),
        ("limit=0", 30, 30),
        ("before=1", 1, 0),
        ("after=30", 1, 0),
        ("after=-5&limit=2", 1, 2),
    ] {
        assert_eq!(page(query).await?, (from..=to).collect::<Vec<_>>(), "{query}");
    }
    let row = &bob.http.get(&format!("/api/rooms/{room}/messages?limit=1")).await?.data()?[0];
    assert_eq!((&row["message_type"], &row["timestamp"]), (&row["type"], &row["created_at"]));
    assert_eq!(row["user"], json!({"id": alice.id, "username": "alice"}));
    Ok(())
}

/// Unread and mentions, which every door must tell alike.
async fn counters(person: &Person, room: i64) -> Result<(i64, i64)> {
    let one = stage::room(person, room).await?;
    let counted = (number(&one["unread"]), number(&one["mentions"]));
    let list = person.http.get("/api/rooms").await?.data()?;
    let listed =
        list.as_array().context("a list")?.iter().find(|row| number(&row["id"]) == room).context("not listed")?;
    assert_eq!((number(&listed["unread"]), number(&listed["mentions"])), counted, "the list tells something else");
    let unread = person.http.get("/api/messages/unread").await?.data()?;
    let row = unread.as_array().context("a list")?.iter().find(|row| number(&row["room_id"]) == room);
    let told = row.map_or((0, 0), |row| (number(&row["unread"]), number(&row["mentions"])));
    assert_eq!(told, counted, "the unread rooms tell something else");
    Ok(counted)
}

async fn marked(socket: &mut Socket) -> Result<(i64, (i64, i64))> {
    let marked = socket.expect("a read mark", |event| match event {
        Event::Read(read) => Some((read.seq, (read.unread.into(), read.mentions.into()))),
        _ => None,
    });
    marked.await
}

#[tokio::test]
async fn unread_and_mentions_count_what_others_said_since() -> Result<()> {
    let (_server, Cast { alice, bob, mallory, .. }) = scene().await?;
    let room = alice.create_room("Garden", false).await?;
    bob.join(room).await?;
    assert_eq!(counters(&bob, room).await?, (0, 0), "what was before is not new");
    for text in ["one", "two, @bob", "three"] {
        alice.say(room, text).await?;
    }
    assert_eq!(counters(&bob, room).await?, (3, 1));
    assert_eq!(counters(&alice, room).await?, (0, 0), "one's own words are not news");
    mallory.join(room).await?;
    alice.http.put(&format!("/api/rooms/{room}"), json!({"name": "Park"})).await?.data()?;
    assert_eq!(counters(&bob, room).await?, (3, 1), "what the room says of itself is not counted");
    bob.say(room, "I have read that").await?;
    assert_eq!(counters(&bob, room).await?, (0, 0), "who speaks has read");
    assert_eq!(counters(&alice, room).await?, (1, 0));
    Ok(())
}

#[tokio::test]
async fn mentions_follow_edits_and_recalls() -> Result<()> {
    let (_server, Cast { alice, bob, room, .. }) = scene().await?;
    let path = format!("/api/messages/{}", alice.say(room, "@bob").await?["id"]);
    assert_eq!(counters(&bob, room).await?, (1, 1));
    for (content, expected) in [
        ("nobody", (1, 0)),
        ("@ＢＯＢ, twice @bob", (1, 1)),
        ("`@bob` in code", (1, 0)),
        ("@room", (1, 1)),
        ("@room and @bob", (1, 1)),
        ("mail me@bob", (1, 0)),
        ("@bobby", (1, 0)),
        ("(@bob)", (1, 1)),
    ] {
        alice.http.put(&path, json!({"content": content})).await?.data()?;
        assert_eq!(counters(&bob, room).await?, expected, "{content}");
    }
    alice.http.delete(&path).await?.data()?;
    assert_eq!(counters(&bob, room).await?, (0, 0), "what was taken back is not unread and names nobody");
    bob.http.post(&format!("{path}/read"), json!({})).await?.data()?;
    assert_eq!(counters(&bob, room).await?, (0, 0));
    let named = alice.say(room, "@bob").await?;
    let read = bob.http.post(&format!("/api/messages/{}/read", named["id"]), json!({})).await?.data()?;
    assert_eq!((&read["unread"], &read["mentions"], &read["seq"]), (&json!(0), &json!(0), &named["seq"]));
    alice.http.put(&format!("/api/messages/{}", named["id"]), json!({"content": "@bob @bob"})).await?.data()?;
    assert_eq!(counters(&bob, room).await?, (0, 0), "an edit of what was read is not news");
    Ok(())
}

#[tokio::test]
async fn chinese_names_are_mentioned_without_spaces() -> Result<()> {
    let (server, Cast { alice, bob, room, .. }) = scene().await?;
    let ming = Person::register(server.address(), "小明").await?;
    let longer = Person::register(server.address(), "小明明").await?;
    alice.seat(room, &ming, "member").await?;
    alice.seat(room, &longer, "member").await?;
    alice.say(room, "@小明你好，今天去哪里？").await?;
    assert_eq!((counters(&ming, room).await?.1, counters(&longer, room).await?.1), (1, 0));
    alice.say(room, "谢谢@小明明！").await?;
    assert_eq!(
        (counters(&ming, room).await?.1, counters(&longer, room).await?.1),
        (1, 1),
        "no space before it is needed, and the longest name is meant"
    );
    alice.say(room, "mail@小明明").await?;
    assert_eq!((counters(&ming, room).await?.1, counters(&longer, room).await?.1), (1, 1), "that is an address");
    assert_eq!(counters(&bob, room).await?, (3, 0));
    Ok(())
}

#[tokio::test]
async fn strangers_cannot_be_mentioned() -> Result<()> {
    let (_server, Cast { alice, bob, mallory, room, .. }) = scene().await?;
    let said = alice.say(room, "@mallory @bob").await?;
    assert_eq!(said["mentions"], json!([bob.id]), "{said}");
    assert!(mallory.http.get("/api/messages/unread").await?.data()?.as_array().context("a list")?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_read_mark_moves_forward_on_all_devices() -> Result<()> {
    let (_server, Cast { alice, bob, room, .. }) = scene().await?;
    let (mut here, mut there) = (bob.connect().await?, bob.connect_as(Encoding::Proto).await?);
    let first = number(&alice.say(room, "one").await?["seq"]);
    let second = alice.say(room, "two @bob").await?;
    let second_seq = number(&second["seq"]);
    let mark = |seq| Request::Read(MarkRead { room_id: room, seq });
    here.send(&mark(first)).await?;
    for socket in [&mut here, &mut there] {
        assert_eq!(marked(socket).await?, (first, (1, 1)));
    }
    there.send(&mark(second_seq)).await?;
    for socket in [&mut here, &mut there] {
        assert_eq!(marked(socket).await?, (second_seq, (0, 0)));
    }
    here.send(&mark(1)).await?;
    assert_eq!(marked(&mut here).await?, (second_seq, (0, 0)), "it never goes back");
    here.send(&mark(i64::MAX)).await?;
    assert_eq!(marked(&mut here).await?, (second_seq, (0, 0)), "nor beyond what there is");
    let third = alice.say(room, "three").await?;
    assert_eq!(counters(&bob, room).await?, (1, 0));
    for message in [&second, &third] {
        bob.http.post(&format!("/api/messages/{}/read", message["id"]), json!({})).await?.data()?;
    }
    let third_seq = number(&third["seq"]);
    for socket in [&mut here, &mut there] {
        assert_eq!(marked(socket).await?, (third_seq, (0, 0)), "by HTTP the sockets hear it too");
    }
    assert_eq!(number(&stage::room(&bob, room).await?["read_seq"]), third_seq);
    Ok(())
}

#[tokio::test]
async fn rooms_are_listed_by_their_newest_words() -> Result<()> {
    let (_server, Cast { alice, .. }) = scene().await?;
    let (one, two) = (alice.create_room("One", true).await?, alice.create_room("Two", true).await?);
    for (room, first) in [(one, "One"), (two, "Two"), (one, "One")] {
        let said = alice.say(room, "hello").await?;
        let list = alice.http.get("/api/rooms").await?.data()?;
        assert_eq!(names(&list)[0], first);
        assert_eq!(
            (&list[0]["last_message"]["id"], &list[0]["last_message"]["content"]),
            (&said["id"], &json!("hello"))
        );
    }
    Ok(())
}
