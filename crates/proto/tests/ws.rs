//! The WebSocket codec against the cases of the Autobahn suite (groups 1 to 7), against itself in pieces of every size, and
//! against a second implementation. No network.

use std::io::{Cursor, Read, Write};

use bytes::BytesMut;
use chinwag_proto::ws::{
    self, Decoder, Fault, From, Opcode, WsMessage, frame_length, put_frame, put_masked_fragment, put_masked_frame,
};
use proptest::prelude::*;

const LIMIT: usize = 64 * 1024;
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// A message with its bytes taken along.
#[derive(Clone, Debug, PartialEq)]
enum Heard {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Option<u16>, String),
}

impl std::convert::From<WsMessage<'_>> for Heard {
    fn from(message: WsMessage<'_>) -> Self {
        match message {
            WsMessage::Text(text) => Self::Text(text.into()),
            WsMessage::Binary(bytes) => Self::Binary(bytes.into()),
            WsMessage::Ping(bytes) => Self::Ping(bytes.into()),
            WsMessage::Pong(bytes) => Self::Pong(bytes.into()),
            WsMessage::Close(code, reason) => Self::Close(code, reason.into()),
        }
    }
}

/// Reads `pieces` one after another.
fn read_pieces<'p>(
    from: From,
    limit: usize,
    pieces: impl IntoIterator<Item = &'p [u8]>,
) -> (Vec<Heard>, Option<Fault>) {
    let mut decoder = Decoder::new(from, limit);
    let mut heard = Vec::new();
    for piece in pieces {
        let mut bytes = piece.to_vec();
        let mut input = bytes.as_mut_slice();
        loop {
            match decoder.next(&mut input) {
                Ok(Some(message)) => heard.push(message.into()),
                Ok(None) => break,
                Err(fault) => return (heard, Some(fault)),
            }
        }
    }
    (heard, None)
}

/// Reads the bytes whole, byte by byte and cut in two at every place; all must agree.
fn read(bytes: &[u8]) -> (Vec<Heard>, Option<Fault>) {
    let whole = read_pieces(From::Client, LIMIT, [bytes]);
    assert_eq!(read_pieces(From::Client, LIMIT, bytes.chunks(1)), whole, "byte by byte");
    // In long messages only the header is a place worth cutting at.
    let cuts = if bytes.len() < 400 { bytes.len() } else { 16 };
    for at in 0..=cuts {
        let (front, back) = bytes.split_at(at);
        assert_eq!(read_pieces(From::Client, LIMIT, [front, back]), whole, "cut at {at}");
    }
    whole
}

fn fragment(opcode: Opcode, fin: bool, payload: &[u8]) -> Vec<u8> {
    let mut out = BytesMut::new();
    put_masked_fragment(&mut out, opcode, fin, payload, MASK);
    out.to_vec()
}

fn frame(opcode: Opcode, payload: &[u8]) -> Vec<u8> {
    fragment(opcode, true, payload)
}

fn close(code: u16, reason: &[u8]) -> Vec<u8> {
    frame(Opcode::Close, &[&code.to_be_bytes(), reason].concat())
}

fn text(payload: &str) -> Heard {
    Heard::Text(payload.into())
}

/// A frame with a header of one's own making.
fn raw(first: u8, second: u8, rest: &[u8]) -> Vec<u8> {
    [&[first, second], rest].concat()
}

#[test]
fn autobahn_1_messages_of_every_length() {
    for length in [0, 1, 125, 126, 127, 128, 65_535, 65_536] {
        let payload = vec![b'*'; length];
        assert_eq!(read(&frame(Opcode::Text, &payload)), (vec![text(&"*".repeat(length))], None), "{length}");
        assert_eq!(read(&frame(Opcode::Binary, &payload)), (vec![Heard::Binary(payload)], None), "{length}");
    }
}

#[test]
fn autobahn_2_pings_and_pongs() {
    for payload in [&b""[..], b"hello", &[0, 255, 254, 253], &[0xfe; 125]] {
        assert_eq!(read(&frame(Opcode::Ping, payload)), (vec![Heard::Ping(payload.into())], None));
        assert_eq!(read(&frame(Opcode::Pong, payload)), (vec![Heard::Pong(payload.into())], None));
    }
    // 2.5: over 125 bytes
    let (heard, fault) = read(&frame(Opcode::Ping, &[0xfe; 126]));
    assert!(heard.is_empty() && matches!(fault, Some(Fault::Protocol(_))));
    // 2.10: ten in one go
    let pings: Vec<u8> = (0..10).flat_map(|n| frame(Opcode::Ping, &[n])).collect();
    assert_eq!(read(&pings).0.len(), 10);
}

