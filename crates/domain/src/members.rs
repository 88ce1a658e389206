//! Who is in a room, and in what role. Entering and leaving by one's own will is in `rooms`.

use chinwag_proto::{ErrorCode, Member, Role};

use crate::{
    Actor, Chat, Result, facts, policy,
    records::{Author, Seat, UserRecord},
    rooms, views,
};

/// Owners first, then admins, then members; `after` is the last row of the page before.
pub async fn list(
    chat: &Chat,
    actor: &Actor,
    room_id: i64,
    after: Option<(Role, i64)>,
    limit: usize,
) -> Result<Vec<Member>> {
    let seat = facts::seat(chat, actor, room_id).await?;
    let permit = policy::may_read(actor, &seat)?;
    let rows = chat.store.list_members(permit, after, limit).await?;
    Ok(rows.iter().map(|(member, user)| views::member(member, user, chat.publisher.as_ref())).collect())
}

/// Adds someone, or changes their role. An owner stays owner beside another one: rooms may have several.
pub async fn put(chat: &Chat, actor: &Actor, room_id: i64, user_id: i64, role: Role) -> Result<Member> {
    let seat = facts::fresh_seat(chat, actor, room_id).await?;
    // Whether one may see the room comes before whether the person exists.
    policy::may_read(actor, &seat)?;
    let member = chat.store.find_member(room_id, user_id).await?;
    let user = match member {
        Some(member) if member.role == role => target(chat, user_id).await?,
        Some(_) => {
            let permit = policy::may_set_role(actor, &seat)?;
            let user = target(chat, user_id).await?;
            chat.store.set_role(permit, author(&user), role, chat.now()).await?;
            user
        }
        None => add(chat, actor, &seat, user_id, role).await?,
    };
    chat.seats.forget_member(room_id, user_id);
    let member = chat.store.find_member(room_id, user_id).await?.ok_or(ErrorCode::Conflict)?;
    Ok(views::member(&member, &user, chat.publisher.as_ref()))
}

async fn add(chat: &Chat, actor: &Actor, seat: &Seat, user_id: i64, role: Role) -> Result<UserRecord> {
    let permit = policy::may_add_member(actor, seat)?;
    let promotion = if role == Role::Member { None } else { Some(policy::may_set_role(actor, seat)?) };
    let user = target(chat, user_id).await?;
    if user.deactivated_at.is_some() {
        return Err(ErrorCode::UserNotFound.into());
    }
    if chat.store.add_member(permit, author(&user), chat.now()).await? {
        rooms::entered(chat, seat.room.id, user_id).await?;
    }
    if let Some(permit) = promotion {
        chat.store.set_role(permit, author(&user), role, chat.now()).await?;
    }
    Ok(user)
}

/// Ends someone's membership.
pub async fn kick(chat: &Chat, actor: &Actor, room_id: i64, user_id: i64) -> Result<()> {
    if user_id == actor.user_id {
        return rooms::leave(chat, actor, room_id).await;
    }
    let seat = facts::fresh_seat(chat, actor, room_id).await?;
    let target_role = chat.store.find_member(room_id, user_id).await?.map(|member| member.role);
    let permit = policy::may_kick(actor, &seat, target_role.unwrap_or_default())?;
    let user = target(chat, user_id).await?;
    if target_role.is_none() {
        return Err(ErrorCode::UserNotFound.into());
    }
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
