//! The contract's trait over the mock's state.

use std::sync::Arc;

use contract::{
    ApiError, GetExecutionLogsPath, GetExecutionScreenshotPath, GetExecutionVideoPath,
    GetGapAnalysisPath, GetJobReportPath, GetSastScanPath, JsonBody, PartnerApi,
    TriggerTestGenerationPath, partner_api_mod, types,
};
use dropshot::{ApiDescription, HttpResponseFound, HttpResponseOk, Path};
use edge::{found, ok};
use serde::de::DeserializeOwned;

use crate::artifacts::{self, Kind};
use crate::call::{Call, Rqctx};
use crate::magic::Magic;
use crate::scenario::Chosen;
use crate::world::World;
use crate::{api_tests, gaps, job, repositories, scans, test_cases};

pub(crate) fn api() -> ApiDescription<Arc<World>> {
    partner_api_mod::api_description::<Api>().expect("the contract's routes do not collide")
}

enum Api {}

impl PartnerApi for Api {
    type Context = Arc<World>;

    async fn trigger_test_generation(
        rqctx: Rqctx,
        path: Path<TriggerTestGenerationPath>,
        body: JsonBody<types::WebhookRequest>,
    ) -> Result<HttpResponseOk<types::WebhookAccepted>, ApiError> {
        let slug = path.into_inner().partner_slug;
        ok(webhook(&rqctx, &slug, body).await, rqctx)
    }

    async fn get_execution_screenshot(
        rqctx: Rqctx,
        path: Path<GetExecutionScreenshotPath>,
    ) -> Result<HttpResponseFound, ApiError> {
        let execution = path.into_inner().execution_id;
        found(located(&rqctx, &execution, Kind::Screenshot).await, rqctx)
    }

    async fn get_execution_video(
        rqctx: Rqctx,
        path: Path<GetExecutionVideoPath>,
    ) -> Result<HttpResponseFound, ApiError> {
        let execution = path.into_inner().execution_id;
        found(located(&rqctx, &execution, Kind::Video).await, rqctx)
    }

    async fn get_execution_logs(
        rqctx: Rqctx,
        path: Path<GetExecutionLogsPath>,
    ) -> Result<HttpResponseOk<types::ExecutionLogs>, ApiError> {
        let execution = path.into_inner().execution_id;
        let logs = async {
            let call = asked(&rqctx).await?;
            artifacts::logs(call.world, call.partner, &execution)
        };
        ok(logs.await, rqctx)
    }

    async fn get_job_report(
        rqctx: Rqctx,
        path: Path<GetJobReportPath>,
    ) -> Result<HttpResponseOk<types::JobReport>, ApiError> {
        let id = path.into_inner().job_id;
        let report = async {
            let call = asked(&rqctx).await?;
            job::report(call.world, call.partner, &id)
        };
        ok(report.await, rqctx)
    }

    async fn import_repository(
        rqctx: Rqctx,
        body: JsonBody<types::RepositoryImportRequest>,
    ) -> Result<HttpResponseOk<types::RepositoryImport>, ApiError> {
        let import = async {
            let (call, request, scenario) = given(&rqctx, body).await?;
            repositories::import(call.world, call.partner, request, scenario)
        };
        ok(import.await, rqctx)
    }

    async fn start_sast_scan(
        rqctx: Rqctx,
        body: JsonBody<types::SastScanRequest>,
    ) -> Result<HttpResponseOk<types::SastScanStarted>, ApiError> {
        let start = async {
            let (call, request, _) = given(&rqctx, body).await?;
            let named = call.named(&request)?;
            scans::start(call.world, call.partner, &request, named.as_deref())
        };
        ok(start.await, rqctx)
    }

    async fn get_sast_scan(
        rqctx: Rqctx,
        path: Path<GetSastScanPath>,
    ) -> Result<HttpResponseOk<types::SastScan>, ApiError> {
        let id = path.into_inner().scan_id;
        let scan = async {
            let call = asked(&rqctx).await?;
            scans::get(call.world, call.partner, &id)
        };
        ok(scan.await, rqctx)
    }

    async fn generate_api_tests(
        rqctx: Rqctx,
        body: JsonBody<types::ApiTestsRequest>,
    ) -> Result<HttpResponseOk<types::GeneratedTestCases>, ApiError> {
        let generated = async {
            let (call, request, _) = given(&rqctx, body).await?;
            api_tests::generate(call.world, call.partner, request).await
        };
        ok(generated.await, rqctx)
    }

    async fn create_test_case(
        rqctx: Rqctx,
        body: JsonBody<types::TestCaseRequest>,
    ) -> Result<HttpResponseOk<types::TestCase>, ApiError> {
        let created = async {
            let (call, request, _) = given(&rqctx, body).await?;
            test_cases::create(call.world, call.partner, request)
        };
        ok(created.await, rqctx)
    }

    async fn generate_test_cases(
        rqctx: Rqctx,
        body: JsonBody<types::TestCasesGenerateRequest>,
    ) -> Result<HttpResponseOk<types::GeneratedTestCases>, ApiError> {
        let generated = async {
            let (call, request, _) = given(&rqctx, body).await?;
            test_cases::generate(call.world, call.partner, &request)
        };
        ok(generated.await, rqctx)
    }

    async fn start_gap_analysis(
        rqctx: Rqctx,
        body: JsonBody<types::GapAnalysisRequest>,
    ) -> Result<HttpResponseOk<types::GapAnalysisStarted>, ApiError> {
        let start = async {
            let (call, request, _) = given(&rqctx, body).await?;
            let named = call.named(&request)?;
            gaps::start(call.world, call.partner, &request, named.as_deref())
        };
        ok(start.await, rqctx)
    }

    async fn get_gap_analysis(
        rqctx: Rqctx,
        path: Path<GetGapAnalysisPath>,
    ) -> Result<HttpResponseOk<types::GapAnalysis>, ApiError> {
        let id = path.into_inner().job_id;
        let analysis = async {
            let call = asked(&rqctx).await?;
            gaps::get(call.world, call.partner, &id)
        };
        ok(analysis.await, rqctx)
    }
}

async fn webhook(
    rqctx: &Rqctx,
    slug: &str,
    body: JsonBody<types::WebhookRequest>,
) -> Result<types::WebhookAccepted, ApiError> {
    let call = Call::admit_to(rqctx, slug).await?;
    let raw = call.read(body).await?;
    #[cfg(feature = "mutants")]
    if call.world.mutant.parses_before_signature() {
        call.parse(&raw)?;
    }
    call.signed(raw.bytes()).await?;
    let request = call.parse(&raw)?;
    let scenario = call.play_by(&request)?;
    job::accept(call.world, call.partner, request, raw.bytes(), scenario)
}

async fn located(rqctx: &Rqctx, execution: &str, kind: Kind) -> Result<String, ApiError> {
    let call = asked(rqctx).await?;
    artifacts::locate(call.world, call.partner, execution, kind)
}

/// A call without a body, ready to be answered.
async fn asked(rqctx: &Rqctx) -> Result<Call<'_>, ApiError> {
    let call = Call::admit(rqctx).await?;
    call.play()?;
    Ok(call)
}

/// A call with its body, ready to be answered.
async fn given<T: DeserializeOwned + Magic>(
    rqctx: &Rqctx,
    body: JsonBody<T>,
) -> Result<(Call<'_>, T, Chosen), ApiError> {
    let call = Call::admit(rqctx).await?;
    let raw = call.read(body).await?;
    let request = call.parse(&raw)?;
    let scenario = call.play_by(&request)?;
    Ok((call, request, scenario))
}
