//! What people say: posting, changing, taking back, reading, and catching up. Authorize, persist, publish; the store
//! publishes in commit order, so that no two listeners ever disagree about it.

use std::time::Duration;

use chinwag_proto::{
    Ack, EditText, ErrorCode, Event, MarkRead, Message, MessageType, RecallMessage, ResyncReason, SendText, Sentence,
    limits,
};

use futures_util::future::join_all;

use crate::{
    Actor, Chat, Error, Result, facts, mentions,
    policy::{self, Permit, action},
    ports::{StoreError, StoreResult},
    records::{Appended, Marked, MessageRecord, NewMessage, Page, ReadState, Recalled, Seat},
    text::{self, Body},
    views,
};

/// How long the answer to a recall waits until the text is in no file any more. Longer than that takes, unless somebody reads from
/// an old state all the while, as a backup does.
const ERASURE_PATIENCE: Duration = Duration::from_secs(1);

/// Posts a text: durable when this returns. The same client id gives the first answer again.
pub async fn post(chat: &Chat, actor: &Actor, cmd: SendText) -> Result<Appended> {
    let draft = Draft::new(chat, actor, &cmd).await?;
    let answer = chat.store.append_message(draft.permit, draft.message.clone()).await;
    settle(chat, actor, draft.room_id, draft.message, answer).await
}

/// Posts texts that came together, in their order, and says what the sender is told of each: they share a commit instead
/// of waiting for one each.
pub async fn send_all(chat: &Chat, actor: &Actor, cmds: Vec<SendText>) -> Vec<Result<Ack>> {
    let mut told = Vec::with_capacity(cmds.len());
    // What has attachments goes another way through the store. Only what waits for it comes behind it.
    for stretch in cmds.chunk_by(|one, next| one.attachments.is_empty() && next.attachments.is_empty()) {
        told.extend(send_together(chat, actor, stretch).await);
    }
    told
}

async fn send_together(chat: &Chat, actor: &Actor, cmds: &[SendText]) -> Vec<Result<Ack>> {
    let mut drafts = Vec::with_capacity(cmds.len());
    for cmd in cmds {
        drafts.push(Draft::new(chat, actor, cmd).await);
    }
    // Each is in the writer's queue as soon as it is polled, and they are polled in their order.
    let answers = join_all(drafts.into_iter().map(async |draft| {
        let draft = draft?;
        let answer = chat.store.append_message(draft.permit, draft.message.clone()).await;
        Ok((draft.room_id, draft.message, answer))
    }));
    let mut told = Vec::new();
    for answer in answers.await {
        told.push(match answer {
            Ok((room_id, message, answer)) => settle(chat, actor, room_id, message, answer).await.map(ack),
            Err(error) => Err(error),
        });
    }
    told
}

fn ack(appended: Appended) -> Ack {
    let message = appended.message;
    views::ack(&message, message.client_id.clone(), message.seq, message.created_at)
}

/// A text that may be posted, as far as is known.
struct Draft {
    room_id: i64,
    permit: Permit<action::Post>,
    message: NewMessage,
}

impl Draft {
    async fn new(chat: &Chat, actor: &Actor, cmd: &SendText) -> Result<Self> {
        check_attachments(cmd)?;
        let body = body(chat, &cmd.content, !cmd.attachments.is_empty())?;
        let client_id = text::client_id(&cmd.client_id)?;
        // The store looks again when it appends; `settle` deals with what it finds.
        let permit = facts::with_seat(chat, actor, cmd.room_id, async |seat| policy::may_post(actor, &seat)).await?;
        let message = NewMessage {
            author: actor.author(),
            client_id,
            calls: mentions::find(body.as_str()),
            content: body.into_string(),
            reply_to: cmd.reply_to,
            guest: actor.is_guest(),
            now: chat.now(),
            attachments: cmd.attachments.clone(),
            kind: cmd.message_type(),
        };
        Ok(Self { room_id: cmd.room_id, permit, message })
    }
}

/// A text, which need not say anything where there are attachments.
fn body(chat: &Chat, content: &str, attached: bool) -> Result<Body> {
    let max_chars = chat.settings.text_chars;
    if attached { Body::caption(content, max_chars) } else { Body::parse(content, max_chars) }
}

/// Whether there may be such a message, as far as can be seen without its files.
fn check_attachments(cmd: &SendText) -> Result<()> {
    let max = limits::ATTACHMENTS;
    let sentence = match (cmd.message_type(), &cmd.attachments[..]) {
        (MessageType::System, _) => return Err(Error::invalid("type", Sentence::NotPosted)),
        (MessageType::Text, []) => return Ok(()),
        (_, []) => Sentence::AttachSomething,
        (_, ids) if ids.len() > max => Sentence::AtMostAttachments { max },
        (_, ids) if (1..ids.len()).any(|at| ids[..at].contains(&ids[at])) => Sentence::AttachOnce,
        _ => return Ok(()),
    };
    Err(Error::invalid("attachments", sentence))
}

