//! Rooms that wait for somebody to look after them. It does not know why.

use std::collections::HashSet;

use parking_lot::Mutex;
use tokio::sync::Notify;

/// Rooms that somebody is to look after, each once.
#[derive(Default)]
pub(crate) struct Wanted {
    rooms: Mutex<HashSet<i64>>,
    wake: Notify,
}

impl Wanted {
    pub fn add(&self, room_id: i64) {
        self.rooms.lock().insert(room_id);
        self.wake.notify_one();
    }

    /// All of them, as soon as there are any.
    pub async fn take(&self) -> HashSet<i64> {
        loop {
            let rooms = std::mem::take(&mut *self.rooms.lock());
            if !rooms.is_empty() {
                return rooms;
            }
            self.wake.notified().await;
        }
    }
}
