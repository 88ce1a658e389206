//! One of several nodes: what is told here is said to the others, and what they say is told here. The database is the truth, and all of
//! this a hint: what is lost, doubled or swapped on the way is found by the order of the logs (`realtime`). Where there is no bus, there
//! is none of this.

mod nodes;
mod words;

pub use nodes::Nodes;
