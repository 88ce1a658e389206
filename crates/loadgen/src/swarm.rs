//! Thousands of sockets in one thread: connects, sends, and counts what comes by walking frame headers. Only frames that are
//! sampled for their latency are looked into.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::SocketAddr,
    ops::Range,
    os::fd::{AsRawFd as _, OwnedFd},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail, ensure};
use bytes::BytesMut;
use chinwag_proto::ws::{self, Opcode};
use hdrhistogram::Histogram;
use mio::{Events, Interest, Poll, Token, net::TcpStream, unix::SourceFd};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime,
};

use crate::fields::{STAMP_BYTES, find, number_after, stamp_after};

/// Bytes of a message's content.
pub const CONTENT_BYTES: usize = 128;
/// The key of RFC 6455's own example, and its answer: nobody here needs a secret one.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
pub const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
const MASK: [u8; 4] = [0x3a, 0x91, 0x5c, 0x07];
const TIMER: Token = Token(usize::MAX);
/// Handshakes at once: more would overflow the listener's queue and measure the kernel's patience.
const GREETINGS: usize = 128;
const PATIENCE: Duration = Duration::from_secs(60);
/// Latencies are kept up to a minute, to three digits.
const LONGEST_MICROS: u64 = 60_000_000;

/// One connection and what it received.
pub struct Socket {
    stream: TcpStream,
    phase: Phase,
    /// A frame that is not whole yet.
    input: Vec<u8>,
    /// What the socket refused.
    output: Vec<u8>,
    reading: bool,
    pub texts: u64,
    pub acks: u64,
    pub synced: u64,
    /// Heartbeats that were answered.
    pub pongs: u64,
    /// Of a followed connection: the log position up to which it holds everything.
    pub place: Option<i64>,
    /// The head to which a replay would have been too long: what lies before is read over HTTP.
    pub too_far: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// Waits for 101.
    Greeting,
    Open,
    /// Closed with this code, or 0 without one.
    Gone(u16),
}

/// What all connections received together.
pub struct Totals {
    pub texts: u64,
    pub acks: u64,
    pub bytes: u64,
    /// Of all kinds but control frames.
    frames: u64,
    pub delivery: Histogram<u64>,
    pub ack: Histogram<u64>,
    /// By how much messages left later than they were meant to: the generator's own part in every latency.
    pub late: Histogram<u64>,
    pub errors: u64,
    pub first_error: Option<String>,
    pub gone: usize,
    open: usize,
    welcomed: usize,
    epoch: i64,
    /// Of these connections one in so many is sampled.
    among: Range<usize>,
    stride: usize,
    origin: Instant,
}

pub struct Swarm {
    /// The nodes, over which connections are spread in turn.
    servers: Vec<SocketAddr>,
    poll: Poll,
    events: Events,
    timer: OwnedFd,
    buffer: Box<[u8]>,
    pub sockets: Vec<Socket>,
    pub totals: Totals,
    /// What every text says behind its stamp.
    pub words: &'static str,
}

impl Swarm {
    pub fn new(server: SocketAddr) -> Result<Self> {
        let poll = Poll::new()?;
        let timer = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
        poll.registry().register(&mut SourceFd(&timer.as_raw_fd()), TIMER, Interest::READABLE)?;
        let histogram = || Histogram::new_with_max(LONGEST_MICROS, 3).context("no histogram");
        let totals = Totals {
            texts: 0,
            acks: 0,
            bytes: 0,
            frames: 0,
            delivery: histogram()?,
            ack: histogram()?,
            late: histogram()?,
            errors: 0,
            first_error: None,
            gone: 0,
            open: 0,
            welcomed: 0,
            epoch: 0,
            among: 0..usize::MAX,
            stride: 1,
            origin: Instant::now(),
        };
        let buffer = vec![0; 256 * 1024].into_boxed_slice();
        let events = Events::with_capacity(4096);
        Ok(Self { servers: vec![server], poll, events, timer, buffer, sockets: Vec::new(), totals, words: "" })
    }

    /// Connects from now on to these nodes, too, in turn.
    pub fn spread(&mut self, others: &[SocketAddr]) {
        self.servers.extend(others);
    }

    /// Samples the latency of one in so many of these connections.
    pub fn sample(&mut self, among: Range<usize>, stride: usize) {
        (self.totals.among, self.totals.stride) = (among, stride.max(1));
    }

    /// Looks from now on at the log position of every message of this connection: each must be the one after the last.
    pub fn follow(&mut self, socket: usize, place: i64) {
        self.sockets[socket].place = Some(place);
    }

