//! Requests as the suite sends them: whatever bytes, headers and signature, well
//! formed or not, within the deployment's rate limits.

mod curl;
mod pace;
mod request;
mod sender;
mod tally;
mod waits;

pub(crate) use curl::quote;
pub(crate) use pace::{rate_limit, retry_after};
pub(crate) use request::abridged;
pub use request::{Answer, Hmac, Key, Request, Signature};
pub(crate) use sender::{Sender, Unsent, cause};
pub use waits::Waiting;
