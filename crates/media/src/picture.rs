//! Pictures: decoded within bounds, to know that they are what they say, and to make smaller ones of them. Their bytes stay as they
//! are.

use std::{borrow::Cow, io::Cursor};

use bytes::Bytes;
use chinwag_domain::file_ports::{FileCategory, FileFacts, Inspected, Thumb};
use image::{
    DynamicImage, ExtendedColorType, ImageDecoder as _, ImageEncoder as _, ImageFormat, ImageReader, Limits,
    codecs::{jpeg::JpegEncoder, png::PngEncoder},
    imageops::FilterType,
    metadata::Orientation,
};

/// The longest side, and what one picture may need when it is decoded. Both are checked before it is.
const SIDE: u32 = 12_000;
const MEMORY: u64 = 256 << 20;
const THUMBS: [u32; 2] = [256, 1024];
/// The side of a picture that stands for somebody.
const AVATAR: u32 = 512;
const JPEG_QUALITY: u8 = 80;
/// A thumbhash is of a picture that is not larger.
const PLACEHOLDER_SIDE: u32 = 100;
/// A larger table of colours is not worth its place in a thumb.
const PROFILE: usize = 16 << 10;

/// Which smaller pictures are made.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sizes {
    /// Those that are smaller than the picture, which is shown itself, too.
    Smaller,
    /// Besides, the first that is not: only they are shown.
    UpToItsOwn,
}

pub(crate) struct Picture {
    /// As it is shown, as the thumbs and the placeholder are.
    size: (u32, u32),
    thumbs: Vec<Thumb>,
    placeholder: Vec<u8>,
}

impl Picture {
    pub(crate) fn into_inspected(self, format: ImageFormat, clean: Option<Bytes>) -> Inspected {
        let side = |pixels: u32| i32::try_from(pixels).ok();
        let facts = FileFacts {
            media_type: format.to_mime_type().to_owned(),
            category: FileCategory::Image,
            width: side(self.size.0),
            height: side(self.size.1),
            duration_ms: None,
            placeholder: Some(self.placeholder),
        };
        Inspected { facts, clean, thumbs: self.thumbs }
    }
}

/// A picture as it was decoded, and what its file said of it.
struct Decoded {
    whole: DynamicImage,
    orientation: Orientation,
    profile: Option<Vec<u8>>,
}

/// Of what moves, the first frame is looked at.
fn decode(bytes: &[u8], format: ImageFormat, pixels: u64) -> Option<Decoded> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE);
    limits.max_image_height = Some(SIDE);
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    let count = u64::from(width) * u64::from(height);
    if count == 0 || count > pixels || width.max(height) > SIDE || decoder.total_bytes() > MEMORY {
        return None;
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().ok().flatten().filter(|profile| is_of_rgb(profile));
    Some(Decoded { whole: DynamicImage::from_decoder(decoder).ok()?, orientation, profile })
}

pub(crate) fn read(bytes: &[u8], format: ImageFormat, pixels: u64, sizes: Sizes) -> Option<Picture> {
    let Decoded { whole, orientation, profile } = decode(bytes, format, pixels)?;
    let (width, height) = (whole.width(), whole.height());
    let [smallest, largest] = THUMBS;
    let mut base = shrunk(&whole, largest).into_owned();
    drop(whole);
    base.apply_orientation(orientation);
    let longer = width.max(height);
    let is_wanted = |size: u32| match sizes {
        Sizes::Smaller => longer > size,
        Sizes::UpToItsOwn => size == smallest || longer > smallest,
    };
    let thumbs = THUMBS.into_iter().filter(|&size| is_wanted(size)).map(|size| thumb(&base, size, profile.as_deref()));
    Some(Picture {
        size: if is_lying(orientation) { (height, width) } else { (width, height) },
        thumbs: thumbs.collect::<Option<_>>()?,
        placeholder: placeholder(&base),
    })
}

/// What stands for somebody: the square in the middle.
pub(crate) fn avatar(bytes: &[u8], format: ImageFormat, pixels: u64) -> Option<Bytes> {
    let Decoded { whole, orientation, profile } = decode(bytes, format, pixels)?;
    let mut square = squared(&whole, AVATAR);
    drop(whole);
    square.apply_orientation(orientation);
    thumb(&square, AVATAR, profile.as_deref()).map(|made| made.bytes)
}

/// No larger than that: roughly as small first, as in [`shrunk`].
fn squared(image: &DynamicImage, most: u32) -> DynamicImage {
    let (width, height) = (image.width(), image.height());
    let shorter = width.min(height);
    let side = shorter.min(most);
    let rough = (shorter > 2 * most).then(|| {
        let scaled = |pixels: u32| (u64::from(pixels) * u64::from(2 * most) / u64::from(shorter)) as u32;
        image.thumbnail_exact(scaled(width), scaled(height))
    });
    rough.as_ref().unwrap_or(image).resize_to_fill(side, side, FilterType::CatmullRom)
}

fn is_lying(orientation: Orientation) -> bool {
    use Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    matches!(orientation, Rotate90 | Rotate90FlipH | Rotate270 | Rotate270FlipH)
}

/// Whether it explains the colours of a thumb, which are always red, green and blue.
fn is_of_rgb(profile: &[u8]) -> bool {
    profile.len() <= PROFILE && profile.get(16..20) == Some(b"RGB ")
}

/// Not larger than that: roughly halved without much memory first, then well.
fn shrunk(image: &DynamicImage, size: u32) -> Cow<'_, DynamicImage> {
    let longer = image.width().max(image.height());
    if longer <= size {
        return Cow::Borrowed(image);
    }
    let rough = (longer > 2 * size).then(|| image.thumbnail(2 * size, 2 * size));
    Cow::Owned(rough.as_ref().unwrap_or(image).resize(size, size, FilterType::CatmullRom))
}

fn thumb(base: &DynamicImage, size: u32, profile: Option<&[u8]>) -> Option<Thumb> {
    let image = shrunk(base, size);
    let (width, height) = (image.width(), image.height());
    let mut bytes = vec![];
    let media_type = if is_transparent(&image) {
        let mut png = PngEncoder::new(&mut bytes);
        if let Some(profile) = profile {
            png.set_icc_profile(profile.to_vec()).ok()?;
        }
        png.write_image(&image.to_rgba8(), width, height, ExtendedColorType::Rgba8).ok()?;
        "image/png"
    } else {
        let mut jpeg = JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY);
        if let Some(profile) = profile {
            jpeg.set_icc_profile(profile.to_vec()).ok()?;
        }
        jpeg.write_image(&image.to_rgb8(), width, height, ExtendedColorType::Rgb8).ok()?;
        "image/jpeg"
    };
    Some(Thumb { size, media_type, bytes: bytes.into() })
}

fn is_transparent(image: &DynamicImage) -> bool {
    image.color().has_alpha() && image.to_rgba8().pixels().any(|pixel| pixel.0[3] < u8::MAX)
}

fn placeholder(base: &DynamicImage) -> Vec<u8> {
    let small = shrunk(base, PLACEHOLDER_SIDE).to_rgba8();
    thumbhash::rgba_to_thumb_hash(small.width() as usize, small.height() as usize, &small)
}
