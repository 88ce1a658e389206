//! What files need of the store. Not where their bytes are: that is `file_ports`.

use async_trait::async_trait;

use crate::{
    file_records::{BlobName, FilePage, FileQuery, FileRecord, NewPoster, NewUpload, Swept, WholeFile},
    policy::{Permit, action},
    store_error::StoreResult,
};

/// Files and uploads. What a message has is taken by `append_message`, and given up by a recall and by the end of a room.
#[async_trait]
pub trait FileStore: Send + Sync + 'static {
    /// An upload. Its length counts against the person's share from now on:
    /// [`StoreError::QuotaExceeded`](crate::store_error::StoreError::QuotaExceeded) where it does not fit, whoever else begins one at the same
    /// time.
    async fn create_upload(&self, upload: NewUpload, quota: Option<i64>) -> StoreResult<FileRecord>;
    /// An upload whose length nobody announced becomes longer, from what it is known to be to `to`, by the same rule.
    async fn grow_upload(&self, upload: &FileRecord, to: i64, quota: Option<i64>) -> StoreResult<FileRecord>;
    /// A part was kept: what is received goes from `from` to `to`, and there is one part more.
    /// [`StoreError::Stale`](crate::store_error::StoreError::Stale) where it is not at `from` any more, `NotFound` where there is no such upload
    /// at this time.
    async fn advance_upload(&self, id: i64, from: i64, to: i64, now: i64) -> StoreResult<FileRecord>;
    /// The upload is whole and its content is kept under its own name; its size counts from now on. Where a file has the same already that
    /// content is its, too, and the sweep takes away what was kept: here nobody learns by the time it takes that others have it. Of two that
    /// come at the same moment each may keep its own. Done twice it stays what it was. `NotFound` where there is none.
    async fn finish_upload(&self, id: i64, whole: WholeFile, now: i64) -> StoreResult<FileRecord>;
    /// Other pictures of a whole file that no message has; `NotFound` where there is none, `QuotaExceeded` where they do not fit.
    async fn set_poster(&self, id: i64, poster: NewPoster, quota: Option<i64>) -> StoreResult<FileRecord>;
    async fn find_file(&self, id: i64) -> StoreResult<Option<FileRecord>>;
    /// Removes an upload of this person, or their file that no message has; false where there is none such. Its content goes with the
    /// next sweep of what is kept.
    async fn remove_file(&self, id: i64, user_id: i64) -> StoreResult<bool>;
    /// Takes out uploads whose time is over, and whole files older than that which no message has, at most `limit` of both. Gives which
    /// uploads they were, what the files had, and their smaller pictures. Where there may be more, another look is wanted soon.
    async fn sweep_files(&self, now: i64, unattached_before: i64, limit: usize) -> StoreResult<Swept>;
    /// Of these contents, those that a file refers to, or that an upload may still bring. That one is not among them is true for ever.
    async fn referred(&self, blobs: &[BlobName]) -> StoreResult<Vec<BlobName>>;
    /// Of these ids, those of files and uploads that there are. One that is gone never comes back.
    async fn present_files(&self, ids: &[i64]) -> StoreResult<Vec<i64>>;
    /// Files of messages in all rooms whose history this person may read now, newest first. One call looks at so many and no more.
    async fn list_files(&self, user_id: i64, query: FileQuery) -> StoreResult<FilePage>;
    /// The same of one room.
    async fn list_room_files(&self, permit: Permit<action::Read>, query: FileQuery) -> StoreResult<FilePage>;
}
