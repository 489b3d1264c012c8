//! An engine as a process that can't take more than it was given: a process
//! group of its own, an empty environment, and limits on time, memory, output
//! and files. Nothing of the group outlives the call.

use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;

use crate::child::ProcessGroup;

/// What an engine may take.
#[derive(Clone, Debug)]
pub(super) struct ProcessLimits {
    pub time: Duration,
    /// Of each of its processes.
    pub memory_bytes: u64,
    /// On standard output, and in each file that it writes.
    pub output_bytes: u64,
}

pub(super) struct Program {
    pub path: PathBuf,
    pub args: Vec<OsString>,
    pub dir: PathBuf,
    pub env: Vec<(&'static str, OsString)>,
}

pub(super) struct Ended {
    pub status: ExitStatus,
    pub stdout: Vec<u8>,
    /// The end of what it said.
    pub stderr: String,
}

/// Why there is no output to look at.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProcessError {
    #[error("it could not be started: {0}")]
    Start(std::io::Error),
    #[error("it did not end within {} s", .0.as_secs_f32())]
    Time(Duration),
    #[error("it printed more than {0} bytes")]
    Output(u64),
    #[error("its output could not be read: {0}")]
    Read(std::io::Error),
}

/// How much of standard error is kept.
const STDERR: usize = 16 * 1024;

pub(super) async fn run(program: Program, limits: &ProcessLimits) -> Result<Ended, ProcessError> {
    let mut child = limited(&program.path, limits)
        .args(&program.args)
        .current_dir(&program.dir)
        .env_clear()
        .envs(program.env)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(ProcessError::Start)?;
    let group = ProcessGroup::of(&child);
    let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
        unreachable!("both are piped");
    };
    let ending = async {
        let reading = async {
            let stderr = async { Ok(tail(stderr).await) };
            tokio::try_join!(head(stdout, limits.output_bytes), stderr)
        };
        tokio::pin!(reading);
        let (status, read) = tokio::select! {
            read = &mut reading => {
                if read.is_err() {
                    drop(group);
                }
                (child.wait().await, read)
            }
            status = child.wait() => {
                // Whatever it left behind holds the pipes open.
                drop(group);
                (status, reading.await)
            }
        };
        let (stdout, stderr) = read?;
        let status = status.map_err(ProcessError::Read)?;
        Ok(Ended {
            status,
            stdout,
            stderr,
        })
    };
    tokio::time::timeout(limits.time, ending)
        .await
        .unwrap_or(Err(ProcessError::Time(limits.time)))
}

/// The program behind a shell that only sets the limits: they must hold before
/// its first instruction.
fn limited(program: &Path, limits: &ProcessLimits) -> Command {
    const SET: &str =
        r#"ulimit -c 0 && ulimit -d "$1" && ulimit -f "$2" || exit 125; shift 2; exec "$@""#;
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", SET, "sh"])
        .arg((limits.memory_bytes / 1024).to_string())
        // In blocks of 512 bytes.
        .arg((limits.output_bytes / 512).max(1).to_string())
        .arg(program);
    command
}

async fn head(stream: impl AsyncRead + Unpin, limit: u64) -> Result<Vec<u8>, ProcessError> {
    let mut bytes = Vec::new();
    stream
        .take(limit + 1)
        .read_to_end(&mut bytes)
        .await
        .map_err(ProcessError::Read)?;
    if bytes.len() as u64 > limit {
        return Err(ProcessError::Output(limit));
    }
    Ok(bytes)
}

async fn tail(mut stream: impl AsyncRead + Unpin) -> String {
    let mut kept = Vec::new();
    let mut chunk = [0; 4096];
    while let Ok(read @ 1..) = stream.read(&mut chunk).await {
        kept.extend_from_slice(&chunk[..read]);
        if kept.len() > 2 * STDERR {
            kept.drain(..kept.len() - STDERR);
        }
    }
    String::from_utf8_lossy(&kept).into_owned()
}

impl Ended {
    /// How it ended, where that was not by itself with one of these codes:
    /// fit to be read by the partner.
    pub fn unless_exited_with(&self, codes: &[i32], limits: &ProcessLimits) -> Option<String> {
        if self.status.code().is_some_and(|code| codes.contains(&code)) {
            return None;
        }
        let how = match (self.status.code(), self.status.signal()) {
            (Some(code), _) => format!("it ended with code {code}"),
            (_, Some(signal)) => format!("it was ended by signal {signal}"),
            _ => "it ended in an unknown way".to_owned(),
        };
        let memory = if self.ran_out_of_memory() {
            let megabytes = limits.memory_bytes / 1024 / 1024;
            format!(" (it may have needed more than its {megabytes} MB of memory)")
        } else {
            String::new()
        };
        let said = self.last_line();
        let said = if said.is_empty() {
            said
        } else {
            format!(": {said}")
        };
        Some(format!("{how}{memory}{said}"))
    }

    fn ran_out_of_memory(&self) -> bool {
        const ABORT: i32 = 6;
        const KILL: i32 = 9;
        const SEGV: i32 = 11;
        // Exit codes above 128 are what shells make of a signal.
        let signal = self
            .status
            .signal()
            .or_else(|| self.status.code().map(|code| code - 128));
        matches!(signal, Some(ABORT | KILL | SEGV))
            || [
                "MemoryError",
                "Out of memory",
                "Out_of_memory",
                "annot allocate memory",
            ]
            .iter()
            .any(|text| self.stderr.contains(text))
    }

    fn last_line(&self) -> String {
        let line = self
            .stderr
            .lines()
            .rev()
            .find(|line| !line.trim().is_empty());
        line.unwrap_or_default().trim().chars().take(300).collect()
    }
}

/// What every engine runs in: no variable of ours, its home and temporary files
/// in a directory that goes with the scan, and a proxy that nobody is.
pub(super) fn environment(
    program: &Path,
    home: &Path,
    network: bool,
) -> Vec<(&'static str, OsString)> {
    let mut path = OsString::new();
    if let Some(dir) = program.parent() {
        path.push(dir);
        path.push(":");
    }
    path.push("/usr/local/bin:/usr/bin:/bin");
    let mut env = vec![
        ("PATH", path),
        ("HOME", home.into()),
        ("TMPDIR", home.into()),
        ("XDG_CACHE_HOME", home.join("cache").into()),
        ("XDG_CONFIG_HOME", home.join("config").into()),
        ("LANG", "C.UTF-8".into()),
        ("NO_COLOR", "1".into()),
        // The scanned tree is the working directory: no module is taken from it.
        ("PYTHONSAFEPATH", "1".into()),
        ("PYTHONNOUSERSITE", "1".into()),
        ("PYTHONDONTWRITEBYTECODE", "1".into()),
    ];
    if network {
        const PASSED_ON: [&str; 5] = [
            "https_proxy",
            "HTTPS_PROXY",
            "no_proxy",
            "NO_PROXY",
            "SSL_CERT_FILE",
        ];
        env.extend(
            PASSED_ON
                .iter()
                .filter_map(|name| Some((*name, std::env::var_os(name)?))),
        );
    } else {
        let nobody = "http://127.0.0.1:9";
        env.extend([
            ("http_proxy", nobody.into()),
            ("https_proxy", nobody.into()),
        ]);
    }
    env
}
