//! The words of Chinwag: what can be asked and told, in JSON and protobuf, and the errors both doors share.
//! It does no I/O and decides nothing.

pub mod error;
pub mod form;
pub mod frame;
pub mod id;
pub mod json;
pub mod limits;
pub mod sentence;
pub mod ws;

/// The types of `chinwag.proto` and `nouns.proto`.
mod wire {
    include!(concat!(env!("OUT_DIR"), "/chinwag.v1.rs"));
}

/// What nodes say to each other: the types of `nodes.proto`.
pub mod nodes {
    include!(concat!(env!("OUT_DIR"), "/chinwag.nodes.rs"));
}

pub use client_frame::Frame as Request;
pub use error::{CloseCode, DecodeError, ErrorCode};
pub use sentence::{Language, Sentence};
pub use server_frame::Frame as Event;
pub use wire::*;

/// The published definition itself, for tools and the documentation.
pub const PROTO_FILE: &str = include_str!("../chinwag.proto");
