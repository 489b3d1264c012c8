//! What is there already: named by the operator, installed by `setup`, or found
//! where such programs usually are.

use std::env;
use std::path::{Path, PathBuf};

use super::{Tools, playwright, python};

impl Tools {
    /// Looks for every program, in this order: the environment
    /// (`QUALITYMAX_TOOLS_DIR`, `QUALITYMAX_CHROMIUM`, `PLAYWRIGHT_BROWSERS_PATH`,
    /// `QUALITYMAX_SEMGREP`, `QUALITYMAX_BANDIT`), the managed home, `PATH`,
    /// well-known places. Semgrep and Bandit of other versions find other things,
    /// so they are not taken from `PATH`. Runs nothing but `node --version`.
    pub fn find() -> Self {
        Self::find_in(&Self::home())
    }

    /// As [`Tools::find`], with a managed home of one's own.
    pub fn find_in(home: &Path) -> Self {
        let node_modules = playwright::package_dir(home).join("node_modules");
        let node_modules = Some(node_modules).filter(|dir| playwright::is_pinned(dir));
        let browser_dirs = browser_dirs(home);
        let browsers = browsers(&browser_dirs, node_modules.as_deref());
        let chromium = chromium(&browser_dirs);
        let managed = python::bin(home);
        let managed = |variable, name| {
            env_path(variable)
                .or_else(|| Some(managed.as_ref()?.join(name)))
                .filter(|path| is_program(path))
        };
        Self {
            node: program("node", &[]).filter(|node| playwright::is_new_enough(node)),
            chromium,
            browsers,
            browser_dirs,
            semgrep: managed("QUALITYMAX_SEMGREP", "semgrep"),
            bandit: managed("QUALITYMAX_BANDIT", "bandit"),
            node_modules,
            home: home.to_owned(),
        }
    }

    /// The managed home: what the project itself installs is in there.
    pub fn home() -> PathBuf {
        if let Some(named) = env_path("QUALITYMAX_TOOLS_DIR") {
            return named;
        }
        let data = env_path("XDG_DATA_HOME")
            .or_else(|| env_path("HOME").map(|home| home.join(".local/share")))
            .unwrap_or_else(|| PathBuf::from("/var/lib"));
        data.join("qualitymax/tools")
    }
}

/// Wherever Playwright's own browsers and ffmpeg may be.
fn browser_dirs(home: &Path) -> Vec<PathBuf> {
    let cache = if cfg!(target_os = "macos") {
        "Library/Caches/ms-playwright"
    } else {
        ".cache/ms-playwright"
    };
    let dirs = [
        env_path("PLAYWRIGHT_BROWSERS_PATH"),
        Some(home.join("browsers")),
        env_path("HOME").map(|home| home.join(cache)),
    ];
    dirs.into_iter().flatten().collect()
}

/// The first place that has the ffmpeg of the pinned version.
fn browsers(dirs: &[PathBuf], node_modules: Option<&Path>) -> Option<PathBuf> {
    let ffmpeg = playwright::ffmpeg_dir(node_modules?)?;
    let found = dirs.iter().find(|place| {
        let dir = place.join(&ffmpeg);
        // A link of ours may lead to an ffmpeg that was removed since.
        dir.join("INSTALLATION_COMPLETE").is_file() && dir.join(playwright::FFMPEG).is_file()
    });
    found.cloned()
}

fn chromium(browser_dirs: &[PathBuf]) -> Option<PathBuf> {
    if let Some(named) = env_path("QUALITYMAX_CHROMIUM") {
        return is_program(&named).then_some(named);
    }
    let mut own = browser_dirs.iter();
    if let Some(own) = own.find_map(|dir| playwright::chromium_in(dir)) {
        return Some(own);
    }
    [
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
        "chrome",
    ]
    .into_iter()
    .find_map(|name| program(name, &[]))
    .or_else(|| {
        let applications = Path::new("/Applications");
        [
            "Chromium.app/Contents/MacOS/Chromium",
            "Google Chrome.app/Contents/MacOS/Google Chrome",
        ]
        .into_iter()
        .map(|app| applications.join(app))
        .find(|path| is_program(path))
    })
}

/// The program of that name in the given directories, else in `PATH`.
pub(super) fn program(name: &str, first: &[&Path]) -> Option<PathBuf> {
    let first = first.iter().map(|dir| dir.join(name));
    first
        .filter(|path| is_program(path))
        .chain(programs(name))
        .next()
}

/// Every program of that name in `PATH`.
pub(super) fn programs(name: &str) -> impl Iterator<Item = PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let dirs: Vec<_> = env::split_paths(&path).collect();
    dirs.into_iter()
        .filter(|dir| dir.is_absolute())
        .map(move |dir| dir.join(name))
        .filter(|path| is_program(path))
}

fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata()
        .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

fn env_path(name: &str) -> Option<PathBuf> {
    env::var_os(name)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}
