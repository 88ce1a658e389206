//! Makes pictures with what cameras and programs put beside them. It looks at nothing.

use std::io::Cursor;

use image::{DynamicImage, ExtendedColorType, ImageEncoder as _, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

/// Stands in whatever is to be removed.
pub const SECRET: &[u8] = b"52.5163N 13.3777E";

pub const RED: [u8; 3] = [250, 10, 10];
pub const GREEN: [u8; 3] = [10, 250, 10];
pub const BLUE: [u8; 3] = [10, 10, 250];
pub const WHITE: [u8; 3] = [250, 250, 250];

/// Red and green above blue and white.
pub fn quarters(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        Rgb(match (x < width / 2, y < height / 2) {
            (true, true) => RED,
            (false, true) => GREEN,
            (true, false) => BLUE,
            (false, false) => WHITE,
        })
    })
}

pub fn encoded(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(vec![]);
    image.write_to(&mut bytes, format).expect("encodes");
    bytes.into_inner()
}

pub fn still(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    encoded(&quarters(width, height).into(), format)
}

/// Half of it can be seen through.
pub fn glass(width: u32, height: u32) -> DynamicImage {
    RgbaImage::from_fn(width, height, |x, _| Rgba([200, 100, 50, if x < width / 2 { 255 } else { 0 }])).into()
}

/// A directory with how the picture is turned and a sentence that nobody is to read.
pub fn exif(orientation: u8) -> Vec<u8> {
    let mut bytes = b"II\x2A\0\x08\0\0\0\x02\0".to_vec();
    bytes.extend_from_slice(&[0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0]);
    bytes.extend_from_slice(&[0x0E, 0x01, 2, 0, 17, 0, 0, 0, 38, 0, 0, 0]);
    bytes.extend_from_slice(&[0; 4]);
    bytes.extend_from_slice(SECRET);
    bytes
}

/// A profile is as long as it says and is about red, green and blue.
pub fn profile() -> Vec<u8> {
    let mut bytes = vec![0; 132];
    bytes[3] = 132;
    bytes[16..20].copy_from_slice(b"RGB ");
    bytes
}

pub fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).expect("fits").to_be_bytes();
    [&[0xFF, marker], &length[..], content].concat()
}

/// A JPEG as a phone writes it, with a film behind its end.
pub fn jpeg(width: u32, height: u32, orientation: u8) -> Vec<u8> {
    let plain = still(width, height, ImageFormat::Jpeg);
    let jfif = 2 + 2 + usize::from(u16::from_be_bytes([plain[4], plain[5]]));
    let beside = [
        segment(0xE1, &[b"Exif\0\0", &exif(orientation)[..]].concat()),
        segment(0xE1, &[b"http://ns.adobe.com/xap/1.0/\0", SECRET].concat()),
        segment(0xE2, &[b"ICC_PROFILE\0\x01\x01", &profile()[..]].concat()),
        segment(0xE2, &[b"MPF\0", SECRET].concat()),
        segment(0xED, &[b"Photoshop 3.0\0", SECRET].concat()),
        segment(0xFE, SECRET),
    ];
    [&plain[..jfif], &beside.concat(), &plain[jfif..], b"\0\0\0\x18ftypmp42", SECRET].concat()
}

pub fn chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let named = [name, content].concat();
    let step = |sum: u32| if sum & 1 == 0 { sum >> 1 } else { 0xEDB8_8320 ^ (sum >> 1) };
    let sum = named.iter().fold(u32::MAX, |sum, &byte| (0..8).fold(sum ^ u32::from(byte), |sum, _| step(sum)));
    let length = u32::try_from(content.len()).expect("fits").to_be_bytes();
    [&length[..], &named, &(!sum).to_be_bytes()].concat()
}

/// Behind the signature and the header.
const PNG_HEAD: usize = 8 + 25;

pub fn png(width: u32, height: u32, orientation: u8) -> Vec<u8> {
    let mut plain = vec![];
    let mut encoder = image::codecs::png::PngEncoder::new(&mut plain);
    encoder.set_icc_profile(profile()).expect("takes a profile");
    encoder.write_image(&quarters(width, height), width, height, ExtendedColorType::Rgb8).expect("encodes");
    let beside = [
        chunk(b"eXIf", &exif(orientation)),
        chunk(b"tEXt", &[b"Comment\0", SECRET].concat()),
        chunk(b"iTXt", &[b"XML:com.adobe.xmp\0\0\0\0\0", SECRET].concat()),
        chunk(b"tIME", &[7, 234, 11, 28, 6, 0, 0]),
        chunk(b"prVt", SECRET),
    ];
    let mut bytes = [&plain[..PNG_HEAD], &beside.concat(), &plain[PNG_HEAD..]].concat();
    bytes.extend_from_slice(b"<html><script>alert(1)</script></html>");
    bytes.extend_from_slice(SECRET);
    bytes
}

pub fn riff(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).expect("fits").to_le_bytes();
    [name, &length[..], content, &[0][..content.len() % 2]].concat()
}

pub fn webp(width: u32, height: u32, orientation: u8) -> Vec<u8> {
    let plain = still(width, height, ImageFormat::WebP);
    let (wide, high) = ((width - 1).to_le_bytes(), (height - 1).to_le_bytes());
    let extended = [&[0x2C, 0, 0, 0], &wide[..3], &high[..3]].concat();
    let chunks = [
        riff(b"VP8X", &extended),
        riff(b"ICCP", &profile()),
        plain[12..].to_vec(),
        riff(b"EXIF", &exif(orientation)),
        riff(b"XMP ", SECRET),
        riff(b"prVt", SECRET),
    ];
    [riff(b"RIFF", &[&b"WEBP"[..], &chunks.concat()].concat()), SECRET.to_vec()].concat()
}

/// So many frames of one pixel, with what programs put between them.
pub fn gif(frames: usize) -> Vec<u8> {
    let mut bytes = b"GIF89a\x02\0\x02\0\x80\0\0\0\0\0\xFF\xFF\xFF".to_vec();
    bytes.extend_from_slice(b"\x21\xFF\x0BNETSCAPE2.0\x03\x01\x07\0\0");
    bytes.extend_from_slice(&[&b"\x21\xFF\x0BXMP DataXMP"[..], &[SECRET.len() as u8], SECRET, b"\0"].concat());
    bytes.extend_from_slice(&[b"\x21\xFE", &[SECRET.len() as u8][..], SECRET, b"\0"].concat());
    for _ in 0..frames {
        bytes.extend_from_slice(b"\x21\xF9\x04\0\x0A\0\0\0\x2C\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0");
    }
    bytes.push(0x3B);
    bytes.extend_from_slice(SECRET);
    bytes
}
