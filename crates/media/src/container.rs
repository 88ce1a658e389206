//! What a content claims to be by its first bytes. Whether it is, the reader of that kind finds out.

use std::str;

use image::ImageFormat;

/// How much of a file is looked at for that.
pub(crate) const HEAD: usize = 8 << 10;
/// What nothing is known of: a browser saves it.
pub(crate) const UNKNOWN: &str = "application/octet-stream";

/// Who can find out about a content. What only browsers would understand (HTML, SVG, scripts) is `Other` and unknown: nothing may
/// make them run it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Container {
    Picture(ImageFormat),
    Mp4,
    Matroska,
    Ogg,
    /// MP3 or AAC, which begin alike.
    Mpeg,
    Flac,
    Wav,
    Heif(&'static str),
    Other(&'static str),
}

pub(crate) fn of(head: &[u8]) -> Container {
    let by_magic = (!head.is_empty()).then(|| infer::get(head)).flatten().map(|found| found.mime_type());
    if is_text(head) {
        return Container::Other(match by_magic {
            // These may be all text.
            Some(document @ ("application/pdf" | "application/postscript" | "application/rtf")) => document,
            _ if is_markup(head) => UNKNOWN,
            _ => "text/plain",
        });
    }
    match by_magic {
        Some("image/jpeg") => Container::Picture(ImageFormat::Jpeg),
        Some("image/png") => Container::Picture(ImageFormat::Png),
        Some("image/gif") => Container::Picture(ImageFormat::Gif),
        Some("image/webp") if head.starts_with(b"RIFF") => Container::Picture(ImageFormat::WebP),
        Some("audio/opus" | "audio/ogg") => Container::Ogg,
        Some("audio/x-flac") => Container::Flac,
        Some("audio/x-wav") => Container::Wav,
        Some("video/quicktime") => Container::Mp4,
        Some(picture @ ("image/heif" | "image/avif")) => Container::Heif(picture),
        _ if head.get(4..8) == Some(b"ftyp") => Container::Mp4,
        _ if head.starts_with(&[0x1A, 0x45, 0xDF, 0xA3]) => Container::Matroska,
        _ if head.starts_with(b"ID3") || matches!(head, [0xFF, second, ..] if second & 0xE0 == 0xE0) => Container::Mpeg,
        Some(other) if !other.starts_with("text/") => Container::Other(other),
        _ => Container::Other(UNKNOWN),
    }
}

fn is_text(head: &[u8]) -> bool {
    let text = match str::from_utf8(head) {
        Ok(text) => text,
        // The look may end within a character.
        Err(wrong) if wrong.error_len().is_none() && head.len() == HEAD => {
            str::from_utf8(&head[..wrong.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    let is_written = |c: char| !c.is_control() || matches!(c, '\t' | '\n' | '\r' | '\x0C' | '\x1B');
    !text.is_empty() && text.chars().all(is_written)
}

/// Whether something may run it: markup, and what names its interpreter.
fn is_markup(head: &[u8]) -> bool {
    let text = head.strip_prefix("\u{FEFF}".as_bytes()).unwrap_or(head).trim_ascii_start();
    text.starts_with(b"<") || text.starts_with(b"#!")
}
