//! The stages on a real browser, where a job's partner and its options decide.

use crate::browser::Browsers;
use crate::egress::Policy;
use crate::job::JobRequest;
use crate::job::stages::OnBrowser;
use crate::job::steps::PlannedBy;
use crate::llm::{Provider, ProviderKind};
use crate::tools::Tools;
use sample_sites::Site;

use super::*;

fn on_browser(deployment: &Deployment, tools: Tools) -> OnBrowser {
    OnBrowser {
        browsers: Browsers::new(tools.clone()),
        tools,
        policy: Policy {
            allow_loopback: true,
        },
        llm: deployment.bench.engine.llm().clone(),
    }
}

/// A provider that proposes to look at the contact page's heading.
async fn proposes_a_test() -> MockServer {
    let step = |what: &str, role: Option<&str>, text: &str| json!({"do": what, "element": null, "role": role, "text": text, "count": null});
    let steps = [
        step("goto", None, "/"),
        step("expect_visible", Some("heading"), "Contact us"),
    ];
    let intents = json!([{ "says": "visitors can get in touch", "steps": steps }]);
    let plan = json!({ "title": "Contact by LLM", "intents": intents });
    let answer = json!({"choices": [{
        "finish_reason": "stop", "message": {"role": "assistant", "content": plan.to_string()},
    }]});
    let server = MockServer::start().await;
    Mock::given(wiremock::matchers::method("POST"))
        .respond_with(ResponseTemplate::new(200).set_body_json(answer))
        .mount(&server)
        .await;
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partners_llm_plans_that_partners_jobs_at_the_first_attempt() {
    let deployment = Deployment::new().await;
    let other = deployment.bench.partner("other").await;
    let server = proposes_a_test().await;
    let url = format!("{}/v1", server.uri());
    let provider = Provider::new(ProviderKind::Ollama, "a-model", Some(&url), true, None).unwrap();
    let llm = deployment.bench.engine.llm();
    llm.set("veilstream", &provider).await.unwrap();

    let stages = on_browser(&deployment, Tools::find());
    let site = sample_sites::start(Site::Form, ([127, 0, 0, 1], 0).into(), None)
        .await
        .unwrap();
    let request = |partner| JobRequest {
        partner,
        target: site.url().parse().unwrap(),
        feature_description: "Visitors see the heading 'Contact us'".to_owned(),
        credentials: None,
        options: serde_json::from_str("{}").unwrap(),
    };
    let own = request(deployment.partner);
    let mut visit = stages.open(&own).await.unwrap();
    let crawl = stages.crawl(&mut visit, &own).await.unwrap();
    let first = stages.plan(&mut visit, &crawl, &own, 1).await.unwrap();
    let model = "a-model".to_owned();
    assert_eq!(first.planned_by, PlannedBy::Llm { model });
    assert_eq!(first.title, "Contact by LLM");

    let asked = server.received_requests().await.unwrap().len();
    let again = stages.plan(&mut visit, &crawl, &own, 2).await.unwrap();
    let theirs = stages
        .plan(&mut visit, &crawl, &request(other), 1)
        .await
        .unwrap();
    for plan in [again, theirs] {
        assert_eq!(plan.planned_by, PlannedBy::Planner);
        assert!(plan.asserts_in_the_end());
    }
    assert_eq!(server.received_requests().await.unwrap().len(), asked);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_that_is_not_here_ends_the_job_with_what_to_do_about_it() {
    let deployment = Deployment::new().await;
    let tools = Tools {
        browsers: None,
        ..Tools::find()
    };
    let stages = on_browser(&deployment, tools);
    for browser in ["firefox", "webkit"] {
        let job = deployment
            .accept(json!({ "url": "http://127.0.0.1:9/", "options": { "browser": browser } }))
            .await;
        let callback = deployment.callback(&stages, &job).await;
        let results = &callback["results"];
        assert_eq!(results["status"], "error");
        assert_eq!(callback["workflow_summary"], "AI crawl failed");
        assert_eq!(
            (&results["total_tests"], &results["tests"]),
            (&json!(0), &json!([]))
        );
        let failures = results["failures"].as_array().unwrap();
        assert_eq!((failures.len(), &failures[0]["test"]), (1, &json!("crawl")));
        let told = failures[0]["message"].as_str().unwrap();
        assert!(
            told.starts_with(&format!("{browser} is not installed on this deployment"))
                && told.contains(&format!("install --with-deps {browser}")),
            "{told}"
        );
        let report = deployment.report(&job).await;
        assert_eq!(report.job.error_message.as_deref(), Some(told));
        assert_eq!(report.crawl.status, contract::types::StageStatus::Failed);
        assert!(report.scripts.is_empty() && report.executions.is_empty());
    }
}
