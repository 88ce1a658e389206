//! Pictures: their sides, what is removed beside them, and the smaller ones.

use std::io::{Cursor, Write as _};

use chinwag_domain::file_ports::{FileCategory, Inspected, Inspector as _};
use chinwag_media::MediaInspector;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader};

use crate::{PIXELS, boxes, look, stills, tells};

/// As a browser shows it: turned as it says.
fn shown(bytes: &[u8]) -> DynamicImage {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().expect("reads");
    let mut decoder = reader.into_decoder().expect("a picture");
    let orientation = decoder.orientation().expect("readable");
    let mut image = DynamicImage::from_decoder(decoder).expect("decodes");
    image.apply_orientation(orientation);
    image
}

/// The letters of the colours of the four corners, row by row.
fn corners(bytes: &[u8]) -> String {
    let image = shown(bytes).to_rgb8();
    let (right, bottom) = (image.width() - 8, image.height() - 8);
    let letter = |(x, y): (u32, u32)| match image.get_pixel(x, y).0.map(|part| part > 127) {
        [true, false, false] => 'R',
        [false, true, false] => 'G',
        [false, false, true] => 'B',
        [true, true, true] => 'W',
        _ => '?',
    };
    [(7, 7), (right, 7), (7, bottom), (right, bottom)].map(letter).iter().collect()
}

fn thumbs(found: &Inspected) -> Vec<(u32, &str, u32, u32)> {
    let one = |thumb: &chinwag_domain::file_ports::Thumb| {
        let image = shown(&thumb.bytes);
        (thumb.size, thumb.media_type, image.width(), image.height())
    };
    found.thumbs.iter().map(one).collect()
}

fn facts(found: &Inspected) -> (&str, FileCategory, Option<i32>, Option<i32>) {
    (&found.facts.media_type, found.facts.category, found.facts.width, found.facts.height)
}

#[tokio::test]
async fn a_picture_is_shown_upright_however_the_camera_was_held() {
    // What stands where when a picture with red and green above blue and white is turned so.
    let upright = ["RGBW", "GRWB", "WBGR", "BWRG", "RBGW", "BRWG", "WGBR", "GWRB"];
    for (orientation, upright) in (1..).zip(upright) {
        for (bytes, media_type) in [
            (stills::jpeg(400, 300, orientation), "image/jpeg"),
            (stills::png(400, 300, orientation), "image/png"),
            (stills::webp(400, 300, orientation), "image/webp"),
        ] {
            let found = look(&bytes).await;
            let (width, height) = if orientation > 4 { (300, 400) } else { (400, 300) };
            let as_said = (media_type, FileCategory::Image, Some(width), Some(height));
            assert_eq!(facts(&found), as_said, "{orientation}");
            let clean = found.clean.as_ref().expect("there was something to remove");
            assert_eq!(corners(clean), upright, "{media_type} {orientation}");
            assert_eq!(found.thumbs.len(), 1);
            assert_eq!(corners(&found.thumbs[0].bytes), upright, "the thumb of {media_type} {orientation}");
        }
    }
}

#[tokio::test]
async fn where_and_by_whom_a_picture_was_taken_is_removed_and_its_colours_stay() {
    for bytes in [stills::jpeg(64, 48, 6), stills::png(64, 48, 1), stills::webp(64, 48, 3), stills::gif(3)] {
        assert!(tells(&bytes, stills::SECRET));
        let found = look(&bytes).await;
        assert_eq!(found.facts.category, FileCategory::Image);
        let clean = found.clean.expect("there was something to remove");
        assert!(!tells(&clean, stills::SECRET), "{}", found.facts.media_type);
        assert!(!tells(&clean, b"<script>"), "{}", found.facts.media_type);
        assert_eq!(shown(&bytes), shown(&clean), "{}", found.facts.media_type);
        if found.facts.media_type != "image/gif" {
            let reader = ImageReader::new(Cursor::new(&clean[..])).with_guessed_format().expect("reads");
            let profile = reader.into_decoder().expect("a picture").icc_profile().expect("readable");
            assert_eq!(profile, Some(stills::profile()), "{}", found.facts.media_type);
        }
        let again = look(&clean).await;
        assert!(again.clean.is_none(), "clean is clean: {}", found.facts.media_type);
    }
}

/// Of a picture of each kind, what a decoder that is allowed that many pixels, has that much time or gets so much of it, makes of it.
#[tokio::test]
async fn a_picture_that_is_not_looked_into_tells_no_more_than_one_that_is() {
    let bounded = MediaInspector::new(1);
    for whole in [stills::jpeg(64, 48, 6), stills::png(64, 48, 6), stills::webp(64, 48, 6), stills::gif(3)] {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        file.write_all(&whole).expect("written");
        let found = bounded.inspect(file.path(), "").await;
        assert_eq!(found.facts.category, FileCategory::File, "it has too many pixels");
        let clean = found.clean.expect("there was something to remove");
        assert!(tells(&whole, stills::SECRET) && !tells(&clean, stills::SECRET));
        assert_eq!(shown(&clean), shown(&whole), "and it is turned as it was");
    }
    let cut = stills::jpeg(64, 48, 1);
    let scan = cut.windows(2).position(|pair| pair == [0xFF, 0xDA]).expect("has a scan");
    let mut broken = cut[..scan + 40].to_vec();
    // Of a kind of which nothing here makes a picture.
    let frame = broken.windows(2).position(|pair| pair == [0xFF, 0xC0]).expect("a baseline frame");
    broken[frame + 1] = 0xCB;
    let found = look(&broken).await;
    assert_eq!(found.facts.category, FileCategory::File);
    assert!(!tells(&found.clean.expect("there was something to remove"), stills::SECRET));
}

