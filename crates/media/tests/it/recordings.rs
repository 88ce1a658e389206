//! Sounds and films: their lengths, their sides, and the places that are removed from them.

use chinwag_domain::file_ports::{FileCategory, Inspected};

use crate::{boxes, look, sounds, stills, tells};

fn facts(found: &Inspected) -> (&str, FileCategory, Option<(i32, i32)>, Option<i64>) {
    let facts = &found.facts;
    (&facts.media_type, facts.category, facts.width.zip(facts.height), facts.duration_ms)
}

#[tokio::test]
async fn a_phones_film_is_as_long_and_as_upright_as_it_says() {
    for (brand, media_type) in [(b"mp42", "video/mp4"), (b"qt  ", "video/quicktime"), (b"XAVC", "video/mp4")] {
        let found = look(&boxes::phone_film(brand)).await;
        assert_eq!(facts(&found), (media_type, FileCategory::Video, Some((1080, 1920)), Some(12_345)));
    }
}

#[tokio::test]
async fn the_places_of_a_film_are_blanked_where_they_stand() {
    let bytes = boxes::phone_film(b"mp42");
    assert!(tells(&bytes, stills::SECRET) && tells(&bytes, b"\xA9xyz"));
    let found = look(&bytes).await;
    let clean = found.clean.expect("there was something to remove");
    assert!(!tells(&clean, stills::SECRET) && !tells(&clean, b"\xA9xyz"));
    assert_eq!(clean.len(), bytes.len(), "what is behind stays where it is");
    let again = look(&clean).await;
    assert!(again.clean.is_none(), "clean is clean");
    assert_eq!(again.facts, found.facts, "and the same film");
}

#[tokio::test]
async fn the_tags_of_a_song_stay() {
    let found = look(&boxes::song()).await;
    assert_eq!(facts(&found), ("audio/mp4", FileCategory::Audio, None, Some(200_000)));
    assert!(found.clean.is_none());
}

#[tokio::test]
async fn what_a_browser_recorded_lasts_to_the_end_of_its_last_stretch() {
    for (stretches, ms) in [(1, 2_000), (5, 10_000), (300, 600_000)] {
        let found = look(&boxes::recorded_film(stretches)).await;
        assert_eq!(facts(&found), ("video/mp4", FileCategory::Video, Some((640, 480)), Some(ms)));
    }
    for is_endless in [true, false] {
        let found = look(&boxes::recorded_webm(true, 7, is_endless, None)).await;
        assert_eq!(facts(&found), ("video/webm", FileCategory::Video, Some((640, 480)), Some(6_900)));
        let found = look(&boxes::recorded_webm(false, 3, is_endless, None)).await;
        assert_eq!(facts(&found), ("audio/webm", FileCategory::Audio, None, Some(2_900)));
    }
    let told = look(&boxes::recorded_webm(true, 7, false, Some(6_950.5))).await;
    assert_eq!(told.facts.duration_ms, Some(6_950));
}

#[tokio::test]
async fn a_recording_that_was_cut_off_lasts_as_long_as_it_is() {
    let whole = boxes::recorded_webm(true, 7, true, None);
    let cut = look(&whole[..whole.len() - 130]).await;
    assert_eq!((cut.facts.category, cut.facts.duration_ms), (FileCategory::Video, Some(6_100)));
    let whole = boxes::recorded_film(5);
    let cut = look(&whole[..whole.len() - 30]).await;
    assert_eq!((cut.facts.category, cut.facts.duration_ms), (FileCategory::Video, Some(10_000)));
}

#[tokio::test]
async fn a_sound_is_as_long_as_its_headers_or_its_frames_say() {
    for (bytes, media_type, ms) in [
        (sounds::wav(1_500, false), "audio/wav", 1_500),
        (sounds::wav(1_500, true), "audio/wav", 1_500),
        (sounds::flac(44_100 * 90), "audio/flac", 90_000),
        (sounds::mp3(100, None), "audio/mpeg", 2_612),
        (sounds::mp3(9_000, None), "audio/mpeg", 235_102),
        (sounds::mp3(100, Some(1_000)), "audio/mpeg", 26_122),
        (sounds::aac(100), "audio/aac", 2_133),
        (sounds::opus(48_000 * 5), "audio/ogg", 5_000),
        (sounds::vorbis(44_100 * 3, false), "audio/ogg", 3_000),
    ] {
        let found = look(&bytes).await;
        assert_eq!(facts(&found), (media_type, FileCategory::Audio, None, Some(ms)));
        assert!(found.clean.is_none() && found.thumbs.is_empty());
    }
    let found = look(&sounds::vorbis(44_100 * 3, true)).await;
    assert_eq!(facts(&found), ("video/ogg", FileCategory::Video, Some((640, 480)), Some(3_000)));
}
