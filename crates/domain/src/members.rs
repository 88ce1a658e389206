//! Who is in a room, and in what role. Entering and leaving by one's own will is in `rooms`.

use chinwag_proto::{ErrorCode, Member, Role, limits};

use crate::{
    Actor, Chat, Result, facts, policy,
    records::{Author, MemberRecord, Seat, UserRecord},
    rooms, text, views,
};

/// Owners first, then admins, then members, of those whose name contains `query`; `after` is the last row of the page before,
/// and the first `offset` rows behind it are left out. Whoever closed their account keeps their seat, but nobody can meet them
/// there.
pub async fn list(
    chat: &Chat,
    actor: &Actor,
    room_id: i64,
    query: &str,
    after: Option<(Role, i64)>,
    limit: usize,
    offset: usize,
) -> Result<Vec<Member>> {
    let query = text::search("query", query)?;
    let query = query.as_str();
    let rows = facts::with_seat(chat, actor, room_id, |seat| async move {
        Ok(chat.store.list_members(policy::may_read(actor, &seat)?, query, after, limit, offset).await?)
    })
    .await?;
    Ok(rows.iter().map(|(member, user)| views::member(member, user, chat.publisher.as_ref())).collect())
}

/// People whose names are looked at in one go.
const SOUGHT: usize = 1_000;

/// Members who listen to the room right now, by user id; `after` is the last one of the page before.
pub async fn list_online(
    chat: &Chat,
    actor: &Actor,
    room_id: i64,
    query: &str,
    after: i64,
    limit: usize,
) -> Result<Vec<Member>> {
    let query = text::search("query", query)?;
    let query = query.as_str();
    // Refused also where nobody listens.
    policy::may_read(actor, &facts::seat(chat, actor, room_id).await?)?;
    let mut here = chat.publisher.people_in(room_id);
    here.retain(|user_id| *user_id > after);
    let mut found = Vec::new();
    // Where a name is looked for many may be in vain.
    let at_once = if query.is_empty() { limits::PAGE } else { SOUGHT };
    for some in here.chunks(at_once) {
        let rows = facts::with_seat(chat, actor, room_id, |seat| async move {
            Ok(chat.store.list_members_among(policy::may_read(actor, &seat)?, query, some).await?)
        })
        .await?;
        found.extend(rows);
        if found.len() >= limit {
            break;
        }
    }
    found.truncate(limit);
    Ok(found.iter().map(|(member, user)| views::member(member, user, chat.publisher.as_ref())).collect())
}

/// Adds someone, or changes their role. An owner stays owner beside another one: rooms may have several.
pub async fn put(chat: &Chat, actor: &Actor, room_id: i64, user_id: i64, role: Role) -> Result<Member> {
    let seat = facts::fresh_seat(chat, actor, room_id).await?;
    // Whether one may see the room comes before whether the person exists.
    policy::may_read(actor, &seat)?;
    let member = chat.store.find_member(room_id, user_id).await?;
    let (member, user) = match member {
        Some(member) if member.role == role => (member, target(chat, user_id).await?),
        Some(_) => {
            let permit = policy::may_set_role(actor, &seat)?;
            let user = target(chat, user_id).await?;
            (chat.store.set_role(permit, author(&user), role, chat.now()).await?, user)
        }
        None => add(chat, actor, &seat, user_id, role).await?,
    };
    chat.seats.forget_member(room_id, user_id);
    Ok(views::member(&member, &user, chat.publisher.as_ref()))
}

async fn add(chat: &Chat, actor: &Actor, seat: &Seat, user_id: i64, role: Role) -> Result<(MemberRecord, UserRecord)> {
    let permit = policy::may_add_member(actor, seat)?;
    let promotion = if role == Role::Member { None } else { Some((policy::may_set_role(actor, seat)?, role)) };
    let user = target(chat, user_id).await?;
    if user.deactivated_at.is_some() {
        return Err(ErrorCode::UserNotFound.into());
    }
    let (view, fresh) = chat.store.add_member(permit, promotion, author(&user), chat.now()).await?;
    if fresh {
        rooms::entered(chat, user_id, &view);
    }
    Ok((view.member.ok_or(ErrorCode::Conflict)?, user))
}

/// Ends someone's membership.
pub async fn kick(chat: &Chat, actor: &Actor, room_id: i64, user_id: i64) -> Result<()> {
    if user_id == actor.user_id {
        return rooms::leave(chat, actor, room_id).await;
    }
    match try_kick(chat, actor, room_id, user_id).await {
        // A seat changed between the look and the write: look again.
        Err(error) if error.code == ErrorCode::Conflict => try_kick(chat, actor, room_id, user_id).await,
        answer => answer,
    }
}

async fn try_kick(chat: &Chat, actor: &Actor, room_id: i64, user_id: i64) -> Result<()> {
    let seat = facts::fresh_seat(chat, actor, room_id).await?;
    // Who may not kick at all hears that, whoever it was about.
    policy::may_kick_somebody(&seat)?;
    let member = chat.store.find_member(room_id, user_id).await?.ok_or(ErrorCode::UserNotFound)?;
    let permit = policy::may_kick(actor, &seat, &member)?;
    let user = target(chat, user_id).await?;
    chat.store.kick_member(permit, author(&user), chat.now()).await?;
    chat.seats.forget_member(room_id, user_id);
    Ok(())
}

async fn target(chat: &Chat, user_id: i64) -> Result<UserRecord> {
    Ok(chat.store.find_user(user_id).await?.ok_or(ErrorCode::UserNotFound)?)
}

fn author(user: &UserRecord) -> Author {
    Author { user_id: user.id, username: user.username.clone() }
}
