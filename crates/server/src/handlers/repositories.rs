//! Repository import.

use contract::{ApiError, JsonBody, types};

use super::{Rqctx, admitted, refused};

pub(super) async fn import(
    rqctx: &Rqctx,
    body: JsonBody<types::RepositoryImportRequest>,
) -> Result<types::RepositoryImport, ApiError> {
    let (partner, request) = admitted(rqctx, body).await?;
    let repositories = rqctx.context().engine.repositories();
    repositories.import(partner, request).await.map_err(refused)
}
