//! What every engine behind the `Store` port must do, sentence by sentence of its contract. Not how an engine does it.

#![expect(clippy::disallowed_methods, reason = "the tests await every task they spawn")]

#[macro_use]
mod engines;

mod avatars;
mod cast;
mod emojis;
mod failover;
mod file_lists;
mod files;
mod jobs;
mod limits;
mod lines;
mod log;
mod membership;
mod messages;
mod model;
mod nodes;
mod own_log;
mod people;
mod races;
mod reading;
mod restoring;
mod rooms;
mod servers;
mod shares;
mod sqlite;
mod sweeping;
mod transfer;
