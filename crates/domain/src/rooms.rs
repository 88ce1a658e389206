//! Rooms: making, finding, changing, entering and leaving them. Who else is in them is in `members`.

use chinwag_proto::{ErrorCode, Event, Room, RoomChanged, RoomEvent, RoomKind, Sentence, limits};

use crate::{
    Actor, Chat, Error, Result, avatars,
    error::Faults,
    facts,
    policy::{self, Permit, action},
    ports::StoreError,
    records::{Author, NewRoom, RoomChange, RoomView},
    text, views,
};

impl Actor {
    /// This person as the log names them.
    pub(crate) fn author(&self) -> Author {
        Author { user_id: self.user_id, username: self.username.clone() }
    }
}

/// A room as someone wants it to be; `None` leaves a field alone.
#[derive(Clone, Debug, Default)]
pub struct RoomEdit {
    pub name: Option<String>,
    pub description: Option<String>,
    pub is_private: Option<bool>,
}

impl RoomEdit {
    fn parse(self) -> Result<RoomChange> {
        let mut faults = Faults::default();
        let name = self.name.and_then(|name| faults.take(text::room_name(&name)));
        let description = self.description.and_then(|description| {
            faults.take(text::paragraph("description", &description, limits::ROOM_DESCRIPTION_CHARS))
        });
        faults.none()?;
        Ok(RoomChange { name, description, is_private: self.is_private })
    }
}

/// Makes a room; the creator is its owner. The same client id gives the first room again.
pub async fn create(chat: &Chat, actor: &Actor, edit: RoomEdit, client_id: &str) -> Result<Room> {
    let client_id = text::client_id(client_id)?;
    let name = edit.name.clone().unwrap_or_default();
    let change = RoomEdit { name: Some(name), ..edit }.parse()?;
    let room = NewRoom {
        kind: RoomKind::Room,
        name: change.name.unwrap_or_default(),
        description: change.description.unwrap_or_default(),
        is_private: change.is_private.unwrap_or(false),
        creator: actor.author(),
        others: Vec::new(),
        client_id,
        created_at: chat.now(),
    };
    let (view, fresh) = chat.store.create_room(room).await.map_err(|error| match error {
        StoreError::NotFound => Error::from(ErrorCode::RoomNotFound).with_message(Sentence::CreatedRoomGone),
        other => other.into(),
    })?;
    if fresh {
        entered(chat, actor.user_id, &view);
    }
    Ok(views::room(&view, actor.user_id, chat.publisher.as_ref()))
}

/// The one conversation of the actor and these people.
pub async fn direct(chat: &Chat, actor: &Actor, user_ids: &[i64]) -> Result<Room> {
    let mut ids: Vec<i64> = user_ids.iter().copied().filter(|id| *id != actor.user_id).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Err(Error::invalid("user_id", Sentence::SomebodyElse));
    }
    if ids.len() >= limits::DIRECT_PEOPLE {
        return Err(Error::invalid("user_ids", Sentence::AtMostPeople { max: limits::DIRECT_PEOPLE }));
    }
    let found = chat.store.find_users(&ids).await?;
    if found.len() != ids.len() {
        return Err(ErrorCode::UserNotFound.into());
    }
    if found.iter().any(|user| user.deactivated_at.is_some()) {
        return begun(chat, actor, &ids).await;
    }
    let others = found.iter().map(|user| Author { user_id: user.id, username: user.username.clone() });
    let people: Vec<Author> = std::iter::once(actor.author()).chain(others).collect();
    let ids: Vec<i64> = people.iter().map(|who| who.user_id).collect();
    let (views, fresh) = chat.store.direct_room(people, chat.now()).await?;
    if fresh {
        for (user_id, view) in ids.into_iter().zip(&views) {
            entered(chat, user_id, view);
        }
    }
    let mine = views.first().ok_or(ErrorCode::Internal)?;
    Ok(views::room(mine, actor.user_id, chat.publisher.as_ref()))
}

/// The conversation with people some of whom have left: what was said stays, but none begins.
async fn begun(chat: &Chat, actor: &Actor, ids: &[i64]) -> Result<Room> {
    let people: Vec<i64> = ids.iter().copied().chain([actor.user_id]).collect();
    let room = chat.store.find_direct(actor.user_id, &people).await?.ok_or(ErrorCode::UserNotFound)?;
    Ok(views::room(&room, actor.user_id, chat.publisher.as_ref()))
}

/// A room, and the name of who made it.
#[derive(Clone, Debug)]
pub struct Listed {
    pub room: Room,
    pub creator: String,
}

impl Listed {
    fn of(chat: &Chat, reader: i64, view: RoomView) -> Self {
        Self { room: views::room(&view, reader, chat.publisher.as_ref()), creator: view.creator }
    }
}

/// Rooms of the actor, newest activity first.
pub async fn list(chat: &Chat, actor: &Actor, limit: usize, offset: usize) -> Result<Vec<Listed>> {
    let rooms = chat.store.list_rooms(actor.user_id, limit, offset).await?;
    Ok(rooms.into_iter().map(|room| Listed::of(chat, actor.user_id, room)).collect())
}

