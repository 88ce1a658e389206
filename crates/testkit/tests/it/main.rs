//! The end-to-end tests over real sockets, one module per topic. What they are made of is in the testkit.

// A server is opened deep inside of a test, and each layer is a future within another.
#![recursion_limit = "256"]

mod access;
mod access_frames;
mod accounts;
mod avatars;
mod bad_credentials;
mod budgets;
mod clocks;
mod cookies;
mod crash;
mod cut_off;
mod databases;
mod discretion;
mod disk;
mod doctor;
mod emojis;
mod encodings;
mod faults;
mod file_lists;
mod files;
mod first_visit;
mod gochat;
mod heads;
mod languages;
mod load;
mod lobby;
mod manners;
mod migrate;
mod nodes;
mod origins;
mod outage;
mod own_log;
mod panics;
mod power;
mod presence;
mod reconnect;
mod refresh;
mod replay;
mod rights;
mod rooms;
mod sending;
mod silence;
mod slow;
mod sockets;
mod stage;
mod starts;
mod three_nodes;
mod uploads;
mod whereabouts;
