//! Subscribing without a gap and without a double: hold live frames back, look at the seat again, replay, release. The
//! frames themselves come from the domain; the holding is the hub's.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use chinwag_domain::{
    Actor, Error, Result,
    messages::{self, Replay},
    policy::{Permit, action::Listen},
    rooms,
};
use chinwag_proto::{ErrorCode, Event, Resync, Sync, Synced, limits};
use chinwag_realtime::{Sink, encode};
use tokio::sync::SemaphorePermit;

use super::{WsState, commands, session::Refusal, socket::Conn};

/// Bytes of a replay that are handed to the socket at once; the next ones follow when these have left.
const PORTION: usize = 64 * 1024;

/// `join`: from now on.
pub async fn join(state: &WsState, conn: &Arc<Conn>, actor: &Actor, room_id: i64) -> Result<()> {
    {
        let _turn = turn(state).await?;
        Box::pin(subscribe(state, conn, actor, room_id)).await?;
    }
    // Who is in a room is not for somebody whose access has just ended.
    if state.hub.listens(conn.id(), room_id) {
        conn.send(&state.hub.userlist(room_id, conn.lane()));
    }
    Ok(())
}

async fn subscribe(state: &WsState, conn: &Arc<Conn>, actor: &Actor, room_id: i64) -> Result<()> {
    rooms::enter(&state.chat, actor, room_id).await?;
    if state.hub.listens(conn.id(), room_id) {
        let permit = rooms::listen(&state.chat, actor, room_id).await?;
        let head = head(state, actor, &permit).await?;
        conn.tell(&synced(room_id, head, head));
        return Ok(());
    }
    let permit = hold(state, conn, actor, room_id).await?;
    match head(state, actor, &permit).await {
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
async fn turn(state: &WsState) -> Result<SemaphorePermit<'_>> {
    state.readings.acquire().await.map_err(Error::internal)
}

/// The room's newest log position. Where the seat changed since the permit was given, looks at it again.
async fn head(state: &WsState, actor: &Actor, permit: &Permit<Listen>) -> Result<i64> {
    match messages::head(&state.chat, permit).await {
        Err(error) if error.code == ErrorCode::Conflict => {
            let permit = rooms::listen(&state.chat, actor, permit.room_id()).await?;
            messages::head(&state.chat, &permit).await
        }
        head => head,
    }
}

/// `sync`: from the cursors, room by room.
pub async fn sync(state: &WsState, conn: &Arc<Conn>, actor: &Actor, cursors: Sync) -> Result<()> {
    if cursors.rooms.len() > limits::SYNC_ROOMS {
        return Err(Error::invalid("rooms", format!("Name at most {} rooms.", limits::SYNC_ROOMS)));
    }
    for (room_id, after) in cursors.rooms {
        if !conn.is_open() {
            return Ok(());
        }
        if let Err(error) = resume(state, conn, actor, cursors.epoch, room_id, after).await {
            commands::log(&error);
            conn.tell(&Refusal { error, client_id: None, room_id: Some(room_id) }.into_event());
        }
    }
    Ok(())
}

async fn resume(state: &WsState, conn: &Arc<Conn>, actor: &Actor, epoch: i64, room_id: i64, after: i64) -> Result<()> {
    let replayed = {
        let _turn = turn(state).await?;
        Box::pin(held_replay(state, conn, actor, epoch, room_id, after)).await
    };
    let not_a_member = || {
        state.hub.leave(conn.id(), room_id);
        conn.tell(&resync(room_id, "not_a_member", 0));
        Ok(())
    };
    let (frames, told, to) = match replayed {
        Ok(Replayed::Frames(frames, to)) => (frames, synced(room_id, after, to), to),
        // Subscribed all the same: the client reads by HTTP what lies before.
        Ok(Replayed::Resync("too_far", head)) => (Bytes::new(), resync(room_id, "too_far", head), head),
        Ok(Replayed::Resync(reason, head)) => {
            state.hub.leave(conn.id(), room_id);
            conn.tell(&resync(room_id, reason, head));
            return Ok(());
        }
        Err(error) if is_refusal(&error) => return not_a_member(),
        Err(error) => return give_up(state, conn, room_id, error),
    };
    let mut start = 0;
    while start < frames.len() {
        // Access may have ended while this waited for the socket.
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
    if !state.hub.listens(conn.id(), room_id) {
        return not_a_member();
    }
    conn.tell(&told);
    if state.hub.release(conn.id(), room_id, to) {
        conn.send(&state.hub.userlist(room_id, conn.lane()));
    }
    Ok(())
}

/// Holds the live frames back and reads what came after the cursor.
async fn held_replay(
    state: &WsState,
    conn: &Arc<Conn>,
    actor: &Actor,
    epoch: i64,
    room_id: i64,
    after: i64,
) -> Result<Replayed> {
    let permit = hold(state, conn, actor, room_id).await?;
    match replay(state, conn, &permit, epoch, after).await {
        Err(error) if error.code == ErrorCode::Conflict => {
            // The seat changed between the look and the reading: look again, it may still be enough.
            let permit = rooms::listen(&state.chat, actor, room_id).await?;
            replay(state, conn, &permit, epoch, after).await
        }
        replayed => replayed,
    }
}

/// Subscribes in the held state, and looks at the seat once more: a kick that was committed before the subscription stood
/// is seen here, one that comes later ends the subscription.
async fn hold(state: &WsState, conn: &Arc<Conn>, actor: &Actor, room_id: i64) -> Result<Permit<Listen>> {
    let permit = rooms::listen(&state.chat, actor, room_id).await?;
    let sink: Arc<dyn Sink> = conn.clone();
    state.hub.hold(&sink, &permit).await;
    match rooms::listen(&state.chat, actor, room_id).await {
        Ok(permit) => Ok(permit),
        Err(error) => give_up(state, conn, room_id, error),
    }
}

/// Ends a subscription that could not be completed, so that nothing is missed silently.
fn give_up<T>(state: &WsState, conn: &Conn, room_id: i64, error: Error) -> Result<T> {
    state.hub.leave(conn.id(), room_id);
    Err(error)
}

enum Replayed {
    Frames(Bytes, i64),
    Resync(&'static str, i64),
}

async fn replay(state: &WsState, conn: &Conn, permit: &Permit<Listen>, epoch: i64, after: i64) -> Result<Replayed> {
    Ok(match messages::replay(&state.chat, permit, epoch, after).await? {
        Replay::Resync { reason, head } => Replayed::Resync(reason, head),
        Replay::Frames { events, to } => {
            let mut frames = BytesMut::new();
            for event in &events {
                frames.extend_from_slice(&encode(conn.lane(), event));
            }
            Replayed::Frames(frames.freeze(), to)
        }
    })
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

fn resync(room_id: i64, reason: &str, head: i64) -> Event {
    Event::Resync(Resync { room_id, reason: reason.to_owned(), head })
}
