//! The webhook job, one file a stage, named in the order in which a job walks
//! them: crawl, plan, generate, execute, score, deliver.

pub mod steps;
