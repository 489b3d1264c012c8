//! The report app, which `report_app_url` opens: one page, and the few answers
//! it needs beside the contract's. Its key is the partner's own API key.

use axum::Json;
use axum::Router;
use axum::extract::{Path, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, http};
use contract::{ApiError, RateClass, RateLimit, types};
use dropshot::HttpResponseError;
use engine::execution::ArtifactKind;
use engine::job::Jobs;
use engine::partner::PartnerId;
use engine::project::Project;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue};
use serde::Serialize;

use crate::files;
use crate::handlers::{Context, refused};

/// Enough for a page that follows a job; not the contract's, whose limits stay
/// for the partner's own requests.
const LIMIT: RateLimit = RateLimit {
    class: RateClass::Free,
    requests: 240,
    window_seconds: 60,
};

/// Jobs that are listed of a project.
const JOBS: u32 = 50;

/// Everything beside the contract.
pub(crate) fn router(context: Context) -> Router {
    let api = Router::new()
        .route("/projects", get(projects))
        .route("/projects/{project}/jobs", get(jobs))
        .route("/projects/{project}/test-cases", get(test_cases))
        .route("/jobs/{job}/report", get(report))
        .route("/executions/{execution}/logs", get(logs))
        .route("/executions/{execution}/artifacts", get(artifacts))
        .layer(from_fn_with_state(context.clone(), admit));
    Router::new()
        .route("/", get(page))
        .route("/app/report.css", get(style))
        .route(
            "/app/report.js",
            get(async || script(include_str!("report.js"))),
        )
        .route("/app/job.js", get(async || script(include_str!("job.js"))))
        .route("/app/dom.js", get(async || script(include_str!("dom.js"))))
        .nest("/app/api", api)
        .route(
            "/static/test-executions/{*file}",
            get(files::test_execution),
        )
        .route("/openapi.json", get(document))
        .route("/healthz", get(health))
        .with_state(context)
}

async fn page() -> impl IntoResponse {
    const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
        img-src 'self' data:; media-src 'self'; connect-src 'self'; \
        base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    (
        [
            (CONTENT_SECURITY_POLICY, POLICY),
            (CACHE_CONTROL, "no-cache"),
        ],
        Html(include_str!("report.html")),
    )
}

async fn style() -> impl IntoResponse {
    asset("text/css; charset=utf-8", include_str!("report.css"))
}

fn script(text: &'static str) -> impl IntoResponse {
    asset("text/javascript; charset=utf-8", text)
}

async fn document() -> impl IntoResponse {
    asset("application/json", contract::DOCUMENT)
}

fn asset(content_type: &'static str, text: &'static str) -> impl IntoResponse {
    (
        [(CONTENT_TYPE, content_type), (CACHE_CONTROL, "no-cache")],
        text,
    )
}

/// Up, and the database answers.
async fn health(State(context): State<Context>) -> Result<impl IntoResponse, Failure> {
    let answered = context.engine.partners().by_slug("healthz").await;
    answered.map_err(refused)?;
    Ok(Json(serde_json::json!({ "status": "ok" })))
}

