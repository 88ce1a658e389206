//! When people were last here. Who is here now is known by the publisher, from its sockets.

use std::collections::BTreeMap;

use crate::{Chat, Result, ports::Figures};

/// Writes down when people's last sockets closed: (user id, milliseconds). Called every few seconds.
pub async fn record_departures(chat: &Chat, departures: Vec<(i64, i64)>) -> Result<()> {
    if departures.is_empty() {
        return Ok(());
    }
    Ok(chat.store.touch_users(departures).await?)
}

/// What all nodes together are doing right now.
pub fn figures(chat: &Chat) -> Figures {
    chat.publisher.figures()
}

/// The same of each node, where there may be several.
pub fn figures_by_node(chat: &Chat) -> BTreeMap<String, Figures> {
    chat.publisher.figures_by_node()
}

/// The sockets that listen to each room.
pub fn subscriptions_by_room(chat: &Chat) -> BTreeMap<i64, usize> {
    chat.publisher.subscriptions_by_room()
}
