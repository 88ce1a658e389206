//! One socket: the only file that reads and writes one. What the bytes ask for is `session.rs`'s to say, what is done about
//! it `serve.rs`'s.

use std::{
    cell::RefCell,
    future::poll_fn,
    io::{ErrorKind, IoSlice},
    pin::pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use chinwag_domain::SessionId;
use chinwag_proto::{
    CloseCode, Event, Language,
    ws::{self, Opcode},
};
use chinwag_realtime::{Lane, Outbox, Sink, encode, put_event};
use futures_util::task::AtomicWaker;
use parking_lot::{Mutex, MutexGuard};
use rustix::net::{RecvFlags, Shutdown, recv, shutdown, sockopt};
use tokio::{io::Interest, net::TcpStream};

use super::heartbeat::Heartbeat;

/// How long a peer may take nothing of what waits for it: with the second that may pass until the next tick, and some for what
/// the kernel takes first, it is given up within ten.
const PATIENCE: Duration = Duration::from_secs(8);
/// How long the goodbye may take, and how long with a peer that has shown that it does not read.
const FAREWELL: Duration = Duration::from_secs(10);
const CURT_FAREWELL: Duration = Duration::from_secs(3);
/// Bytes that the kernel may hold for a peer: left to itself it would take megabytes before a stall is noticed.
const KERNEL_BUFFER: usize = 64 * 1024;
/// The same at the end, so that the reason finds room behind what the peer has not read. The kernel calls a socket writable
/// only while a third of its buffer is free, and may have gone half over the bound before.
const KERNEL_BUFFER_LAST: usize = 4 * KERNEL_BUFFER;
/// Bytes that wait for the answer to a request, to leave with it.
const TOGETHER: usize = 16 * 1024;
/// Slices that are written in one go.
const SLICES: usize = 32;
const READ_BUFFER: usize = 16 * 1024;

thread_local! {
    /// A socket that waits for its peer holds no buffer: it borrows this one when there is something to read.
    static BUFFER: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_BUFFER].into());
}

/// Whose socket it is.
pub struct Identity {
    pub id: u64,
    /// 0 for a guest.
    pub user_id: i64,
    pub username: Arc<str>,
    pub session: Option<SessionId>,
    pub lane: Lane,
    /// It pushes no older socket of its person out.
    pub yields: bool,
    /// In which its refusals are told.
    pub language: Language,
}

/// The state of the line to the peer. Its lock is a leaf: nothing else is locked under it.
struct Line {
    outbox: Outbox,
    /// Since when the first slice of the outbox has waited.
    waits_since: Option<Instant>,
    /// The close frame is in the outbox or gone: nothing may follow it.
    closing: bool,
    /// The peer reads too slowly; it is closing for that.
    slow: bool,
    /// The peer is gone; nothing can be said any more.
    dead: bool,
    heard: Instant,
    /// A request is being served, so nothing is read: silence is no sign of death. What is sent meanwhile leaves together
    /// with its answer.
    busy: bool,
    ping_due: Instant,
    /// The oldest ping that was not followed by a sign of life.
    pinged: Option<Instant>,
}

/// A socket, as those who write to it see it.
pub struct Conn {
    identity: Identity,
    heartbeat: &'static Heartbeat,
    stream: TcpStream,
    line: Mutex<Line>,
    /// Wakes the socket's own task.
    waker: AtomicWaker,
}

impl Conn {
    pub fn new(stream: TcpStream, identity: Identity, heartbeat: &'static Heartbeat) -> Arc<Self> {
        // A refusal leaves the kernel's own bound.
        let _ = sockopt::set_socket_send_buffer_size(&stream, KERNEL_BUFFER);
        let now = Instant::now();
        // Spread over the period, so that ten thousand who came together are not pinged together.
        let part = (identity.id.wrapping_mul(0x9E37_79B9) % 1024) as f64 / 1024.0;
        let phase = if heartbeat.exact { heartbeat.every } else { heartbeat.every.mul_f64(part) };
        let line = Line {
            outbox: Outbox::default(),
            waits_since: None,
            closing: false,
            slow: false,
            dead: false,
            heard: now,
            busy: false,
            ping_due: now + phase,
            pinged: None,
        };
        Arc::new(Self { identity, heartbeat, stream, line: Mutex::new(line), waker: AtomicWaker::new() })
    }

