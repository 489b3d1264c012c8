//! What the operations of the Partner API do. There is no HTTP server in here.

pub mod browser;
pub mod job;
