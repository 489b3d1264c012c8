//! Partners' own LLMs, played by wiremock.

#![allow(clippy::unwrap_used)]

mod asking;
mod endless;
mod tasks;

use std::time::Duration;

use qualitymax_engine::egress::Policy;
use qualitymax_engine::llm::{ApiKey, Budget, Llm, Provider, ProviderKind};
use serde_json::{Value, json};
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, ResponseTemplate};

pub const KEY: &str = "sk-a-very-secret-key";

pub const KINDS: [ProviderKind; 3] = [
    ProviderKind::OpenAi,
    ProviderKind::Anthropic,
    ProviderKind::Ollama,
];

/// As the operator would configure it for a server in their own network.
pub fn llm(kind: ProviderKind, server: &MockServer, budget: Budget) -> Llm {
    llm_at(kind, &server.uri(), budget)
}

pub fn llm_at(kind: ProviderKind, server: &str, budget: Budget) -> Llm {
    let base_url = format!("{server}/v1");
    let key = (kind != ProviderKind::Ollama).then(|| ApiKey::new(KEY).unwrap());
    let provider = Provider::new(kind, "a-model", Some(&base_url), true, key).unwrap();
    let policy = Policy {
        allow_loopback: false,
    };
    Llm::new(provider, policy, budget)
}

pub fn quick() -> Budget {
    Budget {
        call_timeout: Duration::from_secs(20),
        first_wait: Duration::from_millis(20),
        ..Budget::default()
    }
}

/// What the kind's service answers when the model says `text`.
pub fn completion(kind: ProviderKind, text: &str) -> Value {
    match kind {
        ProviderKind::Anthropic => json!({
            "id": "msg_1", "type": "message", "role": "assistant", "model": "a-model",
            "content": [{"type": "text", "text": text}],
            "stop_reason": "end_turn",
            "usage": {"input_tokens": 100, "output_tokens": 50},
        }),
        ProviderKind::OpenAi | ProviderKind::Ollama => json!({
            "id": "chatcmpl-1", "object": "chat.completion", "model": "a-model",
            "choices": [{"index": 0, "finish_reason": "stop",
                         "message": {"role": "assistant", "content": text}}],
            "usage": {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150},
        }),
    }
}

pub fn says(kind: ProviderKind, text: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(completion(kind, text))
}

/// Answers in turn, the last one for ever.
pub async fn answering(answers: Vec<ResponseTemplate>) -> MockServer {
    let server = MockServer::start().await;
    let last = answers.len() - 1;
    for (index, answer) in answers.into_iter().enumerate() {
        let mock = Mock::given(method("POST")).respond_with(answer);
        let mock = if index < last {
            mock.up_to_n_times(1)
        } else {
            mock
        };
        mock.with_priority(u8::try_from(index + 1).unwrap())
            .mount(&server)
            .await;
    }
    server
}

pub async fn calls(server: &MockServer) -> Vec<Value> {
    let requests = server.received_requests().await.unwrap();
    requests
        .iter()
        .map(|request| request.body_json().unwrap())
        .collect()
}