    /// Whether it pushes no older socket of its person out.
    pub fn yields(&self) -> bool {
        self.identity.yields
    }

    /// In which this peer is refused.
    pub fn language(&self) -> Language {
        self.identity.language
    }

    /// Sends one event to this socket alone.
    pub fn tell(&self, event: &Event) {
        self.send(&encode(self.lane(), event));
    }

    /// Sends several events to this socket alone, in one write.
    pub fn tell_all(&self, events: impl Iterator<Item = Event>) {
        let mut frames = BytesMut::new();
        events.for_each(|event| put_event(&mut frames, self.lane(), &event));
        self.send(&frames.freeze());
    }

    /// Sends this close frame behind what waits, and hangs up.
    pub fn close_with(&self, frame: Bytes) {
        self.end(Some(frame));
    }

    fn end(&self, frame: Option<Bytes>) {
        let mut line = self.line.lock();
        if line.closing || line.dead {
            return;
        }
        line.closing = true;
        if let Some(frame) = frame {
            // One small frame over the bound does no harm.
            let _ = line.outbox.push(frame, 0);
        }
        drop(line);
        self.waker.wake();
    }

    /// Whether more can be said.
    pub fn is_open(&self) -> bool {
        let line = self.line.lock();
        !line.closing && !line.dead
    }

    /// Waits until everything that was sent has left; false when the socket is closing. Only for what a `Handler` runs: the
    /// socket's task, which drains the outbox, polls it and needs no other waking.
    pub async fn drained(&self) -> bool {
        poll_fn(|_| {
            let line = self.line.lock();
            match (line.closing || line.dead, line.outbox.is_empty()) {
                (true, _) => Poll::Ready(false),
                (false, true) => Poll::Ready(true),
                (false, false) => Poll::Pending,
            }
        })
        .await
    }

    /// Too slow: drops what waits, and says why.
    fn give_up(&self, line: MutexGuard<'_, Line>) {
        metrics::counter!("chinwag_slow_closes_total").increment(1);
        self.leave_behind(line);
    }

    /// Drops what waits, but for the rest of a frame that has begun, and tells the peer to come back for it, should it ever
    /// read again.
    fn leave_behind(&self, mut line: MutexGuard<'_, Line>) {
        line.outbox.truncate();
        let code = CloseCode::TooSlow;
        (line.closing, line.slow) = (true, true);
        let _ = sockopt::set_socket_send_buffer_size(&self.stream, KERNEL_BUFFER_LAST);
        if !self.breaks_off(code) {
            let _ = line.outbox.push(ws::close_frame(code as u16, code.reason()), 0);
        }
        drop(line);
        self.waker.wake();
    }

    /// Whether the line ends without a close frame: clients of GoChat come back after an unclean end alone.
    fn breaks_off(&self, code: CloseCode) -> bool {
        self.identity.lane == Lane::Legacy && code.reconnect()
    }

