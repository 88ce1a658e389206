//! Who is here: what others are told of somebody's coming and going, once to each socket, and the lists of a room.

use anyhow::{Context as _, Result};
use chinwag_proto::{Event, Join, Leave, Presence, Request, SetPresence, Sync, frame::Encoding, limits};
use chinwag_testkit::{Cast, Person, Server, Socket, socket::Credential};
use tokio::time::Instant;

use crate::stage::{self, json_of, number};

async fn scene() -> Result<(Server, Cast)> {
    let server = stage::server().await?;
    let cast = Cast::gather(server.address()).await?;
    Ok((server, cast))
}

/// The log's epoch, from the welcome.
async fn epoch(socket: &mut Socket) -> Result<i64> {
    let welcome = |event: &Event| match event {
        Event::Welcome(welcome) => Some(welcome.epoch),
        _ => None,
    };
    socket.expect("a welcome", welcome).await
}

/// Waits until this person's presence is told, and gives everybody's that was told until then.
async fn until_presence(socket: &mut Socket, who: &Person, status: Presence) -> Result<Vec<(i64, Presence)>> {
    let mut told = Vec::new();
    let search = socket.expect("a presence", |event| {
        if let Event::Presence(presence) = event {
            told.push((presence.user_id, presence.status()));
        }
        told.contains(&(who.id, status)).then_some(())
    });
    search.await.with_context(|| format!("{} {status:?}", who.name))?;
    Ok(told)
}

#[tokio::test]
async fn a_person_is_here_as_long_as_one_tab_is() -> Result<()> {
    let (_server, Cast { alice, bob, carol, room, .. }) = scene().await?;
    let mut eye = stage::listen(&alice, Encoding::Json, &[room]).await?;
    let first = stage::listen(&bob, Encoding::Json, &[room]).await?;
    let mut second = stage::listen(&bob, Encoding::Proto, &[room]).await?;
    until_presence(&mut eye, &bob, Presence::Online).await?;
    let clock = stage::listen(&carol, Encoding::Json, &[room]).await?;
    until_presence(&mut eye, &carol, Presence::Online).await?;
    first.close().await;
    // Carol goes later and is missed first: by then bob would have been.
    clock.close().await;
    let told = until_presence(&mut eye, &carol, Presence::Offline).await?;
    assert!(told.iter().all(|(user, _)| *user != bob.id), "{told:?}");
    let online = alice.http.get("/api/users/online").await?.data()?;
    let online: Vec<i64> = online.as_array().context("a list")?.iter().map(|user| number(&user["id"])).collect();
    assert_eq!(online, [alice.id, bob.id]);

    second.send(&Request::Presence(SetPresence { status: Presence::Away.into() })).await?;
    until_presence(&mut eye, &bob, Presence::Away).await?;
    second.send(&Request::Presence(SetPresence { status: Presence::Online.into() })).await?;
    until_presence(&mut eye, &bob, Presence::Online).await?;
    second.close().await;
    let gone = eye.expect("bob to be gone", |event| match event {
        Event::Presence(presence) if presence.user_id == bob.id => Some((presence.status(), presence.last_seen)),
        _ => None,
    });
    let (status, last_seen) = gone.await?;
    assert_eq!(status, Presence::Offline);
    assert!(last_seen.is_some());
    let seen = stage::eventually("bob's last seen", async || {
        let bob = alice.http.get(&format!("/api/users/{}", bob.id)).await?.data()?;
        Ok((bob["last_seen"].is_string()).then_some(bob))
    });
    assert_eq!(seen.await?["presence"], "offline");
    Ok(())
}

#[tokio::test]
async fn whoever_comes_online_is_told_where_they_join_later() -> Result<()> {
    let (_server, Cast { alice, bob, carol, room, .. }) = scene().await?;
    let mut eye = stage::listen(&alice, Encoding::Json, &[room]).await?;
    let mut late = bob.connect().await?;
    // Carol came after bob: once she is told, bob's coming was settled, too.
    let _clock = stage::listen(&carol, Encoding::Json, &[room]).await?;
    until_presence(&mut eye, &carol, Presence::Online).await?;
    late.send(&Request::Join(Join { room_id: room })).await?;
    until_presence(&mut eye, &bob, Presence::Online).await?;
    Ok(())
}

