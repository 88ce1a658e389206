//! WebM and Matroska: elements in elements. How long and how large, and whether there is a film; who records while writing leaves the
//! length out, and then it is where the last block stands. Nothing is decoded.

use std::ops::Range;

use crate::{
    content::Content,
    recording::{Recording, milliseconds, sides},
};

const EBML: u32 = 0x1A45_DFA3;
const DOC_TYPE: u32 = 0x4282;
const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_A966;
const TIMESTAMP_SCALE: u32 = 0x2A_D7B1;
const DURATION: u32 = 0x4489;
const TRACKS: u32 = 0x1654_AE6B;
const TRACK_ENTRY: u32 = 0xAE;
const TRACK_TYPE: u32 = 0x83;
const VIDEO: u32 = 0xE0;
const PIXEL_WIDTH: u32 = 0xB0;
const PIXEL_HEIGHT: u32 = 0xBA;
const DISPLAY_WIDTH: u32 = 0x54B0;
const DISPLAY_HEIGHT: u32 = 0x54BA;
const DISPLAY_UNIT: u32 = 0x54B2;
const CLUSTER: u32 = 0x1F43_B675;
const TIMESTAMP: u32 = 0xE7;
const SIMPLE_BLOCK: u32 = 0xA3;
const BLOCK_GROUP: u32 = 0xA0;
const BLOCK: u32 = 0xA1;
const BLOCK_DURATION: u32 = 0x9B;

struct Element {
    id: u32,
    body: u64,
    /// None for one that ends where something begins that cannot be in it.
    end: Option<u64>,
}

struct Walk {
    /// Nanoseconds of a tick.
    scale: u64,
    told: Option<f64>,
    has_sound: bool,
    has_film: bool,
    size: Option<(i32, i32)>,
    last: u64,
}

pub(crate) fn read(content: &mut Content) -> Option<Recording> {
    let length = content.length();
    let header = element(content, 0, length).filter(|header| header.id == EBML)?;
    let is_webm = is_webm(content, header.body..header.end?)?;
    let segment = element(content, header.end?, length).filter(|segment| segment.id == SEGMENT)?;
    let mut walk = Walk { scale: 1_000_000, told: None, has_sound: false, has_film: false, size: None, last: 0 };
    walk.segment(content, segment.body..segment.end.unwrap_or(length))?;
    if !walk.has_sound && !walk.has_film {
        return None;
    }
    let media_type = match (is_webm, walk.has_film) {
        (true, true) => "video/webm",
        (true, false) => "audio/webm",
        (false, true) => "video/x-matroska",
        (false, false) => "audio/x-matroska",
    };
    let told = walk.told.filter(|ticks| ticks.is_finite() && *ticks >= 1.0);
    // What is no number of ticks by far is cut off here and refused as a time.
    let ticks = told.map_or(walk.last, |ticks| ticks as u64);
    let duration_ms = milliseconds(ticks.saturating_mul(walk.scale), 1_000_000_000);
    Some(Recording { media_type, has_video: walk.has_film, size: walk.size, duration_ms })
}

fn is_webm(content: &mut Content, within: Range<u64>) -> Option<bool> {
    let mut at = within.start;
    while at < within.end {
        let field = element(content, at, within.end)?;
        if field.id == DOC_TYPE {
            let name = content.up_to(field.body, usize::try_from(field.end? - field.body).ok()?.min(16))?;
            return match name.trim_ascii_end() {
                b"webm" => Some(true),
                b"matroska" => Some(false),
                _ => None,
            };
        }
        at = field.end?;
    }
    None
}

impl Walk {
    fn segment(&mut self, content: &mut Content, within: Range<u64>) -> Option<()> {
        let mut at = within.start;
        let mut last_cluster = None;
        // What is cut off at the end is no lie: a recording may have been.
        while let Some(part) = element(content, at, within.end) {
            match (part.id, part.end) {
                (INFO, Some(end)) => self.info(content, part.body..end)?,
                (TRACKS, Some(end)) => self.tracks(content, part.body..end)?,
                (CLUSTER, Some(end)) => last_cluster = Some(part.body..end),
                (CLUSTER, None) => {
                    at = self.cluster(content, part.body..within.end)?;
                    continue;
                }
                (_, None) => return None,
                _ => {}
            }
            at = part.end?;
        }
        if let Some(cluster) = last_cluster.filter(|_| self.told.is_none()) {
            self.cluster(content, cluster)?;
        }
        Some(())
    }

    fn info(&mut self, content: &mut Content, within: Range<u64>) -> Option<()> {
        each(content, within, |content, id, field| {
            match id {
                TIMESTAMP_SCALE => self.scale = number(content, &field)?,
                DURATION if field.end - field.start == 4 => {
                    self.told = Some(f32::from_be_bytes(content.array(field.start)?).into());
                }
                DURATION => self.told = Some(f64::from_be_bytes(content.array(field.start)?)),
                _ => {}
            }
            Some(())
        })
    }

