//! The bus inside one process: the default, where a node is alone, and in tests several nodes.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Weak},
};

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::{
    sync::{
        broadcast::{self, error::RecvError},
        watch,
    },
    task::JoinSet,
};

use crate::{Bus, BusNews, Hear, Status, Subject};

/// Messages that wait for a node that is slow.
const LENGTH: usize = 4_096;

/// Those that have a name, which several nodes share.
static NAMED: LazyLock<Mutex<HashMap<String, Weak<broadcast::Sender<Bytes>>>>> = LazyLock::new(Mutex::default);

pub(crate) struct Local {
    sender: Arc<broadcast::Sender<Bytes>>,
    status: watch::Sender<Status>,
    _hearing: JoinSet<()>,
}

impl Local {
    /// The bus of this name; one for itself where there is none.
    pub fn open(name: &str, hear: Hear) -> Self {
        let sender = shared(name);
        let mut receiver = sender.subscribe();
        let mut hearing = JoinSet::new();
        hearing.spawn(async move {
            loop {
                match receiver.recv().await {
                    Ok(message) => hear(BusNews::Came(message)),
                    Err(RecvError::Lagged(_)) => hear(BusNews::Resync),
                    Err(RecvError::Closed) => return,
                }
            }
        });
        Self { sender, status: watch::Sender::new(Status::Up), _hearing: hearing }
    }
}

fn shared(name: &str) -> Arc<broadcast::Sender<Bytes>> {
    let fresh = || Arc::new(broadcast::Sender::new(LENGTH));
    if name.is_empty() {
        return fresh();
    }
    let mut named = NAMED.lock();
    named.retain(|_, bus| bus.strong_count() > 0);
    let known = named.get(name).and_then(Weak::upgrade);
    known.unwrap_or_else(|| {
        let bus = fresh();
        named.insert(name.to_owned(), Arc::downgrade(&bus));
        bus
    })
}

impl Bus for Local {
    fn publish(&self, _: Subject, message: Bytes) -> bool {
        self.sender.send(message).is_ok()
    }

    fn limit(&self) -> usize {
        usize::MAX
    }

    fn status(&self) -> watch::Receiver<Status> {
        self.status.subscribe()
    }
}
