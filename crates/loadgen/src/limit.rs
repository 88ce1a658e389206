//! The reference broadcaster, the practical limit of what one core can hand out: accepts, subscribes and sends ready-made
//! frames. It authenticates nobody, stores nothing and decodes only what it must, so that nothing honest can be faster.

use std::{
    collections::HashMap,
    io::{ErrorKind, Read as _, Write as _},
    net::SocketAddr,
};

use anyhow::{Context as _, Result};
use bytes::BytesMut;
use chinwag_proto::ws::{self, Opcode};
use mio::{
    Events, Interest, Poll, Token,
    net::{TcpListener, TcpStream},
};

use crate::{
    fields::{STAMP_BYTES, find, number_after},
    report,
    swarm::{ACCEPT, CONTENT_BYTES},
};

const LISTENER: Token = Token(usize::MAX);
/// A peer that lets more than this pile up is dropped.
const BACKLOG: usize = 4 << 20;

struct Peer {
    stream: TcpStream,
    upgraded: bool,
    /// What came and is not a whole frame yet.
    input: Vec<u8>,
    /// What the socket refused.
    backlog: Vec<u8>,
}

#[derive(Default)]
struct Room {
    members: Vec<usize>,
    pending: Vec<u8>,
    frames: Vec<usize>,
}

struct Limit {
    poll: Poll,
    peers: Vec<Option<Peer>>,
    rooms: HashMap<i64, Room>,
    /// Rooms with something pending.
    dirty: Vec<i64>,
    batched: bool,
    /// A broadcast as the server under test would write it, but for the stamp.
    frame: Vec<u8>,
    stamp_at: usize,
}

/// Serves until it is killed.
pub fn serve(listen: SocketAddr, batched: bool) -> Result<()> {
    let mut listener = TcpListener::bind(listen).with_context(|| format!("{listen} is taken"))?;
    let poll = Poll::new()?;
    poll.registry().register(&mut listener, LISTENER, Interest::READABLE)?;
    let (frame, stamp_at) = ready_made();
    let mut limit =
        Limit { poll, peers: Vec::new(), rooms: HashMap::new(), dirty: Vec::new(), batched, frame, stamp_at };
    let mut events = Events::with_capacity(1024);
    report::note(&format!("limit: listening on {listen}"));
    loop {
        if let Err(error) = limit.poll.poll(&mut events, None)
            && error.kind() != ErrorKind::Interrupted
        {
            return Err(error.into());
        }
        for event in &events {
            if event.token() == LISTENER {
                limit.accept(&listener)?;
                continue;
            }
            if event.is_writable() {
                limit.drain(event.token().0);
            }
            if event.is_readable() {
                limit.read(event.token().0);
            }
        }
        limit.flush();
    }
}

/// The frame and where its stamp stands.
fn ready_made() -> (Vec<u8>, usize) {
    let content = "0".repeat(CONTENT_BYTES);
    let json = format!(
        "{{\"type\":\"text\",\"room_id\":1,\"message_id\":244883456012345,\"seq\":12345,\"user_id\":12,\"username\":\"load12\",\
         \"content\":\"{content}\",\"timestamp\":\"2026-07-03T15:30:00.123Z\",\"mentions\":[],\
         \"mentions_room\":false,\"mention_spans\":[],\"guest\":false}}"
    );
    let frame = ws::frame(Opcode::Text, json.as_bytes()).to_vec();
    let stamp_at = find(&frame, b"\"content\":\"").map_or(0, |at| at + b"\"content\":\"".len());
    (frame, stamp_at)
}

impl Limit {
    fn accept(&mut self, listener: &TcpListener) -> Result<()> {
        while let Ok((mut stream, _)) = listener.accept() {
            stream.set_nodelay(true)?;
            let token = Token(self.peers.len());
            self.poll.registry().register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
            self.peers.push(Some(Peer { stream, upgraded: false, input: Vec::new(), backlog: Vec::new() }));
        }
        Ok(())
    }