#[tokio::test]
async fn a_picture_of_a_kind_that_is_not_decoded_tells_nothing_either() {
    for (brand, media_type) in [(b"heic", "image/heif"), (b"avif", "image/avif"), (b"heis", "application/octet-stream")]
    {
        for is_wide in [false, true] {
            let whole = boxes::phone_picture(brand, is_wide);
            assert_eq!(whole.windows(stills::SECRET.len()).filter(|it| it == &stills::SECRET).count(), 2);
            let found = look(&whole).await;
            assert_eq!((found.facts.media_type.as_str(), found.facts.category), (media_type, FileCategory::File));
            let clean = found.clean.expect("there was something to remove");
            assert!(!tells(&clean, stills::SECRET), "{media_type} {is_wide}");
            assert_eq!((clean.len(), tells(&clean, &[7; 40])), (whole.len(), true), "the picture stays where it is");
        }
    }
}

#[tokio::test]
async fn the_film_behind_a_picture_is_cut_off() {
    let bytes = stills::jpeg(64, 48, 1);
    let clean = look(&bytes).await.clean.expect("there was something to remove");
    assert!(tells(&bytes, b"ftypmp42") && !tells(&clean, b"ftypmp42"));
    assert!(clean.ends_with(&[0xFF, 0xD9]));
}

#[tokio::test]
async fn scans_behind_the_first_stay_and_comments_between_them_do_not() {
    let plain = stills::still(64, 48, ImageFormat::Jpeg);
    let scan = plain.windows(2).position(|pair| pair == [0xFF, 0xDA]).expect("has a scan");
    // The same scan twice is what a decoder bears; the comment is in between.
    let twice = [&plain[..plain.len() - 2], &stills::segment(0xFE, stills::SECRET), &plain[scan..]].concat();
    let found = look(&twice).await;
    let clean = found.clean.expect("there was a comment");
    assert!(!tells(&clean, stills::SECRET));
    assert_eq!(clean.windows(2).filter(|pair| pair == &[0xFF, 0xDA]).count(), 2);
}

#[tokio::test]
async fn a_picture_that_tells_nothing_stays_as_it_is() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
        let found = look(&stills::still(40, 30, format)).await;
        assert_eq!(facts(&found), (format.to_mime_type(), FileCategory::Image, Some(40), Some(30)));
        assert!(found.clean.is_none(), "{format:?}");
    }
}

#[tokio::test]
async fn the_moving_stay_moving_and_go_round_as_often() {
    let clean = look(&stills::gif(3)).await.clean.expect("there was something to remove");
    let plain = stills::gif(3);
    let frames = |bytes: &[u8]| bytes.windows(2).filter(|pair| pair == &[0x21, 0xF9]).count();
    assert_eq!((frames(&clean), frames(&plain)), (3, 3));
    assert!(tells(&clean, b"NETSCAPE2.0\x03\x01\x07\0\0"));
}

#[tokio::test]
async fn thumbs_are_made_of_what_is_larger_than_they() {
    let sizes = |width, height| async move { look(&stills::still(width, height, ImageFormat::Jpeg)).await };
    assert_eq!(thumbs(&sizes(256, 100).await), []);
    assert_eq!(thumbs(&sizes(300, 600).await), [(256, "image/jpeg", 128, 256)]);
    assert_eq!(thumbs(&sizes(2000, 1000).await), [(256, "image/jpeg", 256, 128), (1024, "image/jpeg", 1024, 512)]);
    assert_eq!(thumbs(&sizes(3000, 1).await), [(256, "image/jpeg", 256, 1), (1024, "image/jpeg", 1024, 1)]);
}

#[tokio::test]
async fn what_can_be_seen_through_can_be_in_its_thumbs() {
    let found = look(&stills::encoded(&stills::glass(600, 300), ImageFormat::Png)).await;
    assert_eq!(thumbs(&found), [(256, "image/png", 256, 128)]);
    let thumb = shown(&found.thumbs[0].bytes).to_rgba8();
    assert_eq!((thumb.get_pixel(10, 10).0[3], thumb.get_pixel(250, 10).0[3]), (255, 0));
    let opaque = DynamicImage::from(stills::quarters(600, 300)).to_rgba8().into();
    let found = look(&stills::encoded(&opaque, ImageFormat::Png)).await;
    assert_eq!(thumbs(&found), [(256, "image/jpeg", 256, 128)]);
}