/// The page is closed first: that is the socket by which the others heard of them.
#[tokio::test]
async fn whoever_heard_that_somebody_came_hears_that_they_left_whatever_socket_was_their_last() -> Result<()> {
    let (_server, Cast { alice, bob, room, .. }) = scene().await?;
    let mut eye = stage::listen(&alice, Encoding::Json, &[room]).await?;
    let page = stage::listen(&bob, Encoding::Json, &[room]).await?;
    let script = bob.connect().await?;
    until_presence(&mut eye, &bob, Presence::Online).await?;
    page.close().await;
    script.close().await;
    until_presence(&mut eye, &bob, Presence::Offline).await?;
    Ok(())
}

#[tokio::test]
async fn a_person_is_told_of_once_to_each_socket_however_many_rooms_they_share() -> Result<()> {
    let server = stage::server().await?;
    let (alice, bob) =
        (Person::register(server.address(), "alice").await?, Person::register(server.address(), "bob").await?);
    let mut rooms = Vec::new();
    for name in ["One", "Two", "Three", "Four"] {
        let room = alice.create_room(name, false).await?;
        bob.join(room).await?;
        rooms.push((room, 0));
    }
    let come = async |person: &Person| -> Result<(Socket, Vec<Event>)> {
        let mut socket = person.connect().await?;
        let epoch = epoch(&mut socket).await?;
        socket.send(&Request::Sync(Sync { epoch, rooms: rooms.iter().copied().collect() })).await?;
        let heard = stage::until_pong(&mut socket).await?;
        Ok((socket, heard))
    };
    let (mut eye, _) = come(&alice).await?;
    let (late, heard) = come(&bob).await?;
    let named: Vec<Vec<i64>> = heard
        .iter()
        .filter_map(|event| match event {
            Event::Userlist(list) => Some(list.users.iter().map(|user| user.user_id).collect()),
            _ => None,
        })
        .collect();
    assert!(named.len() == 4 && named.iter().all(|users| users.contains(&alice.id)), "few have a face everywhere");
    let mut told = until_presence(&mut eye, &bob, Presence::Online).await?;
    late.close().await;
    let gone = eye.expect("bob to be gone", |event| {
        if let Event::Presence(presence) = event {
            told.push((presence.user_id, presence.status()));
        }
        told.contains(&(bob.id, Presence::Offline)).then_some(())
    });
    gone.await?;
    let rest = stage::until_pong(&mut eye).await?;
    told.extend(rest.iter().filter_map(|event| match event {
        Event::Presence(presence) => Some((presence.user_id, presence.status())),
        _ => None,
    }));
    told.retain(|(user_id, _)| *user_id == bob.id);
    assert_eq!(told, [(bob.id, Presence::Online), (bob.id, Presence::Offline)]);
    Ok(())
}

#[tokio::test]
async fn whoever_shares_a_room_hears_what_somebody_is_called_now() -> Result<()> {
    let (_server, Cast { alice, bob, mallory, room, .. }) = scene().await?;
    let mut eye = stage::listen(&alice, Encoding::Json, &[room]).await?;
    let mut own = stage::listen(&bob, Encoding::Proto, &[room]).await?;
    let mut outside = mallory.connect().await?;
    let path = format!("/api/users/{}", bob.id);
    bob.http.put(&path, serde_json::json!({ "display_name": "Bobby", "theme": "dark" })).await?.data()?;
    for socket in [&mut eye, &mut own] {
        let user = socket.expect("a profile", |event| match event {
            Event::Profile(profile) => profile.user.clone(),
            _ => None,
        });
        let user = user.await?;
        assert_eq!((user.id, user.display_name.as_str(), user.presence()), (bob.id, "Bobby", Presence::Online));
        assert_eq!((user.email, user.theme, user.is_admin), (None, None, None), "what anybody may see");
    }
    let heard = stage::until_pong(&mut outside).await?;
    assert!(heard.iter().all(|event| !matches!(event, Event::Profile(_))), "{heard:?}");
    Ok(())
}

