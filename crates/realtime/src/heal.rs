//! What a node was not told it reads from the store: hints get lost, and what a listener is told must have no hole. Whose turn it is
//! says `order.rs`.

use std::{sync::Arc, time::Duration};

use chinwag_domain::{
    emoji_store::EmojiStore,
    log_failure,
    ports::{LogStore, OwnLogStore, StoreResult},
};
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::{Hub, topic::Topic};

/// How long what came too early waits for what comes before it. Two nodes that write to one room are told of each other's changes
/// within a few milliseconds.
const PATIENCE: Duration = Duration::from_millis(20);
/// How often the rooms are compared with the store: the last hint may be lost, and nothing shows that.
const COMPARE: Duration = Duration::from_secs(3);
/// The wait after the store has failed.
const RETRY: Duration = Duration::from_secs(1);
/// Changes that are read at once.
const STRETCH: usize = 128;
/// So often of one room before others have their turn.
const TURN: usize = 8;

impl Hub {
    /// Finds what is missing until dropped; to be run in one task. Without it nobody can begin to listen.
    pub async fn heal(&self, store: Arc<impl LogStore + OwnLogStore>) {
        let store = store.as_ref();
        tokio::join!(self.anchor(store), self.catch_up(store), self.catch_up_own(store), self.compare(store));
    }

    /// Something may not have been told here: rooms and own logs are compared with the store at once.
    pub fn compare_soon(&self) {
        self.resync.notify_one();
        self.resync_own.notify_one();
    }

    /// The room has changes up to this position.
    pub fn hear_of(&self, room_id: i64, seq: i64) {
        if self.rooms.find(room_id).is_some_and(|topic| topic.hear_of(seq)) {
            self.behind.add(room_id);
        }
    }

    /// Says to the topics that somebody has begun to listen to from where they are told.
    async fn anchor(&self, store: &dyn LogStore) {
        loop {
            let rooms: Vec<i64> = self.unanchored.take().await.into_iter().collect();
            match store.heads(&rooms).await {
                Ok(heads) => {
                    for (topic, head) in self.topics(heads) {
                        let told = topic.anchor(head, &self.farewell(topic.room_id));
                        self.follow_up(topic.room_id, told);
                    }
                }
                Err(error) => {
                    log_failure(error, "cannot see where the logs of rooms end");
                    sleep(RETRY).await;
                    rooms.into_iter().for_each(|room_id| self.unanchored.add(room_id));
                }
            }
        }
    }

    /// Reads what is missing where it does not come by itself within a moment.
    async fn catch_up(&self, store: &dyn LogStore) {
        loop {
            let rooms = self.behind.take().await;
            let behind: Vec<_> = rooms
                .iter()
                .filter_map(|id| self.rooms.find(*id))
                .filter_map(|it| Some((it.missing()?.0, it)))
                .collect();
            sleep(PATIENCE).await;
            for (next, topic) in behind {
                match topic.missing() {
                    Some((now, _)) if now == next => self.fill_or_retry(store, &topic).await,
                    // Something came meanwhile, and so may the rest.
                    Some(_) => self.behind.add(topic.room_id),
                    None => {}
                }
            }
        }
    }

    async fn fill_or_retry(&self, store: &dyn LogStore, topic: &Topic) {
        if let Err(error) = self.fill(store, topic).await {
            log_failure(error, format_args!("cannot read what the room {} was not told", topic.room_id));
            sleep(RETRY).await;
            self.behind.add(topic.room_id);
        }
    }

    /// However much it is, nobody is sent away for it: whoever resumed would miss what is too far back, and would ask for more.
    async fn fill(&self, store: &dyn LogStore, topic: &Topic) -> StoreResult<()> {
        for _ in 0..TURN {
            let Some((next, known)) = topic.missing() else { return Ok(()) };
            let changes = store.changes_after(topic.room_id, next - 1, STRETCH).await?;
            if changes.is_empty() {
                topic.doubt(known, next - 1);
            }
            self.tell_rooms(&changes);
            if !changes.is_empty() && topic.missing().is_some_and(|(now, _)| now == next) {
                // It has ended meanwhile, and another has begun in its place or none.
                return Ok(());
            }
        }
        self.behind.add(topic.room_id);
        Ok(())
    }

