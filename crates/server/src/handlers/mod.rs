//! The contract's trait over the engine: one file a capability, each of its
//! functions admission, then body, then engine.

mod api_tests;
mod artifacts;
mod gap_analysis;
mod jobs;
mod repositories;
mod sast;
mod test_cases;
mod webhook;

use contract::{
    ApiError, GetExecutionLogsPath, GetExecutionScreenshotPath, GetExecutionVideoPath,
    GetGapAnalysisPath, GetJobReportPath, GetSastScanPath, JsonBody, PartnerApi, RawBody,
    TriggerTestGenerationPath, partner_api_mod, types,
};
use dropshot::{ApiDescription, HttpResponseFound, HttpResponseOk, Path, RequestContext};
use edge::{Admission, found, ok};
use engine::execution::ArtifactKind;
use engine::partner::PartnerId;
use engine::{Engine, Refused};
use serde::de::DeserializeOwned;
use url::Url;

use crate::admission::OfEngine;

/// What every handler works with. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) engine: Engine,
    pub(crate) admission: Admission<OfEngine>,
    /// Redirects are absolute where the operator said how the server is
    /// reached, else relative, which is right wherever it is reached.
    pub(crate) public_url: Option<Url>,
}

pub(crate) type Rqctx = RequestContext<Context>;

pub(crate) fn api() -> ApiDescription<Context> {
    partner_api_mod::api_description::<Api>().expect("the contract's routes do not collide")
}

enum Api {}

impl PartnerApi for Api {
    type Context = Context;

    async fn trigger_test_generation(
        rqctx: Rqctx,
        path: Path<TriggerTestGenerationPath>,
        body: JsonBody<types::WebhookRequest>,
    ) -> Result<HttpResponseOk<types::WebhookAccepted>, ApiError> {
        let slug = path.into_inner().partner_slug;
        ok(webhook::trigger(&rqctx, &slug, body).await, rqctx)
    }

    async fn get_execution_screenshot(
        rqctx: Rqctx,
        path: Path<GetExecutionScreenshotPath>,
    ) -> Result<HttpResponseFound, ApiError> {
        let execution = path.into_inner().execution_id;
        let location = artifacts::locate(&rqctx, &execution, ArtifactKind::Screenshot).await;
        found(location, rqctx)
    }

    async fn get_execution_video(
        rqctx: Rqctx,
        path: Path<GetExecutionVideoPath>,
    ) -> Result<HttpResponseFound, ApiError> {
        let execution = path.into_inner().execution_id;
        let location = artifacts::locate(&rqctx, &execution, ArtifactKind::Video).await;
        found(location, rqctx)
    }

    async fn get_execution_logs(
        rqctx: Rqctx,
        path: Path<GetExecutionLogsPath>,
    ) -> Result<HttpResponseOk<types::ExecutionLogs>, ApiError> {
        let execution = path.into_inner().execution_id;
        ok(artifacts::logs(&rqctx, &execution).await, rqctx)
    }

    async fn get_job_report(
        rqctx: Rqctx,
        path: Path<GetJobReportPath>,
    ) -> Result<HttpResponseOk<types::JobReport>, ApiError> {
        let job = path.into_inner().job_id;
        ok(jobs::report(&rqctx, &job).await, rqctx)
    }

    async fn import_repository(
        rqctx: Rqctx,
        body: JsonBody<types::RepositoryImportRequest>,
    ) -> Result<HttpResponseOk<types::RepositoryImport>, ApiError> {
        ok(repositories::import(&rqctx, body).await, rqctx)
    }

    async fn start_sast_scan(
        rqctx: Rqctx,
        body: JsonBody<types::SastScanRequest>,
    ) -> Result<HttpResponseOk<types::SastScanStarted>, ApiError> {
        ok(sast::start(&rqctx, body).await, rqctx)
    }

    async fn get_sast_scan(
        rqctx: Rqctx,
        path: Path<GetSastScanPath>,
    ) -> Result<HttpResponseOk<types::SastScan>, ApiError> {
        let scan = path.into_inner().scan_id;
        ok(sast::get(&rqctx, &scan).await, rqctx)
    }

    async fn generate_api_tests(
        rqctx: Rqctx,
        body: JsonBody<types::ApiTestsRequest>,
    ) -> Result<HttpResponseOk<types::GeneratedTestCases>, ApiError> {
        ok(api_tests::generate(&rqctx, body).await, rqctx)
    }

    async fn create_test_case(
        rqctx: Rqctx,
        body: JsonBody<types::TestCaseRequest>,
    ) -> Result<HttpResponseOk<types::TestCase>, ApiError> {
        ok(test_cases::create(&rqctx, body).await, rqctx)
    }

    async fn generate_test_cases(
        rqctx: Rqctx,
        body: JsonBody<types::TestCasesGenerateRequest>,
    ) -> Result<HttpResponseOk<types::GeneratedTestCases>, ApiError> {
        ok(test_cases::generate(&rqctx, body).await, rqctx)
    }

    async fn start_gap_analysis(
        rqctx: Rqctx,
        body: JsonBody<types::GapAnalysisRequest>,
    ) -> Result<HttpResponseOk<types::GapAnalysisStarted>, ApiError> {
        ok(gap_analysis::start(&rqctx, body).await, rqctx)
    }

    async fn get_gap_analysis(
        rqctx: Rqctx,
        path: Path<GetGapAnalysisPath>,
    ) -> Result<HttpResponseOk<types::GapAnalysis>, ApiError> {
        let job = path.into_inner().job_id;
        ok(gap_analysis::get(&rqctx, &job).await, rqctx)
    }
}

/// Admits the caller, then reads and parses the body: what every operation with
/// a body begins with, except the webhook.
async fn admitted<T: DeserializeOwned + Send + 'static>(
    rqctx: &Rqctx,
    body: JsonBody<T>,
) -> Result<(PartnerId, T), ApiError> {
    let partner = rqctx.context().admission.admit(rqctx).await?.partner;
    Ok((partner, parsed(body.read().await?).await?))
}

/// A large body takes its time to parse, and others should not wait for it.
async fn parsed<T: DeserializeOwned + Send + 'static>(raw: RawBody<T>) -> Result<T, ApiError> {
    const LARGE: usize = 256 * 1024;
    if raw.bytes().len() < LARGE {
        return raw.parse();
    }
    tokio::task::spawn_blocking(move || raw.parse())
        .await
        .unwrap_or_else(|_| Err(ApiError::internal()))
}

/// The engine's refusals as the contract has them.
pub(crate) fn refused(refused: Refused) -> ApiError {
    match refused {
        Refused::Invalid(detail) => ApiError::bad_request(detail),
        Refused::Forbidden(detail) => ApiError::forbidden(detail),
        Refused::NotFound(detail) => ApiError::not_found(detail),
        Refused::Unavailable(detail) => ApiError::unavailable(detail, RETRY_AFTER),
        Refused::Fault(cause) => {
            tracing::error!(cause, "the engine failed");
            ApiError::internal()
        }
    }
}

/// Seconds to wait after a 503 of the engine's.
const RETRY_AFTER: u64 = 30;