/// Public rooms and one's own whose name contains `name`.
pub async fn search(chat: &Chat, actor: &Actor, name: &str, limit: usize, offset: u64) -> Result<Vec<Listed>> {
    let name = text::search("name", name)?;
    let rooms = chat.store.search_rooms(actor.user_id, &name, limit, offset).await?;
    Ok(rooms.into_iter().map(|room| Listed::of(chat, actor.user_id, room)).collect())
}

pub async fn get(chat: &Chat, actor: &Actor, room_id: i64) -> Result<Listed> {
    let seat = facts::fresh_seat(chat, actor, room_id).await?;
    let permit = policy::may_read(actor, &seat)?;
    Ok(Listed::of(chat, actor.user_id, chat.store.room_view(permit).await?))
}

pub async fn update(chat: &Chat, actor: &Actor, room_id: i64, edit: RoomEdit) -> Result<Room> {
    let seat = facts::fresh_seat(chat, actor, room_id).await?;
    let permit = policy::may_edit_room(actor, &seat)?;
    if seat.room.is_lobby() && edit.is_private == Some(true) {
        return Err(Error::invalid("is_private", Sentence::LobbyStaysPublic));
    }
    let view = chat.store.update_room(permit, actor.author(), edit.parse()?, chat.now()).await?;
    chat.seats.forget_room(room_id);
    Ok(views::room(&view, actor.user_id, chat.publisher.as_ref()))
}

pub async fn delete(chat: &Chat, actor: &Actor, room_id: i64) -> Result<()> {
    let avatar = facts::with_fresh_seat(chat, actor, room_id, |seat| async move {
        Ok(chat.store.delete_room(policy::may_delete_room(actor, &seat)?, chat.now()).await?)
    })
    .await?;
    chat.seats.forget_room(room_id);
    avatars::take_away(chat, avatar).await;
    Ok(())
}

/// Becomes a member of a public room; being one already is fine.
pub async fn join(chat: &Chat, actor: &Actor, room_id: i64) -> Result<Room> {
    match come_in(chat, actor, room_id).await? {
        Some((joined, _)) => Ok(views::room(&joined, actor.user_id, chat.publisher.as_ref())),
        None => Ok(get(chat, actor, room_id).await?.room),
    }
}

/// The same without the answer: what `join` on the socket needs. True when the membership is new.
pub async fn enter(chat: &Chat, actor: &Actor, room_id: i64) -> Result<bool> {
    Ok(come_in(chat, actor, room_id).await?.is_some_and(|(_, fresh)| fresh))
}

/// The room as the actor sees it now, and whether the membership is new; `None` where nothing had to be written.
async fn come_in(chat: &Chat, actor: &Actor, room_id: i64) -> Result<Option<(RoomView, bool)>> {
    let joined = match try_enter(chat, actor, room_id).await {
        // The same person came in over another socket between the look and the write: look again.
        Err(error) if error.code == ErrorCode::Conflict => try_enter(chat, actor, room_id).await?,
        answer => answer?,
    };
    if let Some((view, true)) = &joined {
        entered(chat, actor.user_id, view);
    }
    Ok(joined)
}

async fn try_enter(chat: &Chat, actor: &Actor, room_id: i64) -> Result<Option<(RoomView, bool)>> {
    let seat = facts::fresh_seat(chat, actor, room_id).await?;
    let permit = policy::may_join(actor, &seat)?;
    if seat.member.is_some() {
        return Ok(None);
    }
    Ok(Some(chat.store.join_room(permit, actor.author(), chat.now()).await?))
}

/// Ends the actor's membership; not being a member is fine.
pub async fn leave(chat: &Chat, actor: &Actor, room_id: i64) -> Result<()> {
    facts::with_fresh_seat(chat, actor, room_id, |seat| async move {
        Ok(chat.store.leave_room(policy::may_leave(actor, &seat)?, actor.author(), chat.now()).await?)
    })
    .await?;
    chat.seats.forget_member(room_id, actor.user_id);
    Ok(())
}

/// Proof that the actor may hear the room, by the database as of now.
pub async fn listen(chat: &Chat, actor: &Actor, room_id: i64) -> Result<Permit<action::Listen>> {
    let seat = facts::fresh_seat(chat, actor, room_id).await?;
    policy::may_listen(actor, &seat)
}

/// Tells a person's sockets that a room is now theirs, as they see it.
pub(crate) fn entered(chat: &Chat, user_id: i64, view: &RoomView) {
    chat.seats.forget_member(view.room.id, user_id);
    let added = added(chat, user_id, view);
    chat.publisher.hint_user(user_id, added);
}

/// What somebody is told whose room it is now. It is told here, or was.
pub(crate) fn added(chat: &Chat, user_id: i64, view: &RoomView) -> Event {
    let room_id = view.room.id;
    chat.arrivals.note(user_id, room_id);
    let room = Some(views::room(view, user_id, chat.publisher.as_ref()));
    let (event, timestamp) = (RoomEvent::Added.into(), chat.now());
    Event::Room(RoomChanged { room_id, event, seq: None, room, user_id: None, timestamp })
}
