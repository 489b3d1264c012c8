//! One partner's things are nothing that another's key reaches.
//!
//! Repositories and projects have numbers. These are taken for the deployment's
//! and not for a partner's own: the documentation shows a project's in a URL that
//! names no partner.

use futures::FutureExt;
use reqwest::StatusCode;
use serde_json::json;

use super::artifacts::execution;
use crate::check::{Check, Group, Outcome, Stage};
use crate::http::{Key, Request};
use crate::probe::{Probe, Stop};
use crate::scene::project::SPECIFICATION;

pub(super) fn checks() -> Vec<Check> {
    let checks = vec![
        Check::must(
            Group::Isolation,
            "isolation.jobs",
            &["errors.403"],
            "Another partner's key gets neither report nor artifacts of a job.",
            |probe| jobs(probe).boxed(),
        ),
        Check::must(
            Group::Isolation,
            "isolation.repositories",
            &["errors.403"],
            "Another partner's key starts no scan and no gap analysis of a repository.",
            |probe| repositories(probe).boxed(),
        ),
        Check::must(
            Group::Isolation,
            "isolation.projects",
            &["errors.403"],
            "Another partner's key puts no test cases into a project, written or generated.",
            |probe| projects(probe).boxed(),
        ),
        Check::must(
            Group::Isolation,
            "isolation.scans",
            &["errors.403"],
            "Another partner's key does not get the results of a scan.",
            |probe| scans(probe).boxed(),
        ),
        Check::must(
            Group::Isolation,
            "isolation.gap-analyses",
            &["errors.403"],
            "Another partner's key does not get the results of a gap analysis.",
            |probe| gap_analyses(probe).boxed(),
        ),
    ];
    checks
        .into_iter()
        .map(|check| check.stage(Stage::Jobs))
        .collect()
}

/// What the owner may ask is refused to the other partner: that it is forbidden,
/// or that there is no such thing.
async fn refused(probe: &mut Probe, request: Request) -> Outcome {
    let answer = probe.send(request.key(Key::Other)).await?;
    if answer.status == StatusCode::TOO_MANY_REQUESTS {
        return Err(Stop::skipped("the other partner's key has no request left"));
    }
    let expected = "403 or 404 as it is another partner's";
    let holds = matches!(answer.status.as_u16(), 401 | 403 | 404);
    if probe.must(holds, "errors.403", expected, &answer) {
        probe.detail(&answer);
    }
    Ok(())
}

async fn jobs(probe: &mut Probe) -> Outcome {
    probe.other_key()?;
    let job = probe.job().await?;
    refused(probe, Request::operation("get_job_report", &[&job.id])).await?;
    let execution = execution(probe).await?;
    for operation in [
        "get_execution_screenshot",
        "get_execution_video",
        "get_execution_logs",
    ] {
        refused(probe, Request::operation(operation, &[&execution])).await?;
    }
    Ok(())
}

async fn repositories(probe: &mut Probe) -> Outcome {
    probe.other_key()?;
    let import = probe.import().await?;
    let body = json!({ "repository_id": import.repository });
    for operation in ["start_sast_scan", "start_gap_analysis"] {
        refused(probe, Request::operation(operation, &[]).json(&body)).await?;
    }
    Ok(())
}

async fn projects(probe: &mut Probe) -> Outcome {
    probe.other_key()?;
    let project = probe.project().await?;
    let requests = [
        (
            "create_test_case",
            json!({ "project_id": project, "title": "Somebody else's" }),
        ),
        (
            "generate_test_cases",
            json!({ "project_id": project, "description": "Test the login", "count": 1 }),
        ),
        (
            "generate_api_tests",
            json!({ "project_id": project, "openapi_spec": SPECIFICATION }),
        ),
    ];
    for (operation, body) in requests {
        refused(probe, Request::operation(operation, &[]).json(&body)).await?;
    }
    Ok(())
}

async fn scans(probe: &mut Probe) -> Outcome {
    probe.other_key()?;
    let scan = probe.scan().await?;
    refused(probe, Request::operation("get_sast_scan", &[&scan.id])).await
}

async fn gap_analyses(probe: &mut Probe) -> Outcome {
    probe.other_key()?;
    let gap = probe.gap().await?;
    refused(probe, Request::operation("get_gap_analysis", &[&gap.id])).await
}
