//! What every engine behind the `Store` port must do, sentence by sentence of its contract. Not how an engine does it.

#![expect(clippy::disallowed_methods, reason = "the tests await every task they spawn")]

mod cast;
mod jobs;
mod log;
mod membership;
mod messages;
mod model;
mod own_log;
mod people;
mod reading;
mod restoring;
mod rooms;
mod sqlite;