#[test]
fn autobahn_3_reserved_bits_are_faults_after_what_came_before() {
    for bits in 1..8 {
        let mut bad = frame(Opcode::Text, b"bad");
        bad[0] |= bits << 4;
        let bytes = [frame(Opcode::Text, b"good"), bad, frame(Opcode::Text, b"never")].concat();
        let (heard, fault) = read(&bytes);
        assert_eq!(heard, [text("good")], "{bits}");
        assert!(matches!(fault, Some(Fault::Protocol(_))), "{bits}");
    }
}

#[test]
fn autobahn_4_unknown_opcodes_are_faults() {
    for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
        let bytes = [frame(Opcode::Text, b"good"), raw(0x80 | opcode, 0x80, &MASK)].concat();
        let (heard, fault) = read(&bytes);
        assert_eq!(heard, [text("good")], "{opcode}");
        assert!(matches!(fault, Some(Fault::Protocol(_))), "{opcode}");
    }
}

#[test]
fn autobahn_5_fragments() {
    let first = || fragment(Opcode::Text, false, b"frag");
    let middle = || fragment(Opcode::Continuation, false, b"me");
    let last = || fragment(Opcode::Continuation, true, b"nt");
    let ping = || frame(Opcode::Ping, b"p");
    let heard_ping = || Heard::Ping(b"p".to_vec());
    // 5.3 to 5.8: whole, and with control frames between
    assert_eq!(read(&[first(), last()].concat()), (vec![text("fragnt")], None));
    assert_eq!(read(&[first(), middle(), last()].concat()), (vec![text("fragment")], None));
    assert_eq!(read(&[first(), ping(), last()].concat()), (vec![heard_ping(), text("fragnt")], None));
    assert_eq!(
        read(&[first(), ping(), middle(), ping(), last(), ping()].concat()),
        (vec![heard_ping(), heard_ping(), text("fragment"), heard_ping()], None)
    );
    // Two messages after each other, the first one in fragments
    assert_eq!(
        read(&[first(), last(), frame(Opcode::Binary, b"x"), first(), last()].concat()),
        (vec![text("fragnt"), Heard::Binary(b"x".to_vec()), text("fragnt")], None)
    );
    // Fragments that are empty
    let empty = |opcode, fin| fragment(opcode, fin, b"");
    let all_empty = [empty(Opcode::Text, false), empty(Opcode::Continuation, false), empty(Opcode::Continuation, true)];
    assert_eq!(read(&all_empty.concat()), (vec![text("")], None));
    // A close between fragments
    assert_eq!(read(&[first(), close(1000, b"")].concat()).0, [Heard::Close(Some(1000), String::new())]);

    let faulty = [
        // 5.1, 5.2: control frames in fragments
        fragment(Opcode::Ping, false, b"x"),
        fragment(Opcode::Pong, false, b"x"),
        fragment(Opcode::Close, false, b""),
        // 5.9 to 5.14: a continuation of nothing
        last(),
        middle(),
        // 5.15: after a message has ended
        [first(), last(), last()].concat(),
        // 5.18: a new message inside a fragmented one
        [first(), frame(Opcode::Text, b"x")].concat(),
        [first(), frame(Opcode::Binary, b"x")].concat(),
        [first(), fragment(Opcode::Text, false, b"x")].concat(),
    ];
    for (n, bytes) in faulty.iter().enumerate() {
        assert!(matches!(read(bytes).1, Some(Fault::Protocol(_))), "{n}");
    }
}

