//! Who may do what: pure functions from facts to permits, and the only maker of permits. It loads nothing.
//!
//! One table. Rows are actions, columns who asks; "admin" is the server's administrator, who may moderate rooms but does
//! not read private ones.
//!
//! | action | stranger | member | room admin | owner | server admin |
//! |---|---|---|---|---|---|
//! | see, read, listen | public | yes | yes | yes | public |
//! | join | public | – | – | – | public |
//! | post, mark read, type | no | yes | yes | yes | as member |
//! | edit own message | no | yes | yes | yes | as member |
//! | recall | no | own | own, members' | any | any |
//! | see a file of a message | public | yes | yes | yes | public |
//! | see the picture of a room | public | yes | yes | yes | public |
//! | edit room, its picture | no | no | yes | yes | yes |
//! | add someone | no | public | yes | yes | as member |
//! | kick | no | no | members | all | yes |
//! | set role | no | no | no | yes | yes |
//! | delete room, broadcast | no | no | no | yes | yes |
//!
//! A file that hangs on no message is its owner's alone: to see, to attach, to give a poster. A person's picture is theirs to choose, and the
//! server administrator's; everybody with an account sees it. Everybody with an account sees and makes emojis of the place's own; its maker
//! deletes one, and the server administrator.
//!
//! A direct conversation has members only: nobody joins, is added, kicked or promoted, and it is not edited or deleted.

use std::marker::PhantomData;

use chinwag_proto::{ErrorCode, Role, RoomKind, Sentence};

use crate::{
    Error, Result,
    actor::Actor,
    file_records::FileRecord,
    records::{MemberRecord, MessageRecord, Seat},
};

/// Proof that the policy allowed `Action`. Store verbs that need authorization take one, and only this module makes them:
/// unauthorized code does not compile. It carries the versions of the account and of the seats it was granted on; a transaction that
/// finds other ones refuses with `Stale`.
#[derive(Debug)]
pub struct Permit<Action> {
    room_id: i64,
    user_id: i64,
    account_version: i64,
    seat_version: Option<i64>,
    other: Option<OtherSeat>,
    needs_public: bool,
    action: PhantomData<fn() -> Action>,
}

/// The seat of the person an action is about, as it was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherSeat {
    pub user_id: i64,
    /// `None` where there is no membership.
    pub version: Option<i64>,
}

/// For a transaction that is run again; what a copy is worth, each transaction decides.
impl<Action> Clone for Permit<Action> {
    fn clone(&self) -> Self {
        Self { ..*self }
    }
}

impl<Action> Permit<Action> {
    fn grant(actor: &Actor, seat: &Seat) -> Self {
        Self {
            room_id: seat.room.id,
            user_id: actor.user_id,
            account_version: seat.account.version,
            seat_version: seat.member.as_ref().map(|member| member.version),
            other: None,
            needs_public: seat.member.is_none(),
            action: PhantomData,
        }
    }

    /// The same, resting on somebody else's role, too.
    fn about(self, user_id: i64, member: Option<&MemberRecord>) -> Self {
        Self { other: Some(OtherSeat { user_id, version: member.map(|member| member.version) }), ..self }
    }

    /// The same, for as long as the room is public.
    fn while_public(self) -> Self {
        Self { needs_public: true, ..self }
    }

    /// The room this holds for.
    pub fn room_id(&self) -> i64 {
        self.room_id
    }

    /// Who acts; 0 for a guest.
    pub fn user_id(&self) -> i64 {
        self.user_id
    }

    /// The version of the actor's account that was looked at.
    pub fn account_version(&self) -> i64 {
        self.account_version
    }

    /// The version of the actor's membership that was looked at; `None` when the permit does not rest on a membership.
    pub fn seat_version(&self) -> Option<i64> {
        self.seat_version
    }

    /// The seat of somebody else that decided, too.
    pub fn other_seat(&self) -> Option<OtherSeat> {
        self.other
    }

    /// Whether it ends when the room becomes private.
    pub fn needs_public(&self) -> bool {
        self.needs_public
    }
}

