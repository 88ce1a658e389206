//! What the use cases need from outside, each with its contract. Not implementations: the store keeps, the realtime crate
//! tells, and the server joins them.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use chinwag_proto::{CloseCode, Event, Presence, Role, User};

pub use crate::store_error::{StoreError, StoreResult};
use crate::{
    actor::{SessionId, SocketId},
    avatar_records::Avatar,
    avatar_store::AvatarStore,
    emoji_store::EmojiStore,
    file_store::FileStore,
    mentions::Calls,
    policy::{Permit, action},
    records::*,
    tries::{Guess, Spending},
};

/// The truth. Every verb is one transaction; when a verb that changes something returns `Ok`, the change is durable, and
/// it is durable or absent as a whole. Dropping the returned future does not stop a write. It gives all that is told of the change,
/// so that nobody need read after a commit, where a read that fails would deny what is durable.
///
/// Every durable change of a room (message, edit, recall, membership, role, settings) takes the next `seq` of that room in its
/// transaction: contiguous from 1. After the commit, and in commit order, the store hands the change's frame to
/// [`Publisher::committed`], before the verb returns. Verbs with a permit refuse with [`StoreError::Stale`] when the actor's
/// account or seat, or the other seat the permit rests on, has another version than the permit's, when the permit needs a public room
/// and it is not public any more, or when the room is deleted.
pub trait Store:
    MetaStore
    + UserStore
    + SessionStore
    + RoomStore
    + MemberStore
    + MessageStore
    + LogStore
    + OwnLogStore
    + LimitStore
    + JobStore
    + FileStore
    + AvatarStore
    + EmojiStore
{
}

impl<
    T: MetaStore
        + UserStore
        + SessionStore
        + RoomStore
        + MemberStore
        + MessageStore
        + LogStore
        + OwnLogStore
        + LimitStore
        + JobStore
        + FileStore
        + AvatarStore
        + EmojiStore,
> Store for T
{
}

/// What is known of the server itself.
#[async_trait]
pub trait MetaStore: Send + Sync + 'static {
    /// Changes only when the log was restored or rewritten.
    fn epoch(&self) -> i64;
    /// Whether other nodes may work on the same truth.
    fn is_shared(&self) -> bool;
    /// The time by the clock of the database, in milliseconds since 1970.
    async fn clock_ms(&self) -> StoreResult<i64>;
    /// What signs the access tokens: `fresh` where there was none, and from then on the same for every node that asks.
    async fn token_secret(&self, fresh: [u8; 32]) -> StoreResult<[u8; 32]>;
    async fn server_name(&self) -> StoreResult<Option<String>>;
    /// The secret of the set-up link: `fresh` where there was none, and from then on the same for every process and every start,
    /// until it is used. `None` when there is an administrator.
    async fn setup_secret(&self, fresh: String) -> StoreResult<Option<String>>;
    async fn admin_exists(&self) -> StoreResult<bool>;
    async fn counts(&self) -> StoreResult<Counts>;
    /// A cheap round trip through the writer and a reader, for readiness.
    async fn ping(&self) -> StoreResult<()>;
}