async fn admit(
    State(context): State<Context>,
    mut request: Request,
    next: Next,
) -> Result<Response, Failure> {
    let key = context.admission.key(request.headers()).await?;
    context.admission.count(&key, "report app", LIMIT)?;
    request.extensions_mut().insert(key.partner);
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

async fn projects(
    State(context): State<Context>,
    Extension(partner): Extension<PartnerId>,
) -> Answer<Vec<Project>> {
    let projects = context.engine.projects().list(partner).await;
    Ok(Json(projects.map_err(refused)?))
}

async fn jobs(
    State(context): State<Context>,
    Extension(partner): Extension<PartnerId>,
    Path(project): Path<i64>,
) -> Answer<Vec<JobLine>> {
    context
        .engine
        .projects()
        .get(partner, project)
        .await
        .map_err(refused)?;
    let jobs = context.engine.jobs();
    let mut lines = Vec::new();
    let newest = jobs.of_project(partner, project, JOBS).await;
    for job in newest.map_err(refused)? {
        let JudgedReport { verdict, .. } = judged(jobs, partner, &job.id).await?;
        lines.push(JobLine { verdict, job });
    }
    Ok(Json(lines))
}

#[derive(Serialize)]
struct JobLine {
    #[serde(flatten)]
    job: types::JobSummary,
    verdict: String,
}

#[derive(Serialize)]
struct JudgedReport {
    #[serde(flatten)]
    report: types::JobReport,
    verdict: String,
}

async fn judged(jobs: &Jobs, partner: PartnerId, job: &str) -> Result<JudgedReport, Failure> {
    let report = jobs.report(partner, job).await.map_err(refused)?;
    let result = jobs.result(partner, job).await.map_err(refused)?;
    Ok(JudgedReport {
        verdict: verdict(&report, result),
        report,
    })
}

/// In one word, what a job came to: its last execution's status, which tells a
/// test that timed out from one that failed; else the job's result.
fn verdict(report: &types::JobReport, result: Option<types::ResultStatus>) -> String {
    let executed = report
        .executions
        .iter()
        .rev()
        .find(|run| run.status != types::ExecutionStatus::Skipped);
    match (executed, result) {
        (Some(run), _) => run.status.to_string(),
        (None, Some(result)) => result.to_string(),
        (None, None) => match report.job.status {
            types::JobStatus::Failed => "error".to_owned(),
            _ => "running".to_owned(),
        },
    }
}

async fn test_cases(
    State(context): State<Context>,
    Extension(partner): Extension<PartnerId>,
    Path(project): Path<i64>,
) -> Answer<Vec<types::TestCase>> {
    let test_cases = context.engine.test_cases().list(partner, project).await;
    Ok(Json(test_cases.map_err(refused)?))
}

async fn report(
    State(context): State<Context>,
    Extension(partner): Extension<PartnerId>,
    Path(job): Path<String>,
) -> Answer<JudgedReport> {
    judged(context.engine.jobs(), partner, &job).await.map(Json)
}

async fn logs(
    State(context): State<Context>,
    Extension(partner): Extension<PartnerId>,
    Path(execution): Path<String>,
) -> Answer<types::ExecutionLogs> {
    let logs = context.engine.executions().logs(partner, &execution).await;
    Ok(Json(logs.map_err(refused)?))
}

/// Paths of what there is; the page's elements can't send a key.
#[derive(Serialize)]
struct Artifacts {
    screenshot: Option<String>,
    video: Option<String>,
}

async fn artifacts(
    State(context): State<Context>,
    Extension(partner): Extension<PartnerId>,
    Path(execution): Path<String>,
) -> Answer<Artifacts> {
    let executions = context.engine.executions();
    let path = async |kind| {
        let path = executions.artifact_path(partner, &execution, kind).await;
        match path {
            Ok(path) => Ok(Some(path)),
            Err(engine::Refused::NotFound(_)) => Ok(None),
            Err(error) => Err(refused(error)),
        }
    };
    Ok(Json(Artifacts {
        screenshot: path(ArtifactKind::Screenshot).await?,
        video: path(ArtifactKind::Video).await?,
    }))
}

type Answer<T> = Result<Json<T>, Failure>;

/// The contract's error, outside of dropshot.
pub(crate) struct Failure(ApiError);

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = self.0.status_code().as_status();
        let headers: Vec<(HeaderName, HeaderValue)> = self
            .0
            .headers()
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let mut response = (status, Json(self.0)).into_response();
        response.headers_mut().extend(headers);
        response
    }
}

#[cfg(test)]
mod tests {
    use contract::types::ResultStatus;
    use serde_json::json;

    use super::*;

    fn report(status: &str, executions: &serde_json::Value) -> types::JobReport {
        serde_json::from_value(json!({
            "job": {
                "id": "pwj_abc123",
                "status": status,
                "url": "https://preview.yourapp.com",
                "tests_generated": 1,
                "duration_seconds": 54.6,
                "quality_score": 38,
                "error_message": "The score is below the threshold.",
            },
            "crawl": { "status": "completed", "pages_crawled": 1 },
            "scripts": [],
            "executions": executions,
        }))
        .unwrap()
    }

    #[test]
    fn a_job_below_the_threshold_is_neither_an_error_nor_merely_not_executed() {
        let ended = report("callback_pending", &json!([]));
        for result in [
            ResultStatus::BelowThreshold,
            ResultStatus::NotExecuted,
            ResultStatus::Error,
        ] {
            assert_eq!(verdict(&ended, Some(result)), result.to_string());
        }
        assert_eq!(verdict(&report("scoring", &json!([])), None), "running");
    }

    #[test]
    fn a_test_that_timed_out_is_told_from_one_that_failed() {
        let run = json!([{ "status": "timed_out", "duration": 90_000 }]);
        let ended = report("callback_pending", &run);
        assert_eq!(verdict(&ended, Some(ResultStatus::Failed)), "timed_out");
    }
}
