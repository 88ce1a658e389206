//! The connection for what people do all the time: say something, and have read it. What waits becomes one transaction, in the way
//! that is the engine's quickest. It knows nothing of the queue (that is `writer.rs`).

use std::time::Duration;

use crate::{
    batch::{HotBatch, Written},
    engine::Site,
    error::Broken,
    failpoint::Failpoints,
    prepared::Prepared,
    sets::Sets,
    write_connection::Deadline,
};

pub(crate) enum Hot {
    /// A statement costs nothing but its work: one for each thing.
    Prepared(Prepared),
    /// A statement costs a way to the server and back: one for all things of a kind.
    Sets(Sets),
}

impl Hot {
    pub(crate) fn new(site: Site, failpoints: Failpoints) -> Self {
        match site {
            Site::File(path) => Self::Prepared(Prepared::new(path, failpoints)),
            Site::Postgres(_) | Site::MySql(_) => Self::Sets(Sets::new(site, failpoints)),
        }
    }

    /// One transaction for all of them: either all that succeeded are durable, or none, and those who wait have heard nothing. Where
    /// it is a file, it waits so long for another process; where it is a server, up to a moment.
    pub(crate) async fn commit(
        &mut self,
        batch: HotBatch,
        patience: Duration,
        deadline: Deadline,
    ) -> Result<Written, (HotBatch, Broken)> {
        match self {
            Self::Prepared(prepared) => prepared.commit(batch, patience).await,
            Self::Sets(sets) => sets.commit(batch, deadline).await,
        }
    }

    /// The next transaction gets a new connection, where it is to a server.
    pub(crate) async fn leave(&mut self) {
        if let Self::Sets(sets) = self {
            sets.leave().await;
        }
    }

    pub(crate) async fn close(self) {
        match self {
            Self::Prepared(prepared) => prepared.close(),
            Self::Sets(sets) => sets.close().await,
        }
    }
}
