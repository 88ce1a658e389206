//! Files as strangers send them, made byte by byte, against the inspector as the server uses it. No file of anybody is in here.

mod boxes;
mod lies;
mod mutations;
mod pictures;
mod recordings;
mod sounds;
mod stills;

use std::io::Write as _;

use chinwag_domain::file_ports::{FileCategory, Inspected, Inspector as _};
use chinwag_media::MediaInspector;

const PIXELS: u64 = 40_000_000;
const UNKNOWN: &str = "application/octet-stream";

async fn look(bytes: &[u8]) -> Inspected {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(bytes).expect("written");
    MediaInspector::new(PIXELS).inspect(file.path(), "anything.png").await
}

fn assert_plain(found: &Inspected, media_type: &str) {
    assert_eq!((found.facts.category, found.facts.media_type.as_str()), (FileCategory::File, media_type));
    assert!(found.clean.is_none() && found.thumbs.is_empty() && found.facts.placeholder.is_none());
    assert_eq!((found.facts.width, found.facts.height, found.facts.duration_ms), (None, None, None));
}

/// Whether `needle` stands in it.
fn tells(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}
