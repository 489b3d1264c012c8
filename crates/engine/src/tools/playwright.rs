//! The Node side: the worker's files, which travel inside the binary, the
//! pinned Playwright, and the environment that both run in.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

use contract::types;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::process::Command;

use super::{Tools, ToolsError};

pub(super) const PACKAGE: &str = include_str!("../../playwright/package.json");

pub(super) const LOCK: &str = include_str!("../../playwright/package-lock.json");

macro_rules! embedded {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../playwright/", $name)))),*]
    };
}

const FILES: &[(&str, &str)] = embedded![
    "worker/browsers.mjs",
    "worker/consent.mjs",
    "worker/egress.mjs",
    "worker/expectations.mjs",
    "worker/failure.mjs",
    "worker/locators.mjs",
    "worker/main.mjs",
    "worker/page.mjs",
    "worker/page/collections.js",
    "worker/page/consent.js",
    "worker/page/elements.js",
    "worker/page/index.js",
    "worker/page/locators.js",
    "worker/page/proof.js",
    "worker/page/survey.js",
    "worker/page/texts.js",
    "worker/scrubber.mjs",
    "worker/session.mjs",
    "worker/traffic.mjs",
];

/// The version of `@playwright/test` that everything is built on.
pub fn version() -> String {
    let package: Value = serde_json::from_str(PACKAGE).expect("the embedded package.json is JSON");
    package["dependencies"]["@playwright/test"]
        .as_str()
        .expect("the embedded package.json pins @playwright/test")
        .to_owned()
}

/// Where the pinned version is installed; another version has another place.
pub fn package_dir(home: &Path) -> PathBuf {
    home.join(format!("playwright-{}", version()))
}

/// Whether this Node.js is one that Playwright supports: 20 or newer.
pub fn is_new_enough(node: &Path) -> bool {
    let Ok(said) = std::process::Command::new(node).arg("--version").output() else {
        return false;
    };
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let major = said.trim().trim_start_matches('v').split('.').next();
    major
        .and_then(|major| major.parse().ok())
        .is_some_and(|major: u32| major >= 20)
}

/// Whether this `node_modules` holds the pinned version.
pub fn is_pinned(node_modules: &Path) -> bool {
    #[derive(serde::Deserialize)]
    struct Package {
        version: String,
    }
    ["@playwright/test", "playwright", "playwright-core"]
        .iter()
        .all(|name| {
            read_json::<Package>(&node_modules.join(name).join("package.json"))
                .is_some_and(|package| package.version == version())
        })
}

/// The revision of a browser, or of ffmpeg, that this Playwright asks for.
pub fn revision(node_modules: &Path, name: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Registry {
        browsers: Vec<Browser>,
    }
    #[derive(serde::Deserialize)]
    struct Browser {
        name: String,
        revision: String,
    }
    let registry: Registry = read_json(&node_modules.join("playwright-core/browsers.json"))?;
    let found = registry
        .browsers
        .into_iter()
        .find(|browser| browser.name == name)?;
    Some(found.revision)
}

/// The name that Playwright's ffmpeg has in [`ffmpeg_dir`].
pub const FFMPEG: &str = if cfg!(target_os = "macos") {
    "ffmpeg-mac"
} else {
    "ffmpeg-linux"
};

/// Where below `PLAYWRIGHT_BROWSERS_PATH` this Playwright looks for its ffmpeg.
pub fn ffmpeg_dir(node_modules: &Path) -> Option<String> {
    Some(format!("ffmpeg-{}", revision(node_modules, "ffmpeg")?))
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// Playwright's own Chromium, where it was installed.
pub fn chromium_in(browsers: &Path) -> Option<PathBuf> {
    let mut installed: Vec<_> = fs::read_dir(browsers)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|dir| {
            let name = dir.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("chromium-") && dir.join("INSTALLATION_COMPLETE").is_file()
        })
        .collect();
    installed.sort();
    let inside = [
        "chrome-linux64/chrome",
        "chrome-linux/chrome",
        "chrome-mac-arm64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing",
        "chrome-mac-x64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing",
        "chrome-mac/Chromium.app/Contents/MacOS/Chromium",
    ];
    let newest = installed.pop()?;
    inside
        .iter()
        .map(|path| newest.join(path))
        .find(|path| path.is_file())
}

/// Writes the embedded files below the home, once per content, and says where.
pub fn install_files(home: &Path) -> Result<PathBuf, ToolsError> {
    let mut hash = Sha256::new();
    for (name, content) in FILES {
        hash.update(name.as_bytes());
        hash.update([0]);
        hash.update(content.as_bytes());
        hash.update([0]);
    }
    let dir = home.join(format!("engine-{}", &hex::encode(hash.finalize())[..12]));
    if dir.is_dir() {
        return Ok(dir);
    }
    write_files(home, &dir).map_err(|source| ToolsError::Home {
        dir: home.to_owned(),
        source,
    })?;
    Ok(dir)
}

/// All or nothing, as another process may be looking.
fn write_files(home: &Path, dir: &Path) -> io::Result<()> {
    fs::create_dir_all(home)?;
    let draft = tempfile::Builder::new()
        .prefix(".engine-")
        .tempdir_in(home)?;
    for (name, content) in FILES {
        let path = draft.path().join(name);
        fs::create_dir_all(path.parent().unwrap_or(home))?;
        fs::write(path, content)?;
    }
    match fs::rename(draft.keep(), dir) {
        // Somebody else was faster with the same content.
        Err(_) if dir.is_dir() => Ok(()),
        renamed => renamed,
    }
}

