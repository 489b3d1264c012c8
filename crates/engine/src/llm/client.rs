//! Asking a provider for data: structured output, validated, with retries,
//! within a budget.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use backon::{ExponentialBuilder, Retryable};
use genai::adapter::AdapterKind;
use genai::chat::{ChatMessage, ChatOptions, ChatRequest, JsonSpec};
use genai::resolver::{AuthData, Endpoint};
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::fence::{Material, fence};
use super::provider::{Provider, ProviderKind};
use crate::egress::{Client, Denied, Policy};

/// The largest answer that is looked at, in bytes.
const MAX_ANSWER: usize = 512 * 1024;

/// What one use of a provider (one request of a partner, one job) may cost.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Requests, retries among them.
    pub calls: u32,
    /// Tokens in and out, as the provider counts them; where it does not, a
    /// token is taken for three bytes.
    pub tokens: u32,
    /// Of one answer.
    pub answer_tokens: u32,
    /// For one request.
    pub call_timeout: Duration,
    /// For all of them, with the waits in between.
    pub total_timeout: Duration,
    /// Wait before a failed request is sent again; it doubles each time.
    pub first_wait: Duration,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            calls: 6,
            tokens: 60_000,
            answer_tokens: 8_000,
            call_timeout: Duration::from_secs(60),
            total_timeout: Duration::from_secs(150),
            first_wait: Duration::from_millis(500),
        }
    }
}

/// What is asked for.
#[derive(Debug)]
pub struct Task<'t> {
    /// Name of the schema: letters, digits, `_`.
    pub name: &'static str,
    /// Our own words; nothing from outside belongs in here.
    pub instructions: &'static str,
    /// JSON Schema that the answer has to meet.
    pub schema: &'t Value,
    pub materials: &'t [Material],
}

/// Why there is no answer. The texts hold nothing of prompt, answer or key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LlmError {
    #[error("the provider's address is not allowed: {0}")]
    Denied(String),
    /// Key, model or request are not taken.
    #[error("the provider refused the request with status {0}")]
    Refused(u16),
    #[error("the provider answered status {0}")]
    Failed(u16),
    #[error("the provider could not be reached")]
    Unreachable,
    #[error("the provider did not answer within {} s", .0.as_secs())]
    TimedOut(Duration),
    #[error("the provider's answer is no chat completion")]
    Malformed,
    #[error("the answer does not meet the schema")]
    Invalid,
    #[error("the answer was cut short or withheld by the provider")]
    Incomplete,
    #[error("the budget of {0} is used up")]
    Budget(&'static str),
}

impl LlmError {
    /// Whether another try may end better.
    fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Failed(_) | Self::Unreachable | Self::TimedOut(_) | Self::Malformed
        )
    }
}

/// A provider with the budget of one use. Clones share the budget.
#[derive(Clone)]
pub struct Llm {
    client: genai::Client,
    policy: Option<Policy>,
    provider: Arc<Provider>,
    budget: Budget,
    spent: Arc<Mutex<Spent>>,
}

#[derive(Debug)]
struct Spent {
    since: Instant,
    calls: u32,
    tokens: u32,
}

impl std::fmt::Debug for Llm {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Llm")
            .field("provider", &self.provider)
            .field("spent", &self.spent)
            .finish_non_exhaustive()
    }
}

/// How structure is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// By the provider's own means.
    Schema,
    /// In words only, for services that know no schema.
    Words,
}

/// An answer that may be retried, and when.
struct Failure {
    error: LlmError,
    retry_after: Option<Duration>,
}