    fn read(&mut self, index: usize) {
        let mut buffer = [0; 16 * 1024];
        loop {
            let Some(peer) = &mut self.peers[index] else { return };
            match peer.stream.read(&mut buffer) {
                Ok(0) => return self.drop_peer(index),
                Ok(count) => peer.input.extend_from_slice(&buffer[..count]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(_) => return self.drop_peer(index),
            }
        }
        self.take_input(index);
    }

    fn take_input(&mut self, index: usize) {
        let Some(peer) = &mut self.peers[index] else { return };
        let mut input = std::mem::take(&mut peer.input);
        let mut used = 0;
        if !peer.upgraded {
            let Some(end) = find(&input, b"\r\n\r\n") else {
                peer.input = input;
                return;
            };
            used = end + 4;
            peer.upgraded = true;
            let answer = format!(
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {ACCEPT}\r\n\
                 Sec-WebSocket-Protocol: chinwag.v1.json\r\n\r\n"
            );
            self.write(index, answer.as_bytes());
        }
        // A client's frame is a server's frame with four bytes of mask after the header.
        while let Some(length) = ws::frame_length(&input[used..]).map(|length| length + 4) {
            if input.len() < used + length {
                break;
            }
            self.frame(index, &mut input[used..used + length]);
            used += length;
        }
        input.drain(..used);
        if let Some(peer) = &mut self.peers[index] {
            peer.input = input;
        }
    }

    fn frame(&mut self, index: usize, frame: &mut [u8]) {
        let header = match frame[1] & 0x7f {
            126 => 4,
            127 => 10,
            _ => 2,
        };
        let mask: [u8; 4] = std::array::from_fn(|at| frame[header + at]);
        let payload = &mut frame[header + 4..];
        for (at, byte) in payload.iter_mut().enumerate() {
            *byte ^= mask[at % 4];
        }
        if payload.starts_with(b"{\"type\":\"text\"") {
            self.broadcast(number_after(payload, b"\"room_id\":"), payload);
        } else if payload.starts_with(b"{\"type\":\"join\"") {
            let room = number_after(payload, b"\"room_id\":");
            self.rooms.entry(room).or_default().members.push(index);
            let mut answer = BytesMut::new();
            ws::put_frame(&mut answer, Opcode::Text, b"{\"type\":\"synced\"}");
            self.write(index, &answer);
        }
    }

    fn broadcast(&mut self, room_id: i64, payload: &[u8]) {
        let Some(at) = find(payload, b"\"content\":\"").map(|at| at + b"\"content\":\"".len()) else { return };
        let Some(stamp) = payload.get(at..at + STAMP_BYTES) else { return };
        self.frame[self.stamp_at..self.stamp_at + STAMP_BYTES].copy_from_slice(stamp);
        let room = self.rooms.entry(room_id).or_default();
        if room.pending.is_empty() {
            self.dirty.push(room_id);
        }
        room.pending.extend_from_slice(&self.frame);
        room.frames.push(self.frame.len());
    }

    /// Hands out what the turn brought: in one write each, or one write for each frame.
    fn flush(&mut self) {
        for room_id in std::mem::take(&mut self.dirty) {
            let Some(mut room) = self.rooms.remove(&room_id) else { continue };
            if self.batched {
                for &member in &room.members {
                    self.write(member, &room.pending);
                }
            } else {
                let mut start = 0;
                for &length in &room.frames {
                    for &member in &room.members {
                        self.write(member, &room.pending[start..start + length]);
                    }
                    start += length;
                }
            }
            room.pending.clear();
            room.frames.clear();
            room.members.retain(|&member| self.peers[member].is_some());
            self.rooms.insert(room_id, room);
        }
    }

    fn write(&mut self, index: usize, bytes: &[u8]) {
        let Some(peer) = &mut self.peers[index] else { return };
        let mut written = 0;
        if peer.backlog.is_empty() {
            match peer.stream.write(bytes) {
                Ok(count) => written = count,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => return self.drop_peer(index),
            }
        }
        if written < bytes.len() {
            peer.backlog.extend_from_slice(&bytes[written..]);
            if peer.backlog.len() > BACKLOG {
                self.drop_peer(index);
            }
        }
    }

    fn drain(&mut self, index: usize) {
        let Some(peer) = &mut self.peers[index] else { return };
        while !peer.backlog.is_empty() {
            match peer.stream.write(&peer.backlog) {
                Ok(count) => drop(peer.backlog.drain(..count)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(_) => return self.drop_peer(index),
            }
        }
    }

    fn drop_peer(&mut self, index: usize) {
        self.peers[index] = None;
    }
}
