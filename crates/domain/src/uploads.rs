//! Files on their way in: begun, taken piece by piece, made whole. What is done with a whole file is in `files`.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use bytes::Bytes;
use chinwag_proto::{ErrorCode, FileCategory, Sentence, limits};
use futures_util::{Stream, StreamExt, TryStreamExt};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::{
    Actor, Chat, Error, Result,
    error::Faults,
    file_names,
    file_ports::{BlobContent, Inspected, PartWriter},
    file_records::{BlobName, FileRecord, NewUpload, WholeFile},
    file_sweep,
    ports::StoreError,
    storage::{LIFE_MS, Storage, blob_key, picture_key},
};

/// After so many bytes what came is made durable.
const PART: i64 = 8 * 1024 * 1024;
/// So much of a person's share an upload takes at a time whose length nobody announced.
const STEP: i64 = 1024 * 1024;
/// Parts of one upload: who sends smaller pieces than this makes of the largest file begins anew.
const PARTS: i64 = 1_000;
/// The longest that a client may say a recording is.
const LONGEST: f64 = 24.0 * 60.0 * 60.0;

/// What a client says of a file before its bytes come.
#[derive(Clone, Debug, Default)]
pub struct FileWish {
    pub name: String,
    /// Peaks between 0 and 100, as a JSON list.
    pub waveform: Option<String>,
    /// In seconds.
    pub duration: Option<String>,
}

impl FileWish {
    fn waveform(&self) -> Result<Vec<i32>> {
        let Some(text) = self.waveform.as_deref().filter(|text| !text.trim().is_empty()) else { return Ok(Vec::new()) };
        let peaks: Option<Vec<i32>> = serde_json::from_str(text).ok();
        let sound =
            |peaks: &Vec<i32>| peaks.len() <= limits::WAVEFORM && peaks.iter().all(|peak| (0..=100).contains(peak));
        peaks.filter(sound).ok_or_else(|| Error::invalid("waveform", Sentence::Impossible))
    }

    fn duration_ms(&self) -> Result<Option<i64>> {
        let Some(text) = self.duration.as_deref().filter(|text| !text.trim().is_empty()) else { return Ok(None) };
        let seconds = text.trim().parse().ok().filter(|seconds| (0.0..=LONGEST).contains(seconds));
        let seconds: f64 = seconds.ok_or_else(|| Error::invalid("duration", Sentence::Impossible))?;
        Ok(Some((seconds * 1000.0) as i64))
    }
}

/// What a piece must be, as its sender says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksum {
    Sha1([u8; 20]),
    Sha256([u8; 32]),
}

/// A stretch of an upload on its way.
pub struct Piece<B> {
    /// Where it begins.
    pub offset: i64,
    /// How long it is, where that was said.
    pub length: Option<u64>,
    /// With one, the piece counts as a whole or not at all.
    pub checksum: Option<Checksum>,
    pub body: B,
}

/// Begins an upload of so many bytes, which count against the person's share from now on.
pub async fn begin(chat: &Chat, actor: &Actor, wish: FileWish, length: i64) -> Result<FileRecord> {
    chat.storage()?;
    if !(0..=chat.settings.file_bytes).contains(&length) {
        return Err(ErrorCode::TooLarge.into());
    }
    let mut faults = Faults::default();
    let (waveform, duration_ms) = (faults.take(wish.waveform()), faults.take(wish.duration_ms()));
    faults.none()?;
    let now = chat.now();
    let upload = NewUpload {
        user_id: actor.user_id,
        name: file_names::cleaned(&wish.name),
        length,
        waveform: waveform.unwrap_or_default(),
        duration_ms: duration_ms.flatten(),
        created_at: now,
        expires_at: now + LIFE_MS,
    };
    Ok(chat.store.create_upload(upload, chat.settings.file_quota).await?)
}

/// How far one's own upload has come. One that has all its bytes and was not made whole, because the server died between, is made whole
/// now.
pub async fn look(chat: &Chat, actor: &Actor, id: i64) -> Result<FileRecord> {
    let upload = own(chat, actor, id).await?;
    if upload.is_whole() || upload.received < upload.length {
        return Ok(upload);
    }
    let storage = chat.storage()?;
    let _hand = storage.take_in_hand(id)?;
    finish(chat, storage, own(chat, actor, id).await?).await
}

