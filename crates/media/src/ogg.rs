//! Ogg: what its first pages carry, and how far its last one goes. Nothing is decoded.

use crate::{
    content::Content,
    recording::{Recording, milliseconds, sides},
};

/// Streams side by side that are looked at.
const STREAMS: usize = 8;
/// A page has at most 65,307 bytes: in this much of the end stands a whole one.
const TAIL: u64 = 128 << 10;
const PAGE: &[u8] = b"OggS";
const FIRST: u8 = 2;

/// A stream that tells time.
struct Sound {
    serial: u32,
    rate: u64,
    /// Samples at the beginning that are not heard.
    skipped: u64,
}

pub(crate) fn read(content: &mut Content) -> Option<Recording> {
    let (mut at, mut sound, mut film) = (0, None, None);
    for _ in 0..STREAMS {
        let page = content.up_to(at, 27 + 255 + 255)?;
        let Some(header) = header(&page).filter(|header| header.flags & FIRST != 0) else { break };
        let body = page.get(27 + header.lacing.len()..)?;
        sound = sound.or_else(|| sound_of(body, header.serial));
        film = film.or_else(|| film_of(body));
        at += 27 + header.lacing.len() as u64 + header.lacing.iter().map(|&part| u64::from(part)).sum::<u64>();
    }
    if sound.is_none() && film.is_none() {
        return None;
    }
    let duration_ms = sound.and_then(|sound| {
        let from = content.length().saturating_sub(TAIL);
        let tail = content.up_to(from, usize::try_from(TAIL).ok()?)?;
        let pages = (0..tail.len()).rev().filter(|&at| tail[at..].starts_with(PAGE));
        // In a page in which nothing ends there is no position.
        let mut ends = pages.filter_map(|at| header(&tail[at..])).filter(|header| header.position != u64::MAX);
        let last = ends.find(|header| header.serial == sound.serial)?;
        milliseconds(last.position.saturating_sub(sound.skipped), sound.rate)
    });
    let media_type = if film.is_some() { "video/ogg" } else { "audio/ogg" };
    Some(Recording { media_type, has_video: film.is_some(), size: film.flatten(), duration_ms })
}

struct Header<'a> {
    flags: u8,
    position: u64,
    serial: u32,
    lacing: &'a [u8],
}

fn header(page: &[u8]) -> Option<Header<'_>> {
    let (head, rest) = page.split_first_chunk::<27>()?;
    if !head.starts_with(PAGE) || head[4] != 0 {
        return None;
    }
    let [_, _, _, _, _, flags, numbers @ ..] = head;
    let position = u64::from_le_bytes(*numbers.first_chunk()?);
    let serial = u32::from_le_bytes(*numbers[8..].first_chunk()?);
    Some(Header { flags: *flags, position, serial, lacing: rest.get(..usize::from(head[26]))? })
}

fn sound_of(body: &[u8], serial: u32) -> Option<Sound> {
    let number = |at: usize| body.get(at..)?.first_chunk().map(|bytes| u64::from(u32::from_le_bytes(*bytes)));
    let (rate, skipped) = if body.starts_with(b"OpusHead") {
        (48_000, u64::from(u16::from_le_bytes(*body.get(10..)?.first_chunk()?)))
    } else if body.starts_with(b"\x01vorbis") {
        (number(12)?, 0)
    } else if body.starts_with(b"Speex   ") {
        (number(36)?, 0)
    } else if body.starts_with(b"\x7FFLAC") {
        (u64::from(u32::from_be_bytes(*body.get(27..)?.first_chunk()?) >> 12), 0)
    } else {
        return None;
    };
    (rate > 0).then_some(Sound { serial, rate, skipped })
}

/// Whether there is a film, and its sides if they are told.
fn film_of(body: &[u8]) -> Option<Option<(i32, i32)>> {
    if !body.starts_with(b"\x80theora") {
        return None;
    }
    let side = |at: usize| body.get(at..)?.first_chunk().map(|&[a, b, c]| u64::from(u32::from_be_bytes([0, a, b, c])));
    Some(side(14).zip(side(17)).and_then(|(width, height)| sides(width, height)))
}