    fn tracks(&mut self, content: &mut Content, within: Range<u64>) -> Option<()> {
        each(
            content,
            within,
            |content, id, entry| if id == TRACK_ENTRY { self.track(content, entry) } else { Some(()) },
        )
    }

    fn track(&mut self, content: &mut Content, within: Range<u64>) -> Option<()> {
        each(content, within, |content, id, field| {
            match id {
                TRACK_TYPE => match number(content, &field)? {
                    1 => self.has_film = true,
                    2 => self.has_sound = true,
                    _ => {}
                },
                VIDEO if self.size.is_none() => self.size = shown(content, field)?,
                _ => {}
            }
            Some(())
        })
    }

    /// Notes how far the blocks go, and gives where the cluster ends.
    fn cluster(&mut self, content: &mut Content, within: Range<u64>) -> Option<u64> {
        let (mut at, mut time) = (within.start, 0);
        while let Some(part) = element(content, at, within.end) {
            // An id of four bytes is that of a part of the segment: of one that has no end this is it.
            let (Some(end), true) = (part.end, part.id < 1 << 24) else { return Some(at) };
            match part.id {
                TIMESTAMP => time = number(content, &(part.body..end))?,
                SIMPLE_BLOCK => self.block(content, part.body, time, 0)?,
                BLOCK_GROUP => self.group(content, part.body..end, time)?,
                _ => {}
            }
            at = end;
        }
        Some(within.end)
    }

    fn group(&mut self, content: &mut Content, within: Range<u64>, time: u64) -> Option<()> {
        let (mut block, mut lasts) = (None, 0);
        each(content, within, |content, id, field| {
            match id {
                BLOCK => block = Some(field.start),
                BLOCK_DURATION => lasts = number(content, &field)?,
                _ => {}
            }
            Some(())
        })?;
        self.block(content, block?, time, lasts)
    }

    /// It begins with the number of its track and how far it is from the cluster's time.
    fn block(&mut self, content: &mut Content, at: u64, time: u64, lasts: u64) -> Option<()> {
        let width = u64::from(content.array::<1>(at)?[0].leading_zeros()) + 1;
        let offset = i16::from_be_bytes(content.array(at + width)?);
        let end = time.checked_add_signed(offset.into()).unwrap_or(time).saturating_add(lasts);
        self.last = self.last.max(end);
        Some(())
    }
}

/// The sides as they are shown, if they are told in pixels.
fn shown(content: &mut Content, within: Range<u64>) -> Option<Option<(i32, i32)>> {
    let (mut pixels, mut display, mut unit) = ((0, 0), (0, 0), 0);
    each(content, within, |content, id, field| {
        match id {
            PIXEL_WIDTH => pixels.0 = number(content, &field)?,
            PIXEL_HEIGHT => pixels.1 = number(content, &field)?,
            DISPLAY_WIDTH => display.0 = number(content, &field)?,
            DISPLAY_HEIGHT => display.1 = number(content, &field)?,
            DISPLAY_UNIT => unit = number(content, &field)?,
            _ => {}
        }
        Some(())
    })?;
    let display = if unit == 0 { sides(display.0, display.1) } else { None };
    Some(display.or_else(|| sides(pixels.0, pixels.1)))
}

/// Calls with each element of a stretch.
fn each(
    content: &mut Content,
    within: Range<u64>,
    mut with: impl FnMut(&mut Content, u32, Range<u64>) -> Option<()>,
) -> Option<()> {
    let mut at = within.start;
    while at < within.end {
        let part = element(content, at, within.end)?;
        with(content, part.id, part.body..part.end?)?;
        at = part.end?;
    }
    Some(())
}

fn element(content: &mut Content, at: u64, limit: u64) -> Option<Element> {
    if at >= limit {
        return None;
    }
    let head = content.up_to(at, 12)?;
    let width = head.first()?.leading_zeros() as usize + 1;
    let id = head.get(..width).filter(|_| width <= 4)?;
    let id = id.iter().fold(0, |id, &byte| id << 8 | u32::from(byte));
    let size = head.get(width..)?;
    let size_width = size.first()?.leading_zeros() as usize + 1;
    let size = size.get(..size_width).filter(|_| size_width <= 8)?;
    let size = size.iter().fold(0, |size, &byte| size << 8 | u64::from(byte)) & ((1 << (7 * size_width)) - 1);
    let body = at + (width + size_width) as u64;
    let is_unknown = size == (1 << (7 * size_width)) - 1;
    let end = (!is_unknown).then(|| body.saturating_add(size).min(limit));
    (body <= limit).then_some(Element { id, body, end })
}

fn number(content: &mut Content, field: &Range<u64>) -> Option<u64> {
    let bytes = content.up_to(field.start, usize::try_from(field.end - field.start).ok().filter(|&size| size <= 8)?)?;
    Some(bytes.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)))
}