#[tokio::test]
async fn thumbs_keep_the_colours_they_were_meant_in() {
    let found = look(&stills::jpeg(400, 300, 1)).await;
    let reader = ImageReader::new(Cursor::new(&found.thumbs[0].bytes[..])).with_guessed_format().expect("reads");
    assert_eq!(reader.into_decoder().expect("a picture").icc_profile().expect("readable"), Some(stills::profile()));
}

#[tokio::test]
async fn a_placeholder_looks_like_the_picture() {
    let found = look(&stills::still(400, 200, ImageFormat::Png)).await;
    let hash = found.facts.placeholder.expect("a picture has one");
    assert!(hash.len() <= 25, "{}", hash.len());
    let ratio = thumbhash::thumb_hash_to_approximate_aspect_ratio(&hash).expect("reads");
    assert!((1.5..2.8).contains(&ratio), "{ratio}");
    let (_, _, pixels) = thumbhash::thumb_hash_to_rgba(&hash).expect("reads");
    assert!(pixels[0] > pixels[1] && pixels[0] > pixels[2], "red is in the corner: {:?}", &pixels[..4]);
}

#[tokio::test]
async fn a_poster_always_has_a_thumb_and_never_a_larger_one_than_itself() {
    let inspector = MediaInspector::new(PIXELS);
    let poster = async |width, height| {
        let picture = stills::still(width, height, ImageFormat::WebP).into();
        inspector.thumbs_of(picture).await.expect("a picture")
    };
    assert_eq!(thumbs(&poster(100, 50).await), [(256, "image/jpeg", 100, 50)]);
    assert_eq!(thumbs(&poster(640, 320).await), [(256, "image/jpeg", 256, 128), (1024, "image/jpeg", 640, 320)]);
    let large = poster(2048, 1024).await;
    assert_eq!(thumbs(&large), [(256, "image/jpeg", 256, 128), (1024, "image/jpeg", 1024, 512)]);
    assert_eq!((large.facts.width, large.facts.height), (Some(2048), Some(1024)));
    assert!(large.facts.placeholder.is_some());
}

#[tokio::test]
async fn a_poster_that_is_no_picture_is_none() {
    let inspector = MediaInspector::new(PIXELS);
    for bytes in [b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), stills::png(40, 30, 1)[..200].to_vec(), vec![]]
    {
        assert!(inspector.thumbs_of(bytes.into()).await.is_none());
    }
}

async fn avatar(bytes: Vec<u8>) -> Option<Vec<u8>> {
    MediaInspector::new(PIXELS).avatar_of(bytes.into()).await.map(|made| made.to_vec())
}

#[tokio::test]
async fn what_stands_for_somebody_is_the_upright_square_in_the_middle() {
    // Of a picture that lies the outer halves of both are cut off: what stands where stays.
    let upright = ["RGBW", "GRWB", "WBGR", "BWRG", "RBGW", "BRWG", "WGBR", "GWRB"];
    for (orientation, upright) in (1..).zip(upright) {
        for bytes in [
            stills::jpeg(1_500, 700, orientation),
            stills::png(1_500, 700, orientation),
            stills::webp(1_500, 700, orientation),
        ] {
            let made = avatar(bytes).await.expect("a picture");
            assert_eq!((shown(&made).width(), shown(&made).height()), (512, 512), "{orientation}");
            assert_eq!(corners(&made), upright, "{orientation}");
            assert!(!tells(&made, stills::SECRET) && !tells(&made, b"Exif"), "{orientation}");
        }
    }
}

#[tokio::test]
async fn what_stands_for_somebody_is_made_smaller_and_never_larger() {
    for (width, height, side) in [(40, 30, 30), (512, 512, 512), (513, 2_000, 512), (4_000, 1_000, 512), (3_000, 1, 1)]
    {
        let made = avatar(stills::still(width, height, ImageFormat::Jpeg)).await.expect("a picture");
        assert_eq!((shown(&made).width(), shown(&made).height()), (side, side), "{width}x{height}");
    }
    let glass = avatar(stills::encoded(&stills::glass(600, 600), ImageFormat::Png)).await.expect("a picture");
    assert_eq!(image::guess_format(&glass).ok(), Some(ImageFormat::Png), "what can be seen through still can");
    let moving = avatar(stills::gif(3)).await.expect("a picture");
    assert_eq!(image::guess_format(&moving).ok(), Some(ImageFormat::Png), "the first frame of what moves");
}

#[tokio::test]
async fn what_is_no_picture_stands_for_nobody() {
    for bytes in [b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), stills::png(40, 30, 1)[..200].to_vec(), vec![]]
    {
        assert!(avatar(bytes).await.is_none());
    }
    let bounded = MediaInspector::new(40 * 30 - 1);
    let many = stills::still(40, 30, ImageFormat::Png);
    assert!(bounded.avatar_of(many.into()).await.is_none(), "nor what has too many pixels");
}
