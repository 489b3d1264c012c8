//! Screenshots and videos, and the links that lead to them without a key:
//! signed, and no longer valid than they say.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use object_store::local::LocalFileSystem;
use object_store::{ObjectStore, ObjectStoreExt};
use sha2::Sha256;

use crate::execution::{Artifact, ArtifactKind};
use crate::seal::{Seal, random_text};
use crate::store::now;
use crate::{OpenError, Refused};

/// What links start with, below the public URL.
const LINKS: &str = "/static/test-executions/";

/// Cheap to clone.
#[derive(Clone)]
pub struct Artifacts {
    objects: Arc<dyn ObjectStore>,
    link_key: [u8; 32],
}

impl std::fmt::Debug for Artifacts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Artifacts")
            .field("objects", &self.objects)
            .finish_non_exhaustive()
    }
}

impl Artifacts {
    /// In a directory, created where there is none.
    pub fn open(dir: &Path, seal: &Seal) -> Result<Self, OpenError> {
        let failed = |error: String| OpenError::DataDir(format!("{}: {error}", dir.display()));
        std::fs::create_dir_all(dir).map_err(|error| failed(error.to_string()))?;
        let objects =
            LocalFileSystem::new_with_prefix(dir).map_err(|error| failed(error.to_string()))?;
        Ok(Self {
            objects: Arc::new(objects),
            link_key: seal.derive("links to artifacts"),
        })
    }

    /// Stores an artifact under a name that can't be guessed, and returns it.
    pub async fn put(&self, kind: ArtifactKind, bytes: Bytes) -> Result<String, Refused> {
        let file = match kind {
            ArtifactKind::Screenshot => "screenshot.png",
            ArtifactKind::Video => "video.webm",
        };
        let object = format!("{}/{file}", random_text(32));
        self.objects
            .put(&object.as_str().into(), bytes.into())
            .await
            .map_err(|error| Refused::Fault(format!("the artifact store: {error}")))?;
        Ok(object)
    }

    /// Path and query below the public URL, good for `valid_for`.
    pub fn link(&self, object: &str, valid_for: Duration) -> String {
        let expires = now() / 1000 + i64::try_from(valid_for.as_secs()).unwrap_or(i64::MAX / 2);
        let signature = hex::encode(self.mac(object, expires).finalize().into_bytes());
        format!("{LINKS}{object}?expires={expires}&signature={signature}")
    }

    /// What such a link leads to; `object` is what stands behind [`LINKS`]. One
    /// answer for a link that is forged, expired, or leads to what is gone.
    pub async fn open_link(&self, object: &str, query: &str) -> Result<Artifact, Refused> {
        let gone = || Refused::NotFound("The link has expired or was never valid.".to_owned());
        self.check(object, query).ok_or_else(gone)?;
        let content_type = match object.rsplit('.').next() {
            Some("png") => "image/png",
            Some("webm") => "video/webm",
            Some("mp4") => "video/mp4",
            _ => return Err(gone()),
        };
        let failed = |error: object_store::Error| match error {
            object_store::Error::NotFound { .. } => gone(),
            error => Refused::Fault(format!("the artifact store: {error}")),
        };
        let found = self.objects.get(&object.into()).await.map_err(failed)?;
        Ok(Artifact {
            content_type,
            bytes: found.bytes().await.map_err(failed)?,
        })
    }

    fn check(&self, object: &str, query: &str) -> Option<()> {
        let parameter = |name: &str| {
            query
                .split('&')
                .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
        };
        let expires: i64 = parameter("expires")?.parse().ok()?;
        let mut signature = [0_u8; 32];
        hex::decode_to_slice(parameter("signature")?, &mut signature).ok()?;
        self.mac(object, expires).verify_slice(&signature).ok()?;
        (now() / 1000 < expires).then_some(())
    }

    fn mac(&self, object: &str, expires: i64) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.link_key).expect("HMAC takes keys of any length");
        mac.update(format!("{expires} {object}").as_bytes());
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifacts(dir: &Path) -> Artifacts {
        Artifacts::open(&dir.join("artifacts"), &Seal::open(dir).unwrap()).unwrap()
    }

    /// What the server hands over of a link.
    fn split(link: &str) -> (&str, &str) {
        link.strip_prefix(LINKS).unwrap().split_once('?').unwrap()
    }

    #[tokio::test]
    async fn a_link_leads_to_the_artifact_without_a_key() {
        let dir = tempfile::tempdir().unwrap();
        let object = artifacts(dir.path())
            .put(ArtifactKind::Video, Bytes::from_static(b"webm"))
            .await
            .unwrap();
        let link = artifacts(dir.path()).link(&object, Duration::from_secs(60));
        let (file, query) = split(&link);
        let found = artifacts(dir.path()).open_link(file, query).await.unwrap();
        assert_eq!(
            (found.content_type, &found.bytes[..]),
            ("video/webm", &b"webm"[..])
        );
    }

    #[tokio::test]
    async fn a_link_can_not_be_forged_prolonged_or_turned_to_another_file() {
        let dir = tempfile::tempdir().unwrap();
        let artifacts = artifacts(dir.path());
        let put = async || {
            artifacts
                .put(ArtifactKind::Screenshot, Bytes::from_static(b"png"))
                .await
                .unwrap()
        };
        let (ours, theirs) = (put().await, put().await);
        let link = artifacts.link(&ours, Duration::from_secs(60));
        let (file, query) = split(&link);
        let (expires, signature) = query.split_once('&').unwrap();
        let later = format!("expires={}&{signature}", now() / 1000 + 1_000_000);
        let expired = artifacts.link(&ours, Duration::ZERO);
        for (file, query) in [
            (theirs.as_str(), query),
            ("../master.key", query),
            (file, later.as_str()),
            (file, expires),
            (file, ""),
            (file, "expires=x&signature=y"),
            split(&expired),
        ] {
            let refused = artifacts.open_link(file, query).await;
            assert!(
                matches!(refused, Err(Refused::NotFound(_))),
                "{file} {query}"
            );
        }
    }

    #[tokio::test]
    async fn what_was_removed_is_gone_not_a_fault() {
        let dir = tempfile::tempdir().unwrap();
        let artifacts = artifacts(dir.path());
        let link = artifacts.link("gone/screenshot.png", Duration::from_secs(60));
        let (file, query) = split(&link);
        let refused = artifacts.open_link(file, query).await;
        assert!(matches!(refused, Err(Refused::NotFound(_))));
    }
}
