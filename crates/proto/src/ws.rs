//! The framing of RFC 6455: bytes to WebSocket messages and back, for both sides, without extensions. It does no I/O and
//! no handshake, and does not know what a payload means (that is `frame.rs`).

use bytes::{BufMut, Bytes, BytesMut};

use crate::CloseCode;

/// Bytes of the longest header: two, eight of length, four of mask.
const HEADER_MAX: usize = 14;
/// Bytes of the longest payload of a control frame.
const CONTROL_MAX: usize = 125;
const FIN: u8 = 0x80;
const RESERVED: u8 = 0x70;
const MASKED: u8 = 0x80;

/// What a frame carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Opcode {
    Continuation = 0,
    Text = 1,
    Binary = 2,
    Close = 8,
    Ping = 9,
    Pong = 10,
}

impl Opcode {
    const fn from_bits(bits: u8) -> Option<Self> {
        Some(match bits {
            0 => Self::Continuation,
            1 => Self::Text,
            2 => Self::Binary,
            8 => Self::Close,
            9 => Self::Ping,
            10 => Self::Pong,
            _ => return None,
        })
    }

    const fn is_control(self) -> bool {
        self as u8 >= 8
    }
}

/// Which side's frames are read. Clients mask, servers do not; each must refuse the other's habit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    Client,
    Server,
}

/// Why the bytes cannot be read on. There is no way back: tell the close code and hang up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("{0}")]
    Protocol(&'static str),
    #[error("text that is not UTF-8")]
    BadData,
    #[error("a message over the limit")]
    TooBig,
}

impl Fault {
    /// What to close with.
    pub const fn close_code(self) -> CloseCode {
        match self {
            Self::Protocol(_) => CloseCode::Protocol,
            Self::BadData => CloseCode::BadData,
            Self::TooBig => CloseCode::TooBig,
        }
    }
}

