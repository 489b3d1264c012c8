//! Stage 4: the standard Playwright runner runs the spec, with screenshot and
//! video.

mod report;

use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use contract::types;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::process::Command;

use super::generate::Script;
use super::{JobRequest, StageError};
use crate::browser::locator::string_literal;
use crate::child::{ProcessGroup, said_on};
use crate::tools::{Tools, ToolsError, playwright};

/// What a run left behind. Nothing in it holds a credential.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Run {
    pub status: types::ExecutionStatus,
    /// Of the test itself, as the runner measured it.
    pub duration_ms: u64,
    pub console_logs: Vec<types::ConsoleLog>,
    /// What the runner printed.
    pub test_output: String,
    pub error_message: Option<String>,
    /// PNG, in `workspace`.
    pub screenshot: Option<PathBuf>,
    /// WebM, in `workspace`.
    pub video: Option<PathBuf>,
}

/// The test may take this long; then the runner says at which step it hung.
const TEST: Duration = Duration::from_secs(90);
const ACTION: Duration = Duration::from_secs(10);
const NAVIGATION: Duration = Duration::from_secs(20);
/// The runner ends by itself before this, whatever happens in the test.
const RUNNER: Duration = Duration::from_secs(150);
const OUTPUT_LIMIT: u64 = 256 * 1024;

/// Loads around the spec: notes what the page says to its console.
const WATCH: &str = include_str!("../../playwright/runner/watch.ts");
/// The runner's main process ends when the engine's end of the pipe is gone.
const ENDS_WITH_THE_ENGINE: &str =
    "if (!process.send) process.stdin.on(\"end\", () => process.exit(1)).resume().unref();\n";

impl From<ToolsError> for StageError {
    fn from(error: ToolsError) -> Self {
        Self::Final(error.to_string())
    }
}

/// Runs `script` in `workspace`, an empty directory of its own that the caller
/// removes. `proxy` as in [`SessionOptions`](crate::browser::SessionOptions).
/// Dropping the future ends the runner.
///
/// # Errors
/// [`StageError::Final`] where the browser asked for is not here or the spec
/// can't be loaded; [`StageError::Transient`] where the runner can't be run. A
/// test that fails is no error.
pub async fn execute(
    tools: &Tools,
    script: &Script,
    request: &JobRequest,
    proxy: Option<&str>,
    workspace: &Path,
) -> Result<Run, StageError> {
    let options = &request.options;
    playwright::check(tools, options.browser, options.headless)?;
    let mut command = playwright::runner_command(tools)?;
    let files = || lay_out(tools, script, request, proxy, workspace);
    files().map_err(|error| {
        StageError::Transient(format!("the runner's workspace can't be written: {error}"))
    })?;

    if let Some(credentials) = &request.credentials {
        command.env("TEST_USERNAME", &credentials.username);
        command.env("TEST_PASSWORD", &credentials.password);
    }
    let output = run(&mut command, workspace)
        .await
        .map_err(|error| StageError::Transient(format!("the test runner can't be run: {error}")))?;
    let clean = report::Cleaner::new(tools, workspace, request.credentials.as_ref());
    report::read(workspace, &output, &clean)
}

/// Spec, configuration and the link to Playwright.
fn lay_out(
    tools: &Tools,
    script: &Script,
    request: &JobRequest,
    proxy: Option<&str>,
    workspace: &Path,
) -> io::Result<()> {
    let spec = format!("{}.spec.ts", script.name);
    std::fs::write(workspace.join(&spec), &script.source)?;
    let load = format!("require({});\n", string_literal(&format!("./{spec}")));
    std::fs::write(workspace.join("watch.ts"), format!("{WATCH}{load}"))?;
    let config = config(tools, request, proxy);
    let config = format!("{ENDS_WITH_THE_ENGINE}export default {config:#};\n");
    std::fs::write(workspace.join("playwright.config.mjs"), config)?;
    if let Some(node_modules) = &tools.node_modules {
        std::os::unix::fs::symlink(node_modules, workspace.join("node_modules"))?;
    }
    Ok(())
}

fn config(tools: &Tools, request: &JobRequest, proxy: Option<&str>) -> Value {
    let ms = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    let options = &request.options;
    let mut config = json!({
        "testDir": ".",
        "testMatch": "watch.ts",
        "outputDir": "results",
        "workers": 1,
        "retries": 0,
        "timeout": ms(TEST),
        "globalTimeout": ms(TEST + Duration::from_secs(30)),
        "reporter": [["list"], ["json", { "outputFile": "report.json" }]],
        "use": {
            "baseURL": request.target.origin().ascii_serialization(),
            "browserName": options.browser,
            "headless": options.headless,
            "screenshot": "on",
            "video": "on",
            "acceptDownloads": false,
            "actionTimeout": ms(ACTION),
            "navigationTimeout": ms(NAVIGATION),
            "launchOptions": playwright::launch_options(tools, options.browser),
        },
    });
    if let Some(server) = proxy {
        config["use"]["proxy"] = json!({ "server": server });
    }
    config
}

/// What the runner printed.
struct Output {
    text: String,
    ended: bool,
}

async fn run(command: &mut Command, workspace: &Path) -> io::Result<Output> {
    let mut child = command
        .current_dir(workspace)
        .args(["test", "--config", "playwright.config.mjs"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()?;
    // The runner with its workers, which end with it.
    let _group = ProcessGroup::of(&child);
    // Held open as long as the run is wanted.
    let _stdin = child.stdin.take();
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let finished = async {
        let (out, err) = tokio::join!(said_on(out, OUTPUT_LIMIT), said_on(err, OUTPUT_LIMIT));
        child.wait().await?;
        io::Result::Ok(out + &err)
    };
    match tokio::time::timeout(RUNNER, finished).await {
        Ok(text) => Ok(Output {
            text: text?,
            ended: true,
        }),
        Err(_) => Ok(Output {
            text: String::new(),
            ended: false,
        }),
    }
}
