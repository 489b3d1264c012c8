//! API keys: hashed at rest, shown once, unknown as soon as they are revoked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};
use sqlx::sqlite::SqliteRow;
use sqlx::{FromRow, Row};

use super::{PartnerId, Partners, Shown};
use crate::Refused;
use crate::seal::random_text;
use crate::store::{now, timestamp};

/// The two documented token formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(rename_all = "snake_case")]
pub enum KeyKind {
    /// `qm-...`
    ApiToken,
    /// `qm_...`
    GithubActions,
}

impl KeyKind {
    fn prefix(self) -> &'static str {
        match self {
            Self::ApiToken => "qm-",
            Self::GithubActions => "qm_",
        }
    }
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
    /// Up to a minute late.
    pub last_used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

impl FromRow<'_, SqliteRow> for ApiKey {
    fn from_row(row: &SqliteRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            id: row.try_get("id")?,
            partner: row.try_get("partner_id")?,
            partner_slug: row.try_get("slug")?,
            kind: row.try_get("kind")?,
            hint: row.try_get("hint")?,
            name: row.try_get("name")?,
            created_at: timestamp(row.try_get("created_at")?),
            last_used_at: row
                .try_get::<Option<i64>, _>("last_used_at")?
                .map(timestamp),
            revoked_at: row.try_get::<Option<i64>, _>("revoked_at")?.map(timestamp),
        })
    }
}

/// Keys that were used since it was last written down, and when.
#[derive(Clone, Debug, Default)]
pub(super) struct Used(Arc<Mutex<HashMap<i64, i64>>>);

impl Partners {
    pub async fn create_key(
        &self,
        slug: &str,
        kind: KeyKind,
        name: Option<&str>,
    ) -> Result<(ApiKey, Shown), Refused> {
        name.map_or(Ok(()), check_name)?;
        let partner = self.known(slug).await?;
        // 40 letters and digits: 238 bits.
        let key = format!("{}{}", kind.prefix(), random_text(40));
        let hint = format!("{}…", &key[..kind.prefix().len() + 4]);
        let created_at = now();
        let mut write = self.store.write().await?;
        let id = sqlx::query_scalar(
            "INSERT INTO api_keys (partner_id, kind, hash, hint, name, created_at)
             VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
        )
        .bind(partner.id)
        .bind(kind)
        .bind(hash(&key))
        .bind(&hint)
        .bind(name)
        .bind(created_at)
        .fetch_one(&mut *write)
        .await?;
        write.commit().await?;
        let record = ApiKey {
            id,
            partner: partner.id,
            partner_slug: partner.slug,
            kind,
            hint,
            name: name.map(str::to_owned),
            created_at: timestamp(created_at),
            last_used_at: None,
            revoked_at: None,
        };
        Ok((record, Shown(key)))
    }

    /// Of one partner or of all, oldest first, revoked ones too.
    pub async fn list_keys(&self, slug: Option<&str>) -> Result<Vec<ApiKey>, Refused> {
        if let Some(slug) = slug {
            self.known(slug).await?;
        }
        let keys = sqlx::query_as(
            "SELECT k.*, p.slug FROM api_keys k JOIN partners p ON p.id = k.partner_id
             WHERE $1 IS NULL OR p.slug = $1 ORDER BY k.id",
        )
        .bind(slug)
        .fetch_all(self.store.read())
        .await?;
        Ok(keys)
    }

    /// From the next request on the key is unknown, in every process.
    pub async fn revoke_key(&self, id: i64) -> Result<ApiKey, Refused> {
        let mut write = self.store.write().await?;
        sqlx::query("UPDATE api_keys SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL")
            .bind(now())
            .bind(id)
            .execute(&mut *write)
            .await?;
        let key = sqlx::query_as(
            "SELECT k.*, p.slug FROM api_keys k JOIN partners p ON p.id = k.partner_id
             WHERE k.id = $1",
        )
        .bind(id)
        .fetch_optional(&mut *write)
        .await?
        .ok_or_else(|| {
            Refused::NotFound(format!(
                "There is no API key {id}. See `qualitymax key list`"
            ))
        })?;
        write.commit().await?;
        Ok(key)
    }

