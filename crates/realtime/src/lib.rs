//! Who listens to what on this node, and how bytes reach them. It knows frames and topics, no SQL and no socket: a socket
//! shows itself as a [`Sink`].

mod across;
mod batch;
mod elsewhere;
mod emojis;
mod fanout;
mod flusher;
mod heal;
mod hearsay;
mod hub;
mod order;
mod outbox;
mod own;
mod pending;
mod people;
mod publish;
mod rooms;
mod roster;
mod sink;
mod sweeper;
mod topic;
mod wanted;

pub use fanout::{encode, put_event};
pub use hearsay::SAY_EVERY;
pub use hub::{Attendance, Hub};

pub use outbox::{Full, Outbox};
pub use sink::{Lane, Sink};