/// Whether the browser asked for can be used here.
///
/// # Errors
/// [`ToolsError::Browser`] or [`ToolsError::NoDisplay`]; the text names what the
/// operator has to do.
pub fn check(tools: &Tools, browser: types::Browser, headless: bool) -> Result<(), ToolsError> {
    let there = match browser {
        types::Browser::Chromium => tools.chromium.is_some(),
        other => tools.own_browser(other).is_some(),
    };
    if !there {
        return Err(ToolsError::Browser {
            browser,
            version: version(),
        });
    }
    let display = || env::var_os("DISPLAY").or(env::var_os("WAYLAND_DISPLAY"));
    if !headless && cfg!(target_os = "linux") && display().is_none_or(|name| name.is_empty()) {
        return Err(ToolsError::NoDisplay);
    }
    Ok(())
}

impl Tools {
    /// Playwright's own build of firefox or webkit, looked for anew, as it may
    /// have been installed since the server was started.
    fn own_browser(&self, browser: types::Browser) -> Option<PathBuf> {
        let name = browser.to_string();
        let dir = format!("{name}-{}", revision(self.node_modules.as_ref()?, &name)?);
        let inside: &[&str] = match browser {
            types::Browser::Firefox => &[
                "firefox/firefox",
                "firefox/Nightly.app/Contents/MacOS/firefox",
            ],
            types::Browser::Webkit => &["pw_run.sh"],
            types::Browser::Chromium => &[],
        };
        let dirs = self.browser_dirs.iter().map(|place| place.join(&dir));
        dirs.filter(|dir| dir.join("INSTALLATION_COMPLETE").is_file())
            .flat_map(|dir| inside.iter().map(move |path| dir.join(path)))
            .find(|path| path.is_file())
    }
}

/// Playwright's launch options, the same for crawl, rehearsal and run.
pub fn launch_options(tools: &Tools, browser: types::Browser) -> Value {
    match browser {
        types::Browser::Chromium => {
            // Chromium's sandbox refuses to work for root.
            let root = rustix::process::geteuid().is_root();
            // No traffic of the browser's own, and none around the proxy.
            let mut args = vec![
                "--disable-background-networking",
                "--disable-quic",
                "--dns-prefetch-disable",
                "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
            ];
            if root {
                args.push("--no-sandbox");
            }
            json!({ "executablePath": tools.chromium, "args": args, "chromiumSandbox": !root })
        }
        // Firefox otherwise reaches this machine's own addresses around the proxy.
        types::Browser::Firefox => json!({
            "executablePath": tools.own_browser(browser),
            "firefoxUserPrefs": { "network.proxy.allow_hijacking_localhost": true },
        }),
        types::Browser::Webkit => json!({ "executablePath": tools.own_browser(browser) }),
    }
}

/// Starts the browser worker, once its pipes are set.
pub fn worker_command(tools: &Tools) -> Result<Command, ToolsError> {
    let files = install_files(&tools.home)?;
    let mut command = node(tools)?;
    command
        .arg(files.join("worker/main.mjs"))
        .arg(node_modules(tools)?);
    Ok(command)
}

/// Starts the standard runner: `playwright`, to be given its arguments.
pub fn runner_command(tools: &Tools) -> Result<Command, ToolsError> {
    let mut command = node(tools)?;
    command.arg(node_modules(tools)?.join("@playwright/test/cli.js"));
    Ok(command)
}

fn node_modules(tools: &Tools) -> Result<&Path, ToolsError> {
    let missing = ToolsError::Missing { what: "Playwright" };
    tools.node_modules.as_deref().ok_or(missing)
}

/// Node with nothing of the server's environment but what a browser needs.
fn node(tools: &Tools) -> Result<Command, ToolsError> {
    const PASSED_ON: [&str; 9] = [
        "PATH",
        "HOME",
        "TMPDIR",
        "LANG",
        "DISPLAY",
        "WAYLAND_DISPLAY",
        "XAUTHORITY",
        "XDG_RUNTIME_DIR",
        "FONTCONFIG_PATH",
    ];
    let node = tools
        .node
        .as_ref()
        .ok_or(ToolsError::Missing { what: "Node.js" })?;
    let mut command = Command::new(node);
    command.env_clear();
    command.envs(
        PASSED_ON
            .iter()
            .filter_map(|name| Some((name, env::var_os(name)?))),
    );
    command.env("NO_COLOR", "1");
    if let Some(browsers) = &tools.browsers {
        command.env("PLAYWRIGHT_BROWSERS_PATH", browsers);
    }
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files_below(dir: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap().path());
        entries
            .flat_map(|path| {
                if path.is_dir() {
                    files_below(&path)
                } else {
                    vec![path]
                }
            })
            .collect()
    }

    #[test]
    fn every_file_of_the_worker_travels_in_the_binary() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("playwright");
        let mut there: Vec<_> = files_below(&root.join("worker"))
            .into_iter()
            .map(|path| {
                path.strip_prefix(&root)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        there.sort();
        let embedded: Vec<_> = FILES.iter().map(|(name, _)| *name).collect();
        assert_eq!(there, embedded);
    }

    #[test]
    fn the_lock_pins_contents_and_no_registry() {
        assert!(LOCK.contains(&format!("\"version\": \"{}\"", version())));
        assert!(LOCK.contains("\"integrity\": \"sha512-"));
        assert!(!LOCK.contains("\"resolved\""));
    }
}
