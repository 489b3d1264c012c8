//! Test cases: stored as sent, or generated.

use contract::{ApiError, JsonBody, types};

use super::{Rqctx, admitted, refused};

pub(super) async fn create(
    rqctx: &Rqctx,
    body: JsonBody<types::TestCaseRequest>,
) -> Result<types::TestCase, ApiError> {
    let (partner, request) = admitted(rqctx, body).await?;
    let test_cases = rqctx.context().engine.test_cases();
    test_cases.create(partner, request).await.map_err(refused)
}

pub(super) async fn generate(
    rqctx: &Rqctx,
    body: JsonBody<types::TestCasesGenerateRequest>,
) -> Result<types::GeneratedTestCases, ApiError> {
    let (partner, request) = admitted(rqctx, body).await?;
    let test_cases = rqctx.context().engine.test_cases();
    test_cases.generate(partner, request).await.map_err(refused)
}