    /// Writes of what waits as much as the peer takes at once.
    fn write(&self, line: &mut Line) {
        let mut slices = [IoSlice::new(&[]); SLICES];
        let filled = line.outbox.fill(&mut slices);
        match self.stream.try_write_vectored(&slices[..filled]) {
            Ok(count) => {
                if line.outbox.advance(count) {
                    line.waits_since = Some(Instant::now());
                }
                if line.outbox.is_empty() {
                    line.waits_since = None;
                }
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => line.dead = true,
        }
    }

    /// Writes what waits as far as the peer takes it. Gives whether the socket is still open.
    fn poll_drain(&self, cx: &mut Context<'_>) -> bool {
        self.waker.register(cx.waker());
        let mut line = self.line.lock();
        while !line.dead && !line.outbox.is_empty() {
            match self.stream.poll_write_ready(cx) {
                Poll::Pending => break,
                Poll::Ready(Err(_)) => line.dead = true,
                Poll::Ready(Ok(())) => self.write(&mut line),
            }
        }
        !line.closing && !line.dead
    }

    /// Waits for something to read, draining meanwhile; false once the socket is to be closed.
    async fn readable(&self) -> bool {
        poll_fn(|cx| {
            if !self.poll_drain(cx) {
                return Poll::Ready(false);
            }
            self.stream.poll_read_ready(cx).map(|ready| ready.is_ok())
        })
        .await
    }

    /// The same, with what is due meanwhile; closes the socket when the deadline comes first.
    pub async fn readable_by(&self, deadline: Option<Instant>) -> bool {
        if !self.heartbeat.exact {
            return self.readable().await;
        }
        Box::pin(self.readable_exactly(deadline)).await
    }

    async fn readable_exactly(&self, deadline: Option<Instant>) -> bool {
        loop {
            let beat = self.next_beat();
            let at = deadline.map_or(beat, |deadline| deadline.min(beat));
            if let Ok(readable) = tokio::time::timeout_at(at.into(), self.readable()).await {
                return readable;
            }
            if deadline == Some(at) {
                self.close(CloseCode::Policy);
                return false;
            }
            self.beat(Instant::now());
        }
    }

    /// When the next ping is due, or the peer given up.
    fn next_beat(&self) -> Instant {
        let line = self.line.lock();
        line.ping_due.min(line.heard + self.heartbeat.patience)
    }

    /// What an exact heartbeat does at its time.
    fn beat(&self, now: Instant) {
        let mut line = self.line.lock();
        if line.closing || line.dead {
            return;
        }
        if now >= line.heard + self.heartbeat.patience {
            self.leave_behind(line);
        } else if now >= line.ping_due {
            line.ping_due += self.heartbeat.every;
            drop(line);
            self.send(&Bytes::from_static(PING));
        }
    }

    /// Runs a request to its end, whatever becomes of the socket: what was begun may already be in the log.
    pub async fn during(&self, request: impl Future<Output = ()>) {
        let mut request = pin!(request);
        self.line.lock().busy = true;
        poll_fn(|cx| {
            let served = request.as_mut().poll(cx);
            let waits = !self.line.lock().outbox.is_empty();
            self.poll_drain(cx);
            if waits && served.is_pending() && self.line.lock().outbox.is_empty() {
                // The request may wait for just that.
                cx.waker().wake_by_ref();
            }
            served
        })
        .await;
        let mut line = self.line.lock();
        line.busy = false;
        line.heard = Instant::now();
    }

    /// Reads once, for `take` to see; false when the peer has gone.
    pub fn read(&self, take: impl FnOnce(&mut [u8], Instant)) -> bool {
        BUFFER.with_borrow_mut(|buffer| match self.receive(buffer) {
            Ok(0) => false,
            Ok(count) => {
                let now = Instant::now();
                self.line.lock().heard = now;
                take(&mut buffer[..count], now);
                true
            }
            Err(error) => error.kind() == ErrorKind::WouldBlock,
        })
    }

    /// Reads what is there. Less than there was room for was all of it: to ask once more, to be told that there is nothing,
    /// would be a system call for each frame. What comes after this call began is seen by the next wait all the same.
    fn receive(&self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let mut count = 0;
        let read = self.stream.try_io(Interest::READABLE, || {
            (_, count) = recv(&self.stream, &mut *buffer, RecvFlags::empty())?;
            if 0 < count && count < buffer.len() { Err(ErrorKind::WouldBlock.into()) } else { Ok(()) }
        });
        match read {
            Err(error) if count == 0 => Err(error),
            _ => Ok(count),
        }
    }

    /// Writes the close frame and waits until the peer closes, too. What still comes in is read and dropped all the while: to
    /// close over unread bytes would reset the connection, and the reason would be lost with it.
    pub async fn hang_up(&self) {
        let (mut has_said_all, mut has_heard_all) = (false, false);
        let goodbye = poll_fn(|cx| {
            self.poll_drain(cx);
            let line = self.line.lock();
            let (is_dead, is_drained) = (line.dead, line.outbox.is_empty());
            drop(line);
            if is_drained && !has_said_all {
                has_said_all = true;
                has_heard_all |= shutdown(&self.stream, Shutdown::Write).is_err();
            }
            while !has_heard_all {
                match self.stream.poll_read_ready(cx) {
                    Poll::Ready(Ok(())) => has_heard_all = !self.discard(),
                    Poll::Ready(Err(_)) => has_heard_all = true,
                    Poll::Pending => break,
                }
            }
            if is_dead || has_said_all && has_heard_all { Poll::Ready(()) } else { Poll::Pending }
        });
        let time = if self.line.lock().slow { CURT_FAREWELL } else { FAREWELL };
        // Whoever has not taken their leave by then loses nothing.
        let _ = tokio::time::timeout(time, goodbye).await;
    }

    /// Reads once and forgets it; false when there will be nothing more.
    fn discard(&self) -> bool {
        match BUFFER.with_borrow_mut(|buffer| self.stream.try_read(buffer)) {
            Ok(count) => count > 0,
            Err(error) => error.kind() == ErrorKind::WouldBlock,
        }
    }
}

impl Sink for Conn {
    fn id(&self) -> u64 {
        self.identity.id
    }

