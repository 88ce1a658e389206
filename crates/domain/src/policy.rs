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
//! | edit room | no | no | yes | yes | yes |
//! | add someone | no | public | yes | yes | as member |
//! | kick | no | no | members | all | yes |
//! | set role | no | no | no | yes | yes |
//! | delete room, broadcast | no | no | no | yes | yes |
//!
//! A direct conversation has members only: nobody joins, is added, kicked or promoted, and it is not edited or deleted.

use std::marker::PhantomData;

use chinwag_proto::{ErrorCode, Role, RoomKind, Sentence};

use crate::{
    Error, Result,
    actor::Actor,
    records::{MemberRecord, MessageRecord, Seat},
};

/// Proof that the policy allowed `Action`. Store verbs that need authorization take one, and only this module makes them:
/// unauthorized code does not compile. It carries the versions of the seats it was granted on; a transaction that finds
/// other ones refuses with `Stale`.
#[derive(Debug)]
pub struct Permit<Action> {
    room_id: i64,
    user_id: i64,
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

fn at_least(actor: &Actor, seat: &Seat, least: Role) -> Result<()> {
    if actor.is_admin && sees(seat) {
        return Ok(());
    }
    if role(seat)? >= least { Ok(()) } else { Err(ErrorCode::Forbidden.into()) }
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
    at_least(actor, seat, Role::Owner)?;
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
    if !(own || actor.is_admin && seat.room.kind == RoomKind::Room) {
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

pub fn may_edit_room(actor: &Actor, seat: &Seat) -> Result<Permit<EditRoom>> {
    at_least(actor, seat, Role::Admin)?;
    not_direct(seat)?;
    Ok(Permit::grant(actor, seat))
}

pub fn may_delete_room(actor: &Actor, seat: &Seat) -> Result<Permit<DeleteRoom>> {
    at_least(actor, seat, Role::Owner)?;
    not_direct(seat)?;
    if seat.room.is_lobby() {
        return Err(Error::from(ErrorCode::Forbidden).with_message(Sentence::LobbyStays));
    }
    Ok(Permit::grant(actor, seat))
}

pub fn may_add_member(actor: &Actor, seat: &Seat) -> Result<Permit<AddMember>> {
    let least = if seat.room.is_private { Role::Admin } else { Role::Member };
    at_least(actor, seat, least)?;
    not_direct(seat)?;
    let permit = Permit::grant(actor, seat);
    let moderates = at_least(actor, seat, Role::Admin).is_ok();
    Ok(if moderates { permit } else { permit.while_public() })
}

/// `target` is the membership that is to end.
pub fn may_kick(actor: &Actor, seat: &Seat, target: &MemberRecord) -> Result<Permit<Kick>> {
    may_kick_somebody(actor, seat)?;
    let permit = Permit::grant(actor, seat);
    if actor.is_admin || role(seat)? == Role::Owner {
        return Ok(permit);
    }
    if target.role != Role::Member {
        return Err(ErrorCode::Forbidden.into());
    }
    Ok(permit.about(target.user_id, Some(target)))
}

/// Whether this person kicks at all in this room, whoever it may be.
pub fn may_kick_somebody(actor: &Actor, seat: &Seat) -> Result<()> {
    at_least(actor, seat, Role::Admin)?;
    not_direct(seat)
}

pub fn may_set_role(actor: &Actor, seat: &Seat) -> Result<Permit<SetRole>> {
    at_least(actor, seat, Role::Owner)?;
    not_direct(seat)?;
    Ok(Permit::grant(actor, seat))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chinwag_proto::MessageType;

    use super::*;
    use crate::records::{LOBBY, MemberRecord, Mentions, RoomRecord, SystemPayload};

    const ME: i64 = 7;

    fn actor(is_admin: bool) -> Actor {
        Actor { user_id: ME, username: "me".into(), is_admin, session: None }
    }

    fn seat(kind: RoomKind, is_private: bool, role: Option<Role>) -> Seat {
        let room = RoomRecord {
            id: 2,
            kind,
            name: String::new(),
            description: String::new(),
            is_private,
            created_by: 1,
            created_at: 0,
            updated_at: 0,
            member_count: 1,
            last_seq: 1,
        };
        let member = role.map(|role| MemberRecord { user_id: ME, version: 3, ..other(role) });
        Seat { room: Arc::new(room), member }
    }

    fn other(role: Role) -> MemberRecord {
        MemberRecord { room_id: 2, user_id: 8, role, joined_at: 0, version: 5, read_seq: 0 }
    }

    fn message(user_id: i64) -> MessageRecord {
        MessageRecord {
            id: 1,
            room_id: 2,
            seq: 1,
            user_id,
            username: "x".into(),
            kind: MessageType::Text,
            content: "x".into(),
            created_at: 0,
            edited_at: None,
            recalled_at: None,
            client_id: None,
            reply_to: None,
            mentions: Mentions::default(),
            guest: false,
            event: None,
            actor_id: None,
            payload: SystemPayload::default(),
        }
    }

    /// 200, or the status of the refusal, for each action.
    fn verdicts(is_admin: bool, seat: &Seat) -> Vec<(&'static str, u16)> {
        fn status<T>(verdict: Result<T>) -> u16 {
            verdict.map_or_else(|error| error.code.status(), |_| 200)
        }
        let me = actor(is_admin);
        vec![
            ("read", status(may_read(&me, seat))),
            ("listen", status(may_listen(&me, seat))),
            ("join", status(may_join(&me, seat))),
            ("post", status(may_post(&me, seat))),
            ("mark", status(may_mark_read(&me, seat))),
            ("edit own", status(may_edit_message(&me, seat, &message(ME)))),
            ("edit other", status(may_edit_message(&me, seat, &message(8)))),
            ("recall own", status(may_recall_message(&me, seat, &message(ME), None))),
            ("recall member", status(may_recall_message(&me, seat, &message(8), Some(&other(Role::Member))))),
            ("recall owner", status(may_recall_message(&me, seat, &message(8), Some(&other(Role::Owner))))),
            ("edit room", status(may_edit_room(&me, seat))),
            ("add", status(may_add_member(&me, seat))),
            ("kick member", status(may_kick(&me, seat, &other(Role::Member)))),
            ("kick admin", status(may_kick(&me, seat, &other(Role::Admin)))),
            ("set role", status(may_set_role(&me, seat))),
            ("broadcast", status(may_broadcast(&me, seat))),
            ("delete", status(may_delete_room(&me, seat))),
        ]
    }

    fn check(is_admin: bool, seat: &Seat, expected: [u16; 17]) {
        let found: Vec<u16> = verdicts(is_admin, seat).into_iter().map(|(_, status)| status).collect();
        assert_eq!(found, expected, "{:?}", verdicts(is_admin, seat));
    }

    #[test]
    fn a_stranger_sees_public_rooms_and_nothing_else() {
        let public = [200, 200, 200, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403, 403];
        check(false, &seat(RoomKind::Room, false, None), public);
        check(false, &seat(RoomKind::Room, true, None), [404; 17]);
        check(false, &seat(RoomKind::Direct, true, None), [404; 17]);
    }

    #[test]
    fn each_role_includes_the_ones_before() {
        let member = [200, 200, 200, 200, 200, 200, 403, 200, 403, 403, 403, 200, 403, 403, 403, 403, 403];
        check(false, &seat(RoomKind::Room, false, Some(Role::Member)), member);
        let admin = [200, 200, 200, 200, 200, 200, 403, 200, 200, 403, 200, 200, 200, 403, 403, 403, 403];
        check(false, &seat(RoomKind::Room, false, Some(Role::Admin)), admin);
        let owner = [200, 200, 200, 200, 200, 200, 403, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200];
        check(false, &seat(RoomKind::Room, false, Some(Role::Owner)), owner);
    }

    #[test]
    fn members_of_private_rooms_cannot_add_people() {
        let permit = may_add_member(&actor(false), &seat(RoomKind::Room, true, Some(Role::Member)));
        assert_eq!(permit.expect_err("refused").code, ErrorCode::Forbidden);
    }

    #[test]
    fn a_direct_conversation_stays_as_it_is() {
        let owner = [200, 200, 200, 200, 200, 200, 403, 200, 403, 403, 403, 403, 403, 403, 403, 403, 403];
        check(false, &seat(RoomKind::Direct, true, Some(Role::Owner)), owner);
    }

    #[test]
    fn an_administrator_moderates_public_rooms_and_does_not_see_private_ones() {
        let stranger = [200, 200, 200, 403, 403, 403, 403, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200];
        check(true, &seat(RoomKind::Room, false, None), stranger);
        check(true, &seat(RoomKind::Room, true, None), [404; 17]);
        check(true, &seat(RoomKind::Direct, true, None), [404; 17]);
    }

    #[test]
    fn the_lobby_cannot_be_deleted_and_a_guest_posts_there_only() {
        let mut lobby = seat(RoomKind::Room, false, Some(Role::Owner));
        Arc::make_mut(&mut lobby.room).id = LOBBY;
        assert!(may_delete_room(&actor(false), &lobby).is_err());
        lobby.member = None;
        assert!(may_post(&Actor::guest("g"), &lobby).is_ok());
        assert!(may_post(&Actor::guest("g"), &seat(RoomKind::Room, false, None)).is_err());
    }

    #[test]
    fn a_permit_remembers_the_seat_it_was_granted_on() {
        let permit = may_post(&actor(false), &seat(RoomKind::Room, false, Some(Role::Member))).expect("granted");
        assert_eq!((permit.room_id(), permit.user_id(), permit.seat_version()), (2, ME, Some(3)));
        assert_eq!((permit.other_seat(), permit.needs_public()), (None, false));
        let stranger = may_read(&actor(false), &seat(RoomKind::Room, false, None)).expect("granted");
        assert!(stranger.needs_public());
    }

    #[test]
    fn a_permit_that_rests_on_somebody_elses_role_remembers_it() {
        let kick = |role| {
            let seat = seat(RoomKind::Room, false, Some(role));
            may_kick(&actor(false), &seat, &other(Role::Member)).expect("granted").other_seat()
        };
        assert_eq!(kick(Role::Admin), Some(OtherSeat { user_id: 8, version: Some(5) }));
        assert_eq!(kick(Role::Owner), None, "an owner kicks whatever they are");
        let seat = seat(RoomKind::Room, false, Some(Role::Admin));
        let recall = may_recall_message(&actor(false), &seat, &message(8), None).expect("granted");
        assert_eq!(recall.other_seat(), Some(OtherSeat { user_id: 8, version: None }));
    }

    #[test]
    fn what_every_member_may_do_in_a_public_room_ends_when_it_becomes_private() {
        let add = |role| may_add_member(&actor(false), &seat(RoomKind::Room, false, Some(role))).expect("granted");
        assert!(add(Role::Member).needs_public());
        assert!(!add(Role::Admin).needs_public());
    }
}
