//! Bring your own LLM: OpenAI-compatible services, Anthropic, Ollama.
//!
//! Nothing depends on one. Where a partner has configured a provider, it is
//! asked for data of a given JSON Schema; what comes back is validated, and is
//! never more than data: no URL in it is followed, no code in it is run. Where
//! there is none, or it fails, the deterministic way is taken.

mod budget;
mod client;
mod connection;
mod fence;
mod focus;
mod plan;
mod provider;
mod store;
mod test_cases;

pub use budget::Budget;
pub use client::{Llm, LlmError, Task};
pub use fence::Material;
pub use focus::propose_focus;
pub use plan::propose_plan;
pub use provider::{ApiKey, Provider, ProviderError, ProviderKind};
pub use store::{ConfiguredProvider, Providers};
pub use test_cases::propose_test_cases;