    fn user_id(&self) -> i64 {
        self.identity.user_id
    }

    fn username(&self) -> &Arc<str> {
        &self.identity.username
    }

    fn session(&self) -> Option<SessionId> {
        self.identity.session
    }

    fn lane(&self) -> Lane {
        self.identity.lane
    }

    fn send(&self, frames: &Bytes) {
        let mut line = self.line.lock();
        if line.closing || line.dead || frames.is_empty() {
            return;
        }
        // Beside a request the socket's task is awake or about to be, and writes this and the answer at once.
        let together = line.busy && line.outbox.len() + frames.len() <= TOGETHER;
        if line.busy && !together && !line.outbox.is_empty() {
            self.write(&mut line);
        }
        let mut written = 0;
        let idle = line.outbox.is_empty();
        if idle {
            if !together {
                match self.stream.try_write(frames) {
                    Ok(count) if count == frames.len() => return,
                    Ok(count) => written = count,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                    Err(_) => line.dead = true,
                }
            }
            line.waits_since = Some(Instant::now());
        }
        if line.dead || line.outbox.push(frames.clone(), written).is_ok() {
            drop(line);
            // Otherwise the task waits for the peer already, and a wake for every frame would be for nothing.
            if idle {
                self.waker.wake();
            }
        } else {
            self.give_up(line);
        }
    }

    fn close(&self, code: CloseCode) {
        if code == CloseCode::TooSlow {
            let line = self.line.lock();
            if !line.closing && !line.dead {
                self.give_up(line);
            }
        } else {
            self.end((!self.breaks_off(code)).then(|| ws::close_frame(code as u16, code.reason())));
        }
    }

    fn tick(&self, now: Instant) {
        let mut line = self.line.lock();
        if line.closing || line.dead {
            return;
        }
        if line.waits_since.is_some_and(|since| now.saturating_duration_since(since) > PATIENCE) {
            return self.give_up(line);
        }
        if self.heartbeat.exact {
            return;
        }
        if line.pinged.is_some_and(|pinged| line.heard >= pinged) || line.busy {
            line.pinged = None;
        }
        if line.pinged.is_some_and(|pinged| now.saturating_duration_since(pinged) >= self.heartbeat.patience) {
            // Gone, or only asleep: whoever stops reading right after a ping is silent before they are slow.
            self.leave_behind(line);
        } else if now >= line.ping_due && line.waits_since.is_none() {
            // Who takes nothing of what waits is given up for that; a ping behind it would only be answered too late, over a
            // connection that is closed by then, and the reset would take the reason with it.
            line.ping_due = now + self.heartbeat.every;
            line.pinged.get_or_insert(now);
            drop(line);
            self.send(&Bytes::from_static(PING));
        }
    }
}

/// An empty ping.
const PING: &[u8] = &[0x80 | Opcode::Ping as u8, 0];

#[cfg(test)]
#[path = "socket_tests.rs"]
mod tests;
