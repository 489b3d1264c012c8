//! The way to a provider: through a proxy that counts.

use genai::adapter::AdapterKind;
use genai::resolver::{AuthData, Endpoint};

use super::LlmError;
use super::provider::{Provider, ProviderKind};
use crate::egress::{Policy, Proxy};

/// The library reads an answer whole, however long it is; the proxy that it has
/// to go through cuts it off.
pub(super) struct Connection {
    pub client: genai::Client,
    pub proxy: Proxy,
}

impl Connection {
    pub async fn open(provider: &Provider, policy: Policy, bytes: u64) -> Result<Self, LlmError> {
        let url = &provider.base_url;
        let vouched = provider.private_network.then(|| {
            let host = url.host_str().unwrap_or_default().to_owned();
            (host, url.port_or_known_default().unwrap_or(443))
        });
        let proxy = Proxy::start_with(policy, vouched, bytes)
            .await
            .map_err(|error| {
                tracing::error!(%error, "no proxy for an LLM provider");
                LlmError::Unreachable
            })?;
        let http = reqwest::Client::builder()
            .user_agent(concat!("QualityMax/", env!("CARGO_PKG_VERSION")))
            .proxy(reqwest::Proxy::all(proxy.url()).expect("a proxy's URL is one"))
            // A redirect would take the key elsewhere.
            .redirect(reqwest::redirect::Policy::none())
            // What is unpacked here is past the proxy's count.
            .no_gzip()
            .no_brotli()
            .no_deflate()
            .no_zstd()
            .build()
            .expect("a client without certificates of its own can be built");
        let (adapter, key) = match (provider.kind, &provider.key) {
            (ProviderKind::Anthropic, key) => (AdapterKind::Anthropic, key),
            (ProviderKind::OpenAi | ProviderKind::Ollama, key) => (AdapterKind::OpenAI, key),
        };
        // A server without keys takes any.
        let key = key.as_ref().map_or("none", |key| key.reveal());
        let client = genai::Client::builder()
            .with_reqwest(http)
            .with_adapter_kind(adapter)
            .append_provider_config(
                adapter,
                (
                    Endpoint::from_owned(url.to_string()),
                    AuthData::from_single(key),
                ),
            )
            .build()
            .expect("a client with its own HTTP client can be built");
        Ok(Self { client, proxy })
    }
}
