//! Where Node and the browsers put what they need for the moment.

use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;
use std::{env, io};

use tempfile::TempDir;

const PREFIX: &str = "qualitymax-browser-";

/// A `TMPDIR` of one process tree, removed when this is dropped. Not below the
/// data directory: Chromium makes a socket in it, whose path may not be long.
#[derive(Debug)]
pub(crate) struct Scratch {
    dir: TempDir,
    /// Locked as long as it is in use, so that nobody else removes it.
    _in_use: File,
}

impl Scratch {
    pub fn new() -> io::Result<Self> {
        let dir = tempfile::Builder::new().prefix(PREFIX).tempdir()?;
        let in_use = File::open(dir.path())?;
        in_use.lock()?;
        Ok(Self {
            dir,
            _in_use: in_use,
        })
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // A browser that is just being ended still writes.
        for _ in 0..10 {
            match fs::remove_dir_all(self.dir.path()) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    std::thread::sleep(Duration::from_millis(50));
                }
                _ => return,
            }
        }
    }
}

/// Removes what processes left behind that were killed.
pub(crate) fn sweep() {
    let Ok(entries) = fs::read_dir(env::temp_dir()) else {
        return;
    };
    for entry in entries.flatten() {
        let ours = entry.file_name().to_string_lossy().starts_with(PREFIX);
        if !ours || !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        let unused = File::open(entry.path()).is_ok_and(|dir| dir.try_lock().is_ok());
        if unused && let Err(error) = fs::remove_dir_all(entry.path()) {
            tracing::warn!(path = %entry.path().display(), %error, "it can't be removed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_use_stays_and_what_was_left_behind_goes() {
        let used = Scratch::new().unwrap();
        fs::create_dir(used.path().join("profile")).unwrap();
        let left = used.path().with_file_name(format!("{PREFIX}left behind"));
        fs::create_dir_all(left.join("profile")).unwrap();
        let other = tempfile::tempdir().unwrap();
        sweep();
        assert!(used.path().join("profile").is_dir());
        assert!(other.path().is_dir());
        assert!(!left.exists());
        let path = used.path().to_owned();
        drop(used);
        assert!(!path.exists());
    }
}