/// Accounts.
#[async_trait]
pub trait UserStore: Send + Sync + 'static {
    /// Creates the account, with a session where it is logged in at once, and makes it a member of the lobby (its first account
    /// also owns the lobby).
    async fn create_user(&self, user: NewUser, session: Option<NewSession>) -> StoreResult<UserRecord>;
    /// The same with `is_admin`; also names the server and makes the account the lobby's owner. [`StoreError::Spent`] where an
    /// administrator exists or `secret` is not that of the set-up link.
    async fn create_first_admin(
        &self,
        user: NewUser,
        session: NewSession,
        server_name: Option<String>,
        secret: String,
    ) -> StoreResult<UserRecord>;
    async fn find_user(&self, id: i64) -> StoreResult<Option<UserRecord>>;
    /// Those that exist, in no order.
    async fn find_users(&self, ids: &[i64]) -> StoreResult<Vec<UserRecord>>;
    /// By name key or e-mail key.
    async fn find_user_by_login(&self, key: &str) -> StoreResult<Option<UserRecord>>;
    /// Whose name has this look; see `text::look_key`.
    async fn find_user_by_look(&self, look: &str) -> StoreResult<Option<UserRecord>>;
    /// Active accounts whose name or display name contains `query` (any case), by id; `after` is the last id of the page before.
    async fn search_users(&self, query: &str, after: i64, limit: usize) -> StoreResult<Vec<UserRecord>>;
    /// [`StoreError::Stale`] where who changes another's account administers the server no more, as for
    /// [`UserStore::deactivate_user`]. Where others see another profile, they are told.
    async fn update_user(&self, id: i64, by: i64, change: ProfileChange) -> StoreResult<UserRecord>;
    /// The last active administrator stays one. Like every change of somebody's [`Rights`], it raises their version.
    async fn set_admin(&self, id: i64, is_admin: bool) -> StoreResult<()>;
    /// Replaces the password and revokes all sessions but `keep`; gives those that were revoked. [`StoreError::Stale`] where the one
    /// that it was `proved` by is another one by now: who has shown an old one has shown nothing.
    async fn set_password(
        &self,
        id: i64,
        hash: String,
        proved: Option<String>,
        keep: Option<SessionId>,
        now: i64,
    ) -> StoreResult<Vec<SessionId>>;
    /// Deactivates the account and revokes its sessions; gives those that were revoked. The last active administrator stays, and
    /// so does who closes their own account as the last active owner of a room (but a direct one) with other active members; when
    /// another does it, such a room goes to the one with the most to say there who has been there longest.
    async fn deactivate_user(&self, id: i64, by: i64, now: i64) -> StoreResult<Vec<SessionId>>;
    /// When people were last here. A hint: the newest wins.
    async fn touch_users(&self, seen: Vec<(i64, i64)>) -> StoreResult<()>;
}

/// Logins.
#[async_trait]
pub trait SessionStore: Send + Sync + 'static {
    /// Of the account's sessions only so many stay, with this one: those that were used last. Gives those that were revoked.
    /// [`StoreError::Stale`] where the password behind the hash `proved` opens the account no more: no session begins after the end of
    /// all that it has opened.
    async fn create_session(
        &self,
        user_id: i64,
        proved: String,
        session: NewSession,
        most: usize,
    ) -> StoreResult<Vec<SessionId>>;
    async fn find_session(&self, id: SessionId) -> StoreResult<Option<SessionRecord>>;
    /// Whose session it is; none where it was revoked or the account deactivated.
    async fn find_holder(&self, id: SessionId) -> StoreResult<Option<Holder>>;
    async fn find_session_by_cookie(&self, hash: SecretHash) -> StoreResult<Option<SessionRecord>>;
    /// Exchanges a refresh token once. Any earlier one of the session counts as reused and revokes it, but for the grace of the one before
    /// the current one.
    async fn rotate_refresh(&self, shown: ShownRefresh) -> StoreResult<Rotation>;
    /// [`StoreError::Spent`] where the ticket with this hash and this end was shown before, to whichever process.
    async fn spend_ticket(&self, hash: SecretHash, ends_at: i64) -> StoreResult<()>;
    /// Not revoked and not expired, newest first.
    async fn list_sessions(&self, user_id: i64, now: i64) -> StoreResult<Vec<SessionRecord>>;
    /// False when there was none of this user's to revoke.
    async fn revoke_session(&self, user_id: i64, id: SessionId, now: i64) -> StoreResult<bool>;
    async fn revoke_sessions(&self, user_id: i64, keep: Option<SessionId>, now: i64) -> StoreResult<Vec<SessionId>>;
    /// The number of the newest revocation. Each has a greater one than those that committed before it, by whichever process.
    async fn newest_revocation(&self) -> StoreResult<i64>;
    /// Sessions that were revoked after that, each with the number, ascending.
    async fn sessions_revoked_after(&self, after: i64) -> StoreResult<Vec<(i64, SessionId)>>;
    /// Sessions whose time ran out between these two.
    async fn sessions_that_ran_out(&self, from: i64, to: i64) -> StoreResult<Vec<SessionId>>;
    /// Forgets the sessions that were revoked or ran out before then; gives how many. Where there are others it is done again.
    async fn forget_sessions(&self, ended_before: i64, now: i64) -> StoreResult<u64>;
    /// When sessions were last used. A hint: the newest wins.
    async fn touch_sessions(&self, seen: Vec<(SessionId, i64)>) -> StoreResult<()>;
}

