//! The closed lists of what can go wrong: error codes shared by HTTP and the socket, the close codes of a socket, and what cannot
//! be read.
//! No causes and no texts of databases: those stay inside.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::{PartialSchema, ToSchema, openapi};

use crate::sentence::{Language, Sentence};

macro_rules! error_codes {
    ($($(#[$doc:meta])* $name:ident $word:literal $status:literal $english:literal $chinese:literal;)*) => {
        /// Why a call was refused. The word is the `reason` on the wire, the status its HTTP status.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[$doc])* #[serde(rename = $word)] $name,)*
        }

        impl ErrorCode {
            /// All of them, for the documentation.
            pub const ALL: &'static [ErrorCode] = &[$(ErrorCode::$name),*];

            /// The word on the wire.
            pub const fn as_str(self) -> &'static str {
                match self { $(ErrorCode::$name => $word,)* }
            }

            /// The HTTP status, also the `code` of an error frame.
            pub const fn status(self) -> u16 {
                match self { $(ErrorCode::$name => $status,)* }
            }

            /// What to tell a person when there is nothing more precise to say.
            pub const fn sentence(self, language: Language) -> &'static str {
                match (self, language) {
                    $((ErrorCode::$name, Language::English) => $english, (ErrorCode::$name, Language::Chinese) => $chinese,)*
                }
            }
        }
    };
}