impl Llm {
    /// Nothing is sent yet.
    pub fn new(provider: Provider, policy: Policy, budget: Budget) -> Self {
        let (http, policy) = if provider.private_network {
            (unrestricted(), None)
        } else {
            (Client::new(policy).http().clone(), Some(policy))
        };
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
                    Endpoint::from_owned(provider.base_url.to_string()),
                    AuthData::from_single(key),
                ),
            )
            .build()
            .expect("a client with its own HTTP client can be built");
        Self {
            client,
            policy,
            provider: Arc::new(provider),
            budget,
            spent: Arc::new(Mutex::new(Spent {
                since: Instant::now(),
                calls: 0,
                tokens: 0,
            })),
        }
    }

    pub fn provider(&self) -> &Provider {
        &self.provider
    }

    /// An answer that meets the task's schema. A provider that does not know
    /// schemas is asked in words, one that breaks the schema is asked to mend
    /// its answer, once each.
    pub async fn ask<T: DeserializeOwned>(&self, task: &Task<'_>) -> Result<T, LlmError> {
        self.check_address().await?;
        let validator = jsonschema::options()
            .offline()
            .build(task.schema)
            .expect("a task's schema compiles");
        let fenced = fence(task.materials);
        let system = format!(
            "{}\n\n{}\n\nAnswer with one JSON object and nothing else. It has to meet this JSON \
             Schema:\n{}",
            task.instructions, fenced.rules, task.schema
        );
        let material = match fenced.material {
            // An empty message is refused by some.
            none if none.is_empty() => "Go ahead.".to_owned(),
            some => some,
        };
        let mut request =
            ChatRequest::from_system(system).append_message(ChatMessage::user(material));
        let mut mode = Mode::Schema;
        let mut mended = false;
        loop {
            let text = match self.call_with_retries(&request, task, mode).await {
                Err(LlmError::Refused(400 | 422)) if mode == Mode::Schema => {
                    mode = Mode::Words;
                    continue;
                }
                answer => answer?,
            };
            let problem = match json_in(&text) {
                None => "it is no JSON object".to_owned(),
                Some(answer) => {
                    let problems: Vec<_> = validator
                        .iter_errors(&answer)
                        .take(5)
                        .map(|error| {
                            format!("{} at {}", error.kind().keyword(), error.instance_path())
                        })
                        .collect();
                    if problems.is_empty()
                        && let Ok(answer) = serde_json::from_value(answer)
                    {
                        return Ok(answer);
                    }
                    problems.join("; ")
                }
            };
            if mended {
                return Err(LlmError::Invalid);
            }
            mended = true;
            request = request
                .append_message(ChatMessage::assistant(text))
                .append_message(ChatMessage::user(format!(
                    "Your answer does not meet the schema: {problem}. Answer again, with the whole \
                     JSON object."
                )));
        }
    }

    /// Told apart from a provider that is down: trying again is of no use.
    async fn check_address(&self) -> Result<(), LlmError> {
        let Some(policy) = self.policy else {
            return Ok(());
        };
        let url = &self.provider.base_url;
        let denied = |denied: Denied| match denied {
            Denied::Unresolved(_) => LlmError::Unreachable,
            denied => LlmError::Denied(denied.to_string()),
        };
        policy.check_url(url).map_err(denied)?;
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default().unwrap_or(443);
        policy.resolve(host, port).await.map_err(denied)?;
        Ok(())
    }

    async fn call_with_retries(
        &self,
        request: &ChatRequest,
        task: &Task<'_>,
        mode: Mode,
    ) -> Result<String, LlmError> {
        let call = || self.call(request, task, mode);
        call.retry(
            ExponentialBuilder::default()
                .with_min_delay(self.budget.first_wait)
                .with_max_delay(Duration::from_secs(8))
                .with_max_times(3)
                .with_jitter(),
        )
        .sleep(tokio::time::sleep)
        .when(|failure: &Failure| failure.error.is_transient())
        .adjust(|failure, delay| {
            let asked = failure.retry_after.unwrap_or_default();
            // Whoever asks for patience beyond the budget is not waited for.
            delay
                .map(|delay| delay.max(asked))
                .filter(|delay| *delay < self.time_left())
        })
        .notify(|failure, delay| {
            tracing::debug!(provider = %self.provider.kind, error = %failure.error, ?delay, "the provider is asked again");
        })
        .await
        .map_err(|failure| failure.error)
    }

    async fn call(
        &self,
        request: &ChatRequest,
        task: &Task<'_>,
        mode: Mode,
    ) -> Result<String, Failure> {
        let (asked, answer_tokens) = self.begin_call(request).map_err(Failure::from)?;
        let mut options = ChatOptions::default().with_max_tokens(answer_tokens);
        if mode == Mode::Schema {
            options = options.with_response_format(JsonSpec::new(task.name, task.schema.clone()));
        }
        let timeout = self.budget.call_timeout.min(self.time_left());
        let answer = tokio::time::timeout(
            timeout,
            self.client.exec_chat(
                self.provider.model.as_str(),
                request.clone(),
                Some(&options),
            ),
        )
        .await
        .map_err(|_| LlmError::TimedOut(timeout))
        .map_err(Failure::from)?
        .map_err(|error| Failure::of(&error))?;
        let text = answer.texts().concat();
        let counted = answer
            .usage
            .total_tokens
            .and_then(|it| u32::try_from(it).ok());
        self.end_call(counted.unwrap_or_else(|| asked.saturating_add(estimate(&text))));
        match answer.stop_reason {
            Some(
                genai::chat::StopReason::MaxTokens(_) | genai::chat::StopReason::ContentFilter(_),
            ) => return Err(LlmError::Incomplete.into()),
            _ if text.len() > MAX_ANSWER => return Err(LlmError::Incomplete.into()),
            _ => {}
        }
        Ok(text)
    }

    /// Counts the call; says how many tokens the request is likely to be, and
    /// how many its answer may be.
    fn begin_call(&self, request: &ChatRequest) -> Result<(u32, u32), LlmError> {
        if self.time_left().is_zero() {
            return Err(LlmError::Budget("time"));
        }
        let asked = estimate(request.system.as_deref().unwrap_or_default())
            + request
                .messages
                .iter()
                .map(|message| estimate(&message.content.texts().concat()))
                .sum::<u32>();
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        if spent.calls == self.budget.calls {
            return Err(LlmError::Budget("calls"));
        }
        let left = self.budget.tokens.saturating_sub(spent.tokens);
        // An answer of a few words is worth nothing.
        let for_answer = left.saturating_sub(asked).min(self.budget.answer_tokens);
        if for_answer < 200 {
            return Err(LlmError::Budget("tokens"));
        }
        spent.calls += 1;
        Ok((asked, for_answer))
    }

    fn end_call(&self, tokens: u32) {
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        spent.tokens = spent.tokens.saturating_add(tokens);
    }

    fn time_left(&self) -> Duration {
        let spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        self.budget
            .total_timeout
            .saturating_sub(spent.since.elapsed())
    }
}

