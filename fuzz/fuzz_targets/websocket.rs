//! Bytes mean the same however they come in pieces, and what was read is read again from what is written of it.

#![no_main]

use bytes::BytesMut;
use chinwag_proto::ws::{Decoder, Fault, From, Opcode, WsMessage, frame_length, put_frame, put_masked_frame};
use libfuzzer_sys::fuzz_target;

const LIMIT: usize = 1024;

/// A message on its own.
#[derive(Debug, PartialEq)]
struct Said {
    opcode: Opcode,
    payload: Vec<u8>,
}

fn said(message: &WsMessage<'_>) -> Said {
    let (opcode, payload) = match *message {
        WsMessage::Text(text) => (Opcode::Text, text.as_bytes().to_vec()),
        WsMessage::Binary(bytes) => (Opcode::Binary, bytes.to_vec()),
        WsMessage::Ping(bytes) => (Opcode::Ping, bytes.to_vec()),
        WsMessage::Pong(bytes) => (Opcode::Pong, bytes.to_vec()),
        WsMessage::Close(None, _) => (Opcode::Close, Vec::new()),
        WsMessage::Close(Some(code), reason) => (Opcode::Close, [&code.to_be_bytes(), reason.as_bytes()].concat()),
    };
    Said { opcode, payload }
}

/// What comes out of these bytes in pieces of such lengths, up to the first fault.
fn read(from: From, bytes: &[u8], lengths: &[u8]) -> (Vec<Said>, Option<Fault>) {
    let (mut bytes, mut all) = (bytes.to_vec(), Vec::new());
    let mut decoder = Decoder::new(from, LIMIT);
    let mut rest = bytes.as_mut_slice();
    let mut lengths = lengths.iter().cycle();
    while !rest.is_empty() {
        let length = lengths.next().map_or(rest.len(), |length| usize::from(*length) + 1).min(rest.len());
        let (mut piece, behind) = std::mem::take(&mut rest).split_at_mut(length);
        rest = behind;
        loop {
            match decoder.next(&mut piece) {
                Ok(Some(message)) => all.push(said(&message)),
                Ok(None) => break,
                Err(fault) => return (all, Some(fault)),
            }
        }
        assert!(piece.is_empty(), "bytes are left behind");
    }
    (all, None)
}

fuzz_target!(|input: (bool, &[u8], &[u8])| {
    let (client, lengths, bytes) = input;
    let from = if client { From::Client } else { From::Server };
    let whole = read(from, bytes, &[]);
    assert_eq!(whole, read(from, bytes, lengths));
    for said in whole.0 {
        assert!(said.payload.len() <= LIMIT);
        let mut written = BytesMut::new();
        if client {
            put_masked_frame(&mut written, said.opcode, &said.payload, [7, 0, 255, 99]);
        } else {
            put_frame(&mut written, said.opcode, &said.payload);
            assert_eq!(frame_length(&written), Some(written.len()));
        }
        assert_eq!(read(from, &written, lengths), (vec![said], None));
    }
    let _ = frame_length(bytes);
});