/// What the peer said.
#[derive(Debug, PartialEq, Eq)]
pub enum WsMessage<'a> {
    Text(&'a str),
    Binary(&'a [u8]),
    Ping(&'a [u8]),
    Pong(&'a [u8]),
    /// The code is `None` where the frame was empty.
    Close(Option<u16>, &'a str),
}

/// The header of a frame whose payload is being read.
#[derive(Clone, Copy, Debug)]
struct Frame {
    opcode: Opcode,
    fin: bool,
    mask: [u8; 4],
    /// Bytes of payload that were read.
    read: usize,
    length: usize,
}

/// What is kept between two reads when the bytes end inside a frame or between two fragments; nothing while idle.
#[derive(Debug, Default)]
struct Partial {
    /// The beginning of a header.
    header: [u8; HEADER_MAX],
    header_length: usize,
    frame: Option<Frame>,
    /// The opcode of the message whose fragments are being gathered.
    kind: Option<Opcode>,
    data: Vec<u8>,
    /// How much of `data` is known to be UTF-8, for text.
    valid: usize,
    /// A control frame may lie between fragments, so its bytes are kept apart.
    control: Vec<u8>,
}

impl Partial {
    fn is_idle(&self) -> bool {
        self.header_length == 0 && self.frame.is_none() && self.kind.is_none()
    }
}

/// Reads messages out of bytes that come in pieces of any size.
#[derive(Debug)]
pub struct Decoder {
    from: From,
    limit: usize,
    partial: Option<Box<Partial>>,
}

impl Decoder {
    /// A reader of frames `from` that side; messages over `limit` bytes are a fault.
    pub const fn new(from: From, limit: usize) -> Self {
        Self { from, limit, partial: None }
    }

    /// The next whole message, or `None` once all of `input` is used up. Unmasks `input` in place; what it consumed is cut
    /// off its front. After a fault the decoder must not be used again.
    pub fn next<'s, 'i: 's>(&'s mut self, input: &mut &'i mut [u8]) -> Result<Option<WsMessage<'s>>, Fault> {
        if self.partial.as_ref().is_some_and(|partial| partial.is_idle()) {
            self.partial = None;
        }
        if self.partial.is_none() {
            // The usual case: whole frames in one read, handed out where they lie.
            let Some((frame, header)) = self.header(input)? else {
                if !input.is_empty() {
                    self.start_partial(None, input);
                }
                return Ok(None);
            };
            self.admit(&frame, None, 0)?;
            take(input, header);
            if frame.fin && input.len() >= frame.length {
                let payload = take(input, frame.length);
                unmask(payload, frame.mask, 0);
                return message(frame.opcode, payload).map(Some);
            }
            self.start_partial(Some(frame), input);
        }
        self.next_of_partial(input)
    }

    fn start_partial(&mut self, frame: Option<Frame>, input: &mut &mut [u8]) {
        let partial = self.partial.insert(Box::default());
        partial.frame = frame;
        if let Some(frame) = frame {
            if !frame.opcode.is_control() {
                partial.kind = Some(frame.opcode);
            }
        } else {
            let rest = take(input, input.len());
            partial.header[..rest.len()].copy_from_slice(rest);
            partial.header_length = rest.len();
        }
    }

    fn next_of_partial<'s>(&'s mut self, input: &mut &mut [u8]) -> Result<Option<WsMessage<'s>>, Fault> {
        loop {
            let mut frame = match self.partial.as_ref().and_then(|partial| partial.frame) {
                Some(frame) => frame,
                None => match self.header_of_partial(input)? {
                    Some(frame) => frame,
                    None => return Ok(None),
                },
            };
            let partial = self.partial.get_or_insert_default();
            let piece = take(input, (frame.length - frame.read).min(input.len()));
            unmask(piece, frame.mask, frame.read);
            frame.read += piece.len();
            if frame.opcode.is_control() {
                partial.control.extend_from_slice(piece);
            } else {
                partial.data.extend_from_slice(piece);
                if partial.kind == Some(Opcode::Text) {
                    partial.valid = valid_prefix(&partial.data, partial.valid)?;
                }
            }
            if frame.read < frame.length {
                partial.frame = Some(frame);
                return Ok(None);
            }
            partial.frame = None;
            if frame.opcode.is_control() {
                let partial = self.partial.get_or_insert_default();
                return message(frame.opcode, &partial.control).map(Some);
            }
            if frame.fin {
                let partial = self.partial.get_or_insert_default();
                let kind = partial.kind.take().unwrap_or(Opcode::Binary);
                return message(kind, &partial.data).map(Some);
            }
        }
    }

    /// Completes a header that was cut, or reads one between fragments, and checks it.
    fn header_of_partial(&mut self, input: &mut &mut [u8]) -> Result<Option<Frame>, Fault> {
        let mut partial = self.partial.take().unwrap_or_default();
        if partial.kind.is_none() {
            partial.data.clear();
            partial.valid = 0;
        }
        partial.control.clear();
        let mut frame = None;
        while frame.is_none() {
            frame = self.header(&partial.header[..partial.header_length])?.map(|(frame, _)| frame);
            if frame.is_none() {
                let Some(byte) = take(input, 1.min(input.len())).first() else { break };
                partial.header[partial.header_length] = *byte;
                partial.header_length += 1;
            }
        }
        if let Some(frame) = &frame {
            self.admit(frame, partial.kind, partial.data.len())?;
            partial.header_length = 0;
            partial.frame = Some(*frame);
            if !frame.opcode.is_control() {
                partial.kind.get_or_insert(frame.opcode);
            }
        }
        self.partial = Some(partial);
        Ok(frame)
    }

    /// Reads a header at the front of `bytes`, with its length; `None` when it is not all there.
    fn header(&self, bytes: &[u8]) -> Result<Option<(Frame, usize)>, Fault> {
        let Some(first) = bytes.first() else { return Ok(None) };
        if first & RESERVED != 0 {
            return Err(Fault::Protocol("reserved bits are set"));
        }
        let opcode = Opcode::from_bits(first & 0x0f).ok_or(Fault::Protocol("unknown opcode"))?;
        let fin = first & FIN != 0;
        let Some(second) = bytes.get(1) else { return Ok(None) };
        let masked = second & MASKED != 0;
        if masked != (self.from == From::Client) {
            return Err(Fault::Protocol(if masked { "masked by a server" } else { "not masked by a client" }));
        }
        let short = second & 0x7f;
        if opcode.is_control() && (!fin || short as usize > CONTROL_MAX) {
            return Err(Fault::Protocol("a control frame that is long or fragmented"));
        }
        let extended = match short {
            126 => 2,
            127 => 8,
            _ => 0,
        };
        let header = 2 + extended + if masked { 4 } else { 0 };
        if bytes.len() < header {
            return Ok(None);
        }
        let length = if extended == 0 {
            u64::from(short)
        } else {
            bytes[2..2 + extended].iter().fold(0, |length, byte| length << 8 | u64::from(*byte))
        };
        if length >> 63 != 0 {
            return Err(Fault::Protocol("a length over 63 bits"));
        }
        if (extended == 2 && length < 126) || (extended == 8 && length < 1 << 16) {
            return Err(Fault::Protocol("a length that is not in its shortest form"));
        }
        let mut mask = [0; 4];
        if masked {
            mask.copy_from_slice(&bytes[header - 4..header]);
        }
        let length = usize::try_from(length).map_err(|_| Fault::TooBig)?;
        Ok(Some((Frame { opcode, fin, mask, read: 0, length }, header)))
    }

    /// Whether this frame may come now: fragments in order, and not too much in all.
    fn admit(&self, frame: &Frame, kind: Option<Opcode>, gathered: usize) -> Result<(), Fault> {
        if frame.opcode.is_control() {
            return Ok(());
        }
        match (frame.opcode, kind) {
            (Opcode::Continuation, None) => return Err(Fault::Protocol("a continuation of nothing")),
            (Opcode::Text | Opcode::Binary, Some(_)) => {
                return Err(Fault::Protocol("a new message inside a fragmented one"));
            }
            _ => {}
        }
        if frame.length > self.limit.saturating_sub(gathered) {
            return Err(Fault::TooBig);
        }
        Ok(())
    }
}

/// Cuts the first `count` bytes off `input`.
fn take<'i>(input: &mut &'i mut [u8], count: usize) -> &'i mut [u8] {
    let (front, rest) = std::mem::take(input).split_at_mut(count);
    *input = rest;
    front
}

