//! Pictures without what is told beside them: where, when and with what they were taken, comments, thumbnails, and whatever stands
//! behind their end. The picture itself is not touched, and stays turned as it was. Nothing is decoded here.

use image::{ImageFormat, metadata::Orientation};

/// How a picture is to be turned, by what its camera said.
pub(crate) fn orientation(bytes: &[u8], format: ImageFormat) -> Orientation {
    let name: &[u8] = match format {
        ImageFormat::Jpeg => b"Exif\0\0",
        ImageFormat::Png => b"eXIf",
        _ => b"EXIF",
    };
    // In WebP the length stands behind the name.
    let behind = name.len() + if format == ImageFormat::WebP { 4 } else { 0 };
    let at = bytes.windows(name.len()).position(|window| window == name);
    let told = at.and_then(|at| Orientation::from_exif_chunk(bytes.get(at + behind..)?));
    told.unwrap_or(Orientation::NoTransforms)
}

/// Reads bytes one stretch after the other.
pub(crate) struct ByteCursor<'a>(&'a [u8]);

impl<'a> ByteCursor<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        self.0
    }
}

/// EXIF that tells how the picture is turned, and nothing else; nothing where it is not.
fn exif(orientation: Orientation) -> Option<Vec<u8>> {
    let turned = orientation.to_exif();
    // A directory of one entry: the tag 0x112, a short, one of it.
    let entry = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, turned, 0, 0];
    (turned != 1).then(|| [b"MM\0\x2A\0\0\0\x08\0\x01", &entry[..], &[0; 4]].concat())
}

// Markers of JPEG.
const START: u8 = 0xD8;
const END: u8 = 0xD9;
const SCAN: u8 = 0xDA;
const JFIF: u8 = 0xE0;
const EXIF: u8 = 0xE1;
const PROFILE: u8 = 0xE2;
const ADOBE: u8 = 0xEE;

/// Segments are kept that belong to the picture, and of those of applications what is needed for its colours.
pub(crate) fn without_in_jpeg(bytes: &[u8], orientation: Orientation) -> Option<Vec<u8>> {
    let mut input = ByteCursor::new(bytes);
    let mut kept = Vec::with_capacity(bytes.len());
    kept.extend_from_slice(input.take(2).filter(|&start| start == [0xFF, START])?);
    let mut exif = exif(orientation);
    loop {
        let marker = marker(&mut input)?;
        // The segment of JFIF is the first one, where there is one.
        if marker != JFIF
            && let Some(exif) = exif.take()
        {
            push_segment(&mut kept, EXIF, &[b"Exif\0\0", &exif[..]].concat());
        }
        match marker {
            END => break,
            0x01 | 0xD0..=0xD7 => continue,
            0x00 | START => return None,
            _ => {}
        }
        let length = usize::from(u16::from_be_bytes(*input.take(2)?.first_chunk()?));
        let content = input.take(length.checked_sub(2)?)?;
        match marker {
            // Without the small picture that may be in it.
            JFIF if content.starts_with(b"JFIF\0") => {
                push_segment(&mut kept, marker, &[content.get(..12)?, &[0, 0]].concat());
            }
            PROFILE if content.starts_with(b"ICC_PROFILE\0") => push_segment(&mut kept, marker, content),
            ADOBE if content.starts_with(b"Adobe") => push_segment(&mut kept, marker, content),
            0xE0..=0xFE => {}
            _ => push_segment(&mut kept, marker, content),
        }
        if marker == SCAN {
            kept.extend_from_slice(input.take(scan(input.rest()))?);
            // Cut off: what is there can be shown.
            if input.rest().is_empty() {
                break;
            }
        }
    }
    kept.extend_from_slice(&[0xFF, END]);
    Some(kept)
}

/// The next marker; what stands before it belongs to nothing.
fn marker(input: &mut ByteCursor<'_>) -> Option<u8> {
    let before = input.rest().iter().position(|&byte| byte == 0xFF)?;
    input.take(before)?;
    let fill = input.rest().iter().position(|&byte| byte != 0xFF)?;
    input.take(fill)?;
    Some(input.take(1)?[0])
}

fn push_segment(kept: &mut Vec<u8>, marker: u8, content: &[u8]) {
    // It came from a segment, or is shorter than any.
    let length = u16::try_from(content.len() + 2).unwrap_or(u16::MAX);
    kept.extend_from_slice(&[0xFF, marker]);
    kept.extend_from_slice(&length.to_be_bytes());
    kept.extend_from_slice(content);
}

