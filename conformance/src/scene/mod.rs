//! What several checks look at: a job from webhook to callback, a repository with
//! its scan and its gap analysis, a project.

pub(crate) mod job;
pub(crate) mod project;
pub(crate) mod repository;
