//! Makes sounds as far as they are read: headers, and frames of nothing. It looks at nothing.

use crate::stills::{SECRET, riff};

/// So many milliseconds of 8,000 bytes a second.
pub fn wav(ms: usize, is_live: bool) -> Vec<u8> {
    let format = [&[1, 0, 1, 0][..], &8000_u32.to_le_bytes(), &8000_u32.to_le_bytes(), &[1, 0, 8, 0]].concat();
    let mut data = riff(b"data", &vec![128; ms * 8]);
    if is_live {
        data[4..8].copy_from_slice(&[0xFF; 4]);
    }
    riff(b"RIFF", &[&b"WAVE"[..], &riff(b"fmt ", &format), &riff(b"LIST", b"INFO"), &data].concat())
}

pub fn flac(samples: u64) -> Vec<u8> {
    let packed = 44_100_u64 << 44 | 1 << 41 | 15 << 36 | samples;
    [&b"fLaC\x80\0\0\x22"[..], &[0; 10], &packed.to_be_bytes(), &[0; 16], &[0xFF, 0xF8, 0, 0]].concat()
}

fn tag() -> Vec<u8> {
    [&b"ID3\x04\0\0\0\0\x01\0"[..], &[0; 128]].concat()
}

/// Frames of 1,152 samples at 44,100 a second, 128 kbit/s: 417 bytes.
pub fn mp3(frames: usize, told: Option<u32>) -> Vec<u8> {
    let mut frame = vec![0; 417];
    frame[..4].copy_from_slice(&[0xFF, 0xFB, 0x90, 0x00]);
    let mut first = frame.clone();
    if let Some(told) = told {
        first[36..44].copy_from_slice(b"Xing\0\0\0\x01");
        first[44..48].copy_from_slice(&told.to_be_bytes());
    }
    [tag(), first, frame.repeat(frames - 1)].concat()
}

/// Frames of 1,024 samples at 48,000 a second.
pub fn aac(frames: usize) -> Vec<u8> {
    let length = 200_u16;
    let mut frame = vec![0; length.into()];
    let low = (length & 7) as u8;
    frame[..7].copy_from_slice(&[0xFF, 0xF1, 0x4C, 0x80, (length >> 3) as u8, low << 5 | 0x1F, 0xFC]);
    frame.repeat(frames)
}

fn page(flags: u8, position: u64, serial: u32, content: &[u8]) -> Vec<u8> {
    let lacing = u8::try_from(content.len()).expect("one short packet");
    [b"OggS\0", &[flags][..], &position.to_le_bytes(), &serial.to_le_bytes(), &[0; 8], &[1, lacing], content].concat()
}

/// As a browser records it: 48,000 a second after the first 312.
pub fn opus(samples: u64) -> Vec<u8> {
    let head = [&b"OpusHead\x01\x01\x38\x01"[..], &48_000_u32.to_le_bytes(), &[0; 3]].concat();
    [
        page(2, 0, 9, &head),
        page(0, 0, 9, b"OpusTags"),
        page(0, 960, 9, &[7; 200]),
        page(0, samples + 312, 9, &[7; 200]),
        // In this one nothing ends.
        page(4, u64::MAX, 9, &[7; 200]),
    ]
    .concat()
}

/// 44,100 a second, and if it is a film, that beside it.
pub fn vorbis(samples: u64, has_film: bool) -> Vec<u8> {
    let film = [&b"\x80theora\x03\x02\x01\0\x28\0\x1E"[..], &[0, 2, 128], &[0, 1, 224], &[0; 20]].concat();
    let film = if has_film { page(2, 0, 5, &film) } else { vec![] };
    let head = [&b"\x01vorbis\0\0\0\0\x02"[..], &44_100_u32.to_le_bytes(), &[0; 14]].concat();
    let rest = [page(0, samples, 9, &[7; 200]), if has_film { page(4, 99, 5, &[7; 9]) } else { vec![] }];
    [film, page(2, 0, 9, &head), page(0, 0, 9, &[&b"\x03vorbis"[..], SECRET].concat()), rest.concat()].concat()
}