/// Takes a piece of one's own upload and makes it durable; the last one makes the file whole. What came before a body broke off stays.
pub async fn append<B>(chat: &Chat, actor: &Actor, id: i64, piece: Piece<B>) -> Result<FileRecord>
where
    B: Stream<Item = Result<Bytes>> + Send + Unpin,
{
    let storage = chat.storage()?;
    let upload = own(chat, actor, id).await?;
    let _hand = storage.take_in_hand(id)?;
    if piece.offset != upload.received {
        return Err(ErrorCode::WrongOffset.into());
    }
    let left = u64::try_from(upload.length - upload.received).unwrap_or_default();
    if piece.length.is_some_and(|length| length > left) {
        return Err(ErrorCode::TooLarge.into());
    }
    if upload.is_whole() {
        // The answer to the last piece was lost.
        return Ok(upload);
    }
    let mut taking = Taking::new(chat, storage, upload, piece.checksum.is_some());
    let upload = match piece.checksum {
        Some(checksum) => taking.checked(piece.body, checksum).await?,
        None => taking.all(piece.body).await?,
    };
    if upload.received < upload.length { Ok(upload) } else { finish(chat, storage, upload).await }
}

/// Takes a whole file in one go, of at most so many bytes as were announced: they count against the person's share from now on. Where
/// nothing was, it counts as it grows. Where it does not come to its end, nothing of it stays.
pub async fn whole<B>(
    chat: &Chat,
    actor: &Actor,
    wish: FileWish,
    announced: Option<i64>,
    body: B,
    only: Option<FileCategory>,
) -> Result<FileRecord>
where
    B: Stream<Item = Result<Bytes>> + Send + Unpin,
{
    let storage = chat.storage()?;
    let most = chat.settings.file_bytes;
    let upload = begin(chat, actor, wish, announced.unwrap_or(STEP).min(most)).await?;
    let id = upload.id;
    let _hand = storage.take_in_hand(id)?;
    let work = async {
        // Nobody goes on with it, so nothing has to be durable before its end; one part is not copied to make it whole.
        let mut taking = Taking::new(chat, storage, upload, true);
        if announced.is_none() {
            taking.most = most;
        }
        let upload = taking.all(body).await?;
        let file = finish(chat, storage, upload).await?;
        let fits = only.is_none_or(|only| only == file.category);
        if fits { Ok(file) } else { Err(ErrorCode::UnsupportedFile.into()) }
    };
    let done = work.await;
    if done.is_err() {
        abandon(chat, storage, actor, id).await;
    }
    done
}

/// Gives up an upload, or one's own file that hangs on no message. False where there is none such.
pub(crate) async fn give_up(chat: &Chat, actor: &Actor, id: i64) -> Result<bool> {
    let removed = chat.store.remove_file(id, actor.user_id).await?;
    if let (true, Some(storage)) = (removed, &chat.storage) {
        forget_parts(storage, id).await;
    }
    Ok(removed)
}

/// The same after a failure, which is what is told.
async fn abandon(chat: &Chat, storage: &Storage, actor: &Actor, id: i64) {
    match chat.store.remove_file(id, actor.user_id).await {
        Ok(_) => forget_parts(storage, id).await,
        Err(error) => tracing::warn!(%error, "an upload that failed is removed when its time is over"),
    }
}

/// Parts that cannot be forgotten now are found by the sweep.
async fn forget_parts(storage: &Storage, id: i64) {
    if let Err(error) = storage.blobs.discard_parts(id).await {
        tracing::warn!(%error, "the parts of an upload stay until the next sweep");
    }
}

/// One's own upload or file; of an upload whose time is over there is nothing more.
async fn own(chat: &Chat, actor: &Actor, id: i64) -> Result<FileRecord> {
    let found = chat.store.find_file(id).await?.filter(|file| file.user_id == actor.user_id);
    let now = chat.now();
    let good = found.filter(|file| file.is_whole() || now < file.expires_at);
    good.ok_or_else(|| ErrorCode::FileNotFound.into())
}

/// An upload that takes bytes: they go into a part, which is closed where it is full.
struct Taking<'a> {
    chat: &'a Chat,
    storage: &'a Storage,
    upload: FileRecord,
    part: Option<Box<dyn PartWriter>>,
    in_part: i64,
    /// Bytes after which a part is full.
    full: i64,
    /// How long it may become, where its length was not announced.
    most: i64,
}

impl<'a> Taking<'a> {
    fn new(chat: &'a Chat, storage: &'a Storage, upload: FileRecord, in_one_part: bool) -> Self {
        let (full, most) = (if in_one_part { i64::MAX } else { PART }, upload.length);
        Self { chat, storage, upload, part: None, in_part: 0, full, most }
    }

