//! What the command line says of the deployment.

use std::net::SocketAddr;

use clap::Args;
use url::Url;

use super::{CliError, Missing, http_url};
use crate::deployment::{Deployment, Receiver};

/// Where the operations are, below the base URL.
const BASE_PATH: &str = "/api/v1/partner";

#[derive(Args)]
pub(super) struct DeploymentArgs {
    /// Base URL of the deployment, such as http://127.0.0.1:8080
    #[arg(long, env = "QUALITYMAX_CONFORMANCE_URL", value_parser = base_url)]
    url: Option<Url>,
    /// Partner slug
    #[arg(long, env = "QUALITYMAX_CONFORMANCE_SLUG", value_parser = slug)]
    slug: Option<String>,
    /// API key of this partner; repeatable
    #[arg(
        long = "key",
        env = "QUALITYMAX_CONFORMANCE_KEY",
        value_delimiter = ',',
        value_parser = header,
        hide_env_values = true
    )]
    keys: Vec<String>,
    /// API key of another partner, for what has to be kept apart
    #[arg(
        long,
        env = "QUALITYMAX_CONFORMANCE_OTHER_KEY",
        value_parser = header,
        hide_env_values = true
    )]
    other_key: Option<String>,
    /// Webhook secret
    #[arg(long, env = "QUALITYMAX_CONFORMANCE_SECRET", hide_env_values = true)]
    secret: Option<String>,
    /// Where to listen for callbacks
    #[arg(
        long,
        value_name = "ADDRESS",
        env = "QUALITYMAX_CONFORMANCE_RECEIVER_BIND",
        default_value = "127.0.0.1:0"
    )]
    receiver_bind: SocketAddr,
    /// How the deployment reaches that address; needed where it is on another machine
    #[arg(
        long,
        value_name = "URL",
        env = "QUALITYMAX_CONFORMANCE_RECEIVER_URL",
        value_parser = http_url
    )]
    receiver_url: Option<Url>,
    /// A page to be tested, with the heading `Conformance`; one is served if not given
    #[arg(
        long,
        value_name = "URL",
        env = "QUALITYMAX_CONFORMANCE_TARGET_URL",
        value_parser = http_url
    )]
    target_url: Option<Url>,
    /// The repository to import; a small public one if not given
    #[arg(
        long,
        value_name = "URL",
        env = "QUALITYMAX_CONFORMANCE_REPOSITORY_URL",
        value_parser = http_url
    )]
    repository_url: Option<Url>,
}

impl DeploymentArgs {
    pub(super) fn read(&self) -> Result<Deployment, CliError> {
        let secret = self.secret.as_ref().filter(|secret| !secret.is_empty());
        let (Some(url), Some(slug), Some(secret), false) =
            (&self.url, &self.slug, secret, self.keys.is_empty())
        else {
            let needed = [
                (self.url.is_none(), Missing::URL),
                (self.slug.is_none(), Missing::SLUG),
                (self.keys.is_empty(), Missing::KEY),
                (secret.is_none(), Missing::SECRET),
            ];
            return Err(CliError::missing(&needed));
        };
        Ok(Deployment {
            url: url.clone(),
            slug: slug.clone(),
            keys: self.keys.clone(),
            other_key: self.other_key.clone(),
            secret: secret.clone(),
            receiver: Receiver {
                bind: self.receiver_bind,
                url: self.receiver_url.clone(),
            },
            target_url: self.target_url.clone(),
            repository_url: self.repository_url.clone(),
        })
    }
}

fn base_url(text: &str) -> Result<Url, String> {
    let mut url = http_url(text)?;
    let path = url.path().trim_end_matches('/');
    if let Some(base) = path.strip_suffix(BASE_PATH) {
        let base = base.to_owned();
        url.set_path(&base);
        return Err(format!(
            "leave {BASE_PATH} out, as webhooks are not below it: {url}"
        ));
    }
    Ok(url)
}

/// One segment of a path.
fn slug(text: &str) -> Result<String, String> {
    let segment = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
    match !text.is_empty() && text.chars().all(segment) {
        true => Ok(text.to_owned()),
        false => Err("it is the last part of /api/webhooks/SLUG, such as veilstream".to_owned()),
    }
}

/// What may stand in a header.
fn header(text: &str) -> Result<String, String> {
    match !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic()) {
        true => Ok(text.to_owned()),
        false => Err("a key is qm-... or qm_..., without white space".to_owned()),
    }
}
