//! With a partner's LLM, played by wiremock: its test is used where it stands
//! the rehearsal, and never needed.

use contract::types;
use futures::StreamExt;
use qualitymax_engine::browser::Browsers;
use qualitymax_engine::egress::Policy;
use qualitymax_engine::llm::{Budget, Llm, Provider, ProviderKind};
use qualitymax_engine::tools::Tools;
use sample_sites::Site;
use serde_json::{Value, json};
use wiremock::matchers::method;
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use crate::bench::{
    Generated, PASSWORD, PLANNED_AT_ONCE, Specs, TURN, USERNAME, credentials, generate_with,
};

const DESCRIPTION: &str = "users can sign in";

/// Proposes `steps`, of which each names its element by role and name.
struct Proposes(Vec<Value>);

impl Respond for Proposes {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let body: Value = request.body_json().unwrap();
        let prompt = body["messages"][1]["content"].as_str().unwrap();
        let mut steps = self.0.clone();
        for step in &mut steps {
            let named = step["element"].as_str().map(|named| {
                let line = prompt.lines().find(|line| line.contains(named)).unwrap();
                line.split_whitespace().next().unwrap().to_owned()
            });
            step["element"] = json!(named);
        }
        let plan = json!({"title": "Signing in by LLM", "intents": [{"says": "users can sign in", "steps": steps}]});
        ResponseTemplate::new(200).set_body_json(json!({"choices": [{
            "finish_reason": "stop", "message": {"role": "assistant", "content": plan.to_string()},
        }]}))
    }
}

fn step(what: &str, element: Option<&str>, role: Option<&str>, text: Option<&str>) -> Value {
    json!({"do": what, "element": element, "role": role, "text": text, "count": null})
}

fn signing_in(then: Value) -> Proposes {
    Proposes(vec![
        step("goto", None, None, Some("/")),
        step("goto", None, None, Some("/login")),
        step("fill_username", Some("textbox \"Email\""), None, None),
        step("fill_password", Some("textbox \"Password\""), None, None),
        step("click", Some("button \"Sign in\""), None, None),
        then,
    ])
}

async fn provider(answers: impl Respond + 'static) -> MockServer {
    let server = MockServer::start().await;
    let mock = Mock::given(method("POST")).respond_with(answers);
    mock.mount(&server).await;
    server
}

fn llm(base_url: &str) -> Llm {
    let url = format!("{base_url}/v1");
    let kind = ProviderKind::Ollama;
    let provider = Provider::new(kind, "a-model", Some(&url), true, None).unwrap();
    let policy = Policy {
        allow_loopback: false,
    };
    let budget = Budget {
        calls: 2,
        ..Budget::default()
    };
    Llm::new(provider, policy, budget)
}

fn followed(quality: &types::Quality) -> &str {
    let criteria = &quality.criteria;
    let followed = criteria.iter().find(|it| it.name == "description followed");
    &followed.unwrap().why
}

#[tokio::test(flavor = "multi_thread")]
async fn an_llms_test_is_used_if_it_stands_the_rehearsal_and_never_needed() {
    let _turn = TURN.lock().await;
    let tools = Tools::find();
    let browsers = Browsers::new(tools.clone());
    let site = sample_sites::start(Site::Dashboard, ([127, 0, 0, 1], 0).into(), None)
        .await
        .unwrap();
    let url = site.url();
    let generate = async |llm: Option<&Llm>, description: &str| -> Generated {
        generate_with(llm, &browsers, &url, description, Some(credentials())).await
    };
    let mut specs = Specs::new();

    let heading = step("expect_visible", None, Some("heading"), Some("Welcome"));
    let server = provider(signing_in(heading)).await;
    // A login is a secret wherever it was written.
    let telling = format!("users can sign in as {USERNAME} with password '{PASSWORD}'");
    let used = generate(Some(&llm(&server.uri())), &telling).await;
    assert!(used.source.contains("Signing in by LLM"), "{}", used.source);
    assert!(
        used.source
            .contains("getByRole('heading', { name: 'Welcome' })).toBeVisible()"),
        "{}",
        used.source
    );
    assert!(used.quality.score >= 80, "{:#?}", used.quality);
    assert!(
        followed(&used.quality).ends_with("planned by your LLM, a-model"),
        "{:#?}",
        used.quality
    );
    specs.add("used", &used, &url, true);
    let broken = sample_sites::start(
        Site::Dashboard,
        ([127, 0, 0, 1], 0).into(),
        Some("login-refused"),
    )
    .await
    .unwrap();
    specs.add("used-broken", &used, &broken.url(), false);
    for request in server.received_requests().await.unwrap() {
        let sent = String::from_utf8(request.body).unwrap();
        assert!(
            !sent.contains(PASSWORD) && !sent.contains(USERNAME),
            "{sent}"
        );
    }

    let alone = generate(None, DESCRIPTION).await;
    assert!(!followed(&alone.quality).contains("LLM"));
    let leaving = Proposes(vec![step(
        "goto",
        None,
        None,
        Some("https://evil.example/"),
    )]);
    let asserts_nothing = Proposes(vec![step("click", Some("button \"Sign in\""), None, None)]);
    let cant_be_done = Proposes(vec![
        step(
            "select",
            Some("button \"Sign in\""),
            None,
            Some("Everything"),
        ),
        step("expect_visible", None, Some("heading"), Some("Sign in")),
    ]);
    let made_up = signing_in(step("expect_visible", None, None, Some("A unicorn")));
    let down = |_: &Request| ResponseTemplate::new(401);
    let faults = [
        (
            provider(leaving).await,
            "the answer does not meet the schema",
        ),
        (
            provider(asserts_nothing).await,
            "the test that it proposed asserts nothing",
        ),
        (
            provider(cant_be_done).await,
            "the test that it proposed can't be acted out",
        ),
        (
            provider(made_up).await,
            "what the test that it proposed asserts was not seen",
        ),
        (
            provider(down).await,
            "the provider refused the request with status 401",
        ),
    ];
    let alone = &alone;
    futures::stream::iter(faults)
        .for_each_concurrent(PLANNED_AT_ONCE, async |(server, why)| {
            let instead = generate(Some(&llm(&server.uri())), DESCRIPTION).await;
            assert_eq!(instead.source, alone.source, "{why}");
            assert_eq!(instead.quality.score, alone.quality.score);
            let said = followed(&instead.quality);
            let told = format!("; planned without your LLM: {why}");
            assert!(said.contains(&told), "{said}");
            assert!(!server.received_requests().await.unwrap().is_empty());
        })
        .await;
    let gone = generate(Some(&llm("http://127.0.0.1:9")), DESCRIPTION).await;
    assert_eq!(gone.source, alone.source);
    specs.run(&tools).await;
}
