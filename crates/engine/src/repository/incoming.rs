//! Where repositories are fetched to before they are kept. Whatever a killed
//! process leaves here, the next one removes.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

const PREFIX: &str = "incoming-";

/// A directory that goes when it is dropped. A lock on it, which goes with the
/// process however that ends, tells that somebody is at it.
pub(super) struct Incoming {
    dir: TempDir,
    _lock: File,
}

impl Incoming {
    pub fn create_in(parent: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(parent)?;
        loop {
            let dir = tempfile::Builder::new().prefix(PREFIX).tempdir_in(parent)?;
            let lock = File::open(dir.path()).and_then(|lock| lock.lock().map(|()| lock));
            // Another process that starts now may have swept it before it was locked.
            if dir.path().exists() {
                return Ok(Self { dir, _lock: lock? });
            }
        }
    }

    /// Of the bare repository.
    pub fn repository(&self) -> PathBuf {
        self.dir.path().join("git")
    }
}

/// Removes what processes left that are no more.
pub(super) fn sweep(parent: &Path) {
    for entry in std::fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if !name.to_str().is_some_and(|name| name.starts_with(PREFIX)) {
            continue;
        }
        let path = entry.path();
        let swept = File::open(&path).and_then(|lock| match lock.try_lock() {
            Ok(()) => std::fs::remove_dir_all(&path),
            // Somebody is at it.
            Err(_) => Ok(()),
        });
        if let Err(error) = swept {
            tracing::warn!(path = %path.display(), %error, "what an import left can't be removed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sweep_takes_what_was_left_and_nothing_else() {
        let parent = tempfile::tempdir().unwrap();
        let under_way = Incoming::create_in(parent.path()).unwrap();
        for left in ["incoming-left/git/objects", "42/kept"] {
            std::fs::create_dir_all(parent.path().join(left)).unwrap();
        }
        sweep(parent.path());
        assert!(under_way.dir.path().exists());
        assert!(!parent.path().join("incoming-left").exists());
        assert!(parent.path().join("42/kept").exists());
    }
}
