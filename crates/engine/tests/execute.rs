//! The standard runner on real specs against the sample sites.

#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::time::Duration;

use contract::types;
use qualitymax_engine::browser::Credentials;
use qualitymax_engine::job::execute::{Run, execute};
use qualitymax_engine::job::generate::Script;
use qualitymax_engine::job::{JobRequest, StageError};
use qualitymax_engine::partner::PartnerId;
use qualitymax_engine::tools::Tools;
use sample_sites::{Running, Site};

const LOGIN: &str = r"import { test, expect } from '@playwright/test';

test('Login and Dashboard Verification', async ({ page }) => {
  await page.goto('/login');
  await page.getByRole('button', { name: 'Accept all', exact: true }).click();
  await page.getByLabel('Email', { exact: true }).fill(process.env.TEST_USERNAME!);
  await page.getByLabel('Password', { exact: true }).fill(process.env.TEST_PASSWORD!);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await expect(page).toHaveURL('/dashboard');
  await expect(page.getByRole('region')).toHaveCount(4);
});
";

fn script(source: &str) -> Script {
    Script {
        name: "login-and-dashboard".to_owned(),
        title: "Login and Dashboard Verification".to_owned(),
        source: source.to_owned(),
    }
}

fn request(target: &str) -> JobRequest {
    JobRequest {
        partner: PartnerId(1),
        target: target.parse().unwrap(),
        feature_description: String::new(),
        credentials: Some(Credentials::new("test@example.com", "testpass123")),
        options: types::WebhookOptions::default(),
    }
}

async fn serve(site: Site, broken: Option<&str>) -> Running {
    sample_sites::start(site, ([127, 0, 0, 1], 0).into(), broken)
        .await
        .unwrap()
}

async fn run(source: &str, target: &str, workspace: &Path) -> Result<Run, StageError> {
    let tools = Tools::find();
    assert!(
        tools.node_modules.is_some() && tools.chromium.is_some(),
        "these tests need what `cargo xtask setup` installs"
    );
    execute(&tools, &script(source), &request(target), None, workspace).await
}

