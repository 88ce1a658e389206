//! Writes an event once per lane, WebSocket header and all. It does not choose who gets it (that is `hub.rs`).

use bytes::{Bytes, BytesMut};
use chinwag_proto::{
    Event,
    frame::{Encoding, encode_event, encode_for_gochat},
    ws::{self, Opcode},
};

use crate::sink::{LANES, Lane};

/// The frame of this event in that lane; empty where the lane has no frame for it.
pub fn encode(lane: Lane, event: &Event) -> Bytes {
    let mut out = BytesMut::new();
    put_event(&mut out, lane, event);
    out.freeze()
}

/// Appends the frame of this event to `out`.
pub fn put_event(out: &mut BytesMut, lane: Lane, event: &Event) {
    let is_sent = match event {
        Event::System(it) => it.seq > 0 || lane == Lane::Legacy,
        // What a client that does not know the field would take for the opposite.
        Event::Typing(it) => it.stopped.is_none() || lane != Lane::Legacy,
        // How many there are, and no names.
        Event::Userlist(it) => !(it.users.is_empty() && it.total > 0) || lane != Lane::Legacy,
        _ => true,
    };
    if !is_sent {
        return;
    }
    match lane {
        Lane::Json => ws::put_frame(out, Opcode::Text, &encode_event(Encoding::Json, event)),
        Lane::Legacy => ws::put_frame(out, Opcode::Text, &encode_for_gochat(event)),
        Lane::Proto => ws::put_frame(out, Opcode::Binary, &encode_event(Encoding::Proto, event)),
        Lane::Plain => {
            // Files by their names: nobody here can fetch them.
            if let Event::Text(text) = event {
                // A line of its own would pass for another person's text (spoofing): each further line is indented.
                let names = text.attachments.iter().map(|file| format!("[{}]", file.file_name));
                let said = Some(text.content.clone()).filter(|content| !content.is_empty());
                let lines = said.into_iter().chain(names).collect::<Vec<_>>().join("\n");
                let lines = lines.replace(is_line_break, "\n  ");
                ws::put_frame(out, Opcode::Text, format!("{}:{lines}", text.username).as_bytes());
            }
        }
    }
}

fn is_line_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Where a frame lies in the bytes of each lane, and its log position; 0 for a hint.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FrameSpan {
    pub start: [usize; LANES],
    pub end: [usize; LANES],
    pub seq: i64,
}

/// Consecutive events of one room, written for the lanes of `mask`.
#[derive(Debug, Default)]
pub(crate) struct Run<'e> {
    pub events: Vec<(&'e Event, i64)>,
    pub bytes: [BytesMut; LANES],
    pub spans: Vec<FrameSpan>,
    mask: u8,
}

impl<'e> Run<'e> {
    pub fn new(mask: u8) -> Self {
        Self { mask, ..Self::default() }
    }

    /// One event alone.
    pub fn of(mask: u8, event: &'e Event, seq: i64) -> Self {
        let mut run = Self::new(mask);
        run.push(event, seq);
        run
    }

    pub fn push(&mut self, event: &'e Event, seq: i64) {
        let start = self.lengths();
        for lane in Lane::ALL {
            if self.mask & bit(lane) != 0 {
                put_event(&mut self.bytes[lane as usize], lane, event);
            }
        }
        self.events.push((event, seq));
        self.spans.push(FrameSpan { start, end: self.lengths(), seq });
    }

    /// Writes the lanes that got their first listener since the run was begun.
    pub fn cover(&mut self, mask: u8) {
        if mask & !self.mask == 0 {
            return;
        }
        let events = std::mem::take(&mut self.events);
        *self = Self::new(mask | self.mask);
        for (event, seq) in events {
            self.push(event, seq);
        }
    }

    fn lengths(&self) -> [usize; LANES] {
        std::array::from_fn(|lane| self.bytes[lane].len())
    }
}

pub(crate) const fn bit(lane: Lane) -> u8 {
    1 << lane as u8
}