/// Looks again where what was known was old.
async fn settle(
    chat: &Chat,
    actor: &Actor,
    room_id: i64,
    message: NewMessage,
    answer: StoreResult<Appended>,
) -> Result<Appended> {
    match answer {
        Err(StoreError::Stale) => {
            let seat = facts::fresh_seat(chat, actor, room_id).await?;
            let permit = policy::may_post(actor, &seat)?;
            chat.store.append_message(permit, message).await
        }
        answer => answer,
    }
    .map_err(|error| match error {
        StoreError::NotFound => Error::invalid("reply_to", Sentence::ReplyElsewhere),
        StoreError::NobodyLeft => Error::from(ErrorCode::Forbidden).with_message(Sentence::NobodyLeft),
        other => other.into(),
    })
}

/// The message for the one who asks.
pub fn view(actor: &Actor, message: &MessageRecord) -> Message {
    views::message(message, actor.user_id)
}

/// Replaces the text of one's own message.
pub async fn edit(chat: &Chat, actor: &Actor, cmd: EditText) -> Result<Ack> {
    let client_id = text::client_id(&cmd.client_id)?;
    let (message, seq) = edit_message(chat, actor, &cmd).await?;
    Ok(views::ack(&message, client_id, seq, message.edited_at.unwrap_or(message.created_at)))
}

/// The same, giving the message and the log position of the change.
pub async fn edit_message(chat: &Chat, actor: &Actor, cmd: &EditText) -> Result<(MessageRecord, i64)> {
    let (message, seat) = message_and_seat(chat, actor, cmd.message_id).await?;
    let body = body(chat, &cmd.content, !message.attachments.is_empty())?;
    let permit = policy::may_edit_message(actor, &seat, &message)?;
    let calls = mentions::find(body.as_str());
    Ok(chat.store.edit_message(permit, message.id, body.into_string(), calls, chat.now()).await?)
}

/// Takes a message back: its text is erased everywhere.
pub async fn recall(chat: &Chat, actor: &Actor, cmd: RecallMessage) -> Result<Ack> {
    let client_id = text::client_id(&cmd.client_id)?;
    let (message, seq) = recall_message(chat, actor, cmd.message_id).await?;
    Ok(views::ack(&message, client_id, seq, message.recalled_at.unwrap_or(message.created_at)))
}

/// The same, giving the tombstone and the log position of the change.
pub async fn recall_message(chat: &Chat, actor: &Actor, id: i64) -> Result<(MessageRecord, i64)> {
    let (message, seat) = message_and_seat(chat, actor, id).await?;
    let author = if message.user_id == actor.user_id {
        seat.member.clone()
    } else {
        chat.store.find_member(message.room_id, message.user_id).await?
    };
    let permit = policy::may_recall_message(actor, &seat, &message, author.as_ref())?;
    let done = chat.jobs.hear();
    let Recalled { message, seq, erasure } = chat.store.recall_message(permit, id, chat.now()).await?;
    // The logs of a database server are its own affair, and which of the nodes does the job nobody knows.
    if !chat.store.is_shared() && !done.until(erasure, ERASURE_PATIENCE).await {
        tracing::info!("a recalled text is still in the database's own log; it is taken out as soon as that can be");
    }
    Ok((message, seq))
}

/// A message and the actor's seat in its room; `message_not_found` for what one may not see.
async fn message_and_seat(chat: &Chat, actor: &Actor, id: i64) -> Result<(MessageRecord, Seat)> {
    let message = chat.store.find_message(id).await?.ok_or(ErrorCode::MessageNotFound)?;
    let hide =
        |error: Error| if error.code == ErrorCode::RoomNotFound { ErrorCode::MessageNotFound.into() } else { error };
    let seat = facts::fresh_seat(chat, actor, message.room_id).await.map_err(hide)?;
    policy::may_read(actor, &seat).map_err(hide)?;
    Ok((message, seat))
}

/// Which rows of a history are asked for; positions are `seq`s.
#[derive(Clone, Copy, Debug, Default)]
pub struct HistoryQuery {
    pub limit: usize,
    pub before: Option<i64>,
    pub after: Option<i64>,
    pub around: Option<i64>,
    /// Newest rows to skip where no position is given.
    pub offset: u64,
}

/// A page of a room's history, ascending.
pub async fn history(chat: &Chat, actor: &Actor, room_id: i64, query: HistoryQuery) -> Result<Vec<Message>> {
    let page = match query {
        HistoryQuery { around: Some(seq), .. } => Page::Around(seq),
        HistoryQuery { after: Some(seq), .. } => Page::After(seq),
        HistoryQuery { before: Some(seq), .. } => Page::Before(seq),
        HistoryQuery { offset, .. } => Page::Newest { offset },
    };
    let limit = query.limit.clamp(1, limits::PAGE);
    let rows = facts::with_seat(chat, actor, room_id, |seat| async move {
        Ok(chat.store.history(policy::may_read(actor, &seat)?, page, limit).await?)
    });
    Ok(rows.await?.iter().map(|row| view(actor, row)).collect())
}

