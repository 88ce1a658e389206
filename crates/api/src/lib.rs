//! The doors of Chinwag: HTTP and the socket. It knows no SQL and no bus.
pub mod openapi;