#[test]
fn autobahn_6_text_is_utf8_or_a_fault_at_once() {
    let good =
        ["", "κόσμε", "Hello-µ@ßöäüàá-UTF-8!!", "\u{0}", "\u{7f}", "\u{7ff}", "\u{ffff}", "\u{10ffff}", "\u{1F600}"];
    for payload in good {
        assert_eq!(read(&frame(Opcode::Text, payload.as_bytes())), (vec![text(payload)], None));
        let bytes = payload.as_bytes();
        // 6.2: cut inside characters
        for cut in 0..bytes.len() {
            let parts =
                [fragment(Opcode::Text, false, &bytes[..cut]), fragment(Opcode::Continuation, true, &bytes[cut..])];
            assert_eq!(read(&parts.concat()), (vec![text(payload)], None), "{payload:?} cut at {cut}");
        }
    }
    let bad: [&[u8]; 12] = [
        b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80\x65\x64", // 6.3: a surrogate
        b"\xf8\x88\x80\x80\x80",                                             // five bytes
        b"\xc0\xaf",                                                         // overlong
        b"\xe0\x80\xaf",
        b"\xf0\x80\x80\xaf",
        b"\xf4\x90\x80\x80", // over U+10FFFF
        b"\xed\xbf\xbf",
        b"\x80",
        b"\xfe",
        b"\xff",
        b"\xce", // ends inside a character
        b"\xf0\x9f\x98",
    ];
    for payload in bad {
        assert_eq!(read(&frame(Opcode::Text, payload)), (vec![], Some(Fault::BadData)), "{payload:?}");
        assert_eq!(read(&frame(Opcode::Binary, payload)), (vec![Heard::Binary(payload.into())], None));
    }
    // 6.4: the fault is seen before the message is whole
    let begun = fragment(Opcode::Text, false, b"\xce\xba\xed\xa0\x80");
    assert_eq!(read(&begun), (vec![], Some(Fault::BadData)));
    let mut cut = frame(Opcode::Text, b"\xce\xba\xf4\x90\x80\x80 and so on");
    cut.truncate(2 + 4 + 5);
    assert_eq!(read(&cut), (vec![], Some(Fault::BadData)));
}

#[test]
fn autobahn_7_close_frames() {
    let heard = |bytes: Vec<u8>| read(&bytes);
    assert_eq!(heard(frame(Opcode::Close, b"")), (vec![Heard::Close(None, String::new())], None));
    assert_eq!(heard(close(1000, b"bye")), (vec![Heard::Close(Some(1000), "bye".into())], None));
    assert_eq!(heard(close(1000, &[b'*'; 123])).1, None);
    // 7.3.2: half a code; 7.3.6: too long
    assert!(matches!(heard(frame(Opcode::Close, b"\x03")).1, Some(Fault::Protocol(_))));
    assert!(matches!(heard(close(1000, &[b'*'; 124])).1, Some(Fault::Protocol(_))));
    // 7.5.1: a reason that is not UTF-8
    assert_eq!(heard(close(1000, b"\xce\xba\xed\xa0\x80")).1, Some(Fault::BadData));
    // 7.7, 7.9, 7.13: codes
    for code in [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999] {
        assert_eq!(heard(close(code, b"")).0, [Heard::Close(Some(code), String::new())], "{code}");
    }
    for code in [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535] {
        assert!(matches!(heard(close(code, b"")).1, Some(Fault::Protocol(_))), "{code}");
    }
}

#[test]
fn masking_is_for_clients_only() {
    let mut unmasked = BytesMut::new();
    put_frame(&mut unmasked, Opcode::Text, b"x");
    assert!(matches!(read(&unmasked).1, Some(Fault::Protocol(_))));
    let masked = frame(Opcode::Text, b"x");
    assert!(matches!(read_pieces(From::Server, LIMIT, [&masked[..]]).1, Some(Fault::Protocol(_))));
    assert_eq!(read_pieces(From::Server, LIMIT, [&unmasked[..]]), (vec![text("x")], None));
}

#[test]
fn lengths_must_be_honest_and_short() {
    let padded = |second: u8, length: &[u8]| raw(0x82, second, &[length, &MASK, &[0; 200]].concat());
    assert!(matches!(read(&padded(0x80 | 126, &125_u16.to_be_bytes())).1, Some(Fault::Protocol(_))));
    assert!(matches!(read(&padded(0x80 | 127, &65_535_u64.to_be_bytes())).1, Some(Fault::Protocol(_))));
    assert!(matches!(read(&padded(0x80 | 127, &(1_u64 << 63).to_be_bytes())).1, Some(Fault::Protocol(_))));
}

#[test]
fn a_header_that_tells_of_more_than_there_can_be_has_no_length() {
    assert_eq!(frame_length(&[0x82, 127, 255, 255, 255, 255, 255, 255, 255, 255]), None);
    assert_eq!(frame_length(&[0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]), Some(65_546));
}

