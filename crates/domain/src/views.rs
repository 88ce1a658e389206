//! Records as clients are told of them. Pure but for presence, which it asks of the publisher; it loads nothing.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chinwag_proto::{
    Ack, Attachment, CustomEmoji, Member, Message, MessageType, Presence, ReadMarked, ReplyQuote, Room, User,
};

use crate::{
    avatar_records::Avatar,
    emoji_records::EmojiRecord,
    file_records::FileRecord,
    ports::Publisher,
    records::{MemberRecord, MessageRecord, Quote, ReadState, RoomRecord, RoomView, UserRecord},
};

/// How much of a person is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Privacy {
    /// To anybody.
    Public,
    /// To an administrator: the e-mail address too.
    Admin,
    /// To oneself: everything but the password.
    Own,
}

/// A person as anybody may see them, but for presence, which only the publisher knows.
pub fn profile(record: &UserRecord) -> User {
    User {
        id: record.id,
        username: record.username.to_string(),
        display_name: if record.display_name.is_empty() {
            record.username.to_string()
        } else {
            record.display_name.clone()
        },
        bio: record.bio.clone(),
        status_text: record.status_text.clone(),
        avatar_url: address(record.avatar.as_ref()),
        last_seen: record.last_seen,
        created_at: record.created_at,
        deactivated: record.deactivated_at.is_some(),
        ..User::default()
    }
}

/// The address of a picture; empty where there is none.
pub fn address(avatar: Option<&Avatar>) -> String {
    avatar.map(Avatar::address).unwrap_or_default()
}

pub fn emoji(record: EmojiRecord) -> CustomEmoji {
    let EmojiRecord { id, name, picture, created_by, created_at } = record;
    CustomEmoji { id, name, url: Avatar::Uploaded(picture).address(), created_by, created_at }
}

pub fn user(record: &UserRecord, privacy: Privacy, publisher: &dyn Publisher) -> User {
    let presence = publisher.presence(record.id);
    let own = privacy == Privacy::Own;
    let shown = |text: &String| (privacy != Privacy::Public).then(|| text.clone());
    User {
        is_online: presence != Presence::Offline,
        presence: presence.into(),
        email: shown(&record.email),
        is_admin: (privacy != Privacy::Public).then_some(record.is_admin),
        locale: if own { record.locale.clone() } else { None },
        theme: if own { record.theme.clone() } else { None },
        ..profile(record)
    }
}

/// The facts of a room that all its members see alike.
fn public_room(record: &RoomRecord) -> Room {
    Room {
        id: record.id,
        kind: record.kind.into(),
        name: record.name.clone(),
        description: record.description.clone(),
        avatar_url: address(record.avatar.as_ref()),
        is_private: record.is_private,
        created_by: record.created_by,
        created_at: record.created_at,
        updated_at: record.updated_at,
        member_count: record.member_count,
        last_seq: record.last_seq,
        ..Room::default()
    }
}

/// A room as one person, the reader, sees it.
pub fn room(view: &RoomView, reader: i64, publisher: &dyn Publisher) -> Room {
    let mine = view.member.as_ref();
    Room {
        my_role: mine.map(|member| member.role.into()),
        unread: mine.map(|_| view.unread),
        mentions: mine.map(|_| view.mentions),
        read_seq: mine.map(|member| member.read_seq),
        last_message: view.last_message.as_ref().map(|last| message(last, reader)),
        peers: view.peers.iter().map(|peer| user(peer, Privacy::Public, publisher)).collect(),
        ..public_room(&view.room)
    }
}

pub fn member(member: &MemberRecord, record: &UserRecord, publisher: &dyn Publisher) -> Member {
    Member {
        room_id: member.room_id,
        user: Some(user(record, Privacy::Public, publisher)),
        role: member.role.into(),
        joined_at: member.joined_at,
    }
}

/// A row of the history for one reader. A client id is a word between its sender and the server: nobody else is told.
pub fn message(record: &MessageRecord, reader: i64) -> Message {
    Message {
        id: record.id,
        room_id: record.room_id,
        seq: record.seq,
        user_id: record.user_id,
        username: record.username.to_string(),
        r#type: record.kind.into(),
        content: record.content.clone(),
        created_at: record.created_at,
        edited_at: record.edited_at,
        recalled_at: record.recalled_at,
        client_id: record.client_id.clone().filter(|_| record.user_id == reader),
        reply_to: record.reply_to.as_ref().map(quote),
        mentions: record.mentions.users.clone(),
        mentions_room: record.mentions.room,
        mention_spans: record.mentions.spans.clone(),
        guest: record.guest,
        event: record.event.map(Into::into),
        actor_id: record.actor_id,
        room_name: record.payload.room_name.clone(),
        attachments: record.attachments.clone(),
    }
}

/// A file as a message shows it.
pub fn attachment(file: &FileRecord) -> Attachment {
    Attachment {
        id: file.id,
        file_name: file.name.clone(),
        file_size: file.size,
        file_type: file.media_type.clone(),
        category: file.category.into(),
        width: file.width,
        height: file.height,
        duration: file.duration_ms.map(|ms| ms as f64 / 1_000.0),
        placeholder: file.placeholder.as_ref().map(|hash| STANDARD.encode(hash)),
        waveform: file.waveform.clone(),
        thumbs: file.thumbs.clone(),
    }
}

/// What a message is, where it is not a text alone.
pub fn message_type(kind: MessageType) -> Option<i32> {
    (kind != MessageType::Text).then_some(kind.into())
}

pub fn quote(quote: &Quote) -> ReplyQuote {
    ReplyQuote {
        message_id: quote.message_id,
        seq: quote.seq,
        user_id: quote.user_id,
        username: quote.username.to_string(),
        content: quote.content.clone(),
        recalled: quote.recalled,
        message_type: message_type(quote.kind),
    }
}

/// The answer to a change of the log: `seq` is the change's position, `at` its time.
pub fn ack(record: &MessageRecord, client_id: Option<String>, seq: i64, at: i64) -> Ack {
    Ack { client_id, room_id: record.room_id, message_id: record.id, seq, timestamp: at }
}

pub fn read_marked(state: &ReadState) -> ReadMarked {
    let ReadState { room_id, seq, unread, mentions, own_seq } = *state;
    ReadMarked { room_id, seq, unread, mentions, own_seq }
}
