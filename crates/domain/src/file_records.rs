//! What the store keeps of files and uploads, and how a message shows one. Not their bytes.

use chinwag_proto::{FileCategory, MessageType, Sentence};

/// Names the bytes of a content. Which upload brought them is a part of the name, so that it is given once: what nothing refers to any
/// more and no upload may still bring is never referred to again, and whoever deletes it may take as long as they like.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct BlobName {
    pub hash: String,
    /// 0 where contents were kept under their hash alone, as older versions did.
    pub brought_by: i64,
}

/// A file that a person uploaded, or that they still upload.
#[derive(Clone, Debug, PartialEq)]
pub struct FileRecord {
    pub id: i64,
    /// Whose it is.
    pub user_id: i64,
    pub created_at: i64,
    pub name: String,
    /// Bytes that its sender said it has.
    pub length: i64,
    /// Bytes of it that are kept, in so many parts.
    pub received: i64,
    pub parts: i64,
    /// Until then an upload goes on.
    pub expires_at: i64,
    /// Of the content, in hexadecimal, once it is whole.
    pub hash: Option<String>,
    /// The upload that brought its bytes: itself, or one before it with the same.
    pub brought_by: i64,
    /// Bytes of the content, which may have lost some that its author did not mean to tell.
    pub size: i64,
    pub media_type: String,
    pub category: FileCategory,
    pub width: Option<i32>,
    pub height: Option<i32>,
    pub duration_ms: Option<i64>,
    /// A thumbhash.
    pub placeholder: Option<Vec<u8>>,
    /// Peaks from 0 to 100.
    pub waveform: Vec<i32>,
    /// The smaller pictures there are, by their longer side.
    pub thumbs: Vec<i32>,
    /// The message that has it, and its room.
    pub message_id: Option<i64>,
    pub room_id: Option<i64>,
}

impl FileRecord {
    /// Whether all of it is there and understood.
    pub fn is_whole(&self) -> bool {
        self.hash.is_some()
    }

    /// Its bytes, once it is whole.
    pub fn blob(&self) -> Option<BlobName> {
        self.hash.clone().map(|hash| BlobName { hash, brought_by: self.brought_by })
    }
}

/// What is stored of a new upload. `id` is given by the store.
#[derive(Clone, Debug, PartialEq)]
pub struct NewUpload {
    pub user_id: i64,
    pub name: String,
    /// Bytes to come.
    pub length: i64,
    /// As its sender says.
    pub waveform: Vec<i32>,
    pub duration_ms: Option<i64>,
    pub created_at: i64,
    pub expires_at: i64,
}

/// What an upload turned out to be.
#[derive(Clone, Debug, PartialEq)]
pub struct WholeFile {
    pub size: i64,
    pub media_type: String,
    pub category: FileCategory,
    pub width: Option<i32>,
    pub height: Option<i32>,
    pub duration_ms: Option<i64>,
    pub placeholder: Option<Vec<u8>>,
    pub waveform: Vec<i32>,
    pub thumbs: Vec<i32>,
    /// Of the smaller pictures together: they count, too.
    pub thumb_bytes: i64,
    pub hash: String,
}

/// The picture of a film.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewPoster {
    pub thumbs: Vec<i32>,
    pub thumb_bytes: i64,
    pub placeholder: Option<Vec<u8>>,
    /// The film's own, where it tells none.
    pub width: Option<i32>,
    pub height: Option<i32>,
}

/// What a sweep took out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Uploads that never became whole: their parts may go.
    pub uploads: Vec<i64>,
    /// What the files had that are gone: other files may have it, too.
    pub blobs: Vec<BlobName>,
    /// Their smaller pictures, which are no other's.
    pub pictures: Vec<SweptPictures>,
    /// There may be more of it.
    pub goes_on: bool,
}

/// The smaller pictures of a file that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SweptPictures {
    pub file_id: i64,
    pub hash: String,
    pub sizes: Vec<i32>,
}

/// Which files of messages are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileQuery {
    pub category: Option<FileCategory>,
    /// Whose they are.
    pub user_id: Option<i64>,
    /// What the name contains, in any case.
    pub name: String,
    /// Where the page before said that it goes on.
    pub before: Option<FilePlace>,
    pub limit: usize,
}

/// A place in a list of files, which is in the order of their messages, and of their ids where a message has several: what comes
/// behind it is older.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FilePlace {
    pub message_id: i64,
    pub id: i64,
}

/// A file, and of the message that has it what a list shows.
#[derive(Clone, Debug, PartialEq)]
pub struct PostedFile {
    pub file: FileRecord,
    pub message_id: i64,
    pub room_id: i64,
    pub seq: i64,
    /// Who sent it, as they were called then.
    pub username: String,
    pub sent_at: i64,
    /// What that message is: a sound that is a voice message is no file to people.
    pub message_type: MessageType,
}

/// Some files, newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FilePage {
    pub files: Vec<PostedFile>,
    /// Where it goes on; none at the end. A page that looked at many in vain may have few files, or none, and go on all the same.
    pub next: Option<FilePlace>,
}

/// What a message with these attachments is, or why it is not what its sender calls it. Only who sends it knows that an audio was
/// spoken for it; a text says nothing of its attachments, and the first of them does.
pub fn message_type(asked: MessageType, categories: &[FileCategory]) -> Result<MessageType, Sentence> {
    let all = |category| categories.iter().all(|one| *one == category);
    match asked {
        MessageType::Text | MessageType::System => Ok(match categories.first() {
            None => MessageType::Text,
            Some(FileCategory::Image) => MessageType::Image,
            Some(FileCategory::Video) => MessageType::Video,
            Some(FileCategory::File | FileCategory::Audio) => MessageType::File,
        }),
        MessageType::File => Ok(asked),
        MessageType::Image if all(FileCategory::Image) => Ok(asked),
        MessageType::Voice if categories == [FileCategory::Audio] => Ok(asked),
        MessageType::Video if categories == [FileCategory::Video] => Ok(asked),
        MessageType::Image => Err(Sentence::AttachImages),
        MessageType::Voice => Err(Sentence::AttachAudio),
        MessageType::Video => Err(Sentence::AttachVideo),
    }
}
