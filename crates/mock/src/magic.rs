//! Magic values: words in a request that choose its scenario, where a header
//! can't be sent.
//!
//! - `[scenario:NAME]` in `feature_description`, `description`, `instructions`
//! - `"mock_scenario": "NAME"` in `custom_data`
//! - a repository `https://github.com/mock/NAME`
//! - the password `wrong-password`: `login-refused`

use contract::types;

/// A request that may name a scenario.
pub(crate) trait Magic {
    fn scenario(&self) -> Option<String>;
}

/// A request without a body.
impl Magic for () {
    fn scenario(&self) -> Option<String> {
        None
    }
}

impl Magic for types::WebhookRequest {
    fn scenario(&self) -> Option<String> {
        let custom = self.custom_data.get("mock_scenario");
        // What is no text names no scenario either, and is refused as a wrong name is.
        let custom = custom
            .filter(|it| !it.is_null())
            .map(|it| match it.as_str() {
                Some(name) => name.to_owned(),
                None => it.to_string(),
            });
        let login = self.auth.as_ref().map(|auth| auth.password.as_str());
        custom
            .or_else(|| tagged(&self.feature_description))
            .or_else(|| (login == Some("wrong-password")).then(|| "login-refused".to_owned()))
    }
}

impl Magic for types::RepositoryImportRequest {
    fn scenario(&self) -> Option<String> {
        let name = self.url.strip_prefix("https://github.com/mock/")?;
        let name = name.trim_end_matches('/');
        Some(name.strip_suffix(".git").unwrap_or(name).to_owned())
    }
}

/// They take the repository's, or the header's.
impl Magic for types::SastScanRequest {
    fn scenario(&self) -> Option<String> {
        None
    }
}

impl Magic for types::GapAnalysisRequest {
    fn scenario(&self) -> Option<String> {
        None
    }
}

impl Magic for types::ApiTestsRequest {
    fn scenario(&self) -> Option<String> {
        tagged(self.instructions.as_deref()?)
    }
}

impl Magic for types::TestCaseRequest {
    fn scenario(&self) -> Option<String> {
        tagged(&self.description)
    }
}

impl Magic for types::TestCasesGenerateRequest {
    fn scenario(&self) -> Option<String> {
        tagged(&self.description)
    }
}

/// `[scenario:NAME]`
fn tagged(text: &str) -> Option<String> {
    let (_, rest) = text.split_once("[scenario:")?;
    let (name, _) = rest.split_once(']')?;
    Some(name.trim().to_owned())
}
