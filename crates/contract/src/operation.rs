//! What the document says of an operation beyond its types.

/// One operation of `openapi.json`.
#[derive(Clone, Copy, Debug)]
pub struct Operation {
    /// `operationId`
    pub id: &'static str,
    /// Upper case.
    pub method: &'static str,
    /// Path template.
    pub path: &'static str,
    /// `x-rate-limit`
    pub rate_limit: RateLimit,
    /// `x-max-body-bytes`, for operations that take a body.
    pub max_body_bytes: Option<usize>,
}

impl Operation {
    /// The operation with this `operationId`.
    pub fn by_id(id: &str) -> Option<&'static Self> {
        crate::OPERATIONS
            .iter()
            .find(|operation| operation.id == id)
    }
}

/// So many requests in any window of this length, per API key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    pub class: RateClass,
    pub requests: u32,
    pub window_seconds: u32,
}

/// "Free endpoints" and "LLM-powered endpoints".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RateClass {
    Free,
    Llm,
}
