//! The end-to-end tests over real sockets, one module per topic. What they are made of is in the testkit.
