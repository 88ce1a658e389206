//! Subscribing without a gap and without a double: hold live frames back, look at the seat again, replay, release. The
//! frames themselves come from the domain; the holding is the hub's.

use std::{collections::HashSet, sync::Arc};

use bytes::{Bytes, BytesMut};
use chinwag_domain::{
    Actor, Error, Result,
    messages::{self, Cursor},
    own_log, rooms,
};
use chinwag_proto::{ErrorCode, Event, Resync, ResyncReason, Sentence, Sync, Synced, id::OWN_LOG, limits};
use chinwag_realtime::{Sink, encode, put_event};
use tokio::sync::SemaphorePermit;

use super::{WsState, log, session::Refusal, socket::Conn};

/// Bytes of a replay that are handed to the socket at once; the next ones follow when these have left.
const PORTION: usize = 64 * 1024;
/// Log positions of a replay that are read at once: what a reader that takes its time keeps in memory.
const STRETCH: i64 = 128;

/// `join`: subscribes from the newest position on.
pub async fn join(state: &WsState, conn: &Arc<Conn>, actor: &Actor, room_id: i64) -> Result<()> {
    {
        let _slot = state.entries.acquire().await.map_err(Error::internal)?;
        rooms::enter(&state.chat, actor, room_id).await?;
    }
    let confirmed = |seq| encode(conn.lane(), &synced(room_id, seq, seq));
    if !state.hub.confirm(conn.id(), room_id, confirmed).await {
        let _slot = slot(state).await?;
        Box::pin(subscribe(state, conn, actor, room_id)).await?;
    }
    // Somebody whose access has just ended must not learn who is in the room.
    if state.hub.listens(conn.id(), room_id) {
        conn.send(&state.hub.userlist(room_id, conn.lane()));
    }
    Ok(())
}

async fn subscribe(state: &WsState, conn: &Arc<Conn>, actor: &Actor, room_id: i64) -> Result<()> {
    hold(state, conn, actor, room_id).await?;
    match messages::head(&state.chat, actor, room_id).await {
        Ok(head) => {
            conn.tell(&synced(room_id, head, head));
            state.hub.release(conn.id(), room_id, head);
            Ok(())
        }
        Err(error) => give_up(state, conn, room_id, error),
    }
}

/// Waits until few enough others read from the store. What a reading needs is allocated after this: ten thousand who come
/// back together would else need it all at once.
async fn slot(state: &WsState) -> Result<SemaphorePermit<'_>> {
    state.readings.acquire().await.map_err(Error::internal)
}

/// `sync`: replays from the cursors, room by room.
pub async fn sync(state: &WsState, conn: &Arc<Conn>, actor: &Actor, cursors: Sync) -> Result<()> {
    let Sync { epoch, mut rooms } = cursors;
    let own = rooms.remove(&OWN_LOG);
    if rooms.len() > limits::SYNC_ROOMS {
        return Err(Error::invalid("rooms", Sentence::AtMostRooms { max: limits::SYNC_ROOMS }));
    }
    if let Some(after) = own
        && let Err(error) = resume_own(state, conn, actor, epoch, after).await
    {
        refuse(conn, OWN_LOG, error);
    }
    let mut named = HashSet::new();
    for (room_id, after) in rooms {
        if !conn.is_open() {
            return Ok(());
        }
        resume(state, conn, actor, epoch, (room_id, after), &mut named).await;
    }
    Ok(())
}

/// Replays one room from a cursor; an error goes to the socket as a frame. Adds to `named` whom the room's `userlist` names.
pub async fn resume(
    state: &WsState,
    conn: &Arc<Conn>,
    actor: &Actor,
    epoch: i64,
    cursor: (i64, i64),
    named: &mut HashSet<i64>,
) {
    if let Err(error) = resume_room(state, conn, actor, epoch, cursor, named).await {
        refuse(conn, cursor.0, error);
    }
}

fn refuse(conn: &Conn, room_id: i64, error: Error) {
    let failed = Refusal { error, client_id: None, room_id: Some(room_id) };
    log(conn, &failed);
    conn.tell(&failed.into_event(conn.language()));
}

/// Replays the person's own log from a cursor. Whatever comes of it, the socket hears what is told from here on.
async fn resume_own(state: &WsState, conn: &Conn, actor: &Actor, epoch: i64, after: i64) -> Result<()> {
    state.hub.hold_own(conn);
    let told = Box::pin(replay_own(state, conn, actor, epoch, after)).await;
    state.hub.release_own(conn, told.as_ref().ok().copied());
    told.map(drop)
}

/// Gives the position up to which the socket has everything.
async fn replay_own(state: &WsState, conn: &Conn, actor: &Actor, epoch: i64, after: i64) -> Result<i64> {
    let _slot = slot(state).await?;
    let to = match own_log::weigh_cursor(&state.chat, actor, epoch, after).await? {
        Cursor::Good { head } => head,
        Cursor::Resync { reason, head } => {
            conn.tell(&resync(OWN_LOG, reason, head));
            return Ok(head);
        }
    };
    let mut at = after;
    loop {
        let changes = own_log::replay(&state.chat, actor, at, to).await?;
        let Some((last, _)) = changes.last() else { break };
        at = *last;
        conn.tell_all(changes.into_iter().map(|(_, event)| event));
        if !conn.drained().await {
            return Ok(to);
        }
    }
    conn.tell(&synced(OWN_LOG, after, to));
    Ok(to)
}