/// Rooms, and what one person sees of them.
#[async_trait]
pub trait RoomStore: Send + Sync + 'static {
    /// Creates the room with its members; the log begins with `room_created`, then `user_added` for each of the others. Gives it
    /// as its creator sees it, and whether it is new: a client id that its creator used before with the same body gives the first
    /// room again, [`StoreError::NotFound`] once that is gone.
    async fn create_room(&self, room: NewRoom) -> StoreResult<(RoomView, bool)>;
    /// The one conversation of exactly these people, created when there is none; true when it is new. The first of them
    /// creates it; its people never change, so the log tells of them once, by `room_created`. Gives it as each of them sees it
    /// where it is new, else as the first does.
    async fn direct_room(&self, people: Vec<Author>, now: i64) -> StoreResult<(Vec<RoomView>, bool)>;
    /// How far the rows of all histories have come, by their ids, and of those after this one who became a member by which, as row, room
    /// and person. What is under way may come to stand before it. Where there is very much since the last look, it is only the next of it.
    async fn seated_after(&self, after: i64, looked: Option<i64>) -> StoreResult<(i64, Vec<(i64, i64, i64)>)>;
    /// The room (unless deleted), this person's membership and rights.
    async fn find_seat(&self, room_id: i64, user_id: i64) -> StoreResult<Option<Seat>>;
    /// The one conversation of exactly these people as one of them sees it, if there is one.
    async fn find_direct(&self, user_id: i64, people: &[i64]) -> StoreResult<Option<RoomView>>;
    /// Rooms of a person with counters and last message (the newest text or broadcast), newest activity first.
    async fn list_rooms(&self, user_id: i64, limit: usize, offset: usize) -> StoreResult<Vec<RoomView>>;
    /// One room as `list_rooms` shows it; also for someone who is not a member.
    async fn room_view(&self, permit: Permit<action::Read>) -> StoreResult<RoomView>;
    /// Rooms whose name contains `name` (any case): public ones and the person's own.
    async fn search_rooms(&self, user_id: i64, name: &str, limit: usize, offset: u64) -> StoreResult<Vec<RoomView>>;
    /// A `room` change with the public facts; before it, where the name changed, a `system` row `room_renamed`. What is so
    /// already takes no position. Gives the room as who changed it sees it.
    async fn update_room(
        &self,
        permit: Permit<action::EditRoom>,
        by: Author,
        change: RoomChange,
        now: i64,
    ) -> StoreResult<RoomView>;
    /// Gives the picture that it had.
    async fn delete_room(&self, permit: Permit<action::DeleteRoom>, now: i64) -> StoreResult<Option<Avatar>>;
}

