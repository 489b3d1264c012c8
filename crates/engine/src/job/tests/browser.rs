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
        browser_dirs: Vec::new(),
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

/// Where `npx playwright install` puts it; `setup` has its ffmpeg elsewhere.
#[tokio::test(flavor = "multi_thread")]
async fn a_browser_in_the_usual_cache_is_found_and_says_itself_why_it_does_not_start() {
    let deployment = Deployment::new().await;
    let cache = tempfile::tempdir().unwrap();
    let mut tools = Tools::find();
    let node_modules = tools.node_modules.as_deref().unwrap();
    let revision = crate::tools::playwright::revision(node_modules, "firefox").unwrap();
    let firefox = cache.path().join(format!("firefox-{revision}/firefox"));
    std::fs::create_dir_all(&firefox).unwrap();
    std::fs::write(firefox.with_file_name("INSTALLATION_COMPLETE"), "").unwrap();
    let program = "#!/bin/sh\necho 'hello' >&2\necho 'libgtk-3.so.0: cannot open shared object file' >&2\nexit 1\n";
    let firefox = firefox.join("firefox");
    std::fs::write(&firefox, program).unwrap();
    let runs = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&firefox, runs).unwrap();
    tools.browser_dirs.push(cache.path().to_owned());

    let stages = on_browser(&deployment, tools);
    let job = deployment
        .accept(json!({ "url": "http://127.0.0.1:9/", "options": { "browser": "firefox" } }))
        .await;
    let callback = deployment.callback(&stages, &job).await;
    assert_eq!(
        callback["results"]["failures"][0]["message"],
        "firefox can't be started on this deployment: libgtk-3.so.0: cannot open shared object file"
    );
}
