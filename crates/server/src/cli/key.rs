//! `qualitymax key`

use anyhow::Result;
use clap::{Subcommand, ValueEnum};
use engine::partner::{ApiKey, KeyKind, Shown};
use serde::Serialize;

use super::{Common, output};

#[derive(Subcommand)]
pub(super) enum KeyCommand {
    /// Create an API key, which is shown this once
    #[command(after_help = "\
Examples:
  qualitymax key create --partner veilstream
  qualitymax key create --partner veilstream --kind github-actions --name ci
  qualitymax key create --partner veilstream --json | jq -r .key")]
    Create {
        /// The partner's slug
        #[arg(long, value_name = "SLUG")]
        partner: String,
        /// qm-... for people and services, qm_... for CI
        #[arg(long, value_enum, default_value_t = Kind::ApiToken)]
        kind: Kind,
        /// What it is for, to tell keys apart
        #[arg(long)]
        name: Option<String>,
    },
    /// List API keys, revoked ones too; never the keys themselves
    #[command(after_help = "Example:\n  qualitymax key list --partner veilstream")]
    List {
        /// Only this partner's
        #[arg(long, value_name = "SLUG")]
        partner: Option<String>,
    },
    /// Revoke an API key: from the next request on it is unknown
    #[command(
        after_help = "Example:\n  qualitymax key revoke 3    # the id is in `qualitymax key list`"
    )]
    Revoke {
        /// The key's number in `qualitymax key list`
        id: i64,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub(super) enum Kind {
    ApiToken,
    GithubActions,
}

impl From<Kind> for KeyKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::ApiToken => Self::ApiToken,
            Kind::GithubActions => Self::GithubActions,
        }
    }
}

#[derive(Serialize)]
struct Created<'a> {
    #[serde(flatten)]
    record: &'a ApiKey,
    key: &'a Shown,
}

pub(super) async fn run(common: &Common, command: KeyCommand) -> Result<()> {
    let engine = common.open().await?;
    let partners = engine.partners();
    match command {
        KeyCommand::Create {
            partner,
            kind,
            name,
        } => {
            let (record, key) = partners
                .create_key(&partner, kind.into(), name.as_deref())
                .await?;
            if common.json {
                return output::json(&Created {
                    record: &record,
                    key: &key,
                });
            }
            say!(
                "API key {} of {partner}, shown this once:\n\n  {}\n",
                record.id,
                key.0
            );
            say!("Send it as X-QualityMax-API-Key.");
        }
        KeyCommand::List { partner } => {
            let keys = partners.list_keys(partner.as_deref()).await?;
            if common.json {
                return output::json(&keys);
            }
            let rows = keys.into_iter().map(row).collect();
            let nothing =
                "No API keys yet. Create one with `qualitymax key create --partner SLUG`.";
            let header = [
                "id",
                "partner",
                "key",
                "name",
                "created",
                "last used",
                "revoked",
            ];
            output::table(header, rows, nothing);
        }
        KeyCommand::Revoke { id } => {
            let key = partners.revoke_key(id).await?;
            if common.json {
                return output::json(&key);
            }
            say!(
                "API key {id} ({}) of {} is revoked.",
                key.hint,
                key.partner_slug
            );
        }
    }
    Ok(())
}

fn row(key: ApiKey) -> [String; 7] {
    let time = |at: Option<_>| at.map_or_else(String::new, output::time);
    [
        key.id.to_string(),
        key.partner_slug,
        key.hint,
        key.name.unwrap_or_default(),
        output::time(key.created_at),
        time(key.last_used_at),
        time(key.revoked_at),
    ]
}