/// Who is in a room.
#[async_trait]
pub trait MemberStore: Send + Sync + 'static {
    /// The room as the person sees it; false when they were a member already.
    async fn join_room(&self, permit: Permit<action::Join>, who: Author, now: i64) -> StoreResult<(RoomView, bool)>;
    /// False when the person was no member.
    async fn leave_room(&self, permit: Permit<action::Leave>, who: Author, now: i64) -> StoreResult<bool>;
    /// The room as the person sees it; false when they were a member already. In either case they get the role, if one is given.
    async fn add_member(
        &self,
        permit: Permit<action::AddMember>,
        promotion: Option<(Permit<action::SetRole>, Role)>,
        who: Author,
        now: i64,
    ) -> StoreResult<(RoomView, bool)>;
    /// False when the person was no member.
    async fn kick_member(&self, permit: Permit<action::Kick>, who: Author, now: i64) -> StoreResult<bool>;
    /// The membership as it became.
    async fn set_role(
        &self,
        permit: Permit<action::SetRole>,
        who: Author,
        role: Role,
        now: i64,
    ) -> StoreResult<MemberRecord>;
    /// Owners first, then admins, then members, each by user id: those whose account is open and whose name or display name
    /// contains `query`, in any case. `after` is the last row's (role, user id) of the page before; the first `offset` rows behind
    /// it are left out.
    async fn list_members(
        &self,
        permit: Permit<action::Read>,
        query: &str,
        after: Option<(Role, i64)>,
        limit: usize,
        offset: usize,
    ) -> StoreResult<Vec<(MemberRecord, UserRecord)>>;
    /// Those of these people who are members, with an open account, and whose name or display name contains `query`, by user id.
    async fn list_members_among(
        &self,
        permit: Permit<action::Read>,
        query: &str,
        people: &[i64],
    ) -> StoreResult<Vec<(MemberRecord, UserRecord)>>;
    async fn find_member(&self, room_id: i64, user_id: i64) -> StoreResult<Option<MemberRecord>>;
}

/// The log of a room, and how far people have read it.
#[async_trait]
pub trait MessageStore: Send + Sync + 'static {
    /// Appends a text, or gives the first answer where (user, room, client id) is known with the same body. Its attachments are the
    /// author's own whole files, which no other message gets any more: [`StoreError::FileNotFound`] where one is none.
    /// A member's own read mark moves to the new message. Guests' permits carry no seat. In a direct conversation somebody else
    /// must be left whose account is open.
    async fn append_message(&self, permit: Permit<action::Post>, message: NewMessage) -> StoreResult<Appended>;
    /// Appends a `system` row with event `broadcast`.
    async fn append_broadcast(
        &self,
        permit: Permit<action::Broadcast>,
        by: Author,
        content: String,
        now: i64,
    ) -> StoreResult<MessageRecord>;
    /// Gives the message and the log position of the change.
    async fn edit_message(
        &self,
        permit: Permit<action::EditMessage>,
        id: i64,
        content: String,
        calls: Calls,
        now: i64,
    ) -> StoreResult<(MessageRecord, i64)>;
    /// Erases the text (and its earlier versions), gives up its files, and leaves a tombstone.
    async fn recall_message(&self, permit: Permit<action::RecallMessage>, id: i64, now: i64) -> StoreResult<Recalled>;
    async fn find_message(&self, id: i64) -> StoreResult<Option<MessageRecord>>;
    /// Ascending.
    async fn history(&self, permit: Permit<action::Read>, page: Page, limit: usize) -> StoreResult<Vec<MessageRecord>>;
    /// The frames of the log positions in `after+1 ..= to`, ascending and without a hole, as of now: an edited text has its
    /// new content, a recalled one none.
    async fn replay(&self, permit: &Permit<action::Listen>, after: i64, to: i64) -> StoreResult<Vec<Event>>;
    /// The room's newest log position.
    async fn head(&self, permit: &Permit<action::Listen>) -> StoreResult<i64>;
    /// What happened in all rooms after the message or change with this id, at most `limit` of it, each with its own id: what
    /// commits later has a greater one. As of now, like [`MessageStore::replay`].
    async fn log_after(&self, after: i64, limit: usize) -> StoreResult<Vec<(i64, Event)>>;
    /// Moves the mark forward (never back) and counts what is left. A move is a change of the person's own log.
    async fn mark_read(&self, permit: Permit<action::MarkRead>, seq: i64) -> StoreResult<Marked>;
    /// Rooms of a person with anything unread.
    async fn list_unread(&self, user_id: i64) -> StoreResult<Vec<ReadState>>;
}

