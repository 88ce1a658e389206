//! The frames of durable changes, live and replayed, from what is stored. It reads nothing and sends nothing.

use chinwag_domain::{
    avatar_records::Avatar,
    ports::StoreResult,
    records::{Author, MessageRecord},
    views,
};
use chinwag_proto::{
    Event, MemberChanged, MessageRecalled, MessageType, Role, Room, RoomChanged, RoomEvent, RoomKind, SystemPosted,
    TextEdited, TextPosted,
};
use serde_json::{Value, json};

use crate::{entity::rooms, error::damaged, seats::clamp};

/// The frame of a row of the history.
pub(crate) fn posted(message: &MessageRecord) -> Event {
    match message.kind {
        MessageType::Text | MessageType::Image | MessageType::File | MessageType::Voice | MessageType::Video => {
            Event::Text(TextPosted {
                room_id: message.room_id,
                message_id: message.id,
                seq: message.seq,
                user_id: message.user_id,
                username: message.username.to_string(),
                content: message.content.clone(),
                timestamp: message.created_at,
                reply_to: message.reply_to.as_ref().map(views::quote),
                mentions: message.mentions.users.clone(),
                mentions_room: message.mentions.room,
                mention_spans: message.mentions.spans.clone(),
                guest: message.guest,
                edited_at: message.edited_at,
                recalled_at: message.recalled_at,
                attachments: message.attachments.clone(),
                message_type: views::message_type(message.kind),
            })
        }
        MessageType::System => Event::System(SystemPosted {
            room_id: message.room_id,
            message_id: message.id,
            seq: message.seq,
            event: message.event.unwrap_or_default().into(),
            user_id: message.user_id,
            username: message.username.to_string(),
            content: message.content.clone(),
            timestamp: message.created_at,
            actor_id: message.actor_id,
            room_name: message.payload.room_name.clone(),
        }),
    }
}

/// The frame of an edit: the text as it is now.
pub(crate) fn edited(message: &MessageRecord, seq: i64, at: i64) -> Event {
    Event::Edit(TextEdited {
        room_id: message.room_id,
        message_id: message.id,
        seq,
        message_seq: message.seq,
        user_id: message.user_id,
        content: message.content.clone(),
        timestamp: at,
        mentions: message.mentions.users.clone(),
        mentions_room: message.mentions.room,
        mention_spans: message.mentions.spans.clone(),
    })
}

pub(crate) fn recalled(message: &MessageRecord, seq: i64, by: i64, at: i64) -> Event {
    Event::Recall(MessageRecalled {
        room_id: message.room_id,
        message_id: message.id,
        seq,
        message_seq: message.seq,
        user_id: by,
        timestamp: at,
    })
}

/// What the log keeps of a change of settings: the public facts as they became.
pub(crate) fn room_payload(room: &rooms::Model) -> Value {
    json!({
        "event": RoomEvent::Updated,
        "kind": room.kind,
        "name": room.name,
        "description": room.description,
        "avatar": room.avatar,
        "is_private": room.is_private,
        "created_by": room.created_by,
        "created_at": room.created_at,
        "member_count": clamp(room.member_count),
    })
}

/// What the log keeps of a room's end.
pub(crate) fn deletion_payload() -> Value {
    json!({ "event": RoomEvent::Deleted })
}

/// The frame of a room's change, from what the log keeps of it.
pub(crate) fn room_changed(room_id: i64, seq: i64, by: i64, at: i64, payload: &Value) -> StoreResult<Event> {
    let event = serde_json::from_value(payload["event"].clone());
    let event: RoomEvent = event.map_err(|_| damaged("a change of a room lacks its event"))?;
    let room = match event {
        RoomEvent::Updated => Some(Room {
            id: room_id,
            kind: number(payload, "kind").and_then(|kind| i32::try_from(kind).ok()).unwrap_or(RoomKind::Room as i32),
            name: word(payload, "name")?.to_owned(),
            description: word(payload, "description")?.to_owned(),
            // Of a time when rooms had none it says nothing.
            avatar_url: views::address(payload["avatar"].as_str().and_then(Avatar::of_word).as_ref()),
            is_private: payload["is_private"].as_bool().unwrap_or_default(),
            created_by: number(payload, "created_by").unwrap_or_default(),
            created_at: number(payload, "created_at").unwrap_or_default(),
            updated_at: at,
            member_count: number(payload, "member_count").map_or(0, clamp),
            last_seq: seq,
            ..Room::default()
        }),
        _ => None,
    };
    Ok(Event::Room(RoomChanged {
        room_id,
        event: event.into(),
        seq: Some(seq),
        room,
        user_id: Some(by),
        timestamp: at,
    }))
}

/// What the log keeps of a new role.
pub(crate) fn role_payload(who: &Author, role: Role) -> Value {
    json!({ "user_id": who.user_id, "username": &*who.username, "role": role as i32 })
}

/// The frame of a new role, from what the log keeps of it.
pub(crate) fn member_changed(room_id: i64, seq: i64, by: i64, at: i64, payload: &Value) -> StoreResult<Event> {
    let missing = || damaged("a change of role lacks a field");
    Ok(Event::Member(MemberChanged {
        room_id,
        seq,
        user_id: number(payload, "user_id").ok_or_else(missing)?,
        username: word(payload, "username")?.to_owned(),
        role: number(payload, "role").and_then(|role| i32::try_from(role).ok()).ok_or_else(missing)?,
        actor_id: by,
        timestamp: at,
    }))
}

fn word<'a>(payload: &'a Value, field: &str) -> StoreResult<&'a str> {
    payload[field].as_str().ok_or_else(|| damaged(format!("a change lacks the field {field}")))
}

fn number(payload: &Value, field: &str) -> Option<i64> {
    payload[field].as_i64()
}
