//! Repository import.

use contract::{ApiError, JsonBody, types};

use super::{Rqctx, admitted, not_yet};

pub(super) async fn import(
    rqctx: &Rqctx,
    body: JsonBody<types::RepositoryImportRequest>,
) -> Result<types::RepositoryImport, ApiError> {
    let (_partner, _request) = admitted(rqctx, body).await?;
    Err(not_yet("Repository import"))
}
