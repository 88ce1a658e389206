//! MP3, and AAC as a bare stream: frames one behind the other, counted, or as many as a header says there are. Nothing is decoded.

use crate::{
    content::Content,
    recording::{Recording, milliseconds},
};

/// Tags before the sound, and how far behind them the first frame may be.
const TAGS: usize = 4;
const GAP: usize = 64 << 10;
/// Fewer frames may be there by chance; of more than these, the rest is taken to be like them.
const FEWEST: u64 = 3;
const COUNTED: u64 = 4_000;

const MP3_RATES: [u64; 3] = [44_100, 48_000, 32_000];
const MP3_BITRATES: [[u64; 14]; 2] = [
    [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
    [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
];
const AAC_RATES: [u64; 13] =
    [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];

type Head = [u8; 7];

#[derive(Clone, Copy)]
struct Frame {
    bytes: u64,
    samples: u64,
    rate: u64,
}

pub(crate) fn read(content: &mut Content) -> Option<Recording> {
    let mut from = 0;
    for _ in 0..TAGS {
        let Some([b'I', b'D', b'3', _, _, flags, size @ ..]) = content.array::<10>(from) else { break };
        let size = size.iter().fold(0, |size, &byte| size << 7 | u64::from(byte & 0x7F));
        from += 10 + size + if flags & 0x10 == 0 { 0 } else { 10 };
    }
    let gap = content.up_to(from, GAP)?;
    let mut starts = gap.windows(size_of::<Head>()).zip(from..).filter(|(head, _)| head[0] == 0xFF);
    starts.find_map(|(head, at)| {
        let head: Head = head.try_into().ok()?;
        if let Some(frame) = mp3(head) {
            let told = mp3_frames(content, at, head).map(|frames| frames * frame.samples);
            return sound(content, at, mp3, told).map(|duration| Recording::sound("audio/mpeg", duration));
        }
        aac(head)?;
        sound(content, at, aac, None).map(|duration| Recording::sound("audio/aac", duration))
    })
}

/// How long the sound is that begins here, if it is one.
fn sound(content: &mut Content, from: u64, frame: fn(Head) -> Option<Frame>, told: Option<u64>) -> Option<Option<i64>> {
    let first = content.array(from).and_then(frame)?;
    let (mut at, mut frames, mut samples) = (from, 0, 0);
    while frames < COUNTED
        && let Some(next) = content.array(at).and_then(frame)
        && next.rate == first.rate
    {
        at += next.bytes;
        samples += next.samples;
        frames += 1;
    }
    if frames < FEWEST {
        return None;
    }
    if frames == COUNTED {
        samples = samples * content.length().saturating_sub(from) / (at - from);
    }
    Some(milliseconds(told.unwrap_or(samples), first.rate))
}

fn mp3(head: Head) -> Option<Frame> {
    let [0xFF, kind, rates, ..] = head else { return None };
    // The third layer, of the first, the second or what is called the second and a half version.
    let (is_first, shift) = match kind & 0xFE {
        0xFA => (true, 0),
        0xF2 => (false, 1),
        0xE2 => (false, 2),
        _ => return None,
    };
    let bitrate = MP3_BITRATES[usize::from(!is_first)].get(usize::from(rates >> 4).checked_sub(1)?)?;
    let rate = MP3_RATES.get(usize::from(rates >> 2 & 3))? >> shift;
    let samples = if is_first { 1152 } else { 576 };
    let bytes = samples / 8 * bitrate * 1000 / rate + u64::from(rates >> 1 & 1);
    Some(Frame { bytes, samples, rate })
}

/// How many frames follow, where the first one is no sound but says so.
fn mp3_frames(content: &mut Content, at: u64, head: Head) -> Option<u64> {
    let (is_first, is_mono) = (head[1] & 0x08 != 0, head[3] >> 6 == 3);
    let xing = at
        + 4
        + if is_first {
            if is_mono { 17 } else { 32 }
        } else if is_mono {
            9
        } else {
            17
        };
    let frames = match content.array::<12>(xing)? {
        [b'X', b'i', b'n', b'g', _, _, _, flags, frames @ ..]
        | [b'I', b'n', b'f', b'o', _, _, _, flags, frames @ ..]
            if flags & 1 != 0 =>
        {
            frames
        }
        _ => match content.array::<18>(at + 36)? {
            [b'V', b'B', b'R', b'I', _, _, _, _, _, _, _, _, _, _, frames @ ..] => frames,
            _ => return None,
        },
    };
    Some(u64::from(u32::from_be_bytes(frames))).filter(|&frames| frames > 0)
}

fn aac(head: Head) -> Option<Frame> {
    let [0xFF, kind, rate, high, middle, low, blocks] = head else { return None };
    if kind & 0xF6 != 0xF0 {
        return None;
    }
    let rate = *AAC_RATES.get(usize::from(rate >> 2 & 0x0F))?;
    let bytes = u64::from(high & 3) << 11 | u64::from(middle) << 3 | u64::from(low >> 5);
    (bytes >= 7).then_some(Frame { bytes, samples: 1024 * (u64::from(blocks & 3) + 1), rate })
}
