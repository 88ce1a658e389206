//! The rooms that somebody listens to. Not who listens: that is each room's topic.

use std::{collections::HashMap, sync::Arc};

use parking_lot::{Mutex, RwLock};

use crate::{people::UserListCache, topic::Topic};

/// A room that somebody listens to.
#[derive(Clone)]
pub(crate) struct Live {
    pub topic: Arc<Topic>,
    pub userlist: Arc<Mutex<UserListCache>>,
}

/// The rooms that somebody listens to.
#[derive(Clone, Default)]
pub(crate) struct Rooms(Arc<RwLock<HashMap<i64, Live>>>);

impl Rooms {
    pub fn find(&self, room_id: i64) -> Option<Arc<Topic>> {
        self.live(room_id).map(|live| live.topic)
    }

    pub fn live(&self, room_id: i64) -> Option<Live> {
        self.0.read().get(&room_id).cloned()
    }

    /// The topic of this room; whoever finds none makes one and starts what writes it to its listeners.
    pub fn get_or_start(&self, room_id: i64, start: impl FnOnce(&Arc<Topic>)) -> Arc<Topic> {
        if let Some(topic) = self.find(room_id) {
            return topic;
        }
        let mut rooms = self.0.write();
        let live = rooms.entry(room_id).or_insert_with(|| {
            let topic = Arc::new(Topic::new(room_id));
            start(&topic);
            Live { topic, userlist: Arc::default() }
        });
        live.topic.clone()
    }

    /// Forgets a room whose last listener left; false when someone has come meanwhile.
    pub fn retire(&self, topic: &Topic) -> bool {
        let mut rooms = self.0.write();
        let retired = topic.retire();
        if retired {
            rooms.remove(&topic.room_id);
        }
        retired
    }

    pub fn all(&self) -> Vec<Arc<Topic>> {
        self.0.read().values().map(|live| live.topic.clone()).collect()
    }
}