    /// The key's record, unless it is unknown or revoked. Costs no write.
    pub async fn authenticate(&self, key: &str) -> Result<Option<ApiKey>, Refused> {
        if !(key.starts_with("qm-") || key.starts_with("qm_")) {
            return Ok(None);
        }
        let found: Option<ApiKey> = sqlx::query_as(
            "SELECT k.*, p.slug FROM api_keys k JOIN partners p ON p.id = k.partner_id
             WHERE k.hash = $1 AND k.revoked_at IS NULL",
        )
        .bind(hash(key))
        .fetch_optional(self.store.read())
        .await?;
        if let Some(found) = &found {
            self.used.lock().insert(found.id, now());
        }
        Ok(found)
    }

    /// Writes down when keys were last used, if any were.
    pub(crate) async fn note_used(&self) -> Result<(), Refused> {
        let used = std::mem::take(&mut *self.used.lock());
        if used.is_empty() {
            return Ok(());
        }
        let mut write = self.store.write().await?;
        for (id, at) in used {
            sqlx::query("UPDATE api_keys SET last_used_at = $1 WHERE id = $2")
                .bind(at)
                .bind(id)
                .execute(&mut *write)
                .await?;
        }
        write.commit().await?;
        Ok(())
    }
}

impl Used {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<i64, i64>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hash(key: &str) -> Vec<u8> {
    Sha256::digest(key.as_bytes()).to_vec()
}

/// It is printed where keys are listed, so nothing in it may move a terminal's
/// cursor or begin a line.
fn check_name(name: &str) -> Result<(), Refused> {
    let moves = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    if name.trim().is_empty() || name.contains(moves) {
        return Err(Refused::Invalid(
            "a key's name is not empty and holds no line breaks and no control characters"
                .to_owned(),
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Bench;

    #[tokio::test]
    async fn both_documented_formats_are_issued_and_known() {
        let bench = Bench::open().await;
        let partners = bench.partners();
        partners.create("veilstream").await.unwrap();
        for (kind, prefix) in [(KeyKind::ApiToken, "qm-"), (KeyKind::GithubActions, "qm_")] {
            let (issued, key) = partners
                .create_key("veilstream", kind, Some("ci"))
                .await
                .unwrap();
            assert!(
                key.0.starts_with(prefix) && key.0.starts_with(issued.hint.trim_end_matches('…'))
            );
            let known = partners.authenticate(&key.0).await.unwrap().unwrap();
            assert_eq!((known.id, known.kind), (issued.id, kind));
            assert_eq!(known.partner_slug, "veilstream");
            assert_eq!(known.name.as_deref(), Some("ci"));
        }
        assert!(partners.authenticate("qm-unknown").await.unwrap().is_none());
        assert!(partners.authenticate("").await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_key_revoked_by_another_process_is_unknown_at_once() {
        let bench = Bench::open().await;
        let partners = bench.partners();
        partners.create("veilstream").await.unwrap();
        let (issued, key) = partners
            .create_key("veilstream", KeyKind::ApiToken, None)
            .await
            .unwrap();
        assert!(partners.authenticate(&key.0).await.unwrap().is_some());

        let command_line = bench.reopen().await;
        let revoked = command_line.partners().revoke_key(issued.id).await.unwrap();
        assert!(revoked.revoked_at.is_some());
        assert!(partners.authenticate(&key.0).await.unwrap().is_none());
        let missing = partners.revoke_key(4711).await.unwrap_err();
        assert!(matches!(missing, Refused::NotFound(_)));
    }

    #[tokio::test]
    async fn a_name_that_garbles_the_list_is_refused() {
        let bench = Bench::open().await;
        let partners = bench.partners();
        partners.create("veilstream").await.unwrap();
        for name in [
            "",
            "  ",
            "two\nlines",
            "\u{1b}[31mred",
            "a\tb",
            "a\u{2028}b",
        ] {
            let refused = partners
                .create_key("veilstream", KeyKind::ApiToken, Some(name))
                .await
                .unwrap_err();
            assert!(matches!(refused, Refused::Invalid(_)), "{name:?}");
        }
        assert!(partners.list_keys(None).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn the_last_use_is_written_down_later() {
        let bench = Bench::open().await;
        let partners = bench.partners();
        partners.create("veilstream").await.unwrap();
        let (_, key) = partners
            .create_key("veilstream", KeyKind::ApiToken, None)
            .await
            .unwrap();
        partners.authenticate(&key.0).await.unwrap();
        let before = partners.list_keys(Some("veilstream")).await.unwrap();
        assert_eq!(before[0].last_used_at, None);
        partners.note_used().await.unwrap();
        let after = partners.list_keys(None).await.unwrap();
        assert!(after[0].last_used_at.is_some());
    }
}
