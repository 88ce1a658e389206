//! What is not what it is called, says it is larger than anybody can bear, or is made to be slow: a plain file, soon.

use std::{
    io::{BufReader, Read as _, Write as _, repeat},
    sync::LazyLock,
    time::{Duration, Instant},
};

use chinwag_domain::file_ports::{FileCategory, Inspector as _};
use chinwag_media::MediaInspector;
use flate2::{Compression, bufread::ZlibEncoder};
use image::ImageFormat;

use crate::{UNKNOWN, assert_plain, boxes, look, sounds, stills};

/// Far more than any of it needs, and less than when the inspector gives up.
const SOON: Duration = Duration::from_secs(9);

#[tokio::test]
async fn what_a_browser_would_run_is_a_file_of_no_type_whatever_it_is_called() {
    for text in [
        "<!DOCTYPE html><script>alert(1)</script>",
        "\u{FEFF} \n<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        "<?xml version='1.0'?><svg/>",
        "<b>bold</b>",
        "#!/bin/sh\nrm -rf /",
        "\u{1}<html>",
    ] {
        assert_plain(&look(text.as_bytes()).await, UNKNOWN);
    }
}

#[tokio::test]
async fn what_is_read_as_text_is_text() {
    for text in ["hello", "今天下午开会\n", "BM is no bitmap", "MZ, GIF and ID3 are words", "alert(1)", "{\"a\": 1}\n"]
    {
        assert_plain(&look(text.as_bytes()).await, "text/plain");
    }
    let long = "语".repeat(5_000);
    for cut in [8_192, 8_193, 15_000] {
        assert_plain(&look(&long.as_bytes()[..cut - cut % 3]).await, "text/plain");
    }
    assert_plain(&look(b"").await, UNKNOWN);
    assert_plain(&look(b"caf\xE9 in an old encoding").await, UNKNOWN);
}

#[tokio::test]
async fn documents_have_their_type_and_nothing_is_unpacked() {
    let zip = [b"PK\x03\x04\x14\0\0\0\x08\0", &BOMB[..]].concat();
    for (bytes, media_type) in [
        (b"%PDF-1.4\n1 0 obj <</JS (app.alert(1))>>".to_vec(), "application/pdf"),
        (zip, "application/zip"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec(), "image/heif"),
        (b"BM\x9A\0\0\0\0\0\0\0\x36\0\0\0".to_vec(), "image/bmp"),
    ] {
        let since = Instant::now();
        assert_plain(&look(&bytes).await, media_type);
        assert!(since.elapsed() < SOON);
    }
}

/// More of nothing than may be decoded, in few bytes.
static BOMB: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let zeros = BufReader::new(repeat(0).take(320 << 20));
    let mut packed = vec![];
    ZlibEncoder::new(zeros, Compression::fast()).read_to_end(&mut packed).expect("packs");
    packed
});

fn png_that_says(width: u32, height: u32, chunks: &[u8]) -> Vec<u8> {
    let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    [b"\x89PNG\r\n\x1A\n", &stills::chunk(b"IHDR", &header)[..], chunks].concat()
}

#[tokio::test]
async fn a_picture_that_says_it_is_huge_is_not_decoded() {
    let data = [stills::chunk(b"IDAT", &BOMB), stills::chunk(b"IEND", b"")].concat();
    for (width, height) in [(65_500, 65_500), (12_001, 1), (1, 12_001), (12_000, 12_000), (0, 9), (u32::MAX, u32::MAX)]
    {
        let since = Instant::now();
        assert_plain(&look(&png_that_says(width, height, &data)).await, UNKNOWN);
        assert!(since.elapsed() < SOON, "{width} × {height}");
    }
    let mut gif = stills::still(9, 9, ImageFormat::Gif);
    gif[6..10].copy_from_slice(&[0xFF; 4]);
    assert_plain(&look(&gif).await, UNKNOWN);
    let mut jpeg = stills::still(9, 9, ImageFormat::Jpeg);
    let sides = jpeg.windows(2).position(|pair| pair == [0xFF, 0xC0]).expect("a baseline frame") + 5;
    jpeg[sides..sides + 4].copy_from_slice(&[0xFF; 4]);
    assert_plain(&look(&jpeg).await, UNKNOWN);
    let mut webp = stills::webp(9, 9, 1);
    webp[24..30].copy_from_slice(&[0xFF; 6]);
    let found = look(&webp).await;
    assert_eq!((found.facts.category, found.facts.media_type.as_str()), (FileCategory::File, UNKNOWN));
}

#[tokio::test]
async fn more_pixels_than_allowed_are_a_file() {
    let picture = stills::still(100, 100, ImageFormat::Png);
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(&picture).expect("written");
    let category = async |pixels| MediaInspector::new(pixels).inspect(file.path(), "").await.facts.category;
    assert_eq!((category(10_000).await, category(9_999).await), (FileCategory::Image, FileCategory::File));
}

