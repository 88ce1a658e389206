//! What the store keeps, as the use cases see it. Not the wire: `views` turns records into what a client is told.

use std::sync::Arc;

use chinwag_proto::{Attachment, MessageType, Role, RoomKind, SystemEvent};
use serde::{Deserialize, Serialize};

use crate::{
    actor::SessionId,
    avatar_records::Avatar,
    mentions::{Calls, Mentions},
};

/// The room of a fresh server where newcomers and guests land.
pub const LOBBY: i64 = 1;

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRecord {
    pub id: i64,
    pub username: Arc<str>,
    pub email: String,
    pub display_name: String,
    pub bio: String,
    pub status_text: String,
    pub avatar: Option<Avatar>,
    pub locale: Option<String>,
    pub theme: Option<String>,
    pub is_admin: bool,
    /// PHC string.
    pub password_hash: String,
    pub created_at: i64,
    /// When the last socket of this person closed.
    pub last_seen: Option<i64>,
    pub deactivated_at: Option<i64>,
}

/// What is stored of a new account. `id` is given by the store.
#[derive(Clone, Debug)]
pub struct NewUser {
    pub username: String,
    /// What must be unique of the name: see `text::name_key`.
    pub username_key: String,
    /// What must be unique of its look: see `text::look_key`.
    pub look_key: String,
    pub email: String,
    pub email_key: String,
    pub password_hash: String,
    pub avatar: Option<Avatar>,
    pub is_admin: bool,
    pub created_at: i64,
}

/// A change of a profile; `None` leaves a field alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileChange {
    pub display_name: Option<String>,
    pub bio: Option<String>,
    pub status_text: Option<String>,
    pub locale: Option<String>,
    pub theme: Option<String>,
    /// The address and its unique key.
    pub email: Option<(String, String)>,
}

/// SHA-256 of a secret that only its holder knows.
pub type SecretHash = [u8; 32];

/// A login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRecord {
    pub id: SessionId,
    pub user_id: i64,
    pub device: String,
    pub address: String,
    pub created_at: i64,
    pub last_seen: i64,
    pub expires_at: i64,
    pub revoked_at: Option<i64>,
}

/// The person whose session it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    pub user_id: i64,
    pub username: Arc<str>,
    pub is_admin: bool,
    /// When the session ends by itself.
    pub expires_at: i64,
}

/// What is stored of a new login, besides whose it is.
#[derive(Clone, Debug)]
pub struct NewSession {
    pub id: SessionId,
    /// Of the browser's cookie.
    pub cookie_hash: SecretHash,
    pub refresh_hash: SecretHash,
    pub device: String,
    pub address: String,
    pub created_at: i64,
    pub expires_at: i64,
}

/// A refresh token that is shown, and by whom.
#[derive(Clone, Debug)]
pub struct ShownRefresh {
    pub hash: SecretHash,
    /// Whose it was made for, if it says so: also a token that nothing is stored of any more is known for a spent one.
    pub session: Option<SessionId>,
    /// Of the token that follows it. It follows from the one that is shown, so that showing it twice gives the same one.
    pub next_hash: SecretHash,
    pub device: String,
    pub address: String,
    pub now: i64,
    /// For so long, in milliseconds, the device of the session may show the spent one again: two of its requests may have
    /// crossed, or the answer was lost.
    pub grace: i64,
}

/// What came of a refresh token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// It was the current one, or the one before within its grace; the next one is stored.
    Rotated(SessionRecord),
    /// It was used before: its session is now revoked.
    Reused(SessionRecord),
    /// Nobody's, or its session has ended.
    Unknown,
}

/// A room.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoomRecord {
    pub id: i64,
    pub kind: RoomKind,
    pub name: String,
    pub description: String,
    pub avatar: Option<Avatar>,
    pub is_private: bool,
    pub created_by: i64,
    pub created_at: i64,
    pub updated_at: i64,
    pub member_count: i32,
    /// Position of the newest change in the log.
    pub last_seq: i64,
}

impl RoomRecord {
    pub fn is_lobby(&self) -> bool {
        self.id == LOBBY
    }
}

/// What is stored of a new room. The creator becomes its owner; `others` become members.
#[derive(Clone, Debug)]
pub struct NewRoom {
    pub kind: RoomKind,
    pub name: String,
    pub description: String,
    pub is_private: bool,
    pub creator: Author,
    pub others: Vec<Author>,
    /// Names the wish: the same one gives the same room.
    pub client_id: Option<String>,
    pub created_at: i64,
}

/// A change of a room's settings; `None` leaves a field alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RoomChange {
    pub name: Option<String>,
    pub description: Option<String>,
    pub is_private: Option<bool>,
}

/// A membership.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberRecord {
    pub room_id: i64,
    pub user_id: i64,
    pub role: Role,
    pub joined_at: i64,
    /// Grows with every change of this seat and is never reused for the pair, not even by leaving and joining again.
    pub version: i64,
    pub read_seq: i64,
}

/// What the policy looks at: the room, the actor's membership in it, if any, and the rights that the actor has anywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    pub room: Arc<RoomRecord>,
    pub member: Option<MemberRecord>,
    pub account: Rights,
}

