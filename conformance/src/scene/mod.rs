//! What several checks look at: a job from webhook to callback.

pub(crate) mod job;