/// How many bytes the data of a scan has: up to a marker that is not part of it.
fn scan(rest: &[u8]) -> usize {
    let is_outside = |pair: &[u8]| pair[0] == 0xFF && !matches!(pair[1], 0x00 | 0xD0..=0xD7 | 0xFF);
    rest.windows(2).position(is_outside).unwrap_or(rest.len())
}

/// Chunks of PNG that say how it looks; the names of all others are not known here, so what they tell is not, either.
const PNG: [&[u8; 4]; 16] = [
    b"IHDR", b"PLTE", b"IDAT", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs", b"cICP",
    b"mDCV", b"acTL", b"fcTL", b"fdAT",
];

pub(crate) fn without_in_png(bytes: &[u8], orientation: Orientation) -> Option<Vec<u8>> {
    let mut input = ByteCursor::new(bytes);
    let mut kept = Vec::with_capacity(bytes.len());
    kept.extend_from_slice(input.take(8)?);
    let mut exif = exif(orientation);
    loop {
        let chunk = input.rest();
        let length = u32::from_be_bytes(*chunk.first_chunk()?);
        let name = chunk.get(4..8)?.first_chunk::<4>()?;
        let chunk = input.take(usize::try_from(length).ok()?.checked_add(12)?)?;
        if name == b"IDAT"
            && let Some(exif) = exif.take()
        {
            push_chunk(&mut kept, *b"eXIf", &exif);
        }
        if name == b"IEND" {
            kept.extend_from_slice(chunk);
            return Some(kept);
        }
        if PNG.contains(&name) {
            kept.extend_from_slice(chunk);
        }
    }
}

fn push_chunk(kept: &mut Vec<u8>, name: [u8; 4], content: &[u8]) {
    let named = [&name, content].concat();
    kept.extend_from_slice(&u32::try_from(content.len()).unwrap_or(0).to_be_bytes());
    kept.extend_from_slice(&named);
    kept.extend_from_slice(&crc32(&named).to_be_bytes());
}

/// The sum of PNG, for the few bytes that are new.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |sum: u32| if sum & 1 == 0 { sum >> 1 } else { 0xEDB8_8320 ^ sum >> 1 };
    !bytes.iter().fold(u32::MAX, |sum, &byte| (0..8).fold(sum ^ u32::from(byte), |sum, _| step(sum)))
}

/// Chunks of WebP that are the picture.
const WEBP: [&[u8; 4]; 6] = [b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"];
/// Flags of the chunk that says what else there is.
const HAS_EXIF: u8 = 0x08;
const HAS_XMP: u8 = 0x04;

pub(crate) fn without_in_webp(bytes: &[u8], orientation: Orientation) -> Option<Vec<u8>> {
    let mut input = ByteCursor::new(bytes);
    let head = input.take(12)?;
    let length = usize::try_from(u32::from_le_bytes(*head[4..].first_chunk()?)).ok()?;
    let mut input = ByteCursor::new(input.take(length.checked_sub(4)?.min(input.rest().len()))?);
    let mut kept = Vec::with_capacity(bytes.len());
    kept.extend_from_slice(head);
    let exif = exif(orientation);
    while !input.rest().is_empty() {
        let name = input.take(4)?.first_chunk::<4>()?;
        let size = input.take(4)?.first_chunk()?;
        let content = input.take(usize::try_from(u32::from_le_bytes(*size)).ok()?)?;
        // Of the filling byte nobody knows what it is; the last one may be missing.
        let _ = input.take(content.len() % 2);
        if name == b"VP8X" {
            let (&flags, rest) = content.split_first()?;
            let flags = flags & !(HAS_EXIF | HAS_XMP) | if exif.is_some() { HAS_EXIF } else { 0 };
            push_riff(&mut kept, *name, &[&[flags], rest].concat());
        } else if WEBP.contains(&name) {
            push_riff(&mut kept, *name, content);
        }
    }
    // EXIF was in an extended file, so this is one.
    if let Some(exif) = exif {
        push_riff(&mut kept, *b"EXIF", &exif);
    }
    let length = u32::try_from(kept.len() - 8).ok()?;
    kept[4..8].copy_from_slice(&length.to_le_bytes());
    Some(kept)
}

fn push_riff(kept: &mut Vec<u8>, name: [u8; 4], content: &[u8]) {
    kept.extend_from_slice(&name);
    kept.extend_from_slice(&u32::try_from(content.len()).unwrap_or(0).to_le_bytes());
    kept.extend_from_slice(content);
    kept.extend_from_slice(&[0][..content.len() % 2]);
}
