//! Rooms, or people, that wait for somebody to look after them. It does not know why.

use std::collections::HashSet;

use parking_lot::Mutex;
use tokio::sync::Notify;

/// Rooms, or people, that somebody is to look after, each once.
#[derive(Default)]
pub(crate) struct Wanted {
    ids: Mutex<HashSet<i64>>,
    wake: Notify,
}

impl Wanted {
    pub fn add(&self, id: i64) {
        self.ids.lock().insert(id);
        self.wake.notify_one();
    }

    /// All of them, as soon as there are any.
    pub async fn take(&self) -> HashSet<i64> {
        loop {
            let ids = std::mem::take(&mut *self.ids.lock());
            if !ids.is_empty() {
                return ids;
            }
            self.wake.notified().await;
        }
    }
}
