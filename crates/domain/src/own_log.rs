//! A person's own log: what is theirs alone and the same on all their devices. What stands in it is with the use cases of the
//! things themselves; here is how a device catches up.

use chinwag_proto::{Event, ResyncReason};

use crate::{Actor, Chat, Result, messages::Cursor};

/// Changes that are read at once.
const STRETCH: usize = 128;

/// Whether the log can be read on from `after` in the given epoch.
pub async fn weigh_cursor(chat: &Chat, actor: &Actor, epoch: i64, after: i64) -> Result<Cursor> {
    let head = chat.store.own_head(actor.user_id).await?;
    Ok(match after {
        _ if epoch != chat.epoch() => Cursor::Resync { reason: ResyncReason::Epoch, head },
        after if after < 0 || after > head => Cursor::Resync { reason: ResyncReason::Future, head },
        _ => Cursor::Good { head },
    })
}

/// The next changes after `after`, up to and with `to`, each with its position; none when there are no more.
pub async fn replay(chat: &Chat, actor: &Actor, after: i64, to: i64) -> Result<Vec<(i64, Event)>> {
    Ok(chat.store.own_replay(actor.user_id, after, to, STRETCH).await?)
}
