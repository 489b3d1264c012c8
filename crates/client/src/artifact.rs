//! Artifacts: a redirect whose target needs no key.

use bytes::Bytes;
use progenitor_client::{ClientInfo, Error};
use reqwest::StatusCode;
use reqwest::header::LOCATION;
use url::Url;

use crate::{Client, types};

/// A file of an execution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArtifactKind {
    /// PNG
    Screenshot,
    /// WebM or MP4
    Video,
}

/// Why an artifact could not be had.
#[derive(Debug)]
pub enum ArtifactError {
    /// The API refused, with its `detail`.
    Refused { status: StatusCode, detail: String },
    /// The answer is no redirect as the contract describes it.
    NoRedirect(StatusCode),
    /// The request did not come through.
    Transport(reqwest::Error),
    /// The client could not send the request.
    Request(String),
}

impl std::fmt::Display for ArtifactError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused { status, detail } => write!(formatter, "{status}: {detail}"),
            Self::NoRedirect(status) => {
                write!(formatter, "expected a 302 with a Location, got {status}")
            }
            Self::Transport(error) => error.fmt(formatter),
            Self::Request(error) => formatter.write_str(error),
        }
    }
}

impl std::error::Error for ArtifactError {}

impl From<reqwest::Error> for ArtifactError {
    fn from(error: reqwest::Error) -> Self {
        Self::Transport(error)
    }
}

impl Client {
    /// Where the artifact is, as the 302's `Location` says; absolute.
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
            Err(error) => return Err(ArtifactError::Request(error.to_string())),
        };
        let (status, headers) = (answer.status(), answer.headers().clone());
        if status.is_client_error() || status.is_server_error() {
            let body = collect(answer.into_inner()).await?;
            let detail = serde_json::from_slice::<types::Error>(&body)
                .map_or_else(|_| String::new(), |error| error.detail);
            return Err(ArtifactError::Refused { status, detail });
        }
        let location = headers.get(LOCATION).and_then(|value| value.to_str().ok());
        match (status, location) {
            (StatusCode::FOUND, Some(location)) => Url::parse(ClientInfo::baseurl(self))
                .and_then(|base| base.join(location))
                .map_err(|_| ArtifactError::NoRedirect(status)),
            _ => Err(ArtifactError::NoRedirect(status)),
        }
    }

    /// The artifact's bytes, as `curl -L` fetches them.
    pub async fn artifact(
        &self,
        execution_id: &str,
        kind: ArtifactKind,
    ) -> Result<Bytes, ArtifactError> {
        let url = self.artifact_url(execution_id, kind).await?;
        let file = ClientInfo::client(self)
            .get(url)
            .send()
            .await?
            .error_for_status()?;
        Ok(file.bytes().await?)
    }
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
