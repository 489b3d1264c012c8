//! API test generation.

use contract::{ApiError, JsonBody, types};

use super::{Rqctx, admitted, not_yet};

pub(super) async fn generate(
    rqctx: &Rqctx,
    body: JsonBody<types::ApiTestsRequest>,
) -> Result<types::GeneratedTestCases, ApiError> {
    let (_partner, _request) = admitted(rqctx, body).await?;
    Err(not_yet("API test generation"))
}
