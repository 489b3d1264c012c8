//! Asking a provider for data: structured output, validated, with retries,
//! within a budget.

use std::sync::Arc;
use std::time::Duration;

use backon::{ExponentialBuilder, Retryable};
use genai::chat::{ChatMessage, ChatOptions, ChatRequest, JsonSpec};
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::OnceCell;

use super::budget::{Account, Budget};
use super::connection::Connection;
use super::fence::{Material, fence};
use super::provider::Provider;
use crate::egress::{Denied, Policy, Proxy};

/// The largest answer that is looked at, in bytes.
const MAX_ANSWER: usize = 512 * 1024;

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
    connection: Arc<OnceCell<Connection>>,
    policy: Policy,
    provider: Arc<Provider>,
    account: Arc<Account>,
}

impl std::fmt::Debug for Llm {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Llm")
            .field("provider", &self.provider)
            .field("account", &self.account)
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
        Self {
            connection: Arc::default(),
            policy,
            provider: Arc::new(provider),
            account: Arc::new(Account::new(budget)),
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
        if self.provider.private_network {
            return Ok(());
        }
        self.policy
            .check_reachable(&self.provider.base_url)
            .await
            .map_err(|denied| match denied {
                Denied::Unresolved(_) => LlmError::Unreachable,
                denied => LlmError::Denied(denied.to_string()),
            })
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
                .with_min_delay(self.account.budget().first_wait)
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
                .filter(|delay| *delay < self.account.time_left())
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
        let asked = tokens_of(request);
        let answer_tokens = self.account.begin_call(asked)?;
        let mut options = ChatOptions::default().with_max_tokens(answer_tokens);
        if mode == Mode::Schema {
            options = options.with_response_format(JsonSpec::new(task.name, task.schema.clone()));
        }
        let connection = self
            .connection
            .get_or_try_init(|| {
                let bytes = self.account.budget().bytes;
                Connection::open(&self.provider, self.policy, bytes)
            })
            .await?;
        let timeout = self
            .account
            .budget()
            .call_timeout
            .min(self.account.time_left());
        let answer = tokio::time::timeout(
            timeout,
            connection.client.exec_chat(
                self.provider.model.as_str(),
                request.clone(),
                Some(&options),
            ),
        )
        .await
        .map_err(|_| LlmError::TimedOut(timeout))
        .map_err(Failure::from)?
        .map_err(|error| match connection.proxy.is_used_up() {
            true => LlmError::Budget("bytes").into(),
            false => Failure::of(&error),
        })?;
        let text = answer.texts().concat();
        let counted = answer
            .usage
            .total_tokens
            .and_then(|it| u32::try_from(it).ok());
        self.account
            .end_call(counted.unwrap_or_else(|| asked.saturating_add(estimate(&text))));
        match answer.stop_reason {
            Some(
                genai::chat::StopReason::MaxTokens(_) | genai::chat::StopReason::ContentFilter(_),
            ) => return Err(LlmError::Incomplete.into()),
            _ if text.len() > MAX_ANSWER => return Err(LlmError::Incomplete.into()),
            _ => {}
        }
        Ok(text)
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
        if error.headers().is_some_and(Proxy::is_own_answer) {
            return LlmError::Unreachable.into();
        }
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

/// About how many tokens a request has.
fn tokens_of(request: &ChatRequest) -> u32 {
    let system = request.system.as_deref().unwrap_or_default();
    let messages = request.messages.iter();
    estimate(system)
        + messages
            .map(|message| estimate(&message.content.texts().concat()))
            .sum::<u32>()
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
