//! Partners, their webhook secrets and API keys.

mod keys;

use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use sqlx::{Sqlite, Transaction};

use crate::Refused;
use crate::seal::{Seal, random_text};
use crate::store::{Store, now, timestamp};

pub use keys::{ApiKey, KeyKind};

/// Row id of a partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, sqlx::Type)]
#[serde(transparent)]
#[sqlx(transparent)]
pub struct PartnerId(pub i64);

/// Who sends webhooks.
#[derive(Clone, Debug, Serialize)]
pub struct Partner {
    pub id: PartnerId,
    /// Lower-case letters, digits and hyphens, 1 to 63.
    pub slug: String,
    pub created_at: Timestamp,
}

/// A secret in clear, shown once; `Debug` does not show it.
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub struct Shown(pub String);

impl std::fmt::Debug for Shown {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Shown").finish_non_exhaustive()
    }
}

/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Partners {
    store: Store,
    seal: Seal,
    used: keys::Used,
}

impl Partners {
    pub(crate) fn new(store: Store, seal: Seal) -> Self {
        Self {
            store,
            seal,
            used: keys::Used::default(),
        }
    }

    /// Creates a partner with a fresh webhook secret.
    pub async fn create(&self, slug: &str) -> Result<(Partner, Shown), Refused> {
        check_slug(slug)?;
        let mut write = self.store.write().await?;
        let created_at = now();
        let id: Option<PartnerId> = sqlx::query_scalar(
            "INSERT INTO partners (slug, created_at) VALUES ($1, $2)
             ON CONFLICT (slug) DO NOTHING RETURNING id",
        )
        .bind(slug)
        .bind(created_at)
        .fetch_optional(&mut *write)
        .await?;
        let id = id.ok_or_else(|| {
            Refused::Invalid(format!(
                "partner {slug} exists already. `qualitymax partner rotate-secret {slug}` issues a \
                 new webhook secret"
            ))
        })?;
        let secret = self.add_secret(&mut write, id).await?;
        write.commit().await?;
        let partner = Partner {
            id,
            slug: slug.to_owned(),
            created_at: timestamp(created_at),
        };
        Ok((partner, secret))
    }

    /// By slug.
    pub async fn list(&self) -> Result<Vec<Partner>, Refused> {
        let rows: Vec<(PartnerId, String, i64)> =
            sqlx::query_as("SELECT id, slug, created_at FROM partners ORDER BY slug")
                .fetch_all(self.store.read())
                .await?;
        Ok(rows.into_iter().map(partner).collect())
    }

    pub async fn by_slug(&self, slug: &str) -> Result<Option<Partner>, Refused> {
        let row: Option<(PartnerId, String, i64)> =
            sqlx::query_as("SELECT id, slug, created_at FROM partners WHERE slug = $1")
                .bind(slug)
                .fetch_optional(self.store.read())
                .await?;
        Ok(row.map(partner))
    }

    /// A new webhook secret; the old one is accepted for `overlap` longer.
    /// Callbacks are signed with the new one at once, those that were tried
    /// before too.
    pub async fn rotate_secret(&self, slug: &str, overlap: Duration) -> Result<Shown, Refused> {
        let partner = self.known(slug).await?;
        let overlap = i64::try_from(overlap.as_millis()).unwrap_or(i64::MAX);
        let mut write = self.store.write().await?;
        sqlx::query(
            "UPDATE webhook_secrets SET accepted_until = $1
             WHERE partner_id = $2 AND (accepted_until IS NULL OR accepted_until > $1)",
        )
        .bind(now().saturating_add(overlap))
        .bind(partner.id)
        .execute(&mut *write)
        .await?;
        let secret = self.add_secret(&mut write, partner.id).await?;
        write.commit().await?;
        Ok(secret)
    }

    /// Every secret that a webhook may be signed with now, newest first.
    pub async fn webhook_secrets(&self, partner: PartnerId) -> Result<Vec<Shown>, Refused> {
        let sealed: Vec<Vec<u8>> = sqlx::query_scalar(
            "SELECT sealed FROM webhook_secrets
             WHERE partner_id = $1 AND (accepted_until IS NULL OR accepted_until > $2)
             ORDER BY id DESC",
        )
        .bind(partner)
        .bind(now())
        .fetch_all(self.store.read())
        .await?;
        sealed
            .iter()
            .map(|sealed| {
                let opened = self
                    .seal
                    .unseal(&secret_purpose(partner), sealed)
                    .map_err(|error| Refused::Fault(error.to_string()))?;
                let secret = String::from_utf8(opened)
                    .map_err(|_| Refused::Fault("a webhook secret is not text".to_owned()))?;
                Ok(Shown(secret))
            })
            .collect()
    }