#[test]
fn too_big_is_known_from_the_header_alone() {
    let mut header = frame(Opcode::Binary, &vec![0; LIMIT + 1]);
    header.truncate(14);
    assert_eq!(read(&header).1, Some(Fault::TooBig));
    let huge = raw(0x82, 0xff, &[&(u64::MAX >> 1).to_be_bytes()[..], &MASK].concat());
    assert_eq!(read(&huge).1, Some(Fault::TooBig));
    // and over fragments together
    let half = vec![b'x'; LIMIT / 2 + 1];
    let both = [fragment(Opcode::Text, false, &half), fragment(Opcode::Continuation, true, &half)].concat();
    assert_eq!(read_pieces(From::Client, LIMIT, [&both[..]]).1, Some(Fault::TooBig));
}

/// What a client may send.
#[derive(Clone, Debug)]
enum Sent {
    Text(String),
    Binary(Vec<u8>),
    Ping(Vec<u8>),
    Close(u16, String),
}

fn sent() -> impl Strategy<Value = Sent> {
    prop_oneof![
        ".{0,200}".prop_map(Sent::Text),
        prop::collection::vec(any::<u8>(), 0..70_000).prop_map(Sent::Binary),
        prop::collection::vec(any::<u8>(), 0..126).prop_map(Sent::Ping),
        (prop_oneof![1000_u16..1004, 1007_u16..1012, 3000_u16..5000], "[a-z]{0,100}")
            .prop_map(|(c, r)| Sent::Close(c, r)),
    ]
}

impl Sent {
    fn frames(&self, mask: [u8; 4], cuts: usize) -> Vec<u8> {
        let mut out = BytesMut::new();
        match self {
            Self::Ping(payload) => put_masked_frame(&mut out, Opcode::Ping, payload, mask),
            Self::Close(code, reason) => {
                let payload = [&code.to_be_bytes(), reason.as_bytes()].concat();
                put_masked_frame(&mut out, Opcode::Close, &payload, mask);
            }
            Self::Text(text) => put_pieces(&mut out, Opcode::Text, text.as_bytes(), mask, cuts),
            Self::Binary(bytes) => put_pieces(&mut out, Opcode::Binary, bytes, mask, cuts),
        }
        out.to_vec()
    }

    fn heard(&self) -> Heard {
        match self.clone() {
            Self::Text(text) => Heard::Text(text),
            Self::Binary(bytes) => Heard::Binary(bytes),
            Self::Ping(bytes) => Heard::Ping(bytes),
            Self::Close(code, reason) => Heard::Close(Some(code), reason),
        }
    }
}

fn put_pieces(out: &mut BytesMut, opcode: Opcode, payload: &[u8], mask: [u8; 4], cuts: usize) {
    let size = payload.len().div_ceil(cuts + 1).max(1);
    let mut pieces = payload.chunks(size).peekable();
    if pieces.peek().is_none() {
        put_masked_frame(out, opcode, payload, mask);
    }
    let mut opcode = opcode;
    while let Some(piece) = pieces.next() {
        put_masked_fragment(out, opcode, pieces.peek().is_none(), piece, mask);
        opcode = Opcode::Continuation;
    }
}