/// Says something in the room's own voice.
pub async fn broadcast(chat: &Chat, actor: &Actor, room_id: i64, content: &str) -> Result<Message> {
    let body = Body::parse(content, chat.settings.text_chars)?;
    let seat = facts::fresh_seat(chat, actor, room_id).await?;
    let permit = policy::may_broadcast(actor, &seat)?;
    let row = chat.store.append_broadcast(permit, actor.author(), body.into_string(), chat.now()).await?;
    Ok(view(actor, &row))
}

/// Everything up to `seq` was seen; all of the person's sockets are told where that is news.
pub async fn mark_read(chat: &Chat, actor: &Actor, cmd: MarkRead) -> Result<ReadState> {
    let Marked { state, moved } = facts::with_seat(chat, actor, cmd.room_id, |seat| async move {
        Ok(chat.store.mark_read(policy::may_mark_read(actor, &seat)?, cmd.seq).await?)
    })
    .await?;
    if let (false, Some(socket)) = (moved, actor.socket) {
        // The store tells of changes only; who asks is answered all the same. On other sockets it would come behind newer marks.
        chat.publisher.hint_socket(socket, Event::Read(views::read_marked(&state)));
    }
    Ok(state)
}

/// The same by a message's id.
pub async fn mark_read_message(chat: &Chat, actor: &Actor, id: i64) -> Result<ReadState> {
    let (message, _) = message_and_seat(chat, actor, id).await?;
    mark_read(chat, actor, MarkRead { room_id: message.room_id, seq: message.seq }).await
}

/// Rooms with anything unread.
pub async fn unread(chat: &Chat, actor: &Actor) -> Result<Vec<ReadState>> {
    Ok(chat.store.list_unread(actor.user_id).await?)
}

/// What the position that someone comes back with is worth; `head` is the room's newest as of now.
#[derive(Clone, Copy, Debug)]
pub enum Cursor {
    /// The log can be read on from there.
    Good { head: i64 },
    /// It cannot be continued.
    Resync { reason: ResyncReason, head: i64 },
}

/// The room's newest log position, for somebody who may hear the room as of now.
pub async fn head(chat: &Chat, actor: &Actor, room_id: i64) -> Result<i64> {
    let head = |seat| async move { Ok(chat.store.head(&policy::may_listen(actor, &seat)?).await?) };
    facts::with_seat(chat, actor, room_id, head).await
}

/// Whether the log can be read on from `after` in the given epoch.
pub async fn weigh_cursor(chat: &Chat, actor: &Actor, room_id: i64, epoch: i64, after: i64) -> Result<Cursor> {
    let head = head(chat, actor, room_id).await?;
    let resync = |reason| Ok(Cursor::Resync { reason, head });
    if epoch != chat.epoch() {
        return resync(ResyncReason::Epoch);
    }
    if after < 0 || after > head {
        return resync(ResyncReason::Future);
    }
    if head - after > chat.settings.sync_span {
        return resync(ResyncReason::TooFar);
    }
    Ok(Cursor::Good { head })
}

/// What happened after `after`, up to and with `to`, for somebody who may hear the room as of now.
pub async fn replay(chat: &Chat, actor: &Actor, room_id: i64, after: i64, to: i64) -> Result<Vec<Event>> {
    let replay = |seat| async move { Ok(chat.store.replay(&policy::may_listen(actor, &seat)?, after, to).await?) };
    facts::with_seat(chat, actor, room_id, replay).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_says_what_it_has_and_has_what_it_says() {
        use MessageType::{Image, System, Text, Voice};
        let fault = |message_type: MessageType, attachments: &[i64]| {
            let message_type = Some(message_type.into());
            let cmd = SendText { attachments: attachments.to_vec(), message_type, ..SendText::default() };
            let fields = check_attachments(&cmd).err().map(|error| error.fields);
            fields.and_then(|fields| fields.into_iter().next()).map(|(field, told)| (field, told[0].clone()))
        };
        let ten: Vec<i64> = (1..=10).collect();
        for (message_type, attachments) in [(Text, &[][..]), (Text, &ten), (Image, &[7, 9]), (Voice, &[7])] {
            assert_eq!(fault(message_type, attachments), None, "{message_type:?} {attachments:?}");
        }
        let eleven: Vec<i64> = (1..=11).collect();
        assert_eq!(fault(Image, &[]), Some(("attachments", Sentence::AttachSomething)));
        assert_eq!(fault(Text, &eleven), Some(("attachments", Sentence::AtMostAttachments { max: 10 })));
        assert_eq!(fault(Text, &[7, 9, 7]), Some(("attachments", Sentence::AttachOnce)));
        assert_eq!(fault(System, &[]), Some(("type", Sentence::NotPosted)));
    }
}
