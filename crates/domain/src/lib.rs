//! The rules of Chinwag: use cases, policy, and what they need from outside. It knows no SQL, no socket and no HTTP.

pub mod actor;
pub mod error;
pub mod policy;
pub mod ports;
pub mod records;

pub use actor::{Actor, SessionId};
pub use error::{Error, Result};
