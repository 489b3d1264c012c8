//! The headers that authenticate a request.

use std::fmt;

use progenitor_client::{ClientHooks, ClientInfo, Error, OperationInfo};
use reqwest::header::HeaderValue;

use crate::Client;

const API_KEY: &str = "X-QualityMax-API-Key";
const PARTNER_SIGNATURE: &str = "X-Partner-Signature";

/// What a partner was given: an API key, and for webhooks the secret.
#[derive(Clone)]
pub struct Credentials {
    api_key: String,
    webhook_secret: Option<String>,
}

impl Credentials {
    /// For every operation.
    pub fn new(api_key: impl Into<String>, webhook_secret: impl Into<String>) -> Self {
        Self {
            api_key: api_key.into(),
            webhook_secret: Some(webhook_secret.into()),
        }
    }

    /// For every operation but the webhook.
    pub fn key_only(api_key: impl Into<String>) -> Self {
        Self {
            api_key: api_key.into(),
            webhook_secret: None,
        }
    }
}

/// Secrets stay out of logs.
impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Credentials")
            .finish_non_exhaustive()
    }
}

impl ClientHooks<Credentials> for Client {
    /// Adds the key; on the webhook signs the bytes of the request as built,
    /// which are the bytes that are sent.
    async fn pre<E>(
        &self,
        request: &mut reqwest::Request,
        info: &OperationInfo,
    ) -> Result<(), Error<E>> {
        let credentials = self.inner();
        let key = header(&credentials.api_key).map_err(Error::InvalidRequest)?;
        request.headers_mut().insert(API_KEY, key);
        if info.operation_id != "trigger_test_generation" {
            return Ok(());
        }
        let Some(secret) = &credentials.webhook_secret else {
            return Err(Error::InvalidRequest(
                "a webhook needs the webhook secret in Credentials".to_owned(),
            ));
        };
        let Some(body) = request.body().and_then(reqwest::Body::as_bytes) else {
            return Err(Error::InvalidRequest(
                "a streaming body can't be signed".to_owned(),
            ));
        };
        let signature = signature::sign(secret.as_bytes(), body);
        let signature = header(&signature).map_err(Error::InvalidRequest)?;
        request.headers_mut().insert(PARTNER_SIGNATURE, signature);
        Ok(())
    }
}

fn header(value: &str) -> Result<HeaderValue, String> {
    let mut value = HeaderValue::from_str(value)
        .map_err(|_| "the API key holds characters that no header can carry".to_owned())?;
    value.set_sensitive(true);
    Ok(value)
}
