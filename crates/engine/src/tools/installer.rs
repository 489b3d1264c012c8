//! Runs other programs' installers: npm, Playwright's, the system's package
//! manager.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::Command;
use tokio::sync::mpsc;

use super::find::program;
use super::setup::{Report, SetupError};

const LIMIT: Duration = Duration::from_secs(15 * 60);
/// Lines of output that an error shows.
const TAIL: usize = 12;

/// Runs a command to its end and passes on what it prints.
pub async fn run(command: &mut Command, report: &mut Report<'_>) -> Result<(), SetupError> {
    let shown = shown(command);
    let failed = |output: String| SetupError::Command {
        command: shown.clone(),
        output,
    };
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    let (lines, mut printed) = mpsc::channel(64);
    forward(child.stdout.take(), lines.clone());
    forward(child.stderr.take(), lines);
    let finished = async {
        let mut tail = Vec::new();
        while let Some(line) = printed.recv().await {
            report.output(&line);
            tail.push(line);
            if tail.len() > TAIL {
                tail.remove(0);
            }
        }
        (child.wait().await, tail)
    };
    let Ok((status, tail)) = tokio::time::timeout(LIMIT, finished).await else {
        return Err(SetupError::TimedOut {
            command: shown,
            limit: LIMIT,
        });
    };
    match status {
        Ok(status) if status.success() => Ok(()),
        _ => Err(failed(tail.join("\n"))),
    }
}

fn forward(pipe: Option<impl AsyncRead + Unpin + Send + 'static>, lines: mpsc::Sender<String>) {
    let Some(pipe) = pipe else { return };
    tokio::spawn(async move {
        let mut read = BufReader::new(pipe).lines();
        while let Ok(Some(line)) = read.next_line().await {
            let line = line.trim_end().to_owned();
            if !line.is_empty() && lines.send(line).await.is_err() {
                return;
            }
        }
    });
}

fn shown(command: &Command) -> String {
    let command = command.as_std();
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    words.join(" ")
}

/// The system's package manager, with how it calls what we need.
struct Manager {
    program: &'static str,
    install: &'static [&'static str],
    /// Fetches the lists of packages, where that is a step of its own.
    refresh: Option<&'static [&'static str]>,
    chromium: &'static [&'static str],
    ffmpeg: &'static [&'static str],
    node: &'static [&'static str],
    needs_root: bool,
}

const MANAGERS: &[Manager] = &[
    Manager {
        program: "apt-get",
        install: &["install", "--yes", "--no-install-recommends"],
        refresh: Some(&["update"]),
        chromium: &["chromium", "chromium-sandbox", "fonts-liberation"],
        ffmpeg: &["ffmpeg"],
        node: &["nodejs", "npm"],
        needs_root: true,
    },
    Manager {
        program: "dnf",
        install: &["install", "--assumeyes"],
        refresh: None,
        chromium: &["chromium", "liberation-fonts"],
        ffmpeg: &["ffmpeg-free"],
        node: &["nodejs", "npm"],
        needs_root: true,
    },
    Manager {
        program: "pacman",
        install: &["-S", "--noconfirm", "--needed"],
        refresh: Some(&["-Sy"]),
        chromium: &["chromium", "ttf-liberation"],
        ffmpeg: &["ffmpeg"],
        node: &["nodejs", "npm"],
        needs_root: true,
    },
    Manager {
        program: "apk",
        install: &["add"],
        refresh: Some(&["update"]),
        chromium: &["chromium", "font-liberation"],
        ffmpeg: &["ffmpeg"],
        node: &["nodejs", "npm"],
        needs_root: true,
    },
    Manager {
        program: "brew",
        install: &["install"],
        refresh: None,
        chromium: &["chromium"],
        ffmpeg: &["ffmpeg"],
        node: &["node"],
        needs_root: false,
    },
];

/// What a package manager can be asked for.
#[derive(Clone, Copy)]
pub enum Package {
    Chromium,
    Ffmpeg,
    Node,
}

/// Installs a package with the system's own manager, as root or through
/// `sudo -n`; never asks for a password.
pub async fn install_package(package: Package, report: &mut Report<'_>) -> Result<(), SetupError> {
    let what = match package {
        Package::Chromium => "Chromium",
        Package::Ffmpeg => "ffmpeg",
        Package::Node => "Node.js",
    };
    let Some(manager) = MANAGERS
        .iter()
        .find(|known| program(known.program, &[]).is_some())
    else {
        return Err(SetupError::ByHand {
            what,
            todo: format!(
                "this machine has no package manager known here; install {what} and run this again"
            ),
        });
    };
    let names = match package {
        Package::Chromium => manager.chromium,
        Package::Ffmpeg => manager.ffmpeg,
        Package::Node => manager.node,
    };
    let Some(prefix) = rights(manager).await else {
        let todo = [&["sudo", manager.program], manager.install, names]
            .concat()
            .join(" ");
        return Err(SetupError::ByHand {
            what,
            todo: format!("run `{todo}`, then this again"),
        });
    };
    report.doing(&format!(
        "installing {} with {}",
        names.join(", "),
        manager.program
    ));
    let command = |words: &[&str]| {
        let mut words = prefix
            .iter()
            .copied()
            .chain([manager.program])
            .chain(words.iter().copied());
        let mut command = Command::new(words.next().unwrap_or(manager.program));
        command.args(words).env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    let install = [manager.install, names].concat();
    let first = run(&mut command(&install), report).await;
    match (first, manager.refresh) {
        (Err(_), Some(refresh)) => {
            // The lists of packages are missing or old.
            report.doing(&format!("fetching {}'s list of packages", manager.program));
            run(&mut command(refresh), report).await?;
            run(&mut command(&install), report).await
        }
        (outcome, _) => outcome,
    }
}

/// What has to stand before the manager's name, or `None` without the rights.
async fn rights(manager: &Manager) -> Option<&'static [&'static str]> {
    if !manager.needs_root || rustix::process::geteuid().is_root() {
        return Some(&[]);
    }
    sudo_works().await.then_some(&["sudo", "-n"])
}

/// Whether `sudo` works without asking for a password.
pub async fn sudo_works() -> bool {
    let mut sudo = Command::new("sudo");
    sudo.args(["-n", "true"]).stdin(Stdio::null());
    sudo.stdout(Stdio::null()).stderr(Stdio::null());
    sudo.status().await.is_ok_and(|status| status.success())
}