impl From<LlmError> for Failure {
    fn from(error: LlmError) -> Self {
        Self {
            error,
            retry_after: None,
        }
    }
}

impl Failure {
    /// What the library says without what it quotes: bodies and requests.
    fn of(error: &genai::Error) -> Self {
        use genai::Error;
        let retry_after = error
            .headers()
            .and_then(|headers| headers.get(http::header::RETRY_AFTER))
            .and_then(|value| value.to_str().ok()?.trim().parse().ok())
            .map(Duration::from_secs);
        let error = match error.status() {
            Some(StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT) => {
                LlmError::Failed(error.status().map_or(0, |it| it.as_u16()))
            }
            Some(status) if status.is_server_error() => LlmError::Failed(status.as_u16()),
            Some(status) => LlmError::Refused(status.as_u16()),
            None => match error {
                Error::WebModelCall {
                    webc_error: genai::webc::Error::Reqwest(_),
                    ..
                } => LlmError::Unreachable,
                _ => LlmError::Malformed,
            },
        };
        Self { error, retry_after }
    }
}

/// For addresses that the operator has vouched for: as the egress client, but
/// without its policy.
fn unrestricted() -> reqwest::Client {
    reqwest::Client::builder()
        .user_agent(concat!("QualityMax/", env!("CARGO_PKG_VERSION")))
        // A redirect would take the key elsewhere.
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(Duration::from_secs(10))
        .build()
        .expect("a client without certificates of its own can be built")
}

fn estimate(text: &str) -> u32 {
    u32::try_from(text.len() / 3).unwrap_or(u32::MAX / 4)
}

/// The JSON object in an answer; models like to wrap it into a code block.
fn json_in(text: &str) -> Option<Value> {
    let text = text.trim();
    let text = text
        .strip_prefix("```json")
        .or_else(|| text.strip_prefix("```"))
        .and_then(|rest| rest.strip_suffix("```"))
        .unwrap_or(text);
    serde_json::from_str::<Value>(text.trim())
        .ok()
        .filter(Value::is_object)
}