    /// The same for people's own logs.
    async fn catch_up_own(&self, store: &dyn OwnLogStore) {
        loop {
            let people = self.behind_own.take().await;
            let next_of = |user_id: &i64| Some((*user_id, self.own_logs.missing(*user_id)?.0));
            let behind: Vec<_> = people.iter().filter_map(next_of).collect();
            sleep(PATIENCE).await;
            for (user_id, next) in behind {
                match self.own_logs.missing(user_id) {
                    Some((now, known)) if now == next => {
                        if let Err(error) = self.fill_own(store, user_id, next, known).await {
                            log_failure(
                                error,
                                format_args!("cannot read what of the own log of {user_id} was not told"),
                            );
                            sleep(RETRY).await;
                            self.behind_own.add(user_id);
                        }
                    }
                    Some(_) => self.behind_own.add(user_id),
                    None => {}
                }
            }
        }
    }

    async fn fill_own(&self, store: &dyn OwnLogStore, user_id: i64, next: i64, known: i64) -> StoreResult<()> {
        let head = store.own_head(user_id).await?;
        self.own_logs.doubt(user_id, known, head);
        let mut at = next - 1;
        while at < head {
            let changes = store.own_replay(user_id, at, head, STRETCH).await?;
            at = changes.last().filter(|_| changes.len() == STRETCH).map_or(head, |(seq, _)| *seq);
            self.own_logs.fill(user_id, &changes, at);
        }
        Ok(())
    }

    /// Looks every few seconds whether people's own logs have what nobody told; to be run in one task, where another process writes them,
    /// too.
    pub async fn compare_own(&self, store: Arc<impl OwnLogStore>) {
        let mut ticks = interval(COMPARE);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = self.resync_own.notified() => {}
            }
            match store.own_heads(&self.own_logs.people()).await {
                Ok(heads) => {
                    let behind = heads.into_iter().filter(|(user_id, head)| self.own_logs.hear_of(*user_id, *head));
                    behind.for_each(|(user_id, _)| self.behind_own.add(user_id));
                }
                Err(error) => log_failure(error, "cannot see whether people were told everything"),
            }
        }
    }

    /// Looks at once and every few seconds whether the place has other emojis than was told; to be run in one task.
    pub async fn compare_emojis(&self, store: Arc<impl EmojiStore>) {
        let mut ticks = interval(COMPARE);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            match store.emojis_version().await {
                Ok(version) => self.emojis.note(version),
                Err(error) => log_failure(error, "cannot see whether there are other emojis"),
            }
        }
    }

    /// Looks every few seconds whether the store has what nobody told.
    async fn compare(&self, store: &dyn LogStore) {
        let mut ticks = interval(COMPARE);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = ticks.tick() => {}
                () = self.resync.notified() => {}
            }
            let rooms: Vec<i64> = self.rooms.all().iter().map(|topic| topic.room_id).collect();
            match store.heads(&rooms).await {
                Ok(heads) => {
                    for (topic, _) in self.topics(heads).filter(|(topic, head)| topic.hear_of(*head)) {
                        self.behind.add(topic.room_id);
                    }
                }
                Err(error) => log_failure(error, "cannot see whether rooms were told everything"),
            }
        }
    }

    fn topics(&self, heads: Vec<(i64, i64)>) -> impl Iterator<Item = (Arc<Topic>, i64)> {
        heads.into_iter().filter_map(|(room_id, head)| Some((self.rooms.find(room_id)?, head)))
    }
}

#[cfg(test)]
#[path = "heal_tests.rs"]
pub(crate) mod tests;