/// XORs with the mask; `offset` is where in the payload these bytes lie.
fn unmask(bytes: &mut [u8], mut mask: [u8; 4], offset: usize) {
    mask.rotate_left(offset % 4);
    let word = u32::from_ne_bytes(mask);
    let mut chunks = bytes.chunks_exact_mut(4);
    for chunk in &mut chunks {
        let plain = u32::from_ne_bytes([chunk[0], chunk[1], chunk[2], chunk[3]]) ^ word;
        chunk.copy_from_slice(&plain.to_ne_bytes());
    }
    for (byte, mask) in chunks.into_remainder().iter_mut().zip(mask) {
        *byte ^= mask;
    }
}

/// How far `data` is UTF-8, knowing that it is up to `valid`; a character that is cut at the end may still be completed.
fn valid_prefix(data: &[u8], valid: usize) -> Result<usize, Fault> {
    match std::str::from_utf8(&data[valid..]) {
        Ok(_) => Ok(data.len()),
        Err(error) if error.error_len().is_none() => Ok(valid + error.valid_up_to()),
        Err(_) => Err(Fault::BadData),
    }
}

fn message(opcode: Opcode, payload: &[u8]) -> Result<WsMessage<'_>, Fault> {
    let text = |bytes| std::str::from_utf8(bytes).map_err(|_| Fault::BadData);
    Ok(match opcode {
        Opcode::Text => WsMessage::Text(text(payload)?),
        Opcode::Binary | Opcode::Continuation => WsMessage::Binary(payload),
        Opcode::Ping => WsMessage::Ping(payload),
        Opcode::Pong => WsMessage::Pong(payload),
        Opcode::Close => match payload {
            [] => WsMessage::Close(None, ""),
            [_] => return Err(Fault::Protocol("half a close code")),
            [high, low, reason @ ..] => {
                let code = u16::from_be_bytes([*high, *low]);
                if !may_be_sent(code) {
                    return Err(Fault::Protocol("a close code that must not be sent"));
                }
                WsMessage::Close(Some(code), text(reason)?)
            }
        },
    })
}

/// The close codes that may stand in a frame (RFC 6455 section 7.4 and the IANA registry).
const fn may_be_sent(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

/// Appends a server's frame: whole, unmasked.
pub fn put_frame(out: &mut BytesMut, opcode: Opcode, payload: &[u8]) {
    out.reserve(payload.len() + HEADER_MAX);
    put_header(out, opcode, payload.len(), 0);
    out.put_slice(payload);
}

/// Appends a client's frame: whole, masked.
pub fn put_masked_frame(out: &mut BytesMut, opcode: Opcode, payload: &[u8], mask: [u8; 4]) {
    put_masked_fragment(out, opcode, true, payload, mask);
}

/// Appends a client's frame that may be a fragment.
pub fn put_masked_fragment(out: &mut BytesMut, opcode: Opcode, fin: bool, payload: &[u8], mask: [u8; 4]) {
    out.reserve(payload.len() + HEADER_MAX);
    let start = out.len();
    put_header(out, opcode, payload.len(), MASKED);
    if !fin {
        out[start] &= !FIN;
    }
    out.put_slice(&mask);
    let start = out.len();
    out.put_slice(payload);
    unmask(&mut out[start..], mask, 0);
}

fn put_header(out: &mut BytesMut, opcode: Opcode, length: usize, masked: u8) {
    out.put_u8(FIN | opcode as u8);
    match length {
        0..=125 => out.put_u8(masked | length as u8),
        126..=0xffff => {
            out.put_u8(masked | 126);
            out.put_u16(length as u16);
        }
        _ => {
            out.put_u8(masked | 127);
            out.put_u64(length as u64);
        }
    }
}

/// A server's frame on its own.
pub fn frame(opcode: Opcode, payload: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(payload.len() + HEADER_MAX);
    put_frame(&mut out, opcode, payload);
    out.freeze()
}

/// A server's close frame.
pub fn close_frame(code: u16, reason: &str) -> Bytes {
    let mut payload = code.to_be_bytes().to_vec();
    payload.extend_from_slice(reason.as_bytes());
    frame(Opcode::Close, &payload)
}

/// How many bytes the server's frame at the front of `bytes` takes, header and all; `None` when its header is cut, or tells of more
/// than there can be.
pub fn frame_length(bytes: &[u8]) -> Option<usize> {
    let (extended, short) = match bytes.get(1)? & 0x7f {
        126 => (2, 0),
        127 => (8, 0),
        short => (0, usize::from(short)),
    };
    let length = bytes.get(2..2 + extended)?.iter().fold(short, |length, byte| length << 8 | usize::from(*byte));
    length.checked_add(2 + extended)
}

/// The answer to a client's `Sec-WebSocket-Key` is the hash of the key followed by this.
pub const HANDSHAKE_GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