/// What a node reads of the logs of rooms for all who listen to them, where it was not told. It asks no permit: who listens has shown one,
/// and the changes say whose ends.
#[async_trait]
pub trait LogStore: Send + Sync + 'static {
    /// The newest log position of each of these rooms, deleted ones too; none of a room that never was.
    async fn heads(&self, rooms: &[i64]) -> StoreResult<Vec<(i64, i64)>>;
    /// What comes after this position, ascending and without a hole, at most `limit` of it, as of now; with what each change does to
    /// who may listen, as it is told after the commit.
    async fn changes_after(&self, room_id: i64, after: i64, limit: usize) -> StoreResult<Vec<Committed>>;
}

/// What is one person's alone and the same on all their devices: a log of its own.
///
/// Every change takes the next position of that log in its transaction, contiguous from 1, and is told to all of the person's
/// sockets by [`Publisher::committed`], as a change of a room is. The log is compacted: of what changed again only the last
/// change stands in it. A text moves its author's mark, too: the log of the room tells that, and this one does not.
#[async_trait]
pub trait OwnLogStore: Send + Sync + 'static {
    /// Position of the newest change.
    async fn own_head(&self, user_id: i64) -> StoreResult<i64>;
    /// The same for each of these people; none where nothing was ever changed.
    async fn own_heads(&self, people: &[i64]) -> StoreResult<Vec<(i64, i64)>>;
    /// What stands at `after+1 ..= to`, ascending, at most `limit` of it, each with its position, as of now.
    async fn own_replay(&self, user_id: i64, after: i64, to: i64, limit: usize) -> StoreResult<Vec<(i64, Event)>>;
}

/// How often things were tried, where several nodes count together: by the clock of the database, for theirs differ. What a count means
/// is said by who asks, and a refusal is [`StoreError::TooMany`].
#[async_trait]
pub trait LimitStore: Send + Sync + 'static {
    /// Whether the guess may be made now. It counts nothing.
    async fn check_guess(&self, guess: Guess) -> StoreResult<()>;
    /// Counts what came of a guess, where it may still be made: of those that are settled at the same time, on whichever node, no more
    /// than one after the other would be.
    async fn settle_guess(&self, guess: Guess, is_right: bool) -> StoreResult<()>;
    /// Counts something that may be done so often, where it may still be done.
    async fn spend(&self, spending: Spending) -> StoreResult<()>;
    /// Forgets what does not count any more.
    async fn forget_tries(&self) -> StoreResult<()>;
}

/// What is done after a commit because of it. A verb that causes a job writes it in its own transaction. What is due, and when a lease
/// ends, is said by the clock of the database: those of several nodes differ.
#[async_trait]
pub trait JobStore: Send + Sync + 'static {
    /// Takes jobs that are due, at most `limit`, and counts a try of each. Nobody else is given them for so long, on whichever node.
    async fn take_jobs(&self, lease: Duration, limit: usize) -> StoreResult<Vec<Job>>;
    /// The job is done. False where somebody else has taken it since, as for [`JobStore::fail_job`].
    async fn finish_job(&self, job: Job) -> StoreResult<bool>;
    /// The try came to nothing: the job is due again after so long, or is given up where there is none.
    async fn fail_job(&self, job: Job, fault: String, again_in: Option<Duration>) -> StoreResult<bool>;
    async fn job_figures(&self) -> StoreResult<JobFigures>;
    /// Returns once this process has written a job since the last call.
    async fn job_written(&self);
    /// Takes what was erased out of the database's own log, too; false while that cannot be, because somebody reads from an
    /// older state.
    async fn empty_log(&self) -> StoreResult<bool>;
}

