//! The end-to-end tests over real sockets, one module per topic. What they are made of is in the testkit.

mod access;
mod access_frames;
mod accounts;
mod budgets;
mod crash;
mod disk;
mod faults;
mod first_visit;
mod gochat;
mod heads;
mod languages;
mod load;
mod lobby;
mod manners;
mod origins;
mod panics;
mod power;
mod presence;
mod reconnect;
mod replay;
mod rooms;
mod sending;
mod slow;
mod sockets;
mod stage;
mod starts;