    /// 404 where there is none of that slug.
    pub(crate) async fn known(&self, slug: &str) -> Result<Partner, Refused> {
        self.by_slug(slug).await?.ok_or_else(|| {
            Refused::NotFound(format!(
                "There is no partner {slug}. See `qualitymax partner list`"
            ))
        })
    }

    async fn add_secret(
        &self,
        write: &mut Transaction<'static, Sqlite>,
        partner: PartnerId,
    ) -> Result<Shown, Refused> {
        let secret = format!("whsec_{}", random_text(43));
        sqlx::query(
            "INSERT INTO webhook_secrets (partner_id, sealed, created_at) VALUES ($1, $2, $3)",
        )
        .bind(partner)
        .bind(self.seal.seal(&secret_purpose(partner), secret.as_bytes()))
        .bind(now())
        .execute(&mut **write)
        .await?;
        Ok(Shown(secret))
    }
}

fn secret_purpose(partner: PartnerId) -> String {
    format!("webhook secret of partner {}", partner.0)
}

fn partner((id, slug, created_at): (PartnerId, String, i64)) -> Partner {
    Partner {
        id,
        slug,
        created_at: timestamp(created_at),
    }
}

fn check_slug(slug: &str) -> Result<(), Refused> {
    let fits = (1..=63).contains(&slug.len())
        && slug
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
        && !slug.starts_with('-')
        && !slug.ends_with('-');
    if fits {
        Ok(())
    } else {
        Err(Refused::Invalid(
            "a partner's slug is 1 to 63 lower-case letters, digits and hyphens, \
             with no hyphen at either end"
                .to_owned(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Bench;

    #[tokio::test]
    async fn a_slug_belongs_to_one_partner() {
        let bench = Bench::open().await;
        let partners = bench.partners();
        let (partner, _) = partners.create("veilstream").await.unwrap();
        let again = partners.create("veilstream").await.unwrap_err();
        assert!(matches!(again, Refused::Invalid(_)), "{again}");
        for slug in ["", "Veil", "veil_stream", "-veil", "veil-", &"v".repeat(64)] {
            let refused = partners.create(slug).await.unwrap_err();
            assert!(matches!(refused, Refused::Invalid(_)), "{slug}");
        }
        assert_eq!(partners.list().await.unwrap().len(), 1);
        let found = partners.by_slug("veilstream").await.unwrap().unwrap();
        assert_eq!(found.id, partner.id);
    }

    #[tokio::test]
    async fn an_old_secret_is_accepted_until_its_overlap_ends() {
        let bench = Bench::open().await;
        let partners = bench.partners();
        let (partner, first) = partners.create("veilstream").await.unwrap();
        let second = partners
            .rotate_secret("veilstream", Duration::from_secs(3600))
            .await
            .unwrap();
        let secrets = partners.webhook_secrets(partner.id).await.unwrap();
        let secrets: Vec<_> = secrets.iter().map(|shown| shown.0.as_str()).collect();
        assert_eq!(secrets, [second.0.as_str(), first.0.as_str()]);

        // A rotation without overlap ends the longer one of the first, too.
        let third = partners
            .rotate_secret("veilstream", Duration::ZERO)
            .await
            .unwrap();
        let secrets = partners.webhook_secrets(partner.id).await.unwrap();
        let secrets: Vec<_> = secrets.iter().map(|shown| shown.0.as_str()).collect();
        assert_eq!(secrets, [third.0.as_str()]);
    }

    #[tokio::test]
    async fn no_secret_and_no_key_lies_in_the_database_in_clear() {
        let bench = Bench::open().await;
        let partners = bench.partners();
        let (_, secret) = partners.create("veilstream").await.unwrap();
        let (_, key) = partners
            .create_key("veilstream", KeyKind::ApiToken, None)
            .await
            .unwrap();
        for file in std::fs::read_dir(bench.dir()).unwrap() {
            let path = file.unwrap().path();
            if path.is_dir() {
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            for clear in [&secret.0, &key.0] {
                let found = bytes
                    .windows(clear.len())
                    .any(|window| window == clear.as_bytes());
                assert!(!found, "in {}", path.display());
            }
        }
    }
}