/// Tells people at once what happened. Everything here is a hint: it returns at once and cannot fail; what is lost is found
/// again by `seq`.
pub trait Publisher: Send + Sync + 'static {
    /// Durable changes in commit order. Called by the store's writer alone. Of a [`Committed::Profile`] the latest is told, soon, to
    /// those whom presence is told of this person; of [`Committed::Emojis`] the greatest, to everybody.
    fn committed(&self, changes: Vec<Committed>);
    /// Something passing for whoever listens to the room.
    fn hint_room(&self, room_id: i64, event: Event);
    /// Something for all sockets of one person.
    fn hint_user(&self, user_id: i64, event: Event);
    /// Something for one socket alone, if it is still open.
    fn hint_socket(&self, socket: SocketId, event: Event);
    /// Closes the sockets of these sessions on this node. Others follow the ends of sessions by themselves.
    fn close_sessions(&self, sessions: &[SessionId], code: CloseCode);
    /// Closes the sockets of these sessions, on whichever node.
    fn end_sessions(&self, sessions: &[SessionId], code: CloseCode);
    /// The people who listen to the room, by id.
    fn people_in(&self, room_id: i64) -> Vec<i64>;
    /// Whether this person has a socket, and is at one: away where all their sockets say so.
    fn presence(&self, user_id: i64) -> Presence;
    /// The people who have a socket, or had one a moment ago.
    fn online_users(&self) -> Vec<i64>;
    fn figures(&self) -> Figures;
    /// What each node does, by its name, where there may be several.
    fn figures_by_node(&self) -> BTreeMap<String, Figures>;
    /// The sockets that listen to each room, where there are any.
    fn subscriptions_by_room(&self) -> BTreeMap<i64, usize>;
}

/// A durable change.
#[derive(Clone, Debug, PartialEq)]
pub enum Committed {
    /// Of a room's log.
    Room {
        /// What listeners are told, with its room and `seq`.
        event: Event,
        /// What it does to who may listen, from this position on.
        effect: Option<Effect>,
    },
    /// Of one person's own log.
    Own {
        user_id: i64,
        seq: i64,
        /// What all their sockets are told, with `own_seq`.
        event: Event,
    },
    /// Of how others see a person; of no log. Without presence, see [`views::profile`](crate::views::profile).
    Profile(Box<User>),
    /// Of the place's own emojis; of no log. The version they have now.
    Emojis(i64),
}

/// What a durable change does to who may listen to its room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// This person is a member now.
    Joined(i64),
    /// This person's membership has ended, and their subscriptions with it.
    Ended(i64),
    /// Whoever listens without a membership hears no more.
    BecamePrivate,
    /// Nobody hears any more.
    Deleted,
}

impl From<Event> for Committed {
    /// A change of a room after which everybody still listens.
    fn from(event: Event) -> Self {
        Self::Room { event, effect: None }
    }
}

/// What a node, or all of them, do right now. Who is on several nodes is counted once in all of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    pub sockets: usize,
    pub users: usize,
    /// Rooms that somebody listens to.
    pub rooms: usize,
    pub subscriptions: usize,
}

/// The time of day, so that tests can hold it.
pub trait Clock: Send + Sync + 'static {
    /// Milliseconds since 1970.
    fn now_ms(&self) -> i64;
}

/// The machine's clock.
#[derive(Debug, Default)]
pub struct SystemClock;

impl<C: Clock> Clock for std::sync::Arc<C> {
    fn now_ms(&self) -> i64 {
        C::now_ms(self)
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that asks the machine")]
    fn now_ms(&self) -> i64 {
        jiff::Timestamp::now().as_millisecond()
    }
}

/// Randomness for ids and secrets.
#[expect(clippy::disallowed_methods, reason = "this is the one place that asks the machine")]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    bytes
}