fn shown(text: &str, target: &str) -> String {
    let text = text.replace(target, "http://site");
    // Durations differ from run to run.
    let lines = text.lines().map(|line| match line.rsplit_once(" (") {
        Some((before, time)) if time.ends_with("s)") => before,
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_passing_test_leaves_screenshot_video_and_logs() {
    let site = serve(Site::Dashboard, None).await;
    let workspace = tempfile::tempdir().unwrap();
    let run = run(LOGIN, &site.url(), workspace.path()).await.unwrap();
    assert_eq!(run.status, types::ExecutionStatus::Passed, "{run:?}");
    assert_eq!(run.error_message, None);
    assert!(run.duration_ms > 100);
    insta::assert_snapshot!(shown(&run.test_output, &site.url()), @r"
    Running 1 test using 1 worker

      ✓  1 login-and-dashboard.spec.ts:3:1 › Login and Dashboard Verification

      1 passed
    ");
    let logs = run
        .console_logs
        .iter()
        .map(|log| format!("{}: {}", log.type_, log.message));
    insta::assert_snapshot!(shown(&logs.collect::<Vec<_>>().join("\n"), &site.url()), @r"
    info: Navigation to http://site/login
    info: Navigation to http://site/dashboard
    ");
    let screenshot = std::fs::read(run.screenshot.unwrap()).unwrap();
    assert!(screenshot.starts_with(b"\x89PNG"));
    let video = std::fs::read(run.video.unwrap()).unwrap();
    assert!(
        video.starts_with(&[0x1a, 0x45, 0xdf, 0xa3]),
        "the video is no WebM"
    );
}

#[tokio::test]
async fn a_failing_test_says_why_without_colours_paths_or_credentials() {
    let site = serve(Site::Dashboard, Some("section-missing")).await;
    let workspace = tempfile::tempdir().unwrap();
    let source = LOGIN
        .replace("await expect(page.getBy", "await expect.soft(page.getByText('Welcome, nobody')).toBeVisible({ timeout: 50 });\n  await page.evaluate(name => console.error(`hello ${name}`), process.env.TEST_USERNAME!);\n  await expect(page.getBy")
        .replace("toHaveCount(4)", "toHaveCount(4, { timeout: 500 })");
    let run = run(&source, &site.url(), workspace.path()).await.unwrap();
    assert_eq!(run.status, types::ExecutionStatus::Failed);
    let error = run.error_message.clone().unwrap();
    let brief = error
        .lines()
        .filter(|line| !line.contains("locator resolved") && !line.contains("unexpected value"));
    insta::assert_snapshot!(brief.collect::<Vec<_>>().join("\n"), @r#"
    Error: expect(locator).toBeVisible() failed

    Locator: getByText('Welcome, nobody')
    Expected: visible
    Timeout: 50ms
    Error: element(s) not found

    Call log:
      - Expect "soft toBeVisible" getByText('Welcome, nobody') with timeout 50ms
      - waiting for getByText('Welcome, nobody')


       8 |   await page.getByRole('button', { name: 'Sign in', exact: true }).click();
       9 |   await expect(page).toHaveURL('/dashboard');
    > 10 |   await expect.soft(page.getByText('Welcome, nobody')).toBeVisible({ timeout: 50 });
         |                                                        ^
      11 |   await page.evaluate(name => console.error(`hello ${name}`), process.env.TEST_USERNAME!);
      12 |   await expect(page.getByRole('region')).toHaveCount(4, { timeout: 500 });
      13 | });
        at login-and-dashboard.spec.ts:10:56

    Error: expect(locator).toHaveCount(expected) failed

    Locator:  getByRole('region')
    Expected: 4
    Received: 3
    Timeout:  500ms

    Call log:
      - Expect "toHaveCount" getByRole('region') with timeout 500ms
      - waiting for getByRole('region')


      10 |   await expect.soft(page.getByText('Welcome, nobody')).toBeVisible({ timeout: 50 });
      11 |   await page.evaluate(name => console.error(`hello ${name}`), process.env.TEST_USERNAME!);
    > 12 |   await expect(page.getByRole('region')).toHaveCount(4, { timeout: 500 });
         |                                          ^
      13 | });
      14 |
        at login-and-dashboard.spec.ts:12:42
    "#);
    let all = serde_json::to_string(&Run {
        screenshot: None,
        video: None,
        ..run.clone()
    })
    .unwrap();
    for hidden in [
        "test@example.com",
        "testpass123",
        "\\u001b",
        workspace.path().to_str().unwrap(),
    ] {
        assert!(!all.contains(hidden), "{hidden} in {all}");
    }
    assert!(
        run.console_logs
            .iter()
            .any(|log| log.type_ == "error" && log.message == "hello [username]")
    );
    assert!(run.screenshot.is_some() && run.video.is_some());
}

#[tokio::test]
async fn the_test_sees_nothing_of_the_servers_environment() {
    let site = serve(Site::Form, None).await;
    let workspace = tempfile::tempdir().unwrap();
    // Set for every process that cargo starts.
    assert!(std::env::var_os("CARGO_MANIFEST_DIR").is_some());
    let source = r"import { test, expect } from '@playwright/test';
test('Environment', async () => {
  console.log(Object.keys(process.env).sort().join(' '));
  expect(process.env.CARGO_MANIFEST_DIR).toBeUndefined();
  expect(process.env.TEST_USERNAME).toBe('test@example.com');
});
";
    let run = run(source, &site.url(), workspace.path()).await.unwrap();
    assert_eq!(run.status, types::ExecutionStatus::Passed, "{run:?}");
}

#[tokio::test]
async fn a_spec_that_is_no_typescript_ends_the_job_with_its_complaint() {
    let site = serve(Site::Form, None).await;
    let workspace = tempfile::tempdir().unwrap();
    let ended = run("test('x', async () => {", &site.url(), workspace.path()).await;
    let Err(StageError::Final(why)) = ended else {
        panic!("{ended:?}");
    };
    insta::assert_snapshot!(why, @"the generated test can't be run: SyntaxError: login-and-dashboard.spec.ts: Unexpected token (1:23)");
}

#[tokio::test]
async fn a_browser_that_is_not_here_ends_the_job_with_the_way_to_get_it() {
    let workspace = tempfile::tempdir().unwrap();
    let tools = Tools {
        browser_dirs: Vec::new(),
        ..Tools::find()
    };
    let mut request = request("http://127.0.0.1:9");
    request.options.browser = types::Browser::Webkit;
    let ended = execute(&tools, &script(LOGIN), &request, None, workspace.path()).await;
    insta::assert_snapshot!(ended.unwrap_err().to_string(), @"webkit is not installed on this deployment; its operator can install it, as the user that the server runs as, with `npx playwright@1.65.1 install --with-deps webkit`");
}

const NEVER_ENDS: &str = r"import { test } from '@playwright/test';
test('Never ends', async ({ page }) => {
  await page.goto('/');
  await page.waitForTimeout(60_000);
});
";

#[tokio::test]
async fn a_run_that_is_given_up_takes_its_processes_with_it() {
    let site = serve(Site::Form, None).await;
    let workspace = tempfile::tempdir().unwrap();
    let (url, dir) = (site.url(), workspace.path().canonicalize().unwrap());
    tokio::select! {
        run = run(NEVER_ENDS, &url, workspace.path()) => panic!("it ended by itself: {run:?}"),
        () = browsing_in(&dir) => {}
    }
    assert_all_end_in(&dir).await;
}

/// Run by the next test in a process of its own.
#[tokio::test]
#[ignore = "is killed"]
async fn an_engine() {
    let (Ok(target), Ok(dir)) = (std::env::var("TARGET"), std::env::var("WORKSPACE")) else {
        return;
    };
    let _ = run(NEVER_ENDS, &target, Path::new(&dir)).await;
}

#[tokio::test]
async fn a_run_ends_when_its_engine_is_killed() {
    let site = serve(Site::Form, None).await;
    let workspace = tempfile::tempdir().unwrap();
    let dir = workspace.path().canonicalize().unwrap();
    let mut engine = tokio::process::Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "an_engine"])
        .env("TARGET", site.url())
        .env("WORKSPACE", &dir)
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    tokio::time::timeout(Duration::from_secs(60), browsing_in(&dir))
        .await
        .unwrap();
    engine.kill().await.unwrap();
    assert_all_end_in(&dir).await;
}

async fn browsing_in(dir: &Path) {
    let browsing = |command: &String| command.contains("--headless");
    while !working_in(dir).iter().any(browsing) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn assert_all_end_in(dir: &Path) {
    for _ in 0..200 {
        if working_in(dir).is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("still running: {:?}", working_in(dir));
}

/// Processes whose working directory is this one: runner, worker, browser, ffmpeg.
fn working_in(dir: &Path) -> Vec<String> {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let found = processes.filter(|process| {
        std::fs::read_link(process.path().join("cwd")).is_ok_and(|cwd| cwd == dir)
    });
    found
        .map(|process| std::fs::read_to_string(process.path().join("cmdline")).unwrap_or_default())
        .collect()
}