/// Names of what a permit can be for.
pub mod action {
    /// Read history and facts of the room.
    #[derive(Debug)]
    pub enum Read {}
    /// Receive the room's frames.
    #[derive(Debug)]
    pub enum Listen {}
    /// Become a member by one's own will.
    #[derive(Debug)]
    pub enum Join {}
    /// End one's own membership.
    #[derive(Debug)]
    pub enum Leave {}
    /// Append a message.
    #[derive(Debug)]
    pub enum Post {}
    /// Say something in the room's own voice.
    #[derive(Debug)]
    pub enum Broadcast {}
    /// Move one's own read mark.
    #[derive(Debug)]
    pub enum MarkRead {}
    /// Replace the text of the message that was looked at.
    #[derive(Debug)]
    pub enum EditMessage {}
    /// Take back the message that was looked at.
    #[derive(Debug)]
    pub enum RecallMessage {}
    /// Change name, description, privacy.
    #[derive(Debug)]
    pub enum EditRoom {}
    /// End the room.
    #[derive(Debug)]
    pub enum DeleteRoom {}
    /// Make someone a member.
    #[derive(Debug)]
    pub enum AddMember {}
    /// End someone's membership.
    #[derive(Debug)]
    pub enum Kick {}
    /// Change someone's role.
    #[derive(Debug)]
    pub enum SetRole {}
}

use action::*;

/// The answer for what is not there and for what one may not see: the same.
fn hidden() -> Error {
    ErrorCode::RoomNotFound.into()
}

/// Whether this person may know that the room exists.
fn sees(seat: &Seat) -> bool {
    seat.member.is_some() || (seat.room.kind == RoomKind::Room && !seat.room.is_private)
}

/// The role, or the refusal that fits: 404 for what is hidden, 403 for what can be seen.
fn role(seat: &Seat) -> Result<Role> {
    match &seat.member {
        Some(member) => Ok(member.role),
        None if sees(seat) => Err(ErrorCode::NotAMember.into()),
        None => Err(hidden()),
    }
}

/// By the role, or because the server's administrator may wherever they see the room.
fn at_least(seat: &Seat, least: Role) -> Result<()> {
    match role(seat) {
        Ok(role) if role >= least => Ok(()),
        _ if seat.account.is_admin && sees(seat) => Ok(()),
        found => found.and(Err(ErrorCode::Forbidden.into())),
    }
}

fn not_direct(seat: &Seat) -> Result<()> {
    if seat.room.kind == RoomKind::Direct {
        return Err(Error::from(ErrorCode::Forbidden).with_message(Sentence::DirectStays));
    }
    Ok(())
}

pub fn may_read(actor: &Actor, seat: &Seat) -> Result<Permit<Read>> {
    if sees(seat) { Ok(Permit::grant(actor, seat)) } else { Err(hidden()) }
}

pub fn may_listen(actor: &Actor, seat: &Seat) -> Result<Permit<Listen>> {
    if sees(seat) { Ok(Permit::grant(actor, seat)) } else { Err(hidden()) }
}

pub fn may_join(actor: &Actor, seat: &Seat) -> Result<Permit<Join>> {
    if !sees(seat) {
        return Err(hidden());
    }
    if actor.is_guest() {
        return Err(ErrorCode::Forbidden.into());
    }
    Ok(Permit::grant(actor, seat))
}

pub fn may_leave(actor: &Actor, seat: &Seat) -> Result<Permit<Leave>> {
    if !sees(seat) {
        return Err(hidden());
    }
    not_direct(seat)?;
    Ok(Permit::grant(actor, seat))
}

/// Members post; a guest posts in the lobby, where the caller has checked that guests are enabled.
pub fn may_post(actor: &Actor, seat: &Seat) -> Result<Permit<Post>> {
    if actor.is_guest() {
        return if seat.room.is_lobby() { Ok(Permit::grant(actor, seat)) } else { Err(hidden()) };
    }
    role(seat)?;
    Ok(Permit::grant(actor, seat))
}

pub fn may_broadcast(actor: &Actor, seat: &Seat) -> Result<Permit<Broadcast>> {
    at_least(seat, Role::Owner)?;
    not_direct(seat)?;
    Ok(Permit::grant(actor, seat))
}

pub fn may_mark_read(actor: &Actor, seat: &Seat) -> Result<Permit<MarkRead>> {
    role(seat)?;
    Ok(Permit::grant(actor, seat))
}

pub fn may_edit_message(actor: &Actor, seat: &Seat, message: &MessageRecord) -> Result<Permit<EditMessage>> {
    seen_message(seat)?;
    role(seat)?;
    if message.recalled_at.is_some() {
        return Err(ErrorCode::AlreadyRecalled.into());
    }
    if message.user_id != actor.user_id || !message.is_text() {
        return Err(Error::from(ErrorCode::Forbidden).with_message(Sentence::OnlyAuthorEdits));
    }
    Ok(Permit::grant(actor, seat))
}

