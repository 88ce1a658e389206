//! The port, verb by verb: what changes something goes to the writer, what only reads to the readers. No logic.

use std::time::Duration;

use chinwag_domain::{
    SessionId,
    avatar_records::Avatar,
    mentions::Calls,
    policy::{Permit, action},
    ports::{
        Committed, JobStore, LimitStore, LogStore, MemberStore, MessageStore, MetaStore, OwnLogStore, RoomStore,
        SessionStore, StoreError, StoreResult, UserStore,
    },
    records::*,
    tries::{Guess, Spending},
};
use chinwag_proto::{Event, Role};

use crate::{
    SqlStore, attached, error::failure, jobs, limits, marks, members, messages, moved, order, own_log, replay,
    room_views, rooms, sessions, tx, users,
};

#[async_trait::async_trait]
impl MetaStore for SqlStore {
    fn epoch(&self) -> i64 {
        self.epoch
    }

    fn is_shared(&self) -> bool {
        tx::is_shared(&self.readers)
    }

    async fn clock_ms(&self) -> StoreResult<i64> {
        users::clock_ms(&self.readers).await
    }

    async fn token_secret(&self, fresh: [u8; 32]) -> StoreResult<[u8; 32]> {
        self.writer.run(move |tx| Box::pin(users::token_secret(tx, fresh))).await
    }

    async fn server_name(&self) -> StoreResult<Option<String>> {
        users::server_name(&self.readers).await
    }

    async fn setup_secret(&self, fresh: String) -> StoreResult<Option<String>> {
        self.writer.run(move |tx| Box::pin(users::setup_secret(tx, fresh.clone()))).await
    }

    async fn admin_exists(&self) -> StoreResult<bool> {
        users::admin_exists(&self.readers).await
    }

    async fn counts(&self) -> StoreResult<Counts> {
        users::counts(&self.readers).await
    }

    async fn ping(&self) -> StoreResult<()> {
        self.writer.run(|_| Box::pin(async { Ok(()) })).await?;
        let moved_to = moved::fact(&self.readers, moved::MOVED).await.map_err(failure)?;
        moved_to.map_or(Ok(()), |_| Err(StoreError::Moved))
    }
}

#[async_trait::async_trait]
impl UserStore for SqlStore {
    async fn create_user(&self, user: NewUser, session: Option<NewSession>) -> StoreResult<UserRecord> {
        self.writer.run(move |tx| Box::pin(sessions::create_user(tx, user.clone(), session.clone()))).await
    }

    async fn create_first_admin(
        &self,
        user: NewUser,
        session: NewSession,
        server_name: Option<String>,
        secret: String,
    ) -> StoreResult<UserRecord> {
        self.writer
            .run(move |tx| {
                let (user, session, server_name) = (user.clone(), session.clone(), server_name.clone());
                Box::pin(sessions::create_first_admin(tx, user, session, server_name, secret.clone()))
            })
            .await
    }

    async fn find_user(&self, id: i64) -> StoreResult<Option<UserRecord>> {
        users::find_user(&self.readers, id).await
    }

    async fn find_users(&self, ids: &[i64]) -> StoreResult<Vec<UserRecord>> {
        users::find_users(&self.readers, ids).await
    }

    async fn find_user_by_login(&self, key: &str) -> StoreResult<Option<UserRecord>> {
        users::find_user_by_login(&self.readers, key).await
    }

    async fn find_user_by_look(&self, look: &str) -> StoreResult<Option<UserRecord>> {
        users::find_user_by_look(&self.readers, look).await
    }

    async fn search_users(&self, query: &str, after: i64, limit: usize) -> StoreResult<Vec<UserRecord>> {
        users::search_users(&self.readers, query, after, limit).await
    }

    async fn update_user(&self, id: i64, by: i64, change: ProfileChange) -> StoreResult<UserRecord> {
        self.writer.run(move |tx| Box::pin(users::update_user(tx, id, by, change.clone()))).await
    }

    async fn set_admin(&self, id: i64, is_admin: bool) -> StoreResult<()> {
        self.writer.run(move |tx| Box::pin(users::set_admin(tx, id, is_admin))).await
    }

    async fn set_password(
        &self,
        id: i64,
        hash: String,
        proved: Option<String>,
        keep: Option<SessionId>,
        now: i64,
    ) -> StoreResult<Vec<SessionId>> {
        self.writer
            .run(move |tx| Box::pin(sessions::set_password(tx, id, (hash.clone(), proved.clone()), keep, now)))
            .await
    }

