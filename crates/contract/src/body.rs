//! A request body that is not read until its sender was checked.

use std::marker::PhantomData;

use async_trait::async_trait;
use bytes::Bytes;
use dropshot::{
    ApiEndpointBodyContentType, Body, ExclusiveExtractor, ExtractorMetadata, HttpError,
    RequestContext, ServerContext, TypedBody,
};
use http::Request;
use http::header::CONTENT_TYPE;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::{ApiError, Validated};

/// A JSON body, still on the wire.
///
/// The contract checks key, partner and rate limit before anything is read, and
/// the signature before anything is parsed; so extraction only takes hold of the
/// request, [`read`](Self::read) reads it, and [`RawBody::parse`] parses it.
pub struct JsonBody<T> {
    request: Request<Body>,
    max_bytes: usize,
    parsed: PhantomData<fn() -> T>,
}

#[async_trait]
impl<T: JsonSchema + DeserializeOwned + Send + Sync + 'static> ExclusiveExtractor for JsonBody<T> {
    async fn from_request<Context: ServerContext>(
        rqctx: &RequestContext<Context>,
        request: Request<Body>,
    ) -> Result<Self, HttpError> {
        Ok(Self {
            request,
            max_bytes: rqctx.request_body_max_bytes(),
            parsed: PhantomData,
        })
    }

    fn metadata(content_type: ApiEndpointBodyContentType) -> ExtractorMetadata {
        TypedBody::<T>::metadata(content_type)
    }
}

impl<T: DeserializeOwned> JsonBody<T> {
    /// Reads the whole body, whatever it is: 413 past the operation's limit.
    pub async fn read(self) -> Result<RawBody<T>, ApiError> {
        let (parts, body) = self.request.into_parts();
        let content_type = parts
            .headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        let is_json = media_type.eq_ignore_ascii_case("application/json");
        let collected = Limited::new(body, self.max_bytes)
            .collect()
            .await
            .map_err(|error| {
                if error.is::<LengthLimitError>() {
                    ApiError::payload_too_large(self.max_bytes)
                } else {
                    ApiError::bad_request("the body broke off before its end")
                }
            })?;
        Ok(RawBody {
            bytes: collected.to_bytes(),
            is_json,
            parsed: PhantomData,
        })
    }
}

/// The exact bytes that were sent.
pub struct RawBody<T> {
    bytes: Bytes,
    is_json: bool,
    parsed: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned> RawBody<T> {
    /// What a signature is over.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// 415 where the body was not sent as `application/json`, 400 where the bytes
    /// are not what the contract asks for.
    pub fn parse(&self) -> Result<T, ApiError> {
        if !self.is_json {
            return Err(ApiError::unsupported_media_type());
        }
        T::from_json(&self.bytes).map_err(|invalid| ApiError::bad_request(invalid.0))
    }
}