/// `author` is the membership of the message's author, if any is left.
pub fn may_recall_message(
    actor: &Actor,
    seat: &Seat,
    message: &MessageRecord,
    author: Option<&MemberRecord>,
) -> Result<Permit<RecallMessage>> {
    seen_message(seat)?;
    if !message.is_text() {
        return Err(ErrorCode::Forbidden.into());
    }
    let mut permit = Permit::grant(actor, seat);
    let own = message.user_id == actor.user_id && seat.member.is_some();
    let moderates = seat.account.is_admin && seat.room.kind == RoomKind::Room;
    if !own && !moderates {
        permit = match role(seat)? {
            Role::Owner if seat.room.kind == RoomKind::Room => permit,
            Role::Admin if author.is_none_or(|author| author.role == Role::Member) => {
                permit.about(message.user_id, author)
            }
            _ => {
                return Err(Error::from(ErrorCode::Forbidden).with_message(Sentence::OnlyAuthorRecalls));
            }
        };
    }
    if message.recalled_at.is_some() {
        return Err(ErrorCode::AlreadyRecalled.into());
    }
    Ok(permit)
}

/// A message of a room one may not see does not exist.
fn seen_message(seat: &Seat) -> Result<()> {
    if sees(seat) { Ok(()) } else { Err(ErrorCode::MessageNotFound.into()) }
}

/// Proof that somebody may see this file now.
#[derive(Clone, Debug)]
pub struct FilePermit(FileRecord);

impl FilePermit {
    pub fn file(&self) -> &FileRecord {
        &self.0
    }
}

/// `seat` is that in the room of the message that the file hangs on, where it does. What one may not see is not there.
pub fn may_see_file(actor: &Actor, file: FileRecord, seat: Option<&Seat>) -> Result<FilePermit> {
    let may = match seat {
        Some(seat) => sees(seat) && file.room_id == Some(seat.room.id),
        None => file.room_id.is_none() && file.user_id == actor.user_id && !actor.is_guest(),
    };
    if may { Ok(FilePermit(file)) } else { Err(ErrorCode::FileNotFound.into()) }
}

/// Once others have seen it, it stays as it is.
pub fn may_set_poster<'a>(actor: &Actor, permit: &'a FilePermit) -> Result<&'a FileRecord> {
    let file = permit.file();
    let may = file.user_id == actor.user_id && file.message_id.is_none();
    if may { Ok(file) } else { Err(ErrorCode::FileNotFound.into()) }
}

pub fn may_edit_room(actor: &Actor, seat: &Seat) -> Result<Permit<EditRoom>> {
    if sees(seat) {
        not_direct(seat)?;
    }
    at_least(seat, Role::Admin)?;
    Ok(Permit::grant(actor, seat))
}

pub fn may_delete_room(actor: &Actor, seat: &Seat) -> Result<Permit<DeleteRoom>> {
    at_least(seat, Role::Owner)?;
    not_direct(seat)?;
    if seat.room.is_lobby() {
        return Err(Error::from(ErrorCode::Forbidden).with_message(Sentence::LobbyStays));
    }
    Ok(Permit::grant(actor, seat))
}

pub fn may_add_member(actor: &Actor, seat: &Seat) -> Result<Permit<AddMember>> {
    let least = if seat.room.is_private { Role::Admin } else { Role::Member };
    at_least(seat, least)?;
    not_direct(seat)?;
    let permit = Permit::grant(actor, seat);
    let moderates = at_least(seat, Role::Admin).is_ok();
    Ok(if moderates { permit } else { permit.while_public() })
}

/// `target` is the membership that is to end.
pub fn may_kick(actor: &Actor, seat: &Seat, target: &MemberRecord) -> Result<Permit<Kick>> {
    may_kick_somebody(seat)?;
    let permit = Permit::grant(actor, seat);
    if at_least(seat, Role::Owner).is_ok() {
        return Ok(permit);
    }
    if target.role != Role::Member {
        return Err(ErrorCode::Forbidden.into());
    }
    Ok(permit.about(target.user_id, Some(target)))
}

/// Whether this person kicks at all in this room, whoever it may be.
pub fn may_kick_somebody(seat: &Seat) -> Result<()> {
    at_least(seat, Role::Admin)?;
    not_direct(seat)
}

pub fn may_set_role(actor: &Actor, seat: &Seat) -> Result<Permit<SetRole>> {
    at_least(seat, Role::Owner)?;
    not_direct(seat)?;
    Ok(Permit::grant(actor, seat))
}

#[cfg(test)]
#[path = "policy_tests.rs"]
mod tests;