    async fn deactivate_user(&self, id: i64, by: i64, now: i64) -> StoreResult<Vec<SessionId>> {
        self.writer.run(move |tx| Box::pin(sessions::deactivate_user(tx, id, by, now))).await
    }

    async fn touch_users(&self, seen: Vec<(i64, i64)>) -> StoreResult<()> {
        self.writer.run(move |tx| Box::pin(users::touch_users(tx, seen.clone()))).await
    }
}

#[async_trait::async_trait]
impl SessionStore for SqlStore {
    async fn create_session(
        &self,
        user_id: i64,
        proved: String,
        session: NewSession,
        most: usize,
    ) -> StoreResult<Vec<SessionId>> {
        self.writer
            .run(move |tx| Box::pin(sessions::create_session(tx, (user_id, proved.clone()), session.clone(), most)))
            .await
    }

    async fn find_session(&self, id: SessionId) -> StoreResult<Option<SessionRecord>> {
        sessions::find_session(&self.readers, id).await
    }

    async fn find_holder(&self, id: SessionId) -> StoreResult<Option<Holder>> {
        sessions::find_holder(&self.readers, id).await
    }

    async fn find_session_by_cookie(&self, hash: SecretHash) -> StoreResult<Option<SessionRecord>> {
        sessions::find_session_by_cookie(&self.readers, hash).await
    }

    async fn rotate_refresh(&self, shown: ShownRefresh) -> StoreResult<Rotation> {
        self.writer.run(move |tx| Box::pin(sessions::rotate_refresh(tx, shown.clone()))).await
    }

    async fn spend_ticket(&self, hash: SecretHash, ends_at: i64) -> StoreResult<()> {
        self.writer.run(move |tx| Box::pin(sessions::spend_ticket(tx, hash, ends_at))).await
    }

    async fn list_sessions(&self, user_id: i64, now: i64) -> StoreResult<Vec<SessionRecord>> {
        sessions::list_sessions(&self.readers, user_id, now).await
    }

    async fn revoke_session(&self, user_id: i64, id: SessionId, now: i64) -> StoreResult<bool> {
        self.writer.run(move |tx| Box::pin(sessions::revoke_session(tx, user_id, id, now))).await
    }

    async fn revoke_sessions(&self, user_id: i64, keep: Option<SessionId>, now: i64) -> StoreResult<Vec<SessionId>> {
        self.writer.run(move |tx| Box::pin(sessions::revoke_sessions(tx, user_id, keep, now))).await
    }

    async fn newest_revocation(&self) -> StoreResult<i64> {
        sessions::newest_revocation(&self.readers).await
    }

    async fn sessions_revoked_after(&self, after: i64) -> StoreResult<Vec<(i64, SessionId)>> {
        sessions::revoked_after(&self.readers, after).await
    }

    async fn sessions_that_ran_out(&self, from: i64, to: i64) -> StoreResult<Vec<SessionId>> {
        sessions::ran_out(&self.readers, from, to).await
    }

    async fn forget_sessions(&self, ended_before: i64, now: i64) -> StoreResult<u64> {
        self.writer.run(move |tx| Box::pin(sessions::forget_sessions(tx, ended_before, now))).await
    }

    async fn touch_sessions(&self, seen: Vec<(SessionId, i64)>) -> StoreResult<()> {
        self.writer.run(move |tx| Box::pin(sessions::touch_sessions(tx, seen.clone()))).await
    }
}

#[async_trait::async_trait]
impl RoomStore for SqlStore {
    async fn create_room(&self, room: NewRoom) -> StoreResult<(RoomView, bool)> {
        self.writer.run(move |tx| Box::pin(rooms::create_room(tx, room.clone()))).await
    }

    async fn direct_room(&self, people: Vec<Author>, now: i64) -> StoreResult<(Vec<RoomView>, bool)> {
        self.writer.run(move |tx| Box::pin(rooms::direct_room(tx, people.clone(), now))).await
    }

    async fn seated_after(&self, after: i64, looked: Option<i64>) -> StoreResult<(i64, Vec<(i64, i64, i64)>)> {
        members::seated_after(&self.readers, after, looked).await
    }

    async fn find_seat(&self, room_id: i64, user_id: i64) -> StoreResult<Option<Seat>> {
        rooms::find_seat(&self.readers, room_id, user_id).await
    }

    async fn find_direct(&self, user_id: i64, people: &[i64]) -> StoreResult<Option<RoomView>> {
        room_views::find_direct(&self.readers, user_id, people).await
    }

    async fn list_rooms(&self, user_id: i64, limit: usize, offset: usize) -> StoreResult<Vec<RoomView>> {
        room_views::list_rooms(&self.readers, user_id, limit, offset).await
    }

