//! What this node remembers, and another node has changed: it is forgotten as soon as that is heard, and by its age otherwise. Changes of
//! this node are forgotten by the use cases that make them.

use chinwag_proto::Event;

use crate::{
    Chat, SessionId,
    ports::{Committed, Effect},
};

/// These changes of rooms were made elsewhere.
pub fn changed(chat: &Chat, changes: &[Committed]) {
    for change in changes {
        let Committed::Room { event, effect } = change else { continue };
        let Some((room_id, _)) = event.position() else { continue };
        match effect {
            Some(Effect::Joined(user_id) | Effect::Ended(user_id)) => chat.seats.forget_member(room_id, *user_id),
            Some(Effect::BecamePrivate | Effect::Deleted) => chat.seats.forget_room(room_id),
            None => {}
        }
        match event {
            Event::Member(it) => chat.seats.forget_member(room_id, it.user_id),
            Event::Room(_) => chat.seats.forget_room(room_id),
            _ => {}
        }
    }
}

/// These sessions were ended elsewhere. Their cookies lead to what is forgotten here.
pub fn sessions_ended(chat: &Chat, sessions: &[SessionId]) {
    for id in sessions {
        chat.sessions.forget(*id);
    }
}
