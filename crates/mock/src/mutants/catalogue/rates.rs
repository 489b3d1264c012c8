//! Rate limits.

use contract::RateClass;

use super::errors::status;
use super::{Mutant, answer, mutant};
use crate::mutants::effect::{Effect, Rate};

pub(super) fn mutants() -> Vec<Mutant> {
    let rate = |operation, id, clause, fault, rate| {
        mutant(id, clause, fault, Effect::Rate(operation, rate))
    };
    vec![
        mutant(
            "rates.free.one-more",
            "rates.free",
            "Each free endpoint lets one request more pass.",
            Effect::RateClass(RateClass::Free, Rate::OneMore),
        )
        .slow(),
        mutant(
            "rates.llm.unlimited",
            "rates.llm",
            "LLM-powered endpoints are not limited.",
            Effect::RateClass(RateClass::Llm, Rate::Unlimited),
        ),
        rate(
            "get_job_report",
            "rates.report.unlimited",
            "report.rate",
            "Reports are not limited.",
            Rate::Unlimited,
        ),
        rate(
            "get_execution_logs",
            "rates.logs.one-more",
            "artifacts.logs.rate",
            "61 requests for logs pass.",
            Rate::OneMore,
        ),
        rate(
            "get_execution_video",
            "rates.video.one-fewer",
            "artifacts.video.rate",
            "59 requests for videos pass.",
            Rate::OneFewer,
        ),
        rate(
            "import_repository",
            "rates.import.one-more",
            "import.rate",
            "11 imports pass.",
            Rate::OneMore,
        ),
        rate(
            "trigger_test_generation",
            "rates.webhook.unlimited",
            "webhook.rate",
            "Webhooks are not limited.",
            Rate::Unlimited,
        ),
        rate(
            "trigger_test_generation",
            "rates.webhook.one-fewer",
            "webhook.rate",
            "9 webhooks pass.",
            Rate::OneFewer,
        ),
        rate(
            "start_sast_scan",
            "rates.scan.unlimited",
            "sast.start.rate",
            "Scans are not limited.",
            Rate::Unlimited,
        ),
        rate(
            "get_sast_scan",
            "rates.scan-results.one-fewer",
            "sast.results.rate",
            "59 requests for a scan pass.",
            Rate::OneFewer,
        ),
        rate(
            "generate_api_tests",
            "rates.api-tests.one-more",
            "api-tests.rate",
            "11 generations of API tests pass.",
            Rate::OneMore,
        ),
        rate(
            "create_test_case",
            "rates.test-cases.one-fewer",
            "test-cases.create.rate",
            "59 test cases a minute can be created.",
            Rate::OneFewer,
        ),
        rate(
            "generate_test_cases",
            "rates.generate.unlimited",
            "test-cases.generate.rate",
            "Generating test cases is not limited.",
            Rate::Unlimited,
        ),
        rate(
            "start_gap_analysis",
            "rates.gap.one-more",
            "gap.start.rate",
            "11 gap analyses pass.",
            Rate::OneMore,
        ),
        rate(
            "get_gap_analysis",
            "rates.gap-results.unlimited",
            "gap.poll.rate",
            "Polling an analysis is not limited.",
            Rate::Unlimited,
        ),
        rate(
            "import_repository",
            "rates.import.for-good",
            "import.rate",
            "Whoever was refused once is refused for good.",
            Rate::ForGood,
        )
        .slow(),
        answer(
            "get_execution_screenshot",
            "rates.screenshot.unavailable",
            "artifacts.screenshot.rate",
            "Too many requests are answered with 503.",
            |reply| status(reply, 429, 503),
        ),
    ]
}
