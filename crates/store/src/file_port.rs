//! The ports of files, of pictures and of emojis, verb by verb, as `port` has the others. No logic.

use chinwag_domain::{
    avatar_records::{Avatar, AvatarOwner},
    avatar_store::AvatarStore,
    emoji_records::{EmojiList, EmojiRecord, NewEmoji},
    emoji_store::EmojiStore,
    file_records::{BlobName, FilePage, FileQuery, FileRecord, NewPoster, NewUpload, Swept, WholeFile},
    file_store::FileStore,
    policy::{Permit, action},
    ports::StoreResult,
    records::{Author, RoomView, UserRecord},
};

use crate::{SqlStore, avatars, emojis, file_lists, files, rooms};

#[async_trait::async_trait]
impl FileStore for SqlStore {
    async fn create_upload(&self, upload: NewUpload, quota: Option<i64>) -> StoreResult<FileRecord> {
        self.writer.run(move |tx| Box::pin(files::create_upload(tx, upload.clone(), quota))).await
    }

    async fn grow_upload(&self, upload: &FileRecord, to: i64, quota: Option<i64>) -> StoreResult<FileRecord> {
        let (id, user_id, from) = (upload.id, upload.user_id, upload.length);
        self.writer.run(move |tx| Box::pin(files::grow_upload(tx, (id, user_id), from, to, quota))).await
    }

    async fn advance_upload(&self, id: i64, from: i64, to: i64, now: i64) -> StoreResult<FileRecord> {
        self.writer.run(move |tx| Box::pin(files::advance_upload(tx, id, from, to, now))).await
    }

    async fn finish_upload(&self, id: i64, whole: WholeFile, now: i64) -> StoreResult<FileRecord> {
        self.writer.run(move |tx| Box::pin(files::finish_upload(tx, id, whole.clone(), now))).await
    }

    async fn set_poster(&self, id: i64, poster: NewPoster, quota: Option<i64>) -> StoreResult<FileRecord> {
        self.writer.run(move |tx| Box::pin(files::set_poster(tx, id, poster.clone(), quota))).await
    }

    async fn find_file(&self, id: i64) -> StoreResult<Option<FileRecord>> {
        files::find_file(&self.readers, id).await
    }

    async fn remove_file(&self, id: i64, user_id: i64) -> StoreResult<bool> {
        self.writer.run(move |tx| Box::pin(files::remove_file(tx, id, user_id))).await
    }

    async fn sweep_files(&self, now: i64, unattached_before: i64, limit: usize) -> StoreResult<Swept> {
        self.writer.run(move |tx| Box::pin(files::sweep(tx, now, unattached_before, limit))).await
    }

    async fn referred(&self, blobs: &[BlobName]) -> StoreResult<Vec<BlobName>> {
        files::referred(&self.readers, blobs).await
    }

    async fn present_files(&self, ids: &[i64]) -> StoreResult<Vec<i64>> {
        files::present(&self.readers, ids).await
    }

    async fn list_files(&self, user_id: i64, query: FileQuery) -> StoreResult<FilePage> {
        file_lists::list(&self.readers, user_id, query).await
    }

    async fn list_room_files(&self, permit: Permit<action::Read>, query: FileQuery) -> StoreResult<FilePage> {
        file_lists::list_room(&self.readers, permit, query).await
    }
}

#[async_trait::async_trait]
impl AvatarStore for SqlStore {
    async fn set_user_avatar(
        &self,
        id: i64,
        by: i64,
        avatar: Option<Avatar>,
    ) -> StoreResult<(UserRecord, Option<Avatar>)> {
        self.writer.run(move |tx| Box::pin(avatars::set_of_user(tx, id, by, avatar.clone()))).await
    }

    async fn set_room_avatar(
        &self,
        permit: Permit<action::EditRoom>,
        by: Author,
        avatar: Option<Avatar>,
        now: i64,
    ) -> StoreResult<(RoomView, Option<Avatar>)> {
        self.writer
            .run_in(permit.room_id(), move |tx| {
                Box::pin(rooms::set_avatar(tx, permit.clone(), by.clone(), avatar.clone(), now))
            })
            .await
    }

    async fn find_avatar_owner(&self, key: &str) -> StoreResult<Option<AvatarOwner>> {
        avatars::find_owner(&self.readers, key).await
    }

    async fn referred_avatars(&self, keys: &[String]) -> StoreResult<Vec<String>> {
        avatars::referred(&self.readers, keys).await
    }
}

#[async_trait::async_trait]
impl EmojiStore for SqlStore {
    async fn list_emojis(&self) -> StoreResult<EmojiList> {
        emojis::list(&self.readers).await
    }

    async fn emojis_version(&self) -> StoreResult<i64> {
        emojis::version(&self.readers).await
    }

    async fn create_emoji(&self, emoji: NewEmoji) -> StoreResult<EmojiRecord> {
        self.writer.run(move |tx| Box::pin(emojis::create(tx, emoji.clone()))).await
    }

    async fn delete_emoji(&self, id: i64, by: i64) -> StoreResult<String> {
        self.writer.run(move |tx| Box::pin(emojis::delete(tx, id, by))).await
    }
}
