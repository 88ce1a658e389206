//! Lists of files over HTTP: of one room, and of all that one may read. A file by itself is in `files`.

use axum::extract::State;
use chinwag_domain::{
    file_records::{FilePage, FilePlace, FileQuery, PostedFile},
    files,
};
use chinwag_proto::{Attachment, FileCategory, MessageType, json::format_time, limits};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::answer::{Answer, Path, Query, Success, ok};
use crate::{AppState, auth::Authenticated, error::Failure};

/// A file as its message shows it, and which message that is.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FileRow {
    #[serde(flatten)]
    attachment: Attachment,
    message_id: i64,
    room_id: i64,
    /// Log position of the message.
    seq: i64,
    /// Who sent it.
    user_id: i64,
    username: String,
    /// When it was sent.
    #[schema(format = DateTime)]
    created_at: String,
    /// What the message is, as its `type`.
    message_type: MessageType,
}

impl From<PostedFile> for FileRow {
    fn from(posted: PostedFile) -> Self {
        let PostedFile { file, message_id, room_id, seq, username, sent_at, message_type } = posted;
        Self {
            attachment: files::shown(&file),
            message_id,
            room_id,
            seq,
            user_id: file.user_id,
            username,
            created_at: format_time(sent_at),
            message_type,
        }
    }
}

/// Where a list goes on: the parameters of the next page.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NextFiles {
    before_message: i64,
    before: i64,
}

/// A page of files.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FileRows {
    /// Of newer messages first. A page that looked at many in vain has few, or none, and goes on all the same.
    files: Vec<FileRow>,
    /// Left out at the end, and only there.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<NextFiles>,
}

impl From<FilePage> for FileRows {
    fn from(page: FilePage) -> Self {
        let next = page.next.map(|FilePlace { message_id, id }| NextFiles { before_message: message_id, before: id });
        Self { files: page.files.into_iter().map(FileRow::from).collect(), next }
    }
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct Filter {
    /// Files of this kind alone.
    #[param(inline)]
    category: Option<FileCategory>,
    /// What their name contains, in any case.
    query: String,
    /// Files of this person alone.
    user_id: Option<i64>,
    /// From `next` of the page before: its `before_message` …
    before_message: Option<i64>,
    /// … and its `before`.
    before: Option<i64>,
    /// Files: 50 where nothing is asked for; less than 1 counts as 1, more than 100 as 100.
    limit: Option<usize>,
}

impl Filter {
    fn query(self) -> FileQuery {
        let before = self.before_message.zip(self.before);
        FileQuery {
            category: self.category,
            user_id: self.user_id,
            name: self.query,
            before: before.map(|(message_id, id)| FilePlace { message_id, id }),
            limit: self.limit.unwrap_or(limits::PAGE_DEFAULT).clamp(1, limits::PAGE),
        }
    }
}

/// Files of a room's messages, newest first.
#[utoipa::path(get, path = "/api/rooms/{id}/files", tag = "files", params(("id" = i64, Path), Filter), responses(
    (status = 200, body = Success<FileRows>), (status = 401, body = Failure), (status = 404, body = Failure), (status = 422, body = Failure)))]
pub(super) async fn list_room(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    Path(id): Path<i64>,
    Query(filter): Query<Filter>,
) -> Answer<FileRows> {
    ok(files::list(&state.chat, &actor, Some(id), filter.query()).await?.into())
}

/// Files of messages of all rooms whose history one may read, newest first.
#[utoipa::path(get, path = "/api/files", tag = "files", params(Filter), responses(
    (status = 200, body = Success<FileRows>), (status = 401, body = Failure), (status = 422, body = Failure)))]
pub(super) async fn list(
    State(state): State<AppState>,
    Authenticated(actor): Authenticated,
    Query(filter): Query<Filter>,
) -> Answer<FileRows> {
    ok(files::list(&state.chat, &actor, None, filter.query()).await?.into())
}