    async fn room_view(&self, permit: Permit<action::Read>) -> StoreResult<RoomView> {
        room_views::room_view(&self.readers, permit).await
    }

    async fn search_rooms(&self, user_id: i64, name: &str, limit: usize, offset: u64) -> StoreResult<Vec<RoomView>> {
        room_views::search_rooms(&self.readers, user_id, name, limit, offset).await
    }

    async fn update_room(
        &self,
        permit: Permit<action::EditRoom>,
        by: Author,
        change: RoomChange,
        now: i64,
    ) -> StoreResult<RoomView> {
        self.writer
            .run_in(permit.room_id(), move |tx| {
                Box::pin(rooms::update_room(tx, permit.clone(), by.clone(), change.clone(), now))
            })
            .await
    }

    async fn delete_room(&self, permit: Permit<action::DeleteRoom>, now: i64) -> StoreResult<Option<Avatar>> {
        self.writer.run_in(permit.room_id(), move |tx| Box::pin(rooms::delete_room(tx, permit.clone(), now))).await
    }
}

#[async_trait::async_trait]
impl MemberStore for SqlStore {
    async fn join_room(&self, permit: Permit<action::Join>, who: Author, now: i64) -> StoreResult<(RoomView, bool)> {
        self.writer
            .run_in(permit.room_id(), move |tx| Box::pin(members::join_room(tx, permit.clone(), who.clone(), now)))
            .await
    }

    async fn leave_room(&self, permit: Permit<action::Leave>, who: Author, now: i64) -> StoreResult<bool> {
        self.writer
            .run_in(permit.room_id(), move |tx| Box::pin(members::leave_room(tx, permit.clone(), who.clone(), now)))
            .await
    }

    async fn add_member(
        &self,
        permit: Permit<action::AddMember>,
        promotion: Option<(Permit<action::SetRole>, Role)>,
        who: Author,
        now: i64,
    ) -> StoreResult<(RoomView, bool)> {
        self.writer
            .run_in(permit.room_id(), move |tx| {
                Box::pin(members::add_member(tx, permit.clone(), promotion.clone(), who.clone(), now))
            })
            .await
    }

    async fn kick_member(&self, permit: Permit<action::Kick>, who: Author, now: i64) -> StoreResult<bool> {
        self.writer
            .run_in(permit.room_id(), move |tx| Box::pin(members::kick_member(tx, permit.clone(), who.clone(), now)))
            .await
    }

    async fn set_role(
        &self,
        permit: Permit<action::SetRole>,
        who: Author,
        role: Role,
        now: i64,
    ) -> StoreResult<MemberRecord> {
        self.writer
            .run_in(permit.room_id(), move |tx| Box::pin(members::set_role(tx, permit.clone(), who.clone(), role, now)))
            .await
    }

    async fn list_members(
        &self,
        permit: Permit<action::Read>,
        query: &str,
        after: Option<(Role, i64)>,
        limit: usize,
        offset: usize,
    ) -> StoreResult<Vec<(MemberRecord, UserRecord)>> {
        members::list_members(&self.readers, permit, query, after, limit, offset).await
    }

    async fn list_members_among(
        &self,
        permit: Permit<action::Read>,
        query: &str,
        people: &[i64],
    ) -> StoreResult<Vec<(MemberRecord, UserRecord)>> {
        members::list_members_among(&self.readers, permit, query, people).await
    }

    async fn find_member(&self, room_id: i64, user_id: i64) -> StoreResult<Option<MemberRecord>> {
        members::find_member(&self.readers, room_id, user_id).await
    }
}

#[async_trait::async_trait]
impl MessageStore for SqlStore {
    async fn append_message(&self, permit: Permit<action::Post>, message: NewMessage) -> StoreResult<Appended> {
        if message.attachments.is_empty() {
            return self.writer.append(permit, message).await;
        }
        self.writer
            .run_in(permit.room_id(), move |tx| Box::pin(attached::append(tx, permit.clone(), message.clone())))
            .await
    }

    async fn append_broadcast(
        &self,
        permit: Permit<action::Broadcast>,
        by: Author,
        content: String,
        now: i64,
    ) -> StoreResult<MessageRecord> {
        self.writer
            .run_in(permit.room_id(), move |tx| {
                Box::pin(messages::append_broadcast(tx, permit.clone(), by.clone(), content.clone(), now))
            })
            .await
    }

