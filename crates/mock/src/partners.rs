//! Who may use the mock.

use std::collections::HashMap;

use contract::ApiError;
use edge::Key;
use serde::Deserialize;

/// A partner: slug, webhook secret, API keys.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partner {
    pub slug: String,
    pub secret: String,
    pub keys: Vec<String>,
}

impl Partner {
    /// The partner of the published examples.
    pub fn of_the_examples() -> Self {
        Self::new("veilstream", "your-webhook-secret", &["qm-your-token"])
    }

    /// Another one, so that it can be seen that partners are kept apart.
    pub fn acme() -> Self {
        Self::new("acme", "acme-webhook-secret", &["qm-acme-token"])
    }

    pub fn new(slug: &str, secret: &str, keys: &[&str]) -> Self {
        Self {
            slug: slug.to_owned(),
            secret: secret.to_owned(),
            keys: keys.iter().map(|key| (*key).to_owned()).collect(),
        }
    }
}

impl std::fmt::Debug for Partner {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Partner")
            .field("slug", &self.slug)
            .finish_non_exhaustive()
    }
}

/// Why partners can't be taken as they were given.
#[derive(Debug, thiserror::Error)]
pub enum PartnerError {
    #[error("partner {0:?}: a slug is letters, digits, hyphens and underscores")]
    Slug(String),
    #[error("partner {0} is given twice")]
    Twice(String),
    #[error("partner {0}: the secret is empty")]
    Secret(String),
    #[error("partner {0} has no API key")]
    NoKey(String),
    #[error("partner {0}: an API key begins with qm- or qm_ and has more than that")]
    Key(String),
    #[error("partners {0} and {1} have the same API key")]
    SharedKey(String, String),
}

/// Index into the partners as they were given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PartnerId(usize);

impl PartnerId {
    /// Before the caller is known.
    pub(crate) const NOBODY: Self = Self(usize::MAX);
}

#[derive(Clone, Debug)]
pub(crate) struct Directory {
    partners: std::sync::Arc<Vec<Partner>>,
    keys: std::sync::Arc<HashMap<String, (i64, PartnerId)>>,
}

impl Directory {
    pub(crate) fn new(partners: Vec<Partner>) -> Result<Self, PartnerError> {
        let mut keys = HashMap::new();
        for (index, partner) in partners.iter().enumerate() {
            let slug = || partner.slug.clone();
            let is_letter = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            if partner.slug.is_empty() || !partner.slug.chars().all(is_letter) {
                return Err(PartnerError::Slug(slug()));
            }
            if partners[..index]
                .iter()
                .any(|other| other.slug == partner.slug)
            {
                return Err(PartnerError::Twice(slug()));
            }
            if partner.secret.is_empty() {
                return Err(PartnerError::Secret(slug()));
            }
            if partner.keys.is_empty() {
                return Err(PartnerError::NoKey(slug()));
            }
            for key in &partner.keys {
                let rest = key.strip_prefix("qm-").or_else(|| key.strip_prefix("qm_"));
                if rest.is_none_or(str::is_empty) {
                    return Err(PartnerError::Key(slug()));
                }
                let id = keys.len() as i64;
                if let Some((_, other)) = keys.insert(key.clone(), (id, PartnerId(index))) {
                    return Err(PartnerError::SharedKey(
                        partners[other.0].slug.clone(),
                        slug(),
                    ));
                }
            }
        }
        Ok(Self {
            partners: partners.into(),
            keys: keys.into(),
        })
    }

    pub(crate) fn get(&self, id: PartnerId) -> &Partner {
        &self.partners[id.0]
    }

    pub(crate) fn all(&self) -> &[Partner] {
        &self.partners
    }
}

impl edge::Partners for Directory {
    type Partner = PartnerId;

    async fn authenticate(&self, key: &str) -> Result<Option<Key<PartnerId>>, ApiError> {
        Ok(self.keys.get(key).map(|&(id, partner)| Key {
            id,
            partner,
            partner_slug: self.get(partner).slug.clone(),
        }))
    }

    async fn has_slug(&self, slug: &str) -> Result<bool, ApiError> {
        Ok(self.partners.iter().any(|partner| partner.slug == slug))
    }

    async fn webhook_secrets(&self, partner: PartnerId) -> Result<Vec<String>, ApiError> {
        Ok(vec![self.get(partner).secret.clone()])
    }
}