/// A stream that reads from one buffer and writes into another.
struct Pipe {
    input: Cursor<Vec<u8>>,
    output: Vec<u8>,
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.input.read(buffer)
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.output.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn oracle(role: tungstenite::protocol::Role, input: Vec<u8>) -> tungstenite::WebSocket<Pipe> {
    let config =
        tungstenite::protocol::WebSocketConfig::default().max_message_size(Some(100_000)).max_frame_size(Some(100_000));
    tungstenite::WebSocket::from_raw_socket(Pipe { input: Cursor::new(input), output: Vec::new() }, role, Some(config))
}

fn from_oracle(message: tungstenite::Message) -> Option<Heard> {
    Some(match message {
        tungstenite::Message::Text(text) => Heard::Text(text.as_str().to_owned()),
        tungstenite::Message::Binary(bytes) => Heard::Binary(bytes.to_vec()),
        tungstenite::Message::Ping(bytes) => Heard::Ping(bytes.to_vec()),
        tungstenite::Message::Pong(bytes) => Heard::Pong(bytes.to_vec()),
        tungstenite::Message::Close(None) => Heard::Close(None, String::new()),
        tungstenite::Message::Close(Some(close)) => {
            Heard::Close(Some(close.code.into()), close.reason.as_str().to_owned())
        }
        tungstenite::Message::Frame(_) => return None,
    })
}

fn is_refused_close(end: &tungstenite::Result<tungstenite::Message>) -> bool {
    use tungstenite::protocol::frame::coding::CloseCode;
    matches!(end, Ok(tungstenite::Message::Close(Some(frame))) if frame.code == CloseCode::Protocol)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_a_client_sends_is_heard_however_it_is_cut(
        messages in prop::collection::vec((sent(), any::<[u8; 4]>(), 0_usize..4), 1..6),
        piece in 1_usize..5_000,
    ) {
        let bytes: Vec<u8> = messages.iter().flat_map(|(sent, mask, cuts)| sent.frames(*mask, *cuts)).collect();
        let expected: Vec<Heard> = messages.iter().map(|(sent, ..)| sent.heard()).collect();
        prop_assert_eq!(read_pieces(From::Client, 100_000, [&bytes[..]]), (expected.clone(), None));
        prop_assert_eq!(read_pieces(From::Client, 100_000, bytes.chunks(piece)), (expected, None));
    }

    #[test]
    fn the_oracle_hears_what_a_server_sends(
        payloads in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..70_000), any::<bool>()), 1..4),
    ) {
        let mut bytes = BytesMut::new();
        for (payload, is_ping) in &payloads {
            let short = &payload[..payload.len().min(125)];
            if *is_ping { put_frame(&mut bytes, Opcode::Ping, short) } else { put_frame(&mut bytes, Opcode::Binary, payload) }
        }
        bytes.extend_from_slice(&ws::close_frame(4008, "too slow"));
        let mut walked = 0;
        for _ in 0..=payloads.len() {
            walked += frame_length(&bytes[walked..]).expect("a header");
        }
        prop_assert_eq!(walked, bytes.len());
        let mut oracle = oracle(tungstenite::protocol::Role::Client, bytes.to_vec());
        for (payload, is_ping) in payloads {
            let heard = from_oracle(oracle.read().expect("reads"));
            let expected = if is_ping {
                Heard::Ping(payload[..payload.len().min(125)].to_vec())
            } else {
                Heard::Binary(payload)
            };
            prop_assert_eq!(heard, Some(expected));
        }
        prop_assert_eq!(from_oracle(oracle.read().expect("reads")), Some(Heard::Close(Some(4008), "too slow".into())));
    }

    #[test]
    fn what_the_oracle_sends_is_heard(payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..70_000), 1..4)) {
        let mut oracle = oracle(tungstenite::protocol::Role::Client, Vec::new());
        for payload in &payloads {
            oracle.send(tungstenite::Message::binary(payload.clone())).expect("sends");
        }
        let expected: Vec<Heard> = payloads.into_iter().map(Heard::Binary).collect();
        prop_assert_eq!(read_pieces(From::Client, 100_000, [&oracle.get_ref().output[..]]), (expected, None));
    }

    /// Arbitrary bytes behind a plausible beginning: both must hear the same messages, and fail or not alike.
    #[test]
    fn the_oracle_agrees_about_noise(
        frames in prop::collection::vec(
            (any::<u8>(), 0_u8..127, any::<[u8; 4]>(), prop::collection::vec(any::<u8>(), 0..130)), 1..4),
    ) {
        let mut bytes = Vec::new();
        for (first, length, mask, mut payload) in frames {
            // Keep the length honest now and then, or the noise would never get past its first frame.
            if length % 4 != 0 {
                payload.resize(usize::from(length.min(125)), b'a');
            }
            bytes.extend([first & 0x8f, 0x80 | length.min(125)]);
            bytes.extend(mask);
            bytes.extend(payload);
        }
        let (heard, fault) = read_pieces(From::Client, 100_000, [&bytes[..]]);
        let mut oracle = oracle(tungstenite::protocol::Role::Server, bytes);
        for ours in &heard {
            let theirs = from_oracle(oracle.read().expect("the oracle hears it too"));
            match (&theirs, ours) {
                // The oracle does not tell texts that follow a close apart from noise.
                (Some(theirs), ours) => prop_assert_eq!(theirs, ours),
                (None, _) => prop_assert!(false, "the oracle heard nothing"),
            }
            if matches!(ours, Heard::Close(..)) {
                return Ok(());
            }
        }
        let end = oracle.read();
        match fault {
            // A close whose code nobody may send, the oracle tells as one for a fault of the protocol.
            Some(_) => prop_assert!(
                end.is_err() || is_refused_close(&end),
                "the oracle heard {end:?}"
            ),
            None => prop_assert!(matches!(
                end,
                Err(tungstenite::Error::Io(_) | tungstenite::Error::ConnectionClosed
                    | tungstenite::Error::Protocol(tungstenite::error::ProtocolError::ResetWithoutClosingHandshake))
            ), "the oracle said {end:?}"),
        }
    }
}