error_codes! {
    /// Not JSON, not an object, not protobuf.
    Malformed "malformed" 400 "The request could not be read. Check its form against the documentation."
        "请求无法识别，请对照文档检查它的形式。";
    /// A frame whose `type` this server does not know.
    UnknownType "unknown_type" 400 "This type of frame is not known here."
        "这里不认识这种帧。";
    /// No credential, or one that does not hold.
    Unauthorized "unauthorized" 401 "Please log in."
        "请先登录。";
    /// The session was ended or ran out.
    SessionEnded "session_ended" 401 "This session has ended. Please log in again."
        "登录已失效，请重新登录。";
    /// The name or the password is wrong; the same for both.
    BadCredentials "bad_credentials" 401 "The name or the password is not right."
        "用户名或密码不正确。";
    /// Seen, but not allowed.
    Forbidden "forbidden" 403 "You may not do that here."
        "你在这里不能这样做。";
    /// The room can be seen, but this needs membership.
    NotAMember "not_a_member" 403 "Join the room first."
        "请先加入聊天室。";
    /// The request came from another site.
    BadOrigin "bad_origin" 403 "This request came from another site."
        "这个请求来自别的网站。";
    /// New accounts are not open to everybody.
    RegistrationClosed "registration_closed" 403 "This server does not take registrations. Ask its administrator for an account."
        "这台服务器不开放注册，请向管理员索取账号。";
    NotFound "not_found" 404 "There is nothing here."
        "这里什么也没有。";
    /// Not there, or not yours to see.
    RoomNotFound "room_not_found" 404 "This room does not exist, or it is not open to you."
        "这个聊天室不存在，或者不对你开放。";
    MessageNotFound "message_not_found" 404 "This message does not exist, or it is not open to you."
        "这条消息不存在，或者你看不到它。";
    /// Not there, not whole yet, not one's own, or a message has it already.
    FileNotFound "file_not_found" 404 "This file does not exist, or it is not open to you."
        "这个文件不存在，或者不对你开放。";
    /// Not there, or another's to delete.
    EmojiNotFound "emoji_not_found" 404 "This emoji does not exist, or it is not yours to delete."
        "这个表情不存在，或者不能由你删除。";
    UserNotFound "user_not_found" 404 "There is no such person here."
        "这里没有这个人。";
    SessionNotFound "session_not_found" 404 "There is no such session."
        "找不到这个会话。";
    MethodNotAllowed "method_not_allowed" 405 "This address does not take that method."
        "这个地址不接受这种方法。";
    /// The client paused within the body of its request.
    TooLate "too_late" 408 "The request did not arrive in time. Please try again."
        "请求没有及时送达，请再试一次。";
    UsernameTaken "username_taken" 409 "This name, or one that looks like it, is taken. Choose another one."
        "这个用户名或与它相似的用户名已被占用，请换一个。";
    EmailTaken "email_taken" 409 "This e-mail address already has an account. Log in instead."
        "这个邮箱已有账号，请直接登录。";
    EmojiTaken "emoji_taken" 409 "There is an emoji of this name. Choose another one."
        "已经有这个名字的表情，请换一个。";
    /// A place has so many and no more.
    TooManyEmojis "too_many_emojis" 409 "There are as many emojis as there can be. Delete one first."
        "表情的数量已达上限，请先删除一个。";
    /// And one person has made so many of them.
    TooManyOwnEmojis "too_many_own_emojis" 409 "You have made as many emojis as one person can. Delete one of yours first."
        "你添加的表情已达上限，请先删除一个自己的。";
    /// The same client id with another body.
    ClientIdConflict "client_id_conflict" 409 "This client id was already used for another message."
        "这个 client_id 已用于另一条消息。";
    /// The room's last owner must hand it over first.
    LastOwner "last_owner" 409 "A room needs an owner. Make someone else the owner first."
        "聊天室需要一位所有者，请先把所有者身份交给别人。";
    /// Somebody else must be an administrator first.
    LastAdmin "last_admin" 409 "The server needs an administrator. Make someone else one first: chinwag user promote."
        "服务器需要一位管理员。请先让别人成为管理员：chinwag user promote。";
    /// Facts changed between the check and the write; asking again settles it.
    Conflict "conflict" 409 "Something changed at the same moment. Please try again."
        "刚好同时有人改动，请再试一次。";
    /// One socket listens to so many rooms and no more.
    TooManyRooms "too_many_rooms" 409 "This connection follows as many rooms as one can. Leave one of them first."
        "这个连接关注的聊天室已达上限，请先离开其中一个。";
    /// The page shows one account, and the credential is another's by now.
    OtherAccount "other_account" 409 "Another account is logged in in this browser by now. Reload the page."
        "这个浏览器现在登录的是另一个账号，请刷新页面。";
    /// Recalled messages cannot be edited or recalled again.
    AlreadyRecalled "already_recalled" 409 "This message was already taken back."
        "这条消息已经撤回了。";
    /// An upload goes on from another place than where this piece begins.
    WrongOffset "wrong_offset" 409 "The upload goes on from another place. Ask how far it has come."
        "上传应从别的位置继续，请先查询进度。";
    /// Another version of the protocol of uploads.
    OtherVersion "other_version" 412 "Only version 1.0.0 of the protocol of uploads (tus) is spoken here."
        "这里只支持上传协议（tus）1.0.0 版。";
    TooLarge "too_large" 413 "That is too large."
        "内容太大了。";
    /// All files of one person together.
    QuotaExceeded "quota_exceeded" 413 "Your files take all the space that you have here. Delete some of them first."
        "你的文件已占满可用空间，请先删除一些。";
    UnsupportedMediaType "unsupported_media_type" 415 "Send JSON: Content-Type: application/json."
        "请发送 JSON：Content-Type: application/json。";
    /// The range lies outside of the content, or is none.
    NoSuchRange "no_such_range" 416 "There is nothing at this place of the file."
        "文件的这个位置没有内容。";
    /// Well-formed but invalid; `details` names each field.
    Invalid "invalid" 422 "Some of this is not valid. See the marked fields."
        "有些内容填得不对，请看标出的各项。";
    /// The content is of a kind that does not do here.
    UnsupportedFile "unsupported_file" 422 "This kind of file cannot be used here."
        "这里不能使用这种文件。";
    /// Another version of the WebSocket protocol.
    UpgradeRequired "upgrade_required" 426 "Only version 13 of the WebSocket protocol is spoken here."
        "这里只支持 WebSocket 第 13 版。";
    RateLimited "rate_limited" 429 "That was too fast. Wait a moment and try again."
        "操作太快了，请稍等片刻再试。";
    /// The bytes of an upload are not those that their checksum is of; the status is that of tus.
    ChecksumMismatch "checksum_mismatch" 460 "These bytes changed on their way. Send them again."
        "数据在传输中发生了变化，请重新发送。";
    Internal "internal" 500 "Something went wrong on the server. It has been logged."
        "服务器出了问题，已经记录下来。";
    Unavailable "unavailable" 503 "The server cannot do this right now. Try again in a moment."
        "服务器暂时做不到，请稍后再试。";
    /// Where files are kept.
    StorageUnavailable "storage_unavailable" 503 "Files cannot be reached right now. Try again in a moment."
        "暂时无法访问文件，请稍后再试。";
    OutOfSpace "out_of_space" 507 "The server has run out of space. Nothing was saved; tell its administrator."
        "服务器空间已满，什么也没有保存。请告诉管理员。";
}

