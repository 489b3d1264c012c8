//! How often this disk can be told to make something durable.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;

/// Appends of 4 KiB, each followed by `fdatasync`, a second.
pub fn syncs_per_second(dir: &Path, duration: Duration) -> Result<f64> {
    let path = dir.join("syncs");
    let mut file = File::create(&path)?;
    let page = [0x5a; 4096];
    let started = Instant::now();
    let mut syncs = 0_u32;
    while started.elapsed() < duration {
        file.write_all(&page)?;
        file.sync_data()?;
        syncs += 1;
    }
    let rate = f64::from(syncs) / started.elapsed().as_secs_f64();
    std::fs::remove_file(path)?;
    Ok(rate)
}
