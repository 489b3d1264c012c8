//! Chromium, and the ffmpeg that Playwright records videos with.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use super::find::program;
use super::installer::{Package, install_package, run, sudo_works};
use super::setup::{Report, SetupError};
use super::{Tools, playwright};

/// Playwright's own build, which it is tested with, else the system's.
pub async fn install_chromium(tools: &Tools, report: &mut Report<'_>) -> Result<(), SetupError> {
    let own = install_own("chromium", tools, report).await;
    match own {
        Ok(()) => Ok(()),
        Err(why) => {
            report.output(&why);
            install_package(Package::Chromium, report).await
        }
    }
}

/// The system's ffmpeg, linked to where Playwright looks for its own, else
/// Playwright's own, else the package manager's.
pub async fn install_ffmpeg(tools: &Tools, report: &mut Report<'_>) -> Result<(), SetupError> {
    if let Some(ffmpeg) = recording_ffmpeg().await {
        return link_ffmpeg(tools, &ffmpeg, report);
    }
    if let Err(why) = install_own("ffmpeg", tools, report).await {
        report.output(&why);
        install_package(Package::Ffmpeg, report).await?;
        let Some(ffmpeg) = recording_ffmpeg().await else {
            return Err(SetupError::ByHand {
                what: "ffmpeg",
                todo: "install an ffmpeg with the libvpx encoder and run this again".to_owned(),
            });
        };
        return link_ffmpeg(tools, &ffmpeg, report);
    }
    Ok(())
}

/// The system's ffmpeg, where it can write WebM.
async fn recording_ffmpeg() -> Option<PathBuf> {
    let ffmpeg = program("ffmpeg", &[])?;
    let mut encoders = Command::new(&ffmpeg);
    encoders
        .args(["-hide_banner", "-encoders"])
        .stdin(Stdio::null());
    let encoders = encoders.output().await.ok()?;
    String::from_utf8_lossy(&encoders.stdout)
        .contains("libvpx")
        .then_some(ffmpeg)
}

fn link_ffmpeg(tools: &Tools, ffmpeg: &Path, report: &mut Report<'_>) -> Result<(), SetupError> {
    let Some(dir) = tools
        .node_modules
        .as_deref()
        .and_then(playwright::ffmpeg_dir)
    else {
        return Err(needs_playwright("ffmpeg"));
    };
    report.doing(&format!("linking {}", ffmpeg.display()));
    let dir = browsers_dir(tools).join(dir);
    let link = || {
        fs::create_dir_all(&dir)?;
        let link = dir.join(playwright::FFMPEG);
        if link.symlink_metadata().is_ok() {
            fs::remove_file(&link)?;
        }
        symlink(ffmpeg, link)?;
        fs::write(dir.join("INSTALLATION_COMPLETE"), "")
    };
    link().map_err(|source| SetupError::Write {
        path: dir.clone(),
        source,
    })
}

/// Where Playwright's browsers go: `PLAYWRIGHT_BROWSERS_PATH`, or the home.
fn browsers_dir(tools: &Tools) -> PathBuf {
    std::env::var_os("PLAYWRIGHT_BROWSERS_PATH")
        .filter(|dir| !dir.is_empty())
        .map_or_else(|| tools.home.join("browsers"), PathBuf::from)
}

fn needs_playwright(what: &'static str) -> SetupError {
    SetupError::ByHand {
        what,
        todo: "it needs Playwright first".to_owned(),
    }
}

/// Playwright's own installer, where its downloads can be reached. The error
/// says why the next way is tried.
async fn install_own(name: &str, tools: &Tools, report: &mut Report<'_>) -> Result<(), String> {
    let (Some(node), Some(node_modules)) = (&tools.node, &tools.node_modules) else {
        return Err("Playwright's own installer needs Playwright first".to_owned());
    };
    if !reachable().await {
        return Err("Playwright's downloads can't be reached from here".to_owned());
    }
    report.doing(&format!("installing {name} with Playwright's installer"));
    let mut command = Command::new(node);
    command
        .arg(node_modules.join("@playwright/test/cli.js"))
        .arg("install");
    if name == "chromium" {
        command.arg("--no-shell");
        // The libraries that it needs, where that asks for no password.
        if cfg!(target_os = "linux") && (rustix::process::geteuid().is_root() || sudo_works().await)
        {
            command.arg("--with-deps");
        }
    }
    command.arg(name);
    command.env("PLAYWRIGHT_BROWSERS_PATH", browsers_dir(tools));
    command.env("PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT", "10000");
    run(&mut command, report)
        .await
        .map_err(|error| error.to_string())
}

/// Whether Playwright's downloads answer at all: its own installer would try
/// for minutes where packets are dropped.
async fn reachable() -> bool {
    let host = std::env::var("PLAYWRIGHT_DOWNLOAD_HOST");
    let host = host.unwrap_or_else(|_| "https://cdn.playwright.dev".to_owned());
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(4))
        .build();
    let Ok(client) = client else { return false };
    client.head(host).send().await.is_ok_and(|answer| {
        let status = answer.status();
        // A proxy that forbids it answers by itself.
        !status.is_server_error() && !matches!(status.as_u16(), 403 | 407)
    })
}