/// A client of GoChat asks for no subprotocol and knows nothing but lists.
#[tokio::test]
async fn a_simple_client_gets_the_whole_list_whenever_somebody_comes_or_goes() -> Result<()> {
    let (_server, Cast { alice, bob, room, .. }) = scene().await?;
    let opened = Socket::open(alice.address(), "/ws?", Credential::Bearer(alice.token()), Encoding::Json).await?;
    let mut simple = opened.map_err(|status| anyhow::anyhow!("refused with {status}"))?;
    simple.send(&Request::Join(Join { room_id: room })).await?;
    let mut lists = Vec::new();
    let mut until = async |simple: &mut Socket, people: &[i64]| {
        let wanted = |event: &Event| {
            let Event::Userlist(list) = event else { return None };
            lists.push(list.users.len());
            let mut named: Vec<i64> = list.users.iter().map(|user| user.user_id).collect();
            named.sort_unstable();
            (named == people).then_some(())
        };
        simple.expect("the list", wanted).await
    };
    until(&mut simple, &[alice.id]).await?;
    let guest = stage::listen(&bob, Encoding::Json, &[room]).await?;
    until(&mut simple, &[alice.id, bob.id]).await?;
    guest.close().await;
    until(&mut simple, &[alice.id]).await?;
    assert!(!lists.contains(&0), "never a mere count: {lists:?}");
    Ok(())
}

#[tokio::test]
async fn a_socket_listens_to_so_many_rooms_and_no_more() -> Result<()> {
    let (_server, Cast { alice, .. }) = scene().await?;
    let mut socket = alice.connect().await?;
    let epoch = epoch(&mut socket).await?;
    let mut rooms = Vec::new();
    for number in 0..=limits::SOCKET_ROOMS {
        rooms.push(alice.create_room(&format!("Room {number}"), false).await?);
    }
    let last = rooms.pop().context("a room")?;
    let cursors = rooms.iter().map(|room| (*room, 1)).collect();
    socket.send(&Request::Sync(Sync { epoch, rooms: cursors })).await?;
    let heard = stage::until_pong(&mut socket).await?;
    assert!(heard.iter().all(|event| !matches!(event, Event::Error(_))), "as many as there may be");
    socket.send(&Request::Join(Join { room_id: last })).await?;
    let refusals = stage::until_pong(&mut socket).await?;
    assert!(refusals.iter().any(|event| json_of(event)["reason"] == "too_many_rooms"), "{refusals:?}");
    socket.send(&Request::Leave(Leave { room_id: rooms[0] })).await?;
    socket.send(&Request::Join(Join { room_id: last })).await?;
    let taken = stage::until_pong(&mut socket).await?;
    assert!(taken.iter().any(|event| matches!(event, Event::Synced(_))), "{taken:?}");
    Ok(())
}

#[tokio::test]
async fn many_who_come_at_once_make_few_userlists() -> Result<()> {
    let server = stage::server().await?;
    let alice = Person::register(server.address(), "alice").await?;
    let room = alice.create_room("Garden", false).await?;
    let mut eye = stage::listen(&alice, Encoding::Json, &[room]).await?;
    let mut people = Vec::new();
    for index in 0..30 {
        people.push(Person::register(server.address(), &format!("p{index}")).await?);
    }
    let begun = Instant::now();
    let mut sockets = Vec::new();
    for person in &people {
        sockets.push(stage::listen(person, Encoding::Json, &[room]).await?);
    }
    let mut lists = 0;
    let full = eye.expect("a userlist of all", |event| {
        let Event::Userlist(list) = event else { return None };
        lists += 1;
        (list.total == 31).then_some(())
    });
    full.await?;
    let most = begun.elapsed().as_secs() + 3;
    assert!(lists <= most, "{lists} userlists in {:?}", begun.elapsed());
    Ok(())
}

#[tokio::test]
async fn members_who_are_here_can_be_asked_for_page_by_page() -> Result<()> {
    let (_server, Cast { alice, bob, carol, mallory, room }) = scene().await?;
    let _sockets = [
        stage::listen(&carol, Encoding::Json, &[room]).await?,
        stage::listen(&bob, Encoding::Json, &[room]).await?,
        mallory.connect().await?,
    ];
    let here = async |query: &str| -> Result<Vec<i64>> {
        let path = format!("/api/rooms/{room}/members?online=true{query}");
        let rows = alice.http.get(&path).await?.data()?;
        Ok(rows.as_array().context("a list")?.iter().map(|row| number(&row["user"]["id"])).collect())
    };
    assert_eq!(here("").await?, [bob.id, carol.id]);
    assert_eq!(here("&limit=1").await?, [bob.id]);
    assert_eq!(here(&format!("&limit=1&after={}", bob.id)).await?, [carol.id]);
    assert_eq!(here("&query=car").await?, [carol.id]);
    let outside = mallory.http.get(&format!("/api/rooms/{room}/members?online=true")).await?;
    assert_eq!(outside.status.as_u16(), 404, "{}", outside.body);
    Ok(())
}