    /// Connects one socket for each token and waits until all are upgraded, and welcomed where the server does that.
    pub fn connect<'a>(&mut self, tokens: impl Iterator<Item = &'a str>, welcomes: bool) -> Result<()> {
        for token in tokens {
            self.open(token)?;
            while self.greeting() >= GREETINGS {
                self.turn(Instant::now() + PATIENCE)?;
            }
        }
        let wanted = self.sockets.len();
        self.wait_until("all are welcomed", |swarm| {
            swarm.greeting() == 0 && (!welcomes || swarm.totals.welcomed >= wanted)
        })
    }

    fn greeting(&self) -> usize {
        self.sockets.len() - self.totals.open - self.totals.gone
    }

    fn open(&mut self, token: &str) -> Result<()> {
        let index = self.sockets.len();
        let server = self.servers[index % self.servers.len()];
        let mut stream = TcpStream::connect(server)?;
        self.poll.registry().register(&mut stream, Token(index), Interest::READABLE | Interest::WRITABLE)?;
        let request = format!(
            "GET /ws HTTP/1.1\r\nHost: {server}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {KEY}\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: chinwag.v1.json\r\nAuthorization: Bearer {token}\r\n\r\n"
        );
        self.sockets.push(Socket {
            stream,
            phase: Phase::Greeting,
            input: Vec::new(),
            output: request.into_bytes(),
            reading: true,
            texts: 0,
            acks: 0,
            synced: 0,
            pongs: 0,
            place: None,
            too_far: None,
        });
        Ok(())
    }

    /// Subscribes the socket to the room.
    pub fn join(&mut self, socket: usize, room: i64) -> Result<()> {
        self.send(socket, &format!("{{\"type\":\"join\",\"room_id\":{room}}}"))
    }

    /// Goes on in the room behind this log position.
    pub fn sync(&mut self, socket: usize, room: i64, place: i64) -> Result<()> {
        let epoch = self.totals.epoch;
        self.send(socket, &format!("{{\"type\":\"sync\",\"epoch\":{epoch},\"rooms\":{{\"{room}\":{place}}}}}"))
    }

    /// Goes on in all these rooms, each behind its own log position.
    pub fn sync_all(&mut self, socket: usize, cursors: &[(i64, i64)]) -> Result<()> {
        let epoch = self.totals.epoch;
        let rooms: Vec<String> = cursors.iter().map(|(room, place)| format!("\"{room}\":{place}")).collect();
        self.send(socket, &format!("{{\"type\":\"sync\",\"epoch\":{epoch},\"rooms\":{{{}}}}}", rooms.join(",")))
    }

    /// Sends a message whose latency counts from `intended`; `number` is unique in the room.
    pub fn say(&mut self, socket: usize, room: i64, number: u64, intended: Instant) -> Result<()> {
        self.say_all(socket, room, number..number + 1, intended)
    }

    /// Sends several messages in one go, as a client does with what has waited.
    pub fn say_all(&mut self, socket: usize, room: i64, numbers: Range<u64>, intended: Instant) -> Result<()> {
        let stamp = intended.saturating_duration_since(self.totals.origin).as_micros() as u64;
        self.totals.late.saturating_record(intended.elapsed().as_micros() as u64);
        let words = self.words;
        let padding = CONTENT_BYTES - STAMP_BYTES - words.len();
        for number in numbers {
            self.queue(
                socket,
                &format!(
                    "{{\"type\":\"text\",\"room_id\":{room},\"content\":\"{stamp:016x}{words}{:x>padding$}\",\"client_id\":\"{stamp:016x}{number:016x}\"}}",
                    ""
                ),
            );
        }
        self.sockets[socket].drain();
        Ok(())
    }

    /// Sends one frame; what the socket refuses waits until it takes more.
    pub fn send(&mut self, socket: usize, json: &str) -> Result<()> {
        self.queue(socket, json);
        self.sockets[socket].drain();
        Ok(())
    }

    fn queue(&mut self, socket: usize, json: &str) {
        let mut frame = BytesMut::with_capacity(json.len() + 16);
        ws::put_masked_frame(&mut frame, Opcode::Text, json.as_bytes(), MASK);
        self.sockets[socket].output.extend_from_slice(&frame);
    }

    /// Whether the socket takes what comes. One that does not lets it pile up at the server.
    pub fn set_reading(&mut self, socket: usize, reading: bool) {
        self.sockets[socket].reading = reading;
        if reading {
            // What came meanwhile has had its event.
            self.sockets[socket].read(&mut self.buffer, &mut self.totals, socket, true);
        }
    }

    /// The smallest receive buffer the system gives, so that a socket that does not read is felt at once.
    pub fn shrink_receive_buffer(&mut self, socket: usize) -> Result<()> {
        Ok(rustix::net::sockopt::set_socket_recv_buffer_size(&self.sockets[socket].stream, 4096)?)
    }

    /// Hangs up without a word, as a train in a tunnel does.
    pub fn hang_up_all(&mut self) {
        self.sockets.clear();
        (self.totals.open, self.totals.gone, self.totals.welcomed) = (0, 0, 0);
    }

    /// Waits until something comes or the moment does, and takes what came.
    pub fn turn(&mut self, until: Instant) -> Result<()> {
        let wait = until.saturating_duration_since(Instant::now()).max(Duration::from_nanos(1));
        let value = Timespec { tv_sec: wait.as_secs() as i64, tv_nsec: wait.subsec_nanos().into() };
        let never = Timespec { tv_sec: 0, tv_nsec: 0 };
        timerfd_settime(&self.timer, TimerfdTimerFlags::empty(), &Itimerspec { it_interval: never, it_value: value })?;
        if let Err(error) = self.poll.poll(&mut self.events, Some(PATIENCE)) {
            ensure!(error.kind() == ErrorKind::Interrupted, error);
            return Ok(());
        }
        for event in &self.events {
            let Token(index) = event.token();
            // Of the connections that were hung up, some events may still be on their way.
            let Some(socket) = self.sockets.get_mut(index) else { continue };
            if event.is_writable() {
                socket.drain();
            }
            if event.is_readable() && socket.reading {
                let has_ended = event.is_read_closed() || event.is_error();
                socket.read(&mut self.buffer, &mut self.totals, index, has_ended);
            }
        }
        Ok(())
    }

    /// Turns until the condition holds.
    pub fn wait_until(&mut self, what: &str, mut holds: impl FnMut(&Self) -> bool) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !holds(self) {
            if Instant::now() > deadline {
                let error = self.totals.first_error.as_deref().unwrap_or("none");
                bail!(
                    "waited {} s until {what}; {} are gone; first error: {error}",
                    PATIENCE.as_secs(),
                    self.totals.gone
                );
            }
            self.turn(deadline)?;
        }
        Ok(())
    }

    /// Turns until nothing came for a while: the announcements of the beginning are over.
    pub fn settle(&mut self) -> Result<()> {
        const QUIET: Duration = Duration::from_secs(2);
        // Heartbeats go on all the time and are no announcements.
        let mut quiet_since = (Instant::now(), self.totals.frames);
        let deadline = Instant::now() + PATIENCE;
        while quiet_since.0.elapsed() < QUIET && Instant::now() < deadline {
            self.turn(quiet_since.0 + QUIET)?;
            if self.totals.frames != quiet_since.1 {
                quiet_since = (Instant::now(), self.totals.frames);
            }
        }
        Ok(())
    }

    /// Forgets what was counted so far, but not the connections.
    pub fn reset_counts(&mut self) {
        for socket in &mut self.sockets {
            (socket.texts, socket.acks, socket.synced, socket.pongs) = (0, 0, 0, 0);
        }
        let totals = &mut self.totals;
        (totals.texts, totals.acks, totals.bytes) = (0, 0, 0);
        totals.delivery.reset();
        totals.ack.reset();
        totals.late.reset();
    }
}

