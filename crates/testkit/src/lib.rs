//! What the end-to-end tests are made of: servers, a cast of people, clients that log what they see, a proxy that breaks
//! lines, and the laws that every history must keep. It holds no tests of the product itself: those are in `tests/it`.

pub mod bucket;
pub mod cast;
pub mod cluster;
pub mod files;
pub mod history;
pub mod http;
pub mod laws;
pub mod poster;
pub mod process;
pub mod proxy;
pub mod server;
pub mod socket;
pub mod talker;

pub use chinwag_testdb::{Broker, DbServer};

pub use bucket::Bucket;
pub use cast::{Cast, Person};
pub use cluster::Cluster;
pub use http::Http;
pub use process::{Process, set_clock};
pub use proxy::{Loss, Proxy};
pub use server::Server;
pub use socket::Socket;
