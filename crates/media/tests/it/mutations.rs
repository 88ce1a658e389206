//! Real files, broken at random in the same way each time: whatever comes out, the answer comes soon, nothing panics, and what is
//! called a picture is one.

use std::{
    fs, panic,
    sync::{Mutex, MutexGuard, Once, PoisonError},
    thread,
    time::{Duration, Instant},
};

use chinwag_domain::file_ports::{FileCategory, Inspector as _};
use chinwag_media::MediaInspector;
use image::ImageFormat;

use crate::{PIXELS, boxes, sounds, stills};

const TIMES: usize = 1_000;

/// A generator of numbers that gives the same ones each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).expect("fits") % limit.max(1)
    }
}

fn broken(whole: &[u8], dice: &mut Dice) -> Vec<u8> {
    const EDGES: [u8; 6] = [0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF];
    let mut bytes = whole.to_vec();
    for _ in 0..=dice.below(4) {
        let at = dice.below(bytes.len());
        match dice.below(6) {
            0 => bytes.truncate(at + 1),
            1 => bytes[at] = EDGES[dice.below(EDGES.len())],
            2 => bytes[at] ^= 1 << dice.below(8),
            3 => {
                let end = (at + 4).min(bytes.len());
                bytes[at..end].fill(EDGES[dice.below(EDGES.len())]);
            }
            4 => {
                let end = at + dice.below(64).min(bytes.len() - at);
                let stretch = bytes[at..end].to_vec();
                let to = dice.below(bytes.len());
                bytes.splice(to..to, stretch);
            }
            _ => drop(bytes.drain(at..at + dice.below(16).min(bytes.len() - at))),
        }
        if bytes.is_empty() {
            bytes.push(0);
        }
    }
    bytes
}

/// Where panics were, outside of the tests themselves: the inspector catches them.
fn panics() -> MutexGuard<'static, Vec<String>> {
    static PLACES: Mutex<Vec<String>> = Mutex::new(vec![]);
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if thread::current().name().is_none_or(|name| name.starts_with("tokio")) {
                PLACES.lock().unwrap_or_else(PoisonError::into_inner).push(panic.to_string());
            }
            before(panic);
        }));
    });
    PLACES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gives how many of them were plain files.
async fn survive(kind: &str, whole: Vec<u8>) -> usize {
    drop(panics());
    let inspector = MediaInspector::new(PIXELS);
    let file = tempfile::NamedTempFile::new().expect("a file");
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15 ^ kind.len() as u64);
    let mut slowest = Duration::ZERO;
    let mut plain = 0;
    for time in 0..TIMES {
        fs::write(file.path(), broken(&whole, &mut dice)).expect("written");
        let since = Instant::now();
        let found = inspector.inspect(file.path(), "").await;
        slowest = slowest.max(since.elapsed());
        plain += usize::from(found.facts.category == FileCategory::File);
        if found.facts.category == FileCategory::Image {
            let bytes = found.clean.map_or_else(|| fs::read(file.path()).expect("read"), Into::into);
            let format = ImageFormat::from_mime_type(&found.facts.media_type).expect("a picture's type");
            assert!(image::load_from_memory_with_format(&bytes, format).is_ok(), "{kind} {time}: is no picture");
        }
        assert!(found.facts.duration_ms.is_none_or(|ms| ms > 0), "{kind} {time}");
    }
    let panics = panics().clone();
    assert!(panics.is_empty(), "{kind}, or what ran beside it: {panics:?}");
    assert!(slowest < Duration::from_secs(9), "{kind}: {slowest:?}");
    plain
}

macro_rules! survivors {
    ($($name:ident: $whole:expr;)*) => {$(
        #[tokio::test]
        async fn $name() {
            let plain = survive(stringify!($name), $whole).await;
            assert!(plain < TIMES, "the mutations are too wild to test anything");
        }
    )*};
}

survivors! {
    a_broken_jpeg_harms_nobody: stills::jpeg(48, 32, 6);
    a_broken_png_harms_nobody: stills::png(48, 32, 6);
    a_broken_gif_harms_nobody: stills::gif(5);
    a_broken_webp_harms_nobody: stills::webp(48, 32, 6);
    a_broken_film_harms_nobody: boxes::phone_film(b"mp42");
    a_broken_song_harms_nobody: boxes::song();
    a_broken_recorded_film_harms_nobody: boxes::recorded_film(5);
    a_broken_webm_harms_nobody: boxes::recorded_webm(true, 5, true, None);
    a_broken_finished_webm_harms_nobody: boxes::recorded_webm(true, 5, false, Some(4_900.0));
    a_broken_opus_harms_nobody: sounds::opus(48_000);
    a_broken_vorbis_harms_nobody: sounds::vorbis(44_100, true);
    a_broken_mp3_harms_nobody: sounds::mp3(20, Some(1_000));
    a_broken_aac_harms_nobody: sounds::aac(20);
    a_broken_wav_harms_nobody: sounds::wav(200, false);
    a_broken_flac_harms_nobody: sounds::flac(44_100);
}

#[tokio::test]
async fn a_broken_picture_of_a_phone_harms_nobody() {
    assert_eq!(survive("of a phone", boxes::phone_picture(b"heic", false)).await, TIMES);
}

/// The most this process ever had in memory, in MiB.
#[cfg(target_os = "linux")]
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("read");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("is told");
    line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") / 1024
}

/// What a picture of the most pixels needs, twice, and what stands beside it; asked for by many more at once.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn many_that_say_they_are_as_large_as_may_be_need_the_memory_of_two() {
    let mut png = stills::png(48, 32, 1);
    png[16..24].copy_from_slice(&[0, 0, 0x2E, 0xE0, 0, 0, 0x0D, 0x05]);
    let header = stills::chunk(b"IHDR", &png[16..29]);
    png.splice(8..33, header);
    let mut gif = stills::gif(1);
    gif[6..10].copy_from_slice(&[0xE0, 0x2E, 0x05, 0x0D]);
    let inspector = MediaInspector::new(PIXELS);
    let files = [png, gif].map(|bytes| {
        let file = tempfile::NamedTempFile::new().expect("a file");
        fs::write(file.path(), bytes).expect("written");
        file
    });
    let looks = (0..16).map(|turn| inspector.inspect(files[turn % 2].path(), ""));
    futures_util::future::join_all(looks).await;
    assert!(peak() < 1_400, "{} MiB", peak());
}
