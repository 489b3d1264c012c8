//! What an operator says about a partner's provider.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use url::Url;

/// The protocol that a provider speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProviderKind {
    /// OpenAI, and the many services and servers that speak its chat completions.
    OpenAi,
    Anthropic,
    /// Through its OpenAI-compatible endpoint, which alone takes a JSON Schema.
    Ollama,
}

impl ProviderKind {
    pub fn name(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Ollama => "ollama",
        }
    }

    fn default_base_url(self) -> &'static str {
        match self {
            Self::OpenAi => "https://api.openai.com/v1/",
            Self::Anthropic => "https://api.anthropic.com/v1/",
            Self::Ollama => "http://localhost:11434/v1/",
        }
    }
}

impl fmt::Display for ProviderKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for ProviderKind {
    type Err = ProviderError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        [Self::OpenAi, Self::Anthropic, Self::Ollama]
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or(ProviderError::Kind)
    }
}

/// A provider's key. Never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl ApiKey {
    /// White space around it, as a file or a pipe leaves it, is taken off.
    pub fn new(key: &str) -> Result<Self, ProviderError> {
        let key = key.trim();
        if key.is_empty() || key.len() > 4096 || key.chars().any(|c| c.is_control()) {
            return Err(ProviderError::Key);
        }
        Ok(Self(key.to_owned()))
    }

    pub(super) fn reveal(&self) -> &str {
        &self.0
    }

    /// Enough to tell keys apart: `…4fGh`
    pub fn hint(&self) -> String {
        let count = self.0.chars().count();
        let end: String = self.0.chars().skip(count.saturating_sub(4)).collect();
        if count < 12 {
            "…".to_owned()
        } else {
            format!("…{end}")
        }
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ApiKey")
    }
}

/// A provider as an operator configures it for a partner.
#[derive(Clone, Debug)]
pub struct Provider {
    pub kind: ProviderKind,
    pub model: String,
    /// Ends with a slash.
    pub base_url: Url,
    /// The operator's word that `base_url` may lead into a private network.
    pub private_network: bool,
    pub key: Option<ApiKey>,
}

/// Why a provider can't be configured so; each text says what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    #[error("the provider is one of openai, anthropic, ollama")]
    Kind,
    #[error("the model's name is 1 to 200 characters without white space")]
    Model,
    #[error("the base URL is http or https, without user name, password, query or fragment")]
    BaseUrl,
    #[error("plain http would send the key in clear: use https, or allow a private network")]
    Plain,
    #[error("the key is empty, too long or holds control characters")]
    Key,
    #[error("this provider needs a key")]
    NoKey,
}

impl Provider {
    /// `base_url` where it is not the kind's own. Whoever names Ollama without
    /// a URL means the one on this machine.
    pub fn new(
        kind: ProviderKind,
        model: &str,
        base_url: Option<&str>,
        private_network: bool,
        key: Option<ApiKey>,
    ) -> Result<Self, ProviderError> {
        if model.is_empty()
            || model.chars().count() > 200
            || model.chars().any(|c| c.is_whitespace() || c.is_control())
        {
            return Err(ProviderError::Model);
        }
        let private_network =
            private_network || (kind == ProviderKind::Ollama && base_url.is_none());
        let mut url = Url::parse(base_url.unwrap_or(kind.default_base_url()))
            .map_err(|_| ProviderError::BaseUrl)?;
        if !matches!(url.scheme(), "http" | "https")
            || !url.has_host()
            || !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some()
        {
            return Err(ProviderError::BaseUrl);
        }
        if url.scheme() == "http" && !private_network {
            return Err(ProviderError::Plain);
        }
        // `http://gpu:11434` means its API.
        if kind == ProviderKind::Ollama && url.path() == "/" {
            url.set_path("/v1/");
        }
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        if key.is_none() && kind != ProviderKind::Ollama && !private_network {
            return Err(ProviderError::NoKey);
        }
        Ok(Self {
            kind,
            model: model.to_owned(),
            base_url: url,
            private_network,
            key,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_never_printed() {
        let key = ApiKey::new(" sk-very-secret-4fGh\n").unwrap();
        let provider = Provider::new(
            ProviderKind::OpenAi,
            "gpt-5",
            None,
            false,
            Some(key.clone()),
        );
        let printed = format!("{key:?} {provider:?}");
        assert!(!printed.contains("secret"), "{printed}");
        assert_eq!(key.hint(), "…4fGh");
        assert_eq!(ApiKey::new("short").unwrap().hint(), "…");
    }

    #[test]
    fn base_urls_are_completed_and_dangerous_ones_refused() {
        let with = |kind, url, private| {
            let key = Some(ApiKey::new("sk-1234").unwrap());
            Provider::new(kind, "model", url, private, key).map(|it| it.base_url.to_string())
        };
        use ProviderKind::{Anthropic, Ollama, OpenAi};
        assert_eq!(
            with(OpenAi, None, false).unwrap(),
            "https://api.openai.com/v1/"
        );
        assert_eq!(
            with(Anthropic, None, false).unwrap(),
            "https://api.anthropic.com/v1/"
        );
        assert_eq!(
            with(Ollama, None, false).unwrap(),
            "http://localhost:11434/v1/"
        );
        assert_eq!(
            with(Ollama, Some("http://gpu:11434"), true).unwrap(),
            "http://gpu:11434/v1/"
        );
        assert_eq!(
            with(OpenAi, Some("https://openrouter.ai/api/v1"), false).unwrap(),
            "https://openrouter.ai/api/v1/"
        );
        assert_eq!(
            with(OpenAi, Some("http://llm.example/v1"), false),
            Err(ProviderError::Plain)
        );
        for url in [
            "ftp://a/",
            "https://user@a/",
            "https://a/?key=b",
            "file:///etc",
            "a",
        ] {
            assert_eq!(
                with(OpenAi, Some(url), true),
                Err(ProviderError::BaseUrl),
                "{url}"
            );
        }
        assert_eq!(
            Provider::new(OpenAi, "model", None, false, None).map(|_| ()),
            Err(ProviderError::NoKey)
        );
    }
}
