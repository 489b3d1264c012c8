//! Artifacts: a redirect whose target needs no key.

use bytes::Bytes;
use progenitor_client::{ClientInfo, Error};
use reqwest::header::{HeaderMap, LOCATION};
use reqwest::{Response, StatusCode};
use url::Url;

use crate::{Client, types};

/// A deployment may hand over to a file host, and that to another; more is a circle.
const MAX_REDIRECTS: usize = 5;

/// A file of an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArtifactKind {
    /// PNG
    Screenshot,
    /// WebM or MP4
    Video,
}

/// Why an artifact could not be had.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    /// The API refused, with its `detail`.
    #[error("{status}: {detail}")]
    Refused { status: StatusCode, detail: String },
    /// The answer is no redirect as the contract describes it, or one too many.
    #[error("expected a redirect to the file, got {0}")]
    NoRedirect(StatusCode),
    /// The request did not come through, or the file is gone.
    #[error(transparent)]
    Transport(#[from] reqwest::Error),
    /// The client could not send the request.
    #[error("{0}")]
    Request(String),
}

impl Client {
    /// Where the artifact is, as the 302's `Location` says; absolute. The URL
    /// expires, and whoever has it needs no key.
    pub async fn artifact_url(
        &self,
        execution_id: &str,
        kind: ArtifactKind,
    ) -> Result<Url, ArtifactError> {
        let answer = match kind {
            ArtifactKind::Screenshot => self.get_execution_screenshot(execution_id).await,
            ArtifactKind::Video => self.get_execution_video(execution_id).await,
        };
        // To the generated code a redirect is no success; here it is the one that is wanted.
        let answer = match answer {
            Ok(answer) | Err(Error::ErrorResponse(answer)) => answer,
            Err(Error::CommunicationError(error)) => return Err(error.into()),
            Err(error) => return Err(ArtifactError::Request(error.to_string())),
        };
        let (status, headers) = (answer.status(), answer.headers().clone());
        if status.is_client_error() || status.is_server_error() {
            let body = collect(answer.into_inner()).await?;
            let detail = serde_json::from_slice::<types::Error>(&body)
                .map_or_else(|_| String::new(), |error| error.detail);
            return Err(ArtifactError::Refused { status, detail });
        }
        Url::parse(ClientInfo::baseurl(self))
            .ok()
            .filter(|_| status == StatusCode::FOUND)
            .and_then(|base| location(&base, &headers))
            .ok_or(ArtifactError::NoRedirect(status))
    }

    /// The artifact's bytes, as `curl -L` fetches them, but without the key.
    pub async fn artifact(
        &self,
        execution_id: &str,
        kind: ArtifactKind,
    ) -> Result<Bytes, ArtifactError> {
        let url = self.artifact_url(execution_id, kind).await?;
        Ok(self.file(url).await?.bytes().await?)
    }

    /// Only the generated methods add the key, so here there is none to leak.
    async fn file(&self, mut url: Url) -> Result<Response, ArtifactError> {
        let mut status = StatusCode::FOUND;
        for _ in 0..=MAX_REDIRECTS {
            let answer = ClientInfo::client(self).get(url.clone()).send().await?;
            status = answer.status();
            if !status.is_redirection() {
                return Ok(answer.error_for_status()?);
            }
            url = location(&url, answer.headers()).ok_or(ArtifactError::NoRedirect(status))?;
        }
        Err(ArtifactError::NoRedirect(status))
    }
}

/// `Location`, which may be relative.
fn location(base: &Url, headers: &HeaderMap) -> Option<Url> {
    base.join(headers.get(LOCATION)?.to_str().ok()?).ok()
}

async fn collect(stream: progenitor_client::ByteStream) -> Result<Vec<u8>, reqwest::Error> {
    use futures::TryStreamExt;
    stream
        .into_inner()
        .try_fold(Vec::new(), |mut bytes, chunk| async move {
            bytes.extend_from_slice(&chunk);
            Ok(bytes)
        })
        .await
}