#[tokio::test]
async fn what_is_packed_beside_a_picture_is_not_unpacked_without_end() {
    let pixels = [stills::chunk(b"IDAT", &stills::still(2, 2, ImageFormat::Png)), stills::chunk(b"IEND", b"")].concat();
    for chunk in [
        stills::chunk(b"iCCP", &[b"p\0\0", &BOMB[..]].concat()),
        stills::chunk(b"zTXt", &[b"Comment\0\0", &BOMB[..]].concat()),
        stills::chunk(b"iTXt", &[b"Comment\0\x01\0\0\0", &BOMB[..]].concat()),
    ] {
        let since = Instant::now();
        look(&png_that_says(2, 2, &[&chunk[..], &pixels].concat())).await;
        assert!(since.elapsed() < SOON, "{:?} {:?}", since.elapsed(), &chunk[4..8]);
    }
}

#[tokio::test]
async fn ten_thousand_frames_cost_no_more_than_their_bytes() {
    let since = Instant::now();
    let found = look(&stills::gif(10_000)).await;
    assert_eq!(found.facts.category, FileCategory::Image);
    assert!(since.elapsed() < SOON);
}

#[tokio::test]
async fn what_begins_as_a_picture_and_is_none_is_a_file() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif, ImageFormat::WebP] {
        let picture = stills::still(50, 50, format);
        let head = &picture[..picture.len().min(20)];
        assert_plain(&look(&[head, b"<script>alert(1)</script>"].concat()).await, UNKNOWN);
    }
}

#[tokio::test]
async fn what_begins_as_a_recording_and_is_none_is_a_file() {
    for bytes in [
        boxes::atom(b"ftyp", b"mp42\0\0\0\0"),
        [boxes::atom(b"ftyp", b"mp42\0\0\0\0"), boxes::atom(b"moov", &boxes::atom(b"trak", b""))].concat(),
        boxes::element(0x1A45_DFA3, &boxes::element(0x4282, b"webm")),
        sounds::opus(48_000)[..20].to_vec(),
        sounds::flac(9)[..30].to_vec(),
        sounds::wav(100, false)[..30].to_vec(),
        b"ID3\x04\0\0\0\0\0\x05\0\0\0\0\0<script>alert(1)</script>".to_vec(),
        [0xFF, 0xFB, 0x90, 0x00].repeat(1_000),
        b"OggS\0<script>".to_vec(),
    ] {
        assert_plain(&look(&bytes).await, UNKNOWN);
    }
}

#[tokio::test]
async fn a_length_that_cannot_be_is_none() {
    let forever = look(&boxes::recorded_webm(false, 2, false, Some(f64::MAX))).await;
    assert_eq!((forever.facts.category, forever.facts.duration_ms), (FileCategory::Audio, None));
    assert_eq!(look(&sounds::opus(u64::MAX - 1_000)).await.facts.duration_ms, None);
    assert_eq!(look(&sounds::mp3(100, Some(u32::MAX))).await.facts.duration_ms, None);
}

#[tokio::test]
async fn places_without_end_are_not_blanked_without_end() {
    let whole = boxes::phone_picture(b"heic", true);
    let table = whole.windows(4).position(|word| word == b"iloc").expect("has a table") + 4;
    let names = whole.windows(4).position(|word| word == b"iinf").expect("has names") - 4;
    let (brand, names) = (&whole[..names - 12], &whole[names..table - 8]);
    // Many items of 65,535 places of nothing; one of as many places that are nearly all there is.
    let item = b"\0\0\0\x02\0\0\0\x01\xFF\xFF";
    let large = b"\0\0\0\0\0\xF0\0\0".repeat(65_535);
    for (sizes, items, count) in [(0x00, item.repeat(90_000), 90_000_u32), (0x44, [&item[..], &large].concat(), 1)] {
        let places = [&[2, 0, 0, 0, sizes, 0][..], &count.to_be_bytes(), &items].concat();
        let meta = [&[0; 4][..], names, &boxes::atom(b"iloc", &places)].concat();
        let since = Instant::now();
        let found = look(&[brand, &boxes::atom(b"meta", &meta), &vec![7; 16 << 20]].concat()).await;
        assert_eq!(found.facts.category, FileCategory::File);
        assert!(since.elapsed() < SOON, "{:?}", since.elapsed());
    }
}

#[tokio::test]
async fn a_table_without_end_is_not_walked_without_end() {
    let tiny = [boxes::atom(b"ftyp", b"mp42\0\0\0\0"), boxes::atom(b"free", b"").repeat(1_000_000)].concat();
    let since = Instant::now();
    // What is behind them would be a film.
    assert_plain(&look(&[tiny, boxes::phone_film(b"mp42")].concat()).await, UNKNOWN);
    let syncs = [&b"ID3\x04\0\0\0\0\0\0"[..], &[0xFF, 0xFB, 0x90, 0x00].repeat(100_000)].concat();
    assert_plain(&look(&syncs).await, UNKNOWN);
    let words = boxes::recorded_webm(false, 60_000, true, None);
    look(&words).await;
    assert!(since.elapsed() < SOON, "{:?}", since.elapsed());
}
