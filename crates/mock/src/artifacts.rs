//! Screenshots, videos and logs of executions. The files are real and few: one
//! of each kind for a test that passed, one for a test that did not.

use std::time::Duration;

use bytes::Bytes;
use contract::ApiError;
use contract::types::{self, ExecutionStatus};

use crate::job::{Job, Run, Test};
use crate::partners::PartnerId;
use crate::world::World;

/// How long a redirect of the API leads somewhere, by the mock's clock.
const REDIRECT_VALID_FOR: Duration = Duration::from_secs(10 * 60);

/// What links start with.
const LINKS: &str = "/static/test-executions/";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Screenshot,
    Video,
}

impl Kind {
    fn file(self) -> &'static str {
        match self {
            Self::Screenshot => "screenshot.png",
            Self::Video => "video.webm",
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Screenshot => "image/png",
            Self::Video => "video/webm",
        }
    }

    fn bytes(self, passed: bool) -> &'static [u8] {
        match (self, passed) {
            (Self::Screenshot, true) => include_bytes!("../assets/passed.png"),
            (Self::Screenshot, false) => include_bytes!("../assets/failed.png"),
            (Self::Video, true) => include_bytes!("../assets/passed.webm"),
            (Self::Video, false) => include_bytes!("../assets/failed.webm"),
        }
    }
}

pub(crate) struct Artifact {
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Bytes,
}

/// Where the file can be fetched without a key, for a while: 404 where there is
/// no such execution, 403 where it is another partner's.
pub(crate) fn locate(
    world: &World,
    partner: PartnerId,
    execution: &str,
    kind: Kind,
) -> Result<String, ApiError> {
    with_run(world, partner, execution, |_, _, _| {
        link(world, execution, kind, REDIRECT_VALID_FOR)
    })
}

/// Path and query of a link that can't be guessed and that expires.
pub(crate) fn link(world: &World, execution: &str, kind: Kind, valid_for: Duration) -> String {
    let expires = (world.clock.now() + valid_for).as_secs();
    let object = format!("{execution}/{}", kind.file());
    let proof = proof(world, &object, expires);
    format!("{LINKS}{object}?expires={expires}&signature={proof}")
}

/// What such a link leads to: 404 where it has expired or was never valid.
pub(crate) fn open(world: &World, object: &str, query: &str) -> Result<Artifact, ApiError> {
    let gone = || ApiError::not_found("The link has expired or was never valid.");
    let mut parts = query.split('&');
    let mut part = |name: &str| parts.next()?.strip_prefix(name);
    let expires: u64 = part("expires=")
        .and_then(|at| at.parse().ok())
        .ok_or_else(gone)?;
    let given = part("signature=").ok_or_else(gone)?;
    if proof(world, object, expires) != given || world.clock.now().as_secs() >= expires {
        return Err(gone());
    }
    let (execution, file) = object.split_once('/').ok_or_else(gone)?;
    let kind = [Kind::Screenshot, Kind::Video]
        .into_iter()
        .find(|kind| kind.file() == file)
        .ok_or_else(gone)?;
    let state = world.state();
    let (_, _, run) = state.jobs.by_execution(execution).ok_or_else(gone)?;
    Ok(Artifact {
        content_type: kind.content_type(),
        bytes: Bytes::from_static(kind.bytes(run.status == ExecutionStatus::Passed)),
    })
}

fn proof(world: &World, object: &str, expires: u64) -> String {
    let signed = signature::sign(
        world.links_key.as_bytes(),
        format!("{object}\n{expires}").as_bytes(),
    );
    signed.trim_start_matches("sha256=").to_owned()
}

/// Errors as of [`locate`].
pub(crate) fn logs(
    world: &World,
    partner: PartnerId,
    execution: &str,
) -> Result<types::ExecutionLogs, ApiError> {
    with_run(world, partner, execution, |job, test, run| {
        let log = |kind: &str, message: String| types::ConsoleLog {
            message,
            type_: kind.to_owned(),
        };
        let mut console_logs = vec![log("info", format!("Navigation to {}", job.target))];
        let verdict = match run.status {
            ExecutionStatus::Passed => "PASS",
            ExecutionStatus::TimedOut => "TIMEOUT",
            _ => "FAIL",
        };
        if run.error_message.is_some() {
            let message = "Failed to load resource: the server responded with a status of 500 ()";
            console_logs.push(log("error", message.to_owned()));
        }
        let mut test_output = format!("Running 1 test...\n  {verdict} {}.spec.ts", test.name);
        if let Some(message) = &run.error_message {
            test_output.push_str("\n\n");
            test_output.push_str(message);
        }
        types::ExecutionLogs {
            console_logs,
            test_output,
            error_message: run.error_message.clone(),
        }
    })
}

/// An execution is known once it is over.
fn with_run<T>(
    world: &World,
    partner: PartnerId,
    execution: &str,
    then: impl FnOnce(&Job, &Test, &Run) -> T,
) -> Result<T, ApiError> {
    let unknown = || ApiError::not_found("There is no such execution.");
    let state = world.state();
    let found = state.jobs.by_execution(execution);
    let (job, test, run) = found.ok_or_else(unknown)?;
    if job.partner != partner {
        return Err(ApiError::forbidden(
            "The execution belongs to another partner.",
        ));
    }
    if world.clock.now() < job.accepted_at + job.course.ends.execute {
        return Err(unknown());
    }
    Ok(then(job, test, run))
}