    /// All that comes. Where that ends early, what came is kept all the same.
    async fn all(&mut self, mut body: impl Stream<Item = Result<Bytes>> + Send + Unpin) -> Result<FileRecord> {
        let came = loop {
            match body.next().await {
                Some(Ok(bytes)) => self.take(bytes).await?,
                Some(Err(error)) => break Err(error),
                None => break Ok(()),
            }
        };
        self.keep().await?;
        came.map(|()| self.upload.clone())
    }

    /// All that comes, where it is what its sender says.
    async fn checked(
        &mut self,
        mut body: impl Stream<Item = Result<Bytes>> + Send + Unpin,
        checksum: Checksum,
    ) -> Result<FileRecord> {
        let (mut sha1, mut sha256) = (Sha1::new(), Sha256::new());
        while let Some(bytes) = body.try_next().await? {
            match checksum {
                Checksum::Sha1(_) => sha1.update(&bytes),
                Checksum::Sha256(_) => sha256.update(&bytes),
            }
            self.take(bytes).await?;
        }
        let is_so = match checksum {
            Checksum::Sha1(said) => sha1.finalize()[..] == said,
            Checksum::Sha256(said) => sha256.finalize()[..] == said,
        };
        if !is_so {
            return Err(ErrorCode::ChecksumMismatch.into());
        }
        self.keep().await?;
        Ok(self.upload.clone())
    }

    async fn take(&mut self, mut bytes: Bytes) -> Result<()> {
        let wanted = i64::try_from(bytes.len()).unwrap_or(i64::MAX).saturating_add(self.upload.received + self.in_part);
        if wanted > self.most {
            return Err(ErrorCode::TooLarge.into());
        }
        if wanted > self.upload.length {
            self.grow(wanted).await?;
        }
        while !bytes.is_empty() {
            let room = usize::try_from(self.full - self.in_part).unwrap_or(usize::MAX);
            let stretch = bytes.split_to(room.min(bytes.len()));
            self.in_part += stretch.len() as i64;
            self.open_part().await?.write(stretch).await?;
            if self.in_part == self.full {
                self.keep().await?;
            }
        }
        Ok(())
    }

    /// Counts so much, and a step more where the share has that: each time costs a transaction.
    async fn grow(&mut self, wanted: i64) -> Result<()> {
        let (store, quota) = (&self.chat.store, self.chat.settings.file_quota);
        let grown = match store.grow_upload(&self.upload, (wanted + STEP).min(self.most), quota).await {
            Err(StoreError::QuotaExceeded) => store.grow_upload(&self.upload, wanted, quota).await,
            other => other,
        };
        self.upload = grown.map_err(moved)?;
        Ok(())
    }

    async fn open_part(&mut self) -> Result<&mut dyn PartWriter> {
        if self.part.is_none() {
            if self.upload.parts >= PARTS {
                return Err(Error::from(ErrorCode::Conflict).with_message(Sentence::LargerPieces));
            }
            let number = u32::try_from(self.upload.parts).map_err(Error::internal)?;
            self.part = Some(self.storage.blobs.begin_part(self.upload.id, number).await?);
        }
        Ok(self.part.as_deref_mut().expect("it is open"))
    }

    /// Makes durable what is in the open part, and counts it.
    async fn keep(&mut self) -> Result<()> {
        let Some(part) = self.part.take() else { return Ok(()) };
        let from = self.upload.received;
        // Of two nodes that take the same stretch, as when a client comes back over another one while the first still waits for it,
        // the later must not put its part in the place of the first's.
        let now_there = self.chat.store.find_file(self.upload.id).await?;
        if now_there.is_none_or(|upload| upload.received != from || upload.is_whole()) {
            return Err(ErrorCode::WrongOffset.into());
        }
        part.finish().await?;
        let to = from + std::mem::take(&mut self.in_part);
        self.upload = self.chat.store.advance_upload(self.upload.id, from, to, self.chat.now()).await.map_err(moved)?;
        Ok(())
    }
}

/// What moved on meanwhile is at another place now.
pub(crate) fn moved(error: StoreError) -> Error {
    match error {
        StoreError::Stale => ErrorCode::WrongOffset.into(),
        StoreError::NotFound => ErrorCode::FileNotFound.into(),
        other => other.into(),
    }
}

