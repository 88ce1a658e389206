//! Messages over HTTP: the same use cases as on the socket.

use axum::extract::State;
use chinwag_domain::{
    Error,
    messages::{self, HistoryQuery},
    records::ReadState,
};
use chinwag_proto::{EditText, Message, MessageType, SendText, Sentence, json::format_time};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer::{Answer, Json, Paging, Path, Query, Success, ok};
use crate::{AppState, auth::Authenticated, error::Failure};

/// A row of a history, with the names that older clients know some fields by.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MessageRow {
    #[serde(flatten)]
    message: Message,
    /// The same as `type`.
    message_type: chinwag_proto::MessageType,
    /// The same as `created_at`.
    #[schema(format = DateTime)]
    timestamp: String,
    user: AuthorRow,
}

/// Who said it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AuthorRow {
    id: i64,
    username: String,
}

impl From<Message> for MessageRow {
    fn from(message: Message) -> Self {
        Self {
            message_type: message.r#type(),
            timestamp: format_time(message.created_at),
            user: AuthorRow { id: message.user_id, username: message.username.clone() },
            message,
        }
    }
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct History {
    /// Rows before this log position (`seq`).
    before: Option<i64>,
    /// Rows after this log position.
    after: Option<i64>,
    /// Half the rows before this log position, the row itself, half after.
    around: Option<i64>,
}

/// A page of a room's history, ascending; without a position the newest, of which `offset` and `page` skip some.
#[utoipa::path(get, path = "/api/rooms/{id}/messages", tag = "messages", params(("id" = i64, Path), History, Paging), responses(
    (status = 200, body = Success<Vec<MessageRow>>), (status = 401, body = Failure), (status = 404, body = Failure)))]
pub(super) async fn history(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    Path(id): Path<i64>,
    Query(query): Query<History>,
    Query(paging): Query<Paging>,
) -> Answer<Vec<MessageRow>> {
    let History { before, after, around } = query;
    let query = HistoryQuery { limit: paging.limit(), before, after, around, offset: paging.offset() as u64 };
    let rows = messages::history(&state.chat, &actor, id, query).await?;
    ok(rows.into_iter().map(MessageRow::from).collect())
}

/// A new message.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct PostMessage {
    /// `text`, also when left out, or what has attachments: `image`, `file`, `voice` or `video`.
    #[serde(default, rename = "type", alias = "message_type")]
    kind: Option<String>,
    /// With attachments it may be empty.
    content: String,
    /// Ids of one's own whole files that no message has yet; an object with an `id` does as well.
    #[serde(default, deserialize_with = "chinwag_proto::json::file_ids")]
    attachments: Vec<i64>,
    /// The caller's own id of this send: sending it again gives the first answer.
    #[serde(default)]
    client_id: String,
    /// Id of the message of this room that this one answers.
    reply_to: Option<i64>,
}

/// Post a message; where the client id is known, the first answer again.
#[utoipa::path(post, path = "/api/rooms/{id}/messages", tag = "messages", params(("id" = i64, Path)), request_body = PostMessage, responses(
    (status = 200, body = Success<MessageRow>), (status = 401, body = Failure),
    (status = 403, body = Failure), (status = 404, body = Failure), (status = 409, body = Failure), (status = 422, body = Failure), (status = 429, body = Failure)))]
pub(super) async fn post(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    Path(room_id): Path<i64>,
    Json(body): Json<PostMessage>,
) -> Answer<MessageRow> {
    let kind = match body.kind.as_deref() {
        None | Some("text") => None,
        Some(word) => Some(MessageType::attached(word).ok_or_else(|| Error::invalid("type", Sentence::NotPosted))?),
    };
    let cmd = SendText {
        room_id,
        content: body.content,
        client_id: body.client_id,
        reply_to: body.reply_to,
        attachments: body.attachments,
        message_type: kind.map(Into::into),
    };
    let appended = messages::post(&state.chat, &actor, cmd).await?;
    ok(messages::view(&actor, &appended.message).into())
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct EditMessage {
    content: String,
}

/// Replace the text of one's own message.
#[utoipa::path(put, path = "/api/messages/{id}", tag = "messages", params(("id" = i64, Path)), request_body = EditMessage, responses(
    (status = 200, body = Success<MessageRow>), (status = 401, body = Failure), (status = 403, body = Failure),
    (status = 404, body = Failure), (status = 409, body = Failure), (status = 422, body = Failure)))]
pub(super) async fn edit(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    Path(message_id): Path<i64>,
    Json(body): Json<EditMessage>,
) -> Answer<MessageRow> {
    let cmd = EditText { message_id, content: body.content, client_id: String::new() };
    let (message, _) = messages::edit_message(&state.chat, &actor, &cmd).await?;
    ok(messages::view(&actor, &message).into())
}

/// Take a message back: its text is erased, a tombstone stays.
#[utoipa::path(delete, path = "/api/messages/{id}", tag = "messages", params(("id" = i64, Path)), responses(
    (status = 200, body = Success<MessageRow>), (status = 401, body = Failure), (status = 403, body = Failure),
    (status = 404, body = Failure), (status = 409, body = Failure)))]
pub(super) async fn recall(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    Path(id): Path<i64>,
) -> Answer<MessageRow> {
    let (message, _) = messages::recall_message(&state.chat, &actor, id).await?;
    ok(messages::view(&actor, &message).into())
}

/// Counters of one room.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Unread {
    room_id: i64,
    /// Log position up to which this person has read.
    seq: i64,
    /// Messages of others after it.
    unread: i32,
    /// Those among them that name this person.
    mentions: i32,
}

impl From<ReadState> for Unread {
    fn from(state: ReadState) -> Self {
        Self { room_id: state.room_id, seq: state.seq, unread: state.unread, mentions: state.mentions }
    }
}

/// Everything up to this message is read.
#[utoipa::path(post, path = "/api/messages/{id}/read", tag = "messages", params(("id" = i64, Path)), responses(
    (status = 200, body = Success<Unread>), (status = 401, body = Failure), (status = 403, body = Failure), (status = 404, body = Failure)))]
pub(super) async fn mark_read(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    Path(id): Path<i64>,
) -> Answer<Unread> {
    ok(messages::mark_read_message(&state.chat, &actor, id).await?.into())
}

/// Rooms with anything unread.
#[utoipa::path(get, path = "/api/messages/unread", tag = "messages", responses((status = 200, body = Success<Vec<Unread>>), (status = 401, body = Failure)))]
pub(super) async fn unread(State(state): State<AppState>, Authenticated(actor): Authenticated) -> Answer<Vec<Unread>> {
    ok(messages::unread(&state.chat, &actor).await?.into_iter().map(Unread::from).collect())
}