impl Totals {
    fn error(&mut self, what: String) {
        self.errors += 1;
        self.first_error.get_or_insert(what);
    }
}

impl Socket {
    /// Whether it takes what comes.
    pub fn is_reading(&self) -> bool {
        self.reading
    }

    /// The code it was closed with.
    pub fn close_code(&self) -> Option<u16> {
        match self.phase {
            Phase::Gone(code) => Some(code),
            _ => None,
        }
    }

    fn drain(&mut self) {
        while !self.output.is_empty() {
            match self.stream.write(&self.output) {
                Ok(count) => drop(self.output.drain(..count)),
                // Not connected yet, not writable now, or broken: the next event tells.
                Err(_) => return,
            }
        }
    }

    /// Takes what is there; `to_the_end` where the end may be there, too, and no other event will tell.
    fn read(&mut self, buffer: &mut [u8], totals: &mut Totals, index: usize, to_the_end: bool) {
        loop {
            match self.stream.read(buffer) {
                Ok(0) => return self.end(totals, 0),
                Ok(count) => {
                    totals.bytes += count as u64;
                    self.take(&buffer[..count], totals, index);
                    if count < buffer.len() && !to_the_end {
                        // A stream that gave less than was asked for is empty: what comes next is a new event.
                        return;
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => return self.end(totals, 0),
            }
        }
    }

    fn take(&mut self, bytes: &[u8], totals: &mut Totals, index: usize) {
        if self.input.is_empty() {
            let used = self.walk(bytes, totals, index);
            self.input.extend_from_slice(&bytes[used..]);
        } else {
            self.input.extend_from_slice(bytes);
            let input = std::mem::take(&mut self.input);
            let used = self.walk(&input, totals, index);
            self.input = input;
            self.input.drain(..used);
        }
    }

    /// Goes through the whole frames and gives how many bytes they take.
    fn walk(&mut self, bytes: &[u8], totals: &mut Totals, index: usize) -> usize {
        let mut used = 0;
        if self.phase == Phase::Greeting {
            let Some(end) = find(bytes, b"\r\n\r\n") else { return 0 };
            if !bytes.starts_with(b"HTTP/1.1 101") {
                totals.first_error.get_or_insert_with(|| String::from_utf8_lossy(bytes).into_owned());
                self.end(totals, 0);
                return bytes.len();
            }
            self.phase = Phase::Open;
            totals.open += 1;
            used = end + 4;
        }
        while let Some(length) = ws::frame_length(&bytes[used..]) {
            let Some(frame) = bytes.get(used..used + length) else { break };
            self.frame(frame, totals, index);
            used += length;
        }
        used
    }

    fn frame(&mut self, frame: &[u8], totals: &mut Totals, index: usize) {
        let header = match frame[1] {
            126 => 4,
            127 => 10,
            _ => 2,
        };
        let payload = &frame[header..];
        match frame[0] & 0x0f {
            1 => self.text(payload, totals, index),
            8 => {
                let code = payload.first_chunk().map_or(0, |code| u16::from_be_bytes(*code));
                self.end(totals, code);
            }
            9 => {
                let mut pong = BytesMut::new();
                ws::put_masked_frame(&mut pong, Opcode::Pong, payload, MASK);
                self.output.extend_from_slice(&pong);
                self.pongs += 1;
                self.drain();
            }
            _ => {}
        }
    }

    /// `type` is the first field of every frame.
    fn text(&mut self, payload: &[u8], totals: &mut Totals, index: usize) {
        totals.frames += 1;
        let kind = payload.get(b"{\"type\":\"".len()..).unwrap_or_default();
        if kind.starts_with(b"text\"") {
            self.texts += 1;
            totals.texts += 1;
            if let Some(place) = &mut self.place {
                let seq = number_after(payload, b"\"seq\":");
                if seq == *place + 1 {
                    *place = seq;
                } else {
                    totals.error(format!("{seq} came after {place}"));
                }
            }
            if totals.among.contains(&index) && index.is_multiple_of(totals.stride) {
                let stamp = stamp_after(payload, b"\"content\":\"");
                record(&mut totals.delivery, totals.origin, stamp);
            }
        } else if kind.starts_with(b"ack\"") {
            self.acks += 1;
            totals.acks += 1;
            record(&mut totals.ack, totals.origin, stamp_after(payload, b"\"client_id\":\""));
        } else if kind.starts_with(b"synced\"") {
            self.synced += 1;
        } else if kind.starts_with(b"welcome\"") {
            totals.welcomed += 1;
            totals.epoch = number_after(payload, b"\"epoch\":");
        } else if kind.starts_with(b"resync\"") && find(payload, b"\"too_far\"").is_some() {
            self.too_far = Some(number_after(payload, b"\"head\":"));
        } else if kind.starts_with(b"error\"") || kind.starts_with(b"resync\"") {
            totals.error(String::from_utf8_lossy(payload).into_owned());
        }
    }

    fn end(&mut self, totals: &mut Totals, code: u16) {
        match self.phase {
            Phase::Gone(_) => return,
            Phase::Open => totals.open -= 1,
            Phase::Greeting => {}
        }
        self.phase = Phase::Gone(code);
        totals.gone += 1;
    }
}

fn record(histogram: &mut Histogram<u64>, origin: Instant, stamp: Option<u64>) {
    let Some(stamp) = stamp else { return };
    let now = origin.elapsed().as_micros() as u64;
    histogram.saturating_record(now.saturating_sub(stamp));
}
