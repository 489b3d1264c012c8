//! What the engine knows of partners, as admission asks for it.

use contract::ApiError;
use edge::{Key, Partners};
use engine::Engine;
use engine::partner::PartnerId;

use crate::handlers::refused;

#[derive(Clone)]
pub(crate) struct OfEngine(pub(crate) Engine);

impl Partners for OfEngine {
    type Partner = PartnerId;

    async fn authenticate(&self, key: &str) -> Result<Option<Key<PartnerId>>, ApiError> {
        let known = self.0.partners().authenticate(key).await.map_err(refused)?;
        Ok(known.map(|key| Key {
            id: key.id,
            partner: key.partner,
            partner_slug: key.partner_slug,
        }))
    }

    async fn has_slug(&self, slug: &str) -> Result<bool, ApiError> {
        let found = self.0.partners().by_slug(slug).await;
        Ok(found.map_err(refused)?.is_some())
    }

    async fn webhook_secrets(&self, partner: PartnerId) -> Result<Vec<String>, ApiError> {
        let secrets = self.0.partners().webhook_secrets(partner).await;
        let secrets = secrets.map_err(refused)?;
        Ok(secrets.into_iter().map(|secret| secret.0).collect())
    }
}