    async fn edit_message(
        &self,
        permit: Permit<action::EditMessage>,
        id: i64,
        content: String,
        calls: Calls,
        now: i64,
    ) -> StoreResult<(MessageRecord, i64)> {
        self.writer
            .run_in(permit.room_id(), move |tx| {
                Box::pin(messages::edit_message(tx, permit.clone(), id, content.clone(), calls.clone(), now))
            })
            .await
    }

    async fn recall_message(&self, permit: Permit<action::RecallMessage>, id: i64, now: i64) -> StoreResult<Recalled> {
        self.writer
            .run_in(permit.room_id(), move |tx| Box::pin(messages::recall_message(tx, permit.clone(), id, now)))
            .await
    }

    async fn find_message(&self, id: i64) -> StoreResult<Option<MessageRecord>> {
        messages::find_message(&self.readers, id).await
    }

    async fn history(&self, permit: Permit<action::Read>, page: Page, limit: usize) -> StoreResult<Vec<MessageRecord>> {
        messages::history(&self.readers, permit, page, limit).await
    }

    async fn replay(&self, permit: &Permit<action::Listen>, after: i64, to: i64) -> StoreResult<Vec<Event>> {
        replay::replay(&self.readers, permit, after, to).await
    }

    async fn head(&self, permit: &Permit<action::Listen>) -> StoreResult<i64> {
        replay::head(&self.readers, permit).await
    }

    async fn log_after(&self, after: i64, limit: usize) -> StoreResult<Vec<(i64, Event)>> {
        order::log_after(&self.readers, &self.settled, after, limit).await
    }

    async fn mark_read(&self, permit: Permit<action::MarkRead>, seq: i64) -> StoreResult<Marked> {
        self.writer.mark_read(permit, seq).await
    }

    async fn list_unread(&self, user_id: i64) -> StoreResult<Vec<ReadState>> {
        marks::list_unread(&self.readers, user_id).await
    }
}

#[async_trait::async_trait]
impl LogStore for SqlStore {
    async fn heads(&self, rooms: &[i64]) -> StoreResult<Vec<(i64, i64)>> {
        replay::heads(&self.readers, rooms).await
    }

    async fn changes_after(&self, room_id: i64, after: i64, limit: usize) -> StoreResult<Vec<Committed>> {
        replay::changes_after(&self.readers, room_id, after, limit).await
    }
}

#[async_trait::async_trait]
impl OwnLogStore for SqlStore {
    async fn own_head(&self, user_id: i64) -> StoreResult<i64> {
        own_log::head(&self.readers, user_id).await
    }

    async fn own_heads(&self, people: &[i64]) -> StoreResult<Vec<(i64, i64)>> {
        own_log::heads(&self.readers, people).await
    }

    async fn own_replay(&self, user_id: i64, after: i64, to: i64, limit: usize) -> StoreResult<Vec<(i64, Event)>> {
        replay::own(&self.readers, user_id, (after, to), limit).await
    }
}

#[async_trait::async_trait]
impl LimitStore for SqlStore {
    async fn check_guess(&self, guess: Guess) -> StoreResult<()> {
        limits::check_guess(&self.readers, guess).await
    }

    async fn settle_guess(&self, guess: Guess, is_right: bool) -> StoreResult<()> {
        self.writer.run(move |tx| Box::pin(limits::settle_guess(tx, guess, is_right))).await
    }

    async fn spend(&self, spending: Spending) -> StoreResult<()> {
        self.writer.run(move |tx| Box::pin(limits::spend(tx, spending))).await
    }

    async fn forget_tries(&self) -> StoreResult<()> {
        self.writer.run(|tx| Box::pin(limits::forget(tx))).await
    }
}

#[async_trait::async_trait]
impl JobStore for SqlStore {
    async fn take_jobs(&self, lease: Duration, limit: usize) -> StoreResult<Vec<Job>> {
        self.writer.run(move |tx| Box::pin(jobs::take(tx, lease, limit))).await
    }

    async fn finish_job(&self, job: Job) -> StoreResult<bool> {
        self.writer.run(move |tx| Box::pin(jobs::finish(tx, job))).await
    }

    async fn fail_job(&self, job: Job, fault: String, again_in: Option<Duration>) -> StoreResult<bool> {
        self.writer.run(move |tx| Box::pin(jobs::fail(tx, job, fault.clone(), again_in))).await
    }

    async fn job_figures(&self) -> StoreResult<JobFigures> {
        jobs::figures(&self.readers).await
    }

    async fn job_written(&self) {
        self.jobs_written.notified().await;
    }

    async fn empty_log(&self) -> StoreResult<bool> {
        self.erasure.empty_log().await
    }
}