/// Makes an upload whose bytes are all here a file: understood, cleaned, kept under a name of its own.
async fn finish(chat: &Chat, storage: &Storage, upload: FileRecord) -> Result<FileRecord> {
    let _turn = storage.turn(upload.user_id).await?;
    // Another call, of this node or of another one, may have made it whole while this one waited.
    let upload = chat.store.find_file(upload.id).await?.ok_or(ErrorCode::FileNotFound)?;
    if upload.is_whole() {
        return Ok(upload);
    }
    let parts = u32::try_from(upload.parts).map_err(Error::internal)?;
    let gathered = storage.blobs.gather(upload.id, parts).await?;
    let path = gathered.path().to_owned();
    if size_of(path.clone()).await? != upload.received {
        // Two nodes took the same stretch within the same moment.
        tracing::warn!(upload = upload.id, "the parts of an upload are not what was counted; it has to begin anew");
        chat.store.remove_file(upload.id, upload.user_id).await?;
        forget_parts(storage, upload.id).await;
        return Err(ErrorCode::Conflict.into());
    }
    let Inspected { facts, clean, thumbs } = storage.inspector.inspect(&path, &upload.name).await;
    let (hash, size) = match clean.clone() {
        Some(bytes) => {
            (blocking(move || Ok(hash_of_bytes(&bytes))).await?, clean.as_ref().map_or(0, Bytes::len) as i64)
        }
        None => (blocking(move || hash_of_file(&path)).await?, upload.received),
    };
    let is_heard = matches!(facts.category, FileCategory::Audio | FileCategory::Video);
    let whole = WholeFile {
        size,
        media_type: facts.media_type,
        category: facts.category,
        width: facts.width,
        height: facts.height,
        duration_ms: facts.duration_ms.or(upload.duration_ms.filter(|_| is_heard)),
        placeholder: facts.placeholder,
        waveform: if is_heard { upload.waveform.clone() } else { Vec::new() },
        thumbs: thumbs.iter().map(|thumb| thumb.size as i32).collect(),
        thumb_bytes: thumbs.iter().map(|thumb| thumb.bytes.len() as i64).sum(),
        hash: hash.clone(),
    };
    let mut pictures = Vec::with_capacity(thumbs.len());
    for thumb in thumbs {
        let key = picture_key(upload.id, &hash, thumb.size as i32);
        storage.blobs.put(&key, BlobContent::Bytes(thumb.bytes)).await?;
        pictures.push(key);
    }
    let blob = BlobName { hash, brought_by: upload.id };
    let content = clean.map_or(BlobContent::File(gathered), BlobContent::Bytes);
    storage.blobs.put(&blob_key(&blob), content).await?;
    let finished = chat.store.finish_upload(upload.id, whole, chat.now()).await;
    if let Err(StoreError::NotFound) = finished {
        // It was given up meanwhile.
        file_sweep::take_away(chat, storage, vec![blob]).await?;
        for key in pictures {
            storage.blobs.delete(&key).await?;
        }
    }
    let file = finished.map_err(moved)?;
    forget_parts(storage, upload.id).await;
    Ok(file)
}

async fn size_of(path: std::path::PathBuf) -> Result<i64> {
    blocking(move || Ok(path.metadata()?.len() as i64)).await
}

fn hash_of_bytes(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn hash_of_file(path: &Path) -> io::Result<String> {
    let (mut file, mut hash) = (File::open(path)?, Sha256::new());
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hexadecimal(&hash.finalize())),
            read => hash.update(&buffer[..read]),
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// On a thread that may wait for the disk.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?.map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(waveform: &str, duration: &str) -> FileWish {
        FileWish { name: String::new(), waveform: Some(waveform.into()), duration: Some(duration.into()) }
    }

    #[test]
    fn what_a_recorder_says_is_within_bounds_or_refused() {
        let sound = wish("[0, 50,100]", " 1.5 ");
        assert_eq!((sound.waveform().ok(), sound.duration_ms().ok()), (Some(vec![0, 50, 100]), Some(Some(1500))));
        let silent = wish(" ", "");
        assert_eq!((silent.waveform().ok(), silent.duration_ms().ok()), (Some(vec![]), Some(None)));
        let long = format!("[{}]", vec!["1"; limits::WAVEFORM + 1].join(","));
        for waveform in ["[101]", "[-1]", "[0.5]", "{}", "x", &long] {
            assert!(wish(waveform, "").waveform().is_err(), "{waveform}");
        }
        for duration in ["-1", "NaN", "inf", "86401", "1e99", "x"] {
            assert!(wish("", duration).duration_ms().is_err(), "{duration}");
        }
    }
}
