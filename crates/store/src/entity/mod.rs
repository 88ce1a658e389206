//! The tables as Rust types. No rules: those are in the modules that write them.

pub mod changes;
pub mod counters;
pub mod custom_emojis;
pub mod files;
pub mod jobs;
pub mod members;
pub mod mentions;
pub mod messages;
pub mod meta;
pub mod own_logs;
pub mod rooms;
pub mod sessions;
pub mod spent_tickets;
pub mod tries;
pub mod users;
