//! Understands files that strangers send: what they are, how large, how long, and what they tell that nobody meant to tell. It keeps
//! nothing and answers nobody.
//!
//! A type is believed when the content bears it out: a picture decodes, a recording has a track. Everything else is a plain file of a
//! type that no browser shows by itself, whatever it is called.

mod container;
mod content;
mod flac;
mod gif;
mod heif;
mod matroska;
mod metadata;
mod mp4;
mod mpeg;
mod ogg;
mod picture;
mod recording;
mod wav;

use std::{
    ops::Range,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use bytes::Bytes;
use chinwag_domain::file_ports::{FileCategory, FileFacts, Inspected, Inspector};
use image::ImageFormat;
use tokio::{sync::Semaphore, task, time};
use tracing::warn;

use self::{container::Container, content::Content, mp4::Movie, picture::Sizes, recording::Recording};

/// Files that are looked at at once: each may need a quarter of a gigabyte.
const AT_ONCE: usize = 2;
/// How long a file waits for its turn, and how long it is looked at.
const PATIENCE: Duration = Duration::from_secs(60);
const TIME_LIMIT: Duration = Duration::from_secs(10);
/// The most of a file that is read into memory, where it has to be there as a whole: pictures, and recordings to be cleaned.
const WHOLE_LIMIT: u64 = 64 << 20;

/// Looks at files in a bounded number of blocking threads. One for the process.
pub struct MediaInspector {
    slots: Arc<Semaphore>,
    image_pixels: u64,
}

impl MediaInspector {
    /// A picture of more pixels than these is a plain file.
    #[must_use]
    pub fn new(image_pixels: u64) -> Self {
        Self { slots: Arc::new(Semaphore::new(AT_ONCE)), image_pixels }
    }

    /// What `job` makes of a file; nothing if it has no turn, takes too long or panics. The slot stays with the job: one that takes too
    /// long is not waited for, but it still counts.
    async fn bounded<T: Send + 'static>(&self, job: impl FnOnce(Instant) -> Option<T> + Send + 'static) -> Option<T> {
        let slot = time::timeout(PATIENCE, Arc::clone(&self.slots).acquire_owned()).await;
        let Ok(Ok(slot)) = slot else {
            warn!("a file is not looked at: others take too long");
            return None;
        };
        let work = task::spawn_blocking(move || {
            let found = job(Instant::now() + TIME_LIMIT);
            drop(slot);
            found
        });
        match time::timeout(TIME_LIMIT, work).await {
            Ok(Ok(found)) => found,
            Ok(Err(_)) => {
                warn!("a decoder panicked; the file is a plain one");
                None
            }
            Err(_) => {
                warn!("a file takes too long to look at; it is a plain one");
                None
            }
        }
    }
}

#[async_trait]
impl Inspector for MediaInspector {
    /// The name is not asked: what a file is called is not what it is.
    async fn inspect(&self, path: &Path, _file_name: &str) -> Inspected {
        let (path, pixels) = (path.to_owned(), self.image_pixels);
        let (look, again) = (path.clone(), path);
        let found = self.bounded(move |deadline| inspect(&mut Content::open(&look, deadline)?, pixels)).await;
        if let Some(found) = found {
            return found;
        }
        // What cannot be looked into, or not now, may tell no less than the others. Who asks is one of few.
        let left =
            task::spawn_blocking(move || not_understood(&mut Content::open(&again, Instant::now() + TIME_LIMIT)?));
        left.await.ok().flatten().unwrap_or_else(|| plain(container::UNKNOWN))
    }

    async fn thumbs_of(&self, picture: Bytes) -> Option<Inspected> {
        let pixels = self.image_pixels;
        let look = move |_| {
            let Container::Picture(format) = container::of(&picture) else { return None };
            picture::read(&picture, format, pixels, Sizes::UpToItsOwn).map(|found| found.into_inspected(format, None))
        };
        self.bounded(look).await
    }

    async fn avatar_of(&self, picture: Bytes) -> Option<Bytes> {
        let pixels = self.image_pixels;
        let look = move |_| {
            let Container::Picture(format) = container::of(&picture) else { return None };
            picture::avatar(&picture, format, pixels)
        };
        self.bounded(look).await
    }
}

fn inspect(content: &mut Content, pixels: u64) -> Option<Inspected> {
    match container::of(&content.up_to(0, container::HEAD)?) {
        Container::Picture(format) => picture(content, format, pixels),
        Container::Mp4 => mp4::read(content).and_then(|movie| cleaned(content, movie)),
        Container::Matroska => matroska::read(content).map(recorded),
        Container::Ogg => ogg::read(content).map(recorded),
        Container::Mpeg => mpeg::read(content).map(recorded),
        Container::Flac => flac::read(content).map(recorded),
        Container::Wav => wav::read(content).map(recorded),
        Container::Heif(media_type) => Some(heif(content, media_type)),
        Container::Other(media_type) => Some(plain(media_type)),
    }
}

