//! API test generation.

use contract::{ApiError, JsonBody, types};

use super::{Rqctx, admitted, refused};

pub(super) async fn generate(
    rqctx: &Rqctx,
    body: JsonBody<types::ApiTestsRequest>,
) -> Result<types::GeneratedTestCases, ApiError> {
    let (partner, request) = admitted(rqctx, body).await?;
    let api_tests = rqctx.context().engine.api_tests();
    api_tests.generate(partner, request).await.map_err(refused)
}
