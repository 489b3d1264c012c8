//! `qualitymax partner`

use anyhow::Result;
use clap::Subcommand;
use command_line::TimeError;
use engine::partner::{Partner, Shown};
use serde::Serialize;

use super::{Common, output};

#[derive(Subcommand)]
pub(super) enum PartnerCommand {
    /// Create a partner and its webhook secret, which is shown this once
    #[command(after_help = "\
Examples:
  qualitymax partner create veilstream
  qualitymax partner create veilstream --json | jq -r .webhook_secret")]
    Create {
        /// Part of the webhook's path: lower-case letters, digits and hyphens
        slug: String,
    },
    /// List partners
    #[command(after_help = "Example:\n  qualitymax partner list")]
    List,
    /// Issue a new webhook secret; the old one stays valid for a while
    #[command(after_help = "\
Callbacks are signed with the new secret at once, retries and replays of older
ones too. Webhooks may be signed with either until the overlap has passed.

Examples:
  qualitymax partner rotate-secret veilstream
  qualitymax partner rotate-secret veilstream --overlap 0s    # the old one leaked")]
    RotateSecret {
        /// The partner's slug
        slug: String,
        /// How long the old secret is still accepted, such as 24h, 30m, 0s
        #[arg(long, default_value = "24h", value_name = "TIME", value_parser = time)]
        overlap: humantime::Duration,
    },
}

#[derive(Serialize)]
struct Created<'a> {
    #[serde(flatten)]
    partner: &'a Partner,
    webhook_secret: &'a Shown,
}

#[derive(Serialize)]
struct Rotated<'a> {
    slug: &'a str,
    webhook_secret: &'a Shown,
    overlap_seconds: u64,
}

pub(super) async fn run(common: &Common, command: PartnerCommand) -> Result<()> {
    match command {
        PartnerCommand::Create { slug } => {
            let engine = common.open_or_create().await?;
            let (partner, webhook_secret) = engine.partners().create(&slug).await?;
            if common.json {
                return output::json(&Created {
                    partner: &partner,
                    webhook_secret: &webhook_secret,
                });
            }
            say!("Partner {slug} created.\n");
            say!(
                "Webhook secret, shown this once:\n\n  {}\n",
                webhook_secret.0
            );
            say!("Next: qualitymax key create --partner {slug}");
        }
        PartnerCommand::List => {
            let partners = common.open().await?.partners().list().await?;
            if common.json {
                return output::json(&partners);
            }
            let rows = partners
                .into_iter()
                .map(|partner| [partner.slug, output::time(partner.created_at)])
                .collect();
            let nothing = "No partners yet. Create one with `qualitymax partner create SLUG`.";
            output::table(["partner", "created"], rows, nothing);
        }
        PartnerCommand::RotateSecret { slug, overlap } => {
            let engine = common.open().await?;
            let secret = engine.partners().rotate_secret(&slug, *overlap).await?;
            if common.json {
                return output::json(&Rotated {
                    slug: &slug,
                    webhook_secret: &secret,
                    overlap_seconds: overlap.as_secs(),
                });
            }
            say!(
                "New webhook secret of {slug}, shown this once:\n\n  {}\n",
                secret.0
            );
            if overlap.is_zero() {
                say!("The old one is no longer accepted.");
            } else {
                say!("The old one is accepted for {overlap} longer.");
            }
        }
    }
    Ok(())
}

fn time(text: &str) -> Result<humantime::Duration, TimeError> {
    command_line::time(text).map(Into::into)
}