async fn resume_room(
    state: &WsState,
    conn: &Arc<Conn>,
    actor: &Actor,
    epoch: i64,
    (room_id, after): (i64, i64),
    named: &mut HashSet<i64>,
) -> Result<()> {
    let cursor = {
        let _slot = slot(state).await?;
        Box::pin(held_cursor(state, conn, actor, epoch, room_id, after)).await
    };
    let not_a_member = || {
        state.hub.leave(conn.id(), room_id);
        conn.tell(&resync(room_id, ResyncReason::NotAMember, 0));
        Ok(())
    };
    let (told, mut at, to) = match cursor {
        Ok(Cursor::Good { head }) => (synced(room_id, after, head), after, head),
        // The socket is subscribed all the same: the client reads by HTTP what lies before.
        Ok(Cursor::Resync { reason: reason @ ResyncReason::TooFar, head }) => {
            (resync(room_id, reason, head), head, head)
        }
        Ok(Cursor::Resync { reason, head }) => {
            state.hub.leave(conn.id(), room_id);
            conn.tell(&resync(room_id, reason, head));
            return Ok(());
        }
        Err(error) if is_refusal(&error) => return not_a_member(),
        Err(error) => return give_up(state, conn, room_id, error),
    };
    while at < to {
        let end = to.min(at + STRETCH);
        let frames = {
            let _slot = slot(state).await?;
            Box::pin(stretch(state, conn, actor, room_id, at, end)).await
        };
        let frames = match frames {
            Ok(frames) => frames,
            Err(error) if is_refusal(&error) => return not_a_member(),
            Err(error) => return give_up(state, conn, room_id, error),
        };
        let mut start = 0;
        while start < frames.len() {
            // Access may have ended while this waited for the socket to drain.
            if !state.hub.listens(conn.id(), room_id) {
                return not_a_member();
            }
            let end = portion(&frames[start..]) + start;
            conn.send(&frames.slice(start..end));
            start = end;
            if !conn.drained().await {
                return Ok(());
            }
        }
        at = end;
    }
    if !state.hub.listens(conn.id(), room_id) {
        return not_a_member();
    }
    conn.tell(&told);
    if state.hub.release(conn.id(), room_id, to) {
        conn.send(&state.hub.userlist_beside(room_id, conn.lane(), named));
    }
    Ok(())
}

/// Holds the live frames back and looks at the cursor.
async fn held_cursor(
    state: &WsState,
    conn: &Arc<Conn>,
    actor: &Actor,
    epoch: i64,
    room_id: i64,
    after: i64,
) -> Result<Cursor> {
    hold(state, conn, actor, room_id).await?;
    messages::weigh_cursor(&state.chat, actor, room_id, epoch, after).await
}

/// Subscribes in the held state. What is read next looks at the seat again: a kick that was committed before the subscription
/// stood is seen there, one that comes later ends the subscription.
async fn hold(state: &WsState, conn: &Arc<Conn>, actor: &Actor, room_id: i64) -> Result<()> {
    if state.hub.rooms_of(conn.id()) >= limits::SOCKET_ROOMS && !state.hub.listens(conn.id(), room_id) {
        return Err(ErrorCode::TooManyRooms.into());
    }
    let permit = rooms::listen(&state.chat, actor, room_id).await?;
    let sink: Arc<dyn Sink> = conn.clone();
    if state.hub.hold(&sink, &permit).await { Ok(()) } else { Err(ErrorCode::Unavailable.into()) }
}

/// Ends a subscription that could not be completed: half a replay would look like a whole one.
fn give_up<T>(state: &WsState, conn: &Conn, room_id: i64, error: Error) -> Result<T> {
    state.hub.leave(conn.id(), room_id);
    Err(error)
}

/// A part of the log as frames.
async fn stretch(state: &WsState, conn: &Conn, actor: &Actor, room_id: i64, after: i64, to: i64) -> Result<Bytes> {
    let mut frames = BytesMut::new();
    for event in messages::replay(&state.chat, actor, room_id, after, to).await? {
        put_event(&mut frames, conn.lane(), &event);
    }
    Ok(frames.freeze())
}

/// The whole frames at the front that fit into a portion; one at least.
fn portion(frames: &[u8]) -> usize {
    let mut end = 0;
    while let Some(length) = chinwag_proto::ws::frame_length(&frames[end..]) {
        if end > 0 && end + length > PORTION {
            break;
        }
        end += length;
    }
    end
}

fn is_refusal(error: &Error) -> bool {
    matches!(error.code, ErrorCode::RoomNotFound | ErrorCode::NotAMember | ErrorCode::Forbidden | ErrorCode::NotFound)
}

fn synced(room_id: i64, from: i64, to: i64) -> Event {
    Event::Synced(Synced { room_id, from, to })
}

fn resync(room_id: i64, reason: ResyncReason, head: i64) -> Event {
    Event::Resync(Resync { room_id, reason: reason.into(), head })
}