// By hand: the derive does not see renames that a macro wrote.
impl ToSchema for ErrorCode {}

impl PartialSchema for ErrorCode {
    fn schema() -> openapi::RefOr<openapi::schema::Schema> {
        openapi::ObjectBuilder::new()
            .schema_type(openapi::schema::Type::String)
            .enum_values(Some(Self::ALL.iter().map(|code| code.as_str())))
            .description(Some("Why a call was refused; the same words over HTTP and the socket."))
            .into()
    }
}

/// Why the server closed a socket (RFC 6455 section 7.4; 4000 to 4999 are ours).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub enum CloseCode {
    /// The client said goodbye.
    Normal = 1000,
    /// Protocol violation.
    Protocol = 1002,
    /// A text frame that is not UTF-8.
    BadData = 1007,
    /// Abuse: do not reconnect.
    Policy = 1008,
    /// A frame over the limit: mend it, then reconnect.
    TooBig = 1009,
    /// A fault of the server's: reconnect and `sync`.
    Internal = 1011,
    /// The server restarts: reconnect after a random wait.
    Restarting = 1012,
    /// The server has too much to do: reconnect later.
    Overloaded = 1013,
    /// The session ended: log in first.
    SessionEnded = 4001,
    /// Banned: do not reconnect.
    Banned = 4003,
    /// The reader was too slow: reconnect and `sync`.
    TooSlow = 4008,
    /// Too many newer logins of the account replaced this one: do not reconnect by yourself.
    Replaced = 4009,
    /// The person has too many sockets: come back with `yield=1`, which waits until one of them is gone.
    TooManySockets = 4010,
}

impl CloseCode {
    /// Whether a client should come back by itself.
    pub const fn reconnect(self) -> bool {
        matches!(self, Self::Internal | Self::Restarting | Self::Overloaded | Self::TooSlow | Self::TooBig)
    }

    /// The short reason in the close frame.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Normal => "bye",
            Self::Protocol => "protocol error",
            Self::BadData => "not UTF-8",
            Self::Policy => "abuse",
            Self::TooBig => "frame too big",
            Self::Internal => "internal error",
            Self::Restarting => "restarting",
            Self::Overloaded => "overloaded",
            Self::SessionEnded => "session ended",
            Self::Banned => "banned",
            Self::TooSlow => "too slow",
            Self::Replaced => "replaced",
            Self::TooManySockets => "too many sockets",
        }
    }
}

/// What a client sent and nobody can read.
#[derive(Debug, thiserror::Error)]
#[error("{}", message.as_ref().map_or_else(|| code.sentence(Language::English).to_owned(), Sentence::to_string))]
pub struct DecodeError {
    pub code: ErrorCode,
    /// More precise than the sentence of the code.
    pub message: Option<Sentence>,
    /// For `invalid`: what is wrong with each field.
    pub fields: BTreeMap<&'static str, Vec<Sentence>>,
}

impl DecodeError {
    pub(crate) fn malformed(message: Sentence) -> Self {
        Self { code: ErrorCode::Malformed, message: Some(message), fields: BTreeMap::new() }
    }

    pub(crate) fn invalid(fields: BTreeMap<&'static str, Vec<Sentence>>) -> Self {
        Self { code: ErrorCode::Invalid, message: None, fields }
    }
}
