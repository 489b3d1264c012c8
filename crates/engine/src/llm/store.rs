//! Which provider each partner has, with its key sealed.

use jiff::Timestamp;
use serde::Serialize;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::budget::Budget;
use super::client::{Llm, Task};
use super::provider::{ApiKey, Provider, ProviderKind};
use crate::Refused;
use crate::egress::Policy;
use crate::partner::{PartnerId, Partners};
use crate::seal::Seal;
use crate::store::{Store, now, timestamp};

/// What may be shown of a partner's provider.
#[derive(Clone, Debug, Serialize)]
pub struct ConfiguredProvider {
    pub provider: ProviderKind,
    pub model: String,
    pub base_url: String,
    pub private_network: bool,
    /// The key's end: `…4fGh`
    pub key: Option<String>,
    pub updated_at: Timestamp,
}

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Providers {
    store: Store,
    seal: Seal,
    policy: Policy,
    partners: Partners,
}

impl Providers {
    pub(crate) fn new(store: Store, seal: Seal, policy: Policy, partners: Partners) -> Self {
        Self {
            store,
            seal,
            policy,
            partners,
        }
    }

    /// Sets or replaces the provider of the partner with that slug.
    pub async fn set(&self, slug: &str, provider: &Provider) -> Result<(), Refused> {
        let partner = self.partners.known(slug).await?.id;
        let sealed = provider
            .key
            .as_ref()
            .map(|key| self.seal.seal(&purpose(partner), key.reveal().as_bytes()));
        let mut write = self.store.write().await?;
        sqlx::query(
            "INSERT INTO llm_providers
                 (partner_id, kind, model, base_url, private_network, sealed_key, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (partner_id) DO UPDATE SET
                 kind = excluded.kind, model = excluded.model, base_url = excluded.base_url,
                 private_network = excluded.private_network, sealed_key = excluded.sealed_key,
                 updated_at = excluded.updated_at",
        )
        .bind(partner.0)
        .bind(provider.kind.name())
        .bind(&provider.model)
        .bind(provider.base_url.as_str())
        .bind(provider.private_network)
        .bind(sealed)
        .bind(now())
        .execute(&mut *write)
        .await?;
        write.commit().await?;
        Ok(())
    }

    pub async fn show(&self, slug: &str) -> Result<Option<ConfiguredProvider>, Refused> {
        let partner = self.partners.known(slug).await?.id;
        let Some(row) = self.row(partner).await? else {
            return Ok(None);
        };
        let provider = self.provider(partner, &row)?;
        Ok(Some(ConfiguredProvider {
            provider: provider.kind,
            model: provider.model,
            base_url: provider.base_url.into(),
            private_network: provider.private_network,
            key: provider.key.as_ref().map(ApiKey::hint),
            updated_at: timestamp(row.try_get("updated_at")?),
        }))
    }

    /// Whether there was one.
    pub async fn remove(&self, slug: &str) -> Result<bool, Refused> {
        let partner = self.partners.known(slug).await?.id;
        let mut write = self.store.write().await?;
        let removed = sqlx::query("DELETE FROM llm_providers WHERE partner_id = $1")
            .bind(partner.0)
            .execute(&mut *write)
            .await?;
        write.commit().await?;
        Ok(removed.rows_affected() > 0)
    }

    /// The partner's provider with a fresh budget, if there is one that can be
    /// used. A fault of ours is logged and no reason to do nothing.
    pub async fn of_partner(&self, partner: PartnerId) -> Option<Llm> {
        let found = async {
            match self.row(partner).await? {
                Some(row) => self.provider(partner, &row).map(Some),
                None => Ok(None),
            }
        };
        match found.await {
            Ok(provider) => {
                provider.map(|provider| Llm::new(provider, self.policy, Budget::default()))
            }
            Err(fault) => {
                tracing::error!(partner = partner.0, %fault, "the partner's LLM provider can't be read");
                None
            }
        }
    }

    /// Asks the partner's provider one small question. 404 where there is none,
    /// 503 where it does not answer as it should.
    pub async fn check(&self, slug: &str) -> Result<(), Refused> {
        let partner = self.partners.known(slug).await?.id;
        let Some(row) = self.row(partner).await? else {
            return Err(Refused::NotFound(format!("{slug} has no LLM provider")));
        };
        let provider = self.provider(partner, &row)?;
        let schema = serde_json::json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["ready"],
            "properties": {"ready": {"type": "boolean"}},
        });
        let task = Task {
            name: "check",
            instructions: "This is a check of the connection. Say that you are ready.",
            schema: &schema,
            materials: &[],
        };
        let _: serde_json::Value = Llm::new(provider, self.policy, Budget::default())
            .ask(&task)
            .await
            .map_err(|error| Refused::Unavailable(error.to_string()))?;
        Ok(())
    }

    async fn row(&self, partner: PartnerId) -> Result<Option<SqliteRow>, Refused> {
        Ok(
            sqlx::query("SELECT * FROM llm_providers WHERE partner_id = $1")
                .bind(partner.0)
                .fetch_optional(self.store.read())
                .await?,
        )
    }

    fn provider(&self, partner: PartnerId, row: &SqliteRow) -> Result<Provider, Refused> {
        let fault = |error: &dyn std::fmt::Display| Refused::Fault(error.to_string());
        let kind: String = row.try_get("kind")?;
        let base_url: String = row.try_get("base_url")?;
        let sealed: Option<Vec<u8>> = row.try_get("sealed_key")?;
        let key = match sealed {
            None => None,
            Some(sealed) => {
                let key = self
                    .seal
                    .unseal(&purpose(partner), &sealed)
                    .map_err(|error| fault(&error))?;
                let key = String::from_utf8(key).map_err(|error| fault(&error))?;
                Some(ApiKey::new(&key).map_err(|error| fault(&error))?)
            }
        };
        Provider::new(
            kind.parse::<ProviderKind>()
                .map_err(|error| fault(&error))?,
            &row.try_get::<String, _>("model")?,
            Some(&base_url),
            row.try_get("private_network")?,
            key,
        )
        .map_err(|error| fault(&error))
    }
}

