//! Partners, their webhook secrets and API keys.

use jiff::Timestamp;
use serde::Serialize;

use crate::Refused;

/// Row id of a partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct PartnerId(pub i64);

/// Who sends webhooks.
#[derive(Clone, Debug, Serialize)]
pub struct Partner {
    pub id: PartnerId,
    /// Lower-case letters, digits and hyphens, 1 to 63.
    pub slug: String,
    pub created_at: Timestamp,
}

/// The two documented token formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyKind {
    /// `qm-...`
    ApiToken,
    /// `qm_...`
    GithubActions,
}

/// What is known of a key once it was shown.
#[derive(Clone, Debug, Serialize)]
pub struct ApiKey {
    /// Row id; rate limits count per key.
    pub id: i64,
    pub partner: PartnerId,
    pub partner_slug: String,
    pub kind: KeyKind,
    /// The first characters, to tell keys apart: `qm-4fGh…`
    pub hint: String,
    pub name: Option<String>,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

/// A secret in clear, shown once.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub struct Shown(pub String);

#[derive(Clone, Debug)]
pub struct Partners {}

impl Partners {
    /// Creates a partner with a fresh webhook secret.
    pub async fn create(&self, _slug: &str) -> Result<(Partner, Shown), Refused> {
        Err(Refused::Unavailable("not built yet".to_owned()))
    }

    pub async fn list(&self) -> Result<Vec<Partner>, Refused> {
        Err(Refused::Unavailable("not built yet".to_owned()))
    }

    pub async fn by_slug(&self, _slug: &str) -> Result<Option<Partner>, Refused> {
        Err(Refused::Unavailable("not built yet".to_owned()))
    }

    /// A new webhook secret; the old one is accepted for `overlap` longer.
    /// Callbacks are signed with the new one at once.
    pub async fn rotate_secret(
        &self,
        _slug: &str,
        _overlap: std::time::Duration,
    ) -> Result<Shown, Refused> {
        Err(Refused::Unavailable("not built yet".to_owned()))
    }

    /// Every secret that a webhook may be signed with now, newest first.
    pub async fn webhook_secrets(&self, _partner: PartnerId) -> Result<Vec<Shown>, Refused> {
        Err(Refused::Unavailable("not built yet".to_owned()))
    }

    pub async fn create_key(
        &self,
        _slug: &str,
        _kind: KeyKind,
        _name: Option<&str>,
    ) -> Result<(ApiKey, Shown), Refused> {
        Err(Refused::Unavailable("not built yet".to_owned()))
    }

    pub async fn list_keys(&self, _slug: Option<&str>) -> Result<Vec<ApiKey>, Refused> {
        Err(Refused::Unavailable("not built yet".to_owned()))
    }

    /// From the next request on the key is unknown.
    pub async fn revoke_key(&self, _id: i64) -> Result<ApiKey, Refused> {
        Err(Refused::Unavailable("not built yet".to_owned()))
    }

    /// The key's record, unless it is unknown or revoked. Costs no write.
    pub async fn authenticate(&self, _key: &str) -> Result<Option<ApiKey>, Refused> {
        Err(Refused::Unavailable("not built yet".to_owned()))
    }
}