/// What somebody may do because of their account. Guests have none, and so has who is not there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rights {
    /// Goes up with each change of what stands here.
    pub version: i64,
    pub is_admin: bool,
    /// The account was ended: it may do nothing any more.
    pub is_closed: bool,
}

/// A room as one person sees it in the list of their rooms.
#[derive(Clone, Debug, PartialEq)]
pub struct RoomView {
    pub room: RoomRecord,
    pub member: Option<MemberRecord>,
    pub unread: i32,
    pub mentions: i32,
    pub last_message: Option<MessageRecord>,
    /// The name of who made it.
    pub creator: String,
    /// The other people of a direct conversation.
    pub peers: Vec<UserRecord>,
}

/// Someone who is named in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// 0 for a guest.
    pub user_id: i64,
    pub username: Arc<str>,
}

/// A row of a room's history.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageRecord {
    pub id: i64,
    pub room_id: i64,
    pub seq: i64,
    pub user_id: i64,
    pub username: Arc<str>,
    pub kind: MessageType,
    pub content: String,
    pub created_at: i64,
    pub edited_at: Option<i64>,
    pub recalled_at: Option<i64>,
    pub client_id: Option<String>,
    pub reply_to: Option<Quote>,
    pub mentions: Mentions,
    pub guest: bool,
    /// For `system` rows: the event, and who did it where that is not the one it is about.
    pub event: Option<SystemEvent>,
    pub actor_id: Option<i64>,
    pub payload: SystemPayload,
    /// As they were when it was sent; none once recalled.
    pub attachments: Vec<Attachment>,
}

impl MessageRecord {
    /// What somebody said, with attachments or without: not a `system` row.
    pub fn is_text(&self) -> bool {
        self.kind != MessageType::System
    }
}

/// What a `system` row says besides its event, for clients that have words of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemPayload {
    /// `room_renamed`: what the room is called from here on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub room_name: Option<String>,
}

/// The message that a reply answers, as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quote {
    pub message_id: i64,
    pub seq: i64,
    pub user_id: i64,
    pub username: Arc<str>,
    /// The first `limits::QUOTE_CHARS` characters; empty once recalled.
    pub content: String,
    pub recalled: bool,
    pub kind: MessageType,
}

/// A text to be appended.
#[derive(Clone, Debug)]
pub struct NewMessage {
    pub author: Author,
    pub client_id: Option<String>,
    pub content: String,
    /// Id of the answered message; must be of the same room.
    pub reply_to: Option<i64>,
    /// Whom the text may call, found in it by `mentions::find`.
    pub calls: Calls,
    pub guest: bool,
    pub now: i64,
    /// Ids of the author's files, and what the author calls a message that has some; see `file_records::message_type`.
    pub attachments: Vec<i64>,
    pub kind: MessageType,
}

/// What an append gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Appended {
    pub message: MessageRecord,
    /// False when the client id was known: `message` is the first answer.
    pub fresh: bool,
}

/// What a recall gave.
#[derive(Clone, Debug, PartialEq)]
pub struct Recalled {
    pub message: MessageRecord,
    /// The log position of the change.
    pub seq: i64,
    /// The job after which the text is in no file any more.
    pub erasure: i64,
}

/// Where a page of history lies. Positions are `seq`s, exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// The newest rows, after skipping `offset` of them.
    Newest {
        offset: u64,
    },
    Before(i64),
    After(i64),
    /// Half before, the row itself, half after.
    Around(i64),
}

/// How far a person has read, and what is left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadState {
    pub room_id: i64,
    pub seq: i64,
    pub unread: i32,
    pub mentions: i32,
    /// The position of the mark's last move in its person's own log; 0 before the first.
    pub own_seq: i64,
}

/// What marking gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marked {
    pub state: ReadState,
    /// False where it was read so far already.
    pub moved: bool,
}

/// Figures for the login page and the dashboard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub users: i64,
    pub rooms: i64,
    pub messages: i64,
}

/// The kinds and their words are one list, so that none is written that nobody takes.
macro_rules! job_kinds {
    ($($(#[$doc:meta])* $kind:ident = $word:literal,)+) => {
        /// What a job does.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum JobKind {
            $($(#[$doc])* $kind,)+
        }

        impl JobKind {
            /// All that this program knows.
            pub const ALL: &[Self] = &[$(Self::$kind),+];

            /// As it is stored, and told to the operator.
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$kind => $word,)+
                }
            }
        }
    };
}

job_kinds! {
    /// Takes recalled texts out of the database's own log.
    EmptyLog = "empty_log",
    /// Forgets sessions that ended long ago.
    ForgetSessions = "forget_sessions",
    /// Forgets tries that do not count any more.
    ForgetTries = "forget_tries",
    /// Takes away uploads and files that nobody will ask for any more.
    SweepFiles = "sweep_files",
}

impl JobKind {
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.word() == word)
    }
}

/// A job that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Job {
    pub id: i64,
    pub kind: JobKind,
    /// Which try this is.
    pub tries: i64,
}

/// Figures for whoever runs jobs, and for the operator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobFigures {
    pub waiting: i64,
    /// Those that were given up.
    pub dead: i64,
    /// In so many milliseconds the next one is due; it has been for so long where they are less than none.
    pub due_in: Option<i64>,
}