/// A sealed key opens for its partner only.
fn purpose(partner: PartnerId) -> String {
    format!("llm key of partner {}", partner.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Bench;

    fn provider(key: &str) -> Provider {
        let key = Some(ApiKey::new(key).unwrap());
        Provider::new(ProviderKind::Anthropic, "a-model", None, false, key).unwrap()
    }

    #[tokio::test]
    async fn a_partner_has_one_provider_that_can_be_replaced_and_removed() {
        let bench = Bench::open().await;
        let veilstream = bench.partner("veilstream").await;
        let other = bench.partner("other").await;
        let llm = bench.engine.llm();
        assert!(llm.show("veilstream").await.unwrap().is_none());
        assert!(llm.of_partner(veilstream).await.is_none());

        llm.set("veilstream", &provider("sk-the-first-key"))
            .await
            .unwrap();
        llm.set("veilstream", &provider("sk-the-second-key"))
            .await
            .unwrap();
        let shown = llm.show("veilstream").await.unwrap().unwrap();
        assert_eq!(shown.provider, ProviderKind::Anthropic);
        assert_eq!(shown.base_url, "https://api.anthropic.com/v1/");
        assert_eq!(shown.key.as_deref(), Some("…-key"));
        assert!(!serde_json::to_string(&shown).unwrap().contains("second"));

        let found = llm.of_partner(veilstream).await.unwrap();
        assert_eq!(
            found.provider().key.as_ref().unwrap().reveal(),
            "sk-the-second-key"
        );
        assert!(llm.of_partner(other).await.is_none());

        assert!(llm.remove("veilstream").await.unwrap());
        assert!(!llm.remove("veilstream").await.unwrap());
        assert!(llm.of_partner(veilstream).await.is_none());
        assert!(matches!(
            llm.show("nobody").await,
            Err(Refused::NotFound(_))
        ));
    }

    #[tokio::test]
    async fn a_key_rests_sealed_and_opens_for_its_partner_only() {
        let bench = Bench::open().await;
        let one = bench.partner("one").await;
        let two = bench.partner("two").await;
        let llm = bench.engine.llm();
        llm.set("one", &provider("sk-find-me-if-you-can"))
            .await
            .unwrap();
        for file in std::fs::read_dir(bench.dir()).unwrap() {
            let path = file.unwrap().path();
            if path.is_file() {
                let bytes = std::fs::read(&path).unwrap();
                let needle = b"find-me-if-you-can";
                assert!(
                    !bytes.windows(needle.len()).any(|it| it == needle),
                    "{path:?}"
                );
            }
        }
        // Whoever copies the row gets nothing out of it, and nothing breaks.
        let mut write = bench.store().write().await.unwrap();
        sqlx::query(
            "INSERT INTO llm_providers SELECT $1, kind, model, base_url, private_network, sealed_key, updated_at
             FROM llm_providers WHERE partner_id = $2",
        )
        .bind(two.0)
        .bind(one.0)
        .execute(&mut *write)
        .await
        .unwrap();
        write.commit().await.unwrap();
        assert!(llm.of_partner(one).await.is_some());
        assert!(llm.of_partner(two).await.is_none());
    }
}