/// A plain file that may be a picture or a film all the same: one of too many pixels, one that is broken, or came when others took too
/// long. What it tells is removed by its kind alone, without a decoder.
fn not_understood(content: &mut Content) -> Option<Inspected> {
    match container::of(&content.up_to(0, container::HEAD)?) {
        Container::Picture(format) => {
            let bytes = content.whole(WHOLE_LIMIT)?;
            let clean = without_metadata(&bytes, format)?;
            let clean = (clean != bytes).then(|| clean.into());
            Some(Inspected { clean, ..plain(container::UNKNOWN) })
        }
        Container::Mp4 => match mp4::read(content) {
            Some(movie) => cleaned(content, movie),
            None => Some(heif(content, container::UNKNOWN)),
        },
        Container::Heif(media_type) => Some(heif(content, media_type)),
        _ => None,
    }
}

fn picture(content: &mut Content, format: ImageFormat, pixels: u64) -> Option<Inspected> {
    let bytes = content.whole(WHOLE_LIMIT)?;
    let clean = without_metadata(&bytes, format)?;
    // Of what is kept: two that are kept as one content have the same smaller pictures, whatever else their files said.
    let found = picture::read(&clean, format, pixels, Sizes::Smaller)?;
    let clean = (clean != bytes).then(|| clean.into());
    Some(found.into_inspected(format, clean))
}

/// The same picture without what is told beside it; nothing where it is broken.
fn without_metadata(bytes: &[u8], format: ImageFormat) -> Option<Vec<u8>> {
    let orientation = metadata::orientation(bytes, format);
    match format {
        ImageFormat::Jpeg => metadata::without_in_jpeg(bytes, orientation),
        ImageFormat::Png => metadata::without_in_png(bytes, orientation),
        ImageFormat::WebP => metadata::without_in_webp(bytes, orientation),
        _ => gif::without_metadata(bytes),
    }
}

/// A picture that nothing here decodes, with what it tells blanked. One that is too large for memory stays as it is.
fn heif(content: &mut Content, media_type: &str) -> Inspected {
    let mut blanked = || {
        let private = heif::private(content).filter(|private| !private.is_empty())?;
        let mut bytes = content.whole(WHOLE_LIMIT)?;
        for Range { start, end } in private {
            bytes.get_mut(usize::try_from(start).ok()?..usize::try_from(end).ok()?)?.fill(0);
        }
        Some(bytes.into())
    };
    Inspected { clean: blanked(), ..plain(media_type) }
}

/// A recording that tells a place has it blanked where it stands, so that no other offset in it moves. One that is too large for memory
/// stays as it is.
fn cleaned(content: &mut Content, movie: Movie) -> Option<Inspected> {
    let mut inspected = recorded(movie.recording);
    if !movie.private.is_empty() && content.length() <= WHOLE_LIMIT {
        let mut bytes = content.whole(WHOLE_LIMIT)?;
        mp4::blank(&mut bytes, &movie.private)?;
        inspected.clean = Some(bytes.into());
    }
    Some(inspected)
}

fn recorded(recording: Recording) -> Inspected {
    let (width, height) = recording.size.unzip();
    let category = if recording.has_video { FileCategory::Video } else { FileCategory::Audio };
    let facts = FileFacts {
        media_type: recording.media_type.to_owned(),
        category,
        width,
        height,
        duration_ms: recording.duration_ms,
        placeholder: None,
    };
    Inspected { facts, clean: None, thumbs: vec![] }
}

fn plain(media_type: &str) -> Inspected {
    let facts = FileFacts {
        media_type: media_type.to_owned(),
        category: FileCategory::File,
        width: None,
        height: None,
        duration_ms: None,
        placeholder: None,
    };
    Inspected { facts, clean: None, thumbs: vec![] }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn a_decoder_that_panics_makes_a_plain_file_and_gives_its_slot_back() {
        let inspector = MediaInspector::new(1);
        for _ in 0..=AT_ONCE {
            let found: Option<()> = inspector.bounded(|_| panic!("as a decoder may")).await;
            assert_eq!(found, None);
        }
        assert_eq!(inspector.bounded(|_| Some(7)).await, Some(7));
    }

    #[tokio::test(start_paused = true)]
    async fn who_takes_too_long_is_not_waited_for_and_still_has_its_slot() {
        let inspector = MediaInspector::new(1);
        let mut ends = vec![];
        for _ in 0..AT_ONCE {
            let (end, wait) = mpsc::sync_channel::<()>(0);
            ends.push(end);
            let stuck = inspector.bounded(move |_| wait.recv().ok());
            let (found, ()) = tokio::join!(stuck, time::advance(TIME_LIMIT + Duration::from_millis(1)));
            assert_eq!(found, None);
        }
        assert_eq!(inspector.slots.available_permits(), 0);
        let (found, ()) =
            tokio::join!(inspector.bounded(|_| Some(7)), time::advance(PATIENCE + Duration::from_millis(1)));
        assert_eq!(found, None, "there is no slot");
        drop(ends);
        assert!(inspector.slots.acquire_many(AT_ONCE as u32).await.is_ok(), "and then there are all");
    }
}
