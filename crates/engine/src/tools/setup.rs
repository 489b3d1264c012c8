//! Installs what is missing, one step after the other. Safe to run again: what
//! is there is left alone.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::{Tools, browser, node, playwright, python};

/// What setup sees to, in this order: a step may need the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Node,
    Playwright,
    Chromium,
    Ffmpeg,
    /// Semgrep and Bandit.
    Engines,
}

/// What happens in a step, to be shown to whoever waits for it.
#[derive(Debug)]
pub enum Progress<'a> {
    /// It is there; nothing to do.
    Found {
        step: Step,
        at: &'a Path,
    },
    /// Something is being done: `installing with apt-get`.
    Doing {
        step: Step,
        what: &'a str,
    },
    /// A line that an installer printed.
    Output {
        step: Step,
        line: &'a str,
    },
    Installed {
        step: Step,
        at: &'a Path,
        took: Duration,
    },
    Failed {
        step: Step,
        error: &'a SetupError,
    },
}

/// Why something could not be installed; each text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    #[error("{what} is missing and can't be installed from here: {todo}")]
    ByHand { what: &'static str, todo: String },
    #[error("`{command}` failed{}", said(output))]
    Command { command: String, output: String },
    #[error("`{command}` is still not done after {} minutes", limit.as_secs() / 60)]
    TimedOut { command: String, limit: Duration },
    #[error("{path} can't be written: {source}", path = path.display())]
    Write {
        path: PathBuf,
        source: std::io::Error,
    },
}

fn said(output: &str) -> String {
    if output.is_empty() {
        String::new()
    } else {
        format!(":\n{output}")
    }
}

impl Step {
    pub const ALL: [Self; 5] = [
        Self::Node,
        Self::Playwright,
        Self::Chromium,
        Self::Ffmpeg,
        Self::Engines,
    ];

    /// As a person calls it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Node => "Node.js",
            Self::Playwright => "Playwright",
            Self::Chromium => "Chromium",
            Self::Ffmpeg => "ffmpeg",
            Self::Engines => "Semgrep and Bandit",
        }
    }

    fn found(self, tools: &Tools) -> Option<PathBuf> {
        match self {
            Self::Node => tools.node.clone(),
            Self::Playwright => tools.node_modules.clone(),
            Self::Chromium => tools.chromium.clone(),
            Self::Ffmpeg => tools.browsers.clone(),
            Self::Engines => tools.bandit.as_ref().and(tools.semgrep.clone()),
        }
    }

    async fn install(self, tools: &Tools, report: &mut Report<'_>) -> Result<(), SetupError> {
        match self {
            Self::Node => node::install_node(report).await,
            Self::Playwright => node::install_playwright(tools, report).await,
            Self::Chromium => browser::install_chromium(tools, report).await,
            Self::Ffmpeg => browser::install_ffmpeg(tools, report).await,
            Self::Engines => python::install(&tools.home, report).await,
        }
    }
}

/// One step's way to say what it does.
pub(super) struct Report<'a> {
    step: Step,
    progress: &'a mut (dyn FnMut(Progress<'_>) + Send),
}

impl<'a> Report<'a> {
    pub fn new(step: Step, progress: &'a mut (dyn FnMut(Progress<'_>) + Send)) -> Self {
        Self { step, progress }
    }

    pub fn doing(&mut self, what: &str) {
        let step = self.step;
        (self.progress)(Progress::Doing { step, what });
    }

    pub fn output(&mut self, line: &str) {
        let step = self.step;
        (self.progress)(Progress::Output { step, line });
    }
}

/// Sees to everything that [`Tools`] names, in the managed home of
/// [`Tools::find`]. Tells `progress` each thing that it does.
///
/// # Errors
/// The first one met; the other steps are gone through all the same.
pub async fn setup(progress: &mut (dyn FnMut(Progress<'_>) + Send)) -> Result<Tools, SetupError> {
    setup_in(&Tools::home(), progress).await
}

/// As [`setup`], with a managed home of one's own.
///
/// # Errors
/// As [`setup`].
pub async fn setup_in(
    home: &Path,
    progress: &mut (dyn FnMut(Progress<'_>) + Send),
) -> Result<Tools, SetupError> {
    let mut tools = Tools::find_in(home);
    let mut failed = None;
    for step in Step::ALL {
        if let Some(at) = step.found(&tools) {
            progress(Progress::Found { step, at: &at });
            continue;
        }
        let started = Instant::now();
        let mut report = Report::new(step, progress);
        let installed = step.install(&tools, &mut report).await;
        tools = Tools::find_in(home);
        let installed = installed.and_then(|()| {
            step.found(&tools).ok_or_else(|| SetupError::ByHand {
                what: step.label(),
                todo: "it was installed, but is not where it should be; see the output above"
                    .to_owned(),
            })
        });
        match installed {
            Ok(at) => progress(Progress::Installed {
                step,
                at: &at,
                took: started.elapsed(),
            }),
            Err(error) => {
                progress(Progress::Failed {
                    step,
                    error: &error,
                });
                failed.get_or_insert(error);
            }
        }
    }
    // Written now, so that a server without write access to the home can start.
    let files = playwright::install_files(home).map_err(|_| SetupError::ByHand {
        what: "the browser worker",
        todo: format!("make {} writable", home.display()),
    });
    match (failed, files) {
        (Some(error), _) | (None, Err(error)) => Err(error),
        (None, Ok(_)) => Ok(tools),
    }
}
